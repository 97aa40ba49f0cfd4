"""Where a function is evaluated for a difference, and what the samples tell."""

import itertools
import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd_lite.numerical.sampling import CENTRAL, LEFT, QUIET, RIGHT, SampledFunction, scale, unit_of


def first_steps(x):
    return SampledFunction(lambda point: point, [x], [{0: 1.0}]).first_steps()


def test_first_steps_fall_from_what_suits_most_functions_to_what_is_barely_a_step():
    assert [math.log2(step) for step in first_steps(1.0)] == [-6, -12, -18, -24, -30, -36, -42, -48]
    assert [math.log2(step) for step in first_steps(0.0)] == [-6, -12, -18, -24, -30, -36, -42, -48]
    assert [math.log2(step) for step in first_steps(-1024.0)] == [4, -2, -8, -14, -20, -26, -32, -38]
    assert [math.log2(step) for step in first_steps(2.0**-8)][-2:] == [-48, -54]


@pytest.mark.parametrize("x", [5e-324, -1e-310, 1e-300, 1e300])
def test_first_steps_end_at_every_number(x):
    found = list(itertools.islice(first_steps(x), 1000))
    assert 0 < len(found) < 1000
    assert all(0 < step < math.inf for step in found)


@given(st.floats(-1e300, 1e300))
def test_the_size_of_an_input_is_a_power_of_two(x):
    assert math.frexp(scale(x))[0] == 0.5
    assert scale(x) <= max(abs(x), 1.0) < 2 * scale(x)


@pytest.mark.parametrize(
    ("places", "first", "second", "slope"),
    [
        (CENTRAL, {2.5, 3.5}, {2.0, 3.0, 4.0}, 6.0),
        (LEFT, {2.5, 3.0}, {2.0, 2.5, 3.0}, 5.5),
        (RIGHT, {3.0, 3.5}, {3.0, 3.5, 4.0}, 6.5),
    ],
)
def test_a_difference_takes_two_places_and_a_second_difference_all_pairs_of_them(places, first, second, slope):
    seen = set()

    def square(point):
        seen.add(tuple(point))
        return [point[1] ** 2]

    (quotient,) = SampledFunction(square, [9.0, 3.0], [{1: 1.0}]).quotients(0.5, places)
    assert seen == {(9.0, x) for x in first | {3.0}}
    assert quotient.slope == slope
    (quotient,) = SampledFunction(square, [9.0, 3.0], [{1: 1.0}, {1: 1.0}]).quotients(0.5, places)
    assert seen == {(9.0, x) for x in first | second}
    assert quotient.slope == 2.0


@given(st.integers(-900, 900), st.integers(-4, 4), st.sampled_from([-1, 1]), st.integers(1, 3))
def test_steps_next_to_a_power_of_two_lead_as_far_to_one_side_as_to_the_other(exponent, floats, sign, order):
    """Above the power floats lie twice as far apart as below."""
    x = sign * 2.0**exponent
    for _ in range(abs(floats)):
        x = math.nextafter(x, math.copysign(math.inf, floats))
    samples = SampledFunction(lambda p: p, [x], [{0: 1.0}] * order)
    for power in range(3, 53):
        steps = samples.steps(2.0 ** (exponent - power))
        ends = [samples.moved([side * step for step in steps])[0] for side in (-1, 1)]
        assert Fraction(ends[1]) - Fraction(x) == Fraction(x) - Fraction(ends[0])
        assert ends[1] - x == pytest.approx(sum(steps), rel=2**-40)
        assert samples.moved([(-1) ** i * step for i, step in enumerate(steps[: order // 2 * 2])] + [0] * (order % 2)) == [x]


def test_a_mixed_difference_is_that_of_a_product():
    (quotient,) = SampledFunction(lambda p: [3 * p[0] * p[1] ** 2], [1.0, 2.0], [{0: 1.0}, {1: 1.0}]).quotients(0.25)
    assert quotient.slope == 12.0
    (along,) = SampledFunction(lambda p: [3 * p[0] + 5 * p[1]], [1.0, 2.0], [{0: 2.0, 1: -1.0}]).quotients(0.25)
    assert along.slope == 1.0


def test_what_samples_tell_beside_the_slope():
    (quotient,) = SampledFunction(lambda p: [p[0] ** 2 + p[0] + 1], [0.0], [{0: 1.0}]).quotients(0.5)
    assert quotient == (1.0, 0.25, 0.75, 1.75)
    assert not quotient.is_quiet
    unit = 2.0**-52
    (still,) = SampledFunction(lambda p: [1.0 + QUIET * unit * (p[0] > 0)], [0.0], [{0: 1.0}]).quotients(0.5)
    (moving,) = SampledFunction(lambda p: [1.0 + (QUIET + 1) * unit * (p[0] > 0)], [0.0], [{0: 1.0}]).quotients(0.5)
    assert still.is_quiet
    assert not moving.is_quiet


def test_there_is_no_difference_where_a_place_has_no_value_or_is_the_point():
    samples = SampledFunction(lambda p: [math.sqrt(p[0])], [0.0], [{0: 1.0}])
    assert samples.quotients(0.25) is None
    assert samples.quotients(0.25, LEFT) is None
    assert samples.quotients(0.25, RIGHT)[0].slope == 2.0
    assert SampledFunction(lambda p: p, [1e17], [{0: 1.0}]).quotients(1.0) is None
    assert SampledFunction(lambda p: p, [1e17], [{0: 1.0}]).quotients(1.0, LEFT) is None


def test_each_place_is_evaluated_once():
    seen = []
    samples = SampledFunction(lambda p: seen.append(tuple(p)) or [p[0]], [1.0], [{0: 1.0}])
    for step in (0.5, 0.25, 0.5):
        for places in (CENTRAL, LEFT, RIGHT):
            samples.quotients(step, places)
    assert len(seen) == len(set(seen)) == 5


@given(st.integers(-(2**40), 2**40), st.integers(-900, 900), st.floats(-1, 1))
def test_the_unit_of_values_is_that_of_their_differences(odd, exponent, offset):
    unit = 2.0**exponent
    size = 2 * abs(odd) + 1
    assert unit_of({offset * unit + count * unit for count in (0, 4 * odd, 2 * odd + 1)}) == unit
    assert unit_of({0.0, unit * size}) == unit
    assert unit_of({unit, unit * (1 + 2.0**-52)}) == 0


def test_the_granularity_of_values_is_half_of_what_they_are_multiples_of():
    outputs = [lambda x: round(4096 * x) / 4096, lambda x: round(4096 * x) / 4096 + 0.1]
    outputs += [lambda x: x * x, lambda x: 3.0, lambda x: max(x, 0.3)]
    samples = SampledFunction(lambda p: [f(*p) for f in outputs], [0.3], [{0: 1.0}])
    coarse, offset, fine, constant, flat = samples.granularity(5)
    assert coarse == offset == 2.0**-13
    assert fine < 1e-16
    assert constant == 0
    assert flat < 1e-16
