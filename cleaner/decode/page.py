"""The main text of a web page, taken out of its menus, scripts and footers by trafilatura.

That library is an optional extra: it brings ten others, and most corpora hold no web pages.
"""

from collections.abc import Iterator

from cleaner.document import Change
from cleaner.errors import WrongUseError


def extract_main_text(text: str) -> Iterator[Change]:
    """Replace a whole page by its main text; the page stands in the ledger, so nothing is lost.

    A page without a main text becomes empty. Raises WrongUseError when the extra is not installed.
    """
    try:
        import trafilatura
    except ImportError:
        raise WrongUseError("raw/ holds web pages, and reading them needs: pip install 'cleaner[html]'") from None
    main = trafilatura.extract(text, include_comments=False, include_tables=True, favor_precision=False)
    yield 0, len(text), main or ""
