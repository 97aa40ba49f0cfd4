"""Backpropagation as the documents write it, in matrices of plain numbers: D12 to D14.

Nothing here uses the engine's `backward`: the recursion is the documents', so that each holds the other to account.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from nn.documents.matrices import Matrix, Vector, add, multiply, outer_product, transform, transpose
from nn.documents.network import layers_of, take_sample
from nn.documents.slopes import loss_slopes, slope
from nn.layers import Sequential
from nn.losses import Loss, loss_function
from nn.named import function_name
from nn.notation import number

SHOWN: Final = 12  # nodes of a layer, and weights of a node, in the printed table


@dataclass(frozen=True)
class LayerTerms:
    """What backpropagation gives for one layer: vectors with one entry for each node j, matrices with one row for each."""

    z: Vector
    a: Vector
    delta: Vector
    dW: Matrix
    db: Vector


class Backpropagation(Sequence[LayerTerms]):
    """The terms of each layer, by the documents' index l, from 1 to L; of `[0]` only `a`, the input."""

    def __init__(self, layers: list[LayerTerms], activations: list[str]) -> None:
        self.layers = layers
        self.activations = activations

    def __getitem__(self, index: Any) -> Any:
        return self.layers[index]

    def __len__(self) -> int:
        return len(self.layers)

    def __str__(self) -> str:
        lines = ["layer 0, the input: a = " + "  ".join(_shown(self.layers[0].a))]
        for index in range(1, len(self.layers)):
            terms = self.layers[index]
            lines += ["", f"layer {index}, g = {self.activations[index]}", *_table(terms)]
            if len(terms.z) > SHOWN:
                lines.append(f"  … and {len(terms.z) - SHOWN} more nodes, in [{index}]")
        return "\n".join(lines)

    def __repr__(self) -> str:
        sizes = "-".join(str(len(terms.a)) for terms in self.layers)
        return f"<backpropagation through layers of {sizes} nodes: print() shows it, [l] has z, a, delta, dW, db>"


def _table(terms: LayerTerms) -> list[str]:
    """The lines that show a layer, a row for each node."""
    header = ["j", "z", "a = g(z)", "δ = ∂C₀/∂z", *(["∂C₀/∂b"] if terms.db else []), "∂C₀/∂W, row j"]
    rows = [header + [""] * (len(_shown(terms.dW[0])) - 1)]
    for j in range(min(len(terms.z), SHOWN)):
        numbers = [terms.z[j], terms.a[j], terms.delta[j], *terms.db[j : j + 1]]
        rows.append([str(j), *_shown(numbers), *_shown(terms.dW[j])])
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  " + "  ".join(f"{cell:>{width}}" for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def _shown(numbers: Vector) -> list[str]:
    return [number(x).text for x in numbers[:SHOWN]] + ["…"] * (len(numbers) > SHOWN)


def backprop(model: Sequential, x: Sequence[float], y: Any, loss: str | Loss = "sum_squared_error") -> Backpropagation:
    """All derivatives of the loss of one sample, by the recursion of the error vectors δ.

    δᴸ = ∂C₀/∂aᴸ ⊙ g′(zᴸ) and δˡ = (Wˡ⁺¹)ᵀ δˡ⁺¹ ⊙ g′(zˡ) (D12); ∂C₀/∂Wˡ = δˡ (aˡ⁻¹)ᵀ (D13); ∂C₀/∂bˡ = δˡ (D14).

    Arguments:
        model: an MLP, or a Sequential of layers of neurons.
        x: one sample.
        y: its target: what the loss takes.
        loss: the name of a loss, or a function of `(output, target)`.

    Returns:
        For each layer l, by index, `z`, `a`, `delta`, `dW` and `db`; `[0].a` is the input; `db` is empty without biases.

    Raises:
        TypeError: the model is not made of layers of neurons.
        ValueError: lengths that do not match; NaN or infinity in the sample or its loss; dropout in training mode.

    Example:
        >>> from nn import MLP, backprop
        >>> model = MLP(2, [1], init=lambda nin, nout, random: 0.5)
        >>> print(backprop(model, [1.0, 2.0], 1.0))
        layer 0, the input: a = 1  2
        <BLANKLINE>
        layer 1, g = identity
          j    z  a = g(z)  δ = ∂C₀/∂z  ∂C₀/∂b  ∂C₀/∂W, row j
          0  1.5       1.5           1       1              1  2
    """
    layers = dict(enumerate(layers_of(model), 1))
    L = len(layers)
    g = {l: [neuron.g for neuron in layer.neurons] for l, layer in layers.items()}
    W = {l: [[w.data for w in neuron.w] for neuron in layer.neurons] for l, layer in layers.items()}
    b = {l: [0.0 if neuron.b is None else neuron.b.data for neuron in layer.neurons] for l, layer in layers.items()}

    a: dict[int, Vector] = {0: [v.data for v in take_sample(model, x, y)]}
    z: dict[int, Vector] = {}
    for l in layers:
        z[l] = add(transform(W[l], a[l - 1]), b[l])
        a[l] = [g_j(z_j) for g_j, z_j in zip(g[l], z[l], strict=True)]

    slopes = {l: list(map(slope, g[l], z[l])) for l in layers}
    delta = {L: multiply(loss_slopes(loss_function(loss), a[L], y), slopes[L])}
    for l in range(L - 1, 0, -1):
        delta[l] = multiply(transform(transpose(W[l + 1]), delta[l + 1]), slopes[l])

    terms = [LayerTerms([], a[0], [], [], [])]
    for l, layer in layers.items():
        biased = any(neuron.b is not None for neuron in layer.neurons)
        terms.append(LayerTerms(z[l], a[l], delta[l], outer_product(delta[l], a[l - 1]), delta[l] if biased else []))
    return Backpropagation(terms, ["", *(function_name(layer.activation) for layer in layers.values())])
