"""What the command prints of an expression besides its graph: second derivatives, JSON, and the code that it compiles to."""

from __future__ import annotations

import inspect
import json
import math
from collections.abc import Callable
from typing import Any

import autograd_lite
from autograd_lite.notation import latex_name, latex_number, number
from autograd_lite.value import Value
from visualize.expressions import evaluate


class Expression:
    """An expression in variables, at given numbers.

    Attributes:
        text: as it was typed.
        variables: the variables by name, each a Value.
        value: what it gives, the end of a graph.
    """

    def __init__(self, text: str, variables: dict[str, Value]) -> None:
        self.text, self.variables = text, variables
        self.value = evaluate(text, variables)

    @property
    def numbers(self) -> list[float]:
        """The numbers of the variables."""
        return [variable.data for variable in self.variables.values()]

    def function(self) -> Callable[..., Value]:
        """The expression as a function of its variables, in their order."""

        def f(*arguments: Value) -> Value:
            return evaluate(self.text, dict(zip(self.variables, arguments, strict=True)))

        positional = [inspect.Parameter(name, inspect.Parameter.POSITIONAL_ONLY) for name in self.variables]
        f.__signature__ = inspect.Signature(positional)  # type: ignore[attr-defined]
        return f

    def hessian(self) -> list[list[float]]:
        """Its second derivatives, a row for each variable."""
        if not self.variables:
            return []
        rows = autograd_lite.hessian(self.function(), tuple(range(len(self.variables))))(*self.numbers)
        return [list(row) for row in rows]

    def second_derivatives(self, name: str, as_latex: bool = False) -> str:
        """The second derivatives, a line for each, that by two different variables once; `name` is that of the result."""
        variables, rows = list(self.variables), self.hessian()
        pairs = [(i, j) for i in range(len(variables)) for j in range(i, len(variables))]
        if as_latex:
            terms = [(latex_symbol(name, variables[i], variables[j]), latex_number(rows[i][j])) for i, j in pairs]
            return "\n".join(f"{symbol} = {shown}" for symbol, shown in terms)
        lines = [(symbol(name, variables[i], variables[j]), number(rows[i][j])) for i, j in pairs]
        width = max((len(left) for left, _ in lines), default=0)
        return "\n".join(f"{left:{width}} = {right}" for left, right in lines)

    def source(self, order: int) -> str:
        """The straight-line Python that computes the value and the gradient; of order 2, the second derivatives."""
        if not self.variables:
            raise ValueError("there is nothing to compile: the expression has no variables")
        by = tuple(range(len(self.variables)))
        if order == 2:
            compiled = autograd_lite.compile(autograd_lite.hessian(self.function(), by), backend="python")
            compiled(*self.numbers)
        else:
            compiled = autograd_lite.compile(self.function(), by, backend="python")
            compiled.value_and_grad(*self.numbers)
        return compiled.source

    def json(self, order: int) -> str:
        """Value, gradient and, of order 2, second derivatives, every digit of them."""
        names = list(self.variables)
        found: dict[str, Any] = {
            "expression": self.text,
            "variables": dict(zip(names, map(in_json, self.numbers), strict=True)),
            "value": in_json(self.value.data),
            "gradient": {name: in_json(variable.grad) for name, variable in self.variables.items()},
        }
        if order == 2:
            rows = [[in_json(entry) for entry in row] for row in self.hessian()]
            found["hessian"] = {name: dict(zip(names, row, strict=True)) for name, row in zip(names, rows, strict=True)}
        return json.dumps(found, ensure_ascii=False, indent=2, allow_nan=False)


def symbol(name: str, one: str, other: str) -> str:
    """A second derivative as text."""
    return f"∂²{name}/∂{one}²" if one == other else f"∂²{name}/∂{one}∂{other}"


def latex_symbol(name: str, one: str, other: str) -> str:
    """A second derivative as LaTeX."""
    by = [rf"\partial {latex_name(variable)}" for variable in (one, other)]
    below = f"{by[0]}^2" if one == other else " \\, ".join(by)
    return rf"\frac{{\partial^2 {latex_name(name)}}}{{{below}}}"


def in_json(x: float) -> float | str:
    """A number for JSON, which has none for what is not finite: that is a text."""
    return x if math.isfinite(x) else "NaN" if math.isnan(x) else "Infinity" if x > 0 else "-Infinity"
