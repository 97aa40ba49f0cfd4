"""Where differences are taken, and what their extrapolation is exact for."""

import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd_lite.numerical.differences import LEFT, RIGHT, Entry, extrapolations, first_steps


def test_first_steps_fall_from_what_suits_most_functions_to_what_suits_a_tiny_number():
    assert [math.log2(step) for step in first_steps(0.0)] == [-6, -12, -18, -24]
    assert [math.log2(step) for step in first_steps(1.0)] == [-6, -12, -18, -24]
    assert [math.log2(step) for step in first_steps(-1024.0)] == [4, -2, -8, -14, -20]
    assert [math.log2(step) for step in first_steps(64.0)] == [0, -6, -12, -18, -24]
    assert [math.log2(step) for step in first_steps(2.0**-8)] == [-6, -12, -18, -24, -30]


@pytest.mark.parametrize("x", [5e-324, -1e-310, 1e-300, 1e300, math.inf, -math.inf, math.nan])
def test_first_steps_end_at_every_number(x):
    found = list(itertools.islice(first_steps(x), 1000))
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


@given(st.integers(-8, 8), st.lists(st.integers(-5, 5), min_size=4, max_size=4))
def test_one_halving_is_exact_for_cubics_and_from_one_side_for_squares(x, coefficients):
    a, b, c, d = coefficients
    _, entries = places(lambda t: a + t * (b + t * (c + t * d)), float(x), 0.5)
    assert entries[0].value == b + 2 * c * x + 3 * d * x * x
    for sides in (LEFT, RIGHT):
        _, entries = places(lambda t: a + t * (b + t * c), float(x), 0.5, kinds=[sides])
        assert entries[0].value == b + 2 * c * x


def test_each_further_halving_adds_an_order():
    for halvings in range(1, 6):
        _, entries = places(lambda t, k=halvings: t ** (2 * k + 1), 1.0, 0.5)
        row = entries[halvings * (halvings - 1) // 2 :][:halvings]
        assert row[-1].value == pytest.approx(2 * halvings + 1, rel=1e-12)
        assert row[0].truncation > 1e-6 or halvings == 1
        _, entries = places(lambda t, k=halvings: t ** (k + 1), 1.0, 0.5, kinds=[RIGHT])
        row = entries[halvings * (halvings - 1) // 2 :][:halvings]
        assert row[-1].value == pytest.approx(halvings + 1, rel=1e-12)


def test_truncation_is_how_far_an_extrapolation_is_from_those_before():
    _, entries = places(lambda t: t**3, 0.0, 1.0)
    # differences at 1, 1/2, 1/4: 1, 1/4, 1/16; their extrapolations: 0
    assert entries[0] == Entry(0.0, 1.0, 0.5)
    assert entries[1] == Entry(0.0, 0.25, 0.25)
    assert entries[2] == Entry(0.0, 0.0, 0.25)
