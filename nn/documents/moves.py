"""Which way the outputs should move to make the loss smaller (D19)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from autograd_lite.basics.elsewhere import answers_calls
from nn.documents.averages import average
from nn.documents.layout import DOTS, Block, Printed
from nn.documents.letters import Letters, checked_style
from nn.documents.network import Samples
from nn.layers import Sequential
from nn.losses import Loss
from nn.notation import Formula, equals, number, partial, remark, words


@dataclass(frozen=True)
class Move:
    """What the loss asks of one output node: of one sample, or on average.

    Attributes:
        name: of the output, such as a₀⁽³⁾.
        activation: its number; of several samples the mean.
        derivative: of the loss by it.
        loss: the symbol of the loss, C₀ or C.
    """

    name: str
    activation: float
    derivative: float
    loss: str = "C₀"

    @property
    def direction(self) -> str:
        """ "rise", "fall" or "stay": against the derivative, which points uphill."""
        return "rise" if self.derivative < 0 else "fall" if self.derivative > 0 else "stay"

    def __str__(self) -> str:
        return self.line(Formula(self.name, self.name), Formula(self.loss, self.loss)).text

    def line(self, a: Formula, loss: Formula) -> Formula:
        """The move as a line of a page, with these symbols for the output and for the loss."""
        slope, value = equals([partial(loss, a), number(self.derivative)]), number(self.activation)
        if loss.text != "C":
            return remark(equals([a, value]), f"should {self.direction}, since", slope)
        said = words(f", should {self.direction}, since ")
        return Formula(
            f"{a.text}, on average {value.text}{said.text}{slope.text}",
            rf"{a.latex} \text{{, on average }} {value.latex} {said.latex} {slope.latex}",
        )


class Moves(Printed, Sequence[Move]):
    """The move of each output node; made by `output_moves`.

    Attributes:
        samples: the moves of each sample. Of several, every activation and derivative is the mean of theirs.
    """

    def __init__(self, passes: Samples, letters: Letters, sample: int | None) -> None:
        self._passes, self._letters, self._sample = passes, letters, sample
        self._loss = letters.loss(*([] if sample is None else [sample]))
        these = list(passes) if sample is None else [passes[sample]]
        last, n = letters.depth, len(these)
        self._moves = [
            Move(
                letters.a(last, j).text,
                sum(each.a[last][j] for each in these) / n,
                sum(each.by_output(j) for each in these) / n,
                self._loss.text,
            )
            for j in range(passes.layers[-1].nout)
        ]

    @property
    def samples(self) -> list[Moves]:
        """The moves of each sample alone."""
        single = self._sample is not None
        return [self] if single else [Moves(self._passes, self._letters, i) for i in range(len(self._passes))]

    def __getitem__(self, index: Any) -> Any:
        return self._moves[index]

    def __len__(self) -> int:
        return len(self._moves)

    def __repr__(self) -> str:
        return f"<moves of {len(self)} outputs: print() shows them, [j] has direction and derivative>"

    def blocks(self) -> list[Block]:
        """The page: which way each output should move, and of several samples where the mean derivative comes from (D11)."""
        shown = range(len(self))[: self._letters.style.limit]
        rest = len(self) - len(shown)
        more: Block = [f"{DOTS.text} and {rest:,} more, in [{len(shown)}:]"] if rest else []
        if self._sample is not None:
            return [[*(self._line(j) for j in shown), *more]]
        return [*([self._line(j), self._mean(j)] for j in shown), more]

    def _line(self, j: int) -> Formula:
        line = self._moves[j].line(self._letters.a(self._letters.depth, j), self._loss)
        return Formula(line.text, f"& {line.latex}")

    def _mean(self, j: int) -> Any:
        letters, a = self._letters, self._letters.a(self._letters.depth, j)
        values = [each.by_output(j) for each in self._passes]
        return average(partial(self._loss, a), lambda i: partial(letters.loss(i), a), values, letters.style)


@answers_calls
def output_moves(
    model: Sequential,
    x: Sequence[Any],
    y: Any,
    loss: str | Loss = "sum_squared_error",
    *,
    layers: str = "numbers",
    limit: int | None = 10,
) -> Moves:
    """Which way each output should move to make the loss smaller (D19): of one sample, or on average over a list of samples.

    The arguments are those of `backprop`. With squared errors an output should rise where it is below its target, and fall
    where it is above. Of several samples, the activation and the derivative are the means.

    Example:
        >>> from nn import MLP, output_moves
        >>> model = MLP(1, [2], init=lambda nin, nout, random: 0.5)
        >>> moves = output_moves(model, [1.0], [0.0, 1.0])
        >>> print(moves)
        a₀⁽¹⁾ = 0.5,  should fall, since ∂C₀/∂a₀⁽¹⁾ = 1
        a₁⁽¹⁾ = 0.5,  should rise, since ∂C₀/∂a₁⁽¹⁾ = −1
        >>> moves[1].direction, moves[1].derivative
        ('rise', -1.0)
    """
    samples = Samples(model, x, y, loss)
    letters = Letters(samples.layers, checked_style(layers=layers, limit=limit))
    return Moves(samples, letters, 0 if samples.single else None)
