"""An optimizer's formula for one parameter, recorded, so that machine code can apply it to all of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import Any, TypeAlias

from autograd_lite.compiler.python import PythonProgram
from autograd_lite.compiler.simplify import simplified_tape
from autograd_lite.compiler.tape import Argument, Tape, side_by_side
from autograd_lite.compiler.trace import Trace
from autograd_lite.trees import NUMBER

Parts: TypeAlias = tuple[Tape, list[Argument], list[bool], Callable[[], PythonProgram]]  # what `native_program` takes


class UpdateRule:
    """A formula as the source of a Python function, which gives a tuple.

    Attributes:
        source: the text of the function, whose name is `update`.
        namespace: what the text refers to.
        changed: for each buffer whether the formula changes it.
        rests: whether a step at a rate of 0 by a gradient of 0 leaves a parameter as it is; not if it divides 0 by 0.

    Arguments:
        rule: gives the new number and the new buffers for `(number, gradient, rate, steps, *buffers)`.
        buffers: how many buffers there are.
    """

    def __init__(self, rule: Callable[..., Sequence[Any]], buffers: int) -> None:
        given = ["number", "gradient", "rate", "steps"]
        names = [*given, *[f"buffer{i}" for i in range(buffers)]]
        self._names, self._structures = names, [NUMBER] * len(names)
        trace = Trace(rule, [[0.5]] * len(names), self._structures, names)
        self._tape = simplified_tape(trace, trace.outputs)
        program, outputs = self._parts()[-1](), self._tape.outputs
        statements, _, results = program.source.rpartition("    return [")
        self.source = f"{statements}    return ({results.rstrip()[:-1]},)\n"
        self.namespace = program.namespace
        self.rests = self._rests(program, buffers)
        self.changed = [output != buffer for buffer, output in enumerate(outputs[1:], len(given))]

    @staticmethod
    def _rests(program: PythonProgram, buffers: int) -> bool:
        with suppress(ArithmeticError):
            number, *_ = program.run([0.5, 0.0, 0.0, 1.0, *[0.0] * buffers])
            return bool(number == 0.5)
        return False

    def of_arrays(self) -> Parts:
        """The formula for many parameters at once: all but the rate and the steps are arrays, with a number for each."""
        return self._parts(*({*self._names} - {"rate", "steps"}))

    def _parts(self, *arrays: str) -> Parts:
        """The formula, with a number for each parameter in some of its arguments."""
        arguments = side_by_side(self._names, self._structures, [name in arrays for name in self._names])
        reduced = [False] * len(self._tape.outputs)
        return self._tape, arguments, reduced, partial(PythonProgram, self._tape, arguments, reduced, "update")
