"""How the losses are written: C₀ as a sum over the output nodes (D3), and its slopes ∂C₀/∂a (D4); in symbols and in numbers."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any, Final

from autograd_lite import softmax
from autograd_lite.basics.arraylike import is_sequence
from nn.documents.chain import Factor, standing_for
from nn.documents.layout import AND_SO_ON, Equation, chosen, written
from nn.documents.letters import Letters
from nn.documents.passes import Pass
from nn.losses import (
    SMALLEST_PROBABILITY,
    Loss,
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    cross_entropy,
    half_squared_error,
    hinge,
    huber,
    mae,
    mse,
    pairs,
    sum_squared_error,
)
from nn.notation import (
    Formula,
    bracketed,
    derivative_of,
    difference,
    equals,
    factor,
    join,
    number,
    parenthesized,
    partial,
    plus,
    remark,
    symbol,
    total,
)

# What one output node has in the loss. A and Y stand for a_j and y_j, of cross_entropy A for softmax(a)_j.
TERMS: Final[dict[Loss, Formula]] = {
    sum_squared_error: Formula("(A − Y)²", r"\left(A - Y\right)^{2}"),
    half_squared_error: Formula("½(A − Y)²", r"\frac{1}{2}\left(A - Y\right)^{2}"),
    mse: Formula("(A − Y)²", r"\left(A - Y\right)^{2}"),
    mae: Formula("|A − Y|", r"\left|A - Y\right|"),
    huber: Formula("h(A − Y)", r"h\left(A - Y\right)"),
    hinge: Formula("max(0, 1 − Y · A)", r"\max\left(0, 1 - Y \cdot A\right)"),
    binary_cross_entropy: Formula(
        "(−Y · log A − (1 − Y) · log(1 − A))", r"\left(-Y \cdot \log A - \left(1 - Y\right) \cdot \log\left(1 - A\right)\right)"
    ),
    binary_cross_entropy_with_logits: Formula(
        "(Y · softplus(−A) + (1 − Y) · softplus(A))",
        r"\left(Y \cdot \operatorname{softplus}\left(-A\right) + \left(1 - Y\right) \cdot "
        r"\operatorname{softplus}\left(A\right)\right)",
    ),
    cross_entropy: Formula("(−Y · log A)", r"\left(-Y \cdot \log A\right)"),
}
# Those whose terms are divided by the number of output nodes: a mean stays if there are twice as many nodes alike.
MEANS: Final = frozenset(loss for loss in TERMS if loss([0.5] * 4, [1.0] * 4) == loss([0.5] * 2, [1.0] * 2))
WHERE: Final = {  # what a term mentions
    huber: Equation(
        Formula("h(e)", "h(e)"),
        [
            Formula(
                "½e² where |e| ≤ 1, else |e| − ½", r"\frac{1}{2}e^{2} \text{ where } |e| \le 1 \text{, else } |e| - \frac{1}{2}"
            )
        ],
    )
}

# The slope of a squared error is c·(a − y), with this coefficient for so many output nodes.
COEFFICIENTS: Final[dict[Loss, Callable[[int | str], str]]] = {
    sum_squared_error: lambda size: "2",
    half_squared_error: lambda size: "",
    mse: lambda size: "2" if size == 1 else f"(2/{size})",
}

# The slope of another loss stays a symbol in products, and is explained by this, in plain text and in LaTeX. A loss of one's
# own has no explanation, only its number.
EXPLANATIONS: Final[dict[Loss, Formula]] = {
    mae: Formula("sign(A − Y)", r"\operatorname{sign}\left(A - Y\right)"),
    huber: Formula("max(−1, min(1, A − Y))", r"\max\left(-1, \min\left(1, A - Y\right)\right)"),
    hinge: Formula("(−Y) · [Y · A < 1]", r"\left(-Y\right) \cdot \left[Y \cdot A < 1\right]"),
    binary_cross_entropy: Formula("(A − Y) / (A · (1 − A))", r"\frac{A - Y}{A \cdot \left(1 - A\right)}"),
    binary_cross_entropy_with_logits: Formula("(σ(A) − Y)", r"\left(\sigma\left(A\right) - Y\right)"),
    cross_entropy: Formula("A − Y", "A - Y"),
}
BEGINNING: Final = re.compile(r"(?:(?<=[(|{])|(?<=, ))A")  # an A that nothing stands before in its parentheses
ANY: Final = "m"  # a letter for a node that is free where j is taken


class LossFormulas:
    """The loss of one sample and its slopes at the output nodes, written out.

    Arguments:
        sample: its numbers.
        letters: the symbols of the model.
        index: which sample it is, from 0; or a letter.

    Attributes:
        name: the symbol of the loss of this sample, such as C₀.
    """

    def __init__(self, sample: Pass, letters: Letters, index: int | str) -> None:
        self.sample, self.letters, self.index = sample, letters, index
        self.name = letters.loss(index)
        self.loss, self.outputs = sample.function, sample.a[-1]
        self.size = len(self.outputs)
        self.targets = _targets(self.loss, self.size, sample.y)
        self.count: int | str = self.size if letters.style.numbers or self.size == 1 else "n"  # as it is written
        self.coefficient = COEFFICIENTS[self.loss](self.count) if self.loss in COEFFICIENTS else None
        # the numbers that A stands for
        self.explained = softmax(self.outputs) if self.loss is cross_entropy else self.outputs

    # The loss (D3)

    @property
    def has_terms(self) -> bool:
        """Whether the loss is a sum over the output nodes, as far as is known."""
        return bool(self.targets) and self.loss in TERMS

    @property
    def is_separable(self) -> bool:
        """Whether each term depends on its own output alone."""
        return self.has_terms and self.loss is not cross_entropy

    def term_name(self) -> Formula:
        """C₀ⱼ: what an output node has in the loss, with a letter for the node."""
        return self.letters.loss(self.index, "j")

    def term(self, j: int | str) -> Formula:
        """The term of a node."""
        return self._divided(_put_in(TERMS[self.loss], self._output(j), self.letters.y(j)))

    def term_of_numbers(self, j: int) -> Formula:
        """The term of a node with its numbers."""
        return self._divided(_put_in(TERMS[self.loss], number(self.explained[j]), number(self.targets[j])))

    def term_value(self, j: int) -> float:
        """The number that the term of a node comes to."""
        y = self.targets[j]
        if self.loss is cross_entropy:
            return -y * math.log(self.explained[j]) if y else 0.0
        return float(self.loss(self.outputs[j], y)) / (self.size if self.loss in MEANS else 1)

    def whole(self, letter: str = "j") -> Formula:
        """The sum of all terms, with a letter for the node."""
        return total(letter, self.letters.count(self.size), self.term(letter))

    # Its slopes (D4)

    def formula(self, j: int | str) -> Formula:
        """The slope at a node as it stands in a product: of a squared error what it is, else the symbol itself."""
        a = self.letters.a(self.letters.depth, j)
        if self.coefficient is not None:
            return difference(self.coefficient, a, self.letters.y(j))
        return standing_for(partial(self.name, a))

    def vector_slope(self) -> Formula | None:
        """The slopes at all nodes as a vector, where they are those of a squared error."""
        if self.coefficient is None:
            return None
        return difference(self.coefficient, self.letters.a(self.letters.depth), self.letters.y())

    def factor(self, j: int) -> Factor:
        """The slope at a node as a factor."""
        name, value = partial(self.name, self.letters.a(self.letters.depth, j)), self.sample.by_output(j)
        if self.coefficient is not None:
            numbers = difference(self.coefficient, number(self.outputs[j]), factor(self.targets[j]))
            return Factor(name, self.formula(j), numbers, value, numbers, expansion=self.expansion(j))
        meaning, expansion = self.meaning(j), self.expansion(j)
        numbers_in = self._slope_of_numbers(j) if meaning else None
        return Factor(
            name, self.formula(j), factor(value), value, numbers_in, meaning, expansion=expansion, condition=self.condition()
        )

    def general_slope(self) -> Equation | None:
        """The slope at any output node, with the letter j for it; None if all that is known is its symbol."""
        formula, meaning = self.formula("j"), self.meaning("j")
        if self.coefficient is None and not meaning:
            return None
        last = meaning or formula
        if meaning and (needed := self.condition(ANY)):
            last = remark(meaning, "since", needed)
        return Equation(partial(self.name, self.letters.a(self.letters.depth, "j")), [*self.expansion("j"), last])

    def expansion(self, j: int | str) -> tuple[Formula, ...]:
        """From the sum over all nodes to the one term that does not vanish."""
        if not (self.letters.style.in_full and self.has_terms):
            return ()
        by, letter = self.letters.a(self.letters.depth, j), ANY if j == "j" else "j"
        first = derivative_of(self.whole(letter), by)
        if not self.is_separable:
            shares = join([parenthesized(self._desired(letter)), self._output(j)], " · ", r" \cdot ")
            return first, join([shares, self.letters.y(j)], " − ", " - ")
        terms = plus(self._terms_with(j))
        inside = parenthesized(terms) if self.size > 1 else terms
        return one_term_left([first, derivative_of(inside, by), derivative_of(self.term(j), by)])

    def _terms_with(self, j: int | str) -> list[Formula]:
        """The terms, that of node j among them; if that is a letter, somewhere between the first and the last."""
        if isinstance(j, int):
            return written(self.term, chosen(self.size, self.letters.style.limit, j))
        last = self.letters.last(self.size)
        return [self.term(0), AND_SO_ON, self.term(j), AND_SO_ON, self.term(last)] if self.size > 1 else [self.term(j)]

    def meaning(self, j: int | str) -> Formula | None:
        """What the slope at a node is, in symbols, where that is too long for a product; None if it has no formula."""
        at = self.outputs if isinstance(j, str) else [self.outputs[j]]
        if self.loss not in EXPLANATIONS or not self.targets:
            return None
        if self.loss is binary_cross_entropy and any(map(_is_cut_off, at)):
            return None
        return self._divided(_put_in(EXPLANATIONS[self.loss], self._output(j), self.letters.y(j)), " · ", r" \cdot ")

    def _slope_of_numbers(self, j: int) -> Formula:
        """The same of the numbers."""
        of_numbers = _put_in(EXPLANATIONS[self.loss], number(self.explained[j]), number(self.targets[j]))
        return self._divided(of_numbers, " · ", r" \cdot ")

    def _output(self, j: int | str) -> Formula:
        """What A stands for."""
        if self.loss is not cross_entropy:
            return self.letters.a(self.letters.depth, j)
        whole, index = self.letters.a(self.letters.depth), symbol("", j)
        return Formula(
            f"softmax({whole.text}){index.text}", rf"\operatorname{{softmax}}\left({whole.latex}\right){index.latex}"
        )

    def condition(self, letter: str = "j") -> Formula | None:
        """What the explanation of a slope needs: of cross entropy that the desired values are shares of 1."""
        if self.loss is not cross_entropy or not self.targets:
            return None
        return equals([self._desired(letter), Formula("1", "1")])

    def _desired(self, letter: str) -> Formula:
        """The sum of the desired values."""
        return total(letter, self.letters.count(self.size), self.letters.y(letter))

    def _divided(self, part: Formula, sign: str = " ", latex_sign: str = " ") -> Formula:
        """A part of a mean over the output nodes."""
        if self.size == 1 or self.loss not in MEANS:
            return part
        return Formula(f"(1/{self.count}){sign}{part.text}", rf"\frac{{1}}{{{self.count}}}{latex_sign}{part.latex}")


def one_term_left(steps: list[Formula]) -> tuple[Formula, ...]:
    """The derivatives of a sum, of its terms, and of the one term that is left; each once, if there is one term only."""
    different = list(dict.fromkeys(steps))
    if len(different) == len(steps):
        different[-1] = remark(different[-1], "as the other terms do not depend on it")
    return tuple(different)


def _put_in(template: Formula, a: Formula, y: Formula) -> Formula:
    """The template with what A and Y stand for: a negative number in parentheses, unless it begins what stands in some."""
    of_a, of_y = bracketed(a), bracketed(y)
    return Formula(
        BEGINNING.sub(lambda _: a.text, template.text).translate({ord("A"): of_a.text, ord("Y"): of_y.text}),
        BEGINNING.sub(lambda _: a.latex, template.latex).translate({ord("A"): of_a.latex, ord("Y"): of_y.latex}),
    )


def _targets(loss: Loss, size: int, y: Any) -> list[float]:
    """The desired value of each output node, where the slope of the loss has a formula that these stand in."""
    if loss is cross_entropy:
        shares = [float(t) for t in y] if is_sequence(y) else [float(j == y) for j in range(size)]
        return shares if math.isclose(sum(shares), 1.0) else []
    return [float(t) for _, t in pairs("the loss", [0.0] * size, y)] if loss in TERMS else []


def _is_cut_off(probability: Any) -> bool:
    """Whether a logarithm of `binary_cross_entropy` counts for −100 whatever it is, or just begins to: no formula holds."""
    return bool(min(probability, 1 - probability) <= SMALLEST_PROBABILITY)
