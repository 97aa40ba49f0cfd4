"""Numerical derivatives: as good as they say, and what they confirm."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd_lite.numerical.derivative import best_estimates, disagreements, numerical_derivative
from autograd_lite.numerical.differences import Entry


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
    assert estimate.converged
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


@given(st.floats(-12, 2), st.floats(0.25, 1.5), st.sampled_from([0.0, 3.0]))
def test_steps_too_wide_for_a_narrow_peak_confirm_nothing(exponent, place, slope):
    def peak(x):
        return math.exp(-((x / 10**exponent) ** 2)) + slope * x

    x = place * 10**exponent
    unconfirmed = disagreements(lambda point: [peak(*point)], [x], 0, [[slope], [slope + peak_slope(x, 10**exponent)]], 1e-6)
    assert list(unconfirmed) == [(0, 0)]


def peak_slope(x, width):
    """The derivative of exp(-(x / width)²)."""
    return -2 * x / width**2 * math.exp(-((x / width) ** 2))


def test_derivatives_of_several_outputs_by_one_of_several_inputs():
    def f(point):
        x, y = point
        return [x * y, x + y * y, 3.0]

    found = disagreements(f, [2.0, 5.0], 1, [[2.0, 10.0, 0.0], [2.0, 11.0, 0.0], [3.0, 10.0, 1.0]], 1e-6, 0.0)
    assert {key: estimate.value for key, estimate in found.items()} == {(1, 1): 10.0, (2, 0): 2.0, (2, 2): 0.0}
    assert disagreements(f, [2.0, 5.0], 0, [[5.0, 1.0, 0.0]], 1e-6, 0.0) == {}
    assert disagreements(f, [2.0, 5.0], 0, [[5.1, 1.0, 0.0]], 0.1, 0.0) == {}
    assert disagreements(f, [2.0, 5.0], 0, [[5.1, 1.0, 0.05]], 0.0, 0.125) == {}


def test_a_function_that_has_no_value_around_has_no_derivative():
    assert disagreements(lambda point: [math.log(-1 - point[0] ** 2)], [1.0], 0, [[0.0]], 1e-6, 0.0) == {(0, 0): None}
    with pytest.raises(ArithmeticError, match=r"no derivative at 2.5: the function cannot be evaluated on either side of it"):
        numerical_derivative(lambda x: math.nan, 2.5)


@pytest.mark.parametrize("place", [-0.5, 0.0, 0.5])
def test_the_largest_rounding_around_the_point_counts(place):
    entries = [[Entry(1.0, 0.0, 0.5)]]
    (estimate,) = best_estimates(lambda point: [1e10 if point[0] == place else 1.0], [0.0], 0, entries, on_values=False)
    assert estimate.rounding == 2 * 2 * 1e10 * 2.0**-53 / 0.5


def test_of_the_entries_of_an_extrapolation_the_one_of_the_least_error_is_taken():
    entries = [[Entry(1.0, 1e-3, 0.5), Entry(2.0, 1e-9, 0.25), Entry(3.0, 1e-12, 2.0**-40)]]
    (estimate,) = best_estimates(lambda point: [point[0]], [1.0], 0, entries, on_values=False)
    assert (estimate.value, estimate.truncation) == (2.0, 1e-9)
    assert estimate.rounding == pytest.approx(2 * 1.5 * 2.0**-52 / 0.25)  # of the largest value, at 1 + 0.5
