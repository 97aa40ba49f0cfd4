"""How the slopes of the losses are written, ∂C₀/∂a of each output node (D4), in symbols and with the numbers put in."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Final

from autograd_lite import softmax
from autograd_lite.arraylike import is_sequence
from nn.documents.chain import Factor, standing_for
from nn.documents.matrices import Vector
from nn.documents.slopes import loss_slopes
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
from nn.notation import Formula, difference, factor, join, number, partial, symbol

# The slope of a squared error is c·(a − y), with this coefficient for so many output nodes.
COEFFICIENTS: Final[dict[Loss, Callable[[int], str]]] = {
    sum_squared_error: lambda size: "2",
    half_squared_error: lambda size: "",
    mse: lambda size: "2" if size == 1 else f"(2/{size})",
}

# The slope of another loss stays a symbol in products, and is explained by this, in plain text and in LaTeX. A and Y stand for
# a_j and y_j. All these losses but cross_entropy are means over the output nodes, so that a factor is still to come. A loss of
# one's own has no explanation, only its number.
EXPLANATIONS: Final[dict[Loss, Formula]] = {
    mae: Formula("sign(A − Y)", r"\operatorname{sign}\left(A - Y\right)"),
    huber: Formula("max(−1, min(1, A − Y))", r"\max\left(-1, \min\left(1, A - Y\right)\right)"),
    hinge: Formula("(−Y) · [Y · A < 1]", r"\left(-Y\right) \cdot \left[Y \cdot A < 1\right]"),
    binary_cross_entropy: Formula("(A − Y) / (A · (1 − A))", r"\frac{A - Y}{A \cdot \left(1 - A\right)}"),
    binary_cross_entropy_with_logits: Formula("(σ(A) − Y)", r"\left(\sigma\left(A\right) - Y\right)"),
    cross_entropy: Formula("A − Y", "A - Y"),  # A stands for softmax(a)_j
}


class LossFormulas:
    """The slopes of the loss of one sample at its output nodes, written out.

    Arguments:
        loss: a function of `(output, target)`.
        name: the symbol of the loss of this sample, such as C₀.
        layer: the number of the output layer.
        outputs: the activations of its nodes.
        y: the target.

    Raises:
        ValueError: the loss is NaN or infinite; a target that does not fit.
    """

    def __init__(self, loss: Loss, name: Formula, layer: int, outputs: Vector, y: Any) -> None:
        self.loss, self.name, self.layer, self.outputs = loss, name, layer, outputs
        self.slopes = loss_slopes(loss, outputs, y)
        self.targets = _targets(loss, len(outputs), y)
        self.coefficient = COEFFICIENTS[loss](len(outputs)) if loss in COEFFICIENTS else None
        self.explained = softmax(outputs) if loss is cross_entropy else outputs  # the numbers that A in EXPLANATIONS stands for

    def formula(self, j: int | str) -> Formula:
        """The slope at a node as it stands in a product: of a squared error what it is, else the symbol itself."""
        a = symbol("a", j, layer=self.layer)
        if self.coefficient is not None:
            return difference(self.coefficient, a, symbol("y", j))
        return standing_for(partial(self.name, a))

    def factor(self, j: int) -> Factor:
        """The slope at a node as a factor."""
        name, value = partial(self.name, symbol("a", j, layer=self.layer)), self.slopes[j]
        if self.coefficient is not None:
            numbers = difference(self.coefficient, number(self.outputs[j]), factor(self.targets[j]))
            return Factor(name, self.formula(j), numbers, value, numbers)
        return Factor(name, self.formula(j), factor(value), value, self._explanation(j))

    def _explanation(self, j: int) -> Formula | None:
        """The formula that the slope at a node has, of the symbols and then of the numbers; None if it has none."""
        if not self.targets or (self.loss is binary_cross_entropy and _is_cut_off(self.outputs[j])):
            return None
        a = _softmax_of(self.layer, j) if self.loss is cross_entropy else symbol("a", j, layer=self.layer)
        of_symbols = _slope_formula(self.loss, len(self.outputs), a, symbol("y", j))
        of_numbers = _slope_formula(self.loss, len(self.outputs), factor(self.explained[j]), factor(self.targets[j]))
        return join([of_symbols, of_numbers], " = ", " = ")


def _targets(loss: Loss, size: int, y: Any) -> list[float]:
    """The desired value of each output node, where the slope of the loss has a formula that these stand in."""
    if loss is cross_entropy:
        shares = [float(t) for t in y] if is_sequence(y) else [float(j == y) for j in range(size)]
        return shares if math.isclose(sum(shares), 1.0) else []
    known = loss in COEFFICIENTS or loss in EXPLANATIONS
    return [float(t) for _, t in pairs("the loss", [0.0] * size, y)] if known else []


def _softmax_of(l: int, j: int) -> Formula:
    whole, index = symbol("a", layer=l), symbol("", j)
    return Formula(f"softmax({whole.text}){index.text}", rf"\operatorname{{softmax}}\left({whole.latex}\right){index.latex}")


def _is_cut_off(probability: Any) -> bool:
    """Whether a logarithm of `binary_cross_entropy` counts for −100 whatever it is, so that it has no slope."""
    return bool(min(probability, 1 - probability) < SMALLEST_PROBABILITY)


def _slope_formula(loss: Loss, size: int, a: Formula, y: Formula) -> Formula:
    """The slope of a loss at one output node, of the symbols or of the numbers."""
    template = EXPLANATIONS[loss]
    text = template.text.translate({ord("A"): a.text, ord("Y"): y.text})
    latex = template.latex.translate({ord("A"): a.latex, ord("Y"): y.latex})
    if size == 1 or loss is cross_entropy:
        return Formula(text, latex)
    return Formula(f"(1/{size}) · {text}", rf"\frac{{1}}{{{size}}} \cdot {latex}")
