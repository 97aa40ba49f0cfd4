"""Neurons, layers and networks: shapes, names, parameters, and what they refuse."""

import math
import re
from functools import wraps
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd_lite import Value, compile, grad, no_grad, primitive, tanh
from nn import MLP, Dropout, Layer, Neuron, Sequential, outputs
from nn.initializers import INITIALIZERS
from nn.notation import numbered, symbol


@given(st.lists(st.integers(1, 5), min_size=2, max_size=5), st.booleans(), st.integers(0, 99))
def test_an_mlp_has_a_weight_for_each_connection_and_a_bias_for_each_neuron(sizes, bias, seed):
    model = MLP(sizes[0], sizes[1:], bias=bias, seed=seed)
    weights = sum(nin * nout for nin, nout in pairwise(sizes))
    assert len(model.parameters()) == weights + bias * sum(sizes[1:])
    assert f"): {len(model.parameters())} parameter" in repr(model)
    output = model([1.0] * sizes[0])
    assert isinstance(output, Value) if sizes[-1] == 1 else len(output) == sizes[-1]
    again = MLP(sizes[0], sizes[1:], bias=bias, seed=Random(seed))
    assert again.state_dict() == model.state_dict()


def test_parameters_are_where_they_are_said_to_be():
    model = MLP(2, [3, 1], seed=0)
    neuron = model.layers[0].neurons[1]
    names = dict(model.named_parameters())
    assert names["layers.0.neurons.1.w.0"] is neuron.w[0]
    assert names["layers.0.neurons.1.b"] is neuron.b
    assert (neuron.w[0].label, neuron.b.label) == ("w₁₀⁽¹⁾", "b₁⁽¹⁾")
    assert MLP(2, [1], bias=False).layers[0].neurons[0].b is None


@pytest.mark.parametrize(
    "use",
    [
        *(lambda y: y * 2, lambda y: 2 * y, lambda y: y + 1, lambda y: 1 - y, lambda y: y / 2, lambda y: y**2, lambda y: -y),
        *(lambda y: y < 1, lambda y: y > Value(0.0), lambda y: sum([y]), abs, float, round, lambda y: y.backward()),
    ],
)
def test_the_output_of_a_layer_of_one_neuron_says_where_the_value_is(use):
    layer = Layer(2, 1, seed=0)
    for output in (layer([1.0, 2.0]), *layer.batch([[1.0, 2.0]])):
        with pytest.raises((TypeError, AttributeError), match=r"write layer\(x\)\[0\]"):
            use(output)


def test_the_output_of_a_layer_of_one_neuron_is_a_list_among_lists():
    output = Layer(2, 1, seed=0)([1.0, 2.0])
    (value,) = output
    assert isinstance(output, list)
    assert output == [value] == output[:] == output.copy()
    one = [1.0]
    assert output + one == [value, *one]
    assert one + output == [*one, value]
    assert output >= []


def test_the_neurons_of_a_layer_share_one_bundle_of_inputs():
    first, second = Layer(3, 2, seed=0)([1.0, 2.0, 3.0])
    assert first.parents[0].operands[1] is second.parents[0].operands[1]


@pytest.mark.parametrize(
    "make",
    [
        lambda: Neuron(0),
        lambda: Neuron(-1),
        lambda: Layer(2, 0),
        lambda: MLP(3, [4, 0]),
        lambda: MLP(2.0, [1]),
    ],
)
def test_sizes_that_are_no_positive_whole_numbers(make):
    with pytest.raises((TypeError, ValueError), match="must be a whole number of at least 1, got"):
        make()


def test_a_size_that_is_no_number():
    with pytest.raises(TypeError, match="nin must be a whole number of at least 1, got True"):
        MLP(True, [1])


@pytest.mark.parametrize("nouts", [[], 3, "12"])
def test_layers_that_are_no_list_of_sizes(nouts):
    with pytest.raises(ValueError, match="nouts of MLP must be the sizes of its layers, a list with at least one number, got"):
        MLP(3, nouts)


def test_unknown_names_list_what_is_known():
    with pytest.raises(
        ValueError, match=r"activation must be .*leaky_relu.*relu.*sigmoid.*tanh.*, or a function of .one Value., got 'rellu'"
    ):
        MLP(3, [1], activation="rellu")
    for name in ("dot", "floor", "sign", "stop_gradient"):  # of many operands, or without a derivative
        with pytest.raises(ValueError, match=rf"activation must be .*, got '{name}'"):
            MLP(3, [1], output_activation=name)
    with pytest.raises(ValueError, match=r"init must be 'glorot_uniform', .*, or a function of .*, got 'xavier'"):
        MLP(3, [1], init="xavier")


def test_inputs_of_the_wrong_length_or_kind():
    model = MLP(3, [2, 1])
    with pytest.raises(ValueError, match=r"^MLP expects 3 inputs, got 2$"):
        model([1.0, 2.0])
    with pytest.raises(ValueError, match=r"^Layer expects 3 inputs, got 4$"):
        model.layers[0]([1.0] * 4)
    with pytest.raises(ValueError, match=r"^Neuron expects 1 input, got 0$"):
        Neuron(1)([])
    with pytest.raises(TypeError, match=r"expects a sequence of 3 numbers or Values, got 1.0"):
        model(1.0)
    for unordered in ("abc", {1.0, 2.0, 3.0}, {0: 1.0, 1: 2.0, 2: 3.0}):
        with pytest.raises(TypeError, match=re.escape(f"expects a sequence of 3 numbers or Values, got {unordered!r}")):
            model(unordered)
    with pytest.raises(TypeError, match="Value expects a real number, got '1'"):
        model(["1", 2.0, 3.0])


def test_a_sequential_checks_that_its_layers_fit():
    with pytest.raises(ValueError, match="layer 2 expects 4 inputs, got 3: so many outputs has the layer before it"):
        Sequential(Layer(2, 3), Dropout(0.1), Layer(4, 1))
    with pytest.raises(ValueError, match=r"the layers of Sequential must be at least one Module, got \(\)"):
        Sequential()
    with pytest.raises(TypeError, match=r"layers\[1\] of Sequential must be a Module, got 3 \(int\)"):
        Sequential(Layer(2, 3), 3)
    nested = Sequential(Sequential(Layer(2, 3)), Layer(3, 1))
    assert isinstance(nested([1.0, 2.0]), Value)


def test_an_activation_may_be_a_function():
    assert Layer(2, 1, activation=tanh).__repr__() == "Layer(2 → 1, tanh): 3 parameters"
    assert Neuron(1, activation=lambda z: z, init=lambda *_: 2.0)([3.0]).data == 6.0
    assert repr(Neuron(1, activation="relu", bias=False)) == "Neuron(1, relu): 1 parameter"


@wraps(tanh)
def scaled_tanh(x):
    return 1.7159 * tanh(2 / 3 * x)


@pytest.mark.parametrize("activation", [scaled_tanh, grad(tanh)])
def test_a_function_around_an_operation_is_not_taken_for_that_operation(activation):
    neuron = Neuron(1, activation=activation, init=lambda *_: 1.0)
    assert neuron([0.5]).data == activation(Value(0.5)).data


@pytest.mark.parametrize("name", INITIALIZERS)
def test_initial_weights_have_the_variance_that_their_source_says(name):
    nin, nout, random = 30, 50, Random(1)
    weights = [INITIALIZERS[name](nin, nout, random) for _ in range(20_000)]
    expected = {"glorot": 2 / (nin + nout), "he": 2 / nin, "unit": 1 / 3}[name.partition("_")[0]]
    assert sum(w * w for w in weights) / len(weights) == pytest.approx(expected, rel=0.05)
    assert abs(sum(weights)) / len(weights) < 0.01
    if "uniform" in name:
        assert max(map(abs, weights)) <= math.sqrt(3 * expected)


def test_dropout_keeps_the_mean_while_training_and_does_nothing_else():
    dropout = Dropout(0.25, seed=0)
    outputs = dropout([1.0] * 10_000)
    assert {*outputs} == {0.0, 1 / 0.75}
    assert sum(outputs) / len(outputs) == pytest.approx(1.0, abs=0.02)
    assert dropout.eval()([1.0, 2.0]) == [1.0, 2.0]
    assert repr(dropout) == "Dropout(0.25)"
    for p in (1.0, -0.1, math.nan):
        with pytest.raises(ValueError, match="the probability p of Dropout must be at least 0 and below 1, got"):
            Dropout(p)
    with pytest.raises(TypeError, match=r"the probability p of Dropout must be a number, got 'half' \(str\)"):
        Dropout("half")


def test_dropout_is_not_recorded_once_for_all():
    dropout = Dropout(0.5)
    compiled = compile(lambda x: dropout(x)[0] * 2, backend="python")
    with pytest.raises(ValueError, match=r"dropout draws anew at each call, but compile records one: call model\.eval\(\)"):
        compiled([1.0, 2.0])
    dropout.eval()
    assert compiled([1.5, 2.0]) == 3.0


def test_numpys_whole_numbers_are_sizes():
    numpy = pytest.importorskip("numpy")
    model = MLP(numpy.int64(2), [numpy.array([0, 2]).max() + 1])
    assert repr(model.layers[0]) == "Layer(2 → 3, identity): 9 parameters"


def test_neurons_with_and_without_a_bias_may_stand_side_by_side():
    layer = Layer(1, 2, "identity", init=lambda nin, nout, random: 1.0)
    layer.neurons[0].b, layer.neurons[1].b.data = None, 5.0
    assert [a.data for a in layer([1.0])] == [1.0, 6.0]
    with no_grad():
        assert [a.data for a in layer([1.0])] == [1.0, 6.0]


def test_an_activation_of_ones_own_that_returns_nothing_is_named():
    @primitive(derivatives=[lambda out, x: 1.0])
    def forgetful(x):
        x + 1.0  # that it is lost is the point

    with pytest.raises(TypeError, match=r"forgetful\(z₀⁽¹⁾=.*gave None"):
        MLP(2, [1], output_activation=forgetful, seed=0)([1.0, 2.0])


def test_what_is_assigned_to_w_are_weights():
    neuron = Neuron(2, seed=0)
    neuron.w = [Value(0.5), Value(2.0)]
    assert [p.data for p in neuron.parameters()] == [0.5, 2.0, 0.0]
    with pytest.raises(
        TypeError, match=r"w\[0\] of a neuron must be a Value, got 1.0 \(float\): set its number, neuron.w\[0\].data"
    ):
        neuron.w = [1.0, 2.0]
    with pytest.raises(ValueError, match="w of a neuron must be 2 weights, one for each input, got 1"):
        neuron.w = [Value(1.0)]


def test_what_cannot_be_made_says_what_can():
    with pytest.raises(
        MemoryError, match=r"MLP\(1000000, \[1000000\]\) has 1,000,000,000,000 weights, .*make the layers smaller"
    ):
        MLP(10**6, [10**6])
    with pytest.raises(
        ValueError, match=r"activation must be a function of one number, got softmax, which takes.*which has the softmax in it"
    ):
        MLP(2, [3], output_activation="softmax")


@pytest.mark.parametrize("place", [(), (3,), (12,)])
@pytest.mark.parametrize("layer", [None, 2, 11])
def test_the_names_of_many_weights_are_those_of_each(place, layer):
    names = [symbol("w", *place, k, layer=layer).text for k in range(120)]
    assert numbered("w", *place, count=120, layer=layer) == names


def test_another_activation_may_be_set_and_counts_wherever_the_model_is_computed():
    neuron = Neuron(2, seed=0)
    neuron.activation = "tanh"
    assert (neuron([1.0, -2.0]).op, repr(neuron)) == ("tanh", "Neuron(2, tanh): 3 parameters")
    with pytest.raises(ValueError, match=r"activation must be .*, got 'tang'"):
        neuron.activation = "tang"
    model = MLP(2, [3, 1], seed=0)
    inputs = [[0.5, -1.0], [2.0, 1.0]]
    before = outputs(model, inputs, backend="python").tolist()
    model[0].activation = tanh
    assert {output.op for output in model[0](inputs[0])} == {"tanh"}
    expected = MLP(2, [3, 1], activation="tanh", seed=0)
    assert outputs(model, inputs, backend="python").tolist() == outputs(expected, inputs, backend="python").tolist() != before
