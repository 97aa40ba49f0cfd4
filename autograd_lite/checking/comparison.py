"""The judge: analytic derivatives of one order held against numerical ones."""

from __future__ import annotations

import math
from typing import TypeAlias

from autograd_lite.checking.analytic import JACOBIANS, derivative
from autograd_lite.checking.check import Check, Mismatch
from autograd_lite.checking.explanation import explain, explain_failure, find_cause, refuse, walk
from autograd_lite.checking.faults import NEGLIGIBLE, find_unseen
from autograd_lite.numerical.curvature import Curvature, Derivatives, Indices
from autograd_lite.numerical.derivative import disagreements, invisible
from autograd_lite.numerical.estimate import SAFETY, VISIBLE, Estimate
from autograd_lite.numerical.evaluation import number_in
from autograd_lite.numerical.findings import Finding, Kind
from autograd_lite.numerical.rounding import rounding

Jacobian: TypeAlias = list[list[float]]  # a row for each output


def analytic_jacobian(check: Check, mode: str) -> Jacobian:
    """The derivatives of `check.function` by this engine."""
    try:
        rows = JACOBIANS[mode](check.function)(list(check.subject.point))
    except (ArithmeticError, TypeError, ValueError) as error:
        explain_failure(check, error, mode)
    return [[float(number_in(entry)) for entry in row] for row in rows]


def compare(check: Check, analytic: dict[str, Jacobian]) -> None:
    """Raise the report of the first derivative that is wrong, or why there is no verdict.

    Three witnesses are heard: differences of the function to differentiate, for an order above the first differences of the
    subject itself, and every rule that the subject uses, at its own operands. A derivative that rounding hides from the first
    is accepted only where all rules could be seen.

    Arguments:
        check: what is checked.
        analytic: a Jacobian for each mode.
    """
    hidden = [found for j in range(len(check.subject.point)) if (found := compare_by(check, j, analytic))]
    if check.order > 1:
        compare_with_subject(check, analytic)
    if check.by_engine:
        walk(check)
    if hidden:
        unseen = find_unseen(check.subject.nodes)
        if unseen or not check.by_engine:
            refuse(check, *hidden[0], unseen)


def compare_by(check: Check, j: int, analytic: dict[str, Jacobian]) -> tuple[Mismatch, Finding] | None:
    """Compare the derivatives by input `j`; what is returned is one that rounding hides."""
    modes, hidden = list(analytic), None
    columns = [[row[j] for row in analytic[mode]] for mode in modes]
    found = disagreements(
        check.function, check.subject.point, [{j: 1.0}], columns, check.rtol, check.atol, check.by_engine, check.here
    )
    for (candidate, output), finding in found.items():
        estimate = finding.estimate or Estimate(0.0, 0.0, 0.0)
        mismatch = Mismatch(j, output, modes[candidate], columns[candidate][output], estimate)
        noise = SAFETY * blur(check, mismatch) if finding.kind in (Kind.WRONG, Kind.UNSETTLED) else 0.0
        if finding.kind is Kind.WRONG:
            if estimate.contradicts(mismatch.analytic, check.rtol, check.atol + noise):
                explain(check, mismatch)
            if noise > VISIBLE * abs(estimate.value):
                hidden = hidden or (mismatch, finding._replace(kind=Kind.UNSEEN))
        elif (finding.kind is Kind.UNSEEN and math.isfinite(mismatch.analytic)) or (
            finding.kind is Kind.UNSETTLED and estimate.gap(mismatch.analytic) <= noise
        ):
            hidden = hidden or (mismatch, finding)
        else:
            refuse(check, mismatch, finding)
    return hidden if hidden or check.by_engine else unseen_zero(check, j, analytic)


def unseen_zero(check: Check, j: int, analytic: dict[str, Jacobian]) -> tuple[Mismatch, Finding] | None:
    """A hand-written derivative of 0 by input `j`, of a function that does not move, if rounding may hide a larger one.

    It hides nothing that matters where it is small beside the other derivatives: so an input may have no part in a result.
    """
    for mode, (row,) in analytic.items():
        if row[j] == 0:
            estimate = invisible(check.function, check.subject.point, {j: 1.0}, 0)
            if estimate and SAFETY * estimate.error > max(NEGLIGIBLE, check.atol, check.rtol * max(map(abs, row))):
                return Mismatch(j, 0, mode, row[j], estimate), Finding(Kind.UNSEEN, estimate)
    return None


def compare_with_subject(check: Check, analytic: dict[str, Jacobian]) -> None:
    """Compare derivatives of a higher order with differences of the subject itself.

    They see least of all, and so are believed only where a cause is found as well.
    """
    subject, modes, size = check.subject, list(analytic), len(check.subject.point)

    def place(output: int, indices: Indices) -> tuple[int, int]:
        *inner, j = indices
        for k in inner:
            output = output * size + k
        return output, j

    def derivatives_by(mode: str) -> Derivatives:
        def entry(output: int, indices: Indices) -> float:
            row, j = place(output, indices)
            return analytic[mode][row][j]

        return entry

    candidates = [derivatives_by(mode) for mode in modes]
    curvature = Curvature(
        subject.function,
        subject.point,
        check.order,
        candidates,
        len(subject.outputs),
        check.rtol,
        check.atol,
        on_values=True,
        here=subject.outputs,
    )
    for found in curvature.contradictions(range(size)):
        row, j = place(found.output, found.indices)
        mismatch = Mismatch(j, row, modes[found.candidate], found.analytic, found.estimate)
        if found.estimate.contradicts(found.analytic, check.rtol, check.atol + SAFETY * blur(check, mismatch)):
            if fault := find_cause(check):
                explain(check, mismatch, fault)
            return


def blur(check: Check, mismatch: Mismatch) -> float:
    """How far rounding may have moved the analytic derivative."""
    if not check.by_engine:
        return 0.0
    point = check.subject.point
    noise = rounding(derivative(check.function, mismatch.mode), point)
    return noise[mismatch.output * len(point) + mismatch.j] if noise else 0.0
