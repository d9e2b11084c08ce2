"""Cases that lost something on the way: bytes inserted, deleted or changed; text read in the wrong encoding."""

from collections.abc import Iterator

from encoding_texts import Case, Material, encode

DAMAGED = ("utf-8", "gbk", "gb18030", "cp950", "big5hkscs")


def noise(material: Material) -> Iterator[Case]:
    """One to five bytes that no encoding knows, between characters."""
    for codec in DAMAGED:
        for number in material.times(60):
            text = material.piece(codec, material.rng.choice([200, 500, 1000, 3000]))
            count = material.rng.randint(1, 5)
            places = sorted(material.rng.sample(range(1, len(text)), count))
            data, last = b"", 0
            for place in places:
                data += encode(text[last:place], codec) + material.rng.choice([b"\x80", b"\xc0", b"\xfe", b"\xff"])
                last = place
            data += encode(text[last:], codec)
            yield Case("stray bytes", f"{codec} {number}", data, text, codec, damaged=count)


def damage(material: Material) -> Iterator[Case]:
    """One to five bytes anywhere that were inserted, deleted or changed. Characters hit by it are not expected back."""
    for codec in DAMAGED:
        for kind in ("inserted", "deleted", "changed"):
            for number in material.times(40):
                text = material.piece(codec, material.rng.choice([500, 1000, 3000]))
                count = material.rng.randint(1, 5)
                data, kept = damaged(material, text, codec, (kind, count))
                yield Case(f"bytes {kind}", f"{codec} {kind} {number}", data, kept, codec, damaged=count)


def damaged(material: Material, text: str, codec: str, how: tuple[str, int]) -> tuple[bytes, str]:
    """The bytes of a text after some damage, and the text without the characters that it hit."""
    kind, count = how
    spelt = [character.encode(codec) for character in text]
    owner = [number for number, data in enumerate(spelt) for _ in data]
    data = bytearray(b"".join(spelt))
    places = sorted(material.rng.sample(range(len(data)), count), reverse=True)
    hit: set[int] = set()
    for place in places:
        if kind == "inserted":
            if place and owner[place - 1] == owner[place]:
                hit.add(owner[place])
            data.insert(place, material.rng.randrange(1, 256))
        else:
            hit.add(owner[place])
            if kind == "deleted":
                del data[place]
            else:
                data[place] ^= material.rng.randrange(1, 256)
    return bytes(data), "".join(character for number, character in enumerate(text) if number not in hit)


# Mojibake

WESTERN = ("latin-1", "cp1252", "mac_roman", "cp437")
KINDS = (
    *((right, wrong) for right in ("utf-8", "gbk", "big5") for wrong in WESTERN),
    *(("gbk", "big5"), ("big5", "gb18030"), ("utf-8", "gbk"), ("utf-8", "utf-8>latin-1"), ("utf-8", "utf-8>cp1252")),
)


def misread(text: str, right: str, wrong: str) -> str:
    """What a program shows that takes `right` for `wrong`, where nothing is lost by it. Raises UnicodeError if it is.

    A `wrong` of two, "utf-8>latin-1", is the same mistake made twice.
    """
    if ">" in wrong:
        inner, wrong = wrong.split(">")
        return misread(misread(text, right, wrong), inner, wrong)
    data = text.encode(right)
    if wrong == "cp1252":  # as the web reads it: five bytes that it lacks pass through
        return "".join(read_western(byte) for byte in data)
    if wrong == "big5" and data.decode("cp950") != data.decode("big5hkscs"):
        raise UnicodeError("the tables of Big5 disagree on it")
    broken = data.decode(wrong)
    if broken.encode(wrong) != data:
        raise UnicodeError("two spellings of one character")
    return broken


def read_western(byte: int) -> str:
    try:
        return bytes([byte]).decode("cp1252")
    except UnicodeDecodeError:
        return chr(byte)


def broken_line(material: Material, right: str, wrong: str) -> tuple[str, str] | None:
    """A line and what became of it; None where nearly no line survives such a reading."""
    for _ in range(300):
        line = material.line(right, 10, 200 if wrong in WESTERN else material.rng.choice([15, 40, 200]))
        try:
            return line, misread(line, right, wrong)
        except UnicodeError:
            continue
    return None


def mojibake(material: Material) -> Iterator[Case]:
    """Lines of 10 to 200 characters read in the wrong encoding and saved as UTF-8, one a file."""
    for right, wrong in KINDS:
        for number in material.times(40):
            found = broken_line(material, right, wrong)
            if found:
                group = "mojibake, western" if wrong not in ("gbk", "gb18030", "big5") else "mojibake, Chinese"
                yield Case(group, f"{right}>{wrong} {number}", found[1].encode(), found[0], f"{right}>{wrong}")


def mojibake_among_lines(material: Material) -> Iterator[Case]:
    """A broken line or two among good ones."""
    for number in material.times(80):
        right, wrong = material.rng.choice(KINDS)
        good = [(line, line) for line in (material.line("utf-8", 20) for _ in range(material.rng.randint(2, 6)))]
        bad = [found for found in (broken_line(material, right, wrong) for _ in range(2)) if found]
        lines = good + bad
        material.rng.shuffle(lines)
        data = "\n".join(broken for _, broken in lines).encode()
        text = "\n".join(line for line, _ in lines)
        yield Case("mojibake among good lines", f"{right}>{wrong} {number}", data, text, f"{right}>{wrong}")


# Destroyed text


def destroyed(material: Material) -> Iterator[Case]:
    """Nothing can bring these back; they must be put aside."""
    for number in material.times(30):
        lost = encode(material.piece("gbk", 600), "gbk").decode("utf-8", "replace")
        filled = material.piece("gbk", 100) + "烫" * material.rng.randint(100, 400)
        kinds = {
            "U+FFFD": lost.encode(),
            "锟斤拷": lost.encode().decode("gbk", "replace").replace("\ufffd", "?").encode(),
            "锟斤拷 in GBK": lost.encode().decode("gbk", "ignore").encode("gbk"),
            "嚙踝蕭": lost.encode().decode("big5", "replace").replace("\ufffd", "?").encode(),
            "烫烫烫": filled.encode(),
            "UTF-8 as ASCII": material.piece("utf-8", 600).encode().decode("ascii", "replace").encode(),
        }
        for kind, data in kinds.items():
            yield Case("destroyed", f"{kind} {number}", data, None, "")


QUOTES = (
    "网页上常见的“锟斤拷”三个字，就是这样来的。",
    "屏幕上一片烫烫烫烫烫烫，说明内存没有初始化；屯屯屯则是堆里的。",
    "有人把它叫作“锟斤拷烫烫烫”，写进了诗里：手持两把锟斤拷，口中疾呼烫烫烫。",
    "在繁体系统里看到的就成了“嚙踝蕭”。",
    "替换字符的码位是U+FFFD，写出来是“\ufffd”。",
)


def quoted(material: Material) -> Iterator[Case]:
    """Articles about such things must be kept as they are."""
    for codec in ("utf-8", "gb18030"):
        for number in material.times(40):
            quote = material.rng.choice(QUOTES)
            pieces = [material.piece("utf-8", 1500), quote, material.piece("utf-8", 1500)]
            text = "\n".join(pieces)
            yield Case("destroyed text quoted", f"{codec} {number}", encode(text, codec), text, codec, untouched=True)
