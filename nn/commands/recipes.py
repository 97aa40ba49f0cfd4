"""How a network is trained on each of the data sets."""

from __future__ import annotations

import argparse

from autograd_lite.basics.command_line import UsageError
from nn import datasets
from nn.commands.results import leave_files
from nn.commands.running import prepare_output, report, train
from nn.files.text import to_text
from nn.inference import evaluate
from nn.layers import MLP
from nn.optimizers import Adam
from nn.schedules import cosine


def train_plane(options: argparse.Namespace) -> int:
    """Tell moons, circles or spirals apart: softmax and cross-entropy, Adam with a cosine schedule."""
    output = prepare_output(options)
    settings = {"classes": options.classes} if options.dataset == "spirals" else {}
    make = getattr(datasets, options.dataset)
    inputs, targets = make(options.samples, options.noise, seed=options.seed, **settings)
    test_inputs, test_targets = make(options.samples, options.noise, seed=options.seed + 1, **settings)
    model = MLP(2, [*options.hidden, options.classes], activation="tanh", seed=options.seed)
    print(f"{model!r}\n{len(inputs):,} samples to learn from, {len(test_inputs):,} to test with")
    history, status = train(
        options, model, inputs, targets, loss="cross_entropy", optimizer=Adam(model.parameters(), options.lr), schedule=cosine()
    )
    report(model, test_inputs, test_targets, range(options.classes))
    leave_files(output, model, history, inputs[0], targets[0], "cross_entropy", plane=(inputs, targets))
    return status


def train_digits(options: argparse.Namespace) -> int:
    """Read handwritten digits: softmax and cross-entropy, Adam with a cosine schedule."""
    output = prepare_output(options)
    inputs, targets = datasets.digits("train")
    test_inputs, test_targets = datasets.digits("test")
    model = MLP(64, [*options.hidden, 10], activation="relu", init="he_uniform", seed=options.seed)
    print(f"{model!r}\n{len(inputs):,} images to learn from, {len(test_inputs):,} to test with")
    history, status = train(
        options, model, inputs, targets, loss="cross_entropy", optimizer=Adam(model.parameters(), options.lr), schedule=cosine()
    )
    report(model, test_inputs, test_targets, range(10), "images")
    leave_files(output, model, history, test_inputs[0], test_targets[0], "cross_entropy")
    return status


def train_xor(options: argparse.Namespace) -> int:
    """The documents' worked program (D22): one sample a step, half squared error, Glorot-uniform weights, zero biases."""
    output = prepare_output(options)
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
    output = prepare_output(options)
    try:
        inputs, labels = datasets.idx(options.data, "train", options.limit)
        test_inputs, test_labels = datasets.idx(options.data, "test", options.limit)
    except (OSError, ValueError) as error:
        raise UsageError(str(error)) from error
    if len(inputs[0]) != len(test_inputs[0]):
        raise UsageError(f"the images to learn from have {len(inputs[0])} pixels, those to test with {len(test_inputs[0])}")
    classes = max(9, *labels, *test_labels) + 1
    targets = datasets.one_hot(labels, classes)
    model = MLP(
        len(inputs[0]), [*options.hidden, classes], activation="sigmoid", output_activation="sigmoid", seed=options.seed
    )
    print(f"{model!r}\n{len(inputs):,} images to learn from, {len(test_inputs):,} to test with")
    history, status = train(options, model, inputs, targets, loss="half_squared_error", metrics=["accuracy"])
    report(model, test_inputs, test_labels, range(classes), "images")
    leave_files(output, model, history, inputs[0], targets[0], "half_squared_error")
    return status
