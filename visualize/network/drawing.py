"""`draw` for a network: the layout, drawn by Graphviz at just these places."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from autograd_lite.basics.checks import one_of, whole_number, wrong_type
from autograd_lite.basics.escaping import LINE_END, in_label, in_tooltip, isolated
from autograd_lite.notation import number
from autograd_lite.value import Value
from visualize.graph.inputs import with_inputs
from visualize.graph.nodes import Graph
from visualize.network.layout import HEADING, RADIUS, NetworkLayout, Place
from visualize.network.model import Network, NetworkLayer, activations_of, parts_of, sizes_of
from visualize.network.path import path_of
from visualize.network.recorded import recorded_network
from visualize.picture.drawing import FONT
from visualize.picture.rendering import Picture, in_theme
from visualize.picture.themes import GradientColors, Theme, mixed

WEIGHTS, GRADIENTS = "weights", "gradients"
THIN, THICK = 0.6, 4.0  # edges, in points
WEDGES = 6  # of a circle whose number is none: more would meet where it is written
APART = '<br/><font point-size="2"> </font><br/>'  # a subscript reaches down to the number
ROOM = 2 * math.sqrt(RADIUS**2 - 11**2)  # the width of a node where its number stands: that reaches 11 points below the middle
LARGEST = "16.6,9.3"  # of a picture, in inches of 96 pixels: less than 1600 × 900; what is larger shrinks as a whole
FRAME = 9  # from the nodes of a layer to its frame
LETTER = 0.6  # the width of a digit, in its size, at most


def draw_network(
    subject: Network | Value,
    *,
    highlight: Any = None,
    sample: Sequence[Any] | None = None,
    edges: str = WEIGHTS,
    theme: str = "auto",
    limit: int = 16,
) -> Picture:
    """Draw a network as a textbook does: a column of nodes for each layer, an edge for each weight.

    An edge is the wider the larger its weight, blue above 0 and orange below. Its label is written where there is room; resting
    on an edge or a node shows name and numbers.

    Arguments:
        subject: an MLP, or another model of layers of neurons; or the end of a graph that one has computed, which is drawn with
            the activations in it.
        highlight: a derivation, or (l, j, k) of a weight or (l, j) of a node: the way from there to the loss is drawn strongly.
        sample: the inputs of one sample: nodes show their activations, by number and by colour.
        edges: "weights", or "gradients" for those of the latest `backward()`.
        theme: "light", "dark", or "auto": that of the notebook in a notebook, and light elsewhere.
        limit: the most nodes of a column, at least 4; one of more is folded, and says how many are left out.

    Raises:
        TypeError: the model is not made of layers of neurons; a sample for a graph, which has its own.
        ValueError: an unknown choice; a weight or node that the model does not have; a graph without layers one after another.
    """
    one_of("edges", edges, (WEIGHTS, GRADIENTS))
    whole_number("limit", limit, 4)
    if not isinstance(subject, Value):
        parts = parts_of(subject)
        activations, names = None if sample is None else activations_of(subject, sample), None
    elif sample is not None:
        raise wrong_type("sample", "left out for a graph, which has the activations of the sample that it is of", sample)
    else:
        graph = with_inputs(Graph(subject))
        network = recorded_network(graph)
        if network is None:
            raise ValueError("view='network' needs a graph of layers of neurons, one after another: draw it as a graph")
        parts, activations = network.parts(), network.activations()
        names = [[graph.name(value) for value in column] for column in network.columns]
    return in_theme(theme, lambda chosen: NetworkDrawing(parts, activations, names, highlight, edges, chosen, limit).picture())


class NetworkDrawing:
    """One picture of a network, in the making.

    Arguments:
        parts: its layers.
        activations: the numbers of the nodes of each layer, if they are shown.
        names: what the nodes are called; None for the documents' names.
        loss: what is written of the loss, which then stands behind the last layer; "" where only a highlighted way leads to it.
        highlight, edges, theme, limit: those of `draw_network`.
    """

    def __init__(
        self,
        parts: Sequence[NetworkLayer],
        activations: Sequence[Sequence[float]] | None,
        names: Sequence[Sequence[str]] | None,
        highlight: Any,
        edges: str,
        theme: Theme,
        limit: int,
        loss: str = "",
    ) -> None:
        self.parts, self.activations, self.names = parts, activations, names
        sizes = sizes_of(self.parts)
        self.theme = theme
        self.path = path_of(highlight, sizes)
        self.layout = NetworkLayout(sizes, limit, self.path.keep() if self.path else (), bool(loss) or self.path is not None)
        self.loss = loss or "C₀"
        self.of_gradients = edges == GRADIENTS
        visible = replace(self.theme, node=self.theme.badge)  # from which the colour of an edge begins: its label needs a line
        self.colors = GradientColors(visible, [self._size(l, j, k) for l, j, k in self._edges()])
        if self.activations:
            shown = zip(self.layout.columns, self.activations, strict=True)
            self.fills = GradientColors(self.theme, [numbers[j] for column, numbers in shown for j in column.nodes])

    def picture(self) -> Picture:
        """The network in the DOT language, each thing at its place."""
        theme, height = self.theme, self.layout.height
        picture = Picture(
            graph_attr={
                "layout": "nop",  # everything has its place
                "bgcolor": theme.page,
                "splines": "line",
                "outputorder": "edgesfirst",
                "pad": "0.1",
                "size": LARGEST,
                "fontname": FONT,
            },
            node_attr={"fontname": FONT, "fontcolor": theme.ink, "fontsize": "11", "shape": "plain"},
            edge_attr={"arrowhead": "none", "color": theme.line, "headclip": "false", "tailclip": "false"},
            format="svg",
        )
        self.sheet, self.height = picture, height
        self._draw_frames()
        self._draw_nodes()  # first those that the path does not touch: their edges are drawn first, too
        self._draw_edges()
        self._draw_headings()
        self._draw_caption()
        return picture

    # Edges

    def _edges(self) -> Iterator[tuple[int, int, int]]:
        """The weights between nodes that are drawn."""
        for l in range(1, len(self.layout.columns)):
            for j in self.layout.columns[l].nodes:
                for k in self.layout.columns[l - 1].nodes:
                    yield l, j, k

    def _size(self, l: int, j: int, k: int) -> Any:
        weight = self.parts[l - 1].weights[j][k]
        return weight.grad if self.of_gradients else weight.data

    def _draw_edges(self) -> None:
        """The edges, the largest last, and those of the path behind them, so that they lie above."""

        def height(edge: tuple[int, int, int]) -> tuple[bool, float]:
            return self.path is not None and self.path.has_edge(*edge), abs(float(self._size(*edge)))

        edges = sorted(self._edges(), key=height)
        for l, j, k in edges:
            self._draw_edge(l, j, k)
        if self.layout.loss is not None:
            last = len(self.layout.columns) - 1
            for j in self.layout.columns[last].nodes:
                on = self._is_on_path(last, j)
                color = self.theme.ink if on else self._faded(self.theme.line) if self.path else self.theme.line
                self.sheet.edge(_node(last, j), "loss", color=color, penwidth="1.6" if on else "0.8")

    def _draw_edge(self, l: int, j: int, k: int) -> None:
        weight = self.parts[l - 1].weights[j][k]
        size = self._size(l, j, k)
        share = min(1.0, abs(float(size)) / float(self.colors.largest)) if math.isfinite(size) else 0.0
        color, width = self.colors.of(size), THIN + (THICK - THIN) * share
        style = "solid" if math.isfinite(size) else "dashed"  # the hatch of a line
        on_path = self.path is None or self.path.has_edge(l, j, k)
        if not on_path:
            color, width = self._faded(color), THIN
        elif self.path is not None:
            width = max(width, 2 * THIN)
        chosen = self.path is not None and self.path.is_chosen(l, j, k)
        if chosen:
            color, width = self.theme.ink, max(width, 3.0)
        name = weight.label or f"w {j} {k}"
        told = _named(name, f" = {number(weight.data)}, grad {number(weight.grad)}")
        look = {"color": color, "penwidth": f"{width:.2f}", "style": style, "tooltip": told}
        self.sheet.edge(_node(l - 1, k), _node(l, j), id=f"w-{l}-{j}-{k}", **look)
        if chosen or (self.layout.is_labelled(l) and (on_path or self.path is None)):
            self._write(f"label-{l}-{j}-{k}", self.layout.label(l, j, k), name, 10, self.theme.ink, boxed=True)

    def _is_on_path(self, l: int, j: int) -> bool:
        return self.path is not None and self.path.has_node(l, j)

    def _faded(self, color: str) -> str:
        return mixed(self.theme.page, color, 0.3)

    # Frames, nodes and words

    def _draw_frames(self) -> None:
        """A frame around each layer, behind all else."""
        for l, column in enumerate(self.layout.columns):
            places = [*column.nodes.values(), *column.gaps]
            around = RADIUS + FRAME
            left, right = column.x - around, column.x + around
            top, bottom = (self.height - extreme(place.y for place in places) for extreme in (min, max))
            with self.sheet.subgraph(name=f"cluster_{l}") as frame:
                frame.attr(
                    bb=f"{left:.1f},{bottom - around:.1f},{right:.1f},{top + around:.1f}",
                    style="rounded,filled",
                    color=self.theme.group,
                    fillcolor=self.theme.group,
                    label="",
                )

    def _draw_nodes(self) -> None:
        nodes = [(l, j, place) for l, column in enumerate(self.layout.columns) for j, place in column.nodes.items()]
        for l, j, place in sorted(nodes, key=lambda node: self._is_on_path(*node[:2])):
            self._draw_node(l, j, place)
        for l, column in enumerate(self.layout.columns):
            for place, count in column.gaps.items():
                self._write(f"gap-{l}-{place.y:.0f}", place, f"⋮\n{count:,} more", 10, self.theme.quiet)
        if self.layout.loss is not None:
            self._circle("loss", self.layout.loss, self.loss, self.theme.node, self.theme.ink, "1.6", "the loss")

    def _draw_node(self, l: int, j: int, place: Place) -> None:
        name = self.names[l][j] if self.names else f"a{_below(j)}{_above(l)}"
        fill, text, told = self.theme.node, name, ""
        if self.activations:
            activation = self.activations[l][j]
            fill, text, told = self._fill(activation), f"{name}\n{number(activation)}", f" = {number(activation)}"
        bias = self.parts[l - 1].biases[j] if l else None
        if bias is not None:
            told += f", bias {bias.label or 'b'} = {number(bias.data)}"
        on, ink, line = self._is_on_path(l, j), self.theme.ink, self.theme.ink
        if not on:
            line = self.theme.line
        if not on and self.path is not None:
            ink, line, fill = mixed(self.theme.page, ink, 0.5), self._faded(line), ":".join(map(self._faded, fill.split(":")))
        self._circle(_node(l, j), place, text, fill, line, "1.8" if on else "1", _named(name, told), ink)

    def _fill(self, activation: float) -> str:
        """The colour of a node; of what is not finite the colours of its hatch."""
        return self.fills.of(activation) if math.isfinite(activation) else ":".join(self.fills.stripes(activation)[:WEDGES])

    def _circle(
        self, name: str, place: Place, text: str, fill: str, line: str, width: str, told: str, ink: str | None = None
    ) -> None:
        self.sheet.node(
            name,
            _in_circle(text),
            id=name,
            pos=self._position(place),
            shape="circle",
            style="wedged" if ":" in fill else "filled",
            fixedsize="true",
            width=f"{2 * RADIUS / 72:.3f}",
            fillcolor=fill,
            color=line,
            penwidth=width,
            fontcolor=ink or self.theme.ink,
            fontsize="10" if "\n" in text else "11",
            tooltip=told,
        )

    def _draw_headings(self) -> None:
        last = len(self.layout.columns) - 1
        for l, column in enumerate(self.layout.columns):
            what = "input" if l == 0 else self.parts[l - 1].activation
            size = f"{column.size:,} nodes" if column.gaps else ""
            output = ", output" if l == last else ""
            text = "\n".join(filter(None, [f"layer {l}{output}", what, size]))
            self._write(f"layer-{l}", Place(column.x, HEADING / 2), text, 11, self.theme.quiet)

    def _draw_caption(self) -> None:
        colors, what = self.colors, "gradient" if self.of_gradients else "weight"
        if colors.all_zero:
            told = f"every {what} drawn is 0" + ("; backward() makes gradients" if self.of_gradients else "")
        else:
            told = f"an edge is a {what}: blue above 0, orange below, the widest {number(colors.largest)} in size"
        if not all(math.isfinite(self._size(*edge)) for edge in self._edges()):
            told += "; dashed: infinite or no number"
        place = Place(self.layout.width / 2, self.layout.height - 6)
        self._write("caption", place, told, 10, self.theme.quiet)

    def _write(self, name: str, place: Place, text: str, size: int, ink: str, boxed: bool = False) -> None:
        """Words at a place; `boxed`: on the colour of the page, over an edge."""
        style = (
            {"shape": "box", "style": "filled,rounded", "fillcolor": self.theme.page, "color": self.theme.page} if boxed else {}
        )
        box = {"margin": "0.01,0.005", "height": "0.1", "width": "0.1", "class": "label"} if boxed else {}
        self.sheet.node(
            name, _centred(text), id=name, pos=self._position(place), fontsize=str(size), fontcolor=ink, **style, **box
        )

    def _position(self, place: Place) -> str:
        return f"{place.x:.1f},{self.height - place.y:.1f}"  # Graphviz counts from below


def _centred(text: str) -> str:
    """Words as a Graphviz label, each line in the middle."""
    return f"<{in_label(text).replace(LINE_END, '<br/>')}>"


def _named(name: str, told: str) -> str:
    """A tooltip: what something is called, and what is told of it."""
    return isolated(in_tooltip(name)) + in_tooltip(told)


def _in_circle(text: str) -> str:
    """The name of a node as a label, and below it perhaps a number, in letters so small that it fits in."""
    name, _, below = text.partition("\n")
    if not below:
        return _centred(name)
    sizes = [min(most, ROOM / (LETTER * len(text))) for most, text in ((10, name), (9, below))]
    shown = [f'<font point-size="{size:.1f}">{in_label(text)}</font>' for size, text in zip(sizes, (name, below), strict=True)]
    return f"<{APART.join(shown)}>"


def _node(l: int, j: int) -> str:
    return f"a-{l}-{j}"


def _below(j: int) -> str:
    return str(j).translate(str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉"))


def _above(l: int) -> str:
    return f"⁽{str(l).translate(str.maketrans('0123456789', '⁰¹²³⁴⁵⁶⁷⁸⁹'))}⁾"
