"""Functions of the table in words that numba knows: it has no `except` of one kind of error, and a kernel must raise none."""

from __future__ import annotations

import math
from typing import Any

from autograd_lite.basics.special import log_gamma, psi
from autograd_lite.ops import TABLE


def _power_limit(x: Any, y: Any) -> Any:  # in machine code
    return math.inf if x == 0 and y < 0 else x**y  # machine code has infinity where Python raises an OverflowError


def _dot(w: Any, a: Any, b: float = 0.0) -> Any:  # in machine code
    total = 0.0 + b
    for k in range(len(w)):
        total += w[k] * a[k]
    return total


def _sum(terms: Any) -> Any:  # in machine code
    total = 0.0
    for k in range(len(terms)):
        total += terms[k]
    return total


# Functions that numba cannot take as they are: it knows no `except` of one kind of error, and a kernel must raise none
ADAPTED: dict[Any, Any] = {
    TABLE["power_limit"].primitive.compute: _power_limit,
    TABLE["lgamma"].primitive.compute: log_gamma,
    TABLE["digamma"].primitive.compute: psi,
    TABLE["dot"].primitive.compute: _dot,
    TABLE["sum"].primitive.compute: _sum,
}
