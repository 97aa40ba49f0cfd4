"""A tape as a Python function that runs, and that says which operation failed."""

from __future__ import annotations

import linecache
import weakref
from collections.abc import Callable, Sequence
from itertools import count
from traceback import walk_tb
from typing import Any

from autograd_lite.basics.arraylike import plain
from autograd_lite.compiler.backend import Asked
from autograd_lite.compiler.python.source import write_source
from autograd_lite.compiler.tape import Argument, Tape
from autograd_lite.errors import describe_failure
from autograd_lite.value import Value

_file_numbers = count()


class PythonProgram:
    """A tape as a Python function; it is a `Program`, see there.

    Attributes:
        source: its text.
        namespace: what the text refers to.
        function: it, as Python runs it.
        loops: for each loop in it what the text calls it.

    Arguments:
        tape: what it computes.
        arguments: where the inputs come from.
        reduced: for each output whether it is averaged over the batch; if not, a list with one number per sample results.
        name: of the function.
        as_tuple: whether it gives its outputs one by one as a tuple, and not as a list.
    """

    def __init__(
        self, tape: Tape, arguments: Sequence[Argument], reduced: Sequence[bool], name: str, as_tuple: bool = False
    ) -> None:
        written = write_source(tape, arguments, reduced, name, as_tuple)
        self.source = "".join(written.texts)
        self.namespace = written.namespace
        self.loops = written.loops
        self._tape = tape
        self._expressions, self._lists = written.expressions, written.lists
        file = f"<compiled {name} {next(_file_numbers)}>"
        defined = dict(written.namespace)
        for text in written.texts:
            exec(compile(text, file, "exec"), defined)
        if len(written.texts) == 1:  # the lines of one text are those of the file, so that tracebacks can show them
            linecache.cache[file] = (len(self.source), None, self.source.splitlines(True), file)
            weakref.finalize(self, linecache.cache.pop, file, None)
        self.function: Callable[..., Any] = defined[written.name]
        self._slots = {defined[name].__code__: slots for name, slots in written.slots.items()}

    def run(self, arguments: Sequence[Any]) -> list[Any]:
        """The outputs: a number each, or a list with one per sample."""
        arguments = [a if type(a) is float or type(a) is list else plain(a) for a in arguments]
        if self._tape.outside:
            arguments.append([value.data for value in self._tape.outside.values()])
        try:
            return self.function(*arguments)  # type: ignore[no-any-return]
        except (ArithmeticError, ValueError) as error:
            raise self.explained(error) from error

    def entry(self, asked: Asked, samples: int) -> None:
        """None: there is no quicker way than `run`."""

    def explained(self, error: Exception) -> Exception:
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
        """What an operand was when the source failed, with its label."""
        if operand < 0:
            numbers = eval(self._lists[~operand], scope)
            slots = self._tape.bundles[~operand]
            return [Value(n, self._tape.labels.get(slot, "")) for n, slot in zip(numbers, slots, strict=True)]
        return Value(eval(self._expressions[operand], scope), self._tape.labels.get(operand, ""))
