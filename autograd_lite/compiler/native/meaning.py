"""What a function computes, as a text: kept machine code is used again just where the text is the same.

The text has the function's instructions, and all that they can reach: closure cells, defaults, global names, what these name in
modules, and the functions called. What cannot be described so, such as an object that changes, is `NoMeaningError`: code that
depends on it is not kept.
"""

from __future__ import annotations

import enum
import functools
import hashlib
import math
import sys
import types as python_types
from typing import Any, Final

import numpy as np

from autograd_lite.basics.bytecode import all_names, names_around
from autograd_lite.operation import primitive_of

PLAIN: Final = (type(None), type(...), bool, int, float, complex, str, bytes)
TRUSTED: Final = ("math", "cmath", "builtins", "_operator", "numpy")  # their functions mean what they are called

# What is of these modules means something else as soon as they are edited: see `OWN_SOURCE` of `disk`.
OWN: Final = tuple(
    f"{__package__}.{name}"
    for name in (
        "adapted",
        "answering",
        "building",
        "elementary",
        "fixed",
        "kernel",
        "machine",
        "mathlib",
        "state",
        "table",
        "tiles",
        "translate",
    )
)


class NoMeaningError(Exception):
    """What a function reaches cannot be described."""


def meaning(value: Any) -> str:
    """A text that changes when what is computed with `value` does.

    Raises:
        NoMeaningError: no text can say.
    """
    return Description().of(value)


def digest(text: str) -> str:
    """A short name that no other text has."""
    return hashlib.sha256(text.encode()).hexdigest()[:20]


class Description:
    """One description, in which what comes again is only named; it ends, too, where functions call each other in a circle."""

    def __init__(self) -> None:
        self.seen: dict[int, tuple[int, Any]] = {}  # by identity; each is kept, so that no other gets its identity

    def of(self, value: Any, names: frozenset[str] = frozenset(), compiled: bool = False) -> str:
        """The text of a value.

        Arguments:
            value: anything that a function refers to.
            names: what the function takes from modules.
            compiled: whether a function of the user's that numba compiles refers to it, which may not call plain functions.
        """
        kind = type(value)
        if kind in PLAIN:
            return f"{kind.__name__} {value!r}"
        if isinstance(value, python_types.ModuleType):
            found = [(name, self.of(vars(value)[name], names - {name}, True)) for name in sorted(names & vars(value).keys())]
            return repr(("module", value.__name__, found))
        if id(value) in self.seen:
            return f"number {self.seen[id(value)][0]}"
        self.seen[id(value)] = (len(self.seen), value)
        name = known_name(value)
        if name is not None:
            return name
        if is_numbas(value, "numba.core.dispatcher", "Dispatcher"):
            options = self.of(value.targetoptions)
            return repr(("compiled", options, own_name(value.py_func) or self.of_function(value.py_func, True)))
        if (primitive := primitive_of(value)) is not None and not compiled:
            return self.of(primitive.compute)
        if isinstance(value, python_types.FunctionType) and not compiled:
            return self.of_function(value, False)
        return self.of_object(value, names, compiled)

    def of_function(self, function: python_types.FunctionType, compiled: bool) -> str:
        """The text of a Python function: its code, its defaults, and all that it takes from around it."""
        code, around = function.__code__, function.__globals__
        names = all_names(code)
        try:
            cells = zip(code.co_freevars, [cell.cell_contents for cell in function.__closure__ or ()], strict=True)
        except ValueError as error:  # an empty cell
            raise NoMeaningError(f"{function.__qualname__} refers to what is not there yet") from error
        taken = [(name, around[name]) for name in sorted(names_around(code) & around.keys())] + list(cells)
        described = [(name, self.of(value, names, compiled)) for name, value in taken]
        defaults = self.of(function.__defaults__), self.of(function.__kwdefaults__)
        return repr((self.of_code(code), defaults, described))

    def of_code(self, code: python_types.CodeType) -> str:
        """The text of a piece of code and of the functions in it."""
        constants = [self.of_code(c) if isinstance(c, python_types.CodeType) else self.of(c) for c in code.co_consts]
        arguments = code.co_argcount, code.co_posonlyargcount, code.co_kwonlyargcount, code.co_flags
        return repr((code.co_code.hex(), getattr(code, "co_exceptiontable", b""), arguments, constants, code.co_names))

    def of_object(self, value: Any, names: frozenset[str], compiled: bool) -> str:
        """The text of a collection, an array, a member of an Enum, …: what numba takes as a constant."""

        def many(items: Any) -> list[str]:
            return [self.of(item, names, compiled) for item in items]

        kind = type(value)
        if isinstance(value, tuple) and (kind is tuple or hasattr(kind, "_fields")):
            return repr((kind.__qualname__, getattr(kind, "_fields", ()), many(value)))
        if kind in (set, frozenset):
            return repr((kind.__name__, sorted(map(meaning, value))))
        if kind is dict:
            return repr(("dict", [many(pair) for pair in sorted(value.items(), key=repr)]))
        if kind is np.ndarray and not value.dtype.hasobject:
            return repr(("array", repr(value.dtype), value.shape, value.strides, value.flags.writeable, value.tobytes()))
        if isinstance(value, np.generic) and not value.dtype.hasobject:
            return repr(("number", repr(value.dtype), value.tobytes()))
        if isinstance(value, enum.Enum):
            return repr((self.of(kind), value.name))
        if isinstance(value, enum.EnumMeta):
            bases = [base.__qualname__ for base in value.__mro__]
            members: dict[str, enum.Enum] = dict(value.__members__)
            return repr((value.__module__, bases, [(name, self.of(member.value)) for name, member in members.items()]))
        if isinstance(value, type) and issubclass(value, BaseException):  # of which it matters only that it is raised
            return f"error {value.__module__}.{value.__qualname__}"
        if kind is slice:
            return repr(("slice", many((value.start, value.stop, value.step))))
        if kind is functools.partial:
            return repr(("partial", many((value.func, value.args, value.keywords))))
        if is_numbas(value, "numba.core.types", "Number", "Boolean"):
            return f"type {value}"
        raise NoMeaningError(f"{value!r} may change without a sign")


def is_numbas(value: Any, module: str, *kinds: str) -> bool:
    """Whether a value is of one of these classes of numba: as long as that is not imported, none is."""
    found = sys.modules.get(module)
    return found is not None and isinstance(value, tuple(getattr(found, kind) for kind in kinds))


def known_name(value: Any) -> str | None:
    """The name of a function or class of Python, NumPy or this backend, if it is the one that bears the name."""
    module, name = getattr(value, "__module__", None), getattr(value, "__qualname__", None) or getattr(value, "__name__", None)
    if isinstance(value, np.ufunc):
        module = "numpy"
    if not isinstance(module, str) or not isinstance(name, str):
        return None
    if isinstance(value, python_types.FunctionType) and (own := own_name(value)):
        return own
    if module not in OWN and module.partition(".")[0] not in TRUSTED:
        return None
    found: Any = sys.modules.get(module)
    for part in name.split("."):
        found = getattr(found, part, None)
    return f"{module}.{name}" if found is value else None


def own_name(function: Any) -> str | None:
    """The name of a function that is written in one of the `OWN` modules, and takes nothing from a function around it."""
    for module in OWN:
        if function.__globals__ is vars(sys.modules.get(module, math)) and not function.__closure__:
            return f"{module}.{function.__qualname__}"
    return None
