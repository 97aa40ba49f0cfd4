"""Python's `math` for longdouble: the functions of an operation as they are, with NumPy's in the place of math's.

`math` computes in double precision, and `float` cuts a longdouble to it. What NumPy lacks, erf and the gamma function, and what
is made of these, is refused: whoever wants it in double precision says so.
"""

from __future__ import annotations

import builtins
import math
from collections.abc import Callable
from functools import lru_cache
from types import CellType, FunctionType, ModuleType
from typing import Any, Final, NoReturn

from autograd_lite.primitive import Primitive

OTHER_NAMES: Final = {
    **{f"a{name}": f"arc{name}" for name in ("sin", "cos", "tan", "sinh", "cosh", "tanh")},
    "atan2": "arctan2",
    "pow": "power",
}
SAME_NAMES: Final = (
    *("exp", "exp2", "expm1", "log1p", "log2", "log10", "sqrt", "cbrt", "sin", "cos", "tan", "sinh", "cosh", "tanh"),
    *("hypot", "copysign", "isinf", "isnan", "isfinite", "fabs", "fmod", "degrees", "radians", "nextafter"),
)
EXACT: Final = ("floor", "ceil", "trunc", "prod", "inf", "nan", "isclose", "comb", "factorial", "gcd", "lcm", "perm")
WAY_OUT: Final = "with float(x) it is computed in double precision"


def long_double(number: Any) -> Any:
    """A number as a longdouble. NumPy is there: one of its numbers came in."""
    import numpy

    return numpy.longdouble(number)


def is_longer(number: Any) -> bool:
    """Whether it is a longdouble that has more digits than a float."""
    return getattr(number, "itemsize", 8) > 8


@lru_cache(maxsize=1)
def long_math() -> ModuleType:
    """A module like `math`, of functions that keep the precision of longdouble, and of those that refuse it."""
    import numpy

    module = ModuleType("long_math")
    for name, value in vars(math).items():
        if name in EXACT or name.startswith("__"):
            kept = value
        elif name in SAME_NAMES or name in OTHER_NAMES:
            kept = of_long_doubles(getattr(numpy, OTHER_NAMES.get(name, name)))
        else:
            kept = refusing(name)
        setattr(module, name, kept)
    one = numpy.longdouble(1)
    vars(module).update(log=logarithm, pi=4 * numpy.arctan(one), tau=8 * numpy.arctan(one), e=numpy.exp(one))
    return module


def of_long_doubles(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function of NumPy that takes whatever it is given for longdoubles."""
    return lambda *numbers: function(*map(long_double, numbers))


def logarithm(x: Any, base: Any = None) -> Any:
    """`math.log`."""
    import numpy

    natural = numpy.log(long_double(x))
    return natural if base is None else natural / numpy.log(long_double(base))


def refusing(name: str) -> Callable[..., NoReturn]:
    """A function that says that there is none such of longdoubles."""

    def refuse(*_: Any) -> NoReturn:
        raise TypeError(f"NumPy has no {name} of longdouble; {WAY_OUT}")

    return refuse


class Uncut(float):
    """What `float` is in a function of longdoubles: it makes floats of all other numbers."""

    def __new__(cls, number: Any = 0.0) -> Any:
        """The float; of a longdouble there is none."""
        if is_longer(number):
            raise TypeError(f"it is computed from floats, which would cut a longdouble; {WAY_OUT}")
        return float(number)


class Around(dict[str, Any]):
    """The global names of a function, as they are now, for longdouble."""

    def __init__(self, names: dict[str, Any]) -> None:
        super().__init__()
        self.names = names

    def __getitem__(self, name: str) -> Any:
        return replaced(self.names[name] if name in self.names else vars(builtins)[name])


@lru_cache(maxsize=256)
def in_long_double(function: Any) -> Any:
    """A function of numbers, with all that it calls, in the precision of longdouble."""
    if not isinstance(function, FunctionType):
        name = getattr(function, "__name__", "")
        return getattr(long_math(), name) if getattr(math, name, None) is function else function
    closure = tuple(map(replaced_cell, function.__closure__ or ()))
    long = FunctionType(function.__code__, Around(function.__globals__), function.__name__, function.__defaults__, closure)
    long.__kwdefaults__ = function.__kwdefaults__
    return long


def replaced_cell(cell: CellType) -> CellType:
    """The cell itself, so that what is put into it later is seen, unless what is in it is replaced."""
    content = cell.cell_contents
    other = replaced(content)
    return cell if other is content else CellType(other)


def replaced(value: Any) -> Any:
    """What a function finds around it, for longdouble: `math`, `float`, and functions that may use these: operations do not."""
    if value is math:
        return long_math()
    if value is float:
        return Uncut
    if isinstance(value, FunctionType):
        primitive = getattr(value, "primitive", None)
        is_operation = isinstance(primitive, Primitive) and getattr(value, "__wrapped__", None) is primitive.compute
        return value if is_operation else in_long_double(value)
    return in_long_double(value) if getattr(value, "__module__", "") == "math" else value
