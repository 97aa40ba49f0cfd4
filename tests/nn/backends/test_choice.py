"""Which backend runs a training, and what is said of one that cannot be compiled."""

import random
from fractions import Fraction

import pytest

from autograd_lite import Value, logsumexp, sqrt
from autograd_lite import sum as ag_sum
from nn import (
    MLP,
    SGD,
    Layer,
    Sequential,
    datasets,
    fit,
)
from nn.module import Module

pytest.importorskip("numba")
numpy = pytest.importorskip("numpy")
INPUTS, CLASSES = datasets.moons(45, seed=3)


def test_auto_takes_native_and_says_so(capsys, train):
    train("auto", progress=True)
    assert "epoch 2/2 (native)" in capsys.readouterr().err


def test_what_cannot_be_recorded_runs_eagerly_or_says_why(capsys, train):
    class Noise(Module):
        def forward(self, x):
            return [item + random.gauss(0.0, 0.1) for item in x]

    model = Sequential(Layer(2, 4, "tanh", seed=1), Noise(), Layer(4, 2, seed=3))
    with pytest.warns(UserWarning, match=r"cannot be compiled and runs eagerly.*draw random numbers.*backend='eager'"):
        train("auto", model=model, progress=True)
    assert "epoch 2/2 (eager)" in capsys.readouterr().err
    with pytest.raises(ValueError, match=r"backend 'native' cannot run this training: .*draw random numbers.*backend='eager'"):
        train("native", model=model)


def test_a_loss_that_picks_an_output_by_the_class_says_that_it_runs_eagerly(train, assert_same):
    def own(output, target):
        return logsumexp(output) - output[int(target)]

    with pytest.warns(UserWarning, match=r"runs eagerly, many times as slow: .*converted to a plain number"):
        by_class = train("auto", loss=own, metrics=["accuracy"])
    assert_same(by_class, train("eager", loss=own, metrics=["accuracy"]))
    with pytest.raises(ValueError, match=r"backend 'native' cannot run this training.*converted to a plain number"):
        train("native", loss=own)


@pytest.mark.parametrize(
    ("own", "reason"),
    [
        (lambda output, target: (output[target] - 1) ** 2, "used as an index"),
        (lambda output, target: {0: output[0], 1: output[1]}[target] ** 2, "KeyError: Value"),
        (lambda output, target: output[0] ** 2 * target.bit_length(), "AttributeError: .*bit_length"),
    ],
)
def test_whatever_keeps_a_loss_from_being_compiled_the_slow_way_is_not_taken_in_silence(own, reason, train, assert_same):
    with pytest.warns(UserWarning, match=f"runs eagerly, many times as slow: .*{reason}"):
        slow = train("auto", loss=own, epochs=1)
    assert_same(slow, train("eager", loss=own, epochs=1))
    with pytest.raises(ValueError, match=f"backend 'python' cannot run this training: .*{reason}"):
        train("python", loss=own)


def test_a_loss_that_fails_by_itself_is_told_without_a_warning(train):
    with pytest.raises(IndexError):
        train("auto", loss=lambda output, target: output[7])


def test_a_model_that_is_another_one_at_each_call_is_not_recorded(train):
    class Moody(Module):
        def __init__(self):
            self.w = Value(0.5)
            self.calls = 0

        def forward(self, x):
            self.calls += 1
            return self.w * x[0] * self.calls

    with pytest.raises(ValueError, match="something else each time"):
        train("native", model=Moody(), loss="mse", targets=[float(c) for c in CLASSES])


class Normalized(SGD):
    """All parameters together move by `lr`."""

    def step(self):
        self.steps += 1
        norm = sqrt(ag_sum([p.grad * p.grad for p in self.parameters]))
        for parameter in self.parameters:
            parameter.data -= self.lr / norm * parameter.grad


def test_a_step_of_ones_own_is_not_taken_apart_by_machine_code(train, assert_same):
    def own(parameters):
        return Normalized(parameters, lr=0.1)

    assert_same(train("python", own), train("eager", own))
    with pytest.warns(UserWarning, match=r"runs as compiled Python.*Normalized has a step\(\) of its own") as warned:
        own_step = fit(model := MLP(2, [2], seed=0), INPUTS, CLASSES, loss="cross_entropy", optimizer=own(model.parameters()),
                       seed=1, epochs=1, progress=False)  # fmt: skip
    assert [warning.filename for warning in warned] == [__file__]
    assert own_step.epochs == 1
    with pytest.raises(ValueError, match=r"backend 'native' cannot run this training: Normalized has a step"):
        train("native", own)
    model = MLP(2, [2], seed=0)
    optimizer = SGD(model.parameters())
    optimizer.step = lambda: None
    with pytest.raises(ValueError, match=r"SGD has a step\(\) of its own"):
        train("native", lambda parameters: optimizer, model=model)


@pytest.mark.parametrize("kind", [int, numpy.float64, numpy.float32, numpy.int64])
def test_a_number_that_a_float_equals_is_made_one(kind):
    model, other = MLP(2, [2], seed=0), MLP(2, [2], seed=0)
    model.parameters()[0].data = kind(1)
    other.parameters()[0].data = 1.0
    for chosen in (model, other):
        fit(chosen, INPUTS, CLASSES, loss="cross_entropy", seed=0, epochs=1, backend="native", progress=False)
    assert model.state_dict() == other.state_dict()


def test_parameters_that_are_no_floats_run_eagerly_and_say_so():
    model = MLP(2, [2], seed=0)
    model.parameters()[0].data = Fraction(1, 2)
    with pytest.raises(ValueError, match="the parameters must be floats"):
        fit(model, INPUTS, CLASSES, loss="cross_entropy", epochs=1, backend="python", progress=False)
    with pytest.warns(UserWarning, match="runs eagerly, many times as slow: the parameters must be floats"):
        fit(model, INPUTS, CLASSES, loss="cross_entropy", epochs=1, progress=False)
