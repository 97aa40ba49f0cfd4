"""Derivatives from the left and from the right, by which a kink is known."""

from __future__ import annotations

from typing import Final

from autograd_lite.numerical.derivative import best_estimates
from autograd_lite.numerical.differences import LEFT, RIGHT, extrapolations
from autograd_lite.numerical.estimate import SAFETY, Estimate
from autograd_lite.numerical.evaluation import Vector, VectorFunction, evaluate, shifted

CLOSE_BY: Final = 2.0**-12  # a first step for a derivative from one side, relative to the point
CLOSER: Final = 2.0**-24  # the same, so close that what is only round a little farther off is seen to be no kink


def one_sided(f: VectorFunction, point: Vector, index: int, step: float = CLOSE_BY) -> list[tuple[Estimate, Estimate]]:
    """The derivatives of every output from the left and from the right, close to the point; `[]` where one is missing."""
    found = []
    for side in (LEFT, RIGHT):
        *_, entries = [], *extrapolations(f, point, index, max(abs(point[index]), 1.0) * step, [side])
        found.append(best_estimates(f, point, index, entries, on_values=False) if entries else [])
    return [*zip(*found, strict=False)]


def is_kink(left: Estimate, right: Estimate) -> bool:
    """Whether the derivatives from the left and from the right differ."""
    gap = 1e-3 * max(abs(left.value), abs(right.value)) + SAFETY * (left.error + right.error)
    return left.converged and right.converged and abs(left.value - right.value) > gap


def bends(f: VectorFunction, point: Vector, index: int, step: float = CLOSE_BY) -> bool:
    """Whether some output may have a kink: how far it is off the middle of its neighbours falls too slowly with the step.

    At half the step it falls to a quarter where the function is smooth, and to half at a kink.
    """
    size = max(abs(point[index]), 1.0) * step
    rows = [evaluate(f, shifted(point, index, move)) for move in (0.0, -size, size, -size / 2, size / 2)]
    here, *around = [row or [] for row in rows]
    return any(abs(c + d - 2 * x) > abs(a + b - 2 * x) / 3 for x, a, b, c, d in zip(here, *around, strict=False))
