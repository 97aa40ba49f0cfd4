"""Weights as matrices: read, written, kept in files, and refused where they do not fit."""

import pytest
import scipy.sparse

from nn import MLP, Layer, Module, Parameter, Sequential

numpy = pytest.importorskip("numpy")


class Scaled(Module):
    """A layer, and a parameter beside it."""

    def __init__(self):
        self.scale = Parameter(2.0)
        self.layer = Layer(2, 3, seed=0)


def test_a_matrix_has_a_row_for_each_neuron():
    layer = Layer(2, 3, seed=0)
    assert layer.weight.tolist() == [[w.data for w in neuron.w] for neuron in layer.neurons]
    assert layer.bias.tolist() == [neuron.b.data for neuron in layer.neurons]
    assert Layer(2, 3, bias=False).bias is None


@pytest.mark.parametrize(
    "kind", [list, numpy.array, lambda rows: numpy.array(rows, "float32"), lambda rows: tuple(map(tuple, rows))]
)
def test_what_is_assigned_is_written_into_the_parameters_as_floats(kind):
    layer = Layer(2, 2, seed=0)
    before = layer.parameters()
    layer.weight = kind([[1, 2], [3, 4]])
    layer.bias = numpy.array([5, 6])
    assert [parameter.data for parameter in before] == [1.0, 2.0, 5.0, 3.0, 4.0, 6.0]
    assert {type(parameter.data) for parameter in before} == {float}


@pytest.mark.parametrize(
    ("attribute", "given", "error", "message"),
    [
        (
            "weight",
            [[1.0, 2.0]],
            ValueError,
            r"the weight of Layer\(2 → 2, relu\): 6 parameters must be of the shape \(2, 2\), got \(1, 2\)",
        ),
        (
            "weight",
            [[1.0, 2.0], [3.0]],
            ValueError,
            r"row 1 of the weight of Layer\(2 → 2, relu\): 6 parameters must be of the shape \(2,\), got \[3\.0\]",
        ),
        (
            "weight",
            3.0,
            ValueError,
            r"the weight of Layer\(2 → 2, relu\): 6 parameters must be of the shape \(2, 2\), got 3\.0",
        ),
        (
            "weight",
            [[1.0, 2.0], [10**400, 3.0]],
            ValueError,
            r"entry 0 of row 1 of the weight of .* must be a number that a float can hold, got 1000",
        ),
        (
            "weight",
            scipy.sparse.eye_array(2),
            TypeError,
            r"the weight of .* must be dense, got a sparse dia_array: assign its \.toarray\(\)",
        ),
        (
            "bias",
            [1.0, "2"],
            TypeError,
            r"entry 1 of the bias of Layer\(2 → 2, relu\): 6 parameters must be a number, got '2' \(str\)",
        ),
    ],
)
def test_what_does_not_fit_is_refused_and_nothing_changes(attribute, given, error, message):
    layer = Layer(2, 2, seed=0)
    before = layer.state_dict()
    with pytest.raises(error, match=message):
        setattr(layer, attribute, given)
    assert layer.state_dict() == before


def test_a_change_in_a_matrix_that_was_read_is_an_error_not_lost():
    with pytest.raises(ValueError, match="read-only"):
        Layer(2, 2).weight[0, 0] = 1.0


def test_a_layer_without_biases_takes_none():
    with pytest.raises(ValueError, match="has a neuron without a bias"):
        Layer(2, 1, bias=False).bias = [1.0]


def test_a_state_of_matrices_goes_through_a_file_of_numpys(tmp_path):
    state = Scaled().state_dict(matrices=True)
    assert list(state) == ["scale", "layer.weight", "layer.bias"]
    other = Scaled()
    other.layer.weight = numpy.zeros((3, 2))
    numpy.savez(tmp_path / "state.npz", **{k: v for k, v in state.items() if k != "scale"})
    with numpy.load(tmp_path / "state.npz") as file:
        other.load_state_dict({"scale": 3.0, **file})
    assert other.state_dict() == Scaled().state_dict() | {"scale": 3.0}


def test_a_state_of_matrices_that_does_not_fit_changes_nothing():
    model = MLP(2, [2, 1], seed=0)
    before = model.state_dict()
    state = model.state_dict(matrices=True)
    state["layers.0.weight"] = numpy.ones((2, 2))
    with pytest.raises(ValueError, match=r"missing: layers\.1\.bias; unknown: none"):
        model.load_state_dict({name: array for name, array in state.items() if name != "layers.1.bias"})
    with pytest.raises(ValueError, match="the bias of"):
        model.load_state_dict(state | {"layers.1.bias": [1.0, 2.0]})
    assert model.state_dict() == before


def test_a_layer_met_twice_is_in_a_state_once():
    layer = Layer(2, 2, seed=0)
    assert list(Sequential(layer, layer).state_dict(matrices=True)) == ["layers.0.weight", "layers.0.bias"]


def test_modules_have_the_names_of_their_parameters():
    model = MLP(2, [2, 1], seed=0)
    assert [name for name, _ in model.named_modules()][:3] == ["", "layers.0", "layers.0.neurons.0"]
    assert [module for _, module in model.named_modules()] == list(model.modules())


def test_a_sequence_is_counted_indexed_and_cut():
    model = MLP(2, [3, 4, 1], seed=0)
    assert (len(model), model[1], model[-1]) == (3, model.layers[1], model.layers[2])
    hidden = model[:-1]
    assert (type(hidden), list(hidden)) == (Sequential, model.layers[:2])
    assert [layer.index for layer in model[1:]] == [2, 3]
    with pytest.raises(ValueError, match=r"the slice must be of at least one of 3 layers, got slice\(3, None, None\)"):
        model[3:]
