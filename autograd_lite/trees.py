"""Nested arguments: lists, tuples, dicts and arrays of numbers, taken apart into a flat list and put together again."""

from __future__ import annotations

import math
import operator
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice, product
from numbers import Real
from typing import Any

from autograd_lite.basics.arraylike import is_arraylike, is_numpy_float, is_object_array, number_to_keep
from autograd_lite.basics.checks import wrong_element
from autograd_lite.errors import way_out
from autograd_lite.graph.long_doubles import is_longer
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

    def paths(self, prefix: str) -> list[str]:
        """The expression for each leaf, such as `args[0]['w'][3]`, where the whole is `prefix`."""
        if self.kind == "number" or (self.kind == "array" and not self.keys):  # an array without dimensions is one number
            return [prefix]
        if self.kind == "array":
            return [f"{prefix}[{', '.join(map(str, place))}]" for place in product(*map(range, self.keys))]
        keys = self.keys or range(len(self.children))
        return [path for key, child in zip(keys, self.children, strict=True) for path in child.paths(f"{prefix}[{key!r}]")]

    @cached_property
    def _is_flat(self) -> bool:
        """Whether it is numbers and nothing else; long lists of them are common."""
        return self.children.count(NUMBER) == len(self.children)

    def _take(self, leaves: Iterator[Any]) -> Any:
        if self.kind == "number":
            return next(leaves)
        if self.kind == "array":
            return _array(self.keys, leaves)
        count = len(self.children)
        items = list(islice(leaves, count)) if self._is_flat else [child._take(leaves) for child in self.children]
        if issubclass(self.kind, dict):
            return _dictionary(self.kind, zip(self.keys, items, strict=True))
        make = getattr(self.kind, "_make", self.kind)  # a named tuple takes its items apart
        return make(items)

    def is_made_of(self, item: Any, leaves: Iterator[Any]) -> bool:
        """Whether a nested argument still has this structure and these very leaves; of an array that is not known."""
        if self.kind == "number":
            return item is next(leaves)
        if type(item) is not self.kind or len(item) != len(self.children) or (self.keys and tuple(item) != self.keys):
            return False
        items = item.values() if self.keys else item
        if self._is_flat:
            return all(map(operator.is_, items, leaves))
        return all(child.is_made_of(part, leaves) for child, part in zip(self.children, items, strict=True))

    @property
    def is_one_number(self) -> bool:
        """Whether there is just one leaf, and it is a number or the one element of an array."""
        return self.kind == "number" or (self.kind == "array" and len(self) == 1)

    def __str__(self) -> str:
        if self.kind == "number":
            return "a number"
        if self.kind == "array":
            return f"an array of shape {self.keys}"
        parts = [str(child) for child in self.children[:4]] + ["…"] * (len(self.children) > 4)
        if self.keys:
            parts = [f"{key!r}: {part}" for key, part in zip((*self.keys, "…"), parts, strict=False)]
        return f"{self.kind.__name__} of ({', '.join(parts)})"

    def __len__(self) -> int:
        """The number of leaves."""
        if self.kind == "number":
            return 1
        if self.kind == "array":
            return math.prod(self.keys)
        return len(self.children) if self._is_flat else sum(map(len, self.children))


NUMBER = Structure("number")
PLAIN = frozenset({float, int, Value})
DEEPEST = 100  # lists, tuples and dicts within each other


def flatten(argument: Any, where: str = "the argument") -> tuple[list[Any], Structure]:
    """The numbers and Values in a nested argument, in order, and its structure.

    Raises:
        TypeError: something in it is neither a number, a Value, nor a list, tuple, dict or array of them; it says where.
        ValueError: it is nested too deeply, as what contains itself is.
    """
    leaves: list[Any] = []
    return leaves, _structure(argument, where, leaves, DEEPEST)


def _structure(item: Any, where: str, leaves: list[Any], room: int) -> Structure:
    if type(item) in PLAIN or isinstance(item, Value) or isinstance(item := number_to_keep(item), Real):
        leaves.append(item)
        return NUMBER
    if not room:
        shown = where if len(where) < 60 else f"{where[:50]}…"
        raise ValueError(f"{shown} is nested more than {DEEPEST} deep: does a list, tuple or dict in it contain itself?")
    if isinstance(item, dict):
        children = [_structure(v, f"{where}[{k!r}]", leaves, room - 1) for k, v in item.items()]
        return Structure(type(item), tuple(item), tuple(children))
    if isinstance(item, list | tuple):
        if PLAIN.issuperset(map(type, item)):  # an optimization: so it is in most lists (benchmark engine)
            leaves += item
            return Structure(type(item), (), (NUMBER,) * len(item))
        return Structure(type(item), (), tuple([_structure(v, f"{where}[{i}]", leaves, room - 1) for i, v in enumerate(item)]))
    if is_arraylike(item):
        elements = item.ravel().tolist()
        if {*map(type, elements)} != {float}:
            elements = [*map(number_to_keep, elements)]
            for position, element in enumerate(elements):
                if not isinstance(element, Value | Real):
                    raise wrong_element(
                        f"{where}: element {position} of the array", "a number or a Value", element, way_out(element)
                    )
        leaves += elements
        return Structure("array", tuple(item.shape))
    raise wrong_element(where, "a number, a Value, or a list, tuple, dict or array of them", item, way_out(item))


def with_numbers(item: Any, number_of: Callable[[Value], Any]) -> Any:
    """A nested structure with a number in the place of each Value; what is neither a Value nor a container stays as it is."""
    return mapped(item, lambda part: number_of(part) if isinstance(part, Value) else part)


def mapped(item: Any, change: Callable[[Any], Any]) -> Any:
    """A nested structure with something else in the place of each thing that is no container, and no array of numbers."""
    if isinstance(item, dict):
        return _dictionary(type(item), [(key, mapped(part, change)) for key, part in item.items()])
    if isinstance(item, list | tuple):
        make = getattr(type(item), "_make", type(item))
        return make([mapped(part, change) for part in item])
    if is_object_array(item):
        return _stack([mapped(part, change) for part in item.ravel()], item.shape)
    return change(item)


def _dictionary(kind: type[dict[Any, Any]], items: Iterable[tuple[Any, Any]]) -> dict[Any, Any]:
    made = kind()  # and not of the items: a Counter would count them, a defaultdict takes its factory there
    for key, item in items:
        made[key] = item
    return made


def _array(shape: tuple[int, ...], leaves: Iterator[Any]) -> Any:
    return _stack(list(islice(leaves, math.prod(shape))), shape)


def _stack(items: list[Any], shape: tuple[int, ...]) -> Any:
    """Items of one structure as an array of that shape, or, where they are containers, a container of such arrays."""
    first = next(iter(items), None)
    if isinstance(first, dict):
        return _dictionary(type(first), ((key, _stack([item[key] for item in items], shape)) for key in first))
    if isinstance(first, list | tuple):
        make = getattr(type(first), "_make", type(first))
        return make(_stack(list(column), shape) for column in zip(*items, strict=True))
    numpy = sys.modules["numpy"]  # an array came in, so NumPy is there
    inner = numpy.shape(first) if is_arraylike(first) else ()
    flat = [element for item in items for element in item.ravel()] if inner else items
    array = numpy.empty(len(flat), dtype=_type_to_hold(flat))
    array[:] = flat
    return array.reshape(shape + inner)


def _type_to_hold(numbers: Sequence[Any]) -> Any:
    """The type of an array that cuts none of these numbers: object for Values, Fractions and large whole numbers."""
    if {*map(type, numbers)} == {float}:
        return float
    if not all(is_numpy_float(n) or isinstance(n, float) or (isinstance(n, int) and abs(n) <= 2**53) for n in numbers):
        return object
    return sys.modules["numpy"].longdouble if any(map(is_longer, numbers)) else float
