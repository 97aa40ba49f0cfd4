"""`fit` refuses what does not fit, before any work is done."""

import math

import numpy as np
import pytest

from autograd_lite import Value
from nn import SGD, datasets, fit

INPUTS, LABELS = datasets.moons(40, noise=0.1, seed=5)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"inputs": [], "targets": []}, r"the inputs must be a sequence of at least one sample, got \[\]"),
        ({"targets": LABELS[:-1]}, "the targets must be 40, one for each input, got 39"),
        ({"inputs": [*INPUTS[:-1], [1.0]]}, r"input 39 is \[1\.0\]: expected a row of 2 numbers, as input 0 is"),
        ({"inputs": [*INPUTS[:-1], 1.0]}, r"input 39 is 1\.0: expected a row of 2 numbers, as input 0 is"),
        ({"inputs": [*INPUTS[:7], [0.0, math.nan], *INPUTS[8:]]}, "input 7, feature 1, is nan: expected a finite number"),
        ({"inputs": [*INPUTS[:7], [math.inf, 0.0], *INPUTS[8:]]}, "input 7, feature 0, is inf: expected a finite number"),
        ({"inputs": [*INPUTS[:7], [0, 10**400], *INPUTS[8:]]}, r"input 7, feature 1, is.*or fill them \(dropna, fillna\)"),
        (
            {"inputs": np.array([*INPUTS[:7], [math.inf, -math.inf], *INPUTS[8:]])},
            "input 7, feature 0, is inf: expected a finite",
        ),
        ({"targets": [*LABELS[:-1], math.nan]}, "target 39 is nan"),
        ({"targets": [*LABELS[:-1], 2]}, "target 39: the class 2 is out of range: with 2 outputs the classes are 0 to 1"),
        ({"inputs": [[1.0, 2.0, 3.0]] * 40}, "Layer|Sequential expects 2 inputs, got 3"),
        ({"validation": ([[1.0, 2.0]], [])}, "the validation targets must be 1, one for each input, got 0"),
        ({"validation": ([[1.0, 2.0]], [5])}, "validation target 0: the class 5 is out of range"),
        ({"validation": ([], [])}, r"the validation inputs must be a sequence of at least one sample, got \[\]"),
        ({"batch_size": 0}, "batch_size must be a whole number of at least 1, got 0"),
        ({"batch_size": 2.0}, "batch_size must be a whole number of at least 1, got 2.0"),
        ({"epochs": 0}, "epochs must be a whole number of at least 1, got 0"),
        ({"patience": 0}, "patience must be a whole number of at least 1, got 0"),
        ({"clip_norm": 0.0}, "clip_norm must be a number above 0, got 0.0"),
        ({"clip_norm": "1"}, "clip_norm must be a number above 0, got '1'"),
        (
            {"schedule": lambda epoch, epochs: math.nan},
            "the factor that the schedule gives must be at least 0 and below inf, got nan",
        ),
        ({"loss": "l2"}, "loss must be 'sum_squared_error', .*, or a function of .*, got 'l2'"),
        ({"metrics": ["f2"]}, "a metric must be 'accuracy', .* or a function of .*, got 'f2'"),
        ({"backend": "gpu"}, "backend must be one of 'auto', 'eager', 'python', 'native', got 'gpu'"),
        (
            {"optimizer": SGD([Value(1.0)])},
            r"optimizer must be made from model\.parameters\(\), got one without a parameter of this model",
        ),
    ],
)
def test_what_fit_refuses_before_any_work_is_done(settings, message, train, make_model):
    model = make_model()
    before = model.state_dict()
    with pytest.raises(ValueError, match=message):
        train(model, **settings)
    assert model.state_dict() == before


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"inputs": [["a", "b"]] * 40}, r"input 0, feature 0, is 'a' \(str\): expected a number"),
        (
            {"inputs": [*INPUTS[:39], {1.0, 2.0}]},
            r"input 39 is \{1\.0, 2\.0\} \(set\): expected numbers in an order: give them in a list",
        ),
        (
            {"targets": [{0.0: 1.0, 1.0: 0.0}] * 40},
            r"target 0 is \{0\.0: 1\.0, 1\.0: 0\.0\} \(dict\): expected numbers in an.*makes columns of them",
        ),
        (
            {"optimizer": SGD},
            r"optimizer must be one such as SGD\(model\.parameters\(\)\), got <class.*SGD\(model\.parameters\(\)\)",
        ),
        ({"optimizer": "sgd"}, r"optimizer must be one such as SGD\(model.parameters\(\)\), got 'sgd'"),
        ({"loss": lambda output, target: 1.0}, "the result of the loss must be one Value, got 1.0"),
        ({"inputs": 5}, r"the inputs must be a sequence, one for each sample, got 5 \(int\)"),
        ({"targets": None}, r"the targets must be a sequence, one for each sample, got None"),
        ({"schedule": 0.5}, r"schedule must be a function, got 0.5 \(float\)"),
        ({"callbacks": [print, "stop"]}, r"callbacks\[1\] must be a function, got 'stop' \(str\)"),
        ({"metrics": "accuracy"}, r"metrics must be a list of them, such as \['accuracy'\]"),
        ({"seed": 1.5}, r"seed must be a whole number, got 1.5 \(float\)"),
        (
            {"validation": [INPUTS, LABELS, 3]},
            r"validation must be a tuple \(inputs, targets\), a third part in it.*0, 1, 0, 1, 0, 1\], 3\] \(list\)",
        ),
    ],
)
def test_what_is_of_the_wrong_kind(settings, message, train, make_model):
    with pytest.raises(TypeError, match=message):
        train(make_model(), **settings)


def test_only_modules_are_trained():
    with pytest.raises(TypeError, match="model must be a Module, got 3"):
        fit(3, [[1.0]], [1.0])


def test_a_metric_may_not_hide_the_loss(train, make_model):
    def loss(output, target):
        return 0.0

    with pytest.raises(ValueError, match="the name of a metric must be none of 'loss', got 'loss'"):
        train(make_model(), metrics=[loss])
    with pytest.raises(ValueError, match="the name of a metric must be none of 'loss', '<lambda>', got '<lambda>'"):
        train(make_model(), metrics=[lambda a, y: 0.0, lambda a, y: 1.0])
