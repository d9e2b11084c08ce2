"""Clean Chinese text: bytes in, a deduplicated and versioned corpus out, every change on record.

The way of a document is told in `cleaner.pipeline`; each stage is a module of its own name.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cleaner.document import Document, Edit, Edits, apply, invert

__version__ = "0.1.0"

__all__ = ["Document", "Edit", "Edits", "__version__", "apply", "invert"]


def __getattr__(name: str) -> Any:
    """What is imported from here is loaded when it is asked for: `cleaner --help` need not wait for numpy."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from cleaner import document

    return getattr(document, name)
