"""Data as it comes from a user, checked before any work is done."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from numbers import Real
from typing import Any, Final, TypeAlias

from autograd_lite.basics.arraylike import is_sequence
from autograd_lite.basics.checks import (
    check_range,
    wrong_data,
    wrong_element,
    wrong_entry,
    wrong_length,
    wrong_type,
    wrong_value,
)
from autograd_lite.basics.wording import counted
from nn.losses import ANY_NUMBERS, Loss, base_of, check_result, cross_entropy
from nn.module import Module, evaluating
from nn.several import SeveralRows, answer, arity, is_several
from nn.tables import as_table, way_to_number

Rows: TypeAlias = Sequence[Any]  # of samples, or of targets: each a number, or a list of numbers

FILL: Final = "leave such samples out, or fill them (dropna, fillna)"
AT_LEAST_ONE: Final = "a sequence of at least one sample"
TRIED: Final = 100  # so many different targets are tried on the loss before any work is done


class ArrayRows(Sequence[Any]):
    """The rows of an array of numbers as lists, made when they are asked for: the whole would need many times the memory.

    Attributes:
        array: of any type of real number.
        labels: of the columns, where they are those of a data frame.
    """

    def __init__(self, array: Any, labels: Sequence[Any] = ()) -> None:
        self.array = array
        self.labels = labels

    def __len__(self) -> int:
        return len(self.array)

    def __getitem__(self, index: Any) -> Any:
        return self.array[index].tolist()

    def check_finite(self, what: str, part: str) -> None:
        """Raise a ValueError that names the first number that is NaN or infinite, if there is one."""
        array, numpy = self.array, sys.modules["numpy"]
        if array.dtype.kind != "f":
            return
        with numpy.errstate(all="ignore"):  # finite numbers may have a sum that is not: then each is looked at
            found = [] if math.isfinite(array.sum()) else numpy.argwhere(~numpy.isfinite(array))
        if not len(found):
            return
        row, *place = found[0].tolist()
        name = f" ({str(self.labels[place[0]])!r})" if self.labels and place else ""
        where = f"{what} {row}, {part} {place[0] if len(place) == 1 else tuple(place)}{name}," if place else f"{what} {row}"
        raise wrong_entry(where, "a finite number", array[(row, *place)].item(), FILL)


class WeightedRows(Sequence[Any]):
    """Targets, each with the weight of its sample: `[target, weight]`. The weights are such that their mean is 1."""

    def __init__(self, targets: Rows, weights: Sequence[float]) -> None:
        self.targets, self.weights = targets, weights

    def __len__(self) -> int:
        return len(self.targets)

    def __getitem__(self, index: Any) -> Any:
        return [self.targets[index], self.weights[index]]


@dataclass
class Tried:
    """What a model gave when targets were tried on it. Its weights may have changed since, but not what it gives them for.

    Attributes:
        shape: of the sample that it was given; None as long as nothing was tried.
        output: what it gave.
    """

    shape: tuple[int, ...] | None = None
    output: Any = None


def check_weights(sample_weight: Any, targets: Rows, name: str = "") -> Rows:
    """The targets with the weights of their samples, or the targets alone where there are no weights.

    Raises:
        ValueError: more or fewer weights than samples, one that is negative or not finite, or all of them 0.
        TypeError: they are no numbers.
    """
    if sample_weight is None:
        return targets
    what = f"{name}sample_weight"
    given = check_rows(sample_weight, what, "entry", what)
    if len(given) != len(targets):
        raise wrong_length(what, len(targets), "number", "sample", len(given))
    if is_sequence(given[0]) and len(given[0]) != 1:
        raise wrong_value(what, "one number for each sample", given[0])
    weights = [number[0] if is_sequence(number) else number for number in given]
    for i, weight in enumerate(weights):
        check_range(f"{what}[{i}]", weight, 0)
    return as_weighted(targets, weights)


def as_weighted(targets: Rows, weights: Sequence[float] | None = None) -> Rows:
    """The targets with these weights, divided by their mean; or each with 1, if they have none yet.

    Raises:
        ValueError: all of them are 0.
    """
    if weights is None:
        return targets if isinstance(targets, WeightedRows) else WeightedRows(targets, [1.0] * len(targets))
    mean = math.fsum(weight / len(weights) for weight in weights)
    if not mean:
        raise wrong_value("sample_weight", "above 0 for at least one sample", weights, told="zeros alone")
    return WeightedRows(targets, [weight / mean for weight in weights])


def check_set(
    model: Module, inputs: Any, targets: Any, loss: Loss, name: str = "", tried: Tried | None = None
) -> tuple[Rows, Rows]:
    """The samples and targets of a set, checked by themselves and then tried on the model and the loss.

    Arguments:
        model, loss: what they are for.
        inputs, targets: as the user gave them.
        name: what messages call the set, with a space after it; nothing for the training samples.
        tried: that of the model, as it is now, if something is known of it.

    Raises:
        ValueError: what `check_samples` or the loss raises for numbers that do not fit.
        TypeError: what they raise for what is of another kind.
    """
    rows, wanted = check_samples(model, inputs, targets, name)
    if base_of(loss) is cross_entropy and isinstance(wanted, ArrayRows) and wanted.array.shape[1:] == (1,):
        wanted = ArrayRows(wanted.array[:, 0])  # a column of classes: one share alone would say nothing
    try_targets(model, rows, wanted, loss, name, tried or Tried())
    return rows, wanted


def check_samples(model: Module, inputs: Iterable[Any], targets: Iterable[Any], name: str = "") -> tuple[Rows, Rows]:
    """The samples and targets as sequences of plain lists or of plain numbers, all finite, all samples of one length.

    Raises:
        ValueError: an empty set, unequal counts or lengths, NaN or infinity: which sample, which feature.
        TypeError: something is not a number, or of a kind of table that has no such rows.
    """
    rows, wanted = check_inputs(model, inputs, name), check_rows(targets, f"{name}target", "entry")
    if not rows:
        raise wrong_value(f"the {name}inputs", AT_LEAST_ONE, inputs)
    if len(rows) != len(wanted):
        raise wrong_length(f"the {name}targets", len(rows), "", "input", len(wanted))
    return rows, wanted


def check_inputs(model: Module, inputs: Iterable[Any], name: str = "") -> Rows:
    """The samples for a model; those of a model that takes several inputs are tuples of them.

    Raises:
        ValueError, TypeError: those of `check_samples`; a sample is no tuple, or one of another length.
    """
    least, most = arity(model)
    samples = list(inputs) if most > 1 and isinstance(inputs, list | tuple | Iterator) else inputs
    if not isinstance(samples, list) or not samples or not is_several(model, samples[0]):
        if least > 1:
            first = samples[0] if isinstance(samples, list) and samples else samples
            raise wrong_data(
                type(model).__name__, f"each sample as a tuple of {least} inputs", first, "list(zip(xs, hs)) makes such"
            )
        return check_rows(samples, f"{name}input", "feature")
    width = len(samples[0])
    for i, sample in enumerate(samples):
        if not isinstance(sample, tuple) or len(sample) != width:
            raise wrong_entry(f"{name}input {i}", f"a tuple of {width} inputs, as {name}input 0 is", sample)
    if not least <= width <= most:
        counts = f"at least {least}" if most == math.inf else f"{least} to {most}" if least < most else least
        raise wrong_data(type(model).__name__, f"each sample as a tuple of {counts} inputs", samples[0])
    columns = zip(*samples, strict=True)
    return SeveralRows([check_rows(column, f"{name}part {k} of input", "feature") for k, column in enumerate(columns)])


def check_rows(items: Any, what: str, part: str, whole: str = "") -> Rows:
    """Rows of one length, all numbers finite.

    Arguments:
        items: as the user gave them.
        what, part, whole: what messages call a row, a number in it, and all of them; `the {what}s`, if they have no such name.
    """
    table = as_table(items, whole or f"the {what}s")
    if isinstance(table, list):
        if table:
            _check_lists(table, what, part)
        return table
    rows = ArrayRows(table.array, table.labels)
    rows.check_finite(what, part)
    return rows


def column_names(rows: Rows) -> Sequence[str]:
    """The names of the columns: their labels where all are strings, as scikit-learn has it; numbers only count columns."""
    labels = getattr(rows.targets if isinstance(rows, WeightedRows) else rows, "labels", ())
    return labels if all(isinstance(label, str) for label in labels) else ()


def check_columns(name: str, rows: Rows, known: Sequence[str], of: str) -> None:
    """Check that named columns, where there are names, are the known ones in their order: by their places they are taken.

    Raises:
        ValueError: they are others.
    """
    names = column_names(rows)
    if names and known and [*names] != [*known]:
        raise wrong_value(f"the columns of {name}", f"{', '.join(known)}, as of {of}", ", ".join(names), f"frame[{[*known]!r}]")


def _check_lists(rows: Sequence[Any], what: str, part: str) -> None:
    width = _width(rows[0])
    for i, row in enumerate(rows):
        if isinstance(row, set | frozenset | dict):
            way_out = "pandas.DataFrame(samples) makes columns of them" if isinstance(row, dict) else "give them in a list"
            raise wrong_element(f"{what} {i}", "numbers in an order", row, way_out)
        if _width(row) != width:
            raise wrong_entry(f"{what} {i}", f"{_counted(width)}, as {what} 0 is", row)
        numbers = [row] if width is None else row
        try:
            if all(map(math.isfinite, numbers)):
                continue
        except (TypeError, OverflowError):
            pass  # the search below says what it is
        if isinstance(numbers[0], list | tuple):
            _check_lists(numbers, f"{what} {i}, row", part)
            continue
        for k, number in enumerate(numbers):
            _check_number(number, f"{what} {i}" if width is None else f"{what} {i}, {part} {k},")


def _check_number(number: Any, where: str) -> None:
    if not isinstance(number, Real):
        raise wrong_element(where, "a number", number, way_to_number(number, where.partition(" ")[0]))
    size: Any = abs(number)
    if not size <= sys.float_info.max:
        raise wrong_entry(where, "a finite number", number, FILL)


def _width(row: Any) -> int | None:
    return len(row) if is_sequence(row) and not isinstance(row, str | bytes) else None


def _counted(width: int | None) -> str:
    return "one number by itself" if width is None else f"a row of {counted(width, 'number')}"


def try_targets(model: Module, rows: Rows, targets: Rows, loss: Loss, name: str, tried: Tried) -> None:
    """Try the loss on the output of the first sample, with targets of all kinds there are, before any work is done.

    An optimization (benchmark fit): where it takes them with an earlier output of the model, there is no need of another one.
    """
    shape = rows.array.shape[1:] if isinstance(rows, ArrayRows) else None
    with evaluating(model):
        if shape is not None and shape == tried.shape:
            with suppress(Exception):  # it may refuse the numbers that the model gave then
                try_output(tried.output, targets, loss, name)
                return
        output = first_output(model, rows, name)
        try_output(output, targets, loss, name)
    tried.shape, tried.output = shape, output


def try_output(output: Any, targets: Rows, loss: Loss, name: str) -> None:
    """Try the loss on an output, with targets of all kinds there are."""
    for i in different(targets, loss):
        try:
            number = loss(output, targets[i])
        except OverflowError:
            continue  # a number out of range, not a target that does not fit: the training will say
        except (ValueError, TypeError, IndexError) as error:
            raise type(error)(f"{name}target {i}: {error}") from error
        check_result(number)


def first_output(model: Module, rows: Rows, name: str = "") -> Any:
    """The output of the model for the first sample.

    Raises:
        ValueError, TypeError: the samples are not as the model takes them.
    """
    try:
        output = answer(model, rows[0])
    except TypeError as error:
        first = rows[0]
        if not is_sequence(first):
            given = "single numbers"
            way_out = (
                "a model of one input give rows of one number, numpy.reshape(inputs, (-1, 1)); for one sample alone [inputs]"
            )
        elif len(first) and is_sequence(first[0]):
            given = f"tables, of {counted(len(first), 'row')} each"
            way_out = "a model of plain layers make each a row, numpy.reshape(inputs, (len(inputs), -1))"
        else:
            raise
        raise TypeError(f"the {name}inputs are {given}, and the model does not take such: {error}. For {way_out}") from error
    if output is None:
        raise wrong_type(f"the output of this {type(model).__name__}", "one Value, or several in a list", output, "return it")
    return output


def different(targets: Rows, loss: Loss) -> list[int]:
    """The places of the first targets that differ from all before them, and of the least and the greatest number."""
    array = targets.array if isinstance(targets, ArrayRows) else None
    if loss in ANY_NUMBERS or (base_of(loss) is cross_entropy and array is not None and array.ndim > 1):
        return [0]  # it takes any numbers, as many as there are outputs, and rows are of one length
    if array is not None:
        numpy = sys.modules["numpy"]
        places = numpy.sort(numpy.unique(array, return_index=True, axis=0)[1])[:TRIED].tolist()
        return sorted({*places, *(int(end) // array[0].size for end in (array.argmin(), array.argmax()))})
    first: dict[Any, int] = {}
    for i, target in enumerate(targets):
        first.setdefault(_hashable(target), i)
        if len(first) == TRIED:
            break
    return list(first.values())


def _hashable(target: Any) -> Any:
    return tuple(map(_hashable, target)) if isinstance(target, list | tuple) else target
