"""What the engine's `backward` says, to hold a derivation to account: on a graph of which one leaf alone is a Value.

All other weights are plain numbers there, to which no gradient flows. So it costs little in a network of any size, and the
gradients of the model's own parameters stay as they are.
"""

from __future__ import annotations

import math
from typing import Any

from autograd_lite import Value, dot
from autograd_lite.graph.bundles import Bundle
from autograd_lite.operands import as_bundle
from nn.documents.passes import Parameters, Pass
from nn.layers import only
from nn.neurons import activate

WEIGHT, BIAS, INPUT, ACTIVATION = "weight", "bias", "input", "activation"  # by what a loss is derived


def engine_gradient(sample: Pass, kind: str, index: tuple[int, ...]) -> Any:
    """The gradient that `backward` gives to one weight, bias, input or activation."""
    l, j = index[:2]
    parameters = sample.parameters
    W, b, neurons = parameters.W, parameters.b, parameters.neurons
    a: list[Any] = list(sample.a[l])
    z: Any
    if kind == ACTIVATION:
        leaf = a[j] = Value(a[j])
    else:
        if kind == INPUT:
            z = leaf = Value(sample.z[l][j])
        elif kind == BIAS:
            leaf = Value(b[l][j])
            z = dot(W[l][j], sample.a[l - 1], leaf)
        else:
            k = index[2]
            row, leaf = parameters.row(l, j), Value(W[l][j][k])
            z = dot(Bundle([*row[:k], leaf, *row[k + 1 :]]), sample.a[l - 1], b[l][j])
        a[j] = activate(neurons[l][j], z)
    for m in range(l + 1, parameters.depth + 1):
        one_moves = m == l + 1 and math.isfinite(sample.a[l][j])
        z_m = _moved_by_one(sample, l, j, a[j]) if one_moves else _weighted_sums(parameters, m, a)
        a = [activate(neuron, z) for neuron, z in zip(neurons[m], z_m, strict=True)]
    output = sample.function(only([v if isinstance(v, Value) else Value(v) for v in a]), sample.y)
    output.backward()
    return leaf.grad


def _weighted_sums(parameters: Parameters, l: int, a: list[Any]) -> list[Any]:
    """What goes into the nodes of a layer."""
    inputs = as_bundle(a)
    return [dot(parameters.row(l, i), inputs, offset) for i, offset in enumerate(parameters.b[l])]


def _moved_by_one(sample: Pass, l: int, j: int, a: Any) -> list[Any]:
    """The same behind node j, the only one of its layer that is a Value: z + w · (a − its number), with z as it is known."""
    move = a - sample.a[l][j]  # 0, but not its derivative
    return [row[j] * move + z for row, z in zip(sample.parameters.W[l + 1], sample.z[l + 1], strict=True)]
