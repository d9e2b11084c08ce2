"""Other detectors, asked in a virtual environment of their own: this file runs there as a script, too.

The other way round, `ask_peers` makes that environment, hands the cases over and judges what comes back.
"""

import json
import pickle
import subprocess
import sys
import tempfile
import venv
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from encoding_texts import Case
    from encoding_verdicts import Answer

CACHE = Path(__file__).parent.parent / ".bench"
PEERS = ("chardet", "charset-normalizer", "faust-cchardet")
PINNED = ("chardet==7.7.0", "charset-normalizer==3.5.2", "faust-cchardet==3.2.0")


def environment() -> Path:
    """The python of the peers' environment, which is made when it is not there."""
    python = CACHE / "peers/bin/python"
    stamp = CACHE / "peers/installed.txt"
    if not stamp.exists() or stamp.read_text() != "\n".join(PINNED):
        print(f"installing {', '.join(PINNED)} in {CACHE}")
        venv.create(CACHE / "peers", with_pip=True)
        pip = [str(python), "-m", "pip", "--disable-pip-version-check", "--quiet", "install", *PINNED]
        subprocess.run(pip, check=True)
        stamp.write_text("\n".join(PINNED))
    return python


def ask_peers(cases: "Sequence[Case]") -> "Iterator[list[Answer]]":
    """The answers of each peer to all cases, in the order of PEERS."""
    with tempfile.NamedTemporaryFile(suffix=".pickle") as stream:
        pickle.dump([case.data for case in cases], stream)
        stream.flush()
        command = [str(environment()), __file__, stream.name]
        lines = subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout.decode().split("\n")
    names = [json.loads(line) for line in lines if line]
    for column in range(len(PEERS)):
        yield [read_as(case, row[column]) for case, row in zip(cases, names, strict=True)]


def read_as(case: "Case", name: str | None) -> "Answer":
    """What a program gets that believes the name of an encoding.

    Nobody is blamed for a byte order mark or NUL padding that stays in the text, nor for a cut tail that becomes a
    replacement character. A foreign file is right unless the name is that of a Chinese encoding.
    """
    from encoding_verdicts import Answer

    if name is None or (case.group.startswith("foreign") and not is_chinese(name)):
        return Answer(None, name or "")
    plain = name.lower().replace("_", "-")
    if plain in ("euc-tw", "iso-2022-cn"):  # no codec in Python
        return Answer(case.text if case.codec == plain else "", name)
    try:
        text = case.data.decode(name)
    except LookupError:
        return Answer("", name)
    except UnicodeDecodeError:
        text = case.data.decode(name, "replace")
    if plain in ("gb2312", "euc-cn"):  # two signs that GB2312 and GBK write alike
        text = text.replace("\u30fb", "·").replace("\u2015", "—")
    if case.text is not None and text != case.text:
        text = text.removeprefix("\ufeff").strip("\0")
        if text.startswith(case.text) and case.group.startswith("cut"):
            text = text.rstrip("\ufffd")
    return Answer(text, name)


def is_chinese(name: str) -> bool:
    plain = name.lower().replace("_", "-")
    return plain.startswith(("gb", "big5", "hz", "cp936", "cp950", "euc-tw", "euc-cn", "iso-2022-cn"))


def detect_all(path: str) -> None:
    """In the peers' environment: print what each of them calls each file."""
    import cchardet
    import chardet
    import charset_normalizer

    for data in pickle.loads(Path(path).read_bytes()):
        best = charset_normalizer.from_bytes(data).best()
        names = [chardet.detect(data)["encoding"], best.encoding if best else None, cchardet.detect(data)["encoding"]]
        print(json.dumps(names))


if __name__ == "__main__":
    detect_all(sys.argv[1])
