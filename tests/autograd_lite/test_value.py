"""The node: what it is made of, how it compares, prints and travels, and what it refuses."""

import ast
import copy
import inspect
import math
import operator
import pickle
import weakref
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd_lite as ag
from autograd_lite import Value, value
from autograd_lite.graph.storage import OPTIMIZERS_NAMES
from autograd_lite.operation import primitive_of
from autograd_lite.operators import numpys_name
from autograd_lite.ops import TABLE

small = st.floats(-10, 10)


def test_a_new_node_has_no_gradient_yet() -> None:
    x = Value(2.0)
    with ag.detect_anomaly():
        watched = [x * x, ag.dot([x], [x], x)]
    assert [node.grad for node in (x, -x, x * x, ag.sum([x, x]), ag.dot([x], [x], x), *watched)] == [0] * 7


def test_a_node_knows_what_it_is_made_of() -> None:
    w, x = Value(2.0, label="w"), Value(3.0)
    y = w * x
    assert (y.data, y.op, y.parents, y.inputs, y.local_derivatives) == (6.0, "mul", (w, x), [2.0, 3.0], (3.0, 2.0))
    assert (w.op, w.parents, w.label, w.grad) == ("", (), "w", 0)
    z = ag.dot([w, x], [x, 5.0], w)
    assert z.parents[:3] == (w, x, x)
    assert z.parents[4] is w
    assert z.inputs == [[2.0, 3.0], [3.0, 5.0], 2.0]
    assert z.local_derivatives == (3.0, 5.0, 2.0, 3.0, 1)
    assert z.parents[3].is_constant
    assert not x.is_constant


@given(st.lists(small, min_size=1))
def test_values_are_ordered_as_their_data(numbers: list[float]) -> None:
    values = [Value(x) for x in numbers]
    assert [v.data for v in sorted(values)] == sorted(numbers)
    assert (max(values).data, min(values).data) == (max(numbers), min(numbers))


@given(a=small, b=small)
def test_comparison_with_numbers_is_that_of_the_data(a: float, b: float) -> None:
    v = Value(a)
    assert ((v < b), (v <= b), (v > b), (v >= b)) == ((a < b), (a <= b), (a > b), (a >= b))
    assert ((b < v), (b <= v), (b > v), (b >= v)) == ((b < a), (b <= a), (b > a), (b >= a))
    assert bool(v) == bool(a)


def test_formatting_is_that_of_the_data() -> None:
    assert f"{Value(3.14159):8.3f}|{Value(2)!r}|{Value(2.5)}" == "   3.142|Value(data=2, grad=0)|Value(data=2.5, grad=0)"
    assert repr(Value(1.0, label="w")) == "Value(data=1.0, grad=0, label='w')"


@pytest.mark.parametrize("comparison", [lambda v: v < "a", lambda v: v >= None, lambda v: v > [1]])
def test_comparison_with_something_else_is_an_error_that_says_so(comparison: Callable[[Value], Any]) -> None:
    with pytest.raises(TypeError, match=r"a Value compares with numbers and Values, not (str|NoneType|list)"):
        comparison(Value(1.0))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ("2", r"got '2' \(str\): write Value\(float\('2'\)\)"),
        (None, r"got None \(NoneType\)"),
        (1j, "real and the imaginary part"),
        ([1.0], r"got \[1.0\] \(list\)"),
        (np.array([1.0]), r"with \.item\(\)"),
        (np.array([1.0, 2.0]), "one Value for each element"),
        (Value(1.0), "a Value already"),
    ],
)
def test_a_value_of_something_else_is_an_error_that_names_it(data: Any, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        Value(data)


@pytest.mark.parametrize("label", [5, None, Value(1.0)])
def test_a_label_that_is_no_text_is_an_error_that_names_it(label: Any) -> None:
    with pytest.raises(TypeError, match=r"the label of a Value is text, got .* \((int|NoneType|Value)\)"):
        Value(1.0, label)


@pytest.mark.parametrize(
    "operation", [lambda v: v + "a", lambda v: None - v, lambda v: v * [1], lambda v: 1j / v, lambda v: v ** "2"]
)
def test_arithmetic_with_something_else_is_an_error_that_names_both(operation: Callable[[Value], Any]) -> None:
    with pytest.raises(TypeError, match=r"Value\(data=2.0, grad=0\) .* expected a number or a Value, got"):
        operation(Value(2.0))


@pytest.mark.parametrize("convert", [float, int, complex, math.exp, np.float64])
def test_there_is_no_silent_loss_of_gradient(convert: Callable[[Any], Any]) -> None:
    with pytest.raises(TypeError, match=r"autograd_lite.exp.*v\.data"):
        convert(Value(1.0))


def test_a_leaf_is_copied_and_pickled_whole() -> None:
    leaf = Value(2.5, label="w")
    leaf.grad = 7.0
    for twin in (copy.copy(leaf), copy.deepcopy(leaf), pickle.loads(pickle.dumps(leaf))):
        assert twin is not leaf
        assert (twin.data, twin.grad, twin.label, twin.is_constant) == (2.5, 7.0, "w", False)
    constant = (leaf * 2).parents[1]
    assert pickle.loads(pickle.dumps(constant)).is_constant


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy, pickle.dumps])
def test_copying_an_inner_node_is_an_error_that_says_why_and_what_to_do(duplicate: Callable[[Any], Any]) -> None:
    with pytest.raises(TypeError, match=r"result of 'mul': copying or pickling it would.*Value\(v\.data\)"):
        duplicate(Value(2.0) * Value(3.0))


class Weight(Value):
    pass


@pytest.mark.parametrize("kind", [Value, Weight])
def test_a_value_takes_weak_references_which_do_not_hold_it(kind: type[Value]) -> None:
    leaf = kind(1.0)
    node = leaf * 2.0
    references = weakref.ref(leaf), weakref.ref(node)
    assert [reference() for reference in references] == [leaf, node]
    del leaf, node
    assert [reference() for reference in references] == [None, None]


@pytest.mark.parametrize("name", OPTIMIZERS_NAMES)
def test_what_optimizers_keep_on_parameters_is_kept_where_there_is_room_and_else_the_error_says_where(name: str) -> None:
    weight, value = Weight(1.0, "w"), Value(1.0, "w")
    for one in (weight, value):
        assert not hasattr(one, name)
        assert name not in dir(one)
    with pytest.raises(
        AttributeError, match=rf"label='w'\) has no room for '{name}': .* nn\.Parameter\(1\.0\) .* {name}\[value\] = 0"
    ):
        setattr(value, name, 0)
    setattr(weight, name, [])
    getattr(weight, name).append(2)
    assert (vars(weight), name in dir(weight)) == ({name: [2]}, True)
    assert getattr(pickle.loads(pickle.dumps(weight)), name) == getattr(copy.deepcopy(weight), name) == [2]
    delattr(weight, name)
    with pytest.raises(AttributeError, match=f"'Weight' object has no attribute '{name}'"):
        delattr(weight, name)


def test_the_methods_of_a_value_are_the_public_operations_of_one_argument() -> None:
    one_argument = {
        name
        for name, f in TABLE.items()
        if hasattr(ag, name)
        and not f.primitive.variadic
        and sum(p.default is p.empty for p in inspect.signature(f).parameters.values()) == 1
    }
    numpys = {numpys_name(name): name for name in one_argument}  # np.arctan of an array of Values asks each for its `arctan`
    methods = {name for name in dir(Value) if primitive_of(getattr(Value, name))} - {"__neg__", "__abs__"}
    assert methods == one_argument | numpys.keys() | {"clip"}
    assert all(getattr(Value, name) is TABLE[numpys.get(name, name)] for name in methods)


def test_the_operators_of_a_value_are_those_of_arithmetic() -> None:
    pythons = {name for name in dir(operator) if name.startswith("__")}
    own = set(dir(Value)) - set(dir(object))
    assert {name for name in own if {name, name.replace("__r", "__", 1)} & pythons} == {
        *(f"__{side}{name}__" for name in ("add", "sub", "mul", "truediv", "mod", "floordiv", "pow") for side in ("", "r")),
        "__neg__",
        "__abs__",
        "__pos__",
    }
    v = Value(2.0)
    assert ((+v), (-v).data, abs(-v).data) == (v, -2.0, 2.0)


def test_the_engine_imports_only_itself_and_the_standard_library() -> None:
    source = inspect.getsource(value)
    modules = {node.module for node in ast.walk(ast.parse(source)) if isinstance(node, ast.ImportFrom)}
    assert not {module for module in modules if module and module.partition(".")[0] in {"numpy", "nn", "visualize"}}
