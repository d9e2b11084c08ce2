"""What is loaded, and when: `--help` and a run over ten files do not wait for what they do not need."""

import ast
import importlib
import os
import platform
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, cast

import numpy as np
import pyarrow as pa
import pytest

from cleaner import kernels
from cleaner.errors import Stopped
from cleaner.files.arrow import POOL, NoPandas, load_arrow
from cleaner.kernels import minhash, stars
from tests.conftest import ROOT, Run, kernels_are_interpreted


def printed_by(program: str, environ: Mapping[str, str] = os.environ) -> str:
    """What a program prints that is run by a new interpreter, which must end well."""
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT, env=environ)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def loaded_by(arguments: list[str], asked: set[str]) -> set[str]:
    """Which of some modules are loaded when a command is done."""
    program = (
        f"import sys; from cleaner import cli; assert cli.guarded(lambda: cli.app({arguments!r})) == 0;"
        f"print('\\nloaded', *{asked!r} & set(sys.modules))"
    )
    return set(printed_by(program).split("\nloaded")[1].split())


def test_a_small_corpus_does_not_pay_for_what_it_does_not_need(demo: Run, tmp_path: Path) -> None:
    arguments = ["run", str(demo.raw), str(tmp_path / "clean"), "--workers", "1"]
    unneeded = {"numba", "scipy", "pandas", "duckdb", "datasketch"}
    assert loaded_by(arguments, unneeded | {"pyarrow"}) == {"pyarrow"}


def test_help_does_not_wait_for_what_runs() -> None:
    assert loaded_by(["--help"], {"numpy", "pyarrow", "pydantic", "tqdm", "typer"}) == {"typer"}


def test_numba_is_asked_in_one_place() -> None:
    modules = (ROOT / "cleaner" / "kernels").glob("*.py")
    asking = [path.name for path in modules if "from numba" in path.read_text(encoding="utf-8")]
    assert asking == [], "take njit from cleaner.kernels: a kernel of numba's own cannot call those from there"


def kernels_asked_for() -> set[kernels.Kernel]:
    """All kernels that modules other than those of the kernels name."""
    known = {(kernel.function.__module__, kernel.function.__name__): kernel for kernel in kernels.Kernel.known}
    found = set[kernels.Kernel]()
    for path in (ROOT / "cleaner").rglob("*.py"):
        if path.parent.name == "kernels":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and str(node.module).startswith("cleaner.kernels."):
                found |= {known[name] for alias in node.names if (name := (str(node.module), alias.name)) in known}
    return found


def test_what_is_compiled_is_kept_once() -> None:
    for path in (ROOT / "cleaner" / "kernels").glob("*.py"):
        importlib.import_module(f"cleaner.kernels.{path.stem}" if path.stem != "__init__" else "cleaner.kernels")
    asked = kernels_asked_for()
    assert len(asked) > 10
    assert [kernel.function.__name__ for kernel in asked if not kernel.options.get("cache")] == []


def test_a_kernel_is_compiled_once_for_all_numbers_in_calls(tmp_path: Path) -> None:
    program = (
        "import numpy as np; from cleaner import kernels; from cleaner.kernels import alignment; kernels.compile_all();"
        "points = np.arange(40, dtype=np.uint32); alignment.align(points, points, np.array([[20, 20]]));"
        "print(len(alignment.follow.overloads), len(alignment.equal_at.overloads))"  # both go 1 and -1 step further
    )
    environment = os.environ | {"NUMBA_CACHE_DIR": str(tmp_path)}  # what is kept does not tell what it was made of
    assert printed_by(program, environment).split() == ["1", "1"]


def test_kernels_are_compiled_when_it_pays(monkeypatch: pytest.MonkeyPatch) -> None:
    kernels_are_interpreted()
    monkeypatch.setattr(kernels, "ENOUGH", 10)
    points = np.arange(8, dtype=np.uint32)
    first = minhash.words_of(minhash.shingles(points, 3))
    assert isinstance(minhash.words_of, kernels.Kernel)
    assert minhash.words_of.compiled is None
    second = minhash.words_of(minhash.shingles(points, 3))
    assert not isinstance(minhash.words_of, kernels.Kernel)
    assert first.tolist() == second.tolist()
    kernels_are_interpreted()


def test_a_kernel_that_is_interpreted_is_so_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    kernels_are_interpreted()
    monkeypatch.setattr(kernels, "ENOUGH", 10)

    def outer(points: Any) -> Any:
        return minhash.shingles(points, 3)

    called = kernels.Kernel(outer, outer, lambda _: 0, {})
    kernels.Kernel.known.remove(called)
    called(np.arange(800, dtype=np.uint32))  # what it calls takes enough
    assert kernels.Kernel.taken > kernels.ENOUGH
    assert isinstance(minhash.words_of, kernels.Kernel), "its parts would be compiled and not kept, in each run anew"
    kernels_are_interpreted()


def test_copies_of_long_texts_are_compared_by_a_compiled_kernel() -> None:
    ends = np.arange(1, 41) * 2000
    texts = stars.Texts(np.zeros(80_000, dtype=np.uint32), ends - 2000, ends)
    signatures = np.zeros((40, 4), dtype=np.uint32)

    def steps(groups: list[int]) -> int:
        known = stars.Sketched(signatures, np.array([groups] * 3, dtype=np.int32).T, texts)
        return stars.steps_of_stars(np.arange(40), 0, known)

    assert steps([-1] * 40) < 1000
    assert steps([0, 0] + [-1] * 38) < kernels.ENOUGH
    assert steps([number // 2 for number in range(40)]) > kernels.ENOUGH


def test_who_asks_for_pandas_later_has_it() -> None:
    pytest.importorskip("pandas")
    program = (
        "import sys; from cleaner.files.arrow import load_arrow; load_arrow();"
        "import pyarrow as pa; table = pa.table({'text': ['水渠', None]}); assert 'pandas' not in sys.modules;"
        "assert pa.Table.from_pandas(table.to_pandas())['text'].to_pylist() == ['水渠', None]"
    )
    printed_by(program)


@pytest.mark.parametrize("named", ["", *pa.supported_memory_backends()])
def test_arrow_uses_the_memory_of_the_c_library_unless_another_is_named(named: str) -> None:
    program = (
        "from cleaner.files.arrow import load_arrow; load_arrow();"
        "import pyarrow as pa; print(pa.default_memory_pool().backend_name)"
    )
    environ = {name: value for name, value in os.environ.items() if name != POOL} | ({POOL: named} if named else {})
    assert printed_by(program, environ).strip() == (named or "system")


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="no other C library is asked to give memory back")
def test_memory_between_passes_is_given_back() -> None:
    program = (
        "from pathlib import Path; from cleaner.memory import give_back; give_back();"
        "held = lambda: int(Path('/proc/self/statm').read_text().split()[1]) * 4096;"
        "blocks = [bytearray(b'x' * 100_000) for _ in range(1000)]; last = blocks.pop(); del blocks; kept = held();"
        "give_back(); print(kept - held())"
    )
    assert int(printed_by(program)) > 50_000_000


def test_nothing_else_is_refused() -> None:
    load_arrow()
    assert NoPandas not in sys.meta_path
    NoPandas.find_spec("numpy")
    with pytest.raises(ModuleNotFoundError):
        NoPandas.find_spec("pandas")


def test_kernels_are_compiled_where_nothing_can_be_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    numba = kernels.load_lightly()
    true_njit = numba.njit

    def njit(*function: Any, **options: bool) -> Callable[..., Any]:
        if options.get("cache"):
            raise RuntimeError("cannot cache function: no locator available")
        made = true_njit(*function, **options)  # as numba itself calls it, which loads more now
        return cast(Callable[..., Any], made)

    monkeypatch.setattr(numba, "njit", njit)
    doubled = kernels.Kernel(double, double, None, {"cache": True})
    kernels.Kernel.known.remove(doubled)
    assert kernels.compiled(doubled)(np.arange(3)).tolist() == [0, 2, 4]


def double(points: Any) -> Any:
    return points * 2


def test_compiled_kernels_do_not_wait_for_scipy_and_who_multiplies_matrices_has_it() -> None:
    program = (
        "import sys; import numpy as np; from cleaner import kernels; from cleaner.kernels import lattice;"
        "kernels.compile_all(); lattice.slot_of(5, 8); assert not {'scipy', 'yaml'} & sys.modules.keys();"
        "assert not kernels.Unneeded.loading.locked(); import numba;"
        "print(numba.njit(lambda matrix: np.dot(matrix, matrix))(2 * np.eye(2))[0, 0], 'scipy' in sys.modules)"
    )
    assert printed_by(program).split() == ["4.0", "True"]


def test_a_signal_waits_until_a_kernel_is_compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    from numba.core.dispatcher import Dispatcher

    def stop(number: int, _: object) -> None:
        raise Stopped(number)

    compile_it = Dispatcher.compile

    def disturbed(dispatcher: Any, signature: Any) -> Any:
        signal.raise_signal(signal.SIGTERM)
        return compile_it(dispatcher, signature)

    monkeypatch.setattr(Dispatcher, "compile", disturbed)
    monkeypatch.setattr(kernels.Kernel, "known", [])
    found: Any = kernels.compiled(kernels.Kernel(lambda array: len(array), len, None, {}))
    before = signal.signal(signal.SIGTERM, stop)
    try:
        with pytest.raises(Stopped):
            found(np.arange(3))
    finally:
        signal.signal(signal.SIGTERM, before)
    monkeypatch.undo()
    assert len(found.signatures) == 1
    assert found(np.arange(3)) == 3
