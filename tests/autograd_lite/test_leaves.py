"""What a leaf can carry, and a computed node can not; and what of a leaf a program may set."""

from __future__ import annotations

import copy
import pickle
import weakref
from typing import Any

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import Value


def test_a_leaf_has_room_for_attributes_and_weak_references_and_a_computed_node_has_not() -> None:
    leaf: Any = Value(1.0)
    leaf.momentum = 0.5
    assert weakref.ref(leaf)() is leaf
    for twin in (copy.copy(leaf), copy.deepcopy(leaf), pickle.loads(pickle.dumps(leaf))):
        assert twin.momentum == 0.5
    node: Any = leaf * 2
    with pytest.raises(AttributeError, match="momentum"):
        node.momentum = 0.5
    with pytest.raises(TypeError, match="weak reference"):
        weakref.ref(node)


def test_a_computed_node_is_no_larger_for_what_leaves_can_carry() -> None:
    node = Value(1.0) * 2
    assert type(node) is Value
    assert isinstance(Value(1.0), Value)
    assert node.__sizeof__() == object().__sizeof__() + 8 * len(Value.__slots__)


def test_a_derived_class_may_take_other_arguments() -> None:
    class Weight(Value):
        def __init__(self, name: str, *, start: float) -> None:
            super().__init__(start, name)
            self.name = name

    weight = Weight("w", start=2.0)
    (weight * 3).backward()
    assert (weight.name, weight.label, weight.data, weight.grad) == ("w", "w", 2.0, 3.0)


def test_a_gradient_of_none_is_none_yet() -> None:
    w, b = Value(2.0), Value(1.0)
    for _ in range(2):
        w.grad = b.grad = None
        ag.dot([w, w], [3.0, w], b).backward()
        assert (w.grad, b.grad) == (7.0, 1.0)


@pytest.mark.parametrize("array", [np.array(1.5), np.array(3), np.array([1.0, 2.0])[0]])
def test_an_array_without_dimensions_is_a_number(array: Any) -> None:
    assert Value(array).data == array.item()


def test_a_result_may_be_an_array_of_one_number() -> None:
    def f(x: Any) -> Any:
        return np.array([[x * x]], dtype=object)

    assert ag.grad(f)(3.0) == 6.0
    assert ag.value_and_grad(f)(3.0) == (9.0, 6.0)
    assert ag.compile(f).value_and_grad(3.0)[1] == 6.0
    with pytest.raises(TypeError, match="needs one number as its result"):
        ag.grad(lambda x: np.array([x, x], dtype=object))(3.0)
