"""`fit` on a cluster: what it promises without one holds, for any number of workers, also if some are lost."""

import copy
import itertools
import json
import math
import os
import pickle
import signal

import dask.array as da
import dask.dataframe as dd
import numpy as np
import pandas as pd
import pytest

from autograd_lite import Value, log, parcels, tanh
from autograd_lite.basics import direct
from autograd_lite.basics.direct import Direct
from autograd_lite.parcels import VersionsDifferError
from nn import MLP, SGD, Adam, DivergedError, Dropout, Layer, Module, Sequential, fit, step_decay
from nn.cluster import ClusterLostError
from nn.cluster import backend as cluster_backend
from nn.cluster.crew import Crew

RNG = np.random.default_rng(0)
X = RNG.normal(size=(301, 2))
Y = np.sign(X[:, 0] * X[:, 1])


def trained(x=X, y=Y, optimizer=SGD, lr=0.1, model=None, **settings):
    """The weights and the history of a short training."""
    model = model or MLP(2, [4, 1], activation="tanh", seed=1)
    usual = {"loss": "hinge", "epochs": 2, "batch_size": 50, "seed": 5, "progress": False}
    history = fit(model, x, y, optimizer=optimizer(model.parameters(), lr=lr), **(usual | settings))
    return np.array([p.data for p in model.parameters()]), history


def assert_same(one, other):
    assert np.array_equal(one[0], other[0])
    assert one[1] == other[1]
    assert one[1].stopped == other[1].stopped


def assert_close(one, other):
    np.testing.assert_allclose(one[0], other[0], rtol=0, atol=1e-9)
    assert one[1].keys() == other[1].keys()
    for name in one[1]:
        np.testing.assert_allclose(one[1][name], other[1][name], rtol=0, atol=1e-9)


@pytest.mark.parametrize(
    "settings",
    [
        {"optimizer": Adam, "lr": 0.01, "validation": (X[:40], Y[:40]), "schedule": step_decay(1), "clip_norm": 0.1},
        {"shuffle": False, "metrics": ["accuracy", "f1", "mae"], "batch_size": 40, "epochs": 1},
        {"backend": "python", "batch_size": 301, "sample_weight": abs(X[:, 0]), "validation": 0.2, "shares": 3},
        {"backend": "eager", "validation": (X[:40], Y[:40]), "batch_size": 150, "epochs": 1},
    ],
)
def test_with_one_local_step_it_is_what_one_machine_does(client, settings):
    alone = {name: value for name, value in settings.items() if name != "shares"}
    assert_close(trained(cluster=client, **settings), trained(**alone))


def test_rounds_of_local_steps_give_the_same_bits_for_the_same_shares(client):
    settings = {"cluster": client, "local_steps": 3, "optimizer": Adam, "lr": 0.01, "shares": 3}
    once = trained(**settings)
    assert_same(trained(**settings), once)
    assert not np.array_equal(trained(**{**settings, "shares": 2})[0], once[0])
    assert not np.array_equal(trained(**{**settings, "seed": 6})[0], once[0])


def test_rounds_of_local_steps_are_local_gradient_descent(client):
    there, _ = trained(cluster=client, local_steps=2, shuffle=False, epochs=1, x=X[:300], y=Y[:300], batch_size=100)
    models = [MLP(2, [4, 1], activation="tanh", seed=1) for _ in range(2)]
    for first, last in ((0, 100), (100, 150)):
        numbers = [
            trained(X[start + first : start + last], Y[start + first : start + last], model=model, epochs=1, shuffle=False)[0]
            for start, model in zip((0, 150), models, strict=True)
        ]
        mean = np.mean(numbers, 0)
        for model in models:
            for parameter, number in zip(model.parameters(), mean.tolist(), strict=True):
                parameter.data = number
    np.testing.assert_allclose(there, mean, rtol=0, atol=1e-12)


def test_samples_may_be_dasks(client):
    frame = dd.from_pandas(pd.DataFrame({"a": X[:, 0], "b": X[:, 1], "y": Y}), npartitions=4)
    xs, ys = da.from_array(X, chunks=(100, 2)), da.from_array(Y, chunks=100)
    here = trained(validation=(X, Y))
    assert_close(trained(xs, ys, cluster=client, validation=(xs, ys)), here)
    assert_close(trained(frame[["a", "b"]], frame["y"], cluster=client, validation=(X, Y)), here)
    with pytest.raises(TypeError, match="the targets must be Dask's, as the inputs are"):
        trained(xs, Y, cluster=client)
    with pytest.raises(TypeError, match="lie on the workers: fit cannot hold some of them out"):
        trained(xs, ys, cluster=client, validation=0.2)
    for named, weighted in (
        ("sample_weight", {"sample_weight": abs(X[:, 0])}),
        (r"validation\[2\], the weights,", {"validation": (X[:40], Y[:40], abs(X[:40, 0]))}),
    ):
        with pytest.raises(TypeError, match=rf"^{named} beside samples of Dask's, which take no weights: make the weight"):
            trained(xs, ys, cluster=client, **weighted)
    with pytest.raises(ValueError, match=r"input 135, feature 0 \('a'\), is nan: .*\nIn share 1 of the samples"):
        trained(frame[["a", "b"]].assign(a=frame.a.where(frame.a < 2.2)), frame["y"], cluster=client, shares=2)


def test_shares_without_samples_count_for_nothing(client):
    frame = dd.from_pandas(pd.DataFrame({"a": X[:, 0], "b": X[:, 1], "y": Y, "day": range(301)}), npartitions=4)
    late, there = frame[frame.day > 200], {"cluster": client, "shares": 4}
    xs, ys = late[["a", "b"]], late["y"]
    here = trained(X[201:], Y[201:], validation=(X[201:], Y[201:]))
    assert_close(trained(xs, ys, validation=(xs, ys), **there), here)
    trained(xs, ys, local_steps=2, **there)
    nothing = frame[frame.a > 100]
    with pytest.raises(ValueError, match="the inputs must be a sequence of at least one sample"):
        trained(nothing[["a", "b"]], nothing["y"], **there)


def test_shares_may_have_fewer_samples_than_there_are_batches(client):
    assert trained(X[:20], Y[:20], batch_size=2, shares=7, local_steps=5, cluster=client, epochs=1)[1].epochs == 1


def test_the_columns_of_both_sets_are_compared(client):
    frame = dd.from_pandas(pd.DataFrame({"a": X[:, 0], "b": X[:, 1], "y": Y}), npartitions=4)
    with pytest.raises(ValueError, match="the columns of the validation inputs must be a, b, as of the inputs, got 'b, a'"):
        trained(frame[["a", "b"]], frame["y"], cluster=client, validation=(frame[["b", "a"]], frame["y"]))


def test_a_model_of_several_inputs_becomes_machine_code_as_elsewhere(client):
    class Both(MLP):
        def forward(self, x, h):
            return super().forward([*x, *h])

    samples = [([x], [y, x]) for x, y in X.tolist()]
    assert_close(
        *(trained(samples, model=Both(3, [3, 1], seed=2), backend="native", **where) for where in ({"cluster": client}, {}))
    )


def test_that_chunks_are_cut_anew_is_told_where_fit_was_called(client):
    xs, ys = da.from_array(X, chunks=(100, 2)), da.from_array(Y, chunks=70)
    with pytest.warns(UserWarning, match=r"argument targets is cut into 5.*: targets.rechunk\(\{0: inputs.chunks") as told:
        trained(xs, ys, cluster=client, epochs=1)
    assert told[0].filename == __file__


def test_a_model_and_a_loss_of_ones_own_travel(client):
    scale = 0.5

    class Own(MLP):
        def forward(self, x):
            return tanh(super().forward(x)) * scale

    def loss(output, target):
        return (output - target) ** 2

    model, again = (Own(2, [3, 1], seed=2) for _ in range(2))
    assert_close(
        trained(model=model, loss=loss, cluster=client, backend="native"), trained(model=again, loss=loss, backend="native")
    )


def test_that_a_model_cannot_be_compiled_is_told_where_fit_was_called(client):
    def choosy(output, target):
        return output * output if output.data > 0 else -output

    model = MLP(2, [2, 1], seed=2)
    with pytest.warns(UserWarning, match="this training cannot be compiled and runs eagerly") as told:
        fit(model, X[:4], Y[:4], loss=choosy, cluster=client, epochs=1, progress=False)
    assert told[0].filename == __file__


def test_random_numbers_of_dropout_come_from_the_seed(client):
    def run(seed):
        model = Sequential(Layer(2, 4, "tanh", seed=1), Dropout(0.5, seed=3), Layer(4, 1, "identity", seed=2))
        return trained(X[:60], Y[:60], model=model, backend="eager", cluster=client, local_steps=2, seed=seed, batch_size=20)

    assert_same(run(1), run(1))
    assert not np.array_equal(run(1)[0], run(2)[0])


def test_a_callback_that_changes_nothing_makes_no_other_recipe(client, monkeypatch):
    packed = []
    monkeypatch.setattr(cluster_backend, "pack", lambda content: packed.append(parcels.pack(content)) or packed[-1])
    model = Sequential(Layer(2, 4, "tanh", seed=1), Dropout(0.5, seed=3), Layer(4, 1, "identity", seed=2))
    trained(model=model, cluster=client, local_steps=2, backend="python", epochs=3, callbacks=[lambda *told: None])
    assert len(packed) > 2
    assert len({parcel.token for parcel in packed}) == 1


def test_single_precision_is_refused(client):
    with pytest.raises(ValueError, match="dtype must be 'float64' on a cluster, got 'float32'"):
        trained(cluster=client, dtype="float32")


def test_it_goes_on_from_a_checkpoint_to_the_same_bits(client, tmp_path):
    settings = {"cluster": client, "local_steps": 2, "optimizer": Adam, "lr": 0.01}
    whole = trained(epochs=3, **settings)
    file = tmp_path / "run.json"
    trained(epochs=1, checkpoint=file, **settings)
    assert_same(trained(epochs=3, checkpoint=file, **settings), whole)
    with pytest.raises(ValueError, match=r"backend 'native, 2 shares, rounds of 2 steps' \(now 'native, 3 shares"):
        trained(epochs=3, checkpoint=file, shares=3, **settings)


def test_patience_callbacks_and_the_keyboard_end_a_run(client, capsys):
    seen = []
    _, history = trained(cluster=client, callbacks=[lambda epoch, model, history: seen.append(epoch) or epoch == 2], epochs=9)
    assert seen == [1, 2]
    assert history.stopped == "a callback ended the run after epoch 2"
    _, history = trained(cluster=client, lr=0.0, patience=2, epochs=9, local_steps=4)
    assert history.stopped.startswith("no better loss for 2 epochs")

    def press(epoch, model, history):
        raise KeyboardInterrupt

    weights, history = trained(cluster=client, callbacks=[press], epochs=9)
    assert history.stopped.startswith("interrupted in epoch 2: the weights are those of epoch 1")
    assert np.array_equal(weights, trained(cluster=client, epochs=1)[0])


def test_what_a_callback_changes_counts_from_the_next_epoch_on(client):
    def settings():
        def change(epoch, model, history):
            optimizer.settings["momentum"] = 0.5

        model = MLP(2, [3, 1], activation="tanh", seed=1)
        optimizer = SGD(model.parameters(), lr=0.1, momentum=0.1)
        return {"model": model, "optimizer": lambda parameters, lr: optimizer, "callbacks": [change]}

    for more in ({}, {"backend": "python"}):
        assert_close(trained(cluster=client, **settings(), **more), trained(**settings(), **more))


@pytest.mark.parametrize("local_steps", [1, 2])
def test_a_loss_that_is_no_number_leaves_the_last_good_weights(client, local_steps):
    model = MLP(2, [4, 1], activation="relu", seed=1)
    told = r"share \d: the loss of sample \d+ is (inf|nan).*at step \d+ .*the model has the last good weights"
    with pytest.raises(DivergedError, match=told):
        fit(
            model, X * 1e30, Y, loss="mse", optimizer=SGD(model.parameters(), lr=1e90), batch_size=50, seed=1, progress=False,
            cluster=client, local_steps=local_steps,
        )  # fmt: skip
    assert all(np.isfinite(parameter.data) for parameter in model.parameters())


@pytest.mark.parametrize("short", [0.0, math.inf])
def test_workers_that_are_killed_cost_no_bit(client, monkeypatch, short):
    monkeypatch.setattr(direct, "SHORT", short)  # all work is asked by tasks, or as much as can be directly
    whole = trained(cluster=client, local_steps=2, epochs=3)

    def kill(epoch, model, history):
        if epoch == 1:
            os.kill(min(client.run(os.getpid).values()), signal.SIGKILL)

    assert_same(trained(cluster=client, local_steps=2, epochs=3, callbacks=[kill]), whole)


def test_what_is_trained_goes_to_a_worker_once(client, monkeypatch):
    monkeypatch.setattr(direct, "SHORT", math.inf)
    asked, asking = [], Direct.asked

    def watched(self, work, rows, arguments):
        found = asking(self, work, rows, arguments)
        asked.append((found is not None, len(pickle.dumps(arguments))))
        return found

    monkeypatch.setattr(Direct, "asked", watched)
    model = MLP(2, [60, 1], activation="tanh", seed=1)
    by_rounds = trained(cluster=client, local_steps=2, epochs=3, model=model)
    answered = [size for was_answered, size in asked if was_answered]
    assert len(answered) > 6
    assert max(answered) < 2 * 2 * 8 * len(model.parameters()) + 4096  # for two shares: weights, momentum, and little else
    assert len(parcels.pack(model).content) > max(answered)
    assert_same(by_rounds, trained(cluster=client, local_steps=2, epochs=3, model=MLP(2, [60, 1], activation="tanh", seed=1)))


def test_the_next_training_of_a_model_finds_its_machine_code(client, monkeypatch):
    sent, scatter = [], Crew.scatter
    monkeypatch.setattr(Crew, "scatter", lambda crew, item, number: sent.append(item) or scatter(crew, item, number))
    model = MLP(2, [5, 1], activation="tanh", seed=1)
    settings = {"cluster": client, "local_steps": 2, "optimizer": Adam}
    trained(model=model, **settings)
    other = copy.deepcopy(model)  # of which nobody knows anything
    assert_same(trained(model=model, **settings), trained(model=other, **settings))
    assert len([item for item in sent if isinstance(item, parcels.Parcel)]) == 2  # once for each model
    trained(model=model, clip_norm=0.1, **settings)
    assert len([item for item in sent if isinstance(item, parcels.Parcel)]) == 3  # that is another machine code


@pytest.mark.parametrize(("backend", "branch"), [("python", False), ("native", False), ("eager", True)])
def test_what_was_trained_before_makes_no_difference(client, backend, branch):
    class Bent(Module):  # whose graph may depend on its numbers, and of which two parameters are trained one after the other
        def __init__(self):
            super().__init__()
            self.slope, self.spread = Value(-1.0), Value(2.0)

        def parameters(self):
            return [self.slope, self.spread]

        def forward(self, x):
            return self.slope * x[0] * (0.5 if branch and self.slope > 2.0 else 1.0) + log(self.spread)

    def stage(model, name):
        settings = {"loss": "mse", "epochs": 2, "batch_size": 3, "seed": 1, "progress": False, "backend": backend, "shares": 1}
        optimizer = SGD([getattr(model, name)], lr=0.1)
        fit(model, [[1.0], [2.0], [3.0]], [5.0, 10.0, 15.0], optimizer=optimizer, cluster=client, **settings)
        return model.slope.data, model.spread.data

    model = Bent()
    for name in ("slope", "slope", "spread", "slope"):
        other = copy.deepcopy(model)  # of which nobody knows anything
        assert stage(model, name) == stage(other, name)
    assert model.slope.data > 2.0


def test_a_place_that_is_gone_is_not_asked_again(client, monkeypatch):
    places = iter(["tcp://127.0.0.1:9"])
    placing = Crew.place
    monkeypatch.setattr(Crew, "place", lambda crew, number: [*itertools.islice(places, 1)] or placing(crew, number))
    whole = trained(epochs=1, local_steps=2, cluster=client)
    assert next(places, None) is None
    assert_same(whole, trained(epochs=1, local_steps=2, cluster=client))


def test_what_is_no_cluster_is_refused(client, monkeypatch):
    with pytest.raises(TypeError, match=r"cluster must be a dask.distributed.Client, got .*: Client\('tcp://1.2.3.4'\)"):
        trained(cluster="tcp://1.2.3.4")
    with pytest.raises(TypeError, match=r"got LocalCluster.*: its get_client\(\)"):
        trained(cluster=client.cluster)
    with pytest.raises(ValueError, match="cluster must be given with shares or local_steps, got None"):
        trained(local_steps=4)
    for wrong in ({"shares": 0}, {"local_steps": 0}):
        with pytest.raises(ValueError, match="must be a whole number of at least 1"):
            trained(cluster=client, **wrong)
    others = [("numpy", "0.0.1") if name == "numpy" else (name, known) for name, known in parcels.versions()]
    monkeypatch.setattr(parcels, "versions", lambda: tuple(others))
    with pytest.raises(VersionsDifferError, match=r"numpy 0.0.1 there"):
        trained(cluster=client)


def test_a_cluster_that_is_gone_is_one_error_and_the_checkpoint_is_whole(client, tmp_path):
    from distributed import Client

    file = tmp_path / "run.json"
    with Client(client.scheduler.address, set_as_default=False) as other:

        def leave(epoch, model, history):
            if epoch == 2:
                other.close()

        with pytest.raises(ClusterLostError, match=r"the cluster at tcp.* is lost: .*with checkpoint= the same call"):
            trained(cluster=other, callbacks=[leave], checkpoint=file, epochs=4, shares=2)
    assert len(json.loads(file.read_text())["history"]["columns"]["loss"]) == 2
    assert_same(trained(cluster=client, checkpoint=file, epochs=4, shares=2), trained(cluster=client, epochs=4, shares=2))


def test_what_is_frozen_stays_and_groups_have_their_own_settings(client):
    def settings():
        model = MLP(2, [4, 1], activation="tanh", seed=1)
        model[0].neurons[1].requires_grad_(False)
        groups = [{"params": model[0].parameters()}, {"params": model[1].parameters(), "lr": 0.01}]
        return {"model": model, "optimizer": lambda parameters, lr: Adam(groups, lr=0.05)}

    frozen = MLP(2, [4, 1], activation="tanh", seed=1)[0].neurons[1].parameters()
    alone, there = trained(**settings()), trained(cluster=client, **settings())
    assert_close(there, alone)
    assert [there[0][3:6].tolist()] == [[p.data for p in frozen]]
    rounds, _ = trained(cluster=client, local_steps=3, **settings())
    assert rounds[3:6].tolist() == [p.data for p in frozen]
