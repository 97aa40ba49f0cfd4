"""The built-in function of a program, which answers a call in machine code: see `entry`. Imported when it is compiled."""

from __future__ import annotations

from typing import Any

from numba import types

from autograd_lite.compiler.native.machine import compiled, doubles_at, inlined, integers_at, run
from autograd_lite.compiler.native.state import AT
from autograd_lite.compiler.native.table import (
    BEGIN,
    DATA,
    DTYPE,
    EACH,
    FLAGS,
    GIVEN,
    HALF,
    ITEMS,
    LENGTH,
    NUMBER,
    PART,
    PLAIN,
    RANK,
    ROOM,
    SHAPE,
    TYPE,
    WRITABLE,
)

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


@compiled
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
