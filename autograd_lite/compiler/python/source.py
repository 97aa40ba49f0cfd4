"""A tape written out as the source of a Python function.

Every number has a name: that of its label, and `d_` before it for the derivative of the output by it. Sums, differences and
products that are used once stand where they are used. All else is a statement of its own, so that a failure can be traced to
its operation.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from autograd_lite.basics.escaping import in_source
from autograd_lite.compiler.python.expressions import PIECE, Expressions
from autograd_lite.compiler.python.functions import Functions
from autograd_lite.compiler.python.names import Names
from autograd_lite.compiler.python.results import Results
from autograd_lite.compiler.python.statements import FunctionBody, Statements
from autograd_lite.compiler.tape import Argument, SharedRoom, Tape, shared_rooms
from autograd_lite.ops import TABLE
from autograd_lite.primitive import Primitive

ADD = TABLE["add"].primitive
LONGEST = 100  # characters of an expression that is written inside another one
UNPACKED = 1000  # an argument of more numbers than this is indexed, not unpacked into names
NAMED = 8  # so many names are unpacked in one statement
LONG = 10_000  # a function of more statements is cut into short ones


@dataclass(frozen=True)
class Source:
    """A tape written out.

    Attributes:
        texts: the function, after those that it calls if it is long.
        name: of the function.
        namespace: what the texts refer to.
        slots: for each function by name, and each of its lines from 0, the slot of the instruction that may fail there.
        expressions: what stands for each slot of the tape.
        lists: what stands for each of its bundles.
        loops: what each loop is called.
    """

    texts: list[str]
    name: str
    namespace: dict[str, Any]
    slots: dict[str, list[int | None]]
    expressions: dict[int, str]
    lists: dict[int, str]
    loops: dict[Any, str]


def write_source(
    tape: Tape, arguments: Sequence[Argument], reduced: Sequence[bool], name: str, as_tuple: bool = False
) -> Source:
    """The source of a tape; the arguments are those of `PythonProgram`."""
    return SourceWriter(tape, arguments, reduced, name, as_tuple).write()


class SourceWriter:
    """Writes a tape from its arguments to its results."""

    def __init__(
        self, tape: Tape, arguments: Sequence[Argument], reduced: Sequence[bool], name: str, as_tuple: bool = False
    ) -> None:
        self.tape, self.arguments, self.as_tuple = tape, arguments, as_tuple
        self.names = Names({"nan": math.nan, "inf": math.inf}, taken=("count", "zip", "len", "outside"))
        functions = {
            primitive: self.names.bind(in_source(primitive.name) or "operation", primitive.compute)
            for primitive in dict.fromkeys(tape.primitives)
            if primitive is not None and primitive.result_of is None
        }
        loops = dict.fromkeys(p.result_of[0] for p in tape.primitives if p is not None and p.result_of is not None)
        self.loops = {loop: self.names.bind(loop.name, loop.run) for loop in loops}
        self.loop_results: dict[tuple[Any, int], str] = {}  # the name of the list of results, by the loop and its numbers
        self.shared = {} if as_tuple else shared_rooms(tape)  # a step of a loop may be translated, which knows no such room
        self.rooms: dict[SharedRoom, str] = {}  # their names
        self.function = self.names.unique(in_source(name) or "f")
        self.parameters = {argument: self.names.unique(in_source(argument.name)) for argument in arguments}
        self.rows = {a: self.names.unique(f"{self.parameters[a]}_rows") for a in arguments if a.batched}
        self.body = FunctionBody(batched=bool(self.rows))
        self.expressions = Expressions(tape, self.parameters, functions, self.names, self.body, tuples=as_tuple)
        self.results = Results(tape, self.expressions, self.names, self.body, reduced, rows=not as_tuple)

    def write(self) -> Source:
        """Write the whole."""
        used = self.expressions.read_singly()
        for argument in self.arguments:
            self.unpack(argument, used)
        self.unpack_outside()
        for slot, primitive in enumerate(self.tape.primitives):
            if slot in self.tape.constants:
                self.expressions.constant(slot)
            elif primitive is not None and not self.results.needless[slot]:
                self.instruction(slot, primitive)
        texts, slots = self.texts(self.results.write())
        by_slot, by_bundle = self.expressions.by_slot, self.expressions.by_bundle
        return Source(texts, self.function, self.names.namespace, slots, by_slot, by_bundle, self.loops)

    # Arguments

    def unpack(self, argument: Argument, used: set[int]) -> None:
        """Give names to the numbers of an argument that are used one by one."""
        parameter, by_slot = self.parameters[argument], self.expressions.by_slot
        if argument.is_number:
            by_slot[argument.start] = parameter
            return
        if len(argument.slots) > UNPACKED:
            by_slot.update((slot, f"{parameter}[{place}]") for place, slot in enumerate(argument.slots))
            return
        named = [slot for slot in argument.slots if slot in used]
        for slot in named:
            place = slot - argument.start
            by_slot[slot] = self.names.unique(in_source(self.tape.labels.get(slot, "")) or f"{parameter}_{place}")
        if named != [*argument.slots]:
            for slot in named:
                self.body.add(f"{by_slot[slot]} = {parameter}[{slot - argument.start}]", argument.batched)
            return
        for start in range(0, len(named), NAMED):
            some = named[start : start + NAMED]
            source = parameter if some == named else f"{parameter}[{start}:{start + len(some)}]"
            self.body.add(f"{', '.join(by_slot[slot] for slot in some)}, = {source}", argument.batched)

    def unpack_outside(self) -> None:
        """Give names to the numbers of Values that were no arguments."""
        outside, by_slot = self.tape.outside, self.expressions.by_slot
        if len(outside) > UNPACKED:
            by_slot.update((slot, f"outside[{index}]") for index, slot in enumerate(outside))
            return
        for index, slot in enumerate(outside):
            by_slot[slot] = self.names.unique(in_source(self.tape.labels.get(slot, "")) or f"outside{index}")
        if outside:
            self.body.before.add(f"{', '.join(by_slot[slot] for slot in outside)}, = outside")

    # Instructions

    def instruction(self, slot: int, primitive: Primitive) -> None:
        """Write an instruction down, or keep it as an expression for its one user."""
        tape, varying = self.tape, self.expressions.varying[slot]
        if primitive.result_of is not None:
            self.result_of_loop(slot, *primitive.result_of)
            return
        text, strength = self.expressions.operation(slot, primitive)
        if strength is not None and self.is_inside(slot, text):
            self.expressions.write_inside(slot, text, strength)
            return
        name, comment = self.name_of(slot), ""
        if slot in tape.checked:
            comment = "  # no result needs it; it is an error where it has no value"
        elif slot in tape.adjoint_of and primitive is ADD:
            comment = f"  # the chain rule sums over {self.paths(slot)} paths"
        self.body.add(f"{name} = {text}{comment}", varying, slot if strength is None else None)
        self.expressions.by_slot[slot] = name

    def result_of_loop(self, slot: int, loop: Any, index: int) -> None:
        """One of many results: the first of them to be needed brings the list of all."""
        (numbers,) = self.tape.operands[slot]
        key = loop, numbers
        if key not in self.loop_results:
            self.loop_results[key] = name = self.names.unique(f"{self.loops[loop]}_results")
            given = [self.expressions.bundle(~numbers), *self.shared_room(loop, numbers, slot)]
            self.body.add(f"{name} = {self.loops[loop]}({', '.join(given)})", self.expressions.varying[slot], slot)
        self.expressions.by_slot[slot] = f"{self.loop_results[key]}[{index}]"

    def shared_room(self, loop: Any, numbers: int, slot: int) -> list[str]:
        """The name of the room that a loop shares with the sweep back through it, or the sweep with the loop, if they do."""
        shared = self.shared.get((loop, numbers))
        if shared is not None and loop is shared.loop:
            self.rooms[shared] = name = self.names.unique(f"{self.loops[loop]}_carries")
            self.body.add(f"{name} = [0.0] * {shared.size}", self.expressions.varying[slot])
        return [self.rooms[shared]] if shared in self.rooms else []

    def is_inside(self, slot: int, text: str) -> bool:
        """Whether the expression of a slot is written inside the one that reads it."""
        if not self.expressions.used_once[slot] or len(text) > LONGEST:
            return False
        if self.body.batched and not self.expressions.varying[slot]:  # it is computed before the loop
            return False
        has_name = slot in self.tape.labels or slot in self.tape.adjoint_of
        return not has_name or slot in self.results.summed

    def name_of(self, slot: int) -> str:
        """A name for the result of an instruction: its label's, or that of what it is the derivative by."""
        if slot in self.tape.adjoint_of:
            primal = self.tape.adjoint_of[slot]
            named = self.tape.labels.get(primal, "") or self.expressions.by_slot.get(primal, f"v{primal}")
            return self.names.unique(f"d_{in_source(named)}")
        return self.names.unique(in_source(self.tape.labels.get(slot, "")) or f"v{slot}")

    def paths(self, slot: int) -> int:
        """How many terms the derivative that this slot holds is the sum of."""
        paths, stack = 1, [slot]
        while stack:
            top = stack.pop()
            if self.tape.primitives[top] is ADD:
                paths += 1
                stack += [operand for operand in self.tape.operands[top] if self.expressions.used_once[operand]]
        return paths

    # The text

    def texts(self, results: list[str]) -> tuple[list[str], dict[str, list[int | None]]]:
        """The texts of the function and of those that it calls, and by their names what may fail in their lines."""
        parameters = [self.rows.get(a, self.parameters[a]) for a in self.arguments]
        parameters += ["outside"] if self.tape.outside else []
        body = self.body
        parts = [body.before, body.inside, body.after]
        if self.as_tuple or sum(len(part.lines) for part in parts) + len(results) <= LONG:
            returned = "".join([f"{result}, " for result in results]).rstrip()
            whole = self.whole(parameters, parts, f"({returned})" if self.as_tuple else f"[{', '.join(results)}]")
            return ["\n".join(whole.lines) + "\n"], {self.function: whole.slots}
        functions, parts, returned = self.shortened(parts, parameters, results)
        whole = self.whole(parameters, parts, returned)
        return [*functions.texts, "\n".join(whole.lines) + "\n"], {**functions.slots, self.function: whole.slots}

    def whole(self, parameters: list[str], parts: list[Statements], returned: str) -> Statements:
        """The function of these statements: before the loop over samples, inside of it, and after it."""
        before, inside, after = parts
        whole = Statements()
        whole.add(f"def {self.function}({', '.join(parameters)}):")
        whole.include(before)
        if self.rows:
            rows, *more = self.rows.values()
            each_sample = f"zip({', '.join([rows, *more])})" if more else rows
            whole.add(f"    count = len({rows})")
            whole.add(f"    for {', '.join(self.parameters[a] for a in self.rows)} in {each_sample}:")
            whole.include(inside if inside.lines else Statements(["pass"], [None]), "        ")
        whole.include(after)
        whole.add(f"    return {returned}")
        return whole

    def shortened(
        self, parts: list[Statements], parameters: list[str], results: list[str]
    ) -> tuple[Functions, list[Statements], str]:
        """Functions that do what these statements do, the statements that call them, and where the results are then."""
        kept, outputs = self.names.unique("kept"), self.names.unique("outputs")
        before, inside, after = parts
        for start in range(0, len(results), PIECE):
            after.add(f"{outputs}.extend([{', '.join(results[start : start + PIECE])}])")
        shared = [*parameters, outputs]
        samples = [self.parameters[a] for a in self.rows]
        functions = Functions(
            [before, inside, after],
            [shared, [*shared, *samples], [*shared, "count"]],
            kept,
            lambda number: self.names.unique(f"{self.function}_{number}"),
        )
        before, inside, after = functions.calls
        first = Statements()
        first.add(f"{kept} = [None] * {len(functions.places)}")
        first.add(f"{outputs} = []")
        first.include(before, "")
        return functions, [first, inside, after], outputs
