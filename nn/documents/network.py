"""What the documents' formulas are of: layers of neurons, and samples with their targets."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from numbers import Real
from typing import Any, Final

from autograd_lite.basics.arraylike import is_sequence, listed
from autograd_lite.basics.checks import shown, wrong_entry, wrong_length, wrong_type
from autograd_lite.operands import data_of
from nn.documents.matrices import Vector
from nn.documents.passes import Parameters, Pass
from nn.dropout import Dropout
from nn.layers import Layer, Sequential
from nn.losses import Loss, loss_function
from nn.module import Module
from nn.neurons import take_inputs

MADE_OF_LAYERS: Final = "an MLP or a Sequential of layers of neurons, of which the documents' formulas are"


def layers_of(model: Module) -> list[Layer]:
    """The layers of neurons of a model, from the first to the output layer.

    Raises:
        TypeError: the model has other parts, of which the documents' formulas know nothing.
        ValueError: dropout is in training mode; a parameter is shared.
    """
    if not isinstance(model, Sequential):
        raise wrong_type("model", MADE_OF_LAYERS, model)
    layers = []
    for part in model.layers:
        if isinstance(part, Layer):
            layers.append(part)
        elif not isinstance(part, Dropout):
            raise wrong_type("model", MADE_OF_LAYERS, part, told=f"one with {shown(part)} in it")
        elif part.training:
            raise ValueError("dropout draws anew at each call: call model.eval() first")
    parameters = [v for layer in layers for neuron in layer.neurons for v in (*neuron.w, neuron.b) if v is not None]
    if len({*parameters}) < len(parameters):
        raise ValueError(
            "a weight or bias of the model stands in several places, of which the documents' formulas know nothing: "
            "its gradient is the sum of theirs, which backward() gives"
        )
    return layers


class Samples(Sequence[Pass]):
    """The passes of one sample or of many.

    Arguments:
        model: an MLP, or a Sequential of layers of neurons.
        x: one sample, or several.
        y: its target, or one for each.
        loss: the name of a loss, or a function of `(output, target)`.

    Attributes:
        single: whether it is one sample, and not a list with one in it.

    Raises:
        TypeError: the model is not made of layers of neurons; a sample is no sequence of numbers.
        ValueError: lengths that do not match; NaN or infinity in a sample or its loss; dropout in training mode.
    """

    def __init__(self, model: Module, x: Any, y: Any, loss: str | Loss) -> None:
        self.layers = layers_of(model)
        self.parameters = Parameters(self.layers)
        self.single = is_single(x)
        f = loss_function(loss)
        pairs = [(x, y)] if self.single else paired(x, y)
        self.passes = [
            Pass(
                self.parameters,
                take_sample(model, self.layers[0].nin, a, t, "the sample" if self.single else f"sample {i}"),
                t,
                f,
            )
            for i, (a, t) in enumerate(pairs)
        ]

    def __getitem__(self, index: Any) -> Any:
        return self.passes[index]

    def __len__(self) -> int:
        return len(self.passes)

    def again(self, i: int, parameters: Parameters) -> Pass:
        """A sample on its way through the network with other weights."""
        before = self.passes[i]
        return before if parameters is self.parameters else Pass(parameters, before.a[0], before.y, before.function)

    def mean(self, of: Iterable[Any]) -> Any:
        """The mean over the samples of one number of each."""
        return sum(of) / len(self)


def is_single(x: Any) -> bool:
    """Whether it is one sample, and not a list of samples."""
    return isinstance(x, str) or not is_sequence(x) or not len(x) or not is_sequence(x[0])


def paired(xs: Sequence[Any], ys: Any) -> list[tuple[Any, Any]]:
    """Each sample with its target."""
    if not is_sequence(ys) or len(xs) != len(ys):
        raise wrong_length("y", len(xs), "", "sample", len(ys) if is_sequence(ys) else ys)
    return list(zip(xs, ys, strict=True))


def take_sample(model: Module, nin: int, x: Any, y: Any, name: str) -> Vector:
    """The numbers of one sample, after a look at them and at those of its target.

    Raises:
        ValueError: a wrong number of inputs; NaN or infinity, and where.
        TypeError: `x` is no sequence of numbers.
    """
    floats = type(x) is list and len(x) == nin and {*map(type, x)} == {float}  # as most are: need not become Values first
    features = list(x) if floats else [v.data for v in take_inputs(model, x, nin)]
    for what, items in (("feature", features), ("target", [*map(data_of, listed(y))])):
        for k, item in enumerate(items):
            if type(item) is not float and not isinstance(item, Real):
                continue  # a class by its name: the loss will say
            if not math.isfinite(item):
                raise wrong_entry(f"{what} {k} of {name}", "a finite number", item)
    return features
