"""Numerical derivatives that know their own error: what analytic derivatives are checked against.

A central difference has two errors that pull opposite ways: truncation, which grows with the step, and rounding, which grows as
the step shrinks. Truncation is extrapolated away over a sequence of halved steps, and estimated by how far the last
extrapolations lie apart (Richardson's and Ridders' method; C. J. F. Ridders, Accurate computation of F'(x) and F'(x)F''(x),
Advances in Engineering Software 4(2), 1982). Rounding is measured: the function is evaluated again with every operation's
result disturbed a little, and what comes out is scaled down to the size of a real rounding error.
"""

from __future__ import annotations

import math
import random
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple, TypeAlias

from autograd_lite.modes import Mode, entered
from autograd_lite.ops import TABLE
from autograd_lite.primitive import Primitive
from autograd_lite.value import Value

Vector: TypeAlias = list[float]
VectorFunction: TypeAlias = Callable[[list[Any]], list[Any]]  # of Values or numbers

LEVELS = 7  # steps in one extrapolation, each half the one before
CENTRAL, LEFT, RIGHT = (-1, 1), (-1, 0), (0, 1)  # the two places of a difference, in steps from the point
CLOSE_BY, CLOSER = 2.0**-12, 2.0**-24  # steps, relative to the point, at which a derivative from one side is taken
DISTURBANCE = 2.0**-40
ROUNDING = 2.0**-53 / DISTURBANCE
SMALLEST = sys.float_info.min  # what is below it has lost digits, and what depends on it all of them
SHRINKS = 0.6  # to what part of itself a bend comes down at half the step: to a quarter where it is smooth, to half at a kink
SAFETY = 5  # how many times its estimated error a derivative may be off


class Estimate(NamedTuple):
    """A numerical derivative with the two parts of its estimated error."""

    value: float
    truncation: float
    rounding: float

    @property
    def error(self) -> float:
        """The estimated error."""
        return self.truncation + self.rounding

    @property
    def converged(self) -> bool:
        """Whether the extrapolation settled on a number, up to rounding."""
        return self.truncation <= 1e-3 * abs(self.value) + SAFETY * self.rounding

    @property
    def badness(self) -> tuple[bool, float]:
        """What to compare estimates by: one that has settled is better than one that has not, then a small error."""
        return not self.converged, self.error

    def contradicts(self, analytic: float, rtol: float, atol: float = 0.0) -> bool:
        """Whether a derivative differs from this one by more than the tolerance and the estimated error explain.

        From one that overflowed nothing can be told.
        """
        return (
            math.isfinite(self.value)
            and not self.gap(analytic) <= tolerance(self.value, analytic, rtol, atol) + SAFETY * self.error
        )

    def gap(self, analytic: float) -> float:
        """How far a derivative is from this one."""
        return abs(analytic - self.value) if math.isfinite(analytic) else math.inf

    def __str__(self) -> str:
        return f"{self.value:.10g} ± {self.error:.1g}"


class Entry(NamedTuple):
    """A number in a table of extrapolations, and the step that it goes down to."""

    value: float
    truncation: float
    step: float


def tolerance(a: float, b: float, rtol: float, atol: float) -> float:
    """The accepted difference of two numbers; NaN and infinity have none."""
    finite = math.isfinite(a) and math.isfinite(b)
    return atol + rtol * max(abs(a), abs(b)) + SMALLEST if finite else -math.inf


def numerical_derivative(f: Callable[[float], Any], x: float) -> Estimate:
    """The derivative of a function of one number, with its estimated error.

    Arguments:
        f: takes a number and returns a number. It is called about a hundred times.
        x: where. At the edge of the function's domain the derivative from inside is taken.

    Raises:
        ArithmeticError: the function cannot be evaluated around `x`, however close.

    Example:
        >>> from math import exp
        >>> from autograd_lite.checking import numerical_derivative
        >>> derivative = numerical_derivative(exp, 0.0)
        >>> abs(derivative.value - 1) < 1e-9, derivative.error < 1e-8
        (True, True)
    """
    (estimate,) = disagreements(lambda point: [f(*point)], [x], 0, [[math.nan]]).values()
    if estimate is None:
        raise ArithmeticError(f"no derivative at {x!r}: the function cannot be evaluated on either side of it")
    return estimate


def disagreements(
    f: VectorFunction,
    point: Vector,
    index: int,
    candidates: Sequence[Sequence[float]],
    rtol: float = 0.0,
    atol: float = 0.0,
    on_values: bool = False,
) -> dict[tuple[int, int], Estimate | None]:
    """The derivatives that no numerical one confirms, each with the best numerical one; None where there is none.

    An extrapolation of any scale may confirm a derivative, if it settled within the tolerance: agreeing by accident is
    unlikely. So a scale that does not suit the function costs time, and is no false alarm.

    Arguments:
        f: of a list of numbers, gives a list of numbers.
        point: where.
        index: the number in `point` to differentiate by.
        candidates: lists of derivatives, one for each output of `f`.
        rtol: relative tolerance.
        atol: absolute tolerance.
        on_values: whether `f` can compute with Values, so that its rounding can be measured.

    Returns:
        The estimates by `(candidate, output)`.
    """
    unconfirmed: dict[tuple[int, int], Estimate | None] = {
        (c, i): None for c, derivatives in enumerate(candidates) for i in range(len(derivatives))
    }
    for step in steps(point[index]):
        entries: list[list[Entry]] = []
        for entries in extrapolations(f, point, index, step):
            for candidate, output in list(unconfirmed):
                analytic = candidates[candidate][output]
                best = min(entries[output], key=lambda entry: entry.truncation)
                if max(best.truncation, abs(analytic - best.value)) <= tolerance(analytic, best.value, rtol, atol):
                    del unconfirmed[candidate, output]
            if not unconfirmed:
                return {}
        if not entries:
            continue
        estimates = with_rounding(f, point, index, entries, on_values)
        for (candidate, output), previous in list(unconfirmed.items()):
            if previous is None or estimates[output].badness < previous.badness:
                unconfirmed[candidate, output] = estimates[output]
            elif previous.converged and not previous.contradicts(candidates[candidate][output], rtol, atol):
                del unconfirmed[candidate, output]  # rounding is all that parts them, and smaller steps make it worse
    return unconfirmed


def steps(x: float) -> Iterator[float]:
    """The first steps of the extrapolations to try at `x`: the largest suits most functions, some need one as small as `x`."""
    step, least = 2.0**-6 * max(abs(x), 1.0), max(2.0**-24 * (min(abs(x), 1.0) or 1.0), SMALLEST)
    while least <= step < math.inf:
        yield step
        step *= 2.0**-6


def extrapolations(
    f: VectorFunction, point: Vector, index: int, step: float, sides: tuple[int, int] | None = None
) -> Iterator[list[list[Entry]]]:
    """For each output of `f` a growing list of its derivatives, from differences at `step`, `step / 2` and so on.

    `sides` is where differences are taken; if not given, on both sides where `f` can be evaluated there, else on one. Nothing
    comes where `f` cannot be evaluated.

    Two places that lie far from the point, for this function, tell nothing of what it does between them: a narrow peak is flat
    to both sides. It shows in how far the value at the point lies off their middle, which does not shrink with the step.
    """
    here = evaluate(f, point) if sides is None else None

    def differences(step: float, sides: tuple[int, int]) -> tuple[Vector, Vector] | None:
        left, right = (point[index] + side * step for side in sides)
        low, high = (evaluate(f, [*point[:index], x, *point[index + 1 :]]) for x in (left, right))
        if low is None or high is None or right == left:
            return None
        bent = [abs((a + b) / 2 - c) for a, b, c in zip(low, high, here, strict=True)] if here and sides == CENTRAL else []
        return [(b - a) / (right - left) for a, b in zip(low, high, strict=True)], bent or [0.0] * len(low)

    for allowed in [sides] if sides else [CENTRAL, RIGHT, LEFT]:
        for power in range(7):
            row = differences(step * 8.0**-power, allowed)
            if row is not None:
                break
        else:
            continue
        break
    else:
        return
    step *= 8.0**-power
    ratio = 4 if allowed == CENTRAL else 2  # by how much the leading error falls when the step is halved
    tableau, bent = [[derivative] for derivative in row[0]], row[1]
    entries: list[list[Entry]] = [[] for _ in tableau]
    for _ in range(LEVELS - 1):
        step /= 2
        row = differences(step, allowed)
        if row is None:
            return
        for output, (derivative, bend) in enumerate(zip(*row, strict=True)):
            new = [derivative]
            unseen = max(bend - SHRINKS * bent[output], 0.0) / step
            for order, previous in enumerate(tableau[output], 1):
                value = new[-1] + (new[-1] - previous) / (ratio**order - 1)
                entries[output].append(Entry(value, max(abs(value - new[-1]), abs(value - previous), unseen), step))
                new.append(value)
            tableau[output] = new
        bent = row[1]
        yield entries


def with_rounding(f: VectorFunction, point: Vector, index: int, entries: list[list[Entry]], on_values: bool) -> list[Estimate]:
    """The best entry of each output, now that the rounding error of `f` is measured where its differences were taken."""
    # At the point alone rounding may vanish, as that of log(x)² at 1, where the logarithm is exactly 0.
    (first, *_), *_ = entries
    places = [shifted(point, index, side * first.step) for side in (0, *CENTRAL)]
    noise = [*map(max, *(rounding(f, place, on_values) or [0.0] * len(entries) for place in places))]
    return [
        min((Estimate(e.value, e.truncation, 2 * n / e.step) for e in row), key=lambda estimate: estimate.badness)
        for row, n in zip(entries, noise, strict=True)
    ]


def rounding(f: VectorFunction, point: Vector, on_values: bool = True) -> Vector:
    """The rounding error of each output of `f`: measured where `f` computes with Values, else half a unit in the last place.

    Nothing, `[]`, where `f` cannot be evaluated.
    """
    exact = evaluate(f, point) or []
    noise = [2 * ROUNDING * DISTURBANCE * abs(output) for output in exact]
    for seed in range(3) if on_values and exact else ():
        with entered(lambda seed=seed: Disturbed(seed)):  # type: ignore[misc]
            disturbed = evaluate(f, [*map(Value, point)]) or exact
        noise = [max(n, 2 * ROUNDING * abs(d - e)) for n, d, e in zip(noise, disturbed, exact, strict=True)]
    return noise


def bends(f: VectorFunction, point: Vector, index: int, step: float = CLOSE_BY) -> bool:
    """Whether some output may have a kink: how far it is off the middle of its neighbours does not fall fast with the step."""
    size = max(abs(point[index]), 1.0) * step
    rows = [evaluate(f, shifted(point, index, move)) for move in (0.0, -size, size, -size / 2, size / 2)]
    here, *around = [row or [] for row in rows]
    return any(abs(c + d - 2 * x) > abs(a + b - 2 * x) / 3 for x, a, b, c, d in zip(here, *around, strict=False))


def one_sided(f: VectorFunction, point: Vector, index: int, step: float = CLOSE_BY) -> list[tuple[Estimate, Estimate]]:
    """The derivatives of every output from the left and from the right, close to the point; `[]` where one is missing."""
    found = []
    for sides in (LEFT, RIGHT):
        *_, entries = [], *extrapolations(f, point, index, max(abs(point[index]), 1.0) * step, sides)
        found.append(with_rounding(f, point, index, entries, on_values=False) if entries else [])
    return [*zip(*found, strict=False)]


def evaluate(f: VectorFunction, point: Sequence[Any]) -> Vector | None:
    """The outputs of `f`, or None where it has none: outside of its domain, too large, not a number."""
    try:
        numbers = [number(output) for output in f(list(point))]
        if any(isinstance(x, complex) for x in numbers):  # as Python's (-1) ** 0.5
            return None
        outputs = [float(x) for x in numbers]
    except (ArithmeticError, ValueError):
        return None
    return outputs if all(map(math.isfinite, outputs)) else None


def number(output: Any) -> Any:
    """The plain number in a Value or number."""
    return output.data if isinstance(output, Value) else output


def shifted(point: Vector, index: int, step: float) -> Vector:
    """The point with one number moved."""
    return [*point[:index], point[index] + step, *point[index + 1 :]]


class Disturbed(Mode):
    """Every operation's result is off by a random part of `DISTURBANCE`: stochastic arithmetic, to see what rounding can do."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        self.random = random.Random(seed)

    def node(self, primitive: Primitive, operands: tuple[Any, ...], data: Any) -> Value:
        """The node with its number disturbed; what is exact (whole numbers, copies) stays so."""
        if isinstance(data, float) and primitive is not TABLE["identity"].primitive:
            data *= 1 + DISTURBANCE * self.random.uniform(0.5, 1) * self.random.choice((-1, 1))  # two seldom cancel
        return super().node(primitive, operands, data)
