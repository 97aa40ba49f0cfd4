"""Difference quotients at halved steps, and their extrapolation to a step of 0."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple, TypeAlias

from autograd_lite.numerical.estimate import SMALLEST
from autograd_lite.numerical.evaluation import Vector, VectorFunction, evaluate, shifted

Places: TypeAlias = tuple[int, int]  # the two places of a difference, in steps from the point

CENTRAL: Final[Places] = (-1, 1)
LEFT: Final[Places] = (-1, 0)
RIGHT: Final[Places] = (0, 1)

LEVELS: Final = 7  # the steps of one extrapolation, each half the one before
ATTEMPTS: Final = 7  # first steps, each an eighth of the one before, at which a function may have a value
SHRINKS: Final = 0.6  # a bend that shrinks to more of itself at half the step is suspicious: a smooth one shrinks to a quarter


class Quotient(NamedTuple):
    """A difference quotient of one output, and its bend: how far the value at the point lies off the middle of the two."""

    slope: float
    bend: float


class Entry(NamedTuple):
    """A derivative extrapolated to a step of 0, its estimated truncation error, and the smallest step that it is made of."""

    value: float
    truncation: float
    step: float


class Table:
    """Richardson's table of one output: the differences at a step, half of it, and so on, and all their extrapolations."""

    def __init__(self, first: Quotient, ratio: int) -> None:
        self.ratio = ratio  # by how much the leading error falls when the step is halved
        self.row = [first.slope]  # the difference at the latest step, then its extrapolations
        self.bend = first.bend
        self.entries: list[Entry] = []

    def halve(self, step: float, quotient: Quotient) -> None:
        """Add the difference at `step`, half the latest one, and extrapolate.

        Two places far from the point tell nothing of what the function does between them: a narrow peak is flat to both sides.
        That shows in a bend that does not shrink with the step, and is counted as truncation.
        """
        unseen = max(quotient.bend - SHRINKS * self.bend, 0.0) / step
        row = [quotient.slope]
        for order, previous in enumerate(self.row, 1):
            value = row[-1] + (row[-1] - previous) / (self.ratio**order - 1)
            self.entries.append(Entry(value, max(abs(value - row[-1]), abs(value - previous), unseen), step))
            row.append(value)
        self.row, self.bend = row, quotient.bend


def extrapolations(
    f: VectorFunction, point: Vector, index: int, step: float, kinds: Sequence[Places] = (CENTRAL, RIGHT, LEFT)
) -> Iterator[list[list[Entry]]]:
    """For each output of `f` the derivatives extrapolated so far: after differences at `step` and half of it, and so on.

    Nothing comes where `f` has no values to take a difference of.

    Arguments:
        f: of a list of numbers, gives a list of numbers.
        point: where.
        index: the number in `point` to differentiate by.
        step: the first step. It is divided by 8 until `f` has a value at both places.
        kinds: the kinds of differences to try, one after the other, until `f` has values for one.
    """
    here = evaluate(f, point) if CENTRAL in kinds else None
    first = first_difference(f, point, index, step, kinds, here)
    if first is None:
        return
    step, places, quotients = first
    tables = [Table(quotient, 4 if places == CENTRAL else 2) for quotient in quotients]
    for _ in range(LEVELS - 1):
        step /= 2
        halved = difference(f, point, index, step, places, here)
        if halved is None:
            return
        for table, quotient in zip(tables, halved, strict=True):
            table.halve(step, quotient)
        yield [table.entries for table in tables]


def first_difference(
    f: VectorFunction, point: Vector, index: int, step: float, kinds: Sequence[Places], here: Vector | None
) -> tuple[float, Places, list[Quotient]] | None:
    """The first step and places that `f` has values for, and the difference quotient of each output there."""
    for places in kinds:
        for power in range(ATTEMPTS):
            smaller = step * 8.0**-power
            quotients = difference(f, point, index, smaller, places, here)
            if quotients is not None:
                return smaller, places, quotients
    return None


def difference(
    f: VectorFunction, point: Vector, index: int, step: float, places: Places, here: Vector | None
) -> list[Quotient] | None:
    """The difference quotient of each output, if `f` has values at both places and these differ; `here` is `f` at the point."""
    left, right = (shifted(point, index, side * step) for side in places)
    low, high = evaluate(f, left), evaluate(f, right)
    if low is None or high is None or left == right:
        return None
    width = right[index] - left[index]
    slopes = [(b - a) / width for a, b in zip(low, high, strict=True)]
    if not here or places != CENTRAL:
        return [Quotient(slope, 0.0) for slope in slopes]
    return [Quotient(slope, abs((a + b) / 2 - c)) for slope, a, b, c in zip(slopes, low, high, here, strict=True)]


def first_steps(x: float) -> Iterator[float]:
    """The first steps of the extrapolations to try at `x`: the largest suits most functions, some need one as small as `x`."""
    step, least = 2.0**-6 * max(abs(x), 1.0), max(2.0**-24 * (min(abs(x), 1.0) or 1.0), SMALLEST)
    while least <= step < math.inf:
        yield step
        step *= 2.0**-6
