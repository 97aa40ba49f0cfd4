"""`walk`: the whole story of one weight and one sample: forward, the loss, the derivative, the step, and the loss again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from nn.documents.derivation import Derivation
from nn.documents.derive import derive
from nn.documents.descent import Step, descend
from nn.documents.forward import composition_block, loss_equations, node_equations
from nn.documents.forward_pass import input_block, layer_block
from nn.documents.layout import Block, chosen, page_latex, page_text
from nn.documents.letters import ALL, Letters, checked_style
from nn.documents.loss_formulas import LossFormulas
from nn.documents.moves import Move
from nn.documents.network import Samples
from nn.documents.passes import Pass
from nn.layers import Sequential
from nn.losses import Loss
from nn.notation import Formula, equals, join, number, partial, remark, words


@dataclass(frozen=True)
class Section:
    """A part of the story: its title, and what stands below it."""

    title: str
    blocks: list[Block]

    def __str__(self) -> str:
        return f"{self.title}\n{'─' * len(self.title)}\n\n{page_text(self.blocks)}"

    def markdown(self) -> str:
        """The section with its formulas in LaTeX."""
        return f"### {self.title}\n\n$${page_latex(self.blocks)}$$"

    def _repr_markdown_(self) -> str:
        return self.markdown()


class Walk:
    """The story of one weight; made by `walk`.

    Attributes:
        derivation: of the loss by this weight.
        step: the step of gradient descent.
        sections: the parts of the story, each to be printed alone if need be.
    """

    def __init__(self, derivation: Derivation, step: Step, sections: list[Section]) -> None:
        self.derivation, self.step, self.sections = derivation, step, sections

    def __str__(self) -> str:
        return "\n\n\n".join(map(str, self.sections))

    def markdown(self) -> str:
        """The story with its formulas in LaTeX, for a notebook or a page of Markdown."""
        return "\n\n".join(section.markdown() for section in self.sections)

    def _repr_markdown_(self) -> str:
        return self.markdown()

    def __repr__(self) -> str:
        return f"<walk for {self.derivation.symbol.text} = {self.derivation.value:.4g}: print() shows it>"


def walk(
    model: Sequential,
    x: Sequence[Any],
    y: Any,
    *,
    weight: tuple[int, int, int],
    loss: str | Loss = "sum_squared_error",
    lr: float = 0.1,
    steps: str = ALL,
    layers: str = "numbers",
    limit: int | None = 10,
) -> Walk:
    """All that happens to one weight for one sample: the way forward, the loss, the derivative, the step, and the loss again.

    The model stays as it is.

    Arguments:
        model: an MLP, or a Sequential of layers of neurons.
        x: one sample.
        y: its target: what the loss takes.
        weight: (l, j, k): the weight from node k of layer l − 1 to node j of layer l; layers from 1, nodes from 0.
        loss: the name of a loss, or a function of `(output, target)`.
        lr: η, the learning rate of the step.
        steps: "all", or "short" for a derivation without the sums written out.
        layers: "numbers" for (3), (2), or "letters" for (L), (L−1).
        limit: the most terms of a sum, rows of a matrix, and weights of the step that are printed, at least 3; None for all.

    Raises:
        TypeError, ValueError: what `derive` and `descend` raise; several samples.

    Example:
        >>> from nn import MLP, walk
        >>> model = MLP(2, [2, 1], activation="sigmoid", seed=0)
        >>> story = walk(model, [0.5, -1.0], 1.0, weight=(2, 0, 1))
        >>> [section.title for section in story.sections]
        ['1. Forward', '2. The loss', '3. The derivative by w₀₁⁽²⁾', '4. The step', '5. The loss again']
        >>> story.step.loss > story.step.loss_after
        True
    """
    derivation = derive(model, x, y, weight=weight, loss=loss, steps=steps, layers=layers, limit=limit)
    samples = Samples(model, x, y, loss)
    if not samples.single:
        raise ValueError(f"walk follows one sample, got {len(samples)}: derive and descend take many")
    letters = Letters(samples.layers, checked_style(steps, layers, limit=limit))
    (step,) = descend(model, x, y, loss, lr=lr, layers=layers, limit=limit).steps
    sample, index = samples[0], derivation.index
    l, j, k = index
    formulas = LossFormulas(sample, letters, 0)
    forward = [input_block(sample, letters), *(layer_block(sample, letters, m) for m in range(1, letters.depth + 1))]
    sections = [
        Section("1. Forward", [*forward, ["one node, written out:", *node_equations(sample, letters, l, j, k)]]),
        Section(
            "2. The loss", [loss_equations(formulas), composition_block(formulas, "weight", l, j), _directions(sample, letters)]
        ),
        Section(f"3. The derivative by {letters.w(l, j, k).text}", derivation.blocks(with_story=False)),
        Section("4. The step", [[step.equation(step.update(index))], *step.blocks()]),
        Section("5. The loss again", _again(step, letters)),
    ]
    return Walk(derivation, step, sections)


def _directions(sample: Pass, letters: Letters) -> Block:
    """Which way each output should move (D19)."""
    lines: list[Formula | str] = ["each output has a direction in which the loss falls:"]
    shown = chosen(len(sample.a[-1]), letters.style.limit)
    for j in shown:
        a, value, slope = letters.a(letters.depth, j), sample.a[-1][j], sample.by_output(j)
        move = Move(a.text, value, slope)
        derivative = equals([partial(letters.loss(0), a), number(slope)])
        line = join([remark(equals([a, number(value)]), f"should {move.direction}, since"), derivative], " ", r" \ ")
        lines.append(Formula(line.text, f"& {line.latex}"))
    rest = len(sample.a[-1]) - len(shown)
    return [*lines, *([f"… and {rest:,} more"] if rest else [])]


def _again(step: Step, letters: Letters) -> list[Block]:
    """The loss with the weights after the step."""
    after = LossFormulas(step.passes_after[0], letters, 0)
    change = words(f"a change of {number(step.loss_after - step.loss).text}")
    return [
        ["with all weights after the step:", *loss_equations(after)],
        [
            Formula(
                f"before the step it was {number(step.loss).text}: {change.text}",
                rf"& \text{{before the step it was }} {number(step.loss).latex} \text{{: }} {change.latex}",
            )
        ],
    ]
