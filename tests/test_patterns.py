"""Every regular expression of the package takes linear time at each place where it is tried, by how it is built.

Nothing is timed. A pattern backtracks without end where two repeats without a bound can share out the same characters
in many ways: one inside the other, or one right behind the other. So all patterns are parsed, and both are refused.
Possessive repeats and atomic groups give nothing back, so they may stand anywhere.
"""

import ast
import functools
import importlib
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path
from re import _constants as constants
from re import _parser as parser
from types import ModuleType
from typing import Any

import pytest

import cleaner
from cleaner.repair.furniture import share_place

BOUND = 1000  # times: a repeat of so many or more counts as one without a bound
CALLS = ("compile", "search", "match", "fullmatch", "finditer", "findall", "sub", "split")
# Characters by which it is seen whether two classes overlap: of each kind that patterns tell apart.
ALPHABET = [
    chr(point) for point in (*range(0x250), *range(0x2000, 0x2070), *range(0x2190, 0x2200), *range(0x2500, 0x2680))
]
ALPHABET += [chr(point) for point in (*range(0x3000, 0x3100), *range(0xFE30, 0xFE70), *range(0xFF00, 0xFFF0))]
ALPHABET += [
    *"一二三十百上下版第页页讯报转接紧见全文续完图表附注备资来章节",
    "\ufeff",
    "\ufffd",
    "\ud800",
    "\U00020000",
    "\U0010ff41",
]
EVERYTHING = frozenset(ALPHABET)
CATEGORIES = {"DIGIT": r"\d", "SPACE": r"\s", "WORD": r"\w"}

Node = tuple[Any, Any]


def modules() -> Iterator[ModuleType]:
    for found in pkgutil.walk_packages(cleaner.__path__, "cleaner."):
        if not found.name.endswith("__main__") and ".tables.build" not in found.name:
            yield importlib.import_module(found.name)


def patterns() -> dict[str, tuple[str, int]]:
    """The patterns in the code of the package, by module and line. Those made of local names are left out."""
    found: dict[str, tuple[str, int]] = {}
    for module in modules():
        for node in ast.walk(ast.parse(Path(str(module.__file__)).read_text(encoding="utf-8"))):
            is_call = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args
            if not is_call or ast.unparse(node.func.value) != "re" or node.func.attr not in CALLS:
                continue
            try:
                pattern = eval(compile(ast.Expression(node.args[0]), "", "eval"), vars(module))
            except NameError:
                continue
            flags = re.VERBOSE if "re.VERBOSE" in ast.unparse(node) else 0
            text = pattern.decode("latin-1") if isinstance(pattern, bytes) else pattern
            found[f"{module.__name__}:{node.lineno}"] = (text, flags)
    return found


def is_repeat(node: Node) -> bool:
    """Whether a node repeats something without a bound, and can give back what it took."""
    return node[0] in (constants.MAX_REPEAT, constants.MIN_REPEAT) and node[1][1] >= BOUND


def parts(node: Node) -> list[list[Node]]:
    """The sequences that a node is made of."""
    kind, value = node
    if kind in (constants.MAX_REPEAT, constants.MIN_REPEAT, constants.POSSESSIVE_REPEAT):
        return [list(value[2])]
    if kind is constants.SUBPATTERN:
        return [list(value[3])]
    if kind is constants.ATOMIC_GROUP:
        return [list(value)]
    if kind is constants.BRANCH:
        return [list(branch) for branch in value[1]]
    return []


def members(node: Node) -> frozenset[str]:
    """All characters that a node can take."""
    kind, value = node
    if kind is constants.LITERAL:
        return frozenset({chr(value)})
    if kind is constants.NOT_LITERAL:
        return EVERYTHING - {chr(value)}
    if kind is constants.ANY:
        return EVERYTHING - {"\n"}
    if kind is constants.IN:
        return members_of_class(value)
    return frozenset().union(*(members(inner) for part in parts(node) for inner in part))


def members_of_class(items: list[Node]) -> frozenset[str]:
    """The characters of a class in brackets."""
    found: set[str] = set()
    for kind, value in items:
        if kind is constants.LITERAL:
            found.add(chr(value))
        elif kind is constants.RANGE:
            found |= {character for character in ALPHABET if value[0] <= ord(character) <= value[1]}
        elif kind is constants.CATEGORY:
            found |= members_of_category(str(value).removeprefix("CATEGORY_"))
    return EVERYTHING - found if items[0][0] is constants.NEGATE else frozenset(found)


@functools.cache
def members_of_category(name: str) -> frozenset[str]:
    """The characters of DIGIT, say, or of NOT_DIGIT."""
    kind = CATEGORIES[name.removeprefix("NOT_")]
    inside = frozenset(character for character in ALPHABET if re.match(kind, character))
    return EVERYTHING - inside if name.startswith("NOT_") else inside


def may_be_empty(node: Node) -> bool:
    """Whether a node can take nothing."""
    kind, value = node
    if kind in (constants.MAX_REPEAT, constants.MIN_REPEAT, constants.POSSESSIVE_REPEAT):
        return value[0] == 0 or all(may_be_empty(inner) for inner in value[2])
    if kind in (constants.AT, constants.ASSERT, constants.ASSERT_NOT):
        return True
    return any(all(may_be_empty(inner) for inner in part) for part in parts(node)) if parts(node) else False


def beginnings(sequence: list[Node]) -> frozenset[str]:
    """The characters with which a sequence can begin."""
    found: frozenset[str] = frozenset()
    for node in sequence:
        found |= frozenset().union(*map(beginnings, parts(node))) if parts(node) else members(node)
        if not may_be_empty(node):
            break
    return found


def troubles(sequence: list[Node]) -> Iterator[str]:
    """What makes a sequence of nodes backtrack without end."""
    for number, node in enumerate(sequence):
        if is_repeat(node):
            for other in sequence[number + 1 :]:
                if is_repeat(other) and (shared := members(node) & beginnings([other])):
                    yield f"two repeats share {min(shared)!r}"
                if not may_be_empty(other):
                    break
            yield from troubles_within(node)
        for part in parts(node):
            yield from troubles(part)


def troubles_within(outer: Node) -> Iterator[str]:
    """Repeats in the body of a repeat that nothing in it keeps apart from one turn to the next."""
    for part in parts(outer):
        for inner in part:
            if is_repeat(inner):
                others = [node for node in part if node is not inner and not may_be_empty(node)]
                if not any(members(inner).isdisjoint(members(other)) for other in others):
                    yield "a repeat within a repeat"
            elif inner[0] in (constants.SUBPATTERN, constants.BRANCH):
                yield from troubles_within(inner)


def of(pattern: str, flags: int = 0) -> list[str]:
    return list(troubles(list(parser.parse(pattern, flags))))


@pytest.mark.parametrize(
    "pattern", ["(a+)+b", "(?:a*)*", r"\s*\s*x", r"\s+[ \n]*$", "(?:a|b+)*c", "x.*,?.*y", r"(?:\w+\d?)+!"]
)
def test_what_backtracks_without_end_is_refused(pattern: str) -> None:
    assert of(pattern)


@pytest.mark.parametrize(
    "pattern", ["a+b+", "(?:a+b)+", r"(?:[^\n]*\n)*x", r"\s*+\s*x", "(?>a+)a*", r"a*b\s*a*", "a{1,9}a{1,9}"]
)
def test_what_is_linear_is_not(pattern: str) -> None:
    assert of(pattern) == []


def test_no_pattern_backtracks_without_end() -> None:
    found = {where: of(*pattern) for where, pattern in patterns().items()}
    assert len(found) > 100, "the patterns are not found any more"
    assert {where: said for where, said in found.items() if said} == {}


@pytest.mark.parametrize(
    "line",
    [
        "分享到：微信 " * 16 + "哦",
        "打印" + "QQ空间" * 28 + "哦",
        "上一页" + "1" * 110 + "哦",
        "上一页" + "目录" * 57 + "哦",
        "发布：1 点击数：1 " + "作者：||||" * 13 + "。",
        "发布：1 点击数：1 " + "作者：    " * 13 + "。",
    ],
)
def test_words_of_a_toolbar_that_can_be_cut_in_many_ways_end(line: str) -> None:
    assert len(line) <= 120
    assert share_place(line) is None
