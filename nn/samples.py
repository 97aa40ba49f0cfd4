"""Data as it comes from a user, checked before any work is done."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable, Sequence
from numbers import Real
from typing import Any, TypeAlias

from autograd_lite.arraylike import is_arraylike, is_sequence, plain
from autograd_lite.checks import wrong_type
from autograd_lite.errors import counted
from nn.losses import Loss, check_result
from nn.module import Module, evaluating

Rows: TypeAlias = Sequence[Any]  # of samples, or of targets: each a number, or a list of numbers


class ArrayRows(Sequence[Any]):
    """The rows of an array of numbers as lists, made when they are asked for: the whole would need many times the memory."""

    def __init__(self, array: Any) -> None:
        self.array = array

    def __len__(self) -> int:
        return len(self.array)

    def __getitem__(self, index: Any) -> Any:
        return self.array[index].tolist()

    def is_finite(self) -> bool:
        """Whether there is no NaN and no infinity among the numbers."""
        return math.isfinite(self.array.min(initial=0.0)) and math.isfinite(self.array.max(initial=0.0))


def check_set(model: Module, inputs: Iterable[Any], targets: Iterable[Any], loss: Loss, name: str = "") -> tuple[Rows, Rows]:
    """The samples and targets of a set, checked by themselves and then tried on the model and the loss.

    Arguments:
        model, loss: what they are for.
        inputs, targets: as the user gave them.
        name: what messages call the set, with a space after it; nothing for the training samples.

    Raises:
        ValueError: what `check_samples` or the loss raises for numbers that do not fit.
        TypeError: what they raise for what is of another kind.
    """
    rows, wanted = check_samples(inputs, targets, name)
    try_targets(model, rows, wanted, loss, name)
    return rows, wanted


def check_samples(inputs: Iterable[Any], targets: Iterable[Any], name: str = "") -> tuple[Rows, Rows]:
    """The samples and targets as sequences of plain lists or of plain numbers, all finite, all samples of one length.

    Raises:
        ValueError: an empty set, unequal counts or lengths, NaN or infinity: which sample, which feature.
        TypeError: something is not a number.
    """
    for what, items in (("inputs", inputs), ("targets", targets)):
        if not isinstance(items, Iterable):
            raise wrong_type(f"the {name}{what}", "a sequence, one for each sample", items)
    rows, wanted = _rows(inputs), _rows(targets)
    if not rows:
        raise ValueError(f"the {name}inputs are empty: there is nothing to learn from")
    if len(rows) != len(wanted):
        raise ValueError(f"{len(rows)} {name}inputs, but {len(wanted)} {name}targets: one target for each input")
    _check_rows(rows, f"{name}input", "feature")
    _check_rows(wanted, f"{name}target", "entry")
    return rows, wanted


def _rows(items: Iterable[Any]) -> Rows:
    if is_arraylike(items):
        array: Any = items
        return ArrayRows(array) if array.ndim == 2 and array.dtype == "float64" else list(plain(array))
    return [plain(item) for item in items]


def _check_rows(rows: Rows, what: str, part: str) -> None:
    if isinstance(rows, ArrayRows) and rows.is_finite():
        return  # rows of an array have one length
    width = _width(rows[0])
    for i, row in enumerate(rows):
        if isinstance(row, set | frozenset | dict):
            raise TypeError(f"{what} {i} is {row!r} ({type(row).__name__}): its numbers have no order, give them in a list")
        if _width(row) != width:
            raise ValueError(f"{what} {i} has {_counted(_width(row))}, but {what} 0 has {_counted(width)}")
        numbers = [row] if width is None else row
        try:
            if all(map(math.isfinite, numbers)):
                continue
        except (TypeError, OverflowError):
            pass  # the search below says what it is
        for k, number in enumerate(numbers):
            _check_number(number, f"{what} {i}" if width is None else f"{what} {i}, {part} {k},")


def _check_number(number: Any, where: str) -> None:
    if not isinstance(number, Real):
        raise TypeError(f"{where} is {number!r} ({type(number).__name__}): expected a number")
    size: Any = abs(number)
    if not size <= sys.float_info.max:
        raise ValueError(f"{where} is {number!r}: expected a finite number")


def _width(row: Any) -> int | None:
    return len(row) if is_sequence(row) else None


def _counted(width: int | None) -> str:
    return "no length" if width is None else counted(width, "number")


def try_targets(model: Module, rows: Rows, targets: Rows, loss: Loss, name: str = "") -> None:
    """Try the loss on the output of the first sample, with each different target, before any work is done."""
    with evaluating(model):
        output = model(rows[0])
        tried: set[Any] = set()
        for i, target in enumerate(targets):
            key = tuple(target) if isinstance(target, list) else target
            if key in tried:
                continue
            tried.add(key)
            try:
                number = loss(output, target)
            except OverflowError:
                continue  # a number out of range, not a target that does not fit: the training will say
            except (ValueError, TypeError, IndexError) as error:
                raise type(error)(f"{name}target {i}: {error}") from error
            check_result(number)
