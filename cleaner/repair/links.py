"""Links: which text goes on in which other one, after the jump lines (下转第3版) and (上接第1版) were taken out.

A newspaper breaks an article off on one page and goes on with it on another, and a scraped corpus holds the two as
two documents. A jump line says so much: that the text goes on, or that it came from elsewhere, and on what page. The
partner is looked for among the texts of the same paper and day; what speaks for one is that

- each names the page on which the other stands, or has at least a jump line the other way round;
- the second part has the title of the first, or the jump line gives it;
- what is numbered goes on: part one ends in 三、 and part two begins with 四、;
- the first part breaks off in mid-sentence and the second begins in one, and the words read on;
- the two use the same words, more than any other texts of that day do.

A page that contradicts rules a partner out. Without a jump line on either side nothing is linked: among the texts of
one day similar words are no proof. A part whose partner is not found is an orphan, and said to be one.
"""

import itertools
import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import cast

import numpy as np
import numpy.typing as npt

from cleaner.days import DAY
from cleaner.document import Document, Edits, Outcome, code_points
from cleaner.lines import HAN, ends_sentence, is_heading
from cleaner.patterns import compile_later
from cleaner.repair.jump_lines import chinese_number, page_number

MIN_SCORE = 7.5  # nats from which two parts are linked
MIN_MARGIN = 3.0  # nats by which the partner must be better than any other of either part
LEAST_GROUP = 4  # texts of one paper and day from which words are compared: which are rare, the others say
MAX_GROUP = 600  # texts of one paper and day; of more, none are linked
BODY = 6000  # characters whose words are compared
FEW_CELLS = 1 << 20  # of a table of words by texts, up to which it is kept in full
LONGEST_TITLE = 30
MOST_PAGES = 100  # in a range of pages
HEAD, TAIL = 400, 400  # characters of the beginning and the end of a text that are looked at

LOST_PAGE = "?"  # in continued_from and continued_on: there was a jump line, but without a number

# What speaks for a partner, in nats. Set by hand: a sure sign decides with one other, words alone never do.
PAGES_MEET = 5.0  # one names the page of the other
BOTH_JUMP = 2.5  # one goes on and the other came from elsewhere
ONE_SILENT = -3.0  # one of them has no jump line where the link would need it; such lines get lost, but seldom
SAME_TITLE = 2.0
NUMBERS_GO_ON = 2.0
BOTH_TORN = 2.5  # the first breaks off in mid-sentence, and the second begins in one
ONE_TORN = -2.0  # only one of them does
STRANGE, OTHER_WORDS = 0.06, -6.0  # cosine below which two texts are not about the same, and what that counts
SAME_WORDS = 4.0  # times the lead in cosine over the next best, at most once

_page = compile_later(r"(?:^|[-_/ .第])([A-Za-z]?\d{1,3})(?=版|[-_/ .]|$)")  # in the rest of a path
_number = compile_later(r"(?m)^\s*(?:[（(]?([一二三四五六七八九十]{1,3})[）)、]|(\d{1,2})[.、．])")
_in_sentence = compile_later(rf"[{HAN}\w、，。；：“”《》%％.·—（）()]+")
_han = compile_later(f"[^{HAN}]")


@dataclass(frozen=True, slots=True)
class Part:
    """What is known of one document that may be a part of an article."""

    id: str
    source: str
    group: str  # paper and day, or the folder where the path names no day
    page: str  # on which it stands, from its path; empty if that does not say
    came_from: str | None  # the page of its (上接第5版), "" if the number was lost, None without one
    goes_on_at: str | None
    title: str
    head: str
    tail: str
    body: str  # what words are compared by

    @property
    def is_marked(self) -> bool:
        return self.came_from is not None or self.goes_on_at is not None


@dataclass(frozen=True, slots=True)
class Link:
    """Two parts of one article, with what speaks for it, the strongest first."""

    first: str  # id
    second: str
    first_source: str
    second_source: str
    score: float  # nats
    reasons: tuple[tuple[str, float], ...]


Scored = tuple[float, tuple[tuple[str, float], ...]]  # a sum of votes, and the votes by what cast them


@dataclass(frozen=True, slots=True)
class Orphan:
    """A part whose partner is not in the corpus, or cannot be told from others."""

    id: str
    source: str
    expects: str  # "continued on page 5", "continuation of page 5"


def part_of(document: Document) -> Part:
    """What linking looks at in one document."""
    group, page = group_and_page(document.source)
    lines = [line.strip() for line in document.text.split("\n") if line.strip()]
    return Part(
        document.id,
        document.source,
        group,
        page,
        page_named(document.continued_from),
        page_named(document.continued_on),
        lines[0] if lines else "",
        document.text[:HEAD],
        document.text[-TAIL:],
        document.text[:BODY],
    )


def page_named(fact: str) -> str | None:
    """The page in a fact of a document: None without a jump line, "" where its number was lost."""
    return None if not fact else "" if fact == LOST_PAGE else page_number(fact)


def group_and_page(source: str) -> tuple[str, str]:
    """What a path says: paper and day, which is all of it up to the date, and the page, if it names one.

    A path without a date says only its folder, with a slash at the end.

    >>> group_and_page("rmrb/20200527-13-01.txt"), group_and_page("nw.D110000zgzqb_20200720_1-A26.txt")
    (('rmrb/20200527', '13'), ('nw.D110000zgzqb_20200720', 'A26'))
    >>> group_and_page("rmrb/2020-05/27/04/bridge.txt"), group_and_page("news/bridge-page-1.txt")
    (('rmrb/2020-05/27', '4'), ('news/', '1'))
    """
    dates = list(DAY.finditer(source))
    folder, slash, name = source.rpartition("/")
    group, rest = (source[: dates[-1].end()], source[dates[-1].end() :]) if dates else (folder + slash, name)
    pages = _page.findall(rest.rpartition(".")[0])
    # A page with a letter is one wherever it stands; of two numbers the first is the page and the other the article.
    lettered = [page for page in pages if page[0].isalpha()]
    return group, page_number((lettered or pages or [""])[0])


def names_day(group: str) -> bool:
    """Whether a group is a paper and day, and not only a folder.

    >>> names_day("rmrb/20200527"), names_day("news/"), names_day("")
    (True, False, False)
    """
    return bool(group) and not group.endswith("/")


def find_links(parts: Iterable[Part], members: Mapping[str, int] | None = None) -> tuple[list[Link], list[Orphan]]:
    """The parts that go on in one another, and those that say they do but whose partner is not there.

    Each part has at most one partner before it and one behind it. Both lists are in the order of the parts. `members`
    says how many parts a group has; when they have come, they are looked at, and their texts are kept no longer.
    """
    groups: dict[str, list[Part]] = defaultdict(list)
    order: dict[str, int] = {}
    links, continuing, continued = list[Link](), list[Orphan](), list[Orphan]()
    for part in parts:
        order[part.id] = len(order)
        if part.came_from is not None:
            continuing.append(Orphan(part.id, part.source, told("continuation", "of", part.came_from)))
        if part.goes_on_at is not None:
            continued.append(Orphan(part.id, part.source, told("goes on", "on", part.goes_on_at)))
        groups[part.group].append(part)
        if members and len(groups[part.group]) == members[part.group]:
            links += links_of_group(groups.pop(part.group))
    links += itertools.chain.from_iterable(map(links_of_group, groups.values()))
    firsts, seconds = {link.first for link in links}, {link.second for link in links}
    orphans = [one for one in continuing if one.id not in seconds] + [one for one in continued if one.id not in firsts]
    links.sort(key=lambda link: order[link.first])
    orphans.sort(key=lambda orphan: order[orphan.id])
    return links, orphans


def told(what: str, preposition: str, page: str) -> str:
    return f"{what} {preposition} page {page}" if page else f"{what}, page unknown"


def links_of_group(group: Sequence[Part]) -> list[Link]:
    """The links among the texts of one paper and day."""
    if not names_day(group[0].group):  # all texts of a folder, of which only those with jump lines can be compared
        group = [part for part in group if part.is_marked]
    if len(group) > MAX_GROUP or not any(part.is_marked for part in group):
        return []
    firsts = range(len(group))
    cosines = same_words(group)
    likeness = {
        (a, b): cosines[a][b]
        for a in firsts
        for b in firsts
        if a != b and (group[a].goes_on_at is not None or group[b].came_from is not None)
    }
    by_first = best_two((a, value) for (a, _), value in likeness.items())
    by_second = best_two((b, value) for (_, b), value in likeness.items())
    scored: dict[tuple[int, int], Scored] = {}
    for (a, b), value in likeness.items():
        reasons = reasons_for(group[a], group[b])
        if reasons is None:
            continue
        if len(group) >= LEAST_GROUP:
            best = max(other_than(value, by_first[a]), other_than(value, by_second[b]), 0.0)
            lead = (value - best) / max(best, STRANGE)
            reasons.append(("they use the same words", SAME_WORDS * max(-1.0, min(1.0, lead))))
            if value < STRANGE:
                reasons.append(("they share hardly any words", OTHER_WORDS))
        scored[a, b] = sum(vote for _, vote in reasons), tuple(sorted(reasons, key=lambda r: -abs(r[1])))
    return chosen(group, scored)


Best = dict[int, tuple[float, float]]


def best_two(values: Iterable[tuple[int, float]]) -> Best:
    """The two greatest values of each number; -inf where there is none."""
    found: Best = {}
    for number, value in values:
        first, second = found.get(number, (-math.inf, -math.inf))
        if value > second:
            found[number] = (value, first) if value > first else (first, value)
    return found


def other_than(value: float, best: tuple[float, float]) -> float:
    """The greatest of some values, one of which is this one, but for it."""
    return best[1] if value == best[0] else best[0]


def chosen(group: Sequence[Part], scored: dict[tuple[int, int], Scored]) -> list[Link]:
    """The pairs that are good enough, and better by far than any other that one of the parts could be in instead.

    A pair is no rival when its other part has a better partner of its own: several articles may go from one page to
    another on one day.
    """
    scores = {pair: score for pair, (score, _) in scored.items()}
    by_first = best_two((a, score) for (a, _), score in scores.items())
    by_second = best_two((b, score) for (_, b), score in scores.items())
    rivals_of_first = best_two((a, score) for (a, b), score in scores.items() if score >= by_second[b][0])
    rivals_of_second = best_two((b, score) for (a, b), score in scores.items() if score >= by_first[a][0])
    nobody = (-math.inf, -math.inf)
    links: list[Link] = []
    for (a, b), (score, reasons) in sorted(scored.items()):
        others = rivals_of_first.get(a, nobody), rivals_of_second.get(b, nobody)
        if score >= MIN_SCORE and score - max(other_than(score, best) for best in others) >= MIN_MARGIN:
            first, second = group[a], group[b]
            links.append(Link(first.id, second.id, first.source, second.source, round(score, 2), reasons))
    return links


def reasons_for(first: Part, second: Part) -> list[tuple[str, float]] | None:
    """What speaks for `second` being the continuation of `first`, in words and nats; None if a page contradicts it."""
    reasons: list[tuple[str, float]] = []
    for named, stands in ((first.goes_on_at, second.page), (second.came_from, first.page)):
        if named and stands:
            if stands not in pages_in(named):
                return None
            reasons.append((f"page {stands} is named", PAGES_MEET))
    if first.goes_on_at is not None and second.came_from is not None:
        reasons.append(("one goes on, the other came from elsewhere", BOTH_JUMP))
    else:
        reasons.append(("only one of them has a jump line", ONE_SILENT))
    if first.title and len(first.title) > 5 and first.title == second.title:
        reasons.append(("they have the same title", SAME_TITLE))
    last, next_ = last_number(first.tail), first_number(second.head)
    if last and next_ == last + 1:
        reasons.append((f"number {next_} follows number {last}", NUMBERS_GO_ON))
    torn, begins = not ends_sentence(first.tail.rstrip()), begins_in_sentence(second.head)
    if torn and begins:
        reasons.append(("the one breaks off and the other begins in mid-sentence", BOTH_TORN))
    elif torn != begins:
        reasons.append(("only one of them breaks off", ONE_TORN))
    return reasons


def pages_in(named: str) -> set[str]:
    """The pages that a jump line names, which may be several.

    >>> sorted(pages_in("2-4")), sorted(pages_in("A2,A5"))
    (['2', '3', '4'], ['A2', 'A5'])
    """
    found: set[str] = set()
    for piece in named.split(","):
        first, _, last = piece.partition("-")
        if first.isdigit() and last.isdigit() and 0 <= int(last) - int(first) < MOST_PAGES:
            found |= {str(page) for page in range(int(first), int(last) + 1)}
        else:
            found |= {first, last or first}
    return found


def last_number(text: str) -> int:
    """The last number that begins a line, such as 三、 or 3., or 0."""
    found = _number.findall(text)
    return value_of(found[-1]) if found else 0


def first_number(text: str) -> int:
    """The number that begins the first lines of a text, or 0."""
    match = _number.match(text.lstrip())
    return value_of(match.groups()) if match else 0


def value_of(found: Sequence[str | None]) -> int:
    return chinese_number(found[0]) if found[0] else int(found[1] or 0)


def begins_in_sentence(head: str) -> bool:
    """Whether a text begins like the rest of a paragraph rather than with a title or a heading."""
    first, _, _ = head.lstrip().partition("\n")
    # A title is short and has no full stop; the rest of a paragraph has one, or a comma early on.
    return (
        bool(_in_sentence.match(first))
        and not is_heading(first)
        and (ends_sentence(first) or len(first) > LONGEST_TITLE)
    )


def same_words(group: Sequence[Part]) -> list[list[float]]:
    """How far any two texts use the same words: the cosine of their pairs of characters, weighed by tf-idf.

    Rounded, since processors differ in the last digits of a logarithm and the votes go on record.
    """
    pairs = [np.unique(pairs_of(_han.sub("", part.body)), return_counts=True) for part in group]
    words, columns = np.unique(np.concatenate([found for found, _ in pairs]), return_inverse=True)
    counts = np.concatenate([count for _, count in pairs])
    spread = np.bincount(columns, minlength=len(words))[columns]
    weights = np.where(spread > 1, (1 + np.log(counts)) * np.log(len(group) / spread), 0.0)
    sizes = [len(found) for found, _ in pairs]
    if len(group) * len(words) <= FEW_CELLS:
        vectors = np.zeros((len(group), len(words)))
        vectors[np.repeat(np.arange(len(group)), sizes), columns] = weights
        products = vectors @ vectors.T
    else:
        from scipy.sparse import csr_array  # only for many parts of one day: it takes a while to load

        sparse = csr_array((weights, columns, np.cumsum([0, *sizes])), shape=(len(group), len(words)))
        products = (sparse @ sparse.T).toarray()
    lengths = np.sqrt(products.diagonal())
    cosines = products / np.maximum(np.outer(lengths, lengths), np.finfo(float).tiny)
    return cast(list[list[float]], cosines.round(9).tolist())


def pairs_of(text: str) -> npt.NDArray[np.uint64]:
    """Each pair of characters side by side, as one number."""
    points = code_points(text).astype(np.uint64)
    return points[:-1] << np.uint64(32) | points[1:]


# Joining


@dataclass(frozen=True, slots=True)
class Joins:
    """What is to be joined: the texts that each first part is to be followed by, and the parts that go into others."""

    rest: dict[str, tuple[str, ...]]  # by id of the first part
    absorbed: dict[str, str]  # id of a later part: id of the first


def joins_of(links: Sequence[Link], text_of: Callable[[str], str]) -> Joins:
    """The chains of parts that links make; `text_of` gives the repaired text of a document."""
    behind = {link.first: link.second for link in links}
    rest: dict[str, tuple[str, ...]] = {}
    absorbed: dict[str, str] = {}
    for first in behind.keys() - set(behind.values()):
        chain, here = list[str](), first
        while here in behind and behind[here] not in absorbed:
            here = behind[here]
            absorbed[here] = first
            chain.append(text_of(here))
        rest[first] = tuple(chain)
    return Joins(rest, absorbed)


def join_parts(outcomes: Iterable[Outcome], joins: Joins) -> Iterator[Outcome]:
    """Put the later parts behind the first, and drop them as documents of their own."""
    for outcome in outcomes:
        document = outcome.document
        if document.id in joins.absorbed:
            yield replace(outcome, dropped="joined to the part before it", by=joins.absorbed[document.id])
        elif document.id in joins.rest:
            base = text = document.text.rstrip("\n")
            for part in joins.rest[document.id]:
                text = text.rstrip("\n") + seam_of(text, part) + part.lstrip("\n")
            edits = Edits.of("join_parts", document.text, [(len(base), len(document.text), text[len(base) :])])
            yield replace(outcome, document=replace(document, text=text), edits=(*outcome.edits, edits))
        else:
            yield outcome


def seam_of(first: str, second: str) -> str:
    """What to put between two parts: nothing in mid-sentence, a line end between paragraphs."""
    return "" if not ends_sentence(first.rstrip()) and begins_in_sentence(second[:HEAD]) else "\n"
