"""What programs written for JAX do with derivatives, with `ag` in the place of `jax` and lists in the place of arrays."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import check_grads, grad, hessian, jacfwd, jacrev, jvp, primitive, stop_gradient, value_and_grad, vjp
from autograd_lite.errors import TracingError

ROWS = [[0.4, -1.2, 0.7], [1.1, 0.3, -0.5], [-0.6, 0.9, 1.4]]
LABELS = [1.0, 0.0, 1.0]
W, B = [0.2, -0.4, 0.1], 0.3


def predict(w: Any, b: Any, row: Any) -> Any:
    return ag.sigmoid(ag.dot(w, row) + b)


def loss(w: Any, b: Any) -> Any:
    """The negative log likelihood of a logistic regression."""
    chances = [predict(w, b, row) for row in ROWS]
    return -ag.sum([ag.log(p if label else 1 - p) for p, label in zip(chances, LABELS, strict=True)])


def slope_by_hand() -> tuple[list[float], float]:
    errors = [predict(W, B, row) - label for row, label in zip(ROWS, LABELS, strict=True)]
    return [sum(e * row[k] for e, row in zip(errors, ROWS, strict=True)) for k in range(3)], sum(errors)


def test_grad_is_applied_as_often_as_one_likes() -> None:
    t, s = math.tanh(2.0), 1 - math.tanh(2.0) ** 2
    assert grad(ag.tanh)(2.0) == pytest.approx(s)
    assert grad(grad(ag.tanh))(2.0) == pytest.approx(-2 * t * s)
    assert grad(grad(grad(ag.tanh)))(2.0) == pytest.approx(-2 * s * s + 4 * t * t * s)


def test_argnums_choose_what_to_differentiate_by() -> None:
    by_w, by_b = slope_by_hand()
    assert grad(loss, argnums=0)(W, B) == grad(loss)(W, B) == pytest.approx(by_w)
    assert grad(loss, 1)(W, B) == pytest.approx(by_b)
    assert grad(loss, (0, 1))(W, B) == (grad(loss)(W, B), grad(loss, 1)(W, B))
    assert value_and_grad(loss, (0, 1))(W, B) == (loss(W, B), grad(loss, (0, 1))(W, B))


def test_parameters_are_a_dictionary_and_so_is_the_gradient() -> None:
    by_w, by_b = slope_by_hand()
    slopes = grad(lambda params: loss(params["W"], params["b"]))({"W": W, "b": B})
    assert slopes == {"W": pytest.approx(by_w), "b": pytest.approx(by_b)}


def test_a_gradient_is_checked_against_differences_by_hand_and_by_check_grads() -> None:
    step, direction = 1e-5, [0.6, -0.64, 0.48]
    ahead, behind = ([w + side * step / 2 * d for w, d in zip(W, direction, strict=True)] for side in (1, -1))
    along = sum(g * d for g, d in zip(grad(loss)(W, B), direction, strict=True))
    assert (loss(ahead, B) - loss(behind, B)) / step == pytest.approx(along, rel=1e-8)
    check_grads(loss, (W, B), order=2)


def cubes(x: Any) -> Any:
    return ag.sum([a**3 * b for a, b in zip(x, [*x[1:], x[0]], strict=True)])


HVPS: dict[str, Callable[[Any, Any], Any]] = {
    "reverse over reverse": lambda x, v: grad(lambda x: ag.dot(grad(cubes)(x), v))(x),
    "forward over reverse": lambda x, v: jvp(grad(cubes), (x,), (v,))[1],
    "reverse over forward": lambda x, v: grad(lambda x: jvp(cubes, (x,), (v,))[1])(x),
    "vjp of the gradient": lambda x, v: vjp(grad(cubes), x)[1](v)[0],
    "hvp": lambda x, v: ag.hvp(cubes, (x,), (v,))[0],
}


@pytest.mark.parametrize("way", HVPS)
def test_a_hessian_times_a_vector_needs_no_hessian(way: str) -> None:
    x, v = [0.5, -1.0, 2.0], [1.0, 0.25, -2.0]
    expected = np.array(hessian(cubes)(x)) @ v
    assert HVPS[way](x, v) == pytest.approx(list(expected), rel=1e-12)


def test_jacobians_forward_and_reverse_are_one_matrix_and_so_are_all_hessians() -> None:
    def outputs(w: Any) -> Any:
        return [predict(w, B, row) for row in ROWS]

    assert np.array(jacfwd(outputs)(W)) == pytest.approx(np.array(jacrev(outputs)(W)), rel=1e-12)
    expected = np.array(hessian(cubes)(W))
    assert expected == pytest.approx(expected.T)
    for outer, inner in [(jacfwd, jacrev), (jacrev, jacfwd), (jacfwd, jacfwd), (jacrev, jacrev)]:
        assert np.array(outer(inner(cubes))(W)) == pytest.approx(expected, rel=1e-12)


def test_rows_of_a_jacobian_come_of_vjp_and_its_columns_of_jvp() -> None:
    def outputs(w: Any) -> Any:
        return [predict(w, B, row) for row in ROWS]

    matrix, basis = np.array(jacrev(outputs)(W)), np.eye(3).tolist()
    primals, pull_back = vjp(outputs, W)
    assert primals == outputs(W)
    assert np.array([pull_back(e)[0] for e in basis]) == pytest.approx(matrix)
    assert pytest.approx(matrix) == np.array([jvp(outputs, (W,), (e,))[1] for e in basis]).T


def test_gradients_of_single_samples_are_a_list() -> None:
    def of_one(w: Any, row: Any, label: float) -> Any:
        return (predict(w, B, row) - label) ** 2

    single = [grad(of_one)(W, row, label) for row, label in zip(ROWS, LABELS, strict=True)]
    compiled = ag.compile(of_one, in_axes=(None, 0, 0)).grad(W, ROWS, LABELS)
    assert compiled == pytest.approx([sum(column) / 3 for column in zip(*single, strict=True)])


def test_a_step_of_descent_is_differentiated_by_its_rate() -> None:
    """As in meta-learning: the loss after a step, as a function of where one began and how far one went."""

    def after(x: Any, rate: Any) -> Any:
        return (x - rate * grad(lambda x: x**4)(x)) ** 4

    x, rate = 1.5, 0.02
    moved = x - rate * 4 * x**3
    by_x, by_rate = grad(after, (0, 1))(x, rate)
    assert by_x == pytest.approx(4 * moved**3 * (1 - rate * 12 * x * x))
    assert by_rate == pytest.approx(-4 * moved**3 * 4 * x**3)


def test_stop_gradient_holds_the_target_of_temporal_differences() -> None:
    state, following, reward = [1.0, 2.0, -1.0], [0.5, 1.0, 0.0], 1.0

    def error(theta: Any) -> Any:
        return (stop_gradient(reward + ag.dot(theta, following)) - ag.dot(theta, state)) ** 2

    off = reward + ag.dot(W, following) - ag.dot(W, state)
    assert grad(error)(W) == pytest.approx([-2 * off * s for s in state])


def test_a_straight_through_estimator_rounds_forward_and_not_backward() -> None:
    def rounded(x: Any) -> Any:
        zero = x - stop_gradient(x)
        return zero + stop_gradient(ag.round(x))

    assert value_and_grad(rounded)(3.2) == (3.0, 1.0)
    assert grad(ag.round)(3.2) == 0.0


def test_aux_comes_along_undifferentiated() -> None:
    def with_guess(w: Any) -> Any:
        guess = predict(w, B, ROWS[0])
        return (guess - 1.0) ** 2, {"guess": guess}

    (value, aux), slopes = value_and_grad(with_guess, has_aux=True)(W)
    assert (value, aux) == ((aux["guess"] - 1.0) ** 2, {"guess": predict(W, B, ROWS[0])})
    assert grad(with_guess, has_aux=True)(W) == (slopes, aux)


def test_a_rule_of_ones_own_stands_in_for_one_that_loses_digits() -> None:
    def naive(x: Any) -> Any:
        return ag.log(1.0 + ag.exp(x))

    @primitive(derivatives=[lambda out, x: 1 - 1 / (1 + ag.exp(x))])
    def log1pexp(x: float) -> float:
        return math.log1p(math.exp(x))

    assert log1pexp(3.0) == pytest.approx(naive(3.0))
    for point in (-2.0, 3.0, 100.0):
        assert grad(log1pexp)(point) == pytest.approx(ag.sigmoid(point))
        assert ag.compile(grad(log1pexp), backend="python")(point) == grad(log1pexp)(point)


def test_a_rule_of_ones_own_clips_what_is_passed_back() -> None:
    @primitive(derivatives=[lambda out, x: 1.0])
    def unchanged(x: float) -> float:
        return x

    def clipped(f: Callable[[Any], Any]) -> Callable[[float], float]:
        return lambda x: ag.clip(grad(lambda x: f(unchanged(x)))(x), -1.0, 1.0)

    assert [clipped(lambda x: x**3)(x) for x in (0.1, 2.0)] == [pytest.approx(0.03), 1.0]


def test_branches_and_loops_of_python_follow_the_numbers() -> None:
    def f(x: Any) -> Any:
        return 3 * x**2 if x < 3 else -4 * x

    def halved(x: Any) -> Any:
        while x > 1:
            x = x / 2
        return x

    assert [grad(f)(x) for x in (2.0, 4.0)] == [12.0, -4.0]
    assert value_and_grad(halved)(6.0) == (0.75, 0.125)
    with pytest.raises(TracingError, match="where"):
        ag.compile(f)(2.0)


def test_arrays_of_numbers_are_arguments_and_their_gradients_are_arrays() -> None:
    x = np.linspace(-1.0, 1.0, 5)
    slopes = grad(lambda x: np.sum(np.sin(x) * x))(x)
    assert isinstance(slopes, np.ndarray)
    assert slopes == pytest.approx(np.cos(x) * x + np.sin(x))
