"""Floats that only NumPy has: what is computed from float16, float32 or longdouble is of that type, in every NumPy.

Of several types the widest decides, and Python's numbers adapt to it. Errors are the engine's; NumPy's warnings are off.
"""

from __future__ import annotations

from typing import Any, Final

from autograd_lite.basics.arraylike import is_numpy_float, python_number, without_warnings
from autograd_lite.graph.bundles import Bundle, BundleNumbers
from autograd_lite.graph.context import ActiveMode
from autograd_lite.graph.derivatives import each_local_derivative
from autograd_lite.graph.long_doubles import is_longer
from autograd_lite.value import Value


class NumpyValue(Value):
    """A Value that holds a float of NumPy, and so do the results of its operations. `Value(numpy.float32(1))` is one."""

    __slots__ = ()

    def __init__(self, data: Any, label: Any = "", _op: str = "", _children: Any = ()) -> None:
        super().__init__(data, label, _op, _children)
        self._keep(data)  # a float of Python makes a plain Value

    @property
    def local_derivatives(self) -> tuple[Any, ...]:
        """The derivative of this value by each of its `parents`, all others held fixed."""
        with without_warnings():
            return tuple([of_type(self.data, local) for local in super().local_derivatives])

    def sweep(self, order: list[Value], active: ActiveMode | None) -> None:
        """The same as for other Values; each gradient is of its value's type."""
        with without_warnings():
            super().sweep(order, LONG_DOUBLES if active is None and is_longer(self.data) else active)
            nodes = {self}.union(*(node.parents for node in order))
            for node in nodes:
                node.grad = of_type(node.data, node.grad)


Value.kinds = (Value, NumpyValue)


class LongDoubles:
    """Takes the place of the active mode in a sweep over longdoubles."""

    def pull_back(self, node: Value, numbers: BundleNumbers) -> None:
        """`pull_back` by rules that cut nothing, though they may be written with `math`."""
        wanted = {parent for parent in node.parents if not parent.is_constant}
        for parent, local in each_local_derivative(node, node.data, node.inputs, wanted):
            if local or not node.primitive.chooses:
                parent.grad += node.grad * local


LONG_DOUBLES: Final[Any] = LongDoubles()


def of_type(example: Any, number: Any) -> Any:
    """`number` as a float of the type of `example`, if NumPy's floats are involved."""
    if is_numpy_float(example):
        return type(example)(number)
    return float(number) if is_numpy_float(number) else python_number(number)


def has_numpy_floats(operands: tuple[Any, ...]) -> bool:
    """Whether a float of NumPy is among these Values and Bundles."""
    return any(NumpyValue in map(type, o) if isinstance(o, Bundle) else isinstance(o, NumpyValue) for o in operands)
