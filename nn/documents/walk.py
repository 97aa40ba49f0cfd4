"""`walk`: the whole story of one weight and one sample: forward, the loss, the derivative, the step, and the loss again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from autograd_lite.basics.checks import wrong_count
from autograd_lite.basics.elsewhere import answers_calls
from nn.documents.derivation import Derivation
from nn.documents.derive import derive
from nn.documents.descent import Step, descend
from nn.documents.forward import composition_block, loss_equations, node_equations
from nn.documents.forward_pass import input_block, layer_block
from nn.documents.layout import Block, Printed, page_text
from nn.documents.letters import ALL, Letters, checked_style
from nn.documents.loss_formulas import LossFormulas
from nn.documents.moves import Moves
from nn.documents.network import Samples
from nn.layers import Sequential
from nn.losses import Loss
from nn.notation import Formula, number, words


@dataclass(frozen=True)
class Section(Printed):
    """A part of the story.

    Attributes:
        title: in words, and at their end perhaps a symbol.
        content: what stands below it.
        of: the symbol.
    """

    title: str
    content: list[Block]
    of: Formula | None = None

    def heading(self) -> Formula:
        """The title, in LaTeX too."""
        if self.of is None:
            return words(self.title)
        return Formula(self.title, f"{words(self.title.removesuffix(self.of.text)).latex} {self.of.latex}")

    def blocks(self) -> list[Block]:
        """What stands below the title."""
        return self.content

    def __str__(self) -> str:
        return f"{self.title}\n{'─' * len(self.title)}\n\n{page_text(self.content)}"

    def markdown(self) -> str:
        """The section with its formulas in LaTeX."""
        symbol = f"${self.of.latex}$" if self.of else ""
        title = self.title.removesuffix(self.of.text) if self.of else self.title
        return f"### {title}{symbol}\n\n$${self.latex()}$$"

    def _repr_latex_(self) -> None:
        """A notebook shows the Markdown, with its titles."""

    def _repr_markdown_(self) -> str:
        return self.markdown()


class Walk(Printed):
    """The story of one weight; made by `walk`.

    Attributes:
        derivation: of the loss by this weight.
        step: the step of gradient descent.
        sections: the parts of the story, each to be printed alone if need be.
    """

    def __init__(self, derivation: Derivation, step: Step, sections: list[Section]) -> None:
        self.derivation, self.step, self.sections = derivation, step, sections

    def blocks(self) -> list[Block]:
        """All sections, each below its title."""
        return [block for section in self.sections for block in ([_row(section.heading())], *section.content)]

    def __str__(self) -> str:
        return "\n\n\n".join(map(str, self.sections))

    def markdown(self) -> str:
        """The story with its formulas in LaTeX, for a notebook or a page of Markdown."""
        return "\n\n".join(section.markdown() for section in self.sections)

    def _repr_latex_(self) -> None:
        """A notebook shows the Markdown, with its titles."""

    def _repr_markdown_(self) -> str:
        return self.markdown()

    def __repr__(self) -> str:
        return f"<walk for {self.derivation.symbol.text} = {self.derivation.value:.4g}: print() shows it>"


@answers_calls
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
    numbers: bool = True,
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
        numbers: whether the numbers are put in; False for the formulas alone, which end with the step.
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
    derivation = derive(model, x, y, weight=weight, loss=loss, steps=steps, layers=layers, numbers=numbers, limit=limit)
    samples = Samples(model, x, y, loss)
    if not samples.single:
        raise wrong_count("walk", 1, "sample", len(samples), "derive and descend take many")
    letters = Letters(samples.layers, checked_style(steps, layers, numbers, limit))
    (step,) = descend(model, x, y, loss, lr=lr, layers=layers, numbers=numbers, limit=limit).steps
    sample, index = samples[0], derivation.index
    l, j, k = index
    formulas = LossFormulas(sample, letters, 0)
    forward = [input_block(sample, letters), *(layer_block(sample, letters, m) for m in range(1, letters.depth + 1))]
    of_loss, by = [loss_equations(formulas), composition_block(formulas, "weight", l, j)], letters.w(l, j, k)
    sections = [
        Section("1. Forward", [*forward, ["one node, written out:", *node_equations(sample, letters, l, j, k)]]),
        Section("2. The loss", [*of_loss, *_directions(samples, letters)]),
        Section(f"3. The derivative by {by.text}", derivation.blocks(with_story=False, place=".derivation"), by),
        Section("4. The step", [[step.equation(step.update(index))], *step.blocks(".step")]),
    ]
    if numbers:
        sections.append(Section("5. The loss again", _again(step, letters)))
    return Walk(derivation, step, sections)


def _directions(samples: Samples, letters: Letters) -> list[Block]:
    """Which way each output should move (D19)."""
    if not letters.style.numbers:
        return []
    (moves,) = Moves(samples, letters, 0).blocks()
    return [["each output has a direction in which the loss falls:", *moves]]


def _row(line: Formula) -> Formula:
    return Formula(line.text, f"& {line.latex}")


def _again(step: Step, letters: Letters) -> list[Block]:
    """The loss with the weights after the step."""
    after = LossFormulas(step.passes_after[0], letters, 0)
    change = words(f"a change of {number(step.loss_after - step.loss).text}")
    return [
        ["with all weights after the step:", *loss_equations(after)],
        [
            _row(
                Formula(
                    f"before the step it was {number(step.loss).text}: {change.text}",
                    rf"\text{{before the step it was }} {number(step.loss).latex} \text{{: }} {change.latex}",
                )
            )
        ],
    ]
