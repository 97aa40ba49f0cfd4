"""What a function looks like from one distance: its derivative from both sides, from the left and from the right."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Final, NamedTuple

from autograd_lite.numerical.differences import RichardsonTable
from autograd_lite.numerical.estimate import UNIT, Estimate, spacing
from autograd_lite.numerical.sampling import CENTRAL, LEFT, QUIET, RIGHT, Places, SampledFunction

LEVELS: Final = 7  # the steps of one look, each half the one before
KINK: Final = 1e-3  # derivatives from two sides that differ by less, relative to them, are taken for one
ENOUGH: Final = 4  # so many entries at least make an estimate: of three steps, or four
FINE: Final = 2.0**-5  # beside the size of an input: steps wider than this are those of floor and its like
FINEST: Final = 2.0**-12  # so narrow steps are those of single precision; what their slope is, need not show in a few of them
ROUGHLY: Final = 16  # by so much the slope of a few steps may differ from that of what they follow
EXPLAINED: Final = 8  # known noise may be so many times as large in a sample


class Look(NamedTuple):
    """What differences at some steps tell of one derivative.

    Attributes:
        estimate: the best estimate.
        signal: how steeply the function moves at its step.
        noise: how far the values are off a smooth function, relative to them; 0 if that is no more than their rounding.
        quiet: whether the function does not move at all.
        steps: the least and the greatest derivative that it may have, if it consists of fine steps and is looked at on one.
        sides: the derivatives from the left and from the right, where they differ.
        one_sided: whether the function has values to one side alone.
    """

    estimate: Estimate
    signal: float
    noise: float
    quiet: bool = False
    steps: tuple[float, float] | None = None
    sides: tuple[Estimate, Estimate] | None = None
    one_sided: bool = False

    @property
    def seen(self) -> bool:
        """Whether there is a derivative to see: the error of the estimate is far below it."""
        return not self.quiet and self.sides is None and self.estimate.is_seen(self.signal)


class WatchedFunction:
    """A function watched from ever closer.

    Arguments:
        samples: its values.
        outputs: how many outputs it has.
    """

    def __init__(self, samples: SampledFunction, outputs: int) -> None:
        self.samples = samples
        self.noise = [0.0] * outputs  # of the values of each output, as far as it is known
        self.moved = {places: [False] * outputs for places in (CENTRAL, LEFT, RIGHT)}  # whether it moved at any step so far

    def tables(self, first: float, places: Places = CENTRAL) -> Iterator[list[RichardsonTable]]:
        """The tables of all outputs, after the difference at the first step and half of it, and so on.

        Nothing comes where the function has no values.
        """
        moved, tables = self.moved[places], list[RichardsonTable]()
        for level in range(LEVELS):
            step = first * 2.0**-level
            quotients = self.samples.quotients(step, places)
            if quotients is None:
                if tables:
                    return
                continue
            tables = tables or [RichardsonTable(self.samples.order, 4 if places == CENTRAL else 2) for _ in quotients]
            for i, (table, quotient) in enumerate(zip(tables, quotients, strict=True)):
                table.closed = table.closed or (quotient.is_quiet and moved[i])
                if not table.closed:
                    table.add(step, quotient)
                    moved[i] = moved[i] or not quotient.is_quiet
            yield tables

    def looks(self, first: float, central: list[RichardsonTable]) -> list[Look | None]:
        """What every output looks like from a first step, where these are its tables of central differences."""
        found: list[Look | None] = []
        sides: list[list[RichardsonTable]] = []
        for i in range(len(self.noise)):
            look = self.seen_in(central, i) or self.quiet_look(first, i)
            if look is None or not (look.seen or look.quiet):
                sides = sides or [last(self.tables(first, places)) for places in (LEFT, RIGHT)]
                look = of_sides(look, *(self.seen_in(tables, i) for tables in sides)) or self.unsettled_look(first, i)
            found.append(look)
        return found

    def seen_in(self, tables: list[RichardsonTable], output: int) -> Look | None:
        """What the table of an output tells, if there is enough in it."""
        if not tables or len(tables[output].entries) < ENOUGH:
            return None
        table, known = tables[output], self.noise[output]
        noise = max(known, table.noise)
        return Look(*table.best(noise), noise / (table.size or 1.0) if noise > EXPLAINED * known else 0.0, table.quiet)

    def quiet_look(self, first: float, output: int) -> Look | None:
        """That the function does not move, neither to the left nor to the right."""
        quotients = self.samples.quotients(first)
        if quotients is None or not quotients[output].is_quiet:
            return None
        noise = max(QUIET * spacing(quotients[output].size), self.noise[output])
        steps = self.slopes_of_steps(first, output) if self.moved[CENTRAL][output] else None
        return Look(Estimate(0.0, 0.0, noise / first**self.samples.order), 0.0, UNIT, quiet=True, steps=steps)

    def unsettled_look(self, first: float, output: int) -> Look | None:
        """What a function with too few steps to extrapolate from looks like: it moves at one, and at the next it does not."""
        quotients = self.samples.quotients(first)
        if quotients is None:
            return None
        slope, _, motion, size = quotients[output]
        known = self.noise[output]
        rounding = max(known, spacing(size)) / first**self.samples.order
        return Look(Estimate(slope, abs(slope), rounding), 0.0, motion / (size or 1.0) if motion > EXPLAINED * known else 0.0)

    def slopes_of_steps(self, step: float, output: int) -> tuple[float, float] | None:
        """The derivatives that a function may have that moves to the left and to the right of where it does not."""
        step *= 2.0**LEVELS
        while step <= FINE * self.samples.largest_step:
            sides = [quotients[output] for places in (LEFT, RIGHT) if (quotients := self.samples.quotients(step, places))]
            if sides and not any(side.is_quiet for side in sides):
                if step <= FINEST * self.samples.largest_step:
                    return -math.inf, math.inf
                slope = sum(side.slope for side in sides) / len(sides)
                return min(slope / ROUGHLY, slope * ROUGHLY), max(slope / ROUGHLY, slope * ROUGHLY)
            step *= 2
        return None


def of_sides(central: Look | None, left: Look | None, right: Look | None) -> Look | None:
    """What is seen from both sides, or from the only one that there is; what central differences tell where nothing is."""
    only = left or right
    if central is None and only is not None and (left is None or right is None):
        return only._replace(one_sided=True)
    if left is None or right is None or not (left.seen or left.quiet) or not (right.seen or right.quiet):
        return central
    a, b = left.estimate, right.estimate
    if a.clashes(b) and abs(a.value - b.value) > KINK * max(abs(a.value), abs(b.value)):
        return Look(a, max(left.signal, right.signal), max(left.noise, right.noise), sides=(a, b))
    middle = Estimate((a.value + b.value) / 2, max(a.truncation, b.truncation), max(a.rounding, b.rounding))
    return Look(middle, max(left.signal, right.signal), max(left.noise, right.noise))


def last(tables: Iterator[list[RichardsonTable]]) -> list[RichardsonTable]:
    """The tables when they are complete; `[]` if there are none."""
    *_, complete = [], *tables
    return complete
