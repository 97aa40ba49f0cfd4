"""What is written in the boxes of a picture, and below it, in Graphviz's HTML."""

from __future__ import annotations

from collections.abc import Sequence

from autograd_lite.escaping import LINE_END, in_label, in_tooltip
from autograd_lite.notation import number
from autograd_lite.value import Value
from visualize.graph.nodes import Graph
from visualize.picture.folding import Fold
from visualize.picture.themes import GradientColors, Theme


class Labels:
    """The labels of one picture.

    Arguments:
        graph: where the names and formulas are from.
        theme: the picture's colours.
        on_color: whether the boxes have strong colours, on which grey would be hard to read.
        width: of the numbers, in points, where they are to change; 0 for their own.
    """

    def __init__(self, graph: Graph, theme: Theme, on_color: bool, width: int) -> None:
        self.graph = graph
        self.theme = theme
        self.quiet = theme.ink if on_color else theme.quiet
        self.width = width

    def value(self, node: Value, multiplies: bool) -> str:
        """A value's symbol, name and formula, number and gradient; `multiplies`: it is a weight on the way from an input."""
        name, formula = self.graph.name(node), self.graph.formula(node) if node.operands else ""
        title = f"<b>{in_label(name)}</b>" + (in_label(f" = {formula}", self.quiet) if formula else "")
        times = in_label("× ", self.quiet) if multiplies else ""
        end = LINE_END if LINE_END in title else " "
        heading = f'<tr>{self._badge(node)}<td colspan="2" align="left">{times}{title}{end}</td></tr>'
        rows = self._row("data", number(node.data)) + self._row("grad", self.graph.gradient(node))
        return f'<table border="0" cellborder="0" cellspacing="0" cellpadding="2">{heading}{rows}</table>'

    def constant(self, node: Value) -> str:
        """A constant's number."""
        cell = f"<tr><td>{in_label(number(node.data))}</td></tr>"
        return f'<table border="0" cellborder="0" cellspacing="0" cellpadding="3">{cell}</table>'

    def fold(self, fold: Fold) -> str:
        """What a box of many nodes says of them."""
        title = f'<tr><td align="left"><b>{in_label(fold.title)}</b></td></tr>'
        rows = "".join(f'<tr><td align="left">{in_label(line, self.theme.quiet)}</td></tr>' for line in fold.lines)
        return f'<table border="0" cellborder="0" cellspacing="1">{title}{rows}</table>'

    def tooltip(self, node: Value) -> str:
        """The numbers in full, for when the pointer rests on the box."""
        gradient = "" if node.is_constant or not self.graph.differentiated else f", grad {node.grad}"
        return in_tooltip(f"{self.graph.name(node)}: data {node.data}{gradient}")

    def _badge(self, node: Value) -> str:
        if not node.operands:
            return ""
        return (
            f'<td rowspan="3" bgcolor="{self.theme.badge}" style="rounded" width="26" cellpadding="4">'
            f"<b>{in_label(node.primitive.symbol)}</b></td>"
        )

    def _row(self, word: str, shown: str) -> str:
        return (
            f'<tr><td align="left">{in_label(word, self.quiet)}</td>'
            f'<td align="right" width="{self.width}">  {in_label(shown)} </td></tr>'
        )


def caption(rows: Sequence[str]) -> str:
    """What is below a picture: legends and notes, a row each."""
    if not rows:
        return ""
    cells = "".join(f"<tr><td>{row}</td></tr>" for row in rows)
    return f'<<table border="0" cellborder="0" cellspacing="4">{cells}</table>>'


def gradient_legend(colors: GradientColors) -> str:
    """The colours of a few gradients, from the largest below 0 to the largest above, with their numbers."""
    steps = [share * float(colors.largest) for share in (-1, -0.5, -0.1, 0, 0.1, 0.5, 1)]
    line, ink = colors.theme.line, colors.theme.ink
    swatches = "".join(
        f'<td width="46" bgcolor="{colors.of(step)}" border="1" color="{line}">{in_label(number(step), ink)}</td>'
        for step in steps
    )
    cells = f"<td>{in_label('grad ')}</td>{swatches}"
    return f'<table border="0" cellborder="0" cellspacing="0" cellpadding="3"><tr>{cells}</tr></table>'
