"""What a type checker is told: of operations, which take numbers and Values alike, and of functions made of functions.

`@primitive` gives an operation its type by the shape of the function that it is written for: one of one number becomes a
`Unary`, and so on. Nothing here runs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import ParamSpec, Protocol, TypeVar, overload

from autograd_lite.primitive import Primitive
from autograd_lite.value import Value, ValueLike

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result", covariant=True)


class Operation(Protocol):
    """What every operation has besides its call."""

    __name__: str

    @property
    def primitive(self) -> Primitive:
        """Its entry in the table."""


class OfNumber(Protocol):
    """Of one operand: a number gives a number, a Value a Value."""

    @overload
    def __call__(self, x: float, /) -> float: ...
    @overload
    def __call__(self, x: Value, /) -> Value: ...


class Smooth(OfNumber, Protocol):
    """An operation of one operand, or its derivative of any order."""

    @property
    def __wrapped__(self) -> Callable[[float], float]:
        """The function of plain numbers that it is made of."""


class WithValue(Protocol):
    """The pair of value and derivative of an operation of one operand."""

    @overload
    def __call__(self, x: float, /) -> tuple[float, float]: ...
    @overload
    def __call__(self, x: Value, /) -> tuple[Value, Value]: ...


class Unary(Smooth, Operation, Protocol):
    """An operation of one operand."""


class Binary(Operation, Protocol):
    """An operation of two operands."""

    @overload
    def __call__(self, a: float, b: float, /) -> float: ...
    @overload
    def __call__(self, a: Value, b: ValueLike, /) -> Value: ...
    @overload
    def __call__(self, a: ValueLike, b: Value, /) -> Value: ...


class OfMany(Operation, Protocol):
    """An operation of a sequence of operands."""

    @overload
    def __call__(self, operands: Iterable[float], /) -> float: ...
    @overload
    def __call__(self, operands: Iterable[ValueLike], /) -> Value: ...


class Several(Operation, Protocol):
    """An operation of other operands than these: of three, say, or with some that may be left out."""

    @overload
    def __call__(self, *operands: float, **named: float) -> float: ...
    @overload
    def __call__(self, *operands: ValueLike, **named: ValueLike) -> Value: ...


class WithOption(Protocol):
    """A function of a number and of another one that may be left out."""

    def __call__(self, x: float, option: float = ..., /) -> float:
        """What it gives."""


class Define(Protocol):
    """What `@primitive(…)` is: it makes an operation of a function of numbers."""

    @overload
    def __call__(self, function: WithOption, /) -> Several: ...
    @overload
    def __call__(self, function: Callable[[float, float], float], /) -> Binary: ...
    @overload
    def __call__(self, function: Callable[[float], float], /) -> Unary: ...
    @overload
    def __call__(self, function: Callable[[Sequence[float]], float], /) -> OfMany: ...
    @overload
    def __call__(self, function: Callable[..., float], /) -> Several: ...


class Transformed(Protocol[Parameters, Result]):
    """A function made of another one, with its parameters."""

    def __call__(self, *args: Parameters.args, **kwargs: Parameters.kwargs) -> Result:
        """What it gives."""
