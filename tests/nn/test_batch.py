"""Many samples at once, and a layer in one loop, give what one sample after another gives."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd_lite
from autograd_lite import Value, no_grad
from autograd_lite.graph.bundles import Bundle
from autograd_lite.operands import as_bundle
from nn import MLP, Dropout, Layer, Module, Neuron, Sequential
from nn.neurons import fire, fire_usual


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
    for outputs in (fire_usual(layer.neurons, bundles), watched(fire, layer.neurons, bundles)):
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
    assert first.parents[0].operands == before


def test_what_is_out_of_the_ordinary_is_not_fired_in_one_loop():
    inputs = as_bundle([Value(1.0)])
    own = Layer(1, 1, lambda z: z * z, seed=0)
    plain = Layer(1, 1, seed=0)
    plain.neurons[0].b = type("Own", (Value,), {})(0.5)
    mixed = Layer(1, 2, "tanh", seed=0)
    mixed.neurons[1].g = autograd_lite.sigmoid
    for layer in (own, plain, mixed):
        assert fire_usual(layer.neurons, [inputs]) is None
        assert len(layer([1.0])) == layer.nout
    assert [a.op for a in mixed([1.0])] == ["tanh", "sigmoid"]
    large = Layer(1, 1, "exp", seed=0)
    large.neurons[0].b.data = 1000.0
    with pytest.raises(OverflowError, match=r"exp\(z₀=.*\): the result is too large"):
        large([1.0])
