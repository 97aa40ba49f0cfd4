"""The table of primitives as JavaScript, for the page: each one's function of numbers, translated from its own Python source.

Only what Python itself computes with (`math.exp`, `max`, a comparison) has an equivalent written here. The rules of derivatives
are not translated from source: they are read off as graphs of primitives, by evaluating them on stand-ins.
"""

from __future__ import annotations

import ast
import builtins
import inspect
import json
import math
import operator
import textwrap
from collections.abc import Callable, Hashable, Iterable
from functools import cache
from pathlib import Path
from types import FunctionType
from typing import Any, TypeAlias

from autograd_lite.primitive import Primitive
from autograd_lite.rules import rule_of
from autograd_lite.symbolic import symbolic_graph
from autograd_lite.value import Value

LIBRARY = Path(__file__).with_name("library.js").read_text(encoding="utf-8")

# What the functions of Python are called in the page's library (visualize/library.js) or in JavaScript itself.
SAME = "cbrt atan atan2 tanh asinh hypot"
RAISING_SAME = "exp expm1 log1p log2 log10 sqrt sin cos tan asin acos sinh cosh acosh atanh log"  # errors in Python, not there
EQUIVALENTS: dict[Any, str] = {
    **{getattr(math, name): f"Math.{name}" for name in SAME.split()},
    **{getattr(math, name): f"python.{name}" for name in RAISING_SAME.split()},
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
RAISING: dict[type[ast.operator], str] = {ast.Div: "python.divide", ast.Pow: "python.pow", ast.Mod: "python.modulo"}
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
def translated(rule: Translatable) -> tuple[str, tuple[Translatable, ...]]:
    """A primitive's function of numbers, or a helper's, as a JavaScript function; and the ones that it calls.

    Raises:
        Untranslatable: with the reason.
    """
    function: Any
    function, name = (rule.compute, rule.name) if isinstance(rule, Primitive) else (rule, rule.__name__)
    while rule_of(function) is not None or hasattr(function, "cache_info"):
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
                return _literal(constant)
            case ast.Name(id=name) if name in self.locals:
                return name
            case ast.Name() | ast.Attribute():
                found = self.resolve(node)
                if isinstance(found, int | float):
                    return _literal(found)
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
        function = self.resolve(node)
        if isinstance(function, Hashable) and function in EQUIVALENTS:
            return EQUIVALENTS[function]
        rule = rule_of(function) or function
        if isinstance(rule, Primitive) or (isinstance(rule, FunctionType) and rule.__module__ == self.module):
            self.calls[rule] = None
            return reference(rule)
        raise self.fail(node)

    def resolve(self, node: ast.expr) -> Any:
        if isinstance(node, ast.Name) and node.id in self.known and node.id not in self.locals:
            return self.known[node.id]
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            owner = self.known.get(node.value.id)
            if inspect.ismodule(owner) and hasattr(owner, node.attr):
                return getattr(owner, node.attr)
        raise self.fail(node)


def reference(rule: Translatable) -> str:
    """What a primitive or a helper is called in the page."""
    return f"primitive[{_quoted(rule.name)}]" if isinstance(rule, Primitive) else f"helper[{_quoted(rule.__qualname__)}]"


def forward_functions(primitives: Iterable[Primitive]) -> str:
    """JavaScript that defines these primitives, and all that they call.

    Raises:
        Untranslatable: one of them has no translation, or two have one name.
    """
    functions: dict[Translatable, str] = {}
    called: dict[str, Translatable] = {}
    stack: list[Translatable] = list(primitives)
    while stack:
        rule = stack.pop()
        if rule not in functions:
            functions[rule], calls = translated(rule)
            stack += calls
            if called.setdefault(reference(rule), rule) is not rule:
                name = rule.name if isinstance(rule, Primitive) else rule.__name__
                raise Untranslatable(f"two different functions are called {name!r}")
    return "const primitive = {}, helper = {};\n" + "".join(
        f"{reference(rule)} = {code};\n" for rule, code in functions.items()
    )


def derivative_function(node: Value) -> tuple[str, list[Primitive]]:
    """The local derivatives of a node as a JavaScript function of `(out, inputs)`, and the primitives that it uses.

    The rules of the table are evaluated on stand-ins; the graph that results is written out operation by operation. `inputs` is
    an array with a number for each parent.

    Raises:
        Untranslatable: a rule of a custom primitive is not one formula.
    """
    try:
        stand_ins, derivatives = symbolic_graph(node)
    except (AttributeError, TypeError, ValueError) as error:
        raise Untranslatable(f"a derivative of {node.op!r} cannot be read off: {error}") from error
    written: dict[Value, str] = {stand_ins[0]: "out"}
    written.update((symbol, f"inputs[{i}]") for i, symbol in enumerate(stand_ins[1:]))
    lines: list[str] = []
    used: dict[Primitive, None] = {}

    def operand(part: Any) -> str:
        if not isinstance(part, Value):
            return f"[{', '.join(map(operand, part))}]" if isinstance(part, tuple) else _literal(part)
        return written[part] if part in written else _literal(part.data)

    for derivative in derivatives:
        for step in _steps(derivative, written):
            used[step.primitive] = None
            lines.append(f"const t{len(lines)} = {reference(step.primitive)}({', '.join(map(operand, step.operands))});")
            written[step] = f"t{len(lines) - 1}"
    return f"(out, inputs) => {{ {' '.join(lines)} return [{', '.join(map(operand, derivatives))}]; }}", list(used)


def _steps(derivative: Any, written: dict[Value, str]) -> list[Value]:
    """The operations of a formula that are not yet written, operands first."""
    steps: dict[Value, None] = {}
    stack = [(derivative, False)]
    while stack:
        part, done = stack.pop()
        if not isinstance(part, Value) or part in written or not part.operands:
            continue
        if done:
            steps[part] = None
        elif part not in steps:
            stack.append((part, True))
            stack += [(parent, False) for parent in part.parents]
    return list(steps)


def _literal(constant: Any) -> str:
    constant = float(constant)
    if math.isnan(constant):
        return "NaN"
    if math.isinf(constant):
        return "Infinity" if constant > 0 else "(-Infinity)"
    shown = (
        repr(int(constant))
        if constant == int(constant) and abs(constant) < 2**53 and math.copysign(1, constant) > 0
        else repr(constant)
    )
    return f"({shown})" if shown.startswith("-") else shown


def _quoted(name: str) -> str:
    return json.dumps(name).replace("<", "\\u003c")
