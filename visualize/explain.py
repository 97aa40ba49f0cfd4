"""The chain rule, term by term: the derivative of an output by one value, path by path or node by node."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TypeVar, overload

from autograd_lite.basics.checks import whole_number
from autograd_lite.basics.elsewhere import answers_calls
from autograd_lite.basics.escaping import in_terminal
from autograd_lite.notation import latex, text
from autograd_lite.value import Value
from visualize.explanation import Explanation, Explanations, Gap, Sum, Term, WrittenFactor
from visualize.graph.derivatives import Derivatives, passes
from visualize.graph.nodes import Graph, check_value
from visualize.graph.paths import Edge, adjoints, all_paths, check_connected, count_paths, nodes_between

Item = TypeVar("Item")


@overload
def explain(
    output: Value, wrt: Value | str, *, max_paths: int = ..., max_items: int | None = ..., names: bool = ...
) -> Explanation: ...


@overload
def explain(
    output: Value, wrt: None = None, *, max_paths: int = ..., max_items: int | None = ..., names: bool = ...
) -> Explanations: ...


@answers_calls
def explain(
    output: Value, wrt: Value | str | None = None, *, max_paths: int = 12, max_items: int | None = 12, names: bool = True
) -> Explanation | Explanations:
    """Derive the derivative of `output` by `wrt`, term by term.

    Arguments:
        output: the end of the graph.
        wrt: the value to differentiate by, anywhere in the graph, or its name; if not given, each leaf that has a name.
        max_paths: when more paths lead from `output` to `wrt`, it is explained node by node.
        max_items: of a longer path, sum or list of nodes the first and the last ones are shown, so many in all (at least 2),
            and those between are counted; None shows all.
        names: call values without a label as the variables of the calling code that hold them.

    Raises:
        TypeError: `output` is not a Value, or `wrt` neither one nor a name.
        ValueError: `output` does not depend on `wrt`, `wrt` is a constant, or no name or that of several values; `max_paths` is
            below 0 or `max_items` below 2.
        StaleGraphError: a leaf was changed after `output` was computed from it.

    Example:
        >>> from autograd_lite import Value
        >>> from visualize import explain
        >>> x, w = Value(3.0, "x"), Value(0.5, "w")
        >>> y = w * x + x
        >>> print(explain(y, wrt=x))
        ∂y/∂x by the chain rule: 2 paths; multiply along each, add the products
        <BLANKLINE>
        path 1: y ← v₁ ← x
          ∂y/∂v₁ · ∂v₁/∂x
          = 1 · w
          = 1 · 0.5
          = 0.5
        <BLANKLINE>
        path 2: y ← x
          ∂y/∂x
          = 1
        <BLANKLINE>
        ∂y/∂x = 0.5 + 1 = 1.5
    """
    whole_number("max_paths", max_paths, 0)
    if max_items is not None:
        whole_number("max_items", max_items, 2)
    graph = Graph(check_value("output", output), names)
    if wrt is None:
        return Explanations(_explained(graph, leaf, max_paths, max_items) for leaf in graph.named_leaves())
    value = graph.named(wrt) if isinstance(wrt, str) else check_value("wrt", wrt)
    return _explained(graph, value, max_paths, max_items)


def _explained(graph: Graph, wrt: Value, max_paths: int, max_items: int | None) -> Explanation:
    """The explanation of one derivative."""
    check_connected(graph, wrt)
    between = nodes_between(graph, wrt)
    paths = count_paths(graph, wrt, between)
    by_paths = paths <= max_paths
    terms = _Terms(graph, between, max_items)
    sums = [terms.over_paths(wrt)] if by_paths else terms.node_by_node()
    return Explanation(terms.adjoints[wrt], paths, tuple(sums), by_paths, terms.name(graph.output), terms.name(wrt))


class _Terms:
    """Puts the derivatives of one graph into sums, terms and factors: as symbols, as formulas and as numbers."""

    def __init__(self, graph: Graph, between: set[Value], max_items: int | None) -> None:
        self.graph = graph
        self.between = between
        self.max_items = max_items
        self.adjoints = adjoints(graph.output, between)
        self.derivatives = Derivatives()

    # Sums

    def over_paths(self, wrt: Value) -> Sum:
        """The derivative by `wrt` as the sum over all paths to it."""
        paths = all_paths(self.graph.output, wrt, self.between)
        return self._sum(wrt, [self._along(path) for path in paths if path])

    def node_by_node(self) -> list[Sum | Gap]:
        """The derivative by each node on the way as the sum over its users, from the output on."""
        nodes = [node for node in reversed(self.graph.nodes) if node in self.between]
        return [node if isinstance(node, Gap) else self._over_users(node) for node in _ends(nodes, self.max_items)]

    def _over_users(self, node: Value) -> Sum:
        uses = _ends([edge for edge in self.graph.users[node] if edge[0] in self.between], self.max_items)
        return self._sum(node, [edge if isinstance(edge, Gap) else self._through(edge) for edge in uses])

    def _sum(self, node: Value, terms: Sequence[Term | Gap]) -> Sum:
        return Sum(*self._symbols(self.graph.output, node), tuple(terms), self.adjoints[node])

    # Terms

    def _along(self, path: list[Edge]) -> Term:
        """The product along a path."""
        names = [self.name(self.graph.output)]
        factors: list[WrittenFactor | Gap] = []
        for edge in _ends(path, self.max_items):
            if isinstance(edge, Gap):
                names.append(str(edge))
                factors.append(edge)
                continue
            node, position = edge
            parents = node.parents
            twice = sum(parent is parents[position] for parent in parents) > 1
            names.append(self.name(parents[position]) + (f" (operand {position + 1})" if twice else ""))
            factors.append(self._local(edge))
        passed = all(passes(*edge) for edge in path)  # a choice passes nothing on, not even 0 times infinity
        value = math.prod(self.derivatives.number(*edge) for edge in path) if passed else 0
        return Term(" ← ".join(names), tuple(factors), value)

    def _through(self, edge: Edge) -> Term:
        """What a node's derivative owes to one of its users."""
        (user, _), output, local = edge, self.graph.output, self._local(edge)
        if user is output:
            return Term(self.name(user), (local,), local.value)
        symbol, latex_symbol = self._symbols(output, user)
        adjoint = WrittenFactor(symbol, symbol, latex_symbol, latex_symbol, self.adjoints[user])
        return Term(self.name(user), (adjoint, local), adjoint.value * local.value if passes(*edge) else 0)

    # Factors

    def _local(self, edge: Edge) -> WrittenFactor:
        """A local derivative. What is not a node of the graph, but part of the rule's formula, is written out."""
        node, position = edge
        index, latex_name, derivatives = self.graph.index, self.graph.latex_name, self.derivatives
        symbol, latex_symbol = self._symbols(node, node.parents[position])
        return WrittenFactor(
            symbol,
            derivatives.formula(node, position, lambda part: self.name(part) if part in index else None, text),
            latex_symbol,
            derivatives.formula(node, position, lambda part: latex_name(part) if part in index else None, latex),
            derivatives.number(node, position),
        )

    def _symbols(self, of: Value, by: Value) -> tuple[str, str]:
        """The derivative of one by the other as a symbol: as text, and in LaTeX."""
        latex_name = self.graph.latex_name
        return (
            f"∂{self.name(of)}/∂{self.name(by)}",
            rf"\frac{{\partial {latex_name(of)}}}{{\partial {latex_name(by)}}}",
        )

    def name(self, node: Value) -> str:
        """What a node is called in the text of the explanation."""
        return in_terminal(self.graph.name(node))


def _ends(items: Sequence[Item], most: int | None) -> list[Item | Gap]:
    """The items; of more than `most` the first and the last ones, and how many there are between."""
    if most is None or len(items) <= most:
        return list(items)
    first, last = most - most // 2, most // 2
    return [*items[:first], Gap(len(items) - most), *items[len(items) - last :]]
