"""Machine code made by numba, which nothing else in this backend does."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from functools import cache
from types import FunctionType
from typing import Any, Final

from numba import njit
from numba.core.ccallback import CFunc
from numba.core.sigutils import normalize_signature

from autograd_lite.basics.bytecode import names_around
from autograd_lite.compiler.native import elementary, machine, tiles
from autograd_lite.compiler.native.linking import ObjectCode

NOTICE: Final = "autograd_lite compiles machine code, which is kept on disk: the first time takes some seconds"


@cache
def tell() -> None:
    """Say once, if somebody sits at a terminal, what there is to wait for; what a progress bar has written there makes room."""
    if sys.stderr is not None and sys.stderr.isatty():
        print(f"\r\x1b[K{NOTICE}", file=sys.stderr, flush=True)


def build(function: Any, signature: str, options: Mapping[str, Any]) -> tuple[int, ObjectCode | None]:
    """The address of a function in machine code, and the code itself unless it holds addresses of this process."""
    tell()
    arguments, result = normalize_signature(signature)
    settings = {"error_model": "numpy", "forceinline": True, **options}
    compiled: Any = CFunc(function, (arguments, result), {}, settings)
    compiled.compile()
    _compiled.append(compiled)
    library = compiled._library
    if library.has_dynamic_globals:
        return int(compiled.address), None
    module = library._final_module
    declared = [thing.name for thing in (*module.functions, *module.global_variables) if thing.is_declaration]
    needs = tuple([name for name in declared if not name.startswith("llvm.")])
    return int(compiled.address), ObjectCode(compiled.native_name, needs, library._get_compiled_object())


_compiled: list[Any] = []  # kept, so that no program runs freed memory


def in_machine_code(function: Any, **options: Any) -> Any:
    """A function of numbers in memory as numba compiles it, with the plain functions that it calls.

    It finds what `machine`, `tiles` and `elementary` have, which its own module knows by name alone.
    """
    code = function.__code__
    around = {**vars(machine), **vars(tiles), **vars(elementary), **function.__globals__}
    scope = {name: around[name] for name in names_around(code) & around.keys()}
    inner = {name: in_machine_code(thing) for name, thing in scope.items() if type(thing) is FunctionType}
    copied = FunctionType(code, {**function.__globals__, **scope, **inner}, function.__name__, function.__defaults__)
    copied.__module__ = function.__module__
    settings: dict[str, Any] = {"error_model": "numpy", "forceinline": True, **machine.INSIDE, **options}
    return njit(**settings)(copied)
