"""Hypothesis strategies: random values, random expressions and random differentiable functions, for property-based tests.

A drawn function is an expression over the table of primitives. It comes with a point at which every operation inside is well
within its domain and away from its kinks, where derivatives exist and can be confirmed numerically. It shrinks to the smallest
expression that still fails, and prints as Python that can be copied into a REPL.

To test an operation of your own, let it take part:

    >>> from hypothesis import given, settings
    >>> from autograd_lite import check_grads, primitive, sin
    >>> from autograd_lite.ops import add, mul
    >>> from autograd_lite.strategies import functions
    >>> @primitive(derivatives=[lambda out, x: 3 * x * x])
    ... def cube(x):
    ...     return x**3
    >>> @settings(max_examples=10)
    ... @given(functions(2, primitives=[cube, add, mul, sin]))
    ... def test_cube(f):
    ...     check_grads(f, f.point)
    >>> test_cube()

Nothing else in `autograd_lite` imports Hypothesis.
"""

from autograd_lite.strategies.drawing import expressions, functions, values
from autograd_lite.strategies.function import Function

__all__ = ["Function", "expressions", "functions", "values"]
