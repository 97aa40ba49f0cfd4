"""A long chain of operations in rows, one below the other, as lines of text are: each row is laid out for itself."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from visualize.picture.folding import Box
from visualize.picture.places import Places, Point, moved, written

LONGEST_ROW = 20  # steps of a chain that stay in one row
SHAPE = 16 / 9  # of the whole picture, about
STEP, LINE = 85, 150  # about how long a step of a row is, and how high a row, in points
MOST_LINES = 3  # from a row to those below it
GAP, LANE = 22, 9  # points between two rows, and between two lines that lead from row to row


@dataclass(frozen=True)
class Turn:
    """A place at the end of a row, from which a line leads on, or at the beginning of one, to which it leads."""

    name: str
    row: int
    enters: bool


@dataclass(frozen=True)
class Rows:
    """Which row each box is in."""

    of: Mapping[Box, int]

    @property
    def count(self) -> int:
        """How many there are."""
        return max(self.of.values()) + 1


def in_rows(edges: Sequence[tuple[Box, Box]]) -> Rows | None:
    """The rows of a long picture, by its edges; None where one row is enough, or the rows would be tied by many lines.

    The rows are cut where the fewest lines lead on.
    """
    rank = _ranks(edges)
    last = max(rank.values(), default=0)
    if last < LONGEST_ROW:
        return None
    crossing = _crossing(edges, rank)
    longest = max(6, round(math.sqrt(SHAPE * (last + 1) * LINE / STEP)))
    begins = [0]
    while last + 1 - begins[-1] > longest:
        cut = min(range(begins[-1] + longest, begins[-1] + (2 * longest) // 3, -1), key=lambda place: crossing[place])
        if crossing[cut] > MOST_LINES:
            return None
        begins.append(cut)
    return Rows({box: sum(place <= at for at in begins[1:]) if False else _row(begins, place) for box, place in rank.items()})


def _row(begins: Sequence[int], place: int) -> int:
    return sum(begin <= place for begin in begins) - 1


def _ranks(edges: Iterable[tuple[Box, Box]]) -> dict[Box, int]:
    """The step at which each box stands: behind all that it needs; what needs nothing just before its first use."""
    rank: dict[Box, int] = {}
    computed = set()
    for tail, head in edges:
        rank.setdefault(tail, 0)
        rank[head] = max(rank.get(head, 0), rank[tail] + 1)
        computed.add(head)
    first: dict[Box, int] = {}
    for tail, head in edges:
        if tail not in computed:
            first[tail] = min(first.get(tail, rank[head] - 1), rank[head] - 1)
    return rank | first


def _crossing(edges: Iterable[tuple[Box, Box]], rank: Mapping[Box, int]) -> list[int]:
    """For each step how many lines lead from before it to it or beyond; those from one box are one."""
    reach: dict[Box, int] = {}
    for tail, head in edges:
        reach[tail] = max(reach.get(tail, 0), rank[head])
    crossing = [0] * (max(rank.values()) + 2)
    for tail, end in reach.items():
        for step in range(rank[tail] + 1, end + 1):
            crossing[step] += 1
    return crossing
