"""Clean Chinese text: bytes in, a deduplicated and versioned corpus out, every change on record.

The way of a document is told in `cleaner.pipeline`; each stage is a module of its own name.
"""

from cleaner.document import Document, Edit, Edits, apply, invert

__version__ = "0.1.0"

__all__ = ["Document", "Edit", "Edits", "__version__", "apply", "invert"]
