"""What functions and their wrappers refer to: the walk of all who ask whether a function still computes the same."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from functools import cache, cached_property, partial, partialmethod
from types import CellType, FunctionType, MethodType, ModuleType
from typing import Any, Final, NamedTuple

from autograd_lite.basics.bytecode import all_names, global_names

PACKAGES: Final = ("autograd_lite", "nn", "visualize")
PYTHON: Final = os.path.dirname(os.__file__)
INSTALLED: Final = ("site-packages", "dist-packages")  # parts of the path of every installed library
MISSING: Final = object()
LARGEST: Final = 1 << 16  # bytes of an array to compare


class Reference(NamedTuple):
    """Something that a function takes from around it.

    Attributes:
        name: as it is written.
        home: where it is read: the cell of a closure, the namespace of a module, or the function, which has its defaults.
        content: what is there; MISSING of a variable that has no value yet.
    """

    name: str
    home: Any
    content: Any


def references(function: FunctionType) -> Iterator[Reference]:
    """The defaults of a function, the variables of functions around it, and the global names that it reads.

    Where one of these is a module of the user's, so are the names that the function reads in it.
    """
    for name in ("__defaults__", "__kwdefaults__"):
        if given := getattr(function, name):
            yield Reference(name, function, given)
    names = all_names(function.__code__)
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
        content = content_of(cell)
        yield Reference(name, cell, content)
        yield from read_in(content, names)
    yield from read_by_name(function.__globals__, global_names(function.__code__), names)


def read_by_name(namespace: dict[str, Any], chosen: frozenset[str], names: frozenset[str]) -> Iterator[Reference]:
    """Those of the chosen names that a namespace has; and, of the modules among them, what these names stand for there."""
    for name in sorted(chosen & namespace.keys()):
        yield Reference(name, namespace, namespace[name])
        yield from read_in(namespace[name], names - {name})


def read_in(module: Any, names: frozenset[str]) -> Iterator[Reference]:
    """What these names stand for in a module of the user's; nothing of anything else."""
    if isinstance(module, ModuleType) and is_users(module):
        yield from read_by_name(vars(module), names, names)


def content_of(cell: CellType) -> Any:
    """What a variable of an enclosing function stands for."""
    try:
        return cell.cell_contents
    except ValueError:  # it is empty
        return MISSING


def wrapped_by(item: Any) -> tuple[Any, ...]:
    """What a partial, a method or a property calls, and what it hands on; nothing of anything else."""
    if isinstance(item, partial | partialmethod):
        return item.func, item.args, item.keywords
    if isinstance(item, MethodType):
        return item.__func__, item.__self__
    if isinstance(item, staticmethod | classmethod):
        return (item.__func__,)
    if isinstance(item, property):
        return item.fget, item.fset
    return (item.func,) if isinstance(item, cached_property) else ()


def is_users(item: Any) -> bool:
    """Whether a function, a module, a class, or an object's class is neither of this package nor of Python or of a library."""
    if isinstance(item, FunctionType):  # by its code: a wrapper has the module of what it wraps
        return not (is_library(item.__globals__.get("__name__", "")) or is_installed(item.__code__.co_filename))
    return not is_library(item.__name__ if isinstance(item, ModuleType) else getattr(item, "__module__", type(item).__module__))


@cache
def is_library(module: str | None) -> bool:
    """Whether a module is of this package, of Python, or installed, so that nobody changes it while a program runs."""
    package = (module or "").partition(".")[0]
    if package in PACKAGES or package in sys.stdlib_module_names:
        return True
    if package == "__main__":  # its file may be that of what runs the user's program
        return False
    return is_installed(getattr(sys.modules.get(package), "__file__", None) or "")


def is_installed(path: str) -> bool:
    """Whether a file is of Python or of an installed library."""
    return path.startswith(PYTHON) or any(part in path for part in INSTALLED)
