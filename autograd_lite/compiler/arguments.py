"""From the arguments of a call to flat numbers and back: their structure, and which of them are one row per sample."""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from autograd_lite.errors import counted
from autograd_lite.trees import NUMBER, Structure, flatten
from autograd_lite.value import Value


@dataclass(frozen=True)
class Shape:
    """The structure of one argument, of a batched one that of each sample."""

    structure: Structure
    batched: bool = False
    rows_are_array: bool = False  # a batched array gives its gradient as an array


def take_apart(argument: Any, where: str, batched: bool) -> tuple[Any, Shape, int]:
    """The numbers of an argument (a number, a flat list, or an array of one dimension), its shape and its number of samples.

    Of a batched argument the numbers are a list with one number or list per sample, or an array of two dimensions.
    """
    if not batched:
        numbers, structure = flat(argument, where)
        return numbers, Shape(structure), 0
    if is_array(argument):
        if not argument.ndim or not len(argument):
            raise ValueError(f"{where} is {argument!r}: a batched argument needs one row per sample, and at least one sample")
        numbers = real_array(argument, where)
        inner = Structure("array", argument.shape[1:]) if argument.ndim > 1 else NUMBER
        rows = numbers if inner is NUMBER else numbers.reshape(len(numbers), len(inner))
        return rows, Shape(inner, True, True), len(rows)
    if not isinstance(argument, Sequence) or isinstance(argument, str) or not len(argument):
        raise ValueError(
            f"{where} is {argument!r}: a batched argument is a list or an array with one row per sample, at least one"
        )
    first, structure = flat(argument[0], f"{where}[0]")
    rows = [first]
    for index in range(1, len(argument)):
        row, other = flat(argument[index], f"{where}[{index}]")
        if other is not structure and other != structure:
            raise ValueError(
                f"{where} is ragged: row {index} has {counted(len(other), 'number')} ({other}), row 0 has {len(structure)} "
                f"({structure}), and all rows must have one structure"
            )
        rows.append(row)
    return [listed(row) for row in rows] if structure.kind == "array" else rows, Shape(structure, True), len(rows)


def flat(argument: Any, where: str) -> tuple[Any, Structure]:
    """The numbers of one argument and its structure; quick for the common kinds."""
    kind = type(argument)
    if kind is float:
        return argument, NUMBER
    if kind is list and set(map(type, argument)) == {float}:
        return argument, list_of(len(argument))
    if is_array(argument) and argument.ndim:
        return real_array(argument, where).ravel(), Structure("array", argument.shape)
    leaves, structure = flatten(argument, where)
    for position, leaf in enumerate(leaves):
        if type(leaf) is not float:
            leaves[position] = as_float(leaf, where)
    return leaves[0] if structure.kind == "number" else leaves, structure


@lru_cache
def list_of(length: int) -> Structure:
    """The structure of a list of numbers."""
    return Structure(list, (), (NUMBER,) * length)


def is_array(argument: Any) -> bool:
    """Whether it is a NumPy array (NumPy is there if it is)."""
    numpy = sys.modules.get("numpy")
    return numpy is not None and isinstance(argument, numpy.ndarray)


def real_array(array: Any, where: str) -> Any:
    """An array of real numbers as float64."""
    if hasattr(array, "mask"):
        raise TypeError(
            f"{where} is a masked array, and a compiled function would take its hidden numbers: fill them, or leave them out"
        )
    if array.dtype.kind == "O":
        leaves, _ = flatten(array, where)
        return sys.modules["numpy"].array([as_float(leaf, where) for leaf in leaves], dtype=float).reshape(array.shape)
    if array.dtype.kind not in "fiub":
        raise TypeError(f"{where} is an array of {array.dtype}: expected real numbers")
    numbers = array.astype("float64", copy=False)
    if array.dtype.itemsize >= numbers.itemsize and numbers is not array:  # whole numbers of 8 bytes, or longer floats
        doubtful = abs(numbers) >= 2**53 if array.dtype.kind in "iu" else numbers != array
        for number in array[doubtful].ravel():
            as_float(number.item(), where)
    return numbers


def listed(numbers: Any) -> list[float]:
    """The numbers of one argument, or of one row, as a list."""
    if isinstance(numbers, list):
        return numbers
    if getattr(numbers, "ndim", 0):
        return list(numbers.tolist())
    return [float(numbers)]


def as_float(leaf: Any, where: str) -> float:
    """A real number as the float of the same value."""
    if isinstance(leaf, Value):
        raise TypeError(
            f"{where} holds {leaf!r}: a compiled function takes plain numbers, and no gradient "
            "flows from it to a Value. Pass v.data"
        )
    try:
        number = float(leaf)
    except OverflowError:
        number = math.inf
    if number != leaf and not math.isnan(number):
        raise ValueError(
            f"{where} holds {leaf!r}, which no float equals: a compiled function computes with floats. Pass float(x)"
        )
    return number


def filled(structure: Structure, results: Any) -> Any:
    """A structure filled with results, one for each of its numbers."""
    if structure.kind == "array" and is_array(results):
        return results.reshape(structure.keys)
    return structure.rebuild(results.tolist() if is_array(results) else results)


def put_together(shape: Shape, results: Any, samples: int) -> Any:
    """An argument's structure filled with results: one for each of its numbers; of a batched one, each with one per sample."""
    if not shape.batched:
        return filled(shape.structure, results)
    rows = [shape.structure.rebuild([float(result[i]) for result in results]) for i in range(samples)]
    return sys.modules["numpy"].array(rows) if shape.rows_are_array else rows
