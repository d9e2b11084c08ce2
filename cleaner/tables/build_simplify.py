"""Build scripts.tsv, simplify.txt and dual_phrases.tsv:

    python -m cleaner.tables.build_simplify UNICODE_FOLDER SHARED_FOLDER

What each character says about the script of its text, the dictionary that opencc converts with, and what phrases say
of dual characters, those that simplified text uses too. UNICODE_FOLDER is as for `cleaner.tables.build`; SHARED_FOLDER
holds corpora/prose-modern.txt.xz, simplified text that no entry may change. The build ends with an error when an entry
does, or when an entry is useless, or would put a traditional character, or one beyond the BMP, into simplified text.
"""

import lzma
import math
import re
import sys
from collections import defaultdict
from pathlib import Path

from cleaner.tables.build import HERE, OPENCC, UNICODE, opencc_rows, standard_characters, unicode_lines, write

FIRST_HAN, LAST_HAN = "\u4e00", "\u9fff"
YU = "於"  # in simplified text a name; too common in traditional text to be weighed each time

LEAST_IN_BOTH = 3  # times that simplified text uses a traditional character in names and the like
USED_IN_BOTH_BITS = 4.0  # a traditional character less than so much rarer in simplified text tells nothing
UNSEEN_BITS = 20.0  # of a character that frequencies.txt leaves out

LONGEST_DRY = 3  # characters of OpenCC's phrases in which 乾 is dry; the longer ones hold the shorter

# Entries of OpenCC that do harm: they tear words apart (徵調入伍), or are wrong (酝藉).
FALSE_PHRASES = frozenset(
    "徵調 流徵 徵聲 凌藉 藉甚 茵藉 醞藉 躪藉 顧藉 素藉 藉草枕塊 藉卉 藉槁 乾圖 乾紅 乾盛世 么麼 么麽".split()  # noqa: SIM905 -- a table of words
)

# Variants that Unihan lists, and that are names, other words today, or parts of characters.
OTHER_WORDS = set(
    "喐噉噏碁櫂岀傜愬菑濬叡勗暎埜寘寔丼弌弍廿卄囟乚匊尒尃戉朿杸杇桼渹渨厎儓廔舡菫陜髣鮠砦鈇蒍翫舃毘媿穉淼觔耼獧聦"
    "亻礻刂亠冫巛彳扌氵灬爫牜犭艹衤讠飠亾㣺罒卩廴攵匚冂冖勹凵尣屮彡无歺疋癶禸襾辶釆隶靑韋高髟鬥鬯黹龠亅丶丿丨"
    "吿宻寗俱甯絜繻鉊郰豋俓圕玆彞羗羮汚鞙阝鸜恊尗廌匋炤旉悳亗伷伃麐"
)


def variants_of_unihan(folder: Path, standard: set[str]) -> dict[str, str]:
    """Characters outside the standard with the one character in it that Unihan calls the same, read the same way."""
    readings, found = dict[str, str](), defaultdict[str, set[str]](set)
    for line in unicode_lines(folder, "Unihan_Readings.txt"):
        point, name, value = line.split("\t")
        if name == "kMandarin":
            readings[chr(int(point[2:], 16))] = value
    for line in unicode_lines(folder, "Unihan_Variants.txt"):
        point, name, value = line.split("\t")
        if name in ("kSemanticVariant", "kZVariant"):
            variant = chr(int(point[2:], 16))
            for other in re.findall(r"U\+([0-9A-F]+)", value):
                target = chr(int(other, 16))
                if target in standard and readings.get(target) == readings.get(variant):
                    found[variant].add(target)
    return {
        variant: min(targets)
        for variant, targets in found.items()
        if len(targets) == 1 and variant not in standard and FIRST_HAN <= variant <= LAST_HAN
    }


def own_rows(name: str) -> list[list[str]]:
    """The rows of a table that is written by hand."""
    lines = (HERE / name).read_text(encoding="utf-8").split("\n")
    return [line.split("\t") for line in lines if line and not line.startswith("#")]


def character_table(folder: Path, standard: set[str], duals: dict[str, str]) -> dict[str, str]:
    """Characters with the one simplified form they have whatever stands beside them; never a non-BMP one.

    Simplified corpora spell 赵孟頫, not 赵孟𫖯: the characters beyond the BMP are in the standard, not in use. Of the
    characters that are in the standard only 於 is here; the others are for `dual_phrases.tsv` and its like.
    """
    simple = dict(opencc_rows("TSCharacters.txt"))
    for name in ("TWVariantsRev.txt", "HKVariantsRev.txt"):
        for variant, usual in opencc_rows(name):
            if variant not in simple and variant not in standard:
                simple[variant] = simple.get(usual, usual)
    for variant, usual in variants_of_unihan(folder, standard).items():
        if variant not in OTHER_WORDS and simple.get(usual, usual) == usual:
            simple.setdefault(variant, usual)
    simple |= {variant: usual for variant, usual, _reason in own_rows("variants.tsv")}
    return {
        key: value
        for key, value in simple.items()
        if key != value and max(value) < "\U00010000" and key not in duals and (key not in standard or key == YU)
    }


def bits_in_traditional() -> dict[str, float]:
    """How often each character is used in traditional text, as -log2 of its share (frequencies.txt)."""
    return {
        c: float(bits)
        for script, bits, characters in own_rows("frequencies.txt")
        if script == "traditional"
        for c in characters
    }


def in_codec(character: str, codec: str) -> bool:
    try:
        character.encode(codec)
    except UnicodeEncodeError:
        return False
    return True


def scripts(standard: set[str], simple: dict[str, str], regression: str) -> dict[str, str]:
    """Characters that tell the script: T only traditional, S only simplified, J only Japanese.

    Rare variants tell nothing, nor do the traditional characters that simplified text uses in names and for sounds
    (王濛): those that are not much rarer there than in traditional text.
    """
    bits = bits_in_traditional()
    in_both = {
        c
        for c in simple
        if regression.count(c) >= LEAST_IN_BOTH
        and math.log2(len(regression) / regression.count(c)) - bits.get(c, UNSEEN_BITS) < USED_IN_BOTH_BITS
    }
    told = {
        c
        for name in ("TSCharacters.txt", "TWVariantsRev.txt", "HKVariantsRev.txt")
        for c, _ in opencc_rows(name)
        if c not in in_both
    }
    japanese = {new for new, _ in opencc_rows("JPShinjitaiCharacters.txt")}
    old_forms = {old for _, old in opencc_rows("JPShinjitaiCharacters.txt")}
    in_opencc = dict(opencc_rows("TSCharacters.txt"))
    only_japanese = {
        c for c in japanese - old_forms if c not in standard and not in_codec(c, "cp950") and c not in in_opencc
    }
    only_traditional = {c for c in simple if c in told and c not in standard and ord(c) < 0x10000} - only_japanese
    traditional_of = dict(opencc_rows("STCharacters.txt"))
    regional = {
        form for name in ("TWVariants.txt", "HKVariants.txt") for _, form in opencc_rows(name)
    }  # 税 in Hong Kong
    only_simplified = {
        c
        for c, old in traditional_of.items()
        if c in standard and old != c and not in_codec(c, "cp950") and c not in {*traditional_of.values(), *regional}
    }
    table = dict.fromkeys(only_traditional, "T")
    return table | dict.fromkeys(only_simplified, "S") | dict.fromkeys(only_japanese, "J")


def phrases(duals: dict[str, str], traditional: set[str]) -> dict[str, str]:
    """Phrases that may read otherwise than their characters, ours before OpenCC's."""
    theirs = {
        key: value
        for key, value in opencc_rows("TSPhrases.txt")
        # Equal lengths keep the ledger a plain comparison of characters. OpenCC's names with 於 are in ours, if true;
        # some of its names stay traditional (八濛山), and some phrases are spelled like simplified text (海哩).
        if key not in FALSE_PHRASES and YU not in key and len(key) == len(value) and is_simplified(value, traditional)
        if any(character in duals or not is_simplified(character, traditional) for character in key)
    }
    dry = {
        key: value
        for value, key in opencc_rows("STPhrases.txt")
        if len(key) == len(value) <= LONGEST_DRY
        and "乾" in key
        and "干" in value
        and all(old == new or old == "乾" or old in traditional for old, new in zip(key, value, strict=True))
        and is_simplified(value, traditional)
    }
    return dry | theirs | {key: value for key, value, _reason in own_rows("phrases.tsv")}


def is_simplified(text: str, traditional: set[str]) -> bool:
    """Whether there is no character in a text that only traditional has, and none beyond the BMP."""
    return all(character not in traditional and character < "\U00010000" for character in text)


def split_phrases(
    simple: dict[str, str], duals: dict[str, str], traditional: set[str]
) -> tuple[dict[str, str], dict[str, str]]:
    """The phrases for the dictionary, and those that say what becomes of a dual character, all else simplified."""
    dictionary, of_duals = dict[str, str](), dict[str, str]()
    for key, value in phrases(duals, traditional).items():
        plain = "".join(simple.get(character, character) for character in key)
        by_duals = "".join(new if old in duals else alone for old, alone, new in zip(key, plain, value, strict=True))
        if by_duals != value:
            dictionary[key] = value
        elif any(character in duals for character in key):
            of_duals[plain] = value
    return dictionary, of_duals


def refuse_bad_entries(entries: dict[str, str], simple: dict[str, str], traditional: set[str], regression: str) -> None:
    """Raise ValueError for entries of the dictionary that do nothing, or do harm."""
    for key, value in entries.items():
        plain = "".join(simple.get(character, character) for character in key)
        told = " (phrases.tsv, or FALSE_PHRASES)"
        if len(key) > 1 and value == plain:
            raise ValueError(f"{key}: its characters alone give {value}, so the phrase is useless{told}")
        if not is_simplified(value, traditional):
            raise ValueError(f"{key}: {value} is not all simplified, or not all in the BMP{told}")
        if not any(character in traditional or character == YU for character in key):
            raise ValueError(f"{key} holds no traditional character, so it would change simplified text{told}")
        if len(key) > 1 and value != key and key in regression:
            raise ValueError(f"{key} stands in simplified text{told}")


def main() -> None:
    folder, shared = Path(sys.argv[1]), Path(sys.argv[2])
    regression = lzma.decompress((shared / "corpora/prose-modern.txt.xz").read_bytes()).decode()
    standard = standard_characters(folder)
    duals = {character: simplified for character, simplified, _default, _reason in own_rows("duals.tsv")}
    simple = character_table(folder, standard, duals)
    traditional = set(simple) - {YU}
    dictionary, of_duals = split_phrases(simple, duals, traditional)
    entries = simple | dictionary
    refuse_bad_entries(entries, simple, traditional, regression)
    for phrase, value in of_duals.items():
        if not is_simplified(value, traditional):
            raise ValueError(f"{phrase}: {value} is not all simplified")
    classes = scripts(standard, simple, regression)
    write("scripts.tsv", f"From the {UNICODE} (kTGH), and {OPENCC}.", sorted(classes.items()))
    source = f"{OPENCC}, merged with variants of the {UNICODE}, variants.tsv and phrases.tsv."
    write("simplify.txt", source, sorted(entries.items()))
    write("dual_phrases.tsv", f"{OPENCC}, merged with phrases.tsv.", sorted(of_duals.items()))


if __name__ == "__main__":
    main()
