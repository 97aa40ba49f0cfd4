"""A compiled function notices when a name around it stands for something else, and is then recorded anew."""

import functools
import math
import types
import warnings

import pytest

import autograd_lite as ag
from autograd_lite import Value, compile, primitive, sin
from autograd_lite.compiler.captured import Captured
from autograd_lite.compiler.watched import numbers_in

factor = 2.0
numbers = [1.0, [2.0, 3.0]]
weight = Value(2.0)


def helper(x):
    return x * factor


@primitive(derivatives=[lambda out, x: factor])
def scaled(x):
    return x * factor


helpers = [{"first": helper}]
compiled_helper = compile(helper, backend="python")
cached_helper = functools.lru_cache(maxsize=0)(helper)


class Model:
    def __call__(self, x):
        return factor * x

    def method(self, x):
        return factor * x


def set_global(**names):
    globals().update(names)


FUNCTIONS = {
    "a global number": lambda x: x * factor,
    "a number in a function that is called": lambda x: helper(x),
    "a number in a partial function": functools.partial(lambda y, x: helper(x) + y, 0.0),
    "a number in a method": Model().method,
    "a number in an object that is called": Model(),
    "a number in a function within": lambda x: sum([(lambda y: y * factor)(x)]),
    "a number in a rule": lambda x: scaled(x),
    "a number in a function in a list": lambda x: helpers[0]["first"](x),
    "a number in a compiled function": lambda x: compiled_helper(x),
    "a number in a function with a cache": lambda x: cached_helper(x),
}


@pytest.mark.parametrize("kind", FUNCTIONS)
@pytest.mark.parametrize("make", [compile, lambda f: compile(f, backend="python")])
def test_a_global_number_that_changes_is_noticed_by_every_call(kind, make):
    f = make(FUNCTIONS[kind])
    try:
        for number in (2.0, 3.0, 2.0, -0.0, 0.0):
            set_global(factor=number)
            for x in (1.0, 5.0):
                assert repr(f(x)) == repr(x * number) or kind != "a global number"
                assert f(x) == x * number
                assert f.grad(x) == number
                assert f.value_and_grad(x) == (x * number, number)
    finally:
        set_global(factor=2.0)


def test_a_number_and_a_value_in_a_closure_are_noticed_when_they_are_others():
    scale, offset = 2.0, Value(1.0)
    f = compile(lambda x: scale * x + offset, backend="python")
    assert f(3.0) == 7.0
    scale = 4.0
    assert f(3.0) == 13.0
    offset = Value(2.0)
    assert f(3.0) == 14.0
    offset.data = 5.0
    assert f(3.0) == 17.0


def test_items_beside_texts_and_none_and_in_sets_are_noticed():
    mixed, chosen = [2.0, "cubic", None], {3.0}
    f = compile(lambda x: x * mixed[0] + (x if mixed[1] == "cubic" else 0) + sum(chosen), backend="python")
    assert f(1.0) == 6.0
    mixed[0] = 5.0
    assert f(1.0) == 9.0
    mixed[1] = "linear"
    assert f(1.0) == 8.0
    chosen.add(4.0)
    assert f(1.0) == 12.0


@pytest.mark.parametrize("kept", [[-0.0], {"a": [0.0, 1.0]}, (0.0, weight)])
def test_the_sign_of_a_zero_in_a_list_is_noticed(kept):
    f = compile(lambda x: ag.atan2(next(numbers_in(kept)), x), backend="python")
    for zero in (0.0, -0.0, 0.0):
        if isinstance(kept, list):
            kept[0] = zero
        elif isinstance(kept, dict):
            kept["a"][0] = zero
        else:
            kept = (zero, weight)
        assert [f(-1.0), f(-1.0)] == [math.atan2(zero, -1.0)] * 2
    latest = f.latest
    weight.data = 3.0
    assert f(-1.0) == math.pi
    assert f.latest is latest


def test_items_of_lists_and_functions_are_noticed():
    kept, table, function = [1.0, [2.0]], {"a": 3.0}, sin
    f = compile(lambda x: kept[1][0] * x + table["a"] + kept[0] * function(x), backend="python")
    assert f(0.0) == 3.0
    kept[1][0] = 4.0
    assert f(1.0) == 7.0 + math.sin(1.0)
    table["a"] = 0.0
    kept.append(1.0)
    assert f(1.0) == 4.0 + math.sin(1.0)
    function = ag.cos
    assert f(1.0) == 4.0 + math.cos(1.0)


def test_the_same_number_in_another_object_is_the_same():
    number = 2.0
    recorded = []

    def f(x):
        recorded.append(None)
        return number * x

    g = compile(f, backend="python")
    for _ in range(20):
        number = float("2.0")
        assert g(3.0) == 6.0
    assert len(recorded) == 1


def test_what_a_function_counts_of_itself_is_no_change():
    calls = 0

    def f(x):
        nonlocal calls
        calls += 1
        return x * calls

    g = compile(f, backend="python")
    assert [g(2.0) for _ in range(5)] == [2.0] * 5


def test_who_changes_a_number_at_every_call_is_told_to_make_it_an_argument():
    step = 0
    f = compile(lambda x: x * step, backend="python")
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        for number in range(20):
            step = float(number)
            assert f(1.0) == number
    assert [str(w.message) for w in told] == [
        "f has been recorded anew 16 times, since step, which it takes from around it, was another each time: that takes far "
        "longer than a run. Make it an argument, or a Value whose data you set"
    ]


def test_what_nobody_changes_costs_no_call_anything():
    captured = Captured(lambda x: ag.where(ag.greater(x, 0.0), sin(x), math.pi * max(x, 1.0)))
    assert captured.names == []
    assert captured.guarding(len) is len


class Inner:
    __slots__ = ("factor",)


class Scaling:
    """Everything by which a method may come to its factor."""

    of_the_class = 2.0

    def __init__(self):
        self.factor, self.factors, self.weight, self.inner = 2.0, [[2.0]], Value(2.0), Inner()
        self.inner.factor = 2.0
        self.operation = ag.relu

    @property
    def half(self):
        return self.factor / 2

    @classmethod
    def by_class(cls, x):
        return cls.of_the_class * x

    def __call__(self, x):
        return self.factor * x

    def by_attribute(self, x):
        return self.factor * x

    def by_another_method(self, x):
        return self.by_attribute(x)

    def by_property(self, x):
        return 2 * self.half * x

    with_arguments = functools.partialmethod(lambda self, offset, x: self.factor * x + offset, 0.0)

    def by_item(self, x):
        return self.factors[0][0] * x

    def by_value(self, x):
        return self.weight * x

    def by_inner(self, x):
        return self.inner.factor * x

    def by_class_attribute(self, x):
        return self.of_the_class * x

    def by_operation(self, x):
        return 2 * self.operation(x)


def defaults(x, factor=2.0, factors=([2.0],), *, by_name=2.0):
    return factor * factors[0][0] * by_name * x / 4


def change(owner, name, content):
    return lambda: setattr(owner, name, content)


def changing():
    """For each way to a factor a function that multiplies by 2, and what makes it multiply by 3."""
    one = Scaling()
    within = functools.partial(functools.partial(defaults, factor=2.0, factors=[[2.0]]), by_name=2.0)
    of_partial = functools.wraps(within)(lambda x: within(x))
    given, array = (
        functools.partial(lambda factors, x: factors[0] * x, [2.0]),
        functools.partial(lambda x, a: x * a[0][0], a=[[2.0]]),
    )
    space = types.SimpleNamespace(factor=2.0)
    module = types.ModuleType("settings")
    module.factor, module.inner = 2.0, types.SimpleNamespace(factor=2.0)
    yield "a default", defaults, lambda: setattr(defaults, "__defaults__", (3.0, ([2.0],)))
    yield "an item of a default", defaults, lambda: defaults.__defaults__[1][0].__setitem__(0, 3.0)
    yield "a default by name", defaults, lambda: defaults.__kwdefaults__.update(by_name=3.0)
    yield "a keyword of a partial within another", within, lambda: within.keywords.update(by_name=3.0)
    yield "an item of a keyword", of_partial, lambda: within.keywords["factors"][0].__setitem__(0, 3.0)
    yield "an item of an argument of a partial", given, lambda: given.args[0].__setitem__(0, 3.0)
    yield "an item of an item of a keyword", array, lambda: array.keywords["a"].__setitem__(0, (3.0, 3.0))
    yield "an object that is called", one, change(one, "factor", 3.0)
    yield "an attribute", one.by_attribute, change(one, "factor", 3.0)
    yield "an attribute in another method", one.by_another_method, change(one, "factor", 3.0)
    yield "an attribute in a property", one.by_property, change(one, "factor", 3.0)
    yield "an item of an attribute", one.by_item, lambda: one.factors[0].__setitem__(0, 3.0)
    yield "a Value as attribute", one.by_value, change(one, "weight", Value(3.0))
    yield "an attribute of an attribute", one.by_inner, change(one.inner, "factor", 3.0)
    yield "an attribute of the class", one.by_class_attribute, change(Scaling, "of_the_class", 3.0)
    yield "an attribute before that of the class", one.by_class_attribute, change(one, "of_the_class", 3.0)
    yield "an attribute in a method of the class", Scaling.by_class, change(Scaling, "of_the_class", 3.0)
    yield "an operation as attribute", one.by_operation, change(one, "operation", lambda x: 1.5 * x)
    yield "an attribute of what is closed over", lambda x: space.factor * x, change(space, "factor", 3.0)
    yield "a name of a module", lambda x: module.factor * x, change(module, "factor", 3.0)
    yield "what is differentiated", ag.grad(lambda x: one.factor * x * x / 2), change(one, "factor", 3.0)
    yield "an attribute in a method with arguments", one.with_arguments, change(one, "factor", 3.0)
    yield "an attribute in a module", lambda x: module.inner.factor * x, change(module.inner, "factor", 3.0)


@pytest.mark.parametrize("kind", [kind for kind, *_ in changing()])
def test_what_a_function_takes_from_defaults_partials_and_objects_is_noticed_when_it_is_another(kind, notices, monkeypatch):
    monkeypatch.setattr(defaults, "__defaults__", (2.0, ([2.0],)))
    monkeypatch.setattr(defaults, "__kwdefaults__", {"by_name": 2.0})
    monkeypatch.setattr(Scaling, "of_the_class", 2.0)
    notices(*{kind: found for kind, *found in changing()}[kind])


def test_it_is_told_whose_attribute_changes_at_every_call():
    one = Scaling()
    f = compile(one.by_attribute, backend="python")
    for number in range(16):
        one.factor = float(number)
        assert f(1.0) == number
    one.factor = 16.0
    with pytest.warns(UserWarning, match="recorded anew 16 times, since Scaling.factor, which it takes from around it"):
        f(1.0)


def test_an_attribute_that_is_gone_and_an_array_in_the_place_of_another_are_noticed():
    np = pytest.importorskip("numpy")
    one, arrays = Scaling(), [np.array([1.0, 2.0])]
    f = compile(lambda x: one.factor * x * arrays[0][1], backend="python")
    assert [f(1.0), f(1.0)] == [4.0, 4.0]
    arrays[0] = np.array([1.0, 3.0])
    assert [f(1.0), f(1.0)] == [6.0, 6.0]
    del one.factor
    with pytest.raises(AttributeError, match="factor"):
        f(1.0)
