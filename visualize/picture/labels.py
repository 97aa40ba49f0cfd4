"""What is written in the boxes of a picture, and below it, in Graphviz's HTML."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from autograd_lite.basics.escaping import LINE_END, from_left, in_label, in_tooltip, isolated, shortened
from autograd_lite.notation import number
from autograd_lite.value import Value
from visualize.graph.formulas import DOWN, PIECES, UP, parts, printed
from visualize.graph.nodes import Graph
from visualize.picture.folding import Fold
from visualize.picture.themes import GradientColors, Theme

LONGEST_IN_FORMULA = 60  # characters of a name
GAP = 3  # points between the symbol and what stands beside it
SHARE = 0.6  # of the width of numbers that change, for one that stands alone in its box
RAISED = {UP: "<sup>", DOWN: "</sup>"}


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
        title = f"<b>{in_label(self.graph.name(node))}</b>" + (self._formula(node) if node.operands else "")
        times = in_label("× ", self.quiet) if multiplies else ""
        end = LINE_END if LINE_END in title else " "
        room = ' height="24" valign="bottom"' if "<sup>" in title else ""  # for an exponent, which Graphviz leaves none
        heading = f'<tr>{self._badge(node)}<td colspan="2" align="left"{room}>{times}{title}{end}</td></tr>'
        rows = self._row("data", self.data(node)) + self._row("grad", self.gradient(node))
        return f'<table border="0" cellborder="0" cellspacing="0" cellpadding="2">{heading}{rows}</table>'

    def data(self, node: Value) -> str:
        """A value's number, as it is shown."""
        return number(node.data)

    def gradient(self, node: Value) -> str:
        """Its gradient, as it is shown."""
        return self.graph.gradient(node)

    def _formula(self, node: Value) -> str:
        """How a value was computed: names that run from right to left are set apart, exponents raised."""
        shown = [" = "]
        for part in parts(printed(self.graph, node)):
            if isinstance(part, int):
                shown.append(isolated(in_label(shortened(self.graph.name(self.graph.nodes[part]), LONGEST_IN_FORMULA))))
            else:
                shown.append("".join(RAISED.get(piece) or in_label(piece) for piece in PIECES.split(part) if piece))
        return f'<font color="{self.quiet}">{from_left("".join(shown))}</font>'

    def constant(self, node: Value) -> str:
        """A constant's number."""
        width = f' width="{self.width * SHARE:.0f}"' if self.width else ""
        cell = f"<tr><td{width}>{in_label(number(node.data))}</td></tr>"
        return f'<table border="0" cellborder="0" cellspacing="0" cellpadding="3">{cell}</table>'

    def fold(self, fold: Fold) -> str:
        """What a box of many nodes says of them."""
        title = f'<tr><td align="left"><b>{in_label(fold.title)}</b></td></tr>'
        rows = "".join(f'<tr><td align="left">{in_label(line, self.theme.quiet)}</td></tr>' for line in fold.lines)
        return f'<table border="0" cellborder="0" cellspacing="1">{title}{rows}</table>'

    def tooltip(self, node: Value) -> str:
        """The numbers in full, for when the pointer rests on the box."""
        gradient = "" if node.is_constant or not self.graph.differentiated else f", grad {node.grad}"
        return f"{self._told(node)}{in_tooltip(f': data {node.data}{gradient}')}"

    def edge(self, node: Value, position: int, derivative: Any) -> str:
        """The tooltip of an edge: from which value to which it leads, and its local derivative, if there is one to be told."""
        parent = node.parents[position]
        local = "" if derivative is None else in_tooltip(f": local derivative {derivative}")
        return f"{self._told(parent)} → {self._told(node)}{local}"

    def _told(self, node: Value) -> str:
        return isolated(in_tooltip(self.graph.name(node)))

    def _badge(self, node: Value) -> str:
        if not node.operands:
            return ""
        return (
            f'<td rowspan="3" bgcolor="{self.theme.badge}" style="rounded" width="26" cellpadding="4">'
            f'<b>{in_label(node.primitive.symbol)}</b></td><td rowspan="3" width="{GAP}"></td>'
        )

    def _row(self, word: str, shown: str) -> str:
        return (
            f'<tr><td align="left">{in_label(word, self.quiet)}</td>'
            f'<td align="right" width="{self.width}">  {in_label(shown)}</td></tr>'
        )


def caption(rows: Sequence[str]) -> str:
    """What is below a picture: legends and notes, a row each."""
    if not rows:
        return ""
    cells = "".join(f"<tr><td>{row}</td></tr>" for row in rows)
    return f'<<table border="0" cellborder="0" cellspacing="4">{cells}</table>>'


def gradient_legend(colors: GradientColors) -> str:
    """The colours of a few gradients, from the largest below 0 to the largest above, with their numbers."""
    sizes = colors.steps()
    line, ink = colors.theme.line, colors.theme.ink
    swatches = "".join(
        f'<td width="46" bgcolor="{colors.of(step)}" border="1" color="{line}">{in_label(number(step), ink)}</td>'
        for step in [*(-size for size in sizes), 0.0, *reversed(sizes)]
    )
    hatches = "".join(
        f'<td border="1" color="{line}">{_hatch(colors.stripes(float(shown)))}</td><td>{in_label(shown, ink)}</td>'
        for shown in colors.not_finite
    )
    cells = f"<td>{in_label('grad ')}</td>{swatches}" + (f"<td> </td>{hatches}" if hatches else "")
    return f'<table border="0" cellborder="0" cellspacing="0" cellpadding="3"><tr>{cells}</tr></table>'


def _hatch(stripes: Sequence[str]) -> str:
    """A swatch with these colours side by side."""
    cells = "".join(f'<td width="8" height="18" cellpadding="0" bgcolor="{color}"></td>' for color in stripes)
    return f'<table border="0" cellborder="0" cellspacing="0" cellpadding="0"><tr>{cells}</tr></table>'
