"""The days that paths below raw/ name, by which parts of articles find each other and the earliest copy is known."""

import re

DAY = re.compile(r"(?<!\d)((?:19|20)\d\d)[-_./年]?(0[1-9]|1[0-2])[-_./月]?(0[1-9]|[12]\d|3[01])(?!\d)")
NO_DAY = 99999999


def day_of(source: str) -> int:
    """The last day that a path names, as a number; after all days if it names none.

    >>> day_of("rmrb/20200527-13-01.txt"), day_of("2020-05/27/04/bridge.txt")
    (20200527, 20200527)
    """
    days = DAY.findall(source)
    return int("".join(days[-1])) if days else NO_DAY
