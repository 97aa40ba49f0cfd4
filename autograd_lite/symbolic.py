"""The formula of a local derivative, found by reading its rule off: the rule is evaluated on stand-ins for the operands.

What results is a graph like any other, which `autograd_lite.notation` writes as text and as LaTeX. There, what a rule carries
along and no reader would write is left out, and a node of many operands is spelt out as the operations of two that it stands
for.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Sequence
from functools import reduce
from typing import Any, Final, NoReturn

from autograd_lite.graph.bundles import Bundle
from autograd_lite.graph.derivatives import each_local_derivative
from autograd_lite.modes import Mode, entered
from autograd_lite.operands import node_of
from autograd_lite.primitive import Primitive
from autograd_lite.value import Value

WIDEST: Final = 5  # operands of a sum or a product that are written out; of more, the middle ones are …


class Symbol(Value):
    """A stand-in for an operand: it can be computed with, but a choice made on its number would not be part of the formula."""

    __slots__ = ("stands_for",)

    stands_for: Value | None  # None for operands that are left out, and for what is computed from stand-ins

    def _no_choice(self, *_: Any) -> NoReturn:
        raise TypeError("the rule chooses by a number, so it is not one formula: use where() and greater() for a choice")

    __bool__ = __lt__ = __le__ = __gt__ = __ge__ = __eq__ = __ne__ = _no_choice
    __hash__ = Value.__hash__


def stand_in(value: Value | None, data: Any) -> Symbol:
    """A stand-in for `value` with this number."""
    symbol = Symbol(data)
    symbol.stands_for = value
    return symbol


class Reading(Mode):
    """Makes stand-ins of stand-ins, whatever mode is active around it."""

    def __init__(self) -> None:
        self.outer = None

    def node(self, primitive: Primitive, operands: tuple[Any, ...], data: Any) -> Value:
        """The stand-in for what `primitive` computes from these operands."""
        symbol: Any = node_of(primitive, operands, data, Symbol)
        symbol.stands_for = None
        return symbol  # type: ignore[no-any-return]


# Reading a rule off


def symbolic_derivatives(node: Value) -> list[Any]:
    """The local derivative of a node by each of its parents as a formula: a graph of stand-ins, or a plain number.

    Raises:
        TypeError: a rule of a custom primitive chooses by the number of an operand.

    Example:
        >>> from autograd_lite import Value
        >>> from autograd_lite.notation import symbolic_derivatives, text
        >>> a, b = Value(2.0, "a"), Value(3.0, "b")
        >>> [text(derivative) for derivative in symbolic_derivatives(a / b)]
        ['1 ÷ b', '−(a ÷ b) ÷ b']
    """
    return symbolic_graph(node)[1]


def symbolic_graph(node: Value) -> tuple[list[Symbol], list[Any]]:
    """The stand-ins for a node and for each of its parents, and the local derivatives as graphs on these; as above."""
    output = stand_in(node, node.data)
    inputs: list[Any] = [
        Bundle([stand_in(value, value.data) for value in operand])
        if isinstance(operand, Bundle)
        else stand_in(operand, operand.data)
        for operand in node.operands
    ]
    with entered(Reading):
        derivatives = [local for _, local in each_local_derivative(node, output, inputs)]
    parents: list[Any] = [symbol for part in inputs for symbol in (part if isinstance(part, Bundle) else [part])]
    return [output, *parents], derivatives


# Leaving out what a reader would not write


def simplified(symbol: Symbol) -> Any:
    """The same formula without what a rule carries along: 1 × x, x + 0, x ** (2 − 1), a choice that is known."""
    if is_fixed(symbol):
        return symbol.data
    if symbol.op == "where":
        condition, a, b = symbol.operands
        known = truth(condition)
        return symbol if known is None else a if known else b
    if symbol.primitive.neutral is not None:
        left, right = symbol.operands
        for operand, other, neutral in zip((left, right), (right, left), symbol.primitive.neutral, strict=True):
            if is_fixed(operand) and operand.data == neutral and getattr(operand, "stands_for", None) is None:
                return other
    return symbol


def truth(condition: Any) -> bool | None:
    """Whether a condition in a formula always holds, or never; None if that depends on a number that may change."""
    if is_fixed(condition):
        return bool(condition.data)
    if condition.op == "where":
        _, *chosen = condition.operands
        if_true, if_false = map(truth, chosen)
        return if_true if if_true == if_false else None
    return None


def is_fixed(value: Any) -> bool:
    """Whether a part of a formula is a plain number, or computed from plain numbers alone."""
    stack = [value]  # and not recursion: the derivative of a long product is a product as long
    while stack:
        part = stack.pop()
        if isinstance(part, Symbol) and part.operands:
            if part.primitive.variadic:
                return False
            stack += part.operands
        else:
            leaf = part.stands_for if isinstance(part, Symbol) else part
            if not isinstance(leaf, Value) or not leaf.is_constant:
                return False
    return True


# Spelling out many operands


def spell_out(node: Value) -> Value | None:
    """A node of many operands as the operations of two that it stands for, if it does: a dot product as products and sums.

    Of many operands the first ones and the last are taken, and a stand-in for all between.
    """
    inputs = [
        [stand_in(v, math.nan if v is None else v.data) for v in abridged(operand)]
        if isinstance(operand, Bundle)
        else stand_in(operand, operand.data)
        for operand in node.operands
    ]
    try:
        with entered(Reading):
            total = node.primitive.compute(*inputs)
            return offset_last(total) if isinstance(total, Symbol) else None
    except (ArithmeticError, AttributeError, TypeError, ValueError):  # its function needs numbers
        return None


def offset_last(total: Symbol) -> Symbol:
    """A sum that starts from a single term, such as the bias of a neuron, with that term at its end."""
    terms: list[Any] = []
    rest: Any = total
    while rest.op == "add":
        rest, last = rest.operands
        terms.insert(0, last)
    if rest.operands or not any(term.operands for term in terms):
        return total  # its terms are all alike
    return reduce(operator.add, [*terms, rest])  # type: ignore[no-any-return]


def abridged(values: Sequence[Value]) -> Sequence[Any]:
    """The values; of many the first ones and the last, with None for those between."""
    return values if len(values) <= WIDEST else (*values[: WIDEST - 2], None, values[-1])
