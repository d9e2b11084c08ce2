"""Which characters of what decode made came from which of what stood there: stand-ins that were read, mojibake undone.

Both rules replace a long run by another, of another length. What they did is done again here, character by character,
and told as *cuts*: pairs of an offset before and an offset after, both ascending, such that what lies between two cuts
on one side became what lies between them on the other. What cannot be told apart is left in one piece.

>>> reading_cuts(stand_ins("水渠".encode("big5")), "水渠")
[(0, 0), (2, 1), (4, 2)]
>>> mojibake_cuts("水渠".encode("gbk").decode("latin-1"), "水渠")
[(0, 0), (2, 1), (4, 2)]
"""

from collections.abc import Callable, Iterator

from cleaner.decode import charsets
from cleaner.decode.cns import character_spans
from cleaner.decode.exact import LONGEST_CHARACTER, STAND_INS, read_character, stand_ins
from cleaner.decode.lattice import CHARSETS
from cleaner.decode.mojibake import RIGHT, WRONG, written

__all__ = ["mojibake_cuts", "reading_cuts", "stand_ins"]

Cuts = list[tuple[int, int]]
STATELESS = (*CHARSETS, "euc-tw", *charsets.WIDE)


def reading_cuts(before: str, after: str) -> Cuts:
    """The cuts of a run of stand-ins that was read as `after`, by the character set in which its bytes read so."""
    data = bytes([ord(character) - STAND_INS for character in before])
    for charset in STATELESS:
        if cuts := cuts_in(data, after, charset):
            return cuts
    for charset, spans in (("hz", hz_spans), ("iso-2022-cn", character_spans)):
        if reads(data, charset) == after:
            cuts = list(between_spans(data, spans))
            if cuts[-1] == (len(data), len(after)):
                return cuts
    return [(0, 0), (len(before), len(after))]


def cuts_in(data: bytes, text: str, charset: str) -> Cuts:
    """The cuts if the bytes read so in a character set, single bytes left out; otherwise none."""
    cuts = [(0, 0)]
    position = offset = 0
    while position < len(data):
        size, said = read_character(data[position : position + LONGEST_CHARACTER], charset)
        if said and text.startswith(said, offset):
            offset += len(said)
        else:
            size = 1
        position += size
        cuts.append((position, offset))
    return cuts if offset == len(text) else []


def reads(data: bytes, charset: str) -> str | None:
    """The text of some bytes, or None."""
    try:
        return charsets.decode(data, charset)
    except UnicodeDecodeError:
        return None


def between_spans(data: bytes, spans: Callable[[bytes], Iterator[tuple[int, int]]]) -> Iterator[tuple[int, int]]:
    """Cuts at both ends of the bytes of each character, so that escapes became nothing."""
    yield 0, 0
    count = 0
    for start, end in spans(data):
        yield start, count
        count += 1
        yield end, count
    yield len(data), count


def hz_spans(data: bytes) -> Iterator[tuple[int, int]]:
    """The bytes of each character of valid HZ, in order."""
    position, in_region = 0, False
    while position < len(data):
        sign = data[position : position + 2]
        if in_region and (sign == b"~}" or sign[:1] == b"\n"):
            in_region = False
            position += 2 * (sign == b"~}")
        elif not in_region and sign in (b"~{", b"~\n"):
            in_region = sign == b"~{"
            position += 2
        else:
            size = 2 if in_region or sign == b"~~" else 1
            yield position, position + size
            position += size


def mojibake_cuts(before: str, after: str) -> Cuts:
    """The cuts of a line of mojibake that was restored, once or twice."""
    for data, wrong, right, once in misreadings(before):
        if once == after:
            return common_cuts(before, wrong, after, right, data)
        if right == "utf-8":
            for data_again, wrong_again, right_again, twice in misreadings(once):
                if twice == after:
                    first = common_cuts(before, wrong, once, right, data)
                    return joined(first, common_cuts(once, wrong_again, after, right_again, data_again))
    return [(0, 0), (len(before), len(after))]


def misreadings(line: str) -> Iterator[tuple[bytes, str, str, str]]:
    """What a line may have been: its bytes, the character set in which they were misread, the right one, the text."""
    for wrong in WRONG:
        data = written(line, wrong)
        for right in RIGHT if data else ():
            if right != wrong and (text := reads(data, right)) is not None:
                yield data, wrong, right, text


def common_cuts(before: str, wrong: str, after: str, right: str, data: bytes) -> Cuts:
    """Where characters of both readings of some bytes end at the same byte."""
    ours = ends([len(written(character, wrong)) for character in before], data)
    theirs = ends([len(written(character, right) or character.encode()) for character in after], data)
    return [(0, 0), *((ours[byte], theirs[byte]) for byte in ours if byte in theirs)]


def ends(sizes: list[int], data: bytes) -> dict[int, int]:
    """How many characters end at a byte, by that byte; only the end of all where the sizes do not add up."""
    if sum(sizes) != len(data):
        return {len(data): len(sizes)}
    found: dict[int, int] = {}
    position = 0
    for count, size in enumerate(sizes, start=1):
        position += size
        found[position] = count
    return found


def joined(first: Cuts, second: Cuts) -> Cuts:
    """The cuts of two replacements, one done after the other."""
    before = {middle: start for start, middle in first}
    return [(before[middle], end) for middle, end in second if middle in before]
