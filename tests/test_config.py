"""Settings: defaults, overlays, and errors that name the key."""

import pytest

from cleaner.config import Config, parse
from cleaner.errors import WrongUseError
from cleaner.normalize import RULES as NORMALIZE_RULES
from cleaner.repair import RULES as REPAIR_RULES


def test_an_empty_file_gives_the_defaults() -> None:
    assert parse("", "cleaner.toml") == Config()


def test_a_file_overlays_the_defaults() -> None:
    config = parse("[dedup]\nthreshold = 0.9\nkeep = 'first'\n", "cleaner.toml")
    assert (config.dedup.threshold, config.dedup.keep, config.dedup.shingle) == (0.9, "first", 5)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[dedupe]\n", "cleaner.toml: unknown key dedupe; did you mean dedup?"),
        (
            "[dedup]\nxyzzy = 1\n",
            "cleaner.toml: unknown key dedup.xyzzy; known here: remove_repeated_passages, documents",
        ),
        ("[dedup]\nthreshold = 1.5\n", "cleaner.toml: dedup.threshold = 1.5: input should be less than or equal to 1"),
        ("[dedup]\nshingle = '5'\n", "cleaner.toml: dedup.shingle = '5': input should be a valid integer"),
        (
            "[dedup]\nkeep = 'best'\n",
            "cleaner.toml: dedup.keep = 'best': input should be 'longest', 'earliest' or 'first'",
        ),
        ("normalize = 3\n", "cleaner.toml: normalize = 3: input should be a valid dictionary"),
    ],
)
def test_a_mistake_is_named(text: str, said: str) -> None:
    with pytest.raises(WrongUseError) as caught:
        parse(text, "cleaner.toml")
    assert said in str(caught.value)


def test_every_rule_has_a_switch_of_its_name() -> None:
    config = Config()
    for rule in NORMALIZE_RULES:
        assert getattr(config.normalize, rule.__name__) in (True, "auto")
    for rule in REPAIR_RULES:
        assert getattr(config.repair, rule.__name__) is True
