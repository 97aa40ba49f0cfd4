"""Dropout in compiled training: the same run as the eager engine's, from the same seed."""

import pytest

from autograd_lite import Value, dot, tanh
from nn import SGD, Dropout, Layer, Module, Sequential, datasets, fit

pytest.importorskip("numba")
INPUTS, CLASSES = datasets.moons(45, seed=3)
compiled = pytest.mark.parametrize("backend", ["python", "native"])


def network(*between, first=()):
    return Sequential(
        *first, Layer(2, 6, "tanh", seed=1), *between, Layer(6, 5, "tanh", seed=2), *between, Layer(5, 2, "identity", seed=3)
    )


@compiled
@pytest.mark.parametrize(
    "settings",
    [
        {"batch_size": 1},
        {"batch_size": 45},
        {"shuffle": False, "batch_size": 45},
        {"optimizer": "Adam", "epochs": 4},
        {"clip_norm": 0.05},
        {"validation": 0.2, "patience": 2},
        {"sample_weight": [0.25 * (i % 5) for i in range(45)]},
        {"targets": datasets.one_hot(CLASSES, 2), "metrics": ["accuracy", "f1"]},
        {"callbacks": [lambda epoch, model, history: None], "epochs": 3},
    ],
    ids=lambda settings: ", ".join(settings),
)
def test_the_run_is_that_of_the_eager_engine(settings, backend, train, assert_same):
    def run(chosen):
        return train(chosen, model=network(Dropout(0.5), first=[Dropout(0.2)]), **settings)

    assert_same(run(backend), run("eager"))


class Twice(Module):
    """One dropout called twice, with another one in between."""

    def __init__(self):
        self.one, self.other = Dropout(0.5), Dropout(0.25)
        self.w = [Value(0.1 * k) for k in range(4)]

    def forward(self, x):
        first = self.one(x)
        second = self.other([tanh(dot(self.w[:2], first)), *first])
        return [dot(self.w[2:], self.one(second[1:])), second[0]]


@compiled
def test_a_dropout_that_is_called_twice_draws_in_the_order_of_its_calls(backend, train, assert_same):
    assert_same(train(backend, model=Twice()), train("eager", model=Twice()))


@compiled
@pytest.mark.parametrize("change", ["p", "mode", "part"])
def test_what_a_callback_changes_of_it_counts_from_the_next_epoch_on(change, backend, train, assert_same):
    def run(chosen):
        def anneal(epoch, model, history):
            if change == "p":
                model.layers[1].p = 0.5 - 0.25 * epoch
            elif change == "mode":
                model.layers[1].train(epoch % 2 == 0)
            else:
                model.layers[1] = Dropout(0.25 * epoch)

        return train(chosen, model=network(Dropout(0.5)), callbacks=[anneal], epochs=3)

    assert_same(run(backend), run("eager"))


@compiled
def test_a_second_training_draws_as_the_first_one(backend, train, assert_same):
    model, again = network(Dropout(0.5)), network(Dropout(0.5))
    for _ in range(2):
        runs = train(backend, model=model), train("eager", model=again)
    assert_same(*runs)


@compiled
def test_a_checkpoint_takes_a_run_with_dropout_up_to_the_bit(tmp_path, backend, train):
    whole = train(backend, model=network(Dropout(0.5)), epochs=4)
    train(backend, model=network(Dropout(0.5)), epochs=2, checkpoint=tmp_path / "run.json")
    again = train(backend, model=network(Dropout(0.5)), epochs=4, checkpoint=tmp_path / "run.json")
    assert again[0].state_dict() == whole[0].state_dict()
    assert dict(again[2]) == dict(whole[2])


def test_single_precision_drops_the_same(train):
    one, other = (train("native", model=network(Dropout(0.5)), dtype=dtype) for dtype in ("float32", "float64"))
    assert one[2]["loss"] == pytest.approx(other[2]["loss"], rel=1e-5)


class Own(Dropout):
    def forward(self, x):
        return [item * self.random.gauss(1.0, 0.1) for item in x]


class Sometimes(Module):
    """A network whose number of dropped inputs depends on chance."""

    def __init__(self):
        self.layer, self.dropout, self.count = Layer(2, 2, seed=0), Dropout(0.5), 0

    def forward(self, x):
        self.count += 1
        return self.dropout(self.layer(x)) if self.count % 2 else self.layer(x)


@pytest.mark.parametrize(
    ("model", "reason"),
    [
        (lambda: Sequential(Layer(2, 3), Own(0.5), Layer(3, 2)), r"Own, a Dropout, has a forward\(\) of its own"),
        (Sometimes, "Dropout is called with another number of inputs each time"),
    ],
)
def test_what_draws_otherwise_is_trained_eagerly_with_a_warning(model, reason):
    settings = {"loss": "cross_entropy", "epochs": 1, "progress": False}
    with pytest.warns(UserWarning, match=f"runs eagerly, many times as slow: {reason}"):
        fit(model(), INPUTS, CLASSES, **settings)
    with pytest.raises(ValueError, match=reason):
        fit(model(), INPUTS, CLASSES, backend="native", **settings)


def test_a_loss_that_is_lost_names_the_sample_with_what_it_kept():
    told_by = []
    for backend in ("eager", "python", "native"):
        model = Sequential(Dropout(0.5), Layer(2, 1, "exp", seed=0))
        with pytest.raises(ArithmeticError) as told:
            fit(model, [[1e3, 1e3]] * 9, [0.0] * 9, epochs=2, seed=4, batch_size=3, backend=backend, progress=False,
                optimizer=SGD(model.parameters(), lr=1.0))  # fmt: skip
        told_by.append(str(told.value).partition(",")[0])
    assert told_by[0] == told_by[1] == told_by[2]
