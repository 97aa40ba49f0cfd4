"""The order in which the chain rule visits a graph: each node after its operands.

The textbook's walk gives one such order:

    def visit(node):
        if node not in visited:
            visited.add(node)
            for operand in node.operands:
                visit(operand)
            order.append(node)

What follows is such a walk without recursion, for which the stack of Python is too short, and with its usual cases unrolled:
leaves, nodes of one and of two operands, the neurons of a layer. Of two operands it visits the second first.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

from autograd_lite.graph.bundles import Bundle

Node = TypeVar("Node")


def topological_order(*outputs: Node, leaves: Iterable[Bundle[Any]] = ()) -> list[Node]:
    """The computed nodes that the outputs depend on (themselves included, leaves not), each after its parents.

    `leaves` are bundles that are known to hold leaves alone: they are not looked into.

    Depth first, with a stack of its own in place of recursion, so that only memory limits the depth; and in an order that only
    the graph decides, so that sums of gradients are the same to the bit in every run.
    """
    order: list[Any] = []
    visited: set[Any] = {None, *leaves}  # None stands where there is no second operand
    stack: list[Any] = [item for output in reversed(outputs) for item in (output, None)]
    while stack:
        node = stack.pop()
        if node is not None:  # its operands were above it, and are done: it is next in the order
            order.append(node)
            continue
        node = stack.pop()  # below the mark None: this one waits to be visited
        while node not in visited:  # go down along one operand; the others wait
            visited.add(node)
            if type(node) is Bundle:
                for value in node:
                    if value.first is not None or value.grad is None:  # other leaves need nothing
                        stack += (value, None)
                break
            first = node.first
            if first is None:  # a leaf
                if node.grad is None:  # set by a user, who knows it from PyTorch
                    node.grad = 0
                break
            second = node.second
            if type(first) is tuple:
                # If all operands were visited, they are in the order, and this node is next: one that was visited and is not
                # in the order yet would depend on this node, and a graph has no cycles. So it is for all neurons of a layer
                # but the first.
                if second in visited and visited.issuperset(first):
                    order.append(node)
                    break
                first, *others = first
                stack += (node, second, None)
                for other in others:
                    stack += (other, None)
            elif second is not None and (second.first is not None or second.grad is None) and second not in visited:
                # Two operands, and there is something to do at the second: down along that one, and the first waits.
                stack += (node, first, None)
                first = second
            elif first.first is None and first.grad is not None:  # all operands are leaves, to which there is nothing to do
                order.append(node)
                break
            else:  # down along the first, or only, operand
                stack.append(node)
            node = first
    return order
