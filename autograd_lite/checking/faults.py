"""Which node is to blame: a rule that is wrong, or an operation that has no derivative where it is."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from typing import Final

from autograd_lite.checking.local import LocalFunction
from autograd_lite.checking.messages import describe_node
from autograd_lite.modes import where_built
from autograd_lite.numerical.derivative import disagreements
from autograd_lite.numerical.estimate import SAFETY, Estimate
from autograd_lite.numerical.evaluation import Vector, number_in
from autograd_lite.numerical.findings import Kind
from autograd_lite.numerical.sampling import Direction
from autograd_lite.transforms import jacobian
from autograd_lite.value import Value

NEGLIGIBLE: Final = 1e-9  # a local derivative that can be off by no more than this hides no other


def find_fault(nodes: Sequence[Value], orders: Iterable[int], rtol: float) -> tuple[Value, str] | None:
    """The first of the nodes, parents first, whose rule is wrong, and what is wrong with it.

    Arguments:
        nodes: the operations to examine.
        orders: of the derivatives that may be wrong; from 2 on a rule may also be right, and not be one to differentiate.
        rtol: relative tolerance.
    """
    examined = [
        (node, local) for node, local in local_functions(nodes) if not (node.primitive.stops_gradient or local.stands_still())
    ]
    for order in orders:
        for node, local in examined:
            if found := (wrong_locals if order == 1 else wrong_rules)(node, local, rtol):
                return node, found
    return None


def local_functions(nodes: Sequence[Value]) -> Iterator[tuple[Value, LocalFunction]]:
    """The nodes with their local functions, of equal ones the first."""
    seen = set()
    for node in nodes:
        local = LocalFunction.of(node)
        if local.moving and local.key not in seen:
            seen.add(local.key)
            yield node, local


def find_obstacle(nodes: Sequence[Value], own: Sequence[Value]) -> str | None:
    """Why an operation among the nodes has no derivative at its operands, and where it was built.

    Arguments:
        nodes: the operations to examine.
        own: those of the function under test. By what a rule compares only to choose, no derivative need jump.
    """
    written = {local.key for _, local in local_functions(own)}
    for examine in (stops, kinks, infinite_locals):
        for node, local in local_functions(nodes):
            if found := examine(node, local if local.key in written else local.without_conditions()):
                return f"{found}, {where_built(node)}"
    return None


def find_unseen(nodes: Sequence[Value]) -> str | None:
    """An operation of which numbers cannot tell whether its rule is right, and where it was built."""
    for node, local in local_functions(nodes):
        for k in local.moving:
            analytic = float(node.local_derivatives[k])
            for finding in local.findings(k, analytic, 0.0):
                if finding.kind is not Kind.WRONG and not (finding.estimate and is_negligible(finding.estimate, analytic)):
                    return f"{describe_node(node)}, {where_built(node)}"
    return None


def is_negligible(estimate: Estimate, analytic: float) -> bool:
    """Whether a derivative that is not seen is known well enough to hide none that matters."""
    return max(SAFETY * estimate.error, estimate.gap(analytic)) <= NEGLIGIBLE


def wrong_locals(node: Value, local: LocalFunction, rtol: float) -> str | None:
    """What is wrong with the local derivatives of a node, the numbers that its rule gives.

    A rule is looked at beside its operands as well: a wrong one may be right by chance at its own, most often where it is 0.
    """
    name = repr(node.primitive.name)
    try:
        analytic = [float(number_in(x)) for x in node.local_derivatives]
    except (ArithmeticError, TypeError, ValueError) as error:
        return f"the rule of {name} fails: {type(error).__name__}: {error}"
    for k in local.moving:
        if estimate := refuted(local, k, analytic[k], rtol):
            return f"the rule of {name} for its operand {local.names[k]} gives {analytic[k]!r}, numerically {estimate}"
    return wrong_beside(local.beside(), rtol)


def wrong_beside(local: LocalFunction, rtol: float) -> str | None:
    """What is wrong with the local derivatives beside the operands of a node, all of which are moved at once.

    Only where the sum of them is wrong, they are looked at one by one.
    """
    try:
        analytic = [float(x) for x in local.rules(local.point)]
    except (ArithmeticError, TypeError, ValueError):  # the function, or its derivative, has no value there
        return None
    direction = local.direction(local.moving)
    if not disagreements(local.value, local.point, [direction], [[contracted(analytic, direction)]], rtol):
        return None
    for k in local.moving:
        if estimate := refuted(local, k, analytic[k], rtol):
            return (
                f"the rule of {local.primitive.name!r} for its operand {local.names[k]} gives {analytic[k]!r}, "
                f"numerically {estimate}, beside its operands, at {tuple(local.structure.rebuild(local.point))!r}"
            )
    return None


def refuted(local: LocalFunction, k: int, analytic: float, rtol: float) -> Estimate | None:
    """The numerical derivative by operand `k` that contradicts the analytic one, and more than its rounding explains."""
    for finding in local.findings(k, analytic, rtol):
        if finding.kind is Kind.WRONG and finding.estimate and finding.estimate.contradicts(analytic, rtol, local.blur(k)):
            return finding.estimate
    return None


def wrong_rules(node: Value, local: LocalFunction, rtol: float) -> str | None:
    """What is wrong with the rules of a node as functions that are differentiated in their turn.

    They are looked at beside the operands too where they have a derivative of 0 that is not 0 there: one that is cut off.
    """
    try:
        if local.has_constant_rules():
            return None
        rows = second_derivatives(local)
    except (ArithmeticError, TypeError, ValueError) as error:
        return undifferentiable(local, error)
    if found := wrong_rule(local, rows, rtol):
        return found
    beside = local.beside()
    with suppress(ArithmeticError, TypeError, ValueError):  # the function, or its derivative, has no value there
        if beside.vary(rows):
            found = wrong_rule(beside, second_derivatives(beside), rtol)
            if found:
                return f"{found} (beside its operands, at {tuple(beside.structure.rebuild(beside.point))!r})"
    return None


def undifferentiable(local: LocalFunction, error: Exception) -> str:
    """Which rule it is that cannot be differentiated."""
    for position, parameter in enumerate(local.parameters[: local.owners[-1] + 1]):
        try:
            jacobian(local.rule(position))(list(local.point))
        except type(error):
            what = f"the rule of {local.primitive.name!r} for its operand {parameter} is right but cannot be differentiated"
            return f"{what}: {type(error).__name__}: {error}"
    return f"the rules of {local.primitive.name!r} are right but cannot be differentiated: {type(error).__name__}: {error}"


def second_derivatives(local: LocalFunction) -> list[Vector]:
    """What the rules give when they are differentiated: a row for each operand."""
    return [[float(number_in(x)) for x in row] for row in jacobian(local.rules)(list(local.point))]


def wrong_rule(local: LocalFunction, rows: list[Vector], rtol: float) -> str | None:
    """What is wrong with the derivatives of the rules, these rows, though the numbers that the rules give are right.

    All operands are moved at once; only where the sum of their derivatives is wrong, they are moved one by one.
    """
    smooth = [k for k in local.moving if not local.declares_kink(k)]
    together = [contracted(row, local.direction(smooth)) for row in rows]
    if not smooth or not disagreements(local.rules, local.point, [local.direction(smooth)], [together], rtol):
        return None
    for k in smooth:
        by_k = [[row[k] for row in rows]]
        for (_, i), finding in disagreements(local.rules, local.point, [{k: 1.0}], by_k, rtol, on_values=True).items():
            if finding.kind is Kind.WRONG and i in smooth:
                return (
                    f"the rule of {local.primitive.name!r} for its operand {local.parameters[local.owners[i]]} is right, "
                    f"but not its own derivative by {local.names[k]}: {rows[i][k]!r}, numerically {finding.estimate}. "
                    "Write the rule with operators and functions of autograd_lite, on Values (no math.*)"
                )
    return None


def contracted(derivatives: Vector, direction: Direction) -> float:
    """The derivative along a direction."""
    return sum(weight * derivatives[k] for k, weight in direction.items())


def stops(node: Value, _: LocalFunction) -> str | None:
    """That a node passes no derivative on by intention: then the analytic derivative is not that of the numbers."""
    if node.primitive.stops_gradient:
        return f"passes nothing on by intention, so numbers cannot tell: {describe_node(node)} stops gradients"
    return None


def kinks(node: Value, local: LocalFunction) -> str | None:
    """The kink of a node's primitive at its inputs. Those that are one and the same node move as one."""
    places: dict[Value, list[int]] = {}
    for k in local.moving:
        places.setdefault(node.parents[k], []).append(k)
    if any(local.kink_along(*together) for together in places.values()):
        return f"is not differentiable here: {describe_node(node)} has a kink"
    return None


def infinite_locals(node: Value, _: LocalFunction) -> str | None:
    """The result of a node, or the first of its local derivatives, that is not finite."""
    if not math.isfinite(node.data):
        return f"leaves the range of floats on the way: {describe_node(node)}"
    for derivative in node.local_derivatives:
        if not math.isfinite(derivative):
            return f"has no finite derivative here: that of {describe_node(node)} is {derivative!r}"
    return None
