"""One comparison: the derivatives of which order are checked, how closely, and what they are called in messages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from autograd_lite.checking.messages import as_written
from autograd_lite.checking.subject import Subject
from autograd_lite.numerical.estimate import Estimate
from autograd_lite.numerical.evaluation import Vector, VectorFunction

RTOL: Final = 1e-6  # of what a numerical derivative confirms; its own error estimate is added


@dataclass
class Check:
    """The derivatives of one order, and how they are to be checked.

    Attributes:
        subject: the function under test.
        functions: the subject, and all its derivatives of each order below this one. The last is the one to differentiate.
        here: what that one gives at the point.
        rtol: relative tolerance.
        atol: absolute tolerance.
        gradient: the hand-written gradient; None where this engine differentiates.
    """

    subject: Subject
    functions: list[VectorFunction]
    here: Vector
    rtol: float
    atol: float
    gradient: Callable[..., Any] | None = None

    @property
    def function(self) -> VectorFunction:
        """The function to differentiate."""
        return self.functions[-1]

    @property
    def order(self) -> int:
        """The order of its derivatives."""
        return len(self.functions)

    @property
    def by_engine(self) -> bool:
        """Whether this engine differentiates, so that there is a graph."""
        return self.gradient is None

    def names(self, j: int, output: int) -> str:
        """Which derivative: the inputs that it is by, innermost first, and the output that it is of."""
        subject, size, chosen = self.subject, len(self.subject.point), [j]
        for _ in range(self.order - 1):
            output, inner = divmod(output, size)
            chosen.insert(0, inner)
        of = f" of output {subject.output_paths[output]}" if subject.output_paths[output] else ""
        return ", then by ".join(subject.paths[k] for k in chosen) + of

    def call(self, mode: str) -> str:
        """The line of Python that fails in the same way."""
        name, args = self.subject.name, repr(self.subject.args)
        tolerances = "".join(
            f", {key}={value!r}"
            for key, value, usual in (("rtol", self.rtol, RTOL), ("atol", self.atol, 0.0))
            if value != usual
        )
        if self.gradient is not None:
            return f"check_gradient({name}, {as_written(self.gradient, 'gradient')}, {args}{tolerances})"
        return f"check_grads({name}, {args}, order={self.order}, modes={(mode,)!r}{tolerances})"


@dataclass
class Mismatch:
    """A derivative that no numerical one confirms.

    Attributes:
        j: the input that it is by.
        output: which output of `check.function` it is of.
        mode: how it was computed, as the report says it.
        analytic: the derivative.
        estimate: the best numerical one.
    """

    j: int
    output: int
    mode: str
    analytic: float
    estimate: Estimate
