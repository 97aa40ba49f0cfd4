"""The engine's own errors: Python's kinds of failure, with the operation, the operands and a way out in the message."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from numbers import Complex, Real
from typing import Any, Final, NoReturn

from autograd_lite.basics.arraylike import is_arraylike, is_masked, plain, requires_gradient
from autograd_lite.basics.checks import real, wrong_data
from autograd_lite.basics.elsewhere import answered
from autograd_lite.basics.escaping import in_message
from autograd_lite.primitive import Primitive

FAILURES: Final = (ArithmeticError, TypeError, ValueError)  # of a computation: the engine reports them with the operands


class OperationError(ArithmeticError):
    """A primitive has no value at its operands."""


class DomainError(OperationError, ValueError):
    """An operand lies outside the domain of the function: log(-1), sqrt(-2), atanh(1)."""


class DivisionByZeroError(OperationError, ZeroDivisionError):
    """A division by zero, or zero to a negative power."""


class RangeError(OperationError, OverflowError):
    """The operands are fine but the result is too large for a float: exp(1000)."""


class AnomalyError(ArithmeticError):
    """Inside `detect_anomaly`: an operation gave NaN or infinity."""


class StaleGraphError(RuntimeError):
    """A graph is shown or differentiated, and a leaf of it was changed after the graph was built."""


class TracingError(TypeError):
    """A function that is being compiled did what a recording cannot keep: it compared a value, or read its number."""


class ByHandError(TypeError):
    """More was asked of a node made by hand, as in micrograd, than its `_backward` tells."""


RULE_FAILURES: Final[dict[type[Exception], type[Exception]]] = {
    ZeroDivisionError: DivisionByZeroError,
    OverflowError: RangeError,
    ArithmeticError: ArithmeticError,
    TypeError: TypeError,
    ValueError: ValueError,
}


def fail(primitive: Primitive, operands: tuple[Any, ...], error: Exception) -> NoReturn:
    """Raise the engine's own error for a failed computation; the original one is its cause."""
    raise describe_failure(primitive, operands, error) from error


def describe_failure(primitive: Primitive, operands: tuple[Any, ...], error: Exception) -> Exception:
    """The engine's error for `error`, which computing `primitive` at `operands` (numbers, Values or tuples of them) raised."""
    call = describe_call(primitive, operands)
    if isinstance(error, TypeError):
        return TypeError(f"{call}: {answered(error, primitive.compute)}")
    if isinstance(error, ZeroDivisionError):
        return DivisionByZeroError(
            f"{call}: division by zero. Keep the divisor away from 0, or choose another branch with where()"
        )
    if isinstance(error, OverflowError):
        return RangeError(
            f"{call}: the result is too large for a float. Scale the operands down, or use a function that stays in range "
            "(logsumexp, log_softmax, softplus, sigmoid, log1p)"
        )
    domain = " and ".join(
        interval.describe(name) for interval, name in zip(primitive.domain, "xyz", strict=False) if interval.bounded
    )
    return DomainError(f"{call}: {f'outside the domain: the function is defined for {domain}' if domain else error}")


def describe_call(primitive: Primitive, operands: tuple[Any, ...]) -> str:
    """An operation in a message: its name and its operands."""
    return f"{in_message(primitive.name)}({', '.join(describe_operand(operand) for operand in operands)})"


def describe_operand(operand: Any) -> str:
    """An operand in a message: its label, if it has one, and its number."""
    if isinstance(operand, tuple | list):
        shown = ", ".join(describe_operand(item) for item in operand[:4])
        return f"[{shown}{', …' if len(operand) > 4 else ''}]"
    label = getattr(operand, "label", "")
    number = getattr(operand, "data", operand) if hasattr(operand, "primitive") else operand
    return f"{in_message(label)}={number!r}" if label else repr(number)


def describe_rule_failure(primitive: Primitive, operands: tuple[Any, ...], position: int, error: Exception) -> Exception:
    """The engine's error for `error`, which local derivative number `position` of `primitive` raised: it names both."""
    if isinstance(error, OperationError | ByHandError):
        return error  # it names an operation already
    kind = next((ours for theirs, ours in RULE_FAILURES.items() if isinstance(error, theirs)), RuntimeError)
    return kind(
        f"{describe_call(primitive, operands)}: derivative {position} of {primitive.name!r} cannot be used: {error}. "
        "It is a function of (output, *inputs), written with operators and the functions of autograd_lite, so that it takes "
        "numbers and Values alike, and gives one for each operand"
    )


@contextmanager
def naming_gradients(values: Iterable[Any]) -> Iterator[None]:
    """A block that computes with the gradients of these Values, and names the one that is no number, if that is what fails."""
    try:
        yield
    except TypeError:
        check_gradients(values)
        raise


def check_gradients(values: Iterable[Any]) -> None:
    """Raise a TypeError that names the first of these Values whose gradient is no number; None is none yet."""
    for value in values:
        if type(value.grad) is not float and value.grad is not None:
            real(f"the gradient of {describe_operand(value)}", value.grad)


def real_number(data: Any) -> Any:
    """The number that a Value is given, as a number: of an array without dimensions the one in it.

    Raises:
        TypeError: it is something else than a number; the message says what to write instead, where there is an answer.
    """
    if isinstance(data, Real):
        return data
    if is_arraylike(data) and getattr(data, "shape", None) == () and not requires_gradient(data):
        number = plain(data)
        if isinstance(number, Real):
            return number
    raise wrong_data("Value", "a real number", data, way_out(data))


def way_out(data: object) -> str:
    """What to write instead of something that is given for a number, where there is an answer."""
    if isinstance(data, str):
        return f"write Value(float({data!r}))"
    if hasattr(data, "primitive"):
        return "it is a Value already"
    if isinstance(data, Complex) and not isinstance(data, Real):
        return "build the real and the imaginary part as two Values"
    if requires_gradient(data):
        return "its own gradients would not reach it from here; its number is t.item()"
    if isinstance(data, Decimal):
        return "write Value(float(d)), or Value(Fraction(d)), which is exact"
    if is_masked(data):
        return "a masked array hides numbers: fill them, or leave them out"
    if not is_arraylike(data) and not isinstance(data, list | tuple):
        return ""
    alone = all(length == 1 for length in getattr(data, "shape", (0,)))
    return "take the one number in it, with .item()" if alone else "make one Value for each element"
