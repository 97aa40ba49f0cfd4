"""Recording: who may look at a traced value, what a recording cannot keep, and what is left as it was."""

import gc
import math
import sys
from types import ModuleType

import pytest

import autograd_lite as ag
from autograd_lite import Value, compile
from autograd_lite.compiler.trace import Trace, labels_of, uncollected
from autograd_lite.errors import TracingError
from autograd_lite.trees import NUMBER, flatten

numpy = pytest.importorskip("numpy")
pytest.importorskip("numba")
backends = pytest.mark.parametrize("backend", ["python", "native"])


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


# What a recording cannot keep


@pytest.mark.parametrize(
    ("f", "what"),
    [
        (lambda x: x if x > 0 else -x, "compared"),
        (lambda x: x if x < 0 else -x, "compared"),
        (lambda x: x if x >= 0 else -x, "compared"),
        (lambda x: x if x <= 0 else -x, "compared"),
        (lambda x: max(x, 2 * x), "compared"),
        (lambda x: x if x == 2 else -x, "compared"),
        (lambda x: x if x != 2 * x else -x, "compared"),
        (lambda x: x if x else -x, "bool"),
        (lambda x: x * float(x), "converted"),
        (lambda x: x * int(x), "converted"),
        (lambda x: x * math.exp(x), "converted"),
        (lambda x: numpy.maximum(x, 0), "compared"),
        (lambda x: x * (x in [1.0]), "compared"),
        (lambda x: sorted([x, 2 * x])[0], "compared"),
        (lambda x: not x, "bool"),
        (lambda x: setattr(x, "data", 3.0), "number of a traced value was set"),
        (lambda x: x * x.data, "number of a traced value was read"),
        (lambda x: (x * x).backward() or x, "backward"),
        (lambda x: [x, 2 * x][x], "index"),
        (lambda x: sum(x for _ in range(x)), "count"),
    ],
)
def test_what_a_recording_cannot_keep_names_the_line_and_the_way_out(f, what):
    with pytest.raises(
        TracingError, match=rf"(?s){what}.*test_trace.py:\d+.*(where\(greater|Value itself|differentiate|plain number)"
    ):
        compile(f)(2.0)


def test_no_grad_inside_is_refused():
    def f(x):
        with ag.no_grad():
            return x * x

    def slope(x):
        with ag.no_grad():
            return x * ag.grad(lambda y: y**3)(x)

    for function in (f, slope):
        with pytest.raises(TracingError, match="no_grad"):
            compile(function)(2.0)


def test_where_records_the_choice():
    f = compile(lambda x: ag.where(ag.greater(x, 0), x * x, -x))
    assert [f(2.0), f(-3.0), f.grad(2.0), f.grad(-3.0)] == [4.0, 3.0, 4.0, -1.0]


@backends
def test_a_value_kept_from_an_earlier_recording_is_refused(backend):
    kept = []

    def f(x):
        kept.append(x[0] * 2)
        return kept[0] * x[0]

    forgetful = compile(f, backend=backend)
    assert forgetful([3.0]) == 18.0
    with pytest.raises(ag.errors.TracingError, match=r"uses Value\(.*label='x\[0\]'\) of an earlier recording.*keep no Values"):
        forgetful([3.0, 4.0])


@backends
@pytest.mark.parametrize("result", ["text", None, 1j, {1.0}, [1.0, "text"], iter([1.0])])
def test_results_that_are_no_values(result, backend):
    with pytest.raises(TypeError, match="returns a Value, or a list"):
        compile(lambda x: result, backend=backend)(1.0)


@backends
def test_a_gradient_is_of_one_number(backend):
    with pytest.raises(TypeError, match=r"needs one number as its result, got 2 numbers: return one, or .*jacobian"):
        compile(lambda x: [x, x], backend=backend).grad(1.0)


# What a recording holds


def test_a_gradient_is_recorded_by_the_arguments_wanted():
    recorded = trace(lambda x, y: x * x * y, 3.0, 5.0)
    assert (recorded.count, recorded.single, recorded.gradient) == (2, True, [])
    recorded.differentiate(recorded.only_output(), [1])
    assert [value.label for value in recorded.inputs[0] + recorded.inputs[1]] == ["x", "y"]
    assert len(recorded.gradient) == 1
    nothing = trace(lambda x, y: 7.0, 3.0, 5.0)
    nothing.differentiate(nothing.only_output(), [0, 1])
    assert nothing.gradient == [0.0, 0.0]
    assert trace(lambda x: [x], 3.0).single is False


def test_values_given_are_inputs_themselves():
    x = Value(3.0, "weight")
    recorded = trace(lambda x: x * x, x)
    assert recorded.inputs[0][0] is x


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
