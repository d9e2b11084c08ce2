"""What the tests share: the demo corpus run once, the seeds, and a way to call the command line."""

import fcntl
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from cleaner import cli, kernels

ROOT = Path(__file__).parent.parent
SEEDS = ROOT.parent / "shared" / "seeds"

settings.register_profile("default", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("many", max_examples=4000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))


@pytest.fixture(scope="session", autouse=True)
def compiled_by_one_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Let one of the suite's processes compile a kernel, and the others wait for what numba keeps of it."""
    place = tmp_path_factory.getbasetemp().parent
    is_compiling = False  # and what a kernel calls is compiled as a part of it

    def alone(name: str, compiled: Callable[..., Any]) -> Callable[..., Any]:
        def compiled_alone(signature: Any) -> Any:
            nonlocal is_compiling
            if is_compiling:
                return compiled(signature)
            with (place / f"{name}.compiling").open("w") as lock:
                fcntl.lockf(lock, fcntl.LOCK_EX)
                is_compiling = True
                try:
                    return compiled(signature)
                finally:
                    is_compiling = False

        return compiled_alone

    def kernel_compiled(kernel: kernels.Kernel) -> Any:
        found: Any = compiled(kernel)
        found.compile = alone(kernel.function.__qualname__, found.compile)
        return found

    compiled = kernels.compiled
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kernels, "compiled", kernel_compiled)
        yield


@dataclass(frozen=True, slots=True)
class Ran:
    """What a call of the command line came to."""

    code: int
    out: str
    err: str


@pytest.fixture
def cleaner(capfd: pytest.CaptureFixture[str]) -> Callable[..., Ran]:
    """Call the command line in this process."""

    def call(*arguments: object) -> Ran:
        capfd.readouterr()
        code = cli.guarded(lambda: cli.app([str(argument) for argument in arguments], prog_name="cleaner"))
        captured = capfd.readouterr()
        return Ran(code, captured.out, captured.err)

    return call


@dataclass(frozen=True, slots=True)
class Run:
    """A whole run: its inputs, its stage folders and its versions."""

    raw: Path
    work: Path
    clean: Path


def run_all(raw: Path, place: Path) -> Run:
    """Run everything over a folder of raw texts."""
    run = Run(raw, place / "work", place / "clean")
    arguments = ["run", str(raw), str(run.clean), "--work", str(run.work), "--workers", "1"]
    assert cli.guarded(lambda: cli.app(arguments, prog_name="cleaner")) == 0
    return run


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The demo corpus of this project, run once. Tests read it and never change it."""
    return run_all(ROOT / "raw", tmp_path_factory.mktemp("demo"))


@pytest.fixture(scope="session")
def seeds(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The five real documents, run once; they lie beside the project and are not part of it."""
    if not SEEDS.is_dir():
        assert os.environ.get("CI") != "true", f"CI must have the seeds in {SEEDS}"
        pytest.skip(f"no seeds in {SEEDS}")
    return run_all(SEEDS, tmp_path_factory.mktemp("seeds"))


@pytest.fixture(scope="module", params=["interpreted", "compiled"])
def kernels_both_ways(request: pytest.FixtureRequest) -> Iterator[None]:
    """Run the tests of a module twice, once with all kernels interpreted and once with all compiled."""
    patch = pytest.MonkeyPatch()
    kernels_are_interpreted()
    patch.setattr(kernels, "ENOUGH", -1 if request.param == "compiled" else 1 << 60)
    yield
    patch.undo()
    kernels_are_interpreted()


def kernels_are_interpreted() -> None:
    """Take back that kernels were compiled, in the modules of the kernels."""
    compiled = {id(kernel.compiled): kernel for kernel in kernels.Kernel.known if kernel.compiled is not None}
    for module in [module for name, module in sys.modules.items() if name.startswith("cleaner.kernels.")]:
        for name, value in list(vars(module).items()):
            if id(value) in compiled:
                setattr(module, name, compiled[id(value)])
    for kernel in kernels.Kernel.known:
        kernel.compiled = None
    kernels.Kernel.taken = 0
