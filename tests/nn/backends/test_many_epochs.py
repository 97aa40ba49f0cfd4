"""Epochs that follow one another in machine code give, to the bit, what they give one by one."""

import numpy as np
import pytest

from nn import MLP, SGD, Adam, DivergedError, cosine, datasets, fit
from nn.backends import native

pytest.importorskip("numba")
INPUTS, CLASSES = datasets.moons(45, seed=3)


def run(**settings):
    model = MLP(2, [6, 2], activation="tanh", seed=5)
    optimizer = Adam(model.parameters(), lr=0.05)
    options = {"loss": "cross_entropy", "epochs": 12, "batch_size": 8, "seed": 1, "progress": False, "backend": "native"}
    history = fit(model, INPUTS, CLASSES, optimizer=optimizer, **options | settings)
    return dict(history), model.state_dict(), optimizer.state_dict(), history.stopped


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"batch_size": 45},
        {"batch_size": 1, "metrics": ["accuracy", lambda a, y: a[0]]},
        {"schedule": cosine(), "clip_norm": 0.1},
        {"patience": 2, "epochs": 60, "schedule": lambda done, epochs: 1.0 if done < 5 else 400.0},
        {"shuffle": False, "metrics": []},
    ],
    ids=lambda settings: ", ".join(settings),
)
def test_looking_on_changes_nothing(settings):
    alone = run(**settings)
    assert run(callbacks=[lambda *_: None], **settings) == alone
    count = len(alone[0]["loss"])
    assert run(validation=(INPUTS[:3], CLASSES[:3]), **settings | {"patience": None})[0]["loss"][:count] == alone[0]["loss"]


@pytest.mark.parametrize("memory", [1, 100, 1000])
@pytest.mark.parametrize("pause", [0.0, 1e-4])
def test_how_the_steps_are_cut_into_calls_changes_nothing(memory, pause, monkeypatch):
    whole = run()
    monkeypatch.setattr(native, "MEMORY", memory)
    monkeypatch.setattr(native, "PAUSE", pause)
    assert run() == whole


def test_patience_takes_back_the_weights_of_the_best_epoch():
    _, weights, _, stopped = run(patience=3, epochs=60, schedule=lambda done, epochs: 1.0 if done < 5 else 400.0)
    best = int(stopped.partition("epoch ")[2].partition(",")[0])
    assert weights == run(epochs=best, schedule=lambda done, epochs: 1.0 if done < 5 else 400.0)[1]


def test_the_epochs_before_the_one_that_diverges_are_in_the_history():
    model = MLP(1, [1], init=lambda *_: 1.0)
    with pytest.raises(DivergedError, match="epoch 7") as caught:
        fit(
            model,
            np.array([[1.0], [0.5]]),
            [0.0, 0.0],
            optimizer=SGD(model.parameters(), lr=1.0),
            batch_size=1,
            epochs=50,
            schedule=lambda done, epochs: 0.01 if done < 6 else 1e200,
            progress=False,
        )
    assert caught.value.history.epochs == 6
