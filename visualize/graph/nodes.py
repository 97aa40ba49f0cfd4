"""The graph behind a value as pictures need it: its nodes in order, what they are called, and who uses them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path
from typing import Any

from autograd_lite.basics.checks import wrong_type, wrong_value
from autograd_lite.graph.moments import check_current, is_differentiated
from autograd_lite.graph.order import topological_order
from autograd_lite.graph.variables import callers_variables, folder_of
from autograd_lite.notation import definition, latex, latex_name, number, text
from autograd_lite.value import Value
from visualize.graph.names import names_of
from visualize.graph.walks import operands_first

MOST_NAMES = 10  # in a message
OWN = (folder_of(Path(__file__).parent),)  # no user's code


@dataclass(frozen=True, eq=False)
class GivenClass:
    """A class that a loss was given.

    Attributes:
        shares: leaves, 1 for the class and 0 for the others.
        weight: the plain number that multiplies what was picked by the class, which may be that of this class alone.
    """

    shares: Sequence[Value]
    weight: Value | None = None


class Graph:
    """All nodes that `output` depends on, each after its parents, with a name for each.

    A node is called by its label; without one by the name of the variable that holds it, if `names`; else v₁, v₂ … in the order
    of computation. A constant is called by its number.

    Raises:
        StaleGraphError: a leaf was changed after `output` was computed from it.
    """

    def __init__(self, output: Value, names: bool = True) -> None:
        self.output = output
        check_current(topological_order(output), OWN)
        self.nodes = operands_first(output, lambda node: node.parents)
        self.differentiated = is_differentiated(output)
        self.index = {node: position for position, node in enumerate(self.nodes)}
        self.variables = callers_variables(self.index, OWN) if names else {}
        self.names = names_of(self.nodes, self.variables)
        self.given: set[Value] = set()  # leaves that stand for plain numbers: see `visualize.graph.inputs`
        self.classes: list[GivenClass] = []  # of those, the shares of classes

    def gradient(self, node: Value) -> str:
        """A node's gradient; "?" where there is none yet, since no `backward()` has reached the output."""
        return number(node.grad) if self.differentiated else "?"

    def name(self, node: Value) -> str:
        """What a node is called, as text."""
        return self.names[node]

    def latex_name(self, node: Value) -> str:
        """What a node is called, in LaTeX."""
        return latex(node.data) if node.is_constant else latex_name(self.names[node])

    def formula(self, node: Value) -> str:
        """How a node was computed from its parents, as text."""
        return text(node, definition(node, self.names.get))

    def named_leaves(self) -> list[Value]:
        """The leaves that have a name of their own, in the order of computation; all leaves if none has."""
        leaves = [node for node in self.nodes if not node.operands and not node.is_constant]
        named = [leaf for leaf in leaves if leaf.label or leaf in self.variables]
        if not leaves:
            raise ValueError(f"{self.output!r} is a plain number, or computed from plain numbers: it depends on nothing")
        return named or leaves

    def named(self, name: str) -> Value:
        """The value of that name.

        Raises:
            ValueError: there is none, or there are several.
        """
        found = [node for node in self.nodes if self.names[node] == name and not node.is_constant]
        if len(found) == 1:
            return found[0]
        if found:
            raise ValueError(f"{len(found)} values in this graph are called {name!r}: give the Value itself, or other labels")
        known = [self.names[node] for node in self.nodes if not node.is_constant]
        close = get_close_matches(name, known, 3) or known[:MOST_NAMES]
        raise wrong_value("the name of a value", f"one that is in the graph, such as {', '.join(map(repr, close))}", name)

    @cached_property
    def users(self) -> dict[Value, list[tuple[Value, int]]]:
        """For each node the nodes computed from it, each with the position among that node's parents."""
        users: dict[Value, list[tuple[Value, int]]] = {node: [] for node in self.nodes}
        for node in self.nodes:
            for position, parent in enumerate(node.parents):
                users[parent].append((node, position))
        return users

    @cached_property
    def uses(self) -> Counter[Value]:
        """How often each node is an operand of another."""
        return Counter(parent for node in self.nodes for parent in node.parents)


def check_value(name: str, given: Any) -> Value:
    """An argument that has to be a Value.

    Raises:
        TypeError: it is something else.
    """
    if not isinstance(given, Value):
        raise wrong_type(name, "a Value", given)
    return given
