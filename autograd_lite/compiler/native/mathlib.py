"""Python's `math` for machine code: what numba lacks of it, an exponential for many lanes, and errors where they matter."""

from __future__ import annotations

import math
import types as python_types
from functools import cache
from typing import Any

import numpy as np
from llvmlite import ir  # type: ignore[import-untyped]
from numba import njit, types
from numba.extending import intrinsic, overload

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


# An exponential that the compiler can run on several lanes at once, as it cannot that of the C library


UNITS = 1.5 * 2.0**52  # added to a number of less than 51 bits it leaves its whole part in the last ones, rounded
UNITS_32 = np.float32(1.5 * 2.0**23)  # the same of single precision, for less than 22 bits


@intrinsic
def power_of_two(typing: Any, exponent: Any) -> Any:
    """2 to a whole power from -1022 to 1023, or in single precision from -126 to 127, by writing the exponent's bits.

    It is made an integer by adding `UNITS`: few processors convert several at once.
    """

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        number = arguments[0].type
        bits, bias, fraction, units = (32, 127, 23, UNITS_32) if exponent == types.float32 else (64, 1023, 52, UNITS)
        word = ir.IntType(bits)
        biased = builder.add(builder.bitcast(builder.fadd(arguments[0], number(float(units))), word), word(bias))
        return builder.bitcast(builder.shl(biased, word(fraction)), number)

    return exponent(exponent), generate


def exponential_64(x: Any) -> Any:
    """eˣ = 2ᵏ·eʳ with |r| ≤ ½ log 2; eʳ by its series, to the last bits."""
    inside = x if -1000.0 < x < 1000.0 else (1000.0 if x > 0.0 else -1000.0)
    k = (inside * 1.4426950408889634 + UNITS) - UNITS  # rounded; `math.floor` would go through an integer
    r = (inside - k * 0.693145751953125) - k * 1.4286068203094172e-06
    series = 1.0 / 6227020800.0
    series = series * r + 1.0 / 479001600.0
    series = series * r + 1.0 / 39916800.0
    series = series * r + 1.0 / 3628800.0
    series = series * r + 1.0 / 362880.0
    series = series * r + 1.0 / 40320.0
    series = series * r + 1.0 / 5040.0
    series = series * r + 1.0 / 720.0
    series = series * r + 1.0 / 120.0
    series = series * r + 1.0 / 24.0
    series = series * r + 1.0 / 6.0
    series = series * r + 0.5
    series = series * r * r + r + 1.0
    half = (k * 0.5 + UNITS) - UNITS
    result = series * power_of_two(half) * power_of_two(k - half)  # in two steps, so that the smallest numbers come out too
    return result if x == x else x


single = np.float32  # a plain number would make all double
LOG_2, LOG_2_REST, PER_LOG_2 = single(0.693359375), single(-2.12194440e-4), single(1.4426950408889634)
C2, C3, C4, C5, C6, C7 = (single(1 / math.factorial(n)) for n in range(2, 8))


def exponential_32(x: Any) -> Any:
    """The same in single precision, of which a register has twice as many numbers (`python -m benchmarks mnist`)."""
    inside = x if single(-150.0) < x < single(150.0) else (single(150.0) if x > single(0.0) else single(-150.0))
    k = (inside * PER_LOG_2 + UNITS_32) - UNITS_32
    r = (inside - k * LOG_2) - k * LOG_2_REST
    series = ((((C7 * r + C6) * r + C5) * r + C4) * r + C3) * r + C2
    series = series * r * r + r + single(1.0)
    half = (k * single(0.5) + UNITS_32) - UNITS_32
    result = series * power_of_two(half) * power_of_two(k - half)
    return result if x == x else x


def exponential(x: Any) -> Any:
    """eˣ, in the precision of x."""
    return math.exp(x)


@overload(exponential, jit_options={"error_model": "numpy", "fastmath": {"contract"}})
def _exponential(x: Any) -> Any:
    return exponential_32 if x == types.float32 else exponential_64


# What a translated function finds under the name `math`


lanes_math = python_types.ModuleType("lanes_math")
vars(lanes_math).update({name: value for name, value in vars(math).items() if not name.startswith("__")}, exp=exponential)


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
