"""An estimate: its error, whether it converged, and what it contradicts."""

import math

from autograd_lite.numerical.estimate import Estimate, tolerance


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
