"""Losses, initializers and metrics are given by name or as functions: from one to the other, and back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar

from autograd_lite.basics.checks import wrong_type, wrong_value
from autograd_lite.operation import primitive_of
from autograd_lite.ops import TABLE

FunctionT = TypeVar("FunctionT", bound=Callable[..., Any])

# Packages whose functions take their own arrays alone, and what the library is called
OF_ARRAYS: Final = {"torch": "PyTorch", "jax": "JAX", "jaxlib": "JAX"}


def named_function(what: str, choice: str | FunctionT, known: Mapping[str, FunctionT], takes: str) -> FunctionT:
    """The function of that name, or the function itself.

    Arguments:
        what: the name of the argument.
        choice: what was given for it.
        known: the functions that have a name.
        takes: the arguments of a function of one's own, for the message.

    Raises:
        TypeError: it is a function of another library's arrays.
        ValueError: the name is unknown; the message lists what is known.
    """
    wanted = f"{', '.join(map(repr, known))}, or a function of {takes}"
    if callable(choice):
        library = OF_ARRAYS.get(str(getattr(choice, "__module__", "")).partition(".")[0])
        if library:
            raise wrong_type(what, wanted, choice, f"those of {library} take no Values")
        return choice
    if choice not in list(known):
        raise wrong_value(what, wanted, choice)
    return known[choice]


def table_name(function: Any) -> str | None:
    """The name of a function in the table of primitives; None if it is another one."""
    primitive = primitive_of(function)
    return primitive.name if primitive is not None and TABLE.get(primitive.name) is function else None
