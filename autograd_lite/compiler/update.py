"""An optimizer's formula for one parameter, recorded, so that machine code can apply it to all of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from autograd_lite.compiler.python import PythonProgram
from autograd_lite.compiler.simplify import simplified_tape
from autograd_lite.compiler.tape import side_by_side
from autograd_lite.compiler.trace import Trace
from autograd_lite.trees import NUMBER


class UpdateRule:
    """A formula as the source of a Python function, which gives a tuple.

    Attributes:
        source: the text of the function, whose name is `update`.
        namespace: what the text refers to.
        changed: for each buffer whether the formula changes it.

    Arguments:
        rule: gives the new number and the new buffers for `(number, gradient, rate, steps, *buffers)`.
        buffers: how many buffers there are.
    """

    def __init__(self, rule: Callable[..., Sequence[Any]], buffers: int) -> None:
        given = ["number", "gradient", "rate", "steps"]
        names = [*given, *[f"buffer{i}" for i in range(buffers)]]
        structures = [NUMBER] * len(names)
        trace = Trace(rule, [[0.5]] * len(names), structures, names)
        tape = simplified_tape(trace, trace.outputs)
        arguments = side_by_side(names, structures, [False] * len(names))
        program = PythonProgram(tape, arguments, [False] * len(tape.outputs), "update")
        statements, _, results = program.source.rpartition("    return [")
        self.source = f"{statements}    return ({results.rstrip()[:-1]},)\n"
        self.namespace = program.namespace
        self.changed = [output != buffer for buffer, output in enumerate(tape.outputs[1:], len(given))]
