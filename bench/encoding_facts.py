"""Where the tables of one encoding disagree: the reading that the project has settled on, pair by pair."""

from collections.abc import Iterator

from encoding_texts import Case, Material, encode

# GB18030-2022 gave these a place in Unicode; the older table that Python has says private use.
MOVED = {
    0xA8BC: "\u1e3f",
    0xA6D9: "\ufe10",
    0xA6DA: "\ufe12",
    0xA6DB: "\ufe11",
    0xA6DC: "\ufe13",
    0xA6DD: "\ufe14",
    0xA6DE: "\ufe15",
    0xA6DF: "\ufe16",
    0xA6EC: "\ufe17",
    0xA6ED: "\ufe18",
    0xA6F3: "\ufe19",
    0xFE59: "\u9fb4",
    0xFE61: "\u9fb5",
    0xFE66: "\u9fb6",
    0xFE67: "\u9fb7",
    0xFE6D: "\u9fb8",
    0xFE7E: "\u9fb9",
    0xFE90: "\u9fba",
    0xFEA0: "\u9fbb",
    0xFE51: "\U00020087",
    0xFE52: "\U00020089",
    0xFE53: "\U000200cc",
    0xFE6C: "\U000215d7",
    0xFE76: "\U0002298f",
    0xFE91: "\U000241fe",
}
# Symbols and ETEN's additions that real Big5 files mean so, whatever the codecs of Python say.
IN_BIG5 = {
    0xA145: "‧",
    0xA14E: "﹑",
    0xA1C2: "¯",
    0xA1E3: "～",
    0xA1F2: "⊕",
    0xA1F3: "⊙",
    0xA244: "￥",
    0xA246: "￠",
    0xA247: "￡",
    0xA3E1: "€",
    0xC6A1: "①",
    0xC6AA: "⑩",
    0xC6B5: "ⅰ",
    0xC6E7: "ぁ",
    0xC7F2: "ヶ",
    0xF9D6: "碁",
    0xF9D7: "銹",
    0xF9D8: "裏",
    0xF9D9: "墻",
    0xF9DA: "恒",
    0xF9DB: "粧",
    0xF9DC: "嫺",
}
CANTONESE = (
    "佢哋喺呢度食嘢，唔該畀啲嘢我食。",
    "你哋嘅嘢喺邊度？冇人知呀，啲細路都唔喺屋企。",
    "噉樣做唔得㗎，佢話嗰個人瞓咗覺。",
)
PRICES = ("价格：€50，运费€8。", "门票€12.50一张，学生票€6。", "每公斤€3,每箱€28")


def codec_facts(material: Material) -> Iterator[Case]:
    """One disputed pair of bytes in a line of running text."""
    for table, codec in ((MOVED, "gb18030"), (IN_BIG5, "cp950")):
        for code, character in table.items():
            for number in material.times(3):
                text, data = between(material, codec, character, code.to_bytes(2, "big"))
                yield Case("codec facts", f"{codec} {code:X} {character} {number}", data, text, codec)
    for number, text in enumerate(PRICES):
        around = material.line("gbk", 20)
        data = encode(around, "gbk") + b"\x80".join(part.encode("gbk") for part in text.split("€"))
        yield Case("codec facts", f"0x80 {number}", data, around + text, "gbk")
    for number, text in enumerate(CANTONESE):
        yield Case("codec facts", f"HKSCS {number}", text.encode("big5hkscs"), text, "big5hkscs")


def between(material: Material, codec: str, character: str, data: bytes) -> tuple[str, bytes]:
    """A character with known bytes, and running text on both sides."""
    before, after = material.line(codec, 20), material.line(codec, 20)
    return before + character + after, encode(before, codec) + data + encode(after, codec)
