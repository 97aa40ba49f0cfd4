"""Settings as a user gives them, checked where they come in."""

from __future__ import annotations

import math
from numbers import Integral, Real
from typing import Any


def whole_number(name: str, number: Any) -> int:
    """A whole number of at least 1 as a plain int: NumPy's whole numbers count.

    Raises:
        ValueError: it is something else; the message has its name.
    """
    if not isinstance(number, Integral) or isinstance(number, bool) or number < 1:
        raise ValueError(f"{name} must be a whole number of at least 1, got {number!r}")
    return int(number)


def check_range(name: str, number: Any, low: float, high: float = math.inf) -> None:
    """Check that `low ≤ number < high`.

    Raises:
        TypeError: it is no number.
        ValueError: it is out of that range, or NaN.
    """
    is_number = isinstance(number, Real)
    if not is_number:
        raise TypeError(f"{name} must be a number, got {number!r} ({type(number).__name__})")
    if not low <= number < high:
        raise ValueError(f"{name} must be at least {low:g} and below {high:g}, got {number!r}")
