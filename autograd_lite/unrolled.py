"""Optimizations of `pull_back`: the same sums, unrolled for the operations that most nodes are of.

The plain form, in `autograd_lite.value`, specifies them. The benchmarks `engine` and `moons` show what they are worth.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograd_lite.graph.bundles import BUNDLES, Bundle, BundleNumbers
from autograd_lite.primitive import CONSTANT, Primitive
from autograd_lite.value import pull_back

WRONG_COUNT = "as many derivatives as operands are needed"


def pull_back_unary(node: Any, numbers: BundleNumbers) -> None:
    """`pull_back` for one operand. It does not ask for a constant: what flows into one does no harm, since nobody reads it."""
    operand = node.first
    (derivative,) = node.primitive.derivatives
    operand.grad += node.grad * derivative(node._data, operand._data)


def pull_back_choice(node: Any, numbers: BundleNumbers) -> None:
    """`pull_back` for one operand, where what is not chosen passes nothing on."""
    operand = node.first
    (derivative,) = node.primitive.derivatives
    local = derivative(node._data, operand._data)
    if local:
        operand.grad += node.grad * local


def pull_back_binary(node: Any, numbers: BundleNumbers) -> None:
    """`pull_back` for two operands."""
    first, second = node.first, node.second
    by_first, by_second = node.primitive.derivatives
    if first.primitive is not CONSTANT:
        first.grad += node.grad * by_first(node._data, first._data, second._data)
    if second.primitive is not CONSTANT:
        second.grad += node.grad * by_second(node._data, first._data, second._data)


def pull_back_bundles(node: Any, numbers: BundleNumbers) -> None:
    """`pull_back` for two bundles and one operand more: the weights, the inputs and the bias of a neuron."""
    if type(node.first) is not tuple:
        pull_back(node, numbers)
        return
    (first, third), second = node.first, node.second
    if type(first) is not Bundle or type(second) not in BUNDLES or type(third) in BUNDLES:
        pull_back(node, numbers)
        return
    by_first, by_second, by_third = node.primitive.derivatives
    gradient, output, firsts, seconds, last = node.grad, node._data, numbers[first], numbers[second], third._data
    locals_ = by_first(output, firsts, seconds, last)
    if len(locals_) != len(first):
        raise ValueError(WRONG_COUNT)
    for parent, local in zip(first, locals_):  # noqa: B905  # checked above, which is quicker than `strict`
        parent.grad += gradient * local
    if type(second) is Bundle:
        locals_ = by_second(output, firsts, seconds, last)
        if len(locals_) != len(second):
            raise ValueError(WRONG_COUNT)
        for parent, local in zip(second, locals_):  # noqa: B905
            parent.grad += gradient * local
    if third.primitive is not CONSTANT:
        third.grad += gradient * by_third(output, firsts, seconds, last)


def quickest_pull_back(primitive: Primitive, required: int) -> Callable[[Any, BundleNumbers], None]:
    """The quickest form of `pull_back` for a primitive; a call may leave out the operands after the first `required` ones."""
    if None in primitive.derivatives:
        return pull_back
    count = len(primitive.derivatives)
    if primitive.variadic:
        return pull_back_bundles if (required, count) == (2, 3) and not primitive.chooses else pull_back
    if required == count == 1:
        return pull_back_choice if primitive.chooses else pull_back_unary
    return pull_back_binary if required == count == 2 and not primitive.chooses else pull_back
