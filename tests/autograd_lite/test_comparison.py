"""What `==` and `<` compare: with a plain number or an array the number, and by `==` between Values which node it is."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd_lite as ag
from autograd_lite import Value
from autograd_lite.errors import TracingError

small = st.floats(-10, 10)


def test_equality_of_two_values_and_hash_are_identity() -> None:
    a, b = Value(1.0), Value(1.0)
    assert a == a
    assert a != b
    assert len({a, b}) == 2
    assert {a: "a"}[a] == "a"
    assert b not in {a, 1.0}


@given(a=small, b=small | st.integers(-10, 10) | st.fractions(-10, 10) | st.booleans())
def test_equality_with_a_plain_number_is_that_of_the_data(a: float, b: float) -> None:
    for v in (Value(a), Value(a) * 1):
        assert (v == b) == (b == v) == (a == b)
        assert (v != b) == (b != v) == (a != b)
        assert (v in [b]) == (a == b)


def test_equality_with_an_array_is_element_by_element_and_with_other_things_false() -> None:
    v = Value(2.0)
    for answer in (v == np.array([1.0, 2.0]), np.array([1.0, 2.0]) == v):
        assert answer.tolist() == [False, True]
    assert v == np.float64(2)
    assert np.float64(2) == v
    assert [v == other for other in (None, "2.0", [2.0], (2.0,), object())] == [False] * 5
    assert v == pytest.approx(2 + 1e-9)
    assert v != pytest.approx(2.1)


def test_a_branch_by_equality_is_taken_under_every_transform() -> None:
    def f(x: Any) -> Any:
        return x * 0 + 1.0 if x == 2.0 else x * 5

    assert ag.value_and_grad(f)(2.0) == (1.0, 0.0)
    assert ag.value_and_grad(f)(3.0) == (15.0, 5.0)
    assert ag.jvp(f, (2.0,), (1.0,)) == (1.0, 0.0)
    assert ag.grad(lambda x: x * ag.grad(f)(x))(3.0) == 5.0
    assert ag.grad(lambda x: x * ag.grad(f)(x))(2.0) == 0.0
    assert ag.grad(lambda x: 1.0 if x == 0 else ag.sin(x) / x)(0.0) == 0.0
    with pytest.raises(TracingError, match="=="):
        ag.compile(f)(2.0)


@pytest.mark.parametrize("comparison", [operator.lt, operator.le, operator.gt, operator.ge])
def test_comparison_with_an_array_is_element_by_element(comparison: Callable[[Any, Any], Any]) -> None:
    numbers = [1.0, 2.0, 3.0]
    assert comparison(Value(2.0), np.array(numbers)).tolist() == [comparison(2.0, x) for x in numbers]
    assert comparison(np.array(numbers), Value(2.0)).tolist() == [comparison(x, 2.0) for x in numbers]
