"""Gradients, tested: analytic derivatives of any order against numerical ones, with a report that names the fault.

`check_grads` differentiates a function by this engine, `check_gradient` takes a gradient that somebody wrote by hand. The graph
is walked from the leaves: the first node whose own local derivative differs from the numerical derivative of its primitive is
the fault, and everything above it is only its consequence. Where numbers cannot tell, neither can a check, and it says so.
"""

from autograd_lite.checking.errors import NotCheckableError
from autograd_lite.checking.gradients import check_gradient, check_grads
from autograd_lite.numerical import numerical_derivative

__all__ = ["NotCheckableError", "check_gradient", "check_grads", "numerical_derivative"]
