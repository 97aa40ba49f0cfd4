"""Formulas that the page fills in, with names or with the numbers of the moment."""

from __future__ import annotations

from autograd_lite.basics.escaping import in_file, in_html, isolated
from autograd_lite.notation import definition
from visualize.graph.formulas import DOWN, PIECES, UP, PrintWriter, in_place, parts, places
from visualize.graph.nodes import Graph

LONGEST_TITLE = 100  # characters of a formula in a heading; of a longer one the last operation
EXPONENT = {UP: True, DOWN: False}  # where an exponent begins, and where it ends


def tokens(formula: str) -> list[str | int | bool]:
    """A formula as its texts and, between them, the numbers of nodes; true begins an exponent, and false ends it."""
    found: list[str | int | bool] = []
    for part in parts(formula):
        pieces = [part] if isinstance(part, int) else filter(None, PIECES.split(part))
        found += [piece if isinstance(piece, int) else EXPONENT.get(piece, in_file(piece)) for piece in pieces]
    return found


def title_of(graph: Graph) -> list[str | int | bool]:
    """The result and its formula in the leaves, as tokens; of a long one its last operation."""
    output, place = graph.output, places(graph)
    if not output.operands:
        return [graph.index[output]]
    whole = PrintWriter(lambda node: None if node.operands else place(node)).write(output)[0]
    shown = "".join(part if isinstance(part, str) else graph.name(graph.nodes[part]) for part in parts(whole))
    if len(shown) > LONGEST_TITLE:
        whole = PrintWriter(definition(output, place)).write(output)[0]
    return tokens(f"{in_place(graph.index[output])} = {whole}")


def in_heading(graph: Graph, title: list[str | int | bool], up: str = "<sup>", down: str = "</sup>") -> str:
    """A title as HTML: names that run from right to left are set apart, and `up` and `down` stand around an exponent."""

    def written(token: str | int | bool) -> str:
        if isinstance(token, bool):
            return up if token else down
        return in_html(token) if isinstance(token, str) else isolated(in_html(graph.name(graph.nodes[token])))

    return "".join(map(written, title))
