"""Machine code kept on disk, and used again just where it means the same: numba keeps that of functions that have a file."""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
import types as python_types
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numba
from numba import njit

from autograd_lite.compiler.native.translate import global_names, pieces

# What is of these modules means something else as soon as they are edited. Of intrinsics nothing else tells.
OWN = tuple(f"{__package__}.{name}" for name in ("machine", "mathlib", "kernel", "fixed"))


def fingerprint(function: Any) -> str:
    """A text that changes when the meaning of a translated function does: its code, and whatever it takes from around it."""
    python = getattr(function, "py_func", function)
    code, around = python.__code__, python.__globals__
    taken = [(name, meaning(around[name], attributes(code))) for name in sorted(global_names(code) & around.keys())]
    return repr((code_text(code), python.__defaults__, taken))


def code_text(code: python_types.CodeType) -> str:
    """The instructions, constants and names of a piece of code, and of the functions in it."""
    constants = [code_text(c) if isinstance(c, python_types.CodeType) else repr(c) for c in code.co_consts]
    return repr((code.co_code.hex(), constants, code.co_names))


def attributes(code: python_types.CodeType) -> set[str]:
    """The names in a piece of code that may be of something in a module."""
    return {name for part in pieces(code) for name in part.co_names}


def meaning(value: Any, names: set[str]) -> str:
    """A text that changes when a value does; of a module when what has one of these names in it does."""
    if hasattr(value, "py_func") and value.__module__ not in OWN:
        return fingerprint(value)
    if isinstance(value, python_types.ModuleType):
        parts = [(name, meaning(vars(value)[name], names - {name})) for name in sorted(names & vars(value).keys())]
        return repr((value.__name__, parts))
    if callable(value):
        return f"{value.__module__}.{getattr(value, '__qualname__', value)}"
    if hasattr(value, "dtype"):  # an array, of which `repr` shows a part
        return repr((value.dtype, value.shape, value.tobytes()))
    return repr(tuple(meaning(item, names) for item in value) if isinstance(value, tuple) else value)


def kept_on_disk(name: str, text: str, scope: dict[str, Any]) -> Callable[..., int]:
    """The function `entry` that a text defines, as a file in the cache; `scope` is what the text refers to.

    The file's name says what it means. So numba, which keeps machine code beside it, finds just what means the same.
    """
    meanings = [(known, meaning(value, set())) for known, value in sorted(scope.items())]
    path = cache_directory() / f"{''.join(c for c in name if c.isalnum())}_{digest(repr((text, meanings, _around())))}.py"
    if not path.exists():
        with tempfile.NamedTemporaryFile("w", dir=path.parent, delete=False, encoding="utf-8") as file:
            file.write(text)
        os.replace(file.name, path)
    around = {"__name__": __name__, **scope}
    exec(compile(text, str(path), "exec"), around)
    return around["entry"]  # type: ignore[no-any-return]


@cache
def _around() -> str:
    """A digest of what shapes machine code besides what `meaning` sees: the `OWN` modules, and numba itself."""
    own = [Path(__file__).with_name(f"{module.rpartition('.')[2]}.py").read_text(encoding="utf-8") for module in OWN]
    return digest(repr((own, numba.__version__, sys.version)))


def digest(text: str) -> str:
    """A short name that no other text has."""
    return hashlib.sha256(text.encode()).hexdigest()[:20]


def cache_directory() -> Path:
    """Where compiled kernels are kept: the user's cache; if that cannot be written, the user's own temporary files."""
    named = os.environ.get("NUMBA_CACHE_DIR") or os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA")
    own = named or os.path.expanduser("~/.cache")  # the ~ stays where no home is known
    user = os.getuid() if hasattr(os, "getuid") else 0
    spare = Path(tempfile.gettempdir()) / f"user-{user}"
    for parent in (spare,) if own.startswith("~") else (Path(own), spare):
        directory = parent / "autograd_lite"
        try:
            directory.mkdir(0o700, parents=True, exist_ok=True)
            owner = parent.stat().st_uid
        except OSError:
            continue
        if os.access(directory, os.W_OK) and (parent != spare or owner == user):  # what others may write is not to be run
            return directory
    raise OSError(f"no directory to keep compiled code in: make {parent} writable, or set NUMBA_CACHE_DIR")


def let_numba_keep_code() -> None:
    """Where neither this package's folder nor the user's cache can be written, numba keeps its code where we keep ours."""
    try:
        njit(cache=True)(cache_directory)
    except RuntimeError:  # no place was found
        numba.config.CACHE_DIR = str(cache_directory())  # type: ignore[attr-defined]
