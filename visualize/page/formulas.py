"""Formulas that the page fills in, with names or with the numbers of the moment."""

from __future__ import annotations

from autograd_lite.basics.escaping import in_file
from autograd_lite.notation import definition, text
from visualize.graph.formulas import in_place, parts, places
from visualize.graph.nodes import Graph

LONGEST_TITLE = 100  # characters of a formula in a heading; of a longer one the last operation


def tokens(formula: str) -> list[str | int]:
    """A formula as its texts and, between them, the numbers of nodes."""
    return [in_file(part) if isinstance(part, str) else part for part in parts(formula)]


def title_of(graph: Graph) -> str:
    """The result and its formula in the leaves; of a long one its last operation. Names are marks for their places."""
    output, place = graph.output, places(graph)
    if not output.operands:
        return in_place(graph.index[output])
    whole = text(output, lambda node: None if node.operands else place(node))
    shown = "".join(part if isinstance(part, str) else graph.name(graph.nodes[part]) for part in parts(whole))
    return (
        f"{in_place(graph.index[output])} = {whole if len(shown) <= LONGEST_TITLE else text(output, definition(output, place))}"
    )
