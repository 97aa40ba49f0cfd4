"""Nested arguments, taken apart and put together; intervals of domains."""

import math
from collections import Counter, OrderedDict, defaultdict
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd_lite import Interval, Value, compile, grad
from autograd_lite.trees import flatten

trees = st.recursive(
    st.floats(allow_nan=False),
    lambda inner: st.lists(inner) | st.tuples(inner, inner) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=12,
)


@given(trees)
def test_rebuilding_undoes_flattening(tree: Any) -> None:
    leaves, structure = flatten(tree)
    assert len(leaves) == len(structure)
    assert structure.rebuild(leaves) == tree
    assert hash(structure) == hash(flatten(tree)[1])
    assert structure == flatten(tree)[1]
    assert [eval(path, {"tree": tree}) for path in structure.paths("tree")] == leaves


def test_a_path_leads_to_its_leaf_in_an_array() -> None:
    tree = {"a": np.arange(12.0).reshape(2, 3, 2), "b": [np.array([5.0])]}
    leaves, structure = flatten(tree)
    assert [eval(path, {"tree": tree}) for path in structure.paths("tree")] == leaves
    assert structure.paths("tree")[-2:] == ["tree['a'][1, 2, 1]", "tree['b'][0][0]"]


def test_kinds_of_containers_are_kept() -> None:
    ordered = OrderedDict(b=1.0, a=[2.0])
    for tree in (ordered, Counter(b=3, a=2), defaultdict(list, b=1.0, a=[2.0]), defaultdict(list)):
        leaves, structure = flatten(tree)
        assert type(structure.rebuild(leaves)) is type(tree)
        assert list(structure.rebuild(leaves).items()) == list(tree.items())
    assert flatten(np.ones(2))[1].rebuild([Counter(k=1), Counter(k=2)])["k"].tolist() == [1, 2]
    leaves, structure = flatten(np.array([[1.0, 2.0]]))
    assert structure.rebuild(leaves).tolist() == [[1.0, 2.0]]
    mixed = structure.rebuild([Value(1.0), 2.0])
    assert (mixed.dtype, mixed.shape) == (object, (1, 2))
    assert structure.rebuild([{"k": [1.0]}, {"k": [2.0]}])["k"][0].tolist() == [[1.0, 2.0]]


@pytest.mark.parametrize(
    ("tree", "text"),
    [
        (1.0, "a number"),
        ([1.0, (2.0,)], "list of (a number, tuple of (a number))"),
        ({"a": np.ones((2, 3))}, "dict of ('a': an array of shape (2, 3))"),
        ([1.0] * 4, "list of (a number, a number, a number, a number)"),
        ({str(k): 1.0 for k in range(5)}, "dict of ('0': a number, '1': a number, '2': a number, '3': a number, '4': …)"),
        ([1.0] * 6, "list of (a number, a number, a number, a number, …)"),
    ],
)
def test_a_structure_describes_itself(tree: Any, text: str) -> None:
    assert str(flatten(tree)[1]) == text


@pytest.mark.parametrize(
    ("tree", "message"), [({"a": [1.0, "x"]}, r"the argument\['a'\]\[1\] is 'x' \(str\)"), ({1.0}, "set"), (None, "None")]
)
def test_what_is_no_number_is_named_with_its_place(tree: Any, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        flatten(tree)


@pytest.mark.parametrize(
    ("interval", "inside", "outside", "text"),
    [
        (Interval(), [-1e300, 0.0], [math.nan], ""),
        (Interval(low=0), [1e-300], [0.0, -1.0], "x > 0"),
        (Interval(low=0, low_included=True), [0.0], [-1e-9], "x ≥ 0"),
        (Interval(-1, 1), [0.0], [-1.0, 1.0], "-1 < x < 1"),
        (Interval(-1, 1, low_included=True, high_included=True), [-1.0, 1.0], [1.1], "-1 ≤ x ≤ 1"),
        (Interval(hole=0), [1.0, -1.0], [0.0], "x ≠ 0"),
        (Interval(high=2), [1.0], [2.0], "x < 2"),
    ],
)
def test_an_interval_knows_its_numbers_and_its_condition(
    interval: Interval, inside: list[float], outside: list[float], text: str
) -> None:
    assert all(x in interval for x in inside)
    assert not any(x in interval for x in outside)
    assert interval.describe() == text
    assert interval.bounded == bool(text)


def test_what_contains_itself_or_is_nested_without_end_is_told() -> None:
    circle: list[Any] = [1.0]
    circle.append(circle)
    record: dict[str, Any] = {}
    record["inner"] = [record]
    deep: Any = 1.0
    for _ in range(1000):
        deep = [deep]
    for argument in (circle, record, deep):
        for f in (grad(lambda x: 1.0), compile(lambda x: 1.0, backend="python"), flatten):
            with pytest.raises(ValueError, match="nested more than 100 deep: does a list, tuple or dict in it contain"):
                f(argument)
