"""The tape: a recorded function as a flat list of instructions, forward and backward alike (a Wengert list).

Every number has a slot. The arguments' numbers have the first ones; constants and results follow, in the order in which they
are computed. An instruction is a primitive and its operands. An operand is a slot, or one of the tape's bundles, which are the
many operands of a variadic primitive: bundle `index` is written as the negative number `~index`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from copy import copy
from dataclasses import dataclass
from itertools import chain
from typing import Any, NamedTuple

from autograd_lite.primitive import Primitive
from autograd_lite.trees import Structure
from autograd_lite.value import Value

Operands = tuple[int, ...]
Slots = Operands | range  # a range where the slots lie at one distance from each other, as those of a neuron's weights do

ONCE_MORE = bytes([1, 2, 2, *range(3, 256)])  # a count of 0, 1, or more, one higher
ONCE = bytes([0, 1, *[0] * 254])


class Tape:
    """The instructions that compute `outputs` from the inputs.

    Attributes:
        primitives: for each slot what computes it; None for an input or a constant.
        operands: for each slot the operands of its instruction.
        bundles: the operands of variadic instructions, each a sequence of slots.
        constants: plain numbers, by slot.
        outside: Values that the function did not get as an argument, by slot: their numbers are read anew at every call.
        labels: names, by slot, where there are any.
        adjoint_of: for a slot that holds the derivative of the output by another slot, that slot.
        outputs: the slots of the results; -1 for one that `products` give.
        products: outer products that are results; see `ScaledBundle`.
        checked: slots that no output needs; they are computed because it is an error if they have no value.
        inputs: how many slots the arguments have.
        recorded: how many operations the function recorded, before simplification.
    """

    def __init__(self, inputs: int) -> None:
        self.inputs = inputs
        self.primitives: list[Primitive | None] = [None] * inputs
        self.operands: list[Operands] = [()] * inputs
        self.bundles: list[Slots] = []
        self.constants: dict[int, Any] = {}
        self.outside: dict[int, Value] = {}
        self.labels: dict[int, str] = {}
        self.adjoint_of: dict[int, int] = {}
        self.outputs: list[int] = []
        self.products: list[ScaledBundle] = []
        self.checked: set[int] = set()
        self.recorded = 0

    @property
    def count(self) -> int:
        """How many instructions there are."""
        return sum(p is not None for p in self.primitives)

    def used_once(self) -> Sequence[int]:
        """For each slot whether it is read just once.

        To be an output counts as being read. A bundle reads its slots once, however many instructions have it as an operand.
        """
        of_products = [slot for product in self.products for slot in (product.factor, *self.bundles[~product.bundle])]
        listed = [slots for slots in self.bundles if type(slots) is tuple]
        counts = Counter(chain.from_iterable([*self.operands[self.inputs :], *listed, self.outputs, of_products]))
        reads = bytearray(len(self.primitives))
        for slot, count in counts.items():
            if slot >= 0:
                reads[slot] = 2 if count > 2 else count
        for slots in self.bundles:
            if type(slots) is range:
                part = slice(slots.start, slots.stop, slots.step)
                reads[part] = reads[part].translate(ONCE_MORE)
        return reads.translate(ONCE)

    @property
    def key(self) -> tuple[Any, ...]:
        """What two tapes have in common that compute the same by the same names, if they take nothing from outside."""
        constants = sorted((slot, type(number), repr(number)) for slot, number in self.constants.items())
        lists: list[Sequence[Any]] = [self.primitives, self.operands, self.bundles, self.outputs, constants]
        return self.inputs, *[tuple(given) for given in lists], frozenset(self.checked), frozenset(self.labels.items())

    def without_products(self) -> Tape:
        """The same without the results that `products` give."""
        other = copy(self)
        other.outputs, other.products = [slot for slot in self.outputs if slot >= 0], []
        return other

    def varying(self, inputs: Iterable[int]) -> bytearray:
        """For each slot whether it depends on one of these inputs."""
        flags = bytearray(len(self.primitives))
        for slot in inputs:
            flags[slot] = True
        if True not in flags:
            return flags
        bundles: dict[int, bool] = {}
        for slot in range(self.inputs, len(self.operands)):
            for operand in self.operands[slot]:
                if operand >= 0:
                    flags[slot] |= flags[operand]
                else:
                    if operand not in bundles:
                        bundles[operand] = any_flag(flags, self.bundles[~operand])
                    flags[slot] |= bundles[operand]
        return flags


def any_flag(flags: bytearray, slots: Slots) -> bool:
    """Whether one of these slots has a flag."""
    if type(slots) is range:
        return any(flags[slots.start : slots.stop : slots.step])
    return any(flags[slot] for slot in slots)


class ScaledBundle(NamedTuple):
    """As many results as a bundle has slots: each of these, times one factor. Several products with one `first` are added up.

    The derivative by the weights of a neuron is such a product, with the neuron's inputs as the bundle.
    """

    first: int  # which of the outputs is the first of these results
    factor: int  # a slot
    bundle: int  # as an operand, ~index


@dataclass(frozen=True)
class Argument:
    """How a program gets one of its arguments.

    Attributes:
        name: what it is called.
        start, stop: its numbers have the slots from the one to before the other.
        is_number: whether it is one number, and not a list of them.
        batched: whether there is one such for each sample.
    """

    name: str
    start: int
    stop: int
    is_number: bool
    batched: bool

    @property
    def slots(self) -> range:
        """The slots of its numbers."""
        return range(self.start, self.stop)


def side_by_side(names: Sequence[str], structures: Sequence[Structure], batched: Sequence[bool]) -> list[Argument]:
    """Arguments of these structures, whose slots follow one another."""
    arguments: list[Argument] = []
    start = 0
    for name, structure, one_per_sample in zip(names, structures, batched, strict=True):
        stop = start + len(structure)
        arguments.append(Argument(name, start, stop, structure.kind == "number", one_per_sample))
        start = stop
    return arguments


class SharedRoom(NamedTuple):
    """The room in which a loop leaves its carries, so that the sweep back through it need not run it once more.

    Attributes:
        loop, numbers: the loop, and the bundle of its numbers.
        size: how many numbers it has.
    """

    loop: Any
    numbers: int
    size: int


def shared_rooms(tape: Any) -> dict[tuple[Any, int], SharedRoom]:
    """The rooms that loops of a tape or a plan share with sweeps back, for each of both; each is given with its numbers."""
    if not any(primitive is not None and primitive.result_of for primitive in {*tape.primitives}):
        return {}
    results = zip(tape.primitives, tape.operands, strict=True)
    given = dict.fromkeys((primitive.result_of[0], o[0]) for primitive, o in results if primitive and primitive.result_of)
    loops = {(loop, tuple(tape.bundles[~numbers])): numbers for loop, numbers in given if loop.forward is None}
    rooms: dict[tuple[Any, int], SharedRoom] = {}
    for sweep, numbers in given:
        key = sweep.forward, tuple(tape.bundles[~numbers])[: sweep.count]
        if key in loops:
            room = SharedRoom(sweep.forward, loops[key], sweep.room)
            rooms[sweep, numbers] = rooms[room.loop, room.numbers] = room
    return rooms
