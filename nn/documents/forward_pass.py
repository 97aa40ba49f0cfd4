"""`forward`: what goes forward through a network, as the documents write it: D1 to D3, and D16."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from autograd_lite.basics.elsewhere import answers_calls
from nn.documents.averages import average
from nn.documents.forward import composition_block, function_names, loss_equations, node_equations
from nn.documents.grids import Grid, column, matrix, matrix_equation
from nn.documents.indices import check_index
from nn.documents.layout import Block, Printed, left_out_note
from nn.documents.letters import Letters, checked_style
from nn.documents.loss_formulas import LossFormulas
from nn.documents.network import Samples
from nn.documents.passes import Pass
from nn.documents.recursion import left_out, lying, weighted
from nn.layers import Sequential
from nn.losses import Loss
from nn.notation import Formula, applied


class Forward(Printed):
    """The forward pass of one sample, or of several; made by `forward`.

    Attributes:
        loss: the loss of the sample; of several their mean (D16).
        samples: the forward pass of each sample.
    """

    def __init__(self, passes: Samples, letters: Letters, node: tuple[int, ...] | None, sample: int | None) -> None:
        self._passes, self._letters, self._node, self._sample = passes, letters, node, sample
        self.loss = passes.mean(each.loss for each in passes) if sample is None else passes[sample].loss

    @property
    def samples(self) -> list[Forward]:
        """The forward pass of each sample alone."""
        if self._sample is not None:
            return [self]
        return [Forward(self._passes, self._letters, self._node, i) for i in range(len(self._passes))]

    @property
    def z(self) -> list[list[Any]]:
        """Of one sample, the inputs of the nodes of each layer l; of layer 0 there are none."""
        return self._only().z

    @property
    def a(self) -> list[list[Any]]:
        """Of one sample, the outputs of the nodes of each layer l; of layer 0 the sample."""
        return self._only().a

    def _only(self) -> Pass:
        if self._sample is None:
            raise ValueError(f"these are {len(self._passes)} samples, each with z and a of its own: take them from .samples[i]")
        sample: Pass = self._passes[self._sample]
        return sample

    def blocks(self) -> list[Block]:
        """The page, block by block."""
        letters = self._letters
        if self._sample is None:
            losses = [sample.loss for sample in self._passes]
            mean = average(letters.loss(), letters.loss, losses, letters.style)
            return [[mean], ["each term is the loss of one sample; .samples[i] has its forward pass"]]
        sample = self._only()
        formulas = LossFormulas(sample, letters, self._sample)
        if self._node is None:
            nodes = [layer_block(sample, letters, l) for l in range(1, letters.depth + 1)]
            page = [input_block(sample, letters), *nodes]
            l, j = letters.depth, 0
        else:
            l, j = self._node
            page = [node_equations(sample, letters, l, j)]
        page += [loss_equations(formulas), composition_block(formulas, "weight", l, j)]
        return [*page, left_out_note(page, ".z and .a")]

    def __repr__(self) -> str:
        return f"<forward pass, loss {self.loss:.4g}: print() shows it>"


def input_block(sample: Pass, letters: Letters) -> Block:
    """The sample as the vector that goes into layer 1."""
    x: list[list[Grid | Formula | str]] = [[Formula("x", "x")]]
    if letters.style.numbers:
        x.append([lying(sample.a[0], letters.style.limit)])
    return [matrix_equation(letters.a(0), x)]


def layer_block(sample: Pass, letters: Letters, l: int) -> Block:
    """z = W a + b and a = g(z) of one layer, and what g is."""
    parameters, limit = sample.parameters, letters.style.limit
    biased = any(neuron.b is not None for neuron in parameters.neurons[l])
    z, a = letters.z(l), letters.a(l)
    of_z: list[list[Grid | Formula | str]] = [[weighted(letters, l, biased)]]
    of_a: list[list[Grid | Formula | str]] = [[applied(letters.g(l), z)]]
    names = function_names(sample, letters, l)
    with_names = [Formula(names.text, f"& {names.latex}")] if letters.of_layer or l == 1 else []
    if not letters.style.numbers:
        return [matrix_equation(z, of_z), matrix_equation(a, of_a), *with_names]
    W = parameters.W[l]
    offset: list[Grid | Formula | str] = ["+", column(parameters.b[l], limit)] if biased else []
    of_z += [[matrix(W, limit), column(sample.a[l - 1], limit), *offset], [column(sample.z[l], limit)]]
    of_a += [[lying(sample.a[l], limit)]]
    return [matrix_equation(z, of_z), matrix_equation(a, of_a), *with_names, *left_out(W, letters, f".a[{l}] and in the model")]


@answers_calls
def forward(
    model: Sequential,
    x: Sequence[Any],
    y: Any,
    loss: str | Loss = "sum_squared_error",
    *,
    node: tuple[int, int] | None = None,
    layers: str = "numbers",
    numbers: bool = True,
    limit: int | None = 10,
) -> Forward:
    """The way forward to the loss: zˡ = Wˡ aˡ⁻¹ + bˡ and aˡ = g(zˡ) of each layer, or of one node, and C₀ (D1 to D3, D16).

    Arguments:
        model: an MLP, or a Sequential of layers of neurons.
        x: one sample, or a list of samples.
        y: its target (what the loss takes), or one target for each sample.
        loss: the name of a loss, or a function of `(output, target)`.
        node: (l, j): print this node alone, its sum written out, and what the loss is composed of seen from its weights.
        layers: "numbers" for (3), (2), or "letters" for (L), (L−1).
        numbers: whether the numbers are put in; False for the formulas alone.
        limit: the most terms of a sum and rows of a matrix that are printed, at least 3; None for all.

    Raises:
        TypeError: the model is not made of layers of neurons.
        ValueError: lengths that do not match; a node that the model does not have; NaN or infinity in a sample or its loss;
            dropout in training mode.

    Example:
        >>> from nn import MLP, forward
        >>> model = MLP(2, [2], output_activation="sigmoid", init=lambda nin, nout, random: 0.5)
        >>> print(forward(model, [1.0, 2.0], [1.0, 0.0], node=(1, 0)))
        z₀⁽¹⁾ = Σₖ₌₀¹ w₀ₖ⁽¹⁾ aₖ⁽⁰⁾ + b₀⁽¹⁾
              = w₀₀⁽¹⁾ a₀⁽⁰⁾ + w₀₁⁽¹⁾ a₁⁽⁰⁾ + b₀⁽¹⁾
              = 0.5 · 1 + 0.5 · 2 + 0
              = 1.5
        a₀⁽¹⁾ = g(z₀⁽¹⁾) = sigmoid(1.5) = 0.8176
        <BLANKLINE>
        C₀ = Σⱼ₌₀¹ C₀ⱼ
           = Σⱼ₌₀¹ (aⱼ⁽¹⁾ − yⱼ)²
           = (a₀⁽¹⁾ − y₀)² + (a₁⁽¹⁾ − y₁)²
           = (0.8176 − 1)² + (0.8176 − 0)²
           = 0.03328 + 0.6684
           = 0.7017
        <BLANKLINE>
        C₀ⱼ = (aⱼ⁽¹⁾ − yⱼ)²
        C₀ⱼ = C₀ⱼ(aⱼ⁽¹⁾(zⱼ⁽¹⁾(wⱼ⁽¹⁾)))
    """
    style = checked_style(layers=layers, numbers=numbers, limit=limit)
    samples = Samples(model, x, y, loss)
    place = None if node is None else check_index("node", node, samples.layers)
    return Forward(samples, Letters(samples.layers, style), place, 0 if samples.single else None)
