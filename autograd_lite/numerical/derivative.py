"""Numerical derivatives: one by itself, and those that say whether analytic derivatives are right."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from autograd_lite.numerical.differences import CENTRAL, Entry, extrapolations, first_steps
from autograd_lite.numerical.estimate import Estimate, tolerance
from autograd_lite.numerical.evaluation import Vector, VectorFunction, shifted
from autograd_lite.numerical.rounding import rounding


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

    An extrapolation from any first step may confirm a derivative, if it settled within the tolerance: agreeing by accident is
    unlikely. So a step that does not suit the function costs time, and is no false alarm.

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
    for step in first_steps(point[index]):
        entries: list[list[Entry]] = []
        for entries in extrapolations(f, point, index, step):
            for candidate, output in list(unconfirmed):
                if confirms(entries[output], candidates[candidate][output], rtol, atol):
                    del unconfirmed[candidate, output]
            if not unconfirmed:
                return {}
        if not entries:
            continue
        estimates = best_estimates(f, point, index, entries, on_values)
        for (candidate, output), previous in list(unconfirmed.items()):
            if previous is None or estimates[output].badness < previous.badness:
                unconfirmed[candidate, output] = estimates[output]
            elif previous.converged and not previous.contradicts(candidates[candidate][output], rtol, atol):
                del unconfirmed[candidate, output]  # they differ by rounding alone, and a smaller step has more of it
    return unconfirmed


def confirms(entries: Sequence[Entry], analytic: float, rtol: float, atol: float) -> bool:
    """Whether the extrapolation that settled best agrees with a derivative, and settled as closely as the tolerance asks."""
    best = min(entries, key=lambda entry: entry.truncation)
    return max(best.truncation, abs(analytic - best.value)) <= tolerance(analytic, best.value, rtol, atol)


def best_estimates(
    f: VectorFunction, point: Vector, index: int, entries: Sequence[Sequence[Entry]], on_values: bool
) -> list[Estimate]:
    """For each output the extrapolation of the least error, once the rounding error of `f` is known.

    It is measured at the point and one step away on both sides. At the point alone it may vanish: that of log(x)² at 1 does,
    where the logarithm is exactly 0.
    """
    (first, *_), *_ = entries
    places = [shifted(point, index, side * first.step) for side in (0, *CENTRAL)]
    noise = [*map(max, *(rounding(f, place, on_values) or [0.0] * len(entries) for place in places))]
    return [
        min((Estimate(e.value, e.truncation, 2 * n / e.step) for e in row), key=lambda estimate: estimate.badness)
        for row, n in zip(entries, noise, strict=True)
    ]
