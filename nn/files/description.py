"""A model as plain data, which says what its layers are: what a file can hold of it besides the numbers."""

from __future__ import annotations

from itertools import count
from typing import Any, Final

from autograd_lite.basics.arraylike import plain
from autograd_lite.basics.checks import wrong_data, wrong_element
from autograd_lite.basics.escaping import in_message
from autograd_lite.basics.wording import counted
from nn.dropout import Dropout
from nn.embedding import Embedding
from nn.files.schema import flag, fraction, list_of, record, text, whole, word
from nn.finding import counting
from nn.layers import MLP, Layer, Sequential
from nn.module import Module
from nn.named import table_name
from nn.neurons import Neuron, activation_function
from nn.normalization import LayerNorm

INSTEAD: Final = "write model.state_dict() yourself, and give it to load_state_dict of a new model"
MOST_NESTED: Final = 40


def kind_of(module: Any) -> Any:
    """The class as which a module is written: its own, or that of `nn` whose formulas one in `nn.micrograd` has."""
    return vars(type(module)).get("_written_as", type(module))


def describe(module: Module, depth: int = 0) -> dict[str, Any]:
    """What `build` makes the module of again, but for the numbers; `depth` is how many modules it is in.

    Raises:
        TypeError: the module, or a part of it, is none that a description can hold.
    """
    kind = kind_of(module)
    if depth > MOST_NESTED:
        raise TypeError(f"a model file holds modules within each other {MOST_NESTED} deep at most; is one a part of itself?")
    if isinstance(module, Module) and not module._computes_as(kind):
        raise TypeError(f"a model file holds no code, but this {kind.__name__} has a forward of its own: {module!r}")
    if isinstance(module, Sequential) and kind in (Sequential, MLP):
        return {"type": kind.__name__, "layers": [describe(layer, depth + 1) for layer in module.layers]}
    if kind is Layer and isinstance(module, Layer):
        return {
            "type": "Layer",
            "nin": module.nin,
            "nout": module.nout,
            "activation": known_activation(module),
            "bias": module.has_bias,
        }
    if kind is Dropout and isinstance(module, Dropout):
        return {"type": "Dropout", "p": module.p}
    if kind is LayerNorm and isinstance(module, LayerNorm):
        has = {"weight": module.w is not None, "bias": module.b is not None}
        return {"type": "LayerNorm", "size": module.nin, "eps": module.eps, **has}
    if kind is Embedding and isinstance(module, Embedding):
        return {"type": "Embedding", "rows": module.num_embeddings, "columns": module.embedding_dim}
    known = "an MLP, Sequential, Layer, LayerNorm, Embedding or Dropout"
    raise wrong_data("save", known, module, INSTEAD, told=f"a part of the type {kind.__name__}" if depth else "")


def known_activation(layer: Layer) -> str:
    """The name by which the activation of all neurons of a layer will be found again.

    Raises:
        TypeError: there is none; a neuron differs from what the layer says.
    """
    g = activation_function(layer.activation)
    if len(layer.neurons) != layer.nout:
        raise TypeError(f"{layer!r} has {counted(len(layer.neurons), 'neuron')}, not {layer.nout}")
    for j, neuron in enumerate(layer.neurons):
        if type(neuron) is not Neuron or not neuron._computes_as(Neuron):
            raise TypeError(f"neuron {j} of {layer!r} is one of your own: {neuron!r}")
        if neuron.g is not g or len(neuron.w) != layer.nin or (neuron.b is not None) != layer.has_bias:
            raise TypeError(
                f"neuron {j} of {layer!r} is not what its layer says: {neuron!r}, {'no' if neuron.b is None else 'a'} bias. "
                f"The file describes whole layers: {INSTEAD} with such a neuron"
            )
    if isinstance(layer.activation, str):
        return layer.activation
    name = table_name(layer.activation)
    if name is not None:
        return name
    raise TypeError(f"the activation {layer.activation!r} is a function of your own, and a model file holds no code: {INSTEAD}")


def plain_number(name: str, data: Any) -> float | int:
    """The number in a parameter as both forms hold it: NumPy's numbers as Python's.

    Raises:
        TypeError: a number, such as a Fraction, that would not come back as it was.
    """
    number = plain(data)
    if isinstance(number, float):
        return float(number)
    if isinstance(number, int):
        return int(number)
    raise wrong_element(in_message(name), "a float or an integer, which is what a model file holds", data)


def described(path: str, item: Any) -> None:
    """The schema of a description, which is a tree.

    Raises:
        ValueError: it is no description; the message names the part by its path.
    """
    record({"type": word(*KINDS)}, others=True)(path, item)
    KINDS[item["type"]](path, item)


def _activation(path: str, item: Any) -> None:
    text(path, item)
    activation_function(item)


_LAYERS: Final = record({"type": text, "layers": list_of(described)})
KINDS: Final = {
    "MLP": _LAYERS,
    "Sequential": _LAYERS,
    "Layer": record({"type": text, "nin": whole(1), "nout": whole(1), "activation": _activation, "bias": flag}),
    "Dropout": record({"type": text, "p": fraction}),
    "LayerNorm": record({"type": text, "size": whole(1), "eps": fraction, "weight": flag, "bias": flag}),
    "Embedding": record({"type": text, "rows": whole(1), "columns": whole(1)}),
}


def count_parameters(description: dict[str, Any]) -> int:
    """How many weights and biases a description asks for."""
    if "layers" in description:
        return sum(map(count_parameters, description["layers"]))
    if description["type"] == "Layer":
        count: int = description["nout"] * (description["nin"] + description["bias"])
        return count
    if description["type"] == "Embedding":
        size: int = description["rows"] * description["columns"]
        return size
    return description["size"] * (description["weight"] + description["bias"]) if description["type"] == "LayerNorm" else 0


def parameter_names(description: dict[str, Any], before: str = "") -> list[str]:
    """The names of the parameters that a described module has, in order; `before` is what they begin with."""
    kind = description["type"]
    names: list[str] = []
    if "layers" in description:
        for place, part in enumerate(description["layers"]):
            names += parameter_names(part, f"{before}layers.{place}.")
    elif kind == "Layer":
        for j in range(description["nout"]):
            names += map(f"{before}neurons.{j}.w.".__add__, counting(description["nin"]))
            if description["bias"]:
                names.append(f"{before}neurons.{j}.b")
    elif kind == "Embedding":
        for j in range(description["rows"]):
            names += map(f"{before}rows.{j}.".__add__, counting(description["columns"]))
    elif kind == "LayerNorm":
        for letter, has in (("w", "weight"), ("b", "bias")):
            if description[has]:
                names += map(f"{before}{letter}.".__add__, counting(description["size"]))
    return names


def build(description: dict[str, Any], index: int | None = None) -> Module:
    """The module that `describe` described, with weights and biases that are still to be set.

    `index` is that of a layer in its network, counted from 1.

    Raises:
        ValueError: a layer does not fit the one before, or there are no layers.
    """
    kind = description["type"]
    if "layers" in description:
        indices = count(1)
        layers = [build(part, next(indices) if part["type"] == "Layer" else None) for part in description["layers"]]
        return MLP.of_layers(layers) if kind == "MLP" else Sequential(*layers)
    if kind == "Layer":
        nin, nout, activation, bias = (description[name] for name in ("nin", "nout", "activation", "bias"))
        return Layer(nin, nout, activation, bias, init=lambda *_: 0.0, index=index)
    if kind == "LayerNorm":
        return LayerNorm(*(description[name] for name in ("size", "eps", "weight", "bias")))
    return Embedding(description["rows"], description["columns"]) if kind == "Embedding" else Dropout(description["p"])
