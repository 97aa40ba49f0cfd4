"""Training on a recording of the model and the loss: what the python and the native backend have in common."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from typing import Any, TypeAlias

from autograd_lite.arraylike import is_sequence
from autograd_lite.compiler.training import uncollected
from nn.backends.backend import Backend, NonFiniteError, Training
from nn.backends.recording import Recording, as_floats, check_recordable
from nn.losses import cross_entropy
from nn.module import in_mode
from nn.samples import ArrayRows, Rows

# Takes samples and their targets; gives the loss of each sample, and the outputs for each.
ForwardPass: TypeAlias = Callable[[Rows, Rows], tuple[Sequence[float], Any]]


class CompiledBackend(Backend):
    """Records the training step when it is made, and the forward pass when a set is measured for the first time."""

    def __init__(self, training: Training) -> None:
        super().__init__(training)
        check_recordable(training)
        with uncollected(), in_mode(training.model, training=True):
            self.targets = self.as_recorded(training.targets)
            self.record()

    @abstractmethod
    def forward_pass(self, recording: Recording) -> ForwardPass:
        """What runs a recording without a gradient over a set."""

    @abstractmethod
    def metric_sums(self, outputs: Any, targets: Any) -> list[float]:
        """The sum of each metric over samples."""

    def record(self) -> None:
        """Record the training step; what was recorded before is forgotten."""
        self.recording = Recording(self.training, self.training.rows[0], self.targets[0], gradient=True)
        self.measuring: tuple[Recording, ForwardPass] | None = None

    def look_again(self) -> None:
        """Record again what a callback has changed."""
        if not self.recording.is_current():
            with uncollected():
                self.record()
        elif self.measuring is not None:
            with in_mode(self.training.model, training=False):
                if not self.measuring[0].is_current():
                    self.measuring = None

    def measure(self, rows: Rows, targets: Rows) -> dict[str, float]:
        """The mean loss and metrics over a set."""
        wanted = self.as_recorded(targets)
        if self.measuring is None:
            with in_mode(self.training.model, training=False):
                recording = Recording(self.training, rows[0], wanted[0], gradient=False)
            self.measuring = recording, self.forward_pass(recording)
        _, run = self.measuring
        try:
            losses, outputs = run(rows, wanted)
        except ArithmeticError as error:
            raise NonFiniteError(f"validation: {error}") from error
        sums = [sum(losses), *self.metric_sums(outputs, targets)]
        return {name: float(number) / len(rows) for name, number in zip(("loss", *self.training.metrics), sums, strict=True)}

    def as_recorded(self, targets: Rows) -> Rows:
        """The targets as the recorded loss takes them. A class chooses an output, so it becomes a share for each output."""
        if isinstance(targets, ArrayRows):
            return targets
        if self.training.loss is not cross_entropy or is_sequence(targets[0]):
            return [as_floats(target) for target in targets]
        return [[float(target == k) for k in range(self.classes)] for target in targets]

    @cached_property
    def classes(self) -> int:
        """How many outputs the model has, where each stands for a class."""
        return len(self.training.model(self.training.rows[0]))

    def numbers(self) -> list[float]:
        """The number in each parameter of the optimizer."""
        return [parameter.data for parameter in self.training.optimizer.parameters]

    def run_in_python(self, numbers: list[float], batch: Sequence[int]) -> list[Any]:
        """What the recorded step gives for these samples, with these numbers in the parameters."""
        rows, targets = self.training.rows, self.targets
        return self.recording.program.run([numbers, [rows[i] for i in batch], [targets[i] for i in batch]])

    def look_for_errors(self, numbers: list[float], batch: Sequence[int]) -> None:
        """Raise the error of the first of these samples that cannot be computed, if there is one."""
        for i in batch:
            try:
                self.run_in_python(numbers, [i])
            except ArithmeticError as error:
                raise NonFiniteError(f"sample {i}: {error}") from error


def check_losses(batch: Sequence[int], losses: Iterable[float]) -> None:
    """Raise an error that names the first of these samples whose loss is not finite, if there is one."""
    for i, loss in zip(batch, losses, strict=True):
        if not math.isfinite(loss):
            raise NonFiniteError(f"the loss of sample {i} is {loss!r}")
