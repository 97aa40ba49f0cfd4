"""Analytic derivatives of any order, by forward and by reverse mode, of a function of a flat list of numbers or Values."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from autograd_lite.numerical.evaluation import VectorFunction
from autograd_lite.transforms import jacfwd, jacobian


def reverse(function: VectorFunction, leaves: list[Any]) -> list[list[Any]]:
    """The rows of the Jacobian, one for each output, by reverse mode."""
    rows: list[list[Any]] = jacobian(function)(leaves)
    return rows


def forward(function: VectorFunction, leaves: list[Any]) -> list[list[Any]]:
    """The same by forward mode: a pass for each input."""
    rows: list[list[Any]] = jacfwd(function)(leaves)
    return rows


JACOBIANS: Final[dict[str, Callable[[VectorFunction, list[Any]], list[list[Any]]]]] = {"fwd": forward, "rev": reverse}


def derivative(function: VectorFunction, mode: str) -> VectorFunction:
    """The function of all derivatives of `function`: of the first output by each input, then of the second, and so on."""

    def differentiated(leaves: list[Any]) -> list[Any]:
        return [entry for row in JACOBIANS[mode](function, leaves) for entry in row]

    return differentiated
