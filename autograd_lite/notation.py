"""How an expression is written, as text and as LaTeX: from the notation in the table of primitives, and from nothing else.

A graph is written from its end: each node as its primitive says, its operands inside it, down to the nodes that have a name.
The formula of a local derivative is found by reading the rule off: it is evaluated on stand-ins for the operands, and the graph
that results is written like any other.
"""

from __future__ import annotations

import html
import math
import operator
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal
from fractions import Fraction
from functools import reduce
from string import Formatter
from typing import Any, NoReturn, TypeAlias

from autograd_lite.bundles import Bundle
from autograd_lite.context import mode
from autograd_lite.modes import Mode
from autograd_lite.primitive import Primitive
from autograd_lite.pullback import local_derivatives
from autograd_lite.value import Value, new_node

Namer: TypeAlias = Callable[[Value], str | None]  # what a node is called; None: write out how it was computed
Written: TypeAlias = tuple[str, float]  # an expression, and how strongly it holds together: its precedence

# How strongly a comparison holds together, always in brackets inside another operation; -2; a name or a function call
LOOSE, SIGNED, ATOM = -math.inf, 1.5, math.inf
NEUTRAL = {
    "add": (0, 0),
    "mul": (1, 1),
    "pow": (None, 1),
    "power_limit": (None, 1),
}  # what a formula leaves out: 0 +, 1 ×, ** 1
RELATIONS = frozenset("<>=≤≥≠")
SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
DIGITS = str.maketrans("₀₁₂₃₄₅₆₇₈₉⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789" * 2)
LONGEST = 64  # operations in one formula; what is beyond is written …
WIDEST = 5  # operands of a sum or a product that are written out; of more, the middle ones are …


def number(x: Any) -> str:
    """A number as a reader wants it: exact when that is short, else four significant digits.

    Example:
        >>> from autograd_lite.notation import number
        >>> number(2.0), number(1 / 3), number(1e-9), number(123456789)
        ('2.0', '0.3333', '1e-09', '123456789')
    """
    if isinstance(x, int | Fraction):
        exact = Fraction(x)
        if max(abs(exact.numerator), exact.denominator) < 10**12 and (isinstance(x, int) or len(str(exact)) <= 9):
            return str(exact)
        if Fraction(1, 10**300) < abs(exact) < 10**300:
            return f"{float(exact):.4g}"
        return f"{_FOUR_DIGITS.divide(Decimal(exact.numerator), Decimal(exact.denominator)).normalize(_FOUR_DIGITS):e}"
    x = float(x)
    shown = repr(x)
    return shown if len(shown) <= 6 else f"{x:.4g}"


_FOUR_DIGITS = Context(prec=4, Emin=MIN_EMIN, Emax=MAX_EMAX)  # of what is beyond the floats


def name_of(value: Value) -> str | None:
    """The name of a value that has one: its label; of an unnamed leaf, its number."""
    return value.label or (None if value.operands else number(value.data))


def text(value: Any, name: Namer = name_of) -> str:
    """The expression that computed a value, as text.

    Arguments:
        value: the end of the expression; a plain number is written as that number.
        name: gives the name of a node, or None for one that is to be written out.

    Example:
        >>> from autograd_lite import Value, tanh
        >>> from autograd_lite.notation import text
        >>> w, x, b = Value(0.5, "w"), Value(2.0, "x"), Value(-0.3, "b")
        >>> text(tanh(w * (x + 1) + b))
        'tanh(w × (x + 1) + b)'
    """
    return _Writer(name).write(value)[0]


def latex(value: Any, name: Namer | None = None) -> str:
    r"""The expression that computed a value, in LaTeX; `name` gives names as for `text`, in LaTeX.

    Example:
        >>> from autograd_lite import Value, exp
        >>> from autograd_lite.notation import latex
        >>> x1 = Value(2.0, "x1")
        >>> print(latex(exp(x1) / (x1 + 1) ** 2))
        \frac{e^{x_{1}}}{{\left(x_{1} + 1\right)}^{2}}
    """
    return _LatexWriter(name or _latex_name_of).write(value)[0]


def latex_name(name: str) -> str:
    r"""A name as LaTeX: a letter in italics, its digits as a subscript, a layer such as ⁽²⁾ as a superscript, words upright.

    Example:
        >>> from autograd_lite.notation import latex_name
        >>> latex_name("w12"), latex_name("z₀⁽²⁾"), latex_name("loss"), latex_name("a_b")
        ('w_{12}', 'z_{0}^{(2)}', '\\mathrm{loss}', '\\mathrm{a\\_b}')
    """
    indexed = re.fullmatch(r"([^\W\d_])(?:_?(\d+))?(?:⁽(\d+)⁾)?", name.translate(DIGITS))
    if indexed:
        letter, index, layer = indexed.groups()
        return letter + (f"_{{{index}}}" if index else "") + (f"^{{({layer})}}" if layer else "")
    return rf"\mathrm{{{''.join(LATEX_CHARACTERS.get(c, c) for c in name)}}}"


LATEX_CHARACTERS = {c: "\\" + c for c in "_#%&${}"} | {
    "\\": r"\backslash ",
    "^": r"{\wedge}",
    "~": r"{\sim}",
    " ": r"\ ",
    "\n": r"\ ",
}


NOT_FINITE = {"inf": r"\infty", "-inf": r"-\infty", "nan": r"\mathrm{NaN}"}


def latex_number(x: Any) -> str:
    r"""A number as LaTeX, with powers of ten and fractions written as such."""
    if isinstance(x, Fraction) and 1 < x.denominator < 10**12 and abs(x.numerator) < 10**12:
        return rf"{'-' if x < 0 else ''}\frac{{{abs(x.numerator)}}}{{{x.denominator}}}"
    shown = number(x)
    if shown in NOT_FINITE:
        return NOT_FINITE[shown]
    mantissa, _, exponent = shown.partition("e")
    return rf"{mantissa} \times 10^{{{int(exponent)}}}" if exponent else shown


def definition(value: Value, name: Namer = name_of) -> Namer:
    """The same names, except that `value` itself is written out: what stands right of the sign in `value = …`."""
    return lambda node: None if node is value and node.operands else name(node)


def _latex_name_of(value: Value) -> str | None:
    return latex_name(value.label) if value.label else None if value.operands else latex_number(value.data)


class _Writer:
    """Writes one formula as text."""

    ellipsis = "…"

    def __init__(self, name: Namer) -> None:
        self.name = name
        self.left = LONGEST

    def write(self, value: Any) -> Written:
        """The expression and its precedence."""
        if value is None:
            return self.ellipsis, ATOM
        if not isinstance(value, Value):
            return _signed(self.number(value))
        if isinstance(value, Symbol) and not value.operands:
            return self.write(value.stands_for)
        if isinstance(value, Symbol):
            shorter = simplified(value)
            if shorter is not value:
                return self.write(shorter)
        name = self.name(value)
        if name is not None:
            return (name, ATOM) if value.label or value.operands else _signed(name)
        if not value.operands:
            return _signed(self.number(value.data))
        if not self.left:
            return self.ellipsis, ATOM
        self.left -= 1
        if value.primitive.variadic:
            spelled = spell_out(value)
            if spelled is not None:
                return self.write(spelled)
        written = [self.write(parent) for parent in _shortened(value.parents)]
        if len(written) == 2 and all(part == self.ellipsis for part, _ in written):
            return self.ellipsis, ATOM
        return self.operation(value.primitive, written)

    def number(self, x: Any) -> str:
        return number(x)

    def operation(self, primitive: Primitive, operands: list[Written]) -> Written:
        symbol, precedence = primitive.symbol, primitive.precedence
        match operands:
            case [(part, _)] if "·" in symbol and symbol != "·":  # written around its operand, as |·|
                return symbol.replace("·", part), ATOM
            case [_, _] if precedence:
                left, right = self.bracketed(operands, (left_need(precedence), precedence + 1))
                return _led(f"{left} {symbol} {right}", LOOSE if symbol in RELATIONS else precedence)
            case [_] if precedence:
                (operand,) = self.bracketed(operands, (precedence + 1,))
                return _led(symbol + operand, precedence)
        return f"{symbol}({', '.join(part for part, _ in operands)})", ATOM

    def bracketed(self, operands: list[Written], least: tuple[float, ...]) -> list[str]:
        return [f"({part})" if held < need else part for (part, held), need in zip(operands, least, strict=True)]


class _LatexWriter(_Writer):
    """Writes one formula in LaTeX."""

    ellipsis = r"\ldots"

    def number(self, x: Any) -> str:
        return latex_number(x)

    def operation(self, primitive: Primitive, operands: list[Written]) -> Written:
        template, precedence = primitive.latex, primitive.precedence
        places = [field for _, field, _, _ in Formatter().parse(template) if field is not None]
        if len(operands) != len(places):
            name, parts = latex_name(primitive.name), ", ".join(part for part, _ in operands)
            return rf"{name.replace('mathrm', 'operatorname')}\left({parts}\right)", ATOM
        needs = [self.need(template, place, precedence) for place in range(len(operands))]
        return _led(template.format(*self.bracketed(operands, tuple(needs))), precedence or ATOM)

    def need(self, template: str, place: int, precedence: int) -> float:
        """How strongly an operand must hold together at its place in the template."""
        before, _, after = template.partition(f"{{{place}}}")
        if after.removeprefix("}}").startswith("^"):
            return ATOM  # only a name or a number goes without brackets
        if before.endswith(("{{", "(", "|")) and after.startswith(("}}", r"\right")):
            return LOOSE  # the template encloses it
        return precedence + 1 if place else left_need(precedence)

    def bracketed(self, operands: list[Written], least: tuple[float, ...]) -> list[str]:
        return [
            rf"\left({part}\right)" if held < need or (need == ATOM and "^" in part) else part
            for (part, held), need in zip(operands, least, strict=True)
        ]


def left_need(precedence: int) -> float:
    """How strongly a first operand must hold together: -2 · x needs no brackets, (-2) ** x does."""
    return min(precedence, SIGNED) if precedence < 3 else precedence + 1


def _led(written: str, precedence: float) -> Written:
    return written, min(precedence, SIGNED) if written.startswith(("-", "−")) else precedence


def _signed(shown: str) -> Written:
    return shown, SIGNED if shown.startswith("-") else 2 if r"\times" in shown or "/" in shown or r"\frac" in shown else ATOM


# Reading a rule off as a formula


class Symbol(Value):
    """A stand-in for an operand: it can be computed with, but a choice made on its number would not be part of the formula."""

    __slots__ = ("stands_for",)

    stands_for: Value | None

    def _no_choice(self, *_: Any) -> NoReturn:
        raise TypeError("the rule chooses by a number, so it is not one formula: use where() and greater() for a choice")

    __bool__ = __lt__ = __le__ = __gt__ = __ge__ = __eq__ = __ne__ = _no_choice
    __hash__ = Value.__hash__


class _Reading(Mode):
    """Makes stand-ins of stand-ins, whatever mode is active around it."""

    def __init__(self) -> None:
        self.outer = None

    def node(self, primitive: Primitive, operands: tuple[Any, ...], data: Any) -> Value:
        symbol: Any = new_node(primitive, data, *operands, kind=Symbol)
        symbol.stands_for = None
        return symbol  # type: ignore[no-any-return]


def stand_in(value: Value | None, data: Any) -> Symbol:
    """A stand-in for `value` (None: for operands that are left out), with this number."""
    symbol = Symbol(data)
    symbol.stands_for = value
    return symbol


@contextmanager
def _reading() -> Iterator[None]:
    token = mode.set(_Reading())
    try:
        yield
    finally:
        mode.reset(token)


def symbolic_derivatives(node: Value) -> list[Any]:
    """The local derivative of a node by each of its parents as a formula: a graph of stand-ins, or a plain number.

    Raises:
        TypeError: a rule of a custom primitive chooses by the number of an operand.

    Example:
        >>> from autograd_lite import Value
        >>> from autograd_lite.notation import symbolic_derivatives, text
        >>> a, b = Value(2.0, "a"), Value(3.0, "b")
        >>> [text(derivative) for derivative in symbolic_derivatives(a / b)]
        ['1 ÷ b', '−(a ÷ b) ÷ b']
    """
    return symbolic_graph(node)[1]


def symbolic_graph(node: Value) -> tuple[list[Symbol], list[Any]]:
    """The stand-ins for a node and for each of its parents, and the local derivatives as graphs on these; as above."""
    inputs = [stand_in(o, o.data) if isinstance(o, Value) else Bundle([stand_in(v, v.data) for v in o]) for o in node.operands]
    output = stand_in(node, node.data)
    with _reading():
        derivatives = [local for _, local in local_derivatives(node, output, inputs)]
    symbols = [output]
    for part in inputs:
        symbols += part if isinstance(part, Bundle) else [part]
    return symbols, derivatives


def spell_out(node: Value) -> Value | None:
    """A node of many operands as the operations of two that it stands for (a dot product as products and sums), if it does.

    Of many operands the first ones and the last are taken, and a stand-in for all between.
    """
    inputs = [_stand_ins(o) if isinstance(o, Bundle) else stand_in(o, o.data) for o in node.operands]
    try:
        with _reading():
            total = node.primitive.compute(*inputs)
            return offset_last(total) if isinstance(total, Symbol) else None
    except (ArithmeticError, AttributeError, TypeError, ValueError):
        return None


def offset_last(total: Symbol) -> Symbol:
    """A sum that starts from a single term, such as the bias of a neuron, with that term at its end."""
    terms: list[Any] = []
    rest: Any = total
    while rest.op == "add":
        rest, last = rest.operands
        terms.insert(0, last)
    if rest.operands or not any(term.operands for term in terms):
        return total  # its terms are all alike
    return reduce(operator.add, [*terms, rest])  # type: ignore[no-any-return]


def simplified(symbol: Symbol) -> Any:
    """The same formula without what a rule carries along but a reader would not write: 1 × x, x + 0, x ** (2 − 1)."""
    if is_fixed(symbol):
        return symbol.data
    if symbol.op == "where":
        condition, a, b = symbol.operands
        known = truth(condition)
        return symbol if known is None else a if known else b
    if symbol.op in NEUTRAL:
        left, right = symbol.operands
        for operand, other, neutral in zip((left, right), (right, left), NEUTRAL[symbol.op], strict=True):
            if is_fixed(operand) and operand.data == neutral and getattr(operand, "stands_for", None) is None:
                return other
    return symbol


def truth(condition: Any) -> bool | None:
    """Whether a condition in a formula always holds, or never; None if that depends on a number that may change."""
    if is_fixed(condition):
        return bool(condition.data)
    if condition.op == "where":
        _, *chosen = condition.operands
        first, second = map(truth, chosen)
        return first if first == second else None
    return None


def is_fixed(value: Any) -> bool:
    """Whether a part of a formula is a plain number, or computed from plain numbers alone."""
    stack = [value]  # and not recursion: the derivative of a long product is a product as long
    while stack:
        part = stack.pop()
        if isinstance(part, Symbol) and part.operands:
            if part.primitive.variadic:
                return False
            stack += part.operands
        else:
            leaf = part.stands_for if isinstance(part, Symbol) else part
            if not isinstance(leaf, Value) or not leaf.is_constant:
                return False
    return True


def _stand_ins(bundle: Bundle) -> list[Symbol]:
    return [stand_in(v, math.nan if v is None else v.data) for v in _shortened(bundle)]


def _shortened(values: tuple[Value, ...]) -> tuple[Any, ...]:
    """The values, of many the first and the last with None for those between."""
    return values if len(values) <= WIDEST else (*values[: WIDEST - 2], None, values[-1])


# How a Value shows itself in IPython and Jupyter


def repr_latex(value: Value) -> str:
    """The value as a formula, `$name = expression = number$`."""
    parts = [latex_name(value.label)] if value.label else []
    if value.operands:
        parts.append(latex(value, definition(value, _latex_name_of)))
    return f"${' = '.join([*parts, latex_number(value.data)])}$"


def repr_html(value: Value) -> str:
    """The value as a small table: its name and expression, its number and its gradient."""
    parts = [value.label] if value.label else []
    if value.operands:
        parts.append(text(value, definition(value)))
    rows = {"Value": " = ".join(parts), "data": value.data, **({} if value.is_constant else {"grad": value.grad})}
    cells = (
        f'<tr><th scope="row">{title}</th><td>{html.escape(str(shown))}</td></tr>'
        for title, shown in rows.items()
        if shown != ""
    )
    return f"<table>{''.join(cells)}</table>"
