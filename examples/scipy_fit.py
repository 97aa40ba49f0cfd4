"""Fitting a curve with SciPy's optimizer: a decaying oscillation, its gradient from `value_and_grad`.

SciPy hands the parameters over as a NumPy array and wants the value and the gradient back: just what `value_and_grad` gives.

    pip install scipy && python examples/scipy_fit.py
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.optimize import minimize

from autograd_lite import exp, mean, sin, value_and_grad

TRUE = (2.0, 0.3, 1.7)  # amplitude, decay, frequency


def model(parameters: Sequence[Any], t: float) -> Any:
    amplitude, decay, frequency = parameters
    return amplitude * exp(-decay * t) * sin(frequency * t)


def data(samples: int = 60, noise: float = 0.05, seed: int = 0) -> list[tuple[float, float]]:
    source = random.Random(seed)
    times = [10 * i / samples for i in range(samples)]
    return [(t, model(TRUE, t) + source.gauss(0, noise)) for t in times]


def main() -> list[float]:
    points = data()

    def loss(parameters: Sequence[Any]) -> Any:
        return mean([(model(parameters, t) - y) ** 2 for t, y in points])

    result = minimize(value_and_grad(loss), np.array([1.0, 0.1, 1.5]), jac=True, method="BFGS")
    print(f"{result.nit} iterations, {result.nfev} evaluations of value and gradient; rms error {math.sqrt(result.fun):.4f}")
    for name, found, true in zip(("amplitude", "decay", "frequency"), result.x, TRUE, strict=True):
        print(f"{name:>10}: {found:.4f}  (the data was made with {true})")
    return [float(x) for x in result.x]


if __name__ == "__main__":
    main()
