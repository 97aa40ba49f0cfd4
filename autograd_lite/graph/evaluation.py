"""The value of an operation at the numbers in its operands, which may be floats of NumPy."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from autograd_lite.basics.arraylike import is_numpy_float, without_warnings
from autograd_lite.graph.bundles import Bundle
from autograd_lite.graph.long_doubles import in_long_double
from autograd_lite.primitive import Primitive


def computed(primitive: Primitive, operands: tuple[Any, ...]) -> Any:
    """The value of an operation, where the numbers in its operands may be floats of NumPy."""
    inputs = [[v.data for v in o] if isinstance(o, Bundle) else o.data for o in operands]
    return computed_from(primitive, inputs)


def computed_from(primitive: Primitive, inputs: list[Any]) -> Any:
    """The same, from the numbers: one for an operand, a list for a bundle of them."""
    numbers = [n for i in inputs for n in (i if isinstance(i, list) else [i])]
    floats = [n for n in numbers if is_numpy_float(n)]
    if not floats:
        return primitive.compute(*inputs)
    kind: Any = type(max(floats, key=lambda number: number.itemsize))
    longer = kind(0).itemsize > 8  # than Python's floats; shorter ones are computed with as those, and the result is rounded
    compute = in_long_double(primitive.compute) if longer else primitive.compute
    with without_warnings():
        result = kind(compute(*each(kind if longer else float, inputs)))
    if not primitive.total and not is_finite(result) and all(map(is_finite, numbers)):
        primitive.compute(*each(float, inputs))  # raises an error where there is no value, which NumPy's numbers do not
        raise OverflowError(f"the result is too large for {kind.__name__}")
    return result


def each(kind: Callable[[Any], Any], inputs: list[Any]) -> list[Any]:
    """Numbers, and lists of them, as numbers of one type."""
    return [[*map(kind, i)] if isinstance(i, list) else kind(i) for i in inputs]


def is_finite(number: Any) -> bool:
    """Whether it is neither NaN nor infinite, where a float of Python might be too short for it."""
    return bool(abs(number) < math.inf)
