"""Elementary functions that the compiler can run on several lanes at once, as it cannot those of the C library.

None of them branches: each is a few products, sums and choices, exact to two units in the last place (tanh to three). Where one
has no value it gives NaN or infinity. An optimization (`python -m benchmarks cluster`): of a batch of likelihoods most of the
time went into logarithms, of the training of a small network into tanh.
"""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np
from llvmlite import ir  # type: ignore[import-untyped]
from numba import types
from numba.extending import intrinsic, overload

from autograd_lite.compiler.native.machine import FUSE, inlined

LOG_2: Final = math.log(2.0)
LOG_2_INVERSE: Final = 1.0 / LOG_2
LOG_2_HIGH: Final = 0.693145751953125  # of so few bits that its product with an exponent is exact
LOG_2_LOW: Final = 1.4286068203094172e-06
UNITS: Final = 1.5 * 2.0**52  # added to a number of less than 51 bits it leaves its whole part in the last ones, rounded
SMALLEST: Final = 2.0**-1022  # of the numbers with all bits

# The bits of a number: its sign, 11 of the exponent and 52 of the fraction
ONE_BITS: Final = 1023 << 52
UNITS_BITS: Final = 0x4338000000000000
ROOT_HALF_BITS: Final = 0x3FE6A09E667F3BCD
FRACTION: Final = (1 << 52) - 1


@intrinsic
def bits_of(typing: Any, number: Any) -> Any:
    """The bits of a number, as an integer."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.bitcast(arguments[0], ir.IntType(64))

    return types.int64(types.float64), generate


@intrinsic
def number_of(typing: Any, bits: Any) -> Any:
    """The number of these bits."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.bitcast(arguments[0], ir.DoubleType())

    return types.float64(types.int64), generate


def polynomial(coefficients: list[float], number: Any = types.float64) -> Any:
    """The machine code of c₀ + c₁x + c₂x² + …, for numbers of a type."""

    @intrinsic
    def value(typing: Any, x: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            *others, total = map(arguments[0].type, coefficients)
            for coefficient in reversed(others):
                total = builder.fadd(builder.fmul(total, arguments[0], flags=FUSE), coefficient, flags=FUSE)
            return total

        return number(number), generate

    return value


exponential_series = polynomial([1 / math.factorial(n) for n in range(2, 14)])  # (eʳ − 1 − r) / r²
artanh_series = polynomial([2 / (2 * n + 1) for n in range(1, 11)])  # (2 artanh s − 2s) / s³, of s²


@inlined
def rounded(x: float) -> float:
    """The nearest whole number; `math.floor` would go through an integer, which few processors make of several at once."""
    return (x + UNITS) - UNITS


@inlined
def power_of_two(exponent: float) -> float:
    """2 to a whole power from -1022 to 1023."""
    return number_of((bits_of(exponent + UNITS) + 1023) << 52)


@inlined
def exponential_parts(x: float) -> tuple[float, float, float]:
    """Two whole exponents and eʳ − 1, so that eˣ = 2ʰ·2ᵏ·eʳ with |r| ≤ ½ log 2: in two steps the smallest numbers come out."""
    inside = x if -1000.0 < x < 1000.0 else (1000.0 if x > 0.0 else -1000.0)
    k = rounded(inside * LOG_2_INVERSE)
    r = (inside - k * LOG_2_HIGH) - k * LOG_2_LOW
    half = rounded(k * 0.5)
    return half, k - half, exponential_series(r) * r * r + r


@inlined
def exponential_of_double(x: float) -> float:
    """eˣ."""
    h, k, more = exponential_parts(x)
    result = (more + 1.0) * power_of_two(h) * power_of_two(k)
    return result if x == x else x


@inlined
def exponential_less_1(x: float) -> float:
    """eˣ − 1."""
    h, k, more = exponential_parts(x)
    power = power_of_two(h)
    result = (more * power + (power - power_of_two(-k))) * power_of_two(k)
    return result if x < 0.0 or x > 0.0 else x


@inlined
def hyperbolic_tangent(x: float) -> float:
    """tanh x = (1 − e⁻²ˣ) / (1 + e⁻²ˣ)."""
    less = exponential_less_1(-2.0 * abs(x))
    return math.copysign(less / (less + 2.0), x)


@inlined
def logarithm_plus(x: float, more: float) -> float:
    """log x + `more`, for x from `SMALLEST` on: x = 2ᵏ(1 + f) with √½ ≤ 1 + f < √2, and log(1 + f) = 2 artanh(f/(2 + f))."""
    bits = bits_of(x) + (ONE_BITS - ROOT_HALF_BITS)
    k = number_of((bits >> 52 & 0x7FF) | UNITS_BITS) - (UNITS + 1023.0)
    f = number_of((bits & FRACTION) + ROOT_HALF_BITS) - 1.0
    s, square = f / (f + 2.0), 0.5 * f * f
    rest = s * (square + s * s * artanh_series(s * s)) + (k * LOG_2_LOW + more)
    return k * LOG_2_HIGH + (f - (square - rest))


@inlined
def logarithm(x: float) -> float:
    """log x."""
    small = x < SMALLEST
    result = logarithm_plus(x * 2.0**54 if small else x, -54.0 * LOG_2 if small else 0.0)
    result = result if x < math.inf else x
    return result if x > 0.0 else (-math.inf if x == 0.0 else math.nan)


@inlined
def logarithm_of_1_plus(x: float) -> float:
    """log(1 + x); what the sum loses to rounding is a further term."""
    total = 1.0 + x
    one = total - x
    lost = (1.0 - one) + (x - (total - one))
    result = logarithm_plus(total, lost / total)
    result = result if x < math.inf and x != 0.0 else x
    return result if x > -1.0 else (-math.inf if x == -1.0 else math.nan)


# An exponential in single precision, of which a register has twice as many numbers (`python -m benchmarks mnist`). Its
# constants are of that precision, too: one of Python's would make all double.

single: Final = np.float32
SINGLE_UNITS: Final = single(1.5 * 2.0**23)  # the `UNITS` of a number of less than 22 bits
SINGLE_LOG_2_HIGH: Final = single(0.693359375)
SINGLE_LOG_2_LOW: Final = single(LOG_2 - 0.693359375)
single_series = polynomial([1 / math.factorial(n) for n in range(2, 8)], types.float32)


@intrinsic
def single_power_of_two(typing: Any, exponent: Any) -> Any:
    """2 to a whole power from -126 to 127."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        word, number = ir.IntType(32), ir.FloatType()
        bits = builder.bitcast(builder.fadd(arguments[0], number(float(SINGLE_UNITS))), word)
        return builder.bitcast(builder.shl(builder.add(bits, word(127)), word(23)), number)

    return types.float32(types.float32), generate


@inlined
def exponential_of_single(x: Any) -> Any:
    """eˣ, as `exponential_parts` has it."""
    inside = x if single(-150.0) < x < single(150.0) else (single(150.0) if x > single(0.0) else single(-150.0))
    k = (inside * single(LOG_2_INVERSE) + SINGLE_UNITS) - SINGLE_UNITS
    r = (inside - k * SINGLE_LOG_2_HIGH) - k * SINGLE_LOG_2_LOW
    half = (k * single(0.5) + SINGLE_UNITS) - SINGLE_UNITS
    result = (single_series(r) * r * r + r + single(1.0)) * single_power_of_two(half) * single_power_of_two(k - half)
    return result if x == x else x


def exponential(x: Any) -> Any:
    """eˣ, in the precision of x."""
    return math.exp(x)


@overload(exponential)
def _exponential(x: Any) -> Any:
    def of_single(x: Any) -> Any:
        return exponential_of_single(x)

    def of_double(x: Any) -> Any:
        return exponential_of_double(x)

    return of_single if x == types.float32 else of_double


BY_LANES: Final = {
    "exp": exponential,
    "expm1": exponential_less_1,
    "log": logarithm,
    "log1p": logarithm_of_1_plus,
    "tanh": hyperbolic_tangent,
}
