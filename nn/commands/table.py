"""How a network is trained on a CSV file."""

from __future__ import annotations

import argparse
import json
import sys
import warnings
from pathlib import Path
from typing import Any, Final

from autograd_lite import Value
from autograd_lite.basics.command_line import UsageError
from autograd_lite.basics.escaping import in_message, in_terminal
from autograd_lite.basics.files import write_whole
from nn.commands.csv_file import Column, CsvFile, feature_columns, read_csv
from nn.commands.results import COLUMNS, leave_files, write_file
from nn.commands.running import prepare_output, report, train
from nn.datasets import encode_labels
from nn.inference import evaluate
from nn.layers import MLP, Layer
from nn.neurons import Neuron
from nn.optimizers import Adam
from nn.preparation import Standardizer, train_test_split
from nn.schedules import cosine

MOST_CLASSES: Final = 10  # so many different whole numbers are taken for classes


def train_table(options: argparse.Namespace) -> int:
    """Learn one column of a table from the others: cross-entropy for classes, mse for numbers; Adam with a cosine schedule.

    The network learns from features, and numbers, of mean 0 and deviation 1. At the end this scale goes into its weights, so
    that the model which is left takes and gives numbers as they are in the file.
    """
    file = read_csv(options.file)
    file.place(options.target)
    if options.target in options.ignore:
        raise UsageError(f"--ignore leaves out the target {options.target!r}: name other columns")
    file = file.without(options.ignore).complete(options.drop_missing, options.target)
    target = file.column(options.target)
    features = [column for name in file.names if name != options.target for column in feature_columns(file.column(name))]
    if not features:
        raise UsageError(f"{file.path} has no column besides the target {options.target!r}: there is nothing to learn from")
    inputs = [list(row) for row in zip(*(column.cells for column in features), strict=True)]
    classes = target_classes(file, target, options.task)
    targets, names = encode_labels(class_names(target)) if classes else (target.cells, [])
    split = split_of(inputs, targets, options, classes)
    output = prepare_output(options)
    model, history, status = trained(split, names, options)
    _, test_inputs, _, test_targets = split
    if classes:
        report(model, test_inputs, test_targets, names, "rows")
    else:
        with warnings.catch_warnings(record=True) as told:
            found = evaluate(model, test_inputs, test_targets, "mse", ["mae", "r2"])
        for warning in told:
            print(in_terminal(f"nn: {warning.message}"), file=sys.stderr)
        print(f"of {len(test_targets)} rows to test with: r2 {found['r2']:.4f}, mean error {found['mae']:.4g}")
    loss = "cross_entropy" if classes else "mse"
    plane = (inputs, targets) if classes and len(features) == 2 else None
    leave_files(output, model, history, test_inputs[0], test_targets[0], loss, plane)
    description = {"inputs": [column.name for column in features], "target": target.name, "classes": names}
    text = json.dumps(description, indent=2, ensure_ascii=False) + "\n"
    write_file("what its inputs and outputs are", Path(output / COLUMNS), lambda path: write_whole(path, text))
    return status


def target_classes(file: CsvFile, target: Column, task: str | None) -> bool:
    """Whether the target is classes, and not numbers."""
    kinds = {*target.cells}
    if target.is_words and task == "numbers":
        raise UsageError(f"{file.path}: column {target.name!r} is words, as {target.cells[0]!r}: leave out --task numbers")
    few_whole = len(kinds) <= MOST_CLASSES and not target.is_words and all(float(number).is_integer() for number in kinds)
    classes = task == "classes" or (task is None and (target.is_words or few_whole))
    if len(kinds) < 2:
        raise UsageError(f"{file.path}: column {target.name!r} is {target.cells[0]!r} in every row: there is nothing to learn")
    return classes


def class_names(target: Column) -> list[Any]:
    """What the classes are called: of whole numbers without a decimal point."""
    whole = not target.is_words and all(float(number).is_integer() for number in target.cells)
    return [int(number) for number in target.cells] if whole else target.cells


def split_of(inputs: list[list[float]], targets: list[Any], options: argparse.Namespace, classes: bool) -> list[Any]:
    """The samples to learn from and to test with, and their targets."""
    stratify = targets if classes else None
    try:
        return train_test_split(inputs, targets, test_size=options.test_size, seed=options.seed, stratify=stratify)
    except ValueError as error:
        raise UsageError(f"{in_message(options.file)}: {error}") from error


def trained(split: list[Any], names: list[Any], options: argparse.Namespace) -> tuple[MLP, Any, int]:
    """The network, which takes numbers as they are in the file; its history, and the exit status."""
    inputs, test_inputs, targets, _ = split
    classes = bool(names)
    scale = Standardizer(inputs)
    model = MLP(len(inputs[0]), [*options.hidden, len(names) or 1], init="he_uniform", seed=options.seed)
    what = f"classes {', '.join(map(str, names))}" if classes else "numbers"
    print(f"{model!r}\n{len(inputs):,} rows to learn from, {len(test_inputs):,} to test with")
    print(in_terminal(f"target {options.target!r}: {what}"))
    goal = None if classes else Standardizer([[y] for y in targets])
    history, status = train(
        options,
        model,
        scale(inputs),
        targets if goal is None else goal([[y] for y in targets]),
        loss="cross_entropy" if classes else "mse",
        optimizer=Adam(model.parameters(), options.lr),
        schedule=cosine(),
    )
    take_raw(model.layers[0], scale)
    if goal is not None:
        give_raw(model.layers[-1], goal)
    return model, history, status


def take_raw(layer: Layer, scale: Standardizer) -> None:
    """Make a layer that takes (x − mean) / scale one that takes x, with the same outputs."""
    for neuron in layer.neurons:
        for weight, mean, size in zip(neuron.w, scale.mean, scale.scale, strict=True):
            weight.data /= size
            bias_of(neuron).data -= weight.data * mean


def give_raw(layer: Layer, goal: Standardizer) -> None:
    """Make a layer of one neuron that gives (y − mean) / scale one that gives y."""
    (neuron,) = layer.neurons
    for parameter in (*neuron.w, bias_of(neuron)):
        parameter.data *= goal.scale[0]
    bias_of(neuron).data += goal.mean[0]


def bias_of(neuron: Neuron) -> Value:
    """The bias of a neuron that was made with one."""
    assert neuron.b is not None
    return neuron.b
