"""The pictures of a page: one of the whole graph; of a large one a sheet for each of its parts, and one with a box for each."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from autograd_lite.basics.escaping import in_file
from autograd_lite.basics.wording import counted
from autograd_lite.value import Value
from visualize.graph.layers import LayerNodes, find_layers
from visualize.graph.nodes import Graph
from visualize.page.parts import Excerpt, GraphPart, divided
from visualize.page.picture import NUMBER_WIDTH, figure, in_whole, page_picture, small_map
from visualize.page.shapes import shape_of, words_of
from visualize.picture.drawing import Drawing
from visualize.picture.folding import MOST_WORK, Boxes, Fold, layout_work
from visualize.picture.rendering import Picture, drawn_together
from visualize.picture.themes import THEMES

MOST_AT_ONCE = 400  # values in the picture of a whole graph
TOGETHER = 6  # sheets that Graphviz lays out in one go
IN_BROWSER = sys.platform == "emscripten"  # where there are no threads
LABEL = "The graph of the expression. Each value can be selected."
OVERVIEW = "The parts of the graph. Each can be opened."


@dataclass(frozen=True)
class Sheets:
    """What a page shows of a graph.

    Attributes:
        shown: HTML, the picture that is seen first, its small map, and the others as text.
        layers: the layers of the graph.
        way: the edges on the way to a node from its parent at a position, as the pictures call them.
        parts: of each part what the script is to know; none where one picture has all.
        part_of: the part whose picture has a value.
    """

    shown: str
    layers: list[LayerNodes]
    way: Callable[[Value, int], list[str]]
    parts: list[dict[str, Any]] = field(default_factory=list)
    part_of: dict[Value, int] = field(default_factory=dict)


def sheets_of(graph: Graph, rankdir: str) -> Sheets:
    """The pictures of a graph, each laid out."""
    layers = find_layers(graph)
    if len(graph.nodes) <= MOST_AT_ONCE:
        drawing = Drawing(graph, THEMES["light"], limit=len(graph.nodes), rankdir=rankdir, width=NUMBER_WIDTH)
        if not drawing.notes:  # else so many long edges would take minutes to lay out
            drawn = page_picture(drawing.picture().pipe("svg", encoding="utf-8"), graph, range(len(graph.nodes)), {})
            return Sheets(f"{figure(drawn, LABEL)}\n{small_map(drawn)}", layers, drawing.way)
    return _in_parts(graph, layers, divided(graph, layers), rankdir)


def _in_parts(graph: Graph, layers: list[LayerNodes], whole: GraphPart, rankdir: str) -> Sheets:
    """A sheet for each part of a graph: with its values, or with a box for each part that it has itself."""
    listed = [*_with_parents(whole, None)]
    index = {part: i for i, (part, _) in enumerate(listed)}
    excerpts = [Excerpt(graph, part.nodes) for part, _ in listed]
    drawings = [_drawing(part, excerpt, rankdir) for (part, _), excerpt in zip(listed, excerpts, strict=True)]

    opened = [{graph.index[inner.nodes[0]]: index[inner] for inner in part.parts} for part, _ in listed]
    pictures = [drawing.picture() for drawing in drawings]
    shapes = [i if part.parts else shape_of(pictures[i].source, NUMBER_WIDTH) for i, (part, _) in enumerate(listed)]
    first = {shape: shapes.index(shape) for shape in dict.fromkeys(shapes)}  # one layout for all of a shape
    drawn = dict(zip(first, _drawn([pictures[i] for i in first.values()]), strict=True))
    sheets = {
        shape: page_picture(drawn[shape], graph, excerpts[i].numbers, opened[i])
        if opened[i]
        else page_picture(drawn[shape], excerpts[i], range(len(excerpts[i].nodes)), {})
        for shape, i in first.items()
    }
    place_of = {shape: place for place, shape in enumerate(first)}
    parts = [
        {
            "title": in_file(part.title),
            "parent": None if parent is None else index[parent],
            "shown": [] if part.parts else excerpt.numbers,
            "sheet": place_of[shape],
            "words": [] if first[shape] == i else _words(excerpt, pictures[i].source),
            "place": sheets[0].boxes.get(i),
        }
        for i, ((part, parent), excerpt, shape) in enumerate(zip(listed, excerpts, shapes, strict=True))
    ]
    part_of = {node: i for part, i in index.items() if not part.parts for node in part.nodes}
    texts = [
        f'<script type="image/svg+xml" class="sheet" data-sizes="{sheet.sizes}">{sheet.svg}</script>'
        for sheet in sheets.values()
    ]

    def way(node: Value, position: int) -> list[str]:
        i = part_of[node]
        return [in_whole(edge, excerpts[i].numbers) for edge in drawings[i].way(excerpts[i].anew[node], position)]

    return Sheets(
        "\n".join([figure(sheets[0], OVERVIEW), small_map(sheets[0]), *texts]),
        layers,
        way,
        parts,
        part_of,
    )


def _words(excerpt: Excerpt, source: str) -> list[list[str]]:
    """What is written above the numbers of each value, in the places of what the first picture of the shape has there."""
    words = words_of(source)
    written = [words[f"n{i}"] for i in range(len(excerpt.nodes))]
    return [shown if node.is_constant else shown[:-4] for node, shown in zip(excerpt.nodes, written, strict=True)]


def _with_parents(part: GraphPart, parent: GraphPart | None) -> Iterator[tuple[GraphPart, GraphPart | None]]:
    yield part, parent
    for inner in part.parts:
        yield from _with_parents(inner, part)


def _drawing(part: GraphPart, excerpt: Excerpt, rankdir: str) -> Drawing:
    """The drawing of a part: its values, or a box for each of its own parts and one for all that they read."""
    boxes: Boxes = {node: node for node in excerpt.nodes}
    if part.parts:
        inside = [
            Fold(inner.title, _in_words(inner), tuple(excerpt.anew[node] for node in inner.nodes)) for inner in part.parts
        ]
        own = {node for fold in inside for node in fold.nodes}
        read = tuple(node for node in excerpt.nodes if node not in own)
        for fold in [*([Fold("what it reads", (counted(len(read), "value", ","),), read)] if read else []), *inside]:
            boxes |= dict.fromkeys(fold.nodes, fold)
    if layout_work(excerpt, boxes) > MOST_WORK:
        raise ValueError(
            f"a page shows every node, and the edges of this graph, {len(excerpt.nodes):,} nodes in one part of it, are too "
            "many and too long to lay out: take a part of it, or draw() it, which folds large graphs"
        )
    return Drawing(excerpt, THEMES["light"], rankdir=rankdir, width=NUMBER_WIDTH, boxes=boxes)


def _in_words(part: GraphPart) -> tuple[str, ...]:
    """What is in a part, in lines for its box."""
    computed = sum(bool(node.operands) for node in part.nodes)
    leaves = sum(not node.operands and not node.is_constant for node in part.nodes)
    return counted(computed, "computed value", ","), f"{leaves:,} {'leaf' if leaves == 1 else 'leaves'}"


def _drawn(pictures: list[Picture]) -> list[str]:
    """The pictures as SVG, some at once: it is Graphviz that takes the time, in a process for each of them."""
    batches = [pictures[start : start + TOGETHER] for start in range(0, len(pictures), TOGETHER)]
    if IN_BROWSER:
        return [svg for batch in batches for svg in drawn_together(batch)]
    with ThreadPoolExecutor() as pool:
        return [svg for batch in pool.map(drawn_together, batches) for svg in batch]
