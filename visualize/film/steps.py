"""What happens at each step of the forward and of the backward pass, with its formula in names and in numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from autograd_lite.basics.escaping import in_file, isolated
from autograd_lite.notation import definition, number
from autograd_lite.value import Value
from visualize.graph.derivatives import Derivatives, passes
from visualize.graph.formulas import RAISED_NEXT, in_line, parts, places
from visualize.graph.nodes import Graph


@dataclass(frozen=True)
class FilmStep:
    """One step.

    Attributes:
        phase: "start", "forward" or "backward".
        text: what is computed; names that run from right to left are set apart in it.
        note: what is to be said of it.
        target: the value whose number or gradient it is.
        sources: the values that it is computed from.
        edges: along which: a node, and the position of one of its parents.
        known: how many nodes have their number after it, in their order.
        gradients: those that there are after it.
    """

    phase: str
    text: str
    note: str
    target: Value | None
    sources: tuple[Value, ...]
    edges: tuple[tuple[Value, int], ...]
    known: int
    gradients: Mapping[Value, Any]


def steps_of(graph: Graph) -> Iterator[FilmStep]:
    """The steps of both passes, in the order of the page's."""
    yield FilmStep("start", "The leaves have their numbers; the rest is still to be computed.", "", None, (), (), 0, {})
    for position, node in enumerate(graph.nodes):
        if node.operands:
            edges = tuple((node, place) for place in range(len(node.parents)))
            yield FilmStep("forward", _computed(graph, node), "", node, node.parents, edges, position + 1, {})
    yield from _backward(graph)


def _computed(graph: Graph, node: Value) -> str:
    """How a node was computed: in names, in numbers, and what came out."""
    formula = in_line(node, definition(node, places(graph)))
    names = _filled(formula, lambda place: _name(graph, graph.nodes[place]))
    numbers = _filled(formula, lambda place: number(graph.nodes[place].data))
    return f"{_name(graph, node)} = {_chain(names, numbers, number(node.data))}"


def _backward(graph: Graph) -> Iterator[FilmStep]:
    derivatives, output, count = Derivatives(), graph.output, len(graph.nodes)
    gradients: dict[Value, Any] = {output: 1.0}
    note = f"the derivative of {_name(graph, output)} by itself"
    yield FilmStep("backward", f"{_name(graph, output)}.grad = 1.0", note, output, (), (), count, dict(gradients))
    for node in reversed(graph.nodes):
        for position, parent in enumerate(node.parents):
            if parent.is_constant or not passes(node, position):
                continue
            local, gradient = derivatives.number(node, position), gradients.get(node, 0)
            part, before = gradient * local, gradients.get(parent, 0)
            gradients[parent] = before + part
            formula = derivatives.formula(node, position, places(graph), in_line)
            symbols = _filled(formula, lambda place: f"{_name(graph, graph.nodes[place])}.data")
            product = f"{_factor(symbols)} · {_name(graph, node)}.grad"
            line = _chain(product, f"{_factor(number(local))} · {_factor(number(gradient))}", number(part))
            name, after = _name(graph, parent), number(gradients[parent])
            note = f"{name}.grad = {after}"
            if before:
                note = f"added to what is there: {number(before)} + {_factor(number(part))} = {after}"
            edges = ((node, position),)
            yield FilmStep("backward", f"{name}.grad += {line}", note, parent, (node,), edges, count, dict(gradients))


def _name(graph: Graph, node: Value) -> str:
    """What a node is called, for a place within other text."""
    return isolated(in_file(graph.name(node)))


def _filled(formula: str, write: Any) -> str:
    """A formula with something written at its places: a negative number inside it in brackets."""
    found = parts(formula)
    shown = [write(part) if isinstance(part, int) else part for part in found]
    if len(shown) == 1:
        return str(shown[0])
    return "".join(
        f"({one})" if isinstance(part, int) and one.startswith("-") and not _stands_alone(shown, place) else one
        for place, (part, one) in enumerate(zip(found, shown, strict=True))
    )


def _stands_alone(shown: list[str], place: int) -> bool:
    """Whether what stands at a place is first, or an argument of its own, and not raised to a power."""
    before = shown[place - 1] if place else "("
    after = shown[place + 1] if place + 1 < len(shown) else ")"
    if RAISED_NEXT.match(after):
        return False
    return place == 0 or (before.endswith(("(", ", ", ",")) and after.startswith((")", ",")))


def _factor(shown: str) -> str:
    return f"({shown})" if shown.startswith(("-", "−")) or " " in shown else shown


def _chain(*lines: str) -> str:
    """What is equal, each form once."""
    return " = ".join(line for place, line in enumerate(lines) if place == 0 or line != lines[place - 1])
