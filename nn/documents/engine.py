"""What the engine's `backward` says, to hold a derivation to account: on a graph of which one leaf alone is a Value.

All other weights are plain numbers there, to which no gradient flows. So it costs little in a network of any size, and the
gradients of the model's own parameters stay as they are.
"""

from __future__ import annotations

from typing import Any

from autograd_lite import Value, dot
from autograd_lite.bundles import Bundle
from autograd_lite.operands import as_bundle
from nn.documents.passes import Pass
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
        inputs = as_bundle(a)
        z_m = [dot(parameters.row(m, i), inputs, offset) for i, offset in enumerate(b[m])]
        a = [activate(neuron, z) for neuron, z in zip(neurons[m], z_m, strict=True)]
    output = sample.function(only([v if isinstance(v, Value) else Value(v) for v in a]), sample.y)
    output.backward()
    return leaf.grad
