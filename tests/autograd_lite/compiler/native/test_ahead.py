"""Steps of one sample that take the first product of the next step: the same training, however many steps a call makes."""

from functools import partial

import pytest

from autograd_lite import Value
from nn import MLP, SGD, Adam, Layer, Module, fit
from nn.optimizers import OPTIMIZERS

numpy = pytest.importorskip("numpy")
pytest.importorskip("numba")
from autograd_lite.compiler.native import ahead, updates  # noqa: E402

RANDOM = numpy.random.default_rng(0)
ROWS, TARGETS = RANDOM.normal(size=(7, 40)), RANDOM.normal(size=(7, 3))


@pytest.fixture
def taken(monkeypatch):
    """What the products were that are taken ahead; None where there is none."""
    found = []
    monkeypatch.setattr(ahead, "LARGE", 400)
    monkeypatch.setattr(
        updates, "take_first_product", lambda *given: found.append(ahead.take_first_product(*given)) or found[-1]
    )
    return found


def trained(optimizer, activation="tanh", **options):
    """The parameters of a small network after some epochs, and the losses."""
    model = MLP(40, [11, 3], activation=activation, seed=0, **options)
    made = optimizer(model.parameters(), lr=0.01)
    settings = {"epochs": 3, "batch_size": 1, "seed": 0, "backend": "native", "progress": False}
    history = fit(model, ROWS, TARGETS, optimizer=made, **settings)
    return [parameter.data for parameter in model.parameters()], history["loss"]


def momentum(parameters, lr):
    return SGD([{"params": parameters[:451]}, {"params": parameters[451:], "weight_decay": 0.1}], lr=lr, momentum=0.9)


@pytest.mark.parametrize(("optimizer", "options"), [(SGD, {"bias": False}), (momentum, {}), (Adam, {})])
def test_it_does_not_matter_how_many_steps_a_call_makes(optimizer, options, taken, monkeypatch):
    parameters, losses = trained(optimizer, **options)
    monkeypatch.setattr("nn.backends.native.PAUSE", 0)  # then a call makes one step
    assert trained(optimizer, **options) == (parameters, losses)
    assert [found is not None for found in taken] == [True, True]
    monkeypatch.setattr(ahead, "LARGE", 1000)
    apart, losses_apart = trained(optimizer, **options)
    assert taken[2] is None
    assert parameters == pytest.approx(apart, rel=1e-9, abs=1e-12)
    assert losses == pytest.approx(losses_apart, rel=1e-12)


@pytest.mark.parametrize("kind", OPTIMIZERS.values())
def test_a_step_at_a_rate_of_0_leaves_a_parameter_as_it_is(kind):
    """On this it rests that the first product may be that of updated weights."""
    for more in ({}, {"weight_decay": 0.1}):
        parameter = Value(0.1 + 0.2)
        optimizer = kind([parameter], lr=0.0, **more)
        for gradient in (0.0, 0.7):
            parameter.grad = gradient
            optimizer.step()
        assert parameter.data == 0.1 + 0.2


def test_a_formula_that_has_no_result_at_rest_takes_no_product_ahead(taken):
    parameters, losses = trained(partial(Adam, eps=0.0))
    assert taken == []
    assert numpy.isfinite([*parameters, *losses]).all()


class Front(Module):
    """A layer of the first inputs, and the others."""

    def __init__(self):
        self.wide, self.narrow = Layer(30, 14, "tanh", seed=0), Layer(24, 3, "identity", seed=1)

    def forward(self, x):
        return self.narrow([*self.wide(x[:30]), *x[30:]])


def test_a_product_of_a_part_of_a_sample_stays_where_it_is(taken):
    def run(backend):
        model = Front()
        settings = {"epochs": 2, "batch_size": 1, "seed": 0, "backend": backend, "progress": False}
        fit(model, ROWS, TARGETS, optimizer=SGD(model.parameters(), lr=0.01), **settings)
        return [parameter.data for parameter in model.parameters()]

    assert run("native") == pytest.approx(run("python"), rel=1e-9, abs=1e-12)
    assert taken == [None]


def test_a_product_that_is_not_of_inputs_and_parameters_alone_stays_where_it_is(taken):
    model = MLP(40, [11, 3], seed=0)
    for neuron in model.layers[0].neurons:
        neuron.b.requires_grad = False  # so it is no parameter of the step, but a number from outside
    settings = {"epochs": 1, "batch_size": 1, "backend": "native", "progress": False}
    fit(model, ROWS, TARGETS, optimizer=SGD(model.parameters(), lr=0.01), **settings)
    assert taken == [None]
