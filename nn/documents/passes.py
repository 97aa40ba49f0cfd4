"""The numbers of one sample: forward z and a of each node, and back the derivatives of its loss, without the engine's own."""

from __future__ import annotations

import math
from copy import copy
from operator import mul
from typing import Any

from autograd_lite import Value
from autograd_lite.graph.bundles import Bundle
from autograd_lite.operands import as_bundle
from nn.documents.matrices import Matrix, Vector
from nn.documents.slopes import loss_number, loss_slope, slope
from nn.layers import Layer
from nn.losses import Loss
from nn.neurons import Neuron, activate


class Parameters:
    """The weights and biases of a model as plain numbers, by the documents' index l; of [0] there are none.

    Arguments:
        layers: of the model.

    Attributes:
        W: for each layer its matrix, one row a node.
        b: for each layer the biases; 0 for a node that has none.
    """

    def __init__(self, layers: list[Layer]) -> None:
        self.neurons: list[list[Neuron]] = [[], *(layer.neurons for layer in layers)]
        self.W: list[Matrix] = [[[w.data for w in neuron.w] for neuron in neurons] for neurons in self.neurons]
        self.b: list[Vector] = [[0.0 if n.b is None else n.b.data for n in neurons] for neurons in self.neurons]
        self._rows: dict[tuple[int, int], Bundle[Any]] = {}

    def moved(self, by_weights: list[Matrix], by_biases: list[Vector], rate: float) -> Parameters:
        """The parameters after a step of gradient descent; a node without a bias has none after it (D17)."""
        after = copy(self)
        after._rows = {}
        after.W = [
            [[w - rate * d for w, d in zip(*rows, strict=True)] for rows in zip(*layer, strict=True)]
            for layer in zip(self.W, by_weights, strict=True)
        ]
        after.b = [
            [b if neuron.b is None else b - rate * d for neuron, b, d in zip(*layer, strict=True)]
            for layer in zip(self.neurons, self.b, by_biases, strict=True)
        ]
        return after

    def row(self, l: int, j: int) -> Bundle[Any]:
        """The weights of a node as operands of the engine, to which no gradient flows."""
        if (l, j) not in self._rows:
            self._rows[l, j] = as_bundle(self.W[l][j])
        return self._rows[l, j]

    @property
    def depth(self) -> int:
        """L, the number of layers."""
        return len(self.W) - 1


class Pass:
    """One sample on its way through the network and back.

    Arguments:
        parameters: of the model.
        x: the numbers of the sample.
        y: its target.
        loss: a function of `(output, target)`.

    Attributes:
        z, a: for each layer the numbers of its nodes; `a[0]` is the sample, and `z[0]` is empty.
        loss: the number.

    Raises:
        TypeError: the activation or the loss gives no Value.
        ValueError: the loss is NaN or infinite; a target that does not fit.
    """

    def __init__(self, parameters: Parameters, x: Vector, y: Any, loss: Loss) -> None:
        self.parameters, self.y, self.function = parameters, y, loss
        self.z: list[Vector] = [[]]
        self.a: list[Vector] = [x]
        for neurons, W, b in list(zip(parameters.neurons, parameters.W, parameters.b, strict=True))[1:]:
            z = [sum(map(mul, row, self.a[-1]), offset) for row, offset in zip(W, b, strict=True)]
            self.z.append(z)
            self.a.append([activate(neuron, Value(z_j)).data for neuron, z_j in zip(neurons, z, strict=True)])
        self.loss = loss_number(loss, self.a[-1], y)
        self._slopes: dict[tuple[int, int], Any] = {}
        self._by_output: dict[int, Any] = {}
        self._errors: dict[int, Vector] = {}  # δ of whole layers

    def by_output(self, j: int) -> Any:
        """∂C₀/∂a of an output node (D4)."""
        if j not in self._by_output:
            self._by_output[j] = loss_slope(self.function, self.a[-1], self.y, j)
        return self._by_output[j]

    def slope(self, l: int, j: int) -> Any:
        """g′(z) of a node (D5)."""
        if (l, j) not in self._slopes:
            self._slopes[l, j] = slope(self.parameters.neurons[l][j].g, self.z[l][j])
        return self._slopes[l, j]

    def by_activation(self, l: int, j: int) -> Any:
        """∂C₀/∂a of a node: at the output (D4), else the sum over the nodes of the next layer (D9)."""
        depth, known = self.parameters.depth, self._errors
        if l == depth:
            return self.by_output(j)
        for m in range(depth, l, -1):
            if m not in known:
                by_a = [self.by_output(i) if m == depth else self._summed(m, i) for i in range(len(self.a[m]))]
                known[m] = [math.prod((d, self.slope(m, i))) for i, d in enumerate(by_a)]
        return self._summed(l, j)

    def by_input(self, l: int, j: int) -> Any:
        """∂C₀/∂z of a node: its error δ (D12)."""
        return self._errors[l][j] if l in self._errors else math.prod((self.by_activation(l, j), self.slope(l, j)))

    def _summed(self, l: int, j: int) -> Any:
        return sum(map(mul, self._errors[l + 1], [row[j] for row in self.parameters.W[l + 1]]))
