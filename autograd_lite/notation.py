"""How an expression is written, as text and as LaTeX: from the notation in the table of primitives, and from nothing else.

A graph is written from its end: each node as its primitive says, its operands inside it, down to the nodes that have a name.
The formulas of local derivatives, which `autograd_lite.symbolic` reads off their rules, are graphs and written in the same way.
"""

from __future__ import annotations

import math
import re
from abc import ABC, abstractmethod
from collections.abc import Callable
from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal
from fractions import Fraction
from string import Formatter
from typing import Any, Final, TypeAlias

from autograd_lite.basics.escaping import in_html, in_latex
from autograd_lite.graph.moments import is_differentiated, told_changes
from autograd_lite.graph.order import topological_order
from autograd_lite.primitive import Primitive
from autograd_lite.symbolic import Symbol, abridged, simplified, spell_out, symbolic_derivatives
from autograd_lite.value import Value

__all__ = [
    "SUBSCRIPTS",
    "Namer",
    "definition",
    "latex",
    "latex_name",
    "latex_number",
    "name_of",
    "number",
    "symbolic_derivatives",
    "text",
]

Namer: TypeAlias = Callable[[Value], str | None]  # what a node is called; None: write out how it was computed
Written: TypeAlias = tuple[str, float]  # an expression, and how strongly it holds together: its precedence

# Precedences besides those of the table: of a comparison, which is always in brackets inside another operation; of a negative
# number; of a name or a function call, which never is.
LOOSE, SIGNED, ATOM = -math.inf, 1.5, math.inf

LONGEST: Final = 64  # operations in one formula; what is beyond is written …
RELATIONS: Final = frozenset("<>=≤≥≠")
SUBSCRIPTS: Final = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
DIGITS: Final = str.maketrans("₀₁₂₃₄₅₆₇₈₉⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789" * 2)
FOUR_DIGITS: Final = Context(prec=4, Emin=MIN_EMIN, Emax=MAX_EMAX)  # for numbers beyond the floats
NOT_FINITE: Final = {"inf": r"\infty", "-inf": r"-\infty", "nan": r"\mathrm{NaN}"}


# Names and numbers


def name_of(value: Value) -> str | None:
    """The name of a value that has one: its label; of an unnamed leaf, its number."""
    return value.label or (None if value.operands else number(value.data))


def latex_name_of(value: Value) -> str | None:
    """The same in LaTeX."""
    return latex_name(value.label) if value.label else None if value.operands else latex_number(value.data)


def definition(value: Value, name: Namer = name_of) -> Namer:
    """The same names, except that `value` itself is written out: what stands right of the sign in `value = …`."""
    return lambda node: None if node is value and node.operands else name(node)


def number(x: Any) -> str:
    """A number as a reader wants it: exact when that is short, else four significant digits, and more beside a whole number.

    Example:
        >>> from autograd_lite.notation import number
        >>> number(2.0), number(1 / 3), number(1e-9), number(123456789), number(0.999995479)
        ('2.0', '0.3333', '1e-09', '123456789', '0.999995')
    """
    if isinstance(x, int | Fraction):
        exact = Fraction(x)
        if max(abs(exact.numerator), exact.denominator) < 10**12 and (isinstance(x, int) or len(str(exact)) <= 9):
            return str(exact)
        if Fraction(1, 10**300) < abs(exact) < 10**300:
            return f"{float(exact):.4g}"
        return f"{FOUR_DIGITS.divide(Decimal(exact.numerator), Decimal(exact.denominator)).normalize(FOUR_DIGITS):e}"
    x = float(x)
    shown = repr(x)
    if len(shown) <= 6:
        return shown
    rounded = f"{x:.4g}"
    if not re.fullmatch(r"-?\d{1,3}", rounded):
        return rounded
    # It would read as a whole number: as many digits as tell it from that, or the zeros that say that it is rounded.
    longer = (f"{x:.{digits}g}" for digits in range(5, 9))
    return next((more for more in longer if "." in more), f"{x:.3f}")


def latex_number(x: Any) -> str:
    r"""A number as LaTeX, with powers of ten and fractions written as such."""
    if isinstance(x, Fraction) and 1 < x.denominator < 10**12 and abs(x.numerator) < 10**12:
        return rf"{'-' if x < 0 else ''}\frac{{{abs(x.numerator)}}}{{{x.denominator}}}"
    shown = number(x)
    if shown in NOT_FINITE:
        return NOT_FINITE[shown]
    mantissa, _, exponent = shown.partition("e")
    return rf"{mantissa} \times 10^{{{int(exponent)}}}" if exponent else shown


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
    return rf"\mathrm{{{in_latex(name)}}}"


# Formulas


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
    return TextWriter(name).write(value)[0]


def latex(value: Any, name: Namer | None = None) -> str:
    r"""The expression that computed a value, in LaTeX; `name` gives names as for `text`, in LaTeX.

    Example:
        >>> from autograd_lite import Value, exp
        >>> from autograd_lite.notation import latex
        >>> x1 = Value(2.0, "x1")
        >>> print(latex(exp(x1) / (x1 + 1) ** 2))
        \frac{e^{x_{1}}}{{\left(x_{1} + 1\right)}^{2}}
    """
    return LatexWriter(name or latex_name_of).write(value)[0]


class FormulaWriter(ABC):
    """Writes one formula: walks from its end down to what has a name. How an operation is written is up to the notation."""

    ellipsis: str

    def __init__(self, name: Namer) -> None:
        self.name = name
        self.remaining = LONGEST

    @abstractmethod
    def number(self, x: Any) -> str:
        """A number in this notation."""

    @abstractmethod
    def operation(self, primitive: Primitive, operands: list[Written]) -> Written:
        """An operation with its operands, in this notation."""

    def write(self, value: Any) -> Written:
        """The expression and its precedence."""
        if value is None:  # what stands between the first operands and the last
            return self.ellipsis, ATOM
        if not isinstance(value, Value):
            return written_number(self.number(value))
        if isinstance(value, Symbol):
            if not value.operands:
                return self.write(value.stands_for)
            shorter = simplified(value)
            if shorter is not value:
                return self.write(shorter)
        name = self.name(value)
        if name is not None:
            return (name, ATOM) if value.label or value.operands else written_number(name)
        return self.computed(value) if value.operands else written_number(self.number(value.data))

    def computed(self, value: Value) -> Written:
        """The operation that computed a value, its operands written out."""
        if not self.remaining:
            return self.ellipsis, ATOM
        self.remaining -= 1
        if value.primitive.variadic:
            spelled = spell_out(value)
            if spelled is not None:
                return self.write(spelled)
        operands = [self.write(parent) for parent in abridged(value.parents)]
        if len(operands) == 2 and all(part == self.ellipsis for part, _ in operands):
            return self.ellipsis, ATOM
        return self.operation(value.primitive, operands)


class TextWriter(FormulaWriter):
    """Writes one formula as text."""

    ellipsis = "…"

    def number(self, x: Any) -> str:
        """The number as `number` writes it."""
        return number(x)

    def operation(self, primitive: Primitive, operands: list[Written]) -> Written:
        """An operation by its symbol, between its operands or before them."""
        symbol, precedence = primitive.symbol, primitive.precedence
        match operands:
            case [(part, _)] if "·" in symbol and symbol != "·":  # written around its operand, as |·|
                return symbol.replace("·", part), ATOM
            case [left, right] if precedence:
                before, after = self.bracketed(left, left_need(precedence)), self.bracketed(right, precedence + 1)
                return signed(f"{before} {symbol} {after}", LOOSE if symbol in RELATIONS else precedence)
            case [operand] if precedence:
                return signed(symbol + self.bracketed(operand, precedence + 1), precedence)
        return f"{symbol}({', '.join(part for part, _ in operands)})", ATOM

    def bracketed(self, operand: Written, need: float) -> str:
        """An operand, in brackets unless it holds together as strongly as it needs to."""
        part, held = operand
        return f"({part})" if held < need else part


class LatexWriter(FormulaWriter):
    """Writes one formula in LaTeX."""

    ellipsis = r"\ldots"

    def number(self, x: Any) -> str:
        """The number as `latex_number` writes it."""
        return latex_number(x)

    def operation(self, primitive: Primitive, operands: list[Written]) -> Written:
        """An operation by its template, or as a call where it has none for so many operands."""
        template, precedence = primitive.latex, primitive.precedence
        places = [field for _, field, _, _ in Formatter().parse(template) if field is not None]
        if len(operands) != len(places):
            name = latex_name(primitive.name).replace("mathrm", "operatorname", 1)
            return rf"{name}\left({', '.join(part for part, _ in operands)}\right)", ATOM
        parts = [self.bracketed(o, self.need(template, place, precedence)) for place, o in enumerate(operands)]
        return signed(template.format(*parts), precedence or ATOM)

    def need(self, template: str, place: int, precedence: int) -> float:
        """How strongly an operand must hold together at its place in the template."""
        before, _, after = template.partition(f"{{{place}}}")
        if after.removeprefix("}}").startswith("^"):
            return ATOM  # only a name or a number goes without brackets
        if before.endswith(("{{", "(", "|")) and after.startswith(("}}", r"\right")):
            return LOOSE  # the template encloses it
        return precedence + 1 if place else left_need(precedence)

    def bracketed(self, operand: Written, need: float) -> str:
        """An operand, in brackets unless it holds together as strongly as it needs to; two exponents never stand together."""
        part, held = operand
        return rf"\left({part}\right)" if held < need or (need == ATOM and "^" in part) else part


def left_need(precedence: int) -> float:
    """How strongly a first operand must hold together: -2 · x needs no brackets, (-2) ** x does."""
    return min(precedence, SIGNED) if precedence < 3 else precedence + 1


def signed(written: str, precedence: float) -> Written:
    """An expression with its precedence, which is that of a negative number if it begins with a sign."""
    return written, min(precedence, SIGNED) if written.startswith(("-", "−")) else precedence


def written_number(shown: str) -> Written:
    """A number with its precedence: a negative one, a fraction and one with a power of ten are not atoms."""
    if shown.startswith("-"):
        return shown, SIGNED
    return shown, 2 if r"\times" in shown or "/" in shown or r"\frac" in shown else ATOM


# How a Value shows itself in IPython and Jupyter


def repr_latex(value: Value) -> str:
    """The value as a formula, `$name = expression = number$`."""
    parts = [latex_name(value.label)] if value.label else []
    if value.operands:
        parts.append(latex(value, definition(value, latex_name_of)))
    return f"${' = '.join([*parts, latex_number(value.data)])}$"


def repr_html(value: Value) -> str:
    """The value as a small table: its name and expression, its number and its gradient."""
    parts = [value.label] if value.label else []
    if value.operands:
        parts.append(text(value, definition(value)))
    rows = {"Value": " = ".join(parts), "data": value.data}
    if not value.is_constant:
        rows["grad"] = value.grad if is_differentiated(value) else "? no backward() yet"
    if value.operands:
        rows["out of date"] = told_changes(topological_order(value))
    cells = (
        f'<tr><th scope="row">{title}</th><td>{in_html(str(shown))}</td></tr>' for title, shown in rows.items() if shown != ""
    )
    return f"<table>{''.join(cells)}</table>"
