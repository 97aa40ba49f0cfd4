"""Calls answered by machine code alone: from Python's floats and NumPy's arrays to a float, an array or a tuple of these.

Of a small program the way from Python to the machine code is most of the time of a call. So this is an optimization
(`python -m benchmarks neuron moons rosenbrock`): a built-in function, as an extension module in C would have it, that looks at
the arguments, runs the program and makes the answer. It gives None where the usual way is to be taken: if the arguments are
anything else, or Python would refuse something.

It reads floats, tuples and arrays where CPython and NumPy have their fields. Whether they are there is tried out at first.
"""

from __future__ import annotations

import ctypes
import math
import sysconfig
from collections.abc import Callable
from functools import cache
from itertools import chain
from typing import Any, Final

import numpy as np

from autograd_lite.compiler.backend import Asked
from autograd_lite.compiler.native.addresses import address_of_function
from autograd_lite.compiler.native.code import Code
from autograd_lite.compiler.native.table import (
    BEGIN,
    DATA,
    DIMENSIONS,
    DTYPE,
    EACH,
    FLAGS,
    GIVEN,
    HALF,
    ITEMS,
    LENGTH,
    NUMBER,
    PART,
    RANK,
    SHAPE,
    TYPE,
    ArgumentFields,
    CallTable,
    DerivativeFields,
)

LARGEST: Final = 1 << 16  # numbers in memory: of a longer run others may want to use Python meanwhile


class Definition(ctypes.Structure):
    """CPython's `PyMethodDef`."""

    _fields_ = (("name", ctypes.c_char_p), ("function", ctypes.c_void_p), ("flags", ctypes.c_int), ("doc", ctypes.c_char_p))


VECTORCALL: Final = 0x80  # `METH_FASTCALL`: the arguments are an array of objects


@cache
def definition() -> Definition:
    """The built-in function, without its table."""
    return Definition(b"answer", address_of_function("answering", "answer", "int64", "int64", "int64"), VECTORCALL, None)


class TableArray(np.ndarray[Any, Any]):
    """An array of integers that also holds the objects whose addresses are in it, and the definition of its function.

    Two threads that are first at once may each have made a definition, of which the cache has one.
    """

    kept: tuple[Any, ...]
    definition: Definition


class Entry:
    """The built-in function of one program.

    Attributes:
        call: the function itself; see `answer`.
        samples: of a batch, how many the arguments must have.
    """

    def __init__(self, code: Code, asked: Asked, samples: int) -> None:
        self.asked = asked
        self.table = np.zeros(BEGIN + len(asked.shapes) * EACH + len(asked.parts) * len(PART), np.int64).view(TableArray)
        self.table.definition = definition()
        self.bind(code, samples)
        make = ctypes.pythonapi.PyCFunction_NewEx
        make.argtypes, make.restype = [ctypes.c_void_p, ctypes.py_object, ctypes.c_void_p], ctypes.py_object
        self.call: Callable[..., Any] = make(ctypes.addressof(self.table.definition), self.table, None)

    def bind(self, code: Code, samples: int) -> None:
        """Run this code from now on, for batches of so many samples."""
        asked, workspace = self.asked, code.borrow()
        workspace.prepare(samples, samples)
        places, batched = iter(code.unbatched), iter(range(code.batched))
        arguments = []
        for shape, one_per_sample in zip(asked.shapes, asked.batched, strict=True):
            place = next(batched) if one_per_sample else next(places).start
            lengths = () if shape is None else (samples, *shape) if one_per_sample else shape
            rank = -1 if shape is None else len(lengths)
            given = ArgumentFields(place, one_per_sample, math.prod(lengths), rank)
            arguments.append([*given[: GIVEN.lengths], *lengths, *[0] * (DIMENSIONS - len(lengths))])
        shapes = [asked.shapes[index] for index in asked.parts]
        counts = [1 if shape is None else math.prod(shape) for shape in shapes]
        begins = np.cumsum([code.results.place + asked.values, *counts])
        parts = [
            DerivativeFields(int(place), index, 0 if shape is None else id(shape))
            for place, index, shape in zip(begins, asked.parts, shapes, strict=False)
        ]
        watched = asked.values + sum(counts) if asked.chooses else 0
        table = CallTable(
            workspace.state_address, workspace.memory_address, len(arguments), asked.values, code.results.place,
            len(parts), bool(parts) and asked.single, watched,
        )  # fmt: skip
        self.table[:] = [*table, *chain(*arguments, *parts)]
        self.table.kept = workspace, shapes
        self.samples = samples


@cache
def fields_are_known() -> bool:
    """Whether objects have their fields where they are looked for."""
    if ctypes.sizeof(ctypes.c_void_p) != 8 or sysconfig.get_config_var("Py_GIL_DISABLED"):
        return False
    number, array = 0.1, np.zeros((2, 3))
    things = (number, array)

    def words(thing: Any, count: int) -> list[int]:
        return list((ctypes.c_int64 * count).from_address(id(thing)))

    of_array, of_tuple = words(array, FLAGS + 1), words(things, ITEMS + 2)
    return (
        words(number, NUMBER)[TYPE] == id(float)
        and ctypes.c_double.from_address(id(number) + 8 * NUMBER).value == number
        and (of_tuple[LENGTH], of_tuple[ITEMS:]) == (2, [id(number), id(array)])
        and (of_array[TYPE], of_array[DATA], of_array[DTYPE]) == (id(np.ndarray), array.ctypes.data, id(array.dtype))
        and of_array[RANK] & HALF == array.ndim
        and list((ctypes.c_int64 * 2).from_address(of_array[SHAPE])) == [2, 3]
        and of_array[FLAGS] & HALF == array.flags.num
    )


def entry_of(code: Code, asked: Asked, samples: int) -> Entry | None:
    """The built-in function for a program, if that is one for small programs of floats and arrays."""
    has_long_shape = any(shape is not None and len(shape) >= DIMENSIONS for shape in asked.shapes)
    if code.size > LARGEST or code.outside or code.results.by_sample or has_long_shape or not fields_are_known():
        return None
    return Entry(code, asked, samples)
