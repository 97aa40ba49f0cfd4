"""grad and its relatives against derivatives written by hand: structures, nesting, forward against reverse, bad requests."""

import math
from collections import namedtuple
from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd_lite as ag
from autograd_lite import Value, grad, hessian, hvp, jacobian, jvp, value_and_grad, vjp
from autograd_lite.gradients import plus, times
from autograd_lite.graph.moments import zero_like
from autograd_lite.operands import data_of, make_constant
from autograd_lite.trees import flatten

small = st.floats(-3, 3)
Pair = namedtuple("Pair", "w b")


def bumpy(p: Sequence[Any]) -> Any:
    """A function with all its mixed derivatives."""
    return ag.sin(p[0] * p[1]) + p[0] ** 3 * p[2] + ag.exp(p[1] * 0.5) * p[2]


def bumpy_gradient(p: Sequence[float]) -> list[float]:
    c, e = math.cos(p[0] * p[1]), math.exp(p[1] * 0.5)
    return [p[1] * c + 3 * p[0] ** 2 * p[2], p[0] * c + 0.5 * e * p[2], p[0] ** 3 + e]


def bumpy_hessian(p: Sequence[float]) -> list[list[float]]:
    s, c, e = math.sin(p[0] * p[1]), math.cos(p[0] * p[1]), math.exp(p[1] * 0.5)
    mixed, first, second = c - p[0] * p[1] * s, 3 * p[0] ** 2, 0.5 * e
    return [
        [-(p[1] ** 2) * s + 6 * p[0] * p[2], mixed, first],
        [mixed, -(p[0] ** 2) * s + 0.25 * e * p[2], second],
        [first, second, 0.0],
    ]


points = st.lists(small, min_size=3, max_size=3)


@given(points)
def test_gradient_and_hessian_are_those_written_by_hand(p: list[float]) -> None:
    value, gradient = value_and_grad(bumpy)(p)
    assert value == bumpy(p)
    assert gradient == grad(bumpy)(p) == pytest.approx(bumpy_gradient(p), abs=1e-9)
    assert np.array(hessian(bumpy)(p)) == pytest.approx(np.array(bumpy_hessian(p)), abs=1e-9)
    assert all(type(number) is float for row in hessian(bumpy)(p) for number in row)


@given(points, points)
def test_forward_reverse_and_mixed_modes_agree(p: list[float], direction: list[float]) -> None:
    value, tangent = jvp(bumpy, (p,), (direction,))
    assert value == bumpy(p)
    assert tangent == pytest.approx(math.fsum(map(math.prod, zip(bumpy_gradient(p), direction, strict=True))), abs=1e-8)
    value, pull_back = vjp(bumpy, p)
    assert value == bumpy(p)
    assert pull_back(2.0)[0] == pytest.approx([2 * g for g in bumpy_gradient(p)], abs=1e-8)
    assert pull_back(1.0)[0] == grad(bumpy)(p)
    (product,) = hvp(bumpy, (p,), (direction,))
    assert product == pytest.approx(list(np.array(bumpy_hessian(p)) @ np.array(direction)), abs=1e-8)


def test_an_operand_that_only_chooses_passes_nothing_on_not_even_beside_an_infinity() -> None:
    def f(x: Any) -> Any:
        return ag.sign(x) * math.inf + x

    assert grad(f)(2.0) == 1.0
    assert jvp(f, (2.0,), (1.0,)) == (math.inf, 1.0)
    assert grad(lambda x: grad(lambda y: f(y) * x)(2.0))(3.0) == 1.0


def test_jvp_is_one_pass_and_evaluates_the_function_once() -> None:
    calls = []
    assert jvp(lambda x, y: (calls.append(1), x * y)[1], (2.0, 3.0), (1.0, 10.0)) == (6.0, 23.0)
    assert len(calls) == 1


def test_hvp_of_a_thousand_variables_is_made_without_the_hessian() -> None:
    size = 1000
    (product,) = hvp(lambda x: ag.sum([v**3 for v in x]), ([2.0] * size,), ([0.5] * size,))
    assert product == [6.0] * size


@pytest.mark.parametrize(
    ("argument", "gradient"),
    [
        (2.0, 4.0),
        ([2.0, 3.0], [4.0, 6.0]),
        ((2.0, [3.0]), (4.0, [6.0])),
        ({"a": 2.0, "b": [3.0, (4.0,)]}, {"a": 4.0, "b": [6.0, (8.0,)]}),
        (Pair(2.0, [3.0]), Pair(4.0, [6.0])),
        ([], []),
        ({}, {}),
        (Fraction(1, 3), Fraction(2, 3)),
    ],
)
def test_the_gradient_has_the_structure_of_the_argument(argument: Any, gradient: Any) -> None:
    def squares(p: Any) -> Any:
        if isinstance(p, dict):
            p = list(p.values())
        return ag.sum([squares(item) for item in p]) if isinstance(p, list | tuple) else p * p

    result = grad(squares)(argument)
    assert result == gradient
    assert type(result) is type(gradient)


def test_arrays_in_give_arrays_out() -> None:
    x = np.array([1.0, 2.0, 3.0])
    value, gradient = value_and_grad(lambda v: np.sum(v * v))(x)
    assert (value, gradient.dtype, gradient.tolist()) == (14.0, float, [2.0, 4.0, 6.0])
    assert grad(lambda w: ag.sum(w.ravel() ** 2))(np.ones((2, 2))).tolist() == [[2.0, 2.0], [2.0, 2.0]]
    assert jacobian(lambda v: v * v)(x).tolist() == [[2.0, 0.0, 0.0], [0.0, 4.0, 0.0], [0.0, 0.0, 6.0]]
    assert hessian(lambda v: v[0] * v[1] * v[2])(x).tolist() == [[0.0, 3.0, 2.0], [3.0, 0.0, 1.0], [2.0, 1.0, 0.0]]
    assert jacobian(lambda v, s: v * s["k"], 1)(x, {"k": 2.0})["k"].tolist() == [1.0, 2.0, 3.0]
    assert hvp(lambda v: v @ v, (x,), (x,))[0].tolist() == [2.0, 4.0, 6.0]
    assert vjp(lambda v: v * v, x)[1](np.ones(3))[0].tolist() == [2.0, 4.0, 6.0]


def test_value_and_grad_plugs_into_scipy() -> None:
    optimize = pytest.importorskip("scipy.optimize")

    def rosenbrock(x: Sequence[Any]) -> Any:
        return ag.sum([100 * (b - a**2) ** 2 + (1 - a) ** 2 for a, b in pairwise(x)])

    found = optimize.minimize(value_and_grad(rosenbrock), np.array([-1.2, 1.0, 0.5]), jac=True)
    assert found.x == pytest.approx([1.0, 1.0, 1.0], abs=1e-4)
    start = np.array([-1.2, 1.0])
    found = optimize.minimize(rosenbrock, start, jac=grad(rosenbrock), hess=hessian(rosenbrock), method="trust-ncg")
    assert found.x == pytest.approx([1.0, 1.0], abs=1e-4)


def test_jacobians_and_hessians_have_the_structures_of_output_and_arguments() -> None:
    assert jacobian(lambda x, y: [x * y, x], (0, 1))(2.0, 3.0) == [(3.0, 2.0), (1.0, 0.0)]
    assert jacobian(lambda p: {"s": p["u"] * 2, "t": (p["v"], 5.0)})({"u": 1.0, "v": 2.0}) == {
        "s": {"u": 2.0, "v": 0.0},
        "t": ({"u": 0.0, "v": 1.0}, {"u": 0.0, "v": 0.0}),
    }
    assert jacobian(lambda x: [x, x, x * x])(3.0) == [1.0, 1.0, 6.0]
    assert hessian(lambda x, y: x * y * y, (0, 1))(2.0, 3.0) == ((0.0, 6.0), (6.0, 4.0))
    assert hessian(lambda x: x[0] + 2 * x[1])([2.0, 3.0]) == [[0.0, 0.0], [0.0, 0.0]]
    assert hessian(lambda x: 3.0)([2.0]) == [[0.0]]


@given(x=small, y=small)
def test_nested_derivatives_do_not_confuse_their_levels(x: float, y: float) -> None:
    assert grad(lambda a: a * grad(lambda b: a + b)(y))(x) == 1.0
    assert grad(lambda a: a * grad(lambda b: a * b * b)(y))(x) == pytest.approx(4 * x * y)
    assert grad(lambda a: grad(lambda b: (a * b) ** 3)(a))(x) == pytest.approx(3 * 5 * x**4)
    assert grad(lambda a: jvp(lambda b: b**3 * a, (y,), (1.0,))[1])(x) == pytest.approx(3 * y * y)
    assert jvp(lambda a: grad(lambda b: b * b * a)(y), (x,), (1.0,)) == pytest.approx((2 * x * y, 2 * y))
    assert grad(lambda a: vjp(lambda b: a * b * b, y)[1](1.0)[0])(x) == pytest.approx(2 * y)
    assert grad(lambda a: hessian(lambda b: a * b**3)(y))(x) == pytest.approx(6 * y)
    assert grad(lambda a: jvp(lambda b: b**3, (y,), (a,))[1])(x) == pytest.approx(3 * y * y)
    assert grad(lambda a: vjp(lambda b: b**3, y)[1](a)[0])(x) == pytest.approx(3 * y * y)
    assert grad(lambda a: vjp(lambda b: a * b**3, y)[1](a * a)[0])(x) == pytest.approx(9 * x * x * y * y)


@given(x=small, w=small)
def test_a_closed_over_value_stays_a_variable_of_the_result(x: float, w: float) -> None:
    outer = Value(w)
    slope = grad(lambda a: a**2 * outer**2)(x)
    assert isinstance(slope, Value)
    assert slope.data == pytest.approx(2 * x * w * w)
    assert outer.grad == 0
    slope.backward()
    assert outer.grad == pytest.approx(4 * x * w)
    point = Value(x)
    grad(lambda a: a**3)(point).backward()
    assert point.grad == pytest.approx(6 * x)


@given(x=small, c=small)
def test_a_cotangent_may_be_a_variable(x: float, c: float) -> None:
    cotangent = Value(c)
    (pulled,) = vjp(lambda a: [a**2, 3 * a], x)[1]([cotangent, 1.0])
    assert pulled.data == pytest.approx(2 * x * c + 3)
    assert cotangent.grad == 0
    pulled.backward()
    assert cotangent.grad == 2 * x
    with ag.no_grad():
        frozen = cotangent * 1
    assert vjp(lambda a: a**2, x)[1](frozen) == (2 * x * c,)


@given(x=st.floats(0.1, 3), order=st.integers(1, 6))
def test_derivatives_nest_to_any_order(x: float, order: int) -> None:
    f: Callable[..., Any] = ag.log
    for _ in range(order):
        f = grad(f)
    assert f(x) == pytest.approx((-1) ** (order - 1) * math.factorial(order - 1) / x**order)


def test_plain_arguments_give_plain_numbers() -> None:
    results = [
        grad(lambda x: x * grad(lambda y: x * y * y)(3.0))(2.0),
        *jvp(lambda x: x * x, (2.0,), (1.0,)),
        *vjp(lambda x: x * x, 2.0)[1](1.0),
        *value_and_grad(ag.exp)(1.0),
    ]
    assert {type(result) for result in results} == {float}


def test_arguments_that_are_not_differentiated_pass_through_untouched() -> None:
    seen: list[Any] = []
    assert grad(lambda x, name, *, k: (seen.append((name, k)), x * k)[1])(2.0, "n", k=3.0) == 3.0
    assert seen == [("n", 3.0)]
    assert grad(lambda x, y: x * y, -1)(2.0, 3.0) == 2.0
    assert grad(lambda x, y: x * y, [1, 0])(2.0, 3.0) == (2.0, 3.0)


@pytest.mark.parametrize("transform", [grad, value_and_grad, jacobian, hessian])
@pytest.mark.parametrize("argnums", [1, -2, (0, 3)])
def test_argnums_out_of_range_are_named(transform: Callable[..., Any], argnums: Any) -> None:
    with pytest.raises(ValueError, match=r"argnums .* of <lambda>, which was called with 1 positional argument$"):
        transform(lambda x: x, argnums)(1.0)


@pytest.mark.parametrize("argnums", ["0", 1.0, None, True, (0, "a")])
def test_argnums_that_are_no_index_are_refused_at_once(argnums: Any) -> None:
    with pytest.raises(TypeError, match="argnums must be an index or several"):
        grad(lambda x: x, argnums)


def test_an_argument_is_differentiated_by_once() -> None:
    with pytest.raises(ValueError, match="names an argument twice"):
        grad(lambda x: x, (0, -1))(1.0)


@pytest.mark.parametrize("transform", [grad, value_and_grad, jacobian, hessian])
def test_what_is_not_a_function_is_refused_at_once(transform: Callable[..., Any]) -> None:
    with pytest.raises(TypeError, match=r"f must be a function, got 3.0 \(float\)"):
        transform(3.0)


@pytest.mark.parametrize("result", [[1.0], "text", None, {}, (), np.ones(2), True, {"a": 1.0}])
def test_the_gradient_of_what_is_not_one_number_is_an_error_that_shows_it(result: Any) -> None:
    with pytest.raises(TypeError, match=r"result of <lambda> is|needs one number as its result, got"):
        grad(lambda x: result)(1.0)


@pytest.mark.parametrize(
    ("argument", "place"),
    [
        ("text", "argument 0 of <lambda> is 'text'"),
        ([1.0, {"k": None}], r"\[1\]\['k'\] is None"),
        (1j, "1j"),
        (np.array(["a"]), "element 0"),
    ],
)
def test_what_is_no_number_in_an_argument_is_an_error_that_says_where(argument: Any, place: str) -> None:
    with pytest.raises(TypeError, match=place):
        grad(lambda x: 1.0)(argument)


def test_structures_that_do_not_match_are_errors() -> None:
    with pytest.raises(ValueError, match="tangents must have the structure of primals"):
        jvp(lambda x: x[0], ([1.0, 2.0],), ([1.0],))
    with pytest.raises(ValueError, match="tangents must have the structure of primals"):
        jvp(lambda x: x["a"], ({"a": 1.0},), ({"b": 1.0},))
    with pytest.raises(TypeError, match="tangents must be a tuple or a list"):
        jvp(lambda x: x, (1.0,), 1.0)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"cotangent must have the structure of the result of <lambda>, 2 numbers in list"):
        vjp(lambda x: [x, x], 1.0)[1]((1.0,))


def test_a_derivative_under_no_grad_is_the_same_and_its_values_are_constants() -> None:
    w = Value(3.0)

    def f(x: Any) -> Any:
        return w * x**3

    _, pull_back = vjp(f, 2.0)
    derivatives: list[Callable[[], Any]] = [
        lambda: grad(f)(2.0),
        lambda: grad(f)(w),
        lambda: value_and_grad(f)(2.0),
        lambda: grad(grad(f))(2.0),
        lambda: hessian(f)(2.0),
        lambda: jacobian(lambda x: [f(x), 2.0 * x])(2.0),
        lambda: jvp(f, (2.0,), (1.0,)),
        lambda: hvp(f, (2.0,), (1.0,)),
        lambda: vjp(f, 2.0)[0],
        lambda: pull_back(1.0),
    ]
    for derivative in derivatives:
        recorded = flatten(derivative(), "it")[0]
        with ag.no_grad():
            found = flatten(derivative(), "it")[0]
            assert (w * w).is_constant  # the block goes on
        assert list(map(data_of, found)) == list(map(data_of, recorded))
        assert all(v.is_constant for v in found if isinstance(v, Value))


def test_a_derivative_under_no_grad_is_looked_at_by_a_detect_anomaly_around() -> None:
    with ag.detect_anomaly(), ag.no_grad(), pytest.raises(ArithmeticError, match="inf"):
        grad(lambda x: x * math.inf)(2.0)


def test_by_the_first_argument_unless_another_is_named() -> None:
    def f(x: Any, y: Any) -> Any:
        return x * x * y

    assert [grad(f)(3.0, 5.0), value_and_grad(f)(3.0, 5.0), jacobian(f)(3.0, 5.0), hessian(f)(3.0, 5.0)] == [
        30.0,
        (45.0, 30.0),
        30.0,
        10.0,
    ]
    assert [grad(f, 1)(3.0, 5.0), grad(f, -1)(3.0, 5.0), grad(f, (1, 0))(3.0, 5.0)] == [9.0, 9.0, (9.0, 30.0)]


def test_products_with_one_and_sums_with_nothing_are_not_recorded() -> None:
    v, one, minus_one, two = Value(3.0), make_constant(1.0), make_constant(-1), make_constant(2.0)
    for factor in (1, 1.0, one):
        assert times(factor, v) is v
        assert times(v, factor) is v
    for factor in (-1, -1.0, minus_one):
        assert times(factor, v).op == times(v, factor).op == "neg"
        assert times(factor, v).parents == times(v, factor).parents == (v,)
    for factor in (2, 0, -2.0, two):
        assert times(factor, v).op == times(v, factor).op == "mul"
        assert times(v, factor).parents[0] is v
        assert times(factor, v).parents[1] is v
    assert times(v, v).op == "mul"
    assert [times(two, 3), times(3, two), times(two, two), times(minus_one, 3), times(3, one)] == [6.0, 6.0, 4.0, -3, 3]
    assert not any(isinstance(x, Value) for x in (times(two, 3), times(two, two), times(one, two)))
    assert plus(None, v) is v
    assert plus(v, v).op == "add"
    assert plus(2, 3) == 5
    assert [type(zero_like(Value(x))) for x in (1, 1.0, Fraction(1, 2))] == [int, float, Fraction]
