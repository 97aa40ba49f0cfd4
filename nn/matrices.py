"""Weights as matrices: numbers of parameters read as an array, and arrays or nested lists written into parameters."""

from __future__ import annotations

import math
import sys
from numbers import Real
from typing import Any

from autograd_lite.basics.arraylike import is_numpy_array, is_sequence, is_series, is_sparse, plain
from autograd_lite.basics.checks import wrong_type, wrong_value


def as_matrix(numbers: Any) -> Any:
    """Rows of numbers, or one row, as an array; as they are where NumPy is not installed."""
    try:
        import numpy
    except ImportError:
        return numbers
    return numpy.array(numbers)


def read_only(matrix: Any) -> Any:
    """An array, or nested lists, that cannot be changed: a change there would not reach the parameters."""
    if isinstance(matrix, list):
        return tuple(map(read_only, matrix))
    if is_numpy_array(matrix):
        matrix.setflags(write=False)
    return matrix


def checked_matrix(name: str, given: Any, shape: tuple[int, ...]) -> list[Any]:
    """What a user gave for parameters, as nested lists of floats.

    Arguments:
        name: what messages call it, such as `weight of Layer`.
        given: nested lists, an array, a tensor.
        shape: rows and columns, or the length of one row.

    Raises:
        ValueError: it has another shape.
        TypeError: something in it is not a number.
    """
    if is_sparse(given):
        raise wrong_type(name, "dense", given, "assign its .toarray()", told=f"a sparse {type(given).__name__}")
    rows = plain(given.to_numpy() if is_series(given) else given)  # a data frame has this method, too
    found = _shape(rows)
    if found != shape:
        raise wrong_value(name, f"of the shape {shape}", given, told=str(found) if found else "")
    return _floats(name, rows, shape)


def _floats(name: str, rows: Any, shape: tuple[int, ...]) -> list[Any]:
    if not is_sequence(rows) or len(rows) != shape[0]:
        raise wrong_value(name, f"of the shape {shape}", rows)
    if len(shape) > 1:
        return [_floats(f"row {i} of {name}", plain(row), shape[1:]) for i, row in enumerate(rows)]
    for k, number in enumerate(rows):
        if not isinstance(number, Real):
            raise wrong_type(f"entry {k} of {name}", "a number", number)
        size: Any = abs(number)
        if sys.float_info.max < size < math.inf:
            raise wrong_value(f"entry {k} of {name}", "a number that a float can hold", number)
    return [float(number) for number in rows]


def _shape(rows: Any) -> tuple[int, ...]:
    """The lengths of nested lists, as far as their first parts tell."""
    if not is_sequence(rows) or isinstance(rows, str):
        return ()
    return (len(rows), *(_shape(plain(rows[0])) if len(rows) else ()))
