"""What a Value has in common with a plain number, and what it refuses to be taken for.

It compares, it has a truth, it formats, and it has the one-argument functions as methods. It does not become a float in
silence, since that would lose its gradient.
"""

from __future__ import annotations

from numbers import Real
from typing import TYPE_CHECKING, Any, NoReturn, Self

from autograd_lite.arraylike import is_arraylike, python_number
from autograd_lite.primitive import CONSTANT


class Scalar:
    """The base of `Value`: what it has of a number, and the methods that it gets from the table."""

    __slots__ = ()

    if TYPE_CHECKING:
        data: Any
        grad: Any
        label: str

    # Ordering compares the numbers, so that max, min and sorted work; an array compares itself, element by element.

    def __lt__(self, other: Self | float) -> bool:
        number = _number(other, self, "<")
        return number if number is NotImplemented else bool(self.data < number)

    def __le__(self, other: Self | float) -> bool:
        number = _number(other, self, "<=")
        return number if number is NotImplemented else bool(self.data <= number)

    def __gt__(self, other: Self | float) -> bool:
        number = _number(other, self, ">")
        return number if number is NotImplemented else bool(self.data > number)

    def __ge__(self, other: Self | float) -> bool:
        number = _number(other, self, ">=")
        return number if number is NotImplemented else bool(self.data >= number)

    # Of two Values, `==` and `hash` ask whether they are the same node: Values are keys of dictionaries and members of sets.
    # With anything else `==` compares the number, so that `1.0 if x == 0 else sin(x) / x` chooses as it reads.

    def __eq__(self, other: object) -> Any:
        return self is other if isinstance(other, Scalar) else self.data == other

    __hash__ = object.__hash__

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

    def __reduce__(self: Any) -> tuple[Any, ...]:
        if self.operands:
            raise TypeError(
                f"{self!r} is the result of {self.op!r}: copying or pickling it would copy or cut its whole graph. "
                "Copy its number, Value(v.data), or the leaves, and compute it again"
            )
        made_of = (type(self), self.data, self.grad, self.label, self.is_constant)
        return _restore, made_of, getattr(self, "__dict__", None)  # the attributes of a parameter, which has room for them

    def __format__(self, specification: str) -> str:
        return format(self.data, specification) if specification else str(self)

    def __pos__(self) -> Self:
        return self

    def __round__(self, digits: None = None) -> Self:
        if digits is not None:
            raise TypeError(
                f"round({self!r}, {digits!r}): a Value is rounded to a whole number only. To show so many digits write "
                f'f"{{v:.{digits}f}}"; for the number alone, round(v.data, {digits!r})'
            )
        return self.round()

    def conjugate(self) -> Self:
        """The Value itself, which is real: `numpy.var` asks the Values in an array for it."""
        return self

    # The one-argument operations of the table: declared here, made from it in autograd_lite/operators.py

    def square(self) -> Self: ...
    def exp(self) -> Self: ...
    def exp2(self) -> Self: ...
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
    def deg2rad(self) -> Self: ...
    def rad2deg(self) -> Self: ...
    def sinc(self) -> Self: ...
    def sinh(self) -> Self: ...
    def cosh(self) -> Self: ...
    def tanh(self) -> Self: ...
    def asinh(self) -> Self: ...
    def acosh(self) -> Self: ...
    def atanh(self) -> Self: ...
    def erf(self) -> Self: ...
    def erfc(self) -> Self: ...
    def lgamma(self) -> Self: ...
    def digamma(self) -> Self: ...
    def sigmoid(self) -> Self: ...
    def relu(self) -> Self: ...
    def leaky_relu(self, negative_slope: Self | float = 0.01) -> Self: ...
    def elu(self, alpha: Self | float = 1.0) -> Self: ...
    def gelu(self) -> Self: ...
    def silu(self) -> Self: ...
    def softplus(self) -> Self: ...
    def abs(self) -> Self: ...
    def clip(self, low: Self | float, high: Self | float) -> Self: ...
    def floor(self) -> Self: ...
    def ceil(self) -> Self: ...
    def round(self) -> Self: ...
    def sign(self) -> Self: ...
    def stop_gradient(self) -> Self: ...
    def detach(self) -> Self: ...


def _number(other: Any, value: Scalar, comparison: str) -> Any:
    if type(other) is float:
        return other
    if isinstance(other, Scalar):
        return other.data
    other = python_number(other)
    if not isinstance(other, Real):
        if is_arraylike(other):
            return NotImplemented
        raise TypeError(
            f"{value!r} {comparison} {other!r}: a Value compares with numbers and Values, not {type(other).__name__}"
        )
    return other


def _restore(kind: Any, data: Any, grad: Any, label: str, constant: bool) -> Any:
    """A leaf again, from what was pickled of it."""
    value = kind(data, label)
    value.grad = grad
    if constant:
        value.primitive = CONSTANT
    return value
