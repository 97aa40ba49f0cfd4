"""The chain rule of one sample as data: factors, products of factors, and sums of products; and as a page."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

from nn.documents.layout import Block, Equation, Printed, chosen, gaps, written, written_numbers
from nn.documents.letters import PLAIN, Style
from nn.notation import Formula, factor, number, plus, product, remark

SHOWN_SUMS = 2  # of those inside of a sum, where they are too many to be printed all


@dataclass(frozen=True)
class Factor:
    """One factor of the chain rule.

    Attributes:
        symbol: the partial derivative that it is, such as ∂a₁⁽³⁾/∂z₁⁽³⁾.
        formula: what that is, as it stands in a product, such as g′(z₁⁽³⁾).
        numbers: the formula with the numbers put in, as it stands in a product.
        value: the number.
        explanation: the way from the formula to the number, where there is more to say, such as sigmoid′(0.5).
        meaning: what the formula is, where that is too long for a product, such as softmax(a⁽³⁾)₀ − y₀.
        chain: where the factor is itself a sum of products, that sum.
        expansion: the way to the formula, in a derivation with all steps: the sum of which it is the derivative, written out.
        condition: where the meaning holds for some targets only, for which.

    Example:
        >>> from nn import MLP, derive
        >>> derivation = derive(MLP(2, [1], seed=0), [1.0, 2.0], 0.0, weight=(1, 0, 1))
        >>> by_loss, by_input, by_weight = derivation.factors
        >>> by_weight.symbol.text, by_weight.formula.text, by_weight.value
        ('∂z₀⁽¹⁾/∂w₀₁⁽¹⁾', 'a₁⁽⁰⁾', 2.0)
    """

    symbol: Formula
    formula: Formula
    numbers: Formula
    value: float
    explanation: Formula | None = None
    meaning: Formula | None = None
    chain: Chain | None = None
    expansion: tuple[Formula, ...] = ()
    condition: Formula | None = None

    @property
    def stands_for_itself(self) -> bool:
        """Whether it has no formula of its own, so that its symbol stands in products."""
        return self.formula == standing_for(self.symbol)

    def in_symbols(self) -> Formula | None:
        """What it is, in symbols, if that is known."""
        if not self.meaning:
            return None if self.stands_for_itself else self.formula
        return remark(self.meaning, "since", self.condition) if self.condition else self.meaning

    def steps(self, style: Style) -> list[Formula]:
        """What it is equal to, from its formula, if it has one, to its number."""
        formulas = [*self.expansion, *([] if self.stands_for_itself else [self.formula]), *filter(None, [self.meaning])]
        numbers = [*filter(None, [self.explanation]), number(self.value)] if style.numbers else []
        return list(dict.fromkeys([*formulas, *numbers]))

    def definition(self, style: Style) -> Equation:
        """Its symbol and the way to its number: on one line, or in a derivation with all steps on several."""
        together = not self.expansion
        steps = self.steps(style)
        if self.condition and self.meaning:
            said = steps[-1] if together else self.meaning
            steps = [remark(step, "since", self.condition) if step is said else step for step in steps]
        return Equation(self.symbol, steps, together)

    def in_short(self, style: Style) -> Equation:
        """The same on one line, without the way to its formula."""
        return Equation(self.symbol, [step for step in self.steps(style) if step not in self.expansion], together=True)

    def in_products(self) -> Equation:
        """What stands for it in products, and the way from there to the number."""
        return Equation(self.formula, [*filter(None, [self.explanation]), number(self.value)], together=True)


def standing_for(symbol: Formula) -> Formula:
    """A derivative that has no formula of its own, as it stands in a product."""
    return Formula(f"({symbol.text})", symbol.latex)


@dataclass(frozen=True)
class Chain(Printed):
    """A derivative of the loss of one sample: a product of factors, or a sum of products over the nodes of the next layer.

    Attributes:
        symbol: the derivative, such as ∂C₀/∂w₁₂⁽³⁾.
        terms: the products, each a tuple of factors.
        general: of a sum, one term with the letter j for the node, in symbols and as a formula.
        style: how it is printed.
        recursion: the sums of the layers behind, with letters for their nodes: what is printed where no numbers are.
        expansion: of a sum with all steps, how the last factor of its terms comes about.

    Example:
        >>> from nn import MLP, derive
        >>> model = MLP(1, [2, 2], bias=False, init=lambda nin, nout, random: 0.5)
        >>> chain = derive(model, [1.0], [0.0, 1.0], activation=(1, 0)).samples[0]
        >>> print(chain)
        ∂C₀/∂a₀⁽¹⁾ = Σⱼ₌₀¹ ∂C₀/∂aⱼ⁽²⁾ · ∂aⱼ⁽²⁾/∂zⱼ⁽²⁾ · ∂zⱼ⁽²⁾/∂a₀⁽¹⁾
                   = ...
        >>> [math.prod(f.value for f in term) for term in chain.terms], chain.value
        ([0.5, -0.5], 0.0)
    """

    symbol: Formula
    terms: tuple[tuple[Factor, ...], ...]
    general: tuple[Formula, Formula] | None = None
    style: Style = PLAIN
    recursion: tuple[Block, ...] = ()
    expansion: tuple[Equation, ...] = ()

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

    def formula(self) -> Formula | None:
        """The product of the formulas of the factors; of a sum, with Σ over j. None if all that is known is the number."""
        if self.general:
            return self.general[1]
        (term,) = self.terms
        return product(f.formula for f in term) if len(term) > 1 else term[0].in_symbols()

    def steps(self) -> list[Formula]:
        """What the derivative is equal to, from the chain rule to the number."""
        if self.general is not None:
            return [*self.general, *self._terms_of_sum()]
        (term,) = self.terms
        if len(term) == 1:
            return term[0].steps(self.style)
        numbers = [product(f.numbers for f in term), number(self.value)] if self.style.numbers else []
        return [product(f.symbol for f in term), product(f.formula for f in term), *numbers]

    def _terms_of_sum(self) -> list[Formula]:
        if self.style.numbers:
            return [*self.written_out(), number(self.value)]
        shown = chosen(len(self.terms), self.style.limit)
        written_out = plus(written(lambda i: product(f.formula for f in self.terms[i]), shown))
        return [written_out] if self.style.in_full else []

    def numbers(self) -> list[Formula]:
        """The formula with the numbers put in, and the value, for one line."""
        (term, *_) = self.terms
        if self.general is not None:
            values = self.term_values()
            shown = chosen(len(values), self.style.limit)
            return [plus(written_numbers(lambda i: factor(values[i]), values, shown)), number(self.value)]
        if len(term) == 1:
            return [*filter(None, [term[0].explanation]), number(self.value)]
        return [product(f.numbers for f in term), number(self.value)]

    def written_out(self) -> list[Formula]:
        """Of a sum, each term: its formula, its numbers, its value; and what those that are left out come to."""
        values = self.term_values()
        shown = chosen(len(values), self.style.limit)
        left_out = gaps(shown)
        rows = {
            i: (product(f.formula for f in self.terms[i]), product(f.numbers for f in self.terms[i]), number(values[i]))
            for i in shown
        }
        widths = [max(len(row[column].text) for row in rows.values()) for column in (0, 1)]
        lines = []
        for i, (formula, numbers, value) in rows.items():
            if i in left_out:
                rest = number(sum(values[i - left_out[i] : i]))
                terms = "more term" if left_out[i] == 1 else "more terms"
                latex = rf"+ \underbrace{{\cdots}}_{{{left_out[i]}\text{{ {terms}: }}{rest.latex}}}"
                lines.append(Formula(f"+ … {left_out[i]:,} {terms}, together {rest.text}", latex))
            text = f"{'+ ' * (i > 0)}{formula.text:<{widths[0]}}  = {numbers.text:<{widths[1]}} = {value.text}"
            latex = rf"{'+' * (i > 0)} \underbrace{{{formula.latex}}}_{{{numbers.latex} = {value.latex}}}"
            lines.append(Formula(text, latex))
        return lines

    # How it is printed

    def blocks(self, place: str = "") -> list[Block]:
        """The page: the derivation, where its factors come from, the sums inside of it, and what stands in those.

        Arguments:
            place: where the reader of the page has this chain, such as ".samples[0]".
        """
        own = self._own_factors()
        behind = [*self._sums(place), *self._slopes_in_sums(place)] if self.style.numbers else self.recursion
        where = [block for block in [*own, *behind] if block]
        if where:
            where[0] = ["where", *where[0]]
        return [[Equation(self.symbol, self.steps())], *where]

    def _own_factors(self) -> list[Block]:
        """Of a product, the factors that are no chain of their own."""
        if self.general is not None:
            return [self.expansion] if self.expansion else []
        if len(self.terms[0]) == 1:
            return []
        definitions = [f.definition(self.style) for f in self.terms[0] if f.chain is None]
        return [[d] for d in definitions] if self.style.in_full else [definitions]

    def _sums(self, place: str) -> list[Block]:
        """The sums inside of this derivative: all, or the first ones of many."""
        inner = self.nested()[1:]
        limit = self.style.limit
        shown = inner if limit is None or len(inner) <= limit else inner[: SHOWN_SUMS + (self.general is None)]
        blocks: list[Block] = [[Equation(chain.symbol, chain.steps())] for chain in shown]
        if shown and self.general is None:  # once: in the other sums it is the same
            blocks.insert(1, shown[0].expansion)
        if len(shown) < len(inner):
            rest = len(inner) - len(shown)
            like = "sums like these" if rest > 1 else "sum like these"
            blocks.append([f"… and {rest:,} more {like}, in {place}.nested()[{len(shown) + 1}:]"])
        return blocks

    def loss_slopes(self) -> list[Factor]:
        """The slopes of the loss that stand in the sums of this derivative, each once."""
        sums = [chain for chain in self.nested() if chain.general]
        return list({f.symbol: f for chain in sums for f, *_ in chain.terms if f.chain is None}.values())

    def activation_slopes(self) -> list[Factor]:
        """The slopes of activations that stand in them, each once."""
        sums = [chain for chain in self.nested() if chain.general]
        return list({f.formula: f for chain in sums for _, f, _ in chain.terms}.values())

    def _slopes_in_sums(self, place: str) -> list[Block]:
        """Where the slopes of the loss and of the activations come from that stand in sums."""
        of_loss, of_activations = self.loss_slopes(), self.activation_slopes()
        told = [f for f in of_loss if f.explanation and (self.style.in_full or f.stands_for_itself)]
        explained = [f.in_short(self.style) if i else f.definition(self.style) for i, f in enumerate(told)]
        return [
            self._listed(explained, f"{place}.loss_slopes()"),
            self._listed([f.in_products() for f in of_activations], f"{place}.activation_slopes()"),
        ]

    def _listed(self, equations: list[Equation], place: str) -> list[Equation | str]:
        """The equations, or the first ones of many, and where the others are."""
        limit = self.style.limit or len(equations)
        rest = len(equations) - limit
        return [*equations[:limit], *([f"… and {rest:,} more of these, in {place}[{limit}:]"] if rest > 0 else [])]
