"""Where a primitive is defined: one interval for each operand, in its table entry."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Interval:
    """The real numbers from `low` to `high`; an end is included when its flag is set; `hole` is a point that is left out.

    With `holes_below`, so are hole − 1, hole − 2, …

    Example:
        >>> from autograd_lite import Interval
        >>> positive = Interval(low=0)
        >>> 0.5 in positive, 0.0 in positive, positive.describe("x")
        (True, False, 'x > 0')
    """

    low: float = -math.inf
    high: float = math.inf
    low_included: bool = False
    high_included: bool = False
    hole: float | None = None
    holes_below: bool = False

    def __post_init__(self) -> None:
        if not self.low <= self.high:
            raise ValueError(f"an Interval from {self.low} to {self.high}: the lower end comes first")

    @property
    def bounded(self) -> bool:
        """Whether any real number lies outside."""
        return self != Interval()

    def __contains__(self, x: float) -> bool:
        above = x >= self.low if self.low_included else x > self.low
        below = x <= self.high if self.high_included else x < self.high
        return bool(above and below and x != self.nearest_hole(x))

    def nearest_hole(self, x: float) -> float | None:
        """The point left out that is nearest to `x`, if any is."""
        if self.hole is None or not self.holes_below or not math.isfinite(x):
            return self.hole
        return self.hole + min(0, round(x - self.hole))

    def describe(self, name: str = "x") -> str:
        """The condition in symbols, such as `-1 ≤ x ≤ 1`."""
        low = f"{self.low:g} {'≤' if self.low_included else '<'} " if self.low > -math.inf else ""
        high = f" {'≤' if self.high_included else '<'} {self.high:g}" if self.high < math.inf else ""
        if low and not high:
            low, high = "", f" {'≥' if self.low_included else '>'} {self.low:g}"
        hole = f"{name} ≠ {self.hole:g}" if self.hole is not None else ""
        if self.hole is not None and self.holes_below:
            hole += f", {self.hole - 1:g}, {self.hole - 2:g}, …"
        return ", ".join(part for part in (f"{low}{name}{high}" if low or high else "", hole) if part)


REALS = Interval()
POSITIVE = Interval(low=0)
NON_NEGATIVE = Interval(low=0, low_included=True)
NONZERO = Interval(hole=0)
NO_POLE = Interval(hole=0, holes_below=True)  # of the gamma function
