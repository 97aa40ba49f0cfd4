"""Where everything stands in the picture of a network: worked out once, for the drawing and for a page.

All lengths are in points, from the upper left corner. The nodes of a layer stand in a column, at equal distances. The labels of
the weights that lead to a layer stand below one another too, close to the nodes that they come from: there no two edges meet.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

RADIUS = 19  # of a node
DISTANCE = 50  # between the nodes of a column, at least
LINE = 14  # the height of a label
LABEL = 44  # its width
GAP = 120  # between columns, at least
MARGIN = 24
HEADING = 40  # above the columns
MOST_LABELLED = 4  # nodes of a layer whose weights are labelled: more would stand too close
CLEAR = 7  # from the middle of a label to any edge but its own, at least
FOLDED = 8  # nodes that are left of a column that is folded


@dataclass(frozen=True)
class Place:
    """Where something stands: its middle."""

    x: float
    y: float

    def towards(self, other: Place, share: float) -> Place:
        """A point on the way to another one."""
        return Place(self.x + (other.x - self.x) * share, self.y + (other.y - self.y) * share)


@dataclass(frozen=True)
class DrawnLayer:
    """A layer: the nodes that are drawn, and where; and where nodes are left out, how many."""

    size: int
    nodes: dict[int, Place]
    gaps: dict[Place, int]

    @property
    def slots(self) -> int:
        """How many places there are below one another, of nodes and of gaps."""
        return len(self.nodes) + len(self.gaps)

    @property
    def x(self) -> float:
        """Where the column stands."""
        return next(iter(self.nodes.values())).x


class NetworkLayout:
    """The places of a network's nodes and labels.

    Arguments:
        sizes: of the layers, from layer 0, the input.
        limit: the most nodes of a column; one of more is folded to 8.
        keep: nodes (layer, node) that have to be drawn.
        with_loss: whether the loss stands behind the last layer.

    Attributes:
        columns: the layers.
        loss: where the loss stands, if it does.
        width, height: of the whole picture.
    """

    def __init__(self, sizes: Sequence[int], limit: int, keep: Sequence[tuple[int, int]] = (), with_loss: bool = False) -> None:
        shown = [_shown(size, limit, [j for m, j in keep if m == l]) for l, size in enumerate(sizes)]
        slots = [len(indices) + len(_gaps(indices)) for indices in shown]
        labelled = [count for count in slots[1:] if count <= MOST_LABELLED]
        self.distance = max(DISTANCE, LINE * (max(labelled, default=0) + 1))
        self.height = HEADING + (max(slots) - 1) * self.distance + 2 * RADIUS + 2 * MARGIN
        middle = HEADING + MARGIN + RADIUS + (max(slots) - 1) * self.distance / 2
        x = MARGIN + RADIUS + 20.0
        self.columns: list[DrawnLayer] = []
        for size, indices, count in zip(sizes, shown, slots, strict=True):
            if self.columns:
                x += self._gap(count)
            self.columns.append(self._column(x, middle - (count - 1) * self.distance / 2, size, indices))
        self.loss = Place(x := x + GAP, middle) if with_loss else None
        self.width = x + RADIUS + MARGIN + 20

    def is_labelled(self, l: int) -> bool:
        """Whether there is room for the labels of the weights that lead to a layer: each clearly on its own edge.

        Where the labels stand, two edges are at least a share of the nodes' distance apart, measured downwards; the steeper the
        edges, the closer they are.
        """
        before, to = self.columns[l - 1], self.columns[l]
        steepest = self.distance * (before.slots + to.slots - 2) / 2 / (to.x - before.x)
        return to.slots <= MOST_LABELLED and self.distance / (to.slots + 1) >= CLEAR * math.hypot(1, steepest)

    def label(self, l: int, j: int, k: int) -> Place:
        """Where the label of a weight stands: on its edge."""
        to = self.columns[l]
        share = 1 / (to.slots + 1) if to.slots <= MOST_LABELLED else 0.5
        return self.columns[l - 1].nodes[k].towards(to.nodes[j], share)

    def _gap(self, count: int) -> float:
        """The way to a column of so many nodes: its labels must not touch the nodes that they stand close to."""
        return max(GAP, (RADIUS + LABEL / 2 + 4) * (count + 1)) if count <= MOST_LABELLED else GAP + 10.0 * min(count, 16)

    def _column(self, x: float, y: float, size: int, indices: Sequence[int]) -> DrawnLayer:
        gaps = _gaps(indices)
        column = DrawnLayer(size, {}, {})
        for index in indices:
            if index in gaps:
                column.gaps[Place(x, y)] = gaps[index]
                y += self.distance
            column.nodes[index] = Place(x, y)
            y += self.distance
        return column


def _shown(size: int, limit: int, keep: Sequence[int]) -> list[int]:
    """The nodes of a layer that are drawn: all, or the first ones, the last ones and those that have to be."""
    if size <= limit:
        return list(range(size))
    few = min(FOLDED, limit)
    last = max(1, few // 4)
    return sorted({*range(few - last), *range(size - last, size), *keep})


def _gaps(indices: Sequence[int]) -> dict[int, int]:
    """How many nodes are left out before each of those that are drawn, where there are any."""
    return {b: b - a - 1 for a, b in pairwise(indices) if b - a > 1}
