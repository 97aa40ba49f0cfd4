"""Numerical derivatives that know their own error: what analytic derivatives are checked against.

A central difference has two errors that pull opposite ways: truncation, which grows with the step, and rounding, which grows as
the step shrinks. Truncation is extrapolated away over a sequence of halved steps, and estimated by how far the last
extrapolations lie apart (Richardson's and Ridders' method; C. J. F. Ridders, Accurate computation of F'(x) and F'(x)F''(x),
Advances in Engineering Software 4(2), 1982).

Rounding is measured, in two ways. What extrapolations at ever smaller steps still change by is noise: be it the rounding of a
float32, or an oscillation too fast for these steps, which looks the same. And a function that can compute with Values is
evaluated again with every operation's result disturbed a little; what comes out is scaled down to the size of real rounding.

No single range of steps suits all functions, so a function is looked at from ever closer. A derivative is seen where the error
of its estimate is far below it, or below how steeply the function moves at all; and what is seen from closer by overrules what
was seen from farther away. Where nothing is seen, nothing is said (`findings`).
"""

from autograd_lite.numerical.derivative import numerical_derivative
from autograd_lite.numerical.estimate import Estimate

__all__ = ["Estimate", "numerical_derivative"]
