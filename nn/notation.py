"""The documents' notation: w₁₂⁽³⁾ is the weight from node 2 of layer 2 to node 1 of layer 3, in plain text and in LaTeX."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Final, NamedTuple

SUBSCRIPT: Final = str.maketrans("0123456789ijkmn=-", "₀₁₂₃₄₅₆₇₈₉ᵢⱼₖₘₙ₌₋")
SUPERSCRIPT: Final = str.maketrans("0123456789+-lLn", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ˡᴸⁿ")
LATEX_LETTERS: Final = {"δ": r"\delta", "η": r"\eta"}
NOT_FINITE: Final = {"inf": r"\infty", "-inf": r"-\infty", "nan": r"\mathrm{NaN}"}


class Formula(NamedTuple):
    """A piece of a formula, in plain text and in LaTeX."""

    text: str
    latex: str


def symbol(letter: str, *indices: int | str, layer: int | str | None = None) -> Formula:
    """A letter with its indices below and its layer above: `symbol("w", 1, 2, layer=3)` is w₁₂⁽³⁾, `symbol("y", 1)` is y₁.

    A layer may be counted from the last: `symbol("a", 2, layer="L-1")` is a₂⁽ᴸ⁻¹⁾. Indices of two digits are parted by a comma:
    w₁₀,₂⁽³⁾.
    """
    shown = [str(index) for index in indices]
    separator = "" if all(len(index) == 1 for index in shown) else ","
    below = separator.join(shown)
    text = letter + separator.join(index.translate(SUBSCRIPT) for index in shown)
    latex = LATEX_LETTERS.get(letter, letter) + (f"_{{{below}}}" if below else "")
    if layer is not None:
        text += f"⁽{str(layer).translate(SUPERSCRIPT)}⁾"
        latex += f"^{{({layer})}}"
    return Formula(text, latex)


def numbered(letter: str, *indices: int, count: int, layer: int | None = None) -> list[str]:
    """The text of `symbol(letter, *indices, k, layer=layer)` for each k below `count`: the names of a neuron's weights."""
    head, _, tail = symbol(letter, *indices, 0, layer=layer).text.rpartition("₀" if layer is None else "₀⁽")
    tail = "" if layer is None else f"⁽{tail}"
    comma = "," if indices and not head.endswith(",") else ""
    below = subscripts(count)
    return [f"{head}{index}{tail}" for index in below[:10]] + [f"{head}{comma}{index}{tail}" for index in below[10:]]


@cache
def subscripts(count: int) -> list[str]:
    """The whole numbers below `count`, as they stand below a letter."""
    return [str(index).translate(SUBSCRIPT) for index in range(count)]


def number(x: float) -> Formula:
    """A number with four significant digits and a proper minus sign."""
    plain = f"{float(x) + 0.0:.4g}"  # + 0.0: without the sign of −0
    mantissa, e, exponent = plain.partition("e")
    latex = f"{mantissa} \\times 10^{{{int(exponent)}}}" if e else NOT_FINITE.get(plain, plain)
    return Formula(plain.replace("-", "−"), latex)


def factor(x: float) -> Formula:
    """A number as one factor of a product: in parentheses if it is negative."""
    return bracketed(number(x))


def bracketed(part: Formula) -> Formula:
    """A part of a product or a sum: in parentheses if it begins with a minus sign."""
    return parenthesized(part) if part.text.startswith("−") else part


def parenthesized(inside: Formula) -> Formula:
    """The formula in parentheses."""
    return Formula(f"({inside.text})", rf"\left({inside.latex}\right)")


def product(factors: Iterable[Formula]) -> Formula:
    """The factors, multiplied."""
    return join(factors, " · ", r" \cdot ")


def beside(*factors: Formula) -> Formula:
    """The factors one beside the other, as letters are multiplied."""
    return join(factors, " ", r" \, ")


def plus(terms: Iterable[Formula]) -> Formula:
    """The terms, added."""
    return join(terms, " + ", " + ")


def equals(parts: Iterable[Formula]) -> Formula:
    """The parts, of which each is equal to the next."""
    return join(parts, " = ", " = ")


def join(parts: Iterable[Formula], between: str, between_latex: str) -> Formula:
    """The parts with a sign between them."""
    items = list(parts)
    return Formula(between.join(part.text for part in items), between_latex.join(part.latex for part in items))


def transposed(matrix: Formula) -> Formula:
    """A matrix or a vector, transposed."""
    return Formula(f"({matrix.text})ᵀ", rf"\left({matrix.latex}\right)^{{\mathsf{{T}}}}")


def words(text: str) -> Formula:
    """Words between formulas."""
    return Formula(text, rf"\text{{{_plain(text)}}}")


def _plain(text: str) -> str:
    """Words as LaTeX's text takes them; a minus sign, which is a hyphen there, and a Greek letter stand outside."""
    for sign in "_%&#":
        text = text.replace(sign, f"\\{sign}")
    return text.replace("−", r"}{-}\text{").replace("δ", r"}\delta\text{")


def remark(formula: Formula, text: str, then: Formula | None = None) -> Formula:
    """The formula, and behind it what is to be said of it, which may end in another formula."""
    said = join([words(text), *([then] if then else [])], " ", r" \ ")
    return Formula(f"{formula.text},  {said.text}", rf"{formula.latex}, \quad {said.latex}")


def partial(of: Formula, by: Formula) -> Formula:
    """The partial derivative of one symbol by another."""
    return Formula(f"∂{of.text}/∂{by.text}", rf"\frac{{\partial {of.latex}}}{{\partial {by.latex}}}")


def derivative_of(expression: Formula, by: Formula) -> Formula:
    """The partial derivative by a symbol, of an expression that stands behind the operator."""
    return Formula(f"∂/∂{by.text} {expression.text}", rf"\frac{{\partial}}{{\partial {by.latex}}} {expression.latex}")


def total(letter: str, count: int | None, term: Formula, first: int = 0) -> Formula:
    """The sum of a term over an index, from 0 if no other is `first`; its last value is n − 1 where the count is None."""
    last = "n-1" if count is None else str(first + count - 1)
    sign = f"Σ{f'{letter}={first}'.translate(SUBSCRIPT)}{last.translate(SUPERSCRIPT)}"
    return Formula(f"{sign} {term.text}", rf"\sum_{{{letter}={first}}}^{{{last}}} {term.latex}")


def difference(coefficient: str, left: Formula, right: Formula) -> Formula:
    """coefficient(left − right); a coefficient of "" is 1."""
    return Formula(f"{coefficient}({left.text} − {right.text})", rf"{coefficient}\left({left.latex} - {right.latex}\right)")


def applied(function: Formula, *arguments: Formula) -> Formula:
    """A function of these arguments, written out."""
    inside = join(arguments, ", ", ", ")
    return Formula(f"{function.text}({inside.text})", rf"{function.latex}\left({inside.latex}\right)")
