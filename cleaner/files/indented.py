"""JSON with an indent of 1, as the standard library writes it, and sooner.

With an indent the library encodes in Python; without one it is compiled. What is long in a report is a list of records
without lists in them, such as the inputs: it is encoded at once, with separators that hold the indents.
"""

import json
from typing import Any

ENCODER = json.JSONEncoder(ensure_ascii=False)
PLAIN = frozenset((str, int, float, bool, type(None)))


def indented(value: Any, depth: int = 0) -> str:
    """The same as `json.dumps(value, ensure_ascii=False, indent=1)`; keys must be strings.

    >>> print(indented({"inputs": [{"source": "a.txt", "bytes": 3}], "ignored": []}))
    {
     "inputs": [
      {
       "source": "a.txt",
       "bytes": 3
      }
     ],
     "ignored": []
    }
    """
    if not value or not isinstance(value, dict | list):
        return ENCODER.encode(value)
    inner, outer = "\n" + " " * (depth + 1), "\n" + " " * depth
    if isinstance(value, dict):
        items = (f"{ENCODER.encode(key)}: {indented(item, depth + 1)}" for key, item in value.items())
        return f"{{{inner}{f',{inner}'.join(items)}{outer}}}"
    if all(map(is_flat, value)):
        field = inner + " "
        rows = json.dumps(value, ensure_ascii=False, separators=(f",{field}", ": "))[2:-2]
        # A line break stands between values only: within a string it is escaped.
        rows = rows.replace(f"}},{field}{{", f"{inner}}},{inner}{{{field}")
        return f"[{inner}{{{field}{rows}{inner}}}{outer}]"
    return f"[{inner}{f',{inner}'.join(indented(item, depth + 1) for item in value)}{outer}]"


def is_flat(value: Any) -> bool:
    """Whether a value is a record that is not empty and holds plain values only."""
    return isinstance(value, dict) and bool(value) and PLAIN.issuperset(map(type, value.values()))
