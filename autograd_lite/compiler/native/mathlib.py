"""Python's `math` for machine code: what numba lacks of it, functions for many lanes, and errors where they matter."""

from __future__ import annotations

import math
import types as python_types
from functools import cache
from typing import Any

from numba import njit, types
from numba.extending import overload

from autograd_lite.compiler.native.elementary import BY_LANES
from autograd_lite.ops import TABLE

# What numba lacks of Python's math


@overload(math.cbrt)
def _cbrt(x: Any) -> Any:
    def implementation(x: Any) -> Any:
        if x == 0 or math.isinf(x) or math.isnan(x):
            return x
        size = abs(x)
        root = size ** (1 / 3)
        root -= (root * root * root - size) / (3 * root * root)  # one step of Newton's method gives the last bits
        return math.copysign(root, x)

    return implementation


@overload(math.exp2)
def _exp2(x: Any) -> Any:
    return lambda x: 2.0**x


@overload(math.prod)
def _prod(factors: Any) -> Any:
    def implementation(factors: Any) -> Any:
        product = 1.0
        for factor in factors:
            product *= factor
        return product

    return implementation


@overload(max)
def _max(numbers: Any) -> Any:
    if not isinstance(numbers, types.Array):
        return None

    def implementation(numbers: Any) -> Any:
        largest = numbers[0]
        for number in numbers:
            if number > largest:
                largest = number
        return largest

    return implementation


# What a translated function finds under the name `math`


lanes_math = python_types.ModuleType("lanes_math")
vars(lanes_math).update({name: value for name, value in vars(math).items() if not name.startswith("__")} | BY_LANES)


@cache
def strict_math() -> python_types.ModuleType:
    """The same for a function of the user's, which raises an error where Python's functions do.

    Else it would go on with NaN or infinity, and what comes of that in the end may look like a result.
    """
    module = python_types.ModuleType("strict_math")
    vars(module).update(vars(lanes_math), __name__="strict_math")
    vars(module).update({name: strict(vars(lanes_math)[name]) for name in functions_that_fail()})
    return module


def functions_that_fail() -> list[str]:
    """The functions of `math`, of one number, that raise errors: as the table has it, and two that it does not have."""
    table = {name: operation.primitive for name, operation in TABLE.items() if hasattr(math, name)}
    return ["gamma"] + [name for name, p in table.items() if len(p.derivatives) == 1 and not p.total]


def strict(function: Any) -> Any:
    """A function that raises an error where machine code has NaN or infinity without having been given one."""

    @njit
    def checked(x: Any) -> Any:
        y = function(x)
        if (math.isnan(y) and not math.isnan(x)) or (math.isinf(y) and math.isfinite(x)):
            raise ValueError
        return y

    return checked
