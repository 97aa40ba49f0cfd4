"""Checkpoints that do not fit the run, are damaged or cannot be written are told before any work is done."""

from fractions import Fraction
from functools import partial

import pytest

from nn import MLP, Adam, cosine, datasets, fit, step_decay
from nn.files.json_file import read_json, write_json
from nn.training.checkpoint import CHECKPOINT_FORMAT

INPUTS, LABELS = datasets.moons(40, noise=0.1, seed=5)


def test_what_is_measured_may_not_change_in_the_middle_of_a_run(tmp_path, train, make_model):
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


def test_another_backend_would_not_give_the_same_bits(tmp_path, train, make_model):
    path = tmp_path / "run.json"
    train(make_model(), checkpoint=path, epochs=1)
    content = read_json(path, CHECKPOINT_FORMAT)
    content["settings"]["backend"] = "abacus"
    write_json(path, content)
    with pytest.raises(ValueError, match="it is of a run with backend 'abacus'"):
        train(make_model(), checkpoint=path, epochs=2)


def test_a_loss_made_by_partial_is_the_same_in_every_run(tmp_path, make_model):
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


def test_a_checkpoint_of_another_run_is_refused(tmp_path, train, make_model):
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
    with pytest.raises(
        ValueError,
        match=r"the checkpoint .* does not fit: settings of the saved state must be.*\[0\.9, 0\.999\], 'eps': 1e-08\}",
    ):
        train(model, checkpoint=path, optimizer=Adam(model.parameters(), lr=0.5))
    content = read_json(path, CHECKPOINT_FORMAT)
    del content["parameters"]["layers.0.neurons.0.b"]
    write_json(path, content)
    with pytest.raises(ValueError, match="missing"):
        train(model, checkpoint=path)
    assert model.state_dict() == before


def test_a_run_goes_on_only_with_the_learning_rates_that_it_had(tmp_path, train, make_model):
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
def test_a_corrupt_checkpoint(tmp_path, content, train, make_model):
    path = tmp_path / "run.json"
    path.write_text(content)
    with pytest.raises(ValueError, match=r"run.json"):
        train(make_model(), checkpoint=path)


def test_a_checkpoint_that_cannot_be_written_is_told_before_training(tmp_path, train, make_model):
    for path, message in (
        (tmp_path, "Is a directory"),
        (tmp_path / "missing" / "run.json", "cannot write .*run.json: there is no"),
    ):
        with pytest.raises(OSError, match=message):
            train(make_model(), checkpoint=path, callbacks=[never])


def test_what_a_checkpoint_cannot_hold_is_told_before_training(tmp_path, train):
    model = MLP(2, [2], init=lambda *_: Fraction(1, 3))
    with pytest.raises(
        TypeError, match=r"what a file holds must be numbers, texts, lists and records, got Fraction\(1, 3\) \(Fraction\)"
    ):
        train(model, checkpoint=tmp_path / "run.json", backend="eager", callbacks=[never])


def never(epoch, model, history):
    raise AssertionError("this run should not have begun")


def test_any_damage_to_a_checkpoint_is_told(tmp_path, train, make_model):
    path = tmp_path / "run.json"
    train(make_model(), checkpoint=path, epochs=1)
    whole = path.read_bytes()
    for place in range(40, len(whole) - 1, 101):
        path.write_bytes(whole[:place] + (b"7" if whole[place : place + 1] != b"7" else b"8") + whole[place + 1 :])
        with pytest.raises(ValueError, match=r"run.json"):
            train(make_model(), checkpoint=path, epochs=2, callbacks=[never])
