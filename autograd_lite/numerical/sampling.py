"""A function sampled around a point, along the directions of a derivative: difference quotients of any order."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import product
from math import prod
from typing import Final, NamedTuple, TypeAlias

from autograd_lite.numerical.estimate import SMALLEST, UNIT
from autograd_lite.numerical.evaluation import Vector, VectorFunction, evaluate

Direction: TypeAlias = dict[int, float]  # how far each input moves in one step
Places: TypeAlias = tuple[int, int]  # the two places of a difference, in steps from the point

CENTRAL: Final[Places] = (-1, 1)
LEFT: Final[Places] = (-1, 0)
RIGHT: Final[Places] = (0, 1)

QUIET: Final = 4  # a function that moves by so few units in the last place does not move
MANY: Final = 8  # so many different values tell of what they all are multiples
GRAIN: Final = 16  # so many units in the last place are more than the rounding of a difference
COARSE: Final = 64  # values are coarse if their unit is so much larger than that of floats


class Quotient(NamedTuple):
    """A difference quotient of one output, and what else its samples tell.

    Attributes:
        slope: the quotient.
        bend: how far the mean of the samples lies off the value at the point.
        motion: how far the farthest sample does.
        size: the largest of them all.
    """

    slope: float
    bend: float
    motion: float
    size: float

    @property
    def is_quiet(self) -> bool:
        """Whether the function does not move between these samples."""
        return self.motion <= QUIET * UNIT * self.size


class SampledFunction:
    """The values of a function at a point and around it, and their quotients, each computed once.

    Arguments:
        f: of a list of numbers, gives a list of numbers.
        point: where.
        directions: those of the derivative, one for each order.
        here: the values at the point, where they are known.
    """

    def __init__(self, f: VectorFunction, point: Vector, directions: Sequence[Direction], here: Vector | None = None) -> None:
        self.f, self.point, self.directions = f, point, directions
        self.order = len(directions)
        self.alone = [next(iter(direction)) if len(direction) == 1 else None for direction in directions]
        self.sides = sides_of(self.order)
        self.seen: dict[tuple[float, ...], Vector | None] = {}
        self.found: dict[tuple[float, Places], list[Quotient] | None] = {}
        if here is not None:
            self.seen[tuple(point)] = here if all(map(math.isfinite, here)) else None
        self.here = self.value(point)
        reach = max(scale(point[k]) / abs(weight) for direction in directions for k, weight in direction.items())
        self.largest_step = scale(reach) if reach >= 1 else 1.0 / scale(1 / reach)

    def value(self, place: Vector) -> Vector | None:
        """The outputs at a place, or None where there are none."""
        key = tuple(place)
        if key not in self.seen:
            self.seen[key] = evaluate(self.f, place)
        return self.seen[key]

    def moved(self, steps: Sequence[float]) -> Vector:
        """The point moved by so many steps along each direction."""
        moves: dict[int, float] = {}
        for step, direction in zip(steps, self.directions, strict=True):
            for k, weight in direction.items():
                moves[k] = moves.get(k, 0.0) + step * weight
        place = [*self.point]
        for k, move in moves.items():
            place[k] += move
        return place

    def steps(self, step: float) -> list[float]:
        """A step along each direction, rounded to one that floats can take to both sides of the point alike.

        Beyond a power of two they lie twice as far apart as before it. An input that is moved by two directions goes twice as
        far, or nowhere. Where a direction moves several inputs, there need not be such a step.
        """
        found = []
        for k, direction in zip(self.alone, self.directions, strict=True):
            if k is not None:
                farthest = abs(direction[k]) * (2 - self.alone.count(k) % 2)
                found.append(reachable(self.point[k], step * farthest) / farthest)
            else:
                found.append(step)
        return found

    def corners(self, steps: Sequence[float], places: Places) -> list[tuple[int, Vector]] | None:
        """The outputs at all places of a difference, each with its sign; None where there are none, or no step is taken."""
        ends = [(step * places[0], step * places[1]) for step in steps]
        found, visited = [], []
        for sign, sides in self.sides:
            place = self.moved([end[side > 0] for end, side in zip(ends, sides, strict=True)])
            value = self.value(place)
            if value is None:
                return None
            found.append((sign, value))
            visited.append(place)
        return found if visited[0] != visited[-1] else None

    def quotients(self, step: float, places: Places = CENTRAL) -> list[Quotient] | None:
        """The difference quotient of each output; None where some sample has no value, or does not differ from the point."""
        if (step, places) not in self.found:
            self.found[step, places] = self.computed(step, places)
        return self.found[step, places]

    def computed(self, step: float, places: Places) -> list[Quotient] | None:
        """The same, computed."""
        steps = self.steps(step)
        width = prod((places[1] - places[0]) * step for step in steps)
        corners = self.corners(steps, places) if SMALLEST <= width < math.inf else None
        if corners is None:
            return None
        found = []
        for i, here in enumerate(self.here or corners[0][1]):
            slope = mean = motion = 0.0
            size = abs(here)
            for sign, values in corners:
                value = values[i]
                slope += sign * value
                mean += value
                motion = max(motion, abs(value - here))
                size = max(size, abs(value))
            found.append(Quotient(slope / width, mean / len(corners) - here, motion, size))
        return found

    def granularity(self, outputs: int) -> Vector:
        """Half of the unit of which all differences of an output are multiples around the point: so much a float32 is rounded.

        It is 0 where that is no more than usual, and where there are too few different values to tell. Something fine that is
        added to what is coarse is in none of the differences.
        """
        source, largest = random.Random(0), 2.0**-6 * self.largest_step
        places = [self.moved([largest * source.uniform(-1, 1)] * self.order) for _ in range(2 * MANY)]
        columns = [*zip(*filter(None, map(self.value, places)), strict=True)] or [()] * outputs
        different = [{value for value in column if value} for column in columns]
        usual = [COARSE * UNIT * max(map(abs, values), default=0.0) for values in different]
        units = [unit_of(values) if len(values) >= MANY else 0.0 for values in different]
        return [unit / 2 if unit > least else 0.0 for unit, least in zip(units, usual, strict=True)]

    def first_steps(self) -> Iterator[float]:
        """The first steps to try: the largest suits most functions.

        Others need one as small as the smallest input, and some one that is barely larger than the space between floats.
        """
        least = min(min(abs(self.point[k]), 1.0) or 1.0 for direction in self.directions for k in direction)
        step, smallest = 2.0**-6 * self.largest_step, 2.0**-48 * self.largest_step * least
        while step >= max(smallest, SMALLEST):
            yield step
            step *= 2.0**-6


def reachable(x: float, move: float) -> float:
    """The move, rounded to one that leads from a number to floats on both sides; one beyond 0 has many digits to spare."""
    return (abs(x) + move) - abs(x) if move <= abs(x) else move


@cache
def sides_of(order: int) -> list[tuple[int, tuple[int, ...]]]:
    """The corners of a difference of that order, each as the sides that it lies to and the sign with which it counts."""
    return [(prod(sides), sides) for sides in product((-1, 1), repeat=order)]


def scale(x: float) -> float:
    """The size of an input, 1 at least, as a power of two: a step that is added to it is exact."""
    return power_of_two(max(abs(x), 1.0))


def unit_of(values: set[float]) -> float:
    """The largest power of two of which all differences of values are multiples, but for their rounding."""
    grain, first = GRAIN * UNIT * power_of_two(max(map(abs, values))), min(values)
    counts = [round(value / grain - first / grain) for value in values] if grain else []
    return grain * min((count & -count for count in counts if count), default=0)


def power_of_two(x: float) -> float:
    """The largest one that is no larger than a number above 0."""
    return math.ldexp(0.5, math.frexp(x)[1])
