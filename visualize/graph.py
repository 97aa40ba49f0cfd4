"""The graph behind a value as pictures need it: its nodes in order, what they are called, who uses them, and its layers."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import autograd_lite
from autograd_lite.bundles import Bundle
from autograd_lite.notation import SUBSCRIPTS, Namer, definition, latex, latex_name, number, symbolic_derivatives, text
from autograd_lite.value import Value

# Not the user's own code: this package, and the REPL of the engine. A separator at the end: visualize_demo.py is no part of it.
PACKAGES = tuple(str(Path(room).parent / "_")[:-1] for room in (__file__, autograd_lite.__file__))


class Graph:
    """All nodes that `output` depends on, each after its parents, with a name for each.

    A node is called by its label; without one by the name of the variable that holds it, if `names`; else v₁, v₂ … in the order
    of computation. A constant is called by its number.
    """

    def __init__(self, output: Value, names: bool = True) -> None:
        if not isinstance(output, Value):
            raise TypeError(f"expected a Value, got {output!r} ({type(output).__name__})")
        self.output = output
        self.nodes = _nodes(output)
        self.index = {node: position for position, node in enumerate(self.nodes)}
        self.names = _names(self.nodes, _caller_variables(self.index) if names else {})

    def name(self, node: Value) -> str:
        """What a node is called, as text."""
        return self.names[node]

    def latex_name(self, node: Value) -> str:
        """What a node is called, in LaTeX."""
        return latex(node.data) if node.is_constant else latex_name(self.names[node])

    def latex_name_of(self, node: Value) -> str | None:
        """The same of a node of this graph; of others nothing."""
        return self.latex_name(node) if node in self.index else None

    def formula(self, node: Value) -> str:
        """How a node was computed from its parents, as text."""
        return text(node, definition(node, self.names.get))

    def users(self) -> dict[Value, list[tuple[Value, int]]]:
        """For each node the nodes computed from it, each with the position among that node's parents."""
        users: dict[Value, list[tuple[Value, int]]] = {node: [] for node in self.nodes}
        for node in self.nodes:
            for position, parent in enumerate(node.parents):
                users[parent].append((node, position))
        return users


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

    def formula(self, node: Value, position: int, name: Namer, write: Any = text) -> str:
        """The same as a formula, written with these names; as its number if a custom rule is not one formula."""
        if node not in self._formulas:
            try:
                self._formulas[node] = symbolic_derivatives(node)
            except TypeError:
                self._formulas[node] = None
        formulas = self._formulas[node]
        return str(write(self.number(node, position) if formulas is None else formulas[position], name))


def passes(node: Value, position: int) -> bool:
    """Whether a node passes its gradient on to its parent at this position: to one that only chooses it passes nothing."""
    for operand, rule in zip(node.operands, node.primitive.derivatives, strict=False):
        width = len(operand) if isinstance(operand, Bundle) else 1
        if position < width:
            return rule is not None
        position -= width
    raise IndexError(f"{node!r} has no parent at this position")


def printable(label: str) -> str:
    """A name on one line, characters that a terminal would obey as their escapes."""
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in label)


def check_connected(graph: Graph, wrt: Value) -> None:
    """Raise a ValueError unless `wrt` takes part in the graph as something that has a derivative."""
    if not isinstance(wrt, Value):
        raise TypeError(f"wrt must be a Value, got {wrt!r} ({type(wrt).__name__})")
    if wrt not in graph.index:
        raise ValueError(f"{graph.output!r} does not depend on {wrt!r}: there is no path between them in the graph")
    if wrt.is_constant:
        raise ValueError(
            f"{wrt!r} is a constant of the expression: it has no derivative. Wrap the number, Value(...), to ask for one"
        )


def _nodes(output: Value) -> list[Value]:
    """The nodes behind a value, leaves included, parents first and in operand order, without recursion."""
    nodes: dict[Value, None] = {}
    entered: set[Value] = set()
    stack: list[tuple[Value, bool]] = [(output, False)]
    while stack:
        node, done = stack.pop()
        if done:
            nodes[node] = None
        elif node not in entered:
            entered.add(node)
            stack.append((node, True))
            stack += [(parent, False) for parent in reversed(node.parents) if parent not in entered]
    return list(nodes)


def _names(nodes: list[Value], variables: dict[Value, str]) -> dict[Value, str]:
    taken = {node.label for node in nodes}
    names: dict[Value, str] = {}
    count = 0
    for node in nodes:
        name = node.label or (number(node.data) if node.is_constant else variables.get(node, ""))
        while not name:
            count += 1
            numbered = f"v{count}".translate(SUBSCRIPTS)
            name = "" if numbered in taken else numbered
        names[node] = name
    return names


def _caller_variables(nodes: dict[Value, int]) -> dict[Value, str]:
    """The variables of the code that called this package, and of its module, that hold one of these nodes: `x`, or `w[0]`."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and frame.f_code.co_filename.startswith(PACKAGES):
        frame = frame.f_back
    found: dict[Value, str] = {}
    scopes = (frame.f_locals, frame.f_globals) if frame else ()
    for held_in in (_alone, _in_list):  # a variable of its own is the better name
        for scope in scopes:
            for name, held in list(scope.items()):
                if name.isidentifier() and not name.startswith("_"):  # private, IPython's history, pytest's own variables
                    found.update(
                        (value, name + place) for value, place in held_in(held) if value in nodes and value not in found
                    )
    return found


def _alone(held: Any) -> Iterator[tuple[Value, str]]:
    if isinstance(held, Value):
        yield held, ""


def _in_list(held: Any) -> Iterator[tuple[Value, str]]:
    if type(held) in (list, tuple, Bundle):
        for position, item in enumerate(held):
            if isinstance(item, Value):
                yield item, f"[{position}]"
            elif type(item) in (list, tuple, Bundle):
                yield from ((v, f"[{position}][{k}]") for k, v in enumerate(item) if isinstance(v, Value))
