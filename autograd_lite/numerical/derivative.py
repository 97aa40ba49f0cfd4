"""Numerical derivatives: one by itself, and those that say whether analytic derivatives are right."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, Final

from autograd_lite.numerical.differences import Extrapolation, RichardsonTable, extrapolated
from autograd_lite.numerical.estimate import SAFETY, SMALLEST, UNIT, Estimate, spacing, tolerance
from autograd_lite.numerical.evaluation import Vector, VectorFunction
from autograd_lite.numerical.findings import Finding, Kind, judged
from autograd_lite.numerical.looks import Look, WatchedFunction, last
from autograd_lite.numerical.rounding import rounding
from autograd_lite.numerical.sampling import QUIET, Direction, SampledFunction

CLOSE_BY: Final = 2.0**-26  # a step, relative to the point: what is confirmed at larger ones is looked at once more from here
QUICK: Final = 2.0**-12  # a step, relative to the point, that is small and yet hides little of most functions by rounding
QUICKLY: Final = 0.1  # of the tolerance: what comes so near with one such step is confirmed
WHOLE: Final = 2.0**46  # the steps from a number as large are whole ones, but for some of the smallest
NEARER: Final = 2.0**30  # the size of a number from which a step may be a small part of 1
ALIASED: Final = 1e-2  # of how far a function moves at all; if it moves so far between neighbouring floats, nothing is seen
IRREGULAR: Final = 1e-3  # of the tolerance, in values: more of it, seen from close by, may be noise or an oscillation


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
    (finding,) = disagreements(lambda point: [f(*point)], [x], [{0: 1.0}], [[math.nan]]).values()
    if finding.estimate is None:
        raise ArithmeticError(f"no derivative at {x!r}: the function cannot be evaluated on either side of it")
    return finding.estimate if finding.other is None else finding.estimate.midway(finding.other)


def disagreements(
    f: VectorFunction,
    point: Vector,
    directions: Sequence[Direction],
    candidates: Sequence[Sequence[float]],
    rtol: float = 0.0,
    atol: float = 0.0,
    on_values: bool = False,
    here: Vector | None = None,
) -> dict[tuple[int, int], Finding]:
    """The derivatives that no numerical one confirms, each with what was found instead.

    An extrapolation from any first step may confirm a derivative, if it settled within the tolerance and the function looks
    the same from close by: agreeing by accident is unlikely. So a step that does not suit the function costs time, and is no
    false alarm.

    Arguments:
        f: of a list of numbers, gives a list of numbers.
        point: where.
        directions: those to differentiate along, one for each order.
        candidates: lists of derivatives, one for each output of `f`.
        rtol: relative tolerance.
        atol: absolute tolerance.
        on_values: whether `f` can compute with Values, so that its rounding can be measured.
        here: what `f` gives at the point, where that is known.

    Returns:
        The findings by `(candidate, output)`.
    """
    samples, outputs = SampledFunction(f, point, directions, here), len(candidates[0])
    derivatives = dict.fromkeys((i, candidate[i]) for candidate in candidates for i in range(outputs))  # two modes mostly agree
    unconfirmed = {(i, x) for i, x in derivatives if not is_confirmed_quickly(samples, i, x, rtol, atol)}
    open_cases = {(c, i) for c, candidate in enumerate(candidates) for i, x in enumerate(candidate) if (i, x) in unconfirmed}
    if not open_cases:
        return {}
    watch, watched = WatchedFunction(samples, outputs), list[tuple[float, list[RichardsonTable]]]()
    for first in samples.first_steps():
        tables: list[RichardsonTable] = []
        for tables in watch.tables(first):
            for c, i in list(open_cases):
                if is_confirmed(tables[i], samples, i, candidates[c][i], rtol, atol):
                    open_cases.remove((c, i))
            if not open_cases:
                return {}
        watched.append((first, tables))
    watch.noise = samples.granularity(outputs)
    if on_values:
        watch.noise = [*map(max, watch.noise, noise_of(samples, outputs))]
    history = [watch.looks(first, tables) for first, tables in watched]
    if not all(any(look and look.seen for look in column) for column in zip(*history, strict=True)):
        history.insert(0, from_afar(watch))
    findings = {}
    for c, i in sorted(open_cases):
        looks = [look for row in history if (look := row[i])]
        finding = judged(looks, candidates[c][i], rtol, atol)
        if finding is not None:
            unsettled = finding.kind is Kind.WRONG and (
                is_within_smallest_step(samples)
                or jumps_between_floats(samples, i)
                or moves_between_whole_numbers(samples, i)
                or (not math.isfinite(candidates[c][i]) and overflows(samples, looks))
            )
            findings[c, i] = finding._replace(kind=Kind.UNSETTLED) if unsettled else finding
    return findings


def overflows(samples: SampledFunction, looks: Sequence[Look]) -> bool:
    """Whether the function, or its slope as seen from some distance, is too large for a float: so may the derivative be."""
    return samples.here is None or not all(math.isfinite(look.estimate.value) for look in looks)


def is_within_smallest_step(samples: SampledFunction) -> bool:
    """Whether an input is so small, and not 0, that no step is small beside it."""
    return any(0 < abs(samples.point[k]) < SMALLEST / QUICK for direction in samples.directions for k in direction)


def jumps_between_floats(samples: SampledFunction, output: int) -> bool:
    """Whether an output moves between neighbouring floats about as far as it moves at all: sin does at 1e100."""
    spaces = [math.ulp(samples.point[k]) / abs(weight) for way in samples.directions for k, weight in way.items()]
    near, far = samples.quotients(max(spaces)), samples.quotients(2.0**-6 * samples.largest_step)
    return bool(near and far and not far[output].is_quiet and near[output].motion > ALIASED * far[output].motion)


def moves_between_whole_numbers(samples: SampledFunction, output: int) -> bool:
    """Whether an output stands still at steps that are whole numbers, as far out as they are, and nearer to 0 moves between."""
    far = samples.quotients(2.0**-6 * samples.largest_step)
    for k in {k for direction in samples.directions for k in direction} if far and far[output].is_quiet else ():
        if abs(samples.point[k]) >= WHOLE:
            whole = float(round(math.frexp(samples.point[k])[0] * NEARER))
            near, between = (samples.value([*samples.point[:k], x, *samples.point[k + 1 :]]) for x in (whole, whole + 0.375))
            if near and between and near[output] != between[output]:
                return True
    return False


def invisible(f: VectorFunction, point: Vector, direction: Direction, output: int) -> Estimate | None:
    """The derivative of 0 of an output that does not move at all, by the largest step, and how much rounding may hide there."""
    samples = SampledFunction(f, point, [direction])
    quotients = samples.quotients(samples.largest_step)
    if quotients is None or not quotients[output].is_quiet:
        return None
    return Estimate(0.0, 0.0, QUIET * spacing(quotients[output].size) / samples.largest_step)


def noise_of(samples: SampledFunction, outputs: int) -> Vector:
    """The rounding of each output, measured at the point, and close by, since it may vanish at the point."""
    noise = [0.0] * outputs
    for side in (-1, 0, 1):
        found = rounding(samples.f, samples.moved([side * CLOSE_BY * samples.largest_step] * samples.order))
        noise = [*map(max, noise, found)] if found else noise
    return noise


def from_afar(watch: WatchedFunction) -> list[Look | None]:
    """What is seen from farther away than usual: the slope of a function that has as much noise as half a precision.

    That it is as high there as at the point tells nothing: in between it may be anything.
    """
    afar = WatchedFunction(watch.samples, len(watch.noise))
    afar.noise = watch.noise
    looks = afar.looks(watch.samples.largest_step, last(afar.tables(watch.samples.largest_step)))
    return [None if look and look.quiet else look for look in looks]


def is_confirmed_quickly(samples: SampledFunction, output: int, analytic: float, rtol: float, atol: float) -> bool:
    """Whether a small step, or it and its double, give a derivative to far within the tolerance: most need no more.

    The truncation is taken for as large as the tolerance allows, so that agreement by accident is no more likely.
    """
    step = QUICK * samples.largest_step
    quotients = samples.quotients(step)
    if quotients is None:
        return False
    slope, _, motion, size = quotients[output]
    if agrees(Extrapolation(slope, abs(slope - analytic) / QUICKLY, step, motion, size), samples, output, analytic, rtol, atol):
        return True
    doubled = samples.quotients(2 * step)
    if doubled is None:
        return False
    _, slope = extrapolated([doubled[output].slope], slope, 4)
    return agrees(
        Extrapolation(slope, abs(slope - analytic) / QUICKLY, step, motion, size), samples, output, analytic, rtol, atol
    )


def is_confirmed(
    table: RichardsonTable, samples: SampledFunction, output: int, analytic: float, rtol: float, atol: float
) -> bool:
    """Whether the extrapolation that settled best agrees with a derivative."""
    if table.closed or not table.entries:
        return False
    best = min(table.entries, key=lambda entry: entry.truncation)
    return agrees(best, samples, output, analytic, rtol, atol)


def agrees(best: Extrapolation, samples: SampledFunction, output: int, analytic: float, rtol: float, atol: float) -> bool:
    """Whether an extrapolation agrees with a derivative, and so does a look at the function from close by.

    The rounding of its values is accepted beside the tolerance. It must be far smaller than their motion: else they may agree
    by chance.
    """
    rounding_error, motion = SAFETY * UNIT * best.size, rtol * best.motion
    if rounding_error > motion and best.motion > 0:
        return False
    accepted = tolerance(analytic, best.value, rtol, atol)
    accepted += min(rounding_error / best.step**samples.order, motion / best.step)
    if not max(best.truncation, abs(analytic - best.value)) <= accepted:
        return False
    close = CLOSE_BY * samples.largest_step
    quotients = samples.quotients(close) if samples.order == 1 and best.step > close else None
    if quotients is None:
        return True
    irregular = max(accepted * best.step, motion) * IRREGULAR + SAFETY * UNIT * quotients[output].size
    return max(abs(quotients[output].slope - analytic) * close, abs(quotients[output].bend)) <= irregular
