"""The habits of micrograd's programs: its names for what a node is made of, and nodes whose step is written by hand."""

from __future__ import annotations

import math
from collections.abc import Set
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd_lite as ag
from autograd_lite import Value
from autograd_lite.errors import ByHandError
from autograd_lite.strategies import expressions


def tanh_by_hand(x: Any) -> Value:
    t = math.tanh(x.data)
    out = Value(t, (x,), "tanh")

    def _backward() -> None:
        x.grad += (1 - t**2) * out.grad

    out._backward = _backward
    return out


def backward_by_hand(output: Any) -> None:
    """What a class written after micrograd does in its `backward`."""
    order, seen = [], set()

    def build(node: Any) -> None:
        if node not in seen:
            seen.add(node)
            for child in node._prev:
                build(child)
            order.append(node)

    build(output)
    output.grad = 1.0
    for node in reversed(order):
        node._backward()


@given(expressions())
def test_backward_by_hand_node_by_node_gives_what_backward_gives(output: Value) -> None:
    leaves = [node for node in walk(output) if not node.parents and not node.is_constant]
    output.backward()
    expected = [leaf.grad for leaf in leaves]
    for node in walk(output):
        node.grad = 0
    backward_by_hand(output)
    assert [leaf.grad for leaf in leaves] == pytest.approx(expected, rel=1e-12, abs=1e-12, nan_ok=True)


def walk(output: Value) -> list[Value]:
    found, stack = {output: None}, [output]
    while stack:
        for parent in stack.pop().parents:
            if parent not in found:
                found[parent] = None
                stack.append(parent)
    return list(found)


def test_prev_is_the_set_of_parents_in_operand_order() -> None:
    a, b = Value(2.0), Value(3.0)
    y = a * b
    assert isinstance(y._prev, Set)
    assert y._prev == {a, b}
    assert list(y._prev) == [a, b]
    assert list((a + a)._prev) == [a]
    assert list((a**2)._prev) == [a]
    assert list((a**b)._prev) == [a, b]
    assert list(ag.dot([a, b], [b, a])._prev) == [a, b]
    assert a._prev == set()


def test_op_is_spelt_as_in_micrograd() -> None:
    a, b = Value(2.0), Value(3.0)
    nodes = [a, a + b, a * b, a - b, a / b, -a, a**2, a**-1, a**0.5, a**b, a.relu(), a.tanh(), a.exp()]
    spellings = ["", "+", "*", "-", "/", "-", "**2", "**-1", "**0.5", "**", "ReLU", "tanh", "exp"]
    assert [node._op for node in nodes] == spellings


def test_the_step_of_one_node_adds_to_its_operands_alone() -> None:
    a, b, c = Value(2.0), Value(-3.0), Value(10.0)
    e = a * b
    d = e + c
    d.grad = 1.0
    d._backward()
    assert (e.grad, c.grad, a.grad) == (1.0, 1.0, 0)
    e._backward()
    c._backward()  # a leaf: nothing
    assert (a.grad, b.grad) == (-3.0, 2.0)
    e._backward()
    assert (a.grad, b.grad) == (-6.0, 4.0)


def test_a_step_that_fails_names_the_operation() -> None:
    bad = ag.primitive(derivatives=[lambda out, x: "no number"])(lambda x: x)
    node = bad(Value(1.0))
    with pytest.raises(TypeError, match="derivative 0"):
        node._backward()


def test_the_names_are_read_only() -> None:
    y: Any = Value(2.0) * 3
    for name in ("_prev", "_op"):
        with pytest.raises(AttributeError):
            setattr(y, name, ())
    with pytest.raises(AttributeError, match=r"rule of 'mul'.*@primitive"):
        y._backward = lambda: None


@pytest.mark.parametrize("x", [-1.5, 0.0, 0.3])
def test_a_node_by_hand_takes_part_in_backward_and_grad(x: float) -> None:
    def f(tanh: Any) -> Any:
        return lambda v: tanh(v * 2) * v + tanh(v)

    assert ag.value_and_grad(f(tanh_by_hand))(x) == pytest.approx(ag.value_and_grad(f(ag.tanh))(x), rel=1e-12)
    v = Value(x)
    node = tanh_by_hand(v)
    assert (node.op, node._op, node.parents, list(node._prev)) == ("tanh", "tanh", (v,), [v])
    with ag.no_grad():
        assert tanh_by_hand(v).data == math.tanh(x)


def test_operands_by_name_in_any_number() -> None:
    a, b, c = Value(2.0), Value(3.0), Value(4.0)
    out = Value(a.data + b.data + c.data, _children=(a, b, c), _op="+")

    def _backward() -> None:
        for operand in (a, b, c):
            operand.grad += out.grad

    out._backward = _backward
    (out * 2).backward()
    assert (a.grad, b.grad, c.grad, out.parents) == (2.0, 2.0, 2.0, (a, b, c))


@given(st.data())
def test_what_the_lectures_class_takes_is_taken_by_position_or_by_name(data: st.DataObject) -> None:
    operands = data.draw(st.sampled_from([(), [], (Value(2.0),), [Value(2.0), Value(3.0)], {Value(2.0)}]))
    given = {"data": 4.0, "_children": operands, "_op": "f" if operands else "", "label": data.draw(st.sampled_from(["", "y"]))}
    by_position = data.draw(st.integers(0, len(given)))
    values = list(given.values())
    value = Value(*values[:by_position], **dict([*given.items()][by_position:]))
    assert (value.data, value.parents, value.op, value.label) == (4.0, tuple(operands), given["_op"], given["label"])


def test_a_label_may_come_second_in_place_of_the_operands_but_once() -> None:
    assert Value(2.0, "x").label == Value(2.0, label="x").label == Value(2.0, "", "", "x").label == "x"
    with pytest.raises(TypeError, match="one label, got 'x' and 'y'"):
        Value(2.0, "x", label="y")
    for wrong in (None, 5, 0, (Value(1.0),)):
        with pytest.raises(TypeError, match="label of a Value is text"):
            Value(4.0, label=wrong)
    for wrong in (None, 5, 0):
        with pytest.raises(TypeError, match="label of a Value is text"):
            Value(4.0, wrong)


def test_a_leaf_has_no_step_of_its_own() -> None:
    leaf: Any = Value(2.0)
    with pytest.raises(AttributeError, match=r"made without operands.*Value\(number, \(operands,\), 'name'\)"):
        leaf._backward = lambda: None


def test_without_operands_it_is_a_leaf() -> None:
    for leaf in (Value(2.0, ()), Value(2.0, (), ""), Value(2.0, _children=(), _op="")):
        assert (leaf.data, leaf.parents, leaf.op, leaf.label) == (2.0, (), "", "")


def test_more_than_its_step_is_an_error_that_names_primitive() -> None:
    x = Value(0.5)
    unfinished = Value(1.0, (x,), "half")
    node = tanh_by_hand(x)
    for ask in (
        lambda: ag.grad(ag.grad(tanh_by_hand))(0.5),
        lambda: ag.jvp(tanh_by_hand, (0.5,), (1.0,)),
        lambda: node.local_derivatives,
        unfinished.backward,
        unfinished._backward,
    ):
        with pytest.raises(ByHandError, match="@primitive"):
            ask()


def test_an_error_in_a_step_by_hand_is_its_own() -> None:
    x = Value(0.5)
    node = Value(1.0, (x,), "broken")
    node._backward = lambda: [].pop()
    with pytest.raises(IndexError, match="pop from empty list"):
        node.backward()


@pytest.mark.parametrize(("operands", "name"), [((), "f"), ((1.0,), "f"), ((Value(1.0),), ""), ((Value(1.0),), 3)])
def test_a_node_by_hand_of_something_else_is_an_error(operands: Any, name: Any) -> None:
    with pytest.raises(TypeError, match="a node by hand is made of"):
        Value(1.0, operands, name)
