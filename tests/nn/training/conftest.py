"""A small model, a training that takes a moment, and an interruption."""

import pytest

from nn import Adam, Dropout, Layer, Sequential, datasets, fit

INPUTS, LABELS = datasets.moons(40, noise=0.1, seed=5)


@pytest.fixture
def make_model():
    """A function that makes a network for the moons, always with the same weights."""

    def make(dropout=False, seed=2, activation="tanh"):
        hidden = [Dropout(0.2)] if dropout else []
        return Sequential(Layer(2, 6, activation, seed=seed), *hidden, Layer(6, 2, "identity", seed=seed + 1))

    return make


@pytest.fixture
def train():
    """A function that trains a model on the moons, with the settings of `fit` that a test asks for."""

    def run(model, **settings):
        options = {"loss": "cross_entropy", "epochs": 3, "batch_size": 7, "seed": 11, "progress": False}
        settings = options | settings
        settings.setdefault("optimizer", Adam(model.parameters(), lr=0.02))
        return fit(model, settings.pop("inputs", INPUTS), settings.pop("targets", LABELS), **settings)

    return run


@pytest.fixture
def interrupt():
    """A function that makes a callback which is Ctrl-C in that epoch."""

    def interrupt_in(epoch_to_stop):
        def callback(epoch, model, history):
            if epoch == epoch_to_stop:
                raise KeyboardInterrupt

        return callback

    return interrupt_in
