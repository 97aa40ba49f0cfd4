"""From a recorded graph to its tape, simplified without changing a bit of any result.

A `Simplifier` is given one operation after the other. It writes an instruction for each, unless the number is there anyway:
- an operation on constants is a constant itself (constant folding);
- what an earlier instruction computed is not computed again (common subexpressions);
- an operation that changes nothing, such as x · 1, is its operand (identities).
In the end, what no result needs is left out (dead code).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import accumulate
from operator import invert
from types import MappingProxyType
from typing import Any, Final, TypeAlias

from autograd_lite.compiler.tape import Operands, ScaledBundle, Slots, Tape
from autograd_lite.compiler.trace import Trace, Traced, outside_stretches
from autograd_lite.errors import TracingError
from autograd_lite.graph.bundles import BUNDLES, Bundle
from autograd_lite.graph.order import topological_order
from autograd_lite.graph.storage import read_data
from autograd_lite.operands import as_bundle
from autograd_lite.ops import OWN, TABLE
from autograd_lite.primitive import CONSTANT, LEAF, Primitive
from autograd_lite.value import Value

LABELLED: Final = 1 << 18  # of more inputs than that nobody reads the labels
Term: TypeAlias = tuple[int, Any, Sequence[Any]]  # the place of its first output, a factor, and what it is multiplied with


def simplified_tape(trace: Trace, outputs: Sequence[Any], terms: Sequence[Term] = (), always: Sequence[Value] = ()) -> Tape:
    """The tape that computes `outputs`: Values of the trace, plain numbers, or None for what products of `terms` give.

    An operation that may have no value is computed even if no output needs it. The derivative of log is an example: 1 / x is a
    number at -1, but log has no value there, and so no derivative. Operations that may fail keep the order in which they were
    recorded. So if several fail, the error is that of the first, as it is without compiling. The nodes in `always` are computed
    though it may only be that their result is too large for a float.
    """
    simplifier = Simplifier([value for values in trace.inputs for value in values], trace.stretches)
    tape, failing = simplifier.tape, trace.recorder.failing
    simplifier.record_all(failing, outputs, [factor for _, factor, _ in terms])
    tape.products = [
        ScaledBundle(first, simplifier.any_slot(factor), simplifier.bundle(as_bundle(others)))
        for first, factor, others in terms
    ]
    tape.checked.update(simplifier.slots[node] for node in always if simplifier.is_computed(node))
    tape.adjoint_of = simplifier.adjoints(trace.gradients)
    tape.recorded = trace.count
    return without_dead_code(tape)


def written_tape(inputs: Sequence[Value], outputs: Sequence[Any], failing: Sequence[Value] = ()) -> Tape:
    """The tape that computes these Values, or plain numbers, from such inputs; `failing` may have no value, and are checked."""
    simplifier = Simplifier(inputs)
    simplifier.record_all(failing, outputs)
    return without_dead_code(simplifier.tape)


class Simplifier:
    """Writes the tape of a recording, operation by operation, with no more instructions than it takes."""

    def __init__(self, values: Sequence[Value], stretches: Mapping[Bundle[Any], range] = MappingProxyType({})) -> None:
        self.tape = Tape(len(values))
        self._stretches, self._inputs = stretches, list(values)
        self.slots: dict[Value, int] = {values[slot]: slot for slot in outside_stretches(len(values), stretches.values())}
        if len(values) <= LABELLED:
            self.tape.labels.update((slot, value.label) for slot, value in enumerate(values))
        self._constants: dict[Any, int] = {}  # slots, by the type and the text of a constant: 1, 1.0 and True differ
        self._instructions: dict[Any, int] = {}  # slots, by what they compute
        self._bundles: dict[int, int] = {}  # bundles of the tape, by the identity of a recorded one
        self._bundles_by_slots: dict[Slots, int] = {}

    def record_all(self, failing: Sequence[Value], outputs: Sequence[Any], further: Sequence[Any] = ()) -> None:
        """Record what computes the outputs and what is further needed, and what may have no value."""
        computed = [output for output in (*outputs, *further) if isinstance(output, Value)]
        for node in topological_order(*failing, *computed, leaves=self._stretches):
            if isinstance(node, Traced):
                self.record(node)
        self.tape.outputs = [-1 if output is None else self.any_slot(output) for output in outputs]
        self.tape.checked = {slot for slot in map(self.slots.__getitem__, failing) if self.may_refuse(slot)}

    def record(self, node: Value) -> None:
        """Find the slot of a node whose operands have theirs, and write an instruction if there is none yet."""
        primitive, constants, bundles = node.primitive, self.tape.constants, self.tape.bundles
        slots, found, known = self.slots, [], 0
        for operand in node.operands:
            slot = slots.get(operand)
            if slot is None:
                slot = self.bundle(operand) if type(operand) in BUNDLES else self.slot(operand)
            found.append(slot)
            known += slot in constants if slot >= 0 else all(part in constants for part in bundles[~slot])
        operands = tuple(found)
        slot = None
        if known == len(operands) and primitive.result_of is None:
            slot = self.constant(read_data(node))
        elif primitive in IDENTITIES:
            slot = IDENTITIES[primitive](self, *operands)
        elif known and primitive in IDENTITIES_OF_CONSTANTS:
            slot = IDENTITIES_OF_CONSTANTS[primitive](self, *operands)
        if slot is None:
            slot = self._instruction(primitive, operands)
        slots[node] = slot
        if node.label:
            self.tape.labels.setdefault(slot, node.label)

    def slot(self, value: Value) -> int:
        """The slot of a value; one that is neither an argument nor recorded comes from outside."""
        if value.primitive is CONSTANT:
            return self.slots.setdefault(value, self.constant(read_data(value)))
        slot = self.slots.get(value)
        if slot is None and self._inputs and value.primitive is LEAF:  # an input in a stretch may be read by itself, too
            self.slots.update((known, place) for place, known in enumerate(self._inputs))
            self._inputs = []
            slot = self.slots.get(value)
        if slot is None:
            if isinstance(value, Traced):
                raise TracingError(
                    f"the function uses {value!r} of an earlier recording: its number would stay what it was. Let the function "
                    "keep no Values from one call to the next"
                )
            slot = self.slots[value] = self._new_slot(None, ())
            self.tape.outside[slot] = value
            self.tape.labels[slot] = value.label
        return slot

    def any_slot(self, number: Any) -> int:
        """The slot of a Value, or of a plain number."""
        return self.slot(number) if isinstance(number, Value) else self.constant(number)

    def constant(self, number: Any) -> int:
        """The slot of a plain number."""
        usual = type(number) is float and number and number == number  # an optimization: such a float is told by itself
        key = number if usual else (type(number), repr(number))
        slot = self._constants.get(key)
        if slot is None:
            slot = self._constants[key] = self._new_slot(None, ())
            self.tape.constants[slot] = number
        return slot

    def adjoints(self, gradients: dict[Value, Any]) -> dict[int, int]:
        """For each slot that holds a derivative, the slot of what it is the derivative by; of several, one that has a name."""
        found: dict[int, int] = {}
        for node, gradient in gradients.items():
            primal, adjoint = self.slots.get(node), self.slots.get(gradient) if isinstance(gradient, Value) else None
            if primal is not None and adjoint is not None and not self.tape.labels.get(found.setdefault(adjoint, primal)):
                found[adjoint] = primal
        return found

    def may_refuse(self, slot: int) -> bool:
        """Whether the operation of a slot may have no value, at numbers other than the recorded ones."""
        primitive, operands, constants = self.tape.primitives[slot], self.tape.operands[slot], self.tape.constants
        if primitive is None or primitive.total:
            return False
        if primitive is POWER:  # a polynomial has a value everywhere, and so has an exponential function
            base, exponent = map(constants.get, operands)
            whole = exponent is not None and exponent >= 0 and exponent % 1 == 0
            return not (whole or (base is not None and base > 0))
        bounded = [operand for operand, interval in zip(operands, primitive.domain, strict=False) if interval.bounded]
        return primitive not in OWN or any(operand not in constants for operand in bounded)

    def is_computed(self, node: Value) -> bool:
        """Whether the slot of a node has an instruction that may fail."""
        primitive = self.tape.primitives[self.slots[node]]
        return primitive is not None and not primitive.total

    def _new_slot(self, primitive: Primitive | None, operands: Operands) -> int:
        self.tape.primitives.append(primitive)
        self.tape.operands.append(operands)
        return len(self.tape.primitives) - 1

    def _instruction(self, primitive: Primitive, operands: Operands) -> int:
        """The slot of the instruction that computes this."""
        key = (primitive, *operands)
        if (primitive is ADD or primitive is MUL) and operands[0] > operands[1]:  # a + b and b + a are the same to the bit
            key = (primitive, *operands[::-1])
        tape = self.tape
        new = len(tape.primitives)
        slot = self._instructions.setdefault(key, new)
        if slot == new:
            tape.primitives.append(primitive)
            tape.operands.append(operands)
        return slot

    def bundle(self, bundle: Bundle[Any]) -> int:
        """A bundle as an operand."""
        index = self._bundles.get(id(bundle))
        if index is None:
            known = self.slots
            slots: Slots | None = self._stretches.get(bundle)
            if slots is None:
                slots = tuple([known[value] if value in known else self.slot(value) for value in bundle])
            index = self._bundles_by_slots.get(slots)
            if index is None:
                index = self._bundles_by_slots[slots] = len(self.tape.bundles)
                self.tape.bundles.append(slots)
            self._bundles[id(bundle)] = index
        return ~index

    # Identities: for each primitive the slot that holds its result anyway, or None. They keep every bit, also of infinity, NaN
    # and -0.0. So x · 0 is not 0, since infinity · 0 is NaN; and x + 0.0 is not x, since -0.0 + 0.0 is 0.0.

    def _holds(self, slot: int, number: float) -> bool:
        """Whether a slot holds this constant, with this sign: -0.0 is not 0.0."""
        constant = self.tape.constants.get(slot)
        return constant is not None and constant == number and math.copysign(1, constant) == math.copysign(1, number)

    def product(self, a: int, b: int) -> int | None:
        """x · 1 = x and x · (-1) = -x."""
        constants = self.tape.constants
        for factor, other in ((a, b), (b, a)):
            number = constants.get(factor)
            if number == 1:
                return other
            if number == -1:
                negated = self.negative(other)
                return self._instruction(NEG, (other,)) if negated is None else negated
        return None

    def quotient(self, a: int, b: int) -> int | None:
        """x / 1 = x and x / (-1) = -x."""
        return self.product(a, b) if self._holds(b, 1) or self._holds(b, -1) else None

    def addition(self, a: int, b: int) -> int | None:
        """x + (-0.0) = x."""
        return b if self._holds(a, -0.0) else a if self._holds(b, -0.0) else None

    def difference(self, a: int, b: int) -> int | None:
        """x - 0.0 = x."""
        return a if self._holds(b, 0.0) else None

    def power(self, x: int, y: int) -> int | None:
        """x ** 1 = x and x ** 0 = 1."""
        return x if self._holds(y, 1) else self.constant(1.0) if self._holds(y, 0.0) else None

    def negative(self, x: int) -> int | None:
        """-(-x) = x."""
        return self.tape.operands[x][0] if self.tape.primitives[x] is NEG else None

    def choice(self, condition: int, a: int, b: int) -> int | None:
        """A choice whose condition is known, as itself or as a choice of constants; and one between equals."""
        deciding = self.tape.operands[condition][1:] if self.tape.primitives[condition] is WHERE else (condition,)
        truths = {bool(self.tape.constants[slot]) if slot in self.tape.constants else None for slot in deciding}
        if truths == {True}:
            return a
        if truths == {False}:
            return b
        return a if a == b else None

    def gate(self, chosen: int, gradient: int) -> int | None:
        """What is always chosen passes the gradient on, by a factor of its own, and what never is passes 0 on."""
        if self._holds(chosen, 0):
            return chosen
        if not self.tape.constants.get(chosen):
            return None
        product = self.product(chosen, gradient)
        return self._instruction(MUL, (chosen, gradient)) if product is None else product

    def same(self, x: int) -> int:
        """identity(x) = x; the derivatives are recorded already, so stop_gradient(x) = x as well."""
        return x


ADD, MUL, NEG, POWER, WHERE, IDENTITY, STOP = (
    TABLE[name].primitive for name in ("add", "mul", "neg", "pow", "where", "identity", "stop_gradient")
)
IDENTITIES: dict[Primitive, Callable[..., int | None]] = {  # that may hold whatever the operands are
    NEG: Simplifier.negative,
    WHERE: Simplifier.choice,
    IDENTITY: Simplifier.same,
    STOP: Simplifier.same,
}
IDENTITIES_OF_CONSTANTS: dict[Primitive, Callable[..., int | None]] = {  # that may hold where an operand is a constant
    MUL: Simplifier.product,
    TABLE["truediv"].primitive: Simplifier.quotient,
    ADD: Simplifier.addition,
    TABLE["sub"].primitive: Simplifier.difference,
    POWER: Simplifier.power,
    TABLE["power_limit"].primitive: Simplifier.power,
    TABLE["gated"].primitive: Simplifier.gate,
}


def without_dead_code(tape: Tape) -> Tape:
    """The tape without the instructions and constants that neither an output nor a check needs."""
    live = bytearray(len(tape.primitives))
    mark_needed(tape, live, [slot for slot in tape.outputs if slot >= 0])
    if tape.products:
        mark_needed(tape, live, [slot for p in tape.products for slot in (p.factor, *tape.bundles[~p.bundle])])
    checked = [slot for slot in tape.checked if not live[slot]]
    if checked:
        mark_needed(tape, live, checked)
    live[: tape.inputs] = b"\1" * tape.inputs
    moved = [*range(tape.inputs), *accumulate(live[tape.inputs :], initial=tape.inputs)]  # for each live slot its new one
    slots = [slot for slot in range(tape.inputs, len(live)) if live[slot]]
    bundles = dict.fromkeys(operand for slot in slots for operand in tape.operands[slot] if operand < 0)
    bundles.update(dict.fromkeys(product.bundle for product in tape.products))
    moved_bundles = {bundle: ~index for index, bundle in enumerate(bundles)}
    kept = Tape(tape.inputs)
    kept.bundles = [
        slots if type(slots) is range else tuple([moved[slot] for slot in slots])  # a range is of inputs, which stay
        for slots in map(tape.bundles.__getitem__, map(invert, bundles))
    ]
    kept.primitives += [tape.primitives[slot] for slot in slots]
    kept.operands += [
        tuple([moved[operand] if operand >= 0 else moved_bundles[operand] for operand in tape.operands[slot]]) for slot in slots
    ]
    kept.constants = {moved[slot]: number for slot, number in tape.constants.items() if live[slot]}
    kept.outside = {moved[slot]: value for slot, value in tape.outside.items() if live[slot]}
    kept.labels = {moved[slot]: label for slot, label in tape.labels.items() if live[slot] and label}
    kept.adjoint_of = {moved[a]: moved[primal] for a, primal in tape.adjoint_of.items() if live[a] and live[primal]}
    kept.outputs = [moved[slot] if slot >= 0 else -1 for slot in tape.outputs]
    kept.products = [ScaledBundle(p.first, moved[p.factor], moved_bundles[p.bundle]) for p in tape.products]
    kept.checked = {moved[slot] for slot in checked}
    kept.recorded = tape.recorded
    return kept


def mark_needed(tape: Tape, live: bytearray, slots: Iterable[int]) -> None:
    """Mark these slots as live, and all that they are computed from."""
    for slot in slots:
        live[slot] = True
    bundles: set[int] = set()
    for slot in reversed(range(tape.inputs, len(tape.primitives))):
        if live[slot]:
            for operand in tape.operands[slot]:
                if operand >= 0:
                    live[operand] = True
                elif operand not in bundles:
                    bundles.add(operand)
                    if type(tape.bundles[~operand]) is tuple:  # a range is of inputs
                        for parent in tape.bundles[~operand]:
                            live[parent] = True
