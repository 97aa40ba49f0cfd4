"""What a piece of Python's code reads: whoever asks whether a function is still the same looks there for what it depends on."""

from __future__ import annotations

import dis
from collections.abc import Iterator
from functools import cache
from types import CodeType


def pieces(code: CodeType) -> Iterator[CodeType]:
    """A piece of code, and those of the functions and classes in it."""
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from pieces(constant)


def global_names(code: CodeType) -> frozenset[str]:
    """The global names that a piece of code, and those in it, read."""
    return _read_by(code, ("LOAD_GLOBAL", "LOAD_NAME"))


def names_around(code: CodeType) -> frozenset[str]:
    """The same, with the variables of the functions around it."""
    return _read_by(code, ("LOAD_GLOBAL", "LOAD_NAME", "LOAD_DEREF"))


@cache
def all_names(code: CodeType) -> frozenset[str]:
    """All names in a piece of code, and in those in it, that are not its own variables: of globals, modules and attributes."""
    return frozenset(name for piece in pieces(code) for name in piece.co_names)


@cache
def texts(code: CodeType) -> frozenset[str]:
    """The texts in a piece of code, and in those in it, that may be names, as of an attribute that `getattr` reads."""
    found = {constant for piece in pieces(code) for constant in piece.co_consts if isinstance(constant, str)}
    return frozenset(filter(str.isidentifier, found))


@cache
def _read_by(code: CodeType, instructions: tuple[str, ...]) -> frozenset[str]:
    return frozenset(i.argval for piece in pieces(code) for i in dis.get_instructions(piece) if i.opname in instructions)
