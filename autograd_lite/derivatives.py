"""The local derivatives of a node, by its primitive: as numbers, or as graphs."""

from __future__ import annotations

from collections.abc import Container, Sequence
from numbers import Real
from typing import Any

from autograd_lite.bundles import BUNDLES
from autograd_lite.errors import describe_rule_failure
from autograd_lite.scalar import Scalar


def each_local_derivative(
    node: Any, output: Any, inputs: Sequence[Any], wanted: Container[Any] | None = None, without: Container[int] = ()
) -> list[tuple[Any, Any]]:
    """Each parent of a node (among those wanted, and not `without` the operands at these positions) with the derivative by it.

    Called with numbers, `node.data` and `node.inputs`, it gives numbers. Called with the Values themselves, `node` and
    `node.operands`, it gives graphs, which can be differentiated again: so derivatives of derivatives arise.

    Raises:
        ArithmeticError, TypeError, ValueError: a derivative fails, or does not give one number for each parent. The error names
            it.
    """
    each: list[tuple[Any, Any]] = []
    for position, (operand, derivative) in enumerate(zip(node.operands, node.primitive.derivatives, strict=False)):
        if position in without:
            continue
        many = type(operand) in BUNDLES
        if not many and derivative is not None:  # the usual case of what follows
            if wanted is None or operand in wanted:
                try:
                    local = derivative(output, *inputs)
                    if not isinstance(local, Scalar):
                        check_locals([local], 1)
                except Exception as error:
                    raise describe_rule_failure(node.primitive, node.operands, position, error) from error
                each.append((operand, local))
            continue
        parents = operand if many else (operand,)
        if wanted is not None and (derivative is None or not any(parent in wanted for parent in parents)):
            continue  # an operand that only chooses passes nothing on, not even 0 times infinity
        try:
            found = [0] * len(parents) if derivative is None else derivative(output, *inputs)
            locals_ = check_locals(list(found), len(parents))
        except Exception as error:
            raise describe_rule_failure(node.primitive, node.operands, position, error) from error
        for parent, local in zip(parents, locals_, strict=True):
            if wanted is None or parent in wanted:
                each.append((parent, local))
    return each


def check_locals(locals_: list[Any], count: int) -> list[Any]:
    """What a derivative gave, if it is one number or Value for each parent.

    Raises:
        TypeError: something in it is neither.
        ValueError: they are too few or too many.
    """
    for local in locals_:
        if type(local) is not float and not isinstance(local, (Scalar, Real)):  # a tuple of classes is looked at quicker
            raise TypeError(f"it gave {local!r}, expected a number")
    if len(locals_) != count:
        raise ValueError(f"it gave {len(locals_)} numbers for {count} operands")
    return locals_
