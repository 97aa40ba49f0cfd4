"""Training on a recording of the model and the loss: what the python and the native backend have in common."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from typing import Any, TypeAlias

from autograd_lite import log_softmax, where
from autograd_lite.arraylike import is_sequence, listed
from autograd_lite.compiler.model import record_model, same_graph, trace_model
from autograd_lite.compiler.source import PythonProgram
from autograd_lite.compiler.trace import uncollected
from nn.backends.backend import Backend, NonFiniteError, Training
from nn.layers import Dropout
from nn.losses import cross_entropy, total
from nn.module import in_mode
from nn.samples import ArrayRows, Rows

# Takes samples and their targets; gives the loss of each sample, and the outputs for each.
ForwardPass: TypeAlias = Callable[[Rows, Rows], tuple[Sequence[float], Any]]


class UnrecordableError(ValueError):
    """A model does more than a recording can keep."""


class Recording:
    """The loss of one sample and the outputs of the model, recorded in the mode that the model is in.

    Arguments:
        training: what is recorded.
        sample, target: the numbers to record with.
        gradient: whether the gradient of the loss by the optimizer's parameters is recorded too.

    Attributes:
        tape: gives the loss, the outputs, and the gradient.
        arguments: where its inputs come from.
        outputs: how many outputs there are.
        reduced: for each number that the tape gives whether it is averaged over a batch: the gradient is.
    """

    def __init__(self, training: Training, sample: Any, target: Any, *, gradient: bool) -> None:
        self.training = training
        self.parameters = training.optimizer.parameters
        self.sample, self.target = as_floats(sample), target
        self.tape, self.arguments, self.trace = record_model(
            self.loss_and_outputs, self.parameters, self.sample, target, differentiate=gradient
        )
        slopes = len(self.parameters) if gradient else 0
        self.outputs = len(self.tape.outputs) - 1 - slopes
        self.reduced = [False] * (1 + self.outputs) + [True] * slopes

    def loss_and_outputs(self, x: Any, y: Any) -> list[Any]:
        """What is recorded, as a function of a sample and its target."""
        output, loss = self.training.model(x), self.training.loss
        return [cross_entropy_of_shares(output, y) if loss is cross_entropy else loss(output, y), *listed(output)]

    def is_current(self) -> bool:
        """Whether the model and the loss still compute what was recorded."""
        return same_graph(self.trace, trace_model(self.loss_and_outputs, self.parameters, self.sample, self.target))

    @cached_property
    def program(self) -> PythonProgram:
        """The recording as straight-line Python."""
        return PythonProgram(self.tape, self.arguments, self.reduced, "training_step" if any(self.reduced) else "forward")


class RecordedBackend(Backend):
    """Records the training step when it is made, and the forward pass when a set is measured for the first time."""

    def __init__(self, training: Training) -> None:
        super().__init__(training)
        check_recordable(training)
        self.targets = self.recordable(training.targets)
        with in_mode(training.model, training=True):
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
        """Record anew what is no longer what it was."""
        if not self.recording.is_current():
            with uncollected():
                self.record()
        elif self.measuring is not None:
            with in_mode(self.training.model, training=False):
                if not self.measuring[0].is_current():
                    self.measuring = None

    def measure(self, rows: Rows, targets: Rows) -> dict[str, float]:
        """The mean loss and metrics over a set."""
        recordable = self.recordable(targets)
        if self.measuring is None:
            with in_mode(self.training.model, training=False):
                recording = Recording(self.training, rows[0], recordable[0], gradient=False)
            self.measuring = recording, self.forward_pass(recording)
        _, run = self.measuring
        try:
            losses, outputs = run(rows, recordable)
        except ArithmeticError as error:
            raise NonFiniteError(f"validation: {error}") from error
        sums = [sum(losses), *self.metric_sums(outputs, targets)]
        return {name: float(number) / len(rows) for name, number in zip(("loss", *self.training.metrics), sums, strict=True)}

    def recordable(self, targets: Rows) -> Rows:
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


def check_recordable(training: Training) -> None:
    """Raise an UnrecordableError for what a recording would keep for good though it changes, or cannot compute with."""
    if any(isinstance(module, Dropout) and module.p for module in training.model.modules()):
        raise UnrecordableError("Dropout draws new numbers at each sample")
    if any(type(parameter.data) is not float for parameter in training.optimizer.parameters):
        raise UnrecordableError("the parameters must be floats")


def cross_entropy_of_shares(logits: Sequence[Any], shares: Sequence[Any]) -> Any:
    """`cross_entropy` where the shares are data: the logarithm of what has none does not count, be it infinite."""
    return -total([where(y, y * log_p, 0.0) for y, log_p in zip(shares, log_softmax(logits), strict=True)])


def as_floats(numbers: Any) -> Any:
    """A number or a list of numbers as floats."""
    return [float(number) for number in numbers] if is_sequence(numbers) else float(numbers)
