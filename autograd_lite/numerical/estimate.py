"""A numerical derivative with an estimate of its own error, and what it can tell of an analytic derivative."""

from __future__ import annotations

import math
import sys
from typing import Final, NamedTuple

SAFETY: Final = 5  # a derivative may be off by so many times its estimated error
VISIBLE: Final = 1e-2  # an error that is a larger part than this of what is measured leaves nothing to judge by
SMALLEST: Final = sys.float_info.min  # a smaller number has lost digits, and what is computed from it may have lost them all
UNIT: Final = sys.float_info.epsilon  # how far two neighbouring floats may lie apart, relative to them


def spacing(size: float) -> float:
    """How far two neighbouring floats of a size lie apart, at most: below `SMALLEST` all as far as there."""
    return UNIT * max(size, SMALLEST)


class Estimate(NamedTuple):
    """A numerical derivative with the two parts of its estimated error."""

    value: float
    truncation: float
    rounding: float

    @property
    def error(self) -> float:
        """The estimated error."""
        return self.truncation + self.rounding

    def is_seen(self, signal: float) -> bool:
        """Whether the error is far below the derivative, or below `signal`: how steeply the function moves at all.

        Of a derivative that is too large for a float nothing is seen.
        """
        return math.isfinite(self.value) and SAFETY * self.error <= VISIBLE * max(abs(self.value), signal)

    def contradicts(self, analytic: float, rtol: float, atol: float = 0.0) -> bool:
        """Whether a derivative differs from this one by more than the tolerance and the estimated error explain.

        An estimate that overflowed contradicts nothing, and neither does one whose error did.
        """
        accepted = tolerance(self.value, analytic, rtol, atol) + SAFETY * self.error
        return math.isfinite(self.value) and math.isfinite(self.error) and not self.gap(analytic) <= accepted

    def gap(self, analytic: float) -> float:
        """How far a derivative is from this one."""
        return abs(analytic - self.value) if math.isfinite(analytic) else math.inf

    def clashes(self, other: Estimate) -> bool:
        """Whether the errors of two estimates do not explain how far they lie apart."""
        return abs(self.value - other.value) > SAFETY * (self.error + other.error) + SMALLEST

    def divided(self, size: float) -> Estimate:
        """The estimate of the derivative in other units."""
        return Estimate(*(part / size for part in self))

    def midway(self, other: Estimate) -> Estimate:
        """The middle of two estimates, whose error is how far they lie apart."""
        gap = abs(self.value - other.value) / 2
        return Estimate(
            (self.value + other.value) / 2, max(self.truncation, other.truncation, gap), max(self.rounding, other.rounding)
        )

    def __str__(self) -> str:
        return f"{self.value:.10g} ± {self.error:.1g}"


def tolerance(a: float, b: float, rtol: float, atol: float) -> float:
    """The difference of two numbers that is accepted; of NaN and infinity none is."""
    finite = math.isfinite(a) and math.isfinite(b)
    return atol + rtol * max(abs(a), abs(b)) + SMALLEST if finite else -math.inf
