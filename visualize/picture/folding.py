"""What is drawn as one box, so that a picture can be read, and Graphviz lays it out in seconds."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from autograd_lite.basics.wording import counted
from autograd_lite.notation import number
from autograd_lite.value import Value
from visualize.graph.layers import LayerNodes, in_batches, parameters_of
from visualize.graph.nodes import Graph
from visualize.graph.walks import nearest

MOST_WORK = 4_000_000  # of `layout_work`, to which Graphviz's time is about proportional: one to four seconds
MOST_POLISHED = 100_000  # of the same, and boxes, in a picture that Graphviz polishes: both slow it down
MOST_BOXES_POLISHED = 150
MANY_INPUTS = 8  # of a layer, above which they are one box, if its neurons are


@dataclass(frozen=True, eq=False)
class Fold:
    """A box that stands for many nodes."""

    title: str
    lines: tuple[str, ...]
    nodes: tuple[Value, ...]


Box: TypeAlias = Value | Fold
Boxes: TypeAlias = dict[Value, Box]  # the box that each node is drawn in: itself, or one that it is folded into


def folded_to_fit(graph: Graph, layers: list[LayerNodes], limit: int) -> tuple[Boxes, list[str]]:
    """The box of each node, so many in all that they can also be laid out in seconds; and notes that say what was folded."""
    boxes, notes = folded(graph, layers, limit)
    while (work := layout_work(graph, boxes)) > MOST_WORK:
        count = len(set(boxes.values()))
        boxes, notes = folded(graph, layers, max(2, int(count * min(0.9, math.cbrt(MOST_WORK / work)))))
        notes.append("fewer boxes than the limit: so many long edges would take minutes to lay out")
    return boxes, notes


def folded(graph: Graph, layers: list[LayerNodes], limit: int) -> tuple[Boxes, list[str]]:
    """The box of each node, at most so many in all; and notes that say what was folded.

    A graph of more nodes has each layer in one box. If these are too many still, what is furthest from the output is one.
    """
    boxes: Boxes = {node: node for node in graph.nodes}
    notes: list[str] = []
    if len(boxes) <= limit:
        return boxes, notes
    if layers:
        batches = in_batches(layers)
        inputs = [_folded_inputs(runs) for runs in batches if _read_many_leaves(runs)]
        for fold in [*map(_folded_layer, batches), *inputs]:
            boxes.update(dict.fromkeys(fold.nodes, fold))
        count = sum(isinstance(box, Fold) for box in boxes.values())
        notes.append(f"folded: {count:,} nodes into {len(batches):,} layers{' and their inputs' if inputs else ''}")

    def behind(box: Box) -> Iterator[Box]:
        for node in box.nodes if isinstance(box, Fold) else (box,):
            for parent in node.parents:
                yield boxes[parent]

    kept = nearest(boxes[graph.output], behind, limit - 1)
    rest = tuple(node for node in graph.nodes if boxes[node] not in kept)
    if rest:
        far = Fold(f"… {len(rest):,} nodes", ("further from the output",), rest)
        boxes.update(dict.fromkeys(rest, far))
        if layers:
            notes = [f"folded: {sum(isinstance(box, Fold) for box in kept):,} boxes for layers and their inputs"]
        notes.append(f"not drawn: {len(rest):,} of {len(graph.nodes):,} nodes, those furthest from the output")
    return boxes, notes


def layout_work(graph: Graph, boxes: Boxes) -> float:
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
    passed: Counter[Box] = Counter()  # ranks, by the box that the edges come from: those from one box do not cross
    for node in shown:
        folds: set[Box] = set()
        for parent in node.parents:
            box = boxes[parent]
            if box not in folds:
                passed[box] += rank[node] - rank.get(parent, 0)
            if isinstance(box, Fold):  # from which one edge stands for all
                folds.add(box)
    total = passed.total()
    pairs = total**2 - sum(ranks**2 for ranks in passed.values())
    return 40 * total + pairs / max(1, max(rank.values(), default=1))


def is_large(graph: Graph, boxes: Boxes) -> bool:
    """Whether polishing the layout would take Graphviz long."""
    shown = sum(boxes[node] is node for node in graph.nodes)
    return shown > MOST_BOXES_POLISHED or layout_work(graph, boxes) > MOST_POLISHED


def _folded_layer(runs: Sequence[LayerNodes]) -> Fold:
    """The box of a layer, on however many samples it is run."""
    layer = runs[0]
    neurons, activation = len(layer.sums), layer.activation
    lines = [f"{counted(neurons, 'neuron', ',')}{f', {activation}' if activation else ''}"]
    lines.append(
        f"{len(layer.inputs):,} inputs, {len({p for neuron in layer.sums for p in parameters_of(neuron)}):,} parameters"
    )
    if len(runs) > 1:
        lines.append(f"{len(runs):,} samples")
    lines.append(f"outputs {_range([node.data for run in runs for node in run.outputs or run.sums])}")
    if layer.parameters:
        lines.append(f"grad {_range([node.grad for node in layer.parameters])}")
    return Fold(f"layer {layer.level}", tuple(lines), tuple(node for run in runs for node in run.nodes))


def _read_many_leaves(runs: Sequence[LayerNodes]) -> bool:
    """Whether a layer's inputs are too many to draw: a picture's pixels, a sample's features, the samples of a batch."""
    read = {value for run in runs for value in run.inputs}
    return len(read) > MANY_INPUTS and not any(value.operands for value in read)


def _folded_inputs(runs: Sequence[LayerNodes]) -> Fold:
    inputs = tuple(dict.fromkeys(value for run in runs for value in run.inputs))
    samples = f"{len(runs):,} samples, " if len(runs) > 1 else ""
    return Fold("inputs", (f"{samples}{len(inputs):,} numbers", _range([value.data for value in inputs])), inputs)


def _range(numbers: list[Any]) -> str:
    low, high = number(min(numbers)), number(max(numbers))
    return low if low == high else f"{low} … {high}"
