"""One picture of a graph: its boxes, the frames of its layers, and its edges."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, TypeAlias

from autograd_lite.escaping import in_label
from autograd_lite.notation import number
from autograd_lite.value import Value
from visualize.graph.derivatives import Derivatives
from visualize.graph.layers import Layer, find_layers, in_batches, inputs_of, is_neuron, weights_of, weights_on_edges
from visualize.graph.nodes import Graph
from visualize.picture.folding import Box, Fold, folded_to_fit, is_large
from visualize.picture.labels import Labels, caption, gradient_legend
from visualize.picture.rendering import QUICK, Picture
from visualize.picture.themes import GradientColors, Theme

FONT = "Helvetica,Arial,DejaVu Sans Condensed,sans-serif"  # all as wide as Arial: text fits wherever a picture is opened
FRAME = {"labelloc": "t", "style": "rounded,filled", "fontsize": "12", "margin": "12"}  # how all frames look
COLUMNS = [attrgetter(name) for name in ("parameters", "sums", "outputs")]  # of a layer, from left to right

Frame: TypeAlias = tuple[str, ...]  # the frames around a box, from the outermost on


@dataclass(frozen=True)
class Arrow:
    """An edge of a picture: the boxes at its ends, how it looks, and the local derivative that is written on it, if any."""

    tail: Box
    head: Box
    attributes: dict[str, str]
    derivative: str = ""


class Drawing:
    """One picture of a graph, in the making.

    Arguments:
        graph: what to draw.
        theme: its colours.
        local_derivatives: write them on the edges.
        colors: colour the boxes by their gradients.
        limit: the most boxes.
        rankdir: "LR" or "TB".
        width: of the numbers, in points, where they are to change; 0 for their own.
    """

    def __init__(
        self,
        graph: Graph,
        theme: Theme,
        local_derivatives: bool = False,
        colors: bool = False,
        limit: int = 100,
        rankdir: str = "LR",
        width: int = 0,
    ) -> None:
        self.graph = graph
        self.theme = theme
        self.local_derivatives = local_derivatives
        self.rankdir = rankdir
        self.layers = find_layers(graph)
        self.boxes, self.notes = folded_to_fit(graph, self.layers, limit)
        shown = {box for box in self.boxes.values() if isinstance(box, Value)}
        self.on_edge = {w: a for w, a in weights_on_edges(graph).items() if w in shown and a in shown}
        self.colors = GradientColors(theme, [value.grad for value in shown if not value.is_constant]) if colors else None
        if self.colors and (self.colors.all_zero or not graph.differentiated):
            self.colors = None
            self.notes.append(f"no colours: {'every gradient is 0' if graph.differentiated else 'there are no gradients yet'}")
        self.lacks_gradients = not graph.differentiated and not width
        self.labels = Labels(graph, theme, on_color=self.colors is not None, width=width)
        self.derivatives = Derivatives()

    def picture(self) -> Picture:
        """The graph in the DOT language."""
        framed = [layer for layer in self.layers if self.boxes.get(layer.sums[0]) is layer.sums[0]]
        batches = in_batches(framed)
        frames: dict[Box, Frame] = {}  # the frame that a box is in
        for position, runs in enumerate(batches):
            for layer in runs:
                frames |= dict.fromkeys(layer.parameters, (f"cluster_{position}",))
                inner = (f"cluster_{position}_{layer.sample}",) if layer.sample else ()
                frames |= dict.fromkeys(layer.sums + layer.outputs, (f"cluster_{position}", *inner))
        picture = self._sheet(in_order=not framed)
        if any(len(runs) > 1 for runs in batches):
            picture.graph_attr["newrank"] = "true"  # boxes of several frames stand beside each other
        for box in dict.fromkeys(self.boxes.values()):
            if box not in frames:
                self._draw_box(picture, box)
        for runs in batches:
            self._draw_layer(picture, runs, frames)
        for arrow in self._arrows():
            self._draw_arrow(picture, arrow, frames)
        return picture

    def way(self, node: Value, position: int) -> list[str]:
        """The edges on the way to a node from its parent at this position: two, if the weight's box is between."""
        weight = self._weight_between(node, position)
        positions = [position] if weight is None else [position, node.parents.index(weight)]
        return [self._edge_identifier(node, place) for place in positions]

    def _sheet(self, in_order: bool) -> Picture:
        """A picture with nothing on it; `in_order`: operands stand in their order, from the top."""
        theme = self.theme
        return Picture(
            graph_attr={
                "rankdir": self.rankdir,
                "bgcolor": theme.page,
                "fontname": FONT,
                "fontcolor": theme.quiet,
                "fontsize": "11",
                "nodesep": "0.18",
                "ranksep": "0.25" if self.local_derivatives else "0.45",
                "pad": "0.2",
                "labelloc": "b",
                "label": self._caption(),
                **(QUICK if is_large(self.graph, self.boxes) else {"ordering": "in"} if in_order else {}),
            },
            node_attr={
                "shape": "box",
                "style": "rounded,filled",
                "color": theme.line,
                "fillcolor": theme.node,
                "fontname": FONT,
                "fontcolor": theme.ink,
                "fontsize": "12",
                "margin": "0.04,0.02",
                "height": "0.2",
                "width": "0.2",
                "penwidth": "1",
            },
            edge_attr={
                "color": theme.line,
                "fontname": FONT,
                "fontcolor": theme.ink,
                "fontsize": "10",
                "arrowsize": "0.6",
                "penwidth": "1.1",
            },
            format="svg",
        )

    def _caption(self) -> str:
        """What is below the picture: the legends and what was folded."""
        rows = [gradient_legend(self.colors)] if self.colors else []
        if self.local_derivatives:
            rows.append(in_label("on an edge: the local derivative, of the result by the operand"))
        if self.lacks_gradients:
            rows.append(in_label("? no gradient yet: backward() computes it"))
        return caption([*rows, *map(in_label, self.notes)])

    # Boxes and frames

    def _draw_box(self, picture: Any, box: Box) -> None:
        name = self._identifier(box)
        if isinstance(box, Fold):
            picture.node(name, f"<{self.labels.fold(box)}>", id=name, style="rounded,filled,dashed", tooltip=" ")
        elif box.is_constant:
            label, tooltip = self.labels.constant(box), self.labels.tooltip(box)
            picture.node(name, f"<{label}>", id=name, tooltip=tooltip, style="rounded,filled,dashed")
        else:
            label, tooltip = self.labels.value(box, multiplies=box in self.on_edge), self.labels.tooltip(box)
            fill = self.colors.fill(box.grad) if self.colors else {}
            picture.node(name, f"<{label}>", id=name, tooltip=tooltip, **fill)

    def _draw_layer(self, picture: Any, runs: Sequence[Layer], frames: Mapping[Box, Frame]) -> None:
        """Draw the neurons of a layer in their frame, those of each sample in one of their own; all in their order."""
        level, theme = runs[0].level, self.theme
        columns = [[one for run in runs for one in column(run)] for column in COLUMNS]
        shown = [[node for node in column if self.boxes.get(node) is node] for column in columns]
        for node in itertools.chain(*shown):
            with self._in_frame(picture, frames[node]) as frame:
                self._draw_box(frame, node)
        for layer in runs:
            with self._in_frame(picture, frames[layer.sums[0]][:1]) as frame:
                title = f"layer {level}" + (f", {len(runs)} samples" if layer.sample else "")
                frame.attr(label=title, color=theme.group, fillcolor=theme.group, **FRAME)
            if layer.sample:
                with self._in_frame(picture, frames[layer.sums[0]]) as frame:
                    frame.attr(label=f"sample {layer.sample}", color=theme.badge, fillcolor=theme.group, **FRAME)
        for column in shown:
            self._stack(picture, column, frames)

    def _stack(self, picture: Any, column: Sequence[Value], frames: Mapping[Box, Frame]) -> None:
        """Keep boxes beside each other in their order: from the top, or from the left."""
        shared = os.path.commonprefix([frames[node] for node in column])
        with self._in_frame(picture, tuple(shared)) as around, around.subgraph() as rank:
            rank.attr(rank="same")
            for pair in itertools.pairwise(map(self._identifier, column)):
                first, second = pair if self.rankdir == "TB" else reversed(pair)  # Graphviz counts from the bottom here
                rank.edge(first, second, style="invis")

    @contextmanager
    def _in_frame(self, picture: Any, frame: Frame) -> Iterator[Any]:
        """The part of the picture that is in a frame, which may be in another one."""
        with ExitStack() as opened:
            for name in frame:
                picture = opened.enter_context(picture.subgraph(name=name))
            yield picture

    def _identifier(self, box: Box) -> str:
        """What a box is called in the DOT and SVG text."""
        return f"n{self.graph.index[box.nodes[0] if isinstance(box, Fold) else box]}"

    # Edges

    def _draw_arrow(self, picture: Any, arrow: Arrow, frames: Mapping[Box, Frame]) -> None:
        """Draw an edge, or two with a derivative between them as a node of its own: so one can tell which edge it is on."""
        start, end = self._identifier(arrow.tail), self._identifier(arrow.head)
        if arrow.derivative:
            name = f"{arrow.attributes['id']}-{start}"
            tail, head = frames.get(arrow.tail, ()), frames.get(arrow.head, ())
            shared = tuple(name for name, other in zip(tail, head, strict=False) if name == other)
            with self._in_frame(picture, shared) as around:
                written = f"<{arrow.derivative}>"
                told = arrow.attributes["tooltip"]
                around.node(
                    name, written, id=name, tooltip=told, shape="plain", style="", fontsize="10", **{"class": "derivative"}
                )
            picture.edge(start, name, **{**arrow.attributes, "arrowhead": "none"})
            start = name
        picture.edge(start, end, **arrow.attributes)

    def _arrows(self) -> Iterator[Arrow]:
        """The edges; of those between two boxes, where one is folded, one stands for all."""
        drawn: set[tuple[Box, Box]] = set()
        for node in self.graph.nodes:
            head = self.boxes[node]
            for position, parent in enumerate(node.parents):
                tail = self.boxes[parent]
                if isinstance(tail, Value) and isinstance(head, Value):
                    yield self._arrow(node, position, parent)
                elif tail is not head and (tail, head) not in drawn:
                    yield Arrow(tail, head, {"style": "dashed"})
                    drawn.add((tail, head))

    def _arrow(self, node: Value, position: int, parent: Value) -> Arrow:
        local = self.derivatives.number(node, position) if self.local_derivatives and not parent.is_constant else None
        attributes = {"id": self._edge_identifier(node, position), "tooltip": self.labels.edge(node, position, local)}
        derivative = "" if local is None else f"  {in_label(number(local))}  "
        weight = self._weight_between(node, position)
        if weight is None:
            return Arrow(parent, node, attributes, derivative)
        return Arrow(parent, weight, {**attributes, "arrowhead": "none"}, derivative)  # on to the neuron from the weight's box

    def _edge_identifier(self, node: Value, position: int) -> str:
        """What the edge to a node from its parent at this position is called."""
        return f"e{self.graph.index[node]}-{position}"

    def _weight_between(self, node: Value, position: int) -> Value | None:
        """The weight on the edge from a neuron's input at this position among its parents, if it is drawn there."""
        if not is_neuron(node):
            return None
        weights = weights_of(node)
        place = position - len(weights)  # a neuron's parents are its weights, its inputs and its bias
        return weights[place] if 0 <= place < len(inputs_of(node)) and weights[place] in self.on_edge else None
