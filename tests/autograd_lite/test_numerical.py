"""Numerical derivatives, part by part: where differences are taken, what they are exact for, what they say of their error."""

import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd_lite import Value, sin
from autograd_lite.modes import entered
from autograd_lite.numerical import (
    DISTURBANCE,
    LEFT,
    RIGHT,
    Disturbed,
    Entry,
    Estimate,
    disagreements,
    evaluate,
    extrapolations,
    numerical_derivative,
    one_sided,
    rounding,
    shifted,
    steps,
    tolerance,
    with_rounding,
)
from autograd_lite.ops import TABLE

# An estimate


def test_an_estimate_knows_its_error_and_whether_it_settled():
    assert Estimate(1.0, 0.25, 0.5).error == 0.75
    assert str(Estimate(12.000000000001, 2e-9, 1e-9)) == "12 ± 3e-09"
    assert Estimate(-1000.0, 1.0, 0.0).converged
    assert not Estimate(1000.0, 1.001, 0.0).converged
    assert Estimate(0.0, 5.0, 1.0).converged
    assert not Estimate(0.0, 5.001, 1.0).converged
    settled, worse, unsettled = Estimate(1.0, 0.0, 1.0), Estimate(1.0, 0.0, 2.0), Estimate(1.0, 0.1, 0.0)
    assert sorted([unsettled, worse, settled], key=lambda e: e.badness) == [settled, worse, unsettled]


def test_an_estimate_contradicts_what_tolerance_and_five_times_its_error_do_not_explain():
    estimate = Estimate(10.0, 0.5, 0.5)
    assert not estimate.contradicts(15.0, 0.0, 0.0)
    assert estimate.contradicts(15.001, 0.0, 0.0)
    assert not estimate.contradicts(4.5, 0.0, 0.5)
    assert estimate.contradicts(4.4, 0.0, 0.5)
    assert not estimate.contradicts(16.0, 1 / 16, 0.0)
    assert estimate.contradicts(16.01, 1 / 16, 0.0)
    assert all(estimate.contradicts(wrong, 1.0, 1.0) for wrong in (math.nan, math.inf, -math.inf))
    assert (estimate.gap(7.0), estimate.gap(11.0), estimate.gap(math.nan)) == (3.0, 1.0, math.inf)


def test_tolerance_is_relative_to_the_larger_number():
    assert tolerance(2.0, -8.0, 0.25, 1.0) == 3.0
    assert tolerance(-8.0, 2.0, 0.25, 1.0) == 3.0
    assert 0 < tolerance(0.0, 0.0, 0.5, 0.0) < 1e-307
    assert tolerance(math.inf, 1.0, 0.5, 0.0) == tolerance(1.0, math.nan, 0.5, 0.0) == -math.inf


# Where differences are taken


def test_first_steps_fall_from_what_suits_most_functions_to_what_suits_a_tiny_number():
    assert [math.log2(step) for step in steps(0.0)] == [-6, -12, -18, -24]
    assert [math.log2(step) for step in steps(1.0)] == [-6, -12, -18, -24]
    assert [math.log2(step) for step in steps(-1024.0)] == [4, -2, -8, -14, -20]
    assert [math.log2(step) for step in steps(64.0)] == [0, -6, -12, -18, -24]
    assert [math.log2(step) for step in steps(2.0**-8)] == [-6, -12, -18, -24, -30]


@pytest.mark.parametrize("x", [5e-324, -1e-310, 1e-300, 1e300, math.inf, -math.inf, math.nan])
def test_first_steps_end_at_every_number(x):
    found = list(itertools.islice(steps(x), 1000))
    assert len(found) < 1000
    assert bool(found) == math.isfinite(x)
    assert all(0 < step < math.inf for step in found)


def places(f, x, step, **options):
    """Where `f` is evaluated, and what the extrapolation gives."""
    seen = []

    def watched(point):
        seen.append(point[1])
        return [f(point[1])]

    entries = [*extrapolations(watched, [9.0, x, 9.0], 1, step, **options)]
    return seen, entries[-1][0] if entries else []


def test_differences_are_taken_on_both_sides_at_steps_each_half_the_one_before():
    seen, entries = places(lambda x: x * x, 3.0, 1.0)
    assert seen == [3.0] + [3.0 + side * 2.0**-k for k in range(7) for side in (-1, 1)]
    assert [entry.step for entry in entries] == [2.0**-k for k in range(1, 7) for _ in range(k)]


def test_at_the_edge_of_a_domain_differences_are_taken_inside():
    seen, _ = places(lambda x: math.sqrt(x - 3.0), 3.0, 1.0)
    assert seen[-12:] == [3.0 + place for k in range(1, 7) for place in (0.0, 2.0**-k)]
    seen, _ = places(lambda x: math.sqrt(3.0 - x), 3.0, 1.0)
    assert seen[-12:] == [3.0 + place for k in range(1, 7) for place in (-(2.0**-k), 0.0)]


def test_beside_a_gap_the_first_step_is_an_eighth_as_often_as_needed():
    def near(x):
        if abs(x) > 2.0**-16:
            raise ValueError("too far")
        return x

    seen, entries = places(near, 0.0, 1.0)
    assert max(map(abs, seen[-12:])) == 2.0**-19
    assert entries[-1].value == 1.0
    assert places(near, 1.0, 1.0)[1] == []
    assert places(lambda x: math.nan if abs(x) > 2.0**-18 else x, 0.0, 1.0)[1][-1].value == 1.0
    assert places(lambda x: math.nan if abs(x) > 2.0**-19 else x, 0.0, 1.0)[1] == []


def test_where_the_function_ends_on_the_way_the_extrapolation_does():
    def gap(x):
        if 0 < abs(x) < 0.1:
            raise ValueError("undefined")
        return x

    seen, entries = places(gap, 0.0, 1.0)
    assert len(entries) == 1 + 2 + 3
    assert min(map(abs, seen[1:-2])) == 0.125
    assert places(lambda x: x, 1e17, 1.0)[1] == []  # no number lies between


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


# What they are exact for


@given(st.integers(-8, 8), st.lists(st.integers(-5, 5), min_size=4, max_size=4))
def test_one_halving_is_exact_for_cubics_and_from_one_side_for_squares(x, coefficients):
    a, b, c, d = coefficients
    _, entries = places(lambda t: a + t * (b + t * (c + t * d)), float(x), 0.5)
    assert entries[0].value == b + 2 * c * x + 3 * d * x * x
    for sides in (LEFT, RIGHT):
        _, entries = places(lambda t: a + t * (b + t * c), float(x), 0.5, sides=sides)
        assert entries[0].value == b + 2 * c * x


def test_each_further_halving_adds_an_order():
    for halvings in range(1, 6):
        _, entries = places(lambda t, k=halvings: t ** (2 * k + 1), 1.0, 0.5)
        row = entries[halvings * (halvings - 1) // 2 :][:halvings]
        assert row[-1].value == pytest.approx(2 * halvings + 1, rel=1e-12)
        assert row[0].truncation > 1e-6 or halvings == 1
        _, entries = places(lambda t, k=halvings: t ** (k + 1), 1.0, 0.5, sides=RIGHT)
        row = entries[halvings * (halvings - 1) // 2 :][:halvings]
        assert row[-1].value == pytest.approx(halvings + 1, rel=1e-12)


def test_truncation_is_how_far_an_extrapolation_is_from_those_before():
    _, entries = places(lambda t: t**3, 0.0, 1.0)
    # differences at 1, 1/2, 1/4: 1, 1/4, 1/16; their extrapolations: 0
    assert entries[0] == Entry(0.0, 1.0, 0.5)
    assert entries[1] == Entry(0.0, 0.25, 0.25)
    assert entries[2] == Entry(0.0, 0.0, 0.25)


@pytest.mark.parametrize(("x", "left", "right"), [(0.0, -1.0, 1.0), (2.0, 1.0, 1.0), (-3.0, -1.0, -1.0)])
def test_derivatives_from_each_side(x, left, right):
    ((by_left, by_right),) = one_sided(lambda point: [abs(point[0])], [x], 0)
    assert (by_left.value, by_right.value) == (left, right)
    assert by_left.converged
    assert by_right.error < 1e-10


def test_there_is_no_derivative_from_outside_of_a_domain():
    assert one_sided(lambda point: [point[0] * math.sqrt(point[0])], [0.0], 0) == []
    assert one_sided(lambda point: [math.sqrt(-point[0])], [0.0], 0) == []


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


# Rounding


def test_evaluation_gives_floats_or_nothing():
    assert evaluate(lambda point: [Value(2), 3, point[0]], [0.5]) == [2.0, 3.0, 0.5]
    assert [type(x) for x in evaluate(lambda point: [Value(2), 3], [0.5])] == [float, float]
    for nothing in (math.nan, math.inf, 1j, Value(math.inf)):
        assert evaluate(lambda point, nothing=nothing: [1.0, nothing], [0.5]) is None
    assert evaluate(lambda point: [math.log(point[0])], [-1.0]) is None
    assert evaluate(lambda point: [1 / point[0]], [0.0]) is None
    assert evaluate(lambda point: [10**400], [0.0]) is None
    with pytest.raises(TypeError):
        evaluate(lambda point: [len(point[0])], [0.0])


def test_a_point_with_one_number_moved():
    point = [1.0, 2.0, 3.0]
    assert [shifted(point, index, 0.5) for index in range(3)] == [[1.5, 2.0, 3.0], [1.0, 2.5, 3.0], [1.0, 2.0, 3.5]]
    assert point == [1.0, 2.0, 3.0]


def test_rounding_is_half_a_unit_in_the_last_place_or_what_disturbances_show():
    unit = 2.0**-52
    assert rounding(lambda point: [point[0], 3 * point[0]], [4.0], on_values=False) == [4 * unit, 12 * unit]
    assert rounding(lambda point: [-point[0]], [4.0], on_values=False) == [4 * unit]
    assert rounding(lambda point: [math.log(point[0])], [-1.0]) == []
    exact, cancelled = rounding(lambda point: [point[0], (point[0] + 1e6) - 1e6], [1.0])
    assert exact == unit
    assert 0.4 * 1e6 * unit < cancelled < 2.1 * 1e6 * unit


def test_a_disturbance_is_small_beside_what_a_steep_function_needs():
    """1 / (x - 1) beside its pole: the rounding of x - 1 counts a billion times, as in reality."""
    (error,) = rounding(lambda point: [1 / (point[0] * 1.0 - 1)], [1 + 1e-9])
    assert 1e18 * 2.0**-53 < error < 5e18 * 2.0**-53


@pytest.mark.parametrize("place", [-0.5, 0.0, 0.5])
def test_the_largest_rounding_around_the_point_counts(place):
    entries = [[Entry(1.0, 0.0, 0.5)]]
    (estimate,) = with_rounding(lambda point: [1e10 if point[0] == place else 1.0], [0.0], 0, entries, on_values=False)
    assert estimate.rounding == 2 * 2 * 1e10 * 2.0**-53 / 0.5


def test_a_disturbance_is_small_random_and_leaves_what_is_exact():
    changes = []
    for seed in range(20):
        with entered(lambda seed=seed: Disturbed(seed)):
            first, again = sin(Value(1.0)).data, sin(Value(1.0)).data
            assert (Value(2) * 3).data == 6
            assert TABLE["identity"](Value(0.3)).data == 0.3
        assert first != again
        changes += [(x / math.sin(1.0) - 1) / DISTURBANCE for x in (first, again)]
        with entered(lambda seed=seed: Disturbed(seed)):
            assert sin(Value(1.0)).data == first
    assert all(0.49 < abs(change) < 1.01 for change in changes)
    assert {change > 0 for change in changes} == {True, False}
    assert max(map(abs, changes)) - min(map(abs, changes)) > 0.3


def test_of_the_entries_of_an_extrapolation_the_one_of_the_least_error_is_taken():
    entries = [[Entry(1.0, 1e-3, 0.5), Entry(2.0, 1e-9, 0.25), Entry(3.0, 1e-12, 2.0**-40)]]
    (estimate,) = with_rounding(lambda point: [point[0]], [1.0], 0, entries, on_values=False)
    assert (estimate.value, estimate.truncation) == (2.0, 1e-9)
    assert estimate.rounding == pytest.approx(2 * 1.5 * 2.0**-52 / 0.25)  # of the largest value, at 1 + 0.5
