"""The chain rule on one sample: each derivative of its loss as a product of factors, or a sum of products."""

from __future__ import annotations

from collections.abc import Callable

from autograd_lite.basics.wording import function_name
from autograd_lite.notation import latex_name
from nn.documents.chain import Chain, Factor, standing_for
from nn.documents.forward import weighted_sum
from nn.documents.layout import AND_SO_ON, Block, Equation, chosen, written
from nn.documents.letters import Letters
from nn.documents.loss_formulas import ANY, LossFormulas, one_term_left
from nn.documents.passes import Pass
from nn.notation import (
    Formula,
    applied,
    beside,
    derivative_of,
    factor,
    number,
    parenthesized,
    partial,
    plus,
    product,
    total,
)

ONE = Formula("1", "1")


class ChainRule:
    """The derivatives of the loss of one sample.

    Arguments:
        sample: its numbers.
        letters: the symbols of the model.
        index: which sample it is, from 0; or a letter.
    """

    def __init__(self, sample: Pass, letters: Letters, index: int | str = 0) -> None:
        self.sample, self.letters, self.style = sample, letters, letters.style
        self.depth = letters.depth
        self.loss = letters.loss(index)
        self.at_outputs = LossFormulas(sample, letters, index)
        self._by_activation: dict[tuple[int, int], Factor] = {}
        self._by_input: dict[tuple[int, int], Factor] = {}

    def by(self, kind: str, index: tuple[int, ...]) -> Chain:
        """The derivative by a "weight", "bias", "input" or "activation"."""
        derived: dict[str, Callable[..., Chain]] = {
            "weight": self.by_weight,
            "bias": self.by_bias,
            "input": self.by_input,
            "activation": self.by_activation,
        }
        return derived[kind](*index)

    def by_weight(self, l: int, j: int, k: int) -> Chain:
        """∂C₀/∂w (D7, D10)."""
        by, value = self.letters.w(l, j, k), self.sample.a[l - 1][k]
        return self._by_parameter(l, j, by, self.letters.a(l - 1, k), value, self._one_term_left(l, j, by, k))

    def by_bias(self, l: int, j: int) -> Chain:
        """∂C₀/∂b (D7, D10), in which the last factor is 1."""
        by = self.letters.b(l, j)
        return self._by_parameter(l, j, by, ONE, 1.0, self._one_term_left(l, j, by))

    def by_input(self, l: int, j: int) -> Chain:
        """∂C₀/∂z, a component of the error vector (D12)."""
        terms = ((self._loss_by_activation(l, j), self._activation_by_input(l, j)),)
        return Chain(partial(self.loss, self.letters.z(l, j)), terms, style=self.style, recursion=self._recursion(l, j))

    def by_activation(self, l: int, j: int) -> Chain:
        """∂C₀/∂a (D4, D9)."""
        found = self._loss_by_activation(l, j)
        return found.chain or Chain(found.symbol, ((found,),), style=self.style)

    def _by_parameter(
        self, l: int, j: int, by: Formula, formula: Formula, value: float, expansion: tuple[Formula, ...]
    ) -> Chain:
        """The derivative by a weight or bias of a node; `formula` and `value` are those of ∂z by it."""
        last = Factor(partial(self.letters.z(l, j), by), formula, factor(value), value, expansion=expansion)
        terms = ((self._loss_by_activation(l, j), self._activation_by_input(l, j), last),)
        return Chain(partial(self.loss, by), terms, style=self.style, recursion=self._recursion(l, j))

    def _activation_by_input(self, l: int, j: int) -> Factor:
        """∂a/∂z of one node (D5)."""
        if (l, j) not in self._by_input:
            self._by_input[l, j] = self._derived_by_input(l, j)
        return self._by_input[l, j]

    def _derived_by_input(self, l: int, j: int) -> Factor:
        a, z = self.letters.a(l, j), self.letters.z(l, j)
        at, value = self.sample.z[l][j], self.sample.slope(l, j)
        name = function_name(self.sample.parameters.neurons[l][j].activation)
        explanation = Formula(f"{name}′({number(at).text})", rf"{latex_name(name)}'\left({number(at).latex}\right)")
        formula = applied(self.letters.g_prime(l, j), z)
        expansion = (derivative_of(applied(self.letters.g(l, j), z), z),) if self.style.in_full else ()
        return Factor(partial(a, z), formula, factor(value), value, explanation, expansion=expansion)

    # The sums over the nodes of the next layer (D9)

    def _loss_by_activation(self, l: int, j: int) -> Factor:
        """∂C₀/∂a of one node: at the output a slope of the loss, before it a sum; those behind are derived first."""
        for m in range(self.depth, l, -1):
            if (m, 0) not in self._by_activation:
                for i in range(len(self.sample.a[m])):
                    self._by_activation[m, i] = self._derived(m, i)
        if (l, j) not in self._by_activation:
            self._by_activation[l, j] = self._derived(l, j)
        return self._by_activation[l, j]

    def _derived(self, l: int, j: int) -> Factor:
        if l == self.depth:
            return self.at_outputs.factor(j)
        a, after = self.letters.a(l, j), range(len(self.sample.a[l + 1]))
        terms = []
        for i in after:
            value = self.sample.parameters.W[l + 1][i][j]
            by_a = Factor(partial(self.letters.z(l + 1, i), a), self.letters.w(l + 1, i, j), factor(value), value)
            terms.append((self._by_activation[l + 1, i], self._activation_by_input(l + 1, i), by_a))
        chain = Chain(
            partial(self.loss, a),
            tuple(terms),
            self._sum_over(l, j),
            self.style,
            self._behind(l + 1),
            self._input_by_activation(l, j),
        )
        return Factor(chain.symbol, standing_for(chain.symbol), factor(chain.value), chain.value, chain=chain)

    def _sum_over(self, l: int, k: int | str) -> tuple[Formula, Formula]:
        """∂C₀/∂a of a node as a sum over the nodes j of the next layer, of derivatives and of formulas."""
        letters, count = self.letters, self.letters.count(len(self.sample.a[l + 1]))
        a_next, z_next = letters.a(l + 1, "j"), letters.z(l + 1, "j")
        derivatives = [partial(self.loss, a_next), partial(a_next, z_next), partial(z_next, letters.a(l, k))]
        return total("j", count, product(derivatives)), total("j", count, self._term(l, "j", k))

    def _term(self, l: int, j: int | str, k: int | str) -> Formula:
        """The term of node j of the next layer, in formulas."""
        letters = self.letters
        by_a = partial(self.loss, letters.a(l + 1, j))
        slope = self.at_outputs.formula(j) if l + 1 == self.depth else standing_for(by_a)
        return product([slope, applied(letters.g_prime(l + 1, j), letters.z(l + 1, j)), letters.w(l + 1, j, k)])

    # Without numbers: one sum for all nodes of a layer

    def _recursion(self, l: int, j: int) -> tuple[Block, ...]:
        """The sum of a hidden node, and those of the layers behind it."""
        if l == self.depth:
            return ()
        return [self._general_sum(l, j)], self._input_by_activation(l, j), *self._behind(l + 1)

    def _behind(self, l: int) -> tuple[Block, ...]:
        """The sums of the layers from this one on, with the letter k for the node, and the slope of the loss."""
        sums: list[Block] = []
        for m in range(l, self.depth):
            sums.append([f"for each node k of layer {self.letters.layer_name(m)}:", self._general_sum(m, "k")])
            sums.append(self._input_by_activation(m, "k"))
        slope = self.at_outputs.general_slope() if self.style.in_full or not self.at_outputs.coefficient else None
        return (*sums, [slope] if slope else [])

    def _general_sum(self, l: int, k: int | str) -> Equation:
        """The sum of one node; in a derivation with all steps its terms too."""
        steps = list(self._sum_over(l, k))
        if self.style.in_full:
            count = len(self.sample.a[l + 1])
            steps += [plus(written(lambda j: self._term(l, j, k), chosen(count, self.style.limit)))]
        return Equation(partial(self.loss, self.letters.a(l, k)), steps)

    # What becomes of the terms of z (D6)

    def _one_term_left(self, l: int, j: int, by: Formula, k: int | None = None) -> tuple[Formula, ...]:
        """From z as a sum to the one term with this weight, or with the bias."""
        if not self.style.in_full:
            return ()
        term = by if k is None else beside(by, self.letters.a(l - 1, k))
        return self._expanded(l, j, by, term, k, self.sample.parameters.neurons[l][j].b is not None)

    def _input_by_activation(self, l: int, k: int | str) -> tuple[Equation, ...]:
        """∂z_j/∂a_k = w_jk, with the letter j for the node of the next layer."""
        if not self.style.in_full:
            return ()
        a, w = self.letters.a(l, k), self.letters.w(l + 1, "j", k)
        biased = any(neuron.b is not None for neuron in self.sample.parameters.neurons[l + 1])
        steps = self._expanded(l + 1, "j", a, beside(w, a), k, biased)
        return (Equation(partial(self.letters.z(l + 1, "j"), a), [*steps, w]),)

    def _expanded(
        self, l: int, j: int | str, by: Formula, term: Formula, k: int | str | None, biased: bool
    ) -> tuple[Formula, ...]:
        letters, size = self.letters, len(self.sample.a[l - 1])
        terms = plus([*self._products(l, j, k), *([letters.b(l, j)] if biased else [])])
        steps = [weighted_sum(letters, l, j, size, biased, ANY if k == "k" else "k"), terms]
        shown = [derivative_of(parenthesized(step) if " + " in step.text else step, by) for step in steps]
        return one_term_left([*shown, derivative_of(term, by)])

    def _products(self, l: int, j: int | str, k: int | str | None) -> list[Formula]:
        """The terms of z, that of node k among them; if that is a letter, somewhere between the first and the last."""

        def product_of(i: int | str) -> Formula:
            return beside(self.letters.w(l, j, i), self.letters.a(l - 1, i))

        size = len(self.sample.a[l - 1])
        if not isinstance(k, str):
            return written(product_of, chosen(size, self.style.limit, k))
        return (
            [product_of(0), AND_SO_ON, product_of(k), AND_SO_ON, product_of(self.letters.last(size))]
            if size > 1
            else [product_of(k)]
        )
