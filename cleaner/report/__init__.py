"""What happened to a corpus, for a person to read: a page (`report.html`) and a dataset card (`README.md`).

Everything is taken from the corpus itself, its counts and its ledger, so a report can be built for any stage
folder or version at any time.
"""

from cleaner.report.card import build_card
from cleaner.report.page import build_page

__all__ = ["build_card", "build_page"]
