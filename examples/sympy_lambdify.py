"""From a formula in SymPy to a function on Values, by `lambdify`, and the engine's derivatives against SymPy's own.

pip install sympy && python examples/sympy_lambdify.py
"""

from __future__ import annotations

from typing import Any

import sympy

import autograd_lite
from autograd_lite import grad


def function(expression: Any, *symbols: Any) -> Any:
    """`expression` as a function of numbers and Values alike: SymPy writes the Python, the engine's functions do the work."""
    return sympy.lambdify(symbols, expression, modules=[vars(autograd_lite), "math"])


def main() -> float:
    x, y = sympy.symbols("x y")
    expression = sympy.exp(-(x**2)) * sympy.sin(3 * y) + sympy.log(1 + x**2 * y**2)
    f = function(expression, x, y)
    at = (0.7, 1.3)
    print(f"f(x, y) = {expression},  at (x, y) = {at}")
    worst = 0.0
    for position, symbol in enumerate((x, y)):
        engine = grad(f, argnums=position)(*at)
        exact = float(expression.diff(symbol).evalf(30, subs={x: at[0], y: at[1]}))
        worst = max(worst, abs(engine - exact))
        print(f"∂f/∂{symbol}:  engine {engine:+.15f}   SymPy {exact:+.15f}")
    print(f"largest difference: {worst:.1e}")
    return worst


if __name__ == "__main__":
    main()
