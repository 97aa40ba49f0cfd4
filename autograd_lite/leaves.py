"""The numbers of many leaves at once, read and set: what a training does with all weights of a model.

An optimization of `value.data`, with one look at a class where there would be one call for each leaf (benchmark fit).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from autograd_lite.moments import clock
from autograd_lite.numpy_floats import NumpyValue
from autograd_lite.storage import CHANGED, read_data
from autograd_lite.value import Value


def numbers_of(leaves: Sequence[Value]) -> list[Any]:
    """The `data` of each."""
    return [*map(read_data, leaves)] if are_plain(leaves) else [leaf.data for leaf in leaves]


def set_numbers(leaves: Sequence[Value], numbers: Iterable[Any]) -> None:
    """Set the `data` of each."""
    if not are_plain(leaves):
        for leaf, number in zip(leaves, numbers, strict=True):
            leaf.data = number
        return
    try:
        for leaf, number in zip(leaves, numbers, strict=True):
            if type(number) is float and leaf.first is None:
                leaf._data, leaf.second = number, CHANGED
            else:
                leaf.data = number
    finally:
        clock.tick()


def are_plain(leaves: Sequence[Value]) -> bool:
    """Whether each is read and set as any Value is, and holds no float of NumPy's."""
    kinds: set[Any] = {*map(type, leaves)}
    return NumpyValue not in kinds and all(kind.data is Value.data for kind in kinds)
