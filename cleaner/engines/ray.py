"""Ray: each job is a task of its own, which Ray does again when the worker or its node died.

A cluster that was started here ends with the run. Its token is made for it, so that nothing is written into the
user's home, and it tells nobody that it is used. Which cluster is meant is always said: left to itself, Ray takes the
last one that ran on this machine, dead or alive.
"""

import contextlib
import logging
import os
import secrets
import signal
import threading
from collections.abc import Iterable, Iterator
from typing import Any

from cleaner.engines import Map, Place
from cleaner.engines.cluster import RETRIES, LostError, mapping, refuse_deaf
from cleaner.engines.errand import perform
from cleaner.errors import WrongUseError
from cleaner.signals import STOPPING, undisturbed

OWN = {"RAY_AUTH_MODE": "token", "RAY_USAGE_STATS_ENABLED": "0"}  # of a cluster that is started here
QUIET = {"RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0"}  # else it warns of what it will do one day
CANCELLED = 10.0  # seconds that workers have to stop


class RayCluster:
    """A Ray cluster that this process is connected to. No call of Ray takes long: see `undisturbed`."""

    def __init__(self, name: str) -> None:
        import ray

        self.name, self.ray = name, ray
        self.task = ray.remote(max_retries=RETRIES, num_cpus=1)(perform)

    @undisturbed()
    def nodes(self) -> dict[str, str]:
        nodes = (node for node in self.ray.nodes() if node["Alive"] and node["Resources"].get("CPU"))
        return {node["NodeID"]: node["NodeName"] for node in nodes}

    @undisturbed()
    def bring(self, content: bytes) -> Any:
        return self.ray.put(content)

    @undisturbed()
    def submit(self, arguments: tuple[Any, ...], node: str = "") -> Any:
        from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

        if not node:
            return self.task.remote(*arguments)
        there = NodeAffinitySchedulingStrategy(node, soft=False)
        return self.task.options(scheduling_strategy=there, num_cpus=0).remote(*arguments)

    @undisturbed()
    def result(self, task: Any, seconds: float) -> bytes | None:
        try:
            return bytes(self.ray.get(task, timeout=seconds))
        except self.ray.exceptions.GetTimeoutError:
            return None
        except self.ray.exceptions.RayError as error:
            if "No module named 'cleaner'" in str(error):
                raise WrongUseError(f"cleaner is not installed on a worker of {self.name}") from None
            raise LostError(str(error).strip().partition("\n")[0]) from None

    @undisturbed()
    def cancel(self, tasks: Iterable[Any]) -> None:
        some = list(tasks)
        left = self.ray.wait(some, num_returns=len(some), timeout=0)[1] if some else []
        for task in left:
            self.ray.cancel(task, force=True)
        if left:
            self.ray.wait(left, num_returns=len(left), timeout=CANCELLED)


@contextlib.contextmanager
def started(place: Place) -> Iterator[Map]:
    """`map` on the cluster of an address, or on one that is started here and ends with the block."""
    name = f"the Ray cluster at {place.address}" if place.address else "the Ray cluster of this machine"
    if place.address.startswith("ray://"):
        raise WrongUseError(
            "Ray Client (ray://) is not supported: run cleaner on a machine of the cluster, with HOST:PORT"
        )
    if place.address:
        refuse_deaf(place.address, "Ray")
        where: dict[str, Any] = {"address": place.address}
    else:
        where = {"address": "local", "num_cpus": place.workers, "include_dashboard": False}
        if "RAY_AUTH_MODE" not in os.environ:
            os.environ.update(OWN | {"RAY_AUTH_TOKEN": secrets.token_hex(32)})
    for key, value in QUIET.items():
        os.environ.setdefault(key, value)
    import ray

    with contextlib.ExitStack() as stack:
        stack.callback(ray.shutdown)
        try:
            with handlers_kept():
                ray.init(**where, log_to_driver=False, configure_logging=False, logging_level=logging.CRITICAL)
        except (OSError, RuntimeError, ray.exceptions.RayError) as error:
            token = "; if it wants a token, set RAY_AUTH_MODE=token and RAY_AUTH_TOKEN_PATH"
            said = str(error).strip().partition("\n")[0]
            raise WrongUseError(f"cannot use {name}: {said}{token * isinstance(error, ConnectionError)}") from None
        yield mapping(RayCluster(name), place.patience)


@contextlib.contextmanager
def handlers_kept() -> Iterator[None]:
    """Put back what signals do after the block: Ray sees to SIGTERM in its own way."""
    is_main = threading.current_thread() is threading.main_thread()
    handlers = {number: signal.getsignal(number) for number in STOPPING} if is_main else {}
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
