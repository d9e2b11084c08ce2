"""Our character sets against the standards, and there and back for every character they have."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaner.decode.charsets import decode, encode, is_cut

PAIRS = [bytes([lead, trail]) for lead in range(0x81, 0xFF) for trail in (*range(0x40, 0x7F), *range(0x80, 0xFF))]
HAVE_TWO_PAIRS = set("十卅辶〃仝╞╪╡═╭╮╰╯廴无癶")


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ("a8bc", "ḿ"),  # GB 18030-2022 and 2005; U+E7C7 in 2000
        ("a6d9 a6da a6db a6f3", "︐︒︑︙"),
        ("fe59 fea0", "龴龻"),
        ("fe51 fe91", "\U00020087\U000241fe"),
        ("a2e3", "€"),
        ("b0a1 82309e38", "啊㗎"),
    ],
)
def test_gb_18030_is_that_of_2022(data: str, text: str) -> None:
    assert decode(bytes.fromhex(data), "gb18030") == text
    assert encode(text, "gb18030") == bytes.fromhex(data)


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ("f9d6 f9dc", "碁嫺"),  # ETEN's seven characters
        ("c6a1 c6e7 c7f3", "①ぁА"),  # ETEN's rows; CPython's cp950 reads ヾ
        ("a145 a14e a1c2 a246", "‧﹑¯￠"),  # as Windows has them, not as HKSCS
        ("a3e1 f9fe", "€▓"),
        ("fa40 8862", "𠕇Ê̄"),  # Hong Kong; one pair for a letter with two accents
        ("877a 87df", "㡵鿋"),  # HKSCS-2008
        ("a140 a440", "\u3000一"),
    ],
)
def test_big5_is_that_of_windows_eten_and_hong_kong(data: str, text: str) -> None:
    assert decode(bytes.fromhex(data), "big5") == text
    assert encode(text, "big5") == bytes.fromhex(data)


def test_every_pair_of_big5_comes_back() -> None:
    known = 0
    for pair in PAIRS:
        try:
            text = decode(pair, "big5")
        except UnicodeDecodeError:
            continue
        known += 1
        assert encode(text, "big5") == pair or text in HAVE_TWO_PAIRS, (pair.hex(), text)
    assert known == 18_477


def test_every_character_comes_back_from_gb_18030() -> None:
    points = [*range(0x80, 0xD800), *range(0xE000, 0x110000, 7)]
    text = "".join(map(chr, points))
    assert decode(encode(text, "gb18030"), "gb18030") == text
    for pair in PAIRS:
        assert encode(decode(pair, "gb18030"), "gb18030") == pair


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"abc~{VPND~}def~~x", "abc中文def~x"),
        (b"~{VPND\nab", "中文\nab"),  # a line end closes a region
        (b"one ~\ntwo", "one two"),
    ],
)
def test_hz(data: bytes, text: str) -> None:
    assert decode(data, "hz") == text


@pytest.mark.parametrize("data", [b"~x", b"~{VP\x1f~}"])
def test_what_is_not_hz(data: bytes) -> None:
    with pytest.raises(UnicodeDecodeError):
        decode(data, "hz")


@pytest.mark.parametrize("charset", ["utf-8", "gb18030", "big5", "euc-tw", "hz", "utf-16-le", "utf-32-be"])
def test_a_cut_character_is_told_from_a_wrong_byte(charset: str) -> None:
    data = encode("中文", charset)
    with pytest.raises(UnicodeDecodeError) as caught:
        decode(data[: -3 if charset == "hz" else -1], charset)
    assert is_cut(caught.value)


@pytest.mark.parametrize("charset", ["utf-8", "gb18030", "big5"])
def test_a_wrong_byte_is_no_cut_character(charset: str) -> None:
    with pytest.raises(UnicodeDecodeError) as caught:
        decode(encode("中", charset) + b"\xff", charset)
    assert not is_cut(caught.value)


@pytest.mark.parametrize("charset", ["gb18030", "big5", "hz", "euc-tw", "iso-2022-cn"])
@given(data=st.binary(max_size=60))
def test_any_bytes_decode_or_say_where_they_do_not(charset: str, data: bytes) -> None:
    try:
        decode(data, charset)
    except UnicodeDecodeError as error:
        assert 0 <= error.start < error.end <= len(data)
