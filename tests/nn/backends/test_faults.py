"""What goes wrong in compiled code is told as the eager engine tells it."""

import math

import pytest

from autograd_lite import Value, compile, exp, log
from nn import (
    MLP,
    SGD,
    DivergedError,
    binary_cross_entropy,
    fit,
)
from nn.module import Module

pytest.importorskip("numba")
compiled = pytest.mark.parametrize("backend", ["python", "native"])


def diverging(backend, inputs, loss, batch_size):
    """The weights that a training leaves that diverges, and what it says."""
    model = MLP(1, [1], init=lambda *_: 1.0)
    steps = {"optimizer": SGD(model.parameters(), lr=3.0), "batch_size": batch_size, "shuffle": False, "epochs": 40}
    with pytest.raises(DivergedError) as caught:
        fit(model, inputs, [0.0] * len(inputs), loss=loss, backend=backend, progress=False, **steps)
    return [p.data for p in model.parameters()], str(caught.value)


@compiled
def test_a_loss_that_overflows_names_the_sample_and_keeps_the_last_good_weights(backend):
    (weights, message), (expected, told) = (
        diverging(chosen, [[1.0], [0.5]], lambda a, y: -exp(a), 1) for chosen in (backend, "eager")
    )
    assert weights == pytest.approx(expected, rel=1e-9)
    assert message.partition(": the result")[0].partition("(")[0] == told.partition(": the result")[0].partition("(")[0]
    assert message.partition("at step")[2] == told.partition("at step")[2]


@compiled
def test_a_loss_that_becomes_infinite_is_told_like_eager(backend):
    (weights, message), (expected, told) = (
        diverging(chosen, [[1.0], [0.5], [0.25]], lambda a, y: a * a * a * a, 2) for chosen in (backend, "eager")
    )
    assert weights == pytest.approx(expected, rel=1e-9)
    assert message == told


@pytest.mark.parametrize("backend", ["eager", "python", "native"])
def test_an_overflow_that_no_result_needs_is_told_by_every_backend(backend):
    def loss(a, y):
        exp(a)
        return a * a

    model = MLP(1, [1], init=lambda *_: 1.0)
    optimizer = SGD(model.parameters(), lr=0.0)
    with pytest.raises(DivergedError, match=r"sample 1: exp\(.*=800\.0\): the result is too large for a float.*, at step 2 "):
        fit(model, [[1.0], [800.0]], [0.0, 0.0], loss=loss, optimizer=optimizer, batch_size=1, shuffle=False,
            backend=backend, progress=False)  # fmt: skip


def test_a_domain_error_inside_the_model_is_that_of_eager():
    class Logarithm(Module):
        def __init__(self):
            self.w = Value(0.5, label="w")

        def forward(self, x):
            return log(self.w) * x

    for backend in ("eager", "python", "native"):
        model = Logarithm()
        with pytest.raises(DivergedError, match=r"sample 0: log\(w=-.*: outside the domain"):
            fit(
                model,
                [1.0],
                [-9.0],
                loss="mse",
                optimizer=SGD(model.parameters(), lr=1.0),
                epochs=9,
                backend=backend,
                progress=False,
            )


@compiled
def test_binary_cross_entropy_looks_at_every_sample(backend):
    loss = compile(binary_cross_entropy, in_axes=(0, 0), backend=backend)
    assert loss([0.5, 0.25], [1.0, 0.0]) == pytest.approx((math.log(2) - math.log(0.75)) / 2, rel=1e-15)
    assert math.isnan(loss([0.5, math.nan], [1.0, 0.0]))
    with pytest.raises(ValueError, match=r"target=2.0\): binary_cross_entropy expects numbers between 0 and 1: give the model"):
        loss([0.5] * 700, [1.0] * 699 + [2.0])
    with pytest.raises(ValueError, match=r"output=-0.5\): binary_cross_entropy expects"):
        loss.grad([0.5] * 699 + [-0.5], [1.0] * 700)


@compiled
def test_an_output_that_leaves_0_to_1_in_training_is_named(backend):
    model = MLP(1, [1], output_activation="identity", seed=0)
    (neuron,) = model.layers[0].neurons
    neuron.w[0].data, neuron.b.data = 0.4, 0.1
    with pytest.raises(DivergedError, match=r"sample 0: probability\(.*=1\.1.*\): binary_cross_entropy expects numbers"):
        fit(model, [[1.0], [2.0], [0.5]], [1.0] * 3, loss="binary_cross_entropy", epochs=9, batch_size=2, shuffle=False,
            backend=backend, progress=False)  # fmt: skip
