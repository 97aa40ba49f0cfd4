"""What a Value has in common with a plain number, and what it refuses to be taken for.

It compares, it has a truth, it formats, and it has the one-argument functions as methods. It does not become a float in
silence, since that would lose its gradient.
"""

from __future__ import annotations

from numbers import Real
from typing import TYPE_CHECKING, Any, NoReturn, Self

from autograd_lite.arraylike import python_number


class Scalar:
    """The base of `Value`: what it has of a number, and the methods that it gets from the table."""

    __slots__ = ()

    if TYPE_CHECKING:
        data: Any
        grad: Any
        label: str

    # Ordering compares the numbers, so that max, min and sorted work. `==` and `hash` ask which node it is, as of any object.

    def __lt__(self, other: Self | float) -> bool:
        return bool(self.data < _number(other, self, "<"))

    def __le__(self, other: Self | float) -> bool:
        return bool(self.data <= _number(other, self, "<="))

    def __gt__(self, other: Self | float) -> bool:
        return bool(self.data > _number(other, self, ">"))

    def __ge__(self, other: Self | float) -> bool:
        return bool(self.data >= _number(other, self, ">="))

    def __bool__(self) -> bool:
        return bool(self.data)

    def __float__(self) -> NoReturn:
        raise TypeError(
            f"{self!r} is not a plain number: converting it would lose its gradient. For math.exp(v) write "
            "autograd_lite.exp(v) (so too for log, tanh, sqrt …); for the number alone, v.data"
        )

    __int__ = __complex__ = __float__

    def __repr__(self) -> str:
        named = f", label={self.label!r}" if self.label else ""
        return f"Value(data={self.data}, grad={self.grad}{named})"

    def __format__(self, specification: str) -> str:
        return format(self.data, specification) if specification else str(self)

    def __pos__(self) -> Self:
        return self

    def conjugate(self) -> Self:
        """The Value itself, which is real: `numpy.var` asks the Values in an array for it."""
        return self

    # The one-argument operations of the table: declared here, made from it in autograd_lite/operators.py

    def exp(self) -> Self: ...
    def expm1(self) -> Self: ...
    def log(self) -> Self: ...
    def log1p(self) -> Self: ...
    def log2(self) -> Self: ...
    def log10(self) -> Self: ...
    def sqrt(self) -> Self: ...
    def cbrt(self) -> Self: ...
    def sin(self) -> Self: ...
    def cos(self) -> Self: ...
    def tan(self) -> Self: ...
    def asin(self) -> Self: ...
    def acos(self) -> Self: ...
    def atan(self) -> Self: ...
    def sinh(self) -> Self: ...
    def cosh(self) -> Self: ...
    def tanh(self) -> Self: ...
    def asinh(self) -> Self: ...
    def acosh(self) -> Self: ...
    def atanh(self) -> Self: ...
    def erf(self) -> Self: ...
    def erfc(self) -> Self: ...
    def sigmoid(self) -> Self: ...
    def relu(self) -> Self: ...
    def leaky_relu(self, negative_slope: Self | float = 0.01) -> Self: ...
    def elu(self, alpha: Self | float = 1.0) -> Self: ...
    def gelu(self) -> Self: ...
    def silu(self) -> Self: ...
    def softplus(self) -> Self: ...
    def abs(self) -> Self: ...
    def sign(self) -> Self: ...


def _number(other: Any, value: Scalar, comparison: str) -> Any:
    if isinstance(other, Scalar):
        return other.data
    other = python_number(other)
    if not isinstance(other, Real):
        raise TypeError(
            f"{value!r} {comparison} {other!r}: a Value compares with numbers and Values, not {type(other).__name__}"
        )
    return other
