"""Learning-rate schedules: the factor of the learning rate at each moment of a training."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TypeAlias

from autograd_lite.checks import check_range

# A schedule takes the epochs that are done, a fraction of one included, and the epochs in all; it gives the factor.
Schedule: TypeAlias = Callable[[float, int], float]


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
