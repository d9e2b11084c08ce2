"""Which script a text is in, and which parts of it are traditional.

Each character is put into a class by one look-up: it exists in traditional text only (臺), in simplified text only
(们), in Japanese only (円), it is hiragana, katakana, dual (著: see `cleaner.simplify.duals`), a mark that ends a
clause, a quotation mark, a newline, or it says nothing. A text becomes a string of classes, one byte a character, and
all that follows is counting and searching in that string.

Scripts mix: a simplified article quotes a traditional poem, a traditional page has a simplified headline. So the whole
text is judged first, then each line, and in a line that holds both scripts each clause.
"""

import functools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cleaner.config import SimplifyConfig
from cleaner.document import code_units
from cleaner.files import read_table

# The classes. Those of scripts.tsv have the letters they have there.
TRADITIONAL, SIMPLIFIED, JAPANESE, HAN, DUAL = b"T", b"S", b"J", b"h", b"d"
HIRAGANA, KATAKANA = b"k", b"K"
CLAUSE_END, QUOTE, NEWLINE, OTHER = b",", b'"', b"\n", b" "

HAN_BLOCKS = ((0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x3FFFF))
HIRAGANA_BLOCKS = ((0x3041, 0x3096),)
KATAKANA_BLOCKS = ((0x30A1, 0x30FA), (0x30FC, 0x30FC), (0xFF66, 0xFF9D))
CLAUSE_ENDS = "，。；：！？、,;:!?…—～~（）()[]【】〔〕{}<>/|｜·•\t\u3000"
QUOTES = '“”‘’「」『』《》〈〉"＂'

HIRAGANA_SHARE = 0.05  # of kana and Han characters, from which a text is Japanese
LEAST_KANA = 2
KANA_SHARE = 0.25  # the same of all kana: Chinese text writes Japanese names in katakana
LEAST_DENSITY = 0.12  # of the Han characters of a line or clause: about a third of those of traditional text are T
LEAST_ALONE = 8  # Han characters of a line or quotation in which a single traditional character tells the script
LEAST_DENSITY_ALONE = 0.06
CLAUSE_TRADITIONAL = 2  # traditional characters in a clause that stands alone among simplified ones
LONG = 256  # characters that numpy counts faster, if some are of the class
TOGETHER = 1 << 16  # characters of texts that are looked up at once: few enough for their arrays to stay in the cache
LINES_BESIDE = 2  # newlines between a traditional line and a doubtful one that is taken with it

PASSAGES, CLAUSES = re.compile(b'[^"]+'), re.compile(b"[^,]+,*|,+")  # in a string of classes

Span = tuple[int, int]


@dataclass(frozen=True)
class ScriptCounts:
    """How many characters of a string of classes tell the script."""

    classes: bytes
    traditional: int  # that only traditional text uses
    simplified: int
    hiragana: int
    katakana: int

    @classmethod
    def of(cls, classes: bytes) -> "ScriptCounts":
        """Count a string of classes.

        >>> counts = ScriptCounts.of(classes_of("臺灣与大陆"))
        >>> counts.traditional, counts.simplified, counts.hiragana, counts.han
        (2, 1, 0, 5)
        """
        return cls(classes, *[count_of(letter, classes) for letter in (TRADITIONAL, SIMPLIFIED, HIRAGANA, KATAKANA)])

    @classmethod
    def of_each(cls, texts: Sequence[str]) -> Iterator["ScriptCounts"]:
        """Look up and count the characters of some texts at once.

        >>> [(counts.classes, counts.traditional) for counts in ScriptCounts.of_each(["臺灣", "", "台"])]
        [(b'TT', 2), (b'', 0), (b'h', 0)]
        """
        joined = classes_of("\n".join([*texts, ""]))  # with what is of none of these classes behind each text
        cells = np.frombuffer(joined, dtype=np.uint8)
        ends = np.cumsum([len(text) + 1 for text in texts])
        firsts = ends - np.diff(ends, prepend=0)
        telling = (TRADITIONAL, SIMPLIFIED, HIRAGANA, KATAKANA)
        are = [(cells == letter[0]).view(np.uint8) for letter in telling]  # numbers add up faster than truths
        counts = [np.add.reduceat(ones, firsts, dtype=np.uint32).tolist() for ones in are]
        for first, end, *found in zip(firsts.tolist(), ends.tolist(), *counts, strict=True):
            yield cls(joined[first : end - 1], *found)

    @functools.cached_property
    def han(self) -> int:
        """All Han characters; counted when they are asked for, since most texts need no such count."""
        others = self.classes.count(HAN) + self.classes.count(DUAL) + self.classes.count(JAPANESE)
        return self.traditional + self.simplified + others

    @property
    def is_japanese(self) -> bool:
        kana = self.hiragana + self.katakana
        if kana < LEAST_KANA:
            return False
        whole = kana + self.han
        return self.hiragana >= max(LEAST_KANA, HIRAGANA_SHARE * whole) or kana >= KANA_SHARE * whole

    @property
    def is_dense(self) -> bool:
        """Whether there are as many traditional characters as traditional text has, rather than a name or two."""
        return self.traditional >= LEAST_DENSITY * self.han

    def is_traditional(self, config: SimplifyConfig) -> bool:
        """Whether nearly all characters that tell a script tell that the text is traditional."""
        telling = self.traditional + self.simplified
        return self.traditional > 0 and self.traditional >= config.min_traditional_share * telling

    def stands_alone(self, config: SimplifyConfig) -> bool:
        """Whether a line or quotation with these counts is traditional whatever stands around it."""
        if self.simplified or not self.traditional or self.is_japanese:
            return False
        if self.traditional >= config.min_traditional and self.is_dense:
            return True
        return self.han >= LEAST_ALONE and self.traditional >= LEAST_DENSITY_ALONE * self.han


def count_of(letter: bytes, classes: bytes) -> int:
    """How many characters are of a class; bytes.count takes its time over what is frequent."""
    if len(classes) < LONG or letter not in classes:
        return classes.count(letter)
    return int(np.count_nonzero(np.frombuffer(classes, dtype=np.uint8) == letter[0]))


@functools.cache
def class_table() -> npt.NDArray[np.uint8]:
    """The class of each code point."""
    table = np.full(0x110000, OTHER[0], dtype=np.uint8)
    for blocks, letter in ((HAN_BLOCKS, HAN), (HIRAGANA_BLOCKS, HIRAGANA), (KATAKANA_BLOCKS, KATAKANA)):
        for first, last in blocks:
            table[first : last + 1] = letter[0]
    for character, script in read_table("scripts.tsv"):
        table[ord(character)] = ord(script)
    for character, *_ in read_table("duals.tsv"):
        table[ord(character)] = DUAL[0]
    for characters, letter in ((CLAUSE_ENDS, CLAUSE_END), (QUOTES, QUOTE), ("\n", NEWLINE)):
        table[[ord(character) for character in characters]] = letter[0]
    return table


def classes_of(text: str) -> bytes:
    """The class of each character of a text, one byte each.

    >>> classes_of("“臺灣”与沈著の\\n")
    b'"TT"hddk\\n'
    """
    return class_table().take(code_units(text)).tobytes()  # half the work of code points, where they fit


def find_traditional(classes: bytes, config: SimplifyConfig) -> tuple[str, ScriptCounts, list[Span]]:
    """The script of a text, its counts, and the spans that are traditional, in order and apart.

    The script is traditional, simplified, mixed, japanese or none.

    >>> find_traditional(classes_of("臺灣與大陸"), SimplifyConfig())[::2]
    ('traditional', [(0, 5)])
    >>> find_traditional(classes_of("他们读“萬里長風”，都说好。"), SimplifyConfig())[::2]
    ('mixed', [(4, 8)])
    >>> find_traditional(classes_of("李小龍们"), SimplifyConfig())[::2]
    ('simplified', [])
    """
    whole = ScriptCounts.of(classes)
    script, spans = judged(whole, config)
    return script, whole, spans


def judged(whole: ScriptCounts, config: SimplifyConfig) -> tuple[str, list[Span]]:
    """The script of a text that is counted, and the spans that are traditional."""
    classes = whole.classes
    if whole.is_japanese and is_japanese_throughout(classes, whole):
        return "japanese", []
    if whole.traditional == 0:
        return ("simplified" if whole.simplified else "none"), []
    is_traditional = whole.is_traditional(config) and (
        whole.simplified == 0 or (whole.traditional >= config.min_traditional and whole.is_dense)
    )
    if is_traditional and whole.simplified == whole.hiragana == whole.katakana == 0:
        return "traditional", [(0, len(classes))]
    spans: list[Span] = []
    doubtful: list[Span] = []  # lines without simplified characters, but with few traditional ones
    for start, end in lines_to_judge(classes, is_traditional):
        line = classes[start:end]
        parts = traditional_parts(line, is_traditional, config)
        spans += [(start + first, start + last) for first, last in parts]
        if not parts and SIMPLIFIED not in line and HIRAGANA not in line:
            doubtful.append((start, end))
    if doubtful and not is_traditional:
        spans = with_lines_beside(classes, spans, doubtful)
    if is_traditional:
        return "traditional", merged(spans)
    return ("mixed" if spans else "simplified"), merged(spans)


def is_japanese_throughout(classes: bytes, whole: ScriptCounts) -> bool:
    """Whether most Han characters of a text with kana stand in lines with kana, not in others than those it quotes."""
    with_kana = b"".join(line for line in classes.split(NEWLINE) if HIRAGANA in line or KATAKANA in line)
    return 2 * ScriptCounts.of(with_kana).han >= whole.han


def merged(spans: list[Span]) -> list[Span]:
    """Spans in order, those that touch or have one character between them made one."""
    found: list[Span] = []
    for start, end in spans:
        if found and start <= found[-1][1] + 1:
            found[-1] = (found[-1][0], end)
        else:
            found.append((start, end))
    return found


def with_lines_beside(classes: bytes, spans: list[Span], doubtful: list[Span]) -> list[Span]:
    """Traditional spans, and the doubtful lines that stand within a few lines of one: verse, an inscription."""
    lines = sorted([(span, True) for span in spans] + [(span, False) for span in doubtful])
    sure = [known for _, known in lines]
    for step in (1, -1):
        order = range(1, len(lines)) if step > 0 else range(len(lines) - 2, -1, -1)
        for here in order:
            (first, last), _ = lines[here]
            (other_first, other_last), _ = lines[here - step]
            between = (other_last, first) if step > 0 else (last, other_first)
            near = classes.count(NEWLINE, *between) <= LINES_BESIDE
            sure[here] = sure[here] or (sure[here - step] and near)
    return [span for (span, _), known in zip(lines, sure, strict=True) if known]


def lines_to_judge(classes: bytes, is_traditional: bool) -> list[Span]:
    """The lines of a traditional text, and those of any other text in which a traditional character is."""
    lines: list[Span] = []
    start = 0
    while start < len(classes):
        if not is_traditional:
            place = classes.find(TRADITIONAL, start)
            if place < 0:
                break
            start = classes.rfind(NEWLINE, start, place) + 1 or start
        end = classes.find(NEWLINE, start)
        end = len(classes) if end < 0 else end
        lines.append((start, end))
        start = end + 1
    return lines


def traditional_parts(line: bytes, is_traditional: bool, config: SimplifyConfig) -> list[Span]:
    """The spans of one line that are traditional, in a text that is traditional or is not."""
    if not line or (not is_traditional and QUOTE not in line and is_single(line)):
        return []
    counts = ScriptCounts.of(line)
    if counts.is_japanese:
        return []
    if counts.simplified == 0:
        return [(0, len(line))] if is_traditional or counts.stands_alone(config) else []
    if counts.traditional == 0:
        return []
    parts: list[Span] = []
    for start, end in passages_of(line):
        passage = line[start:end]
        if not is_traditional and (TRADITIONAL not in passage or is_single(passage)):
            continue
        counts = ScriptCounts.of(passage) if len(passage) < len(line) else counts
        if counts.stands_alone(config) or (is_traditional and counts.traditional >= max(counts.simplified, 1)):
            parts.append((start, end))
        else:
            parts += [(start + first, start + last) for first, last in traditional_clauses(passage, is_traditional)]
    return parts


def passages_of(line: bytes) -> list[Span]:
    """The parts of a line between its quotation marks."""
    if QUOTE not in line:
        return [(0, len(line))]
    return [match.span() for match in PASSAGES.finditer(line)]


def is_single(passage: bytes) -> bool:
    """Whether there is but one traditional character in a passage, among simplified ones: a name, or a slip."""
    first = passage.find(TRADITIONAL)
    return passage.find(TRADITIONAL, first + 1) < 0 and SIMPLIFIED in passage


def traditional_clauses(passage: bytes, is_traditional: bool) -> list[Span]:
    """The clauses of a passage without quotation marks that are traditional.

    A clause is, when it has several traditional characters and fewer simplified ones; its neighbours are, as long as
    they have no simplified character; in a traditional text those need no such neighbour.
    """
    clauses = [match.span() for match in CLAUSES.finditer(passage)]
    sure = [is_sure(passage, start, end) for start, end in clauses]
    if is_traditional:
        sure = [known or is_open(passage, *clause) for known, clause in zip(sure, clauses, strict=True)]
    elif True not in sure:
        return []
    for here in range(1, len(clauses)):
        sure[here] = sure[here] or (sure[here - 1] and is_open(passage, *clauses[here]))
    for here in range(len(clauses) - 2, -1, -1):
        sure[here] = sure[here] or (sure[here + 1] and is_open(passage, *clauses[here]))
    return [clause for clause, known in zip(clauses, sure, strict=True) if known]


def is_sure(passage: bytes, start: int, end: int) -> bool:
    """Whether a clause is traditional by itself: several traditional characters, and fewer simplified ones."""
    traditional = passage.count(TRADITIONAL, start, end)
    if traditional < CLAUSE_TRADITIONAL or traditional <= passage.count(SIMPLIFIED, start, end):
        return False
    return ScriptCounts.of(passage[start:end]).is_dense


def is_open(passage: bytes, start: int, end: int) -> bool:
    """Whether nothing in a clause speaks against its being traditional."""
    return passage.find(SIMPLIFIED, start, end) < 0 and not ScriptCounts.of(passage[start:end]).is_japanese
