"""The native backend runs whole epochs in machine code: batches, losses, gradients and the optimizer's updates."""

from __future__ import annotations

import copy
import time
from collections.abc import Iterator, Sequence
from types import SimpleNamespace
from typing import Any, NoReturn

import numpy as np

from autograd_lite.compiler.training import UpdateRule, native_training
from nn.backends.arrays import array_metric_sums, as_array
from nn.backends.backend import NonFiniteError, Progress, Training
from nn.backends.compiled import CompiledBackend, check_losses
from nn.backends.recording import UnrecordableError
from nn.optimizers import OPTIMIZERS, Optimizer
from nn.samples import ArrayRows

PAUSE = 0.1  # seconds between two looks at the keyboard and the progress bar


class NativeBackend(CompiledBackend):
    """Keeps parameters and optimizer in the memory of the machine code while an epoch runs."""

    name = "native"

    def __init__(self, training: Training) -> None:
        super().__init__(training)
        targets = training.targets
        self.wanted = targets.array if isinstance(targets, ArrayRows) else np.array(targets)  # as the metrics take them
        self.keep()

    def record(self) -> None:
        """Record the training step, and the optimizer's formula."""
        check_formula(self.training.optimizer)
        super().record()
        self.compile_step()

    def compile_step(self) -> None:
        """Compile the training step, with the optimizer's settings as they are."""
        training, recording = self.training, self.recording
        self.settings = copy.deepcopy(training.optimizer.settings)
        self.native = native_training(
            recording.tape,
            recording.arguments,
            recording.outputs,
            as_array(training.rows),
            as_array(training.targets),
            training.batch_size,
            UpdateRule(self.update, len(training.optimizer.buffers)),
            training.clip_norm,
            self.look_for_errors,
        )

    def update(self, number: Any, gradient: Any, rate: Any, steps: Any, *buffers: Any) -> list[Any]:
        """The optimizer's own formula for one parameter."""
        one = copy.copy(self.training.optimizer)
        parameter: Any = SimpleNamespace(data=number, grad=gradient)
        one.parameters, one.lr, one.steps = [parameter], rate, steps - 1
        one.buffers = {name: [buffer] for name, buffer in zip(one.buffers, buffers, strict=True)}
        one.step()
        return [parameter.data, *(numbers[0] for numbers in one.buffers.values())]

    def train(self, order: Sequence[int], rates: Sequence[float]) -> Iterator[Progress]:
        """One epoch, in chunks of about `PAUSE` seconds; see `Backend.train`."""
        if self.training.optimizer.settings != self.settings:  # a callback has changed the momentum, say
            self.compile_step()
        self.keep()
        training, native, size = self.training, self.native, self.training.batch_size
        places, speeds = np.array(order, np.int64), np.array([*rates, 0.0])
        first, chunk, last = 0, 1, len(rates)
        while first < last:
            # The last step is run on its own, so that what was before it is at hand when something is wrong after it.
            stop = min(first + chunk, max(last - 1, first + 1))
            began = time.perf_counter()
            stopped, numbers = native.run(places, first, stop, speeds)
            chunk = max(1, min(2 * chunk, int(chunk * PAUSE / max(time.perf_counter() - began, 1e-6))))
            if len(numbers):
                chosen = places[first * size : first * size + len(numbers)]
                metrics = array_metric_sums(training.metrics, numbers[:, 1:], self.wanted[chosen] if training.metrics else ())
                yield Progress(stopped - first, [float(numbers[:, 0].sum()), *metrics], len(numbers))
            if stopped == first:
                self.raise_fault(native.batch(places, stopped))
            first = stopped
        self.synchronise()

    def raise_fault(self, batch: Sequence[int]) -> NoReturn:
        """Raise the error for the sample of a batch whose loss is not finite."""
        check_losses(batch, self.run_in_python(self.native.parameters.tolist(), batch)[0])
        raise NonFiniteError("a loss is not finite")

    def synchronise(self) -> None:
        """Bring the model's Values and the optimizer up to date."""
        optimizer = self.training.optimizer
        for parameter, number in zip(optimizer.parameters, self.native.parameters.tolist(), strict=True):
            parameter.data = number
        optimizer.buffers = {
            name: numbers.tolist() for name, numbers in zip(optimizer.buffers, self.native.optimizer_buffers, strict=True)
        }
        optimizer.steps = self.native.steps

    def keep(self) -> None:
        """Take over what the model and the optimizer hold."""
        optimizer = self.training.optimizer
        self.native.load(self.numbers(), list(optimizer.buffers.values()), optimizer.steps)

    def undo_unfinished(self) -> None:
        """A step in machine code is never left half done."""
        self.synchronise()

    def undo_last(self) -> None:
        """Put back what was before the last step that went well."""
        self.native.go_back_one_step()
        self.synchronise()


def check_formula(optimizer: Optimizer) -> None:
    """Raise an UnrecordableError if the step of the optimizer is not the formula of one of ours, parameter by parameter."""
    if type(optimizer) not in OPTIMIZERS.values() or "step" in vars(optimizer):
        raise UnrecordableError(
            f"{type(optimizer).__name__} has a step() of its own, which may look at all parameters at once, and "
            "machine code takes them one by one; backend='python' compiles all but that step"
        )
