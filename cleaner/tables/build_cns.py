"""Build cns11643.txt: python -m cleaner.tables.build_cns UNICODE_FOLDER

UNICODE_FOLDER holds Unihan_IRGSources.txt(.bz2) of the Unicode Character Database, as Debian's package unicode-data
installs it in /usr/share/unicode. It names the place of each Han character in CNS 11643. The signs, which fill the
first rows of plane 1, are not in it: they are spelt out here, from the code chart of CNS 11643-1992, plane 1.
"""

import sys
from pathlib import Path

from cleaner.tables.build import HERE, UNICODE, unicode_lines

HOLE = "."  # for a cell without a character; CNS 11643 has a full-width full stop, never this one
PLANES = {f"T{plane:X}": plane for plane in (1, 2, 3, 4, 5, 6, 7, 15)}  # as Unihan's property kIRG_TSource spells them
FIRST, LAST = 0x21, 0x7E  # rows and columns, numbered by their bytes

# The signs keep the order of Big5 A140-A2AD, A2AF-A3BF and C7E9-C7FC; only ′‵, ﹦﹥ and →← stand the other way round.
# Where the chart leaves the reading open, it is that of Big5 (code page 950), so that one text reads alike in both:
# ︳╴︴﹏, ￣ and ˍ; and 十卄卅, ideographs, for the Hangzhou numerals ten, twenty and thirty.
SIGNS = {
    0x21: (
        "　，、。．・；：？！︰…‥﹐﹑﹒·﹔﹕﹖﹗︱—︲–︳╴︴﹏（）︵︶｛｝︷︸〔〕︹︺【】︻︼《》︽︾"
        "〈〉︿﹀「」﹁﹂『』﹃﹄﹙﹚﹛﹜﹝﹞"
        "‘’“”〝〞′‵＃＆＊※§〃○●△▲◎☆★◇◆□■▽▼"
    ),
    0x22: (
        "㊣℅‾￣＿ˍ﹉﹊﹍﹎﹋﹌﹟﹠﹡＋－×÷±√＜＞＝≦≧≠∞≒≡﹢﹣﹤﹦﹥∼∩∪⊥∠∟⊿㏒㏑∫∮∵∴♀♂♁☉↑↓→←↖↗↙↘‖｜／＼∕﹨＄￥〒￠￡％＠℃℉"
        "﹩﹪﹫㏕㎜㎝㎞㏎㎡㎎㎏㏄°"  # the row ends with units that are Han characters, 兙兛兞兝兡兣
    ),
    0x23: "...▁▂▃▄▅▆▇█▏▎▍▌▋▊▉┼┴┬┤├▔─│▕┌┐└┘╭╮╰╯═╞╪╡◢◣◥◤╱╲╳",  # and begins with more of them, 嗧瓩糎
    0x24: (
        "０１２３４５６７８９ⅠⅡⅢⅣⅤⅥⅦⅧⅨⅩ〡〢〣〤〥〦〧〨〩十卄卅ＡＢＣＤＥＦＧＨＩＪＫＬＭＮＯＰＱＲＳＴＵＶＷＸＹＺ"
        "ａｂｃｄｅｆｇｈｉｊｋｌｍｎｏｐｑｒｓｔｕｖｗｘｙｚΑΒΓΔΕΖΗΘΙΚ"
    ),
    0x25: (
        "ΛΜΝΞΟΠΡΣΤΥΦΧΨΩαβγδεζηθικλμνξοπρστυφχψω"
        "ㄅㄆㄇㄈㄉㄊㄋㄌㄍㄎㄏㄐㄑㄒㄓㄔㄕㄖㄗㄘㄙㄚㄛㄜㄝㄞㄟㄠㄡㄢㄣㄤㄥㄦㄧㄨㄩ˙ˉˊˇˋ"
    ),
    0x26: "①②③④⑤⑥⑦⑧⑨⑩⑴⑵⑶⑷⑸⑹⑺⑻⑼⑽ⅰⅱⅲⅳⅴⅵⅶⅷⅸⅹ",
    0x42: "␀␁␂␃␄␅␆␇␈␉␊␋␌␍␎␏␐␑␒␓␔␕␖␗␘␙␚␛␜␝␞␟␡",
}
# Rows 27 to 29: the radicals of the Kangxi dictionary. 夂 is not among them, as it looks like the next one, 夊.
RADICALS = [chr(point) for point in range(0x2F00, 0x2FD6) if point != 0x2F21]

Cell = tuple[int, int, int]  # plane, row, column
# Unihan's kIRG_TSource has 箚 here; its kCNS1986 and kCNS1992, Big5 (E35A) and all texts have 劄.
CORRECTIONS = {(2, 0x4C, 0x61): "劄"}


def signs() -> dict[Cell, str]:
    """What plane 1 has before its Han characters."""
    cells = {(1, row, FIRST + place): sign for row, line in SIGNS.items() for place, sign in enumerate(line)}
    width = LAST - FIRST + 1
    cells |= {(1, 0x27 + place // width, FIRST + place % width): sign for place, sign in enumerate(RADICALS)}
    return {cell: sign for cell, sign in cells.items() if sign != HOLE}


def ideographs(folder: Path) -> dict[Cell, str]:
    """The Han characters by their cells: Unihan property kIRG_TSource, whose values look like T1-4421."""
    cells: dict[Cell, str] = {}
    for line in unicode_lines(folder, "Unihan_IRGSources.txt"):
        point, name, value = line.split("\t")
        plane, _, place = value.partition("-")
        if name == "kIRG_TSource" and plane in PLANES:
            row, column = bytes.fromhex(place)
            assert FIRST <= row <= LAST and FIRST <= column <= LAST, line
            assert (PLANES[plane], row, column) not in cells, line
            cells[PLANES[plane], row, column] = chr(int(point[2:], 16))
    return cells


def table_rows(cells: dict[Cell, str]) -> list[str]:
    """One line for each row of a plane that has characters, without the holes at its end."""
    lines: list[str] = []
    for plane, row in sorted({cell[:2] for cell in cells}):
        line = "".join(cells.get((plane, row, column), HOLE) for column in range(FIRST, LAST + 1))
        lines.append(f"{plane}-{row:02X}\t{line.rstrip(HOLE)}\n")
    return lines


def main() -> None:
    # Where both know a cell, three radicals, the ideograph is right.
    cells = signs() | ideographs(Path(sys.argv[1])) | CORRECTIONS
    # What the standard counts: 684 signs and 5,401 Han characters in plane 1, and 7,650 in plane 2.
    assert sum(cell[0] == 1 for cell in cells) == 684 + 5401
    assert sum(cell[0] == 2 for cell in cells) == 7650
    header = (
        "# cns11643.txt, built by cleaner/tables/build_cns.py. The Han characters: Unihan (kIRG_TSource) of the "
        f"{UNICODE}; the signs of plane 1: CNS 11643-1992. Each line is a row of a plane: the plane, the row's byte "
        f"in hex, a tab, and the characters of columns {FIRST:02X} to {LAST:02X}; {HOLE} is a cell without one.\n"
    )
    body = "".join(table_rows(cells))
    (HERE / "cns11643.txt").write_text(header + body, encoding="utf-8", newline="\n")
    print(f"cns11643.txt: {len(cells)} characters")


if __name__ == "__main__":
    main()
