"""The judge: analytic derivatives of one order held against numerical ones."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import TypeAlias

from autograd_lite.checking.analytic import JACOBIANS, derivative
from autograd_lite.checking.check import Check, Mismatch
from autograd_lite.checking.errors import NotCheckableError
from autograd_lite.checking.explanation import blame, explain, explain_failure, refuse_kink
from autograd_lite.checking.local import at_kink
from autograd_lite.numerical.derivative import disagreements
from autograd_lite.numerical.estimate import SAFETY
from autograd_lite.numerical.evaluation import number_in
from autograd_lite.numerical.rounding import rounding
from autograd_lite.numerical.sides import CLOSER, bends, is_kink, one_sided

Jacobian: TypeAlias = list[list[float]]  # a row for each output


def analytic_jacobian(check: Check, mode: str) -> Jacobian:
    """The derivatives of `check.function` by this engine."""
    try:
        rows = JACOBIANS[mode](check.function, list(check.subject.point))
    except (ArithmeticError, TypeError, ValueError) as error:
        explain_failure(check, error, mode)
    return [[float(number_in(entry)) for entry in row] for row in rows]


def compare(check: Check, analytic: dict[str, Jacobian]) -> None:
    """Raise the report of the first derivative that is not confirmed numerically; `analytic` has a Jacobian for each mode."""
    declared_kink = any(map(at_kink, check.subject.nodes))
    for j in range(len(check.subject.point)):
        for mismatch in mismatches(check, j, analytic):
            if is_refuted(check, mismatch):
                explain(check, mismatch)
        if declared_kink and any(is_kink(*sides) for sides in one_sided(check.function, check.subject.point, j)):
            blame(check)  # raises: at 0 the derivative of abs is by convention 0, which central differences confirm
        if not check.by_engine and bends(check.function, check.subject.point, j):
            refuse_kink(check, j, 0, CLOSER)  # the same without a graph, but for what is round close by


def mismatches(check: Check, j: int, analytic: dict[str, Jacobian]) -> Iterator[Mismatch]:
    """The derivatives by input `j` that are not confirmed at once."""
    subject, modes = check.subject, list(analytic)
    columns = [[row[j] for row in analytic[mode]] for mode in modes]
    unconfirmed = disagreements(check.function, subject.point, j, columns, check.rtol, check.atol, on_values=check.by_engine)
    for (candidate, output), estimate in unconfirmed.items():
        if estimate is None:
            raise NotCheckableError(
                f"{subject.name} cannot be evaluated on either side of {subject.paths[j]} = {subject.point[j]!r}, "
                "so there is no numerical derivative"
            )
        yield Mismatch(j, output, modes[candidate], columns[candidate][output], estimate)


def is_refuted(check: Check, mismatch: Mismatch) -> bool:
    """Whether the numerical derivative contradicts the analytic one, or there is none because the differences do not settle."""
    accepted = check.atol + SAFETY * blur(check, mismatch)
    settled = mismatch.estimate.converged or is_smooth(check, mismatch)
    return mismatch.estimate.contradicts(mismatch.analytic, check.rtol, accepted) or not settled


def blur(check: Check, mismatch: Mismatch) -> float:
    """How far rounding may have moved the analytic derivative."""
    if not check.by_engine:
        return 0.0
    point = check.subject.point
    with suppress(TypeError):  # of a rule that takes numbers only
        noise = rounding(derivative(check.function, mismatch.mode), point)
        return noise[mismatch.output * len(point) + mismatch.j] if noise else 0.0
    return 0.0


def is_smooth(check: Check, mismatch: Mismatch) -> bool:
    """Whether the derivatives from both sides agree with the analytic one, where central ones settle slowly: relu(x)²."""
    sides = one_sided(check.function, check.subject.point, mismatch.j)
    return bool(sides) and all(
        side.converged and not side.contradicts(mismatch.analytic, check.rtol, check.atol) for side in sides[mismatch.output]
    )
