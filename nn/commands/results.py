"""What a training leaves behind: the model, its loss curve, and pictures of how it works."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from autograd_lite import Value
from autograd_lite.basics.command_line import UsageError
from autograd_lite.basics.escaping import in_terminal
from autograd_lite.basics.files import write_whole
from nn.files.model_file import save
from nn.layers import MLP
from nn.losses import loss_function
from nn.training import History

MODEL: Final = "model.json"
HISTORY: Final = "history.csv"
NEURON: Final = "neuron.svg"
LOSS: Final = "loss.svg"
GRADIENTS: Final = "gradients.svg"
BOUNDARY: Final = "boundary.svg"
COLUMNS: Final = "columns.json"
ALL: Final = (MODEL, HISTORY, NEURON, LOSS, GRADIENTS, BOUNDARY, COLUMNS)


def leave_files(
    output: Path, model: MLP, history: History, x: list[float], y: Any, loss: str, plane: tuple[Any, Any] | None = None
) -> None:
    """Write the model, then the loss curve and pictures of how it works on one sample, and say where.

    `plane` are samples of two numbers with their classes: the picture of where the model divides them.
    """
    from visualize import plot_decision_boundary, plot_gradients, plot_history
    from visualize import save as save_picture

    def write(what: str, name: str, to: Callable[[Path], Any]) -> None:
        write_file(what, output / name, to)

    write("model", MODEL, lambda path: save(model, path))
    write("loss curve, as numbers", HISTORY, lambda path: write_whole(path, history.to_csv()))
    try:
        write("a neuron of the output layer", NEURON, lambda path: save_picture(neuron_graph(model, x, y, loss), path))
    except RuntimeError as error:  # without Graphviz
        print(f"no picture of a neuron: {error}", file=sys.stderr)
    try:
        if history.epochs:  # none, if it was interrupted in the first
            write("loss curve", LOSS, lambda path: plot_history(history, path))
        gradients = gradients_by_layer(model, x, y, loss)
        write("the gradients of one sample, by layer", GRADIENTS, lambda path: plot_gradients(gradients, path))
        if plane is not None:
            write("where it decides", BOUNDARY, lambda path: plot_decision_boundary(model, *plane, path))
    except ImportError as error:  # matplotlib is an extra
        print(f"no plots: {error}", file=sys.stderr)


def write_file(what: str, path: Path, to: Callable[[Path], Any]) -> None:
    """Write a file, and say where it is and what it holds."""
    try:
        to(path)
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror or error}") from error
    print(in_terminal(f"{what}: {path}"))


def gradients_by_layer(model: MLP, x: list[float], y: Any, loss: str) -> dict[str, list[Value]]:
    """The parameters of each layer, with their gradients of the loss of one sample."""
    model.zero_grad()
    loss_function(loss)(model(x), y).backward()
    return {f"layer {index}": layer.parameters() for index, layer in enumerate(model.layers, 1)}


def neuron_graph(model: MLP, x: list[float], y: Any, loss: str) -> Value:
    """The neuron of the output layer that answered highest, with its gradients, its inputs cut off from what made them."""
    signals: list[Any] = list(x)
    for layer in model.layers[:-1]:
        signals = [Value(signal.data, signal.label) for signal in layer(signals)]
    model.zero_grad()
    outputs = model.layers[-1](signals)
    loss_function(loss)(outputs, y).backward()
    return max(outputs, key=lambda a: a.data)
