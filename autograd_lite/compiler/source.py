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
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from itertools import chain, count, groupby
from traceback import walk_tb
from typing import Any

from autograd_lite.compiler.blocks import Functions, Statements
from autograd_lite.compiler.tape import Argument, Tape, split_outputs
from autograd_lite.errors import describe_failure
from autograd_lite.ops import TABLE
from autograd_lite.primitive import Primitive
from autograd_lite.value import Value

LOOSE, AS_SUM, AS_PRODUCT, ATOM = range(4)  # how strongly an expression holds together; a name or a call is an ATOM
OPERATORS = {  # for each its symbol, how strongly it holds together, and how strongly what stands right of it must
    TABLE["add"].primitive: ("+", AS_SUM, AS_PRODUCT),
    TABLE["sub"].primitive: ("-", AS_SUM, AS_PRODUCT),
    TABLE["mul"].primitive: ("*", AS_PRODUCT, ATOM),
}
ADD, MUL, NEG, DIVIDE, POWER = (TABLE[name].primitive for name in ("add", "mul", "neg", "truediv", "pow"))
LONGEST = 100  # characters of an expression that is written inside another one
UNPACKED = 1000  # an argument of more numbers than this is indexed, not unpacked into names
NAMED = 8  # so many names are unpacked in one statement
LONG = 10_000  # a function of more statements is cut into short ones
PIECE = 1000  # so many numbers of a long list are written in one statement
ROW = 32  # so many outputs of one kind in a row are written as a list


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
        self._slots = {namespace[name].__code__: slots for name, slots in writer.slots.items()}

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
        for frame, line in walk_tb(error.__traceback__):
            slots = self._slots.get(frame.f_code)
            slot = slots[line - 1] if slots else None
            if slot is not None:
                primitive = self._tape.primitives[slot]
                assert primitive is not None
                scope = {**frame.f_globals, **frame.f_locals}
                operands = tuple([self._operand(operand, scope) for operand in self._tape.operands[slot]])
                return describe_failure(primitive, operands, error)
        return error

    def _operand(self, operand: int, scope: dict[str, Any]) -> Any:
        if operand < 0:
            numbers = eval(self._lists[~operand], scope)
            slots = self._tape.bundles[~operand]
            return [Value(n, self._tape.labels.get(slot, "")) for n, slot in zip(numbers, slots, strict=True)]
        return Value(eval(self._names[operand], scope), self._tape.labels.get(operand, ""))


_numbers = count()


Run = tuple[Callable[[list[int]], list[str]], list[int]]  # what writes some outputs, and which


class _Writer:
    def __init__(self, tape: Tape, arguments: Sequence[Argument], reduced: Sequence[bool], name: str) -> None:
        self.tape = tape
        self.arguments = arguments
        self.batched = any(a.batched for a in arguments)
        self.namespace: dict[str, Any] = {}
        self.functions: dict[Primitive, str] = {}
        self.taken: set[str] = {"count", "nan", "inf", "zip", "len", "outside"}
        self.latest: dict[str, int] = defaultdict(lambda: 1)  # the number that a name wanted again got
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
        self.varying = tape.varying(s for a in arguments if a.batched for s in a.slots)
        self.used_once = tape.used_once()
        self.owner = {slot: argument for argument in arguments for slot in argument.slots}
        self.singly = self.used_singly()
        self.reads = Counter(operand for operands in tape.operands for operand in operands)
        self.before = Statements()  # in a batch those that are the same for all samples
        self.inside = Statements()  # those for one sample
        self.after = Statements()
        if self.batched:
            sums, self.needless = split_outputs(tape, self.varying, self.used_once, reduced)
        else:
            sums, self.needless = [None] * len(tape.outputs), bytearray(len(tape.primitives))
        self.outputs = sums
        self.summed = {term for terms in sums if terms for term in terms.varying if self.used_once[term]}
        self.write()

    # Names

    def unique(self, wanted: str) -> str:
        """`wanted`, or with a number if that is taken."""
        name = wanted
        while name in self.taken or keyword.iskeyword(name):
            self.latest[wanted] += 1
            name = f"{wanted}_{self.latest[wanted]}"
        self.taken.add(name)
        return name

    def name_of(self, slot: int) -> str:
        """A name for the result of an instruction: its label's, or that of what it is the derivative by."""
        if slot in self.tape.adjoint_of:
            primal = self.tape.adjoint_of[slot]
            return self.unique(f"d_{identifier(self.tape.labels.get(primal, '') or self.names.get(primal, f'v{primal}'))}")
        return self.unique(identifier(self.tape.labels.get(slot, "")) or f"v{slot}")

    def expression(self, slot: int, precedence: int = LOOSE) -> str:
        """What stands for a slot where something must hold together so strongly."""
        text = self.names[slot]
        return text if self.precedences.get(slot, ATOM) >= precedence else f"({text})"

    # Lists

    def sequence(self, slots: Sequence[int]) -> str:
        """An expression for the numbers of these slots: a slice of an argument, or one by one."""
        return self.slice_of(slots) or f"[{', '.join(self.expression(slot) for slot in slots)}]"

    def slice_of(self, slots: Sequence[int]) -> str | None:
        """The slice of an argument that has just these slots, if there is one."""
        argument = next(map(self.owner.get, slots), None)
        if argument is None or argument.is_number:
            return None
        start = slots[0] - argument.start
        stop = start + len(slots)
        part = argument.slots[start:stop]
        if list(part) != list(slots):
            return None
        return self.parameters[argument] + ("" if part == argument.slots else f"[{start}:{stop}]")

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
                text = self.sequence(slots)
            if not text.isidentifier() and (self.reads[~index] > 1 or (self.batched and not varying)):
                plain = identifier(text.rstrip("]").replace(":", "_to_")) if not text.startswith("[") else ""
                name = self.unique(plain or f"list{index}")
                self.statement(f"{name} = {text}", varying)
                text = name
            self.lists[index] = text
        return self.lists[index]

    def used_singly(self) -> set[int]:
        """The slots that are read other than as part of a slice of an argument (and, negative, bundles)."""
        lists = [slots for slots in self.tape.bundles if self.slice_of(slots) is None]
        return set(chain.from_iterable([*self.tape.operands, *lists, self.tape.outputs]))

    # Statements

    def statement(self, text: str, varying: int | bool, slot: int | None = None) -> None:
        """Write a line, in the loop over samples if it varies."""
        (self.inside if varying and self.batched else self.before).add(text, slot)

    def find_runs(self) -> list[Run]:
        """The outputs side by side that are written in one way, and how."""
        runs = []
        for (write, *_), run in groupby(range(len(self.tape.outputs)), self.likeness):
            positions = list(run)
            if len(positions) < ROW:
                write = self.singles
            elif write == self.row:
                for position in positions:
                    self.needless[self.product_of(position)] = True
            runs.append((write, positions))
        return runs

    def likeness(self, position: int) -> tuple[Any, ...]:
        """How to write an output if many like it follow, and what is the same for these: a factor, or the argument."""
        product, slot = self.product_of(position), self.tape.outputs[position]
        if product is not None:
            return self.row, self.tape.operands[product][0]
        if not self.batched and slot in self.owner:
            return self.copied, self.owner[slot], slot - position
        return (self.singles,)

    def product_of(self, position: int) -> Any:
        """The product that is all of an output (of a batch: all that varies of it), if nothing else needs it; else None."""
        terms = self.outputs[position]
        if terms is None and self.batched:
            return None
        slots = [self.tape.outputs[position]] if terms is None else terms.varying
        if len(slots) != 1:
            return None
        (slot,) = slots
        return slot if self.tape.primitives[slot] is MUL and self.used_once[slot] else None

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
                self.before.add(f"{', '.join(self.names[slot] for slot in self.tape.outside)}, = outside")
        runs = self.find_runs()
        for slot, primitive in enumerate(self.tape.primitives):
            if slot in self.tape.numbers:
                self.number(slot)
            elif primitive is not None and not self.needless[slot]:
                self.instruction(slot, primitive)
        results = self.results(runs)
        parameters = [self.samples.get(a, self.parameters[a]) for a in self.arguments]
        parameters += ["outside"] if self.tape.outside else []
        programs = [self.before, self.inside, self.after]
        self.texts: list[str] = []
        self.slots: dict[str, list[int | None]] = {}
        returned = f"[{', '.join(results)}]"
        if sum(len(program.lines) for program in programs) + len(results) > LONG:
            programs, returned = self.shortened(programs, parameters, results)
        before, inside, after = programs
        whole = Statements()
        whole.add(f"def {self.function_name}({', '.join(parameters)}):")
        whole.include(before)
        if self.batched:
            samples, *more = self.samples.values()
            whole.add(f"    count = len({samples})")
            targets = ", ".join(self.parameters[a] for a in self.samples)
            source = f"zip({', '.join([samples, *more])})" if more else samples
            whole.add(f"    for {targets} in {source}:")
            whole.include(inside if inside.lines else Statements(["pass"], [None]), "        ")
        whole.include(after)
        whole.add(f"    return {returned}")
        self.texts.append("\n".join(whole.lines) + "\n")
        self.slots[self.function_name] = whole.slots

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
        first = Statements()
        first.add(f"{kept} = [None] * {len(functions.places)}")
        first.add(f"{outputs} = []")
        first.include(before, "")
        return [first, inside, after], outputs

    def unpack(self, argument: Argument) -> None:
        """Give names to the numbers of an argument that are used one by one."""
        parameter = self.parameters[argument]
        if argument.is_number:
            self.names[argument.start] = parameter
            return
        places = {slot: place for place, slot in enumerate(argument.slots)}
        if len(places) > UNPACKED:
            self.names.update((slot, f"{parameter}[{place}]") for slot, place in places.items())
            return
        used = [slot for slot in places if slot in self.singly]
        for slot in used:
            self.names[slot] = self.unique(identifier(self.tape.labels.get(slot, "")) or f"{parameter}_{places[slot]}")
        if used == [*places]:
            for start in range(0, len(used), NAMED):
                part = used[start : start + NAMED]
                source = parameter if part == used else f"{parameter}[{start}:{start + len(part)}]"
                self.statement(f"{', '.join(self.names[slot] for slot in part)}, = {source}", argument.batched)
        else:
            for slot in used:
                self.statement(f"{self.names[slot]} = {parameter}[{places[slot]}]", argument.batched)

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
            self.precedences[slot] = LOOSE

    def instruction(self, slot: int, primitive: Primitive) -> None:
        """Write an instruction down, or keep it as an expression for its one user."""
        operands = self.tape.operands[slot]
        varying = self.varying[slot]
        precedence: int | None = None  # of what may fail: it is a statement of its own
        if primitive in OPERATORS:
            symbol, precedence, stronger = OPERATORS[primitive]
            left, right = operands
            text = f"{self.expression(left, precedence)} {symbol} {self.expression(right, stronger)}"
        elif primitive is NEG:
            (operand,) = operands
            text, precedence = f"-{self.expression(operand, ATOM)}", AS_PRODUCT
        elif primitive is DIVIDE:
            left, right = operands
            text = f"{self.expression(left, AS_PRODUCT)} / {self.expression(right, ATOM)}"
        elif primitive is POWER and isinstance(self.tape.numbers.get(operands[1]), int):
            left, right = operands
            text = f"{self.expression(left, ATOM)} ** {self.expression(right, ATOM)}"
        else:
            inputs = [self.bundle(~o) if o < 0 else self.expression(o) for o in operands]
            text = f"{self.functions[primitive]}({', '.join(inputs)})"
        named = (slot in self.tape.labels or slot in self.tape.adjoint_of) and slot not in self.summed
        inline = self.used_once[slot] and len(text) <= LONGEST and not named and not (self.batched and not varying)
        if precedence is not None and inline:
            self.names[slot], self.precedences[slot] = text, precedence
            return
        name = self.name_of(slot)
        summed = slot in self.tape.adjoint_of and primitive is ADD
        comment = f"  # the chain rule sums over {self.contributions(slot)} paths" if summed else ""
        if slot in self.tape.checked:
            comment = "  # no result needs it; it is an error where it has no value"
        self.statement(f"{name} = {text}{comment}", varying, slot if precedence is None else None)
        self.names[slot] = name

    def contributions(self, slot: int) -> int:
        """How many terms the derivative that this slot holds was summed from."""
        paths, stack = 1, [slot]
        while stack:
            top = stack.pop()
            if self.tape.primitives[top] is ADD:
                paths += 1
                stack += [operand for operand in self.tape.operands[top] if self.used_once[operand]]
        return paths

    # Results

    def results(self, runs: list[Run]) -> list[str]:
        """An expression for each output, or for each run of them; the sums of a batch are prepared here."""
        self.list_of = {self.tape.bundles[index]: text for index, text in self.lists.items()}
        self.each, self.total, self.same = map(self.unique, ("each", "total", "same"))  # in the loops over rows
        return [result for write, positions in runs for result in write(positions)]

    def singles(self, positions: list[int]) -> list[str]:
        """Outputs one by one."""
        return [self.result(position) for position in positions]

    def copied(self, positions: list[int]) -> list[str]:
        """A run of outputs that are numbers of one argument side by side."""
        return [f"*{self.sequence([self.tape.outputs[position] for position in positions])}"]

    def row(self, positions: list[int]) -> list[str]:
        """A run of outputs that are products with one factor, as a list."""
        operands = [self.tape.operands[self.product_of(position)] for position in positions]
        (factor, *_), others = zip(*operands, strict=True)
        name = self.unique(f"d_row{positions[0]}")
        values = self.list_of.get(others) or self.sequence(others)
        each, total, same = self.each, self.total, self.same
        products = f"{self.names[factor]} * {each}"
        if not self.batched:
            self.before.add(f"{name} = [{products} for {each} in {values}]")
            return [f"*{name}"]
        self.before.add(f"{name} = [0.0] * {len(others)}")
        self.inside.add(f"{name} = [{total} + {products} for {total}, {each} in zip({name}, {values})]")
        shared = [self.outputs[position].shared for position in positions]  # type: ignore[union-attr]
        if any(shared):
            sums = ", ".join(" + ".join(self.expression(s, AS_SUM) for s in terms) or "0.0" for terms in shared)
            self.after.add(f"{name} = [{total} / count + {same} for {total}, {same} in zip({name}, [{sums}])]")
        else:
            self.after.add(f"{name} = [{total} / count for {total} in {name}]")
        return [f"*{name}"]

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
        shared = " + ".join(self.expression(term, AS_SUM) for term in terms.shared)
        if not terms.varying:
            return shared
        name = self.unique(self.total_name(slot, position))
        self.before.add(f"{name} = 0.0")
        for term in terms.varying:
            self.inside.add(f"{name} += {self.expression(term, AS_SUM)}")
        return f"{name} / count" + (f" + {shared}" if shared else "")


def identifier(label: str) -> str:
    """A label as a Python name: `w[0][1]` becomes `w_0_1`; empty if there is nothing to make one of."""
    name = re.sub(r"\W+", "_", unicodedata.normalize("NFKC", label)).strip("_")
    return name if not name or name.isidentifier() else f"_{name}" if f"_{name}".isidentifier() else ""
