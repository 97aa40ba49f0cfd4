"""The functions that machine code runs on many lanes at once are the exact ones to a few units in the last place."""

import math
from itertools import product
from random import Random

import mpmath
import numpy as np
import pytest

pytest.importorskip("numba")

from autograd_lite import compile, exp, expm1, log, log1p, logsumexp, tanh

RANDOM = Random(0)
MP = mpmath.mp.clone()
MP.prec = 200

SMALL = [sign * RANDOM.random() * 2.0**-exponent for exponent in (1, 2, 8, 30, 60, 1000) for sign in (1, -1) for _ in range(50)]
USUAL = [RANDOM.gauss(0, scale) for scale in (0.5, 2, 10) for _ in range(300)]
POSITIVE = [math.exp(RANDOM.uniform(-745, 709)) for _ in range(300)] + [5e-324, 2.0**-1022, 1.0, 2.0, 1.7976931348623157e308]
BESIDE_1 = [1 + part for part in SMALL] + [math.exp(RANDOM.gauss(0, 1)) for _ in range(300)]
ENDS = [-math.inf, -1e300, -746.0, -745.13, -708.4, 709.782712893384, -1e-320, -5e-324, 1e-300]
EDGES = [-1.0 + 2.0**-53, -0.75, -0.5, 2.0**53, 2.0**54 + 4, 1e300, *POSITIVE]


@pytest.mark.parametrize(
    ("function", "points", "units"),
    [
        (exp, ENDS + SMALL + USUAL, 2),
        (expm1, ENDS + SMALL + USUAL, 2),
        (tanh, [*ENDS, math.inf, 1e308, *SMALL, *USUAL], 3),
        (log, POSITIVE + BESIDE_1, 2),
        (log1p, SMALL + EDGES, 2),
    ],
)
def test_each_is_exact_to_these_units_in_the_last_place(function, points, units):
    found = compile(lambda x: function(x), in_axes=(0,), backend="native").per_sample(points)
    for x, y in zip(points, found, strict=True):
        exact = getattr(MP, function.__name__)(MP.mpf(x))
        assert abs(MP.mpf(y) - exact) <= units * math.ulp(float(exact)), x


@pytest.mark.parametrize("function", [expm1, tanh, log1p])
def test_a_zero_keeps_its_sign(function):
    found = compile(lambda x: function(x), in_axes=(0,), backend="native").per_sample([-0.0, 0.0, -0.0])
    assert np.signbit(found).tolist() == [True, False, True]


@pytest.mark.parametrize("function", [exp, expm1, tanh, log, log1p])
def test_no_number_stays_none(function):
    found = compile(lambda x: function(x), in_axes=(0,), backend="native").per_sample([0.5, math.nan, math.inf])
    assert [math.isnan(number) for number in found] == [False, True, False]
    assert found[2] == getattr(math, function.__name__)(math.inf)


TERMS = [0.0, -0.0, 1.0, -1.0, 1e-20, 700.0, -745.0, 1e308, -1e308, math.inf, -math.inf, math.nan]


@pytest.mark.parametrize(("dtype", "tolerance"), [("float64", 4e-16), ("float32", 4e-7)])
@pytest.mark.parametrize("count", [1, 2, 3])
def test_logsumexp_of_many_rows_is_that_of_each(count, dtype, tolerance):
    terms = [number for number in TERMS if dtype == "float64" or abs(number) != 1e308]
    rows = np.array([*product(terms, repeat=count)], dtype)
    found = compile(lambda row: logsumexp(row), in_axes=(0,), backend="native", dtype=dtype).per_sample(rows)
    np.testing.assert_allclose(found, [logsumexp(row) for row in rows.tolist()], rtol=tolerance, atol=1e-300)


@pytest.mark.parametrize(("dtype", "tolerance"), [("float64", 4e-16), ("float32", 2e-7)])
@pytest.mark.parametrize("count", [10, 64, 65, 2_000])
def test_logsumexp_of_many_terms_loses_no_digits(count, dtype, tolerance):
    rows = np.full((3, count), -0.1, dtype)
    rows[:, -1] = 0.0
    rows[1] += np.float32(2.5)
    f = compile(lambda w, row: logsumexp([w, *row, row[-1]]), in_axes=(None, 0), backend="native", dtype=dtype)
    wanted = [logsumexp([np.float32(0.3).item(), *row, row[-1]]) for row in rows.tolist()]
    np.testing.assert_allclose(f.per_sample(np.float32(0.3).item(), rows), wanted, rtol=tolerance)
