"""From the arguments of a call to flat numbers, and back to nested ones.

What is left of an argument without its numbers is its `Shape`: a function is recorded once for all arguments of equal shapes.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from autograd_lite.basics.arraylike import is_masked, is_numpy_array, plain
from autograd_lite.basics.wording import counted
from autograd_lite.trees import NUMBER, Structure, flatten
from autograd_lite.value import Value


@dataclass(frozen=True)
class Shape:
    """The structure of one argument, of a batched one that of each sample."""

    structure: Structure
    batched: bool = False
    rows_are_array: bool = False  # a batched array gives its gradient as an array


def take_all_apart(
    args: Sequence[Any], names: Sequence[str], axes: Sequence[int | None], function: str
) -> tuple[list[Any], tuple[Shape, ...], int]:
    """The numbers and the shape of each argument of a call, and the number of samples of those that are batched.

    Arguments:
        args: the arguments.
        names: what they are called.
        axes: for each 0 if it is batched, else None.
        function: what is called.

    Raises:
        TypeError: an argument is no number and no structure of them.
        ValueError: no float equals a number, rows are not alike, or batched arguments have not as many.
    """
    numbers, shapes, samples = [], [], 0
    for arg, name, axis in zip(args, names, axes, strict=True):
        flat_numbers, shape, rows = take_apart(arg, f"{function}: argument {name}", axis == 0)
        if shape.batched:
            if samples and rows != samples:
                raise ValueError(
                    f"{function}: argument {name} has {counted(rows, 'sample')}, the batched argument before it {samples}: "
                    "they must agree"
                )
            samples = rows
        numbers.append(flat_numbers)
        shapes.append(shape)
    return numbers, tuple(shapes), samples


def take_apart(argument: Any, where: str, batched: bool) -> tuple[Any, Shape, int]:
    """The numbers of one argument, its shape, and how many samples it has.

    The numbers are one float, a flat list of floats or an array of one dimension. Of a batched argument they are a list of
    such, one for each sample, or an array of one dimension more.
    """
    if not batched:
        numbers, structure = flat(argument, where)
        return numbers, Shape(structure), 0
    if is_numpy_array(argument):
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
    if structure.kind == "array":
        rows = [as_list(row) for row in rows]
    return rows, Shape(structure, True), len(rows)


def flat(argument: Any, where: str) -> tuple[Any, Structure]:
    """The numbers of an argument that is no batch, or of one row of a batch, and their structure."""
    kind = type(argument)  # floats, lists of floats and arrays first: `flatten` would do for all, but looks at each number
    if kind is float:
        return argument, NUMBER
    if kind is list and set(map(type, argument)) == {float}:
        return argument, list_of(len(argument))
    if is_numpy_array(argument) and argument.ndim:
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


def real_array(array: Any, where: str) -> Any:
    """An array of real numbers as float64."""
    if is_masked(array):
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


def as_list(numbers: Any) -> list[float]:
    """The numbers of one argument, or those of one sample, as a list."""
    numbers = plain(numbers)
    return numbers if isinstance(numbers, list) else [float(numbers)]


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
    if structure.kind == "array" and is_numpy_array(results):
        return results.reshape(structure.keys)
    return structure.rebuild(plain(results))


def put_together(shape: Shape, results: Any, samples: int) -> Any:
    """An argument's structure filled with results, one for each of its numbers. Where it is batched, a result is a column of
    numbers, one for each sample, and a batch comes out."""
    if not shape.batched:
        return filled(shape.structure, results)
    rows = [shape.structure.rebuild([float(result[i]) for result in results]) for i in range(samples)]
    return sys.modules["numpy"].array(rows) if shape.rows_are_array else rows


def recogniser(shapes: Sequence[Shape], arrays: bool) -> Callable[[tuple[Any, ...]], int]:
    """An optimization of `take_all_apart`: what knows arguments of these shapes that a program can take as they are.

    It is a function of the arguments of a call. It gives how many samples they have, and 1 if there is no batch; for arguments
    that must be taken apart it gives 0. `python -m benchmarks neuron moons` pays for it.

    Arguments:
        shapes: of the arguments.
        arrays: whether the program takes arrays.
    """
    if all(map(is_float, shapes)):
        return lambda args: len(args) == len(shapes) and {*map(type, args)} == {float}
    if not arrays or not all(is_float(shape) or is_plain_array(shape) for shape in shapes):
        return lambda args: 0
    import numpy

    ndarray, float64 = numpy.ndarray, numpy.dtype("float64")
    wanted = [(is_float(shape), shape.batched, shape.structure.keys) for shape in shapes]
    without_batch = not any(shape.batched for shape in shapes)

    def samples_of(args: tuple[Any, ...]) -> int:
        if len(args) != len(wanted):
            return 0
        samples = 0
        for arg, (one_float, batched, keys) in zip(args, wanted, strict=False):  # the lengths are equal
            if one_float:
                if type(arg) is not float:
                    return 0
            elif type(arg) is not ndarray or arg.dtype is not float64:
                return 0
            elif not batched:
                if arg.shape != keys:
                    return 0
            elif not arg.ndim or arg.shape[1:] != keys or (samples and len(arg) != samples):
                return 0
            else:
                samples = len(arg)
        return samples or without_batch

    return samples_of


def is_float(shape: Shape) -> bool:
    """Whether an argument of this shape is one number."""
    return shape.structure.kind == "number" and not shape.batched


def is_array(shape: Shape) -> bool:
    """Whether an argument of this shape is an array."""
    return shape.rows_are_array if shape.batched else shape.structure.kind == "array"


def is_plain_array(shape: Shape) -> bool:
    """Whether an argument of this shape is an array that can be read as it lies: a vector, or one with a row per sample."""
    return shape.rows_are_array or (shape.structure.kind == "array" and len(shape.structure.keys) < 2 and not shape.batched)
