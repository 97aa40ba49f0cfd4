"""What is found where no numerical derivative confirms an analytic one: that it is wrong, or that nothing can be said."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from typing import Final, NamedTuple

from autograd_lite.numerical.estimate import SAFETY, Estimate
from autograd_lite.numerical.looks import Look

ROUNDING: Final = 2.0**-20  # noise below this, relative to the values, is taken for rounding, be it that of single precision


class Kind(Enum):
    """What was found."""

    WRONG = "the numerical derivative contradicts the analytic one"
    KINK = "the derivatives from the left and from the right differ"
    UNCLEAR = "the derivative depends on how close one looks"
    UNSEEN = "the error of the numerical derivative is not far below it, for rounding"
    UNSETTLED = "the same, and for more than rounding: differences do not settle as the step shrinks"
    NOWHERE = "the function cannot be evaluated around the point"


class Finding(NamedTuple):
    """What was found about a derivative that is not confirmed.

    Attributes:
        kind: which of the cases.
        estimate: the best numerical derivative; None where there is none at all.
        other: at a kink, the derivative from the right, while `estimate` is that from the left; where it is unclear, the one
            that is seen from farther away.
    """

    kind: Kind
    estimate: Estimate | None = None
    other: Estimate | None = None


def kink_in(looks: Sequence[Look]) -> tuple[Estimate, Estimate] | None:
    """The derivatives from both sides where they differ, if that is so from as close by as anything is seen.

    It is not so where the function is seen not to move at all from closer by: then the kink is beside the point.
    """
    told = [look for look in looks if look.seen or look.sides]
    if not told or told[-1].sides is None:
        return None
    closer = looks[looks.index(told[-1]) :]
    if any(look.quiet and look.estimate.clashes(side) for look in closer for side in told[-1].sides):
        return None
    return told[-1].sides


def judged(looks: Sequence[Look], analytic: float, rtol: float, atol: float) -> Finding | None:
    """What looks at a function, from far to close, tell about a derivative; None if it agrees with what is seen.

    What is seen from closer by overrules what was seen from farther away: from there an oscillation, a narrow peak or a rounded
    corner looks like something else. The derivative is the best estimate that nothing overrules.
    """
    if sides := kink_in(looks):
        return Finding(Kind.KINK, *sides)
    seen = [look.estimate for look in looks if look.seen]
    if seen:
        standing = not_overruled(seen)
        best = min(standing, key=lambda e: e.error)
        if not best.contradicts(analytic, rtol, atol):
            return None
        for other in seen:
            if other not in standing and not other.contradicts(analytic, rtol, atol):
                return Finding(Kind.UNCLEAR, best, other)
        return Finding(Kind.WRONG, best)
    quiet = [look for look in looks if look.quiet]
    quiet = [look for look in quiet if not look.one_sided] or quiet  # what is flat to one side need not be so at the point
    if quiet:
        best, steps = min(((look.estimate, look.steps) for look in quiet), key=lambda pair: pair[0].error)
        if best.contradicts(analytic, rtol, atol):
            return Finding(Kind.UNSETTLED if steps and steps[0] < analytic < steps[1] else Kind.WRONG, best)
        if analytic == 0:
            return None
    if not looks:
        return Finding(Kind.NOWHERE)
    best = min(not_overruled([look.estimate for look in looks if look in quiet or not look.quiet]), key=lambda e: e.error)
    if SAFETY * best.error <= atol and not best.contradicts(analytic, rtol, atol):
        return None
    return Finding(Kind.UNSEEN if quiet or min(look.noise for look in looks) <= ROUNDING else Kind.UNSETTLED, best)


def not_overruled(estimates: Sequence[Estimate]) -> list[Estimate]:
    """Those estimates, from far to close, with which all from closer by agree."""
    return [e for k, e in enumerate(estimates, 1) if not any(e.clashes(closer) for closer in estimates[k:])]
