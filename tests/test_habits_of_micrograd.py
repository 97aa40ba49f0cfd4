"""What notebooks and tests written for micrograd do, engine, networks and pictures together, in programs of our own."""

from __future__ import annotations

import copy
import functools
import math
import operator
import random
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from autograd_lite import Value
from nn import micrograd as nn
from visualize import draw_dot


@pytest.fixture(autouse=True)
def _leave_the_global_generator_alone() -> Iterator[None]:
    state = random.getstate()
    yield
    random.setstate(state)


def trace(root: Any) -> tuple[set[Any], set[Any]]:
    """The nodes and edges behind a value, as a notebook that draws them itself gathers them."""
    nodes, edges = set(), set()

    def build(v: Any) -> None:
        if v not in nodes:
            nodes.add(v)
            for child in v._prev:
                edges.add((child, v))
                build(child)

    build(root)
    return nodes, edges


def test_the_gradients_of_an_expression_by_hand_node_by_node_then_a_small_step_along_them() -> None:
    a, b, c, f = (Value(number, label=name) for name, number in zip("abcf", (1.5, -2.0, 4.0, -3.0), strict=True))
    e = a * b
    e.label = "e"
    d = e + c
    d.label = "d"
    loss: Any = d * f
    loss.label = "L"
    assert (loss.data, d._prev, d._op) == (-3.0, {e, c}, "+")
    loss.grad = 1.0
    for node in (loss, d, e):
        node._backward()
    assert (f.grad, c.grad, a.grad, b.grad) == (1.0, -3.0, 6.0, -4.5)
    for leaf in (a, b, c, f):
        leaf.data += 0.01 * leaf.grad
    assert ((a * b + c) * f).data == pytest.approx((1.56 * -2.045 + 3.97) * -2.99)


def test_a_derivative_is_estimated_by_moving_a_leaf() -> None:
    def output(h: float) -> Any:
        a, b = Value(2.0), Value(-3.0)
        b.data += h
        return (a * b + 10.0) * -2.0

    assert (output(1e-6).data - output(0.0).data) / 1e-6 == pytest.approx(-4.0, rel=1e-6)


def test_a_neuron_by_hand_in_the_order_of_a_recursive_sort() -> None:
    x1, x2, w1, w2 = Value(2.0), Value(0.0), Value(-3.0), Value(1.0)
    n = x1 * w1 + x2 * w2 + Value(6.5)
    o: Any = n.tanh()
    topo: list[Any] = []
    visited: set[Any] = set()

    def build_topo(v: Any) -> None:
        if v not in visited:
            visited.add(v)
            for child in v._prev:
                build_topo(child)
            topo.append(v)

    build_topo(o)
    assert len(topo) == 10
    o.grad = 1.0
    for node in reversed(topo):
        node._backward()
    slope = 1 - o.data**2
    assert [v.grad for v in (x1, w1, x2, w2)] == pytest.approx([-3.0 * slope, 2.0 * slope, slope, 0.0], rel=1e-14)
    for v in topo:
        v.grad = 0.0
    o.backward()
    assert x1.grad == pytest.approx(-3.0 * slope, rel=1e-14)


def test_what_is_used_twice_gets_both_gradients() -> None:
    a, b = Value(-2.0), Value(3.0)
    (a + a).backward()
    assert a.grad == 2.0
    a.grad = 0.0
    d, e = a * b, a + b
    (d * e).backward()
    assert (a.grad, b.grad) == (-3.0, -8.0)


def test_a_tanh_is_the_same_in_one_piece_of_exponentials_and_by_hand() -> None:
    def by_hand(v: Any) -> Any:
        t = math.tanh(v.data)
        out = Value(t, (v,), "tanh")

        def _backward() -> None:
            v.grad += (1 - t**2) * out.grad

        out._backward = _backward
        return out

    def of_exponentials(v: Any) -> Any:
        e = (2 * v).exp()
        return (e - 1) / (e + 1)

    slopes = []
    for tanh in (Value.tanh, by_hand, of_exponentials):
        x = Value(0.8)
        tanh(x * 1.5).backward()
        slopes.append(x.grad)
    assert slopes == pytest.approx([1.5 / math.cosh(1.2) ** 2] * 3, rel=1e-14)


def test_long_chains_of_operators_give_what_pytorch_gives() -> None:
    torch = pytest.importorskip("torch")

    def chained(a: Any, b: Any, relu: Any) -> Any:
        c = a - b / 3
        d = 2 + a * b - b**3
        c = c + c + 1.5
        d = d + 3 * relu(d - c) + relu(-c)
        e = (c - d) ** 2 / 4
        return e * 0.5 + 7.0 / (e + 1) + -a

    for point in [(-4.0, 2.0), (0.3, -1.7), (5.0, 0.25)]:
        ours = [Value(number) for number in point]
        theirs = [torch.tensor(number, dtype=torch.float64, requires_grad=True) for number in point]
        found, expected = chained(*ours, Value.relu), chained(*theirs, torch.relu)
        found.backward()
        expected.backward()
        assert found.data == pytest.approx(expected.item(), rel=1e-14)
        assert [v.grad for v in ours] == pytest.approx([t.grad.item() for t in theirs], rel=1e-14)


def max_margin(model: Any, rows: Any, labels: Any) -> tuple[Any, float]:
    """The loss of a support vector machine with regularization, on rows of NumPy, and the accuracy."""
    inputs = [list(map(Value, row)) for row in rows]
    scores = list(map(model, inputs))
    losses = [(1 + -label * score).relu() for label, score in zip(labels, scores, strict=True)]
    data_loss = sum(losses) * (1.0 / len(losses))
    reg_loss = 1e-3 * sum(p * p for p in model.parameters())
    accuracy = [(label > 0) == (score.data > 0) for label, score in zip(labels, scores, strict=True)]
    return data_loss + reg_loss, sum(accuracy) / len(accuracy)


def test_the_demo_of_two_classes_learns_step_by_step_with_the_gradients_of_single_operations() -> None:
    random.seed(5)
    generator = np.random.default_rng(2)
    rows = generator.normal(size=(12, 2))
    labels = np.where(rows[:, 0] * rows[:, 1] > 0, 1, -1)
    model = nn.MLP(2, [4, 3, 1])
    by_hand: list[Any] = [
        [([Value(w.data) for w in neuron.w], Value(neuron.b.data)) for neuron in layer.neurons] for layer in model.layers
    ]

    def of_single_operations(x: Any) -> Any:
        for depth, neurons in enumerate(by_hand):
            x = [sum((w * a for w, a in zip(ws, x, strict=True)), b) for ws, b in neurons]
            x = [z.relu() for z in x] if depth < 2 else x
        return x[0]

    of_single_operations.parameters = lambda: [p for layer in by_hand for ws, b in layer for p in [*ws, b]]  # type: ignore[attr-defined]
    history = []
    for k in range(6):
        rate = 0.5 - 0.4 * k / 6
        (total, accuracy), (expected, _) = max_margin(model, rows, labels), max_margin(of_single_operations, rows, labels)
        assert 0 <= accuracy <= 1
        assert total.data == pytest.approx(expected.data, rel=1e-13)
        model.zero_grad()
        for p in of_single_operations.parameters():  # type: ignore[attr-defined]
            p.grad = 0
        total.backward()
        expected.backward()
        pairs = list(zip(model.parameters(), of_single_operations.parameters(), strict=True))  # type: ignore[attr-defined]
        assert [p.grad for p, _ in pairs] == pytest.approx([q.grad for _, q in pairs], rel=1e-11, abs=1e-13)
        for pair in pairs:
            for p in pair:
                p.data -= rate * p.grad
        history.append(total.data)
    assert history[-1] < history[0]
    mesh = np.array([[x, y] for x in np.arange(-1, 1, 0.5) for y in np.arange(-1, 1, 0.5)])
    above = np.array([model(list(map(Value, row))).data > 0 for row in mesh])
    assert (above.dtype, above.shape) == (bool, (16,))


def test_a_network_of_ones_own_classes_trains_on_lists_and_is_drawn() -> None:
    class Neuron:
        def __init__(self, nin: int) -> None:
            self.w = [Value(random.uniform(-1, 1)) for _ in range(nin)]
            self.b = Value(random.uniform(-1, 1))

        def __call__(self, x: Any) -> Any:
            return sum((wi * xi for wi, xi in zip(self.w, x, strict=True)), self.b).tanh()

        def parameters(self) -> list[Value]:
            return [*self.w, self.b]

    random.seed(0)
    hidden, last = [Neuron(3) for _ in range(4)], Neuron(4)
    xs, ys = [[2.0, 3.0, -1.0], [3.0, -1.0, 0.5], [0.5, 1.0, 1.0]], [1.0, -1.0, 1.0]
    parameters = [p for neuron in (*hidden, last) for p in neuron.parameters()]
    history = []
    for _ in range(15):
        loss: Any = sum((last([h(x) for h in hidden]) - y) ** 2 for x, y in zip(xs, ys, strict=True))
        for p in parameters:
            p.grad = 0.0
        loss.backward()
        for p in parameters:
            p.data += -0.1 * p.grad
        history.append(loss.data)
    assert history[-1] < 0.2 * history[0]
    loss = last([h(xs[0]) for h in hidden])
    loss.backward()
    nodes, edges = trace(loss)
    assert set(parameters) <= nodes
    assert all(child in nodes for child, _ in edges)
    for node in nodes:
        assert f"data {node.data:.4f} | grad {node.grad:.4f}" == "data %.4f | grad %.4f" % (node.data, node.grad)  # noqa: UP031
    assert draw_dot(loss, format="svg", rankdir="LR").source.count("->") >= len(edges)


def test_an_optimizer_that_keeps_its_state_on_the_parameters_trains_a_network_of_micrograds() -> None:
    class Momentum:
        def __init__(self, parameters: list[Any], lr: float) -> None:
            self.parameters, self.lr = parameters, lr
            for p in parameters:
                p.velocity = 0.0

        def zero_grad(self) -> None:
            for p in self.parameters:
                p.grad = 0

        def step(self) -> None:
            for p in self.parameters:
                if not hasattr(p, "cache"):
                    p.cache = 0.0
                p.cache += p.grad**2
                p.velocity = 0.5 * p.velocity - self.lr * p.grad / (p.cache**0.5 + 1e-8)
                p.data += p.velocity

    random.seed(1)
    model = nn.MLP(2, [4, 1])
    optimizer = Momentum(model.parameters(), 0.1)
    history = []
    for _ in range(8):
        loss = sum(((model([a, b]) - (a - b)) ** 2 for a in (0.0, 1.0) for b in (0.0, 1.0)), Value(0))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        history.append(loss.data)
    assert history[-1] < 0.5 * history[0]
    best = copy.deepcopy(model)
    assert [(p.data, p.velocity) for p in best.parameters()] == [(p.data, p.velocity) for p in model.parameters()]


def test_an_optimizer_that_keeps_its_state_in_dictionaries_trains_leaves() -> None:
    leaves = [Value(3.0), Value(3.0)]
    moment, square = dict.fromkeys(leaves, 0.0), dict.fromkeys(leaves, 0.0)
    for t in range(1, 60):
        for p in leaves:
            p.grad = 0
        ((leaves[0] - 1) ** 2 + (leaves[1] + 1) ** 2).backward()
        for p in leaves:
            moment[p] = 0.9 * moment[p] + 0.1 * p.grad
            square[p] = 0.99 * square[p] + 0.01 * p.grad**2
            p.data -= 0.2 * moment[p] / (1 - 0.9**t) / ((square[p] / (1 - 0.99**t)) ** 0.5 + 1e-8)
    assert [p.data for p in leaves] == pytest.approx([1.0, -1.0], abs=0.3)


def test_a_softmax_of_a_list_of_values_shifted_by_the_largest() -> None:
    logits = [Value(z) for z in (0.0, 3.0, -2.0, 1.0)]
    largest = max(logits, key=lambda v: v.data)
    counts = [(z - largest.data).exp() for z in logits]
    chances = [count / sum(counts) for count in counts]
    (-chances[3].log()).backward()
    by_formula = [p.data - (k == 3) for k, p in enumerate(chances)]
    assert [z.grad for z in logits] == pytest.approx(by_formula, rel=1e-12)
    assert (largest, max(logits), min(logits)) == (logits[1], logits[1], logits[2])
    assert sorted(chances, reverse=True)[0] is max(chances) is chances[int(np.argmax([p.data for p in chances]))]


def test_sums_and_products_of_lists_however_they_are_begun() -> None:
    values = [Value(1.0), Value(2.0), Value(4.0)]
    sums = [sum(values), sum(values, Value(0)), sum(values, 0.0), functools.reduce(operator.add, values), np.sum(values)]
    assert [v.data for v in sums] == [7.0] * 5
    x = values[1]
    x += 1
    x -= 5.0
    x *= 3
    x /= 2.0
    x **= 2
    x.backward()
    assert (x.data, values[1].grad) == (9.0, -9.0)
    assert (1 - values[1] + 2 / values[2] - 2 ** values[0] * 3).data == -6.5


def test_arrays_made_by_vectorize_multiply_and_give_their_gradients_back() -> None:
    x, w = np.vectorize(Value)(np.arange(6.0).reshape(2, 3)), np.vectorize(Value, otypes=[object])(np.ones((3, 2)))
    ((x @ w) ** 2).sum().backward()
    slopes = np.vectorize(lambda v: v.grad, otypes=[float])(w)
    assert slopes.tolist() == (2 * np.arange(6.0).reshape(2, 3).T @ (np.arange(6.0).reshape(2, 3) @ np.ones((3, 2)))).tolist()


def test_a_class_of_ones_own_with_the_lectures_arguments_is_derived_from_value() -> None:
    class Scalar(Value):
        def __init__(self, data: float, _children: Any = (), _op: str = "", label: str = "") -> None:
            super().__init__(data, _children, _op, label=label)

        def cube(self) -> Any:
            out = Scalar(self.data**3, _children=(self,), _op="cube", label=f"{self.label}³")

            def _backward() -> None:
                self.grad += 3 * self.data**2 * out.grad

            out._backward = _backward
            return out

    x = Scalar(2.0, label="x")
    y = x.cube()
    (y + x).backward()
    assert (x.grad, y.label, y._prev, y._op) == (13.0, "x³", {x}, "cube")
