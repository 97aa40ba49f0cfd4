"""The habits of micrograd's programs with networks: its arguments, its lists of weights, its attributes on parameters."""

import operator
import random
from typing import Any

import pytest

from autograd_lite import Value, sum
from nn import (
    MLP,
    SGD,
    Adam,
    Layer,
    Neuron,
    RMSprop,
    clip_grad_norm,
    clip_grad_value,
    fit,
    from_text,
    load,
    save,
    to_text,
)
from nn import micrograd as as_in_micrograd


@pytest.fixture(autouse=True)
def _leave_the_global_generator_alone():
    state = random.getstate()
    yield
    random.setstate(state)


def neuron_by_hand(weights: list[Value], bias: Value, x: list[float], nonlin: bool) -> Value:
    z: Any = bias
    for w, number in zip(weights, x, strict=True):
        z = z + w * number
    return z.relu() if nonlin else z


def test_nonlin_is_relu_or_identity():
    for make in (
        Neuron,
        lambda nin, **given: Layer(nin, 2, **given),
        as_in_micrograd.Neuron,
        lambda nin, **given: as_in_micrograd.Layer(nin, 2, **given),
    ):
        assert make(2, nonlin=True).activation == make(2).activation == "relu"
        assert make(2, nonlin=False).activation == "identity"
    assert [neuron.activation for neuron in Layer(2, 2, nonlin=False).neurons] == ["identity"] * 2


def test_two_words_for_the_activation_or_a_flag_in_its_place_is_an_error():
    with pytest.raises(ValueError, match="nonlin must be left out where there is an activation"):
        Neuron(2, "tanh", nonlin=True)
    with pytest.raises(ValueError, match="write nonlin=False"):
        Layer(2, 2, False)  # type: ignore[arg-type]


def test_weights_add_to_lists_as_a_list():
    neuron = Neuron(3, seed=0)
    assert operator.add(neuron.w, [neuron.b]) == neuron.parameters()
    assert operator.add([neuron.b], neuron.w) == [neuron.b, *neuron.w]
    assert operator.add(neuron.w, (neuron.b,)) == (*neuron.w, neuron.b)
    with pytest.raises(TypeError, match=r"w\[0\]\.data = …"):
        neuron.w[0] = Value(1.0)
    neuron.w = [Value(1.0), *neuron.w[1:]]
    assert neuron([2.0, 0.0, 0.0]).data == 2.0


def test_a_layer_of_one_neuron_gives_a_list_that_says_so_and_in_micrograds_the_value():
    one = Layer(2, 1, seed=0)([1.0, 2.0])
    assert [type(a) for a in one] == [Value]
    with pytest.raises(AttributeError, match=r"layer\(x\)\[0\]\.backward"):
        one.backward()
    with pytest.raises(TypeError, match=r"take the one in it, with \[0\]"):
        Value(1.0) - one
    first, second = as_in_micrograd.Layer(2, 1), as_in_micrograd.Layer(1, 3)
    assert isinstance(first([1.0, 2.0]), Value)
    assert len(second(first([1.0, 2.0]))) == 3


def test_micrograds_networks_begin_with_the_weights_that_micrograd_draws():
    random.seed(1337)
    model = as_in_micrograd.MLP(2, [3, 2, 1])
    random.seed(1337)
    layers = [([[Value(random.uniform(-1, 1)) for _ in range(n)] for _ in range(m)], n) for n, m in ((2, 3), (3, 2), (2, 1))]
    x: Any = [0.5, -1.0]
    expected = x
    for depth, (rows, _) in enumerate(layers):
        expected = [neuron_by_hand(row, Value(0.0), expected, depth < 2) for row in rows]
    output = model(x)
    assert output.data == pytest.approx(expected[0].data, rel=1e-15)
    output.backward()
    expected[0].backward()
    weights = [w for rows, _ in layers for row in rows for w in row]
    found = [w for layer in model.layers for neuron in layer.neurons for w in neuron.w]
    assert [w.grad for w in found] == pytest.approx([w.grad for w in weights], rel=1e-15, abs=1e-15)


def test_micrograds_networks_are_classes_to_derive_from_whose_layers_are_of_that_class():
    class Linear(as_in_micrograd.Layer):
        def __init__(self, n_in, n_out, **given):
            super().__init__(n_in, n_out, **given)
            self.n_out = n_out

        def __call__(self, rows):
            return super().__call__([number for row in rows for number in row])

    class Soft(as_in_micrograd.Neuron):
        def __call__(self, x):
            z = neuron_by_hand(self.w, self.b, x, False)
            return z.relu() + 0.1 * z

    class Deep(as_in_micrograd.MLP):
        def __init__(self, nin):
            super().__init__(nin, [3, 1])
            self.head = Linear(1, 2, nonlin=False)

        def __call__(self, x):
            for layer in self.layers:  # the last of which gives a Value
                x = layer(x)
            return self.head([[x]])

        def parameters(self):
            return super().parameters() + self.head.parameters()

    random.seed(2)
    model, soft = Deep(2), Soft(2, False)
    assert isinstance(model, as_in_micrograd.MLP)
    assert isinstance(soft, as_in_micrograd.Neuron)
    assert {*map(type, model.layers)} == {as_in_micrograd.Layer}
    first, second = model([0.5, -1.0])
    (first + second + soft([1.0, 2.0])).backward()
    assert len(model.parameters()) == (6 + 3) + (3 + 1) + 4
    assert any(p.grad for p in model.head.parameters())
    assert soft.b.grad in (1.1, 0.1)
    model.zero_grad()
    assert {p.grad for p in model.parameters()} == {0}


def test_micrograds_networks_compute_batches_train_and_are_saved_as_those_of_nn(tmp_path):
    random.seed(3)
    model = as_in_micrograd.MLP(2, [3, 1])
    samples = [[0.5, -1.0], [2.0, 0.25]]
    assert [y.data for y in model.batch(samples)] == [model(x).data for x in samples]
    assert [type(y) for y in model.layers[-1].batch([[1.0, 2.0, 3.0]])] == [Value]
    fit(model, samples, [1.0, 0.0], epochs=2, progress=False)
    save(model, tmp_path / "model.json")
    for again in (load(tmp_path / "model.json"), from_text(to_text(model))):
        assert type(again) is MLP
        assert again(samples[0]).data == model(samples[0]).data


def test_an_optimizer_may_keep_its_state_on_the_parameters():
    model = MLP(2, [3, 1], seed=0)
    for p in model.parameters():
        p.m = 0.0
    model([1.0, 2.0]).backward()
    for p in model.parameters():
        p.m = 0.9 * p.m + p.grad
        p.data -= 0.1 * p.m
    assert [p.m for p in model.parameters()] == [p.grad for p in model.parameters()]


@pytest.mark.parametrize("optimizer", [SGD, Adam, RMSprop])
def test_a_gradient_of_none_leaves_its_parameter_where_it_is(optimizer):
    used, unused = Value(1.0), Value(2.0)
    steps = optimizer([used, unused])
    for p in (used, unused):
        p.grad = None
    sum([used * 3]).backward()
    assert clip_grad_norm([used, unused], 10.0) == 3.0
    clip_grad_value([used, unused], 2.0)
    steps.step()
    assert used.data < 1.0
    assert (unused.data, unused.grad) == (2.0, None)


def test_nonlin_can_be_read_and_set_as_in_micrograd():
    model = as_in_micrograd.MLP(2, [3, 2])
    neurons = [neuron for layer in model.layers for neuron in layer.neurons]
    assert [neuron.nonlin for neuron in neurons] == [True, True, True, False, False]
    for neuron in neurons:
        neuron.nonlin = not neuron.nonlin
    assert [a.op for a in model.layers[0]([1.0, 2.0])] == ["identity"] * 3
    assert [a.op for a in model([1.0, 2.0])] == ["relu"] * 2
