"""Models as files: a plain JSON format that can hold no code, and a text that people can read and edit.

The JSON file of a model:

    {"format": "autograd_lite model", "version": 1,
     "model": {"type": "MLP",
               "layers": [{"type": "Layer", "nin": 2, "nout": 4, "activation": "relu", "bias": true}, ...]},
     "parameters": {"layers.0.neurons.0.w.0": 0.25, ...},
     "checksum": 1234567890}

`type` is MLP, Sequential, Layer or Dropout. A float is written so that the same bits are read back; one that is not finite is
one of the strings "nan", "inf", "-inf". `checksum` is the CRC-32 of all else, as JSON with sorted keys in ASCII: it tells a
damaged file. A file of another program's, or one edited by hand, does without it.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import re
from pathlib import Path
from typing import Any
from zlib import crc32

from autograd_lite.errors import counted
from autograd_lite.ops import TABLE
from nn.layers import MLP, Dropout, Layer, Sequential
from nn.module import Module
from nn.neurons import Neuron, activation_function

MODEL_FORMAT = "autograd_lite model"
VERSION = 1


def save(model: Module, path: str | Path) -> None:
    """Write a model to a JSON file (see `nn.checkpoint` for the format), whole or not at all.

    Raises:
        TypeError: the model has a part that this format does not know: a Module, a `forward` or an activation of your own, a
            Fraction; a neuron that differs from its layer, a parameter that is shared or stands beside the layers.
        OSError: the file cannot be written; a file that was there before is left whole.

    Example:
        >>> import tempfile, pathlib
        >>> from nn import MLP, load, save
        >>> model = MLP(2, [3, 1], seed=0)
        >>> with tempfile.TemporaryDirectory() as directory:
        ...     path = pathlib.Path(directory) / "model.json"
        ...     save(model, path)
        ...     load(path).state_dict() == model.state_dict()
        True
    """
    description = _describe(model)
    parameters = {name: _written(name, data) for name, data in model.state_dict().items()}
    _check_described(model, description)
    write_json(path, {"format": MODEL_FORMAT, "version": VERSION, "model": description, "parameters": parameters})


def load(path: str | Path) -> Any:
    """The model in a file that `save` wrote.

    Raises:
        FileNotFoundError: no such file.
        ValueError: the file is corrupt, cut short, or not of this format; the message says where.
    """
    content = read_json(path, MODEL_FORMAT)
    try:
        parameters = content["parameters"]
        described = _count_parameters(content["model"])
        if described > len(parameters):  # before that many neurons are made
            raise ValueError(f"it describes {described:,} weights and biases, but has {len(parameters):,}")
        model = _build(content["model"])
        model.load_state_dict(parameters)
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        reason = f"it has no {error}" if isinstance(error, KeyError) else error
        raise ValueError(f"{path} is not a whole model file: {reason}") from error
    return model


def _check_described(model: Module, description: dict[str, Any]) -> None:
    """Refuse a model with other parameters than its layers say: it could not be read back."""
    own, described = ({name for name, _ in m.named_parameters()} for m in (model, _build(description)))
    if own != described:
        name = min(own ^ described)
        found = "stands beside the layers" if name in own else "is missing: it is another one, too, or was computed"
        raise TypeError(
            f"a model file holds the weights and biases of layers, each one of its own, but {name} {found}. Write "
            "model.state_dict() yourself, and give it to load_state_dict of a new model"
        )


def _describe(module: Module) -> dict[str, Any]:
    kind = type(module)
    if isinstance(module, Module) and not module._computes_as(kind):
        raise TypeError(f"a model file holds no code, but this {kind.__name__} has a forward of its own: {module!r}")
    if isinstance(module, Sequential) and kind in (Sequential, MLP):
        return {"type": kind.__name__, "layers": [_describe(layer) for layer in module.layers]}
    if kind is Layer and isinstance(module, Layer):
        return {
            "type": "Layer",
            "nin": module.nin,
            "nout": module.nout,
            "activation": _known_activation(module),
            "bias": module.bias,
        }
    if kind is Dropout and isinstance(module, Dropout):
        return {"type": "Dropout", "p": module.p}
    raise TypeError(
        f"save knows MLP, Sequential, Layer and Dropout, not {kind.__name__}: write model.state_dict() yourself, and give it "
        "to load_state_dict of a new model"
    )


def _known_activation(layer: Layer) -> str:
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
        if neuron.g is not g or len(neuron.w) != layer.nin or (neuron.b is not None) != layer.bias:
            raise TypeError(
                f"neuron {j} of {layer!r} is not what its layer says: {neuron!r}, {'no' if neuron.b is None else 'a'} bias. "
                "The file describes whole layers: write model.state_dict() yourself, and give it to load_state_dict of a new "
                "model with such a neuron"
            )
    if isinstance(layer.activation, str):
        return layer.activation
    primitive = getattr(layer.activation, "primitive", None)
    if primitive is not None and TABLE.get(primitive.name) is layer.activation:
        return str(primitive.name)
    raise TypeError(
        f"the activation {layer.activation!r} is a function of your own, and a model file holds no code: write "
        "model.state_dict() yourself, and give it to load_state_dict of a new model"
    )


def _written(name: str, data: Any) -> float | int:
    """The number in a parameter as both forms hold it: NumPy's numbers as Python's.

    Raises:
        TypeError: a number, such as a Fraction, that would not come back as it was.
    """
    plain = data.item() if hasattr(data, "item") else data
    if isinstance(plain, float):
        return float(plain)
    if isinstance(plain, int):
        return int(plain)
    raise TypeError(f"a model file holds floats and integers, but {name} is {data!r} ({type(data).__name__})")


def _count_parameters(description: dict[str, Any]) -> int:
    """How many weights and biases a description asks for."""
    if "layers" in description:
        return sum(map(_count_parameters, description["layers"]))
    if description.get("type") == "Layer" and isinstance(description["nin"], int) and isinstance(description["nout"], int):
        return max(0, description["nout"]) * (description["nin"] + (description["bias"] is True))
    return 0


def _build(description: dict[str, Any]) -> Module:
    kind = description["type"]
    if kind in ("MLP", "Sequential"):
        layers = [_build(part) for part in description["layers"]]
        return MLP.of_layers(layers) if kind == "MLP" else Sequential(*layers)
    if kind == "Layer":
        if not isinstance(description["bias"], bool):
            raise ValueError(f"bias must be true or false, got {description['bias']!r}")
        return Layer(
            description["nin"], description["nout"], description["activation"], description["bias"], init=lambda *_: 0.0
        )
    if kind == "Dropout":
        return Dropout(description["p"])
    raise ValueError(f"unknown type {kind!r}: known are MLP, Sequential, Layer, Dropout")


# Files, whole or not at all


def write_json(path: str | Path, content: dict[str, Any]) -> None:
    """Write a JSON file so that at any moment there is the old one or the new one, never a part."""
    plain = _plain(content)
    write_text(path, json.dumps(plain | {"checksum": _checksum(plain)}, ensure_ascii=False, allow_nan=False) + "\n")


def write_text(path: str | Path, text: str) -> None:
    """Write a text file whole or not at all: to a temporary file beside it, which then takes its name."""
    path = Path(path)
    if not path.parent.is_dir():
        raise FileNotFoundError(f"cannot write {path}: there is no directory {path.parent}")
    temporary = path.with_name(f".{path.name}.part")  # one name: what a kill leaves behind, the next write takes
    try:
        with temporary.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException as error:
        if isinstance(error, OSError):
            error.filename = os.fspath(path)  # a full disk names no file
        with contextlib.suppress(FileNotFoundError):
            temporary.unlink()
        raise


def read_json(path: str | Path, expected: str) -> dict[str, Any]:
    """The content of a JSON file of the expected format.

    Raises:
        ValueError: it is no JSON, or of another format or version.
    """
    try:
        written = json.loads(Path(path).read_text(encoding="utf-8"))
        content = _infinite(written)
    except (ValueError, RecursionError) as error:  # JSONDecodeError, UnicodeDecodeError; brackets within brackets without end
        raise ValueError(f"{path} is no {expected} file, or is cut short: {error}") from error
    if not isinstance(content, dict) or content.get("format") != expected:
        found = content.get("format") if isinstance(content, dict) else type(content).__name__
        raise ValueError(f"{path} is no {expected} file: its format is {found!r}")
    if content.get("version") != VERSION:
        raise ValueError(f"{path} is of version {content.get('version')!r}; this library reads version {VERSION}")
    checksum = written.pop("checksum", None)
    if checksum is not None and checksum != _checksum(written):
        raise ValueError(f"{path} is damaged: its content does not give its checksum. If you edited it, remove the checksum")
    return {key: content[key] for key in written}


def _checksum(content: dict[str, Any]) -> int:
    return crc32(json.dumps(content, sort_keys=True).encode())


def _plain(item: Any) -> Any:
    """The same with what JSON can hold: strings for floats that are not finite, Python's numbers for NumPy's."""
    if hasattr(item, "item"):
        item = item.item()
    if isinstance(item, float) and not math.isfinite(item):
        return str(float(item))
    if isinstance(item, dict):
        return {key: _plain(value) for key, value in item.items()}
    if isinstance(item, list | tuple):
        return [_plain(value) for value in item]
    if item is not None and not isinstance(item, str | int | float):
        raise TypeError(f"a file of numbers cannot hold {item!r} ({type(item).__name__})")
    return item


def _infinite(item: Any) -> Any:
    """The floats that `_plain` made strings of."""
    if isinstance(item, str) and item in ("nan", "inf", "-inf"):
        return float(item)
    if isinstance(item, dict):
        return {key: _infinite(value) for key, value in item.items()}
    return [_infinite(value) for value in item] if isinstance(item, list) else item


# The text form, neuron by neuron

HEADER = re.compile(r"layer (\d+): (\d+) inputs?, (\d+) neurons?, (\w+)(, no bias)?")
NEURON = re.compile(r"neuron (\d+): weights (.+?)(?:; bias (\S+))?")


def to_text(model: Sequential) -> str:
    """A network neuron by neuron, its weights and its bias, as text that `from_text` reads back to the same bits.

    Example:
        >>> from nn import MLP, from_text, to_text
        >>> model = MLP(2, [1], output_activation="sigmoid", init=lambda nin, nout, random: 0.5)
        >>> print(to_text(model))
        layer 1: 2 inputs, 1 neuron, sigmoid
          neuron 0: weights 0.5 0.5; bias 0.0
        >>> from_text(to_text(model)).state_dict() == model.state_dict()
        True
    """
    if type(model) not in (Sequential, MLP) or not model._computes_as(type(model)):
        raise TypeError(f"the text form knows an MLP, or a Sequential of layers of neurons, not {model!r}")
    lines = []
    for index, layer in enumerate(model.layers, 1):
        if type(layer) is not Layer:
            raise TypeError(f"the text form knows layers of neurons, not {layer!r}: use save")
        without = "" if layer.bias else ", no bias"
        lines.append(
            f"layer {index}: {counted(layer.nin, 'input')}, {counted(layer.nout, 'neuron')}, "
            f"{_known_activation(layer)}{without}"
        )
        for j, neuron in enumerate(layer.neurons):
            weights = " ".join(repr(_written(weight.label, weight.data)) for weight in neuron.w)
            bias = "" if neuron.b is None else f"; bias {_written(neuron.b.label, neuron.b.data)!r}"
            lines.append(f"  neuron {j}: weights {weights}{bias}")
    return "\n".join(lines)


def from_text(text: str) -> MLP:
    """The network that `to_text` wrote.

    Raises:
        ValueError: a line is not what it should be; it says which line.
    """
    layers: list[Layer] = []
    filled: list[int] = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        header, neuron = HEADER.fullmatch(line.strip()), NEURON.fullmatch(line.strip())
        try:
            if header:
                index, nin, nout, activation, without = header.groups()
                _expect("layer", int(index), len(layers) + 1)
                if int(nin) * int(nout) > len(text):  # before that many neurons are made
                    raise ValueError(f"{nin} x {nout} weights are more than the text can hold")
                layers.append(Layer(int(nin), int(nout), activation, bias=not without, init=lambda *_: 0.0))
                filled.append(0)
            elif neuron and layers:
                j, weights, bias = neuron.groups()
                _expect("neuron", int(j), filled[-1])
                _fill(layers[-1], int(j), [_read(w) for w in weights.split()], None if bias is None else _read(bias))
                filled[-1] += 1
            else:
                raise ValueError(f"expected a layer or a neuron, got {line.strip()!r}")
        except ValueError as error:
            raise ValueError(f"line {number}: {error}") from error
    for index, (layer, count) in enumerate(zip(layers, filled, strict=True), 1):
        if count != layer.nout:
            raise ValueError(f"layer {index} says {layer.nout} neurons, but {count} follow")
    return MLP.of_layers(layers)


def _read(written: str) -> float | int:
    return int(written) if written.removeprefix("-").isdecimal() else float(written)


def _expect(what: str, found: int, expected: int) -> None:
    if found != expected:
        raise ValueError(f"{what} {found} where {what} {expected} should be")


def _fill(layer: Layer, j: int, weights: list[float | int], bias: float | int | None) -> None:
    if j >= layer.nout:
        raise ValueError(f"neuron {j} in a layer that says {layer.nout} neurons")
    neuron = layer.neurons[j]
    if len(weights) != layer.nin:
        raise ValueError(f"neuron {j} has {len(weights)} weights, its layer {layer.nin} inputs")
    if (bias is None) != (neuron.b is None):
        raise ValueError(f"neuron {j} has {'no' if bias is None else 'a'} bias, unlike its layer")
    for weight, data in zip(neuron.w, weights, strict=True):
        weight.data = data
    if neuron.b is not None:
        neuron.b.data = bias
