"""Data as it comes from a user, checked before any work is done."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable, Sequence
from numbers import Real
from typing import Any

from autograd_lite import Value
from autograd_lite.errors import counted
from nn.losses import Loss
from nn.module import Module, evaluating


def check_samples(inputs: Iterable[Any], targets: Iterable[Any], name: str = "") -> tuple[list[Any], list[Any]]:
    """The samples and targets as plain lists of finite numbers, all samples of one length.

    Raises:
        ValueError: an empty set, unequal counts or lengths, NaN or infinity: which sample, which feature.
        TypeError: something is not a number.
    """
    for what, items in (("inputs", inputs), ("targets", targets)):
        if not isinstance(items, Iterable):
            raise TypeError(f"the {name}{what} must be a sequence, one for each sample, got {items!r} ({type(items).__name__})")
    rows, wanted = _plain(inputs), _plain(targets)
    if not rows:
        raise ValueError(f"the {name}inputs are empty: there is nothing to learn from")
    if len(rows) != len(wanted):
        raise ValueError(f"{len(rows)} {name}inputs, but {len(wanted)} {name}targets: one target for each input")
    _check_rows(rows, f"{name}input", "feature")
    _check_rows(wanted, f"{name}target", "entry")
    return rows, wanted


class ArrayRows(Sequence[Any]):
    """The rows of an array of numbers as lists, made when they are asked for: the whole would need many times the memory."""

    def __init__(self, array: Any) -> None:
        self.array = array

    def __len__(self) -> int:
        return len(self.array)

    def __getitem__(self, index: Any) -> Any:
        return self.array[index].tolist()


def _plain(items: Iterable[Any]) -> Any:
    if getattr(items, "ndim", 0) == 2 and getattr(items, "dtype", None) == "float64":
        return ArrayRows(items)
    if hasattr(items, "tolist"):
        return list(items.tolist())
    return [item.tolist() if hasattr(item, "tolist") else item for item in items]


def _check_rows(rows: list[Any], what: str, part: str) -> None:
    width = _width(rows[0])
    if (
        isinstance(rows, ArrayRows)
        and math.isfinite(rows.array.min(initial=0.0))
        and math.isfinite(rows.array.max(initial=0.0))
    ):
        return  # one width, and no NaN or infinity among them
    for i, row in enumerate(rows):
        if isinstance(row, set | frozenset | dict):
            raise TypeError(f"{what} {i} is {row!r} ({type(row).__name__}): its numbers have no order, give them in a list")
        if _width(row) != width:
            raise ValueError(f"{what} {i} has {_counted(_width(row))}, but {what} 0 has {_counted(width)}")
        numbers = row if width is not None else [row]
        try:
            if all(map(math.isfinite, numbers)):
                continue
        except (TypeError, OverflowError):
            pass  # the search below says what it is
        for k, number in enumerate(numbers):
            where = f"{what} {i}, {part} {k}," if width is not None else f"{what} {i}"
            if not isinstance(number, Real):
                raise TypeError(f"{where} is {number!r} ({type(number).__name__}): expected a number")
            size: Any = abs(number)
            if not size <= sys.float_info.max:
                raise ValueError(f"{where} is {number!r}: expected a finite number")


def _width(row: Any) -> int | None:
    return len(row) if hasattr(row, "__len__") else None


def _counted(width: int | None) -> str:
    return "no length" if width is None else counted(width, "number")


def check_targets(model: Module, rows: list[Any], targets: list[Any], loss: Loss, name: str = "") -> None:
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
            if not isinstance(number, Value):
                raise TypeError(f"the loss must give one Value, got {number!r} ({type(number).__name__})")
