"""The documents' row D22: the worked program, its data, its activation, and a network that is printed and read back."""

import gzip
import os
import struct
from pathlib import Path

import pytest

import nn
from nn import MLP, SGD, datasets, fit, predict


def constant(number):
    return lambda nin, nout, random: number


@pytest.mark.parametrize("seed", [0])
def test_d22_xor_as_in_the_worked_program(seed):
    model = MLP(2, [4, 4, 1], activation="sigmoid", output_activation="sigmoid", init="glorot_uniform", seed=seed)
    assert all(neuron.b.data == 0 for layer in model.layers for neuron in layer.neurons)
    inputs, bits = datasets.xor(1000, seed=seed)
    history = fit(
        model,
        inputs,
        [[float(bit)] for bit in bits],
        loss="half_squared_error",
        optimizer=SGD(model.parameters(), lr=0.3),
        epochs=30,
        batch_size=1,
        seed=seed,
        metrics=["accuracy"],
        progress=False,
    )
    assert history["accuracy"][-1] == 1.0
    assert history["loss"][-1] < 0.02
    assert [predict(model, case) for case in datasets.xor()[0]] == [0, 1, 1, 0]


def test_d22_relu_of_the_worked_program_has_slope_0_01_below_zero():
    neuron = nn.Neuron(1, activation="leaky_relu", init=constant(1.0))
    assert (neuron([-2.0]).data, neuron([2.0]).data) == (-0.02, 2.0)


def test_d22_a_trained_network_is_printed_and_read_back(network):
    text = nn.to_text(network)
    assert text.splitlines()[0] == "layer 1: 3 inputs, 5 neurons, sigmoid, no bias"
    assert nn.from_text(text).state_dict() == network.state_dict()


@pytest.mark.skipif("MNIST_DIR" not in os.environ, reason="MNIST_DIR names no directory with MNIST's files")
def test_d22_mnist_from_its_files():
    inputs, labels = datasets.idx(os.environ["MNIST_DIR"], "train", limit=300)
    model = MLP(784, [16, 10], activation="sigmoid", output_activation="sigmoid", seed=0)
    history = fit(
        model,
        inputs,
        datasets.one_hot(labels, 10),
        loss="half_squared_error",
        optimizer=SGD(model.parameters(), lr=0.5),
        epochs=5,
        batch_size=1,
        metrics=["accuracy"],
        seed=0,
        progress=False,
    )
    assert history["accuracy"][-1] > 0.6


# IDX files, of which MNIST's are made


def write_idx(directory: Path, name: str, shape: tuple[int, ...], data: bytes, *, packed: bool = True, magic: int = 0) -> None:
    content = struct.pack(f">{1 + len(shape)}I", magic or 0x800 + len(shape), *shape) + data
    path = directory / (f"{name}.gz" if packed else name)
    path.write_bytes(gzip.compress(content) if packed else content)


@pytest.mark.parametrize("packed", [True, False])
def test_d22_idx_files_gzipped_or_not(tmp_path, packed):
    write_idx(tmp_path, "t10k-images-idx3-ubyte", (2, 1, 3), bytes([0, 51, 255, 1, 2, 3]), packed=packed)
    write_idx(tmp_path, "t10k-labels-idx1-ubyte", (2,), bytes([7, 0]), packed=packed)
    assert datasets.idx(tmp_path, "test") == ([[0.0, 0.2, 1.0], [1 / 255, 2 / 255, 3 / 255]], [7, 0])
    assert datasets.idx(tmp_path, "test", limit=1) == ([[0.0, 0.2, 1.0]], [7])
