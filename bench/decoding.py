"""How well the decode stage reads files in every encoding and condition, beside other detectors in the same run.

    python bench/decoding.py [--quick] [--held-out] [--group NAME] [--failures 3] [--peers] [--no-speed]

The cases are made of texts in ../shared beside the project (see `encoding_cases`) and no part of it. Right means the
exact text; see `encoding_verdicts`. With --peers, chardet, charset-normalizer and faust-cchardet are installed into a
virtual environment of their own in .bench/ and answer the same cases; they are right if decoding with the encoding
they name, strictly and then with replacement, gives the text.
"""

import time
from typing import Annotated

import typer
from encoding_cases import codecs, make_cases
from encoding_peers import PEERS, ask_peers
from encoding_speed import print_speed
from encoding_tables import print_calibration, print_failures, print_groups, print_losses, print_targets
from encoding_texts import BY_ICONV, SHARED, Case, missing
from encoding_verdicts import RAISED, Answer

from cleaner.config import Config
from cleaner.decode import decode
from cleaner.files.raw import RawText

QUICK = 0.06


def ask_cleaner(case: Case) -> Answer:
    """What the decode stage makes of a case."""
    try:
        outcome = next(decode([RawText(case.name, case.data)], Config().decode))
    except Exception as error:  # the bench goes on, and shows it as a failure
        return Answer(None, f"{RAISED}{type(error).__name__}: {error}", 1.0)
    confidence = outcome.reading.confidence if outcome.reading else None
    edits = sum(len(edits) for edits in outcome.edits)
    if outcome.dropped:
        return Answer(None, outcome.dropped, confidence, edits)
    return Answer(outcome.document.text, outcome.document.encoding, confidence, edits)


def main(
    quick: Annotated[bool, typer.Option("--quick", help="About 1,500 cases only.")] = False,
    held_out: Annotated[bool, typer.Option("--held-out", help="Use the other half of the texts.")] = False,
    group: Annotated[str, typer.Option(help="Only groups whose name holds this.")] = "",
    failures: Annotated[int, typer.Option(help="How many failures of each group to show.")] = 0,
    peers: Annotated[bool, typer.Option("--peers", help="Ask other detectors too.")] = False,
    speed: Annotated[bool, typer.Option(help="Measure the time, too.")] = True,
) -> None:
    """Measure the decode stage."""
    if absent := missing():
        print(f"no evaluation data: {SHARED} lacks {', '.join(absent)}")
        raise typer.Exit(1)
    if set(BY_ICONV) - set(codecs()):
        print(f"there is no iconv that knows them, so these are left out: {', '.join(BY_ICONV)}")
    cases = make_cases(held_out, QUICK if quick else 1.0, group)
    start = time.monotonic()
    answers = {"cleaner": [ask_cleaner(case) for case in cases]}
    print(f"{len(cases):,} cases of the {'held-out' if held_out else 'dev'} half, {time.monotonic() - start:.0f} s")
    if peers:
        answers |= dict(zip(PEERS, ask_peers(cases), strict=True))
    print_failures(cases, answers["cleaner"], failures)
    print_groups(cases, answers)
    print_losses(cases, answers["cleaner"])
    print_calibration(cases, answers["cleaner"])
    print_targets(cases, answers["cleaner"])
    if speed:
        print_speed(held_out, rounds=3 if quick else 7)


if __name__ == "__main__":
    typer.run(main)
