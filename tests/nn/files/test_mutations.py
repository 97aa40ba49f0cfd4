"""Files that a person or a fault has changed: each is refused in one line, or holds what it says.

    python -m pytest -n 0 --hypothesis-profile=thorough tests/nn/files/test_mutations.py

tries 10,000 mutations of each format.
"""

import copy
import gzip
import json
import random
import struct
import tracemalloc

import pytest
from hypothesis import settings

from nn import MLP, SGD, Adam, Dropout, Layer, Sequential, datasets, fit, from_text, load, save, to_text

TRIALS = max(100, settings.default.max_examples)
ODD = [None, True, False, -1, 0, 1, 2, 0.5, -0.0, 1e308, 10**30, 10**400, -(10**400), "", "x", "nan", "inf", "relu", "Layer"]
ODD += [[], {}, [[]], [None], {"": 0}, {"type": "Layer"}, "\n", "é" * 99, 2_000_000, -2_000_000, 10**14, "1" * 9, [0.0] * 9]


def places(item, path=()):
    """Every place in a tree of lists and records."""
    yield path
    for key, part in item.items() if isinstance(item, dict) else enumerate(item) if isinstance(item, list) else ():
        yield from places(part, (*path, key))


def mutated(content, drawn):
    """The content with one to three places changed, left out, doubled, renamed, or given what another place has."""
    content = copy.deepcopy(content)
    content.pop("checksum", None)
    for _ in range(drawn.choice((1, 1, 2, 3))):
        path = drawn.choice([*places(content)][1:])
        outer = content
        for key in path[:-1]:
            outer = outer[key]
        how = drawn.randrange(5)
        if how == 0:
            del outer[path[-1]]
        elif how == 1 and isinstance(outer, list):
            outer.insert(path[-1], copy.deepcopy(outer[path[-1]]))
        elif how == 1:
            outer[drawn.choice(["", "layers", "type", "beside", "x\ny"])] = outer.pop(path[-1])
        elif how == 2:
            other = content
            for key in drawn.choice([*places(content)][1:]):
                other = other[key]
            outer[path[-1]] = copy.deepcopy(other)
        else:
            outer[path[-1]] = copy.deepcopy(drawn.choice(ODD))
        if not isinstance(content, dict) or len([*places(content)]) < 2:
            return content
    return content


def damaged(content, drawn):
    """Bytes with some changed, left out, repeated, or cut off."""
    content = bytearray(content)
    for _ in range(drawn.choice((1, 2, 8))):
        first, last = sorted(drawn.randrange(len(content) + 1) for _ in range(2))
        how = drawn.randrange(4)
        if how == 0:
            del content[first:]
        elif how == 1:
            del content[first : min(last, first + 20)]
        elif how == 2:
            content[first:first] = content[first:last][:50]
        elif first < len(content):
            content[first] = drawn.randrange(256)
        content = content or bytearray(b" ")
    return bytes(content)


def refused(read, name):
    """What is read; or None, if it is refused in one line that names the file."""
    try:
        return read()
    except ValueError as error:
        message = str(error)
    assert "\n" not in message
    assert name in message
    return None


def make_models():
    yield MLP(2, [3, 1], seed=0)
    yield Sequential(Layer(2, 2, "tanh", seed=1), Dropout(0.25), Sequential(Layer(2, 1, bias=False, seed=2)))


def test_mutations_of_a_model_file(tmp_path):
    path, drawn = tmp_path / "model.json", random.Random(0)
    for model in make_models():
        save(model, path)
        whole = path.read_bytes()
        for trial in range(TRIALS // 2):
            content = mutated(json.loads(whole), drawn)
            as_text = json.dumps(content).encode()
            path.write_bytes(damaged(whole, drawn) if trial % 4 == 0 else as_text)
            loaded = refused(lambda: load(path), "model.json")
            if loaded is not None:
                read = json.loads(path.read_bytes())
                save(loaded, path)
                again = json.loads(path.read_bytes())
                assert json.dumps(again["model"], sort_keys=True) == json.dumps(read["model"], sort_keys=True)
                assert numbers(again) == numbers(read)


def numbers(content):
    """The parameters in a file, so that NaN is equal to NaN, and 0.0 not to -0.0."""
    return {name: repr(n if isinstance(n, int) else float(n)) for name, n in content["parameters"].items()}


def test_mutations_of_the_text_form():
    drawn = random.Random(1)
    whole = to_text(MLP(2, [3, 1], seed=0)).encode()
    for _ in range(TRIALS):
        text = damaged(whole, drawn).decode(errors="replace")
        model = refused(lambda text=text: from_text(text), "")
        if model is not None:
            assert to_text(from_text(to_text(model))) == to_text(model)


def test_mutations_of_a_checkpoint(tmp_path):
    inputs, labels = datasets.moons(6, seed=5)
    path, drawn = tmp_path / "run.json", random.Random(2)

    def run(epochs):
        model = MLP(2, [2, 2], seed=3)
        optimizer = Adam(model.parameters(), lr=0.02)
        held_out = inputs[:3], labels[:3]
        return model, lambda: fit(
            model, inputs, labels, loss="cross_entropy", optimizer=optimizer, epochs=epochs, seed=1, validation=held_out,
            backend="eager", progress=False, checkpoint=path, patience=5,
        )  # fmt: skip

    run(2)[1]()
    whole = path.read_bytes()
    for trial in range(TRIALS if TRIALS > 1000 else 40):
        content = json.dumps(mutated(json.loads(whole), drawn)).encode()
        path.write_bytes(damaged(whole, drawn) if trial % 4 == 0 else content)
        model, train = run(2)
        before = model.state_dict()
        if refused(train, "run.json") is None:
            assert model.state_dict() == before


def test_mutations_of_idx_files(tmp_path):
    drawn = random.Random(3)
    images = struct.pack(">4I", 0x803, 6, 2, 2) + bytes(range(24))
    labels = struct.pack(">2I", 0x801, 6) + bytes(range(6))
    for trial in range(TRIALS):
        for name, content in (("train-images-idx3-ubyte", images), ("train-labels-idx1-ubyte", labels)):
            packed = damaged(gzip.compress(content), drawn) if trial % 2 else gzip.compress(damaged(content, drawn))
            (tmp_path / f"{name}.gz").write_bytes(packed)
        read = refused(lambda: datasets.idx(tmp_path), "ubyte")
        if read is not None:
            assert len(read[0]) == len(read[1]) > 0


def takes_less(work, limit):
    """Whether a piece of work takes less memory than so many bytes; it has four tries, as other threads may take some."""
    return any(peak(work) < limit for _ in range(4))


def peak(work):
    tracemalloc.start()
    try:
        with pytest.raises((ValueError, OSError)):
            work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


LAYER = {"type": "Layer", "nin": 2_000_000, "nout": 1, "activation": "relu", "bias": False}


@pytest.mark.parametrize(
    "layers",
    [
        [LAYER | {"layers": []}],
        [LAYER | {"nin": -2_000_000}, LAYER],
        [LAYER | {"nout": 10**4000, "nin": 10**4000}],
        [LAYER | {"nin": True, "nout": 2_000_000}],
    ],
)
def test_a_small_file_takes_little_memory(tmp_path, layers):
    path = tmp_path / "model.json"
    model = {"type": "MLP", "layers": layers}
    path.write_text(json.dumps({"format": "autograd_lite model", "version": 1, "model": model, "parameters": {}}))
    assert takes_less(lambda: load(path), 1_000_000)


def test_a_packed_file_that_unpacks_without_end_takes_little_memory(tmp_path):
    for name, header in (
        ("train-images-idx3-ubyte", [0x803, 1 << 16, 1 << 6, 1 << 6]),
        ("train-labels-idx1-ubyte", [0x801, 6]),
    ):
        with gzip.open(tmp_path / f"{name}.gz", "wb") as file:
            file.write(struct.pack(f">{len(header)}I", *header))
            for _ in range(64):
                file.write(bytes(1 << 20))
    assert takes_less(lambda: datasets.idx(tmp_path), 30_000_000)


def test_what_never_ends_is_no_model():
    for path in ("/dev/zero", "/dev/stdin"):
        with pytest.raises(OSError, match="It is no file, but a device or a pipe"):
            load(path)


@pytest.mark.parametrize("depth", [41, 3000])
def test_modules_within_each_other_without_end_are_refused(tmp_path, depth):
    model = Layer(1, 1)
    for _ in range(depth):
        model = Sequential(model)
    with pytest.raises(TypeError, match=r"within each other 40 deep at most"):
        save(model, tmp_path / "model.json")


def test_sgd_without_momentum_has_a_checkpoint_too(tmp_path):
    model = MLP(1, [1], seed=0)
    settings = {
        "optimizer": SGD(model.parameters()),
        "checkpoint": tmp_path / "run.json",
        "progress": False,
        "backend": "eager",
    }
    assert [fit(model, [[1.0]], [1.0], epochs=epochs, seed=0, **settings).epochs for epochs in (1, 2)] == [1, 2]
