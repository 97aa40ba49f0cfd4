"""A name that a recorded function reads, and whether it still stands for the same, which is asked at every call."""

from __future__ import annotations

import math
from array import array
from collections import ChainMap, UserDict, UserList, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from types import CellType, FunctionType, MappingProxyType
from typing import Any, ClassVar, Final

from autograd_lite.basics.references import LARGEST, MISSING, content_of

NUMBERS: Final = (int, float, complex, bool)
MAPPINGS: Final = (dict, MappingProxyType, UserDict, ChainMap)  # each equals a dict of the same items
OF_NUMBERS: Final = (array, bytearray)
COLLECTIONS: Final = (*MAPPINGS, *OF_NUMBERS, list, tuple, set, frozenset, deque, UserList)


@dataclass
class CapturedName:
    """A name that a function reads.

    Attributes:
        name: as it is written.
        home: the cell of a closure, the namespace of a module or a class, or what has an attribute of that name.
        content: what it stood for when it was last looked at.
        owner: the object or the class that it is an attribute or a method of, if it is one.
        way_out: what to write, if it is another one at every call.
        items: of a collection whose items may change a copy, else None.
        signs: of such items with a 0 in them those of the numbers, since 0.0 == -0.0; else None.
    """

    way_out: ClassVar[str] = "Make it an argument, or a Value whose data you set"

    name: str
    home: Any
    content: Any
    owner: Any = None
    items: Any = field(init=False)
    signs: list[float] | None = field(init=False)

    def __post_init__(self) -> None:
        self.items = copied(self.content)
        self.signs = signs(self.items) if has_zero(self.items) else None

    @property
    def key(self) -> tuple[int, str]:
        """The same for the same name of the same thing, as long as that is held."""
        return id(self.home if self.owner is None else self.owner), self.name

    @property
    def told(self) -> str:
        """What to call it in a message."""
        if self.owner is None:
            return self.name
        named = self.owner if isinstance(self.owner, type | FunctionType) else type(self.owner)
        return f"{named.__name__}.{self.name}"

    def read(self) -> Any:
        """What it stands for now."""
        if isinstance(self.home, CellType):
            return content_of(self.home)
        if type(self.home) in (dict, MappingProxyType):
            return self.home.get(self.name, MISSING)
        return attribute(self.home, self.name)

    def changed(self) -> bool:
        """Whether it stands for something else; another object of the same number is the same."""
        now = self.read()
        if now is not self.content:
            if type(now) is not type(self.content) or type(now) not in NUMBERS or repr(now) != repr(self.content):
                return True
            self.content = now
        return self.items is not None and not (same_items(now, self.items) and (self.signs is None or signs(now) == self.signs))

    def conditions(self, i: int) -> Iterator[str]:
        """What holds until it stands for something else: written with `home{i}`, `content{i}` and `items{i}`."""
        if type(self.home) not in (dict, MappingProxyType):
            yield f"home{i}.{'cell_contents' if isinstance(self.home, CellType) else self.name} is content{i}"
        elif self.content is MISSING:
            yield f"{self.name!r} not in home{i}"
        else:
            yield f"home{i}.get({self.name!r}) is content{i}"
        if self.items is not None:
            yield f"content{i} == items{i}"
        if self.signs is not None:
            yield f"signs(content{i}) == {self.signs}"


class CapturedArray(CapturedName):
    """The numbers in an array, which may change one by one."""

    def __init__(self, array: Any) -> None:
        super().__init__("an array", array, array.tobytes())

    def changed(self) -> bool:
        """Whether one of them is another."""
        return bool(self.home.tobytes() != self.content)

    def conditions(self, i: int) -> Iterator[str]:
        """The same as an expression."""
        yield f"home{i}.tobytes() == content{i}"


class CapturedNumber(CapturedName):
    """The number of a Value that the function reads itself, at a line."""

    way_out = "Make it an argument, or compute on the Value itself: where(greater(a, b), …, …) chooses"

    def __init__(self, value: Any, line: str) -> None:
        super().__init__("data", value, value.data, value)
        self.line = line

    @property
    def told(self) -> str:
        """What to call it in a message."""
        return f"the number of a Value that it reads at {self.line}"


def attribute(item: Any, name: str) -> Any:
    """An attribute; MISSING where there is none, be it that a `__getattr__` of the user's raises whatever error."""
    try:
        return getattr(item, name)
    except Exception:
        return MISSING


def within(content: Any) -> list[Any]:
    """The items of a collection; of a mapping what it maps to."""
    return [*(content.values() if isinstance(content, MAPPINGS) else content)]


def copied(content: Any) -> Any:
    """A copy of a collection whose items may change, or those of one in it; None of anything else."""
    if not isinstance(content, COLLECTIONS):
        return None
    if isinstance(content, OF_NUMBERS):
        return content[:] if memoryview(content).nbytes <= LARGEST else None
    found = within(content)
    copies = [*map(copied, found)]
    if isinstance(content, tuple | frozenset) and not any(copy is not None for copy in copies):
        return None
    items = [item if copy is None else copy for item, copy in zip(found, copies, strict=True)]
    if isinstance(content, MAPPINGS):
        return dict(zip(content, items, strict=True))
    kind: Any = next(kind for kind in COLLECTIONS if isinstance(content, kind))
    return kind(items)


def same_items(now: Any, items: Any) -> bool:
    """Whether two collections have the same items; an array is the same as itself alone."""
    try:
        return bool(now == items)
    except Exception:  # two arrays were compared, number by number
        return False


def numbers_in(items: Any) -> Iterator[Any]:
    """The numbers among some items, at whatever depth."""
    if isinstance(items, COLLECTIONS):
        for item in within(items):
            yield from numbers_in(item)
    elif isinstance(items, NUMBERS):
        yield items


def has_zero(items: Any) -> bool:
    """Whether there is a float of 0 among some items."""
    return any(isinstance(number, float) and number == 0 for number in numbers_in(items))


def signs(items: Any) -> list[float]:
    """The sign of each float among some items."""
    return [math.copysign(1.0, number) for number in numbers_in(items) if isinstance(number, float)]
