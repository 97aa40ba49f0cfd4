"""The documents' notation: w₁₂⁽³⁾ is the weight from node 2 of layer 2 to node 1 of layer 3, in plain text and in LaTeX."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

SUBSCRIPT = str.maketrans("0123456789ij", "₀₁₂₃₄₅₆₇₈₉ᵢⱼ")
SUPERSCRIPT = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


class Formula(NamedTuple):
    """A piece of a formula, in plain text and in LaTeX."""

    text: str
    latex: str


def symbol(letter: str, *indices: int | str, layer: int | None = None) -> Formula:
    """A letter with its indices below and its layer above: `symbol("w", 1, 2, layer=3)` is w₁₂⁽³⁾, `symbol("y", 1)` is y₁.

    Indices of two digits are parted by a comma: w₁₀,₂⁽³⁾.
    """
    shown = [str(index) for index in indices]
    separator = "" if all(len(index) == 1 for index in shown) else ","
    below = separator.join(shown)
    text = letter + separator.join(index.translate(SUBSCRIPT) for index in shown)
    latex = letter + (f"_{{{below}}}" if below else "")
    if layer is not None:
        text += f"⁽{str(layer).translate(SUPERSCRIPT)}⁾"
        latex += f"^{{({layer})}}"
    return Formula(text, latex)


def number(x: float) -> Formula:
    """A number with four significant digits and a proper minus sign."""
    plain = f"{float(x) + 0.0:.4g}"  # + 0.0: without the sign of −0
    mantissa, e, exponent = plain.partition("e")
    latex = f"{mantissa} \\times 10^{{{int(exponent)}}}" if e else plain
    return Formula(plain.replace("-", "−"), latex)


def factor(x: float) -> Formula:
    """A number as one factor of a product: in parentheses if it is negative."""
    shown = number(x)
    return parenthesized(shown) if shown.text.startswith("−") else shown


def parenthesized(inside: Formula) -> Formula:
    """The formula in parentheses."""
    return Formula(f"({inside.text})", rf"\left({inside.latex}\right)")


def product(factors: Iterable[Formula]) -> Formula:
    """The factors, multiplied."""
    return join(factors, " · ", r" \cdot ")


def join(parts: Iterable[Formula], between: str, between_latex: str) -> Formula:
    """The parts with a sign between them."""
    items = list(parts)
    return Formula(between.join(part.text for part in items), between_latex.join(part.latex for part in items))


def partial(of: Formula, by: Formula) -> Formula:
    """The partial derivative of one symbol by another."""
    return Formula(f"∂{of.text}/∂{by.text}", rf"\frac{{\partial {of.latex}}}{{\partial {by.latex}}}")


def difference(coefficient: str, left: Formula, right: Formula) -> Formula:
    """coefficient(left − right); a coefficient of "" is 1."""
    return Formula(f"{coefficient}({left.text} − {right.text})", rf"{coefficient}\left({left.latex} - {right.latex}\right)")
