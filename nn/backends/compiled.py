"""Training on a recording of the model and the loss: what the python and the native backend have in common."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

from autograd_lite.basics.wording import counted
from autograd_lite.compiler.training import has_choices, uncollected
from autograd_lite.leaves import numbers_of
from nn.backends.backend import Backend, NonFiniteError, Training, same_values
from nn.backends.forward import RecordedForward, forward_of, measured
from nn.backends.recording import ModelRecording, check_recordable, flat
from nn.module import in_mode
from nn.samples import Rows


class CompiledBackend(Backend):
    """Records the training step when it is made, and the forward pass when a set is measured for the first time."""

    whole: ClassVar[bool]  # whether it can run a recording of whole layers
    _guarded: ModelRecording | None = None
    _forward: RecordedForward | None = None  # of the set that was measured last, until a callback may have changed the model
    _measured: Rows | None = None
    kept: Any  # for each sample what Dropouts keep of it: 1 or 0 for each of their inputs

    def __init__(self, training: Training) -> None:
        super().__init__(training)
        with uncollected(), in_mode(training.model, training=True):
            self.record()

    @property
    def may_mix(self) -> bool:
        """Whether NaN in a gradient may come of what is not chosen: as long as products have no conditions."""
        return has_choices(self.recording.tape.primitives) and not self.recording.guards

    @abstractmethod
    def draw(self, order: Sequence[int]) -> None:
        """Draw what Dropouts keep of these samples, which are met in this order, for the steps to come."""

    def record(self) -> None:
        """Record the training step; what was recorded before is forgotten."""
        check_recordable(self.training.model, self.training.trained)
        self.training.tell(f"recording a model of {counted(len(self.training.parameters), 'parameter', ',')}")
        self.recording = self.recorded()
        self._guarded = None

    def recorded(self, guards: bool = False) -> ModelRecording:
        """A recording of the training step; `guards` is that of `ModelRecording`."""
        training = self.training
        sample, target = training.rows[0], training.targets[0]
        settings = {"gradient": True, "whole": self.whole, "guards": guards}
        return ModelRecording(training.model, training.loss, training.trained, sample, target, **settings)

    def guarded(self) -> ModelRecording:
        """The same step with conditions, which takes those steps in which what is not chosen is infinite."""
        if self._guarded is None:
            self.training.tell("recording the model once more: what it did not choose is infinite")
            with uncollected():
                self._guarded = self.recorded(guards=True)
        return self._guarded

    def look_again(self) -> bool:
        """Record again what a callback has changed."""
        model, loss = self.training.model, self.training.loss
        same = same_values(self.recording.parameters, self.training.trained)  # none was frozen, and none thawed
        if same and self.recording.contents.hold(model, loss):
            return False
        self._forward = None
        if not (same and self.recording.is_current(model, loss)):
            with uncollected():
                self.record()
        return True

    def measure(self, rows: Rows, targets: Rows) -> dict[str, float]:
        """The mean loss and metrics over a set."""
        forward = self.forward(rows, targets)
        try:
            return measured(forward, self.training.metrics, rows, targets)
        except ArithmeticError as error:
            raise NonFiniteError(f"validation: {error}") from error

    def forward(self, rows: Rows, targets: Rows) -> RecordedForward:
        """What runs a set through the model."""
        training = self.training
        if self._forward is None or self._measured is not rows:
            parameters = training.optimizer.parameters
            self._forward = forward_of(training.model, training.loss, rows, targets, self.name, parameters)
            self._measured = rows
        return self._forward

    def numbers(self) -> list[float]:
        """The number in each parameter that is trained."""
        return numbers_of(self.recording.parameters)

    def run_in_python(self, numbers: list[float], batch: Sequence[int], recording: ModelRecording | None = None) -> list[Any]:
        """What a recording of the step, if not another the usual one, gives for these samples and numbers of the parameters."""
        rows, targets = self.training.rows, self.training.targets
        given = [numbers, [flat(rows[i]) for i in batch], [flat(targets[i]) for i in batch]]
        if self.recording.kept:
            given.append([self.kept[i] for i in batch])
        return (recording or self.recording).program.run(given)

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
