"""`derive`: the chain rule for one weight, bias, input or activation, factor by factor, in symbols and in numbers.

Layers are numbered 1 … L and nodes from 0. The derivative by a weight of the output layer is three terms multiplied (D4 to D7).
By a hidden one it is the chain rule inside the chain rule, a sum over the nodes of the next layer (D9, D10). Many samples are
averaged (D8, D11).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from autograd_lite.basics.checks import wrong_data
from autograd_lite.basics.elsewhere import answers_calls
from nn.documents.derivation import Derivation
from nn.documents.indices import check_index
from nn.documents.letters import Letters, checked_style
from nn.documents.network import Samples, layers_of
from nn.layers import Sequential
from nn.losses import Loss


@answers_calls
def derive(
    model: Sequential,
    x: Sequence[Any],
    y: Any,
    *,
    weight: tuple[int, int, int] | None = None,
    bias: tuple[int, int] | None = None,
    input: tuple[int, int] | None = None,
    activation: tuple[int, int] | None = None,
    loss: str | Loss = "sum_squared_error",
    steps: str = "short",
    layers: str = "numbers",
    numbers: bool = True,
    limit: int | None = 10,
) -> Derivation:
    """Derive the derivative of the loss by one weight, bias, input or activation as the documents do, step by step.

    Arguments:
        model: an MLP, or a Sequential of layers of neurons.
        x: one sample, or a list of samples to average over (D8, D11).
        y: its target (what the loss takes), or one target for each sample.
        weight: (l, j, k): the weight from node k of layer l − 1 to node j of layer l; layers from 1, nodes from 0.
        bias: (l, j): the bias of node j of layer l.
        input: (l, j): what goes into node j of layer l, z: a component of the error vector δ (D12).
        activation: (l, j): the activation of node j of layer l; layer 0 is the input.
        loss: the name of a loss, or a function of `(output, target)`.
        steps: "short", or "all": the loss and the node as formulas first, and each sum written out, of which one term is left.
        layers: "numbers" for (3), (2), or "letters" for (L), (L−1).
        numbers: whether the numbers are put in; False for the formulas alone.
        limit: the most terms of a sum, and samples, that are printed, at least 3; None for all. Of more sums inside of a sum
            two are. What is left out is counted, and is in `samples`.

    Raises:
        TypeError: not exactly one of weight, bias, input and activation; a model that is not made of layers of neurons.
        ValueError: an index that the model does not have; lengths that do not match; NaN or infinity in a sample or its loss;
            no biases; dropout in training mode; an unknown choice of how to print it.

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
    style = checked_style(steps, layers, numbers, limit)
    kind, wanted = _wanted(weight=weight, bias=bias, input=input, activation=activation)
    index = check_index(kind, wanted, layers_of(model))
    samples = Samples(model, x, y, loss)
    return Derivation(samples, Letters(samples.layers, style), kind, index)


def _wanted(**asked: tuple[int, ...] | None) -> tuple[str, tuple[int, ...]]:
    """By what the loss is to be derived: "weight", "bias", "input" or "activation", and which."""
    given = {kind: index for kind, index in asked.items() if index is not None}
    if len(given) != 1:
        known = "one of weight=(l, j, k), bias=(l, j), input=(l, j), activation=(l, j)"
        raise wrong_data("derive", known, given, told=" and ".join(given) or "none")
    return given.popitem()
