"""Other converters, asked in a virtual environment of their own: this file runs there as a script, too.

The other way round, `start_peers` makes that environment and starts one process in it, which converts lists of texts
for as long as its pipe is open. Each package is installed by itself: one that cannot be had is left out, on a line.
"""

import atexit
import functools
import pickle
import subprocess
import sys
import venv
from collections.abc import Callable, Sequence
from pathlib import Path

CACHE = Path(__file__).parent.parent / ".bench"
PINNED = ("opencc-pyo3==0.12.0", "zhconv-rs==0.4.2", "hanziconv==0.3.2")
PEERS = {  # name of a column: the package it needs
    "pyo3 t2s": "opencc-pyo3",
    "pyo3 tw2s": "opencc-pyo3",
    "zhconv hans": "zhconv-rs",
    "zhconv cn": "zhconv-rs",
    "hanziconv": "hanziconv",
}
TO_TRADITIONAL = "to traditional"  # the same package the other way round
Tool = Callable[[Sequence[str]], list[str]]


def environment() -> tuple[Path, list[str]]:
    """The python of the peers' environment, which is made when it is not there, and the packages that it has."""
    folder = CACHE / "converters"
    python, stamp = folder / "bin/python", folder / "installed.txt"
    wanted = "\n".join(PINNED)
    if not stamp.exists() or stamp.read_text().split("\n\n")[0] != wanted:
        print(f"installing {', '.join(PINNED)} in {folder}", file=sys.stderr)
        venv.create(folder, with_pip=True)
        pip = [str(python), "-m", "pip", "--disable-pip-version-check", "--quiet", "install"]
        had = [package for package in PINNED if not subprocess.run([*pip, package], check=False).returncode]
        stamp.write_text(wanted + "\n\n" + "\n".join(had))
    packages = stamp.read_text().partition("\n\n")[2].split("\n")
    return python, [package.partition("==")[0] for package in packages]


@functools.cache
def start_peers() -> dict[str, Tool]:
    """The converters that could be installed, by name, and TO_TRADITIONAL if hanziconv is among them."""
    python, packages = environment()
    for package in (package.partition("==")[0] for package in PINNED):
        if package not in packages:
            print(f"{package} could not be installed and is left out")
    process = subprocess.Popen([str(python), __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    atexit.register(process.communicate)  # closes the pipe, at which it ends

    def ask(name: str, texts: Sequence[str]) -> list[str]:
        assert process.stdin and process.stdout
        pickle.dump((name, list(texts)), process.stdin)
        process.stdin.flush()
        answer: list[str] = pickle.load(process.stdout)
        return answer

    names = [name for name, package in PEERS.items() if package in packages]
    names += [TO_TRADITIONAL] if "hanziconv" in packages else []
    return {name: functools.partial(ask, name) for name in names}


def converter(name: str) -> Callable[[str], str]:
    """In the peers' environment: the function that converts one text."""
    if name.startswith("pyo3"):
        import opencc_pyo3

        return opencc_pyo3.OpenCC(name.split(" ")[1]).convert  # type: ignore[no-any-return] # it has no types
    if name.startswith("zhconv"):
        import zhconv_rs

        target = f"zh-{name.split(' ')[1]}"
        return lambda text: zhconv_rs.zhconv(text, target, False)  # without the conversion marks of wikis
    import hanziconv

    kind = hanziconv.HanziConv
    return kind.toTraditional if name == TO_TRADITIONAL else kind.toSimplified  # type: ignore[no-any-return] # as above


def serve() -> None:
    """In the peers' environment: convert what comes in by the pipe until it is closed."""
    converters = functools.cache(converter)
    while True:
        try:
            name, texts = pickle.load(sys.stdin.buffer)
        except EOFError:
            return
        convert = converters(name)
        pickle.dump([convert(text) for text in texts], sys.stdout.buffer)
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    serve()
