"""The table against mpmath: values, first derivatives and higher ones, over each function's domain.

A unit in the last place (ULP) is that of the true result. Exceptions: near the zeros of gelu', silu' and sinc', of digamma, and
of lgamma below 0, which no float can hit, the error is measured in units of the terms that cancel there; results below 1e-300
are left out, since digits run out among them; the derivative of a power carries the rounding of its exponent y − 1, and a
softmax that of the differences of its logits.
"""

import math
from collections.abc import Callable
from functools import cache
from typing import Any

import mpmath
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import autograd_lite as ag
from autograd_lite.ops import TABLE

mp = mpmath.MPContext()
mp.prec = 250
ULPS = 4

# The functions in mpmath, which differentiates them itself
TRUE: dict[str, Callable[..., Any]] = {
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "mul": lambda a, b: a * b,
    "gated": lambda a, b: a * b,
    "truediv": lambda a, b: a / b,
    "pow": lambda a, b: a**b,
    "neg": lambda x: -x,
    "one_minus_square": lambda x: 1 - x * x,
    "exp": mp.exp,
    "expm1": mp.expm1,
    "log": mp.log,
    "log1p": mp.log1p,
    "log2": lambda x: mp.log(x) / mp.log(2),
    "log10": lambda x: mp.log(x) / mp.log(10),
    "sqrt": mp.sqrt,
    "cbrt": lambda x: mp.sign(x) * mp.cbrt(abs(x)),
    "sin": mp.sin,
    "cos": mp.cos,
    "tan": mp.tan,
    "asin": mp.asin,
    "acos": mp.acos,
    "atan": mp.atan,
    "atan2": mp.atan2,
    "hypot": lambda a, b: mp.sqrt(a * a + b * b),
    "sinh": mp.sinh,
    "cosh": mp.cosh,
    "tanh": mp.tanh,
    "sech_squared": lambda x: mp.sech(x) ** 2,
    "asinh": mp.asinh,
    "acosh": mp.acosh,
    "atanh": mp.atanh,
    "erf": mp.erf,
    "erfc": mp.erfc,
    "gaussian": lambda x: mp.exp(-x * x),
    "sigmoid": lambda x: 1 / (1 + mp.exp(-x)),
    "softplus": lambda x: mp.log1p(mp.exp(x)),
    "silu": lambda x: x / (1 + mp.exp(-x)),
    "gelu": lambda x: x * mp.erfc(-x / mp.sqrt(2)) / 2,
    "normal_cdf": lambda x: mp.erfc(-x / mp.sqrt(2)) / 2,
    "normal_pdf": lambda x: mp.exp(-x * x / 2) / mp.sqrt(2 * mp.pi),
    "reciprocal": lambda x: 1 / x,
    "log_limit": mp.log,
    "power_limit": lambda a, b: a**b,
    "power_log": lambda a, b: a**b * mp.log(a),
    "square": lambda x: x * x,
    "exp2": lambda x: mp.mpf(2) ** x,
    "deg2rad": lambda x: x * mp.pi / 180,
    "rad2deg": lambda x: x * 180 / mp.pi,
    "sinc": lambda x: mp.sinpi(x) / (mp.pi * x),
    "lgamma": lambda x: mp.re(mp.loggamma(x)),
    "digamma": mp.digamma,
}
UNARY = [name for name in TRUE if len(TABLE[name].primitive.derivatives) == 1]
DERIVATIVES: dict[str, Callable[..., Any]] = {
    "exp": mp.exp,
    "expm1": mp.exp,
    "neg": lambda x: mp.mpf(-1),
    "log": lambda x: 1 / x,
    "log_limit": lambda x: 1 / x,
    "log1p": lambda x: 1 / (1 + x),
    "log2": lambda x: 1 / (x * mp.log(2)),
    "log10": lambda x: 1 / (x * mp.log(10)),
    "sqrt": lambda x: 1 / (2 * mp.sqrt(x)),
    "cbrt": lambda x: 1 / (3 * mp.cbrt(abs(x)) ** 2),
    "sin": mp.cos,
    "cos": lambda x: -mp.sin(x),
    "tan": lambda x: mp.sec(x) ** 2,
    "asin": lambda x: 1 / mp.sqrt(1 - x * x),
    "acos": lambda x: -1 / mp.sqrt(1 - x * x),
    "atan": lambda x: 1 / (1 + x * x),
    "sinh": mp.cosh,
    "cosh": mp.sinh,
    "tanh": lambda x: mp.sech(x) ** 2,
    "sech_squared": lambda x: -2 * mp.tanh(x) * mp.sech(x) ** 2,
    "asinh": lambda x: 1 / mp.sqrt(1 + x * x),
    "acosh": lambda x: 1 / mp.sqrt(x * x - 1),
    "atanh": lambda x: 1 / (1 - x * x),
    "erf": lambda x: 2 / mp.sqrt(mp.pi) * mp.exp(-x * x),
    "erfc": lambda x: -2 / mp.sqrt(mp.pi) * mp.exp(-x * x),
    "gaussian": lambda x: -2 * x * mp.exp(-x * x),
    "sigmoid": lambda x: mp.exp(-x) / (1 + mp.exp(-x)) ** 2,
    "softplus": lambda x: 1 / (1 + mp.exp(-x)),
    "silu": lambda x: (1 + x / (1 + mp.exp(x))) / (1 + mp.exp(-x)),
    "gelu": lambda x: TRUE["normal_cdf"](x) + x * TRUE["normal_pdf"](x),
    "normal_cdf": lambda x: TRUE["normal_pdf"](x),
    "normal_pdf": lambda x: -x * TRUE["normal_pdf"](x),
    "reciprocal": lambda x: -1 / (x * x),
    "one_minus_square": lambda x: -2 * x,
    "square": lambda x: 2 * x,
    "exp2": lambda x: mp.log(2) * mp.mpf(2) ** x,
    "deg2rad": lambda x: mp.pi / 180,
    "rad2deg": lambda x: 180 / mp.pi,
    "sinc": lambda x: (mp.cospi(x) - mp.sinpi(x) / (mp.pi * x)) / x if abs(x) > 1e-20 else -(mp.pi**2) * x / 3,
    "lgamma": mp.digamma,
    "digamma": lambda x: mp.psi(1, x),
}


def terms_of_digamma(x: Any) -> Any:
    return 1 + (mp.pi * abs(mp.cot(mp.pi * x)) if x < 0 else 0)


CANCELLING_VALUES: dict[str, Callable[..., Any]] = {  # the terms that the value is the sum of
    "lgamma": lambda x: 1 + abs(mp.log(-x)) if x < 0 else 0,
    "digamma": terms_of_digamma,
}
CANCELLING: dict[str, Callable[..., Any]] = {  # the same for the derivative
    "lgamma": terms_of_digamma,
    "sinc": lambda x: (abs(mp.cospi(x)) + abs(mp.sinc(mp.pi * x))) / abs(x) if abs(x) > 0.5 else 0,
    "gelu": lambda x: TRUE["normal_cdf"](x) + abs(x) * TRUE["normal_pdf"](x),
    "silu": lambda x: (1 + abs(x) / (1 + mp.exp(x))) / (1 + mp.exp(-x)),
}
LIMITED = {  # beyond which the value itself is no float, or 0, or the limit
    **dict.fromkeys(("exp", "exp2", "expm1", "sinh", "cosh"), 709.0),
    **dict.fromkeys(("lgamma", "digamma"), 1e100),
    "sinc": 1e15,
    **dict.fromkeys(("sigmoid", "softplus", "silu"), 700.0),
    **dict.fromkeys(("erf", "erfc", "gaussian"), 26.0),
    **dict.fromkeys(("gelu", "normal_cdf", "normal_pdf"), 37.0),
    **dict.fromkeys(("reciprocal", "one_minus_square", "square"), 1e150),
    **dict.fromkeys(("tanh", "sech_squared"), 350.0),
}


@cache
def numbers(name: str, operand: int = 0) -> st.SearchStrategy[float]:
    """Numbers of every size in the domain, among them many that are near its ends."""
    intervals = TABLE[name].primitive.domain
    domain = intervals[operand] if intervals else ag.Interval()
    limit = LIMITED.get(name, 1e300)
    sizes = st.builds(lambda sign, exponent: sign * 10.0**exponent, st.sampled_from([-1, 1]), st.floats(-150, 300))
    near = [st.builds(lambda d, end=end, sign=sign: end + sign * 10.0**d, st.floats(-15, 1))
            for end, sign in ((domain.low, 1), (domain.high, -1)) if math.isfinite(end)]  # fmt: skip
    everywhere = st.one_of(sizes, st.floats(-40, 40), st.floats(-3, 3), *near)
    return everywhere.filter(lambda x: x in domain and 1e-150 < abs(x) < limit)


def ulps(got: float, true: Any, scale: Any = None) -> float:
    """The distance of a float from the true number, in units in the last place of it (or of `scale`)."""
    unit = math.ulp(float(abs(true if scale is None else scale)))
    return float(abs(mp.mpf(got) - true) / mp.mpf(unit))


def representable(true: Any) -> bool:
    return bool(mp.isfinite(true) and (true == 0 or 1e-300 < abs(true) < 1.7e308))


@pytest.mark.parametrize("name", UNARY)
@given(data=st.data())
def test_value_and_first_derivative_are_within_four_ulps(name: str, data: st.DataObject) -> None:
    x = data.draw(numbers(name))
    exact = mp.mpf(x)
    value = TRUE[name](exact)
    assume(representable(value))
    v = ag.Value(x)
    y = TABLE[name](v)
    scale = max(abs(value), CANCELLING_VALUES[name](exact)) if name in CANCELLING_VALUES else None
    assert ulps(y.data, value, scale) <= ULPS
    y.backward()
    assume(not math.isinf(v.grad))  # at the end of a domain: tests of the conventions have those
    derivative = DERIVATIVES[name](exact)
    assume(representable(derivative))
    scale = max(abs(derivative), CANCELLING[name](exact)) if name in CANCELLING else None
    assert ulps(v.grad, derivative, scale) <= ULPS


@pytest.mark.parametrize("name", ["add", "sub", "mul", "truediv", "atan2", "hypot"])
@given(a=st.floats(-1e100, 1e100), b=st.floats(-1e100, 1e100))
def test_functions_of_two_operands_are_within_four_ulps(name: str, a: float, b: float) -> None:
    assume(min(abs(a), abs(b)) > 1e-100)
    x, y = mp.mpf(a), mp.mpf(b)
    square = x * x + y * y
    by = {
        "add": (1, 1),
        "sub": (1, -1),
        "mul": (y, x),
        "truediv": (1 / y, -x / (y * y)),
        "atan2": (y / square, -x / square),
        "hypot": (x / mp.sqrt(square), y / mp.sqrt(square)),
    }[name]
    left, right = ag.Value(a), ag.Value(b)
    out = TABLE[name](left, right)
    true = TRUE[name](x, y)
    assert not representable(true) or ulps(out.data, true) <= ULPS
    out.backward()
    for got, derivative in zip((left.grad, right.grad), by, strict=True):
        assert not representable(derivative) or ulps(got, mp.mpf(derivative)) <= ULPS


@given(x=st.floats(1e-40, 1e40), y=st.floats(-6, 6))
def test_power_is_within_four_ulps_but_for_the_rounding_of_its_exponent(x: float, y: float) -> None:
    a, b = mp.mpf(x), mp.mpf(y)
    base, exponent = ag.Value(x), ag.Value(y)
    out = base**exponent
    assert ulps(out.data, a**b) <= ULPS
    assume(abs(y) > 1e-3 and abs(x - 1) > 1e-3)
    out.backward()
    carried = abs(mp.log(a)) * mp.mpf(abs((mp.mpf(y) - 1) - mp.mpf(y - 1))) * 2**53  # what y − 1 was rounded by
    assert ulps(base.grad, b * a ** (b - 1)) <= ULPS + 2 * float(carried)
    assert ulps(exponent.grad, a**b * mp.log(a)) <= ULPS


@given(logits=st.lists(st.floats(-1000, 1000), min_size=1, max_size=6), shift=st.sampled_from([0.0, 1e3, -1e3]))
def test_logsumexp_and_softmax_lose_no_more_than_the_difference_of_their_logits(logits: list[float], shift: float) -> None:
    logits = [x + shift for x in logits]
    exact = [mp.mpf(x) for x in logits]
    largest = max(exact)
    whole = mp.fsum(mp.exp(x - largest) for x in exact)
    total = largest + mp.log(whole)
    values = [ag.Value(x) for x in logits]
    out = ag.logsumexp(values)
    assert ulps(out.data, total, max(abs(total), 1)) <= ULPS
    out.backward()
    for x, v, share in zip(exact, values, ag.softmax(logits), strict=True):
        true = mp.exp(x - largest) / whole
        bound = ULPS + 4 * float(largest - x)  # the rounding of x − max, in the exponent
        assert not representable(true) or ulps(share, true) <= bound
        assert not representable(true) or ulps(v.grad, true) <= bound
    assert abs(math.fsum(ag.softmax(logits)) - 1) < 1e-14


ABOVE_ONE, POSITIVE, ANYWHERE = (1.5, 3.0), (0.3, 4.0), (-0.7, 0.3, 0.9)
POINTS = {"acosh": ABOVE_ONE, **dict.fromkeys(("log", "log2", "log10", "log_limit", "sqrt"), POSITIVE)}


@pytest.mark.parametrize(("name", "x"), [(name, x) for name in UNARY for x in POINTS.get(name, ANYWHERE)])
def test_third_derivatives_are_those_of_mpmath(name: str, x: float) -> None:
    f = TABLE[name]
    true = mp.diff(TRUE[name], mp.mpf(x), 3)
    assert ag.grad(ag.grad(ag.grad(f)))(x) == pytest.approx(float(true), rel=1e-11, abs=1e-11)


@pytest.mark.parametrize("name", ["add", "mul", "truediv", "pow", "atan2", "hypot"])
@pytest.mark.parametrize("orders", [(3, 0), (2, 1), (1, 2), (0, 3)])
def test_third_derivatives_of_two_operands_are_those_of_mpmath(name: str, orders: tuple[int, int]) -> None:
    derivative = TABLE[name]
    for argument, order in enumerate(orders):
        for _ in range(order):
            derivative = ag.grad(derivative, argument)
    true = mp.diff(TRUE[name], (mp.mpf(1.3), mp.mpf(0.7)), orders)
    assert derivative(1.3, 0.7) == pytest.approx(float(true), rel=1e-11, abs=1e-11)


SMOOTH_VARIADIC: dict[str, Callable[..., Any]] = {
    "prod": lambda a, b, c: a * b * c,
    "logsumexp": lambda a, b, c: mp.log(mp.exp(a) + mp.exp(b) + mp.exp(c)),
    "sum": lambda a, b, c: a + b + c,
}


@pytest.mark.parametrize("name", SMOOTH_VARIADIC)
@pytest.mark.parametrize("orders", [(3, 0, 0), (1, 1, 1), (2, 1, 0)])
def test_third_derivatives_of_many_operands_are_those_of_mpmath(name: str, orders: tuple[int, ...]) -> None:
    def derivative(*terms: Any) -> Any:
        return TABLE[name](terms)

    for argument, order in enumerate(orders):
        for _ in range(order):
            derivative = ag.grad(derivative, argument)
    true = mp.diff(SMOOTH_VARIADIC[name], (mp.mpf(0.5), mp.mpf(-0.25), mp.mpf(1.25)), orders)
    assert derivative(0.5, -0.25, 1.25) == pytest.approx(float(true), rel=1e-11, abs=1e-11)


@pytest.mark.parametrize("order", [1, 2, 3, 5, 10])
@given(x=st.floats(-30, 60).filter(lambda x: abs(x) > 1e-3 and (x > 0 or abs(x - round(x)) > 1e-3)))
def test_derivatives_of_digamma_and_sinc_of_any_order(order: int, x: float) -> None:
    exact = mp.mpf(x)
    psi = mp.psi(order, exact)
    # below 0 those of even order have zeros, where sums of this size cancel
    size = mp.psi(order, abs(exact - mp.nint(exact)) + mp.mpf("1e-9")) if x < 0 else 0
    assert ulps(ag.ops.polygamma(order)(x), psi, max(abs(psi), abs(size))) <= 8
    assert ag.ops.sinc_derivative(order)(x) == pytest.approx(
        float(mp.diff(lambda t: mp.sinc(mp.pi * t), exact, order)), rel=1e-12, abs=1e-13 * math.pi**order
    )


LIMITS = {  # value and derivative as x goes to −infinity, and to infinity
    "sigmoid": ((0, 0), (1, 0)),
    "tanh": ((-1, 0), (1, 0)),
    "softplus": ((0, 0), (math.inf, 1)),
    "silu": ((0, 0), (math.inf, 1)),
    "gelu": ((0, 0), (math.inf, 1)),
    "relu": ((0, 0), (math.inf, 1)),
    "elu": ((-1, 0), (math.inf, 1)),
    "erf": ((-1, 0), (1, 0)),
    "erfc": ((2, 0), (0, 0)),
    "atan": ((-math.pi / 2, 0), (math.pi / 2, 0)),
    "normal_cdf": ((0, 0), (1, 0)),
}


@pytest.mark.parametrize("name", LIMITS)
@pytest.mark.parametrize("size", [1000.0, 1e200, math.inf])
@pytest.mark.parametrize("side", [0, 1])
def test_activations_have_their_limits_and_never_nan(name: str, size: float, side: int) -> None:
    x = ag.Value(size if side else -size)
    y = TABLE[name](x)
    y.backward()
    value, derivative = LIMITS[name][side]
    value = min(value, size)  # what grows like x
    assert y.data == pytest.approx(value, rel=1e-3)
    assert x.grad == pytest.approx(derivative, abs=1e-5)


def test_every_smooth_primitive_is_checked_here() -> None:
    smooth = {name for name, f in TABLE.items() if f.primitive.kink is None and None not in f.primitive.derivatives}
    assert smooth - set(TRUE) == {"identity", "dot", *SMOOTH_VARIADIC}
