"""The user's own checks: functions of a Python file that the settings name.

    # checks.py, named by `python = "checks.py"` in the section [check]
    def no_drafts(document):
        \"\"\"no text calls itself a draft\"\"\"
        if "征求意见稿" in document.text[:100]:
            return "calls itself a draft"

Every public function that the file itself defines is a check. It takes one document (`cleaner.document.Document`) and
returns what is wrong with it, in words, or None. The first line of its docstring is the sentence that must be true.
It is run only when the settings name the file: a file of the right name in the current folder is not enough.
"""

import contextlib
import functools
import inspect
import sys
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

from cleaner.check.asked import Asked
from cleaner.check.claim import Claim
from cleaner.errors import BadDataError, WrongUseError
from cleaner.files import read_settings
from cleaner.files.corpus import Life

MODULE = "cleaner_checks_of_the_user"


def python_claims(path: str) -> tuple[Claim, ...]:
    """The checks that a file defines, in its order. Raises WrongUseError for a file that defines none, or no checks."""
    if not path:
        return ()
    module = load(path)
    functions = [
        value
        for name, value in vars(module).items()
        if isinstance(value, FunctionType) and value.__module__ == MODULE and not name.startswith("_")
    ]
    if not functions:
        raise WrongUseError(f"{path} defines no check; a check is a function that takes a document (docs/checks.md)")
    return tuple(claim_of(function, path) for function in functions)


def load(path: str) -> ModuleType:
    """Run a file of checks, without leaving anything beside it."""
    if not Path(path).is_file():
        raise WrongUseError(f"there is no file {path}, which check.python names")
    source = read_settings(Path(path))
    module = ModuleType(MODULE)
    module.__file__ = path
    sys.modules[MODULE] = module  # a dataclass looks for its module there
    try:
        with contextlib.redirect_stdout(sys.stderr):  # standard output is for the findings
            exec(compile(source, path, "exec"), vars(module))
    except (Exception, SystemExit) as error:
        raise WrongUseError(f"{path} cannot be loaded: {told_error(error, path)}") from None
    return module


def claim_of(function: Callable[..., Any], path: str) -> Claim:
    """A function as a claim."""
    name = function.__name__
    parameters = inspect.signature(function).parameters
    if len(parameters) != 1:
        remedy = "a check takes one, the document; name other functions with a _ in front"
        raise WrongUseError(f"{path}: {name} takes {len(parameters)} parameters; {remedy}")
    sentence = (inspect.getdoc(function) or name.replace("_", " ")).partition("\n")[0].rstrip(".")
    of_document = functools.partial(ask_function, function, path)
    return Claim(name.replace("_", "-"), sentence, of_document=of_document, kind="own")


def ask_function(function: Callable[..., Any], path: str, life: Life, asked: Asked) -> Iterator[str]:
    """What the user's function says of a document. Raises BadDataError when it raises, or answers with no sentence."""
    try:
        with contextlib.redirect_stdout(sys.stderr):
            found = function(life.document)
    except Exception as error:
        raise BadDataError(told_error(error, path)) from None
    if isinstance(found, str) and found:
        yield found
    elif found is not None:
        raise BadDataError(f"it returned {found!r}; a check returns None, or in words what is wrong")


def told_error(error: BaseException, path: str) -> str:
    """An exception in a file of the user's in one line, with the place in that file."""
    if isinstance(error, SyntaxError):
        return f"{error.msg} (line {error.lineno})"
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == path]
    where = f" ({Path(path).name}, line {lines[-1]})" if lines else ""
    said = " ".join(str(error).split())
    return f"{type(error).__name__}: {said}{where}" if said else f"{type(error).__name__}{where}"
