"""The step of the chain rule: a node's local derivatives, and how its gradient goes on to its operands, times these.

`pull_back` is the step in its plain form, for any number of operands. The functions below it are optimizations: the same
sums, unrolled for the operations that most nodes are of. The benchmarks `engine` and `moons` pay for them.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Sequence
from numbers import Real
from typing import Any

from autograd_lite.bundles import BUNDLES, Bundle, BundleNumbers
from autograd_lite.errors import describe_rule_failure
from autograd_lite.primitive import CONSTANT, Primitive
from autograd_lite.scalar import Scalar

COUNT = "as many derivatives as operands are needed"


def pull_back(node: Any, numbers: BundleNumbers) -> None:
    """The gradient of each operand grows by that of the node, times the node's local derivative by it.

    Arguments:
        node: a computed Value whose `grad` is complete.
        numbers: those of each bundle that this sweep has met.
    """
    gradient, operands = node.grad, node.operands
    arguments = [node.data, *[numbers[operand] if type(operand) in BUNDLES else operand.data for operand in operands]]
    for operand, derivative in zip(operands, node.primitive.derivatives):  # noqa: B905  # the last operands may be left out
        if derivative is None or operand.primitive is CONSTANT:
            continue
        local = derivative(*arguments)
        if type(operand) is Bundle:
            for parent, its_own in zip(operand, local, strict=True):
                parent.grad += gradient * its_own
        elif local or not node.primitive.chooses:
            operand.grad += gradient * local


def pull_back_unary(node: Any, numbers: BundleNumbers) -> None:
    """`pull_back` for one operand."""
    operand = node.first
    (derivative,) = node.primitive.derivatives
    operand.grad += node.grad * derivative(node.data, operand.data)


def pull_back_choice(node: Any, numbers: BundleNumbers) -> None:
    """`pull_back` for one operand, where what is not chosen passes nothing on."""
    operand = node.first
    (derivative,) = node.primitive.derivatives
    local = derivative(node.data, operand.data)
    if local:
        operand.grad += node.grad * local


def pull_back_binary(node: Any, numbers: BundleNumbers) -> None:
    """`pull_back` for two operands."""
    first, second = node.first, node.second
    by_first, by_second = node.primitive.derivatives
    if first.primitive is not CONSTANT:
        first.grad += node.grad * by_first(node.data, first.data, second.data)
    if second.primitive is not CONSTANT:
        second.grad += node.grad * by_second(node.data, first.data, second.data)


def pull_back_bundles(node: Any, numbers: BundleNumbers) -> None:
    """`pull_back` for two bundles and one operand more: the weights, the inputs and the bias of a neuron."""
    first, others = node.first, node.second
    if type(others) is not tuple or type(first) is not Bundle or type(others[0]) not in BUNDLES or type(others[1]) in BUNDLES:
        pull_back(node, numbers)
        return
    second, third = others
    by_first, by_second, by_third = node.primitive.derivatives
    gradient, arguments = node.grad, (node.data, numbers[first], numbers[second], third.data)
    locals_ = by_first(*arguments)
    if len(locals_) != len(first):
        raise ValueError(COUNT)
    for parent, local in zip(first, locals_):  # noqa: B905  # checked above, which is quicker than `strict`
        parent.grad += gradient * local
    if type(second) is Bundle:
        locals_ = by_second(*arguments)
        if len(locals_) != len(second):
            raise ValueError(COUNT)
        for parent, local in zip(second, locals_):  # noqa: B905
            parent.grad += gradient * local
    if third.primitive is not CONSTANT:
        third.grad += gradient * by_third(*arguments)


def quickest_pull_back(primitive: Primitive, required: int) -> Callable[[Any, BundleNumbers], None]:
    """The form of `pull_back` for a primitive, of whose operands the `required` ones are never left out."""
    if None in primitive.derivatives:
        return pull_back
    match primitive.variadic, required, len(primitive.derivatives):
        case False, 1, 1:
            return pull_back_choice if primitive.chooses else pull_back_unary
        case False, 2, 2 if not primitive.chooses:
            return pull_back_binary
        case True, 2, 3:
            return pull_back_bundles
    return pull_back


def local_derivatives(
    node: Any, output: Any, inputs: Sequence[Any], wanted: Container[Any] | None = None
) -> Iterator[tuple[Any, Any]]:
    """Each parent of a node (among those wanted) with the node's derivative by it.

    They are numbers for the numbers `node.data` and `node.inputs`, and graphs for the Values `node` and `node.operands`.

    Raises:
        ArithmeticError, TypeError, ValueError: a rule fails, or does not give one number for each parent. The error names it.
    """
    for position, (operand, derivative) in enumerate(zip(node.operands, node.primitive.derivatives, strict=False)):
        many = type(operand) in BUNDLES
        parents = operand if many else (operand,)
        if wanted is not None and (derivative is None or not any(parent in wanted for parent in parents)):
            continue  # an operand that only chooses passes nothing on, not even 0 times infinity
        try:
            found = [0] * len(parents) if derivative is None else derivative(output, *inputs)
            locals_ = check_locals(list(found) if many or derivative is None else [found], len(parents))
        except Exception as error:
            raise describe_rule_failure(node.primitive, node.operands, position, error) from error
        for parent, local in zip(parents, locals_, strict=True):
            if wanted is None or parent in wanted:
                yield parent, local


def check_locals(locals_: list[Any], count: int) -> list[Any]:
    """What a rule gave, if it is one number or Value for each parent.

    Raises:
        TypeError: something in it is neither.
        ValueError: they are too few or too many.
    """
    for local in locals_:
        if not isinstance(local, Scalar | Real):
            raise TypeError(f"it gave {local!r}, expected a number")
    if len(locals_) != count:
        raise ValueError(f"it gave {len(locals_)} numbers for {count} operands")
    return locals_
