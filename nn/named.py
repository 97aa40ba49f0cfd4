"""Losses, initializers and metrics are given by name or as functions: from one to the other, and back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar

from autograd_lite.basics.checks import check_callable, wrong_type, wrong_value
from autograd_lite.operation import primitive_of
from autograd_lite.ops import TABLE

FunctionT = TypeVar("FunctionT", bound=Callable[..., Any])

# Packages that people take functions from, and what the library is called
LIBRARIES: Final = {
    "torch": "PyTorch",
    "jax": "JAX",
    "jaxlib": "JAX",
    "keras": "Keras",
    "tensorflow": "TensorFlow",
    "sklearn": "scikit-learn",
}


def library_of(thing: Any) -> str:
    """The other library that a function, a class or an object is of; "" if it is of none that is known."""
    return LIBRARIES.get(str(getattr(thing, "__module__", "")).partition(".")[0], "")


def named_function(what: str, choice: str | FunctionT, known: Mapping[str, FunctionT], *takes: str) -> FunctionT:
    """The function of that name, or the function itself.

    Arguments:
        what: the name of the argument.
        choice: what was given for it.
        known: the functions that have a name.
        takes: the arguments of a function of one's own.

    Raises:
        TypeError: it is a function of another library, or takes other arguments.
        ValueError: the name is unknown; the message lists what is known.
    """
    wanted = f"{', '.join(map(repr, known))}, or a function of ({', '.join(takes)})"
    if callable(choice):
        if library := library_of(choice):
            of_sets = "a whole set: call it yourself, with the targets and predict(model, inputs)"
            taken = of_sets if library == "scikit-learn" else "no Values"
            raise wrong_type(what, wanted, choice, f"those of {library} take {taken}")
        check_callable(what, choice, *takes)
        return choice
    if choice not in list(known):
        raise wrong_value(what, wanted, choice)
    return known[choice]


def table_name(function: Any) -> str | None:
    """The name of a function in the table of primitives; None if it is another one."""
    primitive = primitive_of(function)
    return primitive.name if primitive is not None and TABLE.get(primitive.name) is function else None
