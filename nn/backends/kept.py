"""The step of a training that is over, as machine code: kept for the next training of the same model.

An optimization (`python -m benchmarks fit`): to record a step again takes as long as some epochs of a small network.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

from autograd_lite.compiler.training import UpdateRule
from nn.backends.backend import Training, same_values
from nn.backends.recording import ModelRecording
from nn.module import Module


class CompiledStep(NamedTuple):
    """A training step as machine code, and what it is of."""

    recording: ModelRecording
    native: Any
    rules: list[UpdateRule]  # of the optimizer, for each group of parameters
    description: list[Any]

    def is_of(self, training: Training, arrays: Sequence[Any]) -> bool:
        """Whether this is what the step of a training would be compiled to, if its recording is."""
        return self.description == description(training, arrays)


def description(training: Training, arrays: Sequence[Any]) -> list[Any]:
    """What a training step is compiled for, besides what is recorded; the arrays are the samples and the targets."""
    optimizer, size = training.optimizer, min(training.batch_size, len(training.rows))
    types = [array.dtype for array in arrays]
    return [type(optimizer), optimizer.settings, optimizer.groups, training.clip_norm, size, training.dtype, *types]


_kept: WeakKeyDictionary[Module, CompiledStep] = WeakKeyDictionary()


def take_kept(training: Training, arrays: Sequence[Any]) -> CompiledStep | None:
    """The step that is kept of the model's latest training, if it is that of this one, on such arrays."""
    try:
        step = _kept.pop(training.model, None)
    except TypeError:
        return None
    if step is None or not step.is_of(training, arrays) or not step.recording.fits(training.rows[0], training.targets[0]):
        return None
    same = same_values(step.recording.parameters, training.trained)
    return step if same and step.recording.is_current(training.model, training.loss) else None


def keep_for_next(model: Module, step: CompiledStep) -> None:
    """Keep the step of a training that is over."""
    with suppress(TypeError):  # a module that cannot be a key: it defines an equality of its own
        _kept[model] = step
