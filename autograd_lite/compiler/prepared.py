"""A function prepared for arguments of one structure, and how the answer to a call is made of its results."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache, partial
from typing import Any, Literal

from autograd_lite.compiler.arguments import Shape, as_list, filled, is_float, put_together, recogniser
from autograd_lite.compiler.backend import Program
from autograd_lite.compiler.python import PythonProgram
from autograd_lite.compiler.request import Request
from autograd_lite.compiler.simplify import simplified_tape
from autograd_lite.compiler.tape import Argument, Tape, side_by_side
from autograd_lite.compiler.trace import Trace

Kind = Literal["value", "gradient", "value_and_grad", "per_sample"]


class Prepared:
    """What answers calls of a compiled function with arguments of one structure, for one kind of result.

    Attributes:
        shapes: those of the arguments.
        tape, arguments, reduced: the instructions, where their inputs come from, and for each output whether it is averaged.
        program: what runs the tape.
        python: gives the same program in Python.
        answer: makes the answer of the program's results and the number of samples.
        on_vector: the backend's own way from the only argument to the answer, if that is a vector and there is such a way.
        at_once: gives the answer to arguments that the program takes as they are, and None to others.

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
        self.tape, results = record(request, kind, numbers, shapes, names)
        self.arguments = side_by_side(names, [shape.structure for shape in shapes], [shape.batched for shape in shapes])
        self.reduced = results.reduced
        name = request.name if kind == "value" else f"{request.name}_{kind}"
        self.python = cache(partial(PythonProgram, self.tape, self.arguments, self.reduced, name))
        self.program = make_program(request, self.tape, self.arguments, self.reduced, self.python)
        self.answer = results.giver(kind)
        self.on_vector = self._on_vector(request, kind, results)
        recognise = recogniser(shapes, arrays=request.backend == "native")
        self.at_once = self.on_vector or taking_as_they_are(recognise, self.program, self.answer)

    @property
    def source(self) -> str:
        """The Python that the function became."""
        return self.python().source

    def _on_vector(self, request: Request, kind: Kind, results: Results) -> Callable[[tuple[Any, ...]], Any] | None:
        """The backend's own way from a vector to the answer, where the only argument is one."""
        one_vector = [(s.batched, s.structure.kind, len(s.structure.keys)) for s in self.shapes] == [(False, "array", 1)]
        if not one_vector or request.dtype != "float64" or not request.one_argnum or self.tape.outside:
            return None
        (vector,) = self.shapes
        return self.program.on_vector(vector.structure.keys, results.values, results.giver_of_vector(kind))


def record(
    request: Request, kind: Kind, numbers: Sequence[Any], shapes: tuple[Shape, ...], names: Sequence[str]
) -> tuple[Tape, Results]:
    """The tape of a function and what its outputs are; see `Prepared` for the arguments."""
    with_gradient = kind in ("gradient", "value_and_grad")
    argnums = request.differentiated(len(shapes)) if with_gradient else []
    one_sample = [as_list(n[0] if shape.batched else n) for n, shape in zip(numbers, shapes, strict=True)]
    trace = Trace(request.function, one_sample, [shape.structure for shape in shapes], names)
    if with_gradient:
        trace.differentiate(trace.only_output(), argnums)
    values = [] if kind == "gradient" else trace.outputs
    results = Results(request, trace, len(values), kind != "per_sample", [shapes[index] for index in argnums])
    return simplified_tape(trace, [*values, *trace.gradient]), results


def make_program(
    request: Request,
    tape: Tape,
    arguments: Sequence[Argument],
    reduced: Sequence[bool],
    python: Callable[[], PythonProgram],
) -> Program:
    """The tape as a program of the backend that was asked for."""
    if request.backend == "python":
        return python()
    from autograd_lite.compiler.native import NativeProgram

    return NativeProgram(tape, arguments, reduced, request.dtype, python, request.threads)


def taking_as_they_are(
    recognise: Callable[[tuple[Any, ...]], int], program: Program, answer: Callable[[Any, int], Any]
) -> Callable[[tuple[Any, ...]], Any]:
    """A function of the arguments of a call: the answer if the program takes them as they are, else None."""
    run = program.run

    def at_once(args: tuple[Any, ...]) -> Any:
        samples = recognise(args)
        return answer(run(args), samples) if samples else None

    return at_once


class Results:
    """What the outputs of a program are, and how the answer to a call is made of them.

    First come the values of the function, then its derivatives by the arguments that were asked for.

    Attributes:
        values: how many values there are.
        reduced: for each output whether it is averaged over the batch.

    Arguments:
        request: what was asked of `compile`.
        trace: the recorded function.
        values: how many values there are.
        averaged: whether values are averaged over the batch.
        differentiated: the shapes of the arguments to differentiate by.
    """

    def __init__(self, request: Request, trace: Trace, values: int, averaged: bool, differentiated: Sequence[Shape]) -> None:
        self.values = values
        self.reduced = [averaged] * values
        self._one_or_all = request.one_or_all
        self._single = trace.single
        self._structure = trace.structure
        self._by_numbers = all(map(is_float, differentiated))
        self._gradients: list[tuple[Shape, slice]] = []  # for each argument where its derivatives are
        for shape in differentiated:
            start = len(self.reduced)
            self.reduced += [not shape.batched] * len(shape.structure)
            self._gradients.append((shape, slice(start, len(self.reduced))))

    def giver(self, kind: Kind) -> Callable[[Any, int], Any]:
        """The function of results and the number of samples that gives an answer of this kind."""
        if kind == "value":
            return self.value
        if kind == "gradient":
            return self.gradient
        return self.value_and_gradient if kind == "value_and_grad" else self.per_sample

    def giver_of_vector(self, kind: Kind) -> Callable[[Any], Any]:
        """An optimization of `giver`, for a program that takes one vector: then results are an array, and so is the gradient.

        `python -m benchmarks rosenbrock` pays for it.
        """
        if kind == "value_and_grad":
            return lambda results: (results.item(0), results[1:])
        if kind == "gradient":
            return lambda results: results
        return (lambda results: results.item()) if self._single else self.value

    def value(self, results: Any, samples: int = 1) -> Any:
        """The values, in the structure of the function's result."""
        if self._single:
            return results[0] if isinstance(results, list) else results.item(0)
        return filled(self._structure, results[: self.values])

    def gradient(self, results: Any, samples: int) -> Any:
        """The derivatives, each in the structure of its argument."""
        if self._by_numbers:  # an optimization, which `python -m benchmarks neuron` pays for
            numbers = results[self.values :]
            return self._one_or_all([0.0 + g for g in (numbers if isinstance(numbers, list) else numbers.tolist())])
        return self._one_or_all([self._part(shape, results[where], samples) for shape, where in self._gradients])

    def value_and_gradient(self, results: Any, samples: int) -> Any:
        """The pair of both."""
        return self.value(results), self.gradient(results, samples)

    def per_sample(self, results: Any, samples: int) -> Any:
        """The values of each sample."""
        columns = [as_list(column) for column in results]
        return [self._structure.rebuild(row) for row in zip(*columns, strict=True)]

    def _part(self, shape: Shape, part: Any, samples: int) -> Any:
        """The derivatives by one argument, each a sum that begins with 0 as that of `backward` does: so none is -0.0."""
        if shape.batched:
            part = [[0.0 + g / samples for g in column] for column in part]
        elif isinstance(part, list):
            part = [0.0 + g for g in part]
        else:
            part = part + 0.0
        return put_together(shape, part, samples)
