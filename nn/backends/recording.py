"""A model and its loss, recorded once, so that they can be run without a graph."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from autograd_lite import log_softmax, where
from autograd_lite.arraylike import is_sequence, listed
from autograd_lite.compiler.training import PythonProgram, record_model, same_graph, trace_model
from nn.backends.backend import Training
from nn.layers import Dropout
from nn.losses import cross_entropy, total


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
