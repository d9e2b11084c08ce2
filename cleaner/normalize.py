"""Stage 2, normalize: one way to write each character and mark, and no mark that a program put there.

What is wrong with the text: line ends of three systems, byte order marks in the middle, ideographs replaced by
the radicals that look like them (from PDF), full-width letters, indents made of spaces, and Chinese punctuation
folded to ASCII by a "normalization" that meant well.

First the characters (a later rule must not meet two spellings), then the lines, then the marks within a line.
Marks are only restored in a document that shows the folding: it has `,` between Chinese characters and not one
`，`. NFKC is never used: it does the very folding that we undo, and turns ① into 1 and ㎡ into m2.

Each rule says which spans it would replace; `cleaner.document.apply_rules` does and records it.
"""

import functools
import re
import unicodedata
from collections.abc import Iterable, Iterator

from cleaner.config import NormalizeConfig
from cleaner.document import Change, Document, Outcome, apply_rules
from cleaner.files import read_table
from cleaner.lines import HAN, HAN_MARKS, TABLE_ROW, is_comma_table, lines_of, wrap_width


def normalize(documents: Iterable[Document], config: NormalizeConfig) -> Iterator[Outcome]:
    """Run the rules that are switched on over each document."""
    rules = [rule for rule in RULES if getattr(config, rule.__name__)]
    for document in documents:
        yield apply_rules(document, rules)


def unify_line_ends(text: str) -> Iterator[Change]:
    r"""Every line end becomes `\n`: CR LF, CR, and the separators that only Unicode and printers know.

    >>> list(unify_line_ends("一\r\n二\f三"))
    [(1, 3, '\n'), (4, 5, '\n')]
    """
    for match in re.finditer("\r\n?|[\v\f\x85\N{LINE SEPARATOR}\N{PARAGRAPH SEPARATOR}]", text):
        yield match.start(), match.end(), "\n"


def remove_stray_controls(text: str) -> Iterator[Change]:
    """Remove control characters and those of zero width, but for the joiners, which emoji and scripts need.

    >>> list(remove_stray_controls("前\\ufeff后"))
    [(1, 2, '')]
    """
    stray = "\0-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\N{SOFT HYPHEN}\N{ZERO WIDTH SPACE}\N{WORD JOINER}\ufeff\ufffe\uffff"
    for match in re.finditer(f"[{stray}]+", text):
        yield match.start(), match.end(), ""


def replace_radicals(text: str) -> Iterator[Change]:
    """A radical that stands for an ideograph becomes that ideograph: ⼯⼈ is not 工人.

    >>> list(replace_radicals("⼯人"))
    [(0, 1, '工')]
    """
    for match in re.finditer("[\u2e80-\u2fd5]", text):
        ideograph = ideographs_of_radicals().get(match.group())
        if ideograph:
            yield match.start(), match.end(), ideograph


@functools.cache
def ideographs_of_radicals() -> dict[str, str]:
    """Radicals and their ideographs, from Unicode's EquivalentUnifiedIdeograph.txt."""
    return {row[0]: row[1] for row in read_table("radicals.tsv")}


def compose_nfc(text: str) -> Iterator[Change]:
    """Unicode normalization form C: composed letters, and unified ideographs for compatibility ones.

    >>> list(compose_nfc("\\uf9e4e\\u0301"))
    [(0, 1, '理'), (1, 3, 'é')]
    """
    if unicodedata.is_normalized("NFC", text):
        return
    # A character composes only with what follows it directly, and an ASCII or Han character never with what
    # precedes it; so the text can be cut before each of them and composed piece by piece.
    for match in re.finditer(f"[\0-\x7f{HAN}][^\0-\x7f{HAN}]*|^[^\0-\x7f{HAN}]+", text):
        composed = unicodedata.normalize("NFC", match.group())
        if composed != match.group():
            yield match.start(), match.end(), composed


def strip_line_ends(text: str) -> Iterator[Change]:
    """Remove white space at the end of a line.

    >>> list(strip_line_ends("标题 \\n正文"))
    [(2, 3, '')]
    """
    for match in re.finditer(r"(?<![^\S\n])[^\S\n]+(?=\n|\Z)", text):
        yield match.start(), match.end(), ""


SHORTEST_PARAGRAPH = 24  # characters of a line whose indent by ASCII spaces is that of a paragraph
_indent = re.compile(r"(?m)^(?:\u3000{1,2}|\u00a0{2,4}|\u2003{1,2})(?=\S)")
_typed_indent = re.compile(f"(?m)^ {{2,8}}(?=[{HAN}“（])")
_markup = re.compile(r"(?m)^\s*(?:[-*+#>|`]|\d{1,3}\. )")


def strip_indents(text: str) -> Iterator[Change]:
    """Remove the indent of a paragraph, two ideographic spaces or what became of them.

    Not in wrapped text, where it is the surest sign of a new paragraph and `cleaner.repair` needs it; not deeper
    indents, which set verse; and ASCII spaces only before a long line, in a text without lists and code.

    >>> list(strip_indents("\N{IDEOGRAPHIC SPACE}\N{IDEOGRAPHIC SPACE}春天来了。"))
    [(0, 2, '')]
    >>> list(strip_indents("\N{IDEOGRAPHIC SPACE}\N{IDEOGRAPHIC SPACE}\N{IDEOGRAPHIC SPACE}江南"))
    []
    """
    typed = bool(_typed_indent.search(text)) and not _markup.search(text)
    if not (typed or _indent.search(text)) or wrap_width(text.split("\n")):
        return
    for start, line in lines_of(text):
        match = _indent.match(line)
        if match is None and typed and len(line) > SHORTEST_PARAGRAPH:
            match = _typed_indent.match(line)
        if match:
            yield start, start + match.end(), ""


def narrow_letters_and_digits(text: str) -> Iterator[Change]:
    """Full-width Latin letters and digits become ASCII, half-width Chinese marks become full-width.

    >>> list(narrow_letters_and_digits("Ａ２版｡"))
    [(0, 1, 'A'), (1, 2, '2'), (3, 4, '。')]
    """
    for match in re.finditer("[\uff10-\uff19\uff21-\uff3a\uff41-\uff5a\uff61-\uff64]", text):
        yield match.start(), match.end(), unicodedata.normalize("NFKC", match.group())


# Punctuation that was folded to ASCII

_folded_comma = re.compile(f"[{HAN}],[{HAN}]")
_mark = re.compile("[,;:?!]")
_bracket = re.compile("[()]")
LONGEST_BRACKET = 80  # characters of its content that are looked at
_cjk = re.compile(f"[{HAN}{HAN_MARKS}]")
_protected = re.compile(  # address, e-mail, entity, tag, code, link
    r"""(?: [A-Za-z][A-Za-z0-9+.-]{1,15}://[^\s\u3000-\u303f\u4e00-\u9fff\uff00-\uffef“”]{0,2000}[A-Za-z0-9/=&\#_~%+-]
    | (?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}
    | &\#?\w{1,10};
    | <[A-Za-z/!][^<>\n]{0,500}>
    | `[^`\n]{1,500}`
    | \]\([^()\n]{1,500}\) )""",
    re.VERBOSE,
)
FULLWIDTH = {",": "，", ";": "；", ":": "：", "?": "？", "!": "！", "(": "（", ")": "）"}


def restore_fullwidth_marks(text: str) -> Iterator[Change]:
    """Give Chinese text its full-width `，；：？！（）` back where a document shows that they were folded to ASCII.

    >>> list(restore_fullwidth_marks("早上8:30,大家(共5人)出发。"))
    []
    >>> list(restore_fullwidth_marks("早上,大家在8:30(共5人)出发,\\n走了1,200米。"))
    [(2, 3, '，'), (10, 11, '（'), (14, 15, '）'), (17, 18, '，')]
    """
    if "，" in text:
        return
    lines = text.split("\n")
    skipped = [table or bool(TABLE_ROW.search(line)) for table, line in zip(is_comma_table(lines), lines, strict=True)]
    if not any(_folded_comma.search(line) for line, skip in zip(lines, skipped, strict=True) if not skip):
        return
    for (start, line), skip in zip(lines_of(text), skipped, strict=True):
        if not skip and _cjk.search(line):
            changes = list(restore_marks(line)) + list(restore_brackets(line))
            for place, end, new in sorted(changes):
                yield start + place, start + end, new


def unprotected(pattern: re.Pattern[str], line: str) -> Iterator[re.Match[str]]:
    """The matches of a one-character pattern outside of addresses, code and the like."""
    spans = _protected.finditer(line)
    span = next(spans, None)
    for match in pattern.finditer(line):
        while span is not None and span.end() <= match.start():
            span = next(spans, None)
        if span is None or match.start() < span.start():
            yield match


def restore_marks(line: str) -> Iterator[Change]:
    """The single marks of one line; a space that came after a mark goes, since the full-width mark has its own."""
    for match in unprotected(_mark, line):
        place, mark = match.start(), match.group()
        after = place + 1
        while line[after : after + 1] == " ":
            after += 1
        left, right = line[place - 1 : place], line[after : after + 1]
        if belongs_to_chinese(mark, left, right, line[after - 1 : after + 1]):
            end = after if _cjk.match(right) else place + 1
            yield place, end, FULLWIDTH[mark]


def belongs_to_chinese(mark: str, left: str, right: str, ahead: str) -> bool:
    """Whether an ASCII mark between two characters (each may be empty) was a Chinese one."""
    after_chinese = bool(left) and bool(_cjk.match(left))
    before_chinese = bool(right) and bool(_cjk.match(right))
    if mark in "?!":
        return after_chinese or (left.isdigit() and (not right or before_chinese))
    if mark == ":":
        return after_chinese or (before_chinese and left.isalnum() and ahead != "//")
    after_number = left == "%" or (left.isdigit() and not right.isalnum())
    return after_chinese or before_chinese or (after_number and right not in "\"'")


def restore_brackets(line: str) -> Iterator[Change]:
    """The brackets of one line, in pairs: those that hold Chinese text, or stand in it, but not f(x)."""
    open_brackets: list[int] = []
    for match in unprotected(_bracket, line):
        place = match.start()
        if match.group() == "(":
            open_brackets.append(place)
        elif open_brackets:
            first = open_brackets.pop()
            before, after = line[max(first - 1, 0) : first], line[place + 1 : place + 2]
            inside = line[first + 1 : min(place, first + LONGEST_BRACKET)]
            is_function = before.isascii() and before.isalnum() and not _cjk.search(inside)
            if not is_function and any(_cjk.search(part) for part in (before, inside, after)):
                yield first, first + 1, "（"
                yield place, place + 1, "）"


# Spaces and quotes

_spaced_number = re.compile(f"(?<=[{HAN}，。、；：）”》]) +(?=\\d)|(?<=\\d) +(?=[{HAN}])")
_tight_number = re.compile(f"(?<=[{HAN}])(?=\\d)|(?<=\\d)(?=[{HAN}])")
_spaced_letter = re.compile(f"[{HAN}] [A-Za-z]|[A-Za-z] [{HAN}]")
_tight_letter = re.compile(f"[{HAN}][A-Za-z]|[A-Za-z][{HAN}]")
MEASURES = (
    "年月日时時分秒点點家个個名位人户戶项項件次条條座套亩畝万萬亿億千百元公米吨噸平村所处處场場届屆期批种種类類级級倍"
    "辆輛台间間栋棟幢层層章节節页頁版号號岁歲天周度角度克升"
)
_title_word = re.compile("[图圖表例附件注式题題][ \\d.-]*$")
_date = re.compile(r"\d{4}年")
_measure = re.compile(f"[{MEASURES}]")


def remove_spaces_beside_digits(text: str) -> Iterator[Change]:
    """Remove a stray space between a Chinese character and a number: 国家高企 110 家.

    Not where the author writes so throughout, and not where the space parts a number from what follows (表 1 人口).

    >>> [new for _, _, new in remove_spaces_beside_digits("国家高企 110 家，总数达350家。")]
    ['', '']
    >>> list(remove_spaces_beside_digits("2019 年共有 35 个乡镇，其中 12 个在山区。"))
    []
    """
    spaced = list(_spaced_number.finditer(text))
    if not spaced or spaces_are_style(text, len(spaced)):
        return
    for match in spaced:
        before = text[max(match.start() - 12, 0) : match.start()].rpartition("\n")[2]
        after = text[match.end()]
        # A space before a date parts two entries of a list; one before a number is a slip.
        stray = not _date.match(text, match.end()) if after.isdigit() else _measure.match(after)
        if stray and not _title_word.search(before):
            yield match.start(), match.end(), ""


def spaces_are_style(text: str, spaced: int) -> bool:
    """Whether an author parts Chinese from numbers and Latin on purpose."""
    if len(_spaced_letter.findall(text)) > len(_tight_letter.findall(text)):
        return True
    return spaced > 2 and spaced > len(_tight_number.findall(text))


def turn_quote_opened_twice(text: str) -> Iterator[Change]:
    """Turn the second of two opening quotes where only that makes the quotes of a paragraph alternate.

    >>> list(turn_quote_opened_twice("围绕“大花园“的定位，建设“小花园”。"))
    [(6, 7, '”')]
    >>> list(turn_quote_opened_twice("他说：“书上写着“春天来了”，你看。"))
    []
    """
    for start, line in lines_of(text):
        quotes = [(match.start(), match.group()) for match in re.finditer("[“”]", line)]
        wrong = [place for number, (place, quote) in enumerate(quotes) if quote != "“”"[number % 2]]
        # An even number, one of them wrong, and that one not where a quotation begins.
        if len(quotes) % 2 == 0 and len(wrong) == 1 and line[wrong[0]] == "“":
            place = wrong[0]
            if not re.match(r"[，。；：、！？（《“\s]", line[place - 1]):
                yield start + place, start + place + 1, "”"


RULES = (
    unify_line_ends,
    remove_stray_controls,
    replace_radicals,
    compose_nfc,
    strip_line_ends,
    strip_indents,
    narrow_letters_and_digits,
    restore_fullwidth_marks,
    remove_spaces_beside_digits,
    turn_quote_opened_twice,
)
