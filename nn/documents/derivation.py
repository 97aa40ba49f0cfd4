"""A derivation by one weight, bias, input or activation, of one sample or averaged over many (D8, D11); and as a page."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any, Final

from nn.documents.averages import average
from nn.documents.chain import Chain, Factor
from nn.documents.engine import engine_gradient
from nn.documents.forward import composition_block, loss_equations, node_equations
from nn.documents.layout import DOTS, Block, Equation, Printed, left_out_note
from nn.documents.letters import Letters
from nn.documents.loss_formulas import LossFormulas
from nn.documents.network import Samples
from nn.documents.rule import ChainRule
from nn.notation import Formula, number, partial

OF_EACH: Final = "for each sample i, with its own a, z and y"


class Chains(Sequence[Chain]):
    """The chain rule for each sample, worked out when it is looked at."""

    def __init__(self, samples: Samples, letters: Letters, kind: str, index: tuple[int, ...]) -> None:
        self.passes, self.letters, self.kind, self.place = samples, letters, kind, index
        self._made: dict[int, Chain] = {}

    def __getitem__(self, i: Any) -> Any:
        if isinstance(i, slice):
            return [self[each] for each in range(*i.indices(len(self)))]
        position = range(len(self))[i]
        if position not in self._made:
            rule = ChainRule(self.passes[position], self.letters, position)
            self._made[position] = rule.by(self.kind, self.place)
        return self._made[position]

    def __len__(self) -> int:
        return len(self.passes)


class Derivation(Printed):
    """The derivative of the loss by one weight, bias, input or activation, derived step by step; made by `derive`.

    Attributes:
        symbol: the derivative, such as ∂C₀/∂w₁₂⁽³⁾; of several samples ∂C/∂w₁₂⁽³⁾.
        value: the number.
        samples: the derivation of each sample, a `Chain`.
        factors: of one sample, the factors of the product (or of each product of the sum, one after another).
        engine: what the engine's `backward()` gives.
        values: the number of each sample.
        kind: "weight", "bias", "input" or "activation".
        index: (l, j, k), or (l, j).
    """

    def __init__(self, samples: Samples, letters: Letters, kind: str, index: tuple[int, ...]) -> None:
        self.kind, self.index = kind, index
        self._passes, self._letters, self._style = samples, letters, letters.style
        self.samples: Sequence[Chain] = Chains(samples, letters, kind, index)
        self.by = by_symbol(letters, kind, index)
        self.symbol = partial(letters.loss(0) if samples.single else letters.loss(), self.by)
        self.values = [derivative(sample, kind, index) for sample in samples]
        self.value: float = samples.mean(self.values)
        self.engine = samples.mean(float(engine_gradient(sample, kind, index)) for sample in samples)

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
        return bool(self.difference <= 1e-12 * max(1.0, abs(self.value), abs(self.engine)))

    def agreement(self) -> str:
        """What the engine says to this."""
        if not self._style.numbers:
            return f"In numbers, this and what the engine's backward() gives: {self._verdict()}."
        return (
            f"The engine's backward() gives {number(self.engine).text}: {self._verdict()} (difference {self.difference:.2g})."
        )

    def _verdict(self) -> str:
        return "they agree" if self.agrees else "they DO NOT agree"

    # How it is printed

    def blocks(self, with_story: bool = True, place: str = "") -> list[Block]:
        """The page.

        Arguments:
            with_story: whether one with all steps begins with the loss and the node.
            place: where the reader of the page has this derivation, such as ".derivation".
        """
        numbers = self._style.numbers
        page: list[Block] = [] if self._passes.single else [[self._average()]]
        if not self._passes.single and numbers:
            page.append(self._each_sample(place))
            page += [["step by step for sample 0:"]] if self._style.in_full else []
        elif not self._passes.single:
            page.append([OF_EACH])
        if self._passes.single or not numbers or self._style.in_full:
            page += self._of_sample(0 if self._passes.single or numbers else "i", with_story and self._style.in_full, place)
        gives = rf"backward() gives }} {number(self.engine).latex} \text{{: " if numbers else "backward(): "
        note = left_out_note(page, f"{place}.samples, each a Chain with .terms and .nested()")
        return [*page, note, [Formula(self.agreement(), rf"& \text{{{gives}{self._verdict()}}}")]]

    def _of_sample(self, index: int | str, with_story: bool, place: str) -> Iterator[Block]:
        """The derivation of the first sample, as that of sample 0 or of sample i."""
        rule = ChainRule(self._passes[0], self._letters, index)
        if with_story:
            yield from self._before(rule.at_outputs)
        if self.kind == "input":
            yield [Equation(self._letters.delta(*self.index), [partial(rule.loss, self.by)])]
        yield from rule.by(self.kind, self.index).blocks(f"{place}.samples[0]")

    def _before(self, formulas: LossFormulas) -> Iterator[Block]:
        """What a derivation with all steps begins with: the loss (D3), what it is composed of, and the node (D1, D2)."""
        l, j, *k = self.index
        yield loss_equations(formulas)
        yield composition_block(formulas, self.kind, l, j)
        if l:
            yield node_equations(formulas.sample, self._letters, l, j, *k)

    def _average(self) -> Equation:
        """The mean over the samples."""
        return average(self.symbol, lambda i: partial(self._letters.loss(i), self.by), self.values, self._style)

    def _each_sample(self, place: str) -> Block:
        """Each sample's derivative in short."""
        limit, of_any = self._style.limit, ChainRule(self._passes[0], self._letters, "i").by(self.kind, self.index)
        formula, rest = of_any.formula(), max(0, len(self.samples) - (limit or len(self.samples)))
        more = f"{DOTS.text} and {rest:,} more sample{'s' * (rest > 1)}, in {place}.samples[{limit}:]"
        return [
            f"{OF_EACH}; {place}.samples[i] derives it step by step",
            *([Equation(of_any.symbol, [formula], together=True)] if formula else []),
            *(Equation(chain.symbol, chain.numbers(), together=True) for chain in self.samples[:limit]),
            *([more] if rest else []),
        ]

    def __repr__(self) -> str:
        return f"<derivation of {self.symbol.text} = {number(self.value).text}: print() shows it step by step>"


def by_symbol(letters: Letters, kind: str, index: tuple[int, ...]) -> Formula:
    """The symbol of a weight, bias, input or activation."""
    symbols: dict[str, Any] = {"weight": letters.w, "bias": letters.b, "input": letters.z, "activation": letters.a}
    symbol: Formula = symbols[kind](*index)
    return symbol


def derivative(sample: Any, kind: str, index: tuple[int, ...]) -> Any:
    """The number of a derivative of the loss of one sample, multiplied in the order of the chain rule."""
    l, j, *k = index
    if kind == "activation":
        return sample.by_activation(l, j)
    by_input = sample.by_input(l, j)
    return by_input if kind == "input" else by_input * (sample.a[l - 1][k[0]] if k else 1.0)
