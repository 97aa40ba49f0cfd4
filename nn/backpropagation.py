"""Backpropagation as the documents write it, in matrices of plain numbers: D12 to D15, and why it runs backward: D19 and D20.

Nothing here uses the engine's `backward`: the recursion is the documents', so that each holds the other to account. The two
slopes that it needs, g′ of an activation and ∂C₀/∂a of a loss, come from the table of primitives, in forward mode.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from numbers import Real
from typing import Any, Final, TypeAlias

from autograd_lite import Value, jvp
from autograd_lite.bundles import Bundle
from autograd_lite.pullback import local_derivatives
from autograd_lite.value import topological_order
from nn.layers import Dropout, Layer, Sequential
from nn.losses import Loss, loss_function
from nn.module import Module, function_name
from nn.neurons import take_inputs
from nn.notation import number, symbol

Vector: TypeAlias = list[Any]
Matrix: TypeAlias = list[list[Any]]

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
        lines = []
        for index, (terms, activation) in enumerate(zip(self.layers, self.activations, strict=True)):
            if index == 0:
                lines.append("layer 0, the input: a = " + "  ".join(_shown(terms.a)))
                continue
            lines += ["", f"layer {index}, g = {activation}"]
            header = ["j", "z", "a = g(z)", "δ = ∂C₀/∂z", *(["∂C₀/∂b"] if terms.db else []), "∂C₀/∂W, row j"]
            header += [""] * (len(_shown(terms.dW[0])) - 1)
            rows = [header]
            for j in range(min(len(terms.z), SHOWN)):
                numbers = [terms.z[j], terms.a[j], terms.delta[j], *terms.db[j : j + 1]]
                rows.append([str(j), *_shown(numbers), *_shown(terms.dW[j])])
            widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
            lines += [
                "  " + "  ".join(f"{cell:>{width}}" for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
            ]
            if len(terms.z) > SHOWN:
                lines.append(f"  … and {len(terms.z) - SHOWN} more nodes, in [{index}]")
        return "\n".join(lines)

    def __repr__(self) -> str:
        sizes = "-".join(str(len(terms.a)) for terms in self.layers)
        return f"<backpropagation through layers of {sizes} nodes: print() shows it, [l] has z, a, delta, dW, db>"


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
    layers = layers_of(model)
    n_layers = len(layers)
    g: dict[int, list[Any]] = {l: [neuron.g for neuron in layer.neurons] for l, layer in enumerate(layers, 1)}
    W = {l: [[w.data for w in neuron.w] for neuron in layer.neurons] for l, layer in enumerate(layers, 1)}
    b = {l: [0.0 if neuron.b is None else neuron.b.data for neuron in layer.neurons] for l, layer in enumerate(layers, 1)}
    z: list[Vector] = [[]] * (n_layers + 1)
    a: list[Vector] = [[]] * (n_layers + 1)
    a[0] = [v.data for v in take_sample(model, x, y)]
    for l in range(1, n_layers + 1):
        z[l] = [dot_product(W[l][j], a[l - 1]) + b[l][j] for j in range(len(W[l]))]
        a[l] = [g_j(z_j) for g_j, z_j in zip(g[l], z[l], strict=True)]

    delta: list[Vector] = [[]] * (n_layers + 1)
    slopes = [list(map(slope, g[l], z[l])) for l in range(1, n_layers + 1)]
    delta[-1] = multiply(loss_slopes(loss_function(loss), a[-1], y), slopes[-1])
    for l in range(n_layers - 1, 0, -1):
        delta[l] = multiply([dot_product(column, delta[l + 1]) for column in transpose(W[l + 1])], slopes[l - 1])
    terms = [LayerTerms([], a[0], [], [], [])]
    for l, layer in enumerate(layers, 1):
        biased = any(neuron.b is not None for neuron in layer.neurons)
        terms.append(LayerTerms(z[l], a[l], delta[l], outer_product(delta[l], a[l - 1]), delta[l] if biased else []))
    return Backpropagation(terms, ["", *(function_name(layer.activation) for layer in layers)])


# Matrices, plainly (D15)


def dot_product(row: Vector, column: Vector) -> Any:
    """Row times column: one number."""
    return sum(r * c for r, c in zip(row, column, strict=True))


def outer_product(column: Vector, row: Vector) -> Matrix:
    """Column times row: all pairwise products."""
    return [[c * r for r in row] for c in column]


def multiply(left: Vector, right: Vector) -> Vector:
    """⊙: the products entry by entry."""
    return [x * y for x, y in zip(left, right, strict=True)]


def transpose(matrix: Matrix) -> Matrix:
    """The matrix with rows and columns exchanged."""
    return [list(column) for column in zip(*matrix, strict=True)]


# The two slopes, in forward mode from the table's local derivatives


def slope(g: Any, z: Any) -> Any:
    """g′(z)."""
    return jvp(g, (z,), (1.0,))[1]


def loss_slopes(loss: Loss, outputs: Vector, y: Any) -> Vector:
    """∂C₀/∂a_j for every output node.

    Raises:
        ValueError: the loss is NaN or infinite.
    """

    def of_outputs(*a: Any) -> Any:
        return loss(a[0] if len(a) == 1 else list(a), y)

    slopes = []
    for j in range(len(outputs)):
        number, derivative = jvp(of_outputs, outputs, [float(i == j) for i in range(len(outputs))])
        check_loss(number)
        slopes.append(derivative)
    return slopes


def check_loss(number: Any) -> None:
    """Raise a ValueError if the loss of a sample is NaN or infinite: its derivatives would explain nothing."""
    if not math.isfinite(number):
        raise ValueError(f"the loss of the sample is {number!r}, which has no derivatives: look for nan or inf in the weights")


def take_sample(model: Sequential, x: Any, y: Any, name: str = "the sample") -> Bundle:
    """The inputs of one sample, after a look at its numbers and at those of its target.

    Raises:
        ValueError: a wrong number of inputs; NaN or infinity, and where.
        TypeError: `x` is no sequence of numbers.
    """
    inputs = take_inputs(model, x, layers_of(model)[0].nin)
    features = [(f"feature {k} of {name}", v.data) for k, v in enumerate(inputs)]
    targets = [(f"target {j} of {name}", t) for j, t in enumerate(y if hasattr(y, "__len__") else [y])]
    for where, item in features + targets:
        if isinstance(item, Real) and not math.isfinite(item):
            raise ValueError(f"{where} is {item!r}: expected a finite number")
    return inputs


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


# Which way the outputs should move (D19)


@dataclass(frozen=True)
class Move:
    """What the loss asks of one output node."""

    name: str
    activation: float
    derivative: float

    @property
    def direction(self) -> str:
        """ "rise", "fall" or "stay": against the derivative, which points uphill."""
        return "rise" if self.derivative < 0 else "fall" if self.derivative > 0 else "stay"

    def __str__(self) -> str:
        derivative = f"∂C₀/∂{self.name} = {number(self.derivative).text}"
        return f"{self.name} = {number(self.activation).text} should {self.direction} ({derivative})"


def output_moves(model: Sequential, x: Sequence[float], y: Any, loss: str | Loss = "sum_squared_error") -> list[Move]:
    """Which way each output should move to make the loss of one sample smaller (D19). The arguments are those of `backprop`.

    With squared errors an output should rise where it is below its target, and fall where it is above.

    Example:
        >>> from nn import MLP, output_moves
        >>> model = MLP(1, [2], init=lambda nin, nout, random: 0.5)
        >>> for move in output_moves(model, [1.0], [0.0, 1.0]):
        ...     print(move)
        a₀⁽¹⁾ = 0.5 should fall (∂C₀/∂a₀⁽¹⁾ = 1)
        a₁⁽¹⁾ = 0.5 should rise (∂C₀/∂a₁⁽¹⁾ = −1)
    """
    outputs = backprop(model, x, y, loss)[-1].a
    slopes = loss_slopes(loss_function(loss), outputs, y)
    last = len(layers_of(model))
    return [
        Move(symbol("a", j, layer=last).text, a, derivative)
        for j, (a, derivative) in enumerate(zip(outputs, slopes, strict=True))
    ]


# Why backward (D20)


@dataclass(frozen=True)
class OperationCount:
    """Products of the chain rule, each of a derivative and a local derivative, that two ways to all derivatives take."""

    parameters: int
    backward: int
    one_at_a_time: int
    largest_difference: float  # between the derivatives that the two ways gave

    def __str__(self) -> str:
        return (
            f"{self.parameters:,} weights and biases\n"
            f"one at a time, a pass for each: {self.one_at_a_time:,} products\n"
            f"backward, one pass for all: {self.backward:,} products, {self.one_at_a_time / self.backward:.1f} times fewer\n"
            f"the largest difference between their derivatives: {self.largest_difference:.1g}"
        )


def count_operations(model: Module, x: Sequence[float], y: Any, loss: str | Loss = "sum_squared_error") -> OperationCount:
    """Compute all derivatives of the loss of one sample twice, and count: one parameter at a time, and backward (D20).

    One at a time, each parameter's influence is followed forward through the graph to the loss; what it does not reach costs
    nothing. Backward, one pass through the graph gives all. An operation is one product with a local derivative.

    Arguments:
        model: any model of leaf Values.
        x: one sample.
        y: its target.
        loss: the name of a loss, or a function of `(output, target)`.

    Raises:
        ValueError: the loss is NaN or infinite.

    Example:
        >>> from nn import MLP, count_operations
        >>> model = MLP(4, [6, 6, 4], bias=False, seed=0)
        >>> print(count_operations(model, [1.0, 2.0, 3.0, 4.0], [0.0, 0.0, 1.0, 0.0]))
        84 weights and biases
        one at a time, a pass for each: ...
    """
    output = loss_function(loss)(model(x), y)
    check_loss(output.data)
    order = topological_order(output)
    edges = {node: list(local_derivatives(node, node.data, node.inputs)) for node in order}
    parameters = model.parameters()

    backward = 0
    gradient: dict[Value, Any] = {output: 1.0}
    for node in reversed(order):
        for parent, local in edges[node]:
            if not parent.is_constant:
                gradient[parent] = gradient.get(parent, 0.0) + gradient[node] * local
                backward += 1

    users: dict[Value, list[tuple[Value, Any]]] = {}
    for node in order:
        for parent, local in edges[node]:
            users.setdefault(parent, []).append((node, local))
    position = {node: i for i, node in enumerate(order)}
    forward = 0
    largest = 0.0
    for parameter in parameters:
        reached = _reachable(parameter, users)
        tangent: dict[Value, Any] = {parameter: 1.0}
        for node in sorted(reached, key=lambda node: position.get(node, -1)):
            for user, local in users.get(node, ()):
                tangent[user] = tangent.get(user, 0.0) + local * tangent[node]
                forward += 1
        largest = max(largest, abs(tangent.get(output, 0.0) - gradient.get(parameter, 0.0)))
    return OperationCount(len(parameters), backward, forward, largest)


def _reachable(start: Value, users: dict[Value, list[tuple[Value, Any]]]) -> set[Value]:
    reached = {start}
    waiting = [start]
    while waiting:
        for user, _ in users.get(waiting.pop(), ()):
            if user not in reached:
                reached.add(user)
                waiting.append(user)
    return reached
