"""What is measured: predictions, the accuracy, and the means over a set."""

import math

import pytest

from nn import MLP, Dropout, Layer, Sequential, datasets, evaluate, fit, predict
from nn.metrics import accuracy, logit_accuracy, sign_accuracy

INPUTS, LABELS = datasets.moons(40, noise=0.1, seed=5)
SIGNS = [2 * label - 1 for label in LABELS]


@pytest.mark.parametrize(
    ("output", "target", "right"),
    [
        ([0.1, 0.9], 1, 1.0),
        ([0.1, 0.9], 0, 0.0),
        ([0.1, 0.9], [0.0, 1.0], 1.0),
        (0.7, 1, 1.0),
        ([0.3], [1.0], 0.0),
        ([0.3], 0, 1.0),
        (math.nan, 0, 0.0),
        ([math.nan, 0.5], 0, 0.0),
        ([0.5, math.nan], 0, 0.0),
    ],
)
def test_accuracy(output, target, right):
    assert accuracy(output, target) == right


@pytest.mark.parametrize(("output", "target", "right"), [(0.2, 1, 1.0), (-0.2, 1, 0.0), ([-0.2], [-1], 1.0)])
def test_accuracy_of_signs(output, target, right):
    assert sign_accuracy(output, target) == right


@pytest.mark.parametrize(
    ("output", "target", "right"),
    [(0.2, 1, 1.0), (0.2, 0.25, 0.0), (-0.2, 0.25, 1.0), ([-0.2], [1], 0.0), ([0.3, 0.2], 0, 1.0)],
)
def test_accuracy_of_logits(output, target, right):
    assert logit_accuracy(output, target) == right


@pytest.mark.parametrize(
    ("loss", "outputs", "targets", "expected"),
    [
        ("hinge", 1, SIGNS, ["loss", "accuracy"]),
        ("mse", 1, LABELS, ["loss"]),
        ("cross_entropy", 2, LABELS, ["loss", "accuracy"]),
    ],
)
def test_the_accuracy_is_measured_where_the_loss_is_one_of_classification(loss, outputs, targets, expected):
    model = MLP(2, [outputs], seed=0)
    assert list(fit(model, INPUTS, targets, loss=loss, epochs=1, progress=False)) == expected


def test_a_prediction_draws_no_dropout():
    model = Sequential(Layer(2, 2, "identity", seed=0), Dropout(0.9, seed=1))
    without = Sequential(model.layers[0])
    assert [predict(model, x) for x in INPUTS] == [predict(without, x) for x in INPUTS]
    assert model.layers[1].training


def test_evaluate_names_the_target_that_does_not_fit_and_draws_no_dropout():
    model = Sequential(Layer(2, 2, seed=0), Dropout(0.5, seed=1))
    before = model.layers[1].random.getstate()
    assert evaluate(model, INPUTS, LABELS, "cross_entropy") == evaluate(model, INPUTS, LABELS, "cross_entropy")
    with pytest.raises(ValueError, match="target 39: the class 2 is out of range"):
        evaluate(model, INPUTS, [*LABELS[:-1], 2], "cross_entropy")
    assert model.training
    assert model.layers[1].random.getstate() == before
