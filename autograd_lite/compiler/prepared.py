"""A function prepared for arguments of one structure: recorded, simplified, and made a program."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache, partial
from typing import Any, Final

from autograd_lite.compiler.answers import Answers, Kind
from autograd_lite.compiler.arguments import Shape, as_list, recogniser
from autograd_lite.compiler.backend import Program
from autograd_lite.compiler.captured import Captured
from autograd_lite.compiler.guarded import GuardedProgram, decides_by_slopes, has_choices, has_nan
from autograd_lite.compiler.python import PythonProgram
from autograd_lite.compiler.request import Request, Way
from autograd_lite.compiler.simplify import simplified_tape
from autograd_lite.compiler.tape import Argument, Tape, side_by_side
from autograd_lite.compiler.trace import Trace, uncollected
from autograd_lite.value import Value

DERIVATIVES: Final = ("gradient", "value_and_grad")  # the kinds of answers with a derivative


class Prepared:
    """What answers calls of a compiled function with arguments of one structure, for one kind of result.

    Attributes:
        shapes: those of the arguments.
        looks: the Values around the function whose numbers it reads, each with the line.
        tape, arguments, reduced: the instructions, where their inputs come from, and for each output whether it is averaged.
        program: what runs the tape.
        python: gives the same program in Python.
        chooses: whether something in the tape chooses, so that a NaN is looked at twice: see `compiler/guarded.py`.
        run: gives the outputs for the numbers of a call.
        answers: what the outputs are.
        answer: makes the answer to a call, of the program's outputs and how many samples there are.
        at_once: gives the answer to arguments that the backend has a quicker way for, the derivative in a given array, if there
            is one; and None to others, or if what the function takes from around it may have changed.
        as_they_are: the same for arguments that the program takes as they are; the array does not matter.

    Arguments:
        request: what was asked of `compile`.
        kind: what a call is to give.
        numbers, shapes: of the arguments, as `take_all_apart` gives them: the function is recorded at these numbers.
        names: what the arguments are called.
    """

    def __init__(
        self, request: Request, kind: Kind, numbers: Sequence[Any], shapes: tuple[Shape, ...], names: Sequence[str]
    ) -> None:
        self.shapes = shapes
        self.tape, self.answers, self.looks = record(request, kind, numbers, shapes, names)
        self.arguments = side_by_side(names, [shape.structure for shape in shapes], [shape.batched for shape in shapes])
        self.reduced = self.answers.reduced
        name = request.name if kind == "value" else f"{request.name}_{kind}"
        self.python = cache(partial(PythonProgram, self.tape, self.arguments, self.reduced, name))
        self.program = make_program(request.way, self.tape, self.arguments, self.reduced, self.python)
        self.chooses = has_choices(self.tape.primitives)
        self._record_again = partial(record, request, kind, shapes=shapes, names=names, guards=True)
        self._guarded_tape: Tape | None = None
        self._way, self._name = request.way, name
        self.run = GuardedProgram(self.program, self._guarded_program).run if self.chooses else self.program.run
        self.answer = self.answers.maker(kind)
        argnums = request.differentiated(len(shapes)) if kind in DERIVATIVES else ()
        asked = self.answers.asked(shapes, argnums, self.chooses)
        samples = next((len(n) for n, shape in zip(numbers, shapes, strict=True) if shape.batched), 1)
        entry = self.program.entry(asked, samples) if asked is not None else None
        recognise = recogniser(shapes, arrays=request.backend == "native")
        taking = watched_and_taking_as_they_are if self.chooses else taking_as_they_are
        self._unguarded = entry or nobody, taking(recognise, self.program, self.answer)
        self.at_once, self.as_they_are = self._unguarded

    def guard(self, captured: Captured) -> None:
        """Answer without looking around only while this is as it was."""
        self.at_once, self.as_they_are = map(captured.guarding, self._unguarded)

    def guarded_tape(self, numbers: Callable[[], Sequence[Any]]) -> Tape:
        """The instructions with a condition for every product of a derivative, recorded once, at these numbers of arguments."""
        if self._guarded_tape is None:
            with uncollected():
                self._guarded_tape, *_ = self._record_again(numbers())
        return self._guarded_tape

    def _guarded_program(self, numbers: Sequence[Any]) -> Program:
        """What runs these instructions; the usual program if they are the same."""
        tape = self.guarded_tape(lambda: numbers)
        if tape.key == self.tape.key and not tape.outside:
            return self.program
        python = cache(partial(PythonProgram, tape, self.arguments, self.reduced, self._name))
        return make_program(self._way, tape, self.arguments, self.reduced, python)

    @property
    def source(self) -> str:
        """The Python that the function became."""
        python = self.python()
        return "".join([*(loop.shown(name) for loop, name in python.loops.items()), python.source])


def record(
    request: Request,
    kind: Kind,
    numbers: Sequence[Any],
    shapes: tuple[Shape, ...],
    names: Sequence[str],
    guards: bool = False,
) -> tuple[Tape, Answers, dict[Value, str]]:
    """Record a function: gives its tape, what makes answers of the outputs, and the Values whose numbers it reads, with lines.

    The arguments are those of `Prepared`, and `guards` is that of `Trace`.
    """
    with_gradient = kind in DERIVATIVES
    argnums = request.differentiated(len(shapes)) if with_gradient else []
    one_sample = [as_list(n[0] if shape.batched else n) for n, shape in zip(numbers, shapes, strict=True)]
    trace = Trace(request.function, one_sample, [shape.structure for shape in shapes], names, guards)
    if with_gradient:
        trace.differentiate(trace.only_output(), argnums)
    if not guards and decides_by_slopes(trace):
        return record(request, kind, numbers, shapes, names, guards=True)
    values = [] if kind == "gradient" else trace.outputs
    answers = Answers(request, trace, len(values), kind != "per_sample", [shapes[index] for index in argnums])
    return simplified_tape(trace, [*values, *trace.gradient]), answers, dict(trace.recorder.looks)


def make_program(
    way: Way,
    tape: Tape,
    arguments: Sequence[Argument],
    reduced: Sequence[bool],
    python: Callable[[], PythonProgram],
) -> Program:
    """The tape as a program that runs in the way that was asked for."""
    if way.backend == "python":
        return python()
    from autograd_lite.compiler.native import NativeProgram

    return NativeProgram(tape, arguments, reduced, way.dtype, python, way.threads)


def nobody(args: tuple[Any, ...], out: Any = None) -> None:
    """The quicker way of a backend that has none."""


def taking_as_they_are(
    recognise: Callable[[tuple[Any, ...]], int], program: Program, answer: Callable[[Any, int], Any]
) -> Callable[..., Any]:
    """A function of the arguments of a call: the answer if the program takes them as they are, else None."""
    run = program.run

    def as_they_are(args: tuple[Any, ...], out: Any = None) -> Any:
        samples = recognise(args)
        return answer(run(args), samples) if samples else None

    return as_they_are


def watched_and_taking_as_they_are(
    recognise: Callable[[tuple[Any, ...]], int], program: Program, answer: Callable[[Any, int], Any]
) -> Callable[..., Any]:
    """The same of a program that chooses: there is no answer where an output may be NaN, to be looked at twice."""
    run, floats = program.run, isinstance(program, PythonProgram)

    def as_they_are(args: tuple[Any, ...], out: Any = None) -> Any:
        samples = recognise(args)
        if not samples:
            return None
        outputs = run(args)
        total = sum(outputs) if floats else 0.0  # NaN if one is, or if there are infinities of both signs
        return answer(outputs, samples) if total == total and (floats or not has_nan(outputs)) else None

    return as_they_are
