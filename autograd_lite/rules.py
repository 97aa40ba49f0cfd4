"""From a rule to an operation: `@primitive` makes a function of numbers, with its local derivatives, one on Values too."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from functools import wraps
from numbers import Real
from typing import Any, NoReturn, TypeVar

from autograd_lite.domains import Interval
from autograd_lite.value import (
    Bundle,
    Constants,
    Derivative,
    Primitive,
    Value,
    as_bundle,
    as_value,
    fail,
    make_constant,
    mode,
    new_node,
)

Function = TypeVar("Function", bound=Callable[..., Any])


def primitive(
    *,
    derivatives: Sequence[Derivative],
    name: str = "",
    symbol: str = "",
    latex: str = "",
    precedence: int = 0,
    domain: Sequence[Interval] = (),
    kink: Callable[..., Any] | None = None,
    variadic: bool = False,
) -> Callable[[Function], Function]:
    """Make a differentiable operation of a function of numbers.

    The result takes numbers and Values alike: numbers give a number, a Value among the arguments gives a Value. It works in
    every place a built-in operation does: `backward`, derivatives of any order, pictures, `check_grads` and `compile`.

    Arguments:
        derivatives: one function for each argument, called with `(output, *inputs)`, that gives the derivative by it. Write
            them with functions that take numbers and Values alike (operators, and those of `autograd_lite`), and they can be
            differentiated again. None for an argument that only chooses. For an argument that is a sequence it gives a
            sequence, one derivative for each element.
        name: the operation's name; that of the function if not given.
        symbol: what a picture shows; the name if not given.
        latex: a template for formulas, such as `r"\\\\sqrt{{{0}}}"`.
        precedence: 1 for sums, 2 for products, 3 for powers; 0 for what is written as a function call.
        domain: one `Interval` for each argument, where the function is defined.
        kink: a function of the inputs that is zero where the derivative jumps.
        variadic: whether an argument may be a sequence of operands, as in `sum` and `dot`.

    Raises:
        TypeError: the number of derivatives is not the number of arguments, or one of them does not take `(output, *inputs)`.

    Example:
        >>> from autograd_lite import Value, grad, primitive
        >>> @primitive(derivatives=[lambda out, x: 3 * x * x])
        ... def cube(x):
        ...     return x**3
        >>> v = Value(2.0)
        >>> cube(v).backward()
        >>> cube(2.0), v.grad, grad(grad(cube))(2.0)
        (8.0, 12.0, 12.0)
    """

    def define(function: Function) -> Function:
        parameters = list(inspect.signature(function).parameters.values())
        rule = Primitive(
            name or function.__name__,
            function,
            derivatives,
            symbol=symbol,
            latex=latex,
            precedence=precedence,
            domain=domain,
            kink=kink,
            variadic=variadic,
        )
        _check_rule(rule, parameters)
        required = sum(p.default is p.empty for p in parameters)
        shapes = {(1, 1): _unary, (2, 2): _binary}
        shape = None if variadic else shapes.get((required, len(parameters)))
        operation = wraps(function)(shape(rule) if shape else _general(rule, required))
        operation.primitive = rule  # type: ignore[attr-defined]
        return operation  # type: ignore[return-value]

    return define


# An operation computes the number and makes the node as the active mode (`no_grad`, say) would have it: usually plainly.


def _unary(rule: Primitive) -> Callable[..., Any]:
    compute = rule.compute

    def operation(x: Any) -> Any:
        if not isinstance(x, Value):
            try:
                return compute(x)
            except (ArithmeticError, TypeError, ValueError) as error:
                fail_on_numbers(rule, (x,), error)
        try:
            data = compute(x.data)
        except (ArithmeticError, ValueError) as error:
            fail(rule, (x,), error)
        active = mode.get()
        return (new_node if active is None else active.node)(rule, (x,), data)

    return operation


def _binary(rule: Primitive) -> Callable[..., Any]:
    compute = rule.compute

    def operation(a: Any, b: Any) -> Any:
        if isinstance(a, Value):
            b = as_value(b)
        elif isinstance(b, Value):
            a = as_value(a)
        else:
            try:
                return compute(a, b)
            except (ArithmeticError, TypeError, ValueError) as error:
                fail_on_numbers(rule, (a, b), error)
        try:
            data = compute(a.data, b.data)
        except (ArithmeticError, ValueError) as error:
            fail(rule, (a, b), error)
        active = mode.get()
        return (new_node if active is None else active.node)(rule, (a, b), data)

    return operation


def _general(rule: Primitive, required: int) -> Callable[..., Any]:
    compute, variadic = rule.compute, rule.variadic

    def operation(*operands: Any) -> Any:
        inputs = []
        for operand in operands:
            kind = type(operand)
            if kind is Value or isinstance(operand, Value):
                inputs.append(operand.data)
            elif kind is Bundle or kind is Constants:
                inputs.append([value.data for value in operand])
            elif any(map(_holds_value, operands)):
                return operation(*[as_bundle(o) if variadic and isinstance(o, Sequence) else as_value(o) for o in operands])
            else:
                try:
                    return compute(*operands)
                except (ArithmeticError, TypeError, ValueError) as error:
                    fail_on_numbers(rule, operands, error)
        try:
            data = compute(*inputs)
        except (ArithmeticError, ValueError) as error:
            fail(rule, operands, error)
        active = mode.get()
        return (new_node if active is None else active.node)(rule, operands, data)

    return operation


def binary_operator(rule: Primitive) -> tuple[Callable[[Value, Any], Any], Callable[[Value, Any], Any]]:
    """The methods behind an operator of two operands: `value ∘ other` and, reflected, `other ∘ value`."""
    compute = rule.compute

    def method(self: Value, other: Any) -> Any:
        if type(other) is not Value and not isinstance(other, Value):
            if hasattr(other, "__array__") and not isinstance(other, Real):
                return NotImplemented  # an array takes itself apart and asks again, element by element
            other = _operand(rule, self, other)
        try:
            data = compute(self.data, other.data)
        except (ArithmeticError, ValueError) as error:
            fail(rule, (self, other), error)
        active = mode.get()
        return (new_node if active is None else active.node)(rule, (self, other), data)

    def reflected(self: Value, other: Any) -> Any:
        if hasattr(other, "__array__") and not isinstance(other, Real):
            return NotImplemented
        return method(_operand(rule, self, other), self)

    return method, reflected


def _operand(rule: Primitive, value: Value, other: Any) -> Value:
    if not isinstance(other, Real):
        raise TypeError(f"{value!r} {rule.symbol} {other!r}: expected a number or a Value, got {type(other).__name__}")
    return make_constant(other)  # type: ignore[arg-type]  # a Real is a Number


def fail_on_numbers(rule: Primitive, inputs: tuple[Any, ...], error: Exception) -> NoReturn:
    """Raise the engine's own error for a failed computation on what should have been plain numbers."""
    if isinstance(error, TypeError):
        shown = ", ".join(f"{x!r} ({type(x).__name__})" for x in inputs)
        raise TypeError(f"{rule.name} expects numbers or Values, got {shown}") from error
    fail(rule, inputs, error)


def _holds_value(argument: Any) -> bool:
    if isinstance(argument, Value | Bundle):
        return True
    return isinstance(argument, Sequence) and any(isinstance(item, Value) for item in argument)


def _check_rule(rule: Primitive, parameters: list[inspect.Parameter]) -> None:
    if any(p.kind not in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD) for p in parameters):
        raise TypeError(
            f"primitive {rule.name!r}: parameters must be positional; pass many operands as one sequence, with variadic=True"
        )
    if len(rule.derivatives) != len(parameters):
        raise TypeError(
            f"primitive {rule.name!r}: {len(parameters)} arguments need {len(parameters)} derivatives, one each, "
            f"got {len(rule.derivatives)}"
        )
    required = [p for p in parameters if p.default is p.empty]
    for position, derivative in enumerate(rule.derivatives):
        if derivative is None:
            continue
        try:
            inspect.signature(derivative).bind(None, *parameters)
            inspect.signature(derivative).bind(None, *required)
        except TypeError as error:
            wanted = ", ".join(["output", *(p.name for p in parameters)])
            raise TypeError(f"primitive {rule.name!r}: derivative {position} must take ({wanted}): {error}") from error
