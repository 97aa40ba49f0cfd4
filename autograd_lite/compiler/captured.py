"""What a recorded function takes from around it besides its arguments, and whether it has changed since the recording.

A recording holds the numbers that were around the function when it was made, and the Values: in closures and global names, as
defaults and in a `partial`, and in those attributes of the user's objects, classes and modules that its code names. If one of
them is another at a later call, or a list has other items, the function is recorded anew. What changes inside an array, or in
an object of a library or in a list, is not looked at: that would take longer than a run.
"""

from __future__ import annotations

import dis
import math
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property, partial, partialmethod
from inspect import getattr_static
from types import BuiltinFunctionType, CellType, FunctionType, MemberDescriptorType, MethodType, ModuleType, SimpleNamespace
from typing import Any, Final, NamedTuple

from autograd_lite.basics.bytecode import all_names, global_names
from autograd_lite.operation import primitive_of

PACKAGES: Final = ("autograd_lite", "nn", "visualize")
PYTHON: Final = os.path.dirname(dis.__file__)
INSTALLED: Final = ("site-packages", "dist-packages")  # parts of the path of every installed library
LASTING: Final = (ModuleType, type, BuiltinFunctionType)  # what nobody gives another meaning in the middle of a program
NUMBERS: Final = (int, float, complex, bool)
COLLECTIONS: Final = (list, tuple, dict, set, frozenset)
METHODS: Final = (FunctionType, staticmethod, classmethod, property, cached_property, partialmethod)
MISSING: Final = object()


@dataclass
class CapturedName:
    """A name that a function reads.

    Attributes:
        name: as it is written.
        home: the cell of a closure, the namespace of a module, or what has an attribute of that name.
        content: what it stood for when it was last looked at.
        items: of a collection whose items may change a copy, else None.
        signs: of such items with a 0 in them those of the numbers, since 0.0 == -0.0; else None.
    """

    name: str
    home: Any
    content: Any
    items: Any = field(init=False)
    signs: list[float] | None = field(init=False)

    def __post_init__(self) -> None:
        self.items = copied(self.content)
        self.signs = signs(self.items) if has_zero(self.items) else None

    @property
    def written(self) -> str:
        """Where to read it, an expression of its `home`."""
        if isinstance(self.home, dict):
            return f"home.get({self.name!r})"
        return "home.cell_contents" if isinstance(self.home, CellType) else f"home.{self.name}"

    @property
    def told(self) -> str:
        """What to call it in a message."""
        if isinstance(self.home, dict | CellType):
            return self.name
        return f"{getattr(self.home, '__name__', type(self.home).__name__)}.{self.name}"

    def changed(self) -> bool:
        """Whether it stands for something else; another object of the same number is the same."""
        now = read(self.home, self.name)
        if now is not self.content:
            if type(now) is not type(self.content) or type(now) not in NUMBERS or repr(now) != repr(self.content):
                return True
            self.content = now
        return self.items is not None and not (same_items(now, self.items) and (self.signs is None or signs(now) == self.signs))


def read(home: Any, name: str) -> Any:
    """What a name in a home stands for now; see `CapturedName`."""
    if isinstance(home, dict):
        return home.get(name, MISSING)
    try:
        return getattr(home, "cell_contents" if isinstance(home, CellType) else name, MISSING)
    except ValueError:  # an empty cell
        return MISSING


class Captured:
    """The names that a function, and those that it calls, read from around them.

    Attributes:
        names: each once.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        self.names = [*captured_names(function)]

    def changed(self) -> str | None:
        """The first name that stands for something else than when the function was recorded."""
        return next((captured.told for captured in self.names if captured.changed()), None)

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
            now = one.written.replace("home", f"home{i}", 1)
            conditions.append(f"{now} is content{i}" + (f" and content{i} == items{i}" if one.items is not None else ""))
            if one.signs is not None:
                conditions.append(f"signs(content{i}) == {one.signs}")
        source = f"""def guarded(args, out=None):
    try:
        if not ({" and ".join(conditions)}):
            return None
    except Exception:  # an attribute is gone, or an array was put in the place of another
        return None
    return at_once(args, out)
"""
        exec(source, around)
        guarded: Callable[..., Any] = around["guarded"]
        return guarded


class Found(NamedTuple):
    """Something that a function refers to.

    Attributes:
        item: the thing.
        names: the names of attributes in the code that refers to it; None: its attributes are not looked at.
    """

    item: Any
    names: frozenset[str] | None = None


def captured_names(function: Callable[..., Any]) -> Iterator[CapturedName]:
    """The names that a function reads, and those of the user's functions that it calls, that stand for what may change."""
    stack = [Found(function, frozenset())]
    seen: dict[Any, Any] = {}  # what was met, by its identity, which no other thing gets as long as it is held here
    while stack:
        found = stack.pop()
        if (id(found.item), found.names) not in seen:
            seen[id(found.item), found.names] = found.item
            for part in taken(found):
                if isinstance(part, Found):
                    stack.append(part)
                elif (id(part.home), part.name) not in seen:
                    seen[id(part.home), part.name] = part.home
                    yield part


Taken = Iterator[CapturedName | Found]


def taken(found: Found) -> Taken:
    """The names by which something takes what may change from around it, and what else it refers to."""
    item = found.item
    if (primitive := primitive_of(item)) is not None:
        yield from map(Found, (primitive.compute, *primitive.derivatives))
    elif isinstance(item, MethodType):
        yield from bound(item.__func__, item.__self__)
    elif isinstance(item, partial):
        for name, given in (("args", item.args), ("keywords", item.keywords)):
            yield CapturedName(name, item, given)
            yield from referred_to(given, names_in(item.func))
        yield Found(item.func, frozenset())
    elif type(item) in COLLECTIONS:
        yield from (inner for inner in referred_to(item) if callable(inner.item) or type(inner.item) in COLLECTIONS)
    elif isinstance(item, FunctionType):
        if is_users(item):
            yield from taken_by_function(item)
        else:  # such as `grad` gives: what it is the gradient of
            yield from (Found(read(cell, ""), frozenset()) for cell in item.__closure__ or ())
    elif "__wrapped__" in getattr(item, "__dict__", ()):  # a cache, or a Compiled
        yield Found(item.__wrapped__, frozenset())
    else:
        for call in [vars(kind)["__call__"] for kind in type(item).__mro__ if "__call__" in vars(kind)][:1]:
            yield from [Found(call)] if found.names is None else bound(call, item)
        if found.names and (is_users(item) or type(item) is SimpleNamespace):
            yield from (
                taken_of_namespace(vars(item), found.names) if isinstance(item, ModuleType) else attributes(item, found.names)
            )


def bound(function: Any, owner: Any) -> Iterator[Found]:
    """A function, and what it is a method of."""
    yield Found(function)
    yield Found(owner, names_in(function))


def names_in(function: Any) -> frozenset[str]:
    """The names of attributes, and others, that a function may read; none of one that is not Python's."""
    return all_names(function.__code__) if isinstance(function, FunctionType) else frozenset()


def referred_to(collection: Any, names: frozenset[str] | None = None) -> Iterator[Found]:
    """What is in a collection."""
    for item in collection.values() if isinstance(collection, dict) else collection:
        yield Found(item, names)


def taken_by_function(function: FunctionType) -> Taken:
    """The same of a user's function: its defaults, the variables of functions around it, and global names."""
    names = names_in(function)
    for name in ("__defaults__", "__kwdefaults__"):
        given = getattr(function, name)
        if given:
            yield CapturedName(name, function, given)
            yield from referred_to(given, names)
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
        content = read(cell, name)
        yield CapturedName(name, cell, content)
        yield Found(content, names)
    yield from taken_of_namespace(function.__globals__, global_names(function.__code__), names)


def taken_of_namespace(namespace: dict[str, Any], chosen: frozenset[str], names: frozenset[str] | None = None) -> Taken:
    """The same of a module, of which these names are read; `names` are read of what they stand for."""
    for name in sorted(chosen & namespace.keys()):
        if may_change(namespace[name]):
            yield CapturedName(name, namespace, namespace[name])
        yield Found(namespace[name], chosen - {name} if names is None else names)


def attributes(item: Any, names: frozenset[str]) -> Taken:
    """The same of an object or a class of the user's, of which attributes of these names are read."""
    own = () if isinstance(item, type) else getattr(item, "__dict__", ())
    for name in sorted(names):
        content = getattr_static(item, name, MISSING)
        if name not in own and isinstance(content, METHODS):
            methods = [getattr(content, part) for part in ("fget", "func", "__func__") if hasattr(content, part)]
            yield from bound(methods[0] if methods else content, item)
        elif name in own or isinstance(content, MemberDescriptorType) or not hasattr(type(content), "__get__"):
            content = read(item, name)
            if content is not MISSING:
                yield CapturedName(name, item, content)
                yield Found(content, names - {name})


def may_change(content: Any) -> bool:
    """Whether a global name may come to stand for something else: not if it is what one imports."""
    primitive = primitive_of(content)
    content = content if primitive is None else primitive.compute
    return not isinstance(content, LASTING) and not (isinstance(content, FunctionType) and not is_users(content))


def is_users(item: Any) -> bool:
    """Whether a function, a module, a class, or an object's class is neither of this package nor of Python or of a library."""
    if isinstance(item, FunctionType):
        module, path = str(item.__globals__.get("__name__", "")), item.__code__.co_filename
    else:
        module = item.__name__ if isinstance(item, ModuleType) else str(getattr(item, "__module__", type(item).__module__))
        path = getattr(sys.modules.get(module), "__file__", None) or ""
    package = module.partition(".")[0]
    if package in PACKAGES or package in sys.stdlib_module_names:
        return False
    return not path.startswith(PYTHON) and not any(part in path for part in INSTALLED)


def copied(content: Any) -> Any:
    """A copy of a collection whose items may change, or those of one in it; None of anything else."""
    if type(content) not in COLLECTIONS:
        return None
    within = [*content.values()] if isinstance(content, dict) else [*content]
    copies = [*map(copied, within)]
    if isinstance(content, tuple | frozenset) and not any(copy is not None for copy in copies):
        return None
    items = [item if copy is None else copy for item, copy in zip(within, copies, strict=True)]
    return dict(zip(content, items, strict=True)) if isinstance(content, dict) else type(content)(items)


def same_items(now: Any, items: Any) -> bool:
    """Whether two collections have the same items; an array is the same as itself alone."""
    try:
        return bool(now == items)
    except Exception:  # two arrays were compared, number by number
        return False


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
