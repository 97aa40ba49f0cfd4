"""One picture of a graph: its boxes, the frames of its layers, and its edges."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from operator import attrgetter
from typing import Any, TypeAlias

from autograd_lite.basics.escaping import in_label
from autograd_lite.notation import number
from autograd_lite.value import Value
from visualize.graph.derivatives import Derivatives
from visualize.graph.layers import LayerNodes, find_layers, in_batches, inputs_of, is_neuron, weights_of, weights_on_edges
from visualize.graph.nodes import Graph
from visualize.picture.folding import Box, Boxes, Fold, folded_to_fit, is_large
from visualize.picture.labels import Labels, caption, gradient_legend
from visualize.picture.places import Places, laid_out
from visualize.picture.rendering import QUICK, STRAIGHT, Picture
from visualize.picture.themes import GradientColors, Theme
from visualize.picture.wrapping import HEIGHT, Turn, in_rows, wrapped

FONT = "Helvetica,Arial,DejaVu Sans Condensed,sans-serif"  # all as wide as Arial: text fits wherever a picture is opened
FRAME = {"labelloc": "t", "style": "rounded,filled", "fontsize": "12", "margin": "12"}  # how all frames look
PILL = {"class": "derivative", "fontsize": "10", "margin": "0.03,0.01", "height": "0.1", "penwidth": "0.6"}  # on an edge
COLUMNS = [attrgetter(name) for name in ("parameters", "sums", "outputs")]  # of a layer, from left to right

Frame: TypeAlias = tuple[str, ...]  # the frames around a box, from the outermost on


@dataclass(frozen=True)
class Arrow:
    """An edge of a picture: the boxes at its ends, how it looks, and the local derivative that is written on it, if any."""

    tail: Box | Turn
    head: Box | Turn
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
        boxes: the box of each node, if that was decided before.
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
        boxes: Boxes | None = None,
    ) -> None:
        self.graph = graph
        self.theme = theme
        self.local_derivatives = local_derivatives
        self.rankdir = rankdir
        self.layers = find_layers(graph)
        self.boxes, self.notes = folded_to_fit(graph, self.layers, limit) if boxes is None else (boxes, [])
        shown = {box for box in self.boxes.values() if isinstance(box, Value)}
        self.on_edge = {w: a for w, a in weights_on_edges(graph).items() if w in shown and a in shown}
        self.colors = GradientColors(theme, [value.grad for value in shown if not value.is_constant]) if colors else None
        if self.colors and (self.colors.all_zero or not graph.differentiated):
            self.colors = None
            self.notes.append(f"no colours: {'every gradient is 0' if graph.differentiated else 'there are no gradients yet'}")
        self.lacks_gradients = not graph.differentiated and not width
        self.labels = Labels(graph, theme, on_color=self.colors is not None, width=width)
        self.derivatives = Derivatives()
        self.framed = [layer for layer in self.layers if self.boxes.get(layer.sums[0]) is layer.sums[0]]
        self.frames: dict[Box | Turn, Frame] = self._frames()
        self.rows = None if self.framed or boxes else in_rows(self._lines(), self._step())
        self.is_large = self.rows is None and is_large(graph, self.boxes)
        self.row_of: dict[str, int] = {}  # of everything that is drawn, by its name
        self.turns: list[tuple[Turn, Turn]] = []

    def _lines(self) -> list[tuple[Box, Box]]:
        """The boxes that edges lead from and to, in the order of computation."""
        ends = ((self.boxes[parent], self.boxes[node]) for node in self.graph.nodes for parent in node.parents)
        return [(tail, head) for tail, head in ends if tail is not head]

    def _step(self) -> float:
        """About how long a step of a row is, in points: a letter has about 6, what is around the letters 70."""
        written = [len(self.graph.name(node)) + len(self.graph.formula(node)) for node in self.graph.nodes if node.operands]
        return 70 + 6 * sum(written[:100]) / max(1, len(written[:100])) if self.rankdir == "LR" else HEIGHT

    def _frames(self) -> dict[Box | Turn, Frame]:
        """The frames that boxes are in: that of the layer, and in it that of the sample."""
        frames: dict[Box | Turn, Frame] = {}
        for position, runs in enumerate(in_batches(self.framed)):
            for layer in runs:
                frames |= dict.fromkeys(layer.parameters, (f"cluster_{position}",))
                inner = (f"cluster_{position}_{layer.sample}",) if layer.sample else ()
                frames |= dict.fromkeys(layer.sums + layer.outputs, (f"cluster_{position}", *inner))
        return frames

    def picture(self, places: Places | None = None) -> Picture:
        """The graph in the DOT language; where everything stands, if Graphviz alone would not put it there."""
        places = self.places() if places is None else places
        picture = self._sheet()
        if places.nodes:
            picture.graph_attr["layout"] = "nop2"  # everything has its place
        self._draw([picture], places)
        return picture

    def places(self) -> Places:
        """Where everything stands in a picture that Graphviz lays out in parts; of another one nothing is known yet."""
        in_parts = self.rows is not None or any(layer.sample for layer in self.framed)
        return self.laid_out() if in_parts else Places()

    def laid_out(self) -> Places:
        """Where everything stands."""
        sheets = [self._sheet() for _ in (self.rows.first if self.rows else [0])]
        self._draw(sheets, Places())
        places = laid_out(sheets)
        if self.rows is not None:
            return wrapped(places, self.row_of, self.turns, self.rankdir)
        for layer in self.framed:
            if layer.sample:
                around = [self._identifier(box) for box in (*layer.sums, *layer.outputs)]
                places.put_frame(self.frames[layer.sums[0]][-1], self._title(layer.sums[0]), around)
        return places

    def _draw(self, sheets: Sequence[Picture], places: Places) -> None:
        """Draw everything: on one sheet, or each row on its own."""
        for box in dict.fromkeys(self.boxes.values()):
            if box not in self.frames:
                self._draw_box(sheets[self._row(box) % len(sheets)], box, places)
        for runs in in_batches(self.framed):
            self._draw_layer(sheets[0], runs, places)
        for arrow in self._arrows():
            for part in self._in_rows(arrow, sheets, places):
                self._draw_arrow(sheets[self._row(part.tail) % len(sheets)], part, places)

    def _row(self, box: Box | Turn) -> int:
        return box.row if isinstance(box, Turn) else self.rows.of[box] if self.rows else 0

    def way(self, node: Value, position: int) -> list[str]:
        """The edges on the way to a node from its parent at this position: two, if the weight's box is between."""
        weight = self._weight_between(node, position)
        positions = [position] if weight is None else [position, position - len(weights_of(node))]  # the weights come first
        return [self._edge_identifier(node, place) for place in positions]

    def _sheet(self) -> Picture:
        """A picture with nothing on it. Where there are no frames, operands stand in their order, from the top."""
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
                "label": self.caption(),
                **self._polish(),
            },
            node_attr={
                "shape": "box",
                "style": "rounded,filled",
                "color": theme.line,
                "fillcolor": theme.node,
                "fontname": FONT,
                "fontcolor": theme.ink,
                "fontsize": "12",
                "margin": "0.08,0.03",
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

    def _polish(self) -> dict[str, str]:
        """How well the picture is to be laid out: of a large one edges between layers go around boxes, others straight on."""
        in_order = {"remincross": "false"} if self.framed else {"ordering": "in"}
        return in_order if not self.is_large else {**QUICK, "remincross": "false"} if self.framed else STRAIGHT

    def caption(self) -> str:
        """What is below the picture: the legends and what was folded."""
        rows = [gradient_legend(self.colors)] if self.colors else []
        if self.local_derivatives:
            rows.append(in_label("on an edge: the local derivative, of the result by the operand"))
        if self.lacks_gradients:
            rows.append(in_label("? no gradient yet: backward() computes it"))
        return caption([*rows, *map(in_label, self.notes)])

    # Boxes and frames

    def _draw_box(self, picture: Any, box: Box, places: Places) -> None:
        name = self._identifier(box)
        self.row_of[name] = self._row(box)
        place = places.of_node(name)
        if isinstance(box, Fold):
            picture.node(name, f"<{self.labels.fold(box)}>", id=name, style="rounded,filled,dashed", tooltip=" ", **place)
        elif box.is_constant:
            picture.node(
                name, f"<{self.labels.constant(box)}>", id=name, **self._told(box), style="rounded,filled,dashed", **place
            )
        else:
            label = self.labels.value(box, multiplies=box in self.on_edge)
            picture.node(name, f"<{label}>", id=name, **self._told(box), **self.look(box), **place)

    def _told(self, value: Value) -> dict[str, str]:
        """The tooltip of a box; on a page, where numbers change, the page has its own."""
        return {} if self.labels.width else {"tooltip": self.labels.tooltip(value)}

    def look(self, value: Value) -> dict[str, str]:
        """The attributes of a value's box that say something of it: its colour by its gradient."""
        return self.colors.fill(value.grad) if self.colors else {}

    def edge_look(self, node: Value, position: int, parent: Value) -> dict[str, str]:
        """The attributes of an edge that say something of it: what was computed goes straight on, what joins it bends."""
        return {"weight": "8"} if parent.operands and not self.is_large else {}

    def _draw_layer(self, picture: Any, runs: Sequence[LayerNodes], places: Places) -> None:
        """Draw the neurons of a layer in their frame, those of each sample in one of their own; all in their order."""
        name, theme = self.frames[runs[0].sums[0]][0], self.theme
        columns: list[list[Value]] = [[one for run in runs for one in column(run)] for column in COLUMNS]
        with picture.subgraph(name=name) as frame:
            title = f"layer {runs[0].level}" + (f", {len(runs)} samples" if runs[0].sample else "")
            frame.attr(label=title, color=theme.group, fillcolor=theme.group, **FRAME, **places.of_frame(name))
            for column in columns:
                for node in column:
                    self._draw_box(frame, node, places)
                self._stack(frame, [node for node in column if self.boxes[node] is node], runs, places)
            if runs[0].sample and columns[0]:  # through its weights leads no way: it would stand above the layer before
                for before in (value for value in runs[0].inputs if value in self.frames):
                    picture.edge(self._identifier(before), self._identifier(columns[0][0]), style="invis", weight="10")
            for layer in runs:
                inner = self.frames[layer.sums[0]][-1]
                if layer.sample and places.of_frame(inner):  # Graphviz keeps no order among frames: they come afterwards
                    with frame.subgraph(name=inner) as sample:
                        title = f"sample {layer.sample}"
                        sample.attr(label=title, color=theme.badge, fillcolor=theme.group, **FRAME, **places.of_frame(inner))

    def _stack(self, frame: Any, column: Sequence[Value], runs: Sequence[LayerNodes], places: Places) -> None:
        """Keep boxes in their order, from the top or from the left, with room for the title of each sample's frame."""
        begins = {node for layer in runs if layer.sample for node in (*layer.sums[:1], *layer.outputs[:1])}
        names = []
        for node in column:
            if node in begins:
                names.append(self._title(node))
                frame.node(names[-1], "", height="0.25", width="0.25", style="invis", **places.of_node(names[-1]))
            names.append(self._identifier(node))
        with frame.subgraph() as rank:
            rank.attr(rank="same")
            for pair in itertools.pairwise(names):
                above, below = (
                    pair if self.rankdir == "TB" else reversed(pair)
                )  # inside a frame Graphviz counts from the bottom
                rank.edge(above, below, style="invis")

    def _title(self, first: Value) -> str:
        """What the room for the title of a sample's frame is called, above its first neuron."""
        return f"{self._identifier(first)}-title"

    def _identifier(self, box: Box | Turn) -> str:
        """What a box is called in the DOT and SVG text."""
        if isinstance(box, Turn):
            return box.name
        return f"n{self.graph.index[box.nodes[0] if isinstance(box, Fold) else box]}"

    # Edges

    def _in_rows(self, arrow: Arrow, sheets: Sequence[Picture], places: Places) -> Iterator[Arrow]:
        """An edge in its parts: one from row to row leaves the one at its end and enters the other at its beginning."""
        start, end = self._row(arrow.tail), self._row(arrow.head)
        if start == end:
            yield arrow
            return
        name = self._identifier(arrow.tail)
        leaves, enters = Turn(f"{name}-from", start), Turn(f"{name}-to-{end}", end)
        if (leaves, enters) not in self.turns:
            self.turns.append((leaves, enters))
        for turn in (leaves, enters):
            self._draw_turn(sheets[turn.row % len(sheets)], turn, turn is leaves, places)
        led = {**arrow.attributes, "arrowhead": "none"}
        yield replace(arrow, head=leaves, attributes=led, derivative="")
        if places.nodes:
            yield Arrow(leaves, enters, led)
        yield replace(arrow, tail=enters)

    def _draw_turn(self, picture: Any, turn: Turn, at_end: bool, places: Places) -> None:
        """Keep a place at the end of a row, or at its beginning."""
        self.row_of[turn.name] = turn.row
        picture.node(turn.name, "", shape="point", width="0.01", style="invis", **places.of_node(turn.name))
        if self.rows and not places.nodes:
            last = self._identifier((self.rows.last if at_end else self.rows.first)[turn.row])
            picture.edge(*((last, turn.name) if at_end else (turn.name, last)), style="invis", weight="0")

    def _draw_arrow(self, picture: Any, arrow: Arrow, places: Places) -> None:
        """Draw an edge, or two with a derivative between them as a node of its own: so one can tell which edge it is on."""
        start, end = self._identifier(arrow.tail), self._identifier(arrow.head)
        identifier = arrow.attributes.get("id", "")
        if arrow.derivative:
            name = f"{identifier}-{start}"
            self.row_of[name] = self._row(arrow.head)
            tail, head = (self.frames.get(end, (None,))[0] for end in (arrow.tail, arrow.head))
            with picture.subgraph(name=tail if tail == head else None) as around:
                told, place = arrow.attributes["tooltip"], places.of_node(name)
                around.node(name, f"<{arrow.derivative}>", id=name, tooltip=told, fillcolor=self.theme.page, **PILL, **place)
            picture.edge(start, name, **{**arrow.attributes, "arrowhead": "none"}, **places.of_edge(start, name, identifier))
            start = name
        turned = isinstance(arrow.tail, Turn) and isinstance(arrow.head, Turn)
        picture.edge(start, end, **arrow.attributes, **places.of_edge(start, end, "" if turned else identifier))

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
        attributes = {"id": self._edge_identifier(node, position)}
        if not self.labels.width:  # as of boxes
            attributes["tooltip"] = self.labels.edge(node, position, local)
        attributes |= self.edge_look(node, position, parent)
        derivative = "" if local is None else in_label(number(local))
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
