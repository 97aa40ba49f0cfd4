"""A numerical derivative with an estimate of its own error, and what it can tell of an analytic derivative."""

from __future__ import annotations

import math
import sys
from typing import Final, NamedTuple

SAFETY: Final = 5  # a derivative may be off by so many times its estimated error
SMALLEST: Final = sys.float_info.min  # a smaller number has lost digits, and what is computed from it may have lost them all


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
        """The key to sort estimates by, the best first: those that converged before all others, then by their error."""
        return not self.converged, self.error

    def contradicts(self, analytic: float, rtol: float, atol: float = 0.0) -> bool:
        """Whether a derivative differs from this one by more than the tolerance and the estimated error explain.

        An estimate that overflowed contradicts nothing.
        """
        accepted = tolerance(self.value, analytic, rtol, atol) + SAFETY * self.error
        return math.isfinite(self.value) and not self.gap(analytic) <= accepted

    def gap(self, analytic: float) -> float:
        """How far a derivative is from this one."""
        return abs(analytic - self.value) if math.isfinite(analytic) else math.inf

    def __str__(self) -> str:
        return f"{self.value:.10g} ± {self.error:.1g}"


def tolerance(a: float, b: float, rtol: float, atol: float) -> float:
    """The difference of two numbers that is accepted; of NaN and infinity none is."""
    finite = math.isfinite(a) and math.isfinite(b)
    return atol + rtol * max(abs(a), abs(b)) + SMALLEST if finite else -math.inf
