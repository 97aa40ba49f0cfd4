"""What a recorded function takes from around it besides its arguments, and whether it has changed since the recording.

A recording holds the numbers that were in closures and global names when it was made, and the Values. If a name stands for
something else at a later call, or a list has other items, the function is recorded anew. What changes inside other objects,
such as an attribute or an element of an array, is not looked at: that would take longer than a run.
"""

from __future__ import annotations

import dis
import math
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType
from typing import Any, Final

from autograd_lite.basics.bytecode import global_names
from autograd_lite.operation import primitive_of
from autograd_lite.value import Value

PACKAGES: Final = ("autograd_lite", "nn", "visualize")
PYTHON: Final = os.path.dirname(dis.__file__)
INSTALLED: Final = ("site-packages", "dist-packages")  # parts of the path of every installed library
LASTING: Final = (ModuleType, type, BuiltinFunctionType)  # what nobody gives another meaning in the middle of a program
NUMBERS: Final = (int, float, complex, bool)
KEPT: Final = (*NUMBERS, str, type(None), Value, FunctionType)  # what is compared by itself in a list
COLLECTIONS: Final = (list, tuple, dict, set, frozenset)
MISSING: Final = object()


@dataclass
class CapturedName:
    """A name that a function reads.

    Attributes:
        name: as it is written.
        home: the cell of a closure, or the namespace of a module.
        content: what it stood for when it was last looked at.
        items: of a list, tuple, dictionary or set of numbers, Values, texts and functions a copy, else None.
        signs: of such items with a 0 in them those of the numbers, since 0.0 == -0.0; else None.
    """

    name: str
    home: Any
    content: Any
    items: Any = None
    signs: list[float] | None = None

    def read(self) -> Any:
        """What it stands for now."""
        if isinstance(self.home, dict):
            return self.home.get(self.name, MISSING)
        try:
            return self.home.cell_contents
        except ValueError:
            return MISSING

    def changed(self) -> bool:
        """Whether it stands for something else; another object of the same number is the same."""
        now = self.read()
        if now is not self.content:
            if type(now) is not type(self.content) or type(now) not in NUMBERS or repr(now) != repr(self.content):
                return True
            self.content = now
        return self.items is not None and (now != self.items or (self.signs is not None and signs(now) != self.signs))


class Captured:
    """The names that a function, and those that it calls, read from around them.

    Attributes:
        names: each once.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        self.names = [*captured_names(function)]

    def changed(self) -> str | None:
        """The first name that stands for something else than when the function was recorded."""
        return next((captured.name for captured in self.names if captured.changed()), None)

    def guarding(self, at_once: Callable[..., Any]) -> Callable[..., Any]:
        """The same function of the arguments of a call, and maybe an array; but None if one of them may have changed.

        An optimization of `changed`, which is asked at every call (benchmark neuron).
        """
        if not self.names:
            return at_once
        around: dict[str, Any] = {"at_once": at_once, "signs": signs}
        conditions = []
        for i, one in enumerate(self.names):
            around |= {f"home{i}": one.home, f"content{i}": one.content, f"items{i}": one.items}
            now = f"home{i}.get({one.name!r})" if isinstance(one.home, dict) else f"home{i}.cell_contents"
            conditions.append(f"{now} is content{i}" + (f" and content{i} == items{i}" if one.items is not None else ""))
            if one.signs is not None:
                conditions.append(f"signs(content{i}) == {one.signs}")
        source = f"lambda args, out=None: at_once(args, out) if {' and '.join(conditions)} else None"
        guarded: Callable[..., Any] = eval(source, around)
        return guarded


def captured_names(function: Callable[..., Any]) -> Iterator[CapturedName]:
    """The names that a function reads, and those of the user's functions that it calls, that stand for what may change."""
    stack: list[Any] = [function]
    seen: set[Any] = set()  # functions, and names with where they are kept, by identity
    while stack:
        item = stack.pop()
        if id(item) in seen:
            continue
        seen.add(id(item))
        if (primitive := primitive_of(item)) is not None:
            stack += [primitive.compute, *primitive.derivatives]
        elif isinstance(item, MethodType):
            stack.append(item.__func__)
        elif isinstance(item, partial):
            stack.append(item.func)
        elif type(item) in COLLECTIONS:
            within = item.values() if isinstance(item, dict) else item
            stack += [inner for inner in within if callable(inner) or type(inner) in COLLECTIONS]
        elif not isinstance(item, FunctionType) and "__wrapped__" in getattr(item, "__dict__", ()):  # a cache, or a Compiled
            stack.append(item.__wrapped__)
        elif not isinstance(item, FunctionType):
            stack += [vars(kind)["__call__"] for kind in type(item).__mro__ if "__call__" in vars(kind)][:1]
        elif is_users(item):
            for name, home, content in names_in(item):
                if (id(home), name) not in seen and (not isinstance(home, dict) or may_change(content)):
                    seen.add((id(home), name))
                    items = copied(content)
                    yield CapturedName(name, home, content, items, signs(items) if has_zero(items) else None)
                stack.append(content)


def may_change(content: Any) -> bool:
    """Whether a global name may come to stand for something else: not if it is what one imports."""
    primitive = primitive_of(content)
    content = content if primitive is None else primitive.compute
    return not isinstance(content, LASTING) and not (isinstance(content, FunctionType) and not is_users(content))


def names_in(function: FunctionType) -> Iterator[tuple[str, Any, Any]]:
    """Each name that the code of a function takes from around it, where that is kept, and what it stands for."""
    code, around = function.__code__, function.__globals__
    for name, cell in zip(code.co_freevars, function.__closure__ or (), strict=True):
        yield name, cell, CapturedName(name, cell, None).read()
    for name in sorted(global_names(code) & around.keys()):
        yield name, around, around[name]


def is_users(function: FunctionType) -> bool:
    """Whether a function is neither of this package nor of Python or an installed library."""
    package = str(function.__globals__.get("__name__", "")).partition(".")[0]
    path = function.__code__.co_filename
    return package not in PACKAGES and not path.startswith(PYTHON) and not any(part in path for part in INSTALLED)


def copied(content: Any) -> Any:
    """A copy of a list, tuple, dictionary or set that holds nothing but what is KEPT, at whatever depth; else None."""
    if type(content) not in COLLECTIONS:
        return None
    within = content.values() if isinstance(content, dict) else content
    items = [item if isinstance(item, KEPT) else copied(item) for item in within]
    if any(item is None and original is not None for item, original in zip(items, within, strict=True)):
        return None
    return dict(zip(content, items, strict=True)) if isinstance(content, dict) else type(content)(items)


def numbers_in(items: Any) -> Iterator[Any]:
    """The numbers among some items, at whatever depth."""
    if isinstance(items, COLLECTIONS):
        for item in items.values() if isinstance(items, dict) else items:
            yield from numbers_in(item)
    elif isinstance(items, NUMBERS):
        yield items


def has_zero(items: Any) -> bool:
    """Whether there is a number 0 among some items."""
    return any(number == 0 for number in numbers_in(items))


def signs(items: Any) -> list[float]:
    """The sign of each float among some items."""
    return [math.copysign(1.0, number) for number in numbers_in(items) if isinstance(number, float)]
