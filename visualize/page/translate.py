"""A primitive's function of numbers as JavaScript, for the page: translated from its own Python source.

Only what Python itself computes with (`math.exp`, `max`, a comparison) has an equivalent written here.
"""

from __future__ import annotations

import ast
import builtins
import inspect
import math
import operator
import textwrap
from collections.abc import Callable, Hashable
from functools import cache
from types import FunctionType
from typing import Any, TypeAlias

from autograd_lite.basics.escaping import in_script
from autograd_lite.basics.special import __name__ as SPECIAL
from autograd_lite.operation import primitive_of
from autograd_lite.ops import TABLE
from autograd_lite.primitive import Primitive

LACKING = frozenset({math.exp2, math.lgamma})  # in JavaScript's Math; the table's own definitions take their place

# What the functions of Python are called in JavaScript itself, or in the page's library (library.js, in this folder), which has
# those that raise an error in Python and none there. Which of `math` those are, the table of primitives knows.
EQUIVALENTS: dict[Any, str] = {
    **{
        getattr(math, name): f"{'Math' if operation.primitive.total else 'python'}.{name}"
        for name, operation in TABLE.items()
        if getattr(math, name, math.exp2) not in LACKING and not operation.primitive.precedence  # `math.pow` is no operator
    },
    operator.abs: "Math.abs",
    builtins.abs: "Math.abs",
    builtins.max: "python.max",
    builtins.min: "python.min",
    builtins.round: "python.round",
    builtins.int: "Math.trunc",
    builtins.float: "Number",
    builtins.sum: "python.sum",
    math.prod: "python.prod",
    math.isinf: "python.isinf",
    math.isnan: "Number.isNaN",
    math.copysign: "python.copysign",
    math.erf: "python.erf",
    math.erfc: "python.erfc",
    math.isfinite: "Number.isFinite",
    builtins.map: "python.map",
}
OF_ONE = frozenset({math.log, builtins.round})  # in the page; a second argument, a base or digits, has no equivalent
OPERATORS: dict[Any, str] = {operator.mul: "(a, b) => a * b", operator.add: "(a, b) => a + b"}
BINARY: dict[type[ast.operator], str] = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*"}
RAISING: dict[type[ast.operator], str] = {
    ast.Div: "python.divide",
    ast.FloorDiv: "python.floordiv",
    ast.Pow: "python.pow",
    ast.Mod: "python.modulo",
}
COMPARISONS: dict[type[ast.cmpop], str] = {
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Eq: "==",  # true and 1 are equal, as in Python
    ast.NotEq: "!=",
}


class Untranslatable(Exception):  # noqa: N818  it is not an error: the page then shows numbers without editing
    """A primitive's source uses something that has no equivalent in the page."""


Translatable: TypeAlias = Primitive | FunctionType  # a primitive, or a helper that its function calls


@cache
def translated(item: Translatable) -> tuple[str, tuple[Translatable, ...]]:
    """A primitive's function of numbers, or a helper's, as a JavaScript function; and the ones that it calls.

    Raises:
        Untranslatable: with the reason.
    """
    function: Any
    function, name = (item.compute, item.name) if isinstance(item, Primitive) else (item, item.__name__)
    while primitive_of(function) is not None or hasattr(function, "cache_info"):
        function = function.__wrapped__  # an operation is on numbers what is in it, and so is one that remembers its results
    if hasattr(function, "__wrapped__"):
        raise Untranslatable(f"{name!r} is wrapped in another function")
    try:
        parsed = ast.parse(textwrap.dedent(inspect.getsource(function))).body[0]
    except (OSError, TypeError, SyntaxError) as error:
        raise Untranslatable(f"the source of {name!r} is not at hand") from error
    if not isinstance(parsed, ast.FunctionDef):
        raise Untranslatable(f"{name!r} is not defined with def")
    translator = _Translator(name, function)
    return translator.function(parsed), tuple(translator.calls)


class _Translator:
    """Translates one function, and gathers the primitives and helpers that it calls."""

    def __init__(self, name: str, function: Callable[..., Any]) -> None:
        self.name = name
        self.module = function.__module__
        scope = inspect.getclosurevars(function)
        self.known: dict[str, Any] = {**vars(builtins), **function.__globals__, **scope.nonlocals}
        self.calls: dict[Translatable, None] = {}
        self.locals: set[str] = set()

    def fail(self, node: ast.AST) -> Untranslatable:
        return Untranslatable(f"{self.name!r} uses {ast.unparse(node)!r}, which the page has no equivalent of")

    def function(self, parsed: ast.FunctionDef) -> str:
        parameters = parsed.args.posonlyargs + parsed.args.args
        self.locals = {p.arg for p in parameters}
        defaults = [None] * (len(parameters) - len(parsed.args.defaults)) + list(parsed.args.defaults)
        shown = [p.arg if d is None else f"{p.arg} = {self.expression(d)}" for p, d in zip(parameters, defaults, strict=True)]
        body = parsed.body[1:] if ast.get_docstring(parsed) is not None else parsed.body
        return f"({', '.join(shown)}) => {{ {self.block(body)} }}"

    def block(self, statements: list[ast.stmt]) -> str:
        return " ".join(self.statement(statement) for statement in statements)

    def statement(self, node: ast.stmt) -> str:
        match node:
            case ast.Return(value=value) if value is not None:
                return f"return {self.expression(value)};"
            case ast.If(test=ast.Call(func=ast.Name(id="isinstance"), args=[_, ast.Name(id="complex")]), orelse=[]):
                return ""  # where Python turns complex, JavaScript gives NaN, which the page refuses
            case ast.If(test, body, orelse):
                otherwise = f" else {{ {self.block(orelse)} }}" if orelse else ""
                return f"if ({self.test(test)}) {{ {self.block(body)} }}{otherwise}"
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                shown = self.expression(value)
                fresh = name not in self.locals
                self.locals.add(name)
                return f"{'var ' if fresh else ''}{name} = {shown};"
            case ast.Assign(targets=[ast.Tuple(elts=targets)], value=value) if all(isinstance(t, ast.Name) for t in targets):
                shown = self.expression(value)
                names = [target.id for target in targets if isinstance(target, ast.Name)]
                self.locals.update(names)
                return f"var [{', '.join(names)}] = {shown};"
            case ast.AugAssign(target=ast.Name(id=name), op=operation, value=value) if name in self.locals:
                return f"{name} = {self.expression(ast.BinOp(ast.Name(name), operation, value))};"
            case ast.While(test, body, []):
                return f"while ({self.test(test)}) {{ {self.block(body)} }}"
            case ast.For(target=ast.Name(id=name), iter=items, body=body, orelse=[]):
                over = self.expression(items)
                fresh = name not in self.locals
                self.locals.add(name)
                return f"for ({'var ' if fresh else ''}{name} of {over}) {{ {self.block(body)} }}"
            case ast.Try(body, handlers, [], []):
                return f"try {{ {self.block(body)} }} catch (error) {{ {self.handlers(handlers)} }}"
            case ast.Raise():
                return "return NaN;"  # which the page refuses, saying where the primitive is defined
        raise self.fail(node)

    def handlers(self, handlers: list[ast.ExceptHandler]) -> str:
        """What is done on an error: the page's library raises the two that arithmetic raises in Python."""
        branches = []
        for handler in handlers:
            if not isinstance(handler.type, ast.Name) or handler.type.id not in ("ZeroDivisionError", "OverflowError"):
                raise self.fail(handler)
            branches.append(f'if (error.message === "{handler.type.id}") {{ {self.block(handler.body)} }}')
        return " else ".join([*branches, "throw error;"])

    def test(self, node: ast.expr) -> str:
        """An expression as a condition: Python takes for true whatever differs from 0, NaN too."""
        if isinstance(node, ast.BoolOp):
            return f"({(' && ' if isinstance(node.op, ast.And) else ' || ').join(map(self.test, node.values))})"
        if isinstance(node, ast.Compare) or (isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not)):
            return self.expression(node)
        return f"({self.expression(node)}) != 0"

    def expression(self, node: ast.expr) -> str:
        match node:
            case ast.Constant(value=bool() | int() | float() as constant):
                return literal(constant)
            case ast.Name(id=name) if name in self.locals:
                return name
            case ast.Name() | ast.Attribute():
                found = self.resolve(node)
                if isinstance(found, int | float):
                    return literal(found)
                if isinstance(found, tuple) and all(isinstance(item, int | float) for item in found):
                    return f"[{', '.join(map(literal, found))}]"
                if isinstance(found, Hashable) and found in OPERATORS:
                    return OPERATORS[found]
            case ast.Tuple(elts=items) | ast.List(elts=items):
                return f"[{', '.join(map(self.expression, items))}]"
            case ast.BinOp(left, kind, right) if type(kind) in BINARY:
                return f"({self.expression(left)} {BINARY[type(kind)]} {self.expression(right)})"
            case ast.BinOp(left, kind, right) if type(kind) in RAISING:
                return f"{RAISING[type(kind)]}({self.expression(left)}, {self.expression(right)})"
            case ast.UnaryOp(ast.USub(), operand):
                return f"(-{self.expression(operand)})"
            case ast.UnaryOp(ast.Not(), operand):
                return f"!({self.test(operand)})"
            case ast.BoolOp(kind, [*parts, last]):  # the first that decides, as it is
                result = self.expression(last)
                for part in reversed(parts):
                    test, itself = self.test(part), self.expression(part)
                    result = (
                        f"({test} ? {result} : {itself})" if isinstance(kind, ast.And) else f"({test} ? {itself} : {result})"
                    )
                return result
            case ast.Compare(left, kinds, rights) if all(type(kind) in COMPARISONS for kind in kinds):
                sides = [self.expression(side) for side in (left, *rights)]
                pairs = zip(sides, kinds, sides[1:], strict=False)
                return f"({' && '.join(f'{a} {COMPARISONS[type(kind)]} {b}' for a, kind, b in pairs)})"
            case ast.IfExp(test, body, orelse):
                return f"({self.test(test)} ? {self.expression(body)} : {self.expression(orelse)})"
            case ast.ListComp(element, [ast.comprehension(target=ast.Name(id=name), iter=items, ifs=[])]):
                over = self.expression(items)
                self.locals.add(name)
                return f"{over}.map(({name}) => {self.expression(element)})"
            case ast.Call(func=ast.Call(func=ast.Name(id="type")), args=[value]):
                return self.expression(value)  # type(x)(0): the page has one type of number
            case ast.Call(func=ast.Name(id="len"), args=[items]):
                return f"{self.expression(items)}.length"
            case ast.Call(func=function, args=arguments, keywords=[]):
                if len(arguments) > 1 and self.resolve(function) in OF_ONE:
                    raise self.fail(node)
                return f"{self.called(function)}({', '.join(self.expression(argument) for argument in arguments)})"
        raise self.fail(node)

    def called(self, node: ast.expr) -> str:
        """What a function that is called is in the page; of a primitive or a helper it is remembered that it is needed."""
        function = self.resolve(node)
        if isinstance(function, Hashable) and function in EQUIVALENTS:
            return EQUIVALENTS[function]
        if isinstance(function, Hashable) and function in LACKING:
            function = TABLE[function.__name__]
        item = primitive_of(function) or function
        if isinstance(item, Primitive) or (isinstance(item, FunctionType) and item.__module__ in (self.module, SPECIAL)):
            self.calls[item] = None
            return reference(item)
        raise self.fail(node)

    def resolve(self, node: ast.expr) -> Any:
        """What a name, or a name in a module, stands for in the function's source."""
        if isinstance(node, ast.Name) and node.id in self.known and node.id not in self.locals:
            return self.known[node.id]
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            owner = self.known.get(node.value.id)
            if inspect.ismodule(owner) and hasattr(owner, node.attr):
                return getattr(owner, node.attr)
        raise self.fail(node)


def reference(item: Translatable) -> str:
    """What a primitive or a helper is called in the page."""
    return f"primitive[{in_script(item.name)}]" if isinstance(item, Primitive) else f"helper[{in_script(item.__qualname__)}]"


def literal(constant: Any) -> str:
    """A number as JavaScript; true and false are 1 and 0."""
    constant = float(constant)
    if math.isnan(constant):
        return "NaN"
    if math.isinf(constant):
        return "Infinity" if constant > 0 else "(-Infinity)"
    is_short = constant.is_integer() and abs(constant) < 2**53 and math.copysign(1, constant) > 0  # -0.0 keeps its sign
    shown = repr(int(constant) if is_short else constant)
    return f"({shown})" if shown.startswith("-") else shown
