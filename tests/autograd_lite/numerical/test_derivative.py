"""Numerical derivatives: as good as they say, and what they confirm."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd_lite.numerical.derivative import disagreements, numerical_derivative
from autograd_lite.numerical.findings import Kind


@pytest.mark.parametrize(
    ("f", "x", "expected"),
    [
        (math.exp, 1.0, math.e),
        (math.sin, 1e6, math.cos(1e6)),
        (math.log, 1e-8, 1e8),
        (lambda x: x**3, 0.0, 0.0),
        (math.sqrt, 1e-4, 50.0),
        (lambda x: 1e-150 * x * x, 2.0, 4e-150),
    ],
)
def test_numerical_derivative_and_its_error(f, x, expected):
    estimate = numerical_derivative(f, x)
    assert abs(estimate.value - expected) <= 5 * estimate.error
    assert estimate.error <= 1e-7 * max(abs(expected), abs(f(x)), 1e-20)
    assert estimate.contradicts(1.001 * expected + 1e-6 * (expected == 0), 0.0, 0.0)


def test_numerical_derivative_beside_a_gap_comes_from_the_steps_that_reach_beyond_it():
    def gap(x):
        if 0 < abs(x) < 2.0**-9:
            raise ValueError("undefined")
        return math.exp(x)

    estimate = numerical_derivative(gap, 0.0)
    assert abs(estimate.value - 1) <= 5 * estimate.error < 1e-6


@given(st.floats(-3, 3), st.floats(0.1, 10))
def test_a_numerical_derivative_is_as_good_as_it_says(x, scale):
    for f, expected in (
        (lambda t: math.sin(scale * t), scale * math.cos(scale * x)),
        (lambda t: math.exp(t / scale), math.exp(x / scale) / scale),
        (lambda t: 1 / (1 + scale * t * t), -2 * scale * x / (1 + scale * x * x) ** 2),
    ):
        estimate = numerical_derivative(f, x)
        inside = 1e-12 * max(1.0, abs(expected))  # rounding inside of f, which its result does not show
        assert abs(estimate.value - expected) <= 5 * estimate.error + inside
        assert estimate.error <= 1e-7 * max(1.0, scale, abs(expected), abs(f(x)))


@given(st.integers(-30, 30), st.integers(-8, 8))
def test_a_numerical_derivative_next_to_a_power_of_two_is_as_good_as_it_says(exponent, floats):
    power = 2.0**exponent
    x = power * (1 + floats * 2.0**-52) if floats > 0 else power * (1 + floats * 2.0**-53)
    for f, expected in (
        (lambda t: math.log(t / power) ** 2, 2 * math.log(x / power) / x),
        (lambda t: (t / power - 1) ** 2, 2 * (x / power - 1) / power),
        (lambda t: t / power - 1, 1 / power),
    ):
        estimate = numerical_derivative(f, x)
        assert abs(estimate.value - expected) <= 5 * estimate.error + 1e-15 * abs(expected)


@given(st.floats(-12, 2), st.floats(0.25, 1.5), st.sampled_from([0.0, 3.0]))
def test_steps_too_wide_for_a_narrow_peak_confirm_nothing(exponent, place, slope):
    def peak(x):
        return math.exp(-((x / 10**exponent) ** 2)) + slope * x

    x = place * 10**exponent
    unconfirmed = disagreements(
        lambda point: [peak(*point)], [x], [{0: 1.0}], [[slope], [slope + peak_slope(x, 10**exponent)]], 1e-6
    )
    assert list(unconfirmed) == [(0, 0)]


def peak_slope(x, width):
    """The derivative of exp(-(x / width)²)."""
    return -2 * x / width**2 * math.exp(-((x / width) ** 2))


def test_derivatives_of_several_outputs_by_one_of_several_inputs():
    def f(point):
        x, y = point
        return [x * y, x + y * y, 3.0]

    found = disagreements(f, [2.0, 5.0], [{1: 1.0}], [[2.0, 10.0, 0.0], [2.0, 11.0, 0.0], [3.0, 10.0, 1.0]], 1e-6, 0.0)
    assert {key: finding.estimate.value for key, finding in found.items()} == {(1, 1): 10.0, (2, 0): 2.0, (2, 2): 0.0}
    assert disagreements(f, [2.0, 5.0], [{0: 1.0}], [[5.0, 1.0, 0.0]], 1e-6, 0.0) == {}
    assert disagreements(f, [2.0, 5.0], [{0: 1.0}], [[5.1, 1.0, 0.0]], 0.1, 0.0) == {}
    assert disagreements(f, [2.0, 5.0], [{0: 1.0}], [[5.1, 1.0, 0.05]], 0.0, 0.125) == {}


def test_a_function_that_has_no_value_around_has_no_derivative():
    (finding,) = disagreements(lambda point: [math.log(-1 - point[0] ** 2)], [1.0], [{0: 1.0}], [[0.0]], 1e-6, 0.0).values()
    assert finding.kind is Kind.NOWHERE
    with pytest.raises(ArithmeticError, match=r"no derivative at 2.5: the function cannot be evaluated on either side of it"):
        numerical_derivative(lambda x: math.nan, 2.5)


def kind(f, x, analytic):
    """What is found of a derivative; None if it is confirmed."""
    finding = disagreements(lambda point: [f(*point)], [x], [{0: 1.0}], [[analytic]], 1e-6).get((0, 0))
    return finding and finding.kind


@pytest.mark.parametrize(
    ("f", "x", "slope"),
    [
        (lambda x: math.sin(1e9 * x), 1.0, 1e9 * math.cos(1e9)),
        (lambda x: math.sin(1e9 * x), 0.0, 1e9),
        (math.sin, 1e13, math.cos(1e13)),
        (math.cos, -1e15, -math.sin(-1e15)),
        (lambda x: float(np.sin(np.float32(x))), 1.0, math.cos(1)),
        (lambda x: float(np.float32(100) + np.tanh(np.float32(x))), 0.3, 1 - math.tanh(0.3) ** 2),
        (lambda x: round(math.sin(x), 6), 1.0, math.cos(1)),
        (math.tan, 1.570796326, 1 / math.cos(1.570796326) ** 2),
        (lambda x: math.exp(-1e6 * x * x), 5e-4, -1e3 * math.exp(-0.25)),
        (lambda x: x * abs(x), 0.0, 0.0),
        (lambda x: max(x, 0.0) ** 2, 0.0, 0.0),
        (lambda x: abs(x) ** 3, 0.0, 0.0),
        (lambda x: max(x, 0.0) + 3, -1e-3, 0.0),
        (lambda x: math.sqrt(x * x + 1e-20), 0.0, 0.0),
        (lambda x: (x - 1) ** 2 + 5, 1.0, 0.0),
        (lambda x: 5.0, 1.0, 0.0),
        (lambda x: (x + 1e10) - 1e10, 0.3, 1.0),
        (lambda x: abs(x), 1e-12, 1.0),
    ],
)
def test_frequency_noise_and_kinks_are_told_apart(f, x, slope):
    assert kind(f, x, slope) is None
    assert kind(f, x, 1.05 * slope + 0.01) in (Kind.WRONG, Kind.UNSETTLED)


@pytest.mark.parametrize("factor", [0.0, 1.0, 2.0])
@pytest.mark.parametrize(
    ("f", "slope"),
    [
        (lambda x: math.sin(x) + 1e13, math.cos(1)),
        (lambda x: math.sin(1e15 * x), 1e15 * math.cos(1e15)),
        (lambda x: (math.sin(x) + 1e13) - 1e13, 0.5),
        (lambda x: x + (x > 1), 1.0),
        (lambda x: float(np.sin(np.float16(x))), math.cos(1)),
        (lambda x: abs(x - 1), 1.0),
    ],
)
def test_nothing_is_said_where_nothing_is_seen(f, slope, factor):
    assert kind(f, 1.0, factor * slope + 0.25) in (Kind.UNSEEN, Kind.UNSETTLED, Kind.KINK)


@pytest.mark.parametrize("size", [1e-12, 1e-14, 1e-16, 1e-20])
def test_a_derivative_that_is_too_small_beside_the_value_is_not_seen(size):
    assert kind(lambda x: 1 + size * math.sin(x), 1.0, 1.05 * size * math.cos(1)) is Kind.UNSEEN


def test_what_looks_right_from_afar_and_is_not_from_close_by_is_unclear():
    assert kind(lambda x: x + 1e-9 * math.sin(1e9 * x), 0.3, 1.0) is Kind.UNCLEAR


def test_the_numerical_derivative_at_a_kink_is_between_those_of_its_sides():
    estimate = numerical_derivative(lambda x: 3 * abs(x) + x, 0.0)
    assert (estimate.value, estimate.error) == (1.0, pytest.approx(3.0, rel=0.01))
