"""Which way the outputs should move to make the loss smaller (D19)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from nn.documents.network import Samples
from nn.layers import Sequential
from nn.losses import Loss
from nn.notation import number, symbol


@dataclass(frozen=True)
class Move:
    """What the loss asks of one output node: of one sample, or on average."""

    name: str
    activation: float
    derivative: float
    loss: str = "C₀"

    @property
    def direction(self) -> str:
        """ "rise", "fall" or "stay": against the derivative, which points uphill."""
        return "rise" if self.derivative < 0 else "fall" if self.derivative > 0 else "stay"

    def __str__(self) -> str:
        derivative = f"∂{self.loss}/∂{self.name} = {number(self.derivative).text}"
        return f"{self.name} = {number(self.activation).text} should {self.direction} ({derivative})"


def output_moves(model: Sequential, x: Sequence[Any], y: Any, loss: str | Loss = "sum_squared_error") -> list[Move]:
    """Which way each output should move to make the loss smaller (D19): of one sample, or on average over a list of samples.

    The arguments are those of `backprop`. With squared errors an output should rise where it is below its target, and fall
    where it is above. Of several samples, the activation and the derivative are the means.

    Example:
        >>> from nn import MLP, output_moves
        >>> model = MLP(1, [2], init=lambda nin, nout, random: 0.5)
        >>> for move in output_moves(model, [1.0], [0.0, 1.0]):
        ...     print(move)
        a₀⁽¹⁾ = 0.5 should fall (∂C₀/∂a₀⁽¹⁾ = 1)
        a₁⁽¹⁾ = 0.5 should rise (∂C₀/∂a₁⁽¹⁾ = −1)
    """
    samples = Samples(model, x, y, loss)
    last = samples.parameters.depth
    name = symbol("C", *([0] if samples.single else [])).text
    return [
        Move(
            symbol("a", j, layer=last).text,
            samples.mean(sample.a[last][j] for sample in samples),
            samples.mean(sample.by_output(j) for sample in samples),
            name,
        )
        for j in range(samples.layers[-1].nout)
    ]
