"""Layer normalization: the inputs of a sample, shifted and scaled to mean 0 and variance 1."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from autograd_lite import mean, sqrt
from autograd_lite.basics.checks import check_range, whole_number
from autograd_lite.basics.elsewhere import answers_calls
from autograd_lite.graph.bundles import Bundle
from nn.matrices import as_matrix, checked_matrix, read_only
from nn.memory import check_memory
from nn.module import Module, Parameter
from nn.neurons import take_inputs
from nn.notation import numbered


@answers_calls
class LayerNorm(Module):
    """y = (x − mean) / √(variance + eps) · weight + bias, over the inputs of one sample; as in PyTorch.

    Source: Ba, Kiros and Hinton (2016).

    Arguments:
        size: how many inputs there are.
        eps: ε ≥ 0, against division by zero.
        elementwise_affine: whether there are weights, which begin at 1.
        bias: whether there are biases beside the weights, which begin at 0.

    Attributes:
        weight, bias: as arrays, to be read and assigned as those of a `Layer`; None where there are none.

    Raises:
        ValueError: a setting is out of its range; a sample has another number of inputs.

    Example:
        >>> from nn import LayerNorm
        >>> [round(y.data, 4) for y in LayerNorm(3)([1.0, 2.0, 6.0])]
        [-0.9258, -0.4629, 1.3887]
    """

    matrices = ("weight", "bias")

    def __init__(self, size: int, eps: float = 1e-5, elementwise_affine: bool = True, bias: bool = True) -> None:
        check_range("eps", eps, 0)
        self.nin = self.nout = size = whole_number("size", size)
        check_memory(f"LayerNorm({size})", 2 * size)
        self.eps = eps
        self.w = Bundle(Parameter(1.0, label) for label in numbered("γ", count=size)) if elementwise_affine else None
        self.b = Bundle(Parameter(0.0, label) for label in numbered("β", count=size)) if elementwise_affine and bias else None

    @property
    def weight(self) -> Any:
        """The weights, one for each input."""
        return None if self.w is None else read_only(as_matrix([w.data for w in self.w]))

    @weight.setter
    def weight(self, numbers: Any) -> None:
        self._set("weight", self.w, numbers)

    @property
    def bias(self) -> Any:
        """The biases, one for each input."""
        return None if self.b is None else read_only(as_matrix([b.data for b in self.b]))

    @bias.setter
    def bias(self, numbers: Any) -> None:
        self._set("bias", self.b, numbers)

    def _set(self, name: str, parameters: Bundle[Any] | None, numbers: Any) -> None:
        if parameters is None:
            raise ValueError(f"{self!r} has no {name}")
        for parameter, number in zip(parameters, checked_matrix(f"the {name} of {self!r}", numbers, (self.nin,)), strict=True):
            parameter.data = number

    def forward(self, x: Sequence[Any]) -> list[Any]:
        """The inputs, normalized."""
        xs = take_inputs(self, x, self.nin)
        center = mean(xs)
        shifted = [value - center for value in xs]
        scale = 1 / sqrt(mean([value * value for value in shifted]) + self.eps)
        ys = [value * scale for value in shifted]
        if self.w is not None:
            ys = [y * w for y, w in zip(ys, self.w, strict=True)]
        return ys if self.b is None else [y + b for y, b in zip(ys, self.b, strict=True)]

    def extra_repr(self) -> str:
        """The number of inputs."""
        return f"{self.nin}"
