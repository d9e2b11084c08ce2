"""What a page adds to a text: share and toolbar lines, page numbers, running headers.

A share line is known by its words. A page number is known by its form only where that form cannot be anything
else; `— 12 —` may head a section and `12` may stand in a table, so a page's furniture counts as such only when
text was cut around it (see `seams`).
"""

import itertools
import re
from collections import Counter
from collections.abc import Iterator

from cleaner.document import Change
from cleaner.lines import lines_of

SHARE_LINE = re.compile(  # a whole line, or its tail after a full stop
    r"""(?:^|(?<=[。！？!?”」）)]))[ \u3000]*
    (?: 分享[让讓]更多人看到
      | 扫一扫，?在手机(?:上)?打开当前页(?:面)?
      | [【\[（(]\ ?[字體体]{1,2}[号號]?\ ?[:：][ \u3000大中小]{0,9}[】\])）](?:[ \u3000]?大[ \u3000]?中[ \u3000]?小)?
      | (?:打印本[页頁]|[关關][闭閉]窗口|返回[顶頂]部|【打印】|【[关關][闭閉]】|\[打印\]|\[[关關][闭閉]\]|[ |｜])+
    )[ \u3000]*$""",
    re.VERBOSE,
)
LONGEST_SHARE_LINE = 60  # characters; what is longer is no share line, and need not be searched
_share_words = re.compile("分享[让讓]更多人|当前页|字[体體号號]|体[:：]|打印|[关關][闭閉]|返回[顶頂]部")
PAGE_NUMBER = re.compile(
    r"""\s*(?: [-—–－·•]{1,3}\s?\d{1,4}\s?[-—–－·•]{1,3}          # - 3 -  — 12 —
      | 第\s?[\d一二三四五六七八九十百]{1,4}\s?[页頁](?:\s?[,，/]?\s?共\s?\d{1,4}\s?[页頁])?
      | \d{1,4}\s?/\s?(?:共\s?)?\d{1,4}(?:\s?[页頁])?
      | (?:Page|page|P\.)\s?\d{1,4}
      | \d{1,4} )\s*""",
    re.VERBOSE,
)
MAX_HEADER = 40  # characters of a running header


def remove_share_lines(text: str) -> Iterator[Change]:
    """Remove the lines by which a web page asks to be shared, printed, enlarged or closed.

    >>> list(remove_share_lines("正文。\\n分享让更多人看到\\n"))
    [(3, 12, '')]
    >>> list(remove_share_lines("欢迎分享让更多人看到哦。\\n打印本页数据"))
    []
    """
    for start, line in lines_of(text):
        tail = line[-LONGEST_SHARE_LINE:]
        match = SHARE_LINE.search(tail) if _share_words.search(tail) else None
        # A tail that begins in the middle of a longer line does not begin a line.
        if match and _share_words.search(match.group()) and (match.start() > 0 or len(tail) == len(line)):
            place = start + len(line) - len(tail) + match.start()
            # A line of its own goes with the newline before it; a tail of a line leaves the line.
            yield place - (place == start > 0), start + len(line), ""


def find_furniture(lines: list[str]) -> list[bool]:
    """For each line, whether it has the form of a page number, or is a running header beside one.

    A running header is a short line without a full stop that stands beside a page number at least twice.
    """
    numbers = [bool(line.strip()) and bool(PAGE_NUMBER.fullmatch(line)) for line in lines]
    text_lines = [place for place, line in enumerate(lines) if line.strip()]
    beside: list[int] = []
    for before, after in itertools.pairwise(text_lines):
        if numbers[before] != numbers[after]:
            beside.append(after if numbers[before] else before)
    seen = Counter(header_key(lines[place]) for place in set(beside))
    for place in set(beside):
        line = lines[place].strip()
        if len(line) <= MAX_HEADER and "。" not in line and seen[header_key(line)] >= 2:
            numbers[place] = True
    return numbers


def header_key(line: str) -> str:
    """A running header without what changes from page to page."""
    return re.sub(r"[\s\d]+", "", line)
