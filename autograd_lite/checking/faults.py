"""Which node is to blame: a rule that is wrong, or an operation that has no derivative where it is."""

from __future__ import annotations

import math
from collections.abc import Sequence

from autograd_lite.checking.analytic import reverse
from autograd_lite.checking.local import LocalFunction
from autograd_lite.checking.messages import describe_node
from autograd_lite.modes import where_built
from autograd_lite.numerical.evaluation import number_in
from autograd_lite.value import Value


def find_fault(nodes: Sequence[Value], order: int, rtol: float) -> tuple[Value, str] | None:
    """The first of the nodes, parents first, whose rule is wrong, and what is wrong with it.

    For a derivative of a higher order it may also be a rule that is right and cannot be differentiated.
    """
    for examine in (wrong_locals, wrong_rules)[:order]:
        for node in nodes:
            if found := examine(node, rtol):
                return node, found
    return None


def find_obstacle(nodes: Sequence[Value]) -> str | None:
    """Why an operation among the nodes has no derivative at its operands, and where it was built."""
    for examine in (kinks, infinite_locals):
        for node in nodes:
            if found := examine(node):
                return f"{found}, {where_built(node)}"
    return None


def wrong_locals(node: Value, rtol: float) -> str | None:
    """What is wrong with the local derivatives of a node, the numbers that its rule gives."""
    local = LocalFunction.of(node)
    name = repr(node.primitive.name)
    try:
        analytic = [float(number_in(x)) for x in node.local_derivatives]
    except (ArithmeticError, TypeError, ValueError) as error:
        return f"the rule of {name} fails: {type(error).__name__}: {error}"
    for k in local.moving:
        for estimate in local.refuted(local.value, k, [analytic[k]], rtol).values():
            return f"the rule of {name} for its operand {local.names[k]} gives {analytic[k]!r}, numerically {estimate}"
    return None


def wrong_rules(node: Value, rtol: float) -> str | None:
    """What is wrong with the rules of a node as functions that are differentiated in their turn."""
    local = LocalFunction.of(node)
    rules = node.primitive.derivatives[: len(node.operands)]
    found = (wrong_rule(local, position, rtol) for position, rule in enumerate(rules) if rule is not None)
    return next(filter(None, found), None)


def wrong_rule(local: LocalFunction, position: int, rtol: float) -> str | None:
    """What is wrong with the rule for one operand, though the number that it gives is right."""
    what = f"the rule of {local.primitive.name!r} for its operand {local.parameters[position]} is right"
    function = local.rule(position)
    try:
        rows = reverse(function, list(local.point))
    except (ArithmeticError, TypeError, ValueError) as error:
        return f"{what} but cannot be differentiated: {type(error).__name__}: {error}"
    for k in local.moving:
        column = [float(number_in(row[k])) for row in rows]
        for i, estimate in local.refuted(function, k, column, rtol).items():
            return (
                f"{what}, but not its own derivative by {local.names[k]}: {column[i]!r}, numerically {estimate}. "
                "Write the rule with operators and functions of autograd_lite, on Values (no math.*)"
            )
    return None


def kinks(node: Value) -> str | None:
    """The kink of a node's primitive at its inputs."""
    local = LocalFunction.of(node)
    if any(local.kink_along(k) for k in local.moving):
        return f"is not differentiable here: {describe_node(node)} has a kink"
    return None


def infinite_locals(node: Value) -> str | None:
    """The first local derivative of a node that is not finite."""
    for local in node.local_derivatives:
        if not math.isfinite(local):
            return f"has no finite derivative here: that of {describe_node(node)} is {local!r}"
    return None
