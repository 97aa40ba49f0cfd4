"""`derive`: the chain rule for one weight, bias or activation, factor by factor, in symbols and in numbers.

Layers are numbered 1 … L and nodes from 0. The derivative by a weight of the output layer is three terms multiplied (D4 to D7).
By a hidden one it is the chain rule inside the chain rule, a sum over the nodes of the next layer (D9, D10). Many samples are
averaged (D8, D11).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from numbers import Integral
from typing import Any

from autograd_lite import Value
from autograd_lite.arraylike import is_sequence
from autograd_lite.checks import wrong_value
from nn.documents.chain import Chain
from nn.documents.derivation import Derivation
from nn.documents.network import layers_of, take_sample
from nn.documents.sample import Derived, Sample
from nn.layers import Layer, Sequential
from nn.losses import Loss, loss_function
from nn.notation import partial, symbol


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
    kind, index = _wanted(layers, weight=weight, bias=bias, activation=activation)
    f = loss_function(loss)
    single = isinstance(x, str) or not is_sequence(x) or not len(x) or not is_sequence(x[0])
    samples = _paired([x], [y]) if single else _paired(x, y)
    chains: list[Chain] = []
    engine = 0.0
    for i, (row, target) in enumerate(samples):
        inputs = take_sample(model, row, target, "the sample" if single else f"sample {i}")
        sample = Sample(layers, inputs, target, f, i)
        derived = _derived(sample, kind, index)
        chains.append(derived.chain)
        engine += _engine_gradient(model, sample.output, derived.node)
    name = chains[0].symbol if single else partial(symbol("C"), derived.by)
    return Derivation(name, chains, engine / len(chains))


def _wanted(layers: list[Layer], **asked: tuple[int, ...] | None) -> tuple[str, tuple[int, ...]]:
    """By what the loss is to be derived: "weight", "bias" or "activation", and which."""
    given = {kind: index for kind, index in asked.items() if index is not None}
    if len(given) != 1:
        raise TypeError(
            f"derive takes one of weight=(l, j, k), bias=(l, j), activation=(l, j), got {', '.join(given) or 'none'}"
        )
    ((kind, index),) = given.items()
    return kind, _checked_index(kind, index, layers)


def _derived(sample: Sample, kind: str, index: tuple[int, ...]) -> Derived:
    """The derivative of the loss of one sample."""
    by: dict[str, Callable[..., Derived]] = {
        "weight": sample.by_weight,
        "bias": sample.by_bias,
        "activation": sample.by_activation,
    }
    return by[kind](*index)


def _paired(xs: Sequence[Any], ys: Any) -> list[tuple[Any, Any]]:
    """Each sample with its target."""
    if not is_sequence(ys) or len(xs) != len(ys):
        raise ValueError(f"{len(xs)} samples need {len(xs)} targets, got {len(ys) if is_sequence(ys) else ys!r}")
    return list(zip(xs, ys, strict=True))


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
        raise wrong_value(kind, f"a tuple ({', '.join(letters)}) of whole numbers", index)
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
