"""A formula with places for the nodes in it, which each picture fills with names or numbers in its own way."""

from __future__ import annotations

import re
from typing import Any

from autograd_lite.notation import ATOM, Namer, TextWriter, Written, definition, number
from autograd_lite.primitive import Primitive
from autograd_lite.value import Value
from visualize.graph.nodes import Graph

PLACE = re.compile("\ue000(\\d+)\ue001")  # of a node, by its number in the graph
UP, DOWN = "\ue002", "\ue003"  # around an exponent that Unicode has no superscripts for
PIECES = re.compile(f"([{UP}{DOWN}])")
SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
RAISED_NEXT = re.compile(r"[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]| \*\*")  # what begins so raises what stands before it to a power


def in_place(index: int) -> str:
    """What stands in a formula for the node of this number, until it is taken apart."""
    return f"\ue000{index}\ue001"


def places(graph: Graph) -> Namer:
    """Calls a node of the graph by a mark for its place, and a constant by its number."""

    def place(part: Value) -> str | None:
        if part.is_constant:
            return number(part.data)
        return in_place(graph.index[part]) if part in graph.index else None

    return place


def parts(formula: str) -> list[str | int]:
    """A formula as its texts and, between them, the numbers of the nodes."""
    return [int(part) if i % 2 else part for i, part in enumerate(PLACE.split(formula)) if part]


def printed(graph: Graph, node: Value) -> str:
    """How a node was computed from its parents, with exponents raised and no needless brackets, its parents as places."""
    return PrintWriter(definition(node, places(graph))).write(node)[0]


class PrintWriter(TextWriter):
    """Writes a formula as it is printed. Which operand is an exponent, the notation in the table says."""

    def operation(self, primitive: Primitive, operands: list[Written]) -> Written:
        """An operation; of a power the second operand is raised."""
        if len(operands) == 2 and "^{{{1}}}" in primitive.latex:
            base = self.bracketed(operands[0], ATOM)
            exponent = operands[1][0].removesuffix(".0")
            whole = re.fullmatch(r"-?\d+", exponent)
            return base + (exponent.translate(SUPERSCRIPTS) if whole else self.raised(*operands[1])), primitive.precedence
        written, held = super().operation(primitive, operands)
        if "(·)" in primitive.symbol and operands[0][1] == ATOM:
            return primitive.symbol.replace("(·)", operands[0][0]), 3
        return written, held

    def raised(self, exponent: str, held: float) -> str:
        """An exponent that Unicode has no superscripts for, which holds together so strongly."""
        return UP + exponent.removesuffix(".0") + DOWN


class LineWriter(PrintWriter):
    """Writes a formula where no text can be raised: an exponent that is no whole number stands behind **."""

    def raised(self, exponent: str, held: float) -> str:
        """The exponent on the line."""
        return f" ** {self.bracketed((exponent, held), ATOM)}"


def in_line(value: Any, name: Namer) -> str:
    """The expression that computed a value, in a line of text in which whole exponents are raised."""
    return LineWriter(name).write(value)[0]
