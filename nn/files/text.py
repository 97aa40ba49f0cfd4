"""Networks as text, neuron by neuron, which people can read and edit."""

from __future__ import annotations

import re
from typing import Final

from autograd_lite.basics.checks import shown, wrong_data
from autograd_lite.basics.elsewhere import answers_calls
from autograd_lite.basics.wording import counted
from nn.files.description import kind_of, known_activation, plain_number
from nn.layers import MLP, Layer, Sequential

LAYERS: Final = "an MLP, or a Sequential of layers of neurons"
HEADER: Final = re.compile(r"layer (\d+): (\d+) inputs?, (\d+) neurons?, (\w+)(, no bias)?")
NEURON: Final = re.compile(r"neuron (\d+): weights (.+?)(?:; bias (\S+))?")


@answers_calls
def to_text(model: Sequential) -> str:
    """A network neuron by neuron, its weights and its bias, as text that `from_text` reads back to the same bits.

    Example:
        >>> from nn import MLP, from_text, to_text
        >>> model = MLP(2, [1], output_activation="sigmoid", init=lambda nin, nout, random: 0.5)
        >>> print(to_text(model))
        layer 1: 2 inputs, 1 neuron, sigmoid
          neuron 0: weights 0.5 0.5; bias 0.0
        >>> from_text(to_text(model)).state_dict() == model.state_dict()
        True
    """
    if kind_of(model) not in (Sequential, MLP) or not model._computes_as(kind_of(model)):
        raise wrong_data("to_text", LAYERS, model)
    lines = []
    for index, layer in enumerate(model.layers, 1):
        if not isinstance(layer, Layer) or kind_of(layer) is not Layer:
            raise wrong_data("to_text", LAYERS, model, "use save", told=f"one with {shown(layer)} in it")
        without = "" if layer.has_bias else ", no bias"
        lines.append(
            f"layer {index}: {counted(layer.nin, 'input')}, {counted(layer.nout, 'neuron')}, {known_activation(layer)}{without}"
        )
        for j, neuron in enumerate(layer.neurons):
            weights = " ".join(repr(plain_number(weight.label, weight.data)) for weight in neuron.w)
            bias = "" if neuron.b is None else f"; bias {plain_number(neuron.b.label, neuron.b.data)!r}"
            lines.append(f"  neuron {j}: weights {weights}{bias}")
    return "\n".join(lines)


@answers_calls
def from_text(text: str) -> MLP:
    """The network that `to_text` wrote.

    Raises:
        ValueError: a line is not what it should be; it says which line.

    Example:
        >>> from nn import MLP, from_text, to_text
        >>> model = MLP(2, [3, 1], seed=0)
        >>> from_text(to_text(model))([1.0, 2.0]).data == model([1.0, 2.0]).data
        True
    """
    layers: list[Layer] = []
    filled: list[int] = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        header, neuron = HEADER.fullmatch(line.strip()), NEURON.fullmatch(line.strip())
        try:
            if header:
                index, nin, nout, activation, without = header.groups()
                _expect("layer", int(index), len(layers) + 1)
                if int(nin) * int(nout) > len(text):  # before that many neurons are made
                    raise ValueError(f"{nin} x {nout} weights are more than the text can hold")
                layers.append(Layer(int(nin), int(nout), activation, bias=not without, init=lambda *_: 0.0))
                filled.append(0)
            elif neuron and layers:
                j, weights, bias = neuron.groups()
                _expect("neuron", int(j), filled[-1])
                _fill(layers[-1], int(j), [_read(w) for w in weights.split()], None if bias is None else _read(bias))
                filled[-1] += 1
            else:
                raise ValueError(f"expected a layer or a neuron, got {line.strip()!r}")
        except ValueError as error:
            raise ValueError(f"line {number}: {error}") from error
    for index, (layer, count) in enumerate(zip(layers, filled, strict=True), 1):
        if count != layer.nout:
            raise ValueError(f"layer {index} says {layer.nout} neurons, but {count} follow")
    return MLP.of_layers(layers)


def _read(written: str) -> float | int:
    return int(written) if written.removeprefix("-").isdecimal() else float(written)


def _expect(what: str, found: int, expected: int) -> None:
    if found != expected:
        raise ValueError(f"{what} {found} where {what} {expected} should be")


def _fill(layer: Layer, j: int, weights: list[float | int], bias: float | int | None) -> None:
    if j >= layer.nout:
        raise ValueError(f"neuron {j} in a layer that says {layer.nout} neurons")
    neuron = layer.neurons[j]
    if len(weights) != layer.nin:
        raise ValueError(f"neuron {j} has {len(weights)} weights, its layer {layer.nin} inputs")
    if (bias is None) != (neuron.b is None):
        raise ValueError(f"neuron {j} has {'no' if bias is None else 'a'} bias, unlike its layer")
    for weight, data in zip(neuron.w, weights, strict=True):
        weight.data = data
    if neuron.b is not None and bias is not None:
        neuron.b.data = bias
