"""A function of a list of numbers, and its values as plain floats."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from autograd_lite.value import Value

Vector: TypeAlias = list[float]
VectorFunction: TypeAlias = Callable[[list[Any]], list[Any]]  # of numbers or Values


def evaluate(f: VectorFunction, point: Sequence[Any]) -> Vector | None:
    """The outputs of `f`, or None where it has none: outside of its domain, too large, not a number."""
    try:
        outputs = [number_in(output) for output in f(list(point))]
        if any(type(x) is not float for x in outputs):
            if any(isinstance(x, complex) for x in outputs):  # as Python's (-1) ** 0.5
                return None
            outputs = [*map(float, outputs)]
    except (ArithmeticError, ValueError):
        return None
    return outputs if all(map(math.isfinite, outputs)) else None


def number_in(output: Any) -> Any:
    """The number in a Value; a plain number as it is."""
    return output.data if isinstance(output, Value) else output


def shifted(point: Vector, index: int, step: float) -> Vector:
    """The point with one of its numbers moved by a step."""
    return [*point[:index], point[index] + step, *point[index + 1 :]]
