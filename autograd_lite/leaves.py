"""The numbers of many leaves at once, read and set: what a training does with all weights of a model.

An optimization of `value.data`, with one look at a class where there would be one call for each leaf (benchmark fit).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from itertools import repeat
from typing import Any

from autograd_lite.graph.moments import clock
from autograd_lite.graph.storage import CHANGED, Stored, read_data, write_data
from autograd_lite.numpy_floats import NumpyValue
from autograd_lite.value import Value

first_of = vars(Stored)["first"].__get__
mark = vars(Stored)["second"].__set__


def numbers_of(leaves: Sequence[Value]) -> list[Any]:
    """The `data` of each."""
    return [*map(read_data, leaves)] if are_plain(leaves) else [leaf.data for leaf in leaves]


def set_numbers(leaves: Sequence[Value], numbers: Sequence[Any]) -> None:
    """Set the `data` of each."""
    if len(leaves) != len(numbers):
        raise ValueError(f"{len(numbers)} numbers for {len(leaves)} leaves")
    if not (are_plain(leaves) and {*map(type, numbers)} <= {float} and {*map(first_of, leaves)} <= {None}):
        for leaf, number in zip(leaves, numbers, strict=True):
            leaf.data = number
        return
    try:
        deque(map(write_data, leaves, numbers), 0)  # which calls, and keeps nothing
        deque(map(mark, leaves, repeat(CHANGED)), 0)
    finally:
        clock.tick()


def set_again(leaves: Sequence[Value], numbers: Sequence[float]) -> None:
    """Set the `data` of each, all of which `set_numbers` has set before; no `data` of any leaf was changed since then."""
    try:
        deque(map(write_data, leaves, numbers), 0)
    finally:
        clock.tick()


def are_plain(leaves: Sequence[Value]) -> bool:
    """Whether each is read and set as any Value is, and holds no float of NumPy's."""
    kinds: set[Any] = {*map(type, leaves)}
    return NumpyValue not in kinds and all(kind.data is Value.data for kind in kinds)
