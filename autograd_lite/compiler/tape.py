"""The tape: a recorded function as a flat list of instructions, forward and backward alike, simplified without changing a bit.

Every number has a slot: first the inputs, then constants and results in the order in which they are computed. An instruction
is a primitive and its operands; an operand is a slot, or (`~index`, negative) one of the tape's bundles, the many operands of a
variadic primitive.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from autograd_lite.bundles import BUNDLES
from autograd_lite.compiler.trace import NEVER_FAIL, OWN, Trace, Traced, get_data
from autograd_lite.errors import TracingError
from autograd_lite.ops import TABLE
from autograd_lite.primitive import Primitive
from autograd_lite.trees import Structure
from autograd_lite.value import Value, topological_order

Operands = tuple[int, ...]


class Tape:
    """The instructions that compute `outputs` from the inputs.

    Attributes:
        primitives: for each slot what computes it; None for an input or a constant.
        operands: for each slot the operands of its instruction.
        bundles: the operands of variadic instructions, each a tuple of slots.
        numbers: the constants, by slot.
        outside: Values that the function did not get as an argument, by slot: their numbers are read anew at every call.
        labels: names, by slot, where there are any.
        adjoint_of: for a slot that holds the derivative of the output by another slot, that slot.
        outputs: the slots of the results.
        checked: the slots that no output needs, computed only because they may have no value, which then is an error.
        inputs: the number of arguments' slots, which come first.
        recorded: the number of operations that the function recorded, before simplification.
    """

    def __init__(self, inputs: int) -> None:
        self.inputs = inputs
        self.primitives: list[Primitive | None] = [None] * inputs
        self.operands: list[Operands] = [()] * inputs
        self.bundles: list[Operands] = []
        self.numbers: dict[int, Any] = {}
        self.outside: dict[int, Value] = {}
        self.labels: dict[int, str] = {}
        self.adjoint_of: dict[int, int] = {}
        self.outputs: list[int] = []
        self.checked: set[int] = set()
        self.recorded = 0

    def __eq__(self, other: object) -> bool:
        """Whether both compute the same, instruction by instruction."""
        if not isinstance(other, Tape):
            return NotImplemented
        return all(
            getattr(self, part) == getattr(other, part) for part in ("primitives", "operands", "bundles", "outputs")
        ) and (
            {slot: repr(number) for slot, number in self.numbers.items()}
            == {slot: repr(number) for slot, number in other.numbers.items()}
        )

    __hash__ = None  # type: ignore[assignment]

    @property
    def count(self) -> int:
        """The number of instructions."""
        return sum(p is not None for p in self.primitives)

    def used_once(self) -> list[bool]:
        """For each slot whether it is read just once; what several instructions read in one bundle is, and so is an output."""
        counts = Counter(chain.from_iterable([*self.operands, *self.bundles, self.outputs]))
        return [counts[slot] == 1 for slot in range(len(self.primitives))]

    def varying(self, inputs: Iterable[int]) -> bytearray:
        """For each slot whether it depends on one of these inputs."""
        flags = bytearray(len(self.primitives))
        for slot in inputs:
            flags[slot] = True
        bundles: dict[int, bool] = {}
        for slot, operands in enumerate(self.operands):
            for operand in operands:
                if operand >= 0:
                    flags[slot] |= flags[operand]
                else:
                    if operand not in bundles:
                        bundles[operand] = any(flags[parent] for parent in self.bundles[~operand])
                    flags[slot] |= bundles[operand]
        return flags


def write_tape(trace: Trace, outputs: Sequence[Any]) -> Tape:
    """The simplified tape that computes `outputs`, Values or numbers of the trace.

    What may have no value is computed even where no output needs it: log has no derivative at -1, though 1 / x is a number
    there. What may fail comes in the order in which it was recorded, so that the first of several is the one that eager meets.
    """
    writer = _Writer(trace)
    failing = trace.recorder.failing
    for node in topological_order(*failing, *(output for output in outputs if isinstance(output, Value))):
        if isinstance(node, Traced):
            writer.record(node)
    writer.tape.outputs = [writer.slot(o) if isinstance(o, Value) else writer.constant(o) for o in outputs]
    find = writer.slots.get
    for node, gradient in trace.gradients.items():
        primal, adjoint = find(node), find(gradient) if isinstance(gradient, Value) else None
        if primal is not None and adjoint is not None:
            known = writer.tape.adjoint_of.setdefault(adjoint, primal)
            if not writer.tape.labels.get(known):  # of several, one that has a name
                writer.tape.adjoint_of[adjoint] = primal
    writer.tape.checked = {slot for slot in map(writer.slots.__getitem__, failing) if writer.may_refuse(slot)}
    writer.tape.recorded = trace.count
    return without_dead_code(writer.tape)


class _Writer:
    """Writes instructions one by one: folds constants, finds common subexpressions, applies identities."""

    def __init__(self, trace: Trace) -> None:
        values = [value for values in trace.inputs for value in values]
        self.tape = Tape(len(values))
        self.slots: dict[Value, int] = {value: slot for slot, value in enumerate(values)}
        self.tape.labels.update((slot, value.label) for slot, value in enumerate(values))
        self.constants: dict[tuple[type, str], int] = {}
        self.known: dict[Any, int] = {}  # instructions by what they compute
        self.bundle_of: dict[int, int] = {}  # by the identity of the Bundle
        self.bundle_with: dict[Operands, int] = {}  # by its contents

    def slot(self, value: Value) -> int:
        """The slot of a value; one that is neither argument nor recorded comes from outside."""
        slot = self.slots.get(value)
        if slot is None:
            if value.is_constant:
                slot = self.constant(get_data(value))
            elif isinstance(value, Traced):
                raise TracingError(
                    f"the function uses {value!r} of an earlier recording: its number would stay what it was. Let the function "
                    "keep no Values from one call to the next"
                )
            else:
                slot = self._new(None, ())
                self.tape.outside[slot] = value
                self.tape.labels[slot] = value.label
            self.slots[value] = slot
        return slot

    def constant(self, number: Any) -> int:
        """The slot of a plain number."""
        key = (type(number), repr(number))
        if key not in self.constants:
            slot = self.constants[key] = self._new(None, ())
            self.tape.numbers[slot] = number
        return self.constants[key]

    def record(self, node: Value) -> None:
        """Write the instruction of a node, unless a simpler slot holds the same number."""
        primitive, numbers, bundles = node.primitive, self.tape.numbers, self.tape.bundles
        operands = tuple([self._bundle(o) if type(o) in BUNDLES else self.slot(o) for o in node.operands])
        known = [o in numbers if o >= 0 else all(slot in numbers for slot in bundles[~o]) for o in operands]
        slot = None
        if all(known):
            slot = self.constant(get_data(node))
        elif any(known) or primitive in STRUCTURAL:
            slot = self._identity(primitive, operands)
        if slot is None:
            slot = self._instruction(primitive, operands)
        self.slots[node] = slot
        if node.label:
            self.tape.labels.setdefault(slot, node.label)

    def may_refuse(self, slot: int) -> bool:
        """Whether what a slot holds may have no value."""
        primitive, operands, numbers = self.tape.primitives[slot], self.tape.operands[slot], self.tape.numbers
        if primitive is None or primitive in NEVER_FAIL:
            return False
        if primitive is POWER:  # a polynomial has a value everywhere, and so has an exponential function
            base, exponent = map(numbers.get, operands)
            whole = exponent is not None and exponent >= 0 and exponent % 1 == 0
            return not (whole or (base is not None and base > 0))
        bounded = [operand for operand, interval in zip(operands, primitive.domain, strict=False) if interval.bounded]
        return primitive not in OWN or any(operand not in numbers for operand in bounded)

    def _instruction(self, primitive: Primitive, operands: Operands) -> int:
        key = (primitive, *operands)
        if (primitive is ADD or primitive is MUL) and operands[0] > operands[1]:  # a + b and b + a are the same to the bit
            key = (primitive, *operands[::-1])
        slot = self.known.get(key)
        if slot is None:
            slot = self.known[key] = self._new(primitive, operands)
        return slot

    def _identity(self, primitive: Primitive, operands: Operands) -> int | None:
        rule = IDENTITIES.get(primitive)
        return None if rule is None else rule(self, *operands)

    def _new(self, primitive: Primitive | None, operands: Operands) -> int:
        self.tape.primitives.append(primitive)
        self.tape.operands.append(operands)
        return len(self.tape.primitives) - 1

    def _bundle(self, bundle: tuple[Value, ...]) -> int:
        index = self.bundle_of.get(id(bundle))
        if index is None:
            slots = tuple([self.slot(value) for value in bundle])
            index = self.bundle_with.get(slots)
            if index is None:
                index = self.bundle_with[slots] = len(self.tape.bundles)
                self.tape.bundles.append(slots)
            self.bundle_of[id(bundle)] = index
        return ~index

    # Identities that keep every bit, also of infinity, NaN and -0: never x·0 → 0, nor x + 0 → x (at -0.0 it is 0.0)

    def is_number(self, slot: int, number: float) -> bool:
        """Whether a slot holds this constant; -0.0 is not 0.0."""
        held = self.tape.numbers.get(slot)
        return held is not None and held == number and math.copysign(1, held) == math.copysign(1, number)

    def product(self, a: int, b: int) -> int | None:
        """x · 1 = x and x · (-1) = -x."""
        for factor, other in ((a, b), (b, a)):
            if self.is_number(factor, 1):
                return other
            if self.is_number(factor, -1):
                plain = self._identity(NEG, (other,))
                return self._instruction(NEG, (other,)) if plain is None else plain
        return None

    def quotient(self, a: int, b: int) -> int | None:
        """x / 1 = x and x / (-1) = -x."""
        return self.product(a, b) if self.is_number(b, 1) or self.is_number(b, -1) else None

    def addition(self, a: int, b: int) -> int | None:
        """x + (-0.0) = x."""
        return b if self.is_number(a, -0.0) else a if self.is_number(b, -0.0) else None

    def difference(self, a: int, b: int) -> int | None:
        """x - 0.0 = x."""
        return a if self.is_number(b, 0.0) else None

    def power(self, x: int, y: int) -> int | None:
        """x ** 1 = x and x ** 0 = 1."""
        return x if self.is_number(y, 1) else self.constant(1.0) if self.is_number(y, 0.0) else None

    def negative(self, x: int) -> int | None:
        """-(-x) = x."""
        return self.tape.operands[x][0] if self.tape.primitives[x] is NEG else None

    def choice(self, condition: int, a: int, b: int) -> int | None:
        """A choice that is known, or makes no difference."""
        deciding = self.tape.operands[condition][1:] if self.tape.primitives[condition] is WHERE else (condition,)
        truths = {bool(self.tape.numbers[slot]) if slot in self.tape.numbers else None for slot in deciding}
        if truths == {True}:
            return a
        if truths == {False}:
            return b
        return a if a == b else None

    def same(self, x: int) -> int:
        """identity(x) = x."""
        return x


ADD, MUL, NEG, POWER, WHERE = (TABLE[name].primitive for name in ("add", "mul", "neg", "pow", "where"))
IDENTITIES: dict[Primitive, Callable[..., int | None]] = {
    TABLE["mul"].primitive: _Writer.product,
    TABLE["truediv"].primitive: _Writer.quotient,
    TABLE["add"].primitive: _Writer.addition,
    TABLE["sub"].primitive: _Writer.difference,
    TABLE["pow"].primitive: _Writer.power,
    TABLE["power_limit"].primitive: _Writer.power,
    TABLE["neg"].primitive: _Writer.negative,
    WHERE: _Writer.choice,
    TABLE["identity"].primitive: _Writer.same,
}
STRUCTURAL = frozenset(
    TABLE[name].primitive for name in ("neg", "where", "identity")
)  # may simplify without a constant operand


def without_dead_code(tape: Tape) -> Tape:
    """The tape without the instructions and constants that neither an output needs nor what is checked."""
    live = bytearray(len(tape.primitives))
    bundles: set[int] = set()

    def need(slots: Iterable[int]) -> None:
        for slot in slots:
            live[slot] = True
        for slot in reversed(range(len(tape.primitives))):
            if live[slot]:
                for operand in tape.operands[slot]:
                    if operand >= 0:
                        live[operand] = True
                    elif operand not in bundles:
                        bundles.add(operand)
                        for parent in tape.bundles[~operand]:
                            live[parent] = True

    need(tape.outputs)
    checked = [slot for slot in tape.checked if not live[slot]]
    if checked:
        need(checked)
    kept = Tape(tape.inputs)
    kept.recorded = tape.recorded
    moved = {slot: slot for slot in range(tape.inputs)}
    moved_bundle: dict[int, int] = {}
    for slot in range(tape.inputs, len(tape.primitives)):
        if not live[slot]:
            continue
        operands = []
        for operand in tape.operands[slot]:
            if operand < 0:
                if operand not in moved_bundle:
                    moved_bundle[operand] = ~len(kept.bundles)
                    kept.bundles.append(tuple([moved[parent] for parent in tape.bundles[~operand]]))
                operands.append(moved_bundle[operand])
            else:
                operands.append(moved[operand])
        moved[slot] = len(kept.primitives)
        kept.primitives.append(tape.primitives[slot])
        kept.operands.append(tuple(operands))
    kept.numbers = {moved[slot]: number for slot, number in tape.numbers.items() if slot in moved}
    kept.outside = {moved[slot]: value for slot, value in tape.outside.items() if slot in moved}
    kept.labels = {moved[slot]: label for slot, label in tape.labels.items() if slot in moved and label}
    kept.adjoint_of = {
        moved[slot]: moved[primal] for slot, primal in tape.adjoint_of.items() if slot in moved and primal in moved
    }
    kept.outputs = [moved[slot] for slot in tape.outputs]
    kept.checked = {moved[slot] for slot in checked}
    return kept


@dataclass(frozen=True)
class Argument:
    """How one argument reaches the generated function: its numbers have the slots from `start` to `stop`."""

    name: str
    start: int
    stop: int
    is_number: bool  # a plain number, not a flat list
    batched: bool  # a list with one such per sample

    @property
    def slots(self) -> range:
        """The slots of its numbers."""
        return range(self.start, self.stop)


def side_by_side(names: Sequence[str], structures: Sequence[Structure], batched: Sequence[bool]) -> list[Argument]:
    """Arguments of these structures: the numbers of one have the slots after those of the one before it."""
    arguments: list[Argument] = []
    start = 0
    for name, structure, one_per_sample in zip(names, structures, batched, strict=True):
        stop = start + len(structure)
        arguments.append(Argument(name, start, stop, structure.kind == "number", one_per_sample))
        start = stop
    return arguments


@dataclass(frozen=True)
class Sum:
    """A result of a batch: the mean of the varying terms over all samples, plus the terms that are the same for each."""

    varying: list[int]
    shared: list[int]


def split_outputs(
    tape: Tape, varying: bytearray, used_once: Sequence[bool], reduced: Sequence[bool]
) -> tuple[list[Sum | None], bytearray]:
    """The terms of each output that is averaged over a batch (else None), and the additions that this makes needless."""
    needless = bytearray(len(tape.primitives))
    sums: list[Sum | None] = []
    for output, averaged in zip(tape.outputs, reduced, strict=True):
        if not averaged:
            sums.append(None)
            continue
        terms = Sum([], [])
        stack = [output]
        while stack:
            slot = stack.pop()
            if varying[slot] and tape.primitives[slot] is ADD and used_once[slot]:
                needless[slot] = True
                stack += reversed(tape.operands[slot])
            else:
                (terms.varying if varying[slot] else terms.shared).append(slot)
        sums.append(terms)
    return sums, needless
