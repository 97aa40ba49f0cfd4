"""The gradient of a layer as a whole is that of the eager engine, however its weights and inputs are used."""

import pytest

from autograd_lite import Value, dot, logsumexp, sqrt, tanh
from nn import MLP, SGD, Layer, Module, datasets, fit, mse

pytest.importorskip("numba")
from autograd_lite.compiler import bulk

INPUTS, CLASSES = datasets.moons(12, seed=3)
TARGETS = [float(c) for c in CLASSES]


class Recurrent(Module):
    """Its one layer is used three times, the last time on what it gave before."""

    def __init__(self):
        self.cell, self.out = Layer(5, 3, "tanh", seed=1), Layer(3, 1, "identity", bias=False, seed=2)

    def forward(self, x):
        h = [0.0, 0.0, 0.0]
        for _ in range(3):
            h = self.cell([*x, *h])
        return self.out(h)[0]


class Skipping(Module):
    """Its inputs and hidden values go to two layers, one of them by name and in another order too."""

    def __init__(self):
        self.first, self.second = Layer(2, 4, "tanh", bias=False, seed=1), Layer(6, 1, "identity", seed=2)

    def forward(self, x):
        h = self.first(x)
        return self.second([*h, *x])[0] * h[2] + logsumexp(h[::-1]) + dot(h, h)


class Shared(Module):
    """A weight is used outside of its neuron."""

    def __init__(self):
        self.first, self.second = Layer(2, 3, "relu", seed=1), Layer(3, 1, "identity", seed=2)

    def forward(self, x):
        return self.second(self.first(x))[0] * tanh(self.first.neurons[1].w[0])


class Rooted(Module):
    """What its second layer takes has an infinite slope where it is 0."""

    def __init__(self):
        self.first, self.second = Layer(2, 3, "relu", seed=1), Layer(3, 1, "identity", seed=2)

    def forward(self, x):
        return self.second([sqrt(a + 1e-3) for a in self.first(x)])[0]


MODELS = [Rooted, lambda: MLP(2, [4, 3, 1], activation="tanh", seed=5), Recurrent, Skipping, Shared]


@pytest.mark.parametrize("make", MODELS)
@pytest.mark.parametrize("batch_size", [1, 5, 12])
def test_a_training_is_that_of_the_eager_engine(make, batch_size):
    def trained(backend):
        model = make()
        optimizer = SGD(model.parameters(), lr=0.05)
        fit(
            model,
            INPUTS,
            TARGETS,
            optimizer=optimizer,
            batch_size=batch_size,
            epochs=3,
            seed=0,
            backend=backend,
            progress=False,
        )
        return [p.data for p in model.parameters()]

    assert trained("native") == pytest.approx(trained("eager"), rel=1e-9)


def test_a_penalty_on_the_weights_takes_part():
    def trained(backend):
        model = MLP(2, [4, 1], activation="tanh", seed=5)
        weights = model.parameters()

        def loss(output, target):
            return mse(output, target) + 0.01 * dot(weights, weights)

        fit(model, INPUTS, TARGETS, loss=loss, epochs=3, seed=0, backend=backend, progress=False)
        return [p.data for p in model.parameters()]

    assert trained("native") == pytest.approx(trained("eager"), rel=1e-9)


def test_only_a_stretch_of_weights_that_nothing_else_uses_is_taken_as_a_whole():
    model = MLP(2, [3, 1], seed=0)
    parameters = model.parameters()
    rows = [neuron.w for layer in model.layers for neuron in layer.neurons]
    x = [Value(0.5), Value(1.0)]

    def whole(output, parameters):
        return bulk.whole_bundles([output], bulk.stretches([output], parameters))

    assert whole(model(x), parameters) == rows
    assert whole(model(x) * rows[1][0], parameters) == [rows[0], rows[2], rows[3]]
    assert whole(model(x) + dot(rows[2], x[::-1]), parameters) == rows
    assert whole(model(x), parameters[::-1]) == []
