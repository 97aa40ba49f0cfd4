"""What the extrapolation of differences is exact for, and what its table tells of truncation and noise."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd_lite.numerical.differences import RichardsonTable
from autograd_lite.numerical.sampling import CENTRAL, RIGHT, SampledFunction


def table(f, x, step, places=CENTRAL, order=1, levels=7):
    """The table of differences at a step, half of it and so on."""
    samples, made = (
        SampledFunction(lambda point: [f(point[0])], [x], [{0: 1.0}] * order),
        RichardsonTable(order, 4 if places == CENTRAL else 2),
    )
    for level in range(levels):
        made.add(step * 2.0**-level, samples.quotients(step * 2.0**-level, places)[0])
    return made


@given(st.integers(-8, 8), st.lists(st.integers(-5, 5), min_size=4, max_size=4))
def test_one_halving_is_exact_for_cubics_and_from_one_side_for_squares(x, coefficients):
    a, b, c, d = coefficients
    first, *_ = table(lambda t: a + t * (b + t * (c + t * d)), float(x), 0.5).entries
    assert first.value == b + 2 * c * x + 3 * d * x * x
    first, *_ = table(lambda t: a + t * (b + t * c), float(x), 0.5, RIGHT).entries
    assert first.value == b + 2 * c * x
    first, *_ = table(lambda t: a + t * (b + t * (c + t * d)), float(x), 0.5, order=2).entries
    assert first.value == 2 * c + 6 * d * x


def test_each_further_halving_adds_an_order():
    for halvings in range(1, 6):
        row = table(lambda t, k=halvings: t ** (2 * k + 1), 1.0, 0.5).entries[halvings * (halvings - 1) // 2 :][:halvings]
        assert row[-1].value == pytest.approx(2 * halvings + 1, rel=1e-12)
        assert row[0].truncation > 1e-6 or halvings == 1
        row = table(lambda t, k=halvings: t ** (k + 1), 1.0, 0.5, RIGHT).entries[halvings * (halvings - 1) // 2 :][:halvings]
        assert row[-1].value == pytest.approx(halvings + 1, rel=1e-12)


def test_truncation_is_how_far_an_extrapolation_is_from_those_before():
    entries = table(lambda t: t**3, 0.0, 1.0).entries
    # differences at 1, 1/2, 1/4: 1, 1/4, 1/16; their extrapolations: 0
    assert [(e.value, e.truncation, e.step) for e in entries[:3]] == [(0.0, 1.0, 0.5), (0.0, 0.25, 0.25), (0.0, 0.0, 0.25)]


@pytest.mark.parametrize("f", [abs, lambda t: float(t == 0.0)])
def test_what_does_not_bend_as_a_smooth_function_has_truncation_though_its_differences_agree(f):
    assert all(entry.value == 0 and entry.truncation > 0.1 for entry in table(f, 0.0, 1.0).entries)


@pytest.mark.parametrize("amplitude", [1e-12, 1e-8, 1e-4, 1.0])
@pytest.mark.parametrize("x", [0.3, 1.0, 7.7])
def test_noise_is_known_by_what_is_left_of_differences_that_are_extrapolated(x, amplitude):
    rough = table(lambda t: math.sin(t) + amplitude * math.sin(1e17 * t), x, 2.0**-6)
    assert amplitude / 10 < rough.noise < 3 * amplitude
    estimate, _ = rough.best(rough.noise)
    assert abs(estimate.value - math.cos(x)) <= 5 * estimate.error


@pytest.mark.parametrize("f", [math.sin, math.exp, lambda t: t**3 - t, lambda t: 1 / (3 + t)])
def test_a_smooth_function_has_the_noise_of_its_rounding(f):
    assert table(f, 0.3, 2.0**-6).noise < 1e-15
    assert table(f, 0.3, 2.0**-6, order=2).noise < 1e-14
