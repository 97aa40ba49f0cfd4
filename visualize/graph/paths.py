"""The paths from the output of a graph to one of its values, and the derivatives along them."""

from __future__ import annotations

from typing import Any, TypeAlias

from autograd_lite.graph.derivatives import each_local_derivative
from autograd_lite.graph.order import topological_order
from autograd_lite.value import Value
from visualize.graph.nodes import Graph

Edge: TypeAlias = tuple[Value, int]  # a node, and the position of one of its parents


def check_connected(graph: Graph, wrt: Value) -> None:
    """Check that `wrt` takes part in the graph as something that has a derivative.

    Raises:
        ValueError: it does not.
    """
    if wrt not in graph.index:
        raise ValueError(f"{graph.output!r} does not depend on {wrt!r}: there is no path between them in the graph")
    if wrt.is_constant:
        raise ValueError(
            f"{wrt!r} is a constant of the expression: it has no derivative. Wrap the number, Value(...), to ask for one"
        )


def nodes_between(graph: Graph, wrt: Value) -> set[Value]:
    """The nodes on the paths from the output to `wrt`, both included: those that depend on it."""
    between, stack = {wrt}, [wrt]
    while stack:
        users = {user for user, _ in graph.users[stack.pop()]} - between
        between |= users
        stack += users
    return between


def count_paths(graph: Graph, wrt: Value, between: set[Value]) -> int:
    """How many paths lead from the output to `wrt`, counted without walking them, since they may be too many."""
    counts = {wrt: 1}
    for node in graph.nodes:
        if node in between and node is not wrt:
            counts[node] = sum(counts.get(parent, 0) for parent in node.parents)
    return counts[graph.output]


def all_paths(output: Value, wrt: Value, between: set[Value]) -> list[list[Edge]]:
    """Every path as its edges, from the output on, in operand order."""
    found: list[list[Edge]] = []
    walked: list[Edge] = []
    stack: list[tuple[Value, int, Edge | None]] = [(output, 0, None)]  # a node, its depth, the edge that led there
    while stack:
        node, depth, edge = stack.pop()
        if edge is not None:
            walked[depth - 1 :] = [edge]
        if node is wrt:
            found.append(walked[:depth])
            continue
        steps = [(parent, depth + 1, (node, position)) for position, parent in enumerate(node.parents) if parent in between]
        stack += reversed(steps)
    return found


def adjoints(output: Value, between: set[Value]) -> dict[Value, Any]:
    """The derivative of the output by each of these nodes, summed in the order of `backward`, without touching any `grad`."""
    found: dict[Value, Any] = dict.fromkeys(between, 0)
    found[output] = type(output.data)(1)
    for node in reversed(topological_order(output)):
        if node in between:
            for parent, local in each_local_derivative(node, node.data, node.inputs, between):
                found[parent] += found[node] * local
    return found
