"""What programs written for PyTorch do with gradients, with a Value, or a list of them, in the place of a tensor."""

from __future__ import annotations

import math
import random
from typing import Any

import pytest

import autograd_lite as ag
from autograd_lite import Value, jacobian, no_grad, primitive, vjp
from nn import MLP, SGD, Layer, Module, Sequential


def test_a_vector_is_differentiated_with_a_gradient_from_outside() -> None:
    a, b = [Value(2.0), Value(3.0)], [Value(6.0), Value(4.0)]
    q = [3 * x**3 - y**2 for x, y in zip(a, b, strict=True)]
    external = [1.0, 1.0]
    ag.dot(external, q).backward()
    assert [x.grad for x in a] == [9 * x.data**2 for x in a]
    assert [y.grad for y in b] == [-2 * y.data for y in b]


def test_the_way_back_is_walked_from_the_last_node() -> None:
    a = [Value(2 * math.pi * k / 8) for k in range(8)]
    b = [x.sin() for x in a]
    d = [2 * y + 1 for y in b]
    out = ag.sum(d)
    names, node = [], out
    while node.parents:
        names.append(node.op)
        node = next(parent for parent in node.parents if not parent.is_constant)
    assert names == ["sum", "add", "mul", "sin"]
    assert node is a[0]
    assert (a[0].op, a[0].parents) == ("", ())  # no grad_fn
    out.backward()
    assert [x.grad for x in a] == pytest.approx([2 * math.cos(x.data) for x in a])
    assert b[3].grad == 2.0  # that of an inner node is there without retain_grad()


class TinyModel(Module):
    def __init__(self) -> None:
        super().__init__()
        self.layer1 = Layer(5, 4, "relu", seed=1)
        self.layer2 = Layer(4, 2, "identity", seed=2)

    def forward(self, x: Any) -> Any:
        return self.layer2(self.layer1(x))


def squares(model: Module, x: list[float], ideal: list[float]) -> Value:
    return ag.sum([(want - got) ** 2 for want, got in zip(ideal, model(x), strict=True)])


def test_the_training_loop_and_gradients_that_add_up_until_they_are_reset() -> None:
    random.seed(3)
    x, ideal = [random.gauss(0, 1) for _ in range(5)], [0.5, -1.0]
    model = TinyModel()
    optimizer = SGD(model.parameters(), lr=0.01)
    assert not any(p.grad for p in model.parameters())
    before = model.state_dict()
    loss = squares(model, x, ideal)
    loss.backward()
    assert model.state_dict() == before
    once = [p.grad for p in model.parameters()]
    optimizer.step()
    assert squares(model, x, ideal).data < loss.data
    model.load_state_dict(before)
    for times in (2, 3, 4):
        squares(model, x, ideal).backward()
        assert [p.grad for p in model.parameters()] == pytest.approx([times * g for g in once])
    optimizer.zero_grad()
    assert not any(p.grad for p in model.parameters())


def test_frozen_parameters_stay_and_a_new_last_layer_learns() -> None:
    backbone = MLP(3, [4, 4], output_activation="relu", seed=0)
    for parameter in backbone.parameters():
        parameter.requires_grad = False
    model = Sequential(backbone, Layer(4, 2, "identity", seed=1))
    optimizer = SGD(model.parameters(), lr=0.1)
    before = model.state_dict()
    squares(model, [1.0, -0.5, 2.0], [3.0, -1.0]).backward()
    optimizer.step()
    changed = {name.split(".")[1] for name, number in model.state_dict().items() if number != before[name]}
    assert changed == {"1"}


def test_recording_is_off_in_a_block_and_in_a_function() -> None:
    a, b = Value(2.0), Value(3.0)

    def add(x: Any, y: Any) -> Any:
        return x + y

    assert not add(a, b).is_constant
    with no_grad():
        assert add(a, b).is_constant
    assert no_grad()(add)(a, b).is_constant
    assert a.detach().is_constant
    assert a.detach().data == a.data
    (a * b.detach()).backward()
    assert (a.grad, b.grad) == (3.0, 0)
    with pytest.raises(RuntimeError, match="no graph"):
        a.detach().backward()


def test_a_leaf_is_changed_in_place_without_recording_and_a_result_is_not() -> None:
    w = Value(2.0)
    with no_grad():
        w.data -= 0.5
    (w * w).backward()
    assert w.grad == 3.0
    with pytest.raises(AttributeError, match="result of 'mul'"):
        (w * w).data = 1.0


def test_jacobians_and_vector_products_of_functions_with_loops() -> None:
    def adder(x: Any, y: Any) -> Any:
        return [2 * a.exp() + 3 * b for a, b in zip(x, y, strict=True)]

    def doubled(x: Any) -> Any:
        y = [2 * a for a in x]
        while ag.sum([a * a for a in y]) < 1e6:
            y = [2 * a for a in y]
        return y

    x, y = [0.1, 0.7], [0.3, 0.9]
    (first, second) = jacobian(adder, (0, 1))(x, y)
    assert first == (pytest.approx([2 * math.exp(0.1), 0.0]), [3.0, 0.0])
    assert second == (pytest.approx([0.0, 2 * math.exp(0.7)]), [0.0, 3.0])
    outputs, pull_back = vjp(doubled, [0.5, -1.0])
    factor = outputs[0] / 0.5
    assert factor == 2 ** round(math.log2(factor))
    assert pull_back([0.1, 1.0])[0] == [0.1 * factor, factor]


def test_a_function_with_a_backward_of_ones_own_fits_a_sine() -> None:
    """A Legendre polynomial of degree 3 as an operation, its derivative written by hand, within a model of four numbers."""

    @primitive(derivatives=[lambda out, x: 1.5 * (5 * x**2 - 1)])
    def legendre(x: float) -> float:
        return 0.5 * (5 * x**3 - 3 * x)

    xs = [math.pi * (2 * k / 19 - 1) for k in range(20)]
    a, b, c, d = parameters = [Value(number) for number in (0.0, -1.0, 0.0, 0.3)]

    def loss() -> Value:
        return ag.sum([(a + b * legendre(c + d * x) - math.sin(x)) ** 2 for x in xs])

    ag.check_grads(legendre, (0.4,))
    history = []
    for _ in range(60):
        for p in parameters:
            p.grad = None  # type: ignore[assignment]
        total = loss()
        total.backward()
        history.append(total.data)
        with no_grad():
            for p in parameters:
                p.data -= 2e-4 * p.grad
    assert history == sorted(history, reverse=True)
    assert history[-1] < 0.6 * history[0]


def test_the_coefficients_of_a_polynomial_are_fitted_to_a_sine_by_hand() -> None:
    xs = [math.pi * (k / 10 - 1) for k in range(21)]
    parameters = [Value(0.0) for _ in range(4)]
    for _ in range(40):
        for p in parameters:
            p.grad = 0
        guesses = [ag.sum([p * x**k for k, p in enumerate(parameters)]) for x in xs]
        loss = ag.sum([(guess - math.sin(x)) ** 2 for guess, x in zip(guesses, xs, strict=True)])
        loss.backward()
        by_hand = [sum(2 * (g.data - math.sin(x)) * x**k for g, x in zip(guesses, xs, strict=True)) for k in range(4)]
        assert [p.grad for p in parameters] == pytest.approx(by_hand, rel=1e-12, abs=1e-12)
        for p in parameters:
            p.data -= 5e-5 * p.grad
    assert loss.data < 8.0
