"""Neurons, layers and networks: shapes, names, parameters, and what they refuse."""

import contextlib
import copy
import math
import pickle
import re
from functools import wraps
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd_lite
import nn
from autograd_lite import Value, compile, grad, no_grad, primitive, tanh
from autograd_lite.value import Bundle, as_bundle
from nn import MLP, Dropout, Layer, Module, Neuron, Sequential
from nn.initializers import INITIALIZERS
from nn.layers import fire, fire_plainly


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
        lambda: MLP(True, [1]),
        lambda: MLP(2.0, [1]),
    ],
)
def test_sizes_that_are_no_positive_whole_numbers(make):
    with pytest.raises(ValueError, match="must be a whole number of at least 1, got"):
        make()


@pytest.mark.parametrize("nouts", [[], 3, "12"])
def test_layers_that_are_no_list_of_sizes(nouts):
    with pytest.raises(ValueError, match="MLP expects the sizes of its layers as a list"):
        MLP(3, nouts)


def test_unknown_names_list_what_is_known():
    with pytest.raises(ValueError, match=r"unknown activation 'rellu': known are .*leaky_relu.*relu.*sigmoid.*tanh"):
        MLP(3, [1], activation="rellu")
    with pytest.raises(ValueError, match="unknown activation 'dot'"):
        MLP(3, [1], output_activation="dot")
    with pytest.raises(ValueError, match="init must be one of 'glorot_uniform', .*, or a function of .*, got 'xavier'"):
        MLP(3, [1], init="xavier")


def test_two_parameters_of_one_name_are_told():
    class Named(Module):
        def __init__(self):
            self.parts = {1: Value(1.0), "1": Value(2.0)}

    with pytest.raises(ValueError, match=r"two parameters of this Named have the name parts\.1: rename a key"):
        Named().state_dict()


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
    with pytest.raises(ValueError, match="layer 2 expects 4 inputs, but the layer before it has 3 outputs"):
        Sequential(Layer(2, 3), Dropout(0.1), Layer(4, 1))
    with pytest.raises(ValueError, match="needs at least one layer"):
        Sequential()
    with pytest.raises(TypeError, match="takes modules, got 3 at position 1"):
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
    expected = 2 / (nin + nout) if "glorot" in name else 2 / nin
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


def test_train_and_eval_reach_every_part():
    model = Sequential(Layer(2, 2), Dropout(0.5), Layer(2, 1))
    assert model.training
    model.eval()
    assert not any(module.training for module in model.modules())
    assert model.train().layers[1].training


class Twice(Module):
    """A module of one's own: parameters in a list, one of them twice, and things that are no parameters."""

    def __init__(self):
        self.pair = [Value(1.0), Value(2.0)]
        self.same = self.pair[0]
        self.part = Neuron(1, seed=0)
        self.name, self.last = "twice", 2 * self.pair[0]
        with no_grad():
            self.fixed = 3 * self.pair[0]


def test_a_module_finds_each_of_its_parameters_once():
    module = Twice()
    assert [name for name, _ in module.named_parameters()] == ["pair.0", "pair.1", "part.w.0", "part.b"]
    assert repr(module) == "Twice(\n  part: Neuron(1, relu): 2 parameters\n): 4 parameters"
    assert repr(Module()) == "Module()"
    with pytest.raises(NotImplementedError, match="Twice defines no forward"):
        module(1.0)
    module.pair[0].grad = 5
    module.zero_grad()
    assert module.pair[0].grad == 0


def test_parts_and_parameters_in_a_dictionary_are_found():
    module = Module()
    module.experts = {"left": Layer(1, 2), "right": [Value(1.0), Neuron(1, bias=False)]}
    names = [name for name, _ in module.named_parameters()]
    assert names[0] == "experts.left.neurons.0.w.0"
    assert names[-2:] == ["experts.right.0", "experts.right.1.w.0"]
    assert [name for name, _ in module.named_children()] == ["experts.left", "experts.right.1"]


def test_numpys_whole_numbers_are_sizes():
    numpy = pytest.importorskip("numpy")
    model = MLP(numpy.int64(2), [numpy.array([0, 2]).max() + 1])
    assert repr(model.layers[0]) == "Layer(2 → 3, identity): 9 parameters"


def test_a_state_that_does_not_fit_changes_nothing():
    model = MLP(2, [1], seed=0)
    before = model.state_dict()
    with pytest.raises(ValueError, match=r"missing: layers\.0\.neurons\.0\.b; unknown: none"):
        model.load_state_dict({name: 0.0 for name in before if not name.endswith("b")})
    with pytest.raises(ValueError, match=r"missing: .* and 17 more; unknown: extra"):
        MLP(4, [4]).load_state_dict({"extra": 1.0})
    with pytest.raises(TypeError, match=r"the state of layers\.0\.neurons\.0\.w\.0 must be a number, got '1'"):
        model.load_state_dict(dict.fromkeys(before, 0.0) | {"layers.0.neurons.0.w.0": "1"})
    with pytest.raises(TypeError, match=r"state must be a dictionary as state_dict\(\) gives it, got \[0.0\] \(list\)"):
        model.load_state_dict([0.0])
    assert model.state_dict() == before


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda model: pickle.loads(pickle.dumps(model))])
def test_a_model_can_be_copied(copied):
    model = MLP(2, [3, 1], activation="tanh", seed=0)
    other = copied(model)
    assert other.state_dict() == model.state_dict()
    assert other([1.0, 2.0]).data == model([1.0, 2.0]).data
    other.layers[0].neurons[0].w[0].data = 9.0
    assert model.layers[0].neurons[0].w[0].data != 9.0
    other([1.0, 2.0]).backward()
    assert all(p.grad for p in other.layers[1].parameters())
    assert not any(p.grad for p in model.parameters())


def test_every_public_name_is_there():
    assert all(hasattr(nn, name) for name in nn.__all__)
    assert sorted(nn.__all__, key=str.lower) == sorted(set(nn.__all__), key=str.lower)


def models():
    """Models of every kind, each with two inputs."""
    return [
        Neuron(2, "tanh", seed=0),
        Layer(2, 3, "relu", seed=0),
        Layer(2, 3, lambda z: z * z, bias=False, seed=0),
        MLP(2, [3, 2, 1], activation="tanh", seed=0),
        Sequential(Layer(2, 4, "relu", seed=0), Dropout(0.5, seed=0), Layer(4, 2, "sigmoid", seed=1), Dropout(0.5, seed=1)),
    ]


@pytest.mark.parametrize("index", range(5))
@pytest.mark.parametrize("block", [contextlib.nullcontext, no_grad, autograd_lite.detect_anomaly])
def test_a_batch_has_the_outputs_and_gradients_of_its_samples(index, block):
    samples = [[1.0, -2.0], [0.5, 0.25], [0.0, 3.0]]
    both = []
    for evaluate in (lambda model: model.batch(iter(samples)), lambda model: [model(x) for x in samples]):
        model = models()[index]
        with block():
            outputs = [output if isinstance(output, list) else [output] for output in evaluate(model)]
        numbers = [[(a.data, a.op, a.label) if isinstance(a, Value) else a for a in row] for row in outputs]
        if block is not no_grad:
            autograd_lite.sum([a * a for row in outputs for a in row]).backward()
        both.append((numbers, [p.grad for p in model.parameters()]))
    assert both[0] == both[1]
    assert models()[index].batch([]) == []


class Doubled(Layer):
    def forward(self, x):
        return [2 * a for a in super().forward(x)]


class Counted(Layer):
    calls = 0

    def __call__(self, x):
        self.calls += 1
        return super().__call__(x)


class Shifted(MLP):
    def forward(self, x):
        return super().forward(x) + 1


class Chunk(Module):
    def __init__(self):
        self.batch = 2  # a name like any other

    def forward(self, x):
        return list(x)[: self.batch]


def test_what_a_subclass_or_a_user_puts_in_the_place_of_forward_is_called():
    samples = [[1.0, -2.0], [0.5, 0.25]]
    hooked = MLP(2, [2, 1], seed=0)
    hooked.layers[0].forward = lambda x: [Value(0.0), Value(1.0)]
    counted = Counted(2, 2, seed=0)
    for model in (
        Doubled(2, 1, "identity", seed=0),
        Sequential(Doubled(2, 2, "identity", seed=0), Layer(2, 1, seed=1)),
        Sequential(counted, Layer(2, 1, seed=1)),
        Sequential(Chunk(), Sequential(Layer(2, 2, seed=0)), Layer(2, 1, seed=1)),
        Shifted(2, [1], seed=0),
        hooked,
    ):
        outputs = [model.batch(samples), [model(x) for x in samples]]
        numbers = [[[a.data for a in (row if isinstance(row, list) else [row])] for row in each] for each in outputs]
        assert numbers[0] == numbers[1]
    assert counted.calls == 4
    assert hooked([1.0, 2.0]).data == hooked([3.0, 4.0]).data


def test_neurons_with_and_without_a_bias_may_stand_side_by_side():
    layer = Layer(1, 2, "identity", init=lambda nin, nout, random: 1.0)
    layer.neurons[0].b, layer.neurons[1].b.data = None, 5.0
    assert [a.data for a in layer([1.0])] == [1.0, 6.0]
    with no_grad():
        assert [a.data for a in layer([1.0])] == [1.0, 6.0]


def test_a_sample_that_does_not_fit_is_an_error_that_says_which():
    model = MLP(2, [1], seed=0)
    with pytest.raises(ValueError, match=r"^sample 1: MLP expects 2 inputs, got 1"):
        model.batch([[1.0, 2.0], [1.0]])
    with pytest.raises(TypeError, match=r"^sample 0: Layer expects a sequence of 2 numbers or Values, got 1\.0"):
        model.layers[0].batch([1.0, 2.0])
    with pytest.raises(TypeError, match=r"^MLP.batch expects samples, got 5 \(int\)"):
        model.batch(5)
    large = Layer(1, 1, "exp", seed=0)
    large.neurons[0].w[0].data = 1.0
    with pytest.raises(OverflowError, match=r"exp\(z₀=1000\.0.*\): the result is too large"):
        large.batch([[1.0], [1000.0]])


def test_parameters_of_an_activation_are_those_of_the_neuron():
    class Slope(Module):
        def __init__(self):
            self.slope = Value(0.5)

        def forward(self, z):
            return self.slope * z

    neuron = Neuron(1, Slope(), seed=0)
    neuron.extra = Value(1.0)
    assert [name for name, _ in neuron.named_parameters()] == ["activation.slope", "w.0", "b", "extra"]


@given(
    st.integers(1, 4),
    st.integers(1, 4),
    st.integers(1, 3),
    st.sampled_from(["relu", "tanh", "sigmoid", "identity"]),
    st.booleans(),
    st.integers(0, 99),
    st.data(),
)
def test_a_layer_fires_the_same_nodes_in_one_loop_as_one_by_one(nin, nout, count, activation, bias, seed, data):
    layer = Layer(nin, nout, activation, bias=bias, seed=seed)
    samples = data.draw(st.lists(st.lists(st.floats(-3, 3), min_size=nin, max_size=nin), min_size=count, max_size=count))
    bundles = [as_bundle([Value(x) for x in sample]) for sample in samples]
    both = []
    for outputs in (fire_plainly(layer.neurons, bundles), watched(fire, layer.neurons, bundles)):
        layer.zero_grad()
        autograd_lite.sum([a * a for row in outputs for a in row]).backward()
        nodes = [
            [(z.data, z.op, z.label, z.operands, z.grad) for z in (a.parents[0] for a in row)]
            + [(a.data, a.op, a.label, len(a.parents), a.grad) for a in row]
            for row in outputs
        ]
        both.append((nodes, [p.grad for p in layer.parameters()]))
    assert both[0] == both[1]


def watched(f, *args):
    with autograd_lite.detect_anomaly():
        return f(*args)


@pytest.mark.parametrize(
    ("w", "b"), [([2.0, 3.0], None), (None, 4.0), ([2.0, 3.0], 4.0), (None, "none"), ([2.0, 3.0], "none"), (None, None)]
)
def test_parameters_that_are_replaced_between_two_calls_are_those_of_the_second(w, b):
    neuron = Neuron(2, "identity", seed=0)
    first = neuron([1.0, 1.0])
    before = first.parents[0].operands
    if w is not None:
        neuron.w = Bundle(map(Value, w))
    if b is not None:
        neuron.b = None if b == "none" else Value(b)
    z = neuron([1.0, 1.0]).parents[0]
    expected = (neuron.w,) if neuron.b is None else (neuron.w, neuron.b)
    assert (z.operands[0], *z.operands[2:]) == expected
    assert z.data == sum(p.data for p in neuron.parameters())
    assert z.first is neuron([0.0, 1.0]).parents[0].first  # one tuple for all its nodes
    assert first.parents[0].operands == before


def test_what_is_out_of_the_ordinary_is_not_fired_in_one_loop():
    inputs = as_bundle([Value(1.0)])
    own = Layer(1, 1, lambda z: z * z, seed=0)
    plain = Layer(1, 1, seed=0)
    plain.neurons[0].b = 0.5
    mixed = Layer(1, 2, "tanh", seed=0)
    mixed.neurons[1].g = autograd_lite.sigmoid
    for layer in (own, plain, mixed):
        assert fire_plainly(layer.neurons, [inputs]) is None
        assert len(layer([1.0])) == layer.nout
    assert [a.op for a in mixed([1.0])] == ["tanh", "sigmoid"]
    large = Layer(1, 1, "exp", seed=0)
    large.neurons[0].b.data = 1000.0
    with pytest.raises(OverflowError, match=r"exp\(z₀=.*\): the result is too large"):
        large([1.0])


def test_an_activation_of_ones_own_that_returns_nothing_is_named():
    @primitive(derivatives=[lambda out, x: 1.0])
    def forgetful(x):
        x + 1.0  # that it is lost is the point

    with pytest.raises(TypeError, match=r"forgetful\(z₀⁽¹⁾=.*gave None"):
        MLP(2, [1], output_activation=forgetful, seed=0)([1.0, 2.0])
