"""The operators and methods of Value, made from the table: the one place where `Value` gets what it declares."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from numbers import Integral, Rational, Real
from typing import Any, Final

from autograd_lite.basics.arraylike import PYTHON, is_array, python_number
from autograd_lite.errors import FAILURES, fail, way_out
from autograd_lite.graph.context import mode
from autograd_lite.notation import repr_html, repr_latex
from autograd_lite.numpy_floats import NumpyValue
from autograd_lite.operands import make_constant
from autograd_lite.ops import TABLE
from autograd_lite.primitive import CONSTANT, Primitive
from autograd_lite.scalar import KNOWN, Scalar
from autograd_lite.value import Value, new_node

# By these methods NumPy and `math` ask for operations that have another name here.
NUMPYS_NAMES: Final = {
    "floor": "__floor__",
    "ceil": "__ceil__",
    "round": "rint",
    "abs": "fabs",
    "deg2rad": "radians",
    "rad2deg": "degrees",
}


def install() -> None:
    """Put into `Value` what its base `Scalar` declares, each made of the operation of that name in the table."""
    for name, operation in TABLE.items():
        primitive = operation.primitive
        mirrored = f"__r{name}__"
        if mirrored in vars(Scalar):  # such as `*`: an operator between two operands, either of which Python may ask
            for kind, operators in ((Value, binary_operator(primitive)), (NumpyValue, operator_of_numpy(operation))):
                for place, method in zip((primitive.method, mirrored), operators, strict=True):
                    setattr(kind, place, method)
        elif primitive.method:  # -x and abs(x)
            setattr(Value, primitive.method, operation)
        elif hasattr(math, name) and len(primitive.derivatives) == 2 and not primitive.variadic:  # such as np.arctan2(array, y)
            setattr(Value, numpys_name(name), method_of(operation))
        if name in vars(Scalar):  # v.tanh()
            setattr(Value, name, operation)
            setattr(Value, numpys_name(name), operation)
    Value.__trunc__, Value.fmod = truncated, remainder_of_c  # type: ignore[attr-defined]
    detach.__doc__ = Scalar.detach.__doc__
    Value.detach = detach  # type: ignore[assignment, method-assign]
    Value._repr_latex_, Value._repr_html_ = repr_latex, repr_html  # type: ignore[attr-defined]


def detach(self: Value) -> Value:
    """See `Scalar.detach`."""
    return make_constant(self.data) if mode.get() is None else self.stop_gradient()


def numpys_name(name: str) -> str:
    """The method by which NumPy asks each Value of an array for an operation: np.arctan2(array, y) for `arctan2`."""
    return NUMPYS_NAMES.get(name) or (f"arc{name[1:]}" if name.startswith(("asin", "acos", "atan")) else name)


def truncated(x: Value) -> Value:
    """The whole number next to `x` on the side of 0, for `math.trunc` and `np.trunc`."""
    return TABLE["where"](TABLE["greater"](x, 0), x.floor(), x.ceil())  # type: ignore[no-any-return]


def remainder_of_c(a: Value, b: Any) -> Value:
    """The remainder with the sign of `a`, for `np.fmod`; that of `%` has the sign of `b`."""
    size = abs(b)
    return TABLE["where"](TABLE["greater"](0, a), -(-a % size), a % size)  # type: ignore[no-any-return]


def method_of(operation: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """An operation of two numbers as a method."""
    return lambda self, other: operation(self, other)


def binary_operator(primitive: Primitive) -> tuple[Callable[[Value, Any], Any], Callable[[Value, Any], Any]]:
    """The methods behind an operator of two operands: `value ∘ other` and, reflected, `other ∘ value`."""
    # They do what the table's function does, with the usual case, a float beside a Value, first. The table's functions for
    # +, − and × only apply Python's operator, which cannot fail for floats: so that is called directly. (Benchmark engine.)
    compute = getattr(operator, primitive.name) if primitive.total else primitive.compute
    mirrored = f"__r{primitive.name}__"

    def method(self: Value, other: Any) -> Any:
        kind = type(other)
        if kind is not Value:
            if kind is float:
                other = new_node(CONSTANT, other, None)
            elif not isinstance(other, Value):
                if kind not in PYTHON and takes_over(other, mirrored):
                    return NotImplemented
                other = _operand(primitive, self, other)
        try:
            data = compute(self._data, other._data)
        except FAILURES as error:
            fail(primitive, (self, other), error)
        active = mode.get()
        return new_node(primitive, data, self, other) if active is None else active.node(primitive, (self, other), data)

    def reflected(self: Value, other: Any) -> Any:
        if type(other) is not float and is_array(other):
            return NotImplemented
        return method(_operand(primitive, self, other), self)

    return method, reflected


def operator_of_numpy(operation: Callable[..., Any]) -> tuple[Callable[[Value, Any], Any], Callable[[Value, Any], Any]]:
    """The same methods where floats of NumPy may take part: Python asks this class first, on whichever side it stands."""
    primitive: Primitive = operation.primitive  # type: ignore[attr-defined]
    mirrored = f"__r{primitive.name}__"

    def method(self: Value, other: Any) -> Any:
        if takes_over(other, mirrored):
            return NotImplemented
        return operation(self, other if isinstance(other, Value) else _operand(primitive, self, other))

    def reflected(self: Value, other: Any) -> Any:
        if is_array(other):
            return NotImplemented
        return operation(other if isinstance(other, Value) else _operand(primitive, self, other), self)

    return method, reflected


def takes_over(other: Any, mirrored: str) -> bool:
    """Whether the other operand computes by itself: an array, which asks again for each element, or one with such a method."""
    return is_array(other) or (hasattr(type(other), mirrored) and not isinstance(other, (Value, *KNOWN)))


def _operand(primitive: Primitive, value: Value, other: Any) -> Value:
    if type(other) not in PYTHON:
        other = python_number(other)
        if not isinstance(other, Real):
            hint = "take the one in it, with [0]" if isinstance(other, list) and len(other) == 1 else way_out(other)
            raise TypeError(
                f"{value!r} {primitive.symbol} {other!r}: expected a number or a Value, got {type(other).__name__}"
                + (f": {hint}" if hint else "")
            )
    held = type(value.data)
    if isinstance(other, int) and held is not float and issubclass(held, Rational) and not issubclass(held, Integral):
        other = held(other)  # 1/2 is exact as a Fraction, and a float as a quotient of ints
    return make_constant(other)


install()
