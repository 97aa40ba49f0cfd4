"""Where the numbers of every slot lie in memory, and which of them lie at one distance from each other.

A slot has one number, or, if it varies from sample to sample, a row: one number for each lane of a block of samples. What does
not vary is uniform.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from operator import add, sub
from typing import Any, Final, NamedTuple

import numpy as np

from autograd_lite.compiler.native.plan import Plan
from autograd_lite.compiler.tape import Slots

LINE: Final = 16  # numbers, of which 8 or 16 fill a line of the processor's cache, 64 bytes: a vector across two is read twice


class Strided(NamedTuple):
    """Numbers, or rows of them, at one distance from each other."""

    first: int  # the place of the first
    stride: int  # from one to the next
    lane: int  # from one lane to the next: 1, or 0 for what is uniform; more if they lie sample by sample

    def fields(self, name: str) -> dict[str, int]:
        """The fields of a kernel's operand of this name."""
        return {name: self.first, f"{name}_stride": self.stride, f"{name}_lane": self.lane}


class Layout:
    """The places of all slots of a plan, for blocks of so many lanes. Inputs and constants have theirs from the start.

    Attributes:
        place: for each slot where its number is, or its row begins.
        size: how many places are taken so far.
        arguments: where the numbers of each argument begin.
        by_sample: the arguments whose numbers lie sample by sample, as the caller has them, and are read whole; no slot of
            theirs has a place of its own.
    """

    def __init__(self, plan: Plan, block: int) -> None:
        self.block = block
        self.varying = plan.varying
        self.place = array("q", bytes(8 * len(plan.primitives)))
        self.size = 1  # see `MEAN_FACTOR`
        self.arguments = [self.place_together(argument.slots, argument.batched) for argument in plan.arguments]
        self.by_sample = {
            tuple(argument.slots): Strided(place, 1, len(argument.slots))
            for argument, place in zip(plan.arguments, self.arguments, strict=True)
            if block > 1 and plan.is_read_whole(argument)
        }
        for slot in (*sorted(plan.tape.constants), *plan.tape.outside):
            self.place_slot(slot)

    def width(self, varying: int) -> int:
        """How many numbers a slot has."""
        return self.block if varying else 1

    def allocate(self, count: int, varying: int) -> int:
        """The place of so many numbers, or, varying, rows; rows as long as a line of the cache begin with one."""
        if varying and self.block >= LINE:
            self.size += -self.size % LINE
        place = self.size
        self.size += count * self.width(varying)
        return place

    def place_slot(self, slot: int) -> int:
        """Give a slot a place."""
        if self.varying[slot]:
            place = self.allocate(1, True)
        else:  # the same, sooner
            place = self.size
            self.size += 1
        self.place[slot] = place
        return place

    def place_together(self, slots: Sequence[int], varying: int) -> int:
        """Give slots places side by side; the place of the first."""
        first, width = self.allocate(len(slots), varying), self.width(varying)
        if type(slots) is range:
            self.place[slots.start : slots.stop] = array("q", range(first, first + len(slots) * width, width))
            return first
        for index, slot in enumerate(slots):
            self.place[slot] = first + index * width
        return first

    def strided(self, slots: Slots) -> Strided | None:
        """These slots, at least one, if they lie at one distance from each other and all vary or none."""
        if slots in self.by_sample:
            return self.by_sample[slots]
        if type(slots) is range:  # of one argument
            lane = self.varying[slots[0]]
            return Strided(self.place[slots[0]], slots.step * self.width(lane), lane)
        lane, *others = {self.varying[slot] for slot in slots}
        places = np.array([self.place[slot] for slot in slots], np.int64)
        stride, *more = {*np.diff(places).tolist()} or {self.width(lane)}
        return None if others or more else Strided(int(places[0]), stride, lane)


def progressions(items: Sequence[tuple[int, ...]]) -> list[tuple[tuple[int, ...], tuple[int, ...], int]]:
    """Cut a sequence of tuples into pieces that advance by one step, each as long as it can be: (first, step, count) of each.

    The step of a single tuple is 0.
    """
    cut = []
    begin = 0
    while begin < len(items):
        first = items[begin]
        end = begin + 1
        step: tuple[int, ...] = (0,) * len(first)
        if end < len(items):
            expected = items[end]
            step = tuple(map(sub, expected, first))
            while end < len(items) and items[end] == expected:
                expected = tuple(map(add, expected, step))
                end += 1
        cut.append((first, step, end - begin))
        begin = end
    return cut


def aligned(numbers: Any) -> Any:
    """A copy of an array that begins where a line of the processor's cache does."""
    room = np.empty(len(numbers) + LINE, numbers.dtype)
    first = -room.ctypes.data % 64 // room.itemsize
    copy = room[first : first + len(numbers)]
    copy[:] = numbers
    return copy
