"""Metrics by name are what scikit-learn says they are, on every backend, with weights and without."""

import pickle
import warnings
from functools import cache, partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nn import MLP, SGD, Layer, Sequential, cross_entropy, datasets, evaluate, fit, mse

sklearn_metrics = pytest.importorskip("sklearn.metrics")
numpy = pytest.importorskip("numpy")
BACKENDS = ["eager", "python", "native"]
backends = pytest.mark.parametrize("backend", BACKENDS)
CLASSES = ["accuracy", "precision", "recall", "f1"]
NUMBERS = ["mse", "mae", "r2"]


@cache
def passing_on(width):
    """A model whose outputs are its inputs."""
    model = Sequential(Layer(width, width, "identity"))
    model.layers[0].weight = numpy.eye(width)
    return model


def expected(names, targets, found, several, weights):
    """What scikit-learn says."""
    average = {"average": "macro" if several else "binary", "zero_division": 0.0}
    functions = {
        "accuracy": sklearn_metrics.accuracy_score,
        "precision": partial(sklearn_metrics.precision_score, **average),
        "recall": partial(sklearn_metrics.recall_score, **average),
        "f1": partial(sklearn_metrics.f1_score, **average),
        "mse": sklearn_metrics.mean_squared_error,
        "mae": sklearn_metrics.mean_absolute_error,
        "r2": sklearn_metrics.r2_score,
    }
    return {name: pytest.approx(functions[name](targets, found, sample_weight=weights), abs=1e-12) for name in names}


def measured(*arguments, **settings):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = evaluate(*arguments, **settings)
    found.pop("loss")
    return found


weights_or_none = st.none() | st.lists(st.sampled_from([0.0, 0.5, 1.0, 3.0]), min_size=12, max_size=12).filter(any)


few = settings(max_examples=15)
ONE_OUTPUT = {"hinge": (-1, 1), "binary_cross_entropy_with_logits": (0, 1), "mse": (0, 1)}


@few
@given(data=st.data(), width=st.integers(2, 4), weights=weights_or_none, one_hot=st.booleans())
def test_of_classes(data, width, weights, one_hot):
    true = data.draw(st.lists(st.integers(0, width - 1), min_size=12, max_size=12))
    guessed = data.draw(st.lists(st.integers(0, width - 1), min_size=12, max_size=12))
    inputs, targets = datasets.one_hot(guessed, width), datasets.one_hot(true, width) if one_hot else true
    wanted = expected(CLASSES, true, guessed, width > 2, weights)
    for backend in BACKENDS:
        found = measured(passing_on(width), inputs, targets, "cross_entropy", CLASSES, sample_weight=weights, backend=backend)
        assert found == wanted


@few
@given(data=st.data(), loss=st.sampled_from(list(ONE_OUTPUT)), weights=weights_or_none)
def test_of_one_output_the_loss_says_where_class_1_begins(data, loss, weights):
    true = data.draw(st.lists(st.sampled_from(ONE_OUTPUT[loss]), min_size=12, max_size=12))
    outputs = data.draw(st.lists(st.floats(-1, 1), min_size=12, max_size=12))
    threshold = 0.5 if loss == "mse" else 0.0
    wanted = expected(CLASSES, [int(y == 1) for y in true], [int(a > threshold) for a in outputs], False, weights)
    for backend in BACKENDS:
        inputs = [[a] for a in outputs]
        assert measured(passing_on(1), inputs, true, loss, CLASSES, sample_weight=weights, backend=backend) == wanted


@few
@given(data=st.data(), width=st.integers(1, 3), weights=weights_or_none)
def test_of_numbers(data, width, weights):
    row = st.lists(st.sampled_from([-2.0, 0.0, 0.1, 1.5]), min_size=width, max_size=width)
    rows = st.lists(row, min_size=12, max_size=12)
    outputs, targets = data.draw(rows), data.draw(rows)
    wanted = expected(NUMBERS, targets, outputs, False, weights)
    for backend in BACKENDS:
        assert measured(passing_on(width), outputs, targets, "mse", NUMBERS, sample_weight=weights, backend=backend) == wanted


@backends
@pytest.mark.parametrize(
    ("metric", "inputs", "targets", "number", "message"),
    [
        (
            "precision",
            [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]],
            [0, 2],
            1 / 3,
            "the precision of class 2 counts as 0: it is never pred",
        ),
        ("recall", [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]], [0, 2], 1 / 3, "the recall of class 1 counts as 0: it is not among"),
        ("f1", [[1.0, 0.0]] * 2, [0, 0], 0.0, "the f1 of class 1 counts as 0: it is neither"),
        ("r2", [[1.0], [2.0]], [1.0, 1.0], 0.0, "the targets of output 0 are all the same"),
        ("r2", [[0.1], [0.1]], [0.1, 0.1], 1.0, "the targets of output 0 are all the same"),
    ],
)
def test_what_is_not_defined_is_named(backend, metric, inputs, targets, number, message):
    model = passing_on(len(inputs[0]))
    loss = "mse" if metric == "r2" else "cross_entropy"
    with pytest.warns(UserWarning, match=message):
        assert evaluate(model, inputs, targets, loss, [metric], backend=backend)[metric] == pytest.approx(number)


@backends
def test_r2_of_classes_says_what_to_take(backend):
    with pytest.raises(
        ValueError, match="a target of r2 must be 2 numbers, one for each output, got 1: for classes use accuracy"
    ):
        evaluate(passing_on(2), [[1.0, 0.0]] * 2, [0, 1], "cross_entropy", ["r2"], backend=backend)


@backends
@pytest.mark.parametrize("weighted", [False, True])
def test_in_a_fit_they_are_of_the_outputs_that_were_met(backend, weighted):
    inputs, labels = datasets.spirals(30, classes=3, seed=1)
    weights = [1.0 + i % 4 for i in range(30)] if weighted else None
    model = MLP(2, [5, 3], seed=4)
    metrics = [*CLASSES, mean_output]
    before = measured(model, inputs, labels, "cross_entropy", metrics, sample_weight=weights, backend="eager")
    history = fit(
        model, inputs, labels, loss="cross_entropy", metrics=metrics, sample_weight=weights, batch_size=30, epochs=3,
        optimizer=SGD(model.parameters(), lr=0.1), validation=(inputs, labels, weights), backend=backend, progress=False,
    )  # fmt: skip
    assert list(history) == ["loss", *CLASSES, "mean_output", "val_loss", *(f"val_{n}" for n in CLASSES), "val_mean_output"]
    for name, number in before.items():
        assert history[name][0] == pytest.approx(number)
        assert history[f"val_{name}"][:2] == pytest.approx(history[name][1:])  # of the weights after the first step
    assert history["val_loss"][:2] == pytest.approx(history["loss"][1:])


def mean_output(output, target):
    return sum(output) / len(output)


def test_the_loss_of_a_name_is_a_metric_as_well_as_its_function():
    inputs, targets = datasets.xor()
    found = evaluate(MLP(2, [1], seed=0), inputs, targets, "mae", [mse, "r2"])
    assert list(found) == ["loss", "mse", "r2"]


@pytest.mark.parametrize(
    "loss", [partial(cross_entropy, label_smoothing=0.1), partial(cross_entropy, class_weights=[1.0, 2.0])]
)
def test_a_loss_with_options_is_still_one_of_classification(loss):
    inputs, labels = datasets.moons(20, seed=0)
    assert list(evaluate(MLP(2, [2], seed=0), inputs, labels, loss)) == ["loss", "accuracy"]


@backends
def test_a_history_holds_plain_numbers_that_are_kept_by_a_checkpoint(backend, tmp_path):
    inputs, labels = datasets.spirals(30, classes=3, seed=1)
    options = {"loss": "cross_entropy", "metrics": ["precision"], "backend": backend, "progress": False, "seed": 0}
    options |= {"validation": 0.2, "checkpoint": tmp_path / "run.json"}
    fit(MLP(2, [3], seed=0), inputs, labels, epochs=1, **options)
    history = fit(MLP(2, [3], seed=0), inputs, labels, epochs=3, **options)
    assert {type(number) for numbers in history.values() for number in numbers} == {float}
    assert pickle.loads(pickle.dumps(history)) == history
