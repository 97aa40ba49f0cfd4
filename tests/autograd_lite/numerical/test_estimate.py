"""An estimate: its error, whether it converged, and what it contradicts."""

import math

from autograd_lite.numerical.estimate import Estimate, tolerance


def test_an_estimate_knows_its_error():
    assert Estimate(1.0, 0.25, 0.5).error == 0.75
    assert str(Estimate(12.000000000001, 2e-9, 1e-9)) == "12 ± 3e-09"
    assert Estimate(8.0, 2.0, 1.0).divided(2.0) == Estimate(4.0, 1.0, 0.5)
    assert Estimate(1.0, 0.1, 0.2).midway(Estimate(3.0, 0.3, 0.1)) == Estimate(2.0, 1.0, 0.2)


def test_an_estimate_is_seen_if_five_times_its_error_is_less_than_a_hundredth_of_it_or_of_how_the_function_moves():
    assert Estimate(-1000.0, 1.0, 0.999).is_seen(0.0)
    assert not Estimate(-1000.0, 1.0, 1.001).is_seen(0.0)
    assert Estimate(0.0, 0.1, 0.0).is_seen(51.0)
    assert not Estimate(0.0, 0.1, 0.0).is_seen(49.0)


def test_estimates_clash_where_five_times_their_errors_do_not_explain_the_difference():
    a = Estimate(1.0, 0.1, 0.1)
    assert not a.clashes(Estimate(3.9, 0.2, 0.2))
    assert a.clashes(Estimate(4.1, 0.2, 0.2))
    assert not a.clashes(a)


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
