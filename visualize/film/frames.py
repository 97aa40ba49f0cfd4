"""The pictures of the steps: the graph at the same places in each, with the numbers and gradients that there are so far."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Sequence

from autograd_lite.basics.checks import wrong_value
from autograd_lite.basics.escaping import from_left, in_label
from autograd_lite.notation import number
from autograd_lite.value import Value
from visualize.film.steps import FilmStep, steps_of
from visualize.graph.nodes import Graph
from visualize.picture.drawing import Drawing
from visualize.picture.labels import Labels
from visualize.picture.rendering import Picture
from visualize.picture.themes import HIGHLIGHTS, THEMES, Theme

MOST = 200  # nodes
WIDTH = 72  # points, of the numbers, whatever they become
NARROWEST = 420  # points, of what is written below the graph
LETTER = 7.2  # points, about
SET_APART = re.compile("([\u2068\u2069])")  # what is around a name that runs from right to left
ENDS = ((min, -1), (max, 1))  # of an extent: the least of the left sides, the most of the right ones


def frames(graph: Graph, theme: str, rankdir: str) -> Iterator[Picture]:
    """A picture for each step of both passes, all of one size.

    Raises:
        ValueError: the graph is too large, or had to be folded to be laid out.
    """
    if len(graph.nodes) > MOST:
        told = f"{len(graph.nodes):,}"
        raise wrong_value("the graph of a film", f"of up to {MOST} nodes", graph, "take a part of it, or draw() it", told)
    steps = list(steps_of(graph))
    layout = Frame(graph, THEMES[theme], rankdir, steps[0])
    if layout.notes:
        raise ValueError("a film shows every node, and the edges of this graph are too many and too long to lay out")
    places = layout.laid_out()
    left, right = (side(x + sign * places.sizes[name][0] / 2 for name, (x, _) in places.nodes.items()) for side, sign in ENDS)
    width = max(NARROWEST, right - left)
    captions = [_caption(step, place, len(steps), width) for place, step in enumerate(steps)]
    lines = max(map(len, captions))
    for step, caption in zip(steps, captions, strict=True):
        frame = Frame(graph, THEMES[theme], rankdir, step)
        frame.lines, frame.width = caption + [("", False)] * (lines - len(caption)), width
        yield frame.picture(places)


def _caption(step: FilmStep, place: int, count: int, width: float) -> list[tuple[str, bool]]:
    """What is written below a picture, line by line; whether each is to be strong."""
    most = int(width / LETTER)
    formula = [(line, True) for line in textwrap.wrap(step.text, most)]
    note = [(line, False) for line in textwrap.wrap(step.note, most)]
    return [(f"step {place} of {count - 1} · {step.phase}", False), *formula, *note]


class FrameLabels(Labels):
    """The labels of one step: a number that is not known yet is "?"."""

    def __init__(self, graph: Graph, theme: Theme, step: FilmStep) -> None:
        super().__init__(graph, theme, on_color=False, width=WIDTH)
        self.step = step

    def data(self, node: Value) -> str:
        """A value's number, if it is computed already."""
        known = not node.operands or self.graph.index[node] < self.step.known
        return number(node.data) if known else "?"

    def gradient(self, node: Value) -> str:
        """What has arrived of its gradient."""
        return number(self.step.gradients.get(node, 0.0)) if self.step.phase == "backward" else "?"


class Frame(Drawing):
    """The picture of one step, in the making."""

    lines: Sequence[tuple[str, bool]] = ()
    width: float = 0

    def __init__(self, graph: Graph, theme: Theme, rankdir: str, step: FilmStep) -> None:
        super().__init__(graph, theme, limit=len(graph.nodes), rankdir=rankdir, width=WIDTH)
        self.labels = FrameLabels(graph, theme, step)
        self.step = step
        self.highlight = HIGHLIGHTS["light" if theme is THEMES["light"] else "dark"][step.phase == "backward"]

    def look(self, value: Value) -> dict[str, str]:
        """Its border: strong where the step is, dashed where its operands are, dotted where a number is still to come."""
        if value is self.step.target:
            return {"color": self.highlight, "penwidth": "3.5"}
        if value in self.step.sources:
            return {"color": self.highlight, "penwidth": "2", "style": "rounded,filled,dashed"}
        return {"style": "rounded,filled,dotted", "fillcolor": self.theme.page} if self.labels.data(value) == "?" else {}

    def edge_look(self, node: Value, position: int, parent: Value) -> dict[str, str]:
        """The edges that the step goes along are strong."""
        strong = {"color": self.highlight, "penwidth": "2.6"} if (node, position) in self.step.edges else {}
        return {**super().edge_look(node, position, parent), **strong}

    def caption(self) -> str:
        """The step in words, in as many lines as every other one has."""
        rows = "".join(
            f'<tr><td align="left" width="{self.width:.0f}" height="26">{_styled(line, strong, self.theme)}</td></tr>'
            for line, strong in self.lines
        )
        return f'<<table border="0" cellborder="0" cellspacing="2"><tr><td height="4"></td></tr>{rows}</table>>' if rows else ""


def _styled(line: str, strong: bool, theme: Theme) -> str:
    pieces = filter(None, SET_APART.split(line))
    written = from_left("".join(piece if SET_APART.match(piece) else in_label(piece) for piece in pieces)) or " "
    color, size = (theme.ink, 14) if strong else (theme.quiet, 12)
    return f'<font color="{color}" point-size="{size}">{f"<b>{written}</b>" if strong else written}</font>'
