"""What comes with a result and is not differentiated, `has_aux`; and jacobians by forward mode."""

from __future__ import annotations

import math
from collections import namedtuple
from typing import Any

import numpy as np
import pytest
from hypothesis import given

import autograd_lite as ag
from autograd_lite import Value, grad, hessian, jacfwd, jacobian, jacrev, jvp, value_and_grad, vjp
from autograd_lite.strategies import functions

Pair = namedtuple("Pair", "first second")


def cube(x: Any) -> Any:
    return x**3, {"square": x * x, "note": "a text", "parts": [Pair(x, None), np.array([x, 2 * x], dtype=object)]}


def check_aux(aux: Any, x: float) -> None:
    assert (aux["square"], aux["note"], aux["parts"][0]) == (x * x, "a text", Pair(x, None))
    assert aux["parts"][1].dtype == float
    assert aux["parts"][1].tolist() == [x, 2 * x]


def test_every_transform_hands_the_aux_on_as_plain_numbers() -> None:
    gradient, aux = grad(cube, has_aux=True)(2.0)
    assert gradient == 12.0
    check_aux(aux, 2.0)
    (value, aux), gradient = value_and_grad(cube, has_aux=True)(2.0)
    assert (value, gradient) == (8.0, 12.0)
    check_aux(aux, 2.0)
    for transform, expected in ((jacobian, 12.0), (jacrev, 12.0), (jacfwd, 12.0), (hessian, 12.0)):
        found, aux = transform(cube, has_aux=True)(2.0)
        assert found == expected
        check_aux(aux, 2.0)
    value, tangent, aux = jvp(cube, (2.0,), (1.0,), has_aux=True)
    assert (value, tangent) == (8.0, 12.0)
    check_aux(aux, 2.0)
    value, pull_back, aux = vjp(cube, 2.0, has_aux=True)
    assert (value, pull_back(1.0)) == (8.0, (12.0,))
    check_aux(aux, 2.0)


def test_an_aux_in_which_a_value_from_outside_takes_part_keeps_its_gradient() -> None:
    w = Value(4.0)
    gradient, aux = grad(lambda x: (x * x, w * x), has_aux=True)(3.0)
    assert (gradient, aux.data) == (6.0, 12.0)
    aux.backward()
    assert w.grad == 3.0


def test_an_aux_of_an_inner_function_can_be_differentiated_by_the_outer_one() -> None:
    def outer(z: Any) -> Any:
        _, aux = grad(lambda x: (x * x, z * z * x), has_aux=True)(3.0)
        return aux

    assert grad(outer)(2.0) == 12.0


@pytest.mark.parametrize("result", [1.0, (1.0,), [1.0, 2.0], (1.0, 2.0, 3.0)])
@pytest.mark.parametrize("transform", [grad, value_and_grad, jacobian, jacfwd, hessian])
def test_without_a_pair_it_is_an_error_that_says_so(transform: Any, result: Any) -> None:
    def f(x: Any) -> Any:
        return result

    with pytest.raises(TypeError, match=r"with has_aux, f must return a pair \(result, aux\), got"):
        transform(f, has_aux=True)(1.0)


@given(functions(2, max_nodes=6), functions(2, max_nodes=6))
def test_a_jacobian_is_the_same_by_forward_mode(f: Any, g: Any) -> None:
    def both(x: Any) -> Any:
        return {"f": f(*x), "x": list(x), "constant": 1.0}

    rows, columns = jacobian(both)(list(f.point)), jacfwd(both)(list(f.point))
    assert columns.keys() == rows.keys()
    assert columns["f"] == pytest.approx(rows["f"], rel=1e-9, abs=1e-12)
    assert (columns["x"], columns["constant"]) == (rows["x"], rows["constant"]) == ([[1.0, 0.0], [0.0, 1.0]], [0.0, 0.0])


def test_jacobians_by_forward_mode_take_structures_and_nest() -> None:
    def f(p: Any, q: Any) -> Any:
        return np.array([p["a"] * q, ag.exp(p["b"])], dtype=object)

    found = jacfwd(f, (0, 1))({"a": 2.0, "b": 0.0}, 3.0)
    expected = jacobian(f, (0, 1))({"a": 2.0, "b": 0.0}, 3.0)
    assert repr(found) == repr(expected)
    assert jacfwd(jacfwd(lambda x: x[0] ** 2 * x[1]))([2.0, 3.0]) == hessian(lambda x: x[0] ** 2 * x[1])([2.0, 3.0])


def test_an_input_that_does_not_move_adds_nothing_be_the_derivative_by_it_infinite() -> None:
    assert jacfwd(lambda x: x[0] * 3 + ag.sqrt(x[1]))([2.0, 0.0]) == [3.0, math.inf]
