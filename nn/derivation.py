"""The documents' derivations: the chain rule for one weight, bias or activation, factor by factor, in symbols and in numbers.

Layers are numbered 1 … L and nodes from 0. The derivative by a weight of the output layer is three terms multiplied (D4 to D7).
By a hidden one it is the chain rule inside the chain rule, a sum over the nodes of the next layer (D9, D10). Many samples are
averaged (D8, D11).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from numbers import Integral
from typing import Any, Final

from autograd_lite import Value, softmax
from autograd_lite.notation import latex_name
from autograd_lite.value import as_bundle
from nn.backpropagation import layers_of, loss_slopes, slope, take_sample
from nn.layers import Layer, Sequential
from nn.losses import (
    SMALLEST_PROBABILITY,
    Loss,
    binary_cross_entropy,
    cross_entropy,
    half_squared_error,
    hinge,
    huber,
    loss_function,
    mae,
    mse,
    pairs,
    sum_squared_error,
)
from nn.module import function_name
from nn.neurons import fire_both
from nn.notation import Formula, difference, factor, join, number, partial, product, symbol

SHOWN_SAMPLES: Final = 10  # of an average; the others are counted, and are in `samples`

# The slope of a squared error is c·(a − y), with this coefficient for so many output nodes.
COEFFICIENTS: Final[dict[Loss, Callable[[int], str]]] = {
    sum_squared_error: lambda size: "2",
    half_squared_error: lambda size: "",
    mse: lambda size: "2" if size == 1 else f"(2/{size})",
}

# The slope of another loss stays a symbol in products, and is explained by this, in plain text and in LaTeX: A and Y stand for
# a_j and y_j. Of all but cross_entropy it is of a mean over the output nodes. Of a loss of your own there is the number alone.
EXPLANATIONS: Final[dict[Loss, Formula]] = {
    mae: Formula("sign(A − Y)", r"\operatorname{sign}\left(A - Y\right)"),
    huber: Formula("max(−1, min(1, A − Y))", r"\max\left(-1, \min\left(1, A - Y\right)\right)"),
    hinge: Formula("(−Y) · [Y · A < 1]", r"\left(-Y\right) \cdot \left[Y \cdot A < 1\right]"),
    binary_cross_entropy: Formula("(A − Y) / (A · (1 − A))", r"\frac{A - Y}{A \cdot \left(1 - A\right)}"),
    cross_entropy: Formula("A − Y", "A - Y"),  # A stands for softmax(a)_j
}


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

    def formula(self) -> Formula:
        """The product of the formulas of the factors; of a sum, with Σ over j."""
        return self.general[1] if self.general else product(f.formula for f in self.terms[0])

    def steps(self) -> list[Formula]:
        """What the derivative is equal to, from the chain rule to the number."""
        if self.general is None:
            (term,) = self.terms
            if len(term) == 1:
                return _way(term[0])
            return [product(f.symbol for f in term), self.formula(), product(f.numbers for f in term), number(self.value)]
        return [*self.general, *self.written_out(), number(self.value)]

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

    def term_values(self) -> list[float]:
        """The value of each product."""
        return [math.prod(f.value for f in term) for term in self.terms]

    def lines(self) -> list[str]:
        """The derivation of this chain alone, as aligned lines of text."""
        name = self.symbol.text
        indent = " " * len(name)
        lines = []
        for i, step in enumerate(self.steps()):
            sign = "" if step.text.startswith("+ ") else "= "
            lines.append(f"{indent if i else name} {sign}{step.text}")
        return lines

    def latex_lines(self) -> list[str]:
        """The same in LaTeX, as rows of an aligned environment."""
        rows = []
        for i, step in enumerate(self.steps()):
            sign = "" if step.text.startswith("+ ") else "= "
            rows.append(f"{self.symbol.latex if i == 0 else ''} &{sign or ' '}{step.latex}")
        return rows

    def __str__(self) -> str:
        blocks = [chain.lines() for chain in self.nested()[1:]]
        for position, factors in ((0, self.own_factors()), (len(blocks) + 1, self.slopes_of_the_loss())):
            explained = [_explain(f) for f in factors]
            width = max((len(name.text) for name, _ in explained), default=0)
            if explained:
                blocks.insert(position, [f"{name.text:<{width}} = {formula.text}" for name, formula in explained])
        if blocks:
            blocks[0].insert(0, "where")
        return "\n\n".join("\n".join(block) for block in (self.lines(), *blocks))

    def latex_rows(self) -> list[str]:
        """All of the derivation in LaTeX, as rows of an aligned environment."""
        own, slopes = (
            [f"{name.latex} &= {formula.latex}" for name, formula in map(_explain, factors)]
            for factors in (self.own_factors(), self.slopes_of_the_loss())
        )
        inner = [row for chain in self.nested()[1:] for row in chain.latex_lines()]
        return [*self.latex_lines(), *own, *inner, *slopes]

    def own_factors(self) -> list[Factor]:
        """Of a product, the factors that are no chain of their own."""
        return [f for f in self.terms[0] if f.chain is None] if self.general is None and len(self.terms[0]) > 1 else []

    def slopes_of_the_loss(self) -> list[Factor]:
        """The slopes of the loss that stand as symbols in the sums, and have a formula."""
        firsts = {f.symbol: f for chain in self.nested() if chain.general for f, *_ in chain.terms}
        return [f for f in firsts.values() if f.chain is None and f.explanation and f.formula == _standing_for(f.symbol)]


def _explain(f: Factor) -> tuple[Formula, Formula]:
    """A factor, and on one line the way to its number."""
    return f.symbol, join(_way(f), " = ", " = ")


def _way(f: Factor) -> list[Formula]:
    """What a factor is equal to, from its formula, if it has one, to its number."""
    formula = [] if f.formula == _standing_for(f.symbol) else [f.formula]
    return list(dict.fromkeys([*formula, *([f.explanation] if f.explanation else []), number(f.value)]))


def _standing_for(name: Formula) -> Formula:
    """A derivative that has no formula of its own, as it stands in a product."""
    return Formula(f"({name.text})", name.latex)


def _aligned(rows: list[str]) -> str:
    return r"\begin{aligned}" + "\n" + " \\\\\n".join(rows) + "\n" + r"\end{aligned}"


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
        rows = [[chain.symbol.text, *(step.text for step in _short(chain))] for chain in shown]
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
            return _aligned([*self.samples[0].latex_rows(), self._latex_agreement()])
        count = len(self.samples)
        rows = [rf"{self.symbol.latex} &= \frac{{1}}{{n}} \sum_{{i}} {_of_sample(self.symbol, 'i').latex}, \quad n = {count}"]
        for chain in self.samples[:SHOWN_SAMPLES]:
            rows.append(f"{chain.symbol.latex} &= " + " = ".join(step.latex for step in _short(chain)))
        if count > SHOWN_SAMPLES:
            rows.append(rf"& \vdots \quad \text{{and {count - SHOWN_SAMPLES} more samples}}")
        rows.append(f"{self.symbol.latex} &= {number(self.value).latex}")
        return _aligned([*rows, self._latex_agreement()])

    def _repr_latex_(self) -> str:
        return f"$${self.latex()}$$"

    def __repr__(self) -> str:
        return f"<derivation of {self.symbol.text} = {number(self.value).text}: print() shows it step by step>"


def _short(chain: Chain) -> list[Formula]:
    """The formula, the numbers and the value, for one line."""
    if chain.general is None and len(chain.terms[0]) == 1:
        return [_explain(chain.terms[0][0])[1]]
    if chain.general is None:
        return [chain.formula(), product(f.numbers for f in chain.terms[0]), number(chain.value)]
    return [chain.formula(), join(map(factor, chain.term_values()), " + ", " + "), number(chain.value)]


def _of_sample(derivative: Formula, index: int | str) -> Formula:
    """∂C/∂w as that of one sample: ∂Cᵢ/∂w."""
    c = symbol("C", index)
    return Formula(derivative.text.replace("C", c.text, 1), derivative.latex.replace("C", c.latex, 1))


class _Sample:
    """The graph of one sample, and the chain rule on it."""

    def __init__(self, layers: list[Layer], inputs: Sequence[Any], y: Any, loss: Loss, index: int) -> None:
        self.layers = layers
        self.loss = symbol("C", index)
        self.depth = len(layers)
        self.a = [as_bundle(Value(v.data, symbol("a", k, layer=0).text) for k, v in enumerate(inputs))]
        self.z: list[list[Value]] = [[]]
        for layer in layers:
            ((z, a),) = fire_both(layer.neurons, [self.a[-1]])
            self.z.append(z)
            self.a.append(as_bundle(a))
        outputs = list(self.a[-1])
        self.output = loss(outputs[0] if len(outputs) == 1 else outputs, y)
        if not isinstance(self.output, Value):
            raise TypeError(f"the loss must give one Value, got {self.output!r} ({type(self.output).__name__})")
        self.coefficient = COEFFICIENTS[loss](len(outputs)) if loss in COEFFICIENTS else None
        self.by_activation = self._by_outputs(loss, y)

    def _by_outputs(self, loss: Loss, y: Any) -> dict[tuple[int, int], Factor]:
        """∂C₀/∂a of the output layer (D4)."""
        outputs = [a.data for a in self.a[-1]]
        slopes = loss_slopes(loss, outputs, y)
        targets = _targets(loss, len(outputs), y)
        shares = softmax(outputs) if loss is cross_entropy else outputs
        factors = {}
        for j, value in enumerate(slopes):
            a = symbol("a", j, layer=self.depth)
            name, numbers, explanation = partial(self.loss, a), factor(value), None
            if self.coefficient is not None:
                numbers = explanation = difference(self.coefficient, number(outputs[j]), factor(targets[j]))
            elif targets and not (loss is binary_cross_entropy and _is_cut_off(outputs[j])):
                share = _softmax_of(self.depth, j) if loss is cross_entropy else a
                written = [_slope_formula(loss, len(outputs), share, symbol("y", j))]
                written.append(_slope_formula(loss, len(outputs), factor(shares[j]), factor(targets[j])))
                explanation = join(written, " = ", " = ")
            factors[self.depth, j] = Factor(name, self.formula(self.depth, j), numbers, value, explanation)
        return factors

    def formula(self, l: int, j: int | str) -> Formula:
        """∂C₀/∂a of one node as it stands in a product: for a squared error what it is, else the symbol itself."""
        a = symbol("a", j, layer=l)
        if l == self.depth and self.coefficient is not None:
            return difference(self.coefficient, a, symbol("y", j))
        return _standing_for(partial(self.loss, a))

    def descend(self, layer: int) -> None:
        """Derive ∂C₀/∂a for all nodes of the layers from the last but one down to this one (D9)."""
        for l in range(self.depth - 1, layer - 1, -1):
            following = range(len(self.z[l + 1]))
            slopes = [self.by_input(l + 1, i) for i in following]
            locals_ = [self.z[l + 1][i].local_derivatives for i in following]
            width = len(self.a[l])
            for j in range(width):
                a = symbol("a", j, layer=l)
                name = partial(self.loss, a)
                terms = []
                for i in following:
                    w = symbol("w", i, j, layer=l + 1)
                    value = locals_[i][width + j]  # after those by the weights
                    by_a = Factor(partial(symbol("z", i, layer=l + 1), a), w, factor(value), value)
                    terms.append((self.by_activation[l + 1, i], slopes[i], by_a))
                chain = Chain(name, tuple(terms), self._general(l, j))
                self.by_activation[l, j] = Factor(name, self.formula(l, j), factor(chain.value), chain.value, chain=chain)

    def _general(self, l: int, j: int) -> tuple[Formula, Formula]:
        """The sum over the nodes of the next layer with a letter for the node, as derivatives and as formulas."""
        a, w = symbol("a", j, layer=l), symbol("w", "j", j, layer=l + 1)
        a_next, z_next = symbol("a", "j", layer=l + 1), symbol("z", "j", layer=l + 1)
        symbols = product([partial(self.loss, a_next), partial(a_next, z_next), partial(z_next, a)])
        formulas = product([self.formula(l + 1, "j"), _prime(z_next), w])
        return _summed(symbols), _summed(formulas)

    def by_input(self, l: int, j: int) -> Factor:
        """∂a/∂z of one node (D5)."""
        a, z = symbol("a", j, layer=l), symbol("z", j, layer=l)
        neuron = self.layers[l - 1].neurons[j]
        value = slope(neuron.g, self.z[l][j].data)
        name = function_name(neuron.activation)
        at = number(self.z[l][j].data)
        explanation = Formula(f"{name}′({at.text})", rf"{latex_name(name)}'\left({at.latex}\right)")
        return Factor(partial(a, z), _prime(z), factor(value), value, explanation)

    def by_parameter(self, l: int, j: int, target: Formula, position: int, formula: Formula) -> Chain:
        """∂C₀/∂w or ∂C₀/∂b of one node (D7, D10), the parameter being the operand of z at this position."""
        self.descend(l)
        value = self.z[l][j].local_derivatives[position]
        last = Factor(partial(symbol("z", j, layer=l), target), formula, factor(value), value)
        terms = ((self.by_activation[l, j], self.by_input(l, j), last),)
        return Chain(partial(self.loss, target), terms)

    def by_node(self, l: int, j: int) -> Chain:
        """∂C₀/∂a of one node (D4, D9)."""
        self.descend(l)
        found = self.by_activation[l, j]
        return found.chain or Chain(found.symbol, ((found,),))


def _targets(loss: Loss, size: int, y: Any) -> list[float]:
    """The desired value of each output node, where the slope of the loss has a formula that these stand in."""
    if loss is cross_entropy:
        shares = [float(t) for t in y] if hasattr(y, "__len__") else [float(j == y) for j in range(size)]
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


def _prime(z: Formula) -> Formula:
    return Formula(f"g′({z.text})", rf"g'\left({z.latex}\right)")


def _summed(term: Formula) -> Formula:
    return Formula(f"Σⱼ {term.text}", rf"\sum_{{j}} {term.latex}")


def derive(
    model: Sequential,
    x: Sequence[Any],
    y: Any,
    *,
    weight: tuple[int, int, int] | None = None,
    bias: tuple[int, int] | None = None,
    activation: tuple[int, int] | None = None,
    loss: str | Loss = "sum_squared_error",
) -> Derivation:
    """Derive the derivative of the loss by one weight, bias or activation as the documents do, step by step.

    Arguments:
        model: an MLP, or a Sequential of layers of neurons.
        x: one sample, or a list of samples to average over (D8, D11).
        y: its target (what the loss takes), or one target for each sample.
        weight: (l, j, k): the weight from node k of layer l − 1 to node j of layer l; layers from 1, nodes from 0.
        bias: (l, j): the bias of node j of layer l.
        activation: (l, j): the activation of node j of layer l; layer 0 is the input.
        loss: the name of a loss, or a function of `(output, target)`.

    Raises:
        TypeError: not exactly one of weight, bias and activation; a model that is not made of layers of neurons.
        ValueError: an index that the model does not have; lengths that do not match; NaN or infinity in a sample or its loss;
            no biases; dropout in training mode.

    Example:
        >>> from nn import MLP, derive
        >>> sigmoids = {"activation": "sigmoid", "output_activation": "sigmoid"}
        >>> model = MLP(2, [2, 1], **sigmoids, init=lambda nin, nout, random: 0.5)
        >>> print(derive(model, [1.0, 0.0], 1.0, weight=(2, 0, 1)))
        ∂C₀/∂w₀₁⁽²⁾ = ∂C₀/∂a₀⁽²⁾ · ∂a₀⁽²⁾/∂z₀⁽²⁾ · ∂z₀⁽²⁾/∂w₀₁⁽²⁾
                    = 2(a₀⁽²⁾ − y₀) · g′(z₀⁽²⁾) · a₁⁽¹⁾
                    = 2(0.6508 − 1) · 0.2273 · 0.6225
                    = −0.0988
        <BLANKLINE>
        where
        ∂C₀/∂a₀⁽²⁾    = 2(a₀⁽²⁾ − y₀) = 2(0.6508 − 1) = −0.6984
        ∂a₀⁽²⁾/∂z₀⁽²⁾ = g′(z₀⁽²⁾) = sigmoid′(0.6225) = 0.2273
        ∂z₀⁽²⁾/∂w₀₁⁽²⁾ = a₁⁽¹⁾ = 0.6225
        <BLANKLINE>
        The engine's backward() gives −0.0988: they agree (difference ...).
    """
    layers = layers_of(model)
    asked = {"weight": weight, "bias": bias, "activation": activation}
    given = {name: index for name, index in asked.items() if index is not None}
    if len(given) != 1:
        raise TypeError(
            f"derive takes one of weight=(l, j, k), bias=(l, j), activation=(l, j), got {', '.join(given) or 'none'}"
        )
    kind: str
    index: tuple[int, ...]
    ((kind, index),) = given.items()
    index = _checked_index(kind, index, layers)
    f = loss_function(loss)
    single = isinstance(x, str) or not hasattr(x, "__len__") or not len(x) or not hasattr(x[0], "__len__")
    xs, ys = ([x], [y]) if single else (x, y)
    if not hasattr(ys, "__len__") or len(xs) != len(ys):
        raise ValueError(f"{len(xs)} samples need {len(xs)} targets, got {len(ys) if hasattr(ys, '__len__') else ys!r}")
    l, j = index[0], index[1]
    chains = []
    engine = 0.0
    for i, (row, target) in enumerate(zip(xs, ys, strict=True)):
        inputs = take_sample(model, row, target, "the sample" if single else f"sample {i}")
        sample = _Sample(layers, inputs, target, f, i)
        width = len(sample.a[l - 1])
        if kind == "weight":
            k = index[-1]
            name, value = symbol("w", j, k, layer=l), layers[l - 1].neurons[j].w[k]
            chains.append(sample.by_parameter(l, j, name, k, symbol("a", k, layer=l - 1)))
        elif kind == "bias":
            name, value = symbol("b", j, layer=l), sample.z[l][j].parents[2 * width]
            chains.append(sample.by_parameter(l, j, name, 2 * width, Formula("1", "1")))
        else:
            name, value = symbol("a", j, layer=l), sample.a[l][j]
            chains.append(sample.by_node(l, j))
        engine += _engine_gradient(model, sample.output, value)
    average = partial(symbol("C"), name)
    return Derivation(chains[0].symbol if single else average, chains, engine / len(chains))


def _engine_gradient(model: Sequential, output: Value, value: Value) -> float:
    """What `backward` gives for one value; the gradients of the model's parameters are left as they were."""
    parameters = model.parameters()
    before = [parameter.grad for parameter in parameters]
    model.zero_grad()
    output.backward()
    gradient = value.grad
    for parameter, grad in zip(parameters, before, strict=True):
        parameter.grad = grad
    return float(gradient)


def _checked_index(kind: str, index: Any, layers: list[Layer]) -> tuple[int, ...]:
    letters = "ljk" if kind == "weight" else "lj"
    whole = isinstance(index, tuple) and all(isinstance(i, Integral) and not isinstance(i, bool) for i in index)
    if not whole or len(index) != len(letters):
        raise ValueError(f"{kind} must be a tuple ({', '.join(letters)}) of whole numbers, got {index!r}")
    checked = tuple(map(int, index))
    l, j = checked[0], checked[1]
    first = 0 if kind == "activation" else 1
    if not first <= l <= len(layers):
        raise ValueError(f"{kind}={checked}: the model has the layers {first} to {len(layers)}, got {l}")
    nodes = layers[l - 1].nout if l else layers[0].nin
    if not 0 <= j < nodes:
        raise ValueError(f"{kind}={checked}: layer {l} has the nodes 0 to {nodes - 1}, got {j}")
    if kind == "weight" and not 0 <= checked[2] < layers[l - 1].nin:
        raise ValueError(f"{kind}={checked}: layer {l - 1} has the nodes 0 to {layers[l - 1].nin - 1}, got {checked[2]}")
    if kind == "bias" and layers[l - 1].neurons[j].b is None:
        raise ValueError(f"{kind}={checked}: node {j} of layer {l} has no bias")
    return checked
