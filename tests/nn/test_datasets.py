"""Data sets: their sizes, their seeds, and files that are not what they should be."""

import gzip
import math
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nn import datasets


def test_the_digits_are_split_in_the_same_way_with_every_digit_in_proportion():
    train, test, everything = (datasets.digits(split) for split in ("train", "test", "all"))
    assert (len(train[0]), len(test[0]), len(everything[0])) == (1442, 355, 1797)
    assert sorted(train[0] + test[0]) == sorted(everything[0])
    for digit in range(10):
        assert test[1].count(digit) == everything[1].count(digit) // 5
    assert {len(image) for image in everything[0]} == {64}
    assert {level for image in everything[0] for level in image} == {level / 16 for level in range(17)}
    with pytest.raises(ValueError, match="digits: split must be one of 'train', 'test', 'all', got 'valid'"):
        datasets.digits("valid")


@pytest.mark.parametrize("generate", [datasets.xor, datasets.moons, datasets.circles, datasets.spirals])
def test_the_same_seed_gives_the_same_samples(generate):
    assert generate(50, seed=1) == generate(50, seed=1) != generate(50, seed=2)
    inputs, targets = generate(50, seed=1)
    assert len(inputs) == len(targets) == 50
    for n in (0, -1, 2.5, True):
        with pytest.raises(
            (TypeError, ValueError), match=f"{generate.__name__}: n must be a whole number of at least 1, got {n}"
        ):
            generate(n)


def test_xor_is_the_exclusive_or():
    inputs, targets = datasets.xor(200, seed=0)
    assert {(*x, y) for x, y in zip(inputs, targets, strict=True)} == {(0, 0, 0), (0, 1, 1), (1, 0, 1), (1, 1, 0)}


def test_without_noise_the_samples_lie_on_their_curves():
    for (x, y), label in zip(*datasets.moons(31, noise=0.0), strict=True):
        assert math.hypot(x - label, y - 0.5 * label) == pytest.approx(1.0)
        assert (y >= -1e-12) if label == 0 else (y <= 0.5 + 1e-12)
    points = datasets.moons(31, noise=0.0)[0]
    assert points[0] == pytest.approx([1, 0])  # the first moon, from its beginning
    assert points[30] == pytest.approx([-1, 0])  # to its end
    for (x, y), label in zip(*datasets.circles(30, noise=0.0, factor=0.25), strict=True):
        assert math.hypot(x, y) == pytest.approx(0.25 if label else 1.0)
    for (x, y), label in zip(*datasets.spirals(90, noise=0.0, classes=3, turns=0.5), strict=True):
        radius = math.hypot(x, y)
        if radius:
            angle = math.pi * radius + 2 * math.pi * label / 3
            assert (x, y) == pytest.approx((radius * math.cos(angle), radius * math.sin(angle)))


def test_classes_are_balanced():
    for n in (99, 100):
        targets = datasets.spirals(n, classes=3, seed=0)[1]
        counts = [targets.count(c) for c in range(3)]
        assert max(counts) - min(counts) <= 1
    with pytest.raises(ValueError, match="moons: noise must be at least 0 and below inf, got -1"):
        datasets.moons(10, noise=-1)
    with pytest.raises(ValueError, match="circles: factor must be at least 0 and below inf, got nan"):
        datasets.circles(10, factor=math.nan)
    with pytest.raises(ValueError, match="spirals: classes must be a whole number"):
        datasets.spirals(10, classes=0)
    for turns in (math.nan, math.inf, -math.inf):
        with pytest.raises(ValueError, match=f"spirals: turns must be .*, got {turns}"):
            datasets.spirals(10, turns=turns)


def test_one_hot_labels_out_of_range():
    with pytest.raises(ValueError, match="the label of sample 1 must be a whole number from 0 to 2, got 3"):
        datasets.one_hot([0, 3], 3)
    with pytest.raises(ValueError, match=r"the label of sample 1 must be a whole number from 0 to 2, got 1.5"):
        datasets.one_hot([0, 1.5], 3)


def idx_file(magic, shape, data):
    return struct.pack(f">{1 + len(shape)}I", magic, *shape) + bytes(data)


IMAGES, LABELS = idx_file(0x803, (2, 1, 2), [0, 1, 2, 3]), idx_file(0x801, (2,), [7, 8])


@pytest.mark.parametrize(
    ("images", "labels", "message"),
    [
        (LABELS, LABELS, "has 10 bytes, too few for the header"),
        (idx_file(0x801, (2, 1, 2), [0] * 4), LABELS, "its magic number is 2049, not 2051"),
        (IMAGES, idx_file(0xD01, (2,), [0] * 2), "its magic number is 3329, not 2049"),
        (IMAGES[:-1], LABELS, "says 2 x 1 x 2 = 4 bytes of data, but has 3"),
        (IMAGES + b"x", LABELS, "says 2 x 1 x 2 = 4 bytes of data, but has 5"),
        (IMAGES, idx_file(0x801, (3,), [1, 2, 3]), "has 2 images, but .* has 3 labels"),
        (idx_file(0x803, (0, 1, 2), []), LABELS, "is empty"),
        (b"", LABELS, "has 0 bytes"),
    ],
)
def test_idx_files_that_are_not_what_they_should_be(tmp_path, images, labels, message):
    (tmp_path / "train-images-idx3-ubyte").write_bytes(images)
    (tmp_path / "train-labels-idx1-ubyte.gz").write_bytes(gzip.compress(labels))
    with pytest.raises(ValueError, match=message):
        datasets.idx(tmp_path)


def test_idx_files_that_are_missing_or_cut_short(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"no directory .*none"):
        datasets.idx(tmp_path / "none")
    with pytest.raises(FileNotFoundError, match=r"has neither t10k-images-idx3-ubyte.gz nor t10k-images-idx3-ubyte"):
        datasets.idx(tmp_path, "test")
    (tmp_path / "train-images-idx3-ubyte.gz").write_bytes(gzip.compress(IMAGES)[:-9])
    with pytest.raises(ValueError, match="is not a whole gzip file"):
        datasets.idx(tmp_path)
    with pytest.raises(ValueError, match="idx: split must be one of 'train', 'test', got 'all'"):
        datasets.idx(tmp_path, "all")
    with pytest.raises(ValueError, match="idx: limit must be a whole number"):
        datasets.idx(tmp_path, limit=0)


@given(st.lists(st.sampled_from(["b", "a", "ccc"]), min_size=1))
def test_encoded_labels_name_the_classes_they_came_from(labels):
    targets, names = datasets.encode_labels(labels)
    assert names == sorted({*labels})
    assert [names[target] for target in targets] == labels


@pytest.mark.parametrize(
    ("labels", "error", "message"),
    [
        (["a", None], ValueError, "the label of sample 1 is None: expected a word or a number: leave such samples out"),
        ([1.0, float("nan")], ValueError, "the label of sample 1 is nan: expected a word or a number: leave such samples out"),
        (["a", 1], TypeError, r"the labels must be all numbers, or all words, got what cannot be sorted"),
    ],
)
def test_labels_that_cannot_be_encoded(labels, error, message):
    with pytest.raises(error, match=message):
        datasets.encode_labels(labels)


@given(st.lists(st.integers(0, 2), min_size=1).map(lambda labels: [*labels, 0, 1, 2]))
def test_balanced_weights_are_scikit_learns_and_make_classes_count_alike(targets):
    utils, numpy = pytest.importorskip("sklearn.utils"), pytest.importorskip("numpy")
    weights = datasets.balanced_weights(targets)
    assert weights == pytest.approx(utils.compute_class_weight("balanced", classes=numpy.arange(3), y=targets))
    assert sum(weights[target] for target in targets) == pytest.approx(len(targets))


def test_a_class_without_samples_cannot_be_balanced():
    with pytest.raises(ValueError, match="the targets must be classes from 0, each at least once, got none of class 1"):
        datasets.balanced_weights([0, 2])
