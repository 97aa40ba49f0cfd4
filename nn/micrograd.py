"""micrograd's `Neuron`, `Layer` and `MLP`: those of `nn`, with weights that begin as there.

With `from nn.micrograd import MLP` in the place of `from micrograd.nn import MLP` a program computes the same numbers: after
the same `random.seed` the same weights are drawn, uniform in ±1. Such a beginning is too large for neurons of many inputs; the
weights of `nn.MLP` are scaled to their number.
"""

from functools import partial
from typing import Any, Final

from nn import layers, neurons
from nn.module import Module

__all__ = ["MLP", "Layer", "Module", "Neuron"]


class Layer(layers.Layer):
    """A layer whose output, if it has one neuron, is that neuron's Value, and not a list of one."""

    def __init__(self, nin: int, nout: int, *, nonlin: bool = True) -> None:
        super().__init__(nin, nout, init="unit_uniform", nonlin=nonlin)

    def forward(self, x: Any) -> Any:
        """The outputs, one for each neuron; the one output itself if there is one neuron."""
        return layers.only(super().forward(x))


Neuron: Final = partial(neurons.Neuron, init="unit_uniform")
MLP: Final = partial(layers.MLP, init="unit_uniform")
