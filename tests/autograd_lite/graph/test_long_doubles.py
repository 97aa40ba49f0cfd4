"""Longdouble keeps its precision: values and derivatives to its last digits, or an error where NumPy cannot compute them."""

import math
from math import cos
from typing import Any

import mpmath
import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import autograd_lite as ag
from autograd_lite import Value, grad, jvp, primitive
from autograd_lite.ops import TABLE

long = np.longdouble
UNIT = float(np.finfo(long).eps)
pytestmark = pytest.mark.skipif(UNIT > 1e-18, reason="a long float is no longer than a float here")
NAMES = [
    *("exp", "expm1", "log", "log1p", "sqrt", "cbrt", "sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh"),
    *("asinh", "acosh", "atanh", "exp2", "log2", "log10", "deg2rad", "rad2deg"),
]
REFUSED = ["erf", "erfc", "gelu", "normal_cdf", "lgamma", "digamma", "sinc"]  # made of what NumPy lacks
MP = mpmath.mp.clone()
MP.prec = 120
TRUE = {
    "exp2": lambda x: MP.mpf(2) ** x,
    "log2": lambda x: MP.log(x) / MP.log(2),
    "deg2rad": lambda x: x * MP.pi / 180,
    "rad2deg": lambda x: x * 180 / MP.pi,
}


def exact(x: Any) -> Any:
    """A longdouble in many digits."""
    return MP.mpf(float(x)) + MP.mpf(float(x - long(float(x))))


def off(found: Any, expected: Any) -> float:
    """How many units of longdouble a number is off."""
    return float(abs((exact(found) - expected) / expected)) / UNIT


@pytest.mark.parametrize("name", NAMES)
@given(st.integers(1, 10**6))
def test_a_function_and_its_derivative_are_right_to_the_last_digits(name: str, k: int) -> None:
    x = long(k) / long(10**6 + 3) + (name == "acosh") * long(1.5)
    true, value = TRUE.get(name) or getattr(MP, name), Value(x)
    result = TABLE[name](value)
    result.backward()
    assert type(result.data) is type(value.grad) is long
    assert off(result.data, true(exact(x))) <= 8
    assume(abs(x - 1) > 0.01)  # beside 1 the slope of asin, say, changes by more than the rounding of x
    assert off(value.grad, MP.diff(true, exact(x))) <= 64
    assert TABLE[name](x) == result.data


@pytest.mark.parametrize("name", ["exp2", "log2", "log10"])
def test_so_is_a_second_derivative_that_has_a_constant_in_it(name: str) -> None:
    x = long(2) / 3
    true = TRUE.get(name) or getattr(MP, name)
    assert off(grad(grad(TABLE[name]))(x), MP.diff(true, exact(x), 2)) <= 64


@pytest.mark.parametrize("name", REFUSED)
def test_what_numpy_lacks_is_refused_and_computed_from_a_float(name: str) -> None:
    x = long(1) / 3
    for operand in (x, Value(x)):
        with pytest.raises(TypeError, match=rf"{name}\(.*longdouble.*with float\(x\) it is computed in double precision"):
            TABLE[name](operand)
    assert TABLE[name](Value(float(x))).data == TABLE[name](1 / 3)


def test_an_operation_of_ones_own_that_would_cut_it_is_refused() -> None:
    cut = primitive(derivatives=[lambda out, x: 2 * x])(lambda x: float(x) ** 2)
    beta = primitive(derivatives=[lambda out, x: x])(lambda x: math.gamma(x))
    for operation in (cut, beta):
        assert operation(0.5) > 0
        with pytest.raises(TypeError, match="longdouble"):
            operation(Value(long(1) / 3))


def written_otherwise(x: Any) -> Any:
    return math.cos(x)


@pytest.mark.parametrize(
    "rule", [lambda out, x: math.cos(x), lambda out, x: cos(x), lambda out, x: written_otherwise(x), lambda out, x: ag.cos(x)]
)
def test_a_derivative_of_ones_own_cuts_nothing_though_it_is_written_with_math(rule: Any) -> None:
    sine = primitive(derivatives=[rule])(lambda x: math.sin(x))
    point = long(1) / 3
    node = sine(Value(point))
    with ag.detect_anomaly():
        watched = sine(Value(point))
        watched.backward()
    found = [grad(sine)(point), jvp(sine, (point,), (long(1),))[1], *node.local_derivatives, watched.parents[0].grad]
    assert all(off(slope, MP.cos(exact(point))) <= 2 for slope in found)


@pytest.mark.parametrize("rule", [lambda out, x: float(x), lambda out, x: math.gamma(x)])
def test_a_derivative_of_ones_own_that_would_cut_it_is_refused(rule: Any) -> None:
    half_square = primitive(derivatives=[rule], name="half_square")(lambda x: x * x / 2)
    assert grad(half_square)(2.0) > 0
    for ask in (grad(half_square), lambda x: jvp(half_square, (x,), (x,)), lambda x: half_square(Value(x)).local_derivatives):
        with pytest.raises(TypeError, match=r"derivative 0 of 'half_square' cannot be used: .*longdouble"):
            ask(long(1) / 3)


factor = 1.0


def test_what_it_takes_from_around_it_is_what_that_is_now() -> None:
    global factor
    scale = 1.0
    scaled = primitive(derivatives=[lambda out, x: factor * scale * math.cos(x)])(lambda x: factor * scale * math.sin(x))
    point = long(1) / 3
    try:
        for factor, scale in ((1.0, 1.0), (4.0, 1.0), (4.0, 0.5)):
            assert scaled(point) == scaled(Value(point)).data == factor * scale * np.sin(point)
            assert grad(scaled)(point) == factor * scale * np.cos(point)
    finally:
        factor = 1.0


def test_so_are_operations_of_others_and_of_a_users_own() -> None:
    @primitive(derivatives=[lambda out, x: ag.cos(x) * out])
    def exp_of_sine(x: Any) -> Any:
        return math.exp(math.sin(x))

    x = long(1) / 3
    for f in (exp_of_sine, lambda x: ag.exp(ag.sin(x))):
        assert off(f(x) if f is exp_of_sine else f(Value(x)).data, MP.exp(MP.sin(exact(x)))) <= 4
        assert off(grad(f)(x), MP.cos(exact(x)) * MP.exp(MP.sin(exact(x)))) <= 8
    assert off(ag.sigmoid(x), 1 / (1 + MP.exp(-exact(x)))) <= 4
    assert off(ag.logsumexp([x, 2 * x]), MP.log(MP.exp(exact(x)) + MP.exp(exact(2 * x)))) <= 4
    assert off(grad(lambda x: 2**x)(x), 2 ** exact(x) * MP.log(2)) <= 4


def test_errors_are_those_of_other_numbers() -> None:
    for call in (
        lambda: ag.log(long(-1)),
        lambda: ag.log(Value(long(-1))),
        lambda: ag.sqrt(long(-1)),
        lambda: 1 / Value(long(0)),
    ):
        with pytest.raises(ArithmeticError):
            call()
    assert ag.exp(long(1000)) > long(1e300)
    with pytest.raises(OverflowError, match="exp"):
        ag.exp(long(1e6))
