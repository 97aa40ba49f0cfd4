"""Newton's method: the minimum of the Rosenbrock function in a handful of steps, from its gradient and its Hessian.

Each step solves  H(x) d = −∇f(x)  and moves to x + d; a step that would go uphill is halved until it does not.

    python examples/newton.py
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from autograd_lite import grad, hessian


def rosenbrock(x: Sequence[Any]) -> Any:
    """(1 − x₀)² + 100 (x₁ − x₀²)², a curved valley with its lowest point at (1, 1)."""
    return (1 - x[0]) ** 2 + 100 * (x[1] - x[0] ** 2) ** 2


def solve(matrix: Sequence[Sequence[float]], right: Sequence[float]) -> list[float]:
    """The solution of two linear equations by Cramer's rule."""
    (a, b), (c, d) = matrix
    determinant = a * d - b * c
    return [(right[0] * d - b * right[1]) / determinant, (a * right[1] - c * right[0]) / determinant]


def minimize(f: Callable[[Sequence[Any]], Any], x: list[float], tolerance: float = 1e-12) -> list[list[float]]:
    """All the points that Newton's method visits from `x` until the gradient is shorter than `tolerance`."""
    gradient, curvature = grad(f), hessian(f)
    path = [x]
    while max(map(abs, slope := gradient(x))) > tolerance:
        step = solve(curvature(x), [-s for s in slope])
        while f([a + d for a, d in zip(x, step, strict=True)]) > f(x):
            step = [d / 2 for d in step]
        x = [a + d for a, d in zip(x, step, strict=True)]
        path.append(x)
    return path


def main() -> list[float]:
    path = minimize(rosenbrock, [-1.2, 1.0])
    for number, (a, b) in enumerate(path):
        print(f"step {number:2d}:  x = ({a:+.9f}, {b:+.9f})   f(x) = {rosenbrock([a, b]):.3e}")
    return path[-1]


if __name__ == "__main__":
    main()
