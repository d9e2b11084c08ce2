"""Cases that are no Chinese text: other languages in their own encodings, binaries; and lines that are to be let be."""

import functools
import gzip
import io
import re
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator

from encoding_texts import Case, Material, real_files

# Folder in the archive of real files -> codec. Files in Unicode of other languages are text like any other.
FOREIGN = {
    "CP932": "cp932",
    "SHIFT_JIS": "cp932",
    "EUC-JP": "euc_jp",
    "iso-2022-jp": "iso2022_jp",
    "CP949": "cp949",
    "EUC-KR": "cp949",
    "iso-2022-kr": "iso2022_kr",
    "KOI8-R": "koi8_r",
    "windows-1251-russian": "cp1251",
    "windows-1252": "cp1252",
}
OTHERS = re.compile(
    r"(cpython-cjk/(cp949|euc_|iso2022_|johab|shift_jis).*(?<!utf8)\.txt|uchardet/test/(fr|ja|ko|ru)/.*)"
)
UNICODE = re.compile(r".*utf-?(8|16|32).*", re.IGNORECASE)


def real_foreign(material: Material) -> Iterator[Case]:
    """Files of other projects in Japanese, Korean, Russian, French and so on."""
    for name, data in sorted(real_files().items()):
        parts = name.split("/")
        codec = FOREIGN.get(parts[2], "") if parts[0] == "chardet" else ""
        is_other = bool(OTHERS.match(name)) and not UNICODE.match(name)
        is_hidden = codec.startswith("iso2022") or b"\x1b" in data
        if (codec or is_other) and (is_hidden or not data.isascii()):
            yield Case("foreign, real files", name, data, None, codec or "other")


def unicode_foreign(material: Material) -> Iterator[Case]:
    """Such files in Unicode may be read as what they are, and in no other way."""
    for name, data in sorted(real_files().items()):
        found = re.search(r"utf-?(8|16|32)[.-]?(le|be)?", name.removeprefix("chardet/tests/"), re.IGNORECASE)
        if found and not re.match(r"uchardet/test/zh/|cpython-cjk/(big5|gb|hz)", name):
            is_marked = data.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"\0\0\xfe\xff"))
            order = "" if is_marked or not found[2] else f"-{found[2].lower()}"
            codec = "utf-8-sig" if found[1] == "8" else f"utf-{found[1]}{order}"
            yield Case("foreign, in Unicode", name, data, None, codec)


def foreign_pieces(material: Material) -> Iterator[Case]:
    """Stretches of Japanese documents."""
    for codec in ("cp932", "euc_jp", "iso2022_jp"):
        for size in (20, 50, 200, 1000):
            for number in material.times(20):
                text = material.rng.choice(material.texts.japanese)
                start = material.rng.randrange(max(1, len(text) - size))
                data = text[start : start + size].encode(codec, "ignore")
                if len(re.findall("[ぁ-ヶ]", text[start : start + size])) >= max(5, size // 10):
                    yield Case("foreign, Japanese pieces", f"{codec} {size} {number}", data, None, codec)


SENTENCES = {
    "Korean": (
        "다리는 넉 달 동안 닫혀 있다가 어제 아침에 다시 열렸습니다. 마을 사람들이 모두 나와서 구경했습니다.",
        "할아버지는 어릴 때 들은 이야기를 기억하고 계셨습니다. 다리 한가운데에 글자를 새긴 돌이 있다는 것입니다.",
        "내일은 비가 올 것 같으니 우산을 꼭 챙기세요. 시장은 오후 여섯 시에 문을 닫습니다.",
    ),
    "Russian": (
        "Старый мост был закрыт четыре месяца и вчера снова открылся. Посмотреть на него пришли все жители.",
        "Дедушка помнил, что в детстве ему рассказывали о камне с надписью, который лежит в середине моста.",
        "Завтра обещают дождь, поэтому возьмите с собой зонтик. Рынок закрывается в шесть часов вечера.",
    ),
    "French": (
        "Le vieux pont, fermé pendant quatre mois, a rouvert hier matin. Tout le village était venu le voir.",
        "Le grand-père se rappelait qu'on lui avait parlé, dans son enfance, d'une pierre gravée cachée à l'intérieur.",
        "Où êtes-vous né ? À Besançon, près de la forêt ; ma sœur y a vécu jusqu'à l'été dernier, ça va de soi.",
    ),
    "German": (
        "Die alte Brücke war vier Monate gesperrt und wurde gestern früh wieder geöffnet. Das ganze Dorf kam.",
        "Großvater erzählte, man habe ihm früher von einem Stein mit Inschrift in der Mitte der Brücke berichtet.",
        "Morgen soll es regnen, also nehmen Sie Schirme mit. Der Markt schließt für gewöhnlich um sechs; schöne Grüße!",
    ),
    "Greek": (
        "Η παλιά γέφυρα έμεινε κλειστή τέσσερις μήνες και χθες το πρωί άνοιξε πάλι. Ήρθε όλο το χωριό.",
        "Ο παππούς θυμόταν ότι μικρός είχε ακούσει για μια πέτρα με γράμματα στη μέση της γέφυρας.",
        "Αύριο θα βρέξει, γι' αυτό πάρτε μαζί σας ομπρέλα. Η αγορά κλείνει στις έξι το απόγευμα.",
    ),
    "Thai": (
        "สะพานเก่าปิดไปสี่เดือนและเปิดอีกครั้งเมื่อเช้าวานนี้ ชาวบ้านทุกคนออกมาดู",
        "คุณปู่จำได้ว่าตอนเด็กเคยได้ยินเรื่องหินสลักที่ซ่อนอยู่กลางสะพาน",
        "พรุ่งนี้ฝนจะตก อย่าลืมเอาร่มไปด้วย ตลาดปิดหกโมงเย็น",
    ),
    "Hebrew": (
        "הגשר הישן היה סגור ארבעה חודשים ונפתח שוב אתמול בבוקר. כל אנשי הכפר באו לראות.",
        "סבא זכר שסיפרו לו בילדותו על אבן חקוקה באמצע הגשר.",
        "מחר ירד גשם ולכן קחו אתכם מטריה. השוק נסגר בשש בערב.",
    ),
    "Arabic": (
        "كان الجسر القديم مغلقا أربعة أشهر وفتح من جديد صباح أمس. جاء كل أهل القرية لرؤيته.",
        "تذكر الجد أنه سمع في طفولته عن حجر منقوش في وسط الجسر.",
        "غدا سينزل المطر فخذوا معكم مظلة. يغلق السوق في الساعة السادسة مساء.",
    ),
    "Vietnamese": (
        "Cây cầu cũ đóng cửa bốn tháng và mở lại sáng hôm qua. Cả làng đều đến xem, ai cũng vui.",
        "Ông nội nhớ rằng hồi nhỏ đã nghe kể về một hòn đá khắc chữ ở giữa cầu.",
        "Ngày mai trời mưa, nhớ mang theo ô. Chợ đóng cửa lúc sáu giờ chiều, đừng đến muộn.",
    ),
    "Polish": (
        "Stary most był zamknięty przez cztery miesiące i wczoraj rano znów go otwarto. Przyszła cała wieś.",
        "Dziadek pamiętał, że w dzieciństwie mówiono mu o kamieniu z napisem, ukrytym w środku mostu.",
        "Jutro będzie padać, więc weźcie parasole. Targ zamykają o szóstej; życzę miłego dnia, źle nie będzie.",
    ),
    "Turkish": (
        "Eski köprü dört ay kapalıydı ve dün sabah yeniden açıldı. Bütün köy görmeye geldi.",
        "Dedem, çocukluğunda köprünün ortasında yazılı bir taş olduğunu duyduğunu hatırlıyordu.",
        "Yarın yağmur yağacak, şemsiyenizi alın. Çarşı akşam saat altıda kapanıyor, geç kalmayın.",
    ),
}
EIGHT_BIT = {
    "Korean": ("cp949", "johab", "iso2022_kr"),
    "Russian": ("koi8_r", "cp1251", "iso8859_5", "cp866", "mac_cyrillic", "cp855"),
    "French": ("cp1252", "cp850", "mac_roman", "iso8859_15"),
    "German": ("cp1252", "cp850", "mac_roman"),
    "Greek": ("iso8859_7", "cp1253", "cp737"),
    "Thai": ("tis_620", "cp874"),
    "Hebrew": ("cp1255", "iso8859_8", "cp862"),
    "Arabic": ("cp1256", "iso8859_6"),
    "Vietnamese": ("cp1258",),
    "Polish": ("cp1250", "iso8859_2", "cp852"),
    "Turkish": ("cp1254", "iso8859_9", "cp857"),
}


def foreign_sentences(material: Material) -> Iterator[Case]:
    """A few sentences of eleven languages in the encodings they had before Unicode: each alone, and all together."""
    for language, sentences in SENTENCES.items():
        for codec in EIGHT_BIT[language]:
            for number, text in enumerate((*sentences, "\n".join(sentences), "\n".join(sentences * 8))):
                data = "".join(spell(character, codec) for character in text).encode(codec)
                yield Case("foreign, sentences", f"{language} {codec} {number}", data, None, codec)


def spell(character: str, codec: str) -> str:
    """A character as an encoding has it: in one, as a letter with a mark behind it, or not at all."""
    parts = unicodedata.decomposition(character).split()
    for spelling in (character, "".join(chr(int(part, 16)) for part in parts if not part.startswith("<"))):
        try:
            spelling.encode(codec)
        except UnicodeEncodeError:
            continue
        return spelling
    return ""


# Binaries


def binaries(material: Material) -> Iterator[Case]:
    """Files of other kinds, made here."""
    rng = material.rng
    for number in material.times(12):
        text = material.piece("utf-8", 3000)
        packed = zlib.compress(text.encode())
        pixels = zlib.compress(rng.randbytes(2000))
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as stream:
            stream.writestr(zipfile.ZipInfo("document.xml"), text)
        kinds = {
            "PNG": b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 64, 64, 8, 2, 0, 0, 0))
            + chunk(b"IDAT", pixels) + chunk(b"IEND", b""),
            "JPEG": b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0" + rng.randbytes(2000),
            "gzip": gzip.compress(text.encode(), mtime=0),
            "zip": archive.getvalue(),
            "deflate": packed,
            "ELF": b"\x7fELF\x02\x01\x01" + bytes(9) + struct.pack("<HHI", 2, 62, 1) + rng.randbytes(400) + bytes(200),
            "integers": struct.pack("<500i", *(rng.randrange(100_000) for _ in range(500))),
            "floats": struct.pack("<300d", *(rng.gauss(0, 1) for _ in range(300))),
            "random": rng.randbytes(rng.choice([100, 1000, 20_000])),
            "mo": catalogue(text),
            "OLE": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + b"\x3e\0\x03\0\xfe\xff" + text.encode("utf-16-le"),
            "BMP": b"BM" + struct.pack("<IHHI", 6000, 0, 0, 54) + bytes(40) + rng.randbytes(600),
        }  # fmt: skip
        for kind, data in kinds.items():
            yield Case("binary", f"{kind} {number}", data, None, "")


def chunk(name: bytes, data: bytes) -> bytes:
    """One chunk of a PNG."""
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def catalogue(text: str) -> bytes:
    """A catalogue of translations as gettext compiles it."""
    lines = [line.encode() for line in text.split("\n")]
    keys = [f"message {number}".encode() for number in range(len(lines))]
    start = 28 + 16 * len(lines)
    tables, strings = b"", b""
    for entries in (keys, lines):
        for entry in entries:
            tables += struct.pack("<II", len(entry), start + len(strings))
            strings += entry + b"\0"
    head = struct.pack("<7I", 0x950412DE, 0, len(lines), 28, 28 + 8 * len(lines), 0, start)
    return head + tables + strings


# Lines that nothing is wrong with


@functools.cache
def foreign_lines() -> tuple[str, ...]:
    """Lines of UTF-8 in other languages."""
    lines = [sentence for sentences in SENTENCES.values() for sentence in sentences]
    for name, data in sorted(real_files().items()):
        if re.match(r"chardet/tests/utf-8/|uchardet/test/\w+/utf-8|cpython-cjk/.*-utf8", name):
            lines += data.decode("utf-8", "ignore").split("\n")
    return tuple(sorted({line.strip() for line in lines if not line.isascii() and "\ufeff" not in line}))


def clean_lines(material: Material) -> Iterator[Case]:
    """Lines of UTF-8 in which nothing may change: Chinese in both scripts, Japanese, and other languages."""
    texts = material.texts
    for name, documents in (("simplified", texts.simplified), ("traditional", texts.traditional)):
        for number in material.times(1200):
            line = material.rng.choice(material.rng.choice(documents).split("\n")).strip("\ufeff\r")
            if line.strip():
                yield untouched(f"{name} {number}", line)
    japanese = sorted({line for text in texts.japanese for line in text.split("\n") if not line.isascii()})
    for name, lines in (("Japanese", japanese), ("foreign", list(foreign_lines()))):
        for number in material.times(700):
            yield untouched(f"{name} {number}", material.rng.choice(lines))


def untouched(name: str, line: str) -> Case:
    return Case("clean lines", name, line.encode(), line, "utf-8", untouched=True)
