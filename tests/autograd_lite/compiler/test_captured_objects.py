"""A compiled function notices what changes in the objects, classes and arrays that it meets, wherever they lie."""

import argparse
import collections
import functools
import types
from array import array as array_of_python

import pytest

from autograd_lite.compiler.captured import Captured

np = pytest.importorskip("numpy")


def thrice(self, x):
    return 3 * x


def twice(self, x):
    return 2 * x


TWO, THREE = 2.0, 3.0


def by_two(x):
    return TWO * x


def by_three(x):
    return THREE * x


def classes():
    """A class with a method of each kind, one that asks it by `super`, and one that has all from it."""

    class Scaling:
        def __init__(self):
            self.factor, self.array = 2.0, np.array([2.0])

        def method(self, x):
            return self.factor * x

        def by_another(self, x):
            return self.method(x)

        def by_array(self, x):
            return self.array[0] * x

        __mul__ = __rmul__ = __call__ = method

        def __getitem__(self, name):
            return self.factor

        @staticmethod
        def static(x):
            return 2 * x

        @classmethod
        def of_class(cls, x):
            return 2 * x

        @property
        def double(self):
            return 2.0

    class BySuper(Scaling):
        def method(self, x):
            return super().method(x)

    class Derived(Scaling):
        pass

    return Scaling, BySuper, Derived


class Reading:
    """A descriptor."""

    def __init__(self):
        self.factor = 2.0

    def __get__(self, owner, kind=None):
        return self.factor


class OfDescribed(type):
    """A class of classes, with a property."""

    @property
    def of_class(cls):
        return cls.kept


class Described(metaclass=OfDescribed):
    """Attributes that are computed, of the object and of the class; of those that are not there, the error is no usual one."""

    described, kept = Reading(), 2.0

    def __init__(self):
        self.numbers = {"scale": 2.0}

    def __getattr__(self, name):
        return self.numbers[name]


class Link:
    """One of a chain."""

    def __init__(self, factor, after=None):
        self.factor, self.after = factor, after

    def scaled(self, x):
        return self.factor * x


def changing():
    """For each way to a factor a function that multiplies by 2, and what makes it multiply by 3."""
    scaling, by_super, derived = classes()
    one, two, three = scaling(), by_super(), derived()
    set_one = functools.partial(setattr, one, "factor", 3.0)
    yield "a method", lambda x: one.method(x), lambda: setattr(scaling, "method", thrice)
    yield "a method of a method", lambda x: one.by_another(x), lambda: setattr(scaling, "method", thrice)
    yield "a method by super", lambda x: two.method(x), lambda: setattr(scaling, "method", thrice)
    yield "an attribute by super", lambda x: two.method(x), lambda: setattr(two, "factor", 3.0)
    yield "a method that a derived class gets", lambda x: three.method(x), lambda: setattr(derived, "method", thrice)
    yield "a method that the object gets", lambda x: one.method(x), lambda: setattr(one, "method", lambda x: 3 * x)
    yield "a static method", lambda x: one.static(x), lambda: setattr(scaling, "static", staticmethod(lambda x: 3 * x))
    yield "a method of the class", lambda x: scaling.of_class(x), lambda: setattr(scaling, "of_class", classmethod(thrice))
    yield "a property", lambda x: one.double * x, lambda: setattr(scaling, "double", property(lambda self: 3.0))
    yield "how an object is called", lambda x: one(x), lambda: setattr(scaling, "__call__", thrice)
    yield "an operator", lambda x: one * x, lambda: setattr(scaling, "__mul__", thrice)
    yield "an attribute in an operator", lambda x: one * x, set_one
    yield "an attribute in brackets", lambda x: one["factor"] * x, set_one
    yield (
        "how an object is made",
        lambda x: Link(x, 2).scaled(2),
        lambda: setattr(Link, "scaled", lambda self, x: 3 * self.factor),
    )
    table, named = {"a": [one]}, collections.namedtuple("Pair", "a b")(one, [2.0])
    default, last = collections.defaultdict(list, a=[2.0]), Link(2.0)
    chain = Link(0.0, Link(0.0, last))
    yield "an object in a list in a dict", lambda x: table["a"][0].method(x), set_one
    yield "an object in a named tuple", lambda x: named.a.factor * x, set_one
    yield "an item in a named tuple", lambda x: named.b[0] * x, lambda: named.b.__setitem__(0, 3.0)
    yield "an item in a defaultdict", lambda x: default["a"][0] * x, lambda: default["a"].__setitem__(0, 3.0)
    yield (
        "the end of a chain of objects",
        lambda x: chain.after.after.factor * x,
        lambda: setattr(last, "factor", 3.0),
    )
    space, array = types.SimpleNamespace(one=one), np.array([1.0, 2.0])
    weights = {"w": np.array([2.0])}
    yield "an object in a namespace", lambda x: space.one.method(x), set_one
    yield "a number in an array", lambda x: array[1] * x, lambda: array.__setitem__(1, 3.0)
    yield "a number in an array in a dict", lambda x: weights["w"][0] * x, lambda: weights["w"].__imul__(1.5)
    yield "a number in an array of an object", lambda x: one.by_array(x), lambda: one.array.__imul__(1.5)


def changing_in_other_collections():
    """The same for what is in the other collections of Python."""
    queue, numbers, small = collections.deque([2.0]), array_of_python("d", [2.0]), bytearray([2])
    mapping, wrapped, layered = {"a": 2.0}, collections.UserDict(a=2.0), collections.ChainMap({}, {"a": 2.0})
    seen, users_list = types.MappingProxyType(mapping), collections.UserList([2.0])
    yield "an item in a deque", lambda x: queue[0] * x, lambda: queue.__setitem__(0, 3.0)
    yield "a number in Python's array", lambda x: numbers[0] * x, lambda: numbers.__setitem__(0, 3.0)
    yield "a byte", lambda x: small[0] * x, lambda: small.__setitem__(0, 3)
    yield "an item behind a proxy", lambda x: seen["a"] * x, lambda: mapping.update(a=3.0)
    yield "an item in a UserDict", lambda x: wrapped["a"] * x, lambda: wrapped.update(a=3.0)
    yield "an item in a UserList", lambda x: users_list[0] * x, lambda: users_list.__setitem__(0, 3.0)
    yield "an item in a ChainMap", lambda x: layered["a"] * x, lambda: layered.update(a=3.0)


def changing_by_name():
    """The same for attributes of other kinds, or found by their names, and for the code of a function."""
    one = classes()[0]()
    set_one = functools.partial(setattr, one, "factor", 3.0)
    options, by_name, descriptor = argparse.Namespace(factor=2.0), Described(), vars(Described)["described"]
    yield "an option of a command", lambda x: options.factor * x, lambda: setattr(options, "factor", 3.0)
    yield "an attribute by its name", lambda x: getattr(one, "factor") * x, set_one  # noqa: B009
    yield "an attribute by a name that is computed", lambda x: getattr(one, "".join(["fac", "tor"])) * x, set_one
    yield "an attribute in a dictionary of them", lambda x: vars(one)["factor"] * x, set_one
    yield "an attribute that is computed", lambda x: by_name.scale * x, lambda: by_name.numbers.update(scale=3.0)
    yield "a descriptor", lambda x: by_name.described * x, lambda: setattr(descriptor, "factor", 3.0)
    yield "a property of a class", lambda x: Described.of_class * x, lambda: setattr(Described, "kept", 3.0)
    helper = types.FunctionType(twice.__code__, {})
    helper.factor = 2.0
    yield "the code of a function", lambda x: helper(None, x), lambda: setattr(helper, "__code__", thrice.__code__)
    own = types.FunctionType(by_two.__code__, globals())
    yield "its own code", own, lambda: setattr(own, "__code__", by_three.__code__)
    yield "an attribute of a function", lambda x: helper.factor * x, lambda: setattr(helper, "factor", 3.0)


def all_changing():
    """All of these."""
    return [*changing(), *changing_in_other_collections(), *changing_by_name()]


@pytest.mark.parametrize("kind", [kind for kind, *_ in all_changing()])
def test_what_a_function_meets_in_objects_and_arrays_is_noticed_when_it_is_another(kind, notices, monkeypatch):
    monkeypatch.setattr(Link, "scaled", Link.scaled)  # which is as it was after the test
    monkeypatch.setattr(Described, "kept", 2.0)
    monkeypatch.setattr(vars(Described)["described"], "factor", 2.0)
    notices(*{kind: found for kind, *found in all_changing()}[kind])


def test_a_large_array_and_what_computes_nothing_are_not_looked_at():
    scaling, _, _ = classes()
    scaling.__repr__ = lambda self: f"{self.array}"
    one, table, octets = scaling(), np.zeros(10_000), bytearray(100_000)
    captured = {name.told: name for name in Captured(lambda x: one.method(x) + table[0] + octets[0]).names}
    assert {"one", "table", "octets", "Scaling.factor", "Scaling.method"} < captured.keys()
    assert captured.keys().isdisjoint({"Scaling.array", "an array"})
    assert captured["octets"].items is None


def test_objects_that_refer_to_each_other_in_circles_are_looked_at_once():
    links = [Link(float(i)) for i in range(50)]
    for link, after in zip(links, [*links[1:], links[0]], strict=True):
        link.after = after
    captured = Captured(lambda x: links[0].after.after.scaled(x))
    factors = [name for name in captured.names if name.name == "factor"]
    assert len(factors) == len(links)
