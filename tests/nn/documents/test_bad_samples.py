"""What the documents' formulas are not of: other models, indices and samples."""

import pytest

import nn
from nn import MLP, backprop, derive, output_moves

X, Y = [0.5, -1.0, 2.0], [0.0, 1.0, 0.0, 0.25]


def constant(number):
    return lambda nin, nout, random: number


def test_a_loss_or_an_activation_that_gives_no_value(network):
    with pytest.raises(TypeError, match=r"the result of the loss must be one Value, got 3.0 \(float\)"):
        derive(network, X, Y, weight=(1, 0, 0), loss=lambda a, y: 3.0)
    with pytest.raises(
        TypeError, match=r"what the activation <lambda> gives must be a Value, got 1\.0 \(float\):.*functions of autograd_lite"
    ):
        MLP(1, [1, 1], activation=lambda z: 1.0)([1.0])


@pytest.mark.parametrize("weight", [float("nan"), float("inf")])
def test_a_loss_that_is_not_finite_is_not_explained(weight):
    model = MLP(1, [2, 1], activation="identity", init=constant(weight))
    for explain in (backprop, output_moves, lambda *sample: derive(*sample, weight=(1, 0, 0))):
        with pytest.raises(ValueError, match=r"the loss of the sample is (nan|inf), which has no derivatives: look for nan"):
            explain(model, [1.0], 0.0)


@pytest.mark.parametrize(
    ("index", "message"),
    [
        ({"weight": (4, 0, 0)}, r"l of weight=\(4, 0, 0\) must be a layer of the model, 1 to 3, got 4"),
        ({"weight": (0, 0, 0)}, r"l of weight=\(0, 0, 0\) must be a layer of the model, 1 to 3, got 0"),
        ({"weight": (3, 4, 0)}, r"j of weight=\(3, 4, 0\) must be a node of layer 3, 0 to 3, got 4"),
        ({"weight": (3, 0, 6)}, r"k of weight=\(3, 0, 6\) must be a node of layer 2, 0 to 5, got 6"),
        ({"weight": (3, 0)}, r"weight must be a tuple \(l, j, k\)"),
        ({"activation": (0, 3)}, r"j of activation=\(0, 3\) must be a node of layer 0, 0 to 2, got 3"),
        ({"bias": (1, 0)}, r"bias must be that of a node with a bias, got \(1, 0\)"),
        ({"weight": (True, 0, 0)}, r"weight must be a tuple \(l, j, k\) of whole numbers, got \(True, 0, 0\)"),
    ],
)
def test_an_index_that_the_model_does_not_have(network, index, message):
    with pytest.raises(ValueError, match=message):
        derive(network, X, Y, **index)


def test_what_derive_cannot_derive(network):
    with pytest.raises(
        TypeError,
        match=r"derive expects one of weight=\(l, j, k\), bias=\(l, j\), input=\(l, j\), activation=\(l, j\), got none",
    ):
        derive(network, X, Y)
    with pytest.raises(
        TypeError,
        match=r"derive expects one of weight=.*, got weight and activation",
    ):
        derive(network, X, Y, weight=(1, 0, 0), activation=(1, 0))
    with pytest.raises(ValueError, match="y must be 2, one for each sample, got 1"):
        derive(network, [X, X], [Y], weight=(1, 0, 0))
    with pytest.raises(ValueError, match="MLP expects 3 inputs, got 2"):
        derive(network, [1.0, 2.0], Y, weight=(1, 0, 0))
    with pytest.raises(ValueError, match="must be 4 numbers, one for each output, got 3"):
        derive(network, X, [0.0, 1.0, 2.0], weight=(1, 0, 0))
    with pytest.raises(ValueError, match=r"call model\.eval\(\) first"):
        derive(nn.Sequential(nn.Layer(2, 2), nn.Dropout(0.5)), [1.0, 2.0], [0.0, 0.0], weight=(1, 0, 0))
    layer = nn.Layer(2, 2)
    with pytest.raises(ValueError, match="stands in several places"):
        derive(nn.Sequential(layer, layer), [1.0, 2.0], [0.0, 0.0], weight=(1, 0, 0))
    with pytest.raises(TypeError, match="model must be an MLP or a Sequential of layers of neurons"):
        derive(nn.Layer(2, 2), [1.0, 2.0], [0.0, 0.0], weight=(1, 0, 0))
    with pytest.raises(TypeError, match=r"model must be .*, got one with Sequential\("):
        derive(nn.Sequential(nn.Sequential(nn.Layer(2, 2))), [1.0, 2.0], [0.0, 0.0], weight=(1, 0, 0))


@pytest.mark.parametrize(
    ("x", "y", "error", "message"),
    [
        ([0.5, float("nan"), 2.0], Y, ValueError, "feature 1 of the sample is nan: expected a finite number"),
        (X, [0.0, 0.0, float("inf"), 0.0], ValueError, "target 2 of the sample is inf"),
        (None, Y, TypeError, "MLP expects a sequence of 3 numbers or Values, got None"),
        ("abc", Y, TypeError, "MLP expects a sequence of 3 numbers or Values, got 'abc'"),
    ],
)
def test_a_sample_that_is_none(network, x, y, error, message):
    for explain in (backprop, output_moves, lambda *sample: derive(*sample, weight=(1, 0, 0))):
        with pytest.raises(error, match=message):
            explain(network, x, y)


def test_of_several_samples_the_one_with_a_nan_is_named(network):
    with pytest.raises(ValueError, match="feature 0 of sample 1 is nan"):
        derive(network, [X, [float("nan"), 0.0, 0.0]], [Y, Y], weight=(1, 0, 0))
