"""What a run of `fit` does in its epochs: the same bits for the same seed, batches, learning rates, modes, callbacks."""

import math

import numpy as np
import pytest

from autograd_lite import Value
from nn import MLP, SGD, Dropout, Layer, Module, Sequential, cosine, datasets, evaluate, fit

INPUTS, LABELS = datasets.moons(40, noise=0.1, seed=5)


def test_the_same_seed_gives_the_same_bits(train, make_model):
    first, second, other = make_model(dropout=True), make_model(dropout=True), make_model(dropout=True)
    histories = [train(first), train(second), train(other, seed=12)]
    assert first.state_dict() == second.state_dict() != other.state_dict()
    assert histories[0] == histories[1]


def test_a_run_without_a_seed_can_be_repeated_by_the_one_in_its_history(train, make_model):
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


def test_it_learns_and_the_history_is_what_evaluate_measures(train, make_model):
    model = make_model()
    history = train(model, epochs=40, validation=(INPUTS, LABELS))
    assert list(history) == ["loss", "accuracy", "val_loss", "val_accuracy"]
    assert history.epochs == len(history["loss"]) == 40
    assert history["loss"][-1] < history["loss"][0] / 2
    measured = evaluate(model, INPUTS, LABELS, "cross_entropy")
    assert history["val_loss"][-1] == pytest.approx(measured["loss"], rel=1e-12)
    assert history["val_accuracy"][-1] == measured["accuracy"]
    assert history.stopped == ""


def test_arrays_are_taken_like_lists(train, make_model):
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


def test_a_schedule_sets_the_learning_rate_of_each_step_and_gives_it_back(train):
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
def test_a_learning_rate_set_by_a_callback_is_not_ignored_in_silence(backend, train):
    model = MLP(2, [2], seed=0)
    optimizer = SGD(model.parameters(), lr=0.5)

    def slow_down(epoch, model, history):
        optimizer.lr = 0.1

    with pytest.raises(ValueError, match=r"a callback set the learning rate to 0\.1, but fit keeps to 0\.5.*pass schedule="):
        train(model, optimizer=optimizer, epochs=2, callbacks=[slow_down], backend=backend)
    assert optimizer.lr == 0.5


def test_a_clipped_step_is_no_longer_than_asked(train):
    model = MLP(2, [2], seed=0)
    before = model.state_dict()
    train(model, optimizer=SGD(model.parameters(), lr=1.0), epochs=1, batch_size=40, clip_norm=0.01)
    moved = math.dist(before.values(), model.state_dict().values())
    assert moved == pytest.approx(0.01, rel=1e-3)


def test_dropout_is_off_in_validation_and_the_mode_is_given_back(train, make_model):
    modes = []
    model = make_model(dropout=True).eval()

    def watch(output, target):
        modes.append(model.training)
        return 0.0

    train(model, epochs=1, validation=(INPUTS[:3], LABELS[:3]), metrics=[watch], backend="eager")
    assert modes == [True] * len(INPUTS) + [False] * 3
    assert not model.training


@pytest.mark.parametrize("backend", ["eager", "auto"])
def test_a_part_with_a_mode_of_its_own_keeps_it(backend, train):
    model = Sequential(Layer(2, 3, "tanh"), Dropout(0.0), Layer(3, 2, "identity"), Dropout(0.0))
    model.layers[1].eval()
    modes = [part.training for part in model.modules()]
    evaluate(model, INPUTS, LABELS, "cross_entropy")
    assert [part.training for part in model.modules()] == modes
    train(model, epochs=1, validation=(INPUTS[:3], LABELS[:3]), backend=backend)
    assert [part.training for part in model.modules()] == modes


def test_the_warning_that_a_training_is_slow_is_of_the_line_that_calls_fit(make_model):
    class Drawing(Dropout):
        def forward(self, x):
            return [item * self.random.random() for item in x]

    model = Sequential(make_model(), Drawing(0.5))
    with pytest.warns(UserWarning, match="runs eagerly, many times as slow: Drawing, a Dropout, has a forward") as warned:
        fit(model, INPUTS, LABELS, loss="cross_entropy", epochs=1, progress=False)
    assert [warning.filename for warning in warned] == [__file__]
    fit(make_model(dropout=True), INPUTS, LABELS, loss="cross_entropy", epochs=1, progress=False)  # without a warning


def test_callbacks_are_called_after_each_epoch_and_can_end_the_run(train, make_model):
    seen = []

    def stop_after_two(epoch, model, history):
        seen.append((epoch, history.epochs))
        return epoch == 2

    history = train(make_model(), epochs=9, callbacks=[stop_after_two, lambda *_: None])
    assert seen == [(1, 1), (2, 2)]
    assert history.stopped == "a callback ended the run after epoch 2"


def test_the_progress_bar_shows_the_loss_the_accuracy_and_the_backend(capsys, train, make_model):
    train(make_model(), epochs=2, progress=True, backend="eager")
    shown = capsys.readouterr().err
    assert "epoch 2/2 (eager)" in shown
    assert "loss=" in shown
    assert "accuracy=" in shown
