"""The graph as a Graphviz picture: every value with its name, its formula, its number and its gradient."""

from __future__ import annotations

import html
import itertools
import math
import os
import sys
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import graphviz  # type: ignore[import-untyped]

from autograd_lite.errors import counted
from autograd_lite.notation import number
from autograd_lite.value import Value
from visualize.files import write_whole
from visualize.graph import Derivatives, Graph
from visualize.layers import Layer, find_layers, is_neuron, parameters_of, weights_on_edges
from visualize.rendering import QUICK, Picture

FONT = "Helvetica,Arial,DejaVu Sans Condensed,sans-serif"  # all as wide as Arial: text fits wherever a picture is opened
END = '<br align="left"/>'  # of a line
CONTROLS = {c: chr(0x2400 + c) for c in range(32) if c != 10} | {127: "␡"}  # characters that XML cannot hold, as their pictures


@dataclass(frozen=True)
class Theme:
    """Colours of a picture, as `#rrggbb`. Positive is blue and negative orange: told apart with any kind of colour vision."""

    page: str
    ink: str
    quiet: str  # secondary text
    line: str
    node: str
    badge: str
    group: str
    positive: str  # the fill at the largest gradient
    negative: str


THEMES = {
    "light": Theme("#ffffff", "#1a2330", "#5b6675", "#7b8796", "#f6f8fa", "#dfe5ec", "#eef1f5", "#85b8f2", "#f7ac5f"),
    "dark": Theme("#11161d", "#eef2f7", "#a3afbf", "#7d8a9b", "#1f2731", "#36424f", "#19202a", "#1f62b5", "#a5560c"),
}

MOST_WORK = 4_000_000  # of `layout_work`, to which Graphviz's time is about proportional: one to four seconds
MOST_POLISHED = 100_000  # the same, with polish


def draw(
    value: Value,
    *,
    local_derivatives: bool = False,
    colors: bool = False,
    names: bool = True,
    theme: str = "light",
    limit: int = 100,
) -> Picture:
    """Draw the graph that computed a value: inputs on the left, the value on the right.

    Each value is one box with its operation's symbol, its name and formula, its number and its gradient. A weight that one
    neuron alone uses sits on the way from the input that it multiplies. Neurons that share their inputs are framed as a layer.

    Arguments:
        value: the end of the graph; call its `backward()` first to see gradients.
        local_derivatives: write on each edge the derivative of the result by the operand; their product along a path is the
            chain rule.
        colors: colour the boxes by the gradient's sign and size.
        names: call values without a label as the variables of the calling code that hold them.
        theme: "light" or "dark".
        limit: the most boxes to draw. A larger graph is folded: each layer to one box, then what is furthest from `value` to
            one; a note says what was folded. So is a graph whose edges are too many and too long to be laid out in seconds.

    Raises:
        TypeError: `value` is not a Value.
        ValueError: an unknown theme, or a limit below 2.

    Example:
        >>> from autograd_lite import Value, tanh
        >>> from visualize import draw
        >>> w, x = Value(0.5), Value(2.0)
        >>> y = tanh(w * x)
        >>> y.backward()
        >>> picture = draw(y)
        >>> print(picture.source)  # doctest: +ELLIPSIS
        digraph {
        ...
    """
    graph = Graph(value, names)
    return Drawing(graph, _theme(theme), local_derivatives, colors, _checked_limit(limit)).picture()


def to_svg(value: Value, **options: Any) -> str:
    """The picture of `draw(value, **options)` as the text of an SVG file.

    Example:
        >>> from autograd_lite import Value
        >>> from visualize import to_svg
        >>> "<svg" in to_svg(Value(2.0, "a") * 3)
        True
    """
    return str(draw(value, **options).pipe("svg", encoding="utf-8"))


def save(value: Value, path: str | os.PathLike[str], **options: Any) -> Path:
    """Write a picture to a file, in the format that its suffix names.

    Arguments:
        value: the end of the graph.
        path: ends in .svg, .png, .pdf or .dot for the picture of `draw`, or in .html for the page of `stepper`.
        options: those of `draw`, or of `stepper`.

    Returns:
        The path.

    Raises:
        ValueError: the suffix is unknown.
        OSError: the file cannot be written.

    Example:
        >>> import tempfile
        >>> from autograd_lite import Value
        >>> from visualize import save
        >>> with tempfile.TemporaryDirectory() as directory:
        ...     save(Value(2.0, "a") * 3, f"{directory}/product.svg").name
        'product.svg'
    """
    path = Path(path)
    suffix = path.suffix.lower()
    if suffix == ".html":
        from visualize.stepper import stepper  # its page holds a picture, so it needs this room

        content = stepper(value, **options).encode()
    elif suffix == ".dot":
        content = draw(value, **options).source.encode()
    elif suffix in (".svg", ".png", ".pdf"):
        content = draw(value, **options).pipe(suffix[1:])
    else:
        raise ValueError(
            f"cannot save {str(path)!r}: the suffix {suffix!r} is unknown; known are .svg, .png, .pdf, .dot and .html"
        )
    write_whole(path, content)
    return path


# The drawing


@dataclass(frozen=True, eq=False)
class Fold:
    """A box that stands for many nodes."""

    title: str
    lines: tuple[str, ...]
    nodes: tuple[Value, ...]


class Drawing:
    """One picture of a graph, in the making."""

    def __init__(
        self,
        graph: Graph,
        theme: Theme,
        local_derivatives: bool = False,
        colors: bool = False,
        limit: int = 100,
        width: int = 0,
    ) -> None:
        self.graph = graph
        self.theme = theme
        self.local_derivatives = local_derivatives
        self.colors = colors
        self.width = width  # of the numbers, in points, where they are to change
        self.layers = find_layers(graph)
        self.boxes, self.notes = folded(graph, self.layers, limit)
        while (work := layout_work(graph, self.boxes)) > MOST_WORK:
            count = len(set(self.boxes.values()))
            self.boxes, self.notes = folded(graph, self.layers, max(2, int(count * min(0.9, math.cbrt(MOST_WORK / work)))))
            self.notes.append("fewer boxes than the limit: so many long edges would take minutes to lay out")
        shown = {box for box in self.boxes.values() if isinstance(box, Value)}
        self.on_edge = {w: a for w, a in weights_on_edges(graph).items() if w in shown and a in shown}
        gradients = [_within_floats(value.grad) for value in shown if not value.is_constant]
        self.largest = max((abs(gradient) for gradient in gradients if math.isfinite(gradient)), default=0) or 1
        if colors and not any(gradients):
            self.colors = False
            self.notes.append("no colours: every gradient is 0; backward() makes them")
        self.derivatives = Derivatives()

    def picture(self) -> Picture:
        """The graph in the DOT language."""
        theme = self.theme
        framed = [layer for layer in self.layers if self.boxes.get(layer.sums[0]) is layer.sums[0]]
        picture = Picture(
            graph_attr={
                "rankdir": "LR",
                "bgcolor": theme.page,
                "fontname": FONT,
                "fontcolor": theme.quiet,
                "fontsize": "11",
                "nodesep": "0.18",
                "ranksep": "0.25" if self.local_derivatives else "0.45",
                "pad": "0.2",
                "labelloc": "b",
                "label": self.caption(),
                **(QUICK if self.is_large() else {} if framed else {"ordering": "in"}),  # operands from the top in their order
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
        frames: dict[Value | Fold, str] = {}  # the frame that a box is in
        for position, layer in enumerate(framed):
            frames |= dict.fromkeys(layer.nodes, f"cluster_{position}")
        for box in dict.fromkeys(self.boxes.values()):
            if box not in frames:
                self.box(picture, box)
        for layer in framed:
            with picture.subgraph(name=frames[layer.sums[0]]) as frame:
                self.layer(frame, layer)
        for tail, head, attributes, derivative in self.edges():
            start, end = self.identifier(tail), self.identifier(head)
            if derivative:  # a node of its own on the way, so that one can tell which edge it belongs to
                middle = f"{attributes['id']}-{start}"
                shared = frames.get(tail) if frames.get(tail) == frames.get(head) else None
                with picture.subgraph(name=shared) as around:
                    around.node(
                        middle, f"<{derivative}>", id=middle, shape="plain", style="", fontsize="10", **{"class": "derivative"}
                    )
                picture.edge(start, middle, **{**attributes, "arrowhead": "none"})
                start = middle
            picture.edge(start, end, **attributes)
        return picture

    def layer(self, frame: Any, layer: Layer) -> None:
        """Draw the neurons of a layer in their frame, from the top in their order."""
        frame.attr(
            label=f"layer {layer.level}",
            labelloc="t",
            style="rounded,filled",
            color=self.theme.group,
            fillcolor=self.theme.group,
            fontsize="12",
            margin="12",
        )
        for column in (layer.parameters, layer.sums, layer.outputs):
            shown = [node for node in column if self.boxes.get(node) is node]
            for node in shown:
                self.box(frame, node)
            with frame.subgraph() as rank:
                rank.attr(rank="same")
                for above, below in itertools.pairwise(map(self.identifier, shown)):
                    rank.edge(below, above, style="invis")  # inside a frame Graphviz counts from the bottom

    def is_large(self) -> bool:
        """Whether polishing the layout would take Graphviz long."""
        boxes = {box for box in self.boxes.values() if isinstance(box, Value)}
        return len(boxes) > 150 or layout_work(self.graph, self.boxes) > MOST_POLISHED

    def identifier(self, box: Value | Fold) -> str:
        """What a box is called in the DOT and SVG text."""
        return f"n{self.graph.index[box if isinstance(box, Value) else box.nodes[0]]}"

    def edge_identifier(self, node: Value, position: int) -> str:
        """What the edge to a node from its parent at this position is called."""
        return f"e{self.graph.index[node]}-{position}"

    def way(self, node: Value, position: int) -> list[str]:
        """The edges on the way to a node from its parent at this position: two, if the weight's box is between."""
        weight = self.weight_between(node, position)
        positions = [position] if weight is None else [position, node.parents.index(weight)]
        return [self.edge_identifier(node, place) for place in positions]

    def box(self, picture: Any, box: Value | Fold) -> None:
        """Draw a box."""
        identifier = self.identifier(box)
        if isinstance(box, Fold):
            rows = "".join(f'<tr><td align="left">{_escaped(line, self.theme.quiet)}</td></tr>' for line in box.lines)
            title = f'<tr><td align="left"><b>{_escaped(box.title)}</b></td></tr>'
            table = f'<<table border="0" cellborder="0" cellspacing="1">{title}{rows}</table>>'
            picture.node(identifier, table, id=identifier, style="rounded,filled,dashed", tooltip=" ")
            return
        fill = {"fillcolor": self.fill(box.grad)} if self.colors and not box.is_constant else {}
        if box.is_constant:
            fill = {"style": "rounded,filled,dashed"}
        picture.node(identifier, f"<{self.label(box)}>", id=identifier, tooltip=self.tooltip(box), **fill)

    def label(self, node: Value) -> str:
        """What is written in a node's box, in Graphviz's HTML."""
        quiet = self.theme.ink if self.colors else self.theme.quiet  # on a strong colour grey would be hard to read
        if node.is_constant:
            cell = f"<tr><td>{_escaped(number(node.data))}</td></tr>"
            return f'<table border="0" cellborder="0" cellspacing="0" cellpadding="3">{cell}</table>'
        name, formula = self.graph.name(node), self.graph.formula(node) if node.operands else ""
        title = f"<b>{_escaped(name)}</b>" + (_escaped(f" = {formula}", quiet) if formula else "")
        times = _escaped("× ", quiet) if node in self.on_edge else ""
        rows = "".join(
            f'<tr><td align="left">{_escaped(word, quiet)}</td>'
            f'<td align="right" width="{self.width}">  {_escaped(number(shown))} </td></tr>'
            for word, shown in (("data", node.data), ("grad", node.grad))
        )
        badge = (
            f'<td rowspan="3" bgcolor="{self.theme.badge}" style="rounded" width="26" cellpadding="4">'
            f"<b>{_escaped(node.primitive.symbol)}</b></td>"
            if node.operands
            else ""
        )
        return (
            '<table border="0" cellborder="0" cellspacing="0" cellpadding="2">'
            f'<tr>{badge}<td colspan="2" align="left">{times}{title}{END if END in title else " "}</td></tr>{rows}</table>'
        )

    def tooltip(self, node: Value) -> str:
        """The numbers in full, for when the pointer rests on the box."""
        gradient = "" if node.is_constant else f", grad {node.grad}"
        shown = f"{self.graph.name(node)}: data {node.data}{gradient}"
        return str(graphviz.escape(html.escape(drawable(shown).replace("\n", " "))))

    def fill(self, gradient: Any) -> str:
        """The colour of a gradient: the root of its size, so that small ones are still told from zero."""
        gradient = _within_floats(gradient)
        if not math.isfinite(gradient):
            return self.theme.node
        return _mixed(
            self.theme.node,
            self.theme.positive if gradient > 0 else self.theme.negative,
            math.sqrt(min(1, abs(gradient) / self.largest)),
        )

    def edges(self) -> Iterator[tuple[Value | Fold, Value | Fold, dict[str, str], str]]:
        """The edges: the boxes at their ends, how they look, and the derivative on them."""
        drawn: set[tuple[Value | Fold, Value | Fold]] = set()
        for node in self.graph.nodes:
            head = self.boxes[node]
            for position, parent in enumerate(node.parents):
                tail = self.boxes[parent]
                if isinstance(tail, Fold) or isinstance(head, Fold):
                    if tail is not head and (tail, head) not in drawn:
                        yield tail, head, {"style": "dashed"}, ""
                        drawn.add((tail, head))
                    continue
                attributes = {"id": self.edge_identifier(node, position)}
                shown = self.local_derivatives and not parent.is_constant
                derivative = f"  {_escaped(number(self.derivatives.number(node, position)))}  " if shown else ""
                multiplied_by = self.weight_between(node, position)
                if multiplied_by is None:
                    yield parent, node, attributes, derivative
                else:  # the input reaches the neuron through the weight's box
                    yield parent, multiplied_by, {**attributes, "arrowhead": "none"}, derivative

    def weight_between(self, node: Value, position: int) -> Value | None:
        """The weight on the edge from a neuron's input at this position among its parents, if it is drawn there."""
        if not is_neuron(node):
            return None
        weights = node.operands[0]
        place = position - len(weights)
        if 0 <= place < len(weights) and weights[place] in self.on_edge:
            return weights[place]  # type: ignore[no-any-return]
        return None

    def caption(self) -> str:
        """What is below the picture: the legends and what was folded."""
        theme = self.theme
        rows = []
        if self.colors:
            steps = [share * float(self.largest) for share in (-1, -0.5, -0.1, 0, 0.1, 0.5, 1)]
            swatches = "".join(
                f'<td width="46" bgcolor="{self.fill(step)}" border="1" color="{theme.line}">'
                f"{_escaped(number(step), theme.ink)}</td>"
                for step in steps
            )
            cells = f"<td>{_escaped('grad ')}</td>{swatches}"
            rows.append(f'<table border="0" cellborder="0" cellspacing="0" cellpadding="3"><tr>{cells}</tr></table>')
        if self.local_derivatives:
            rows.append(_escaped("on an edge: the local derivative, of the result by the operand"))
        rows += [_escaped(note) for note in self.notes]
        if not rows:
            return ""
        cells = "".join(f"<tr><td>{row}</td></tr>" for row in rows)
        return f'<<table border="0" cellborder="0" cellspacing="4">{cells}</table>>'


def folded(graph: Graph, layers: list[Layer], limit: int) -> tuple[dict[Value, Value | Fold], list[str]]:
    """The box that each node is drawn in: itself, or one it is folded into; and notes that say what was folded."""
    boxes: dict[Value, Value | Fold] = {node: node for node in graph.nodes}
    notes: list[str] = []
    if len(boxes) <= limit:
        return boxes, notes
    if layers:
        inputs = [_folded_inputs(layer) for layer in layers if reads_many_leaves(layer)]
        for fold in [*map(_folded_layer, layers), *inputs]:
            boxes.update(dict.fromkeys(fold.nodes, fold))
        count = sum(isinstance(box, Fold) for box in boxes.values())
        notes.append(f"folded: {count:,} nodes into {len(layers):,} layers{' and their inputs' if inputs else ''}")
    kept = _nearest(graph, boxes, limit - 1)
    rest = tuple(node for node in graph.nodes if boxes[node] not in kept)
    if rest:
        far = Fold(f"… {len(rest):,} nodes", ("further from the output",), rest)
        boxes.update(dict.fromkeys(rest, far))
        if layers:
            notes = [f"folded: {sum(isinstance(box, Fold) for box in kept):,} boxes for layers and their inputs"]
        notes.append(f"not drawn: {len(rest):,} of {len(graph.nodes):,} nodes, those furthest from the output")
    return boxes, notes


def layout_work(graph: Graph, boxes: dict[Value, Value | Fold]) -> float:
    """What Graphviz's time grows with: the ranks that edges pass, and the pairs of edges side by side that may cross."""
    shown = [node for node in graph.nodes if boxes[node] is node]
    rank: dict[Value, int] = {}
    leaf_rank: dict[Value, int] = {}  # a leaf stands just before the first node that uses it
    for node in shown:
        rank[node] = max((rank.get(parent, 0) + 1 for parent in node.parents), default=0)
        for parent in node.parents:
            if parent in rank and not parent.operands:
                leaf_rank[parent] = min(leaf_rank.get(parent, rank[node]), rank[node] - 1)
    rank |= leaf_rank
    passed: Counter[Value | Fold] = Counter()  # ranks, by the box that the edges come from: those from one box do not cross
    for node in shown:
        folds: set[Value | Fold] = set()
        for parent in node.parents:
            box = boxes[parent]
            if box not in folds:
                passed[box] += rank[node] - rank.get(parent, 0)
            if isinstance(box, Fold):  # from which one edge stands for all
                folds.add(box)
    total = passed.total()
    pairs = total**2 - sum(ranks**2 for ranks in passed.values())
    return 40 * total + pairs / max(1, max(rank.values(), default=1))


def _nearest(graph: Graph, boxes: dict[Value, Value | Fold], limit: int) -> set[Value | Fold]:
    """The boxes nearest the output, by the number of edges, at most `limit`."""
    first = boxes[graph.output]
    kept: set[Value | Fold] = {first}
    queue = deque([first])
    while queue and len(kept) < limit:
        box = queue.popleft()
        for node in box.nodes if isinstance(box, Fold) else (box,):
            for parent in node.parents:
                behind = boxes[parent]
                if behind not in kept and len(kept) < limit:
                    kept.add(behind)
                    queue.append(behind)
    return kept


def _folded_layer(layer: Layer) -> Fold:
    neurons, activation = len(layer.sums), layer.activation
    outputs = layer.outputs or layer.sums
    lines = [f"{counted(neurons, 'neuron', ',')}{f', {activation}' if activation else ''}"]
    used = len({parameter for neuron in layer.sums for parameter in parameters_of(neuron)})
    shared = ", shared" if used > len(layer.parameters) else ""  # with a layer that they were first used in
    lines.append(f"{len(layer.sums[0].operands[1]):,} inputs, {used:,} parameters{shared}")
    lines.append(f"outputs {_range([node.data for node in outputs])}")
    if layer.parameters:
        lines.append(f"grad {_range([node.grad for node in layer.parameters])}")
    return Fold(f"layer {layer.level}", tuple(lines), tuple(layer.nodes))


def reads_many_leaves(layer: Layer) -> bool:
    """Whether a layer's inputs are too many to draw: a picture's pixels, a sample's features."""
    inputs = layer.sums[0].operands[1]
    return len(inputs) > 8 and not any(value.operands for value in inputs)


def _folded_inputs(layer: Layer) -> Fold:
    inputs = tuple(dict.fromkeys(layer.sums[0].operands[1]))
    return Fold("inputs", (f"{len(inputs):,} numbers", _range([value.data for value in inputs])), inputs)


def _range(numbers: list[Any]) -> str:
    low, high = number(min(numbers)), number(max(numbers))
    return low if low == high else f"{low} … {high}"


def _within_floats(gradient: Any) -> float:
    """A gradient as a float; a whole number or a fraction beyond them as the largest."""
    try:
        return float(gradient)
    except OverflowError:
        return sys.float_info.max if gradient > 0 else -sys.float_info.max


def _escaped(label: str, color: str = "") -> str:
    """Any text as the same characters in a Graphviz label; a newline breaks the line."""
    escaped = html.escape(drawable(label)).replace("\\", "\\\\")  # Graphviz reads \N even here
    escaped = escaped.replace("\n", END)
    return f'<font color="{color}">{escaped}</font>' if color and escaped else escaped or " "


def drawable(label: str) -> str:
    """A text without what no file can hold: control characters as their pictures, half a character as a question mark."""
    return label.translate(CONTROLS).encode(errors="replace").decode()


def _mixed(start: str, end: str, share: float) -> str:
    parts = [(int(start[i : i + 2], 16), int(end[i : i + 2], 16)) for i in (1, 3, 5)]
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in parts)


def _theme(name: str) -> Theme:
    if not isinstance(name, str) or name not in THEMES:
        raise ValueError(f"unknown theme {name!r}: known are {', '.join(map(repr, THEMES))}")
    return THEMES[name]


def _checked_limit(limit: int) -> int:
    if not isinstance(limit, int) or limit < 2:
        raise ValueError(f"limit must be a whole number of at least 2, got {limit!r}")
    return limit
