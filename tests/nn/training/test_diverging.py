"""A run whose numbers become NaN or infinite says where, and leaves the last good weights."""

import math
import re

import pytest

from autograd_lite import log
from nn import MLP, SGD, Adam, DivergedError, datasets, fit

INPUTS, LABELS = datasets.moons(40, noise=0.1, seed=5)


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
def test_every_backend_tells_the_same_step_and_goes_back_to_the_same_weights_and_momentum(backend, lr, train):
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
def test_a_step_that_cannot_be_taken_is_told_and_leaves_no_half_of_it(backend, train, make_model):
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
