"""What functions and objects refer to: a change in any of it is seen, and where that cannot be told, nothing is claimed."""

from functools import partial
from random import Random
from threading import Lock

import pytest

from autograd_lite import Value
from nn import MLP, Dropout, Layer, Module, Sequential
from nn.backends.contents import Contents, same_contents

numpy = pytest.importorskip("numpy")


class Settings:
    """A class of a user's own: its attributes are what can change."""

    start = 1.0

    def __init__(self, rate):
        self.rate = rate
        self.table = numpy.array([1.0, 2.0])

    def scaled(self, x):
        return self.rate * x * self.start

    @staticmethod
    def doubled(x):
        return 2 * x

    @property
    def half(self):
        return self.rate / 2


def by_method(settings):
    return settings.scaled


def by_partial(settings):
    return partial(max, settings.rate)


def by_attributes(settings):
    return lambda x: settings.half * settings.doubled(x) + settings.table[0]


def is_the_same(before, model, loss=None):
    """Whether contents are as they were: told by a quick look only where they are."""
    slowly = same_contents(before.found, Contents(model, loss, before.modes).found)
    assert slowly or not before.hold(model, loss)
    return slowly


@pytest.mark.parametrize("function", [by_method, by_partial, by_attributes])
def test_what_a_function_refers_to_is_the_same_until_something_in_it_changes(function):
    settings, model = Settings(0.5), Module()
    before = Contents(model, function(settings), modes=True)
    assert before.found is not None
    assert before.hold(model, function(settings))
    settings.rate = 0.25
    assert not is_the_same(before, model, function(settings))


def test_a_small_array_that_changes_is_seen():
    settings, model = Settings(0.5), Module()
    before = Contents(model, by_attributes(settings), modes=True)
    settings.table[0] = 3.0
    assert not is_the_same(before, model, by_attributes(settings))


def test_of_what_cannot_be_looked_into_nothing_is_claimed():
    lock, model = Lock(), Module()
    before = Contents(model, lambda x: lock and x, modes=True)
    assert before.found is None
    assert not before.hold(model, lambda x: lock and x)


class Net(Module):
    """Has one of each that there may be in a model."""

    slope = 1.0

    def __init__(self):
        self.mlp = MLP(2, [3, 1], seed=0)
        self.many = {"a": [Layer(1, 1, seed=1)], "b": (Layer(1, 1, seed=2), [2.0])}
        self.noise = Dropout(0.5)
        self.settings = Settings(0.5)
        self.scale, self.names = 0.0, {"x", "y"}
        self.activation = lambda x: x * self.slope if self is None else x * weight
        self.constant = (Value(1.0) * 1.0).detach()


weight = 1.0


def change_global(_):
    global weight
    weight += 1.0


CHANGES = {
    "a neuron's activation": lambda net: setattr(net.mlp.layers[0].neurons[1], "g", abs),
    "a neuron's weights": lambda net: setattr(net.mlp.layers[0].neurons[1], "w", [*net.mlp.layers[0].neurons[0].w]),
    "a bias": lambda net: setattr(net.mlp.layers[1].neurons[0], "b", None),
    "a layer more": lambda net: net.mlp.layers.append(Layer(1, 1)),
    "a layer less": lambda net: net.mlp.layers.pop(),
    "two neurons in another order": lambda net: net.mlp.layers[0].neurons.reverse(),
    "a neuron that goes from one list to the next": lambda net: net.mlp.layers[1].neurons.insert(
        0, net.mlp.layers[0].neurons.pop()
    ),
    "a part in a dictionary": lambda net: net.many.update(a=[]),
    "a part in a list in a dictionary": lambda net: net.many["a"].reverse() or net.many["a"].append(Layer(1, 1)),
    "a number in a list in a tuple": lambda net: net.many["b"][1].append(3.0),
    "a name": lambda net: net.many.update(c=net.many.pop("b")),
    "a minus before 0": lambda net: setattr(net, "scale", -0.0),
    "another type of the same number": lambda net: setattr(net, "scale", 0),
    "an attribute more": lambda net: setattr(net, "more", None),
    "an attribute, around setattr": lambda net: vars(net.mlp.layers[0].neurons[0]).update(g=abs),
    "the class": lambda net: setattr(net.many["a"][0], "__class__", type("Other", (Layer,), {})),
    "an attribute of the class": lambda net: setattr(Net, "slope", Net.slope + 1),
    "a method of the class": lambda net: setattr(Net, "forward", lambda self, x: x),
    "an object's attribute": lambda net: setattr(net.settings, "rate", 2.0),
    "a set": lambda net: net.names.add("z"),
    "a global of a function": change_global,
    "a constant": lambda net: setattr(net.constant, "data", 2.0),
    "what is dropped": lambda net: setattr(net.noise, "p", 0.25),
}


@pytest.mark.parametrize("knows_itself", [False, True])
@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_no_change_of_a_model_escapes_a_quick_look(change, knows_itself, monkeypatch):
    for name in ("slope", "forward"):
        monkeypatch.setattr(Net, name, getattr(Net, name))  # which is as it was after the test
    net = Net()
    if not knows_itself:
        net.activation = lambda x: x * weight
    before = Contents(net, None, modes=False)
    assert before.hold(net, None) is not knows_itself
    assert is_the_same(before, net)
    change(net)
    assert not is_the_same(before, net)


def test_what_makes_no_difference_is_the_same():
    model = Sequential(Layer(2, 3), Dropout(0.5), Layer(3, 1)).train()
    training, evaluation = (Contents(model, None, modes) for modes in (True, False))
    model[1].random = Random(3)
    model[0].neurons[0].w[0].data = 5.0
    assert training.hold(model, None)
    assert evaluation.hold(model, None)
    model[1].eval()
    assert not is_the_same(training, model)
    assert evaluation.hold(model, None)
