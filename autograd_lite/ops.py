"""The table of primitives: each operation once, with its value, its local derivatives, its notation and its domain.

An operation is the function that a user calls; its primitive is the record of what is known of it; a rule is one of its local
derivatives. Each operation is one decorated function: the body is the value, and `derivatives=` has the rules.

A rule is a function of `(output, *inputs)`, written with the operations of this very table, so that on numbers it gives a
number and on Values a graph. `@primitive` makes of each function below, written for numbers, one that makes a node where it is
given a Value. Everything else is made from these entries: the operators and methods of `Value`, gradients of any order,
compiled code, pictures, explanations and the tests. At the end they are collected by name, in `TABLE`.

Conventions, the same as PyTorch's. At a kink: relu, leaky_relu and elu take the derivative from below (0, the slope, and the
exponential's), abs has derivative 0 at 0, and a tie of maximum or minimum shares the derivative in halves. At the edge of a
domain, where a derivative is infinite, it is infinite: that of sqrt at 0, of asin at 1. A value that does not exist is an error
that names the operation and its operands (`autograd_lite.errors`): log(-1), 1/0, and exp(1000), whose result no float can hold.
NaN and infinity that go in come out as Python's `math` has them. What an operation that `chooses` has not chosen passes nothing
on, be its derivative or the gradient infinite.

What only jumps (floor, round, sign, a comparison) has derivative 0, at its jumps too, and stop_gradient has it by intention.
clip passes the whole derivative on at its ends. `%` is Python's and jnp.mod's, with the sign of the divisor, and round takes a
tie to the even number. JAX differs at the ends of jnp.clip, where it passes on the half.

All differences from PyTorch's first derivatives. At NaN every comparison is false, so relu, maximum and minimum are NaN with
derivative 0, and elu with NaN, where PyTorch's have 1. At an infinity a derivative of any order is its limit, where there is
one: PyTorch's of hypot, atan2, gelu, silu, sinc and, by y, x ** y is NaN. What is not chosen gets nothing: PyTorch's gets 0,
which infinity turns into NaN. An infinite slope of x ** y by x at -0.0 is positive as at 0.0, PyTorch's has the sign of its √x;
by y, 0 ** y has 0 also at y = -infinity and NaN, where PyTorch's has -infinity and NaN. An infinite gradient times a derivative
that is 0 by number is NaN, where PyTorch's is 0 for x ** 0 and sinc at 0; leaky_relu with slope 0 and elu with alpha 0, which
are relu, pass on nothing below 0, where PyTorch's is NaN.
"""

from __future__ import annotations

import builtins
import math
import operator
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from itertools import accumulate
from types import FunctionType
from typing import Any, Final, overload

from autograd_lite.basics.domains import NO_POLE, NON_NEGATIVE, NONZERO, POSITIVE, REALS, Interval
from autograd_lite.basics.special import cardinal_sine, log_gamma, psi, psi_derivative
from autograd_lite.graph.long_doubles import is_longer
from autograd_lite.operation import primitive
from autograd_lite.value import Value, ValueLike

UNIT = Interval(-1, 1, low_included=True, high_included=True)
OPEN_UNIT = Interval(-1, 1)

SUPERSCRIPTS: Final = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
SLOPE: Final = 0.01  # of leaky_relu below 0, where none is given


def higher_derivatives(
    name: str, symbol: str, latex: str, compute: Callable[[int, Any], Any], **known: Any
) -> Callable[[int], Any]:
    """The operations that are the derivatives of a function, each of the one before: made when one of them is asked for.

    Arguments:
        name, symbol, latex: the order is added to them. `latex` is part of a template, its braces doubled.
        compute: gives the derivative of an order, from 1, at a number.
        known: what else is known of these operations, as `primitive` takes it.
    """

    @cache
    def of_order(order: int) -> Any:
        @primitive(
            name=f"{name}_{order}",
            derivatives=[lambda out, x: of_order(order + 1)(x)],
            symbol=f"{symbol}⁽{str(order).translate(SUPERSCRIPTS)}⁾",
            latex=rf"{latex}^{{{{({order})}}}}\left({{0}}\right)",
            **known,
        )
        def derivative(x: float) -> float:
            return compute(order, x)

        return derivative

    return of_order


# Arithmetic


@primitive(
    derivatives=[lambda out, a, b: 1, lambda out, a, b: 1],
    symbol="+",
    precedence=1,
    latex="{0} + {1}",
    finite_derivatives=True,
    total=True,
    neutral=(0, 0),
)
def add(a: float, b: float) -> float:
    """Sum of two operands, `a + b`."""
    return a + b


@primitive(
    derivatives=[lambda out, a, b: 1, lambda out, a, b: -1],
    symbol="−",
    precedence=1,
    latex="{0} - {1}",
    finite_derivatives=True,
    total=True,
)
def sub(a: float, b: float) -> float:
    """Difference, `a - b`."""
    return a - b


@primitive(
    derivatives=[lambda out, a, b: b, lambda out, a, b: a],
    symbol="×",
    precedence=2,
    latex=r"{0} \cdot {1}",
    finite_derivatives=True,
    total=True,
    neutral=(1, 1),
)
def mul(a: float, b: float) -> float:
    """Product of two operands, `a * b`."""
    return a * b


@primitive(
    derivatives=[lambda out, a, b: 1 / b, lambda out, a, b: -out / b],
    symbol="÷",
    precedence=2,
    latex=r"\frac{{{0}}}{{{1}}}",
    domain=[REALS, NONZERO],
)
def truediv(a: float, b: float) -> float:
    """Quotient, `a / b`."""
    return a / b


@primitive(
    derivatives=[lambda out, a, b: 1, lambda out, a, b: -floordiv(a, b)],
    symbol="%",
    precedence=2,
    latex=r"{0} \bmod {1}",
    domain=[REALS, NONZERO],
    kink=lambda a, b: abs(a / b - round(a / b)),
)
def mod(a: float, b: float) -> float:
    """Remainder, `a % b`, with the sign of `b`; it jumps where `a` is a multiple of `b`."""
    return a % b


@primitive(
    derivatives=[None, None],
    symbol="//",
    precedence=2,
    latex=r"\left\lfloor\frac{{{0}}}{{{1}}}\right\rfloor",
    domain=[REALS, NONZERO],
    kink=lambda a, b: abs(a / b - round(a / b)),
)
def floordiv(a: float, b: float) -> float:
    """Quotient rounded down, `a // b`; the derivative is 0."""
    return a // b


@primitive(derivatives=[lambda out, x: -1], symbol="−", precedence=2, latex="-{0}", finite_derivatives=True, total=True)
def neg(x: float) -> float:
    """The operand with its sign changed, `-x`."""
    return -x


@primitive(
    name="pow",
    derivatives=[lambda out, x, y: _slope_of_power(0, x, y), lambda out, x, y: power_log(x, y)],
    symbol="**",
    precedence=3,
    latex="{{{0}}}^{{{1}}}",
    domain=[POSITIVE, REALS],
    neutral=(None, 1),
)
def power(x: float, y: float) -> float:
    """Power, `x ** y`; a negative `x` needs a whole exponent.

    By `x` the derivative is that of the real power; it is infinite at x = 0 for 0 < y < 1, and 0 for y = 0. By `y` it is
    out·log x: 0 at x = 0, and NaN at a negative `x`, around which there is no real power. Source: d(e^(y·log x)); PyTorch's
    conventions.
    """
    result = x**y
    if isinstance(result, complex):
        raise ValueError("a negative number to a fractional power is not real")
    return result


@primitive(derivatives=[lambda out, x: 2 * x], symbol="(·)²", latex="{0}^2", finite_derivatives=True, total=True)
def square(x: float) -> float:
    """x², as a product: no power is computed."""
    return x * x


@primitive(derivatives=[lambda out, x: sign(x)], symbol="|·|", latex=r"\left|{0}\right|", kink=lambda x: x, total=True)
def abs(x: float) -> float:
    """Absolute value; the derivative at 0 is 0."""
    return builtins.abs(x)


@primitive(derivatives=[lambda out, x: 1], latex="{0}", finite_derivatives=True, total=True)
def identity(x: float) -> float:
    """The operand itself, as a node of its own."""
    return x


@primitive(derivatives=[None], total=True)
def stop_gradient(x: float) -> float:
    """The operand's number, through which no derivative passes: what is computed with it takes it for a constant.

    It is a node of the graph, which draws it, and in compiled code it is the current number. `Value.detach` forgets the
    graph behind it as well.

    Example:
        >>> from autograd_lite import grad, stop_gradient
        >>> grad(lambda x: x * stop_gradient(x))(3.0)
        3.0
    """
    return x


# Exponentials and logarithms


@primitive(derivatives=[lambda out, x: out], latex="e^{{{0}}}", finite_derivatives=True)
def exp(x: float) -> float:
    """The exponential function, eˣ; above 709.78 its value is too large for a float.

    Example:
        >>> from autograd_lite import Value, exp
        >>> exp(0.0)
        1.0
        >>> x = Value(0.0)
        >>> exp(2 * x).backward()
        >>> x.grad
        2.0
    """
    return math.exp(x)


@primitive(derivatives=[lambda out, x: log(2 * _one(x)) * out], latex="2^{{{0}}}")
def exp2(x: float) -> float:
    """2ˣ."""
    return 2.0**x


@primitive(derivatives=[lambda out, x: exp(x)])
def expm1(x: float) -> float:
    """eˣ − 1, accurate near 0."""
    return math.expm1(x)


@primitive(derivatives=[lambda out, x: 1 / x], latex=r"\ln\left({0}\right)", domain=[POSITIVE])
def log(x: float) -> float:
    """Natural logarithm, for x > 0."""
    return math.log(x)


@primitive(derivatives=[lambda out, x: 1 / (1 + x)], domain=[Interval(low=-1)])
def log1p(x: float) -> float:
    """log(1 + x), accurate near 0, for x > −1."""
    return math.log1p(x)


@primitive(derivatives=[lambda out, x: 1 / (x * log(2 * _one(x)))], latex=r"\log_2\left({0}\right)", domain=[POSITIVE])
def log2(x: float) -> float:
    """Logarithm to base 2, for x > 0."""
    return math.log2(x)


@primitive(derivatives=[lambda out, x: 1 / (x * log(10 * _one(x)))], latex=r"\log_{{10}}\left({0}\right)", domain=[POSITIVE])
def log10(x: float) -> float:
    """Logarithm to base 10, for x > 0."""
    return math.log10(x)


@primitive(derivatives=[lambda out, x: 0.5 * reciprocal(out)], latex=r"\sqrt{{{0}}}", domain=[NON_NEGATIVE])
def sqrt(x: float) -> float:
    """Square root, for x ≥ 0; the derivative at 0 is infinite."""
    return math.sqrt(x)


@primitive(derivatives=[lambda out, x: reciprocal(out) * reciprocal(out) / 3], latex=r"\sqrt[3]{{{0}}}", total=True)
def cbrt(x: float) -> float:
    """Cube root, of negative numbers too; the derivative at 0 is infinite."""
    root = math.cbrt(x)
    if not root or math.isinf(root):
        return root
    return (
        root - (root - x / (root * root)) / 3
    )  # a step of Newton's method: some C libraries are 3 units off in the last place


# Trigonometry, angles in radians


@primitive(derivatives=[lambda out, x: cos(x)], latex=r"\sin\left({0}\right)")
def sin(x: float) -> float:
    """Sine of an angle in radians."""
    return math.sin(x)


@primitive(derivatives=[lambda out, x: -sin(x)], latex=r"\cos\left({0}\right)")
def cos(x: float) -> float:
    """Cosine of an angle in radians."""
    return math.cos(x)


@primitive(derivatives=[lambda out, x: 1 + out * out], latex=r"\tan\left({0}\right)")
def tan(x: float) -> float:
    """Tangent of an angle in radians."""
    return math.tan(x)


@primitive(derivatives=[lambda out, x: reciprocal(sqrt(one_minus_square(x)))], latex=r"\arcsin\left({0}\right)", domain=[UNIT])
def asin(x: float) -> float:
    """Inverse sine in radians, for −1 ≤ x ≤ 1; the derivative at ±1 is infinite."""
    return math.asin(x)


@primitive(derivatives=[lambda out, x: -reciprocal(sqrt(one_minus_square(x)))], latex=r"\arccos\left({0}\right)", domain=[UNIT])
def acos(x: float) -> float:
    """Inverse cosine in radians, for −1 ≤ x ≤ 1; the derivative at ±1 is infinite."""
    return math.acos(x)


@primitive(derivatives=[lambda out, x: reciprocal(hypot(1, x)) / hypot(1, x)], latex=r"\arctan\left({0}\right)", total=True)
def atan(x: float) -> float:
    """Inverse tangent in radians."""
    return math.atan(x)


@primitive(
    derivatives=[
        lambda out, y, x: _per_radius(direction(x, y), hypot(y, x)),
        lambda out, y, x: -_per_radius(direction(y, x), hypot(y, x)),
    ],
    latex=r"\operatorname{{atan2}}\left({0}, {1}\right)",
    kink=lambda y, x: abs(y) if x < 0 else hypot(y, x),  # the angle jumps at the negative x-axis
    total=True,
)
def atan2(y: float, x: float) -> float:
    """The angle in radians of the point (x, y), from −π to π; at (0, 0) it is 0, and so are its derivatives."""
    return math.atan2(y, x)


@primitive(
    derivatives=[lambda out, x, y: direction(x, y), lambda out, x, y: direction(y, x)],
    kink=lambda x, y: hypot(x, y),
    total=True,
)
def hypot(x: float, y: float) -> float:
    """√(x² + y²), without overflow on the way; at (0, 0) the derivatives do not exist and are NaN."""
    return math.hypot(x, y)


@primitive(
    derivatives=[
        lambda out, x, y: direction(y, x) * direction(y, x) * reciprocal(hypot(x, y)),
        lambda out, x, y: -out * direction(y, x) * reciprocal(hypot(x, y)),
    ],
    kink=lambda x, y: hypot(x, y),
    latex=r"\cos\angle\left({0}, {1}\right)",
    total=True,
    singular=True,
)
def direction(x: float, y: float) -> float:
    """x / √(x² + y²), the cosine of the angle of the point (x, y): NaN at (0, 0), and ±√½ where both are infinite."""
    if math.isinf(x):
        return math.copysign(math.sqrt(0.5) if math.isinf(y) else 1.0, x)
    radius = math.hypot(x, y)
    return x / radius if radius else math.nan


@primitive(derivatives=[lambda out, x: -2 * x], symbol="(1 − (·)²)", latex=r"\left(1 - {0}^2\right)", total=True)
def one_minus_square(x: float) -> float:
    """1 − x², without the cancellation at x near ±1, and with a derivative that is no product with 0 there."""
    return (1 - x) * (1 + x)


@primitive(derivatives=[lambda out, x: deg2rad(_one(x))], finite_derivatives=True, total=True)
def deg2rad(x: float) -> float:
    """An angle in degrees as radians."""
    return x * (math.pi / 180)


@primitive(derivatives=[lambda out, x: rad2deg(_one(x))], finite_derivatives=True, total=True)
def rad2deg(x: float) -> float:
    """An angle in radians as degrees."""
    return x * (180 / math.pi)


@primitive(
    derivatives=[lambda out, x: sinc_derivative(1)(x)],
    latex=r"\operatorname{{sinc}}\left({0}\right)",
    finite_derivatives=True,
    total=True,
)
def sinc(x: float) -> float:
    """sin(πx)/(πx), and 1 at 0: NumPy's and JAX's sinc, the normalized one."""
    return cardinal_sine(0, x)


# The derivatives of `sinc`, of an order from 1
sinc_derivative = higher_derivatives(
    "sinc_derivative", "sinc", r"\operatorname{{sinc}}", cardinal_sine, finite_derivatives=True, total=True
)


# Hyperbolic functions


@primitive(derivatives=[lambda out, x: cosh(x)], latex=r"\sinh\left({0}\right)")
def sinh(x: float) -> float:
    """Hyperbolic sine."""
    return math.sinh(x)


@primitive(derivatives=[lambda out, x: sinh(x)], latex=r"\cosh\left({0}\right)")
def cosh(x: float) -> float:
    """Hyperbolic cosine."""
    return math.cosh(x)


@primitive(derivatives=[lambda out, x: sech_squared(x)], latex=r"\tanh\left({0}\right)", finite_derivatives=True, total=True)
def tanh(x: float) -> float:
    """Hyperbolic tangent; its derivative 1 − tanh² is computed as sech², since 1 − tanh² loses its digits at large |x|.

    Example:
        >>> from autograd_lite import Value, tanh
        >>> x = Value(0.0)
        >>> tanh(x).backward()
        >>> x.grad
        1.0
    """
    return math.tanh(x)


@primitive(
    derivatives=[lambda out, x: -2 * tanh(x) * out],
    symbol="sech²",
    latex=r"\operatorname{{sech}}^2\left({0}\right)",
    finite_derivatives=True,
    total=True,
)
def sech_squared(x: float) -> float:
    """1 / cosh²(x), which is 1 − tanh²(x) without the cancellation at large |x|."""
    e = math.exp(-2 * builtins.abs(x))
    return 4 * e / ((1 + e) * (1 + e))


@primitive(derivatives=[lambda out, x: reciprocal(hypot(1, x))], total=True)
def asinh(x: float) -> float:
    """Inverse hyperbolic sine."""
    return math.asinh(x)


@primitive(
    derivatives=[lambda out, x: reciprocal(sqrt(x - 1)) * reciprocal(sqrt(x + 1))], domain=[Interval(low=1, low_included=True)]
)
def acosh(x: float) -> float:
    """Inverse hyperbolic cosine, for x ≥ 1; the derivative at 1 is infinite."""
    return math.acosh(x)


@primitive(derivatives=[lambda out, x: 1 / one_minus_square(x)], domain=[OPEN_UNIT])
def atanh(x: float) -> float:
    """Inverse hyperbolic tangent, for −1 < x < 1."""
    return math.atanh(x)


# The normal distribution


@primitive(
    derivatives=[lambda out, x: 2 / math.sqrt(math.pi) * gaussian(x)], latex=r"\operatorname{{erf}}\left({0}\right)", total=True
)
def erf(x: float) -> float:
    """The error function, 2/√π ∫₀ˣ e^(−t²) dt."""
    return math.erf(x)


@primitive(
    derivatives=[lambda out, x: -2 / math.sqrt(math.pi) * gaussian(x)],
    latex=r"\operatorname{{erfc}}\left({0}\right)",
    total=True,
)
def erfc(x: float) -> float:
    """1 − erf(x), accurate for large x."""
    return math.erfc(x)


@primitive(derivatives=[lambda out, x: -2 * _within_1000(x) * out], latex="e^{{-{0}^2}}", total=True)
def gaussian(x: float) -> float:
    """e^(−x²), its exponent in twice the precision, since x² alone would lose digits at large |x|."""
    return _exp_of_square(x, -1.0)


ROOT_HALF_HIGH: Final = 11863283 / 2**24  # √½ in two parts, the first of so few digits that its products are exact
ROOT_HALF_LOW: Final = 1.210161710447897e-08


def _split(x: Any) -> tuple[Any, Any]:
    """`x` as a number of so few digits that its square is exact, and the rest; for |x| < 40."""
    high = builtins.round(x * 2**20) / 2**20
    return high, x - high


def _exp_of_square(x: Any, factor: float) -> Any:
    """e^(factor·x²), for a negative power of two; the rounding of x² alone would lose digits at large |x|."""
    if not -40 < x < 40:
        return math.exp(factor * x * x)  # no float is as small as e^(-800): 0, or NaN
    high, low = _split(x)
    return math.exp(factor * high * high) * math.exp(factor * low * (x + high))


# The gamma function


@primitive(
    derivatives=[lambda out, x: digamma(x)], symbol="log Γ", latex=r"\ln\left|\Gamma\left({0}\right)\right|", domain=[NO_POLE]
)
def lgamma(x: float) -> float:
    """log |Γ(x)|, the logarithm of the gamma function: of a whole number n ≥ 1 it is log (n − 1)!

    Example:
        >>> from autograd_lite import grad, lgamma
        >>> print(f"{lgamma(5.0):.4f} {grad(lgamma)(5.0):.4f}")
        3.1781 1.5061
    """
    result = log_gamma(x)
    if math.isinf(result) and math.isfinite(x):
        if x > 0:
            raise OverflowError
        raise ValueError("a pole")
    return result


@primitive(derivatives=[lambda out, x: polygamma(1)(x)], symbol="ψ", latex=r"\psi\left({0}\right)", domain=[NO_POLE])
def digamma(x: float) -> float:
    """ψ(x), the derivative of `lgamma`."""
    if x <= 0 and x % 1 == 0:
        raise ValueError("a pole")
    return psi(x)


# ψ⁽ⁿ⁾(x), the derivatives of `digamma`, of an order n from 1
polygamma = higher_derivatives("polygamma", "ψ", r"\psi", psi_derivative, domain=[NO_POLE], total=True, singular=True)


# Activations


@primitive(
    derivatives=[lambda out, x: out * sigmoid(-x)],
    symbol="σ",
    latex=r"\sigma\left({0}\right)",
    finite_derivatives=True,
    total=True,
)
def sigmoid(x: float) -> float:
    """The logistic function, 1 / (1 + e^(−x)), with its derivative σ(x)(1 − σ(x)) written as σ(x)σ(−x).

    Example:
        >>> from autograd_lite import sigmoid
        >>> sigmoid(0.0), sigmoid(-1000.0), sigmoid(1000.0)
        (0.5, 0.0, 1.0)
    """
    e = math.exp(-builtins.abs(x))
    return (1 if x >= 0 else e) / (1 + e)


@primitive(
    derivatives=[lambda out, x: greater(x, 0)],
    symbol="relu",
    kink=lambda x: x,
    chooses=True,
    finite_derivatives=True,
    total=True,
)
def relu(x: float) -> float:
    """Rectified linear unit, max(x, 0); the derivative at 0 is 0."""
    return type(x)(0) if x <= 0 else x


@overload
def leaky_relu(x: float, negative_slope: float = SLOPE) -> float: ...
@overload
def leaky_relu(x: ValueLike, negative_slope: ValueLike = SLOPE) -> Value: ...
@primitive(
    derivatives=[
        lambda out, x, negative_slope=SLOPE: where(greater(x, 0), 1, negative_slope),
        lambda out, x, *_: _at_most_0(x),
    ],
    kink=lambda x, *_: x,
    chooses=True,
    total=True,
)
def leaky_relu(x: Any, negative_slope: Any = SLOPE) -> Any:
    """x above 0, `negative_slope`·x below; the derivative at 0 is `negative_slope`."""
    return x if x > 0 else negative_slope * x


@overload
def elu(x: float, alpha: float = 1.0) -> float: ...
@overload
def elu(x: ValueLike, alpha: ValueLike = 1.0) -> Value: ...
@primitive(
    derivatives=[
        lambda out, x, alpha=1.0: where(greater(x, 0), 1, alpha * exp(_at_most_0(x))),
        lambda out, x, *_: expm1(_at_most_0(x)),
    ],
    kink=lambda x, *_: x,
    chooses=True,
    total=True,
)
def elu(x: Any, alpha: Any = 1.0) -> Any:
    """Exponential linear unit: x above 0, `alpha`·(eˣ − 1) below; the derivative at 0 is `alpha`."""
    return x if x > 0 else alpha * math.expm1(x)


@primitive(derivatives=[lambda out, x: normal_cdf(x) + _within_1000(x) * normal_pdf(x)], total=True)
def gelu(x: float) -> float:
    """Gaussian error linear unit, x·Φ(x), with Φ the normal distribution's cumulative function (PyTorch's exact form)."""
    return x * normal_cdf(x) if math.isfinite(x) else max(x, 0.0)


@primitive(derivatives=[lambda out, x: normal_pdf(x)], symbol="Φ", latex=r"\Phi\left({0}\right)", total=True)
def normal_cdf(x: float) -> float:
    """Φ(x) = ½ erfc(−x/√2), the cumulative distribution function of the standard normal distribution."""
    if not -40 < x < 40:
        return 0.5 * math.erfc(-x)  # 0 or 1, or NaN
    # erfc would magnify the rounding of t = −x/√2 a thousandfold at negative x: add its derivative times what was rounded off
    high, low = _split(x)
    t = -x * math.sqrt(0.5)
    rounded_off = (-high * ROOT_HALF_HIGH - t) - (low * ROOT_HALF_HIGH + x * ROOT_HALF_LOW)
    return 0.5 * (math.erfc(t) - 2 / math.sqrt(math.pi) * math.exp(-t * t) * rounded_off)


@primitive(derivatives=[lambda out, x: -_within_1000(x) * out], symbol="φ", latex=r"\varphi\left({0}\right)", total=True)
def normal_pdf(x: float) -> float:
    """φ(x) = e^(−x²/2)/√(2π), the density of the standard normal distribution."""
    return _exp_of_square(x, -0.5) / math.sqrt(2 * math.pi)


@primitive(derivatives=[lambda out, x: sigmoid(x) * (1 + _within_1000(x) * sigmoid(-x))], total=True)
def silu(x: float) -> float:
    """x·σ(x), also known as swish."""
    return x * sigmoid(x) if math.isfinite(x) else max(x, 0.0)


@primitive(derivatives=[lambda out, x: sigmoid(x)], finite_derivatives=True, total=True)
def softplus(x: float) -> float:
    """log(1 + eˣ), a smooth relu."""
    return math.log1p(math.exp(-abs(x))) + max(x, 0.0)


# Choices, constant but for their jumps: an operand that only chooses has no derivative (None)


@primitive(
    derivatives=[
        lambda out, a, b: where(equal(a, b), 0.5, greater(a, b)),
        lambda out, a, b: where(equal(a, b), 0.5, greater(b, a)),
    ],
    kink=lambda a, b: a - b,
    chooses=True,
    total=True,
)
def maximum(a: float, b: float) -> float:
    """The larger of two operands; at a tie each takes half of the derivative."""
    return a if a >= b or a != a else b


@primitive(
    derivatives=[
        lambda out, a, b: where(equal(a, b), 0.5, greater(b, a)),
        lambda out, a, b: where(equal(a, b), 0.5, greater(a, b)),
    ],
    kink=lambda a, b: a - b,
    chooses=True,
    total=True,
)
def minimum(a: float, b: float) -> float:
    """The smaller of two operands; at a tie each takes half of the derivative."""
    return a if a <= b or a != a else b


@overload
def clip(x: float, low: float, high: float) -> float: ...
@overload
def clip(x: ValueLike, low: ValueLike, high: ValueLike) -> Value: ...
@primitive(
    derivatives=[
        lambda out, x, low, high: _at_least(x, low) * _at_least(high, x),
        lambda out, x, low, high: where(greater(low, x), greater(high, low), 0),
        lambda out, x, low, high: where(greater(x, high), 1, greater(low, high)),
    ],
    kink=lambda x, low, high: minimum(abs(x - low), abs(maximum(x, low) - high)),
    chooses=True,
    total=True,
)
def clip(x: Any, low: Any, high: Any) -> Any:
    """`x` where it lies between `low` and `high`, else the end that is nearer; the derivative by `x` at the ends is 1.

    −∞ or ∞ is no end. As in NumPy, `high` wins where the two are the wrong way round.

    Example:
        >>> from autograd_lite import clip, grad
        >>> clip(3.0, 0.0, 1.0), grad(clip, (0, 1, 2))(3.0, 0.0, 1.0)
        (1.0, (0.0, 0.0, 1.0))
    """
    return minimum(maximum(x, low), high)


@primitive(
    derivatives=[None],
    symbol="⌊·⌋",
    latex=r"\left\lfloor {0} \right\rfloor",
    kink=lambda x: abs(x - round(x)),
    total=True,
)
def floor(x: float) -> float:
    """The largest whole number that is at most x; the derivative is 0."""
    return x - x % 1 if x - x == 0 else x


@primitive(
    derivatives=[None],
    symbol="⌈·⌉",
    latex=r"\left\lceil {0} \right\rceil",
    kink=lambda x: abs(x - round(x)),
    total=True,
)
def ceil(x: float) -> float:
    """The smallest whole number that is at least x; the derivative is 0."""
    return x + -x % 1 if x - x == 0 else x


@primitive(derivatives=[None], kink=lambda x: abs(x - round(x)) - 0.5, total=True)
def round(x: float) -> float:
    """The nearest whole number, of two the even one, as a float if x is one; the derivative is 0.

    For a certain number of digits, to show them, write f"{v:.2f}".
    """
    below = floor(x)
    rest = x - below
    return below if rest < 0.5 or (rest == 0.5 and below % 2 == 0) else below + 1


@primitive(derivatives=[None], kink=lambda x: x, total=True)
def sign(x: float) -> float:
    """1 above 0, −1 below, 0 at 0."""
    return int(x > 0) - int(x < 0)


@primitive(derivatives=[None, None], symbol=">", precedence=1, latex="[{0} > {1}]", kink=lambda a, b: a - b, total=True)
def greater(a: float, b: float) -> float:
    """1 where a > b, else 0: a comparison that can be recorded, for `where`."""
    return int(a > b)


@primitive(derivatives=[None, None], symbol="=", precedence=1, latex="[{0} = {1}]", kink=lambda a, b: a - b, total=True)
def equal(a: float, b: float) -> float:
    """1 where a = b, else 0: a comparison that can be recorded, for `where`."""
    return int(a == b)


@overload
def where(condition: float, a: float, b: float) -> float: ...
@overload
def where(condition: ValueLike, a: ValueLike, b: ValueLike) -> Value: ...
@primitive(
    derivatives=[
        None,
        lambda out, condition, a, b: where(condition, 1, 0),
        lambda out, condition, a, b: where(condition, 0, 1),
    ],
    kink=lambda condition, a, b: condition,
    chooses=True,
    total=True,
)
def where(condition: Any, a: Any, b: Any) -> Any:
    """`a` where the condition is true (not 0), else `b`; no derivative by the condition.

    Both `a` and `b` are computed, so both must exist. A recorded comparison makes the choice anew at every point:
    `where(greater(x, 0), x, 0.01 * x)`.
    """
    return a if condition else b


@primitive(
    derivatives=[lambda out, chosen, gradient: gradient, lambda out, chosen, gradient: chosen],
    symbol="×",
    precedence=2,
    latex=r"{0} \cdot {1}",
    chooses=True,
    total=True,
)
def gated(chosen: float, gradient: float) -> float:
    """`chosen` · `gradient`, and 0 where `chosen` is 0, be the gradient infinite or NaN.

    It is the step of the chain rule through an operation that chooses: `chosen` is its local derivative.
    """
    return chosen * gradient if chosen else type(gradient)(0)


# Of many operands: one node, however many


@primitive(
    derivatives=[lambda out, terms: [1] * len(terms)],
    symbol="Σ",
    variadic=True,
    latex=r"\sum\left({0}\right)",
    finite_derivatives=True,
    total=True,
)
def sum(terms: Sequence[float]) -> float:
    """The sum of a sequence of operands, as one node.

    Example:
        >>> from autograd_lite import Value, sum
        >>> sum([Value(1.0), Value(2.0), 3.0]).data
        6.0
    """
    return builtins.sum(terms)


@primitive(
    derivatives=[lambda out, factors: products_of_others(factors)],
    symbol="Π",
    variadic=True,
    latex=r"\prod\left({0}\right)",
    total=True,
)
def prod(factors: Sequence[float]) -> float:
    """The product of a sequence of operands, as one node."""
    return math.prod(factors)


@overload
def dot(w: Iterable[float], a: Iterable[float], b: float = 0) -> float: ...
@overload
def dot(w: Iterable[ValueLike], a: Iterable[ValueLike], b: ValueLike = 0) -> Value: ...
@primitive(
    derivatives=[lambda out, w, a, b=0: a, lambda out, w, a, b=0: w, lambda out, w, a, b=0: 1],
    symbol="Σ w·a",
    variadic=True,
    latex=r"{0} \cdot {1} + {2}",
    finite_derivatives=True,
    total=True,
)
def dot(w: Sequence[Any], a: Sequence[Any], b: Any = 0) -> Any:
    """The dot product Σ w_k·a_k + b of two sequences of one length, with an optional offset, as one node: a neuron's input.

    Raises:
        ValueError: the lengths differ.

    Example:
        >>> from autograd_lite import Value, dot
        >>> w = [Value(1.0), Value(2.0)]
        >>> z = dot(w, [3.0, 4.0], Value(0.5))
        >>> z.backward()
        >>> z.data, w[0].grad, w[1].grad
        (11.5, 3.0, 4.0)
    """
    if len(w) != len(a):
        raise ValueError(f"dot of {len(w)} and {len(a)} operands: the lengths must be equal")
    return builtins.sum(map(operator.mul, w, a), b)


@primitive(derivatives=[lambda out, terms: _shares_of_finite([exp(x - out) for x in terms])], variadic=True, total=True)
def logsumexp(terms: Sequence[float]) -> float:
    """log Σ eˣ over a sequence of operands, at least one, without overflow; its derivatives are the softmax."""
    if not len(terms):
        raise ValueError("it needs at least one number")
    largest = max(terms)
    if math.isinf(largest):
        return largest + builtins.sum([x if x != x else 0.0 for x in terms])  # beside it a NaN may have hidden from max
    others = builtins.sum([math.exp(x - largest) if x != largest else 0.0 for x in terms])  # beside 1 they may be too small
    return largest + math.log1p(others + (builtins.sum([0.0 if x != largest else 1.0 for x in terms]) - 1))


def _one(x: Any) -> Any:
    """1, of longdouble where `x` is: what is made of it has as many digits."""
    number = x.data if isinstance(x, Value) else x
    return type(number)(1) if is_longer(number) else 1


def _per_radius(part: Any, radius: Any) -> Any:
    """`part` / `radius`, and 0 at radius 0."""
    return where(radius, part / where(radius, radius, math.inf), 0)


def _at_least(a: Any, b: Any) -> Any:
    """1 where a ≥ b, else 0."""
    return where(greater(a, b), 1, equal(a, b))


def _at_most_0(x: Any) -> Any:
    """`x` where it is at most 0, else 0; with the derivative from below at 0, where `minimum` takes half of it."""
    return where(greater(x, 0), 0, x)


def _within_1000(x: Any) -> Any:
    """`x`, kept finite in a product with what is 0 long before 1000, so that the limit of the product is right."""
    return maximum(minimum(x, 1000), -1000)


def shares(parts: Sequence[Any]) -> list[Any]:
    """Each part of the whole: the parts divided by their sum."""
    whole = sum(parts)
    return [part / whole for part in parts]


def _shares_of_finite(parts: Sequence[Any]) -> list[Any]:
    """The shares of the parts; if some are NaN, as of an infinite term, the others stay as they are."""
    whole = sum(parts)
    whole = where(equal(whole, whole), whole, 1)
    return [part / whole for part in parts]


def products_of_others(factors: Sequence[Any]) -> list[Any]:
    """For each factor the product of all others, without dividing, so that zeros are no exception."""
    before = list(accumulate(factors[:-1], operator.mul, initial=1))
    after = list(accumulate(factors[:0:-1], operator.mul, initial=1))[::-1]
    return [left * right for left, right in zip(before, after, strict=True)]


# For derivatives at the edge of a domain: the limit, infinite, where the public function would be an error


@primitive(
    derivatives=[lambda out, x: -out * out],
    symbol="1/(·)",
    latex=r"\frac{{1}}{{{0}}}",
    domain=[NONZERO],
    total=True,
    singular=True,
)
def reciprocal(x: float) -> float:
    """1 / x, and ±infinity at ±0."""
    return 1 / x if x else math.copysign(math.inf, x)


@primitive(
    derivatives=[lambda out, x: reciprocal(x)],
    symbol="log",
    latex=r"\ln\left({0}\right)",
    domain=[POSITIVE],
    total=True,
    singular=True,
)
def log_limit(x: float) -> float:
    """log(x), −infinity at 0, and NaN below."""
    return math.log(x) if x > 0 else -math.inf if x == 0 else math.nan


@primitive(
    derivatives=[lambda out, x, y: _slope_of_power(0, x, y), lambda out, x, y: power_times_logs(1)(x, y)],
    symbol="**",
    precedence=3,
    latex="{{{0}}}^{{{1}}}",
    domain=[POSITIVE, REALS],
    total=True,
    singular=True,
    neutral=(None, 1),
)
def power_limit(x: float, y: float) -> float:
    """x ** y; infinity for 0 to a negative power and for what is too large for a float, NaN where there is no real power."""
    try:
        result = x**y
        if isinstance(result, complex):
            return math.nan
        return result
    except ZeroDivisionError:
        return math.inf
    except OverflowError:
        return math.inf if x > 0 or y % 2 == 0 else -math.inf


@cache
def power_times_logs(order: int, at_zero: bool = False) -> Any:
    """The operation xʸ·(log x)ⁿ, the n-th derivative of a power by its exponent; of order 0 it is the power itself.

    At x = 0 it is the limit, or 0 where `at_zero`: what the power there, a constant but for its jump at y = 0, has by `y`.
    """
    if order == 0:
        return power_limit

    @primitive(
        name=f"power_log{'' if order == 1 else order}{'' if at_zero else '_limit'}",
        derivatives=[
            lambda out, x, y: _slope_of_power(order, x, y),
            lambda out, x, y: power_times_logs(order + 1, at_zero)(x, y),
        ],
        latex=rf"{{{{{{0}}}}}}^{{{{{{1}}}}}} \ln^{{{{{order}}}}}\left({{0}}\right)" if order > 1 else POWER_LOG,
        domain=[NON_NEGATIVE if at_zero else POSITIVE, REALS],
        total=True,
        singular=True,
    )
    def power_log(x: Any, y: Any) -> Any:
        """xʸ·log x: the derivative of a power by its exponent."""
        if at_zero and x == 0:
            return 0.0
        return _power_times_log(x, y, order)

    return power_log


POWER_LOG: Final = r"{{{0}}}^{{{1}}} \ln\left({0}\right)"
power_log = power_times_logs(1, at_zero=True)


def _power_times_log(x: Any, y: Any, order: int) -> Any:
    """xʸ·(log x)ⁿ: 0 where the power is 0, since that is stronger than the logarithm; NaN where there is no real power."""
    power = power_limit(x, y) if x >= 0 else math.nan
    return power * log_limit(x) ** order if power else 0.0


def _slope_of_power(order: int, x: Any, y: Any) -> Any:
    """The derivative of xʸ·(log x)ⁿ by `x`; 0 times what is infinite is 0 where the exponent is.

    Where the exponent is a plain number, as in x³, nobody differentiates by it.
    """
    before = power_times_logs(order)(x, y - 1)
    exponent = y.data if getattr(y, "is_constant", False) else y if type(y) in (int, float) else 0
    by_power = y * before if exponent else gated(y, before)
    return by_power + order * power_times_logs(order - 1)(x, y - 1) if order else by_power


# The table by name, and which primitives are its own

TABLE: Final[dict[str, Any]] = {
    function.primitive.name: function
    for function in list(globals().values())
    if isinstance(function, FunctionType) and hasattr(function, "primitive")
}

OWN: Final = frozenset(operation.primitive for operation in TABLE.values())  # not those made on demand, nor a user's
