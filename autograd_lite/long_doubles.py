"""Python's `math` for longdouble: the function of an operation as it is, with NumPy's functions in the place of math's.

`math` computes in double precision. What NumPy lacks, erf, the gamma function and what is made of them, stays so, and so do
`exp2` and `sinc`; constants in derivatives, such as log 2, have the digits of a double.
"""

from __future__ import annotations

import math
from functools import lru_cache
from types import CellType, FunctionType, ModuleType
from typing import Any, Final

from autograd_lite.bytecode import names_around
from autograd_lite.primitive import Primitive

OTHER_NAMES: Final = {
    **{f"a{name}": f"arc{name}" for name in ("sin", "cos", "tan", "sinh", "cosh", "tanh")},
    "atan2": "arctan2",
}
SAME_NAMES: Final = (
    *("exp", "exp2", "expm1", "log", "log1p", "log2", "log10", "sqrt", "cbrt", "sin", "cos", "tan", "sinh", "cosh", "tanh"),
    *("hypot", "copysign", "isinf", "isnan", "isfinite"),
)


@lru_cache(maxsize=1)
def long_math() -> ModuleType:
    """A module like `math`, of functions that keep the precision of longdouble. NumPy is there: one of its numbers came in."""
    import numpy

    module = ModuleType("long_math")
    vars(module).update({name: value for name, value in vars(math).items() if not name.startswith("__")})
    vars(module).update({name: getattr(numpy, name) for name in SAME_NAMES})
    vars(module).update({name: getattr(numpy, theirs) for name, theirs in OTHER_NAMES.items()})
    vars(module).update(pi=4 * numpy.arctan(numpy.longdouble(1)), e=numpy.exp(numpy.longdouble(1)))
    return module


@lru_cache(maxsize=256)
def in_long_double(function: Any) -> Any:
    """A function of numbers, with all that it calls, in the precision of longdouble."""
    if not isinstance(function, FunctionType):
        name = getattr(function, "__name__", "")
        return getattr(long_math(), name) if getattr(math, name, None) is function else function
    code = function.__code__
    cells = dict(zip(code.co_freevars, [cell.cell_contents for cell in function.__closure__ or ()], strict=True))
    around = {**function.__globals__, **cells}
    scope = {**function.__globals__, **{name: replaced(around[name]) for name in names_around(code) & around.keys()}}
    closure = tuple([CellType(scope.get(name, cells[name])) for name in code.co_freevars])
    return FunctionType(code, scope, function.__name__, function.__defaults__, closure)


def replaced(value: Any) -> Any:
    """What a function finds around it, for longdouble: operations and other functions of `math`, and `math` itself."""
    if value is math:
        return long_math()
    rule = getattr(value, "primitive", None)
    if isinstance(rule, Primitive):
        return in_long_double(rule.compute)
    return in_long_double(value) if isinstance(value, FunctionType) or getattr(value, "__module__", "") == "math" else value
