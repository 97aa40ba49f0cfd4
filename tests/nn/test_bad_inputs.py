"""What people give by mistake: each error names the argument, what it is, and a way out."""

import re
from decimal import Decimal

import numpy
import pandas
import polars
import pytest
import scipy.sparse

from autograd_lite import Value
from nn import (
    MLP,
    SGD,
    Adam,
    Embedding,
    Layer,
    LayerNorm,
    Module,
    Neuron,
    Sequential,
    Standardizer,
    clip_grad_norm,
    clip_grad_value,
    cosine,
    evaluate,
    fit,
    load,
    outputs,
    predict,
    save,
)

INPUTS = numpy.random.default_rng(0).normal(size=(12, 3))
CLASSES = (INPUTS[:, 0] > 0).astype(int)
WORDS = numpy.array(["no", "yes"])[CLASSES]
FRAME = pandas.DataFrame(INPUTS, columns=["age", "height", "weight"])
PAIRS = pandas.DataFrame(INPUTS[:, :2], columns=["low", "high"])
DATES = pandas.date_range("2026-01-01", periods=12)


class Silent(Module):
    """Forgets to return what it has computed."""

    def __init__(self):
        self.layer = Layer(3, 2, seed=0)

    def forward(self, x):
        self.layer(x)


def of_torch(x):
    """Stands in for a function of PyTorch, which need not be installed."""


def of_sklearn(y_true, y_pred):
    """Stands in for a metric of scikit-learn."""


of_torch.__module__ = "torch.nn.functional"
of_sklearn.__module__ = "sklearn.metrics._classification"


def model(outputs=2):
    return MLP(3, [4, outputs], seed=0)


def with_a_word_as_gradient():
    network = model()
    network.layers[1].neurons[0].w[0].grad = "a"
    return network


def train(inputs=INPUTS, targets=CLASSES, loss="cross_entropy", outputs=2, **settings):
    return fit(model(outputs), inputs, targets, loss=loss, epochs=1, progress=False, **settings)


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        (
            FRAME.assign(sex=WORDS),
            r"the inputs, column 'sex', row 0, is 'yes' \(str\): expected a number:.*word\), or leave it out \(drop\)",
        ),
        (
            FRAME.assign(sex=pandas.Categorical(WORDS)),
            r"the inputs, column 'sex', row 0, is 'yes' \(str\): expected a number:.*word\), or leave it out \(drop\)",
        ),
        (
            FRAME.assign(born=DATES),
            r"the inputs, column 'born', must be numbers, got a series of the type.*/ numpy\.timedelta64\(1, 'D'\)",
        ),
        (
            FRAME.assign(age=[numpy.nan] + [1.0] * 11),
            r"input 0, feature 0 \('age'\), is nan: .* leave such samples out, or fill them",
        ),
        (
            polars.DataFrame(FRAME).with_columns(polars.Series("sex", WORDS)),
            r"the inputs, column 'sex', row 0, is 'yes' \(str\): expected a number:.*word\), or leave it out \(drop\)",
        ),
        (polars.DataFrame(FRAME).lazy(), r"\(LazyFrame\): collect it first, items.collect\(\)"),
        (
            numpy.ma.masked_greater(INPUTS, 1),
            "the inputs must be numbers of which none is hidden, got a masked.*or leave their rows out",
        ),
        (scipy.sparse.csr_matrix(INPUTS), r"the inputs must be dense, got a sparse csr_matrix: pass items\.toarray\(\)"),
        (
            FRAME.assign(age=pandas.arrays.SparseArray(INPUTS[:, 0])),
            r"the inputs, column 'age', must be dense, got a sparse series: pass.*series\.sparse\.to_dense\(\)",
        ),
        ([[1, 2, 3], [1, 2]], r"input 1 is \[1, 2\]: expected a row of 3 numbers, as input 0 is"),
        ([[[1, 2], [3, 4]], [[1, 2], [3]]], r"input 1, row 1 is \[3\]: expected a row of 2 numbers, as input 1, row 0 is"),
        (numpy.array([[1, 2, "a"]], object), r"input 0, feature 2, is 'a' \(str\): expected a number"),
        (
            INPUTS.astype(str),
            r"the inputs must be real numbers, got an array of the type <U.*:.*each word, datasets\.one_hot",
        ),
        (
            INPUTS + 1j,
            r"the inputs must be real numbers, got an array of the type complex128:.*parts, \.real and \.imag",
        ),
        (INPUTS.astype("datetime64[s]"), "make it a number of days"),
        (numpy.zeros(12, "i4,f8,f8"), "give its fields as columns"),
        (
            FRAME.to_dict("records"),
            r"input 0 is .* \(dict\): expected numbers in an order: pandas.DataFrame.*makes columns of them",
        ),
        (
            INPUTS[:, 0],
            r"the inputs are single numbers.*, numpy\.reshape\(inputs, \(-1, 1\)\); for one sample alone",
        ),
        (INPUTS.reshape(12, 3, 1), r"the inputs are tables, of 3 rows each, .*numpy\.reshape\(inputs, \(len\(inputs\), -1\)\)"),
        (INPUTS[:, :2], "MLP expects 3 inputs, got 2"),
        (INPUTS[:5], "the targets must be 5, one for each input, got 12"),
        (INPUTS[:0], r"the inputs must be a sequence of at least one sample, got array\(\[\], shape=\(0, 3\), dtype=float64\)"),
        (
            polars.DataFrame(FRAME).with_columns(polars.Series("price", [Decimal("1.5")] * 12)),
            r"'price', row 0, is Decimal\('1.5'\) \(Decimal\): expected a number: float\(number\), or of a column \.astype",
        ),
        ([[1j, 2, 3]], r"input 0, feature 0, is 1j \(complex\): expected a number: give its real and imaginary parts"),
        ([[Value(1.0), 2, 3]], r"input 0, feature 0, is Value.*: expected a number: the number in a Value is its \.data"),
        (
            FRAME.assign(born=DATES.tz_localize("UTC")),
            r"'born', row 0, is Timestamp.*: make it a number of days",
        ),
        (
            FRAME.assign(age=pandas.Series([10**400] * 12, dtype=object)),
            r"'age', row 0, is 10000.*: expected a number that a float can hold",
        ),
        (
            polars.DataFrame({"age": polars.Series([[1.0, 2.0]] * 12, dtype=polars.Array(polars.Float64, 2))}),
            r"'age', must be one number in each row, got a series of the type Array.*a column of its own",
        ),
        (
            polars.DataFrame({"age": polars.Series([1] * 12, dtype=polars.Int128)}),
            r"'age', must be numbers, got a series of the type Int128, of which NumPy can make none .*: cast it to",
        ),
        (
            FRAME.assign(age=[[1.0]] * 12),
            r"row 0, is \[1\.0\] \(list\): expected a number: make it one number, or leave it out",
        ),
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
            "the targets must be real numbers, got an array of the type <U3:.*numbers of text",
        ),
        (WORDS.tolist(), {}, r"target 0 is 'yes' \(str\): expected a number: datasets.encode_labels makes classes of words"),
        (
            pandas.Series(WORDS, name="sex"),
            {},
            r"the targets, column 'sex', row 0, is 'yes' \(str\): expected a number:.*numbers of text",
        ),
        (
            polars.Series("sex", WORDS),
            {},
            r"the targets, column 'sex', row 0, is 'yes' \(str\): expected a number:.*numbers of text",
        ),
        (CLASSES.astype(float), {}, r"target 0: a target of cross_entropy must be the class, .*targets.astype\(int\)"),
        (CLASSES[:, None] + 0.5, {}, "target 0: a target of cross_entropy must be the class"),
        (CLASSES + 1, {}, "target 0: the class 2 is out of range: with 2 outputs the classes are 0 to 1"),
        (
            numpy.stack([CLASSES] * 3, 1),
            {},
            "target 0: the target of cross_entropy must be 2 numbers, one for each output, got 3",
        ),
        (CLASSES, {"outputs": 1}, "target 0: the output of cross_entropy must be at least 2 numbers, one.*or hinge"),
        (
            CLASSES,
            {"loss": "mse"},
            r"target 0: the target of mse must be 2 numbers, one for each output,.*or datasets\.one_hot",
        ),
        (CLASSES, {"loss": "hinge", "outputs": 1}, "a target of hinge must be -1 or 1, got 0"),
        (
            numpy.ma.masked_equal(CLASSES, 0),
            {},
            "the targets must be numbers of which none is hidden, got a masked.*or leave their rows out",
        ),
        (
            scipy.sparse.csr_array(CLASSES[:, None]),
            {},
            r"the targets must be dense, got a sparse csr_array: pass items\.toarray\(\)",
        ),
        (
            CLASSES,
            {"optimizer": Adam},
            r"optimizer must be one such as SGD\(model\.parameters\(\)\), got <class.*Adam\(model\.parameters\(\)\)",
        ),
        (CLASSES, {"sample_weight": [1.0]}, "sample_weight must be 12 numbers, one for each sample, got 1"),
        (CLASSES, {"sample_weight": [-1.0] * 12}, r"sample_weight\[0\] must be at least 0 .*, got -1.0"),
        (CLASSES, {"sample_weight": [0.0] * 12}, "sample_weight must be above 0 for at least one sample, got zeros alone"),
        (CLASSES, {"sample_weight": INPUTS}, r"sample_weight must be one number for each sample, got.*0\.6404226504432821\]"),
        (
            CLASSES,
            {"optimizer": "adam"},
            r"optimizer must be one such as .*, got 'adam' \(str\): make one for this model, Adam\(model\.parameters\(\)\)",
        ),
        (CLASSES, {"sample_weight": "balanced"}, r"sample_weight must be a sequence, one for each sample, got 'balanced'"),
        (CLASSES, {"schedule": cosine}, r"schedule must be a function of .*: call it, cosine\(\.\.\.\)"),
        (CLASSES, {"callbacks": print}, r"callbacks must be a list of functions, got .*: callbacks=\[it\]"),
        (
            CLASSES,
            {"callbacks": [print, lambda history: None]},
            r"callbacks\[1\] must be a function of \(epoch, model, history\), got .*: too many positional arguments",
        ),
        (
            CLASSES,
            {"schedule": lambda epoch, epochs, rate: 1.0},
            r"schedule must be a function of \(epochs done, epochs in all\), got .*: missing a required argument: 'rate'",
        ),
        *[
            (CLASSES, {"schedule": schedule}, r"schedule must be a function of .*: such as step_decay\(10\), or cosine\(\)")
            for schedule in (SGD, of_torch)
        ],
        (CLASSES, {"loss": lambda output: output}, r"loss must be a function of \(output, target\), got .*: too many pos"),
        (CLASSES, {"metrics": [lambda: 1.0]}, r"a metric must be a function of \(output, target\), got .*: too many pos"),
        (CLASSES, {"metrics": [of_sklearn]}, r"a metric must be .*: those of scikit-learn take a whole set: call it yours"),
        (CLASSES, {"validation": 1.5}, "validation must be a share between 0 and 1, or a number of samples, got 1.5"),
        (CLASSES, {"validation": 12}, "validation must be such that of 12 samples at least 1 is in each part, got 12"),
    ],
    ids=lambda given: given if isinstance(given, str) else type(given).__name__,
)
def test_targets_and_settings_that_do_not_fit(targets, settings, message):
    with pytest.raises((TypeError, ValueError), match=f"(?s){message}"):
        train(targets=targets, **settings)


@pytest.mark.parametrize(
    ("mistake", "error", "message"),
    [
        (
            lambda: MLP(3, [2], output_activation="softmax"),
            ValueError,
            "activation must be a function of one number, got softmax, which takes.*which has the softmax in it",
        ),
        (
            lambda: MLP(10**6, [10**6, 1]),
            MemoryError,
            r"MLP\(1000000, \[1000000, 1\]\) has .* weights, .*make the layers smaller",
        ),
        (
            lambda: Sequential([Layer(2, 1)]),
            TypeError,
            r"layers\[0\] of Sequential must be a Module.*: write Sequential\(\*layers\)",
        ),
        (lambda: model()(INPUTS), ValueError, r"MLP expects 3 inputs, got 12: of several samples write model.batch\(samples\)"),
        (
            lambda: model()(INPUTS[:3]),
            TypeError,
            r"MLP expects one sample, .*: of several samples write model.batch\(samples\)",
        ),
        (
            lambda: train(FRAME, validation=(FRAME[FRAME.columns[::-1]], CLASSES)),
            ValueError,
            r"the columns of the validation inputs must be age, height, weight, as of the inputs, got .*: frame\[\['age",
        ),
        *[
            (
                lambda weights=weights: train(INPUTS, PAIRS, "mse", validation=(INPUTS, PAIRS[["high", "low"]], *weights)),
                ValueError,
                r"the columns of the validation targets must be low, high, as of the targets, got .*: frame\[\['low',",
            )
            for weights in ([], [numpy.ones(12)])
        ],
        (
            lambda: Standardizer(FRAME)(FRAME[FRAME.columns[::-1]]),
            ValueError,
            r"the columns of the samples must be .*frame\[\[",
        ),
        *[
            (mistake, IsADirectoryError, "Is a directory: '/'")
            for mistake in (
                lambda: train(checkpoint="/"),
                lambda: save(model(), "/"),
                lambda: load("/"),
            )
        ],
        (lambda: setattr(model().layers[0].neurons[0], "w", [1.0] * 3), TypeError, r"w\[0\] .* neuron.w\[0\].data = 1.0"),
        (lambda: outputs(model(), INPUTS[0]), TypeError, r"for one sample alone \[inputs\]"),
        (
            lambda: predict(model(), FRAME.assign(age=WORDS)),
            TypeError,
            r"the inputs, column 'age', row 0, is 'yes' \(str\): expected a number:.*word\), or leave it out \(drop\)",
        ),
        (lambda: evaluate(model(), INPUTS, WORDS, "cross_entropy"), TypeError, "datasets.encode_labels makes classes of words"),
        (lambda: predict(model(), numpy.ma.masked_greater(INPUTS[0], 0)), TypeError, "none is hidden, got a masked array"),
        (lambda: predict(MLP, INPUTS), TypeError, r"model must be a Module, got .*: make one, MLP\(\.\.\.\)"),
        (
            lambda: fit(Silent(), INPUTS, CLASSES),
            TypeError,
            "the output of this Silent must be one Value, .*, got None.*: return it",
        ),
        (
            lambda: fit(MLP(3, [1]), [[0] * 3, [99] * 3], [0, 1], loss="binary_cross_entropy", progress=False),
            ArithmeticError,
            r"output_activation='sigmoid'.*no step was taken before; else lower the learning rate",
        ),
        (lambda: MLP(3, [2], activation=of_torch), TypeError, "activation must be 'abs', .*those of PyTorch take no Values"),
        (lambda: train(loss=of_torch), TypeError, "loss must be 'sum_squared_error', .*those of PyTorch take no Values"),
        *[
            (mistake, TypeError, r"the gradient of w₀₀⁽²⁾=.* must be a number, got 'a' \(str\)")
            for mistake in (
                lambda: SGD(with_a_word_as_gradient().parameters()).step(),
                lambda: clip_grad_norm(with_a_word_as_gradient().parameters(), 1.0),
                lambda: clip_grad_value(with_a_word_as_gradient().parameters(), 1.0),
                lambda: with_a_word_as_gradient()(INPUTS[0])[0].backward(),
            )
        ],
        (lambda: Embedding(3, 2)(numpy.array(1.5)), TypeError, r"Embedding\(3, 2\).* must be a whole number, got 1\.5"),
        (lambda: Neuron(10**12), MemoryError, r"Neuron\(1000000000000\) has .* weights"),
        (lambda: LayerNorm(10**12), MemoryError, r"LayerNorm\(1000000000000\) has .* weights"),
        (
            lambda: setattr(Neuron(2), "b", 0.5),
            TypeError,
            r"b of a neuron must be a Value or None, got 0\.5 .*neuron\.b\.data = 0\.5",
        ),
        (
            lambda: setattr(Neuron(2), "w", None),
            TypeError,
            "w of a neuron must be a list of Values, one for each input, got None",
        ),
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
    assert train(validation=numpy.float32(0.25)) == train(validation=0.25)
    network, node = model(), Value(1.0)
    network.layers[0].weight = FRAME.iloc[:4]
    assert (network.layers[0].weight == INPUTS[:4]).all()
    network.layers[0].neurons[0].w[0].data = numpy.float64(0.5)
    history = fit(network, INPUTS, CLASSES, loss="cross_entropy", epochs=1, progress=False, backend="native")
    assert history.epochs == 1
    node.grad = None


def test_all_messages_are_one_line():
    with pytest.raises(TypeError) as told:
        train(FRAME.assign(sex=WORDS))
    assert not re.search(r"\n", str(told.value))
