"""Training as machine code: batch, loss, gradient and the optimizer's update, step after step, without Python in between."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd_lite.compiler import kernels as k
from autograd_lite.compiler.native import Buffer, Code
from autograd_lite.compiler.plan import Plan, even_block
from autograd_lite.compiler.tape import Argument, Tape
from autograd_lite.compiler.update import UpdateRule

FLOAT64 = np.dtype("float64")


class TrainingCode(Code):
    """A program for the gradient by its first argument, followed by the update of that argument's numbers."""

    def __init__(self, plan: Plan, block: int, rule: UpdateRule, clip_norm: float | None) -> None:
        self.rule, self.clip = rule, clip_norm
        super().__init__(plan, block, FLOAT64)

    def _outputs(self) -> None:
        super()._outputs()
        count = self.averaged
        self.rate, self.steps, self.largest_norm = (self.allocate(1, False) for _ in range(3))
        self.buffers = [self.allocate(count, False) for _ in self.rule.changed]
        if self.clip is not None:
            self.programs["after"].append((self.kernels.fixed(k.clip_norm), [self.results, count, self.largest_norm]))
        update = self.kernels.update(self.rule.source, "update", self.rule.namespace, self.rule.changed)
        ((numbers, _),) = self.shared
        self.programs["after"].append((update, [numbers, self.results, count, self.rate, self.steps, *self.buffers]))


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
        self.code = TrainingCode(plan, even_block(self.batch_size, plan.largest_block(FLOAT64.itemsize)), rule, clip_norm)
        self.width = 1 + others
        self.results = np.empty((self.samples, self.width))
        self.inputs = np.ascontiguousarray(inputs, np.float64)
        self.targets = np.ascontiguousarray(targets, np.float64)
        self.buffer = Buffer(self.code)
        self.ask_python = ask_python
        if clip_norm is not None:
            self.buffer.memory[self.code.largest_norm] = clip_norm
        memory = self.buffer.memory
        (self.parameters,) = self.buffer.shared
        self.optimizer_buffers = [memory[start : start + count] for start in self.code.buffers]
        self.places = [self.parameters, memory[self.code.steps :]]  # the optimizer's buffers are what lies last
        self.previous: tuple[list[Any], Any, int, int, Any] | None = None  # where the latest chunk began

    def load(self, parameters: Sequence[float], buffers: Sequence[Sequence[float]], steps: int) -> None:
        """Take over the numbers of the parameters and of the optimizer; those of other Values are read anew."""
        self.parameters[:] = parameters
        for place, numbers in zip(self.optimizer_buffers, buffers, strict=True):
            place[:] = numbers
        self.buffer.memory[self.code.steps] = steps
        for index, value in self.code.outside:
            self.buffer.memory[index] = value.data

    @property
    def steps(self) -> int:
        """How many steps the optimizer has made."""
        return int(self.buffer.memory[self.code.steps])

    def snapshot(self) -> list[Any]:
        """All that a step changes."""
        return [place.copy() for place in self.places]

    def restore(self, snapshot: list[Any]) -> None:
        """Go back to a snapshot."""
        for place, numbers in zip(self.places, snapshot, strict=True):
            place[:] = numbers

    def run(self, order: Any, first: int, last: int, rates: Any) -> tuple[int, Any]:
        """The steps from `first` to `last`, the samples in this order; gives where it stopped, and what was met.

        It stops before a step that needs a look. If that is the first one, it is made, unless its loss is not finite; what
        Python would refuse is raised as Python raises it.
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
            self.previous = (began, order, first, stopped, rates)
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
        self.buffer.point_at(self.inputs, self.targets, self.results)
        state = self.buffer.state
        state[k.ORDER] = order.ctypes.data
        stopped = int(k.train(
            self.buffer.memory_address, self.buffer.state_address, first, last, self.batch_size, self.samples,
            rates[first:].ctypes.data, self.code.rate, self.code.steps, self.code.pointers, self.width, trusted,
        ))  # fmt: skip
        return stopped, self._by_sample(first, stopped)

    def _by_sample(self, first: int, last: int) -> Any:
        """The numbers as one row per sample: each batch has left its own block, one row per number."""
        count = min(last * self.batch_size, self.samples) - first * self.batch_size
        batches, rest = divmod(count, self.batch_size)  # the last batch may be a smaller one
        whole, numbers = count - rest, self.results.ravel()[: count * self.width]
        full = numbers[: whole * self.width].reshape(batches, self.width, self.batch_size).transpose(0, 2, 1)
        return np.concatenate([full.reshape(whole, self.width), numbers[whole * self.width :].reshape(self.width, rest).T])

    def batch(self, order: Any, step: int) -> list[int]:
        """The samples of a step."""
        chosen: list[int] = order[step * self.batch_size : (step + 1) * self.batch_size].tolist()
        return chosen
