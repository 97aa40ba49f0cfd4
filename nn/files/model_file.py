"""Models as JSON files, which hold no code.

    {"format": "autograd_lite model", "version": 1,
     "model": {"type": "MLP",
               "layers": [{"type": "Layer", "nin": 2, "nout": 4, "activation": "relu", "bias": true}, ...]},
     "parameters": {"layers.0.neurons.0.w.0": 0.25, ...},
     "checksum": 1234567890}

`type` is MLP, Sequential, Layer or Dropout. How numbers are written, and what the checksum is, says `nn.files.json_file`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from autograd_lite.basics.elsewhere import answers_calls
from autograd_lite.basics.escaping import in_message
from autograd_lite.compiler.training import uncollected
from autograd_lite.leaves import set_numbers
from nn.files.description import INSTEAD, build, count_parameters, describe, described, parameter_names, plain_number
from nn.files.json_file import VERSION, read_json, write_json
from nn.files.schema import any_number, by_name, record, text, whole
from nn.module import Module

MODEL_FORMAT: Final = "autograd_lite model"
SCHEMA: Final = record({"format": text, "version": whole(1), "model": described, "parameters": by_name(any_number)})


@answers_calls
def save(model: Module, path: str | Path) -> None:
    """Write a model to a JSON file (see `nn.files.model_file` for the format), whole or not at all.

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
    description = describe(model)
    with uncollected():
        parameters = model.state_dict()
        if {*map(type, parameters.values())} - {float, int}:
            parameters = {name: plain_number(name, data) for name, data in parameters.items()}
        _check_described(parameters, description)
        write_json(path, {"format": MODEL_FORMAT, "version": VERSION, "model": description, "parameters": parameters})


@answers_calls
def load(path: str | Path) -> Any:
    """The model in a file that `save` wrote.

    Raises:
        FileNotFoundError: no such file.
        ValueError: the file is corrupt, cut short, or not of this format; the message says where.

    Example:
        >>> import tempfile
        >>> from nn import MLP, load, save
        >>> model = MLP(2, [3, 1], seed=0)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     save(model, f"{folder}/model.json")
        ...     load(f"{folder}/model.json")([1.0, 2.0]).data == model([1.0, 2.0]).data
        True
    """
    with uncollected():
        return _load(path)


def _load(path: str | Path) -> Module:
    content = read_json(path, MODEL_FORMAT)
    try:
        SCHEMA("", content)
        parameters = content["parameters"]
        count = count_parameters(content["model"])
        if count > len(parameters):  # told before that many neurons are made
            raise ValueError(f"it describes {count:,} weights and biases, but has {len(parameters):,}")
        names = parameter_names(content["model"])
        by_name(any_number, names)("parameters", parameters)
        model = build(content["model"])
        set_numbers(model.parameters(), [parameters[name] for name in names])
    except ValueError as error:
        raise ValueError(f"{in_message(path)} is not a whole model file: {error}") from error
    return model


def _check_described(parameters: dict[str, Any], description: dict[str, Any]) -> None:
    """Refuse a model with other parameters than its layers say: it could not be read back."""
    own, names = parameters.keys(), parameter_names(description)
    if [*own] != names and own != (described := {*names}):
        name = min(own ^ described)
        found = "stands beside the layers" if name in own else "is missing: it is another one, too, or was computed"
        raise TypeError(
            f"a model file holds the weights and biases of layers, each one of its own, "
            f"but {in_message(name)} {found}: {INSTEAD}"
        )
