"""The derivative of each node by its operands: as a number, and as the formula that its rule is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograd_lite.graph.bundles import Bundle
from autograd_lite.notation import Namer, symbolic_derivatives, text
from autograd_lite.value import Value


class Derivatives:
    """The local derivatives of the nodes of a graph, as numbers and as formulas, each computed once."""

    def __init__(self) -> None:
        self._numbers: dict[Value, tuple[Any, ...]] = {}
        self._formulas: dict[Value, list[Any] | None] = {}

    def number(self, node: Value, position: int) -> Any:
        """The derivative of a node by the parent at this position."""
        if node not in self._numbers:
            self._numbers[node] = node.local_derivatives
        return self._numbers[node][position]

    def formula(self, node: Value, position: int, name: Namer, write: Callable[[Any, Namer], str] = text) -> str:
        """The same as a formula, written with these names; as its number if a custom rule is not one formula."""
        if node not in self._formulas:
            try:
                self._formulas[node] = symbolic_derivatives(node)
            except TypeError:
                self._formulas[node] = None
        formulas = self._formulas[node]
        return write(self.number(node, position) if formulas is None else formulas[position], name)


def passes(node: Value, position: int) -> bool:
    """Whether a node passes its gradient on to its parent at this position: to one that only chooses it passes nothing."""
    for operand, rule in zip(node.operands, node.primitive.derivatives, strict=False):
        width = len(operand) if isinstance(operand, Bundle) else 1
        if position < width:
            return rule is not None
        position -= width
    raise IndexError(f"{node!r} has no parent at this position")
