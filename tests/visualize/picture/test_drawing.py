"""What a picture shows besides its boxes: local derivatives, and layers in their order."""

import re
from collections.abc import Sequence
from random import Random

import pytest

import autograd_lite
from autograd_lite import Value, dot, sin, tanh
from autograd_lite.graph.bundles import Bundle
from autograd_lite.notation import number
from visualize import draw, to_svg
from visualize.graph.layers import find_layers
from visualize.graph.nodes import Graph
from visualize.picture.rendering import render_each

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


@pytest.mark.parametrize("rankdir", ["LR", "TB"])
@pytest.mark.parametrize("local_derivatives", [False, True])
def test_the_neurons_and_weights_of_a_layer_stand_in_their_order(parts, mlp, local_derivatives: bool, rankdir: str) -> None:
    output = mlp([2, 4, 3, 1])
    graph = Graph(output)
    svg = to_svg(output, local_derivatives=local_derivatives, rankdir=rankdir)
    axis = "y" if rankdir == "LR" else "x"  # from the top, or from the left
    places = {node.get("id"): float(node.find(f".//{SVG}text").get(axis)) for node in parts(svg, "node")}  # type: ignore[union-attr, arg-type]
    for layer in find_layers(graph):
        for column in (layer.parameters, layer.sums, layer.outputs):
            in_column = [places[f"n{graph.index[node]}"] for node in column]
            assert in_column == sorted(in_column)


def batch(count: int) -> Value:
    """A network of two layers, run on several samples, and the sum of its outputs."""
    first = [Bundle([Value(0.1 * j, f"w{j}{k}") for k in range(2)]) for j in range(2)]
    second = Bundle([Value(0.5, f"u{k}") for k in range(2)])
    outputs = []
    for sample in range(count):
        inputs = Bundle([Value(float(sample), f"x{sample}"), Value(1.0, f"y{sample}")])
        outputs.append(tanh(dot(second, Bundle([tanh(dot(row, inputs)) for row in first]))))
    return autograd_lite.sum(outputs)


@pytest.mark.parametrize("rankdir", ["LR", "TB"])
def test_the_samples_of_a_batch_are_framed_in_their_layer_in_order(parts, shown_texts, rankdir: str) -> None:
    svg = to_svg(batch(3), rankdir=rankdir)
    frames = [(shown_texts(frame), frame) for frame in parts(svg, "cluster")]
    samples = ["sample 1", "sample 2", "sample 3"]
    assert [title for title, _ in frames] == ["layer 1, 3 samples", *samples, "layer 2, 3 samples", *samples]
    axis = "y" if rankdir == "LR" else "x"
    for begin in (1, 5):
        places = [float(frame.find(f"{SVG}text").get(axis)) for _, frame in frames[begin : begin + 3]]  # type: ignore[union-attr, arg-type]
        assert places == sorted(places)
    along = 0 if rankdir == "LR" else 1
    first, second = (
        [float(pair.split(",")[along]) for pair in re.findall(r"[-\d.]+,[-\d.]+", frames[begin][1].find(f"{SVG}path").get("d"))]  # type: ignore[union-attr, arg-type]
        for begin in (0, 4)
    )
    assert max(first) < min(second)  # a layer stands behind the one before it


@pytest.mark.parametrize("rankdir", ["LR", "TB"])
def test_no_edge_goes_through_a_box_of_a_network_whatever_its_size(crossings, mlp, rankdir: str) -> None:
    random = Random(0)
    sizes = [[random.randint(1, 4) for _ in range(random.randint(2, 4))] for _ in range(5)]
    outputs = [mlp(of_layers) for of_layers in ([4, 8, 8, 2], *sizes)]
    drawn = [draw(output, rankdir=rankdir, limit=1000) for output in (*outputs, batch(3))]
    derived = [draw(output, rankdir=rankdir, limit=1000, local_derivatives=True) for output in outputs[1:]]
    assert crossings(*drawn, *derived) == set()
    assert render_each([picture.source for picture in derived], ["json"], quickly=True)  # as where there is no time for polish


@pytest.mark.parametrize("rankdir", ["LR", "TB"])
def test_a_local_derivative_stands_on_its_edge_and_on_no_other_in_any_graph(crossings, rankdir: str) -> None:
    drawn = [draw(graph_of(Random(seed)), rankdir=rankdir, local_derivatives=True) for seed in range(12)]
    assert crossings(*drawn) == set()


def graph_of(random: Random) -> Value:
    """A graph of a few leaves and of operations on any two of the values so far."""
    values = [Value(random.uniform(0.5, 2.0), name) for name in "abcd"]
    for _ in range(random.randint(3, 12)):
        one, other = random.choices(values, k=2)
        values.append(random.choice([one + other, one * other, sin(one), one / other]))
    return autograd_lite.sum(values[4:])


def test_a_layer_of_a_batch_may_have_no_weights_of_its_own() -> None:
    weights = Bundle([Value(0.5, "w"), Value(0.25, "v")])
    computed = Bundle([weight * 2 for weight in weights])
    outputs = []
    for sample in range(2):
        hidden = [tanh(dot(weights, Bundle([Value(float(sample)), Value(shift)]))) for shift in (0.0, 1.0)]
        outputs.append(tanh(dot(computed, Bundle(hidden))))
    assert "sample 2" in draw(autograd_lite.sum(outputs)).source
