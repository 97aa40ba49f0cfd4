"""A large graph in parts that a person can look at: its layers, their neurons, and what is before, between and behind them."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from autograd_lite.value import Value
from visualize.graph.inputs import build_anew
from visualize.graph.layers import LayerNodes, output_of
from visualize.graph.nodes import Graph

MOST_BOXES = 200  # values in the picture of one part


@dataclass(frozen=True, eq=False)
class GraphPart:
    """A part of a graph.

    Attributes:
        title: what it is.
        nodes: all that is in it.
        parts: the parts that it has itself; none where its values are shown.
    """

    title: str
    nodes: tuple[Value, ...]
    parts: tuple[GraphPart, ...] = ()


class Excerpt(Graph):
    """Some nodes of a graph, and what they were computed from as leaves. What they are called is what the whole graph says.

    Arguments:
        whole: the graph.
        nodes: those of the excerpt.

    Attributes:
        anew: for each node of the whole graph the one that stands for it here.
        shown: the nodes of the whole graph that are in the excerpt, in their order.
        numbers: their numbers in the whole graph.
    """

    def __init__(self, whole: Graph, nodes: Collection[Value]) -> None:
        inside = set(nodes)
        read = {parent for node in inside for parent in node.parents if parent not in inside}
        self.anew = {value: Value(value.data) if value.operands else value for value in read}
        self.shown = [node for node in whole.nodes if node in inside or node in read]
        build_anew([node for node in self.shown if node in inside], self.anew)
        self.nodes = [self.anew[node] for node in self.shown]
        self.output = self.nodes[-1]
        self.differentiated = whole.differentiated
        self.index = {node: i for i, node in enumerate(self.nodes)}
        self.numbers = [whole.index[node] for node in self.shown]
        self.names = {self.anew[node]: whole.name(node) for node in self.shown}
        self.variables, self.given = {}, set()


def divided(graph: Graph, layers: Sequence[LayerNodes]) -> GraphPart:
    """A graph as the part that has all others: its layers, and in runs what is around them."""
    rooms: list[tuple[str, list[Value], LayerNodes | None]] = [(_title(layer), list(layer.nodes), layer) for layer in layers]
    room_of = {node: i for i, (_, nodes, _) in enumerate(rooms) for node in nodes}
    for i, run in enumerate(_runs(graph, layers), start=len(rooms)):
        room_of |= dict.fromkeys(run, i)
        rooms.append((_between(graph, run), run, None))
    for node in graph.nodes:
        if node not in room_of:  # a leaf that no layer has belongs to what uses it first
            rooms[room_of[graph.users[node][0][0]]][1].append(node)
    order = graph.index
    rooms.sort(key=lambda room: max(order[node] for node in room[1]))
    return GraphPart(
        "all parts",
        tuple(graph.nodes),
        tuple(GraphPart(name, tuple(nodes), _neurons(graph, layer, nodes)) for name, nodes, layer in rooms),
    )


def _title(layer: LayerNodes) -> str:
    return f"layer {layer.level}{f', sample {layer.sample}' if layer.sample else ''}"


def _between(graph: Graph, values: Sequence[Value]) -> str:
    """What a part is called that has these values."""
    first, last = graph.name(values[0]), graph.name(values[-1])
    return first if len(values) == 1 else f"{first} to {last}"


def _runs(graph: Graph, layers: Sequence[LayerNodes]) -> Iterator[list[Value]]:
    """What no layer has: for each level what comes behind the same layers, by half a picture's values; there are leaves too."""
    own = {node: layer.level for layer in layers for node in layer.nodes}
    level: dict[Value, int] = {}
    behind: dict[int, list[Value]] = {}
    for node in graph.nodes:
        level[node] = own.get(node, max((level[parent] for parent in node.parents), default=0))
        if node.operands and node not in own:
            behind.setdefault(level[node], []).append(node)
    for _, values in sorted(behind.items()):
        yield from _batches(values, MOST_BOXES // 2)


def _batches(values: list[Value], size: int) -> Iterator[list[Value]]:
    for start in range(0, len(values), size):
        yield values[start : start + size]


def _neurons(graph: Graph, layer: LayerNodes | None, nodes: Sequence[Value]) -> tuple[GraphPart, ...]:
    """The parts of a layer whose values are too many for a picture: its neurons, or a few of them each; else none."""
    if layer is None or len(layer.nodes) + len(layer.inputs) <= MOST_BOXES:
        return ()
    left = set(nodes)
    each = math.ceil(len(layer.nodes) / len(layer.sums))
    parts = []
    for sums in _batches(layer.sums, max(1, (MOST_BOXES - len(layer.inputs)) // each)):
        outputs = [output_of(graph, z) for z in sums]
        read = [parent for node in (*sums, *outputs) for parent in node.parents]
        own = [node for node in dict.fromkeys([*read, *sums, *outputs]) if node in left]
        left.difference_update(own)
        parts.append(GraphPart(_between(graph, outputs), tuple(own)))
    return tuple(parts) if len(parts) > 1 else ()
