"""Recording: who may look at a traced value, how it shows itself, and what is left as it was."""

import gc
import sys
from types import ModuleType

import pytest

from autograd_lite import Value
from autograd_lite.compiler.trace import Trace, labels_of, uncollected
from autograd_lite.errors import TracingError
from autograd_lite.trees import NUMBER, flatten


def trace(f, *numbers):
    return Trace(f, [[x] for x in numbers], [NUMBER] * len(numbers), ["x", "y", "z"][: len(numbers)])


def test_a_traced_value_shows_itself_like_any_other():
    seen = []

    def f(x):
        y = x * 2
        seen.extend([repr(x), repr(y), (x.grad, y.grad), (x.label, y.label), y.op, y.parents[0] is x, x.parents])
        return y

    assert trace(f, 3.0).count == 1
    assert seen == [
        "Value(data=3.0, grad=0, label='x')",
        "Value(data=6.0, grad=0)",
        (0, 0),
        ("x", ""),
        "mul",
        True,
        (),
    ]


def test_traced_values_are_keys_and_are_found_by_identity():
    def f(x):
        y = x * 2
        assert {x: 1, y: 2}[y] == 2
        assert y in [x, y][1:]
        return y

    trace(f, 3.0)


@pytest.mark.parametrize("name", ["aaa", "autograd", "autograd_lite_of_another", "zzz"])
def test_only_this_package_may_read_the_number(name, monkeypatch):
    module = ModuleType(name)
    exec("def f(x):\n    return x * x.data", vars(module))
    monkeypatch.setitem(sys.modules, name, module)
    with pytest.raises(TracingError, match="the number of a traced value was read"):
        trace(module.f, 3.0)


def test_a_gradient_is_recorded_by_the_arguments_wanted():
    recorded = trace(lambda x, y: x * x * y, 3.0, 5.0)
    assert (recorded.count, recorded.single, recorded.gradient) == (2, True, [])
    recorded.differentiate([1])
    assert [value.label for value in recorded.inputs[0] + recorded.inputs[1]] == ["x", "y"]
    assert len(recorded.gradient) == 1
    nothing = trace(lambda x, y: 7.0, 3.0, 5.0)
    nothing.differentiate([0, 1])
    assert nothing.gradient == [0.0, 0.0]
    assert trace(lambda x: [x], 3.0).single is False


def test_values_given_are_inputs_themselves():
    x = Value(3.0, "weight")
    recorded = trace(lambda x: x * x, x)
    assert recorded.inputs[0][0] is x


def test_garbage_collection_is_as_it_was_before():
    assert gc.isenabled()
    with uncollected():
        assert not gc.isenabled()
        with uncollected():
            assert not gc.isenabled()
        assert not gc.isenabled()
    assert gc.isenabled()
    with pytest.raises(ZeroDivisionError), uncollected():
        print(1 / 0)
    assert gc.isenabled()


def test_labels_are_what_one_writes():
    numpy = pytest.importorskip("numpy")
    argument = {"a": [1.0, (2.0,)], 3: numpy.zeros((2, 1, 2)), "c": 4.0}
    assert labels_of(flatten(argument)[1], "w") == [
        "w['a'][0]",
        "w['a'][1][0]",
        "w[3][0][0][0]",
        "w[3][0][0][1]",
        "w[3][1][0][0]",
        "w[3][1][0][1]",
        "w['c']",
    ]
