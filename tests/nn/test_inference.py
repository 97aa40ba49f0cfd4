"""The outputs, predictions and measures of a model are those of the eager engine, whoever computes them."""

import math
import weakref
from fractions import Fraction
from types import SimpleNamespace

import numpy as np
import pytest

from autograd_lite import Value, log, no_grad, tanh
from nn import MLP, Dropout, Layer, Module, Sequential, cross_entropy, datasets, evaluate, inference, mse, outputs, predict
from nn.backends.forward import forward_of
from nn.metrics import predicted_class

pytest.importorskip("numba")
INPUTS, LABELS = datasets.moons(40, noise=0.1, seed=5)
compiled = pytest.mark.parametrize("backend", ["python", "native"])


def eager_outputs(model, inputs=INPUTS):
    rows = [model(x) for x in inputs]
    return [[a.data for a in row] if isinstance(row, list) else [row.data] for row in rows]


@compiled
@pytest.mark.parametrize("sizes", [[5, 3], [5, 1]])
def test_outputs_are_those_of_the_model_called_for_each_sample(backend, sizes):
    model = MLP(2, sizes, activation="tanh", seed=1)
    found = outputs(model, INPUTS, backend=backend)
    assert found.shape == (40, sizes[-1])
    assert found == pytest.approx(np.array(eager_outputs(model)), rel=1e-12)


@compiled
def test_what_is_kept_of_a_model_follows_its_weights_its_settings_and_its_parts(backend):
    class Scaled(Module):
        factor = 2.0

        def __init__(self):
            self.inner, self.scale, self.more = MLP(2, [3, 2], activation="tanh", seed=1), 1.0, [0.5]

        def forward(self, x):
            return [tanh(a * self.scale) * self.more[0] * self.factor for a in self.inner(x)]

    def change_the_weights():
        for parameter in model.parameters():
            parameter.data += 0.25

    def change_a_number():
        model.scale = 3.0

    def change_a_list():
        model.more[0] = 4.0

    def change_the_class():
        Scaled.factor = 5.0

    def change_a_part():
        model.inner.layers[0] = Layer(2, 3, "sigmoid", seed=9)

    def change_a_neuron():
        model.inner.layers[0].neurons[1] = MLP(2, [1], seed=7).layers[0].neurons[0]

    def change_a_method():
        model.inner.layers[1].forward = lambda x: [x[0], x[1] + x[2]]

    model = Scaled()
    for change in (
        lambda: None,
        change_the_weights,
        change_a_number,
        change_a_list,
        change_the_class,
        change_a_part,
        change_a_neuron,
        change_a_method,
    ):
        change()
        assert outputs(model, INPUTS, backend=backend) == pytest.approx(np.array(eager_outputs(model)), rel=1e-12)


weight = 2.0


@compiled
def test_a_loss_is_asked_anew_for_what_it_refers_to(backend):
    global weight
    settings = {"power": 2}
    model = MLP(2, [3, 1], activation="tanh", seed=1)

    def loss(output, target):
        return weight * (output - target) ** settings["power"]

    for factor, power in ((2.0, 2), (3.0, 2), (3.0, 4)):
        weight, settings["power"] = factor, power
        expected = [loss(model(x), y).data for x, y in zip(INPUTS, LABELS, strict=True)]
        found = evaluate(model, INPUTS, LABELS, loss, backend=backend)
        assert found["loss"] == pytest.approx(sum(expected) / 40, rel=1e-12)


def test_a_model_is_freed_with_what_is_kept_of_it():
    model = MLP(2, [3, 1], seed=0)
    outputs(model, INPUTS, backend="native")
    bias = model.layers[0].neurons[0].b
    evaluate(model, INPUTS, LABELS, lambda a, y: mse(a, y) + bias**2, backend="native")
    alive = weakref.ref(model)
    del model
    assert alive() is None


@compiled
@pytest.mark.parametrize(
    ("loss", "size", "targets"),
    [
        ("cross_entropy", 2, LABELS),
        ("cross_entropy", 2, [[y] for y in LABELS]),
        ("cross_entropy", 3, datasets.one_hot(LABELS, 3)),
        ("mse", 1, [float(y) for y in LABELS]),
        ("hinge", 1, [[2 * y - 1] for y in LABELS]),
        (lambda output, y: 0.9 * cross_entropy(output, y) + 0.1 * output[0] ** 2, 2, LABELS),
    ],
)
def test_evaluate_is_that_of_the_eager_engine(backend, loss, size, targets):
    model = MLP(2, [5, size], activation="tanh", seed=1)
    expected = evaluate(model, INPUTS, targets, loss, backend="eager")
    assert evaluate(model, INPUTS, targets, loss, backend=backend) == pytest.approx(expected, rel=1e-12)


def test_a_class_beyond_those_of_the_model_is_refused_when_it_comes_in_a_batch():
    model = MLP(2, [2], seed=0)
    with pytest.raises(ValueError, match="target 39: the class 2 is out of range"):
        evaluate(model, INPUTS, [*LABELS[:-1], 2], "cross_entropy", backend="native")


def test_a_loss_that_refuses_what_the_model_gave_before_is_tried_on_what_it_gives_now():
    model, samples = Layer(2, 1, "identity"), np.array([[1.0, 2.0], [3.0, 4.0]])

    def measured(weight, loss):
        model.weight = [[weight, weight]]
        return evaluate(model, samples, [0.0, 0.0], loss, backend="eager")["loss"]

    assert measured(-1.0, "mse") == 29.0
    with pytest.raises(ValueError, match=r"target 0: log\(.*-3\.0\)"):
        measured(-1.0, lambda a, y: log(a[0]))
    assert measured(1.0, lambda a, y: log(a[0])) == (math.log(3.0) + math.log(7.0)) / 2


def test_a_model_that_cannot_be_trained_is_measured_all_the_same():
    class Hiding(Module):
        def __init__(self):
            self.weights = {Value(2.0)}

        def forward(self, x):
            return next(iter(self.weights)) * x[0]

    assert evaluate(Hiding(), [[1.0]], [1.0], backend="eager") == {"loss": 1.0}


def test_many_samples_are_predicted_as_one_by_one():
    for sizes in ([4, 3], [4, 1]):
        model = MLP(2, sizes, seed=3)
        one_by_one = [predict(model, x) for x in INPUTS]
        assert {*map(type, one_by_one)} == {int}
        assert predict(model, INPUTS).tolist() == predict(model, np.array(INPUTS, "float32")).tolist() == one_by_one


def test_one_sample_of_a_model_of_sequences_is_one_sample():
    class Last(Module):
        def __init__(self):
            self.cell = Layer(3, 2, "tanh", seed=0)

        def forward(self, xs):
            h = 0.0
            for x in xs:
                h, out = self.cell([*x, h])
            return [h, out]

    model, sequences = Last(), np.linspace(-1, 1, 24).reshape(4, 3, 2)
    assert [predict(model, x) for x in sequences] == predict(model, sequences).tolist()
    assert outputs(model, sequences, backend="native") == pytest.approx(np.array(eager_outputs(model, sequences)), rel=1e-12)


def wide(sizes=(4, 3)):
    """A model of which a single sample is worth a recording, where so many weights are."""
    return MLP(15, [7, *sizes], activation="tanh", seed=1)


@pytest.fixture
def small(monkeypatch):
    monkeypatch.setattr(inference, "SMALL", 100)


def test_one_sample_is_predicted_by_a_recording_and_by_the_eager_engine_alike(small):
    sample = np.random.default_rng(0).normal(size=15)
    changes = (len, lambda model: setattr(model[0].neurons[3].w[2], "data", 50.0), lambda model: model.layers.pop(0))
    for model in (wide(), wide([1])):
        for change in changes:
            change(model)
            x = sample[: model[0].nin]
            for threshold in (-1.0, 0.0, 1.0):
                expected = predicted_class(model(x), threshold)
                assert [predict(model, form, threshold) for form in (x, x.tolist(), x[None])] == [expected] * 3
        with pytest.raises(ValueError, match="MLP expects 7 inputs, got 3"):
            predict(model, [1.0, 2.0, 3.0])


def test_one_sample_of_other_things_than_floats_is_read_as_the_eager_engine_reads_it(small):
    model, x = wide(), [0.5] * 15
    assert predict(model, x) == predict(model, [Value(0.5)] * 15) == predict(model, [Fraction(1, 2)] * 15)
    for _ in range(2):
        with pytest.raises(TypeError, match=r"'0\.5'"):
            predict(model, ["0.5"] * 15)
        with pytest.raises(TypeError, match="a row of the inputs must be numbers of which none is hidden"):
            predict(model, np.ma.masked_equal(x, 0.5))
        with pytest.raises(TypeError, match="a row of the inputs must be plain numbers, got a tensor that requires a gradient"):
            predict(model, SimpleNamespace(requires_grad=True, ndim=1, tolist=lambda: x))
        with pytest.raises(ValueError, match="output 0 is nan, so none is the highest"):
            predict(model, [math.nan] * 15)


def test_a_sample_of_several_inputs_is_predicted_by_a_recording_too(small):
    class Cell(Module):
        def __init__(self):
            self.inner = wide()

        def forward(self, x, h):
            return self.inner([*x, *h])

    model, x, h = Cell(), np.linspace(-1, 1, 10), np.linspace(1, 2, 5)
    expected = predicted_class(model(x, h))
    assert [predict(model, given) for given in ((x, h), (x.tolist(), h), (x, h.tolist()))] == [expected] * 3


def test_many_calls_of_few_samples_come_to_a_recording_if_there_can_be_one(small, monkeypatch):
    class Branching(Module):
        def __init__(self):
            self.inner = wide()

        def forward(self, x):
            first, *more = self.inner(x)
            return [first if first > 0 else -first, *more]

    recorded = []
    monkeypatch.setattr(inference, "forward_of", lambda *given: recorded.append(given[0]) or forward_of(*given))
    few = MLP(3, [5, 2], activation="tanh", seed=2)
    samples = np.random.default_rng(1).normal(size=(2, 3))
    found = [outputs(few, samples) for _ in range(6)]
    assert all(np.allclose(found[0], later, rtol=1e-12) for later in found)
    model, x = Branching(), np.ones(15)
    assert len({predict(model, x) for _ in range(3)}) == 1
    assert recorded == [few, model]


def test_nan_is_no_prediction():
    model = MLP(1, [2], init=lambda *_: math.nan)
    with pytest.raises(ValueError, match="output 0 is nan, so none is the highest"):
        predict(model, [1.0])
    with pytest.raises(ValueError, match="sample 0: output 0 is nan"):
        predict(model, [[1.0], [2.0]])


def test_what_cannot_be_recorded_is_told_with_its_reason():
    class Branching(Module):
        def __init__(self):
            self.w = Value(0.5)

        def forward(self, x):
            return self.w * x[0] if self.w * x[0] > 0 else self.w

    model = Branching()
    with pytest.raises(ValueError, match=r"cannot run this model: .*compared.*Record the choice itself"):
        outputs(model, INPUTS, backend="native")
    many = INPUTS * 2600
    with pytest.warns(UserWarning, match=r"this model cannot be compiled and runs eagerly.*where\(greater") as warned:
        found = outputs(model, many)
    assert [warning.filename for warning in warned] == [__file__]
    assert found[:40] == pytest.approx(np.array(eager_outputs(model)))


def test_dropout_is_off_so_that_it_is_recorded():
    model = Sequential(Layer(2, 4, "tanh", seed=0), Dropout(0.5, seed=1), Layer(4, 2, "identity", seed=2))
    without = Sequential(model.layers[0], model.layers[2])
    assert outputs(model, INPUTS, backend="native").tolist() == outputs(without, INPUTS, backend="native").tolist()
    assert model.training


def test_without_recording_the_numbers_are_the_same():
    model = MLP(2, [5, 3], activation="tanh", seed=1)
    with no_grad():
        plain = eager_outputs(model)
        batch = model.batch(INPUTS)
    assert plain == eager_outputs(model) == [[a.data for a in row] for row in batch]
    assert all(a.is_constant and a.label for row in batch for a in row)


def test_what_is_no_model_and_no_samples():
    with pytest.raises(TypeError, match="model must be a Module, got 3"):
        outputs(3, INPUTS)
    with pytest.raises(ValueError, match=r"the inputs must be a sequence of at least one sample, got \[\]"):
        outputs(MLP(2, [1]), [])
    with pytest.raises(ValueError, match="MLP expects 2 inputs, got 3"):
        outputs(MLP(2, [1]), [[1.0, 2.0, 3.0]])


def test_samples_that_come_one_by_one_are_predicted_and_the_threshold_is_a_number():
    model = MLP(2, [3, 1], seed=0)
    samples = [[0.5, -1.0], [2.0, 1.0]]
    assert list(predict(model, iter(samples))) == list(predict(model, samples))
    with pytest.raises(ValueError, match="threshold must be a number, got nan"):
        predict(model, samples, threshold=float("nan"))
    with pytest.raises(TypeError, match=r"threshold must be a number, got 'high' \(str\)"):
        predict(model, samples, threshold="high")
