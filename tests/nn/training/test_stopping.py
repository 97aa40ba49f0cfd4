"""How a run ends early, or is interrupted, and which weights it leaves."""

from random import Random

import pytest

import nn
from nn import SGD, Adam, datasets

INPUTS, LABELS = datasets.moons(40, noise=0.1, seed=5)


def test_early_stopping_takes_back_the_best_weights(train, make_model):
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


def test_no_worse_is_not_better(train, make_model):
    model = make_model()
    history = train(model, epochs=9, optimizer=SGD(model.parameters(), lr=0.0), validation=(INPUTS, LABELS), patience=2)
    assert history.epochs == 3
    assert "the weights are those of epoch 1, the best so far" in history.stopped


def test_ctrl_c_keeps_the_best_weights_and_says_so(capsys, train, make_model, interrupt):
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


def test_ctrl_c_in_the_first_epoch_keeps_the_whole_batches(capsys, train, make_model):
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


@pytest.mark.parametrize("backend", ["eager", "python", "native"])
def test_ctrl_c_before_the_first_step_leaves_the_weights_as_they_were(train, make_model, backend):
    if backend == "native":
        pytest.importorskip("numba")

    def interrupted(epoch, epochs):
        raise KeyboardInterrupt

    model = make_model()
    history = train(model, schedule=interrupted, backend=backend)
    assert history.stopped == "interrupted in epoch 1: the weights are those after 0 of the 6 batches of epoch 1"
    assert model.state_dict() == make_model().state_dict()


@pytest.mark.parametrize("backend", ["python", "native"])
def test_ctrl_c_before_the_first_epoch_leaves_the_model_as_it_was(capsys, backend, train, make_model):
    if backend == "native":
        pytest.importorskip("numba")
    calls = []

    def loss(output, target):
        calls.append(target)
        if len(calls) > len({*LABELS}):  # after each kind of target was tried, the loss is recorded
            raise KeyboardInterrupt
        return (output[0] - target) ** 2

    model = make_model()
    before = model.state_dict()
    history = train(model, loss=loss, backend=backend, progress=True)
    assert (history.epochs, model.state_dict()) == (0, before)
    assert history.stopped == "interrupted before the first epoch: the weights are those that the model had"
    assert history.stopped in capsys.readouterr().err


@pytest.mark.parametrize("backend", ["python", "native"])
def test_the_bar_says_what_is_prepared(capsys, backend, train, make_model):
    if backend == "native":
        pytest.importorskip("numba")
    model = make_model()
    train(model, backend=backend, progress=True)
    shown = capsys.readouterr().err
    count = len(model.parameters())
    assert "checking the data" in shown
    assert f"recording a model of {count} parameters" in shown
    assert ("making machine code" in shown) == (backend == "native")


def test_the_bar_leaves_nothing_of_a_run_that_cannot_begin(capsys, train, make_model):
    with pytest.raises(ValueError, match="the targets must be 1, one for each input, got 2"):
        train(make_model(), inputs=[[1.0, 2.0]], targets=[0, 1], progress=True)
    assert capsys.readouterr().err.split("\r")[-1].strip() == ""
