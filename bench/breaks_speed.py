"""How fast repair goes over text that nobody broke, and over wrapped text, beside raw OpenCC in the same run."""

import statistics

import opencc
from breaks_texts import Broken, torn, undamaged, wrapped
from conversion_speed import measure

from cleaner.config import Config, RepairConfig
from cleaner.document import Document
from cleaner.repair import repair
from cleaner.repair.grams import Grams
from cleaner.repair.words import divide

ROUNDS = 5


def repair_unseen(documents: list[Document], config: RepairConfig) -> None:
    """Repair documents as if none had been met in an earlier round: what was looked up is forgotten first."""
    for remembered in (Grams.log_probability, divide):
        remembered.cache_clear()
    list(repair(documents, config))


def print_speed() -> None:
    """Megabytes of UTF-8 a second on one core, and as a share of raw OpenCC."""
    kinds: dict[str, list[Broken]] = {
        "undamaged": list(undamaged()),
        "torn": list(torn()),
        "wrapped": list(wrapped()),
    }
    convert = opencc.OpenCC("t2s").convert
    config = Config().repair
    for name, texts in kinds.items():
        documents = [Document(one.id, one.id, one.text) for one in texts]
        size = sum(len(one.text.encode()) for one in texts) / 1e6
        times = measure(
            {
                "opencc": lambda texts=texts: [convert(one.text) for one in texts],
                "repair": lambda documents=documents: repair_unseen(documents, config),
            },
            ROUNDS,
        )
        base, mine = (statistics.median(times[key]) for key in ("opencc", "repair"))
        print(f"{name:12} {size / mine:7.1f} MB/s, {base / mine:.2f} of raw OpenCC ({size / base:.1f} MB/s)")
