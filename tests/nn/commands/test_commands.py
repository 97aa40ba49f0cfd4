"""`python -m nn`: the files it leaves, and one line for whatever is wrong."""

import csv
import gzip
import json
import os
import re
import struct
import subprocess
import sys
from pathlib import Path

import pytest

import nn
from nn.backends.eager import EagerBackend
from nn.commands import main
from nn.commands.results import gradients_by_layer, neuron_graph

FILES = {"model.json", "history.csv", "neuron.svg", "loss.svg", "gradients.svg"}
IMAGES = 4 * [0, 255, 0, 255] + 4 * [255, 0, 255, 0]


def run(*arguments):
    return main([str(argument) for argument in arguments])


@pytest.fixture
def without_matplotlib(monkeypatch):
    """As if it were not installed; a run is then the sooner over, for tests that are not about its plots."""
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)


@pytest.fixture
def mnist(tmp_path):
    """A directory with eight images of 2x2 pixels, of two classes, in MNIST's files."""
    directory = tmp_path / "mnist"
    directory.mkdir()
    for prefix in ("train", "t10k"):
        for name, content in (
            (f"{prefix}-images-idx3-ubyte.gz", struct.pack(">4I", 0x803, 8, 2, 2) + bytes(IMAGES)),
            (f"{prefix}-labels-idx1-ubyte.gz", struct.pack(">2I", 0x801, 8) + bytes([0] * 4 + [1] * 4)),
        ):
            (directory / name).write_bytes(gzip.compress(content))
    return directory


def test_train_digits_leaves_a_model_and_says_where(tmp_path, capsys):
    output = tmp_path / "new" / "run"
    assert run("train", "digits", "--epochs", 1, "--hidden", 3, "--output", output) == 0
    printed = capsys.readouterr().out
    assert "Layer(64 → 3, relu)" in printed
    assert "1,442 images to learn from, 355 to test with" in printed
    assert "test accuracy " in printed
    assert f"model: {output / 'model.json'}" in printed
    model = nn.load(output / "model.json")
    inputs, labels = nn.datasets.digits("test")
    right = sum(nn.predict(model, x) == label for x, label in zip(inputs, labels, strict=True))
    assert f"{right} of 355 images are right" in printed
    rows = [line.split() for line in printed.splitlines() if line[:10].strip().isdigit()]
    table = [[0 if cell == "·" else int(cell) for cell in row[1:-1]] for row in rows]
    assert sum(map(sum, table)) == 355
    assert [sum(row) for row in table] == [labels.count(c) for c in range(10)]
    assert sum(table[c][c] for c in range(10)) == right
    with (output / "history.csv").open() as file:
        assert [row["epoch"] for row in csv.DictReader(file)] == ["1"]
    assert all(str(path) in printed for path in output.iterdir())
    assert {path.name for path in output.iterdir()} == FILES
    for name in ("neuron.svg", "loss.svg", "gradients.svg"):
        assert "<svg" in (output / name).read_text()


@pytest.mark.usefixtures("without_matplotlib")
def test_the_default_recipe_for_digits_reads_96_of_100(tmp_path, capsys):
    pytest.importorskip("numba", reason="eager it takes as long as many other tests together")
    assert run("train", "digits", "--output", tmp_path) == 0
    accuracy = float(re.search(r"test accuracy (.*)%", capsys.readouterr().out)[1])
    assert accuracy >= 96


@pytest.mark.usefixtures("without_matplotlib")
def test_without_matplotlib_the_loss_curve_is_left_as_numbers(tmp_path, capsys):
    assert run("train", "xor", "--epochs", 1, "--output", tmp_path) == 0
    captured = capsys.readouterr()
    assert captured.err.count("no plots: plots need matplotlib: pip install") == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["history.csv", "model.json", "neuron.svg"]
    assert all(str(path) in captured.out for path in tmp_path.iterdir())


def test_the_picture_is_of_the_neuron_that_answered_highest_and_its_gradients_are_the_networks():
    model = nn.MLP(3, [4, 5], activation="tanh", seed=0)
    x, y = [1.0, -1.0, 0.5], 2
    neuron = neuron_graph(model, x, y, "cross_entropy")
    outputs = model(x)
    best = nn.predict(model, x)
    assert (neuron.label, neuron.data) == (f"a{'₀₁₂₃₄'[best]}⁽²⁾", outputs[best].data)
    nn.cross_entropy(outputs, y).backward()
    assert neuron.grad == outputs[best].grad
    z = neuron.parents[0]
    assert [a.label for a in z.parents[4:8]] == ["a₀⁽¹⁾", "a₁⁽¹⁾", "a₂⁽¹⁾", "a₃⁽¹⁾"]
    assert all(not a.operands for a in z.parents)


def test_the_gradients_in_the_picture_are_those_of_the_sample():
    model = nn.MLP(3, [4, 5], activation="tanh", seed=0)
    x, y = [1.0, -1.0, 0.5], 2
    layers = gradients_by_layer(model, x, y, "cross_entropy")
    assert list(layers) == ["layer 1", "layer 2"]
    for terms, parameters in zip(nn.backprop(model, x, y, "cross_entropy")[1:], layers.values(), strict=True):
        expected = [number for row, b in zip(terms.dW, terms.db, strict=True) for number in [*row, b]]
        assert [parameter.grad for parameter in parameters] == pytest.approx(expected, rel=1e-12)


@pytest.mark.usefixtures("without_matplotlib")
def test_a_run_goes_on_from_its_checkpoint(tmp_path, capsys):
    whole, half = tmp_path / "whole", tmp_path / "half"
    checkpoint = half / "run.json"
    assert run("train", "xor", "--epochs", 3, "--output", whole) == 0
    assert run("train", "xor", "--epochs", 2, "--output", half, "--checkpoint", checkpoint) == 0
    assert run("train", "xor", "--epochs", 3, "--output", half, "--checkpoint", checkpoint) == 0
    for name in ("model.json", "history.csv"):
        assert (half / name).read_text() == (whole / name).read_text()
    capsys.readouterr()
    assert run("train", "xor", "--lr", 0.5, "--output", half, "--checkpoint", checkpoint) == 2
    shown = capsys.readouterr().err.rpartition("\r")[2]  # after what is left of the bar
    assert shown.startswith(f"nn: the checkpoint {checkpoint} does not fit: ")


@pytest.mark.parametrize("name", ["model.json", "history.csv", "neuron.svg", "loss.svg", "gradients.svg"])
def test_a_file_that_cannot_be_written_is_one_line_and_the_model_is_written_first(tmp_path, capsys, name):
    (tmp_path / name).mkdir()
    assert run("train", "digits", "--epochs", 1, "--hidden", 1, "--output", tmp_path) == 2
    error = capsys.readouterr().err.splitlines()[-1]
    assert error == f"nn: cannot write {tmp_path / name}: Is a directory"
    assert (tmp_path / "model.json").is_file() == (name != "model.json")


@pytest.mark.usefixtures("without_matplotlib")
def test_the_same_seed_leaves_the_same_model(tmp_path):
    for name, seed in (("a", 3), ("b", 3), ("c", 4)):
        run("train", "digits", "--epochs", 1, "--hidden", 2, "--seed", seed, "--output", tmp_path / name)
    contents = [(tmp_path / name / "model.json").read_text() for name in "abc"]
    assert contents[0] == contents[1] != contents[2]


def test_train_xor_prints_the_trained_network_neuron_by_neuron(tmp_path, capsys):
    assert run("train", "xor", "--epochs", 20, "--output", tmp_path) == 0
    printed = capsys.readouterr().out
    assert "accuracy 1.0000" in printed
    assert {path.name for path in tmp_path.iterdir()} == FILES | {"boundary.svg"}
    text = nn.to_text(nn.load(tmp_path / "model.json"))
    assert text in printed
    run("show", "--full", tmp_path / "model.json")
    assert capsys.readouterr().out == text + "\n"


@pytest.mark.usefixtures("without_matplotlib")
def test_train_mnist_from_a_directory(mnist, tmp_path, capsys):
    assert run("train", "mnist", "--data", mnist, "--hidden", 3, "--epochs", 150, "--lr", 0.5, "--output", tmp_path) == 0
    printed = capsys.readouterr().out
    assert "8 images to learn from, 8 to test with" in printed
    assert "test accuracy 100.00%" in printed
    assert run("train", "mnist", "--data", mnist, "--epochs", 1, "--limit", 5, "--output", tmp_path, "--overwrite") == 0
    assert "5 images to learn from, 5 to test with" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "the following arguments are required: COMMAND"),
        (["learn"], "invalid choice: 'learn'"),
        (["train"], "the following arguments are required: DATASET"),
        (["train", "cifar"], "invalid choice: 'cifar'"),
        (["train", "digits", "--hidden", "0"], "--hidden must be a whole number of at least 1, got '0'"),
        (["train", "digits", "--batch-size", "-3"], "--batch-size must be a whole number of at least 1, got '-3'"),
        (["train", "digits", "--lr", "fast"], "--lr must be a finite number above 0, got 'fast'"),
        (["train", "digits", "--lr", "nan"], "--lr must be a finite number above 0, got 'nan'"),
        (["train", "digits", "--output", "{tmp}/file/run"], "cannot write to the output directory"),
        (["train", "mnist"], "the following arguments are required: --data"),
        (["train", "mnist", "--data", "{tmp}/none", "--output", "{tmp}"], "no directory"),
        (["train", "mnist", "--data", "{tmp}", "--output", "{tmp}"], "has neither train-images-idx3-ubyte.gz nor"),
        (["show", "{tmp}/none.json"], "no file"),
        (["show", "{tmp}/file"], "is no autograd_lite model file"),
        (["show", "{tmp}"], "Is a directory"),
    ],
)
def test_bad_input_is_one_line_and_status_2(arguments, message, tmp_path, capsys):
    (tmp_path / "file").write_text("no model")
    status = run(*(argument.format(tmp=tmp_path) for argument in arguments))
    captured = capsys.readouterr()
    assert status == 2
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    assert captured.err.startswith("nn: ")
    assert message in captured.err


@pytest.mark.usefixtures("without_matplotlib")
def test_a_training_that_diverges_is_one_line_and_status_1(tmp_path, capsys):
    status = run("train", "digits", "--epochs", 1, "--hidden", 8, "--lr", 1e308, "--output", tmp_path)
    captured = capsys.readouterr()
    assert status == 1
    assert "nn: " in captured.err
    assert "the model has the last good weights" in captured.err
    assert "Traceback" not in captured.err
    assert all(abs(number) < 1e6 for number in json.loads((tmp_path / "model.json").read_text())["parameters"].values())


def test_ctrl_c_leaves_the_model_so_far(tmp_path, capsys, monkeypatch):
    steps = []
    step = nn.Adam.step

    def interrupted(self):
        steps.append(self)
        if len(steps) == 3:
            raise KeyboardInterrupt
        step(self)

    monkeypatch.setattr(nn.Adam, "step", interrupted)
    monkeypatch.setattr("nn.training.fitting.make_backend", lambda name, training: EagerBackend(training))
    assert run("train", "digits", "--hidden", 2, "--output", tmp_path) == 0
    assert "interrupted in epoch 1: the weights are those after 2 of the 46 batches" in capsys.readouterr().err
    assert (tmp_path / "model.json").exists()
    assert {path.name for path in tmp_path.iterdir()} == FILES - {"loss.svg"}


def test_ctrl_c_at_another_time_is_one_line(tmp_path, capsys, monkeypatch):
    def interrupted(split):
        raise KeyboardInterrupt

    monkeypatch.setattr(nn.datasets, "digits", interrupted)
    assert run("train", "digits", "--output", tmp_path) == 130
    assert capsys.readouterr().err == "nn: interrupted\n"


def test_mnist_sets_that_do_not_go_together(mnist, tmp_path, capsys):
    content = struct.pack(">4I", 0x803, 8, 1, 2) + bytes(16)
    (mnist / "t10k-images-idx3-ubyte.gz").write_bytes(gzip.compress(content))
    assert run("train", "mnist", "--data", mnist, "--output", tmp_path) == 2
    assert capsys.readouterr().err == "nn: the images to learn from have 4 pixels, those to test with 2\n"


def test_a_reader_who_has_seen_enough_is_no_error(tmp_path):
    nn.save(nn.MLP(200, [50]), tmp_path / "model.json")  # more than a pipe holds
    environment = os.environ | {"PYTHONPATH": str(Path(nn.__file__).parents[1])}
    command = [sys.executable, "-m", "nn", "show", "--full", tmp_path / "model.json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment) as shown:
        assert shown.stdout.readline() == "layer 1: 200 inputs, 50 neurons, identity\n"
        shown.stdout.close()
        assert shown.stderr.read() == ""
    assert shown.returncode == 0


def test_the_module_can_be_run(tmp_path):
    environment = os.environ | {"PYTHONPATH": str(Path(nn.__file__).parents[1])}
    result = subprocess.run(
        [sys.executable, "-m", "nn", "show", "none"], capture_output=True, text=True, env=environment, cwd=tmp_path
    )
    assert (result.returncode, result.stdout, result.stderr) == (2, "", "nn: no file none\n")
    result = subprocess.run(
        [sys.executable, "-m", "nn", "--help"], capture_output=True, text=True, env=environment, cwd=tmp_path
    )
    assert result.returncode == 0
    assert "train" in result.stdout


def test_explain_prints_the_story_of_a_weight(capsys):
    assert main(["explain", "--sizes", "5", "7", "6", "4", "--weight", "2", "2", "2"]) == 0
    shown = capsys.readouterr().out
    for title in ("1. Forward", "2. The loss", "3. The derivative by w₂₂⁽²⁾", "4. The step", "5. The loss again"):
        assert f"\n{title}\n" in shown
    assert "they agree" in shown


def test_an_output_that_cannot_show_the_formulas_is_told_how_to():
    done = subprocess.run(
        [sys.executable, "-m", "nn", "explain", "--short"],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
    )
    assert done.returncode == 2
    assert done.stderr == "nn: the encoding of the output, ascii, has no '\\u2500': set PYTHONIOENCODING=utf-8\n"


def test_explain_in_symbols_has_no_numbers_of_the_sample(capsys):
    assert main(["explain", "--sizes", "5", "7", "6", "4", "--weight", "2", "2", "2", "--symbols", "--letters"]) == 0
    _, _, story = capsys.readouterr().out.partition("1. Forward")
    assert "∂C₀/∂w₂₂⁽ᴸ⁻¹⁾ = " in story
    assert not re.search(r"\d\.\d", story)


def test_explain_takes_a_sample_of_ones_own(capsys):
    given = ["explain", "--sizes", "2", "2", "--weight", "1", "0", "1", "--x", "0.5", "-1", "--y", "1", "0"]
    assert main([*given, "--short", "--letters", "--bias"]) == 0
    shown = capsys.readouterr().out
    assert "x = [0.5, -1.0], y = [1.0, 0.0]" in shown
    assert "∂C₀/∂w₀₁⁽ᴸ⁾ = 2(a₀⁽ᴸ⁾ − y₀)" not in shown.partition("3. The")[0]
    assert "= 2(a₀⁽ᴸ⁾ − y₀) · g′(z₀⁽ᴸ⁾) · a₁⁽ᴸ⁻¹⁾" in shown


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (["--sizes", "2", "3", "--weight", "1", "1", "9"], "k of weight=(1, 1, 9) must be a node of layer 0, 0 to 1, got 9"),
        (["--sizes", "2"], "nouts of MLP must be the sizes of its layers, a list with at least one number"),
        (["--sizes", "2", "2", "--weight", "1", "0", "0", "--x", "1"], "MLP expects 2 inputs, got 1"),
        (["--limit", "1"], "limit must be a whole number of at least 3, got 1"),
        (["--loss", "none"], "loss must be 'sum_squared_error'"),
    ],
)
def test_what_explain_cannot_explain_is_told_in_one_line(capsys, given, message):
    assert main(["explain", *given]) == 2
    told = capsys.readouterr().err
    assert message in told
    assert told.count("\n") == 1


@pytest.mark.usefixtures("without_matplotlib")
@pytest.mark.parametrize("dataset", ["moons", "circles", "spirals"])
def test_the_default_recipes_tell_97_of_100_apart(dataset, tmp_path, capsys):
    pytest.importorskip("numba", reason="eager it takes long")
    assert run("train", dataset, "--output", tmp_path) == 0
    printed = capsys.readouterr().out
    assert "200 samples to learn from, 200 to test with" in printed
    assert float(re.search(r"test accuracy (.*)%", printed)[1]) >= 97


@pytest.mark.usefixtures("without_matplotlib")
def test_spirals_may_have_more_arms_and_no_noise(tmp_path, capsys):
    options = ["--classes", 3, "--noise", 0, "--samples", 30, "--epochs", 1, "--hidden", 4]
    assert run("train", "spirals", *options, "--output", tmp_path) == 0
    assert "Layer(4 → 3, identity)" in capsys.readouterr().out


@pytest.mark.usefixtures("without_matplotlib")
def test_the_files_of_another_run_are_not_overwritten_without_a_word(tmp_path, capsys):
    assert run("train", "xor", "--epochs", 1, "--output", tmp_path) == 0
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert run("train", "moons", "--output", tmp_path) == 2
    told = capsys.readouterr().err.splitlines()[-1]
    assert (
        told == f"nn: {tmp_path} holds model.json, of another run: choose another directory with --output, or say --overwrite"
    )
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before
    assert run("train", "xor", "--epochs", 2, "--output", tmp_path, "--overwrite") == 0
    assert (tmp_path / "model.json").read_bytes() != before["model.json"]
