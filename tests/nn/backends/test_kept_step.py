"""A second training of a model takes up what the first one recorded, and only if it is still that."""

import weakref

import pytest

from autograd_lite import Value
from autograd_lite.compiler import training as compiler
from nn import MLP, SGD, Adam, Layer, datasets, fit

np = pytest.importorskip("numba") and pytest.importorskip("numpy")
INPUTS, CLASSES = datasets.moons(45, seed=3)


@pytest.fixture
def recordings(monkeypatch):
    """Counts the recordings of a training step."""
    made = []
    record = compiler.record_model

    def counting(*arguments, **settings):
        made.append(settings)
        return record(*arguments, **settings)

    monkeypatch.setattr("nn.backends.recording.record_model", counting)
    return made


def train(model, optimizer=None, inputs=INPUTS, targets=CLASSES, **settings):
    options = {"loss": "cross_entropy", "epochs": 2, "seed": 1, "progress": False, "backend": "native"}
    return fit(model, inputs, targets, optimizer=optimizer, **options | settings)


def test_a_second_training_records_nothing_and_gives_what_it_would(recordings):
    one, other = MLP(2, [4, 2], seed=0), MLP(2, [4, 2], seed=0)
    train(one)
    train(one, inputs=INPUTS[:40], targets=CLASSES[:40])
    assert len(recordings) == 1
    train(other)
    train(other, inputs=INPUTS[:40], targets=CLASSES[:40], backend="eager")
    assert [p.data for p in one.parameters()] == pytest.approx([p.data for p in other.parameters()], rel=1e-9)


@pytest.mark.parametrize("change", ["optimizer", "momentum", "clip_norm", "batch_size", "loss", "part", "targets"])
def test_what_differs_is_recorded_or_compiled_anew(change):
    def twice(backend):
        model = MLP(2, [4, 2], activation="tanh", seed=0)
        train(model, SGD(model.parameters(), lr=0.1), backend=backend)
        settings, optimizer = {}, SGD(model.parameters(), lr=0.1, momentum=0.5 * (change == "momentum"))
        if change == "optimizer":
            optimizer = Adam(model.parameters())
        elif change == "clip_norm":
            settings["clip_norm"] = 0.01
        elif change == "batch_size":
            settings["batch_size"] = 7
        elif change == "loss":
            settings["loss"] = lambda output, y: (output[0] - y) ** 2
        elif change == "part":
            model.layers[0] = Layer(2, 4, "sigmoid", seed=3)
            optimizer = SGD(model.parameters())
        elif change == "targets":
            settings["targets"] = datasets.one_hot(CLASSES, 2)
        train(model, optimizer, backend=backend, **settings)
        return [p.data for p in model.parameters()]

    assert twice("native") == pytest.approx(twice("eager"), rel=1e-9)


def change_all_weights(model):
    model.layers[0].weight = [[0.5, -0.25]] * 4


def change_a_number_elsewhere(model):
    Value(1.0).data = 2.0


def give_a_neuron_other_weights(model):
    model.layers[0].neurons[1].w = [Value(0.75), Value(-0.5)]


CHANGES = {
    "nothing": lambda model: None,
    "one weight": lambda model: setattr(model.layers[0].neurons[1].w[0], "data", 0.625),
    "one weight, by a float32": lambda model: setattr(model.layers[0].neurons[1].w[0], "data", np.float32(0.625)),
    "all weights of a layer": change_all_weights,
    "a number elsewhere": change_a_number_elsewhere,
    "which Values the weights are": give_a_neuron_other_weights,
    "what is trained": lambda model: model.layers[0].requires_grad_(False),
    "a part": lambda model: model.layers.__setitem__(0, Layer(2, 4, "sigmoid", seed=3)),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_weights_hold_what_was_trained_and_what_is_changed_between_trainings_counts(change):
    def several(backend):
        model = MLP(2, [4, 2], activation="tanh", seed=0)
        for what in (CHANGES["nothing"], CHANGES["nothing"], change, CHANGES["nothing"]):
            what(model)
            train(model, backend=backend)
        return [p.data for p in model.parameters()]

    found = several("native")
    assert {*map(type, found)} == {float}
    assert found == pytest.approx(several("eager"), rel=1e-6 if change is CHANGES["one weight, by a float32"] else 1e-9)


def test_a_callback_that_changes_nothing_records_nothing(recordings):
    train(MLP(2, [4, 2], seed=0), callbacks=[lambda *_: None], epochs=5)
    assert len(recordings) == 1


def test_neither_the_model_nor_the_samples_are_kept_alive():
    numpy = pytest.importorskip("numpy")
    model, inputs = MLP(2, [4, 2], seed=0), numpy.array(INPUTS)
    train(model, inputs=inputs, callbacks=[lambda epoch, model, history: None])
    alive = weakref.ref(inputs)
    del inputs
    assert alive() is None
    alive = weakref.ref(model)
    del model
    assert alive() is None


def test_a_training_within_a_training_of_the_same_model():
    def nested(backend):
        model = MLP(2, [4, 2], activation="tanh", seed=0)

        def once_more(epoch, model, history):
            train(model, backend=backend, epochs=1)

        train(model, backend=backend, callbacks=[once_more])
        return [p.data for p in model.parameters()]

    assert nested("native") == pytest.approx(nested("eager"), rel=1e-9)
