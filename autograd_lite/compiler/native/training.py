"""Training as machine code: batch, loss, gradient and the optimizer's update, step after step, without Python in between."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from autograd_lite.compiler.native import fixed
from autograd_lite.compiler.native.assembly import Assembly
from autograd_lite.compiler.native.code import Code, Workspace, assemble
from autograd_lite.compiler.native.generated import update_kernel
from autograd_lite.compiler.native.machine import AT, train
from autograd_lite.compiler.native.plan import Plan, even_block
from autograd_lite.compiler.tape import Argument, Tape
from autograd_lite.compiler.update import UpdateRule

FLOAT64 = np.dtype("float64")


class Update(NamedTuple):
    """The places of what an update reads and changes besides the parameters."""

    rate: int
    steps: int
    largest_norm: int
    buffers: list[int]  # of the optimizer, each with a number for each parameter


def write_update(assembly: Assembly, rule: UpdateRule, clip_norm: float | None) -> Update:
    """Let a program that gives the gradient by its first argument end with an update of that argument's numbers."""
    layout, (gradients, count, _) = assembly.layout, assembly.results
    rate, steps, largest_norm = (layout.allocate(1, False) for _ in range(3))
    update = Update(rate, steps, largest_norm, [layout.allocate(count, False) for _ in rule.changed])
    if clip_norm is not None:
        assembly.emit(assembly.after, fixed.clip_norm, gradient=gradients, count=count, largest=largest_norm)
    kernel = update_kernel(rule.source, rule.namespace, rule.changed)
    assembly.emit(
        assembly.after,
        kernel,
        numbers=layout.arguments[0],
        gradients=gradients,
        count=count,
        rate_place=rate,
        steps_place=steps,
        **{f"buffer{i}": place for i, place in enumerate(update.buffers)},
    )
    return update


class Chunk(NamedTuple):
    """Steps that went well, and what was before them; see `NativeTraining.run`."""

    began: list[Any]
    order: Any
    first: int
    stopped: int
    rates: Any


class NativeTraining:
    """Trains parameters on batches.

    Arguments:
        tape: gives for `(parameters, sample, target)` the loss and other numbers, and the gradient by the parameters.
        arguments: where the inputs come from.
        others: how many numbers a sample has besides the loss.
        inputs, targets: arrays with one row per sample.
        batch_size: the samples of a step.
        rule: of the optimizer.
        clip_norm: the largest norm of the gradient.
        ask_python: computes these samples in Python with these parameters, and raises what Python raises.
    """

    def __init__(
        self,
        tape: Tape,
        arguments: Sequence[Argument],
        others: int,
        inputs: Any,
        targets: Any,
        batch_size: int,
        rule: UpdateRule,
        clip_norm: float | None,
        ask_python: Callable[[list[float], list[int]], None],
    ) -> None:
        count = arguments[0].stop
        plan = Plan(tape, arguments, [False] * (1 + others) + [True] * count)
        self.samples, self.batch_size = len(inputs), min(batch_size, len(inputs))
        assembly = assemble(plan, even_block(self.batch_size, plan.largest_block(FLOAT64.itemsize)), FLOAT64)
        self.update = write_update(assembly, rule, clip_norm)
        self.code = Code(assembly)
        self.workspace = Workspace(self.code)
        memory = self.workspace.memory
        if clip_norm is not None:
            memory[self.update.largest_norm] = clip_norm
        (self.parameters,) = self.workspace.unbatched
        self.optimizer_buffers = [memory[place : place + count] for place in self.update.buffers]
        count_of_steps = memory[self.update.steps : self.update.steps + 1]
        self.changing = [self.parameters, count_of_steps, *self.optimizer_buffers]  # what a step changes
        self.inputs = np.ascontiguousarray(inputs, np.float64)
        self.targets = np.ascontiguousarray(targets, np.float64)
        self.columns = 1 + others
        self.results = np.empty((self.samples, self.columns))
        self.ask_python = ask_python
        self.previous: Chunk | None = None

    def load(self, parameters: Sequence[float], buffers: Sequence[Sequence[float]], steps: int) -> None:
        """Take over the numbers of the parameters and of the optimizer; those of other Values are read anew."""
        self.parameters[:] = parameters
        for buffer, numbers in zip(self.optimizer_buffers, buffers, strict=True):
            buffer[:] = numbers
        self.workspace.memory[self.update.steps] = steps
        for place, value in self.code.outside:
            self.workspace.memory[place] = value.data

    @property
    def steps(self) -> int:
        """How many steps the optimizer has made."""
        return int(self.workspace.memory[self.update.steps])

    def snapshot(self) -> list[Any]:
        """All that a step changes."""
        return [numbers.copy() for numbers in self.changing]

    def restore(self, snapshot: list[Any]) -> None:
        """Go back to a snapshot."""
        for numbers, earlier in zip(self.changing, snapshot, strict=True):
            numbers[:] = earlier

    def run(self, order: Any, first: int, last: int, rates: Any) -> tuple[int, Any]:
        """Make the steps from `first` to `last`, the samples in this order; gives where it stopped, and the results by sample.

        It stops before a step whose loss is not finite, or in which Python may refuse something. If that is the first step,
        Python is asked. What Python raises is raised; else the step is made, unless its loss is not finite.
        """
        began = self.snapshot()
        stopped, numbers = self._run(order, first, last, rates)
        if stopped not in (first, last):  # the steps that went well, once more; the next call looks at the one that did not
            self.restore(began)
            _, numbers = self._run(order, first, stopped, rates)
        elif stopped == first:
            self.restore(began)
            self.ask_python(self.parameters.tolist(), self.batch(order, first))
            stopped, numbers = self._run(order, first, first + 1, rates, trusted=first)
        if stopped > first:
            self.previous = Chunk(began, order, first, stopped, rates)
        else:
            self.restore(began)
        return stopped, numbers

    def go_back_one_step(self) -> None:
        """Restore what was before the latest step that went well."""
        if self.previous is not None:
            began, order, first, stopped, rates = self.previous
            self.restore(began)
            self._run(order, first, stopped - 1, rates)

    def _run(self, order: Any, first: int, last: int, rates: Any, trusted: int = -1) -> tuple[int, Any]:
        self.workspace.point_at(self.inputs, self.targets, self.results)
        self.workspace.state[AT.order] = order.ctypes.data
        stopped = train(
            memory=self.workspace.memory_address,
            state=self.workspace.state_address,
            first=first,
            last=last,
            trusted=trusted,
            batch=self.batch_size,
            total=self.samples,
            rates=rates[first:].ctypes.data,
            rate=self.update.rate,
            steps=self.update.steps,
            by_sample=self.code.batched,
            columns=self.columns,
        )
        return int(stopped), self._by_sample(first, int(stopped))

    def _by_sample(self, first: int, last: int) -> Any:
        """The results as one row per sample; each batch has left its own table of them, with one row per result."""
        size, columns = self.batch_size, self.columns
        count = min(last * size, self.samples) - first * size
        batches, rest = divmod(count, size)  # the last batch may be a smaller one
        whole, numbers = count - rest, self.results.ravel()[: count * columns]
        full = numbers[: whole * columns].reshape(batches, columns, size).transpose(0, 2, 1)
        return np.concatenate([full.reshape(whole, columns), numbers[whole * columns :].reshape(columns, rest).T])

    def batch(self, order: Any, step: int) -> list[int]:
        """The samples of a step."""
        chosen: list[int] = order[step * self.batch_size : (step + 1) * self.batch_size].tolist()
        return chosen
