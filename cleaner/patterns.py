"""Regular expressions that are compiled when they are first used.

To compile the grammar of jump lines or of credits takes a tenth of a second, and most texts never ask for it.
"""

import re
from typing import Any, cast

METHODS = ("search", "match", "fullmatch", "finditer", "findall", "sub", "split")


class Later:
    """A pattern that is not compiled yet; when a method is first asked for, it gets those of the compiled one."""

    def __init__(self, pattern: str, flags: int) -> None:
        self.pattern, self.flags = pattern, flags

    def __getattr__(self, name: str) -> Any:
        if name not in METHODS:
            raise AttributeError(name)
        compiled = re.compile(self.pattern, self.flags)
        self.__dict__.update({method: getattr(compiled, method) for method in METHODS})
        return self.__dict__[name]


def compile_later(pattern: str, flags: int = 0) -> re.Pattern[str]:
    """The same as `re.compile`, at the first use; so a mistake in the pattern shows only there.

    >>> compile_later("[上下]页").findall("上页，下页")
    ['上页', '下页']
    """
    return cast(re.Pattern[str], Later(pattern, flags))
