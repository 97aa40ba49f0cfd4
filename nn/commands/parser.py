"""What `python -m nn` can be asked for: its commands and their options."""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from autograd_lite import __version__
from autograd_lite.basics.command_line import Parser, number, one_word, reading, run, whole
from nn.commands.looking import explain_weight, show_model
from nn.commands.recipes import train_digits, train_mnist, train_plane, train_xor
from nn.commands.table import train_table

POSITIVE, INTEGER, NUMBER = whole(1), reading(int, "a whole number"), reading(float, "a number")
RATE = number(lambda rate: 0 < rate < math.inf, "a finite number above 0")
NOISE = number(lambda noise: 0 <= noise < math.inf, "a finite number of at least 0")
SHARE = number(lambda share: 0 < share < 1, "a number between 0 and 1")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; returns the exit status: 0; 1 if the training diverged; 2 after one line on stderr; 130 after Ctrl-C."""

    def command() -> int:
        options = parser().options(arguments)
        status: int = options.run(options)
        return status

    return run("nn", command)


class Command(Parser):
    """The parser of a command, or of all of them: each has `--help` and `--version`."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.add_argument("--version", action="version", version=f"autograd_lite {__version__}")


def parser() -> Parser:
    """The commands and their options."""
    top = Command(prog="python -m nn", description="Train a small network on real data, and look at what it learned.")
    commands = top.add_subparsers(metavar="COMMAND", required=True)
    train = commands.add_parser(
        "train", help="train a network on a data set or a CSV file; leave it, its loss curve and pictures as files"
    )
    sets = train.add_subparsers(metavar="DATASET", required=True)
    _add_planes(sets)

    digits = sets.add_parser("digits", help="real handwritten digits of 8x8 pixels, which come with the package")
    _add_options(digits, train_digits, epochs=20, lr=0.01, batch_size=32, hidden=[16])

    xor = sets.add_parser("xor", help="the exclusive or, one sample a step: layers 2-4-4-1, all sigmoid")
    _add_options(xor, train_xor, epochs=30, lr=0.3, batch_size=1)

    mnist = sets.add_parser("mnist", help="MNIST from IDX files, one sample a step: one hidden layer, all sigmoid")
    _add_options(mnist, train_mnist, epochs=10, lr=0.1, batch_size=1, hidden=[128])
    mnist.add_argument("--data", type=Path, required=True, metavar="DIR", help="where the IDX files are, gzipped or not")
    mnist.add_argument("--limit", type=POSITIVE, metavar="N", help="use the first N images of each set only")

    table = sets.add_parser("table", help="a CSV file with a header: numbers and words; the target is classes or numbers")
    _add_options(table, train_table, epochs=100, lr=0.01, batch_size=32, hidden=[16])
    _add_table_options(table)

    explain = commands.add_parser(
        "explain", help="print all that happens to one weight for one sample: forward, loss, derivative, step, loss again"
    )
    _add_explain_options(explain)

    show = commands.add_parser("show", help="print a saved network: its shapes, and a few weights of each layer")
    show.add_argument("file", type=Path, help="a model that `train` or `nn.save` wrote")
    show.add_argument("--full", action="store_true", help="all neurons and weights, to the last digit")
    show.add_argument("--precision", type=POSITIVE, metavar="N", help="the significant digits of a number (4)")
    show.set_defaults(run=show_model)
    return top


def _add_planes(sets: argparse._SubParsersAction[Command]) -> None:
    for name, noise, hidden, epochs, lr, what in (
        ("moons", 0.1, [16, 16], 100, 0.02, "two interleaved half circles in the plane"),
        ("circles", 0.1, [16, 16], 100, 0.02, "a circle around another"),
        ("spirals", 0.02, [32, 32], 300, 0.05, "spiral arms around the origin"),
    ):
        plane = sets.add_parser(name, help=f"{what}; a picture shows where the network divides them")
        _add_options(plane, train_plane, epochs=epochs, lr=lr, batch_size=32, hidden=hidden)
        plane.add_argument("--samples", type=POSITIVE, default=200, metavar="N", help="samples to learn from (200)")
        plane.add_argument("--noise", type=NOISE, default=noise, metavar="S", help=f"the deviation of their places ({noise})")
        plane.set_defaults(dataset=name, classes=2)
        if name == "spirals":
            plane.add_argument("--classes", type=whole(2), default=2, metavar="N", help="arms, one a class (2)")


def _add_table_options(table: argparse.ArgumentParser) -> None:
    table.add_argument("file", type=Path, metavar="FILE.csv", help="its first line has the names of the columns")
    table.add_argument("--target", required=True, metavar="COLUMN", help="the column to be told from the others")
    table.add_argument("--ignore", nargs="+", default=[], metavar="COLUMN", help="columns to leave out")
    table.add_argument(
        "--task",
        **one_word("classes", "numbers"),
        help="what the target is; if not given: classes if it is words, or at most 10 different whole numbers",
    )
    table.add_argument("--drop-missing", action="store_true", help="leave out the rows in which something is missing")
    table.add_argument("--test-size", type=SHARE, default=0.2, metavar="SHARE", help="of the rows, to test with (0.2)")


def _add_options(
    command: argparse.ArgumentParser,
    run: Callable[[argparse.Namespace], int],
    *,
    epochs: int,
    lr: float,
    batch_size: int,
    hidden: list[int] | None = None,
) -> None:
    command.set_defaults(run=run)
    if hidden is not None:
        sizes = " ".join(map(str, hidden))
        command.add_argument(
            "--hidden", type=POSITIVE, nargs="+", default=hidden, metavar="N", help=f"neurons of each hidden layer ({sizes})"
        )
    command.add_argument("--epochs", type=POSITIVE, default=epochs, metavar="N", help=f"passes over the data ({epochs})")
    command.add_argument("--lr", type=RATE, default=lr, metavar="RATE", help=f"learning rate ({lr})")
    command.add_argument("--batch-size", type=POSITIVE, default=batch_size, metavar="N", help=f"samples a step ({batch_size})")
    command.add_argument("--seed", type=INTEGER, default=0, metavar="N", help="for the same run again (0)")
    command.add_argument(
        "--checkpoint", type=Path, metavar="FILE", help="written after each epoch; if it is there, the run goes on from it"
    )
    command.add_argument("--output", type=Path, default=Path("out"), metavar="DIR", help="where the files go (out)")
    command.add_argument("--overwrite", action="store_true", help="also where the files of another run are")


def _add_explain_options(command: argparse.ArgumentParser) -> None:
    command.set_defaults(run=explain_weight)
    command.add_argument(
        "--sizes",
        type=POSITIVE,
        nargs="+",
        default=[5, 7, 6, 4],
        metavar="N",
        help="nodes of each layer, inputs first (5 7 6 4)",
    )
    command.add_argument(
        "--weight",
        type=INTEGER,
        nargs=3,
        default=[2, 2, 2],
        metavar=("L", "J", "K"),
        help="to node J of layer L from node K (2 2 2)",
    )
    command.add_argument("--x", type=NUMBER, nargs="+", metavar="X", help="the sample (drawn with the seed)")
    command.add_argument(
        "--y", type=NUMBER, nargs="+", metavar="Y", help="its target (1 for one of the outputs, 0 for the others)"
    )
    command.add_argument("--activation", default="sigmoid", help="of the hidden layers (sigmoid)")
    command.add_argument("--output-activation", default="sigmoid", help="of the output layer (sigmoid)")
    command.add_argument("--loss", default="sum_squared_error", help="the name of a loss (sum_squared_error)")
    command.add_argument("--bias", action="store_true", help="with biases")
    command.add_argument("--lr", type=RATE, default=0.1, metavar="RATE", help="η, the learning rate (0.1)")
    command.add_argument("--seed", type=INTEGER, default=0, metavar="N", help="for the weights, and the sample (0)")
    command.add_argument("--short", action="store_true", help="a derivation without the sums written out")
    command.add_argument("--letters", action="store_true", help="layers as (L), (L−1) in place of (3), (2)")
    command.add_argument("--symbols", action="store_true", help="the formulas alone, without numbers")
    command.add_argument("--limit", type=POSITIVE, default=10, metavar="N", help="the most terms of a sum to print (10)")
