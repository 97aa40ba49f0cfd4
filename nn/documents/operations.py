"""Why backward: the products that all derivatives take, one parameter at a time and in one pass (D20)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from autograd_lite import Value, mean
from autograd_lite.basics.elsewhere import answers_calls
from autograd_lite.graph.derivatives import each_local_derivative
from autograd_lite.graph.order import topological_order
from nn.documents.network import is_single, paired
from nn.documents.slopes import check_loss
from nn.losses import Loss, check_result, loss_function
from nn.module import Module

Edges: TypeAlias = dict[Value, list[tuple[Value, Any]]]  # from each node to others, each with its local derivative
Derivatives: TypeAlias = dict[Value, Any]


@dataclass(frozen=True)
class OperationCount:
    """Products of the chain rule, each of a derivative and a local derivative, that two ways to all derivatives take."""

    parameters: int
    backward: int
    one_at_a_time: int
    largest_difference: float  # between the derivatives that the two ways gave
    samples: int = 1

    def __str__(self) -> str:
        over = f", {self.samples:,} samples" if self.samples > 1 else ""
        return (
            f"{self.parameters:,} weights and biases{over}\n"
            f"one at a time, a pass for each: {self.one_at_a_time:,} products\n"
            f"backward, one pass for all: {self.backward:,} products, {self.one_at_a_time / self.backward:.1f} times fewer\n"
            f"the largest difference between their derivatives: {self.largest_difference:.1g}"
        )


@answers_calls
def count_operations(model: Module, x: Sequence[float], y: Any, loss: str | Loss = "sum_squared_error") -> OperationCount:
    """Compute all derivatives of the loss twice, and count: one parameter at a time, and backward (D20).

    One at a time, each parameter's influence is followed forward through the graph to the loss; what it does not reach costs
    nothing. Backward, one pass through the graph gives all. An operation is one product with a local derivative.

    Arguments:
        model: any model of leaf Values.
        x: one sample, or a list of samples, whose loss is the mean (D16).
        y: its target, or one target for each sample.
        loss: the name of a loss, or a function of `(output, target)`.

    Raises:
        ValueError: the loss is NaN or infinite.

    Example:
        >>> from nn import MLP, count_operations
        >>> model = MLP(4, [6, 6, 4], bias=False, seed=0)
        >>> print(count_operations(model, [1.0, 2.0, 3.0, 4.0], [0.0, 0.0, 1.0, 0.0]))
        84 weights and biases
        one at a time, a pass for each: ...
    """
    single = is_single(x)
    losses = [loss_function(loss)(model(a), target) for a, target in ([(x, y)] if single else paired(x, y))]
    for each in losses:
        check_result(each)
        check_loss(each.data)
    output = losses[0] if single else mean(losses)
    order = topological_order(output)
    operands: Edges = {node: each_local_derivative(node, node.data, node.inputs) for node in order}
    users: Edges = {}
    for node in order:
        for operand, local in operands[node]:
            users.setdefault(operand, []).append((node, local))
    position = {node: i for i, node in enumerate(order)}

    gradients, backward = _pass_backward(order, operands)
    one_at_a_time, largest = 0, 0.0
    parameters = model.parameters()
    for parameter in parameters:
        nodes = sorted(_reached(parameter, users), key=lambda node: position.get(node, -1))
        derivatives, products = _pass_forward(nodes, users)
        one_at_a_time += products
        largest = max(largest, abs(derivatives.get(output, 0.0) - gradients.get(parameter, 0.0)))
    return OperationCount(len(parameters), backward, one_at_a_time, largest, len(losses))


def _pass_backward(order: list[Value], operands: Edges) -> tuple[Derivatives, int]:
    """The derivatives of the last node by all others, and the products that they took."""
    derivatives: Derivatives = {order[-1]: 1.0}
    products = 0
    for node in reversed(order):
        for operand, local in operands[node]:
            if not operand.is_constant:
                derivatives[operand] = derivatives.get(operand, 0.0) + derivatives[node] * local
                products += 1
    return derivatives, products


def _pass_forward(nodes: list[Value], users: Edges) -> tuple[Derivatives, int]:
    """The derivatives of these nodes by the first of them, and the products that they took."""
    derivatives: Derivatives = {nodes[0]: 1.0}
    products = 0
    for node in nodes:
        for user, local in users.get(node, ()):
            derivatives[user] = derivatives.get(user, 0.0) + local * derivatives[node]
            products += 1
    return derivatives, products


def _reached(start: Value, users: Edges) -> set[Value]:
    """The node itself, and all that were computed from it."""
    reached = {start}
    waiting = [start]
    while waiting:
        for user, _ in users.get(waiting.pop(), ()):
            if user not in reached:
                reached.add(user)
                waiting.append(user)
    return reached
