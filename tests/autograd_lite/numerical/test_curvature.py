"""Derivatives of a higher order are held against differences of the function itself."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd_lite import grad, hessian, sin
from autograd_lite.numerical.curvature import Curvature, random_groups


def contradicted(f, point, matrix, rtol=1e-6):
    """The places of a Hessian that are contradicted."""
    check = Curvature(lambda p: [f(p)], point, 2, [lambda _, indices: matrix[indices[0]][indices[1]]], 1, rtol)
    return {found.indices: found.estimate.value for found in check.contradictions(range(len(point)))}


def coupled(p):
    """A function of as many numbers as wanted, all of which depend on each other."""
    return sin(sum(math.cos(k) * x for k, x in enumerate(p))) + sum(p) ** 3


@given(st.integers(1, 9), st.data())
def test_a_right_hessian_is_confirmed_and_one_wrong_entry_found_among_many(size, data):
    point = [round(math.sin(3 * k + 1), 3) for k in range(size)]
    right = hessian(coupled)(point)
    assert contradicted(coupled, point, right) == {}
    i, k = (data.draw(st.integers(0, size - 1)) for _ in range(2))
    for change in (lambda x: -x, lambda x: x + 0.25, lambda x: 1.01 * x):
        wrong = [[change(x) if (i, k) == (a, b) else x for b, x in enumerate(row)] for a, row in enumerate(right)]
        found = contradicted(coupled, point, wrong)
        assert list(found) == [(i, k)]
        assert found[i, k] == pytest.approx(right[i][k], rel=1e-6)


def test_a_pair_of_mistakes_that_cancel_in_every_sum_is_found_by_its_asymmetry():
    point = [0.1 * k for k in range(9)]
    wrong = hessian(coupled)(point)
    wrong[2][6] += 0.5
    wrong[6][2] -= 0.5
    assert set(contradicted(coupled, point, wrong)) == {(2, 6), (6, 2)}


def test_third_derivatives_are_checked_too():
    def f(p):
        return p[0] ** 2 * p[1] + p[1] ** 4

    third = {(0, 0, 1): 2.0, (1, 1, 1): 48.0}

    def check(wrong):
        entry = lambda _, indices: wrong.get(indices, third.get(tuple(sorted(indices)), 0.0))  # noqa: E731
        return {c.indices for c in Curvature(lambda p: [f(p)], [1.0, 2.0], 3, [entry], 1, 1e-6).contradictions([0, 1])}

    assert check({}) == set()
    assert check({(0, 1, 0): 2.1}) == {(0, 1, 0)}
    assert check({(1, 1, 1): 47.0}) == {(1, 1, 1)}


def test_an_error_is_told_in_the_units_of_the_inputs():
    point = [1e3, 1e-3]
    found = contradicted(lambda p: p[0] ** 2 * p[1], point, [[2e-3, 2e3], [1e3, 0.0]])
    assert found == {(1, 0): pytest.approx(2e3, rel=1e-6)}


@pytest.mark.parametrize("size", [1, 4, 5, 30])
def test_each_input_is_in_one_group_and_there_are_at_most_four(size):
    groups = random_groups(range(size), [1.0] * size)
    assert len(groups) == min(size, 4)
    assert sorted(k for group in groups for k in group) == [*range(size)]
    assert all(0.5 < abs(weight) <= 1 for group in groups for weight in group.values())


def test_a_wrong_derivative_that_vanishes_at_the_point_shows_in_second_differences():
    assert grad(lambda x: -(x**2))(0.0) == 0
    assert contradicted(lambda p: p[0] ** 2, [0.0], [[-2.0]]) == {(0, 0): pytest.approx(2.0)}
