"""What an operation was given becomes the operands of a node: Values, and bundles of Values. A plain number is a constant."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from autograd_lite.basics.arraylike import PYTHON, python_number
from autograd_lite.graph.bundles import Bundle, Constants
from autograd_lite.graph.storage import as_stored
from autograd_lite.primitive import CONSTANT, Primitive
from autograd_lite.value import Number, Value, ValueLike, new_node


def make_constant(number: Number) -> Value:
    """A plain number as an operand of an expression: a leaf that no gradient flows into."""
    if type(number) in PYTHON:
        return new_node(CONSTANT, number, None)
    constant = Value(python_number(number))  # raises unless it is a real number
    constant.primitive = CONSTANT
    return constant


def as_value(operand: ValueLike) -> Value:
    """The operand itself if it is a Value, else a constant of that number."""
    return operand if isinstance(operand, Value) else make_constant(operand)


def as_bundle(operands: Iterable[ValueLike]) -> Bundle[Any]:
    """The operands of a variadic primitive as Values; `Constants` when every one was a plain number."""
    if isinstance(operands, Bundle):
        return operands
    values = [operand if type(operand) is Value else as_value(operand) for operand in operands]
    for value in values:
        if value.primitive is not CONSTANT:
            return Bundle(values)
    return Constants(values)


def data_of(item: Any) -> Any:
    """The number in a Value; anything else, which was given in the place of one, as it is."""
    return item.data if isinstance(item, Value) else item


def node_of(primitive: Primitive, operands: tuple[Any, ...], data: Any, kind: type[Value] = Value) -> Value:
    """The Value `data`, computed by `primitive` from any number of operands: Values, and Bundles of them."""
    return new_node(primitive, data, *as_stored(operands), kind=kind)
