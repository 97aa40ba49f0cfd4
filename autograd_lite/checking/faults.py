"""Which node is to blame: a rule that is wrong, or an operation that has no derivative where it is."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from autograd_lite.checking.analytic import reverse
from autograd_lite.checking.local import LocalFunction
from autograd_lite.checking.messages import describe_node
from autograd_lite.modes import where_built
from autograd_lite.numerical.curvature import Curvature
from autograd_lite.numerical.derivative import disagreements
from autograd_lite.numerical.estimate import SAFETY, Estimate
from autograd_lite.numerical.evaluation import Vector, number_in
from autograd_lite.numerical.findings import Kind
from autograd_lite.value import Value

NEGLIGIBLE: Final = 1e-9  # a local derivative known to be as small as this hides no other


def find_fault(nodes: Sequence[Value], order: int, rtol: float) -> tuple[Value, str] | None:
    """The first of the nodes, parents first, whose rule is wrong, and what is wrong with it.

    For a derivative of a higher order it may also be a rule that is right and cannot be differentiated.
    """
    examined = [(node, local) for node, local in local_functions(nodes)]
    for examine in (wrong_locals, wrong_rules)[:order]:
        for node, local in examined:
            if found := examine(node, local, rtol):
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


def find_obstacle(nodes: Sequence[Value]) -> str | None:
    """Why an operation among the nodes has no derivative at its operands, and where it was built."""
    for examine in (kinks, infinite_locals):
        for node, local in local_functions(nodes):
            if found := examine(node, local):
                return f"{found}, {where_built(node)}"
    return None


def find_unseen(nodes: Sequence[Value]) -> str | None:
    """An operation of which numbers cannot tell whether its rule is right, and where it was built."""
    for node, local in local_functions(nodes):
        for k in local.moving:
            for finding in local.findings(k, float(node.local_derivatives[k]), 0.0):
                if finding.estimate is None or SAFETY * finding.estimate.error > NEGLIGIBLE and finding.kind is not Kind.WRONG:
                    return f"{describe_node(node)}, {where_built(node)}"
    return None


def wrong_locals(node: Value, local: LocalFunction, rtol: float) -> str | None:
    """What is wrong with the local derivatives of a node, the numbers that its rule gives.

    Where one is 0, a rule is looked at beside its operands as well: a wrong one may vanish together with the right one.
    """
    name = repr(node.primitive.name)
    try:
        analytic = [float(number_in(x)) for x in node.local_derivatives]
    except (ArithmeticError, TypeError, ValueError) as error:
        return f"the rule of {name} fails: {type(error).__name__}: {error}"
    for k in local.moving:
        if estimate := refuted(local, k, analytic[k], rtol, local.point):
            return f"the rule of {name} for its operand {local.names[k]} gives {analytic[k]!r}, numerically {estimate}"
    vanishing = [k for k in local.moving if analytic[k] == 0]
    for side in (1, -1) if vanishing else ():
        point = local.beside(side)
        for k in vanishing:
            if found := wrong_beside(local, k, rtol, point):
                return f"the rule of {name} for its operand {local.names[k]} gives {found}"
    return None


def wrong_beside(local: LocalFunction, k: int, rtol: float, point: Vector) -> str | None:
    """What is wrong with the local derivative by operand `k` at a point beside the node's own."""
    try:
        analytic = local.derivative(k, point)
    except (ArithmeticError, TypeError, ValueError):  # the function has no value there
        return None
    estimate = refuted(local, k, analytic, rtol, point)
    return f"{analytic!r}, numerically {estimate}, beside its operands, at {local.structure.rebuild(point)!r}" if estimate else None


def refuted(local: LocalFunction, k: int, analytic: float, rtol: float, point: Vector) -> Estimate | None:
    """The numerical derivative by operand `k` that contradicts the analytic one."""
    for finding in local.findings(k, analytic, rtol, point):
        if finding.kind is Kind.WRONG and finding.estimate:
            if finding.estimate.contradicts(analytic, rtol, local.blur(k, point)):
                return finding.estimate
    return None


def wrong_rules(node: Value, local: LocalFunction, rtol: float) -> str | None:
    """What is wrong with the rules of a node as functions that are differentiated in their turn."""
    for point, where in ((local.point, ""), (local.beside(1), ", beside its operands, at {}")):
        try:
            rows = [[float(number_in(x)) for x in row] for row in reverse(local.rules, list(point))]
        except (ArithmeticError, TypeError, ValueError) as error:
            if not where:
                return undifferentiable(local, error)
            continue
        for i, k, estimate in wrong_second(replace(local, point=point), rows, rtol):
            return (
                f"the rule of {node.primitive.name!r} for its operand {local.parameters[local.owners[i]]} is right, but not its "
                f"own derivative by {local.names[k]}: {rows[i][k]!r}, numerically {estimate}{where.format(point)}. "
                "Write the rule with operators and functions of autograd_lite, on Values (no math.*)"
            )
    return None


def undifferentiable(local: LocalFunction, error: Exception) -> str:
    """Which rule it was that could not be differentiated."""
    for position, parameter in enumerate(local.parameters):
        try:
            reverse(local.rule(position), list(local.point))
        except type(error):
            what = f"the rule of {local.primitive.name!r} for its operand {parameter} is right but cannot be differentiated"
            return f"{what}: {type(error).__name__}: {error}"
    return f"the rules of {local.primitive.name!r} cannot be differentiated: {type(error).__name__}: {error}"


def wrong_second(local: LocalFunction, rows: list[Vector], rtol: float) -> Iterator[tuple[int, int, Estimate]]:
    """The second derivatives that are contradicted: by differences of the rule, then by those of the function itself."""
    smooth = [k for k in local.moving if not local.declares_kink(k)]
    for k in smooth:
        for (_, i), finding in disagreements(local.rules, local.point, [{k: 1.0}], [[row[k] for row in rows]], rtol).items():
            if finding.kind is Kind.WRONG and finding.estimate and i in smooth:
                yield i, k, finding.estimate
    curvature = Curvature(local.value, local.point, 2, [lambda _, indices: rows[indices[0]][indices[1]]], 1, rtol)
    for found in curvature.contradictions(smooth):
        yield *found.indices, found.estimate


def kinks(node: Value, local: LocalFunction) -> str | None:
    """The kink of a node's primitive at its inputs."""
    if any(local.kink_along(k) for k in local.moving):
        return f"is not differentiable here: {describe_node(node)} has a kink"
    return None


def infinite_locals(node: Value, _: LocalFunction) -> str | None:
    """The first local derivative of a node that is not finite."""
    for derivative in node.local_derivatives:
        if not math.isfinite(derivative):
            return f"has no finite derivative here: that of {describe_node(node)} is {derivative!r}"
    return None
