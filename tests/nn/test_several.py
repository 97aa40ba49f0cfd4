"""Models that take several inputs, `cell(x, h)`: samples are tuples. And models that take sequences of vectors."""

import numpy
import pytest

from autograd_lite import tanh
from nn import Layer, Module, evaluate, fit, outputs, predict
from nn.several import Inputs, SeveralRows, arity, is_several

RANDOM = numpy.random.default_rng(0)
XS, HS = RANDOM.normal(size=(30, 3)), RANDOM.normal(size=(30, 2))
PAIRS = list(zip(XS, HS, strict=True))
TARGETS = numpy.column_stack([XS[:, 0] * HS[:, 0], HS[:, 1]])
backends = pytest.mark.parametrize("backend", ["eager", "python", "native"])


class Cell(Module):
    """One step of a recurrent network."""

    def __init__(self):
        self.new = Layer(5, 2, "tanh", seed=0)

    def forward(self, x, h):
        return self.new([*x, *h])


class Recurrent(Module):
    """A recurrent network: the state after the last vector of a sequence."""

    def __init__(self):
        self.cell, self.out = Layer(5, 2, "tanh", seed=0), Layer(2, 2, "identity", seed=1)

    def forward(self, sequence, state=(0.0, 0.0)):
        for x in sequence:
            state = self.cell([*x, *state])
        return self.out(state)


def train(model, inputs, targets=TARGETS, backend="auto", **settings):
    options = {"epochs": 3, "batch_size": 8, "seed": 1, "progress": False, "metrics": ["mae"]} | settings
    return fit(model, inputs, targets, backend=backend, **options)


@backends
@pytest.mark.parametrize(
    "pairs",
    [PAIRS, [(x.tolist(), tuple(h)) for x, h in PAIRS], tuple(PAIRS), [(x.astype("float32"), h) for x, h in PAIRS]],
    ids=["arrays", "lists", "tuple", "float32"],
)
def test_a_cell_is_trained_on_pairs_as_one_layer_on_all(pairs, backend):
    cell, layer = Cell(), Layer(5, 2, "tanh", seed=0)
    joined = numpy.column_stack([[x for x, _ in pairs], [h for _, h in pairs]])
    settings = {"backend": backend, "validation": 0.2}
    assert train(cell, pairs, **settings) == train(layer, joined, **settings)
    assert outputs(cell, pairs, backend=backend) == pytest.approx(outputs(layer, joined, backend=backend), rel=1e-12)
    measured = (evaluate(model, given, TARGETS, backend=backend) for model, given in ((cell, pairs), (layer, joined)))
    assert next(measured) == pytest.approx(next(measured))


def test_one_sample_or_many_are_predicted():
    cell = Cell()
    classes = predict(cell, PAIRS)
    assert [predict(cell, pair) for pair in PAIRS] == classes.tolist()
    assert predict(cell, zip(XS, HS, strict=True)).tolist() == classes.tolist()


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        (XS, r"Cell expects each sample as a tuple of 2 inputs, got array\(\[\[.*list\(zip\(xs, hs\)\) makes such"),
        (
            [*PAIRS[:29], PAIRS[0][0]],
            r"input 29 is array\(\[ 0\.12573022, -0\.13210486,  0\.64042265\]\): expected a tuple of 2 inputs, as input 0 is",
        ),
        (
            [(x, h, h) for x, h in PAIRS],
            r"Cell expects each sample as a tuple of 2 inputs, got \(array\(\[.* 1\.57440828\]\)\) \(tuple\)",
        ),
        (
            [*PAIRS[:29], (XS[0], HS[0][:1])],
            r"part 1 of input 29 is \[-0\.2873877078086663\]: expected a row of 2 numbers, as part 1 of input 0 is",
        ),
        ([*PAIRS[:29], ([1.0, numpy.nan, 0.0], HS[0])], "part 0 of input 29, feature 1, is nan"),
        (PAIRS[:5], "the targets must be 5, one for each input, got 30"),
    ],
)
def test_samples_that_do_not_fit_a_model_of_several_inputs(inputs, message):
    with pytest.raises((TypeError, ValueError), match=message):
        train(Cell(), inputs)


def test_whether_a_tuple_is_several_inputs_is_read_off_forward():
    class Any(Module):
        def forward(self, *inputs):
            return list(inputs)

    class Called(Module):
        def __call__(self, x, y, z=0.0):
            return x

    assert [arity(model) for model in (Cell(), Recurrent(), Any(), Called(), Layer(2, 2))] == [
        (2, 2), (1, 2), (0, numpy.inf), (2, 3), (1, 1),
    ]  # fmt: skip
    assert is_several(Called(), (1.0, 2.0))
    assert is_several(Recurrent(), ([[1.0]], [0.0]))
    assert not is_several(Recurrent(), (1.0, 2.0))
    assert not is_several(Layer(2, 2), ([1.0], [2.0]))
    rows = SeveralRows([[1.0, 2.0], [[3.0], [4.0]]])
    assert rows[1] == Inputs((2.0, [4.0]))
    assert rows[:1] == [Inputs((1.0, [3.0]))]


@backends
@pytest.mark.parametrize("kind", [numpy.asarray, numpy.ndarray.tolist, lambda array: array.astype("float32")])
def test_sequences_of_vectors_are_trained_on_and_asked(kind, backend):
    sequences = kind(RANDOM.normal(size=(30, 4, 3)))
    expected, model = Recurrent(), Recurrent()
    assert train(model, sequences, backend=backend)["loss"] == pytest.approx(
        train(expected, sequences, backend="eager")["loss"]
    )
    found = outputs(model, sequences, backend=backend)
    assert found == pytest.approx(outputs(expected, sequences, backend="eager"))
    assert predict(model, sequences).tolist() == found.argmax(1).tolist()
    assert predict(model, sequences[0]) == found[0].argmax()
    assert evaluate(model, sequences, TARGETS, backend=backend)["loss"] == pytest.approx(((found - TARGETS) ** 2).mean())


def test_a_state_to_begin_with_is_a_second_input():
    sequences = RANDOM.normal(size=(30, 4, 3))
    model = Recurrent()
    one = outputs(model, list(zip(sequences, HS, strict=True)))
    assert one == pytest.approx(outputs(model, list(zip(sequences, HS, strict=True)), backend="eager"))
    zeros = numpy.zeros((30, 2))
    assert outputs(model, list(zip(sequences, zeros, strict=True))) == pytest.approx(outputs(model, sequences))
    assert tanh(model([[0.0] * 3], [0.0, 0.0])[0]).data == pytest.approx(0.0)
