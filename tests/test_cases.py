"""Cases of what the stages must change, and of what they must not."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from cleaner.config import Config
from cleaner.dedup import dedup
from cleaner.document import Document, rewind
from tests.test_laws import run_on

CASES = [
    (path.stem, case)
    for path in sorted((Path(__file__).parent / "cases").glob("*.toml"))
    for case in tomllib.loads(path.read_text(encoding="utf-8"))["case"]
]


def case_id(value: Any) -> str:
    return value["label"] if isinstance(value, dict) else str(value)


@pytest.mark.parametrize(("stage", "case"), CASES, ids=case_id)
def test_case(stage: str, case: dict[str, Any], request: pytest.FixtureRequest) -> None:
    if case.get("known_failure"):
        request.applymarker(pytest.mark.xfail(strict=True, reason="known, and not mended yet"))
    if stage == "dedup":  # with its own settings, not the small ones that generated texts need
        outcome = next(dedup([Document("id", "source", case["before"])], Config().dedup))
    else:
        outcome = run_on(stage, case["before"])
    assert outcome.document.text == case.get("after", case["before"])
    assert rewind(outcome.document.text, outcome.edits) == case["before"]
