"""What the documents' formulas are of: layers of neurons, and one sample with its target."""

from __future__ import annotations

import math
from numbers import Real
from typing import Any

from autograd_lite.arraylike import listed
from autograd_lite.bundles import Bundle
from nn.layers import Dropout, Layer, Sequential
from nn.module import Module
from nn.neurons import take_inputs


def layers_of(model: Module) -> list[Layer]:
    """The layers of neurons of a model, from the first to the output layer.

    Raises:
        TypeError: the model has other parts, of which the documents' formulas know nothing.
        ValueError: dropout is in training mode; a parameter is shared.
    """
    if not isinstance(model, Sequential):
        raise TypeError(f"the documents' formulas are of layers of neurons: expected an MLP or a Sequential, got {model!r}")
    layers = []
    for part in model.layers:
        if isinstance(part, Layer):
            layers.append(part)
        elif not isinstance(part, Dropout):
            raise TypeError(f"the documents' formulas are of layers of neurons, and know nothing of {part!r}")
        elif part.training:
            raise ValueError("dropout draws anew at each call: call model.eval() first")
    parameters = [v for layer in layers for neuron in layer.neurons for v in (*neuron.w, neuron.b) if v is not None]
    if len({*parameters}) < len(parameters):
        raise ValueError(
            "a weight or bias of the model stands in several places, of which the documents' formulas know nothing: "
            "its gradient is the sum of theirs, which backward() gives"
        )
    return layers


def take_sample(model: Sequential, x: Any, y: Any, name: str = "the sample") -> Bundle:
    """The inputs of one sample, after a look at its numbers and at those of its target.

    Raises:
        ValueError: a wrong number of inputs; NaN or infinity, and where.
        TypeError: `x` is no sequence of numbers.
    """
    inputs = take_inputs(model, x, layers_of(model)[0].nin)
    features = [(f"feature {k} of {name}", v.data) for k, v in enumerate(inputs)]
    targets = [(f"target {j} of {name}", t) for j, t in enumerate(listed(y))]
    for where, item in features + targets:
        if isinstance(item, Real) and not math.isfinite(item):
            raise ValueError(f"{where} is {item!r}: expected a finite number")
    return inputs
