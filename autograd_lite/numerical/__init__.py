"""Numerical derivatives that know their own error: what analytic derivatives are checked against.

A central difference has two errors that pull opposite ways: truncation, which grows with the step, and rounding, which grows as
the step shrinks. Truncation is extrapolated away over a sequence of halved steps, and estimated by how far the last
extrapolations lie apart (Richardson's and Ridders' method; C. J. F. Ridders, Accurate computation of F'(x) and F'(x)F''(x),
Advances in Engineering Software 4(2), 1982). Rounding is measured: the function is evaluated again with every operation's
result disturbed a little, and what comes out is scaled down to the size of a real rounding error.
"""

from autograd_lite.numerical.derivative import numerical_derivative
from autograd_lite.numerical.estimate import Estimate

__all__ = ["Estimate", "numerical_derivative"]
