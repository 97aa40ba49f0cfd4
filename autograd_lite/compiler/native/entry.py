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
from typing import Any, Final, NamedTuple

import numpy as np
from numba import types
from numba.core.ccallback import CFunc

from autograd_lite.compiler.backend import Asked
from autograd_lite.compiler.native.code import Code
from autograd_lite.compiler.native.disk import keep_code
from autograd_lite.compiler.native.machine import AT, doubles_at, integers_at, run
from autograd_lite.compiler.native.tiles import inlined

LARGEST: Final = 1 << 16  # numbers in memory: of a longer run others may want to use Python meanwhile
DIMENSIONS: Final = 4  # of an array, at most

# Where an object has its fields, in words of 8 bytes
TYPE: Final = 1
NUMBER: Final = 2  # of a float
LENGTH: Final = 2  # of a tuple
ITEMS: Final = tuple.__basicsize__ // 8
DATA: Final = 2  # of an array; then how many dimensions it has, where their lengths are, its dtype and its flags
RANK: Final = 3
SHAPE: Final = 4
DTYPE: Final = 7
FLAGS: Final = 8
WRITABLE: Final = 0x400
PLAIN: Final = 0x101  # the flags of an array whose numbers lie side by side, at places fit for numbers
HALF: Final = (1 << 32) - 1  # what is only half a word


class Table(NamedTuple):
    """What the built-in function is told: the fields of an array of integers, in order."""

    state: int  # the address of the state of the run
    memory: int  # the address of the memory
    arguments: int  # how many there are; a `Given` for each follows the table
    values: int  # whether the answer has the value, and where in memory that is
    value: int
    parts: int  # how many derivatives the answer has; a `Part` for each comes last
    single: int  # whether the answer has the only derivative itself, and no tuple of derivatives
    watched: int  # so many results are looked at, and if one is NaN the usual way is to be taken
    float_type: int = id(float)  # the addresses of these objects
    array_type: int = id(np.ndarray)
    dtype: int = id(np.dtype("float64"))
    empty: int = id(np.empty)
    none: int = id(None)


class Given(NamedTuple):
    """An argument."""

    place: int  # in memory, or, of a batched one, which of the pointers is to it
    batched: int
    size: int  # how many numbers are to be copied, if it is not batched
    rank: int  # of an array; -1: it is a float
    lengths: int = 0  # from here on those of the array's dimensions


class Part(NamedTuple):
    """A derivative."""

    place: int  # in memory
    argument: int  # by which it is
    shape: int  # the address of the argument's shape, if that is an array


ROOM: Final = Table(*range(len(Table._fields)))  # where each field is: `table[ROOM.state]`
BEGIN: Final = len(Table._fields)  # where the first argument is
GIVEN: Final = Given(*range(len(Given._fields)))
EACH: Final = GIVEN.lengths + DIMENSIONS  # how much of the table an argument takes
PART: Final = Part(*range(len(Part._fields)))

new_float = types.ExternalFunction("PyFloat_FromDouble", types.int64(types.float64))
new_tuple = types.ExternalFunction("PyTuple_New", types.int64(types.int64))
set_item = types.ExternalFunction("PyTuple_SetItem", types.int32(types.int64, types.int64, types.int64))
call_with = types.ExternalFunction("PyObject_CallOneArg", types.int64(types.int64, types.int64))
keep = types.ExternalFunction("Py_IncRef", types.void(types.int64))
let_go = types.ExternalFunction("Py_DecRef", types.void(types.int64))


@inlined
def fits(table: Any, given: int, address: int, flags: int) -> bool:
    """Whether an object is the float or the array, with these flags, that the table has at `given`."""
    words, rank = integers_at(address), table[given + GIVEN.rank]
    if rank < 0:
        return words[TYPE] == table[ROOM.float_type]
    if words[TYPE] != table[ROOM.array_type] or words[DTYPE] != table[ROOM.dtype]:
        return False
    if words[RANK] & HALF != rank or words[FLAGS] & flags != flags:
        return False
    lengths = integers_at(words[SHAPE])
    same = True
    for axis in range(rank):
        same = same and lengths[axis] == table[given + GIVEN.lengths + axis]
    return same


@inlined
def take(table: Any, given: int, address: int) -> None:
    """Take over an argument: copy its numbers, or, of a batched one, point at them."""
    words, memory, place = integers_at(address), doubles_at(table[ROOM.memory]), table[given + GIVEN.place]
    if table[given + GIVEN.rank] < 0:
        memory[place] = doubles_at(address)[NUMBER]
    elif table[given + GIVEN.batched]:
        integers_at(table[ROOM.state])[AT.pointers + place] = words[DATA]
    else:
        numbers = doubles_at(words[DATA])
        for k in range(table[given + GIVEN.size]):
            memory[place + k] = numbers[k]


@inlined
def fill(table: Any, part: int, array: int) -> int:
    """A derivative, as a float, or written into an array; each is a sum that begins with 0, as in `backward`: none is -0.0."""
    memory, place = doubles_at(table[ROOM.memory]), table[part + PART.place]
    if not table[part + PART.shape]:
        return new_float(0.0 + memory[place])
    numbers = doubles_at(integers_at(array)[DATA])
    for k in range(table[BEGIN + table[part + PART.argument] * EACH + GIVEN.size]):
        numbers[k] = 0.0 + memory[place + k]
    return array


@inlined
def gives_nan(table: Any) -> bool:
    """Whether a result that is watched is NaN."""
    memory, place = doubles_at(table[ROOM.memory]), table[ROOM.value]
    found = False
    for k in range(table[ROOM.watched]):
        found = found or memory[place + k] != memory[place + k]
    return found


def answer(me: int, words: int, count: int) -> int:  # in machine code
    """The built-in function: `me` has the table; then come the tuple of the arguments, and, maybe, an array for the derivative.

    Whatever is to hold results is made before the arguments are copied, since Python may run anything while an object is made.
    """
    table, given = integers_at(integers_at(me)[DATA]), integers_at(words)
    none = table[ROOM.none]
    out = given[1] if count == 2 and given[1] != none else 0
    arguments, parts = table[ROOM.arguments], table[ROOM.parts]
    items, first_part = integers_at(given[0]), BEGIN + table[ROOM.arguments] * EACH
    good = items[LENGTH] == arguments
    for i in range(arguments):
        good = good and fits(table, BEGIN + i * EACH, items[ITEMS + i], PLAIN)
    if good and out:
        by = BEGIN + table[first_part + PART.argument] * EACH
        good = table[ROOM.single] and table[first_part + PART.shape] and fits(table, by, out, PLAIN | WRITABLE)
    if not good:
        keep(none)
        return none
    gradient, pair = 0, 0
    if out:
        keep(out)
        gradient = out
    elif table[ROOM.single] and table[first_part + PART.shape]:
        gradient = call_with(table[ROOM.empty], table[first_part + PART.shape])
    elif parts and not table[ROOM.single]:
        gradient = new_tuple(parts)
        for i in range(parts):
            shape = table[first_part + i * len(PART) + PART.shape]
            if gradient and shape:
                set_item(gradient, i, call_with(table[ROOM.empty], shape))
    if table[ROOM.values] and parts:
        pair = new_tuple(2)
    for i in range(arguments):
        take(table, BEGIN + i * EACH, items[ITEMS + i])
    if run(table[ROOM.memory], table[ROOM.state]) >= 0 or gives_nan(table):
        if gradient:
            let_go(gradient)
        if pair:
            let_go(pair)
        keep(none)
        return none
    if table[ROOM.single]:
        gradient = fill(table, first_part, gradient)
    else:
        for i in range(parts):
            part = first_part + i * len(PART)
            made = fill(table, part, integers_at(gradient)[ITEMS + i])
            if not table[part + PART.shape]:
                set_item(gradient, i, made)
    if not table[ROOM.values]:
        return gradient
    value = new_float(doubles_at(table[ROOM.memory])[table[ROOM.value]])
    if not parts:
        return value
    set_item(pair, 0, value)
    set_item(pair, 1, gradient)
    return pair


class Definition(ctypes.Structure):
    """CPython's `PyMethodDef`."""

    _fields_ = (("name", ctypes.c_char_p), ("function", ctypes.c_void_p), ("flags", ctypes.c_int), ("doc", ctypes.c_char_p))


VECTORCALL: Final = 0x80  # `METH_FASTCALL`: the arguments are an array of objects


@cache
def definition() -> tuple[Definition, Any]:
    """The built-in function, without its table; and its machine code, which must live as long."""
    compiled = CFunc(answer, ((types.int64,) * 3, types.int64), {}, {"error_model": "numpy"})
    keep_code(compiled, "answer", f"{__name__}.answer")
    compiled.compile()
    return Definition(b"answer", compiled.address, VECTORCALL, None), compiled


class TableArray(np.ndarray[Any, Any]):
    """An array of integers that also holds the objects whose addresses are in it."""

    kept: tuple[Any, ...]


class Entry:
    """The built-in function of one program.

    Attributes:
        call: the function itself; see `answer`.
        samples: of a batch, how many the arguments must have.
    """

    def __init__(self, code: Code, asked: Asked, samples: int) -> None:
        self.asked = asked
        self.table = np.zeros(BEGIN + len(asked.shapes) * EACH + len(asked.parts) * len(PART), np.int64).view(TableArray)
        self.bind(code, samples)
        make = ctypes.pythonapi.PyCFunction_NewEx
        make.argtypes, make.restype = [ctypes.c_void_p, ctypes.py_object, ctypes.c_void_p], ctypes.py_object
        self.call: Callable[..., Any] = make(ctypes.addressof(definition()[0]), self.table, None)

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
            given = Given(place, one_per_sample, math.prod(lengths), rank)
            arguments.append([*given[: GIVEN.lengths], *lengths, *[0] * (DIMENSIONS - len(lengths))])
        shapes = [asked.shapes[index] for index in asked.parts]
        counts = [1 if shape is None else math.prod(shape) for shape in shapes]
        begins = np.cumsum([code.results.place + asked.values, *counts])
        parts = [
            Part(int(place), index, 0 if shape is None else id(shape))
            for place, index, shape in zip(begins, asked.parts, shapes, strict=False)
        ]
        watched = asked.values + sum(counts) if asked.chooses else 0
        table = Table(
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
