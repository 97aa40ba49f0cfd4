"""Where in a network, as the documents count: layers 1 … L, nodes from 0."""

from __future__ import annotations

from numbers import Integral
from typing import Any

from autograd_lite.checks import wrong_value
from nn.layers import Layer


def check_index(kind: str, index: Any, layers: list[Layer]) -> tuple[int, ...]:
    """Where in a network: (l, j, k) of a weight, (l, j) of a node.

    Raises:
        ValueError: it is no such tuple; the model has no such layer or node, or that node has no bias.
    """
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
