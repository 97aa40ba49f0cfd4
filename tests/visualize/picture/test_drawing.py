"""What a picture shows besides its boxes: local derivatives, and layers in their order."""

import re
from collections.abc import Sequence

import pytest

from autograd_lite import Value, sin
from autograd_lite.notation import number
from visualize import to_svg
from visualize.graph.layers import find_layers
from visualize.graph.nodes import Graph

SVG = "{http://www.w3.org/2000/svg}"


def test_edges_show_local_derivatives_whose_product_along_the_path_is_the_derivative(parts, shown_texts) -> None:
    x = Value(0.7, "x")
    y = sin(x * 3.0)
    y.backward()
    (inner, outer) = [float(shown_texts(on_edge)) for on_edge in parts(to_svg(y, local_derivatives=True), "node derivative")]
    assert inner * outer == pytest.approx(x.grad, rel=1e-3)


@pytest.mark.parametrize("sizes", [(2, 3, 1), ()])
def test_a_local_derivative_stands_on_its_edge_between_the_operand_and_the_result(
    parts, shown_texts, mlp, sizes: Sequence[int]
) -> None:
    a, b = Value(3.0, "a"), Value(-2.0, "b")
    output = mlp(sizes) if sizes else (a * b) * (a * a) + a * b * 2
    svg = to_svg(output, local_derivatives=True)
    ends = [(edge.get("data-tail"), edge.get("data-head")) for edge in parts(svg, "edge")]
    shown = {node.get("id"): shown_texts(node).strip() for node in parts(svg, "node derivative")}
    graph = Graph(output)
    boxes = {f"n{index}": node for node, index in graph.index.items()}
    for middle, text in shown.items():
        ((start, _),) = [pair for pair in ends if pair[1] == middle]
        ((_, end),) = [pair for pair in ends if pair[0] == middle]
        node, position = (int(part) for part in middle[1:].split("-")[:2])
        user = graph.nodes[node]
        assert boxes[start] is user.parents[position]
        assert boxes[end] is user or boxes[end] in user.parents  # an input reaches its neuron through the weight's box
        assert text == number(user.local_derivatives[position])
    assert len(shown) == sum(not parent.is_constant for node in graph.nodes for parent in node.parents)


def test_neurons_that_share_inputs_are_framed_as_a_layer_with_weights_on_the_way_from_their_inputs(
    parts, shown_texts, mlp
) -> None:
    output = mlp([2, 3, 1])
    layers = find_layers(Graph(output))
    assert [(layer.level, len(layer.sums), len(layer.outputs), len(layer.parameters)) for layer in layers] == [
        (1, 3, 3, 9),
        (2, 1, 1, 4),
    ]
    svg = to_svg(output)
    assert [shown_texts(cluster) for cluster in parts(svg, "cluster")] == ["layer 1", "layer 2"]
    ids = {re.sub(r"\W", "", shown_texts(node)).split("data")[0]: node.get("id") for node in parts(svg, "node")}
    ends = {(edge.get("data-tail"), edge.get("data-head")) for edge in parts(svg, "edge")}
    assert (ids["x0"], ids["w100"]) in ends
    assert (ids["x1"], ids["w101"]) in ends


@pytest.mark.parametrize("local_derivatives", [False, True])
def test_the_neurons_and_weights_of_a_layer_stand_in_their_order_from_the_top(parts, mlp, local_derivatives: bool) -> None:
    output = mlp([2, 4, 3, 1])
    graph = Graph(output)
    heights = {
        node.get("id"): float(node.find(f".//{SVG}text").get("y"))  # type: ignore[union-attr, arg-type]
        for node in parts(to_svg(output, local_derivatives=local_derivatives), "node")
    }
    for layer in find_layers(graph):
        for column in (layer.parameters, layer.sums, layer.outputs):
            column_heights = [heights[f"n{graph.index[node]}"] for node in column]
            assert column_heights == sorted(column_heights)
