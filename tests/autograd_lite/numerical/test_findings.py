"""What looks from ever closer tell of a derivative: the closest decides in which there is something to see."""

import math

from autograd_lite.numerical.estimate import Estimate
from autograd_lite.numerical.findings import Finding, Kind, judged
from autograd_lite.numerical.looks import Look


def seen(value, error=1e-9):
    return Look(Estimate(value, error, 0.0), signal=1.0, noise=1e-16)


def blind(error=10.0, noise=1e-16):
    return Look(Estimate(0.0, 0.0, error), signal=1.0, noise=noise)


def quiet(error=1e-9, steps=None):
    return Look(Estimate(0.0, 0.0, error), signal=0.0, noise=1e-16, quiet=True, steps=steps)


def kink(left, right, error=1e-9):
    sides = Estimate(left, error, 0.0), Estimate(right, error, 0.0)
    return Look(sides[0], signal=1.0, noise=1e-16, sides=sides)


def kind(looks, analytic, rtol=1e-6, atol=0.0):
    finding = judged(looks, analytic, rtol, atol)
    return finding and finding.kind


def test_a_derivative_is_right_or_wrong_where_it_is_seen():
    assert kind([seen(2.0)], 2.0) is None
    assert judged([seen(2.0)], 2.1, 1e-6, 0.0) == Finding(Kind.WRONG, Estimate(2.0, 1e-9, 0.0))
    assert kind([seen(2.0)], 2.1, atol=0.2) is None
    assert kind([seen(2.0)], math.nan) is kind([seen(2.0)], math.inf) is Kind.WRONG


def test_of_estimates_that_agree_the_best_counts():
    assert kind([seen(2.0), seen(2.0 + 1e-4, error=1e-3)], 2.0 + 1e-4) is Kind.WRONG
    assert kind([seen(2.0 + 1e-4, error=1e-3), seen(2.0)], 2.0) is None


def test_what_is_seen_from_closer_by_overrules_what_was_seen_from_farther_away():
    assert kind([seen(0.0), seen(1e9, error=1e3)], 1e9) is None
    assert kind([seen(0.0), seen(1e9, error=1e3)], 0.0) is Kind.UNCLEAR
    assert kind([seen(0.0), seen(1e9, error=1e3)], 2e9) is Kind.WRONG
    assert kind([seen(0.0), seen(5.0), blind()], 0.0) is Kind.UNCLEAR


def test_a_kink_is_one_from_as_close_by_as_anything_is_seen():
    assert judged([kink(-1.0, 1.0)], 0.0, 1e-6, 0.0) == Finding(Kind.KINK, Estimate(-1.0, 1e-9, 0.0), Estimate(1.0, 1e-9, 0.0))
    assert kind([seen(5.0), kink(-1.0, 1.0), blind()], 0.0) is Kind.KINK
    assert kind([kink(-1.0, 1.0), seen(0.5)], 0.5) is None
    assert kind([kink(0.0, 1.0), quiet()], 0.0) is None
    assert kind([kink(0.0, 1.0), quiet(error=1.0)], 0.0) is Kind.KINK


def test_where_nothing_moves_the_derivative_is_0_up_to_rounding():
    assert kind([blind(), quiet()], 0.0) is None
    assert kind([blind(), quiet()], 0.5) is Kind.WRONG
    assert kind([blind(), quiet()], 1e-10) is Kind.UNSEEN
    assert kind([blind(), quiet()], 1e-10, atol=1e-7) is None
    assert kind([blind(), quiet(steps=(0.1, 10.0))], 0.5) is Kind.UNSETTLED
    assert kind([blind(), quiet(steps=(0.1, 10.0))], -0.5) is Kind.WRONG


def test_what_was_measured_from_farther_away_counts_where_from_close_by_nothing_moves():
    """A slope of 1e-10 that is known to 1e-11 from afar: close by it is too small for a function to move."""
    slope = Look(Estimate(1e-10, 0.0, 1e-11), signal=1e-10, noise=1e-16)
    assert judged([slope, quiet()], 1e-10, 1e-6, 0.0) == Finding(Kind.UNSEEN, slope.estimate)
    assert judged([seen(5.0)._replace(signal=0.0, estimate=Estimate(5.0, 0.0, 1.0)), quiet()], 1e-10, 1e-6, 0.0) == Finding(
        Kind.UNSEEN, quiet().estimate
    )


def test_where_nothing_is_seen_nothing_is_said():
    assert kind([blind()], 0.1) is kind([blind()], 1e9) is Kind.UNSEEN
    assert kind([blind(noise=1e-3)], 0.1) is Kind.UNSETTLED
    assert kind([blind()], 0.1, atol=51.0) is None
    assert kind([blind()], 200.0, atol=51.0) is Kind.UNSEEN
    assert kind([], 0.1) is Kind.NOWHERE
