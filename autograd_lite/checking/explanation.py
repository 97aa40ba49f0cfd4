"""The report: what is wrong with a derivative and which operation is to blame, or why there is no verdict."""

from __future__ import annotations

from contextlib import suppress
from typing import Any, NoReturn

from autograd_lite.checking.check import Check, Mismatch
from autograd_lite.checking.errors import NotCheckableError
from autograd_lite.checking.faults import find_fault, find_obstacle
from autograd_lite.checking.messages import describe_node
from autograd_lite.modes import LineRecorder, entered, where_built
from autograd_lite.numerical.sides import CLOSE_BY, is_kink, one_sided
from autograd_lite.order import topological_order
from autograd_lite.value import Value


def explain(check: Check, mismatch: Mismatch) -> NoReturn:
    """Say what is wrong with a derivative.

    Raises:
        AssertionError: it is wrong; with the report.
        NotCheckableError: there is a kink, no finite derivative or none that can be measured.
    """
    subject, estimate, analytic = check.subject, mismatch.estimate, mismatch.analytic
    which = check.names(mismatch.j, mismatch.output)
    fault = blame(check) if check.by_engine else {}
    if not fault:
        refuse_kink(check, mismatch.j, mismatch.output)
        if not estimate.contradicts(analytic, check.rtol, check.atol):
            raise NotCheckableError(
                f"{subject.name} has no numerical derivative by {which} at args = {subject.args!r}: "
                f"differences do not settle as the step shrinks ({estimate}; analytic {analytic!r}). "
                "It jumps here, or is not smooth"
            )
        if check.by_engine:
            fault = {
                "fault": "every recorded operation has the right derivative, so a part of the function is not recorded: "
                "it takes a number out of the graph (v.data, or a new Value of it)"
            }
    raise report(
        check,
        by=f"{which}, order {check.order}, {mismatch.mode}{' mode' if check.by_engine else ''}",
        at=f"args = {subject.args!r}",
        analytic=repr(analytic),
        numerical=str(estimate),
        **fault,
        reproduce=check.call(mismatch.mode),
    )


def explain_failure(check: Check, error: Exception, mode: str) -> NoReturn:
    """Say which rule failed when a derivative could not be computed at all."""
    subject = check.subject
    fault = blame(check)
    if not fault:
        raise NotCheckableError(
            f"a derivative of {subject.name} cannot be computed at args = {subject.args!r}, order {check.order}: {error}"
        ) from error
    at = f"args = {subject.args!r}, order {check.order}, {mode} mode"
    raise report(check, at=at, **fault, reproduce=check.call(mode)) from error


def report(check: Check, **lines: str) -> AssertionError:
    """The error of a wrong derivative, to be raised, with a line for each thing that is known."""
    known = (f"{name:<14}{what}" for name, what in lines.items())
    return AssertionError("\n  ".join((f"a derivative of {check.subject.name} is wrong", *known)))


def refuse_kink(check: Check, j: int, output: int, *steps: float) -> None:
    """Raise the error of a kink, if there is one as near as each of these steps."""
    subject = check.subject
    for step in (*steps, CLOSE_BY):
        sides = one_sided(check.function, subject.point, j, step)
        if not (sides and is_kink(*sides[output])):
            return
    left, right = sides[output]
    raise NotCheckableError(
        f"{subject.name} is not differentiable here: its derivative by {check.names(j, output)} is "
        f"{left} from the left and {right} from the right, at args = {subject.args!r}"
    )


def blame(check: Check) -> dict[str, str]:
    """The lines of the report about the first node, from the leaves up, whose rule is at fault; none if none is.

    Raises:
        NotCheckableError: no rule is wrong, but an operation has no derivative at its operands.
    """
    nodes = recorded(check)
    fault = find_fault(nodes, check.order, check.rtol)
    if fault is not None:
        node, wrong = fault
        return {"fault": wrong, "where": f"{describe_node(node)}, {where_built(node)}"}
    obstacle = find_obstacle(nodes)
    if obstacle is not None:
        raise NotCheckableError(f"{check.subject.name} {obstacle}")
    return {}


def recorded(check: Check) -> list[Value]:
    """The operations of the functions that are checked, each after those that it needs, with the line that built it."""
    outputs: list[Any] = []
    with entered(LineRecorder):
        leaves = check.subject.labelled()
        with suppress(ArithmeticError, TypeError, ValueError):  # where a rule fails, its node is there already
            for function in check.functions:
                outputs += function(leaves)
    return topological_order(*(output for output in outputs if isinstance(output, Value)))
