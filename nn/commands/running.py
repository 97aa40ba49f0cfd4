"""What the recipes share: where the files go, the training, and how well the network does on what it has not seen."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from autograd_lite.basics.command_line import UsageError
from autograd_lite.basics.escaping import in_terminal
from nn.commands.results import ALL
from nn.confusion import confusion_matrix
from nn.inference import predict
from nn.layers import MLP
from nn.optimizers import SGD
from nn.training import DivergedError, History, fit


def train(options: argparse.Namespace, model: MLP, inputs: Any, targets: Any, **settings: Any) -> tuple[History, int]:
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


def prepare_output(options: argparse.Namespace) -> Path:
    """Make the directory and try to write to it, before any work is done.

    Raises:
        UsageError: it cannot be written to, or holds the files of another run.
    """
    directory: Path = options.output
    try:
        directory.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=directory):
            pass
    except OSError as error:
        raise UsageError(f"cannot write to the output directory {directory}: {error.strerror}") from error
    there = [name for name in ALL if (directory / name).is_file()]
    goes_on = options.checkpoint is not None and options.checkpoint.exists()
    if there and not (options.overwrite or goes_on):
        raise UsageError(
            f"{directory} holds {there[0]}, of another run: choose another directory with --output, or say --overwrite"
        )
    return directory


def report(model: MLP, inputs: Any, labels: Sequence[int], names: Sequence[Any], what: str = "samples") -> None:
    """Print how many of the samples to test with are right, and which class was taken for which."""
    matrix = confusion_matrix(labels, predict(model, inputs), names=names)
    right, total = sum(matrix.right), len(labels)
    print(f"test accuracy {right / total:.2%}: {right} of {total} {what} are right")
    for line in str(matrix).splitlines():
        print(in_terminal(line))
