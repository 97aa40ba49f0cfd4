"""Pictures never grow beyond what can be read, and say what they leave out."""

import xml.etree.ElementTree as ElementTree

import pytest

import autograd_lite
from autograd_lite import Value, dot, sin, tanh
from autograd_lite.graph.bundles import Bundle
from visualize import stepper, to_svg
from visualize.graph.nodes import Graph
from visualize.picture.folding import MOST_WORK, folded, layout_work


def test_a_large_network_is_folded_by_layers_and_says_so(parts, shown_texts, mlp) -> None:
    output = mlp([2, 16, 16, 1])
    svg = to_svg(output)
    assert len(parts(svg, "node")) == 2 + 3
    whole = shown_texts(ElementTree.fromstring(svg))
    assert "16 neurons, tanh" in whole
    assert "folded: 403 nodes into 3 layers" in whole


def test_a_layer_that_runs_on_several_samples_is_folded_once_and_says_how_many(shown_texts) -> None:
    weights = [Bundle([Value(0.1, f"w{j}{k}") for k in range(2)]) for j in range(3)]
    samples = [Bundle([Value(float(i)), Value(1.0)]) for i in range(2)]
    outputs = [tanh(dot(row, sample)) for sample in samples for row in weights]
    whole = shown_texts(ElementTree.fromstring(to_svg(autograd_lite.sum(outputs), limit=10)))
    assert whole.count("2 inputs, 6 parameters") == 1
    assert "2 samples" in whole


def test_many_inputs_of_a_folded_network_are_one_box(parts, shown_texts, mlp) -> None:
    svg = to_svg(mlp([64, 8, 2]))
    assert len(parts(svg, "node")) == 3
    assert "64 numbers" in shown_texts(ElementTree.fromstring(svg))


def test_a_large_graph_is_folded_to_the_nodes_nearest_the_output_and_says_so(parts, shown_texts) -> None:
    y = x = Value(1.0, "x")
    for _ in range(5_000):
        y = y * 0.9999
    svg = to_svg(y, limit=20)
    assert len(parts(svg, "node")) == 20
    assert "not drawn: 9,982 of 10,001 nodes" in shown_texts(ElementTree.fromstring(svg))
    assert x.label == "x"


def test_a_graph_of_many_long_edges_is_folded_below_the_limit_and_says_so(parts, shown_texts) -> None:
    nodes = [Value(0.1, "x")]
    while len(nodes) < 500:
        nodes.append(autograd_lite.sum(nodes))
    svg = to_svg(nodes[-1], limit=10_000)
    assert len(parts(svg, "node")) < 100
    whole = shown_texts(ElementTree.fromstring(svg))
    assert "not drawn: " in whole
    assert "fewer boxes than the limit" in whole
    graph = Graph(nodes[-1])
    boxes, _ = folded(graph, [], 10_000)
    assert layout_work(graph, boxes) > MOST_WORK
    with pytest.raises(ValueError, match="too many and too long to lay out"):
        stepper(nodes[300])


def test_the_work_of_a_layout_grows_with_the_edges_that_pass_each_rank() -> None:
    x, late = Value(1.0, "x"), Value(2.0, "late")
    y = sin(sin(sin(x)) + late) * x
    boxes, _ = folded(Graph(y), [], 100)
    from_x, others = 1 + 5, 5  # `late` stands beside its sum
    assert layout_work(Graph(y), boxes) == 40 * (from_x + others) + ((from_x + others) ** 2 - from_x**2 - 5) / 5


def test_a_node_of_many_operands_is_drawn_with_as_many_of_them_as_the_limit_allows(parts, shown_texts) -> None:
    terms = [Value(float(k), f"x{k}") for k in range(3_000)]
    svg = to_svg(autograd_lite.sum(terms), limit=40)
    assert len(parts(svg, "node")) == 40
    assert "not drawn: 2,962 of 3,001 nodes" in shown_texts(ElementTree.fromstring(svg))
