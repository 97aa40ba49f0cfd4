"""Where machine code is: taken from the disk, or else compiled by numba, which is imported for that alone."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Mapping
from functools import cache
from importlib import import_module
from types import MappingProxyType
from typing import Any

from autograd_lite.compiler.native.disk import code_path, keep_code, kept_code
from autograd_lite.compiler.native.linking import link

KINDS: dict[str, Any] = {"int64": ctypes.c_int64, "float64": ctypes.c_double, "float32": ctypes.c_float}


def address_of(
    name: str, text: str | None, signature: str, python: Callable[[], Any], options: Mapping[str, Any] = MappingProxyType({})
) -> int:
    """The address of a function in machine code.

    Arguments:
        name: of the function, for its file.
        text: its meaning: a function of the same meaning has the same code. None: it is in no file.
        signature: its types, as numba writes them.
        python: gives the function in Python, if it is to be compiled.
        options: for numba, which belong to the meaning.
    """
    path = code_path(name, repr((text, signature))) if text is not None else None
    code = kept_code(path) if path is not None else None
    address = link(code) if code is not None else 0
    if address:
        return address
    from autograd_lite.compiler.native.building import build

    address, code = build(python(), signature, options)
    if path is not None and code is not None:
        keep_code(path, code)
    return address


@cache
def address_of_function(module: str, name: str, *arguments: str) -> int:
    """The address of a function of a module of this backend, from numbers of these types to a whole number."""

    def python() -> Any:
        return getattr(import_module(f"{__package__}.{module}"), name).py_func

    return address_of(name, f"{module}.{name}", f"int64({', '.join(arguments)})", python)


@cache
def function(module: str, name: str, *arguments: str) -> Any:
    """Such a function for Python to call, whose lock it does not hold."""
    address = address_of_function(module, name, *arguments)
    return ctypes.CFUNCTYPE(ctypes.c_int64, *map(KINDS.__getitem__, arguments))(address)
