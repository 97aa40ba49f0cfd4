"""The documents' notation: w₁₂⁽³⁾ is the weight from node 2 of layer 2 to node 1 of layer 3, in plain text and in LaTeX."""

from __future__ import annotations

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
