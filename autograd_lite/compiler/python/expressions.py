"""The expressions of a source: what stands for each slot of a tape, and for each of its bundles.

A number is written as a name, as a constant, or as the sum or product that it is, if that is needed just once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import chain

from autograd_lite.basics.escaping import in_source
from autograd_lite.compiler.python.names import Names
from autograd_lite.compiler.python.statements import FunctionBody
from autograd_lite.compiler.tape import Argument, Tape
from autograd_lite.ops import TABLE
from autograd_lite.primitive import Primitive

# How strongly an expression holds together: a precedence of the table; a name or a call is an ATOM
LOOSE, AS_SUM, AS_PRODUCT, ATOM = range(4)
PRIMITIVES = [operation.primitive for operation in TABLE.values()]
SIGNS = {
    primitive: primitive.sign
    for primitive in PRIMITIVES
    if primitive.sign and primitive.total and len(primitive.derivatives) == 2
}  # + - *
NEG, DIVIDE, POWER, GATED = (TABLE[name].primitive for name in ("neg", "truediv", "pow", "gated"))
COMPARISONS = {TABLE["greater"].primitive: ">", TABLE["equal"].primitive: "=="}
LONG = 10_000  # a list of more numbers is written in several statements
PIECE = 1000  # so many numbers are written in one of them


class Expressions:
    """What stands for each slot and each bundle of a tape.

    Attributes:
        by_slot: the expressions that are known, by slot.
        by_bundle: the same, by the index of a bundle.
        varying: for each slot whether it differs from sample to sample.
        used_once: for each slot whether it is read just once.

    Arguments:
        tape: what is written.
        parameters: for each argument the name of its parameter.
        functions: for each primitive the name of what computes it.
        names: of the source.
        body: where statements go that an expression needs.
        tuples: whether many operands are written as a tuple of floats, and not as a list.
    """

    def __init__(
        self,
        tape: Tape,
        parameters: Mapping[Argument, str],
        functions: Mapping[Primitive, str],
        names: Names,
        body: FunctionBody,
        tuples: bool = False,
    ) -> None:
        self.tuples = tuples
        self.by_slot: dict[int, str] = {}
        self.by_bundle: dict[int, str] = {}
        self.varying = tape.varying(slot for argument in parameters if argument.batched for slot in argument.slots)
        self.used_once = tape.used_once()
        self._tape, self._parameters, self._functions, self._names, self._body = tape, parameters, functions, names, body
        self._by_contents: dict[tuple[int, ...], str] = {}  # the expressions of bundles, by their slots
        self._strengths: dict[int, int] = {}  # how strongly an expression holds together that is no ATOM, by slot
        self._owner = {slot: argument for argument in parameters for slot in argument.slots}
        self._reads = Counter(operand for operands in tape.operands for operand in operands)
        chosen = [operands[0] for p, operands in zip(tape.primitives, tape.operands, strict=True) if p is GATED]
        self._conditions = {slot for slot in chosen if self.used_once[slot] and tape.primitives[slot] in COMPARISONS}

    def of(self, slot: int, strength: int = LOOSE) -> str:
        """What stands for a slot, where it must hold together so strongly."""
        text = self.by_slot[slot]
        return text if self._strengths.get(slot, ATOM) >= strength else f"({text})"

    def write_inside(self, slot: int, text: str, strength: int) -> None:
        """Let this stand for a slot, wherever it is read."""
        self.by_slot[slot], self._strengths[slot] = text, strength

    def constant(self, slot: int) -> None:
        """A constant is written as the number that it is."""
        number = self._tape.constants[slot]
        has_literal = type(number) in (int, float)  # a Fraction or a NumPy scalar has none, and is kept as it is
        text = repr(number) if has_literal else self._names.bind(f"constant{slot}", number)
        self.write_inside(slot, text, LOOSE if text.startswith("-") else ATOM)

    def operation(self, slot: int, primitive: Primitive) -> tuple[str, int | None]:
        """What computes a slot, and how strongly it holds together; None if it may fail, and so is a statement of its own."""
        operands = self._tape.operands[slot]
        if primitive in SIGNS:
            (left, right), strength = operands, primitive.precedence
            return f"{self.of(left, strength)} {SIGNS[primitive]} {self.of(right, strength + 1)}", strength
        if primitive is NEG:
            (operand,) = operands
            return f"-{self.of(operand, ATOM)}", AS_PRODUCT
        if primitive is DIVIDE:
            left, right = operands
            return f"{self.of(left, AS_PRODUCT)} / {self.of(right, ATOM)}", None
        if primitive is POWER and isinstance(self._tape.constants.get(operands[1]), int):
            left, right = operands
            return f"{self.of(left, ATOM)} ** {self.of(right, ATOM)}", None
        if slot in self._conditions:
            left, right = operands
            return f"{self.of(left, AS_SUM)} {COMPARISONS[primitive]} {self.of(right, AS_SUM)}", LOOSE
        if primitive is GATED and operands[0] in self._conditions:
            condition, gradient = operands
            return f"{self.of(gradient, AS_SUM)} if {self.of(condition)} else 0.0", None
        inputs = [self.bundle(~o) if o < 0 else self.of(o) for o in operands]
        return f"{self._functions[primitive]}({', '.join(inputs)})", None

    def sequence(self, slots: Sequence[int]) -> str:
        """An expression for the numbers of these slots: a slice of an argument, or one by one."""
        if self.tuples:
            constants = self._tape.constants
            return "(" + "".join(f"{float(constants[s])!r}, " if s in constants else f"{self.of(s)}, " for s in slots) + ")"
        return self.slice_of(slots) or f"[{', '.join(self.of(slot) for slot in slots)}]"

    def slice_of(self, slots: Sequence[int]) -> str | None:
        """The slice of an argument that has just these slots, if there is one."""
        argument = next(map(self._owner.get, slots), None)
        if argument is None or argument.is_number:
            return None
        start = slots[0] - argument.start
        stop = start + len(slots)
        part = argument.slots[start:stop]
        if list(part) != list(slots):
            return None
        return self._parameters[argument] + ("" if part == argument.slots else f"[{start}:{stop}]")

    def bundle(self, index: int) -> str:
        """The list of a bundle; one that is used more than once, or in a loop although it never changes, gets a name."""
        if index not in self.by_bundle:
            slots = self._tape.bundles[index]
            varying = any(self.varying[slot] for slot in slots)
            text = (
                self._long_list(index, varying)
                if len(slots) > LONG and not (self.tuples or self.slice_of(slots))
                else self.sequence(slots)
            )
            if not text.isidentifier() and (self._reads[~index] > 1 or (self._body.batched and not varying)):
                is_slice = not text.startswith(("[", "("))
                wanted = in_source(text.rstrip("]").replace(":", "_to_")) if is_slice else ""
                name = self._names.unique(wanted or f"list{index}")
                self._body.add(f"{name} = {text}", varying)
                text = name
            self.by_bundle[index] = self._by_contents[tuple(slots)] = text
        return self.by_bundle[index]

    def list_of(self, slots: tuple[int, ...]) -> str:
        """An expression for the numbers of these slots: the list of the bundle that has just them, if it is written already."""
        return self._by_contents.get(slots) or self.sequence(slots)

    def _long_list(self, index: int, varying: bool) -> str:
        """The name of the list of a bundle, which is written in several statements."""
        slots = self._tape.bundles[index]
        name = self._names.unique(f"list{index}")
        self._body.add(f"{name} = []", varying)
        for start in range(0, len(slots), PIECE):
            self._body.add(f"{name} += {self.sequence(slots[start : start + PIECE])}", varying)
        return name

    def read_singly(self) -> set[int]:
        """The slots that are read other than as part of a slice of an argument (and, negative, bundles)."""
        lists = [slots for slots in self._tape.bundles if self.slice_of(slots) is None]
        return set(chain.from_iterable([*self._tape.operands, *lists, self._tape.outputs]))

    def owner(self, slot: int) -> Argument | None:
        """The argument that a slot is a number of."""
        return self._owner.get(slot)
