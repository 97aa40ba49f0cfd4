"""Where parameters are found, and that none is silently left out."""

from collections import deque
from dataclasses import dataclass
from types import SimpleNamespace

import pytest

from autograd_lite import Value
from nn import MLP, SGD, Layer, Module, Parameter


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


def test_modules_in_a_circle_have_each_parameter_once():
    one, other = Holder(Parameter(1.0)), Holder(Parameter(2.0))
    one.next, other.next = other, one
    assert [*one.state_dict().values()] == [1.0, 2.0]
    assert len(one.parameters()) == 2


def test_requires_grad_is_a_matter_of_parameters():
    model = MLP(2, [3, 1])
    assert model.requires_grad_(False) is model
    assert not any(p.requires_grad for p in model.parameters())
    assert all(p.requires_grad for p in model.requires_grad_().parameters())
    with pytest.raises(TypeError, match=r"held must be a Parameter, to be frozen.*nn.Parameter\(1.0\)"):
        Holder(Value(1.0)).requires_grad_(False)
