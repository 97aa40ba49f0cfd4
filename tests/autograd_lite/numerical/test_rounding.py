"""How much rounding a function has is measured by disturbing its operations."""

import math

from autograd_lite import Value, sin, sqrt
from autograd_lite.modes import entered
from autograd_lite.numerical.rounding import DISTURBANCE, Disturbed, rounding
from autograd_lite.ops import TABLE


def test_rounding_is_a_unit_in_the_last_place_or_what_disturbances_show():
    unit = 2.0**-52
    assert rounding(lambda point: [point[0], 3.0], [4.0]) == [4 * unit, 3 * unit]
    assert rounding(lambda point: [sqrt(point[0])], [-1.0]) == []
    exact, cancelled = rounding(lambda point: [point[0], (point[0] + 1e6) - 1e6], [1.0])
    assert exact == unit
    assert 0.4 * 1e6 * unit < cancelled < 2.1 * 1e6 * unit


def test_of_a_function_that_fails_on_values_no_more_is_known_than_a_unit_in_the_last_place():
    for f in (math.exp, lambda x: x.hex() and x, lambda x: {4.0: x}[x]):
        assert rounding(lambda point, f=f: [f(*point)], [4.0]) == [2.0**-52 * f(4.0)]


def test_a_sum_that_is_as_small_as_no_product_can_be_exactly_is_exact():
    """So a function that asks whether x - x is 0 is not led astray."""
    assert rounding(lambda point: [1.0 if point[0] - point[0] == 0 else 2.0], [3.0]) == [2.0**-52]


def test_a_disturbance_is_small_beside_what_a_steep_function_needs():
    """1 / (x - 1) beside its pole: the rounding of x - 1 counts a billion times, as in reality."""
    (error,) = rounding(lambda point: [1 / (point[0] * 1.0 - 1)], [1 + 1e-9])
    assert 1e18 * 2.0**-53 < error < 5e18 * 2.0**-53


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
