"""A derivation by one weight, bias or activation, of one sample or averaged over many (D8, D11), and how it is printed."""

from __future__ import annotations

import math
from typing import Final

from nn.documents.chain import Chain, Factor
from nn.documents.layout import aligned
from nn.notation import Formula, factor, number, symbol

SHOWN_SAMPLES: Final = 10  # of an average; the others are counted, and are in `samples`


class Derivation:
    """The derivative of the loss by one weight, bias or activation, derived step by step; made by `derive`.

    Attributes:
        symbol: the derivative, such as ∂C₀/∂w₁₂⁽³⁾; of several samples ∂C/∂w₁₂⁽³⁾.
        value: the number.
        samples: the derivation of each sample.
        factors: of one sample, the factors of the product (or of each product of the sum, one after another).
        engine: what the engine's `backward()` gives.
    """

    def __init__(self, symbol: Formula, samples: list[Chain], engine: float) -> None:
        self.symbol = symbol
        self.samples = samples
        self.value = sum(chain.value for chain in samples) / len(samples)
        self.engine = engine

    @property
    def factors(self) -> list[Factor]:
        """The factors of the first sample."""
        return [f for term in self.samples[0].terms for f in term]

    @property
    def difference(self) -> float:
        """How far this derivation and the engine are apart; 0 also where both give inf, or both NaN."""
        both_nan = math.isnan(self.value) and math.isnan(self.engine)
        return 0.0 if both_nan or self.value == self.engine else abs(self.value - self.engine)

    @property
    def agrees(self) -> bool:
        """Whether the engine gives the same derivative, up to rounding."""
        return self.difference <= 1e-12 * max(1.0, abs(self.value), abs(self.engine))

    def agreement(self) -> str:
        """What the engine says to this."""
        verdict = "they agree" if self.agrees else "they DO NOT agree"
        return f"The engine's backward() gives {number(self.engine).text}: {verdict} (difference {self.difference:.2g})."

    def _latex_agreement(self) -> str:
        verdict = "they agree" if self.agrees else "they DO NOT agree"
        return rf"& \text{{backward() gives }} {number(self.engine).latex} \text{{: {verdict}}}"

    def __str__(self) -> str:
        if len(self.samples) == 1:
            return f"{self.samples[0]}\n\n{self.agreement()}"
        return "\n".join([*self._average_lines(), "", self.agreement()])

    def _average_lines(self) -> list[str]:
        name, count = self.symbol.text, len(self.samples)
        lines = [f"{name} = (1/n) Σᵢ {_of_sample(self.symbol, 'i').text},  n = {count}", ""]
        shown = self.samples[:SHOWN_SAMPLES]
        rows = [[chain.symbol.text, *(step.text for step in chain.short_steps())] for chain in shown]
        widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
        lines += [
            "  " + " = ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
        ]
        if count > len(shown):
            lines.append(f"  … and {count - len(shown)} more samples, in .samples")
        terms = " + ".join(factor(chain.value).text for chain in shown) + (" + …" if count > len(shown) else "")
        indent = " " * len(name)
        return [*lines, "", f"{name} = (1/{count}) ({terms})", f"{indent} = {number(self.value).text}"]

    def latex(self) -> str:
        """The derivation in LaTeX, for a notebook or an article."""
        if len(self.samples) == 1:
            return aligned([*self.samples[0].latex_rows(), self._latex_agreement()])
        count = len(self.samples)
        rows = [rf"{self.symbol.latex} &= \frac{{1}}{{n}} \sum_{{i}} {_of_sample(self.symbol, 'i').latex}, \quad n = {count}"]
        for chain in self.samples[:SHOWN_SAMPLES]:
            rows.append(f"{chain.symbol.latex} &= " + " = ".join(step.latex for step in chain.short_steps()))
        if count > SHOWN_SAMPLES:
            rows.append(rf"& \vdots \quad \text{{and {count - SHOWN_SAMPLES} more samples}}")
        rows.append(f"{self.symbol.latex} &= {number(self.value).latex}")
        return aligned([*rows, self._latex_agreement()])

    def _repr_latex_(self) -> str:
        return f"$${self.latex()}$$"

    def __repr__(self) -> str:
        return f"<derivation of {self.symbol.text} = {number(self.value).text}: print() shows it step by step>"


def _of_sample(derivative: Formula, index: int | str) -> Formula:
    """∂C/∂w as that of one sample: ∂Cᵢ/∂w."""
    c = symbol("C", index)
    return Formula(derivative.text.replace("C", c.text, 1), derivative.latex.replace("C", c.latex, 1))
