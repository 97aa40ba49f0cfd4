"""Any real number is kept as it is: whole numbers, fractions, NumPy's scalars, and arrays of Values."""

import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd_lite as ag
from autograd_lite import Value


@given(st.fractions(max_denominator=50), st.fractions(max_denominator=50).filter(bool))
def test_a_graph_of_fractions_has_an_exact_fraction_gradient(p: Fraction, q: Fraction) -> None:
    x, y = Value(p), Value(q)
    out = (
        ag.sum([x * y, x / y, -x, x**3, y**-2]) + ag.dot([x, y], [y, 2], x) + ag.prod([x, y, x]) + ag.relu(x) + ag.mean([x, y])
    )
    out.backward()
    half = Fraction(1, 2)
    assert x.grad == q + 1 / q - 1 + 3 * p**2 + q + 1 + 2 * p * q + (p > 0) + half
    assert y.grad == p - p / q**2 - 2 * q**-3 + p + 2 + p * p + half
    assert type(x.grad) is type(y.grad) is type(out.data) is Fraction


def test_numbers_are_kept_as_given() -> None:
    for number in (3, 2.5, Fraction(1, 3), np.float32(1.5), np.int64(4)):
        assert Value(number).data is number
    single = Value(np.float32(1.5))
    (single * single).backward()
    assert type(single.grad) is np.float32
    whole = Value(3)
    (whole * whole * whole).backward()
    assert (whole.grad, type(whole.grad)) == (27, int)


@pytest.mark.parametrize("scalar", [np.float64(2.0), np.float32(2.0), np.int64(2)])
def test_numpy_scalars_take_part_from_either_side(scalar: Any) -> None:
    v = Value(3.0)
    results = [scalar * v, v * scalar, scalar + v, scalar - v, scalar / v, scalar**v, v**scalar]
    assert all(type(result) is Value for result in results)
    assert [float(result.data) for result in results] == pytest.approx([6, 6, 5, -1, 2 / 3, 8, 9])
    assert (scalar < v, v < scalar) == (True, False)


def test_object_arrays_of_values_take_part() -> None:
    a, b = Value(1.0), Value(2.0)
    array = np.array([a, b], dtype=object)
    for out in (np.sum(array * array), array @ array, ag.dot(array, array), ag.sum(array * array)):
        a.grad = b.grad = 0
        out.backward()
        assert (out.data, a.grad, b.grad) == (5.0, 2.0, 4.0)
    assert [v.data for v in np.exp(array)] == [math.exp(1), math.exp(2)]
    assert np.mean(array).data == 1.5
    assert [v.data for v in 2 * array - np.array([1.0, 1.0])] == [1.0, 3.0]
    assert [v.data for v in a * np.array([3.0, 4.0])] == [3.0, 4.0]
    assert [v.data for v in np.array([[3.0, 1.0], [0.0, 1.0]]) @ array] == [5.0, 2.0]
