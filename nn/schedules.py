"""Learning-rate schedules: the factor of the learning rate at each moment of a training."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from autograd_lite.basics.checks import check_range, one_of, whole_number
from autograd_lite.basics.elsewhere import answers_calls

# A schedule takes the epochs that are done, a fraction of one included, and the epochs in all; it gives the factor.
Schedule: TypeAlias = Callable[[float, int], float]


@answers_calls
def step_decay(every: int, factor: float = 0.1) -> Schedule:
    """The learning rate is multiplied by `factor` after each `every` epochs.

    Example:
        >>> from nn import step_decay
        >>> schedule = step_decay(every=10, factor=0.5)
        >>> schedule(9.9, 30), schedule(10.0, 30), schedule(25.0, 30)
        (1.0, 0.5, 0.25)
    """
    check_range("every", every, 1)
    check_range("factor", factor, 0)
    return lambda epoch, epochs: factor ** (epoch // every)


@answers_calls
def cosine(final: float = 0.0) -> Schedule:
    """The learning rate falls to `final` of itself along half a cosine. Source: Loshchilov and Hutter (2017).

    Example:
        >>> from nn import cosine
        >>> schedule = cosine()
        >>> [round(schedule(epoch, 30), 4) for epoch in (0, 15, 30)]
        [1.0, 0.5, 0.0]
    """
    check_range("final", final, 0)
    return lambda epoch, epochs: final + (1 - final) * (1 + math.cos(math.pi * epoch / epochs)) / 2


@answers_calls
def warm_up(length: int, start: float = 0.1, then: Schedule = lambda epoch, epochs: 1.0) -> Schedule:
    """The learning rate rises in a line from `start` of itself over `length` epochs, `then` follows another schedule.

    Example:
        >>> from nn import cosine, warm_up
        >>> schedule = warm_up(5, start=0.0, then=cosine())
        >>> [round(schedule(epoch, 25), 4) for epoch in (0, 2.5, 5, 15, 25)]
        [0.0, 0.5, 1.0, 0.5, 0.0]
    """
    check_range("length", length, 1)
    check_range("start", start, 0)

    def factor(epoch: float, epochs: int) -> float:
        if epoch < length:
            return start + (1 - start) * epoch / length
        return then(epoch - length, max(epochs - length, 1))

    return factor


class Watched(NamedTuple):
    """What a `ReduceLROnPlateau` has come to: the rate, the best loss, the bad epochs since, and those it will not count."""

    rate: float
    best: float = math.inf
    bad: int = 0
    cooling: int = 0


@answers_calls
@dataclass(frozen=True)
class ReduceLROnPlateau:
    """The learning rate is multiplied by `factor` when the loss has not become better for `patience` epochs; PyTorch's rule.

    Given to `fit` as its `schedule`. It watches the validation loss, or, where there is none, that of the training.

    Arguments:
        factor: from 0 up to 1.
        patience: so many epochs without a better loss are borne; the rate falls after the next.
        threshold: a loss is better if it is below (1 − threshold) · best; or below best − threshold, in the mode "abs".
        threshold_mode: "rel" or "abs".
        cooldown: so many epochs after the rate fell are not counted.
        min_lr: the rate falls to this at least.

    Raises:
        ValueError: a setting is out of its range.

    Example:
        >>> from nn import ReduceLROnPlateau
        >>> schedule = ReduceLROnPlateau(factor=0.5, patience=1)
        >>> [schedule.factor_after([1.0, 0.5, 0.5, 0.6, 0.7, 0.8][:epochs], lr=0.1) for epochs in range(7)]
        [1.0, 1.0, 1.0, 1.0, 0.5, 0.5, 0.25]
    """

    factor: float = 0.1
    patience: int = 10
    threshold: float = 1e-4
    threshold_mode: str = "rel"
    cooldown: int = 0
    min_lr: float = 0.0

    def __post_init__(self) -> None:
        check_range("factor", self.factor, 0, 1)
        whole_number("patience", self.patience, 0)
        check_range("threshold", self.threshold, 0)
        one_of("threshold_mode", self.threshold_mode, ("rel", "abs"))
        whole_number("cooldown", self.cooldown, 0)
        check_range("min_lr", self.min_lr, 0)

    def factor_after(self, losses: Sequence[float], lr: float) -> float:
        """What the learning rate `lr` is multiplied by after epochs with these losses."""
        rate = self.after(Watched(lr), losses).rate
        return rate / lr if lr else 1.0

    def after(self, watched: Watched, losses: Iterable[float]) -> Watched:
        """What has come of some epochs more, with these losses."""
        rate, best, bad, cooling = watched
        for loss in losses:
            if loss < (best * (1 - self.threshold) if self.threshold_mode == "rel" else best - self.threshold):
                best, bad = loss, 0
            else:
                bad += 1
            if cooling:
                cooling, bad = cooling - 1, 0
            if bad > self.patience:
                lower = max(rate * self.factor, self.min_lr)
                rate = lower if rate - lower > 1e-8 else rate  # PyTorch's eps: a smaller step is none
                cooling, bad = self.cooldown, 0
        return Watched(rate, best, bad, cooling)
