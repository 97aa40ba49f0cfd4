"""Where in a network, as the documents count: layers 1 … L, nodes from 0."""

from __future__ import annotations

from numbers import Integral
from typing import Any

from autograd_lite.basics.checks import wrong_value
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
        raise wrong_value(f"l of {kind}={checked}", f"a layer of the model, {first} to {len(layers)}", l)
    sizes = [layers[0].nin, *(layer.nout for layer in layers)]
    for letter, layer, node in [("j", l, j), *[("k", l - 1, k) for k in checked[2:]]]:
        if not 0 <= node < sizes[layer]:
            raise wrong_value(f"{letter} of {kind}={checked}", f"a node of layer {layer}, 0 to {sizes[layer] - 1}", node)
    if kind == "bias" and layers[l - 1].neurons[j].b is None:
        raise wrong_value(kind, "that of a node with a bias", checked)
    return checked
