"""What a Value has in common with a plain number, and what it refuses to be taken for.

It compares, it has a truth, it formats, and it has the one-argument functions as methods. It does not become a float in
silence, since that would lose its gradient.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from numbers import Number, Real
from typing import TYPE_CHECKING, Any, Final, Generic, NoReturn, Self, TypeVar

from autograd_lite.basics.arraylike import is_arraylike, number_to_keep
from autograd_lite.primitive import CONSTANT

Node = TypeVar("Node")


class Scalar(Generic[Node]):
    """The base of `Value`, which is the `Node`: what it has of a number, and the methods that it gets from the table."""

    __slots__ = ()

    if TYPE_CHECKING:
        data: Any
        grad: Any
        label: str

    # Ordering compares the numbers, so that max, min and sorted work; an array compares itself, element by element.

    def __lt__(self, other: Node | float) -> bool:
        number = compared_number(other, self, "<")
        return number if number is NotImplemented else bool(self.data < number)

    def __le__(self, other: Node | float) -> bool:
        number = compared_number(other, self, "<=")
        return number if number is NotImplemented else bool(self.data <= number)

    def __gt__(self, other: Node | float) -> bool:
        number = compared_number(other, self, ">")
        return number if number is NotImplemented else bool(self.data > number)

    def __ge__(self, other: Node | float) -> bool:
        number = compared_number(other, self, ">=")
        return number if number is NotImplemented else bool(self.data >= number)

    # Of two Values, `==` and `hash` ask whether they are the same node: Values are keys of dictionaries and members of sets.
    # With anything else `==` compares the number, so that `1.0 if x == 0 else sin(x) / x` chooses as it reads.

    def __eq__(self, other: object) -> Any:
        if isinstance(other, Scalar):
            return self is other
        if type(other) is not float:
            other = number_to_keep(other)
            if not isinstance(other, Real):
                return self.data == other
        return bool(self.data == other)

    __hash__ = object.__hash__

    def __bool__(self) -> bool:
        return bool(self.data)

    def __float__(self) -> NoReturn:
        raise TypeError(
            f"{self!r} is not a plain number: converting it would lose its gradient. For math.exp(v) write "
            "autograd_lite.exp(v) (so too for log, tanh, sqrt …); for the number alone, v.data"
        )

    __int__ = __complex__ = __float__

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

    def __round__(self, digits: None = None) -> Node:
        if digits is not None:
            raise TypeError(
                f"round({self!r}, {digits!r}): a Value is rounded to a whole number only. To show so many digits write "
                f'f"{{v:.{digits}f}}"; for the number alone, round(v.data, {digits!r})'
            )
        return self.round()

    def __divmod__(self, other: Node | float) -> tuple[Node, Node]:
        return self // other, self % other

    def __rdivmod__(self, other: float) -> tuple[Node, Node]:
        return other // self, other % self

    def conjugate(self) -> Self:
        """The Value itself, which is real: `numpy.var` asks the Values in an array for it."""
        return self

    def detach(self) -> Node:
        """This number as a constant: no gradient flows through it, and the graph behind it can be freed.

        Where a function is recorded, as by `compile`, it is a node, `stop_gradient`: the current number, not of the
        recording.

        Example:
            >>> from autograd_lite import Value
            >>> x = Value(3.0)
            >>> (x * x.detach()).backward()
            >>> x.grad
            3.0
        """
        raise NotImplementedError  # it makes a node: see autograd_lite/operators.py

    # The operators and the one-argument operations of the table: declared here, made from it in autograd_lite/operators.py

    def __add__(self, other: Node | float) -> Node: ...
    def __radd__(self, other: float) -> Node: ...
    def __sub__(self, other: Node | float) -> Node: ...
    def __rsub__(self, other: float) -> Node: ...
    def __mul__(self, other: Node | float) -> Node: ...
    def __rmul__(self, other: float) -> Node: ...
    def __truediv__(self, other: Node | float) -> Node: ...
    def __rtruediv__(self, other: float) -> Node: ...
    def __mod__(self, other: Node | float) -> Node: ...
    def __rmod__(self, other: float) -> Node: ...
    def __floordiv__(self, other: Node | float) -> Node: ...
    def __rfloordiv__(self, other: float) -> Node: ...
    def __pow__(self, other: Node | float) -> Node: ...
    def __rpow__(self, other: float) -> Node: ...
    def __neg__(self) -> Node: ...
    def __abs__(self) -> Node: ...

    def square(self) -> Node: ...
    def exp(self) -> Node: ...
    def exp2(self) -> Node: ...
    def expm1(self) -> Node: ...
    def log(self) -> Node: ...
    def log1p(self) -> Node: ...
    def log2(self) -> Node: ...
    def log10(self) -> Node: ...
    def sqrt(self) -> Node: ...
    def cbrt(self) -> Node: ...
    def sin(self) -> Node: ...
    def cos(self) -> Node: ...
    def tan(self) -> Node: ...
    def asin(self) -> Node: ...
    def acos(self) -> Node: ...
    def atan(self) -> Node: ...
    def deg2rad(self) -> Node: ...
    def rad2deg(self) -> Node: ...
    def sinc(self) -> Node: ...
    def sinh(self) -> Node: ...
    def cosh(self) -> Node: ...
    def tanh(self) -> Node: ...
    def asinh(self) -> Node: ...
    def acosh(self) -> Node: ...
    def atanh(self) -> Node: ...
    def erf(self) -> Node: ...
    def erfc(self) -> Node: ...
    def lgamma(self) -> Node: ...
    def digamma(self) -> Node: ...
    def sigmoid(self) -> Node: ...
    def relu(self) -> Node: ...
    def leaky_relu(self, negative_slope: Node | float = 0.01) -> Node: ...
    def elu(self, alpha: Node | float = 1.0) -> Node: ...
    def gelu(self) -> Node: ...
    def silu(self) -> Node: ...
    def softplus(self) -> Node: ...
    def abs(self) -> Node: ...
    def clip(self, low: Node | float, high: Node | float) -> Node: ...
    def floor(self) -> Node: ...
    def ceil(self) -> Node: ...
    def round(self) -> Node: ...
    def sign(self) -> Node: ...
    def stop_gradient(self) -> Node: ...


MIRRORED: Final = {"<": "__gt__", "<=": "__ge__", ">": "__lt__", ">=": "__le__"}  # what Python asks the other side for


KNOWN: Final = (Number, Sequence, Set, Mapping)  # of whatever class they are, they do not know of Values


def orders_itself(other: Any, method: str) -> bool:
    """Whether something has a comparison of its own, which may know of Values; in some versions of Python None has one."""
    kind = type(other)
    own = getattr(kind, method) is not getattr(object, method) and kind.__module__ != "builtins"
    return own and not isinstance(other, KNOWN)


def compared_number(other: Any, value: Scalar[Any], comparison: str) -> Any:
    """The number that a Value is compared with."""
    if type(other) is float:
        return other
    if isinstance(other, Scalar):
        return other.data
    other = number_to_keep(other)
    if not isinstance(other, Real):
        if is_arraylike(other) or orders_itself(other, MIRRORED[comparison]):
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
