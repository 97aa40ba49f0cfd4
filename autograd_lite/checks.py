"""Arguments as a user gives them, checked where they come in, in one dialect: `NAME must be WHAT, got VALUE`.

Every check takes the argument's name first, so that its message can say what to change. A value of the wrong kind is a
TypeError, and its message says which kind it is; a value of the right kind outside of its range is a ValueError.

Data has two forms of its own. Of one number or element in it the message says where it stands: `PLACE is VALUE: expected WHAT`.
Of what is given to a model, say, as a whole the message says who takes it: `OWNER expects WHAT, got VALUE`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from numbers import Integral, Real
from typing import Any

from autograd_lite.escaping import visible
from autograd_lite.wording import counted


def wrong_type(name: str, wanted: str, given: Any, way_out: str = "") -> TypeError:
    """The error of an argument of the wrong kind, to be raised; `way_out` says what would work."""
    return TypeError(f"{visible(name)} must be {wanted}, got {given!r} ({type(given).__name__}){way_out and ': ' + way_out}")


def wrong_value(name: str, wanted: str, given: Any, way_out: str = "") -> ValueError:
    """The error of an argument of the right kind whose value does not fit, to be raised; `way_out` says what would work."""
    return ValueError(f"{visible(name)} must be {wanted}, got {given!r}{way_out and ': ' + way_out}")


def wrong_element(place: str, wanted: str, given: Any) -> TypeError:
    """The error of a number or an element of the wrong kind within some data, to be raised."""
    return TypeError(f"{place} is {given!r} ({type(given).__name__}): expected {wanted}")


def wrong_data(owner: str, wanted: str, given: Any, way_out: str = "") -> TypeError:
    """The error of data of the wrong kind, which somebody is given, to be raised."""
    return TypeError(f"{owner} expects {wanted}, got {given!r} ({type(given).__name__}){way_out and ': ' + way_out}")


def wrong_count(owner: str, wanted: int, noun: str, given: int, way_out: str = "") -> ValueError:
    """The error of too many or too few: `MLP expects 3 inputs, got 2`; to be raised."""
    return ValueError(f"{owner} expects {counted(wanted, noun)}, got {given}{way_out and ': ' + way_out}")


def whole_number(name: str, number: Any, least: int = 1) -> int:
    """A whole number of at least `least`, as a plain int: NumPy's whole numbers count, True and False do not.

    Raises:
        ValueError: it is something else.
    """
    if not isinstance(number, Integral) or isinstance(number, bool) or number < least:
        raise wrong_value(name, f"a whole number of at least {least}", number)
    return int(number)


def check_range(name: str, number: Any, low: float, high: float = math.inf) -> None:
    """Check that `low ≤ number < high`.

    Raises:
        TypeError: it is no number.
        ValueError: it is out of that range, or NaN.
    """
    is_number = isinstance(number, Real)  # asked apart: a type checker takes a Real for something that has no order
    if not is_number:
        raise wrong_type(name, "a number", number)
    if not low <= number < high:
        raise wrong_value(name, f"at least {low:g} and below {high:g}", number)


def one_of(name: str, choice: Any, known: Iterable[str]) -> str:
    """One of the known words.

    Raises:
        ValueError: it is something else; the message lists what is known.
    """
    words = list(known)
    if choice not in words:
        raise wrong_value(name, f"one of {', '.join(map(repr, words))}", choice)
    return str(choice)


def check_callable(name: str, function: Any) -> None:
    """Check that an argument is a function, or can be called like one.

    Raises:
        TypeError: it cannot be called.
    """
    if not callable(function):
        raise wrong_type(name, "a function", function)


def check_number(data: Any) -> None:
    """Refuse what the function of an operation gave for numbers, unless it is one."""
    if data is None:
        raise TypeError("its function gave None: does it lack a `return`?")
    if not isinstance(data, Real):
        kind = ValueError if isinstance(data, complex) else TypeError  # (-1) ** 0.5 is outside of the domain
        raise kind(f"its function gave {data!r} ({type(data).__name__}), expected a real number")
