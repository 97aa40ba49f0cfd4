"""From Python functions of numbers to what numba compiles: with `math` for machine code, and with what they call translated."""

from __future__ import annotations

import builtins
import dis
import math
import types as python_types
from collections.abc import Iterator
from functools import cache
from typing import Any

from numba import njit

from autograd_lite.compiler.native.mathlib import lanes_math, strict_math
from autograd_lite.ops import TABLE
from autograd_lite.rules import rule_of
from autograd_lite.special import log_gamma, psi


def _power_limit(x: Any, y: Any) -> Any:
    return math.inf if x == 0 and y < 0 else x**y  # machine code has infinity where Python raises an OverflowError


# Functions that numba cannot take as they are: it knows no `except` of one kind of error, and a kernel must raise none
ADAPTED: dict[Any, Any] = {
    TABLE["power_limit"].primitive.compute: _power_limit,
    TABLE["lgamma"].primitive.compute: log_gamma,
    TABLE["digamma"].primitive.compute: psi,
}
_translated: dict[Any, Any] = {}


def translated(function: Any, strict: bool = False) -> Any:
    """A function of numbers as numba compiles it, with the functions of numbers of the operations that it calls.

    A `strict` one raises an error where Python raises one on the way (but for a power that has no value or overflows).
    """
    function = ADAPTED.get(function, function)
    if (function, strict) in _translated:
        return _translated[function, strict]
    python = function if isinstance(function, python_types.FunctionType) else lambda *operands: function(*operands)
    code, cells = python.__code__, python.__closure__ or ()
    around = {**python.__globals__, **dict(zip(code.co_freevars, [c.cell_contents for c in cells], strict=True))}
    scope: dict[str, Any] = {"__name__": __name__, "__builtins__": builtins}
    for name in sorted(global_names(code) & around.keys()):
        value = around[name]
        if value is math:
            value = strict_math() if strict else lanes_math
        elif (rule := rule_of(value)) is not None:
            value = translated(rule.compute, strict)
        elif isinstance(value, python_types.FunctionType):
            value = translated(value, strict)
        scope[name] = value
    closure = tuple([python_types.CellType(scope[name]) for name in code.co_freevars])
    copied = python_types.FunctionType(code, scope, python.__name__, python.__defaults__, closure)
    _translated[function, strict] = njit(error_model="python" if strict else "numpy")(copied)
    return _translated[function, strict]


@cache
def global_names(code: python_types.CodeType) -> frozenset[str]:
    """The names that a piece of code takes from around it."""
    taking = ("LOAD_GLOBAL", "LOAD_NAME", "LOAD_DEREF")
    return frozenset(i.argval for part in pieces(code) for i in dis.get_instructions(part) if i.opname in taking)


def pieces(code: python_types.CodeType) -> Iterator[python_types.CodeType]:
    """A piece of code, and those of the functions in it."""
    yield code
    for constant in code.co_consts:
        if isinstance(constant, python_types.CodeType):
            yield from pieces(constant)
