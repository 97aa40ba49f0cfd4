"""Analytic derivatives of any order, by forward and by reverse mode, of a function of a flat list of numbers or Values."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from autograd_lite.numerical.evaluation import VectorFunction
from autograd_lite.transforms import jacfwd, jacobian

# The functions that give the rows of a Jacobian, one for each output
JACOBIANS: Final[dict[str, Callable[[VectorFunction], Callable[[list[Any]], list[list[Any]]]]]] = {
    "fwd": jacfwd,
    "rev": jacobian,
}


def derivative(function: VectorFunction, mode: str) -> VectorFunction:
    """The function of all derivatives of `function`: of the first output by each input, then of the second, and so on."""
    rows = JACOBIANS[mode](function)
    return lambda leaves: [entry for row in rows(leaves) for entry in row]
