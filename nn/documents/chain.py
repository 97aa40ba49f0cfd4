"""The chain rule of one sample as data: factors, products of factors, and sums of products."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

from nn.documents.layout import definition_lines, definition_rows, equation_lines, equation_rows
from nn.notation import Formula, factor, join, number, product


@dataclass(frozen=True)
class Factor:
    """One factor of the chain rule.

    Attributes:
        symbol: the partial derivative that it is, such as ∂a₁⁽³⁾/∂z₁⁽³⁾.
        formula: what that is, such as g′(z₁⁽³⁾).
        numbers: the formula with the numbers put in, as it stands in a product.
        value: the number.
        explanation: the way from the formula to the number, where there is more to say, such as sigmoid′(0.5).
        chain: where the factor is itself a sum of products, that sum.
    """

    symbol: Formula
    formula: Formula
    numbers: Formula
    value: float
    explanation: Formula | None = None
    chain: Chain | None = None

    @property
    def stands_for_itself(self) -> bool:
        """Whether it has no formula of its own, so that its symbol stands in products."""
        return self.formula == standing_for(self.symbol)

    def steps(self) -> list[Formula]:
        """What it is equal to, from its formula, if it has one, to its number."""
        formula = [] if self.stands_for_itself else [self.formula]
        explanation = [self.explanation] if self.explanation else []
        return list(dict.fromkeys([*formula, *explanation, number(self.value)]))

    def definition(self) -> tuple[Formula, Formula]:
        """Its symbol, and on one line the way to its number."""
        return self.symbol, join(self.steps(), " = ", " = ")


def standing_for(symbol: Formula) -> Formula:
    """A derivative that has no formula of its own, as it stands in a product."""
    return Formula(f"({symbol.text})", symbol.latex)


@dataclass(frozen=True)
class Chain:
    """A derivative of the loss of one sample: a product of factors, or a sum of products over the nodes of the next layer.

    Attributes:
        symbol: the derivative, such as ∂C₀/∂w₁₂⁽³⁾.
        terms: the products, each a tuple of factors.
        general: of a sum, one term with the letter j for the node, in symbols and as a formula.
    """

    symbol: Formula
    terms: tuple[tuple[Factor, ...], ...]
    general: tuple[Formula, Formula] | None = None

    @cached_property
    def value(self) -> float:
        """The number."""
        return sum(self.term_values())

    def term_values(self) -> list[float]:
        """The value of each product."""
        return [math.prod(f.value for f in term) for term in self.terms]

    def nested(self) -> list[Chain]:
        """This chain and all that it is made of, each once, from the outermost on."""
        found: dict[int, Chain] = {id(self): self}
        waiting = [self]
        while waiting:
            following: list[Chain] = []
            for chain in waiting:
                for inner in (f.chain for term in chain.terms for f in term):
                    if inner is not None and id(inner) not in found:
                        found[id(inner)] = inner
                        following.append(inner)
            waiting = following
        return list(found.values())

    # What it is equal to

    def formula(self) -> Formula:
        """The product of the formulas of the factors; of a sum, with Σ over j."""
        return self.general[1] if self.general else product(f.formula for f in self.terms[0])

    def steps(self) -> list[Formula]:
        """What the derivative is equal to, from the chain rule to the number."""
        if self.general is not None:
            return [*self.general, *self.written_out(), number(self.value)]
        (term,) = self.terms
        if len(term) == 1:
            return term[0].steps()
        return [product(f.symbol for f in term), self.formula(), product(f.numbers for f in term), number(self.value)]

    def short_steps(self) -> list[Formula]:
        """The formula, the numbers and the value, for one line."""
        if self.general is not None:
            return [self.formula(), join(map(factor, self.term_values()), " + ", " + "), number(self.value)]
        (term,) = self.terms
        if len(term) == 1:
            return [term[0].definition()[1]]
        return [self.formula(), product(f.numbers for f in term), number(self.value)]

    def written_out(self) -> list[Formula]:
        """Of a sum, each term: its formula, its numbers, its value."""
        rows = [
            (product(f.formula for f in term), product(f.numbers for f in term), number(value))
            for term, value in zip(self.terms, self.term_values(), strict=True)
        ]
        widths = [max(len(row[column].text) for row in rows) for column in (0, 1)]
        lines = []
        for i, (formula, numbers, value) in enumerate(rows):
            text = f"{'+ ' * (i > 0)}{formula.text:<{widths[0]}}  = {numbers.text:<{widths[1]}} = {value.text}"
            latex = rf"{'+' * (i > 0)} \underbrace{{{formula.latex}}}_{{{numbers.latex} = {value.latex}}}"
            lines.append(Formula(text, latex))
        return lines

    def own_factors(self) -> list[Factor]:
        """Of a product, the factors that are no chain of their own."""
        return [f for f in self.terms[0] if f.chain is None] if self.general is None and len(self.terms[0]) > 1 else []

    def slopes_of_the_loss(self) -> list[Factor]:
        """The slopes of the loss that stand as symbols in the sums, and have a formula."""
        firsts = {f.symbol: f for chain in self.nested() if chain.general for f, *_ in chain.terms}
        return [f for f in firsts.values() if f.chain is None and f.explanation and f.stands_for_itself]

    # How it is printed

    def __str__(self) -> str:
        own, slopes = (definition_lines([f.definition() for f in fs]) for fs in (self.own_factors(), self.slopes_of_the_loss()))
        inner = [equation_lines(chain.symbol, chain.steps()) for chain in self.nested()[1:]]
        blocks = [block for block in (own, *inner, slopes) if block]
        if blocks:
            blocks[0].insert(0, "where")
        return "\n\n".join("\n".join(block) for block in (equation_lines(self.symbol, self.steps()), *blocks))

    def latex_rows(self) -> list[str]:
        """All of the derivation in LaTeX, as rows of an aligned environment."""
        own, slopes = (definition_rows(f.definition() for f in fs) for fs in (self.own_factors(), self.slopes_of_the_loss()))
        inner = [row for chain in self.nested()[1:] for row in equation_rows(chain.symbol, chain.steps())]
        return [*equation_rows(self.symbol, self.steps()), *own, *inner, *slopes]
