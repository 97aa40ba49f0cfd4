"""The two slopes that backpropagation begins with, g′ of an activation and ∂C₀/∂a of a loss.

They come from the local derivatives in the table of primitives, in forward mode, and not from the engine's `backward`.
"""

from __future__ import annotations

import math
from typing import Any

from autograd_lite import jvp
from nn.documents.matrices import Vector
from nn.losses import Loss


def slope(g: Any, z: Any) -> Any:
    """g′(z)."""
    return jvp(g, (z,), (1.0,))[1]


def loss_slopes(loss: Loss, outputs: Vector, y: Any) -> Vector:
    """∂C₀/∂a_j for every output node.

    Raises:
        ValueError: the loss is NaN or infinite.
    """

    def of_outputs(*a: Any) -> Any:
        return loss(a[0] if len(a) == 1 else list(a), y)

    slopes = []
    for j in range(len(outputs)):
        number, derivative = jvp(of_outputs, outputs, [float(i == j) for i in range(len(outputs))])
        check_loss(number)
        slopes.append(derivative)
    return slopes


def check_loss(number: Any) -> None:
    """Raise a ValueError if the loss of a sample is NaN or infinite: its derivatives would explain nothing."""
    if not math.isfinite(number):
        raise ValueError(f"the loss of the sample is {number!r}, which has no derivatives: look for nan or inf in the weights")
