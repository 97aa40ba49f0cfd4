"""An expression from the shell, computed on Values: parsed with `ast` and walked, so that nothing but arithmetic can happen."""

from __future__ import annotations

import ast
import math
import operator
import re
from collections.abc import Callable, Mapping
from typing import Any

import autograd_lite
from autograd_lite.basics.command_line import suggestion
from autograd_lite.ops import TABLE
from autograd_lite.value import Value

OPERATORS: dict[type[ast.AST], Callable[..., Any]] = {
    ast.Add: TABLE["add"],
    ast.Sub: TABLE["sub"],
    ast.Mult: TABLE["mul"],
    ast.Div: TABLE["truediv"],
    ast.FloorDiv: TABLE["floordiv"],
    ast.Mod: TABLE["mod"],
    ast.Pow: TABLE["pow"],
    ast.USub: TABLE["neg"],
    ast.UAdd: operator.pos,
}
CONSTANTS = {"pi": math.pi, "e": math.e}
ELSEWHERE = {
    "ln": "log",
    "lg": "log10",
    "max": "maximum",
    "min": "minimum",
    "sgn": "sign",
    "gammaln": "lgamma",
    "logistic": "sigmoid",
}
SLIPS = {  # what Python cannot read, and what to write
    r"\b\w+\s+[\w(]": "a function has brackets, as in sin(x), and a product its sign, as in 2*x",
    r"(?<![\w.])[\d.]+[^\W\d_eEjJ]\w*|\)\s*[\w(]": "a product needs its sign, as in 2*x",
    r"(?<![=<>!:])=(?!=)": "a variable gets its number behind the expression, as in: 'x*x' x=2",
    r"[×·⋅]": "a product is written with *",
    r"÷": "a quotient is written with /",
    r"−": "a minus is written with -",
    r"[⁰¹²³⁴⁵⁶⁷⁸⁹]": "a power is written with **, as in x**2",
}
FUNCTIONS: dict[str, Callable[..., Any]] = {
    name: getattr(autograd_lite, name) for name in autograd_lite.__all__ if name in TABLE or name == "mean"
}


def evaluate(expression: str, variables: Mapping[str, Value]) -> Value:
    """The value of an expression of numbers, variables, operators and the functions of `autograd_lite`.

    Arguments:
        expression: such as "tanh(w*x + b)" or "dot([w1, w2], [x1, x2], b)".
        variables: the names that it may use.

    Raises:
        ValueError: it is not such an expression, or uses a name that is not known; the message says which.

    Example:
        >>> from autograd_lite import Value
        >>> from visualize.expressions import evaluate
        >>> evaluate("w*x + 1", {"w": Value(0.5), "x": Value(4.0)}).data
        3.0
    """
    try:
        tree = ast.parse(expression.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise ValueError(f"cannot read the expression {_quoted(expression)}: {_unreadable(expression, error)}") from error
    try:
        result = _evaluate(tree, expression, variables)
    except RecursionError as error:
        raise ValueError("the expression is nested too deeply") from error
    if isinstance(result, list):
        raise ValueError(f"{_quoted(expression)} is a list, not one number: sum(…) or mean(…) makes one of it")
    return result if isinstance(result, Value) else Value(result)


def _evaluate(node: ast.AST, expression: str, variables: Mapping[str, Value]) -> Any:
    def part(inner: ast.AST) -> Any:
        return _evaluate(inner, expression, variables)

    match node:
        case ast.Constant(value=int() | float() as constant) if not isinstance(constant, bool):
            return constant
        case ast.Name(id=name) if name in variables:
            return variables[name]
        case ast.Name(id=name) if name in CONSTANTS:
            return CONSTANTS[name]
        case ast.Name(id=name):
            raise ValueError(f"the name {name!r} has no value: give one, {name}=NUMBER")
        case ast.List(elts=items) | ast.Tuple(elts=items):
            return [part(item) for item in items]
        case ast.BinOp(left, kind, right) if type(kind) in OPERATORS:
            return _applied(_arithmetic, [OPERATORS[type(kind)], part(left), part(right)], node, expression)
        case ast.UnaryOp(kind, operand) if type(kind) in OPERATORS:
            return _applied(OPERATORS[type(kind)], [part(operand)], node, expression)
        case ast.Compare(left, [ast.Gt()], [right]):
            return _applied(autograd_lite.greater, [part(left), part(right)], node, expression)
        case ast.Compare(left, [ast.Lt()], [right]):
            return _applied(autograd_lite.greater, [part(right), part(left)], node, expression)
        case ast.Call(called, [inner]) if not isinstance(called, ast.Name) or called.id in variables or called.id in CONSTANTS:
            number, other = ast.unparse(called), ast.unparse(inner)
            raise ValueError(
                f"{_quoted(expression, node)}: {number} is no function: for the product write ({number})*({other})"
            )
        case ast.Call(ast.Name(id=name), arguments, []):
            if name not in FUNCTIONS:
                raise ValueError(f"the function {name!r} is not known{meant(name)}")
            return _applied(FUNCTIONS[name], [part(argument) for argument in arguments], node, expression)
        case ast.BinOp(left, ast.BitXor(), right):
            raise ValueError(f"{_quoted(expression, node)}: a power is written with **, as in x**2, and not with ^")
    raise ValueError(
        f"{_quoted(expression, node)} is not allowed: "
        "an expression is made of numbers, names, + - * / // % **, > <, lists and function calls"
    )


def meant(name: str) -> str:
    """Which function was meant by a name that is none, be it misspelt or its name elsewhere; else which there are."""
    elsewhere = ELSEWHERE.get(name) or re.sub("^arc", "a", name)
    if elsewhere in FUNCTIONS:
        return f": did you mean {elsewhere!r}?"
    return suggestion(name, FUNCTIONS) or f"; known are {', '.join(sorted(FUNCTIONS))}"


def _unreadable(expression: str, error: Exception) -> str:
    """Why an expression cannot be parsed; of a frequent slip, what to write."""
    for slip, way_out in SLIPS.items():
        if found := re.search(slip, expression):
            return f"{found[0]!r}: {way_out}"
    return str(getattr(error, "msg", error))


def _arithmetic(operation: Callable[[Any, Any], Any], a: Any, b: Any) -> Any:
    """An operator at work; on plain numbers with floats, since a whole number such as 9**9**9 could be of any size."""
    return operation(a, b) if isinstance(a, Value) or isinstance(b, Value) else operation(float(a), float(b))


def _applied(function: Callable[..., Any], arguments: list[Any], node: ast.AST, expression: str) -> Any:
    try:
        return function(*arguments)
    except ArithmeticError as error:
        raise ValueError(f"cannot compute it: {error}") from error
    except TypeError as error:
        raise ValueError(f"cannot compute {_quoted(expression, node)}: {error}") from error


def _quoted(expression: str, node: ast.AST | None = None) -> str:
    """An expression, or the part of it that is this node, in a message: of a long one the beginning."""
    part = (node and ast.get_source_segment(expression.strip(), node)) or expression
    return repr(part if len(part) <= 60 else f"{part[:59]}…")
