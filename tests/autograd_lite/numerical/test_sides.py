"""Derivatives from the left and from the right, and whether they differ."""

import math

import pytest

from autograd_lite.numerical.estimate import Estimate
from autograd_lite.numerical.sides import is_kink, one_sided


@pytest.mark.parametrize(("x", "left", "right"), [(0.0, -1.0, 1.0), (2.0, 1.0, 1.0), (-3.0, -1.0, -1.0)])
def test_derivatives_from_each_side(x, left, right):
    ((by_left, by_right),) = one_sided(lambda point: [abs(point[0])], [x], 0)
    assert (by_left.value, by_right.value) == (left, right)
    assert by_left.converged
    assert by_right.error < 1e-10


def test_there_is_no_derivative_from_outside_of_a_domain():
    assert one_sided(lambda point: [point[0] * math.sqrt(point[0])], [0.0], 0) == []
    assert one_sided(lambda point: [math.sqrt(-point[0])], [0.0], 0) == []


def test_derivatives_from_two_sides_differ_by_more_than_a_thousandth_and_their_errors():
    def kink(left, right, error=0.0, truncation=0.0):
        return is_kink(Estimate(left, truncation, error), Estimate(right, truncation, error))

    assert kink(1000.0, 1001.1)
    assert kink(-1001.1, -1000.0)
    assert not kink(1000.0, 1000.9)
    assert not kink(-1000.0, -1000.9)
    assert not kink(0.0, 0.0)
    assert not kink(0.0, 1.0, error=0.2)
    assert kink(0.0, 1.0, error=0.05)
    assert not kink(0.0, 10.0, truncation=0.1)
