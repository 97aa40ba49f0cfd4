"""A long chain of operations in rows, one below the other, as lines of text are."""

from __future__ import annotations

import math
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from visualize.picture.folding import Box
from visualize.picture.places import Places, Point, curve_through, moved, points_of

LONGEST_ROW = 20  # steps of a chain that stay in one row
SHAPE = 16 / 9  # of the whole picture, about
HEIGHT = 90  # points, about, of a row
MOST_LINES = 3  # from a row to those below it
GAP, MARGIN, LANE = 22, 16, 9  # points between two rows, from a row to the line around it, between two lines


@dataclass(frozen=True)
class Turn:
    """Where a line leaves a row at its end, or enters one at its beginning."""

    name: str
    row: int


@dataclass(frozen=True)
class Rows:
    """The rows of a picture.

    Attributes:
        of: the row of each box, from 0.
        first: for each row a box at its beginning.
        last: for each row a box at its end.
    """

    of: Mapping[Box, int]
    first: Sequence[Box]
    last: Sequence[Box]


def in_rows(edges: Sequence[tuple[Box, Box]], step: float) -> Rows | None:
    """The rows of a long picture, by its edges in the order of computation; None where one row is enough.

    `step` is about how long a step of a row is, in points. A row ends where few lines lead on; where too many do, the picture
    stays as long as it is.
    """
    computed = {head for _, head in edges}
    rank = _ranks(edges, computed)
    steps = max(rank.values(), default=0) + 1
    if steps <= LONGEST_ROW:
        return None
    crossing = _crossing(edges, rank, steps)
    longest = max(8, round(math.sqrt(SHAPE * steps * HEIGHT / step)))
    begins = [0]
    while steps - begins[-1] > longest:
        places = range(begins[-1] + longest, begins[-1] + (2 * longest) // 3, -1)
        begins.append(min(places, key=lambda place: crossing[place]))
        if crossing[begins[-1]] > MOST_LINES:
            return None
    row = [sum(begin <= at for begin in begins) - 1 for at in range(steps)]
    in_order = sorted(rank, key=lambda box: (rank[box], box in computed))
    first = {row[rank[box]]: box for box in reversed(in_order)}
    last = {row[rank[box]]: box for box in in_order}
    count = len(begins)
    return Rows({box: row[at] for box, at in rank.items()}, [first[i] for i in range(count)], [last[i] for i in range(count)])


def _ranks(edges: Iterable[tuple[Box, Box]], computed: Container[Box]) -> dict[Box, int]:
    """The step at which each box stands: behind all that it needs; what needs nothing at its first use."""
    rank: dict[Box, int] = {}
    for tail, head in edges:
        rank[head] = max(rank.get(head, 0), rank.setdefault(tail, 0) + 1)
    first: dict[Box, int] = {}
    for tail, head in edges:
        if tail not in computed:
            first[tail] = min(first.get(tail, rank[head]), rank[head])
    return rank | first


def _crossing(edges: Iterable[tuple[Box, Box]], rank: Mapping[Box, int], steps: int) -> list[int]:
    """For each step how many lines lead from before it to it or beyond; those from one box are one."""
    reach: dict[Box, int] = {}
    for tail, head in edges:
        reach[tail] = max(reach.get(tail, 0), rank[head])
    crossing = [0] * (steps + 1)
    for tail, end in reach.items():
        for step in range(rank[tail] + 1, end + 1):
            crossing[step] += 1
    return crossing


def wrapped(places: Places, row_of: Mapping[str, int], lines: Sequence[tuple[Turn, Turn]], rankdir: str) -> Places:
    """The places of a picture whose rows were laid out beside each other: one row below the other, or beside it.

    Arguments:
        places: as Graphviz has them.
        row_of: the row of each node, by its name.
        lines: those that lead from one row to another; a curve for each is added.
        rankdir: "LR", rows that go from left to right, or "TB", columns.
    """
    turned, back = _turned(rankdir)
    extents = _extents(places, row_of, turned)
    lanes = _lanes(lines)
    offsets, gutters, across = [], [], 0.0
    for row, (low, high) in enumerate(extents):
        offsets.append((-low[0], across - low[1]))
        across += high[1] - low[1] + GAP / 2
        gutters.append(across)
        across += LANE * max((lanes[line] + 1 for line in lines if line[0].row == row), default=0) + GAP / 2

    def move(name: str, point: Point) -> Point:
        along, sideways = turned(point)
        offset = offsets[row_of[name]]
        return back((along + offset[0], sideways + offset[1]))

    nodes = {name: move(name, point) for name, point in places.nodes.items() if name in row_of}
    edges = {ends: moved(curve, partial(move, ends[0])) for ends, curve in places.edges.items()}
    for line in lines:
        start, end = (turned(nodes[turn.name]) for turn in line)
        low, high = extents[line[0].row]
        right = high[0] - low[0] + MARGIN + LANE * lanes[line]
        left = -MARGIN - LANE * lanes[line]
        gutter = gutters[line[0].row] + LANE * lanes[line]
        corners = [start, (right, start[1]), (right, gutter), (left, gutter), (left, end[1]), end]
        edges[line[0].name, line[1].name, ""] = curve_through([back(corner) for corner in corners])
    return Places(nodes, places.sizes, edges)


def _turned(rankdir: str) -> tuple[Callable[[Point], Point], Callable[[Point], Point]]:
    """Takes a point to how far along its row and how far across the rows it is; and the way back."""
    if rankdir == "LR":
        return (lambda point: (point[0], -point[1])), (lambda place: (place[0], -place[1]))
    return (lambda point: (-point[1], point[0])), (lambda place: (place[1], -place[0]))


def _extents(places: Places, row_of: Mapping[str, int], turned: Callable[[Point], Point]) -> list[tuple[Point, Point]]:
    """The corners of each row."""
    found: dict[int, list[Point]] = {}
    for name, (x, y) in places.nodes.items():
        if name in row_of:
            width, height = places.sizes[name]
            corners = [(x - width / 2, y - height / 2), (x + width / 2, y + height / 2)]
            found.setdefault(row_of[name], []).extend(map(turned, corners))
    for (tail, _, _), curve in places.edges.items():
        found[row_of[tail]] += map(turned, points_of(curve))
    rows = [zip(*found[row], strict=True) for row in range(len(found))]
    return [((min(along), min(across)), (max(along), max(across))) for along, across in rows]


def _lanes(lines: Sequence[tuple[Turn, Turn]]) -> dict[tuple[Turn, Turn], int]:
    """A lane for each line, so that those that run beside each other have different ones."""
    lanes: dict[tuple[Turn, Turn], int] = {}
    for start, end in lines:
        beside = {lane for (other, other_end), lane in lanes.items() if other.row < end.row and start.row < other_end.row}
        lanes[start, end] = next(lane for lane in range(len(beside) + 1) if lane not in beside)
    return lanes
