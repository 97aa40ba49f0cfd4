"""Where parameters are found, and that none is silently left out."""

import weakref
from collections import deque
from dataclasses import dataclass
from types import SimpleNamespace

import pytest

from autograd_lite import Value
from nn import MLP, SGD, Embedding, Layer, LayerNorm, Module, Parameter, Sequential, fit, outputs
from nn.finding import count_values, is_trained, trained


class Holder(Module):
    def __init__(self, held):
        self.held = held


@dataclass
class Pair:
    left: Value
    right: float = 0.0


class Slotted:
    __slots__ = ("weight",)

    def __init__(self, weight):
        self.weight = weight


HIDING = {
    "set": lambda p: {p},
    "frozenset": lambda p: frozenset([p]),
    "deque": lambda p: deque([p]),
    "Pair": lambda p: Pair(p),
    "SimpleNamespace": lambda p: SimpleNamespace(inner=[p]),
    "Slotted": lambda p: Slotted(p),
    "dict_values": lambda p: {"a": p}.values(),
}


@pytest.mark.parametrize("kind", HIDING)
@pytest.mark.parametrize("make", [lambda: Parameter(1.0), lambda: Value(1.0), lambda: Layer(1, 1)])
@pytest.mark.parametrize("ask", [Module.parameters, lambda module: [*module.named_parameters()], Module.state_dict])
def test_a_parameter_that_no_one_would_find_is_an_error(kind, make, ask):
    with pytest.raises(TypeError, match=f"is in a {kind}.*would never be trained: put it into a list"):
        ask(Holder([HIDING[kind](make())]))


def test_a_parameter_in_an_array_of_objects_is_an_error():
    numpy = pytest.importorskip("numpy")
    with pytest.raises(TypeError, match="is in a ndarray of objects"):
        Holder(numpy.array([[Value(1.0)]], object)).parameters()


@pytest.mark.parametrize("kind", HIDING)
def test_what_is_found_elsewhere_may_be_there_too(kind):
    parameter = Parameter(1.0)
    module = Holder([parameter])
    module.also = HIDING[kind](parameter)
    module.optimizer = SGD([parameter])
    assert module.parameters() == [parameter]


def test_what_has_no_parameters_in_it_is_nobody_s_business():
    numpy = pytest.importorskip("numpy")
    generator = (n for n in [1])
    given = [numpy.zeros(3), numpy.array(["a", None], object), {1, 2}, Pair(1.0), print, Pair, "text", b"bytes", 3j, generator]
    assert Holder(given).parameters() == []
    assert next(generator) == 1  # it is not emptied


def test_computed_values_are_no_parameters_wherever_they_are():
    assert Holder({Value(1.0) * 2}).parameters() == []


ASKING = {
    "parameters": Module.parameters,
    "named_parameters": lambda module: [*module.named_parameters()],
    "state_dict": Module.state_dict,
    "modules": lambda module: [*module.modules()],
    "named_modules": lambda module: [*module.named_modules()],
    "eval": Module.eval,
    "fit": lambda module: fit(module, [[1.0]], [1.0], progress=False),
    "outputs": lambda module: outputs(module, [[1.0]]),
}


@pytest.mark.parametrize("ask", ASKING.values(), ids=ASKING)
def test_a_module_that_contains_itself_is_an_error_that_names_the_part(ask):
    around = Sequential(Layer(1, 1), Layer(1, 1))
    around[1].around = [around]
    one, other = Holder(Parameter(1.0)), Holder(Parameter(2.0))
    one.next, other.next = other, {"back": one}
    itself = Holder(Parameter(1.0))
    itself.part = itself
    listed = Sequential(Layer(1, 1))
    listed.layers.append(listed.layers)
    for module, told in (
        (around, r"layers\.1\.around\.0 of a Sequential is the Sequential that it is in"),
        (one, r"next\.next\.back of a Holder is the Holder that it is in"),
        (itself, "part of a Holder is the Holder that it is in"),
        (listed, r"layers\.1 of a Sequential is the list that it is in"),
    ):
        with pytest.raises(ValueError, match=rf"{told}: a module knows its parts, .*weakref.ref\(it\) would do"):
            ask(module)
        assert repr(module).startswith(f"<{type(module).__name__}: ")


def test_a_part_may_be_in_several_places_and_know_what_is_around_it_by_a_weak_reference():
    part = Layer(1, 1, seed=0)
    module = Holder([part, {"again": part}, Sequential(part, part)])
    part.around = weakref.ref(module)
    assert len(module.parameters()) == len([*module.named_parameters()]) == 2
    assert len([*module.modules()]) == 4


def test_requires_grad_is_a_matter_of_parameters():
    model = MLP(2, [3, 1])
    assert model.requires_grad_(False) is model
    assert not any(p.requires_grad for p in model.parameters())
    assert all(p.requires_grad for p in model.requires_grad_().parameters())
    with pytest.raises(TypeError, match=r"held must be a Parameter, to be frozen.*nn.Parameter\(1.0\)"):
        Holder(Value(1.0)).requires_grad_(False)


def test_values_are_counted_and_frozen_parameters_left_out_as_the_slow_ways_do():
    plain = Value(1.0)
    model = Sequential(Embedding(3, 2), Layer(2, 3), LayerNorm(3))
    model.others = {"a": [plain, (Parameter(2.0),)]}
    assert count_values(model) == len(model.parameters()) == 3 * 2 + 3 * 3 + 2 * 3 + 2
    model[1].requires_grad_(False)
    for parameters in (model.parameters(), [p for p in model.parameters() if p is not plain]):
        assert trained(parameters) == [*filter(is_trained, parameters)] != parameters
