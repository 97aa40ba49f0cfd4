"""The commands: `python -m nn train digits | xor | mnist`, `python -m nn explain` and `python -m nn show FILE`."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random
from typing import Any

from autograd_lite import Value, __version__, compile
from autograd_lite.command_line import Parser, UsageError, run
from autograd_lite.escaping import in_terminal
from autograd_lite.files import write_whole
from nn import datasets
from nn.documents.walk import walk
from nn.files.model_file import load, save
from nn.files.text import to_text
from nn.inference import evaluate
from nn.layers import MLP
from nn.losses import loss_function
from nn.metrics import predicted_class
from nn.optimizers import SGD, Adam
from nn.schedules import cosine
from nn.training import DivergedError, History, fit


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; returns the exit status: 0; 1 if the training diverged; 2 after one line on stderr; 130 after Ctrl-C."""

    def command() -> int:
        options = parser().options(arguments)
        status: int = options.run(options)
        return status

    return run("nn", command)


def parser() -> Parser:
    """The commands and their options."""
    top = Parser(prog="python -m nn", description="Train a small network on real data, and look at what it learned.")
    top.add_argument("--version", action="version", version=f"autograd_lite {__version__}")
    commands = top.add_subparsers(metavar="COMMAND", required=True)
    train = commands.add_parser(
        "train", help="train a network: digits, xor or mnist; leave it, its loss curve and pictures as files"
    )
    sets = train.add_subparsers(metavar="DATASET", required=True)

    digits = sets.add_parser("digits", help="real handwritten digits of 8x8 pixels, which come with the package")
    _add_options(digits, train_digits, epochs=20, lr=0.01, batch_size=32, hidden=16)

    xor = sets.add_parser("xor", help="the exclusive or, one sample a step: layers 2-4-4-1, all sigmoid")
    _add_options(xor, train_xor, epochs=30, lr=0.3, batch_size=1)

    mnist = sets.add_parser("mnist", help="MNIST from IDX files, one sample a step: one hidden layer, all sigmoid")
    _add_options(mnist, train_mnist, epochs=10, lr=0.1, batch_size=1, hidden=128)
    mnist.add_argument("--data", type=Path, required=True, metavar="DIR", help="where the IDX files are, gzipped or not")
    mnist.add_argument("--limit", type=_positive, metavar="N", help="use the first N images of each set only")

    explain = commands.add_parser(
        "explain", help="print all that happens to one weight for one sample: forward, loss, derivative, step, loss again"
    )
    _add_explain_options(explain)

    show = commands.add_parser("show", help="print a saved network neuron by neuron, its weights and its bias")
    show.add_argument("file", type=Path, help="a model that `train` or `nn.save` wrote")
    show.set_defaults(run=show_model)
    return top


def _add_options(
    command: argparse.ArgumentParser,
    run: Callable[[argparse.Namespace], int],
    *,
    epochs: int,
    lr: float,
    batch_size: int,
    hidden: int | None = None,
) -> None:
    command.set_defaults(run=run)
    if hidden is not None:
        command.add_argument("--hidden", type=_positive, default=hidden, metavar="N", help=f"hidden neurons ({hidden})")
    command.add_argument("--epochs", type=_positive, default=epochs, metavar="N", help=f"passes over the data ({epochs})")
    command.add_argument("--lr", type=_rate, default=lr, metavar="RATE", help=f"learning rate ({lr})")
    command.add_argument("--batch-size", type=_positive, default=batch_size, metavar="N", help=f"samples a step ({batch_size})")
    command.add_argument("--seed", type=int, default=0, metavar="N", help="for the same run again (0)")
    command.add_argument(
        "--checkpoint", type=Path, metavar="FILE", help="written after each epoch; if it is there, the run goes on from it"
    )
    command.add_argument("--output", type=Path, default=Path("out"), metavar="DIR", help="where the files go (out)")


def _add_explain_options(command: argparse.ArgumentParser) -> None:
    command.set_defaults(run=explain_weight)
    command.add_argument(
        "--sizes",
        type=_positive,
        nargs="+",
        default=[5, 7, 6, 4],
        metavar="N",
        help="nodes of each layer, inputs first (5 7 6 4)",
    )
    command.add_argument(
        "--weight",
        type=int,
        nargs=3,
        default=[2, 2, 2],
        metavar=("L", "J", "K"),
        help="to node J of layer L from node K (2 2 2)",
    )
    command.add_argument("--x", type=float, nargs="+", metavar="X", help="the sample (drawn with the seed)")
    command.add_argument(
        "--y", type=float, nargs="+", metavar="Y", help="its target (1 for one of the outputs, 0 for the others)"
    )
    command.add_argument("--activation", default="sigmoid", help="of the hidden layers (sigmoid)")
    command.add_argument("--output-activation", default="sigmoid", help="of the output layer (sigmoid)")
    command.add_argument("--loss", default="sum_squared_error", help="the name of a loss (sum_squared_error)")
    command.add_argument("--bias", action="store_true", help="with biases")
    command.add_argument("--lr", type=_rate, default=0.1, metavar="RATE", help="η, the learning rate (0.1)")
    command.add_argument("--seed", type=int, default=0, metavar="N", help="for the weights, and the sample (0)")
    command.add_argument("--short", action="store_true", help="a derivation without the sums written out")
    command.add_argument("--letters", action="store_true", help="layers as (L), (L−1) in place of (3), (2)")
    command.add_argument("--symbols", action="store_true", help="the formulas alone, without numbers")
    command.add_argument("--limit", type=int, default=10, metavar="N", help="the most terms of a sum that are printed (10)")


def _positive(text: str) -> int:
    number = int(text) if text.isdecimal() else 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"expected a whole number of at least 1, got {text!r}")
    return number


def _rate(text: str) -> float:
    try:
        rate = float(text)
    except ValueError:
        rate = -1.0
    if not 0 < rate < float("inf"):
        raise argparse.ArgumentTypeError(f"expected a number above 0, got {text!r}")
    return rate


# The recipes


def train_digits(options: argparse.Namespace) -> int:
    """Read handwritten digits: softmax and cross-entropy, Adam with a cosine schedule."""
    output = prepare_output(options.output)
    inputs, targets = datasets.digits("train")
    test_inputs, test_targets = datasets.digits("test")
    model = MLP(64, [options.hidden, 10], activation="relu", init="he_uniform", seed=options.seed)
    print(f"{model!r}\n{len(inputs):,} images to learn from, {len(test_inputs):,} to test with")
    history, status = train(
        options, model, inputs, targets, loss="cross_entropy", optimizer=Adam(model.parameters(), options.lr), schedule=cosine()
    )
    report(model, test_inputs, test_targets, 10)
    leave_files(output, model, history, test_inputs[0], test_targets[0], "cross_entropy")
    return status


def train_xor(options: argparse.Namespace) -> int:
    """The documents' worked program (D22): one sample a step, half squared error, Glorot-uniform weights, zero biases."""
    output = prepare_output(options.output)
    inputs, bits = datasets.xor(1000, seed=options.seed)
    targets = [[float(bit)] for bit in bits]
    model = MLP(2, [4, 4, 1], activation="sigmoid", output_activation="sigmoid", seed=options.seed)
    history, status = train(options, model, inputs, targets, loss="half_squared_error", metrics=["accuracy"])
    cases, wanted = datasets.xor()
    for x, y in zip(cases, wanted, strict=True):
        print(f"{int(x[0])} xor {int(x[1])} = {model(x).data:.4f}, should be {y}")
    measured = evaluate(model, inputs, targets, "half_squared_error", ["accuracy"])
    print(f"accuracy {measured['accuracy']:.4f}, mean loss {measured['loss']:.2g}\n{to_text(model)}")
    leave_files(output, model, history, cases[1], [1.0], "half_squared_error", plane=(cases, wanted))
    return status


def train_mnist(options: argparse.Namespace) -> int:
    """The documents' worked program on MNIST (D22): pixels / 255, one-hot targets, all else as for xor."""
    output = prepare_output(options.output)
    try:
        inputs, labels = datasets.idx(options.data, "train", options.limit)
        test_inputs, test_labels = datasets.idx(options.data, "test", options.limit)
    except (OSError, ValueError) as error:
        raise UsageError(str(error)) from error
    if len(inputs[0]) != len(test_inputs[0]):
        raise UsageError(f"the images to learn from have {len(inputs[0])} pixels, those to test with {len(test_inputs[0])}")
    classes = max(9, *labels, *test_labels) + 1
    targets = datasets.one_hot(labels, classes)
    model = MLP(len(inputs[0]), [options.hidden, classes], activation="sigmoid", output_activation="sigmoid", seed=options.seed)
    print(f"{model!r}\n{len(inputs):,} images to learn from, {len(test_inputs):,} to test with")
    history, status = train(options, model, inputs, targets, loss="half_squared_error", metrics=["accuracy"])
    report(model, test_inputs, test_labels, classes)
    leave_files(output, model, history, inputs[0], targets[0], "half_squared_error")
    return status


def explain_weight(options: argparse.Namespace) -> int:
    """Print the story of one weight of a network with random weights."""
    random = Random(options.seed)
    try:
        nin, *nouts = options.sizes
        settings = {"activation": options.activation, "output_activation": options.output_activation}
        model = MLP(nin, nouts, **settings, bias=options.bias, seed=random)
        x = options.x or [round(random.uniform(-1, 1), 2) for _ in range(nin)]
        y = options.y or [float(j == min(1, nouts[-1] - 1)) for j in range(nouts[-1])]
        story = walk(
            model,
            x,
            y,
            weight=tuple(options.weight),
            loss=options.loss,
            lr=options.lr,
            steps="short" if options.short else "all",
            layers="letters" if options.letters else "numbers",
            numbers=not options.symbols,
            limit=options.limit,
        )
    except (ValueError, ArithmeticError) as error:
        raise UsageError(" ".join(str(error).split())) from error
    print(f"{'-'.join(map(str, options.sizes))}, {options.activation}, {options.output_activation} at the output")
    print(f"x = {x}, y = {y}\n\n\n{story}")
    return 0


def show_model(options: argparse.Namespace) -> int:
    """Print a saved model, neuron by neuron."""
    try:
        text = to_text(load(options.file))
    except FileNotFoundError as error:
        raise UsageError(f"no file {options.file}") from error
    except (OSError, TypeError, ValueError) as error:
        raise UsageError(str(error)) from error
    print(text)
    return 0


# What they share


def train(
    options: argparse.Namespace, model: MLP, inputs: list[list[float]], targets: Sequence[Any], **settings: Any
) -> tuple[History, int]:
    """`fit` with the options of the command; gradient descent if no optimizer is given."""
    settings.setdefault("optimizer", SGD(model.parameters(), options.lr))
    try:
        history = fit(
            model,
            inputs,
            targets,
            epochs=options.epochs,
            batch_size=options.batch_size,
            seed=options.seed,
            checkpoint=options.checkpoint,
            **settings,
        )
    except (OSError, ValueError) as error:  # of the checkpoint: all else was checked, or is ours
        raise UsageError(str(error)) from error
    except DivergedError as error:
        print(in_terminal(f"nn: {error}"), file=sys.stderr)
        return error.history, 1
    return history, 0


def prepare_output(directory: Path) -> Path:
    """Make the directory and try to write to it, before any work is done."""
    try:
        directory.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=directory):
            pass
    except OSError as error:
        raise UsageError(f"cannot write to the output directory {directory}: {error.strerror}") from error
    return directory


def report(model: MLP, inputs: list[list[float]], labels: list[int], classes: int) -> None:
    """Print how many of the test images are right, and which class was taken for which."""
    table = [[0] * classes for _ in range(classes)]
    outputs = compile(lambda x: model(x), in_axes=(0,)).per_sample(inputs)
    for output, label in zip(outputs, labels, strict=True):
        table[label][predicted_class(output)] += 1
    right = sum(table[c][c] for c in range(classes))
    print(f"test accuracy {right / len(labels):.2%}: {right} of {len(labels)} images are right")
    width = max(4, len(str(max(map(max, table)))) + 2)
    print("true \\ predicted" + "".join(f"{c:{width}d}" for c in range(classes)))
    for c in range(classes):
        print(f"{c:16d}" + "".join(f"{count or '·':>{width}}" for count in table[c]))


def leave_files(
    output: Path, model: MLP, history: History, x: list[float], y: Any, loss: str, plane: tuple[Any, Any] | None = None
) -> None:
    """Write the model, then the loss curve and pictures of how it works on one sample, and say where.

    `plane` are samples of two numbers with their classes: the picture of where the model divides them.
    """
    from visualize import plot_decision_boundary, plot_gradients, plot_history
    from visualize import save as save_picture

    def write(what: str, name: str, to: Callable[[Path], Any]) -> None:
        path = output / name
        try:
            to(path)
        except OSError as error:
            raise UsageError(f"cannot write {path}: {error.strerror or error}") from error
        print(in_terminal(f"{what}: {path}"))

    write("model", "model.json", lambda path: save(model, path))
    write("loss curve, as numbers", "history.csv", lambda path: write_whole(path, history.to_csv()))
    write("a neuron of the output layer", "neuron.svg", lambda path: save_picture(neuron_graph(model, x, y, loss), path))
    try:
        if history.epochs:  # none, if it was interrupted in the first
            write("loss curve", "loss.svg", lambda path: plot_history(history, path))
        gradients = gradients_by_layer(model, x, y, loss)
        write("the gradients of one sample, by layer", "gradients.svg", lambda path: plot_gradients(gradients, path))
        if plane is not None:
            write("where it decides", "boundary.svg", lambda path: plot_decision_boundary(model, *plane, path))
    except ImportError as error:  # matplotlib is an extra
        print(f"no plots: {error}", file=sys.stderr)


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
