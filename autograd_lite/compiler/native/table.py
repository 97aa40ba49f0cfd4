"""What the built-in function of a program is told, and where it finds what: see `entry`."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

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


class CallTable(NamedTuple):
    """What the built-in function is told: the fields of an array of integers, in order."""

    state: int  # the address of the state of the run
    memory: int  # the address of the memory
    arguments: int  # how many there are; `ArgumentFields` for each follow the table
    values: int  # whether the answer has the value, and where in memory that is
    value: int
    parts: int  # how many derivatives the answer has; `DerivativeFields` for each come last
    single: int  # whether the answer has the only derivative itself, and no tuple of derivatives
    watched: int  # so many results are looked at, and if one is NaN the usual way is to be taken
    float_type: int = id(float)  # the addresses of these objects
    array_type: int = id(np.ndarray)
    dtype: int = id(np.dtype("float64"))
    empty: int = id(np.empty)
    none: int = id(None)


class ArgumentFields(NamedTuple):
    """An argument."""

    place: int  # in memory, or, of a batched one, which of the pointers is to it
    batched: int
    size: int  # how many numbers are to be copied, if it is not batched
    rank: int  # of an array; -1: it is a float
    lengths: int = 0  # from here on those of the array's dimensions


class DerivativeFields(NamedTuple):
    """A derivative."""

    place: int  # in memory
    argument: int  # by which it is
    shape: int  # the address of the argument's shape, if that is an array


ROOM: Final = CallTable(*range(len(CallTable._fields)))  # where each field is: `table[ROOM.state]`
BEGIN: Final = len(CallTable._fields)  # where the first argument is
GIVEN: Final = ArgumentFields(*range(len(ArgumentFields._fields)))
EACH: Final = GIVEN.lengths + DIMENSIONS  # how much of the table an argument takes
PART: Final = DerivativeFields(*range(len(DerivativeFields._fields)))
