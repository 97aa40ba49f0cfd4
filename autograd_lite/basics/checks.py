"""Arguments as a user gives them, checked where they come in, in one dialect: `NAME must be WHAT, got VALUE: WAY OUT`.

Every check takes the argument's name first, so that its message can say what to change. A value of the wrong kind is a
TypeError, and its message says which kind it is; a value of the right kind outside of its range is a ValueError. A long value
is shown by its two ends; of one that says little, such as a table, `told` says in words what it is.

Data has two forms of its own. Of one number or element in it the message says where it stands: `PLACE is VALUE: expected WHAT`.
Of what is given to a model, say, as a whole the message says who takes it: `OWNER expects WHAT, got VALUE`.
"""

from __future__ import annotations

import inspect
import math
import re
from collections.abc import Iterable, Sequence
from numbers import Integral, Real
from typing import Any, Final

from autograd_lite.basics.arraylike import PYTHON, python_number
from autograd_lite.basics.escaping import in_message, shortened, visible
from autograd_lite.basics.wording import counted

LONGEST_VALUE: Final = 200  # characters of a value in a message
MUST: Final = "must be "  # with which the part of a message behind the name begins


def shown(given: Any) -> str:
    """A value in a message: its repr in one line, of a long one its ends."""
    return visible(shortened(re.sub(r"\s*\n\s*", " ", repr(given)), LONGEST_VALUE))


def must_be(wanted: str, given: Any, way_out: str = "", told: str = "") -> str:
    """What is wrong with an argument, to stand behind its name."""
    return f"{MUST}{wanted}, got {told or shown(given)}{_then(way_out)}"


def _then(way_out: str) -> str:
    return f": {way_out}" if way_out else ""


def with_type(given: Any) -> str:
    """A value, and which type it is of."""
    return f"{shown(given)} ({type(given).__name__})"


def wrong_type(name: str, wanted: str, given: Any, way_out: str = "", told: str = "") -> TypeError:
    """The error of an argument of the wrong kind, to be raised; `way_out` says what would work."""
    return TypeError(f"{visible(name)} {must_be(wanted, given, way_out, told or with_type(given))}")


def wrong_value(name: str, wanted: str, given: Any, way_out: str = "", told: str = "") -> ValueError:
    """The error of an argument of the right kind whose value does not fit, to be raised; `way_out` says what would work."""
    return ValueError(f"{visible(name)} {must_be(wanted, given, way_out, told)}")


def wrong_length(name: str, wanted: int, noun: str, each: str, given: int, way_out: str = "") -> ValueError:
    """The error of more or fewer than there are of something else: `w must be 3 weights, one for each input, got 2`."""
    return wrong_value(name, f"{counted(wanted, noun) if noun else wanted}, one for each {each}", given, way_out)


def wrong_names(name: str, missing: Sequence[Any], unknown: Sequence[Any], way_out: str = "") -> ValueError:
    """The error of what has other names in it than those that are known, to be raised."""
    return ValueError(f"{visible(name)} does not fit: missing: {_some(missing)}; unknown: {_some(unknown)}{_then(way_out)}")


def _some(names: Sequence[Any]) -> str:
    """The first of some names, and how many more there are."""
    listed = ", ".join(map(in_message, names[:3])) or "none"
    return listed + (f" and {len(names) - 3} more" if len(names) > 3 else "")


def wrong_element(place: str, wanted: str, given: Any, way_out: str = "") -> TypeError:
    """The error of a number or an element of the wrong kind within some data, to be raised."""
    return TypeError(f"{visible(place)} is {with_type(given)}: expected {wanted}{_then(way_out)}")


def wrong_entry(place: str, wanted: str, given: Any, way_out: str = "") -> ValueError:
    """The error of a number or an element of the right kind within some data whose value does not fit, to be raised."""
    return ValueError(f"{visible(place)} is {shown(given)}: expected {wanted}{_then(way_out)}")


def wrong_data(owner: str, wanted: str, given: Any, way_out: str = "", told: str = "") -> TypeError:
    """The error of data of the wrong kind, which somebody is given, to be raised."""
    return TypeError(f"{visible(owner)} expects {wanted}, got {told or with_type(given)}{_then(way_out)}")


def wrong_count(owner: str, wanted: int, noun: str, given: int, way_out: str = "") -> ValueError:
    """The error of too many or too few: `MLP expects 3 inputs, got 2`; to be raised."""
    return ValueError(f"{visible(owner)} expects {counted(wanted, noun)}, got {given}{_then(way_out)}")


def whole_number(name: str, number: Any, least: int = 1) -> int:
    """A whole number of at least `least`, as a plain int: NumPy's whole numbers count, True and False do not.

    Raises:
        TypeError: it is no number.
        ValueError: it is not whole, or below that.
    """
    wanted = f"a whole number of at least {least}"
    if isinstance(number, bool):
        raise wrong_type(name, wanted, number)
    if not isinstance(real(name, number, wanted), Integral) or number < least:
        raise wrong_value(name, wanted, number)
    return int(number)


def check_range(name: str, number: Any, low: float, high: float = math.inf) -> None:
    """Check that `low ≤ number < high`.

    Raises:
        TypeError: it is no number.
        ValueError: it is out of that range, or NaN.
    """
    if not low <= real(name, number) < high:
        raise wrong_value(name, f"at least {low:g} and below {high:g}", number)


def real(name: str, number: Any, wanted: str = "a number") -> Any:
    """A real number as it is.

    Raises:
        TypeError: it is something else.
    """
    if not isinstance(number, Real):
        raise wrong_type(name, wanted, number)
    return number


def one_of(name: str, choice: Any, known: Iterable[str]) -> str:
    """One of the known words.

    Raises:
        TypeError: it is no text.
        ValueError: it is another word; the message lists what is known.
    """
    words = list(known)
    wanted = f"one of {', '.join(map(repr, words))}"
    if not isinstance(choice, str):
        raise wrong_type(name, wanted, choice)
    if choice not in words:
        raise wrong_value(name, wanted, choice)
    return str(choice)


def check_callable(name: str, function: Any, *takes: str) -> None:
    """Check that an argument is a function, or can be called like one; and, given what it `takes`, with so many arguments.

    Raises:
        TypeError: it cannot.
    """
    if not callable(function):
        raise wrong_type(name, "a function", function)
    if takes:
        try:
            inspect.signature(function).bind(*takes)
        except ValueError:  # not every function tells
            return
        except TypeError as error:
            raise wrong_type(name, f"a function of ({', '.join(takes)})", function, str(error)) from error


def computed_number(data: Any) -> Any:
    """What the function of an operation gave for Python's numbers, as a node keeps it: as Python's.

    Raises:
        TypeError, ValueError: it is no real number.
    """
    if type(data) in PYTHON:
        return data
    if data is None:
        raise TypeError("its function gave None: does it lack a `return`?")
    number = python_number(data)
    if not isinstance(number, Real):
        kind = ValueError if isinstance(data, complex) else TypeError  # (-1) ** 0.5 is outside of the domain
        raise kind(f"its function gave {data!r} ({type(data).__name__}), expected a real number")
    return number
