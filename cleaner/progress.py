"""What a person and a machine see of a long run: a bar on a terminal, or lines of JSON on standard error.

A pass over shards is followed by bytes, as they were read, so that the time left can be trusted where shards differ.
Without a terminal there is no bar. With `--log-format json` there is one object a line (docs/data-format.md), and
nothing else: no bar, and no words.
"""

import json
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple, TypeVar

Job = TypeVar("Job")
Result = TypeVar("Result")


class LogFormat(StrEnum):
    """How it is told what happens."""

    text = "text"
    json = "json"


@dataclass(slots=True)
class Log:
    """How this process tells what it does."""

    format: LogFormat = LogFormat.text
    since: float = field(default_factory=time.perf_counter)  # the last event with seconds of its own, or the start

    @property
    def is_for_machines(self) -> bool:
        return self.format is LogFormat.json

    def start(self, format: LogFormat = LogFormat.text) -> None:
        """Begin to tell in a format."""
        self.format, self.since = format, time.perf_counter()

    def seconds(self) -> float:
        """The seconds since this was last asked, or since the start."""
        before, self.since = self.since, time.perf_counter()
        return round(self.since - before, 3)


LOG = Log()


class Shares(NamedTuple):
    """How many documents came to a shard, and how many left it."""

    documents: int
    kept: int


def tell(event: str, **facts: Any) -> None:
    """Write an event as one line of JSON, if it is for machines."""
    if LOG.is_for_machines:
        sys.stderr.write(json.dumps({"event": event} | facts, ensure_ascii=False) + "\n")
        sys.stderr.flush()


class Took(NamedTuple):
    """How long a job took: seconds on the clock, and of processor time."""

    seconds: float
    processor: float


def timed(function: Callable[[Job], Result], job: Job) -> tuple[Result, Took]:
    """What a function makes of a job, and how long that takes."""
    start, worked = time.perf_counter(), time.process_time()
    result = function(job)
    return result, Took(time.perf_counter() - start, time.process_time() - worked)


def followed(
    name: str,
    jobs: Sequence[Any],
    done: Iterable[tuple[Result, Took]],
    shares_of: Callable[[Result], Shares] | None = None,
) -> Iterator[Result]:
    """Pass on the results of jobs, which come with how long they took, and show how far they are.

    `shares_of` says of a result how many documents came and how many were kept, where that is known.
    """
    from tqdm import tqdm  # not before there is something to show

    sizes = [bytes_of(job) for job in jobs]
    kept = dropped = 0
    worked = 0.0
    start = time.perf_counter()
    unit = {"unit": "B", "unit_scale": True} if any(sizes) else {"unit": "shard"}
    is_hidden = True if LOG.is_for_machines else None  # None: hidden where there is no terminal
    with tqdm(total=sum(sizes) or len(jobs), desc=f"{name:9}", disable=is_hidden, leave=False, **unit) as bar:
        for place, (result, took) in enumerate(done):
            worked += took.processor
            facts: dict[str, Any] = {"bytes": sizes[place]}
            facts |= {"seconds": round(took.seconds, 3), "processor": round(took.processor, 3)}
            if shares_of is not None:
                shares = shares_of(result)
                kept, dropped = kept + shares.kept, dropped + shares.documents - shares.kept
                bar.set_postfix(kept=f"{kept:,}", dropped=f"{dropped:,}", refresh=False)
                facts |= shares._asdict() | {"dropped": shares.documents - shares.kept}
            bar.update(sizes[place] if any(sizes) else 1)
            tell("shard", **{"pass": name}, shard=getattr(jobs[place], "number", place), **facts)
            yield result
    clock = round(time.perf_counter() - start, 3)
    spent = {"seconds": clock, "processor": round(worked, 3)}
    tell("pass", **{"pass": name}, shards=len(jobs), bytes=sum(sizes), **spent)


def bytes_of(job: Any) -> int:
    """The bytes that a job reads: those of a file, of several, or of what it names as its source; 0 if not known."""
    if hasattr(job, "is_file"):  # a path, on a disk or in a store
        return int(job.stat().st_size) if job.is_file() else 0
    if isinstance(job, list | tuple) and not hasattr(job, "source"):
        return sum(map(bytes_of, job))
    if hasattr(job, "work"):
        return int(job.work)
    return bytes_of(job.source) if hasattr(job, "source") else 0


def tell_stage(report: dict[str, Any]) -> None:
    """Tell that a stage is finished, and what came of it.

    The seconds are those since the stage before it was told. Of stages that documents went through in one pass, the
    first has them all.
    """
    counts = report["counts"]
    tell(
        "stage",
        stage=report["stage"],
        documents=counts["documents_in"],
        kept=counts["kept"],
        dropped=counts["documents_in"] - counts["kept"],
        reasons=counts["dropped"],
        characters=counts["characters_out"],
        edits=sum(rule["edits"] for rule in counts["rules"].values()),
        unchanged=bool(report.get("unchanged")),
        seconds=LOG.seconds(),
    )
