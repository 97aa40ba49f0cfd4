"""`fit`: the same bits for the same seed, whole or resumed; how it ends early; what it refuses before any work is done."""

import json
import math
import os
import re
import signal
import subprocess
import sys
from fractions import Fraction
from functools import partial
from pathlib import Path
from random import Random

import numpy as np
import pytest

import nn
from autograd_lite import Value, log
from nn import MLP, SGD, Adam, DivergedError, Dropout, Layer, Module, Sequential, cosine, datasets, evaluate, fit, step_decay
from nn.files.json_file import read_json, write_json
from nn.training.checkpoint import CHECKPOINT_FORMAT

INPUTS, LABELS = datasets.moons(40, noise=0.1, seed=5)


def make_model(dropout=False, seed=2, activation="tanh"):
    hidden = [Dropout(0.2)] if dropout else []
    return Sequential(Layer(2, 6, activation, seed=seed), *hidden, Layer(6, 2, "identity", seed=seed + 1))


def train(model, **settings):
    options = {"loss": "cross_entropy", "epochs": 3, "batch_size": 7, "seed": 11, "progress": False}
    if any(isinstance(module, Dropout) for module in model.modules()):
        options["backend"] = "eager"  # which no other can
    settings = options | settings
    settings.setdefault("optimizer", Adam(model.parameters(), lr=0.02))
    return fit(model, settings.pop("inputs", INPUTS), settings.pop("targets", LABELS), **settings)


def test_the_same_seed_gives_the_same_bits():
    first, second, other = make_model(dropout=True), make_model(dropout=True), make_model(dropout=True)
    histories = [train(first), train(second), train(other, seed=12)]
    assert first.state_dict() == second.state_dict() != other.state_dict()
    assert histories[0] == histories[1]


def test_a_run_without_a_seed_can_be_repeated_by_the_one_in_its_history():
    first, second = make_model(), make_model()
    history = train(first, seed=None)
    train(second, seed=history.seed)
    assert first.state_dict() == second.state_dict()


def test_an_epoch_meets_every_sample_once_in_batches():
    met, steps = [], []

    class Counting(SGD):
        def step(self):
            steps.append(len(met))
            super().step()

    def loss(output, target):
        met.append(target)
        return (output - target) ** 2

    model = MLP(2, [1], seed=0)
    targets = [float(i) for i in range(10)]
    fit(
        model,
        INPUTS[:10],
        targets,
        loss=loss,
        optimizer=Counting(model.parameters(), lr=0.0),
        backend="eager",
        epochs=2,
        batch_size=4,
        progress=False,
    )
    first, second, third = met[:10], met[10:20], met[20:]
    assert first == targets  # tried on each target before any work is done
    assert sorted(second) == sorted(third) == targets
    assert second != third != targets
    assert steps == [14, 18, 20, 24, 28, 30]


def test_without_shuffling_the_order_is_that_of_the_data():
    met = []
    model = MLP(2, [1], seed=0)
    fit(
        model,
        INPUTS[:5],
        [0.0, 1.0, 2.0, 3.0, 4.0],
        loss=lambda a, y: (met.append(y), (a - y) ** 2)[1],
        shuffle=False,
        epochs=1,
        backend="eager",
        progress=False,
    )
    assert met[5:] == [0.0, 1.0, 2.0, 3.0, 4.0]


def test_it_learns_and_the_history_is_what_evaluate_measures():
    model = make_model()
    history = train(model, epochs=40, validation=(INPUTS, LABELS))
    assert list(history) == ["loss", "accuracy", "val_loss", "val_accuracy"]
    assert history.epochs == len(history["loss"]) == 40
    assert history["loss"][-1] < history["loss"][0] / 2
    measured = evaluate(model, INPUTS, LABELS, "cross_entropy")
    assert history["val_loss"][-1] == pytest.approx(measured["loss"], rel=1e-12)
    assert history["val_accuracy"][-1] == measured["accuracy"]
    assert history.stopped == ""


def test_arrays_are_taken_like_lists():
    first, second = make_model(), make_model()
    train(first)
    train(second, inputs=np.array(INPUTS), targets=np.array(LABELS))
    assert first.state_dict() == second.state_dict()
    rows = [np.array(row) for row in INPUTS]
    third = make_model()
    train(third, inputs=rows, targets=iter(LABELS))
    assert third.state_dict() == first.state_dict()


def test_any_module_can_be_trained():
    class Line(Module):
        def __init__(self):
            self.slope, self.offset = Value(0.0), Value(0.0)

        def forward(self, x):
            return self.slope * x + self.offset

    line = Line()
    xs = [0.0, 1.0, 2.0, 3.0]
    fit(line, xs, [1 + 2 * x for x in xs], epochs=300, batch_size=4, progress=False)
    assert (line.slope.data, line.offset.data) == pytest.approx((2.0, 1.0), abs=1e-3)


def test_a_schedule_sets_the_learning_rate_of_each_step_and_gives_it_back():
    rates = []

    class Recording(SGD):
        def step(self):
            rates.append(self.lr)
            super().step()

    model = MLP(2, [2], seed=0)
    optimizer = Recording(model.parameters(), lr=0.5)
    train(model, optimizer=optimizer, epochs=2, batch_size=20, schedule=cosine(), backend="eager")
    assert rates == pytest.approx([0.5 * (1 + math.cos(math.pi * t / 4)) / 2 for t in range(4)])
    assert optimizer.lr == 0.5


@pytest.mark.parametrize("backend", ["eager", "python"])
def test_a_learning_rate_set_by_a_callback_is_not_ignored_in_silence(backend):
    model = MLP(2, [2], seed=0)
    optimizer = SGD(model.parameters(), lr=0.5)

    def slow_down(epoch, model, history):
        optimizer.lr = 0.1

    with pytest.raises(ValueError, match=r"a callback set the learning rate to 0\.1, but fit keeps to 0\.5.*pass schedule="):
        train(model, optimizer=optimizer, epochs=2, callbacks=[slow_down], backend=backend)
    assert optimizer.lr == 0.5


def test_a_clipped_step_is_no_longer_than_asked():
    model = MLP(2, [2], seed=0)
    before = model.state_dict()
    train(model, optimizer=SGD(model.parameters(), lr=1.0), epochs=1, batch_size=40, clip_norm=0.01)
    moved = math.dist(before.values(), model.state_dict().values())
    assert moved == pytest.approx(0.01, rel=1e-3)


def test_dropout_is_off_in_validation_and_the_mode_is_given_back():
    modes = []
    model = make_model(dropout=True).eval()

    def watch(output, target):
        modes.append(model.training)
        return 0.0

    train(model, epochs=1, validation=(INPUTS[:3], LABELS[:3]), metrics=[watch])
    assert modes == [True] * len(INPUTS) + [False] * 3
    assert not model.training


@pytest.mark.parametrize("backend", ["eager", "auto"])
def test_a_part_with_a_mode_of_its_own_keeps_it(backend):
    model = Sequential(Layer(2, 3, "tanh"), Dropout(0.0), Layer(3, 2, "identity"), Dropout(0.0))
    model.layers[1].eval()
    modes = [part.training for part in model.modules()]
    evaluate(model, INPUTS, LABELS, "cross_entropy")
    assert [part.training for part in model.modules()] == modes
    train(model, epochs=1, validation=(INPUTS[:3], LABELS[:3]), backend=backend)
    assert [part.training for part in model.modules()] == modes


def test_the_warning_that_a_training_is_slow_is_of_the_line_that_calls_fit():
    model = make_model(dropout=True)
    with pytest.warns(UserWarning, match="runs eagerly, many times as slow: Dropout draws new numbers") as warned:
        fit(model, INPUTS, LABELS, loss="cross_entropy", epochs=1, progress=False)
    assert [warning.filename for warning in warned] == [__file__]
    fit(Sequential(Dropout(0.0), Layer(2, 2)), INPUTS, LABELS, loss="cross_entropy", epochs=1, progress=False)  # drops nothing


def test_callbacks_are_called_after_each_epoch_and_can_end_the_run():
    seen = []

    def stop_after_two(epoch, model, history):
        seen.append((epoch, history.epochs))
        return epoch == 2

    history = train(make_model(), epochs=9, callbacks=[stop_after_two, lambda *_: None])
    assert seen == [(1, 1), (2, 2)]
    assert history.stopped == "a callback ended the run after epoch 2"


def test_early_stopping_takes_back_the_best_weights():
    snapshots = []
    model = make_model()
    history = train(
        model,
        epochs=60,
        optimizer=SGD(model.parameters(), lr=6.0),  # far too fast, so that it gets worse
        validation=(INPUTS, LABELS),
        patience=3,
        callbacks=[lambda epoch, model, history: snapshots.append(model.state_dict())],
    )
    best = min(range(history.epochs), key=history["val_loss"].__getitem__)
    assert history.epochs == best + 1 + 3
    assert model.state_dict() == snapshots[best]
    assert history.stopped.startswith(f"no better val_loss for 3 epochs: the weights are those of epoch {best + 1}, ")


def test_no_worse_is_not_better():
    model = make_model()
    history = train(model, epochs=9, optimizer=SGD(model.parameters(), lr=0.0), validation=(INPUTS, LABELS), patience=2)
    assert history.epochs == 3
    assert "the weights are those of epoch 1, the best so far" in history.stopped


def interrupt(epoch_to_stop):
    def callback(epoch, model, history):
        if epoch == epoch_to_stop:
            raise KeyboardInterrupt

    return callback


def test_ctrl_c_keeps_the_best_weights_and_says_so(capsys):
    snapshots = {}
    model = make_model()
    history = train(
        model,
        epochs=9,
        optimizer=SGD(model.parameters(), lr=6.0),
        callbacks=[lambda epoch, model, history: snapshots.update({epoch: model.state_dict()}), interrupt(4)],
    )
    best = 1 + min(range(4), key=history["loss"].__getitem__)
    assert history.epochs == 4
    assert model.state_dict() == snapshots[best]
    assert history.stopped in capsys.readouterr().err
    assert history.stopped.startswith(f"interrupted in epoch 5: the weights are those of epoch {best}, the best so far")
    assert "interrupted" in repr(history)


def test_ctrl_c_in_the_first_epoch_keeps_the_whole_batches(capsys):
    whole, model = make_model(), make_model()
    train(whole, epochs=1, callbacks=[])
    calls = []

    def loss(output, target):
        calls.append(target)
        if len(calls) > len({*LABELS}) + 2 * 7 + 3:
            raise KeyboardInterrupt
        return nn.cross_entropy(output, target)

    history = train(model, loss=loss, backend="eager")
    assert history.stopped == "interrupted in epoch 1: the weights are those after 2 of the 6 batches of epoch 1"
    assert history.epochs == 0
    reference = make_model()
    order = list(range(len(INPUTS)))
    Random("11 0").shuffle(order)
    optimizer = Adam(reference.parameters(), lr=0.02)
    for batch in (order[:7], order[7:14]):
        optimizer.zero_grad()
        for i in batch:
            (nn.cross_entropy(reference(INPUTS[i]), LABELS[i]) * (1 / 7)).backward()
        optimizer.step()
    assert model.state_dict() == reference.state_dict()


def test_a_loss_that_becomes_nan_keeps_the_last_good_weights():
    model = MLP(1, [1], init=lambda *_: 1.0)
    seen = []

    def loss(output, target):
        seen.append(model.state_dict())
        return (output * output) * (math.nan if len(seen) == 1 + 4 else 1.0)

    settings = {"loss": loss, "batch_size": 1, "shuffle": False, "epochs": 5, "backend": "eager", "progress": False}
    with pytest.raises(
        DivergedError, match=r"the loss of sample 1 is nan, at step 4 \(epoch 2, batch 2 of 2\).*before step 3.*clip_norm"
    ) as caught:
        fit(model, [[1.0], [2.0]], [0.0, 0.0], **settings)
    assert model.state_dict() == seen[3]  # what gave the finite loss of step 3
    assert caught.value.history.epochs == 1


def test_an_overflow_is_told_the_same_way():
    model = MLP(1, [1], init=lambda *_: 1.0)
    with pytest.raises(DivergedError, match=r"sample 0: .*too large for a float"):
        fit(
            model,
            [[1.0]],
            [0.0],
            loss=lambda a, y: -a.exp(),
            optimizer=SGD(model.parameters(), lr=1e3),
            epochs=5,
            progress=False,
        )
    assert all(map(math.isfinite, model.state_dict().values()))


@pytest.mark.parametrize("backend", ["python", "native"])
@pytest.mark.parametrize("lr", [5, 20, 500, 1e20])
def test_every_backend_tells_the_same_step_and_goes_back_to_the_same_weights_and_momentum(backend, lr):
    if backend == "native":
        pytest.importorskip("numba")
    told, kept = [], []
    for name in ("eager", backend):
        model = MLP(2, [8, 1], activation="identity", seed=0)
        optimizer = SGD(model.parameters(), lr=lr, momentum=0.5)
        with pytest.raises(DivergedError, match="at step") as caught:
            train(model, targets=LABELS, loss="mse", optimizer=optimizer, backend=name, batch_size=3)
        told.append(re.findall(r"sample \d+|step \d+|batch \d+", str(caught.value)))
        kept.append([*model.state_dict().values(), *optimizer.buffers["momentum"], optimizer.steps])
    assert len(told[0]) == 4
    assert told[0] == told[1]
    assert kept[0] == pytest.approx(kept[1], rel=1e-9)


def test_a_target_too_large_for_the_loss_is_told_by_the_training():
    model = MLP(1, [1], init=lambda *_: 1.0)
    with pytest.raises(DivergedError, match=r"sample 1: pow\(.*too large for a float"):
        fit(model, [[1.0], [2.0]], [0.0, 1e200], shuffle=False, progress=False)


def test_weights_that_become_infinite_in_the_last_step():
    model = MLP(1, [1], init=lambda *_: 1.0)
    before = model.state_dict()
    with pytest.raises(DivergedError, match="a weight is no longer finite"):
        fit(
            model,
            [[1e300]],
            [0.0],
            loss=lambda a, y: a * 1.0,
            optimizer=SGD(model.parameters(), lr=1e300),
            epochs=1,
            progress=False,
        )
    assert model.state_dict() == before


@pytest.mark.parametrize("backend", ["eager", "python", "native"])
def test_a_step_that_cannot_be_taken_is_told_and_leaves_no_half_of_it(backend):
    model = make_model(activation="relu")
    model.layers[0].neurons[3].b.data = -100.0  # its gradients are 0, and 0 / (√0 + 0) is no step
    before = model.state_dict()
    with pytest.raises(DivergedError, match="step"):
        train(model, optimizer=Adam(model.parameters(), eps=0.0), epochs=1, batch_size=40, backend=backend)
    assert model.state_dict() == before


def test_a_validation_loss_that_is_not_finite():
    model = MLP(1, [1], init=lambda *_: 1.0)
    with pytest.raises(DivergedError, match="the validation loss is inf"):
        fit(model, [[1.0]], [0.0], loss=lambda a, y: a * a, validation=([[1e200]], [0.0]), epochs=1, progress=False)
    with pytest.raises(DivergedError, match=r"validation: .*log"):
        fit(
            model,
            [[1.0]],
            [0.0],
            loss=lambda a, y: log(a + 0.0),
            validation=([[1.0], [-1.0]], [0.0, 0.0]),
            epochs=1,
            progress=False,
        )


def test_the_progress_bar_shows_the_loss_the_accuracy_and_the_backend(capsys):
    train(make_model(), epochs=2, progress=True, backend="eager")
    shown = capsys.readouterr().err
    assert "epoch 2/2 (eager)" in shown
    assert "loss=" in shown
    assert "accuracy=" in shown


# Checkpoints


def test_a_resumed_run_ends_with_the_same_bits(tmp_path):
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
def test_a_parameter_of_the_loss_is_kept_like_those_of_the_model(tmp_path, backend):
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
from nn import *
inputs, labels = datasets.moons(40, noise=0.1, seed=5)
model = Sequential(Layer(2, 6, "tanh", seed=2), Dropout(0.2, seed=0), Layer(6, 2, "identity", seed=3))
def told(epoch, model, history):
    print(epoch, flush=True)
settings = {"epochs": int(sys.argv[2]), "batch_size": 3, "seed": 1, "progress": False, "checkpoint": sys.argv[1]}
fit(model, inputs, labels, loss="cross_entropy", optimizer=Adam(model.parameters(), lr=0.02), callbacks=[told], **settings)
print(model.state_dict())
"""


@pytest.mark.parametrize("epochs_before", [1, 4])
def test_a_killed_run_resumes_to_the_same_bits(tmp_path, epochs_before):
    environment = os.environ | {"PYTHONPATH": str(Path(nn.__file__).parents[1])}

    def command(path):
        return [sys.executable, "-c", SCRIPT, str(path), "12"]

    killed = subprocess.Popen(command(tmp_path / "killed.json"), stdout=subprocess.PIPE, text=True, env=environment)
    for _ in range(epochs_before):
        killed.stdout.readline()
    killed.send_signal(signal.SIGKILL)
    killed.communicate()
    assert killed.returncode == -signal.SIGKILL
    outputs = [
        subprocess.run(command(path), check=True, capture_output=True, text=True, env=environment).stdout.splitlines()[-1]
        for path in (tmp_path / "killed.json", tmp_path / "whole.json")
    ]
    assert outputs[0] == outputs[1]
    assert (tmp_path / "killed.json").read_text() == (tmp_path / "whole.json").read_text()


def test_what_is_measured_may_not_change_in_the_middle_of_a_run(tmp_path):
    path = tmp_path / "run.json"
    history = train(make_model(), checkpoint=path, epochs=2)
    with pytest.raises(ValueError, match=r"a run with .*validation 0 \(now 9\)"):
        train(make_model(), checkpoint=path, epochs=3, validation=(INPUTS[:9], LABELS[:9]))
    train(make_model(), checkpoint=tmp_path / "held_out.json", epochs=1, validation=(INPUTS[:9], LABELS[:9]))
    with pytest.raises(ValueError, match=r"a run with checksum of the samples"):
        train(make_model(), checkpoint=tmp_path / "held_out.json", epochs=2, validation=(INPUTS[1:10], LABELS[1:10]))
    with pytest.raises(ValueError, match=r"a run with metrics \['accuracy'\] \(now \[\]\)"):
        train(make_model(), checkpoint=path, epochs=3, metrics=[])
    assert len(train(make_model(), checkpoint=path, epochs=3)["loss"]) == history.epochs + 1


def test_another_backend_would_not_give_the_same_bits(tmp_path):
    path = tmp_path / "run.json"
    train(make_model(), checkpoint=path, epochs=1)
    content = read_json(path, CHECKPOINT_FORMAT)
    content["settings"]["backend"] = "abacus"
    write_json(path, content)
    with pytest.raises(ValueError, match="it is of a run with backend 'abacus'"):
        train(make_model(), checkpoint=path, epochs=2)


def test_an_early_stop_is_not_taken_up_again(tmp_path):
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
def test_a_run_that_gets_more_epochs_stops_where_it_would_have_stopped(tmp_path, backend):
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
    environment = os.environ | {"PYTHONPATH": str(Path(nn.__file__).parents[1])}

    def run(script, *arguments):
        command = [sys.executable, "-c", script, path, *map(str, arguments)]
        return subprocess.run(command, capture_output=True, text=True, env=environment)

    assert run(SCRIPT, 2).returncode == 0
    room = path.stat().st_size + 100  # for the history of two epochs more
    full = run(FULL_DISK + SCRIPT, 50, room)
    assert re.search(r"File too large: '.*run.json'", full.stderr)
    told = [int(epoch) for epoch in full.stdout.split()]
    written = len(read_json(path, CHECKPOINT_FORMAT)["history"]["columns"]["loss"])
    assert 2 < written == told[-1] - 1  # the last one found no room
    assert os.listdir(tmp_path) == ["run.json"]


def test_a_loss_made_by_partial_is_the_same_in_every_run(tmp_path):
    path = tmp_path / "run.json"
    for epochs, delta in ((1, 0.5), (2, 0.5)):
        model = make_model()
        history = fit(
            model,
            INPUTS,
            [[0.0] * 2] * len(INPUTS),
            loss=partial(squares, scale=delta),
            epochs=epochs,
            seed=1,
            backend="eager",
            checkpoint=path,
            progress=False,
        )
    assert history.epochs == 2
    assert "squares(scale=0.5)" in path.read_text()
    with pytest.raises(ValueError, match=r"loss 'squares\(scale=0.5\)' \(now 'squares\(scale=2.0\)'\)"):
        fit(
            make_model(),
            INPUTS,
            [[0.0] * 2] * len(INPUTS),
            loss=partial(squares, scale=2.0),
            seed=1,
            backend="eager",
            checkpoint=path,
            progress=False,
        )


def squares(outputs, target, scale):
    return scale * sum((a - y) ** 2 for a, y in zip(outputs, target, strict=True))


def test_what_a_killed_write_leaves_is_taken_by_the_next(tmp_path):
    (tmp_path / ".run.json.part").write_text("half a checkp")
    train(make_model(), epochs=1, checkpoint=tmp_path / "run.json")
    assert os.listdir(tmp_path) == ["run.json"]


def test_a_checkpoint_of_another_run_is_refused(tmp_path):
    path = tmp_path / "run.json"
    train(make_model(), checkpoint=path)
    model = make_model()
    before = model.state_dict()
    with pytest.raises(ValueError, match=r"does not fit: it is of a run with batch_size 7 \(now 8\), seed 11 \(now 3\)"):
        train(model, checkpoint=path, batch_size=8, seed=3)
    for other, difference in (
        (make_model(activation="sigmoid"), r"model 'Sequential\(.*tanh.* \(now 'Sequential\(.*sigmoid"),
        (make_model(), r"checksum of the samples \d+ \(now \d+\)"),
    ):
        inputs = INPUTS if difference.startswith("model") else [[x + 1.0 for x in row] for row in INPUTS]
        with pytest.raises(ValueError, match=f"does not fit: it is of a run with {difference}"):
            train(other, inputs=inputs, checkpoint=path)
    with pytest.raises(ValueError, match="of settings"):
        train(model, checkpoint=path, optimizer=Adam(model.parameters(), lr=0.5))
    content = read_json(path, CHECKPOINT_FORMAT)
    del content["parameters"]["layers.0.neurons.0.b"]
    write_json(path, content)
    with pytest.raises(ValueError, match="missing"):
        train(model, checkpoint=path)
    assert model.state_dict() == before


def test_a_run_goes_on_only_with_the_learning_rates_that_it_had(tmp_path):
    path = tmp_path / "run.json"
    train(make_model(), checkpoint=path, epochs=2, schedule=cosine())
    with pytest.raises(ValueError, match=r"in its epoch 1 the schedule gave the factor .* and 3 epochs it would be"):
        train(make_model(), checkpoint=path, epochs=3, schedule=cosine())
    with pytest.raises(ValueError, match="with this one and 2 epochs it would be 1"):
        train(make_model(), checkpoint=path, epochs=2)
    path.unlink()
    train(make_model(), checkpoint=path, epochs=2, schedule=step_decay(1, 0.5))
    assert train(make_model(), checkpoint=path, epochs=3, schedule=step_decay(1, 0.5)).epochs == 3  # its past is the same


@pytest.mark.parametrize(
    "content", ["", "{", '{"format": "autograd_lite checkpoint", "version": 1}', '{"format": "else"}', "[1]"]
)
def test_a_corrupt_checkpoint(tmp_path, content):
    path = tmp_path / "run.json"
    path.write_text(content)
    with pytest.raises(ValueError, match=r"run.json"):
        train(make_model(), checkpoint=path)


def test_a_checkpoint_that_cannot_be_written_is_told_before_training(tmp_path):
    for path, message in (
        (tmp_path, "Is a directory"),
        (tmp_path / "missing" / "run.json", "cannot write .*run.json: there is no"),
    ):
        with pytest.raises(OSError, match=message):
            train(make_model(), checkpoint=path, callbacks=[never])


def test_what_a_checkpoint_cannot_hold_is_told_before_training(tmp_path):
    model = MLP(2, [2], init=lambda *_: Fraction(1, 3))
    with pytest.raises(TypeError, match=r"cannot hold Fraction\(1, 3\) \(Fraction\)"):
        train(model, checkpoint=tmp_path / "run.json", backend="eager", callbacks=[never])


def never(epoch, model, history):
    raise AssertionError("this run should not have begun")


def test_numpys_numbers_are_settings(tmp_path):
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


def test_a_run_killed_in_its_first_epoch_begins_again_as_it_began(tmp_path):
    path = tmp_path / "run.json"
    whole, first, second = make_model(seed=2), make_model(seed=2), make_model(seed=9)
    train(whole)
    train(first, epochs=1, checkpoint=path, callbacks=[interrupt(1)])
    train(second, checkpoint=path)
    assert second.state_dict() == whole.state_dict()


def test_any_damage_to_a_checkpoint_is_told(tmp_path):
    path = tmp_path / "run.json"
    train(make_model(), checkpoint=path, epochs=1)
    whole = path.read_bytes()
    for place in range(40, len(whole) - 1, 101):
        path.write_bytes(whole[:place] + (b"7" if whole[place : place + 1] != b"7" else b"8") + whole[place + 1 :])
        with pytest.raises(ValueError, match=r"run.json"):
            train(make_model(), checkpoint=path, epochs=2, callbacks=[never])


# Bad input


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"inputs": [], "targets": []}, "the inputs are empty"),
        ({"targets": LABELS[:-1]}, "40 inputs, but 39 targets: one target for each input"),
        ({"inputs": [*INPUTS[:-1], [1.0]]}, "input 39 has 1 number, but input 0 has 2 numbers"),
        ({"inputs": [*INPUTS[:-1], 1.0]}, "input 39 has no length, but input 0 has 2 numbers"),
        ({"inputs": [*INPUTS[:7], [0.0, math.nan], *INPUTS[8:]]}, "input 7, feature 1, is nan: expected a finite number"),
        ({"inputs": [*INPUTS[:7], [math.inf, 0.0], *INPUTS[8:]]}, "input 7, feature 0, is inf: expected a finite number"),
        ({"inputs": [*INPUTS[:7], [0, 10**400], *INPUTS[8:]]}, "input 7, feature 1, is 10+: expected a finite number"),
        (
            {"inputs": np.array([*INPUTS[:7], [math.inf, -math.inf], *INPUTS[8:]])},
            "input 7, feature 0, is inf: expected a finite",
        ),
        ({"targets": [*LABELS[:-1], math.nan]}, "target 39 is nan"),
        ({"targets": [*LABELS[:-1], 2]}, "target 39: the class 2 is out of range: with 2 outputs the classes are 0 to 1"),
        ({"inputs": [[1.0, 2.0, 3.0]] * 40}, "Layer|Sequential expects 2 inputs, got 3"),
        ({"validation": ([[1.0, 2.0]], [])}, "1 validation inputs, but 0 validation targets"),
        ({"validation": ([[1.0, 2.0]], [5])}, "validation target 0: the class 5 is out of range"),
        ({"validation": ([], [])}, "the validation inputs are empty"),
        ({"batch_size": 0}, "batch_size must be a whole number of at least 1, got 0"),
        ({"batch_size": 2.0}, "batch_size must be a whole number of at least 1, got 2.0"),
        ({"epochs": 0}, "epochs must be a whole number of at least 1, got 0"),
        ({"patience": 0}, "patience must be a whole number of at least 1, got 0"),
        ({"clip_norm": 0.0}, "clip_norm must be a number above 0, got 0.0"),
        ({"clip_norm": "1"}, "clip_norm must be a number above 0, got '1'"),
        (
            {"schedule": lambda epoch, epochs: math.nan},
            "the factor that the schedule gives must be at least 0 and below inf, got nan",
        ),
        ({"loss": "l2"}, "loss must be one of 'sum_squared_error', .*, got 'l2'"),
        ({"metrics": ["f1"]}, "a metric must be one of 'accuracy', or a function of .*, got 'f1'"),
        ({"backend": "gpu"}, "backend must be one of 'auto', 'eager', 'python', 'native', got 'gpu'"),
        ({"optimizer": SGD([Value(1.0)])}, "the optimizer holds no parameter of this model"),
    ],
)
def test_what_fit_refuses_before_any_work_is_done(settings, message):
    model = make_model()
    before = model.state_dict()
    with pytest.raises(ValueError, match=message):
        train(model, **settings)
    assert model.state_dict() == before


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"inputs": [["a", "b"]] * 40}, r"input 0, feature 0, is 'a' \(str\): expected a number"),
        ({"inputs": [*INPUTS[:39], {1.0, 2.0}]}, r"input 39 is \{1.0, 2.0\} \(set\): its numbers have no order"),
        ({"targets": [{0.0: 1.0, 1.0: 0.0}] * 40}, r"target 0 is \{0.0: 1.0, 1.0: 0.0\} \(dict\): its numbers have no order"),
        ({"optimizer": "sgd"}, r"optimizer must be an optimizer such as SGD\(model.parameters\(\)\), got 'sgd'"),
        ({"loss": lambda output, target: 1.0}, "the result of the loss must be one Value, got 1.0"),
        ({"inputs": 5}, r"the inputs must be a sequence, one for each sample, got 5 \(int\)"),
        ({"targets": None}, r"the targets must be a sequence, one for each sample, got None"),
        ({"schedule": 0.5}, r"schedule must be a function, got 0.5 \(float\)"),
        ({"callbacks": [print, "stop"]}, r"callbacks\[1\] must be a function, got 'stop' \(str\)"),
        ({"metrics": "accuracy"}, r"metrics must be a list of them, such as \['accuracy'\]"),
        ({"seed": 1.5}, r"seed must be a whole number, got 1.5 \(float\)"),
        ({"validation": [INPUTS, LABELS, 3]}, r"validation must be a tuple \(inputs, targets\), got list"),
    ],
)
def test_what_is_of_the_wrong_kind(settings, message):
    with pytest.raises(TypeError, match=message):
        train(make_model(), **settings)


def test_only_modules_are_trained():
    with pytest.raises(TypeError, match="model must be a Module, got 3"):
        fit(3, [[1.0]], [1.0])


def test_a_metric_may_not_hide_the_loss():
    def loss(output, target):
        return 0.0

    with pytest.raises(ValueError, match="a metric may not be called 'loss'"):
        train(make_model(), metrics=[loss])
    with pytest.raises(ValueError, match="a metric may not be called '<lambda>'"):
        train(make_model(), metrics=[lambda a, y: 0.0, lambda a, y: 1.0])
