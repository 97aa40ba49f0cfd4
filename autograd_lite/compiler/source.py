"""The python backend: a tape written out as straight-line Python, to be read and to be run. It needs nothing but Python.

Every number has a name: that of its label, and `d_` before it for the derivative of the output by it. Sums, differences and
products that are used once stand where they are used; all else is a statement of its own, so that a failure names its
operation.
"""

from __future__ import annotations

import keyword
import linecache
import math
import re
import unicodedata
import weakref
from collections.abc import Callable, Sequence
from itertools import count, groupby
from typing import Any

from autograd_lite.compiler.blocks import Functions, Statements
from autograd_lite.compiler.tape import Argument, Tape, split_outputs
from autograd_lite.errors import describe_failure
from autograd_lite.ops import TABLE
from autograd_lite.value import Primitive, Value

OPERATORS = {
    TABLE[name].primitive: (symbol, precedence)
    for name, symbol, precedence in (("add", "+", 1), ("sub", "-", 1), ("mul", "*", 2))
}
ADD, MUL, NEG, DIVIDE, POWER = (TABLE[name].primitive for name in ("add", "mul", "neg", "truediv", "pow"))
ATOM = 9  # the precedence of a name, a number, a call
LONGEST = 100  # characters of an expression that is written inside another one
UNPACKED = 1000  # an argument of more numbers than this is indexed, not unpacked into names
LONG = 10_000  # a function of more statements is cut into short ones
PIECE = 1000  # so many numbers of a long list are written in one statement
ROW = 32  # so many products with one factor in a row are written as a list


class PythonProgram:
    """A tape as a Python function.

    Attributes:
        source: its text.

    Arguments:
        tape: what it computes.
        arguments: where the inputs come from.
        reduced: for each output whether it is averaged over the batch; if not, a list with one number per sample results.
        name: of the function.
    """

    def __init__(self, tape: Tape, arguments: Sequence[Argument], reduced: Sequence[bool], name: str) -> None:
        writer = _Writer(tape, arguments, reduced, name)
        self._tape = tape
        self._texts = writer.texts
        self._slots = writer.slots
        self._names = writer.names
        self._lists = writer.lists
        self._file = f"<compiled {name} {next(_numbers)}>"
        self.namespace = writer.namespace
        namespace = dict(writer.namespace)
        for text in self._texts:
            exec(compile(text, self._file, "exec"), namespace)
        if len(self._texts) == 1:
            linecache.cache[self._file] = (len(self.source), None, self.source.splitlines(True), self._file)
            weakref.finalize(self, linecache.cache.pop, self._file, None)
        self._function: Callable[..., list[Any]] = namespace[writer.function_name]

    @property
    def source(self) -> str:
        """The text of the function, and of those that it calls if it is long."""
        return "".join(self._texts)

    def run(self, arguments: Sequence[Any]) -> list[Any]:
        """The outputs: a number each, or a list with one per sample."""
        arguments = [a if type(a) is float or type(a) is list else a.tolist() for a in arguments]
        if self._tape.outside:
            arguments.append([value.data for value in self._tape.outside.values()])
        try:
            return self._function(*arguments)
        except (ArithmeticError, ValueError) as error:
            raise self._explained(error) from error

    def _explained(self, error: Exception) -> Exception:
        """The engine's own error: which operation failed, on which operands."""
        slot, trace = None, error.__traceback__
        while trace is not None and slot is None:
            code = trace.tb_frame.f_code
            if code.co_filename == self._file and code.co_name in self._slots:
                scope = {**trace.tb_frame.f_globals, **trace.tb_frame.f_locals}
                slot = self._slots[code.co_name][trace.tb_lineno - 1]
            trace = trace.tb_next
        if slot is None:
            return error
        primitive = self._tape.primitives[slot]
        assert primitive is not None
        operands = tuple([self._operand(operand, scope) for operand in self._tape.operands[slot]])
        return describe_failure(primitive, operands, error)

    def _operand(self, operand: int, scope: dict[str, Any]) -> Any:
        if operand < 0:
            numbers = eval(self._lists[~operand], scope)
            slots = self._tape.bundles[~operand]
            return [Value(n, self._tape.labels.get(slot, "")) for n, slot in zip(numbers, slots, strict=True)]
        return Value(eval(self._names[operand], scope), self._tape.labels.get(operand, ""))


_numbers = count()


class _Writer:
    def __init__(self, tape: Tape, arguments: Sequence[Argument], reduced: Sequence[bool], name: str) -> None:
        self.tape = tape
        self.arguments = arguments
        self.batched = any(a.batched for a in arguments)
        self.namespace: dict[str, Any] = {}
        self.functions: dict[Primitive, str] = {}
        self.taken: set[str] = {"count", "nan", "inf", "zip", "len", "outside"}
        self.latest: dict[str, int] = {}  # the number that a name wanted again got
        self.namespace |= {"nan": math.nan, "inf": math.inf}
        for primitive in dict.fromkeys(tape.primitives):
            if primitive is not None:
                self.functions[primitive] = self.unique(identifier(primitive.name) or "operation")
                self.namespace[self.functions[primitive]] = primitive.compute
        self.function_name = self.unique(identifier(name) or "f")
        self.parameters = {argument: self.unique(identifier(argument.name)) for argument in arguments}
        self.samples = {a: self.unique(f"{self.parameters[a]}_rows") for a in arguments if a.batched}
        self.names: dict[int, str] = {}  # for each slot the expression that stands for it
        self.precedences: dict[int, int] = {}
        self.lists: dict[int, str] = {}  # for each bundle the expression that stands for it
        self.varying = tape.varying(s for a in arguments if a.batched for s in range(a.start, a.stop))
        self.uses = tape.uses()
        self.owner: list[Argument] = [a for a in arguments for _ in range(a.start, a.stop)]
        self.singly = self.used_singly()
        self.bundle_uses = [0] * len(tape.bundles)
        for operands in tape.operands:
            for operand in operands:
                if operand < 0:
                    self.bundle_uses[~operand] += 1
        self.before = Statements()  # in a batch those that are the same for all samples
        self.inside = Statements()  # those for one sample
        self.after = Statements()
        if self.batched:
            sums, self.needless = split_outputs(tape, self.varying, reduced)
        else:
            sums, self.needless = [None] * len(tape.outputs), bytearray(len(tape.primitives))
        self.outputs = sums
        self.summed = {term for terms in sums if terms for term in terms.varying if self.uses[term] == 1}
        self.rows = self.find_rows()
        self.write()

    # Names

    def unique(self, wanted: str) -> str:
        """`wanted`, or with a number if that is taken."""
        name, number = wanted, self.latest.get(wanted, 1)
        while name in self.taken or keyword.iskeyword(name):
            number += 1
            name = f"{wanted}_{number}"
        if number > 1:
            self.latest[wanted] = number
        self.taken.add(name)
        return name

    def name_of(self, slot: int) -> str:
        """A name for the result of an instruction: its label's, or that of what it is the derivative by."""
        if slot in self.tape.adjoint_of:
            primal = self.tape.adjoint_of[slot]
            return self.unique(f"d_{identifier(self.tape.labels.get(primal, '') or self.names.get(primal, f'v{primal}'))}")
        return self.unique(identifier(self.tape.labels.get(slot, "")) or f"v{slot}")

    def expression(self, slot: int, precedence: int = 0) -> str:
        """What stands for a slot inside an expression of this precedence."""
        text = self.names[slot]
        return text if self.precedences.get(slot, ATOM) >= precedence else f"({text})"

    # Lists

    def sequence(self, slots: Sequence[int]) -> str:
        """An expression for the numbers of these slots: a slice of an argument, or one by one."""
        return self.slice_of(slots) or f"[{', '.join(self.expression(slot) for slot in slots)}]"

    def slice_of(self, slots: Sequence[int]) -> str | None:
        """The slice of an argument that has just these slots, if there is one."""
        first, last = slots[0], slots[-1]
        if last >= self.tape.inputs or last - first != len(slots) - 1 or self.owner[first] is not self.owner[last]:
            return None
        argument = self.owner[first]
        if argument.is_number or any(slot != first + i for i, slot in enumerate(slots)):
            return None
        name = self.parameters[argument]
        if first == argument.start and last == argument.stop - 1:
            return name
        return f"{name}[{first - argument.start}:{last - argument.start + 1}]"

    def bundle(self, index: int) -> str:
        """The list of a bundle; one that is used more than once, or in a loop although it never changes, gets a name."""
        if index not in self.lists:
            slots = self.tape.bundles[index]
            varying = any(self.varying[slot] for slot in slots)
            if len(slots) > LONG and not self.slice_of(slots):
                text = self.unique(f"list{index}")
                self.statement(f"{text} = []", varying)
                for start in range(0, len(slots), PIECE):
                    self.statement(f"{text} += {self.sequence(slots[start : start + PIECE])}", varying)
            else:
                text = self.sequence(slots) if slots else "[]"
            if not text.isidentifier() and (self.bundle_uses[index] > 1 or (self.batched and not varying)):
                plain = identifier(text.rstrip("]").replace(":", "_to_")) if not text.startswith("[") else ""
                name = self.unique(plain or f"list{index}")
                self.statement(f"{name} = {text}", varying)
                text = name
            self.lists[index] = text
        return self.lists[index]

    def used_singly(self) -> bytearray:
        """For each slot whether it is read other than as part of a slice of an argument."""
        used = bytearray(len(self.tape.primitives))
        for operands in self.tape.operands:
            for operand in operands:
                if operand >= 0:
                    used[operand] = True
        for slots in self.tape.bundles:
            if slots and self.slice_of(slots) is None:
                for slot in slots:
                    used[slot] = True
        for slot in self.tape.outputs:
            used[slot] = True
        return used

    # Statements

    def statement(self, text: str, varying: int | bool, slot: int | None = None) -> None:
        """Write a line, in the loop over samples if it varies."""
        (self.inside if varying and self.batched else self.before).add(text, slot)

    def find_rows(self) -> dict[int, tuple[int, list[int]]]:
        """Runs of outputs that are products with one left factor: by the first output, the factor and the others."""
        rows: dict[int, tuple[int, list[int]]] = {}
        operands, position = self.tape.operands, 0
        products = map(self.product_of, range(len(self.tape.outputs)))
        for factor, run in groupby(products, lambda product: None if product is None else operands[product][0]):
            slots = list(run)
            if factor is not None and len(slots) >= ROW:
                rows[position] = (factor, [operands[slot][1] for slot in slots])
                for slot in slots:
                    self.needless[slot] = True
            position += len(slots)
        return rows

    def product_of(self, position: int) -> Any:
        """The product that is all of an output (of a batch: all that varies of it), if nothing else needs it; else None."""
        terms = self.outputs[position]
        if terms is None and self.batched:
            return None
        slots = [self.tape.outputs[position]] if terms is None else terms.varying
        if len(slots) != 1:
            return None
        (slot,) = slots
        return slot if self.tape.primitives[slot] is MUL and self.uses[slot] == 1 else None

    def write(self) -> None:
        """Write the whole function."""
        for argument in self.arguments:
            self.unpack(argument)
        if self.tape.outside:
            if len(self.tape.outside) > UNPACKED:
                self.names.update((slot, f"outside[{index}]") for index, slot in enumerate(self.tape.outside))
            else:
                for index, slot in enumerate(self.tape.outside):
                    self.names[slot] = self.unique(identifier(self.tape.labels.get(slot, "")) or f"outside{index}")
                self.statement(f"{', '.join(self.names[slot] for slot in self.tape.outside)}, = outside", False)
        for slot, primitive in enumerate(self.tape.primitives):
            if slot in self.tape.numbers:
                self.number(slot)
            elif primitive is not None and not self.needless[slot]:
                self.instruction(slot, primitive)
        results = self.results()
        parameters = [self.samples.get(a, self.parameters[a]) for a in self.arguments]
        parameters += ["outside"] if self.tape.outside else []
        programs = [self.before, self.inside, self.after]
        self.texts: list[str] = []
        self.slots: dict[str, list[int | None]] = {}
        returned = f"[{', '.join(results)}]"
        if sum(len(program.lines) for program in programs) + len(results) > LONG:
            programs, returned = self.shortened(programs, parameters, results)
        before, inside, after = programs
        lines = [f"def {self.function_name}({', '.join(parameters)}):", *(f"    {line}" for line in before.lines)]
        slots = [None, *before.slots]
        if self.batched:
            targets, sources = (
                ", ".join(names) for names in ([self.parameters[a] for a in self.samples], self.samples.values())
            )
            each = f"for {targets} in " + (f"zip({sources})" if len(self.samples) > 1 else sources)
            lines += [f"    count = len({next(iter(self.samples.values()))})", f"    {each}:"]
            lines += [f"        {line}" for line in inside.lines or ["pass"]]
            slots += [None, None, *inside.slots]
        lines += [f"    {line}" for line in after.lines]
        lines.append(f"    return {returned}")
        self.texts.append("\n".join(lines) + "\n")
        self.slots[self.function_name] = slots + [None] * (len(lines) - len(slots))

    def shortened(self, programs: list[Statements], parameters: list[str], results: list[str]) -> tuple[list[Statements], str]:
        """The calls of functions that do what these statements do, and where the results are then."""
        kept, outputs = self.unique("kept"), self.unique("outputs")
        before, inside, after = programs
        for start in range(0, len(results), PIECE):
            after.add(f"{outputs}.extend([{', '.join(results[start : start + PIECE])}])")
        shared = [*parameters, outputs]
        samples = [self.parameters[a] for a in self.samples]
        functions = Functions(
            [before, inside, after],
            [shared, [*shared, *samples], [*shared, "count"]],
            kept,
            lambda number: self.unique(f"{self.function_name}_{number}"),
        )
        self.texts, self.slots = functions.texts, functions.slots
        before, inside, after = functions.calls
        before.lines[:0] = [f"{kept} = [None] * {len(functions.places)}", f"{outputs} = []"]
        before.slots[:0] = [None, None]
        return [before, inside, after], outputs

    def unpack(self, argument: Argument) -> None:
        """Give names to the numbers of an argument that are used one by one."""
        parameter = self.parameters[argument]
        if argument.is_number:
            self.names[argument.start] = parameter
            return
        slots = range(argument.start, argument.stop)
        if len(slots) > UNPACKED:
            self.names.update((slot, f"{parameter}[{slot - argument.start}]") for slot in slots)
            return
        used = [slot for slot in slots if self.singly[slot]]
        for slot in used:
            self.names[slot] = self.unique(identifier(self.tape.labels.get(slot, "")) or f"{parameter}_{slot - argument.start}")
        if len(used) == len(slots):
            for start in range(0, len(used), 8):
                names = ", ".join(self.names[slot] for slot in used[start : start + 8])
                part = "" if len(used) <= 8 else f"[{start}:{min(start + 8, len(used))}]"
                self.statement(f"{names}, = {parameter}{part}", argument.batched)
        else:
            for slot in used:
                self.statement(f"{self.names[slot]} = {parameter}[{slot - argument.start}]", argument.batched)

    def number(self, slot: int) -> None:
        """A constant is written as the number that it is."""
        number = self.tape.numbers[slot]
        if type(number) in (int, float):
            text = repr(number)
        else:  # a Fraction, a NumPy scalar: kept as it is
            text = self.unique(f"constant{slot}")
            self.namespace[text] = number
        self.names[slot] = text
        if text.startswith("-"):
            self.precedences[slot] = 0

    def instruction(self, slot: int, primitive: Primitive) -> None:
        """Write an instruction down, or keep it as an expression for its one user."""
        operands = self.tape.operands[slot]
        varying = self.varying[slot]
        precedence: int | None = None  # of what may fail: it is a statement of its own
        if primitive in OPERATORS:
            symbol, precedence = OPERATORS[primitive]
            left, right = operands
            text = f"{self.expression(left, precedence)} {symbol} {self.expression(right, precedence + 1)}"
        elif primitive is NEG:
            text, precedence = f"-{self.expression(operands[0], 3)}", 2
        elif primitive is DIVIDE:
            text = f"{self.expression(operands[0], 2)} / {self.expression(operands[1], 3)}"
        elif primitive is POWER and isinstance(self.tape.numbers.get(operands[1]), int):
            text = f"{self.expression(operands[0], 4)} ** {self.expression(operands[1], 4)}"
        else:
            inputs = [self.bundle(~o) if o < 0 else self.expression(o) for o in operands]
            text = f"{self.functions[primitive]}({', '.join(inputs)})"
        named = (slot in self.tape.labels or slot in self.tape.adjoint_of) and slot not in self.summed
        inline = self.uses[slot] == 1 and len(text) <= LONGEST and not named and not (self.batched and not varying)
        if precedence is not None and inline:
            self.names[slot], self.precedences[slot] = text, precedence
            return
        name = self.name_of(slot)
        summed = slot in self.tape.adjoint_of and primitive is ADD
        comment = f"  # the chain rule sums over {self.contributions(slot)} paths" if summed else ""
        self.statement(f"{name} = {text}{comment}", varying, slot if precedence is None else None)
        self.names[slot] = name

    def contributions(self, slot: int) -> int:
        """How many terms the derivative that this slot holds was summed from."""
        paths, stack = 1, [slot]
        while stack:
            top = stack.pop()
            if self.tape.primitives[top] is ADD:
                paths += 1
                stack += [operand for operand in self.tape.operands[top] if self.uses[operand] == 1]
        return paths

    # Results

    def results(self) -> list[str]:
        """An expression for each output, or for each run of them; the sums of a batch are prepared here."""
        results = []
        position = 0
        self.list_of = {self.tape.bundles[index]: text for index, text in self.lists.items()}
        self.each, self.total, self.same = map(self.unique, ("each", "total", "same"))  # in the loops over rows
        while position < len(self.tape.outputs):
            if position in self.rows:
                results.append(self.row(position))
                position += len(self.rows[position][1])
            elif (length := self.copied(position)) >= ROW:
                results.append(f"*{self.sequence(self.tape.outputs[position : position + length])}")
                position += length
            else:
                results.append(self.result(position))
                position += 1
        return results

    def copied(self, position: int) -> int:
        """How many outputs from here on are numbers of one argument side by side."""
        outputs = self.tape.outputs
        first = outputs[position]
        if self.batched or first >= self.tape.inputs:
            return 0
        places = range(position, min(len(outputs), position + self.owner[first].stop - first))
        return next((k for k, place in enumerate(places) if outputs[place] != first + k), len(places))

    def row(self, position: int) -> str:
        """A run of outputs that are products with one factor, as a list."""
        factor, others = self.rows[position]
        name = self.unique(f"d_row{position}")
        values = self.list_of.get(tuple(others)) or self.sequence(others)
        each, total, same = self.each, self.total, self.same
        products = f"{self.names[factor]} * {each}"
        if not self.batched:
            self.statement(f"{name} = [{products} for {each} in {values}]", False)
            return f"*{name}"
        self.before.add(f"{name} = [0.0] * {len(others)}")
        self.inside.add(f"{name} = [{total} + {products} for {total}, {each} in zip({name}, {values})]")
        shared = [self.outputs[position + i].shared for i in range(len(others))]  # type: ignore[union-attr]
        if any(shared):
            sums = ", ".join(" + ".join(self.expression(s, 1) for s in terms) or "0.0" for terms in shared)
            self.after.add(f"{name} = [{total} / count + {same} for {total}, {same} in zip({name}, [{sums}])]")
        else:
            self.after.add(f"{name} = [{total} / count for {total} in {name}]")
        return f"*{name}"

    def total_name(self, slot: int, position: int) -> str:
        """A name for what a loop over samples adds up: a derivative's, or that of a labelled value."""
        primal = self.tape.adjoint_of.get(slot, slot)
        label = identifier(self.tape.labels.get(primal, "")) or position
        return f"d_{label}" if primal != slot else f"total_{label}"

    def result(self, position: int) -> str:
        """One output."""
        slot, terms = self.tape.outputs[position], self.outputs[position]
        if not self.batched:
            return self.expression(slot)
        if terms is None:  # one number per sample
            name = self.unique(f"rows{position}")
            self.before.add(f"{name} = []")
            self.inside.add(f"{name}.append({self.expression(slot)})")
            return name
        shared = " + ".join(self.expression(term, 1) for term in terms.shared)
        if not terms.varying:
            return shared
        name = self.unique(self.total_name(slot, position))
        self.before.add(f"{name} = 0.0")
        for term in terms.varying:
            self.inside.add(f"{name} += {self.expression(term, 1)}")
        return f"{name} / count" + (f" + {shared}" if shared else "")


def identifier(label: str) -> str:
    """A label as a Python name: `w[0][1]` becomes `w_0_1`; empty if there is nothing to make one of."""
    name = re.sub(r"\W+", "_", unicodedata.normalize("NFKC", label)).strip("_")
    return name if not name or name.isidentifier() else f"_{name}" if f"_{name}".isidentifier() else ""
