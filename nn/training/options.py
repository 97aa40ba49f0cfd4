"""How a run goes: how long, in which order, with which learning rates, and what may end it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from autograd_lite.basics.checks import check_range
from nn.module import Module
from nn.samples import Rows
from nn.schedules import ReduceLROnPlateau, Schedule
from nn.training.history import History

Callback: TypeAlias = Callable[[int, Module, History], Any]


@dataclass(frozen=True)
class RunOptions:
    """What `fit` was asked for besides the training itself. The attributes are arguments of `fit`, checked.

    Attributes:
        seed: None where the user gave none.
        validation: the samples and targets to measure after each epoch, if there are any.
    """

    epochs: int
    shuffle: bool
    seed: int | None
    validation: tuple[Rows, Rows] | None
    schedule: Schedule | ReduceLROnPlateau | None
    patience: int | None
    callbacks: Sequence[Callback]

    @property
    def monitored(self) -> str:
        """The quantity that decides which weights are the best."""
        return "loss" if self.validation is None else "val_loss"

    def rate_factors(self, epoch: int, batches: int) -> list[float]:
        """The factor of the learning rate in each step of an epoch, the first of which is epoch 0, if it is known before."""
        if self.schedule is None:
            return [1.0] * batches
        return [self.rate_factor(epoch + batch / batches) for batch in range(batches)]

    def rate_factor(self, done: float) -> float:
        """What the schedule multiplies the learning rate by, after so many epochs and fractions of one.

        Raises:
            ValueError: it is negative, infinite or NaN.
        """
        if self.schedule is None or isinstance(self.schedule, ReduceLROnPlateau):
            return 1.0
        factor = self.schedule(done, self.epochs)
        check_range("the factor that the schedule gives", factor, 0)
        return factor
