"""Nested arguments: lists, tuples, dicts and arrays of numbers, taken apart into a flat list and put together again."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from numbers import Real
from typing import Any

from autograd_lite.value import Value


@dataclass(frozen=True)
class Structure:
    """The shape of a nested argument: hashable and comparable, so that equal structures can share a trace."""

    kind: Any  # "number", "array", or the container's type
    keys: tuple[Any, ...] = ()  # of a dict its keys, of an array its shape
    children: tuple[Structure, ...] = ()

    def rebuild(self, leaves: Sequence[Any]) -> Any:
        """The nested argument with these leaves, in order."""
        return self._take(iter(leaves))

    def _take(self, leaves: Iterator[Any]) -> Any:
        if self.kind == "number":
            return next(leaves)
        if self.kind == "array":
            return _array(self.keys, leaves)
        items = [child._take(leaves) for child in self.children]
        if self.keys:
            return self.kind(zip(self.keys, items, strict=True))
        make = getattr(self.kind, "_make", self.kind)  # a named tuple takes its items apart
        return make(items)

    def __len__(self) -> int:
        """The number of leaves."""
        if self.kind == "number":
            return 1
        if self.kind == "array":
            size = 1
            for length in self.keys:
                size *= length
            return size
        return sum(len(child) for child in self.children)


NUMBER = Structure("number")


def flatten(argument: Any, where: str = "the argument") -> tuple[list[Any], Structure]:
    """The numbers and Values in a nested argument, in order, and its structure.

    Raises:
        TypeError: something in it is neither a number, a Value, nor a list, tuple, dict or array of them; it says where.
    """
    leaves: list[Any] = []
    return leaves, _structure(argument, where, leaves)


def _structure(item: Any, where: str, leaves: list[Any]) -> Structure:
    if isinstance(item, Value | Real):
        leaves.append(item)
        return NUMBER
    if isinstance(item, dict):
        return Structure(type(item), tuple(item), tuple(_structure(v, f"{where}[{k!r}]", leaves) for k, v in item.items()))
    if isinstance(item, list | tuple):
        return Structure(type(item), (), tuple(_structure(v, f"{where}[{i}]", leaves) for i, v in enumerate(item)))
    if hasattr(item, "__array__") and hasattr(item, "tolist"):
        elements = item.ravel().tolist()
        for position, element in enumerate(elements):
            if not isinstance(element, Value | Real):
                raise TypeError(f"{where}: element {position} of the array is {element!r}, expected a number or a Value")
        leaves += elements
        return Structure("array", tuple(item.shape))
    raise TypeError(
        f"{where} is {item!r} ({type(item).__name__}): expected a number, a Value, or a list, tuple, dict or array of them"
    )


def _array(shape: tuple[int, ...], leaves: Iterator[Any]) -> Any:
    numpy = sys.modules["numpy"]  # an array came in, so NumPy is there
    size = 1
    for length in shape:
        size *= length
    items = [next(leaves) for _ in range(size)]
    if items and not isinstance(items[0], Value | Real):  # structures in place of numbers: the rows of a jacobian
        if all(isinstance(item, numpy.ndarray) for item in items):
            return numpy.stack(items).reshape(shape + items[0].shape)
        array = numpy.empty(size, dtype=object)
        for index, item in enumerate(items):
            array[index] = item
        return array.reshape(shape)
    array = numpy.empty(size, dtype=object if any(isinstance(item, Value) for item in items) else float)
    array[:] = items
    return array.reshape(shape)
