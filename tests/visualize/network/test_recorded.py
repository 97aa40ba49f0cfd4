"""A network is found in the graph that it computed."""

import re

import pytest

from autograd_lite import Value, dot, tanh
from nn import MLP, Dropout, Layer, Sequential, cross_entropy, mse
from visualize import draw, to_svg
from visualize.graph.nodes import Graph
from visualize.network.recorded import recorded_network


def test_the_layers_are_those_of_the_model_whatever_stands_between_and_behind_them():
    between = Sequential(Layer(3, 4, activation=lambda z: z * z.sigmoid(), index=1), Dropout(0.5, seed=0), Layer(4, 2, index=2))
    for model in (MLP(3, [4, 2], activation="tanh", seed=0), between):
        network = recorded_network(Graph(mse(model([1.0, 2.0, 3.0]), [0.0, 1.0])))
        layers = [layer for layer in model.layers if hasattr(layer, "neurons")]
        for part, layer in zip(network.parts(), layers, strict=True):
            assert [list(row) for row in part.weights] == [list(neuron.w) for neuron in layer.neurons]
            assert part.biases == [neuron.b for neuron in layer.neurons]
        assert [len(column) for column in network.columns] == [3, 4, 2]


def test_of_a_batch_the_first_sample_is_taken_and_what_is_no_network_is_none():
    model = MLP(2, [2, 1], seed=0)
    inputs = [[0.0, 1.0], [1.0, 0.0]]
    network = recorded_network(Graph(sum((model(x) for x in inputs), start=Value(0.0))))
    assert [[x.data for x in columns[0]] for columns, _ in network.runs] == inputs
    w, x = [Value(1.0), Value(2.0)], [Value(3.0), Value(4.0)]
    assert recorded_network(Graph(tanh(w[0] * x[0]))) is None
    assert recorded_network(Graph(dot(x, x))) is None
    assert recorded_network(Graph(model(x) + MLP(2, [1], seed=1)(x))) is None


def test_the_nodes_are_in_their_order_whichever_the_loss_reads_first():
    model = MLP(2, [3, 3], activation="tanh", seed=0)
    for loss in (cross_entropy(model([1.0, 2.0]), 2), cross_entropy(model([1.0, 2.0]), [Value(0.0), Value(0.5), Value(0.5)])):
        network = recorded_network(Graph(loss))
        assert [value.label for value in network.columns[2]] == ["a₀⁽²⁾", "a₁⁽²⁾", "a₂⁽²⁾"]
        assert [part.weights[1] for part in network.parts()] == [layer.neurons[1].w for layer in model.layers]


def test_its_picture_shows_names_activations_and_a_frame_for_each_layer():
    model = MLP(2, [3, 1], activation="tanh", output_activation="sigmoid", seed=0)
    output = model([0.5, -1.0])
    svg = to_svg(output, view="network")
    for text in ("x₀", "-1.0", "a₂⁽¹⁾", "a₀⁽²⁾", f"{output.data:.4f}", "sigmoid"):
        assert f">{text}<" in svg.replace("&#45;", "-")
    assert len(re.findall('class="cluster"', svg)) == 3
    assert draw(output, view="network", highlight=(1, 2, 0)).source != draw(output, view="network").source


def test_the_largest_network_that_is_not_folded_fits_a_screen():
    svg = to_svg(MLP(2, [16, 16, 1], seed=0)([1.0, 2.0]), view="network")
    width, height = (float(re.search(rf'{side}="([\d.]+)pt"', svg)[1]) * 96 / 72 for side in ("width", "height"))
    assert width <= 1600
    assert height <= 900


def test_what_cannot_be_drawn_so_is_named():
    with pytest.raises(ValueError, match="needs a graph of layers of neurons"):
        draw(Value(1.0) * 2, view="network")
    with pytest.raises(TypeError, match="sample must be left out for a graph"):
        draw(MLP(2, [2, 1])([1.0, 2.0]), view="network", sample=[1.0, 2.0])
    with pytest.raises(ValueError, match="view must be"):
        draw(Value(1.0) * 2, view="tree")
    with pytest.raises(TypeError, match="value must be a Value"):
        draw(2.0, view="network")
