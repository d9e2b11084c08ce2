"""Arrays in, arrays out: no documents, no settings, no files. Each kernel has a plain twin in tests/reference/.

A kernel is written in the part of Python that numba compiles. To load numba, and what it keeps of a kernel, takes most
of a second, which is more than ten files take. So a process leaves its kernels to the interpreter until they have taken
ENOUGH steps together; then all of them are compiled. Both give the same arrays (tests/test_kernels.py), so nobody can
tell. A kernel that the interpreter is slow at has a plain form in numpy, which stands beside it.

What is called from outside is kept by numba (`cache=True`). What only other kernels call is kept as a part of those.
"""

import functools
import importlib
import sys
import threading
from collections.abc import Callable
from types import ModuleType
from typing import Any, ClassVar, TypeVar, cast

import numpy as np

from cleaner.signals import undisturbed

Function = TypeVar("Function", bound=Callable[..., Any])

ENOUGH = 250_000  # steps, of about a microsecond each


def njit(
    plain: Callable[..., Any] | None = None, steps: Callable[..., int] | None = None, **options: bool
) -> Callable[[Function], Function]:
    """Make a kernel of a function, as numba's decorator of this name does with the same `options`.

    `plain` does the same in numpy. `steps` says from the arguments about how many steps the interpreter would take,
    those of the kernels that are called included: once a kernel is being interpreted, it is so to its end. Without it
    they are as many as the first argument has elements, and nothing if another kernel has called.
    """

    def kernel_of(function: Function) -> Function:
        return cast(Function, Kernel(function, plain or function, steps, options))

    return kernel_of


class Kernel:
    """A function over arrays, interpreted at first, compiled when it pays."""

    known: ClassVar[list["Kernel"]] = []  # all that were imported, those that are called before those that call them
    taken: ClassVar[int] = 0  # steps of this process
    is_busy: ClassVar[bool] = False  # a kernel is being interpreted

    def __init__(
        self, function: Callable[..., Any], plain: Callable[..., Any], steps: Callable[..., int] | None, options: Any
    ) -> None:
        functools.update_wrapper(self, function)
        self.function, self.plain, self.steps, self.options = function, plain, steps, options
        self.compiled: Callable[..., Any] | None = None
        Kernel.known.append(self)

    def __call__(self, *arrays: Any) -> Any:
        if self.compiled is not None:
            return self.compiled(*arrays)
        if Kernel.is_busy and self.steps is None:
            return self.plain(*arrays)
        Kernel.taken += self.steps(*arrays) if self.steps else size_of(arrays[0])
        if Kernel.taken > ENOUGH and not Kernel.is_busy:  # one that is being interpreted would not be kept in its parts
            compile_all()
            return self(*arrays)
        was_busy, Kernel.is_busy = Kernel.is_busy, True
        try:
            with np.errstate(over="ignore"):  # hashes are computed modulo 2**64
                return self.plain(*arrays)
        finally:
            Kernel.is_busy = was_busy


def compile_all() -> None:
    """Compile all kernels that are imported, and put what was compiled in their place in the modules of the kernels.

    Kernels that call each other find each other there, which is also where numba looks.
    """
    for kernel in Kernel.known:
        if kernel.compiled is None:
            kernel.compiled = compiled(kernel)
    for module in [module for name, module in sys.modules.items() if name.startswith(f"{__name__}.")]:
        for name, value in list(vars(module).items()):
            if isinstance(value, Kernel):
                setattr(module, name, value.compiled)


def compiled(kernel: Kernel) -> Callable[..., Any]:
    """A kernel for the compiler; where there is no place to keep what it makes, it is compiled by each process."""
    numba = load_lightly()  # not before it pays: see above
    options = kernel.options | {"no_cfunc_wrapper": True}  # for those who call it from C: nobody
    try:
        found = numba.njit(**options)(kernel.function)
    except RuntimeError:  # numba cannot write beside the module, nor in the folder for caches
        found = numba.njit(**options | {"cache": False})(kernel.function)
    found.compile = undisturbed()(found.compile)  # or fetch what is kept of it; LLVM does not bear to be left midway
    found.get_call_template = once_for_all_numbers(found.get_call_template, numba.types.unliteral)
    return cast(Callable[..., Any], found)


def once_for_all_numbers(known: Callable[..., Any], plain_type: Callable[[Any], Any]) -> Callable[..., Any]:
    """How a kernel is found for the types of a call in another kernel.

    numba takes each number that is written in a call for a type of its own, and compiles what is called once for each.
    """

    def found(types: tuple[Any, ...], named: dict[str, Any]) -> Any:
        return known(tuple(map(plain_type, types)), {name: plain_type(value) for name, value in named.items()})

    return found


class Unneeded:
    """A finder of modules that knows none, and refuses those that numba looks for in vain here while it loads.

    It stays where modules are looked for: to take it away could confuse another thread that is looking.
    """

    loading = threading.Lock()

    @classmethod
    def find_spec(cls, name: str, *_: object) -> None:
        if cls.loading.locked() and name.partition(".")[0] in ("scipy", "yaml"):
            raise ModuleNotFoundError(f"{name} is not needed here")


@undisturbed()
def load_lightly() -> ModuleType:
    """Load numba so that it does not load scipy's linear algebra, which takes longer than all kernels do, nor YAML.

    numba looks for scipy when it loads what it knows of numpy's sums. Here it looks in vain. A kernel of somebody else
    that multiplies matrices has it, since numba then looks again. YAML would be for a file of settings in the folder
    where a user happens to be, which must not change what is done.
    """
    with Unneeded.loading:
        if Unneeded not in sys.meta_path:
            sys.meta_path.insert(0, Unneeded)
        import numba

        importlib.import_module("numba.np.arraymath")
    return cast(ModuleType, numba)


def load_beside() -> None:
    """Begin to load the compiler in a thread: for a process that waits for others now, and will need it then."""
    if "numba" not in sys.modules:
        threading.Thread(target=load_lightly).start()  # the process does not end in the midst of it


def size_of(argument: Any) -> int:
    """How many elements an array has, or a tuple of arrays."""
    return sum(map(size_of, argument)) if isinstance(argument, tuple) else int(np.size(argument))
