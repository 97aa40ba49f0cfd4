"""What people give by mistake: each error names the argument, what it is, and a way out."""

import re

import numpy
import pandas
import polars
import pytest
import scipy.sparse

from autograd_lite import Value
from nn import MLP, Adam, evaluate, fit, outputs, predict

INPUTS = numpy.random.default_rng(0).normal(size=(12, 3))
CLASSES = (INPUTS[:, 0] > 0).astype(int)
WORDS = numpy.array(["no", "yes"])[CLASSES]
FRAME = pandas.DataFrame(INPUTS, columns=["age", "height", "weight"])
DATES = pandas.date_range("2026-01-01", periods=12)


def model(outputs=2):
    return MLP(3, [4, outputs], seed=0)


def train(inputs=INPUTS, targets=CLASSES, loss="cross_entropy", outputs=2, **settings):
    return fit(model(outputs), inputs, targets, loss=loss, epochs=1, progress=False, **settings)


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        (
            FRAME.assign(sex=WORDS),
            "inputs, column 'sex', is of str: row 0 is 'yes', expected numbers: .*get_dummies.* or leave it",
        ),
        (FRAME.assign(sex=pandas.Categorical(WORDS)), "the inputs, column 'sex', is of str: row 0 is 'yes'"),
        (FRAME.assign(born=DATES), r"column 'born', is of the type datetime64.*: make it a number of days"),
        (
            FRAME.assign(age=[numpy.nan] + [1.0] * 11),
            r"input 0, feature 0 \('age'\), is nan: .* leave such samples out, or fill them",
        ),
        (
            polars.DataFrame(FRAME).with_columns(polars.Series("sex", WORDS)),
            "the inputs, column 'sex', is of str: row 0 is 'yes'",
        ),
        (polars.DataFrame(FRAME).lazy(), r"\(LazyFrame\): collect it first, items.collect\(\)"),
        (numpy.ma.masked_greater(INPUTS, 1), r"the inputs are a masked array, .*: fill them, items.filled\(0\), or leave"),
        (scipy.sparse.csr_matrix(INPUTS), r"the inputs are a sparse csr_matrix: pass items.toarray\(\)"),
        (
            FRAME.assign(age=pandas.arrays.SparseArray(INPUTS[:, 0])),
            r"the inputs, column 'age', is sparse: pass frame.sparse.to_dense\(\)",
        ),
        ([[1, 2, 3], [1, 2]], "input 1 has 2 numbers, but input 0 has 3 numbers"),
        ([[[1, 2], [3, 4]], [[1, 2], [3]]], "input 1, row 1 has 1 number, but input 1, row 0 has 2 numbers"),
        (numpy.array([[1, 2, "a"]], object), r"input 0, feature 2, is 'a' \(str\): expected a number"),
        (
            INPUTS.astype(str),
            r"the inputs are an array of the type <U\d+, expected real numbers: .astype\(float\) makes numbers",
        ),
        (
            INPUTS + 1j,
            "the inputs are an array of the type complex128, expected real numbers: give its real and imaginary parts",
        ),
        (INPUTS.astype("datetime64[s]"), "make it a number of days"),
        (numpy.zeros(12, "i4,f8,f8"), "give its fields as columns"),
        (
            FRAME.to_dict("records"),
            r"input 0 is .* \(dict\): its numbers have no order, pandas.DataFrame\(samples\) makes columns",
        ),
        (INPUTS[:, 0], r"the inputs are single numbers.*, inputs.reshape\(-1, 1\); for one sample alone \[inputs\]"),
        (INPUTS.reshape(12, 3, 1), r"the inputs are tables, of 3 rows each, .*inputs.reshape\(len\(inputs\), -1\)"),
        (INPUTS[:, :2], "MLP expects 3 inputs, got 2"),
        (INPUTS[:5], "5 inputs, but 12 targets: one target for each input"),
        (INPUTS[:0], "the inputs are empty: there is nothing to learn from"),
        ({"age": [1.0]}, r"the inputs must be a sequence, one for each sample, got .* \(dict\)"),
    ],
    ids=lambda given: given if isinstance(given, str) else type(given).__name__,
)
def test_inputs_that_nothing_can_be_learnt_from(inputs, message):
    with pytest.raises((TypeError, ValueError), match=f"(?s){message}"):
        train(inputs)


@pytest.mark.parametrize(
    ("targets", "settings", "message"),
    [
        (
            WORDS,
            {},
            "the targets are an array of the type <U3, expected real numbers: datasets.encode_labels makes classes of words",
        ),
        (WORDS.tolist(), {}, r"target 0 is 'yes' \(str\): expected a number: datasets.encode_labels makes classes of words"),
        (
            pandas.Series(WORDS, name="sex"),
            {},
            "the targets, column 'sex', is of str: row 0 is 'yes', .*: datasets.encode_labels",
        ),
        (polars.Series("sex", WORDS), {}, "the targets, column 'sex', is of str: row 0 is 'yes', .*: datasets.encode_labels"),
        (CLASSES.astype(float), {}, r"target 0: a target of cross_entropy must be the class, .*targets.astype\(int\)"),
        (CLASSES[:, None] + 0.5, {}, "target 0: a target of cross_entropy must be the class"),
        (CLASSES + 1, {}, "target 0: the class 2 is out of range: with 2 outputs the classes are 0 to 1"),
        (numpy.stack([CLASSES] * 3, 1), {}, "target 0: cross_entropy got 2 outputs and 3 targets"),
        (CLASSES, {"outputs": 1}, "cross_entropy needs one output for each class, at least 2, got 1: .*with_logits or hinge"),
        (
            CLASSES,
            {"loss": "mse"},
            "target 0: mse got 2 outputs and 1 target: for class labels use cross_entropy, or datasets.one_hot",
        ),
        (CLASSES, {"loss": "hinge", "outputs": 1}, "a target of hinge must be -1 or 1, got 0"),
        (numpy.ma.masked_equal(CLASSES, 0), {}, "the targets are a masked array"),
        (scipy.sparse.csr_array(CLASSES[:, None]), {}, r"the targets are a sparse csr_array: pass items.toarray\(\)"),
        (CLASSES, {"optimizer": Adam}, r"optimizer is the class Adam: make one for this model, Adam\(model.parameters\(\)\)"),
        (CLASSES, {"sample_weight": [1.0]}, "1 numbers in sample_weight, but 12 samples: one for each"),
        (CLASSES, {"sample_weight": [-1.0] * 12}, r"sample_weight\[0\] must be at least 0 .*, got -1.0"),
        (CLASSES, {"sample_weight": [0.0] * 12}, "all weights in sample_weight are zero"),
        (CLASSES, {"sample_weight": INPUTS}, "sample_weight has 3 numbers for each sample: give one"),
        (CLASSES, {"validation": 1.5}, "validation must be a share between 0 and 1, or a number of samples, got 1.5"),
        (CLASSES, {"validation": 12}, "validation=12 of 12 samples leaves one part empty: leave at least 1 in each"),
    ],
    ids=lambda given: given if isinstance(given, str) else type(given).__name__,
)
def test_targets_and_settings_that_do_not_fit(targets, settings, message):
    with pytest.raises((TypeError, ValueError), match=f"(?s){message}"):
        train(targets=targets, **settings)


@pytest.mark.parametrize(
    ("mistake", "error", "message"),
    [
        (lambda: MLP(3, [2], output_activation="softmax"), ValueError, "softmax takes all outputs .*loss='cross_entropy'"),
        (
            lambda: MLP(10**6, [10**6, 1]),
            MemoryError,
            r"MLP\(1000000, \[1000000, 1\]\) has .* weights, .*make the layers smaller",
        ),
        (lambda: setattr(model().layers[0].neurons[0], "w", [1.0] * 3), TypeError, r"w\[0\] .* neuron.w\[0\].data = 1.0"),
        (lambda: outputs(model(), INPUTS[0]), TypeError, r"for one sample alone \[inputs\]"),
        (lambda: predict(model(), FRAME.assign(age=WORDS)), TypeError, "the inputs, column 'age', is of str"),
        (lambda: evaluate(model(), INPUTS, WORDS, "cross_entropy"), TypeError, "datasets.encode_labels makes classes of words"),
    ],
)
def test_mistakes_beside_fit(mistake, error, message):
    with pytest.raises(error, match=message):
        mistake()


def test_what_looks_like_a_mistake_and_is_none():
    expected = train()
    for inputs in (
        FRAME,
        polars.DataFrame(FRAME),
        INPUTS.astype(object),
        numpy.asfortranarray(INPUTS),
        INPUTS.tolist(),
        iter(INPUTS),
        memoryview(INPUTS),
    ):
        assert train(inputs) == expected
    for targets in (
        CLASSES[:, None],
        pandas.Series(CLASSES, index=range(5, 17)),
        polars.Series(CLASSES),
        CLASSES.astype("uint8"),
    ):
        assert train(targets=targets) == expected
    network, node = model(), Value(1.0)
    network.layers[0].neurons[0].w[0].data = numpy.float64(0.5)
    history = fit(network, INPUTS, CLASSES, loss="cross_entropy", epochs=1, progress=False, backend="native")
    assert history.epochs == 1
    node.grad = None


def test_all_messages_are_one_line():
    with pytest.raises(TypeError) as told:
        train(FRAME.assign(sex=WORDS))
    assert not re.search(r"\n", str(told.value))
