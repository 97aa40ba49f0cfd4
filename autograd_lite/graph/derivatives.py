"""The local derivatives of a node, by the rules of its primitive: as numbers, or as graphs."""

from __future__ import annotations

from collections.abc import Container, Sequence
from numbers import Real
from typing import Any

from autograd_lite.errors import describe_rule_failure
from autograd_lite.graph.bundles import BUNDLES
from autograd_lite.graph.long_doubles import in_long_double, is_longer
from autograd_lite.scalar import Scalar


def each_local_derivative(
    node: Any, output: Any, inputs: Sequence[Any], wanted: Container[Any] | None = None, without: Container[int] = ()
) -> list[tuple[Any, Any]]:
    """Each parent of a node (among those wanted, and not `without` the operands at these positions) with the derivative by it.

    Called with numbers, `node.data` and `node.inputs`, it gives numbers. Called with the Values themselves, `node` and
    `node.operands`, it gives graphs, which can be differentiated again: so derivatives of derivatives arise.

    Raises:
        ArithmeticError, TypeError, ValueError: a rule fails, or does not give one number for each parent. The error names
            it.
    """
    each: list[tuple[Any, Any]] = []
    longer = type(output) is not float and not isinstance(output, Scalar) and is_longer(output)
    for position, (operand, rule) in enumerate(zip(node.operands, node.primitive.derivatives, strict=False)):
        if position in without:
            continue
        if longer:
            rule = rule and in_long_double(rule)
        many = type(operand) in BUNDLES
        if not many and rule is not None:  # the usual case of what follows
            if wanted is None or operand in wanted:
                try:
                    local = rule(output, *inputs)
                    if not isinstance(local, Scalar):
                        check_locals([local], 1)
                except Exception as error:
                    raise describe_rule_failure(node.primitive, node.operands, position, error) from error
                each.append((operand, local))
            continue
        parents = operand if many else (operand,)
        if wanted is not None and (rule is None or not any(parent in wanted for parent in parents)):
            continue  # an operand that only chooses passes nothing on, not even 0 times infinity
        try:
            found = [0] * len(parents) if rule is None else rule(output, *inputs)
            locals_ = check_locals(list(found), len(parents))
        except Exception as error:
            raise describe_rule_failure(node.primitive, node.operands, position, error) from error
        for parent, local in zip(parents, locals_, strict=True):
            if wanted is None or parent in wanted:
                each.append((parent, local))
    return each


def check_locals(locals_: list[Any], count: int) -> list[Any]:
    """What a rule gave, if it is one number or Value for each parent.

    Raises:
        TypeError: something in it is neither.
        ValueError: they are too few or too many.
    """
    for local in locals_:
        if type(local) is not float and not isinstance(
            local, (Scalar, Real)
        ):  # a tuple is looked at quicker (benchmark recording)
            raise TypeError(f"it gave {local!r}, expected a number")
    if len(locals_) != count:
        raise ValueError(f"it gave {len(locals_)} numbers for {count} operands")
    return locals_
