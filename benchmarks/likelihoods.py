"""The likelihoods of the benchmark `cluster`, of ten parameters each, in the words of the libraries that are compared.

Rows are made where they are used, from the number of their chunk.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import pi
from typing import Any, Final

WIDTH: Final = 9  # numbers of a row of the logistic regression, beside its answer


@dataclass(frozen=True)
class Likelihood:
    """Minus the logarithm of a likelihood, of one row in our words, of all rows at once in those of others.

    Attributes:
        ours: a function of the parameters and of a row: x and y.
        in_jax, in_torch: functions of the parameters and of arrays of x and y.
        rows: the arrays x and y of a chunk, from its number and how many rows it has.
        width: how many numbers an x has; 0 if it is a number.
        start: the parameters.
    """

    ours: Callable[[Any, Any, Any], Any]
    in_jax: Callable[[Any, Any, Any], Any]
    in_torch: Callable[[Any, Any, Any], Any]
    rows: Callable[[int, int], tuple[Any, Any]]
    width: int
    start: tuple[float, ...]

    @property
    def row_bytes(self) -> int:
        """Of x and y."""
        return 8 * (max(self.width, 1) + 1)


# A logistic regression: 80 bytes a row, and little to do with them


def classes(chunk: int, count: int) -> tuple[Any, Any]:
    """Rows of numbers, and the answers, 1 or -1."""
    import numpy as np

    rng = np.random.default_rng(chunk)
    x = rng.normal(size=(count, WIDTH))
    return x, np.sign(x.sum(1) + rng.logistic(size=count))


def logistic(w: Any, x: Any, y: Any) -> Any:
    from autograd_lite import dot, softplus

    return softplus(-y * dot(w[1:], x, w[0]))


def logistic_in_jax(w: Any, x: Any, y: Any) -> Any:
    import jax

    return jax.nn.softplus(-y * (x @ w[1:] + w[0]))


def logistic_in_torch(w: Any, x: Any, y: Any) -> Any:
    import torch

    return torch.nn.functional.softplus(-y * (x @ w[1:] + w[0]))


# Two peaks over a background: 16 bytes a row, and much to do. Of particles that decay, x is the mass and y the time


def decays(chunk: int, count: int) -> tuple[Any, Any]:
    """Masses and times."""
    import numpy as np

    rng = np.random.default_rng(chunk)
    kind = rng.choice(3, size=count, p=(0.25, 0.25, 0.5))
    masses = np.where(kind == 2, rng.exponential(2.0, count), rng.normal(np.array([1.0, 2.0, 0.0])[kind], 0.15))
    return masses, rng.exponential(np.array([1.0, 2.0, 0.5])[kind])


def peaks(w: Any, mass: Any, time: Any, log: Callable[[Any], Any], logsumexp: Callable[[list[Any]], Any]) -> Any:
    """Of a mixture of three: each has a mass, which is normal or exponential, and an exponential time."""
    share_1, share_2, mean_1, mean_2, width_1, width_2, slope, life_1, life_2, life_3 = w

    def peak(mean: Any, width: Any) -> Any:
        return -0.5 * ((mass - mean) / width) ** 2 - log(width) - 0.5 * log(2 * pi)

    def decay(life: Any) -> Any:
        return -time / life - log(life)

    parts = [
        share_1 + peak(mean_1, width_1) + decay(life_1),
        share_2 + peak(mean_2, width_2) + decay(life_2),
        log(slope) - slope * mass + decay(life_3),
    ]
    return logsumexp([share_1, share_2, 0.0]) - logsumexp(parts)


def our_peaks(w: Any, mass: Any, time: Any) -> Any:
    from autograd_lite import log, logsumexp

    return peaks(w, mass, time, log, logsumexp)


def peaks_in_jax(w: Any, mass: Any, time: Any) -> Any:
    import jax
    import jax.numpy as jnp

    return peaks(w, mass, time, jnp.log, lambda terms: jax.nn.logsumexp(jnp.stack([*map(jnp.asarray, terms)]), axis=0))


def peaks_in_torch(w: Any, mass: Any, time: Any) -> Any:
    import torch

    def logsumexp(terms: list[Any]) -> Any:
        return torch.logsumexp(torch.stack([*map(torch.as_tensor, terms)]), 0)

    return peaks(w, mass, time, lambda x: torch.log(torch.as_tensor(x)), logsumexp)


LOGISTIC: Final = "a logistic regression"
LIKELIHOODS: Final = {
    LOGISTIC: Likelihood(
        logistic, logistic_in_jax, logistic_in_torch, classes, WIDTH, tuple(-0.5 + k / WIDTH for k in range(WIDTH + 1))
    ),
    "two peaks over a background": Likelihood(
        our_peaks, peaks_in_jax, peaks_in_torch, decays, 0, (-0.5, -0.4, 1.1, 1.9, 0.2, 0.25, 0.6, 0.9, 2.2, 0.7)
    ),
}
