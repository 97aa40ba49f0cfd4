"""A loop over the steps of a body, and the sweep back through it, as Python functions.

The function of a loop takes a list or array of numbers and writes its results into another. In the same form it runs in Python
and is translated to machine code. It depends on the body alone: how many steps there are is an argument.

The numbers of a loop are, in this order: the carry, the rows of all steps, and what all steps share. Its results are the last
carry, and what is kept of each step.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from autograd_lite.basics.escaping import in_source
from autograd_lite.compiler.loops.body import StepBody
from autograd_lite.compiler.python.program import PythonProgram
from autograd_lite.compiler.tape import Tape, side_by_side
from autograd_lite.trees import NUMBER
from autograd_lite.value import Value


@dataclass(frozen=True)
class LoopFunction:
    """The function of a loop, or of the sweep back through one.

    Attributes:
        text: its source: `run(numbers, results, steps, segment, room)`.
        step, back: one step, and one step backward; None for a loop that goes only forward.
    """

    text: str
    step: PythonProgram
    back: PythonProgram | None = None

    @property
    def namespace(self) -> dict[str, Any]:
        """What the text refers to."""
        return {"step": self.step.function} | ({} if self.back is None else {"back": self.back.function})

    def explained(self, error: Exception) -> Exception:
        """The engine's own error: which operation of a step failed, on which operands."""
        own = self.step.explained(error)
        return self.back.explained(error) if own is error and self.back is not None else own

    @cached_property
    def function(self) -> Any:
        """It as a function of Python."""
        scope = self.namespace
        exec(compile(self.text, "<loop>", "exec"), scope)
        return scope["run"]


def step_function(tape: Tape, inputs: Sequence[tuple[str, Value | None]], name: str) -> PythonProgram:
    """The instructions of a step as a function of so many numbers, each with its name, that gives a tuple."""
    names = [in_source(value.label if value is not None else "") or other for other, value in inputs]
    arguments = side_by_side(names, [NUMBER] * len(names), [False] * len(names))
    return PythonProgram(tape, arguments, [True] * len(tape.outputs), name, as_tuple=True)


def named(letter: str, values: Sequence[Value]) -> list[tuple[str, Value | None]]:
    """A name for each of these, for where it has no label."""
    return [(f"{letter}{j}", value) for j, value in enumerate(values)]


def inputs_of(body: StepBody) -> list[tuple[str, Value | None]]:
    """The inputs of a step, with names."""
    return [*named("c", body.carry), *named("x", body.row), *named("i", body.index), *named("s", body.shared)]


class LoopWriter:
    """Writes the functions of a body.

    Arguments:
        body: of the loop.
        every: whether the carry of every step is kept for a sweep back, or the first one of each segment of several.
    """

    def __init__(self, body: StepBody, every: bool) -> None:
        self.body, self.every = body, every
        self.carry, self.row, self.kept = len(body.carry), len(body.row), len(body.kept)
        self.c = [f"c{j}" for j in range(self.carry)]
        self.y = [f"y{j}" for j in range(self.kept)]
        self.s = [f"s{j}" for j in range(len(body.shared))]

    @cached_property
    def step(self) -> PythonProgram:
        """One step."""
        return step_function(self.body.tape, inputs_of(self.body), "step")

    def loop(self, keeps: bool = False) -> LoopFunction:
        """The loop over all steps. If it `keeps`, it leaves carries in the room, as a sweep back needs them."""
        results = [f"results[{self.carry} + i * {self.kept} + {j}] = {y}" for j, y in enumerate(self.y)]
        step = [self._step(self.c), *results]
        lines = [
            *self._begin(),
            *(self._keeping(step) if keeps else ["    for i in range(steps):", *indented(step, 8)]),
            *[f"    results[{j}] = {c}" for j, c in enumerate(self.c)],
        ]
        return LoopFunction(_text(lines), self.step)

    def sweep_back(self, kept: bool = False) -> LoopFunction:
        """The sweep back: the numbers are followed by the gradients of the results, and its results are those of the numbers.

        The carries of all steps are needed for it. Where these are too many, only the first one of each segment is kept, and
        a segment is run once more before the sweep goes back through it. Source: Griewank (1992), with one level.

        Arguments:
            kept: whether the loop has left in the room what it keeps; else the sweep runs it first.
        """
        carry, row, shared = self.carry, self.row, len(self.s)
        after = f"{carry} + steps * {row} + {shared}"  # where the gradients of the results begin
        a, d = [f"a{j}" for j in range(carry)], [f"d{j}" for j in range(shared)]
        ask = [
            "    arrives = False  # where nothing does, infinite slopes do not matter",
            f"    for k in range({carry} + steps * {self.kept}):",
            "        if numbers[after + k] != 0.0:",
            "            arrives = True",
            "    if not arrives:",
            "        for k in range(after):",
            "            results[k] = 0.0",
            "        return",
        ]
        lines = [
            *self._begin(),
            f"    after = {after}",
            *([] if self.body.guards else ask),  # else each step asks for itself
            *([] if kept else self._keeping([self._step(self.c)])),
            *[f"    {name} = numbers[after + {j}]" for j, name in enumerate(a)],
            *[f"    {name} = {self.body.absent}" for name in d],
            *self._back(a, d),
            *[f"    results[{j}] = {name}" for j, name in enumerate(a)],
            *[f"    results[{carry} + steps * {row} + {j}] = {total}" for j, total in enumerate(d)],
        ]
        gradients = [(f"a{j}", None) for j in range(carry + self.kept)]
        return LoopFunction(
            _text(lines), self.step, step_function(self.body.backward_tape, [*inputs_of(self.body), *gradients], "back")
        )

    def _keeping(self, step: Sequence[str]) -> list[str]:
        """All steps; the first carry of each segment, or the one of every step, is left in the room."""
        left = [f"room[place + {j}] = {c}" for j, c in enumerate(self.c)]
        if self.every:
            return ["    for i in range(steps):", *indented([f"place = i * {self.carry}", *left, *step], 8)]
        return [
            "    place = 0",
            "    for start in range(0, steps, segment):",
            *indented([*left, f"place += {self.carry}", "for i in range(start, min(start + segment, steps)):"], 8),
            *indented(step, 12),
        ]

    def _back(self, a: Sequence[str], d: Sequence[str]) -> list[str]:
        """The steps back; `a` are the gradients of the carry, and `d` sums of those of what all steps share."""
        carry, row = self.carry, self.row
        new, by_row, by_shared = (
            [f"b{j}" for j in range(carry)],
            [f"g{j}" for j in range(row)],
            [f"e{j}" for j in range(len(d))],
        )
        kept_gradients = [f"numbers[after + {carry} + i * {self.kept} + {j}]" for j in range(self.kept)]
        at_step = [f"room[place + {j}]" for j in range(carry)]
        back = [
            f"{_targets([*new, *by_row, *by_shared])}back({', '.join([*self._arguments(at_step), *a, *kept_gradients])})",
            *[f"results[{carry} + i * {row} + {j}] = {g}" for j, g in enumerate(by_row)],
            *[f"{total} = {total} + {e}" for total, e in zip(d, by_shared, strict=True)],
            *[f"{name} = {b}" for name, b in zip(a, new, strict=True)],
        ]
        if self.every:
            return ["    for i in range(steps - 1, -1, -1):", *indented([f"place = i * {carry}", *back], 8)]
        return [
            "    segments = (steps + segment - 1) // segment",
            "    for part in range(segments - 1, -1, -1):",
            "        start, stop = part * segment, min((part + 1) * segment, steps)",
            *[f"        {c} = room[part * {carry} + {j}]" for j, c in enumerate(self.c)],
            "        for i in range(start, stop):",
            f"            place = (segments + i - start) * {carry}",
            *[f"            {there} = {c}" for there, c in zip(at_step, self.c, strict=True)],
            f"            {self._step(self.c)}",
            "        for i in range(stop - 1, start - 1, -1):",
            *indented([f"place = (segments + i - start) * {carry}", *back], 12),
        ]

    def _begin(self) -> list[str]:
        start = f"{self.carry} + steps * {self.row}"
        return [
            *[f"    {c} = numbers[{j}]" for j, c in enumerate(self.c)],
            *[f"    {s} = numbers[{start} + {j}]" for j, s in enumerate(self.s)],
        ]

    def _arguments(self, carry: Sequence[str]) -> list[str]:
        row = [f"numbers[{self.carry} + i * {self.row} + {j}]" for j in range(self.row)]
        return [*carry, *row, *["float(i)"] * len(self.body.index), *self.s]

    def _step(self, carry: Sequence[str]) -> str:
        return f"{_targets([*self.c, *self.y])}step({', '.join(self._arguments(carry))})"


def _targets(names: Sequence[str]) -> str:
    return f"{', '.join(names)}, = " if names else ""


def indented(lines: Sequence[str], spaces: int) -> list[str]:
    """These lines, so many spaces further in."""
    return [" " * spaces + line for line in lines]


def _text(lines: Sequence[str]) -> str:
    return "\n".join(["def run(numbers, results, steps, segment, room):", *lines, ""])
