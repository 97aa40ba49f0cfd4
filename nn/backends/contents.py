"""What a model and a loss compute with besides the numbers in Values: tells, at little cost, whether they are as they were.

A recording stays right as long as the functions that were recorded are the same, and all that they refer to. `contents` lists
that. What is of this package, of Python or of an installed library counts as the same while it is the same object.
"""

from __future__ import annotations

import sys
import sysconfig
from collections.abc import Iterable
from enum import Enum
from fractions import Fraction
from functools import cache, partial
from pathlib import Path
from random import Random
from types import BuiltinFunctionType, CellType, CodeType, FunctionType, MethodType, ModuleType
from typing import Any, Final, TypeAlias

from autograd_lite import Value
from autograd_lite.basics.arraylike import is_arraylike
from autograd_lite.basics.bytecode import all_names, global_names
from autograd_lite.graph.bundles import BUNDLES
from nn.dropout import Dropout, drops
from nn.module import Module, Parameter

Contents: TypeAlias = list[Any]

PLAIN: Final = frozenset({bool, int, float, complex, str, bytes, type(None), type(...), Fraction, range, slice})
SHOWN: Final = PLAIN | BUNDLES
ITSELF: Final = (Random, Enum, BuiltinFunctionType, Value)  # it is the same if it is the same object
LIBRARIES: Final = tuple(Path(sysconfig.get_path(name)) for name in ("purelib", "platlib"))
LARGEST: Final = 1 << 16  # bytes of an array to compare
LONGEST: Final = 1 << 18  # a longer list of contents takes more time than it saves


class UnknownError(Exception):
    """It cannot be told whether something is as it was."""


def contents(*roots: Any) -> Contents | None:
    """All that these functions and objects refer to, in one order; None where that cannot be told."""
    found: Contents = []
    seen: set[int] = set()
    stack = [*reversed(roots)]
    try:
        while stack:
            item = stack.pop()
            if len(found) > LONGEST:
                return None
            kind = type(item)
            if kind in SHOWN:
                found.append(item)
            elif kind is Value or kind is Parameter:
                found += (item, item.data) if item.is_constant else (item,)
            elif id(item) not in seen:  # else it is in the list already
                seen.add(id(item))
                stack += inside(item, found)
    except UnknownError:
        return None
    return found


def same_contents(one: Contents | None, other: Contents | None) -> bool:
    """Whether two lists of contents are of the same objects and numbers."""
    if one is None or other is None or len(one) != len(other):
        return False
    differing = [pair for pair in zip(one, other, strict=True) if pair[0] is not pair[1]]
    return all(type(a) is type(b) and type(a) in PLAIN and repr(a) == repr(b) for a, b in differing)


def inside(item: Any, found: Contents) -> Iterable[Any]:
    """What is in an object or is referred to by it; what kind of object it is goes into `found`."""
    if isinstance(item, Module):
        found.append(type(item))
        own = vars(item)
        if isinstance(item, Dropout):  # of which a recording has the calls; it draws from whatever generator there is then
            found += (item, drops(item))
            own = {name: v for name, v in own.items() if name != "random"}
        found += own  # the names
        found += [v for name, v in own.items() if type(v) in SHOWN and name != "training"]  # each mode has its recording
        return [type(item), *[v for v in own.values() if type(v) not in SHOWN]]
    if isinstance(item, list | tuple | dict | set | frozenset):
        found += (type(item), len(item))
        return [*item, *item.values()] if isinstance(item, dict) else item
    if isinstance(item, FunctionType):
        return in_function(item, found)
    if isinstance(item, type):
        return in_class(item, found)
    if isinstance(item, ITSELF):
        found.append(item)
        return ()
    return in_wrapper(item) or in_object(item, found)


def in_function(function: FunctionType, found: Contents) -> Iterable[Any]:
    """The defaults of a function, and what it refers to outside of itself."""
    if is_library(function.__module__):
        found.append(function)
        return ()
    code = function.__code__
    found.append(code)
    around = [cell.cell_contents for cell in function.__closure__ or () if has_contents(cell)]
    return [function.__defaults__, function.__kwdefaults__, *around, *referred_to(code, function.__globals__)]


def in_class(kind: type, found: Contents) -> Iterable[Any]:
    """The methods and attributes of a class and of those that it is derived from."""
    found.append(kind)
    own = [vars(c) for c in kind.__mro__ if not is_library(c.__module__)]
    return [
        value
        for members in own
        for name, value in members.items()
        if isinstance(value, FunctionType) or not name.startswith(("__", "_abc_"))
    ]


def in_wrapper(item: Any) -> Iterable[Any]:
    """What a partial, a method or a property calls; nothing of anything else."""
    if isinstance(item, partial):
        return item.func, item.args, item.keywords
    if isinstance(item, MethodType):
        return item.__func__, item.__self__
    if isinstance(item, staticmethod | classmethod):
        return (item.__func__,)
    if isinstance(item, property):
        return item.fget, item.fset
    return ()


def in_object(item: Any, found: Contents) -> Iterable[Any]:
    """The numbers of a small array; the attributes of an object of a class of the user's own."""
    if is_arraylike(item) and getattr(item, "nbytes", LARGEST + 1) <= LARGEST:
        return [str(item.dtype), tuple(item.shape), item.tolist()]
    if is_library(type(item).__module__) or not hasattr(item, "__dict__"):
        raise UnknownError
    found += vars(item)
    return [type(item), *vars(item).values()]


def referred_to(code: CodeType, scope: dict[str, Any]) -> list[Any]:
    """The globals that a piece of code reads; of a module of the user's own, what it may read in that."""
    names = all_names(code)
    found: list[Any] = []
    modules: list[ModuleType] = []
    for name in sorted(global_names(code) & scope.keys()):
        (modules if isinstance(scope[name], ModuleType) else found).append(scope[name])
    for module in modules:
        if not is_library(module.__name__):
            found += [value for name, value in vars(module).items() if name in names]
    return found


def has_contents(cell: CellType) -> bool:
    """Whether a variable of an enclosing function has a value yet."""
    try:
        return cell.cell_contents is not cell
    except ValueError:
        return False


@cache
def is_library(module: str | None) -> bool:
    """Whether a module is of this package, of Python, or installed, so that nobody changes it while a program runs."""
    top = (module or "").partition(".")[0]
    if top in ("autograd_lite", "nn") or top in sys.stdlib_module_names:
        return True
    file = getattr(sys.modules.get(top), "__file__", None)
    return file is not None and any(Path(file).is_relative_to(place) for place in LIBRARIES)
