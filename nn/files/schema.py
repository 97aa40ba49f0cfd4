"""What a file must hold, said in one table for each format: each field is checked, by its path, before anything is made of it.

A `Field` looks at one item; it raises a ValueError that names the path and what is found there. Fields are put together with
`record`, `by_name` and `list_of`.
"""

from __future__ import annotations

import reprlib
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any, Final, TypeAlias

from autograd_lite.basics.checks import wrong_names, wrong_value
from autograd_lite.basics.wording import counted

Field: TypeAlias = Callable[[str, Any], None]  # takes the path of an item in its file, and the item

DEEPEST: Final = 100  # lists and records within each other
NESTED: Final = (dict, list)
LARGEST: Final = 10**15  # of whole numbers that count something


def wrong(path: str, wanted: str, item: Any) -> ValueError:
    """The error of an item that is not what it must be, to be raised."""
    return wrong_value(path or "it", wanted, item)


def text(path: str, item: Any) -> None:
    """A text."""
    if not isinstance(item, str):
        raise wrong(path, "a text", item)


def flag(path: str, item: Any) -> None:
    """True or false."""
    if not isinstance(item, bool):
        raise wrong(path, "true or false", item)


def number(path: str, item: Any) -> None:
    """A number that a float can be made of; NaN and the infinities are some."""
    if isinstance(item, bool) or not isinstance(item, int | float):
        raise wrong(path, "a number", item)
    try:
        float(item)
    except OverflowError:
        raise wrong(path, "a number in the range of floats", item) from None


def any_number(path: str, item: Any) -> None:
    """A float, or a whole number of any size."""
    if isinstance(item, bool) or not isinstance(item, int | float):
        raise wrong(path, "a number", item)


def integer(path: str, item: Any) -> None:
    """A whole number of any size."""
    if isinstance(item, bool) or not isinstance(item, int):
        raise wrong(path, "a whole number", item)


def whole(least: int, most: int = LARGEST) -> Field:
    """A whole number within these bounds, which count."""

    def check(path: str, item: Any) -> None:
        integer(path, item)
        if item < least:
            raise wrong(path, f"a whole number of at least {least}", item)
        if item > most:
            raise wrong(path, f"a whole number of at most {most}", item)

    return check


def fraction(path: str, item: Any) -> None:
    """A number from 0 up to 1, which it is not."""
    number(path, item)
    if not 0 <= item < 1:
        raise wrong(path, "at least 0 and below 1", item)


def word(*known: str) -> Field:
    """One of these words."""

    def check(path: str, item: Any) -> None:
        if item not in known:
            raise wrong(path, f"one of {', '.join(map(repr, known))}", item)

    return check


def anything(path: str, item: Any) -> None:
    """Whatever it is: it is compared with something later, and not used."""


SURE: Final[dict[Field, set[type]]] = {number: {float}, any_number: {float, int}}  # what there is nothing to check of


def are_sure(field: Field, items: Iterable[Any]) -> bool:
    """Whether the types of these items say that the field lets all of them pass: of many numbers a quick look."""
    return field in SURE and {*map(type, items)} <= SURE[field]


def list_of(field: Field, length: int | None = None) -> Field:
    """A list of items that are all of one kind, and as many as that."""

    def check(path: str, item: Any) -> None:
        if not isinstance(item, list):
            raise wrong(path, "a list", item)
        if length is not None and len(item) != length:
            raise wrong_value(path, f"a list of {counted(length, 'item')}", item, told=f"one of {len(item)}")
        if are_sure(field, item):
            return
        for position, part in enumerate(item):
            field(f"{path}[{position}]", part)

    return check


def by_name(field: Field, names: Collection[str] | None = None) -> Field:
    """Items that are all of one kind, by name: of just these names, if they are given."""

    def check(path: str, item: Any) -> None:
        if not isinstance(item, dict):
            raise wrong(path, "a record", item)
        if names is not None and [*item] != [*names] and item.keys() != {*names}:
            raise wrong_names(path, sorted({*names} - item.keys()), sorted(item.keys() - {*names}))
        if are_sure(field, item.values()):
            return
        for name, part in item.items():
            field(_at(path, name), part)

    return check


def record(fields: Mapping[str, Field], optional: Collection[str] = (), others: bool = False) -> Field:
    """A record with these fields: with each that is not optional, and with no others unless they are allowed."""

    def check(path: str, item: Any) -> None:
        if not isinstance(item, dict):
            raise wrong(path, "a record", item)
        where = path and f" in {path}"
        for name, field in fields.items():
            if name in item:
                field(_at(path, name) if path else name, item[name])
            elif name not in optional:
                raise ValueError(f"it has no {name!r}{where}")
        unknown = [name for name in item if name not in fields]
        if unknown and not others:
            raise ValueError(f"it has an unknown {reprlib.repr(unknown[0])}{where}")

    return check


def deepest(item: Any) -> int:
    """How many lists and records are within each other."""
    depth, level = 0, [item]
    while level:
        depth += 1
        inside = [outer.values() if isinstance(outer, dict) else outer for outer in level if isinstance(outer, NESTED)]
        level = [part for parts in inside for part in parts if isinstance(part, NESTED)]
    return depth - 1


def _at(path: str, name: str) -> str:
    """The path of what has this name, in one line, whatever the name is."""
    return f"{path}.{name}" if name.isprintable() and len(name) < 80 else f"{path}[{reprlib.repr(name)}]"
