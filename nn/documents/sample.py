"""The graph of one sample, and the chain rule on it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from autograd_lite import Value
from autograd_lite.notation import latex_name
from autograd_lite.operands import as_bundle
from nn.documents.chain import Chain, Factor, standing_for
from nn.documents.loss_formulas import LossFormulas
from nn.documents.slopes import slope
from nn.layers import Layer
from nn.losses import Loss, check_result
from nn.named import function_name
from nn.neurons import fire_both
from nn.notation import Formula, factor, number, partial, product, symbol


class Derived(NamedTuple):
    """The derivative of the loss of one sample.

    Attributes:
        by: the symbol of what it is by, such as w₁₂⁽³⁾.
        node: the Value of that symbol in the graph.
        chain: how the derivative comes about.
    """

    by: Formula
    node: Value
    chain: Chain


class Sample:
    """The graph of one sample, with the nodes of each layer by the documents' indices, and the chain rule on it.

    Arguments:
        layers: of the model.
        inputs: the numbers of the sample.
        y: its target.
        loss: a function of `(output, target)`.
        index: which sample it is, from 0.

    Attributes:
        z, a: for each layer its nodes; `a[0]` are the inputs, and `z[0]` is empty.
        output: the node of the loss.
    """

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
        check_result(self.output)
        self.at_outputs = LossFormulas(loss, self.loss, self.depth, [a.data for a in outputs], y)
        # ∂C₀/∂a by layer and node: of the output layer at first (D4), of those before it when `descend` gets there (D9)
        self.loss_by_a = {(self.depth, j): self.at_outputs.factor(j) for j in range(len(outputs))}

    def by_weight(self, l: int, j: int, k: int) -> Derived:
        """∂C₀/∂w (D7, D10)."""
        return self._by_operand(l, j, symbol("w", j, k, layer=l), k, symbol("a", k, layer=l - 1))

    def by_bias(self, l: int, j: int) -> Derived:
        """∂C₀/∂b (D7, D10), in which the last factor is 1."""
        return self._by_operand(l, j, symbol("b", j, layer=l), 2 * len(self.a[l - 1]), Formula("1", "1"))

    def by_activation(self, l: int, j: int) -> Derived:
        """∂C₀/∂a (D4, D9)."""
        self._descend(l)
        found = self.loss_by_a[l, j]
        return Derived(symbol("a", j, layer=l), self.a[l][j], found.chain or Chain(found.symbol, ((found,),)))

    def _by_operand(self, l: int, j: int, by: Formula, position: int, formula: Formula) -> Derived:
        """The derivative by the operand of z at this position; `formula` is that of ∂z by it."""
        self._descend(l)
        z = self.z[l][j]
        value = z.local_derivatives[position]
        last = Factor(partial(symbol("z", j, layer=l), by), formula, factor(value), value)
        chain = Chain(partial(self.loss, by), ((self.loss_by_a[l, j], self._activation_by_input(l, j), last),))
        return Derived(by, z.parents[position], chain)

    def _activation_by_input(self, l: int, j: int) -> Factor:
        """∂a/∂z of one node (D5)."""
        a, z = symbol("a", j, layer=l), symbol("z", j, layer=l)
        neuron, at = self.layers[l - 1].neurons[j], self.z[l][j].data
        value, name = slope(neuron.g, at), function_name(neuron.activation)
        explanation = Formula(f"{name}′({number(at).text})", rf"{latex_name(name)}'\left({number(at).latex}\right)")
        return Factor(partial(a, z), _prime(z), factor(value), value, explanation)

    def _descend(self, layer: int) -> None:
        """Derive ∂C₀/∂a for all nodes of the layers from the last but one down to this one (D9)."""
        for l in range(self.depth - 1, layer - 1, -1):
            following = range(len(self.z[l + 1]))
            slopes = [self._activation_by_input(l + 1, i) for i in following]
            locals_ = [self.z[l + 1][i].local_derivatives for i in following]
            width = len(self.a[l])
            for j in range(width):
                a = symbol("a", j, layer=l)
                terms = []
                for i in following:
                    value = locals_[i][width + j]  # after those by the weights
                    z, w = symbol("z", i, layer=l + 1), symbol("w", i, j, layer=l + 1)
                    terms.append((self.loss_by_a[l + 1, i], slopes[i], Factor(partial(z, a), w, factor(value), value)))
                name = partial(self.loss, a)
                chain = Chain(name, tuple(terms), self._general_term(l, j))
                self.loss_by_a[l, j] = Factor(name, standing_for(name), factor(chain.value), chain.value, chain=chain)

    def _general_term(self, l: int, j: int) -> tuple[Formula, Formula]:
        """The sum over the nodes of the next layer with a letter for the node, as derivatives and as formulas."""
        a, w = symbol("a", j, layer=l), symbol("w", "j", j, layer=l + 1)
        a_next, z_next = symbol("a", "j", layer=l + 1), symbol("z", "j", layer=l + 1)
        by_a_next = partial(self.loss, a_next)
        formula = self.at_outputs.formula("j") if l + 1 == self.depth else standing_for(by_a_next)
        return (
            _summed(product([by_a_next, partial(a_next, z_next), partial(z_next, a)])),
            _summed(product([formula, _prime(z_next), w])),
        )


def _prime(z: Formula) -> Formula:
    return Formula(f"g′({z.text})", rf"g'\left({z.latex}\right)")


def _summed(term: Formula) -> Formula:
    return Formula(f"Σⱼ {term.text}", rf"\sum_{{j}} {term.latex}")
