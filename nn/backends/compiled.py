"""Training on a recording of the model and the loss: what the python and the native backend have in common."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Iterable, Sequence
from operator import is_
from typing import Any, ClassVar

from autograd_lite.compiler.training import has_choices, uncollected
from autograd_lite.leaves import numbers_of
from autograd_lite.wording import counted
from nn.backends.backend import Backend, NonFiniteError, Training
from nn.backends.forward import forward_of, measured
from nn.backends.recording import ModelRecording, check_recordable, flat
from nn.module import in_mode
from nn.samples import Rows


class CompiledBackend(Backend):
    """Records the training step when it is made, and the forward pass when a set is measured for the first time."""

    whole: ClassVar[bool]  # whether it can run a recording of whole layers
    kept: Any  # for each sample what Dropouts keep of it: 1 or 0 for each of their inputs

    def __init__(self, training: Training) -> None:
        super().__init__(training)
        with uncollected(), in_mode(training.model, training=True):
            check_recordable(training.model, training.trained)
            self.record()

    @property
    def may_mix(self) -> bool:
        """Whether something in the recording chooses; see `Backend.may_mix`."""
        return has_choices(self.recording.tape)

    @abstractmethod
    def draw(self, order: Sequence[int]) -> None:
        """Draw what Dropouts keep of these samples, which are met in this order, for the steps to come."""

    def record(self) -> None:
        """Record the training step; what was recorded before is forgotten."""
        training = self.training
        training.tell(f"recording a model of {counted(len(training.parameters), 'parameter', ',')}")
        self.recording = ModelRecording(
            training.model,
            training.loss,
            training.trained,
            training.rows[0],
            training.targets[0],
            gradient=True,
            whole=self.whole,
        )

    def look_again(self) -> None:
        """Record again what a callback has changed."""
        same = same_values(self.recording.parameters, self.training.trained)  # none was frozen, and none thawed
        if not (same and self.recording.is_current(self.training.model, self.training.loss)):
            with uncollected():
                self.record()

    def measure(self, rows: Rows, targets: Rows) -> dict[str, float]:
        """The mean loss and metrics over a set."""
        training = self.training
        forward = forward_of(training.model, training.loss, rows, targets, self.name, training.optimizer.parameters)
        try:
            return measured(forward, training.metrics, rows, targets)
        except ArithmeticError as error:
            raise NonFiniteError(f"validation: {error}") from error

    def numbers(self) -> list[float]:
        """The number in each parameter that is trained."""
        return numbers_of(self.recording.parameters)

    def run_in_python(self, numbers: list[float], batch: Sequence[int]) -> list[Any]:
        """What the recorded step gives for these samples, with these numbers in the parameters."""
        rows, targets = self.training.rows, self.training.targets
        given = [numbers, [flat(rows[i]) for i in batch], [flat(targets[i]) for i in batch]]
        if self.recording.kept:
            given.append([self.kept[i] for i in batch])
        return self.recording.program.run(given)

    def look_for_errors(self, numbers: list[float], batch: Sequence[int]) -> None:
        """Raise the error of the first of these samples that cannot be computed, if there is one."""
        for i in batch:
            try:
                self.run_in_python(numbers, [i])
            except ArithmeticError as error:
                raise NonFiniteError(f"sample {i}: {error}") from error


def same_values(one: Sequence[Any], other: Sequence[Any]) -> bool:
    """Whether these are the same Values in the same order."""
    return len(one) == len(other) and all(map(is_, one, other))


def check_losses(batch: Sequence[int], losses: Iterable[float]) -> None:
    """Raise an error that names the first of these samples whose loss is not finite, if there is one."""
    for i, loss in zip(batch, losses, strict=True):
        if not math.isfinite(loss):
            raise NonFiniteError(f"the loss of sample {i} is {loss!r}")
