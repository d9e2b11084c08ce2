"""What happened to a corpus, for a person to read: a page (`report.html`) and a dataset card (`README.md`).

Everything is taken from the corpus itself, its counts and its ledger, so a report can be built for any stage
folder or version at any time.

`page` puts the page together. `survey` looks over the corpus and chooses, by `sample`, what to show; `story` fetches
it. The parts are written by `flow`, `texts`, `rules`, `copies` (with `compare`), `leaving`, `documents` and `made`, in
the HTML of `markup`; `page.css` and `page.js` are put into it. `card` writes the dataset card.
"""

from cleaner.report.card import build_card
from cleaner.report.page import build_page
from cleaner.report.survey import survey

__all__ = ["build_card", "build_page", "survey"]
