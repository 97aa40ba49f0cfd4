"""micrograd's `Neuron`, `Layer` and `MLP`: those of `nn`, with weights that begin as there.

With `from nn.micrograd import MLP` in the place of `from micrograd.nn import MLP` a program computes the same numbers: after
the same `random.seed` the same weights are drawn, uniform in ±1. Such a beginning is too large for neurons of many inputs; the
weights of `nn.MLP` are scaled to their number. And `parameters()` gives those of its neurons and layers alone, so that a class
derived from it adds the others, `super().parameters() + self.head.parameters()`, and has none twice.
"""

from collections.abc import Sequence
from typing import Any, ClassVar

from autograd_lite import Value
from nn import layers, neurons
from nn.initializers import Initializer
from nn.module import Module

__all__ = ["MLP", "Layer", "Module", "Neuron"]

BEGINNING = "unit_uniform"


class Neuron(neurons.Neuron):
    """A neuron whose weights begin uniform in ±1. Arguments beyond micrograd's two are those of `nn.Neuron`, by name."""

    def __init__(self, nin: int, nonlin: bool | None = None, *, init: str | Initializer = BEGINNING, **others: Any) -> None:
        super().__init__(nin, init=init, nonlin=nonlin, **others)

    def parameters(self) -> list[Value]:
        """The weights, and the bias."""
        return [*self.w] if self.b is None else [*self.w, self.b]


class Layer(layers.Layer):
    """A layer whose output, if it has one neuron, is that neuron's Value, and not a list of one. It begins uniform in ±1."""

    _written_as: ClassVar[Any] = layers.Layer

    def __init__(self, nin: int, nout: int, *, init: str | Initializer = BEGINNING, **others: Any) -> None:
        super().__init__(nin, nout, init=init, **others)

    def parameters(self) -> list[Value]:
        """Those of its neurons."""
        return [parameter for neuron in self.neurons for parameter in neuron.parameters()]

    @staticmethod
    def _of_one(outputs: list[Any]) -> Any:
        """The output itself."""
        return outputs[0]


class MLP(layers.MLP):
    """A network of such layers; arguments beyond micrograd's two are those of `nn.MLP`, by name."""

    _kind_of_layer = Layer
    _written_as: ClassVar[Any] = layers.MLP

    def __init__(self, nin: int, nouts: Sequence[int], *, init: str | Initializer = BEGINNING, **others: Any) -> None:
        super().__init__(nin, nouts, init=init, **others)

    def parameters(self) -> list[Value]:
        """Those of its layers."""
        return [parameter for layer in self.layers for parameter in layer.parameters()]
