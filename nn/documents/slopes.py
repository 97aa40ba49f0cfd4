"""The two slopes that backpropagation begins with, g′ of an activation and ∂C₀/∂a of a loss.

They come from the local derivatives in the table of primitives, in forward mode, and not from the engine's `backward`.
"""

from __future__ import annotations

import math
from typing import Any

from autograd_lite import Value, jvp
from nn.documents.matrices import Vector
from nn.layers import only
from nn.losses import LOSSES, Loss, check_result


def slope(g: Any, z: Any) -> Any:
    """g′(z)."""
    at = Value(z)
    a = g(at)
    if isinstance(a, Value) and a.parents == (at,):  # an operation of the table, as nearly all are: its local derivative
        return a.local_derivatives[0]
    return jvp(g, (z,), (1.0,))[1]


def loss_number(loss: Loss, outputs: Vector, y: Any) -> Any:
    """The loss of a sample.

    Raises:
        TypeError: the loss gives no Value.
        ValueError: the loss is NaN or infinite.
    """
    result = loss(only([Value(a) for a in outputs]), y)
    check_result(result)
    check_loss(result.data)
    return result.data


def loss_slope(loss: Loss, outputs: Vector, y: Any, j: int) -> Any:
    """∂C₀/∂a_j for one output node.

    Raises:
        ValueError: the loss is NaN or infinite.
    """

    def of_outputs(*a: Any) -> Any:
        return loss(only(list(a)), y)

    def of_output(a: Any) -> Any:
        return loss(only([*outputs[:j], a, *outputs[j + 1 :]]), y)

    if loss in LOSSES.values():  # which take numbers and Values together: the others need not be followed
        number, derivative = jvp(of_output, (outputs[j],), (1.0,))
    else:
        number, derivative = jvp(of_outputs, outputs, [float(i == j) for i in range(len(outputs))])
    check_loss(number)
    return derivative


def check_loss(number: Any) -> None:
    """Raise a ValueError if the loss of a sample is NaN or infinite: its derivatives would explain nothing."""
    if not math.isfinite(number):
        raise ValueError(f"the loss of the sample is {number!r}, which has no derivatives: look for nan or inf in the weights")
