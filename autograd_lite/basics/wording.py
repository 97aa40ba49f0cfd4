"""The words of messages: what a function is called, and how many there are of a thing."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any


def function_name(function: str | Callable[..., Any], nameless: str = "") -> str:
    """The name of a function, or the name itself where one was given in its place; the same in every run.

    Of a `partial` it is that of the function in it, with the arguments; of an object that can be called, that of its class.

    Arguments:
        function: the function.
        nameless: what to call a lambda and such an object instead.

    Example:
        >>> from functools import partial
        >>> function_name(partial(pow, 2.0))
        'pow(2.0)'
    """
    if isinstance(function, str):
        return function
    if isinstance(function, partial):
        given = [function_name(part) if callable(part) else repr(part) for part in function.args]
        given += [f"{name}={setting!r}" for name, setting in function.keywords.items()]
        return f"{function_name(function.func, nameless)}({', '.join(given)})"
    name: str = getattr(function, "__name__", nameless or type(function).__name__)
    return nameless if nameless and name == "<lambda>" else name


def counted(number: int, noun: str, digits: str = "") -> str:
    """`1 argument`, `2000 arguments`; where `digits` is ",", `2,000 arguments`."""
    return f"{number:{digits}} {noun}{'s' * (number != 1)}"
