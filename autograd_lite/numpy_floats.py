"""Floats that only NumPy has: what is computed from float16, float32 or longdouble is of that type, in every NumPy.

Of several types the widest decides, and Python's numbers adapt to it. Errors are the engine's; NumPy's warnings are off.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from autograd_lite.arraylike import is_numpy_float, python_number, without_warnings
from autograd_lite.bundles import Bundle
from autograd_lite.primitive import Primitive
from autograd_lite.value import Value, topological_order


class NumpyValue(Value):
    """A Value that holds a float of NumPy, and so do the results of its operations. `Value(numpy.float32(1))` is one."""

    __slots__ = ()

    @property
    def local_derivatives(self) -> tuple[Any, ...]:
        """The derivative of this value by each of its `parents`, all others held fixed."""
        with without_warnings():
            return tuple([of_type(self.data, local) for local in super().local_derivatives])

    def backward(self) -> None:
        """`Value.backward`; each gradient is of its value's type."""
        with without_warnings():
            super().backward()
            nodes = {self}.union(*(node.parents for node in topological_order(self)))
            for node in nodes:
                node.grad = of_type(node.data, node.grad)


Value.of_numpy = NumpyValue


def of_type(example: Any, number: Any) -> Any:
    """`number` as a float of the type of `example`, if NumPy's floats are involved."""
    if is_numpy_float(example):
        return type(example)(number)
    return float(number) if is_numpy_float(number) else python_number(number)


def has_numpy_floats(operands: tuple[Any, ...]) -> bool:
    """Whether a float of NumPy is among these Values and Bundles."""
    return any(NumpyValue in map(type, o) if isinstance(o, Bundle) else isinstance(o, NumpyValue) for o in operands)


def computed(primitive: Primitive, operands: tuple[Any, ...]) -> Any:
    """The value of an operation, where the numbers in its operands may be floats of NumPy."""
    inputs = [o.data if isinstance(o, Value) else [v.data for v in o] for o in operands]
    numbers = [n for i in inputs for n in (i if isinstance(i, list) else [i])]
    floats = [n for n in numbers if is_numpy_float(n)]
    if not floats:
        return primitive.compute(*inputs)
    kind: Any = type(max(floats, key=lambda number: number.itemsize))
    longer = kind(0).itemsize > 8  # than Python's floats; shorter ones are computed with as those, and the result is rounded
    with without_warnings():
        result = kind(primitive.compute(*each(kind if longer else float, inputs)))
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
