"""What a loop computes and how it is differentiated, as a function of numbers; and its results, each a Value of a graph."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache, cached_property, partial
from typing import Any, Final
from weakref import WeakValueDictionary

from autograd_lite.basics.wording import counted
from autograd_lite.compiler.loops.body import StepBody
from autograd_lite.compiler.loops.source import LoopFunction, LoopWriter
from autograd_lite.graph.context import mode
from autograd_lite.operands import as_bundle
from autograd_lite.primitive import Primitive
from autograd_lite.value import Value, pull_back

KEPT: Final = 1 << 20  # so many numbers of carries are kept for a sweep back; of more, the first ones of segments


class LoopResult(Primitive):
    """The operation that gives one of the results of a loop."""

    __slots__ = ()

    def __init__(self, loop: ManyResults, index: int) -> None:
        super().__init__(
            loop.name,
            partial(loop.one, index),
            [partial(loop.derivatives, index)],
            variadic=True,
            total=index > 0 or not loop.may_fail,  # to ask for the first is enough to learn whether it fails
            finite_derivatives=True,  # where no gradient arrives, a sweep back gives 0
        )
        self.result_of = loop, index
        self.pull_back = pull_back


class ManyResults:
    """A function of many numbers with many results, which are Values of one graph.

    Attributes:
        name: what its results are called in messages.
        may_fail: whether a failure in it is an error, though no result may be needed.
        count: of its results.
        body: one step.
        source: the function that computes them.
        sharing: the one that does so where a loop leaves carries in the room of the sweep back through it.
        forward: the loop that it sweeps back through, if it does.
        steps: how many steps it has.
        segment, room: how many steps a segment has, and how many numbers `source` needs room for.
    """

    name: str
    may_fail = False
    count: int
    body: StepBody
    source: LoopFunction
    sharing: LoopFunction
    forward: Steps | None = None
    steps: int
    segment = 1
    room = 1

    def __init__(self) -> None:
        self.result = cache(partial(LoopResult, self))  # the operation of each result

    @property
    def primitives(self) -> set[Primitive | None]:
        """The operations of its steps."""
        return {*self.body.tape.primitives}

    def run(self, numbers: Sequence[float], carries: list[float] | None = None) -> list[float]:
        """All results; `carries` is the room, if a loop shares it with the sweep back through it."""
        results = [0.0] * self.count
        source, room = (self.source, [0.0] * self.room) if carries is None else (self.sharing, carries)
        try:
            source.function(numbers, results, self.steps, self.segment, room)
        except (ArithmeticError, ValueError) as error:
            raise source.explained(error) from error
        return results

    def shown(self, name: str) -> str:
        """The source of its steps, under the name that a program calls it by."""
        parts = [self.source.step] if self.source.back is None else [self.source.step, self.source.back]
        inner = [loop.shown(inner_name) for part in parts for loop, inner_name in part.loops.items()]
        steps = [f"# {counted(self.steps, 'step')} of {name}, each:\n{part.source}\n\n" for part in parts[-1:]]
        return "".join([*inner, *steps])

    def one(self, index: int, numbers: Sequence[float]) -> float:
        """One of the results."""
        return self.run(numbers)[index]

    def derivatives(self, index: int, output: Any, numbers: Any) -> list[Any]:
        """The derivatives of one result by all numbers: as numbers, or as Values."""
        gradients = [1.0 if j == index else self.body.absent for j in range(self.count)]
        return self.pull_back(list(numbers), gradients)

    def values(self, numbers: Sequence[Any], data: Sequence[float]) -> list[Value]:
        """The results as Values, computed from these; `data` are the numbers in them."""
        operands, active = (as_bundle(numbers),), mode.get()
        assert active is not None  # what is being recorded
        return [active.node(self.result(index), operands, number) for index, number in enumerate(data)]

    def of_any(self, numbers: list[Any]) -> list[Any]:
        """The results of numbers as numbers, and as Values if there is one among them.

        It is for derivatives: the numbers in those Values are not looked at while a function is recorded, and so are not
        worth the time to compute them.
        """
        if any(isinstance(number, Value) for number in numbers):
            return self.values(numbers, [1.0] * self.count)
        return self.run(numbers)

    def pull_back(self, numbers: list[Any], gradients: list[Any]) -> list[Any]:
        """The gradients of the numbers, from those of the results: both are numbers, or Values."""
        raise NotImplementedError


class Steps(ManyResults):
    """A loop over the steps of a body: from the first carry, the rows and what is shared to the last carry and what is kept."""

    name = "scan"

    def __init__(self, body: StepBody, steps: int, may_fail: bool = False) -> None:
        super().__init__()
        self.body, self.steps, self.may_fail = body, steps, may_fail
        self.count = len(body.carry) + steps * len(body.kept)
        self.numbers = len(body.carry) + steps * len(body.row) + len(body.shared)
        self.segment = 1 if steps * len(body.carry) <= KEPT else math.isqrt(steps - 1) + 1
        self.writer = LoopWriter(body, every=self.segment == 1)

    @cached_property
    def source(self) -> LoopFunction:  # type: ignore[override]
        """The loop."""
        return self.writer.loop()

    @cached_property
    def sharing(self) -> LoopFunction:  # type: ignore[override]
        """The loop that leaves carries."""
        return self.writer.loop(keeps=True)

    @cached_property
    def back(self) -> SweepBack:
        """The sweep back through it."""
        return SweepBack(self)

    @cached_property
    def tangent(self) -> Steps:
        """The loop that carries on derivatives along one direction as well."""
        return Steps(self.body.tangent, self.steps)

    def pull_back(self, numbers: list[Any], gradients: list[Any]) -> list[Any]:
        """See `ManyResults`."""
        return self.back.of_any([*numbers, *gradients])

    @property
    def sizes(self) -> list[int]:
        """How many numbers the carry has, the row of each step, and what is shared."""
        return [len(self.body.carry), *[len(self.body.row)] * self.steps, len(self.body.shared)]

    @property
    def result_sizes(self) -> list[int]:
        """How many results the carry has, and what is kept of each step."""
        return [len(self.body.carry), *[len(self.body.kept)] * self.steps]


_known: WeakValueDictionary[tuple[Any, ...], Steps] = WeakValueDictionary()


def loop_of(body: StepBody, steps: int) -> Steps:
    """The loop over so many steps of a body: the one there is already, if another recording has the same.

    So what is compiled for a loop serves its value and its derivatives, and two recordings of a function can be compared.
    """
    sizes = tuple(map(len, (body.carry, body.row, body.index, body.shared)))
    return _known.setdefault((body.tape.key, sizes, steps, body.guards), Steps(body, steps, may_fail=True))


class SweepBack(ManyResults):
    """The sweep back through a loop. Its numbers: those of the loop, and the gradients of the loop's results."""

    name = "sweep_back"
    forward: Steps

    def __init__(self, forward: Steps) -> None:
        super().__init__()
        self.forward, self.body, self.steps = forward, forward.body, forward.steps
        self.count, self.segment = forward.numbers, forward.segment
        self.room = (-(-self.steps // self.segment) + self.segment) * len(forward.body.carry)

    @property
    def primitives(self) -> set[Primitive | None]:
        """See `ManyResults`."""
        return super().primitives | {*self.body.backward_tape.primitives}

    @cached_property
    def source(self) -> LoopFunction:  # type: ignore[override]
        """The sweep, which runs the loop first."""
        return self.forward.writer.sweep_back()

    @cached_property
    def sharing(self) -> LoopFunction:  # type: ignore[override]
        """The sweep that finds the carries that the loop has left."""
        return self.forward.writer.sweep_back(kept=True)

    def pull_back(self, numbers: list[Any], gradients: list[Any]) -> list[Any]:
        """See `ManyResults`. It needs no new kind of sweep, since the second derivative of a loop is symmetric.

        With J the Jacobian of the loop at x, the sweep gives Jᵀs. For the direction t, its derivative by s is J·t, which the
        loop's tangent gives; that by x is the derivative of sᵀ(J·t) by x, a sweep back through this tangent.
        """
        forward, tangent = self.forward, self.forward.tangent
        x, s = numbers[: self.count], numbers[self.count :]
        doubled = interleaved(x, gradients, forward.sizes)
        moved = tangent.of_any(doubled)
        by_x = tangent.pull_back(doubled, interleaved([self.body.absent] * len(s), s, forward.result_sizes))
        return [*halves(by_x, forward.sizes)[0], *halves(moved, forward.result_sizes)[1]]


def interleaved(first: Sequence[Any], second: Sequence[Any], sizes: Sequence[int]) -> list[Any]:
    """Groups of these sizes from two lists, in turn from the one and the other."""
    given, start = [], 0
    for size in sizes:
        given += [*first[start : start + size], *second[start : start + size]]
        start += size
    return given


def halves(given: Sequence[Any], sizes: Sequence[int]) -> tuple[list[Any], list[Any]]:
    """The two lists that are `interleaved` in one."""
    first: list[Any] = []
    second: list[Any] = []
    start = 0
    for size in sizes:
        first += given[start : start + size]
        second += given[start + size : start + 2 * size]
        start += 2 * size
    return first, second
