"""Backpropagation as the documents write it, in matrices of plain numbers: D12 to D14.

Nothing here uses the engine's `backward`: the recursion is the documents', so that each holds the other to account.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from autograd_lite.basics.elsewhere import answers_calls
from nn.documents.layout import Block, Printed, chosen
from nn.documents.letters import Letters, checked_style
from nn.documents.matrices import Vector, mean, mean_outer_product, multiply, transform, transpose
from nn.documents.network import Samples
from nn.documents.passes import Pass
from nn.documents.recursion import LayerTerms, averaged_blocks, recursion_blocks
from nn.layers import Sequential
from nn.losses import Loss

FEW: Final = 3  # samples whose matrices are printed


class Backpropagation(Printed, Sequence[LayerTerms]):
    """The terms of each layer, by the documents' index l, from 1 to L; of `[0]` only `a`, the input, and `da`.

    Attributes:
        loss: the loss of the sample; of several their mean (D16).
        samples: the backpropagation of each sample. Of several, every entry of every layer is the mean of theirs (D8, D11).
    """

    def __init__(self, passes: Samples, letters: Letters, sample: int | None) -> None:
        self._passes, self._letters, self._sample = passes, letters, sample
        these = [passes[sample]] if sample is not None else list(passes)
        self.loss = sum(each.loss for each in these) / len(these)
        self.layers = layer_terms(these)

    @property
    def samples(self) -> list[Backpropagation]:
        """The backpropagation of each sample alone."""
        single = self._sample is not None
        return [self] if single else [Backpropagation(self._passes, self._letters, i) for i in range(len(self._passes))]

    def __getitem__(self, index: Any) -> Any:
        return self.layers[index]

    def __len__(self) -> int:
        return len(self.layers)

    def blocks(self) -> list[Block]:
        """The page, block by block."""
        if self._sample is None:
            shown = chosen(len(self._passes), self._letters.style.limit and FEW)
            return averaged_blocks(self._passes, self.layers, {i: layer_terms([self._passes[i]]) for i in shown}, self._letters)
        return recursion_blocks(self._passes[self._sample], self.layers, self._letters, self._sample)

    def __repr__(self) -> str:
        sizes = "-".join(str(len(terms.a)) for terms in self.layers)
        return f"<backpropagation through layers of {sizes} nodes: print() shows it, [l] has z, a, delta, dW, db>"


def layer_terms(passes: Sequence[Pass]) -> list[LayerTerms]:
    """The terms of each layer: of one sample, or the means over several."""
    recursions = [_recursion(sample) for sample in passes]
    parameters = passes[0].parameters
    terms = []
    for l, neurons in enumerate(parameters.neurons):
        delta, da = (mean([recursion[what][l] for recursion in recursions]) for what in (0, 1))
        rows, columns = [sample.a[l - 1] for sample in passes], [deltas[l] for deltas, _ in recursions]
        dW = mean_outer_product(columns, rows) if l else []
        db = delta if any(neuron.b is not None for neuron in neurons) else []
        terms.append(LayerTerms(mean([s.z[l] for s in passes]), mean([s.a[l] for s in passes]), delta, dW, db, da))
    return terms


def _recursion(sample: Pass) -> tuple[dict[int, Vector], dict[int, Vector]]:
    """δ and ∂C₀/∂a of each layer, from the output back (D12)."""
    W, L = sample.parameters.W, sample.parameters.depth
    da = {L: [sample.by_output(j) for j in range(len(sample.a[L]))]}
    delta: dict[int, Vector] = {0: []}
    for l in range(L, 0, -1):
        delta[l] = multiply(da[l], [sample.slope(l, j) for j in range(len(sample.z[l]))])
        da[l - 1] = transform(transpose(W[l]), delta[l])
    return delta, da


@answers_calls
def backprop(
    model: Sequential,
    x: Sequence[Any],
    y: Any,
    loss: str | Loss = "sum_squared_error",
    *,
    layers: str = "numbers",
    numbers: bool = True,
    limit: int | None = 10,
) -> Backpropagation:
    """All derivatives of the loss, by the recursion of the error vectors δ.

    δᴸ = ∂C₀/∂aᴸ ⊙ g′(zᴸ) and δˡ = (Wˡ⁺¹)ᵀ δˡ⁺¹ ⊙ g′(zˡ) (D12); ∂C₀/∂Wˡ = δˡ (aˡ⁻¹)ᵀ (D13); ∂C₀/∂bˡ = δˡ (D14).

    Arguments:
        model: an MLP, or a Sequential of layers of neurons.
        x: one sample, or a list of samples to average over (D8, D11, D16).
        y: its target (what the loss takes), or one target for each sample.
        loss: the name of a loss, or a function of `(output, target)`.
        layers: "numbers" for (3), (2), or "letters" for (L), (L−1), where it is printed.
        numbers: whether the matrices are printed with their numbers; False for the formulas alone.
        limit: the most rows of a matrix that are printed, at least 3; None for all. Of columns it is at most 8.

    Returns:
        For each layer l, by index, `z`, `a`, `delta`, `dW`, `db` and `da`, of several samples their means; of `[0]`, the input,
        `a` and `da`; `db` is empty without biases. Printed, and in a notebook, it is the recursion with its matrices.

    Raises:
        TypeError: the model is not made of layers of neurons.
        ValueError: lengths that do not match; NaN or infinity in a sample or its loss; dropout in training mode.

    Example:
        >>> from nn import MLP, backprop
        >>> model = MLP(2, [1], init=lambda nin, nout, random: 0.5)
        >>> layers = backprop(model, [1.0, 2.0], 1.0)
        >>> layers[1].delta, layers[1].dW, layers[1].db
        ([1.0], [[1.0, 2.0]], [1.0])
    """
    samples = Samples(model, x, y, loss)
    letters = Letters(samples.layers, checked_style(layers=layers, numbers=numbers, limit=limit))
    return Backpropagation(samples, letters, 0 if samples.single else None)
