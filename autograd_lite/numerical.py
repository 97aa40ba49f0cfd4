"""Numerical derivatives that know their own error: what analytic derivatives are checked against.

A central difference has two errors that pull opposite ways: truncation, which grows with the step, and rounding, which grows as the
step shrinks. Truncation is extrapolated away over a sequence of halved steps, and estimated by how far the last extrapolations lie
apart (Richardson's and Ridders' method; C. J. F. Ridders, Accurate computation of F'(x) and F'(x)F''(x), Advances in Engineering
Software 4(2), 1982). Rounding is measured: the function is evaluated again with every operation's result disturbed a little, and
what comes out is scaled down to the size of a real rounding error.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple, TypeAlias

from autograd_lite.modes import Mode, entered
from autograd_lite.ops import TABLE
from autograd_lite.value import Primitive, Value

Vector: TypeAlias = list[float]
VectorFunction: TypeAlias = Callable[[list[Any]], list[Any]]  # of Values or numbers

LEVELS = 7  # steps in one extrapolation, each half the one before
DISTURBANCE = 2.0**-40
ROUNDING = 2.0**-53 / DISTURBANCE
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

    def contradicts(self, analytic: float, rtol: float, atol: float) -> bool:
        """Whether a derivative differs from this one by more than the tolerance and the estimated error explain."""
        return not self.within(analytic, rtol, atol + SAFETY * self.error)

    def within(self, analytic: float, rtol: float, atol: float) -> bool:
        """Whether a derivative is this one up to the tolerance."""
        return math.isfinite(analytic) and abs(analytic - self.value) <= atol + rtol * max(abs(analytic), abs(self.value))

    def __str__(self) -> str:
        return f"{self.value:.10g} ± {self.error:.1g}"


def numerical_derivative(f: Callable[[float], Any], x: float) -> Estimate:
    """The derivative of a function of one number, with its estimated error.

    Arguments:
        f: takes a number and returns a number. It is called some hundred times.
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
    found = disagreements(lambda point: [f(point[0])], [x], 0, [[math.nan]], [abs(float(f(x))) * 2.0**-53], 0.0, 0.0)
    (estimate,) = found.values()
    if estimate is None:
        raise ArithmeticError(f"no derivative at {x!r}: the function cannot be evaluated on either side of it")
    return estimate


def disagreements(
    f: VectorFunction,
    point: Sequence[float],
    index: int,
    candidates: Sequence[Sequence[float]],
    noise: Sequence[float],
    rtol: float,
    atol: float,
) -> dict[tuple[int, int], Estimate | None]:
    """The derivatives that no numerical one confirms, each with the best numerical one; None where there is none.

    Any extrapolation at any scale may confirm a derivative, since agreeing with it by accident is unlikely; so a scale that does not
    suit the function costs time and no false alarm.

    Arguments:
        f: of a list of numbers, gives a list of numbers.
        point: where.
        index: the number in `point` to differentiate by.
        candidates: lists of derivatives, one for each output of `f`.
        noise: the rounding error of each output of `f`.
        rtol: relative tolerance.
        atol: absolute tolerance.

    Returns:
        The estimates by `(candidate, output)`.
    """
    unconfirmed: dict[tuple[int, int], Estimate | None] = {
        (c, i): None for c, derivatives in enumerate(candidates) for i in range(len(derivatives))
    }
    for step in steps(point[index]):
        for estimates in extrapolations(f, point, index, step, noise):
            for key, best in list(unconfirmed.items()):
                candidate, output = key
                analytic, estimate = candidates[candidate][output], estimates[output]
                if estimate.within(analytic, rtol, atol + SAFETY * estimate.rounding):
                    del unconfirmed[key]
                elif best is None or estimate.error < best.error:
                    unconfirmed[key] = estimate
            if not unconfirmed:
                return {}
    return unconfirmed


def steps(x: float) -> list[float]:
    """The first steps of the extrapolations to try at `x`, most promising first: relative to `x`, and absolute."""
    scales = sorted({max(abs(x), 1.0), abs(x) or 1.0, 1.0}, reverse=True)
    return [scale * 2.0**-exponent for exponent in (6, 12, 18) for scale in scales]


def extrapolations(
    f: VectorFunction, point: Sequence[float], index: int, step: float, noise: Sequence[float], sides: Sequence[int] = ()
) -> Iterator[list[Estimate]]:
    """Ever better estimates, for each output of `f`, of its derivative, from differences at `step`, `step / 2` and so on.

    `sides` is (-1, 1) for central differences, (0, 1) and (-1, 0) for those from the right and from the left; if not given, central
    ones where `f` can be evaluated, else one of the others. Nothing comes where `f` cannot be evaluated.
    """

    def differences(step: float, sides: Sequence[int]) -> Vector | None:
        left, right = (point[index] + side * step for side in sides)
        low, high = (evaluate(f, [*point[:index], x, *point[index + 1 :]]) for x in (left, right))
        if low is None or high is None or right == left:
            return None
        return [(b - a) / (right - left) for a, b in zip(low, high, strict=True)]

    allowed = [tuple(sides)] if sides else [(-1, 1), (0, 1), (-1, 0)]
    tries = ((step * 8.0**-k, sides) for sides in allowed for k in range(7))
    step, sides, row = next(((h, s, d) for h, s in tries if (d := differences(h, s)) is not None), (0.0, (), None))
    if row is None:
        return
    ratio = 4 if sides == (-1, 1) else 2  # by how much the leading error falls when the step is halved
    tableau = [[derivative] for derivative in row]
    best: list[Estimate] = [Estimate(derivative, math.inf, math.inf) for derivative in row]
    for _ in range(LEVELS - 1):
        step /= 2
        row = differences(step, sides)
        if row is None:
            return
        for output, derivative in enumerate(row):
            old, new = tableau[output], [derivative]
            rounding = 2 * noise[output] / step
            for order, previous in enumerate(old, 1):
                value = new[-1] + (new[-1] - previous) / (ratio**order - 1)
                estimate = Estimate(value, max(abs(value - new[-1]), abs(value - previous)), rounding)
                if estimate.error < best[output].error:
                    best[output] = estimate
                new.append(value)
            tableau[output] = new
        yield list(best)


def one_sided(f: VectorFunction, point: Sequence[float], index: int, noise: Sequence[float]) -> list[list[Estimate]]:
    """The derivatives of every output from the left and from the right, close to the point; `[]` where there is none."""
    step = max(abs(point[index]), 1.0) * 2.0**-12
    sides = ((-1, 0), (0, 1))
    return [last for s in sides for last in [[], *extrapolations(f, point, index, step, noise, s)][-1:]]


def evaluate(f: VectorFunction, point: list[float]) -> Vector | None:
    """The outputs of `f`, or None where it has none: outside of its domain, too large, not a number."""
    try:
        outputs = [float(number(output)) for output in f(point)]
    except (ArithmeticError, ValueError):
        return None
    return outputs if all(map(math.isfinite, outputs)) else None


def number(output: Any) -> Any:
    """The plain number in a Value or number."""
    return output.data if isinstance(output, Value) else output


class Disturbed(Mode):
    """Every operation's result is off by a random part of `DISTURBANCE`: stochastic arithmetic, to see what rounding can do."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        self.random = random.Random(seed)

    def node(self, primitive: Primitive, operands: tuple[Any, ...], data: Any) -> Value:
        """The node with its number disturbed; what is exact (whole numbers, copies) stays so."""
        if isinstance(data, float) and primitive is not TABLE["identity"].primitive:
            data *= 1 + DISTURBANCE * self.random.uniform(-1, 1)
        return super().node(primitive, operands, data)


def rounding_noise(f: VectorFunction, point: Sequence[float]) -> Vector:
    """How far rounding may move each output of `f`, which must compute with Values, at the point and where differences are taken.

    Around the point too, since rounding can vanish at the point itself: log(x)² at 1 is 0, exactly.
    """
    noise: Vector = []
    for seed, offset in enumerate((0.0, 2.0**-6, -(2.0**-6))):
        place = [x + offset * max(abs(x), 1.0) for x in point]
        exact = evaluate(f, place)
        with entered(lambda seed=seed: Disturbed(seed)):  # type: ignore[misc]
            disturbed = evaluate(f, [*map(Value, place)])  # type: ignore[list-item]
        if exact is not None and disturbed is not None:
            spread = [2 * ROUNDING * max(abs(d - e), abs(e) * DISTURBANCE) for d, e in zip(disturbed, exact, strict=True)]
            noise = [*map(max, noise, spread)] if noise else spread
    return noise or [0.0] * len(f(list(point)))
