"""What a model and a loss compute with besides the numbers in Values: tells, at little cost, whether it is as it was.

A recording stays right as long as the functions that were recorded are the same, and all that they refer to. `Contents` lists
that. What is of this package, of Python or of an installed library counts as the same while it is the same object.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import Enum
from fractions import Fraction
from itertools import chain, compress, repeat
from operator import is_
from random import Random
from types import BuiltinFunctionType, FunctionType, ModuleType
from typing import Any, Final

from autograd_lite import Value
from autograd_lite.basics.arraylike import is_arraylike
from autograd_lite.basics.references import LARGEST, MISSING, is_library, references, wrapped_by
from autograd_lite.graph.bundles import BUNDLES
from nn.dropout import Dropout
from nn.losses import Loss
from nn.module import Module

PLAIN: Final = frozenset({bool, int, float, complex, str, bytes, type(None), type(...), Fraction, range, slice})
SHOWN: Final = PLAIN | BUNDLES
ITSELF: Final = (Random, Enum, BuiltinFunctionType, Value)  # it is the same if it is the same object
CODED: Final = (FunctionType, type)
LONGEST: Final = 1 << 18  # a longer list of contents takes more time than it saves


class UnknownError(Exception):
    """It cannot be told whether something is as it was."""


class Contents:
    """All that a model and a loss refer to.

    Nearly all of it is in the parts of the model, and in lists and dictionaries in them: `hold` compares those at once, by
    loops in C, and looks only through the rest anew. The model and the loss are not held, so that both may be freed.

    Arguments:
        model, loss: what is looked through.
        modes: whether it matters for each part of the model if it is in training mode.

    Attributes:
        found: all of it, in one order; None where it cannot be told.
    """

    def __init__(self, model: Module, loss: Loss | None, modes: bool) -> None:
        self.modes = modes
        self.parts: list[Module] = []  # below the model
        self.tables: list[dict[Any, Any]] = []
        self.lists: list[list[Any]] = []
        self.others: list[Any] = []  # what is looked through anew
        self.seen: set[int] = set()
        self.things: list[Any] | None = None
        self.found: list[Any] | None = []
        try:
            self._look_at_parts(model, self.found)
            beside = {*self.seen} - {id(model)}
            knows_model = id(model) in look_through([*self.others], beside, [], self.modes)
            self.rest = self._beside_parts(loss)
        except UnknownError:
            self.found = None
            return
        self.found += self.rest
        if not knows_model:  # else what is held here would hold the model
            self.sizes, self.names, self.things = self._in_parts(model)
            self.counts = [*self._counts(model)]

    def _look_at_parts(self, model: Module, found: list[Any]) -> None:
        """Find the model's parts, and what else is in them."""
        stack: list[Any] = [model]
        while stack:
            item = stack.pop()
            if len(found) > LONGEST:
                raise UnknownError
            if is_told(item, found):
                continue
            if not isinstance(item, Module | list | dict | tuple):
                self.others.append(item)
            elif id(item) not in self.seen:
                self.seen.add(id(item))
                stack += inside(item, found, self.modes)
                if isinstance(item, Module) and item is not model:
                    self.parts.append(item)
                elif isinstance(item, dict):
                    self.tables.append(item)
                elif isinstance(item, list):
                    self.lists.append(item)

    def _beside_parts(self, loss: Loss | None) -> list[Any]:
        """What else the model and the loss refer to now."""
        found: list[Any] = []
        look_through([*self.others, loss], {*self.seen}, found, self.modes)
        return found

    def _in_parts(self, model: Module) -> tuple[list[int], list[Any], list[Any]]:
        """What is in the model's parts now: how much, by which names, and what."""
        tables = [vars(model), *map(vars, self.parts), *self.tables]
        sizes = [*map(len, tables), *map(len, self.lists)]
        things = chain.from_iterable([*map(dict.values, tables), *self.lists])
        return sizes, [*chain.from_iterable(tables)], [type(model), *map(type, self.parts), *things]

    def _counts(self, model: Module) -> Iterator[bool]:
        """For each thing in the parts whether it matters if it is another one."""
        yield from repeat(True, 1 + len(self.parts))
        for part in (model, *self.parts):
            yield from (is_recorded(part, name, self.modes) for name in vars(part))
        yield from repeat(True, sum(map(len, (*self.tables, *self.lists))))

    def hold(self, model: Module, loss: Loss | None) -> bool:
        """Whether this is what a model and a loss refer to now; told at little cost, and not always where it is so."""
        if self.things is None:
            return False
        sizes, names, things = self._in_parts(model)
        if sizes != self.sizes or names != self.names:
            return False
        if not all(map(is_, things, self.things)):
            counting = compress(things, self.counts), compress(self.things, self.counts)
            if not all(map(is_, *counting)):
                return False
        try:
            return same_contents(self._beside_parts(loss), self.rest)
        except UnknownError:
            return False


def same_contents(one: list[Any] | None, other: list[Any] | None) -> bool:
    """Whether two lists of contents are of the same objects and numbers."""
    if one is None or other is None or len(one) != len(other):
        return False
    differing = [pair for pair in zip(one, other, strict=True) if pair[0] is not pair[1]]
    return all(type(a) is type(b) and type(a) in PLAIN and repr(a) == repr(b) for a, b in differing)


def look_through(stack: list[Any], seen: set[int], found: list[Any], modes: bool) -> set[int]:
    """Put all that these things refer to into a list, in one order; gives what was seen.

    Arguments:
        stack: where it begins; it is used up.
        seen: what is not looked into, by identity.
        found: the list.
        modes: that of `Contents`.

    Raises:
        UnknownError: it cannot be told what something refers to, or it is too much.
    """
    while stack:
        item = stack.pop()
        if len(found) > LONGEST:
            raise UnknownError
        if not is_told(item, found) and id(item) not in seen:  # else it is in the list already
            seen.add(id(item))
            stack += inside(item, found, modes)
    return seen


def is_told(item: Any, found: list[Any]) -> bool:
    """Whether something is the same as long as it is the same object; then it is put into the list."""
    if isinstance(item, CODED):
        told = is_library(item.__module__)
    else:
        told = type(item) in SHOWN or (isinstance(item, ITSELF) and not is_constant(item))
    if told:
        found.append(item)
    return told


def is_constant(item: Any) -> bool:
    """Whether it is a plain number that is kept as a Value: its number is recorded."""
    return isinstance(item, Value) and item.is_constant


def is_recorded(part: Module, name: str, modes: bool) -> bool:
    """Whether an attribute of a part of a model has to do with what is recorded of it.

    Of a `Dropout` its calls are recorded; it draws from whatever generator there is then.
    """
    return (modes or name != "training") and not (name == "random" and isinstance(part, Dropout))


def inside(item: Any, found: list[Any], modes: bool) -> Iterable[Any]:
    """What is in an object or is referred to by it; what kind of object it is goes into `found`."""
    if isinstance(item, Module):
        own = {name: thing for name, thing in vars(item).items() if is_recorded(item, name, modes)}
        found += (type(item), *own)
        if isinstance(item, Dropout):  # whose calls are recorded
            found.append(item)
        return [type(item), *own.values()]
    if isinstance(item, list | tuple | dict | set | frozenset):
        found += (type(item), len(item))
        return [*item, *item.values()] if isinstance(item, dict) else item
    if isinstance(item, FunctionType):
        return in_function(item, found)
    if isinstance(item, type):
        return in_class(item, found)
    if is_constant(item):
        found.append(item)
        return (item.data,)
    return wrapped_by(item) or in_object(item, found)


def in_function(function: FunctionType, found: list[Any]) -> Iterable[Any]:
    """The defaults of a function, and what it refers to outside of itself; its modules by what it reads in them."""
    found.append(function.__code__)
    around = [content for _, _, content in references(function)]
    return [content for content in around if content is not MISSING and not isinstance(content, ModuleType)]


def in_class(kind: type, found: list[Any]) -> Iterable[Any]:
    """The methods and attributes of a class and of those that it is derived from."""
    found.append(kind)
    own = [vars(c) for c in kind.__mro__ if not is_library(c.__module__)]
    return [
        value
        for members in own
        for name, value in members.items()
        if isinstance(value, FunctionType) or not name.startswith(("__", "_abc_"))
    ]


def in_object(item: Any, found: list[Any]) -> Iterable[Any]:
    """The numbers of a small array; the attributes of an object of a class of the user's own."""
    if is_arraylike(item) and getattr(item, "nbytes", LARGEST + 1) <= LARGEST:
        return [str(item.dtype), tuple(item.shape), item.tolist()]
    if is_library(type(item).__module__) or not hasattr(item, "__dict__"):
        raise UnknownError
    found += vars(item)
    return [type(item), *vars(item).values()]
