"""What `decoding.py` prints: shares of right answers, losses, confidence, failures."""

import collections
from collections.abc import Iterable, Sequence

from encoding_cases import BANDS
from encoding_texts import Case
from encoding_verdicts import Answer, difference, is_right

TOO_SHORT = ("plain, under", "cut, under", "1-2 hanzi", "lines of", "GBK that is valid")
NOT_FILES = ("mojibake", "clean lines", "destroyed", "foreign", "binary", "bytes ")
CORE = "FILES OF >= 10 HANZI"
SURE = 0.95
Answers = dict[str, list[Answer]]  # by tool, in the order of the cases


def share(right: Sequence[bool]) -> str:
    return f"{100 * sum(right) / len(right):.2f}" if right else "-"


def is_core(group: str) -> bool:
    """Whether a group counts towards the target for files: Chinese, and at least ten Chinese characters."""
    return not group.startswith((*TOO_SHORT, *NOT_FILES))


def print_shares(title: str, cases: Sequence[Case], answers: Answers, keys: Sequence[Iterable[str]]) -> None:
    """A row for each key that cases have, a column for each tool."""
    rows: dict[str, list[int]] = {}
    for number, names in enumerate(keys):
        for name in names:
            rows.setdefault(name, []).append(number)
    if not rows:
        return
    print(f"\n{title:34}{'n':>7}{'wrong':>7}" + "".join(f"{tool[:15]:>16}" for tool in answers))
    for name, numbers in sorted(rows.items(), key=lambda row: row[0] == CORE):
        right = [[is_right(cases[number], found[number]) for number in numbers] for found in answers.values()]
        print(f"{name:34}{len(numbers):7}{right[0].count(False):7}" + "".join(f"{share(one):>16}" for one in right))


def print_groups(cases: Sequence[Case], answers: Answers) -> None:
    """By group, by encoding where nothing is wrong with a file but its end, and short lines by encoding."""
    keys = [(case.group, CORE) if is_core(case.group) else (case.group,) for case in cases]
    print_shares("% right, by group", cases, answers, keys)
    whole = ("plain", "cut", "punctuation heavy", "digit heavy")
    keys = [(case.codec,) if case.group in whole else () for case in cases]
    print_shares(f"by encoding: {', '.join(word[:5] for word in whole)}", cases, answers, keys)
    keys = [(f"{case.group}, {case.codec}",) if case.group.startswith("lines of") else () for case in cases]
    print_shares("natural lines", cases, answers, keys)


def print_targets(cases: Sequence[Case], answers: Sequence[Answer]) -> None:
    """The figures that the stage is held to."""
    right = [is_right(case, answer) for case, answer in zip(cases, answers, strict=True)]
    short = tuple(f"lines of {name} hanzi" for name in ("2", "3"))
    longer = tuple(f"lines of {name} hanzi" for name in BANDS if name not in ("2", "3"))

    def of(*starts: str) -> list[bool]:
        return [one for one, case in zip(right, cases, strict=True) if case.group.startswith(starts)]

    def row(name: str, found: list[bool], target: str) -> None:
        if found:
            print(f"{name:52}{len(found):7}{found.count(False):7}{share(found):>9}   {target}")

    print(f"\n{'target':52}{'n':>7}{'wrong':>7}{'% right':>9}")
    core = [one for one, case in zip(right, cases, strict=True) if is_core(case.group)]
    row("files of >= 10 hanzi, exact text", core, ">= 99.95")
    row("natural lines of >= 4 hanzi", of(*longer), ">= 99.9")
    row("natural lines of 2-3 hanzi", of(*short), ">= 99")
    row("other languages and binaries not taken for Chinese", of("foreign", "binary"), "100")
    row("mojibake undone", of("mojibake"), ">= 99")
    row("clean lines untouched", of("clean lines"), "100")
    row("destroyed text put aside, quotes of it kept", of("destroyed"), "")
    pairs = [pair for pair in zip(cases, answers, strict=True) if pair[0].damaged and pair[0].text is not None]
    kept = [pair for pair in pairs if pair[1].text is not None]
    stray = [pair for pair in kept if pair[0].group == "stray bytes"]
    name = "characters lost per damaged byte:"
    for which, chosen in (
        (f"{name} stray bytes", stray),
        ("  all damage", kept),
        ("  put aside counts as lost", pairs),
    ):
        total = sum(case.damaged for case, _ in chosen)
        if total:
            lost = sum(difference(case.text or "", answer.text or "")[0] for case, answer in chosen)
            print(f"{which:52}{total:7}{lost:7}{lost / total:9.3f}   <= 0.1")


def print_losses(cases: Sequence[Case], answers: Sequence[Answer]) -> None:
    """Characters lost per damaged byte; what the damage itself hit is not counted, but what it brought in is shown."""
    rows: dict[tuple[str, str], list[tuple[int, int, int, bool]]] = collections.defaultdict(list)
    for case, answer in zip(cases, answers, strict=True):
        if case.damaged and case.text is not None:
            lost, added = difference(case.text, answer.text or "")
            rows[case.group, case.codec].append((case.damaged, lost, added, answer.text is None))
    if rows:
        heads = f"{'files':>6}{'exact %':>9}{'aside':>7}{'lost/byte':>11}{'added/byte':>12}"
        print(f"\n{'damage':18}{'encoding':12}{heads}  of those not put aside")
    for (group, codec), found in sorted(rows.items()):
        kept = [entry for entry in found if not entry[3]]
        bytes_hit = sum(entry[0] for entry in kept) or 1
        exact = 100 * sum(not entry[1] and not entry[2] for entry in kept) / len(found)
        lost, added = (sum(entry[column] for entry in kept) / bytes_hit for column in (1, 2))
        aside = len(found) - len(kept)
        print(f"{group:18}{codec:12}{len(found):6}{exact:9.1f}{aside:7}{lost:11.3f}{added:12.3f}")


def print_calibration(cases: Sequence[Case], answers: Sequence[Answer]) -> None:
    """How often the stage is wrong when it says that it is sure. Damage and mojibake are not a matter of encoding."""
    bins: dict[float, list[bool]] = {}
    wrong: dict[str, list[str]] = {}
    for case, answer in zip(cases, answers, strict=True):
        if answer.text is None or answer.confidence is None or case.damaged:
            continue
        if case.group.startswith(("mojibake", "destroyed")):
            continue
        low = next(low for low in (0.999, 0.99, SURE, 0.9, 0.8, 0.5, 0.0) if answer.confidence >= low)
        bins.setdefault(low, []).append(is_right(case, answer))
        if low >= SURE and not bins[low][-1]:
            wrong.setdefault(case.group, []).append(f"{case.name}, read as {answer.note}")
    print("\nconfidence from     answers   wrong" if bins else "\nno confidences")
    for low, found in sorted(bins.items(), reverse=True):
        print(f"{low:<16}{len(found):11}{found.count(False):8}")
    sure = sum(len(found) for low, found in bins.items() if low >= SURE)
    print(f"at >= {SURE}: {sure:,} answers, {sum(map(len, wrong.values()))} wrong; target: 1 in 10,000")
    for group, names in wrong.items():
        print(f"  {len(names):4} {group}: {'; '.join(names[:3])}")


def print_failures(cases: Sequence[Case], answers: Sequence[Answer], number: int) -> None:
    """The first failures of each group: from a little before the first character that differs."""
    seen: collections.Counter[str] = collections.Counter()
    for case, answer in zip(cases, answers, strict=True):
        if seen[case.group] >= number or is_right(case, answer):
            continue
        seen[case.group] += 1
        start = max(0, first_difference(case.text or "", answer.text or "") - 10)
        print(f"\n{case.group}: {case.name} ({len(case.data)} bytes in {case.codec or 'none'}; from character {start})")
        sure = "" if answer.confidence is None else f" at {answer.confidence:.3f}"
        print(f"  came      {answer.note}{sure}, {answer.edits} edits")
        print(f"  expected  {excerpt(case.text, start)}\n  found     {excerpt(answer.text, start)}")


def first_difference(expected: str, found: str) -> int:
    """Where two texts part; 0 where one of them is empty."""
    both = enumerate(zip(expected, found, strict=False))
    return next((place for place, pair in both if pair[0] != pair[1]), min(len(expected), len(found)))


def excerpt(text: str | None, start: int) -> str:
    return "put aside" if text is None else repr(text[start : start + 40])
