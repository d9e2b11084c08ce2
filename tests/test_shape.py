"""The sizes to keep, and the habits: what separates code that stays readable from code that does not."""

import ast
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT

MODULES = sorted((ROOT / "cleaner").rglob("*.py"))
MAX_MODULE, MAX_FUNCTION, MAX_PARAMETERS = 400, 50, 6
DRAWERS = ("utils", "util", "helpers", "common", "core", "base", "misc")
OPENERS = {"open", "read_text", "read_bytes", "write_text", "write_bytes"}
each_module = pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(ROOT).as_posix())


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def module_name(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


@each_module
def test_sizes(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    assert source.count("\n") <= MAX_MODULE
    for function in functions(ast.parse(source)):
        assert (function.end_lineno or 0) - function.lineno < MAX_FUNCTION, function.name
        arguments = function.args
        count = len(arguments.posonlyargs + arguments.args + arguments.kwonlyargs)
        assert count <= MAX_PARAMETERS, function.name


@each_module
def test_habits(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert path.stem not in DRAWERS
    assert ast.get_docstring(tree), "a module says what it is about"
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.Global)]
    names = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    assert "splitlines" not in names, "it also splits on form feeds, U+0085 and U+2028"
    in_files = path.parent.name == "files"
    is_build_script = path.parent.name == "tables"
    assert in_files or is_build_script or not names & OPENERS - {"open"}, "only cleaner.files opens files"


def test_classes_have_no_parents_of_ours() -> None:
    own: set[str] = set()
    parents: set[str] = set()
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef):
                own.add(node.name)
                parents |= {base.id for base in node.bases if isinstance(base, ast.Name)}
    assert own & parents == set()


def test_modules_do_not_import_in_circles() -> None:
    names = {module_name(path) for path in MODULES}
    imports: dict[str, set[str]] = {}
    for path in MODULES:
        found = imports.setdefault(module_name(path), set())
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ImportFrom) and node.module in names:
                submodules = {f"{node.module}.{alias.name}" for alias in node.names} & names
                found |= submodules or {node.module}
            elif isinstance(node, ast.Import):
                found |= {alias.name for alias in node.names} & names
    done: set[str] = set()

    def visit(module: str, path: tuple[str, ...]) -> None:
        assert module not in path, " → ".join((*path, module))
        if module not in done:
            for imported in imports[module]:
                visit(imported, (*path, module))
            done.add(module)

    for module in imports:
        visit(module, ())


@each_module
def test_every_ignored_rule_has_its_reason(path: Path) -> None:
    with tokenize.open(path) as stream:
        for token in tokenize.generate_tokens(stream.readline):
            if token.type == tokenize.COMMENT and ("noqa" in token.string or "type: ignore" in token.string):
                assert "--" in token.string or token.string.count("#") > 1, f"line {token.start[0]}: say why"
