"""Checkpoints: a run that is resumed ends with the same bits."""

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import nn
from autograd_lite import Value
from nn import SGD, Adam, cosine, datasets
from nn.files.json_file import read_json
from nn.training.checkpoint import CHECKPOINT_FORMAT

INPUTS, LABELS = datasets.moons(40, noise=0.1, seed=5)


def test_a_resumed_run_ends_with_the_same_bits(tmp_path, train, make_model, interrupt):
    path = tmp_path / "run.json"
    whole, stopped, resumed = (make_model(dropout=True) for _ in range(3))
    settings = {"epochs": 6, "validation": (INPUTS[:9], LABELS[:9]), "schedule": cosine(), "seed": None}
    first = train(stopped, checkpoint=path, callbacks=[interrupt(3)], **settings)
    assert first.epochs == 3
    saved = json.loads(path.read_text())
    assert len(saved["history"]["columns"]["loss"]) == 2  # the interrupt came before the third was written
    second = train(resumed, checkpoint=path, **settings)
    unbroken = train(whole, **settings | {"seed": second.seed})
    assert resumed.state_dict() == whole.state_dict()
    assert second == unbroken
    assert second.seed == first.seed
    again = make_model(dropout=True)
    assert train(again, checkpoint=path, **settings) == unbroken  # all epochs are done: nothing more to do
    assert again.state_dict() == whole.state_dict()


@pytest.mark.parametrize("backend", ["eager", "auto"])
def test_a_parameter_of_the_loss_is_kept_like_those_of_the_model(tmp_path, backend, train, make_model):
    path = tmp_path / "run.json"

    def run(epochs, lr=0.02, **settings):
        model, scale, snapshots = make_model(), Value(1.0), []

        def scaled(output, target):
            return (scale * output[0] - target) ** 2 + (scale - output[1]) ** 2

        history = train(
            model,
            loss=scaled,
            optimizer=Adam([*model.parameters(), scale], lr=lr),
            epochs=epochs,
            backend=backend,
            callbacks=[lambda *_: snapshots.append((model.state_dict(), scale.data))],
            **settings,
        )
        return (model.state_dict(), scale.data), history, snapshots

    run(2, checkpoint=path)
    assert run(4, checkpoint=path)[0] == run(4)[0]
    with pytest.raises(ValueError, match="of a run with parameters 33 "):
        train(make_model(), checkpoint=path, epochs=4, backend=backend)
    last, history, snapshots = run(60, lr=1.0, patience=2)  # far too fast, so that it gets worse
    assert history.stopped
    assert last == snapshots[history["loss"].index(min(history["loss"]))] != snapshots[-1]


SCRIPT = """
import sys
from nn import Adam, Dropout, Layer, Sequential, datasets, fit
inputs, labels = datasets.moons(40, noise=0.1, seed=5)
model = Sequential(Layer(2, 6, "tanh", seed=2), Dropout(0.2, seed=0), Layer(6, 2, "identity", seed=3))
def told(epoch, model, history):
    print(epoch, flush=True)
    if epoch == 2:
        sys.stdin.read()  # of a pipe that nobody closes: it waits to be killed
settings = {"epochs": int(sys.argv[2]), "batch_size": 3, "seed": 1, "progress": False, "checkpoint": sys.argv[1]}
optimizer = Adam(model.parameters(), lr=0.02)
fit(model, inputs, labels, loss="cross_entropy", optimizer=optimizer, callbacks=[told], backend="eager", **settings)
print(model.state_dict())
"""


EPOCHS = 4  # of which the killed run has two


def command(path, epochs):
    return [sys.executable, "-c", SCRIPT, str(path), str(epochs)]


ENVIRONMENT = os.environ | {"PYTHONPATH": str(Path(nn.__file__).parents[1])}


def printed(path, epochs):
    done = subprocess.run(
        command(path, epochs), check=True, stdin=subprocess.DEVNULL, capture_output=True, text=True, env=ENVIRONMENT
    )
    return done.stdout.splitlines()


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """What a whole run prints last, and its checkpoint."""
    path = tmp_path_factory.mktemp("whole") / "whole.json"
    return printed(path, EPOCHS)[-1], path.read_text()


def test_a_killed_run_resumes_to_the_same_bits(tmp_path, whole):
    path = tmp_path / "killed.json"
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command(path, EPOCHS), **pipes, text=True, env=ENVIRONMENT) as killed:
        for _ in range(2):
            killed.stdout.readline()  # of the first epoch there is a checkpoint; of any other moment tells test_killed_runs
        killed.send_signal(signal.SIGKILL)
    assert killed.returncode == -signal.SIGKILL
    assert (printed(path, EPOCHS)[-1], path.read_text()) == whole


def test_an_early_stop_is_not_taken_up_again(tmp_path, train, make_model):
    path = tmp_path / "run.json"
    model = make_model()
    settings = {"epochs": 60, "validation": (INPUTS, LABELS), "patience": 2, "checkpoint": path}
    history = train(model, optimizer=SGD(model.parameters(), lr=6.0), **settings)
    again = make_model()
    assert train(again, optimizer=SGD(again.parameters(), lr=6.0), **settings).stopped == history.stopped != ""
    assert again.state_dict() == model.state_dict()


FULL_DISK = """
import resource, signal, sys
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[3]), -1))
"""


@pytest.mark.parametrize("backend", ["eager", "auto"])
def test_a_run_that_gets_more_epochs_stops_where_it_would_have_stopped(tmp_path, backend, train, make_model):
    def run(epochs, path=None):
        model = make_model()
        optimizer = SGD(model.parameters(), lr=6.0)  # far too fast, so that it gets worse
        history = train(model, optimizer=optimizer, epochs=epochs, patience=2, checkpoint=path, backend=backend)
        return model.state_dict(), history, history.stopped

    unbroken = run(60)
    assert unbroken[2]
    for epochs in (unbroken[1].epochs - 1, unbroken[1].epochs):
        path = tmp_path / f"{epochs}.json"
        run(epochs, path)
        assert run(60, path) == unbroken


def test_a_full_disk_leaves_the_previous_checkpoint_whole(tmp_path):
    pytest.importorskip("resource", reason="the limit of a file's size stands for the size of the disk")
    path = tmp_path / "run.json"

    def run(script, *arguments):
        command = [sys.executable, "-c", script, path, *map(str, arguments)]
        return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, env=ENVIRONMENT)

    assert run(SCRIPT, 2).returncode == 0
    room = path.stat().st_size + 100  # for the history of two epochs more
    full = run(FULL_DISK + SCRIPT, 50, room)
    assert re.search(r"File too large: '.*run.json'", full.stderr)
    told = [int(epoch) for epoch in full.stdout.split()]
    written = len(read_json(path, CHECKPOINT_FORMAT)["history"]["columns"]["loss"])
    assert 2 < written == told[-1] - 1  # the last one found no room
    assert os.listdir(tmp_path) == ["run.json"]


def test_what_a_killed_write_leaves_is_taken_by_the_next(tmp_path, train, make_model):
    (tmp_path / ".run.json.0123456789abcdef.part").write_text("half a checkp")
    (tmp_path / ".run.json.lock").write_text("process 1")
    (tmp_path / ".another_run.json.0123456789abcdef.part").write_text("half a checkp")
    train(make_model(), epochs=1, checkpoint=tmp_path / "run.json")
    assert sorted(os.listdir(tmp_path)) == [".another_run.json.0123456789abcdef.part", "run.json"]


def test_a_second_run_on_a_checkpoint_is_told_who_has_it(tmp_path, train, make_model):
    path = tmp_path / "run.json"
    (tmp_path / "link.json").symlink_to(path)

    def second(epoch, model, history):
        for name in ("run.json", "link.json"):
            with pytest.raises(BlockingIOError, match=rf"{name} is being written by process {os.getpid()} .* on .* since 20"):
                train(make_model(), checkpoint=tmp_path / name)

    assert train(make_model(), checkpoint=path, callbacks=[second]).epochs == 3
    assert train(make_model(), checkpoint=path).epochs == 3
    assert sorted(os.listdir(tmp_path)) == ["link.json", "run.json"]


def test_numpys_numbers_are_settings(tmp_path, train, make_model):
    path = tmp_path / "run.json"
    plain, numpys = make_model(), make_model()
    train(plain, optimizer=Adam(plain.parameters(), lr=0.5), epochs=2)
    for epochs in (1, 2):  # the second is resumed
        numpys = make_model()
        optimizer = Adam(numpys.parameters(), lr=np.float32(0.5))
        numbers = {"epochs": np.int64(epochs), "batch_size": np.int16(7), "seed": np.int64(11), "clip_norm": np.float32(1e9)}
        train(numpys, optimizer=optimizer, checkpoint=path, metrics=[one], **numbers)
    assert json.loads(path.read_text())["history"]["columns"]["one"] == [1.0, 1.0]
    assert list(numpys.state_dict().values()) == pytest.approx(list(plain.state_dict().values()), rel=1e-6)


def one(output, target):
    return np.float32(1.0)


def test_a_run_killed_in_its_first_epoch_begins_again_as_it_began(tmp_path, train, make_model, interrupt):
    path = tmp_path / "run.json"
    whole, first, second = make_model(seed=2), make_model(seed=2), make_model(seed=9)
    train(whole)
    train(first, epochs=1, checkpoint=path, callbacks=[interrupt(1)])
    train(second, checkpoint=path)
    assert second.state_dict() == whole.state_dict()
