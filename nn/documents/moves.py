"""Which way the outputs should move to make the loss of a sample smaller (D19)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from nn.documents.backpropagation import backprop
from nn.documents.network import layers_of
from nn.documents.slopes import loss_slopes
from nn.layers import Sequential
from nn.losses import Loss, loss_function
from nn.notation import number, symbol


@dataclass(frozen=True)
class Move:
    """What the loss asks of one output node."""

    name: str
    activation: float
    derivative: float

    @property
    def direction(self) -> str:
        """ "rise", "fall" or "stay": against the derivative, which points uphill."""
        return "rise" if self.derivative < 0 else "fall" if self.derivative > 0 else "stay"

    def __str__(self) -> str:
        derivative = f"∂C₀/∂{self.name} = {number(self.derivative).text}"
        return f"{self.name} = {number(self.activation).text} should {self.direction} ({derivative})"


def output_moves(model: Sequential, x: Sequence[float], y: Any, loss: str | Loss = "sum_squared_error") -> list[Move]:
    """Which way each output should move to make the loss of one sample smaller (D19). The arguments are those of `backprop`.

    With squared errors an output should rise where it is below its target, and fall where it is above.

    Example:
        >>> from nn import MLP, output_moves
        >>> model = MLP(1, [2], init=lambda nin, nout, random: 0.5)
        >>> for move in output_moves(model, [1.0], [0.0, 1.0]):
        ...     print(move)
        a₀⁽¹⁾ = 0.5 should fall (∂C₀/∂a₀⁽¹⁾ = 1)
        a₁⁽¹⁾ = 0.5 should rise (∂C₀/∂a₁⁽¹⁾ = −1)
    """
    outputs = backprop(model, x, y, loss)[-1].a
    slopes = loss_slopes(loss_function(loss), outputs, y)
    last = len(layers_of(model))
    return [
        Move(symbol("a", j, layer=last).text, a, derivative)
        for j, (a, derivative) in enumerate(zip(outputs, slopes, strict=True))
    ]
