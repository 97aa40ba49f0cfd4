"""Model files: the same bits back, and a clear error for anything else."""

import contextlib
import json
import math
import os
import zlib
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd_lite import Value, tanh
from nn import MLP, Dropout, Embedding, Layer, LayerNorm, Module, Sequential, from_text, load, save, to_text
from nn.files.description import describe, parameter_names

ANY_FLOAT = st.floats(allow_nan=False)


def fill(model, numbers):
    for parameter, data in zip(model.parameters(), numbers, strict=False):
        parameter.data = data
    return model


@given(st.lists(ANY_FLOAT, min_size=11, max_size=11), st.booleans())
def test_a_model_comes_back_with_the_same_bits(tmp_path_factory, numbers, bias):
    path = tmp_path_factory.mktemp("models") / "model.json"
    model = fill(MLP(2, [2, 1], activation=tanh, bias=bias), numbers)
    save(model, path)
    loaded = load(path)
    assert type(loaded) is MLP
    assert repr(loaded) == repr(model)
    assert loaded.state_dict() == model.state_dict()
    assert [w.label for w in loaded.parameters()] == [w.label for w in model.parameters()]


def test_the_file_is_what_its_documentation_says(tmp_path):
    path = tmp_path / "model.json"
    save(fill(Sequential(Layer(1, 1, "relu", bias=False), Dropout(0.25)), [math.nan]), path)
    documented = {
        "format": "autograd_lite model",
        "version": 1,
        "model": {
            "type": "Sequential",
            "layers": [
                {"type": "Layer", "nin": 1, "nout": 1, "activation": "relu", "bias": False},
                {"type": "Dropout", "p": 0.25},
            ],
        },
        "parameters": {"layers.0.neurons.0.w.0": "nan"},
    }
    checksum = zlib.crc32(json.dumps(documented, sort_keys=True).encode())
    assert json.loads(path.read_text()) == documented | {"checksum": checksum}
    loaded = load(path)
    assert math.isnan(loaded.parameters()[0].data)
    assert repr(loaded).splitlines()[1:3] == [
        "  layers.0: Layer(1 → 1, relu, no bias): 1 parameter",
        "  layers.1: Dropout(0.25)",
    ]


def test_what_cannot_be_saved_leaves_no_file(tmp_path):
    class Own(Module):
        pass

    with pytest.raises(TypeError, match=r"save expects an MLP, .* or Dropout, got a part of the type Own: .*new model"):
        save(Sequential(Own()), tmp_path / "model.json")
    with pytest.raises(TypeError, match=r"save expects an MLP, Sequential, .* or Dropout, got None \(NoneType\)"):
        save(None, tmp_path / "model.json")
    with pytest.raises(TypeError, match="a function of your own, and a model file holds no code"):
        save(MLP(1, [1, 1], activation=lambda z: z), tmp_path / "model.json")
    with pytest.raises(
        TypeError,
        match=r"to_text expects an MLP, .*, got one with Dropout\(0\.5\) in it: use save",
    ):
        to_text(Sequential(Layer(1, 1), Dropout(0.5)))
    with pytest.raises(TypeError, match=r"to_text expects an MLP, or a Sequential.*relu\): 2 parameters \(Layer\)"):
        to_text(Layer(1, 1))
    assert os.listdir(tmp_path) == []


class Tenfold(MLP):
    def forward(self, x):
        return 10 * super().forward(x)


def shared(model):
    model.layers[0].neurons[0].b = model.layers[0].neurons[1].b


@pytest.mark.parametrize(
    ("change", "both_forms"),
    [
        (lambda model: setattr(model.layers[0].neurons[1], "g", tanh), True),
        (lambda model: setattr(model.layers[0].neurons[1], "b", None), True),
        (lambda model: setattr(model.layers[0].neurons[1], "forward", lambda x: 5.0), True),
        (lambda model: model.layers[0].neurons.pop(), True),
        (lambda model: setattr(model, "forward", lambda x: 5.0), True),
        (lambda model: setattr(model, "__class__", Tenfold), True),
        (lambda model: setattr(model, "temperature", Value(1.0)), False),
        (lambda model: setattr(model.layers[0].neurons[1], "b", 2 * Value(1.0)), False),
        (shared, False),
        (lambda model: model.layers.append(model.layers[0]), False),
    ],
)
def test_a_model_that_would_come_back_as_another_or_not_at_all_is_refused(tmp_path, change, both_forms):
    model = MLP(2, [2, 2], seed=0)
    change(model)
    with pytest.raises(TypeError):
        save(model, tmp_path / "model.json")
    assert os.listdir(tmp_path) == []
    if both_forms:
        with pytest.raises(TypeError):
            to_text(model)


def valid():
    return {
        "format": "autograd_lite model",
        "version": 1,
        "model": {"type": "MLP", "layers": [{"type": "Layer", "nin": 1, "nout": 1, "activation": "relu", "bias": False}]},
        "parameters": {"layers.0.neurons.0.w.0": 0.5},
    }


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda c: c.update(format="torch"), "its format is 'torch'"),
        (lambda c: c.update(version=2), "is of version 2; this library reads version 1"),
        (lambda c: c.pop("model"), "it has no 'model'"),
        (lambda c: c.pop("parameters"), "it has no 'parameters'"),
        (
            lambda c: c["model"].update(type="Transformer"),
            "type must be one of 'MLP', 'Sequential', 'Layer', 'Dropout', 'LayerNorm', 'Embedding', got 'Transformer'",
        ),
        (
            lambda c: c["model"]["layers"][0].update(activation="rm"),
            "activation must be 'abs', .*or a function of .one Value., got 'rm'",
        ),
        (lambda c: c["model"]["layers"][0].update(nin=0), "nin must be a whole number of at least 1, got 0"),
        (lambda c: c["model"]["layers"][0].pop("nout"), "it has no 'nout'"),
        (lambda c: c["parameters"].update({"layers.0.neurons.0.w.0": None}), "must be a number, got None"),
        (lambda c: c["model"]["layers"][0].update(bias="no"), "bias must be true or false, got 'no'"),
        (lambda c: c["parameters"].update(extra=1.0), "unknown: extra"),
        (lambda c: c.update(model=3), "is not a whole model file"),
        (lambda c: c.update(parameters=[1.0]), "is not a whole model file"),
    ],
)
def test_a_foreign_or_broken_model_file(tmp_path, change, message):
    content = valid()
    change(content)
    path = tmp_path / "model.json"
    path.write_text(json.dumps(content))
    with pytest.raises(ValueError, match=message):
        load(path)


@given(st.data())
def test_a_damaged_model_file_is_told(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("models") / "model.json"
    save(MLP(2, [2, 1], seed=0), path)
    content = bytearray(path.read_bytes())
    place = data.draw(st.integers(0, len(content) - 2))  # the last is the end of the line
    changed = data.draw(st.integers(0, 255).filter(lambda byte: byte != content[place]))
    content[place] = changed
    path.write_bytes(content)
    with contextlib.suppress(ValueError):
        assert load(path).state_dict() == MLP(2, [2, 1], seed=0).state_dict()  # a space became another


def test_an_edited_file_does_without_its_checksum(tmp_path):
    path = tmp_path / "model.json"
    save(MLP(1, [1], bias=False, seed=0), path)
    content = json.loads(path.read_text())
    content["parameters"]["layers.0.neurons.0.w.0"] = 0.5
    path.write_text(json.dumps(content))
    with pytest.raises(ValueError, match=r"model.json is damaged: .* If you edited it, remove the checksum"):
        load(path)
    del content["checksum"]
    path.write_text(json.dumps(content))
    assert load(path).parameters()[0].data == 0.5


def test_every_truncation_of_a_model_file_is_told(tmp_path):
    path = tmp_path / "model.json"
    save(MLP(1, [1], seed=0), path)
    whole = path.read_text().rstrip()
    for length in range(0, len(whole), 7):
        path.write_text(whole[:length])
        with pytest.raises(ValueError, match="is cut short"):
            load(path)
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ValueError, match=r"model.json"):
        load(path)
    with pytest.raises(FileNotFoundError):
        load(tmp_path / "none.json")


def test_numpys_numbers_are_written_as_numbers(tmp_path):
    numpy = pytest.importorskip("numpy")
    model = fill(MLP(1, [2]), [numpy.float64(0.1), numpy.float32(0.1), -3, numpy.int64(2**60 + 1)])
    numbers = [0.1, float(numpy.float32(0.1)), -3, 2**60 + 1]
    assert [(type(w.data), w.data) for w in from_text(to_text(model)).parameters()] == [(type(x), x) for x in numbers]
    save(model, tmp_path / "model.json")
    loaded = [w.data for w in load(tmp_path / "model.json").parameters()]
    assert loaded == numbers
    assert [type(data) for data in loaded] == [float, float, int, int]


def test_a_number_that_would_not_come_back_is_refused(tmp_path):
    model = fill(MLP(1, [1]), [Fraction(1, 3)])
    with pytest.raises(
        TypeError,
        match=r"layers\.0\.neurons\.0\.w\.0 is Fraction\(1, 3\) \(Fraction\): expected a float.*is what a model file holds",
    ):
        save(model, tmp_path / "model.json")
    with pytest.raises(
        TypeError,
        match=r"w₀₀⁽¹⁾ is Fraction\(1, 3\) \(Fraction\): expected a float or an integer",
    ):
        to_text(model)
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("depth", [300, 450, 100_000])
def test_brackets_without_end_are_told_like_any_other_broken_file(tmp_path, depth):
    path = tmp_path / "model.json"
    nested = '{"type": "Sequential", "layers": [' * depth + "]}" * depth
    path.write_text(f'{{"format": "autograd_lite model", "version": 1, "parameters": {{}}, "model": {nested}}}')
    told = r"maximum recursion depth exceeded|lists and records in it are nested \d+ deep"  # by how deep this Python goes
    with pytest.raises(ValueError, match=rf"model.json .*: .*({told})"):
        load(path)


def test_a_file_that_describes_more_than_it_holds_is_refused_before_it_is_built(tmp_path):
    content = valid()
    content["model"]["layers"][0] |= {"nin": 10**9, "nout": 10**9}
    path = tmp_path / "model.json"
    path.write_text(json.dumps(content))
    with pytest.raises(ValueError, match="it describes 1,000,000,000,000,000,000 weights and biases, but has 1"):
        load(path)


def test_the_names_that_a_description_gives_are_those_of_the_model():
    parts = [Layer(2, 3), Layer(3, 2, bias=False), Dropout(0.5), Embedding(3, 2)]
    parts += [LayerNorm(2, elementwise_affine=affine, bias=bias) for affine in (True, False) for bias in (True, False)]
    for model in (*parts, MLP(3, [4, 2]), Sequential(Embedding(2, 3), Sequential(Layer(3, 2), Dropout(0.1)), LayerNorm(2))):
        assert [*parameter_names(describe(model))] == [name for name, _ in model.named_parameters()]
