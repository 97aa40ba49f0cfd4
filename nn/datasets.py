"""Data to learn from: seeded generators of points in the plane, real handwritten digits, and files in MNIST's format.

Each gives `(inputs, targets)`: a list with one list of numbers for each sample, and a list with one target for each.
"""

from __future__ import annotations

import gzip
import io
import math
import struct
import zlib
from collections import Counter
from collections.abc import Callable, Sequence
from importlib.resources import files
from numbers import Integral
from pathlib import Path
from typing import Any, Final, TypeAlias

from autograd_lite.basics.checks import check_range, one_of, whole_number, wrong_entry, wrong_value
from autograd_lite.basics.elsewhere import answers_calls
from autograd_lite.basics.escaping import in_message
from autograd_lite.basics.files import read_whole
from nn.confusion import in_order, one_class_each
from nn.randomness import Seed, generator

# How far a packed file may grow, so that a small one cannot fill the memory
UNPACKED_AT_LEAST: Final = 1 << 22
UNPACKED_PER_BYTE: Final = 50

Samples: TypeAlias = tuple[list[list[float]], list[int]]


@answers_calls
def xor(n: int | None = None, seed: Seed = None) -> Samples:
    """The exclusive or of two bits: its four cases, or `n` random ones.

    Example:
        >>> from nn import datasets
        >>> datasets.xor()
        ([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], [0, 1, 1, 0])
    """
    cases = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]
    if n is not None:
        n = whole_number("xor: n", n)
        random = generator(seed)
        cases = [list(random.choice(cases)) for _ in range(n)]
    return cases, [int(a != b) for a, b in cases]


@answers_calls
def moons(n: int = 100, noise: float = 0.1, seed: Seed = None) -> Samples:
    """Two interleaved half circles in the plane, one class each (0 and 1).

    Arguments:
        n: the number of samples.
        noise: the standard deviation of the normal noise on each coordinate.
        seed: for the same samples again; Python's `random.seed` governs them if none is given.

    Example:
        >>> from nn import datasets
        >>> inputs, targets = datasets.moons(100, seed=0)
        >>> len(inputs), len(inputs[0]), sorted(set(targets))
        (100, 2, [0, 1])
    """

    def place(label: int, t: float) -> tuple[float, float]:
        angle = math.pi * t
        return (math.cos(angle), math.sin(angle)) if label == 0 else (1 - math.cos(angle), 0.5 - math.sin(angle))

    return _curves("moons", place, 2, n, noise, seed)


@answers_calls
def circles(n: int = 100, noise: float = 0.1, factor: float = 0.5, seed: Seed = None) -> Samples:
    """A circle of radius 1 (class 0) around one of radius `factor` (class 1). The other arguments are those of `moons`."""

    check_range("circles: factor", factor, 0)

    def place(label: int, t: float) -> tuple[float, float]:
        radius = factor if label else 1.0
        return radius * math.cos(2 * math.pi * t), radius * math.sin(2 * math.pi * t)

    return _curves("circles", place, 2, n, noise, seed)


@answers_calls
def spirals(n: int = 100, noise: float = 0.02, classes: int = 2, turns: float = 1.0, seed: Seed = None) -> Samples:
    """Spiral arms around the origin, one a class, with `turns` turns to radius 1. The other arguments are those of `moons`."""
    classes = whole_number("spirals: classes", classes)
    check_range("spirals: turns", turns, -math.inf)
    if math.isinf(turns):
        raise wrong_value("spirals: turns", "finite", turns)

    def place(label: int, t: float) -> tuple[float, float]:
        angle = 2 * math.pi * (turns * t + label / classes)
        return t * math.cos(angle), t * math.sin(angle)

    return _curves("spirals", place, classes, n, noise, seed)


def _curves(
    name: str, place: Callable[[int, float], tuple[float, float]], classes: int, n: int, noise: float, seed: Seed
) -> Samples:
    n = whole_number(f"{name}: n", n)
    check_range(f"{name}: noise", noise, 0)
    random = generator(seed)
    inputs, targets = [], []
    for i in range(n):
        label, position = i % classes, i // classes
        members = (n - label + classes - 1) // classes
        x, y = place(label, position / max(members - 1, 1))
        inputs.append([x + random.gauss(0.0, noise), y + random.gauss(0.0, noise)])
        targets.append(label)
    return inputs, targets


@answers_calls
def digits(split: str = "train") -> Samples:
    """Real handwritten digits: 8x8 images, 64 grey levels from 0 (paper) to 1 (ink), with the digit as the target.

    Of each digit every fifth image is in the test set, so that it has the digits in the same proportions, the same each time.
    Source: E. Alpaydin and C. Kaynak, Optical Recognition of Handwritten Digits, UCI Machine Learning Repository, CC BY 4.0.

    Arguments:
        split: "train" (1,442 images), "test" (355), or "all" (1,797).

    Raises:
        ValueError: an unknown split.

    Example:
        >>> from nn import datasets
        >>> inputs, targets = datasets.digits("test")
        >>> len(inputs), len(inputs[0]), targets[:5]
        (355, 64, [5, 0, 9, 8, 7])
    """
    one_of("digits: split", split, ("train", "test", "all"))
    text = gzip.decompress(files("nn").joinpath("data", "digits.csv.gz").read_bytes()).decode()
    inputs: list[list[float]] = []
    targets: list[int] = []
    seen = [0] * 10
    for line in text.splitlines():
        *pixels, label = map(int, line.split(","))
        seen[label] += 1
        kind = "test" if seen[label] % 5 == 0 else "train"
        if split in (kind, "all"):
            inputs.append([pixel / 16 for pixel in pixels])
            targets.append(label)
    return inputs, targets


@answers_calls
def idx(directory: str | Path, split: str = "train", limit: int | None = None) -> Samples:
    """Images and labels in MNIST's IDX format, gzipped or not: grey levels from 0 to 1, and classes from 0.

    The files must have MNIST's names, such as `train-images-idx3-ubyte.gz` and `t10k-labels-idx1-ubyte`.

    Arguments:
        directory: where the files are.
        split: "train" or "test".
        limit: read the first so many images; all, if not given.

    Raises:
        FileNotFoundError: no such directory or file.
        ValueError: a file is not what it should be: its magic number, its length, or the two counts; an unknown split.
    """
    one_of("idx: split", split, ("train", "test"))
    if limit is not None:
        limit = whole_number("idx: limit", limit)
    prefix = "train" if split == "train" else "t10k"
    images_path, (count, rows, columns), pixels = _read_idx(Path(directory), f"{prefix}-images-idx3-ubyte", dimensions=3)
    labels_path, (label_count,), labels = _read_idx(Path(directory), f"{prefix}-labels-idx1-ubyte", dimensions=1)
    if count != label_count:
        raise ValueError(
            f"{in_message(images_path)} has {count} images, but {in_message(labels_path)} has {label_count} labels"
        )
    size = rows * columns
    level = [byte / 255 for byte in range(256)]  # shared: a data set has few different numbers
    chosen = count if limit is None else min(limit, count)
    inputs = [[level[byte] for byte in pixels[i * size : (i + 1) * size]] for i in range(chosen)]
    return inputs, list(labels[:chosen])


def _read_idx(directory: Path, name: str, dimensions: int) -> tuple[Path, tuple[int, ...], bytes]:
    if not directory.is_dir():
        raise FileNotFoundError(f"no directory {in_message(directory)}")
    path = directory / f"{name}.gz"
    if not path.exists():
        path = directory / name
    if not path.exists():
        raise FileNotFoundError(f"{in_message(directory)} has neither {name}.gz nor {name}")
    content = read_whole(path)
    if path.suffix == ".gz":
        content = _unpacked(path, content)
    header = 4 * (1 + dimensions)
    if len(content) < header:
        raise ValueError(f"{in_message(path)} has {len(content)} bytes, too few for the header of an IDX file")
    magic, *shape = struct.unpack(f">{1 + dimensions}I", content[:header])
    expected = 0x800 + dimensions  # 8: unsigned bytes
    if magic != expected:
        raise ValueError(
            f"{in_message(path)} is no IDX file of bytes in {dimensions} dimensions: its magic number is {magic}, "
            f"not {expected}"
        )
    if len(content) - header != math.prod(shape):
        raise ValueError(
            f"{in_message(path)} says {' x '.join(map(str, shape))} = {math.prod(shape)} bytes of data, "
            f"but has {len(content) - header}"
        )
    if not math.prod(shape):
        raise ValueError(f"{in_message(path)} is empty: it says {' x '.join(map(str, shape))}")
    return path, tuple(shape), content[header:]


def _unpacked(path: Path, packed: bytes) -> bytes:
    """The content of a gzip file, as far as that is in proportion to its size: real images take a fifth of their own."""
    most = UNPACKED_AT_LEAST + UNPACKED_PER_BYTE * len(packed)
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(packed)) as file:
            content = file.read(most + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise ValueError(f"{in_message(path)} is not a whole gzip file: {error}") from error
    if len(content) > most:
        raise ValueError(
            f"{in_message(path)} has {len(packed):,} bytes, but unpacks to more than {most:,}: if that is right, "
            "unpack it yourself"
        )
    return content


@answers_calls
def one_hot(labels: Sequence[int], classes: int) -> list[list[float]]:
    """Each class as a list of `classes` numbers, 1 at its index and 0 elsewhere.

    Raises:
        ValueError: a label is no whole number or out of range; it says which.

    Example:
        >>> from nn import datasets
        >>> datasets.one_hot([2, 0], 3)
        [[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]]
    """
    classes = whole_number("one_hot: classes", classes)
    for position, label in enumerate(labels):
        if not isinstance(label, Integral) or not 0 <= label < classes:
            raise wrong_value(f"one_hot: the label of sample {position}", f"a whole number from 0 to {classes - 1}", label)
    return [[float(j == label) for j in range(classes)] for label in labels]


@answers_calls
def encode_labels(labels: Any) -> tuple[list[int], list[Any]]:
    """Words, or whatever names a class, as classes from 0; and the names of these, sorted.

    Arguments:
        labels: one for each sample: a list, an array, a series, a column of a data frame.

    Raises:
        ValueError: one is missing (None or NaN); it says which.

    Example:
        >>> from nn import datasets
        >>> datasets.encode_labels(["setosa", "virginica", "setosa"])
        ([0, 1, 0], ['setosa', 'virginica'])
    """
    found = one_class_each("labels", labels)
    for i, label in enumerate(found):
        if label is None or label != label:
            raise wrong_entry(f"the label of sample {i}", "a word or a number", label, "leave such samples out")
    names = in_order("the labels", found)
    places = {name: k for k, name in enumerate(names)}
    return [places[label] for label in found], names


@answers_calls
def balanced_weights(targets: Any) -> list[float]:
    """A weight for each class, by which all classes count alike: n / (classes · samples of the class), as in scikit-learn.

    They are for `class_weights` of `cross_entropy`. The mean weight of all samples is 1.

    Arguments:
        targets: the class of each sample, from 0; each class occurs.

    Example:
        >>> from nn import datasets
        >>> datasets.balanced_weights([0, 0, 0, 1])
        [0.6666666666666666, 2.0]
    """
    counts = Counter(one_class_each("targets", targets))
    for k in range(len(counts)):
        if k not in counts:
            raise wrong_value("the targets", "classes from 0, each at least once", targets, told=f"none of class {k}")
    return [counts.total() / (len(counts) * counts[k]) for k in range(len(counts))]
