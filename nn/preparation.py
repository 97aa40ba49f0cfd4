"""Data before training: some of it held out, features brought to one scale."""

from __future__ import annotations

import math
from collections.abc import Sequence
from numbers import Integral, Real
from random import Random
from statistics import fmean
from typing import Any

from autograd_lite.basics.arraylike import is_sequence, listed, plain
from autograd_lite.basics.checks import wrong_count, wrong_data, wrong_value
from autograd_lite.basics.elsewhere import answers_calls
from autograd_lite.basics.wording import counted
from nn.matrices import as_matrix
from nn.randomness import Seed, generator
from nn.samples import ArrayRows, Rows, WeightedRows, as_weighted, check_columns, check_rows, column_names
from nn.several import SeveralRows
from nn.tables import count_rows, take_rows, with_rows


@answers_calls
def train_test_split(*tables: Any, test_size: float = 0.25, seed: Seed = None, stratify: Any = None) -> list[Any]:
    """Split the samples at random into some to learn from and some to test with, as scikit-learn does.

    Arguments:
        tables: inputs, targets and what else has one row for each sample: lists, arrays, data frames, series.
        test_size: the share to test with, between 0 and 1, rounded up to whole samples; or their number.
        seed: for the same split again; Python's `random.seed` governs it if none is given.
        stratify: the class of each sample; both parts have the classes in the same proportions then, as far as that goes.

    Returns:
        Each table in two parts of its own kind: `inputs_train, inputs_test, targets_train, targets_test`.

    Raises:
        ValueError: unequal counts, nothing to split; a size that leaves one part empty.

    Example:
        >>> from nn import train_test_split
        >>> inputs, targets = [[0.0], [1.0], [2.0], [3.0]], [0, 0, 1, 1]
        >>> train_test_split(inputs, targets, test_size=0.5, seed=1, stratify=targets)
        [[[2.0], [1.0]], [[3.0], [0.0]], [1, 0], [1, 0]]
    """
    if not tables:
        raise wrong_data("train_test_split", "at least one table", tables, "train_test_split(inputs, targets)", told="none")
    tables = tuple(map(with_rows, tables))
    counts = [count_rows(table) for table in (*tables, *([] if stratify is None else [stratify]))]
    if len({*counts}) > 1:
        raise wrong_value("the rows of the tables", "as many in each", counts, "one for each sample")
    labels = None if stratify is None else one_each("stratify", listed(plain(stratify)))
    parts = split_rows(counts[0], test_size, generator(seed), labels)
    return [chosen_rows(table, part) for table in tables for part in parts]


def one_each(name: str, labels: list[Any]) -> list[Any]:
    """The classes of samples, which may stand in a column: rows of one."""
    each = [label[0] if isinstance(label, list | tuple) and len(label) == 1 else label for label in labels]
    for label in each:
        if is_sequence(label) and not isinstance(label, str | bytes):
            raise wrong_value(name, "one class for each sample", label)
    return each


def split_rows(count: int, test_size: Any, random: Random, labels: Sequence[Any] | None = None) -> tuple[list[int], list[int]]:
    """The places of the samples to learn from, and of those to test with, in random order."""
    held_out = size_held_out(count, test_size)
    order = list(range(count))
    random.shuffle(order)
    if labels is None:
        return order[held_out:], order[:held_out]
    members: dict[Any, list[int]] = {}
    for i in order:
        members.setdefault(plain(labels[i]), []).append(i)
    wanted = {label: len(rows) * held_out / count for label, rows in members.items()}
    sizes = {label: int(size) for label, size in wanted.items()}
    # What rounding down has left over goes to the classes that lost most by it: the method of largest remainders.
    left = held_out - sum(sizes.values())
    for label in sorted(wanted, key=lambda label: sizes[label] - wanted[label])[:left]:
        sizes[label] += 1
    tested = {i for label, rows in members.items() for i in rows[: sizes[label]]}
    return [i for i in order if i not in tested], [i for i in order if i in tested]


def size_held_out(count: int, test_size: Any, name: str = "test_size") -> int:
    """The number of samples to test with, of so many."""
    if isinstance(test_size, Integral) and not isinstance(test_size, bool):
        size = int(test_size)
    elif isinstance(test_size, Real) and 0 < float(test_size) < 1:
        size = math.ceil(float(test_size) * count)
    else:
        raise wrong_value(name, "a share between 0 and 1, or a number of samples", test_size)
    if not 0 < size < count:
        wanted = f"such that of {counted(count, 'sample')} at least 1 is in each part"
        raise wrong_value(name, wanted, test_size)
    return size


def chosen_rows(table: Any, places: Sequence[int]) -> Any:
    """These rows of a table, as a table of its kind."""
    if isinstance(table, WeightedRows):
        return as_weighted(chosen_rows(table.targets, places), [table.weights[i] for i in places])
    if isinstance(table, SeveralRows):
        return SeveralRows([chosen_rows(column, places) for column in table.columns])
    if isinstance(table, ArrayRows):
        return ArrayRows(table.array[places], table.labels)
    return take_rows(table, places)


@answers_calls
class Standardizer:
    """Brings features to the mean 0 and the standard deviation 1, as they are in the samples that it is made from.

    Arguments:
        inputs: the samples to learn from, as `fit` takes them. A feature that is the same in all becomes 0.

    Attributes:
        mean, scale: what is subtracted from each feature, and what it is divided by then.

    Example:
        >>> from nn import Standardizer
        >>> scale = Standardizer([[0.0, 5.0], [2.0, 5.0]])
        >>> scale([[3.0, 5.0]]).tolist()
        [[2.0, 0.0]]
    """

    def __init__(self, inputs: Any) -> None:
        rows = rows_to_scale(inputs)
        self._names = column_names(rows)
        if isinstance(rows, ArrayRows):
            array = rows.array.reshape(-1, rows.array.shape[-1]).astype(float)
            self.mean, spread = array.mean(0).tolist(), array.std(0).tolist()
        else:
            columns = list(zip(*rows, strict=True))
            self.mean = [fmean(column) for column in columns]
            spread = [math.sqrt(fmean((x - m) ** 2 for x in column)) for column, m in zip(columns, self.mean, strict=True)]
        self.scale = [s if s > 1e-15 * abs(m) else 1.0 for s, m in zip(spread, self.mean, strict=True)]

    def __repr__(self) -> str:
        return f"Standardizer of {counted(len(self.mean), 'feature')}"

    def __call__(self, inputs: Any) -> Any:
        """These samples in the same scale: an array, or lists where NumPy is not installed."""
        rows = rows_to_scale(inputs)
        width = rows.array.shape[-1] if isinstance(rows, ArrayRows) else len(rows[0])
        if width != len(self.mean):
            raise wrong_count("the scale", len(self.mean), "feature", width, "so many had the inputs that it was made from")
        check_columns("the samples", rows, self._names, "those that the scale was made from")
        if isinstance(rows, ArrayRows):
            return (rows.array - as_matrix(self.mean)) / as_matrix(self.scale)
        return as_matrix([[(x - m) / s for x, m, s in zip(row, self.mean, self.scale, strict=True)] for row in rows])


@answers_calls
def standardize(inputs: Any, *others: Any) -> Any:
    """The inputs with the mean 0 and the standard deviation 1 in each feature; others in the same scale.

    Arguments:
        inputs: the samples to learn from. Their means and deviations are used for all.
        others: samples to test with. The scale for samples to come is a `Standardizer`.

    Returns:
        An array; with others a list of arrays.

    Example:
        >>> from nn import standardize
        >>> train, test = standardize([[0.0], [2.0]], [[3.0]])
        >>> train.tolist(), test.tolist()
        ([[-1.0], [1.0]], [[2.0]])
    """
    scale = Standardizer(inputs)
    return [scale(table) for table in (inputs, *others)] if others else scale(inputs)


def rows_to_scale(inputs: Any) -> Rows:
    """Checked samples, each a row of numbers, or a sequence of such."""
    rows = check_rows(inputs, "input", "feature")
    if not rows or not is_sequence(rows[0]):
        way_out = "numpy.reshape(inputs, (-1, 1)) makes each number a row" if rows else ""
        raise wrong_value("the inputs", "rows of numbers, one for each sample", inputs, way_out)
    return rows
