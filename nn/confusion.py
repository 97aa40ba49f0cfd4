"""Which class was taken for which: the counts, and precision, recall and F1 of each class."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from autograd_lite.basics.arraylike import is_sequence, listed, plain
from autograd_lite.basics.checks import wrong_length, wrong_type, wrong_value
from autograd_lite.basics.elsewhere import answers_calls
from autograd_lite.basics.wording import counted
from nn.matrices import as_matrix


class ConfusionMatrix:
    """How often each class was taken for which; printed as a table with recall at the right and precision below.

    A class that was never predicted has the precision 0, one that never occurs the recall 0, as in scikit-learn.

    Attributes:
        classes: the classes in order, or their names.
        counts: one row for each true class, one column for each predicted one; an array where NumPy is installed.
        precision: for each class, which share of what was predicted as it is right: tp / (tp + fp).
        recall: for each class, which share of it was found: tp / (tp + fn).
        f1: for each class, the harmonic mean of these two: 2·tp / (2·tp + fp + fn).
        accuracy: which share of all is right.

    Example:
        >>> from nn import confusion_matrix
        >>> matrix = confusion_matrix([0, 1, 1], [0, 1, 0])
        >>> matrix.accuracy == 2 / 3, matrix.recall[0] == 1
        (True, True)
    """

    def __init__(self, table: list[list[float]], classes: Sequence[Any]) -> None:
        self.table, self.classes = table, list(classes)
        self.right = [table[k][k] for k in range(len(table))]
        self.true = [sum(row) for row in table]
        self.predicted = [sum(column) for column in zip(*table, strict=True)]

    @property
    def counts(self) -> Any:
        """One row for each true class, one column for each predicted one."""
        return as_matrix(self.table)

    @property
    def accuracy(self) -> float:
        """Which share of all is right."""
        return sum(self.right) / sum(self.true)

    @property
    def precision(self) -> list[float]:
        """Of each class, which share of what was predicted as it is right."""
        return list(map(share, self.right, self.predicted))

    @property
    def recall(self) -> list[float]:
        """Of each class, which share of it was found."""
        return list(map(share, self.right, self.true))

    @property
    def f1(self) -> list[float]:
        """Of each class, the harmonic mean of precision and recall."""
        both = [true + predicted for true, predicted in zip(self.true, self.predicted, strict=True)]
        return [share(2 * right, total) for right, total in zip(self.right, both, strict=True)]

    def __str__(self) -> str:
        names = [str(name) for name in self.classes]
        cells = [[f"{count:,.6g}" if count else "·" for count in row] for row in self.table]
        width = max(6, *map(len, names), *(len(cell) for row in cells for cell in row))
        first = max(len("precision"), *map(len, names))

        def line(name: str, columns: Iterable[str], last: str) -> str:
            return f"{name:<{first}}" + "".join(f"  {column:>{width}}" for column in columns) + f"   {last}"

        lines = [" " * (first + 2) + "predicted", line("true", names, "recall")]
        lines += [line(*row) for row in zip(names, cells, [f"{r:.4f}" for r in self.recall], strict=True)]
        return "\n".join([*lines, line("precision", [f"{p:.4f}" for p in self.precision], f"accuracy {self.accuracy:.4f}")])

    def __repr__(self) -> str:
        return str(self)


def share(part: float, whole: float) -> float:
    """The part of a whole; 0 of nothing."""
    return part / whole if whole else 0.0


@answers_calls
def confusion_matrix(
    targets: Any, predicted: Any, *, names: Sequence[Any] | None = None, sample_weight: Any = None
) -> ConfusionMatrix:
    """Count which class was taken for which. The order of the arguments is scikit-learn's: first the truth.

    Arguments:
        targets: the true class of each sample: numbers, words, whatever can be sorted.
        predicted: the predicted class of each, such as `predict(model, inputs)` gives.
        names: what the classes 0, 1, 2 … are called. All of them have a row then, also those that do not occur.
        sample_weight: how much each sample counts; each counts 1 if not given.

    Raises:
        ValueError: unequal counts, none at all; a class that has no name.
        TypeError: a row holds several numbers, such as probabilities.

    Example:
        >>> from nn import confusion_matrix
        >>> confusion_matrix([0, 0, 1, 1, 1], [0, 1, 1, 1, 0], names=["cat", "dog"])
                   predicted
        true          cat     dog   recall
        cat             1       1   0.5000
        dog             1       2   0.6667
        precision  0.5000  0.6667   accuracy 0.6000
    """
    true, found = one_class_each("targets", targets), one_class_each("predicted", predicted)
    if not true:
        raise wrong_value("targets", "at least one class", targets)
    if len(true) != len(found):
        raise wrong_length("predicted", len(true), "", "target", len(found))
    weights = None if sample_weight is None else listed(plain(sample_weight))
    if weights is not None and len(weights) != len(true):
        raise wrong_length("sample_weight", len(true), "number", "sample", len(weights))
    classes = list(range(len(names))) if names is not None else in_order("the classes", [*true, *found])
    if names is not None and (odd := {*true, *found} - {*classes}):
        wanted = f"from 0 to {len(classes) - 1}, as there are {counted(len(classes), 'name')}"
        raise wrong_value("a class", wanted, min(odd, key=str))
    return ConfusionMatrix(count_pairs(true, found, classes, weights), classes if names is None else names)


def count_pairs(true: Sequence[Any], found: Sequence[Any], classes: Sequence[Any], weights: Any = None) -> list[list[float]]:
    """How often each class was taken for which, or the sums of the weights."""
    counts: Counter[Any] = Counter(zip(true, found, strict=True) if weights is None else ())
    for row, column, weight in zip(true, found, weights, strict=True) if weights is not None else ():
        counts[row, column] += weight
    return [[counts[row, column] for column in classes] for row in classes]


def in_order(name: str, classes: Sequence[Any]) -> list[Any]:
    """The different ones among these classes, sorted.

    Raises:
        TypeError: they cannot be.
    """
    try:
        return sorted({*classes})
    except TypeError as error:
        told = f"what cannot be sorted ({error})"
        raise wrong_type(name, "all numbers, or all words", classes, told=told) from error


def one_class_each(name: str, given: Any) -> list[Any]:
    """The class of each sample as a list; a column of classes counts as a row of them."""
    classes = [plain(item) for item in listed(plain(given))]
    alone = [item[0] if isinstance(item, list | tuple) and len(item) == 1 else item for item in classes]
    for i, item in enumerate(alone):
        if is_sequence(item) and not isinstance(item, str | bytes):
            raise wrong_type(f"{name}[{i}]", "one class", item, "of one number for each class take the largest: argmax")
    return alone
