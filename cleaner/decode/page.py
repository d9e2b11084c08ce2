"""The main text of a web page, taken out of its menus, scripts and footers by trafilatura.

That library is an optional extra: it brings ten others, and most corpora hold no web pages.
"""

from collections.abc import Iterator

from cleaner.document import Change
from cleaner.errors import WrongUseError

MOST_TAGS = 100_000  # of a page; the library takes minutes over a million of them, and real pages have some thousands


def extract_main_text(text: str) -> Iterator[Change]:
    """Replace a whole page by its main text; the page stands in the ledger, so nothing is lost.

    A page without a main text becomes empty, and so does one with more tags than a page can have. Raises WrongUseError
    when the extra is not installed.
    """
    try:
        import trafilatura
    except ImportError:
        raise WrongUseError("raw/ holds web pages, and reading them needs: pip install 'cleaner[html]'") from None
    if text.count("<") > MOST_TAGS:
        yield 0, len(text), ""
        return
    main = trafilatura.extract(text, include_comments=False, include_tables=True, favor_precision=False)
    yield 0, len(text), main or ""


def why_no_text(page: str) -> str:
    """Why nothing came of a page.

    >>> why_no_text("<p></p>")
    'no main text: nothing in the page reads like an article, or it is broken'
    """
    if page.count("<") > MOST_TAGS:
        return f"no main text: the page has more than {MOST_TAGS:,} tags"
    return "no main text: nothing in the page reads like an article, or it is broken"
