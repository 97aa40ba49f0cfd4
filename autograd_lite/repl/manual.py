"""`help` of an operation: its docstring, and what the table says of it."""

from __future__ import annotations

import inspect
import math
import pydoc
from collections.abc import Callable
from typing import Any

from autograd_lite.notation import symbolic_derivatives, text
from autograd_lite.operation import primitive_of
from autograd_lite.primitive import Primitive
from autograd_lite.value import Value


class Help:
    """The built-in `help`, which for an operation shows what the table says of it as well."""

    def __call__(self, *request: Any) -> None:
        """Show the page."""
        match request:
            case [operation] if primitive_of(operation) is not None:
                pydoc.pager(page(operation))
            case _:
                pydoc.help(*request)

    def __repr__(self) -> str:
        return "Type help(name) for help about a name, such as help(tanh); help() for interactive help."


def page(operation: Callable[..., Any]) -> str:
    """The help for an operation: its docstring, and what the table says: derivatives, domain, kink."""
    primitive: Primitive = operation.primitive  # type: ignore[attr-defined]
    signature = inspect.signature(operation)
    plain = [parameter.replace(annotation=parameter.empty) for parameter in signature.parameters.values()]
    lines = [f"{primitive.name}{signature.replace(parameters=plain, return_annotation=signature.empty)}", ""]
    lines += [f"    {line}".rstrip() for line in (inspect.getdoc(operation) or "").splitlines()]
    lines += ["", "    From the table:"]
    lines += [f"        ∂{primitive.name}/∂{parameter} = {formula}" for parameter, formula in derivatives(operation)]
    for interval, parameter in zip(primitive.domain, plain, strict=False):
        if interval.bounded:
            lines.append(f"        defined for {interval.describe(parameter.name)}")
    if primitive.kink is not None:
        operands = [Value(math.nan, parameter.name) for parameter in plain]  # only their names are read
        lines.append(f"        no derivative where {text(primitive.kink(*operands))} = 0: the convention is above")
    if primitive_of(getattr(Value, primitive.name, None)) is primitive:
        lines += ["", f"    Also a method: v.{primitive.name}()"]
    return "\n".join(lines) + "\n"


def derivatives(operation: Callable[..., Any]) -> list[tuple[str, str]]:
    """The name of each operand of an operation with the formula of the derivative by it, read off its rule."""
    primitive = operation.primitive  # type: ignore[attr-defined]
    parameters = list(inspect.signature(operation).parameters.values())
    for start in (0.5, 1.5):  # one of them lies in the domain of every operation
        operands: list[Any] = []
        for parameter in parameters:
            if primitive.variadic and parameter.default is parameter.empty:
                operands.append([Value(start, f"{parameter.name}{index}") for index in "₀₁"])
            else:
                operands.append(Value(start, parameter.name))
        try:
            node = operation(*operands)
        except ArithmeticError:
            continue
        node.label = f"{primitive.name}({', '.join(parameter.name for parameter in parameters)})"
        formulas = [text(d) if isinstance(d, Value) else str(d) for d in symbolic_derivatives(node)]
        return [(parent.label, formula) for parent, formula in zip(node.parents, formulas, strict=True)]
    return []
