"""The steps of a film are those of `backward`, in the order and the words of the page."""

import pytest
from hypothesis import given, settings

from autograd_lite import Value, relu, tanh
from autograd_lite.strategies import expressions
from visualize.film.steps import steps_of
from visualize.graph.nodes import Graph


@given(expressions())
@settings(max_examples=25)
def test_the_gradients_after_the_last_step_are_those_of_backward(drawn) -> None:
    value = drawn.value if hasattr(drawn, "value") else drawn
    graph = Graph(value, names=False)
    *_, last = steps_of(graph)
    value.backward()
    for node in graph.nodes:
        if not node.is_constant:
            assert float(last.gradients.get(node, 0.0)) == pytest.approx(float(node.grad), rel=1e-12, nan_ok=True)


def test_each_step_says_what_is_computed_in_names_and_in_numbers() -> None:
    w, x = Value(0.5, "w"), Value(-2.0, "x")
    y = tanh(w * x)
    y.label = "y"
    texts = [step.text for step in steps_of(Graph(y, names=False))]
    assert texts[1] == "v₁ = w × x = 0.5 × (-2.0) = -1.0"
    assert texts[4].startswith("v₁.grad += ")
    assert texts[5] == "w.grad += x.data · v₁.grad = (-2.0) · 0.42 = -0.8399"


def test_what_only_chooses_has_no_step_back() -> None:
    x = Value(2.0, "x")
    steps = list(steps_of(Graph(relu(x), names=False)))
    assert sum(step.phase == "backward" for step in steps) == 2
