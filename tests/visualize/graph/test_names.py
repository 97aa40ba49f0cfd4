"""What the nodes of a graph are called."""

from pathlib import Path

import visualize
from autograd_lite import Value
from visualize import draw
from visualize.graph.nodes import Graph


def test_names_come_from_the_callers_variables_unless_a_label_is_given_or_they_are_turned_off() -> None:
    w, x = Value(0.5), Value(2.0, label="input")
    weights = [w, Value(1.0)]
    y = w * x + weights[1]
    graph = Graph(y)
    assert [graph.name(node) for node in graph.nodes] == ["w", "input", "v₁", "weights[1]", "y"]
    assert w.label == y.label == ""
    assert "<b>w</b>" in draw(y).source
    assert "<b>w</b>" not in draw(y, names=False).source


def test_a_script_beside_the_package_is_a_caller() -> None:
    scope: dict[str, object] = {"Value": Value, "draw": draw}
    code = "w = Value(2.0)\npicture = draw(w * 3)"
    exec(compile(code, f"{Path(visualize.__file__).parent}_demo.py", "exec"), scope)
    assert "<b>w</b>" in scope["picture"].source  # type: ignore[attr-defined]
