"""Modules: how they find their parameters and parts, keep their state, and are copied."""

import copy
import pickle
import sys

import pytest

import nn
from autograd_lite import Value, no_grad
from nn import MLP, Dropout, Layer, Module, Neuron, Parameter, Sequential
from nn.module import DEEPEST


def test_two_parameters_of_one_name_are_told():
    class Named(Module):
        def __init__(self):
            self.parts = {1: Value(1.0), "1": Value(2.0)}

    with pytest.raises(ValueError, match=r"two parameters of this Named have the name parts\.1: rename a key"):
        Named().state_dict()


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


def test_parameters_of_an_activation_are_those_of_the_neuron():
    class Slope(Module):
        def __init__(self):
            self.slope = Value(0.5)

        def forward(self, z):
            return self.slope * z

    neuron = Neuron(1, Slope(), seed=0)
    neuron.extra = Value(1.0)
    assert [name for name, _ in neuron.named_parameters()] == ["activation.slope", "w.0", "b", "extra"]


def test_modules_within_each_other_may_be_deeper_than_pythons_stack():
    model = inner = Layer(1, 1, seed=0)
    depth = sys.getrecursionlimit() + 50
    for _ in range(depth):
        model = Sequential(model)
    assert model.parameters() == inner.parameters() == [parameter for _, parameter in model.named_parameters()]
    assert len([*model.modules()]) == depth + len([*inner.modules()])
    assert model.eval().training is inner.training is False
    assert repr(model).count("Sequential") == DEEPEST + 1
    assert "0: …" in repr(model)


def test_a_parameter_has_room_for_attributes_and_a_node_has_not():
    for parameter in (Parameter(1.0), *Neuron(2).parameters()):
        parameter.momentum = 0.5
        for twin in (copy.copy(parameter), copy.deepcopy(parameter), pickle.loads(pickle.dumps(parameter))):
            assert (twin.momentum, type(twin), twin.data) == (0.5, Parameter, parameter.data)
    node = parameter * 2
    assert type(node) is Value
    with pytest.raises(AttributeError, match="momentum"):
        node.momentum = 0.5


def test_what_a_plain_value_has_no_room_for_a_parameter_or_a_dictionary_has():
    plain, roomy = Value(2.0), Parameter(2.0)
    with pytest.raises(AttributeError):
        plain.m = 0.0
    roomy.m = 0.0
    assert roomy.m == 0.0
    momentum = {plain: 0.5, Value(2.0): 1.0}
    assert momentum[plain] == 0.5


def test_of_a_state_that_fits_in_part_what_is_known_is_set_if_one_says_so():
    model = MLP(2, [2], bias=False, init=lambda *_: 1.0)
    model.load_state_dict({"layers.0.neurons.1.w.0": 2.0, "other": "text"}, strict=False)
    assert model[0].weight.tolist() == [[1.0, 1.0], [2.0, 1.0]]
    model = MLP(2, [2], init=lambda *_: 1.0)
    model.load_state_dict({"layers.0.bias": [3.0, 4.0], "other": 1.0}, strict=False)
    assert (model[0].weight.tolist(), model[0].bias.tolist()) == ([[1.0, 1.0], [1.0, 1.0]], [3.0, 4.0])
    with pytest.raises(ValueError, match=r"missing: layers.0.neurons.0.w.0, .*; unknown: other"):
        model.load_state_dict({"other": 1.0}, strict=False)


def test_gradients_are_reset_to_0_or_to_none():
    model = MLP(1, [1], seed=0)
    optimizer = nn.SGD(model.parameters())
    for reset in (model.zero_grad, optimizer.zero_grad):
        for set_to_none, grad in ((False, 0), (True, None)):
            model([1.0]).backward()
            reset(set_to_none=set_to_none)
            assert [p.grad for p in model.parameters()] == [grad, grad]
            model.zero_grad()
