"""The report: what is wrong with a derivative and which operation is to blame, or why there is no verdict."""

from __future__ import annotations

import math
from contextlib import suppress
from typing import Any, NoReturn

from autograd_lite.checking.check import Check, Mismatch
from autograd_lite.checking.errors import NotCheckableError
from autograd_lite.checking.faults import find_fault, find_obstacle
from autograd_lite.checking.messages import describe_node
from autograd_lite.graph.order import topological_order
from autograd_lite.modes import LineRecorder, entered, where_built
from autograd_lite.numerical.findings import Finding, Kind
from autograd_lite.value import Value


def explain(check: Check, mismatch: Mismatch, fault: dict[str, str] | None = None) -> NoReturn:
    """Say what is wrong with a derivative; `fault` is what `find_cause` has found, if it was asked.

    Raises:
        AssertionError: it is wrong; with the report.
        NotCheckableError: there is a kink, or no finite derivative.
    """
    subject, estimate, analytic = check.subject, mismatch.estimate, mismatch.analytic
    fault = fault or (find_cause(check) if check.by_engine else {})
    which = check.names(mismatch.j, mismatch.output)
    if check.by_engine and not fault:
        why = "it is rounded coarsely, or oscillates too fast" if math.isfinite(analytic) else "numbers overflow on the way"
        raise NotCheckableError(
            f"{subject.name} has no numerical derivative by {which} at args = {subject.args!r}: differences give "
            f"{estimate}; analytic {analytic!r}. No operation is wrong: {why}"
        )
    raise report(
        check,
        by=f"{which}, order {check.order}, {mismatch.mode}{' mode' if check.by_engine else ''}",
        at=f"args = {subject.args!r}",
        analytic=repr(analytic),
        numerical=str(estimate),
        **fault,
        reproduce=check.call(mismatch.mode),
    )


def refuse(check: Check, mismatch: Mismatch, finding: Finding, unseen: str | None = None) -> NoReturn:
    """Say why there is no verdict on a derivative; `unseen` is the operation that hides it, if that is known.

    Raises:
        NotCheckableError: for what was found about it.
        AssertionError: some rule is wrong nevertheless; with the report.
    """
    if check.by_engine:
        blame_first(check, mismatch.mode)
    subject, which = check.subject, check.names(mismatch.j, mismatch.output)
    if finding.kind is Kind.NOWHERE:
        raise NotCheckableError(
            f"{subject.name} cannot be evaluated on either side of {subject.paths[mismatch.j]} = "
            f"{subject.point[mismatch.j]!r}, so there is no numerical derivative"
        )
    if finding.kind is Kind.KINK:
        raise NotCheckableError(
            f"{subject.name} is not differentiable here: its derivative by {which} is "
            f"{finding.estimate} from the left and {finding.other} from the right, at args = {subject.args!r}"
        )
    reasons = {
        Kind.UNCLEAR: f"close by it is {finding.estimate}, from farther away {finding.other}; analytic {mismatch.analytic!r}. "
        "It oscillates, jumps or has noise",
        Kind.UNSETTLED: "differences do not settle as the step shrinks "
        f"({finding.estimate}; analytic {mismatch.analytic!r}). It jumps here, is not smooth, or varies between floats",
        Kind.UNSEEN: f"rounding hides it ({finding.estimate}; analytic {mismatch.analytic!r}). "
        + (f"It is lost in {unseen}. " if unseen else "")
        + "Check the function without the large number in it, or pass an atol, if a derivative that small does not matter",
    }
    raise NotCheckableError(
        f"{subject.name} has no numerical derivative by {which} at args = {subject.args!r}: {reasons[finding.kind]}"
    )


def explain_failure(check: Check, error: Exception, mode: str) -> NoReturn:
    """Say which rule failed when a derivative could not be computed at all."""
    blame_first(check, mode, cause=error)
    at = f"args = {check.subject.args!r}, order {check.order}"
    raise NotCheckableError(f"a derivative of {check.subject.name} cannot be computed at {at}: {error}") from error


def blame_first(check: Check, mode: str, cause: Exception | None = None) -> None:
    """Raise the report of the first rule that is wrong, if there is one, or of an operation that has no derivative."""
    if fault := blame(check):
        raise report_of_rule(check, mode, fault) from cause


def walk(check: Check) -> None:
    """Raise the report of the first operation of the subject whose rule is wrong at this order, whatever becomes of it."""
    fault = find_fault(check.subject.nodes, [check.order], check.rtol) if check.order <= 2 else None
    if fault:
        raise report_of_rule(check, "rev", described(*fault), f"a rule that {check.subject.name} uses is wrong")


def report_of_rule(check: Check, mode: str, fault: dict[str, str], head: str = "") -> AssertionError:
    """The error of a wrong rule, to be raised."""
    at = f"args = {check.subject.args!r}, order {check.order}, {mode} mode"
    return report(check, head, at=at, **fault, reproduce=check.call(mode))


def report(check: Check, head: str = "", **lines: str) -> AssertionError:
    """The error of a wrong derivative, to be raised, with a line for each thing that is known."""
    known = (f"{name:<14}{what}" for name, what in lines.items())
    return AssertionError("\n  ".join((head or f"a derivative of {check.subject.name} is wrong", *known)))


def find_cause(check: Check) -> dict[str, str]:
    """What is wrong with the function under test, as lines of the report; nothing if it is its numerical derivative."""
    fault = blame(check)
    if not fault and not check.subject.is_recorded():
        what = "it takes a number out of the graph (v.data, or a new Value of it)"
        return {
            "fault": f"every recorded operation has the right derivative, so a part of the function is not recorded: {what}"
        }
    return fault


def blame(check: Check) -> dict[str, str]:
    """The lines of the report about the first node, from the leaves up, whose rule is at fault; none if none is.

    Raises:
        NotCheckableError: no rule is wrong, but an operation has no derivative at its operands.
    """
    nodes = recorded(check)
    if fault := find_fault(nodes, range(1, check.order + 1), check.rtol):
        return described(*fault)
    obstacle = find_obstacle(nodes, check.subject.nodes)
    if obstacle is not None:
        raise NotCheckableError(f"{check.subject.name} {obstacle}")
    return {}


def described(node: Value, wrong: str) -> dict[str, str]:
    """The lines of the report about a node whose rule is wrong."""
    return {"fault": wrong, "where": f"{describe_node(node)}, {where_built(node)}"}


def recorded(check: Check) -> list[Value]:
    """The operations of the functions that are checked, each after those that it needs, with the line that built it."""
    outputs: list[Any] = []
    with entered(LineRecorder):
        leaves = check.subject.labelled()
        with suppress(ArithmeticError, TypeError, ValueError):  # where a rule fails, its node is there already
            for function in check.functions:
                outputs += function(leaves)
    return topological_order(*(output for output in outputs if isinstance(output, Value)))
