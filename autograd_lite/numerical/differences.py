"""Extrapolation of difference quotients, at halved steps, to a step of 0."""

from __future__ import annotations

import math
from typing import Final, NamedTuple

from autograd_lite.numerical.estimate import Estimate, spacing
from autograd_lite.numerical.sampling import Quotient

SHRINKS: Final = 0.4  # at half the step a smooth bend is a quarter of what it was, one at a kink the half
NEWEST: Final = 3  # so many of the latest extrapolations tell of the noise
ORDERS: Final = 2  # by so many orders a quotient is extrapolated until what it still changes is taken for noise


class Extrapolation(NamedTuple):
    """A derivative extrapolated to a step of 0, its estimated truncation error, and its smallest step: see `Quotient`."""

    value: float
    truncation: float
    step: float
    motion: float
    size: float


class RichardsonTable:
    """Richardson's table of one output: the differences at a step, half of it, and so on, and all their extrapolations.

    Arguments:
        order: that of the derivative.
        ratio: by how much the leading error falls when the step is halved: 4 for central differences, 2 for those of one side.
    """

    def __init__(self, order: int, ratio: int) -> None:
        self.order, self.ratio = order, ratio
        self.entries: list[Extrapolation] = []
        self.size = 0.0
        self.quiet = True  # as long as the function has not moved
        self.closed = False  # by a step at which the function does not move, though it does at a larger one
        self._row: list[float] = []  # the difference at the latest step, then its extrapolations
        self._bends: list[float] = []
        self._bend = 0.0
        self._noises: list[float] = []

    def add(self, step: float, quotient: Quotient) -> None:
        """Add the difference at `step`, half the latest one, and extrapolate.

        Two places far from the point tell nothing of what the function does between them: a narrow peak is flat to both sides.
        That shows in a bend that does not shrink with the step, and is counted as truncation.
        """
        bend = abs(quotient.bend)
        unseen = max(bend - SHRINKS * self._bend, 0.0) / step**self.order if self.ratio == 4 else 0.0
        row = extrapolated(self._row, quotient.slope, self.ratio)
        for value, previous, last in zip(row[1:], self._row, row, strict=False):
            truncation = max(abs(value - last), abs(value - previous), unseen)
            if math.isfinite(truncation):  # of what overflowed nothing is told
                self.entries.append(Extrapolation(value, truncation, step, quotient.motion, quotient.size))
        bends = extrapolated(self._bends, quotient.bend, self.ratio)
        if len(self._row) > ORDERS:
            noise = abs(row[ORDERS] - self._row[ORDERS]) * step**self.order
            self._noises.append(max(noise, abs(bends[ORDERS])) if self.ratio == 4 else noise / 4)
        self._row, self._bends, self._bend = row, bends, bend
        self.size = max(self.size, quotient.size)
        self.quiet = self.quiet and quotient.is_quiet

    @property
    def noise(self) -> float:
        """How far off the samples are of any smooth function, a unit in the last place at least."""
        return max([spacing(self.size / 2), *self._noises[-NEWEST:]])

    def best(self, noise: float) -> tuple[Estimate, float]:
        """The extrapolation of the least error where the samples have this noise, and how steeply the function moves there."""
        found = [(Estimate(e.value, e.truncation, 2 * noise / e.step**self.order), e) for e in self.entries]
        estimate, entry = min(found, key=lambda pair: pair[0].error)
        return estimate, entry.motion / entry.step**self.order


def extrapolated(before: list[float], latest: float, ratio: int) -> list[float]:
    """The row of Richardson's table that follows `before`."""
    row = [latest]
    for power, previous in enumerate(before, 1):
        row.append(row[-1] + (row[-1] - previous) / (ratio**power - 1))
    return row
