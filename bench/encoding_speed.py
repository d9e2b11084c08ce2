"""How long the decode stage takes beside `bytes.decode` of the known codec, in turns in the same run."""

import random
import statistics
import time
from collections.abc import Callable

from encoding_texts import encode, fit, load_texts

from cleaner.config import Config
from cleaner.decode import decode
from cleaner.files.raw import RawText

KINDS = (
    *(("utf-8", kilobytes) for kilobytes in (20, 200, 2000)),
    *((codec, kilobytes) for codec in ("gbk", "cp950") for kilobytes in (20, 50, 200)),
)
FLOORS = {"utf-8": 0.25, "gbk": 0.1, "cp950": 0.1}
SHORTEST = 0.02  # seconds; what takes less is done several times


def seconds(function: Callable[[], object], times: int) -> float:
    """Processor seconds of one call, out of several."""
    start = time.process_time()
    for _ in range(times):
        function()
    return (time.process_time() - start) / times


def print_speed(held_out: bool, rounds: int) -> None:
    """A ratio for each encoding and size."""
    texts = load_texts(held_out)
    config = Config().decode
    print(f"\n{'speed':8}{'kB':>6}{'bytes.decode MB/s':>20}{'decode stage MB/s':>20}{'ratio':>8}{'target':>8}")
    for codec, kilobytes in KINDS:
        documents = texts.traditional if codec == "cp950" else texts.simplified
        data = prose(documents, codec, kilobytes * 1000)

        def stage(data: bytes = data) -> object:
            return next(decode([RawText("text", data)], config))

        def codec_alone(data: bytes = data, codec: str = codec) -> object:
            return data.decode("gb18030" if codec == "gbk" else codec)

        times = [max(1, round(SHORTEST / max(1e-6, seconds(each, 1)))) for each in (codec_alone, stage)]
        measured = [(seconds(codec_alone, times[0]), seconds(stage, times[1])) for _ in range(rounds)]
        alone, whole = (statistics.median(pair[column] for pair in measured) for column in (0, 1))
        ratio = statistics.median(pair[0] / pair[1] for pair in measured)
        speeds = f"{len(data) / alone / 1e6:20.1f}{len(data) / whole / 1e6:20.1f}"
        print(f"{codec:8}{kilobytes:6}{speeds}{ratio:8.3f}{FLOORS[codec]:8.2f}")


def prose(documents: list[str], codec: str, size: int) -> bytes:
    """Documents one after another, until there are so many bytes."""
    rng = random.Random(size)
    pieces: list[bytes] = []
    while sum(map(len, pieces)) < size:
        pieces.append(encode(fit(rng.choice(documents), codec) + "\n", codec))
    return b"".join(pieces)
