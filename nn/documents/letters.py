"""The letters of a model: its weights, nodes and functions as the documents write them, and the choices in how."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from autograd_lite.basics.checks import one_of, whole_number, wrong_value
from nn.layers import Layer
from nn.notation import Formula, symbol

NUMBERS, LETTERS = "numbers", "letters"
SHORT, ALL = "short", "all"


@dataclass(frozen=True)
class Style:
    """How formulas are written.

    Attributes:
        steps: "short", or "all" for the way to each formula too: sums written out, and what becomes of their terms.
        layers: "numbers" for (3), (2), or "letters" for (L), (L−1).
        numbers: whether the numbers of the sample are put in; without them the formulas are those of the documents.
        limit: the most terms of a sum, and rows of a table, that are written; what is left out is counted. None for all.
    """

    steps: str = SHORT
    layers: str = NUMBERS
    numbers: bool = True
    limit: int | None = 10

    @property
    def in_full(self) -> bool:
        """Whether all steps are written."""
        return self.steps == ALL


PLAIN: Final = Style()


def checked_style(steps: Any = SHORT, layers: Any = NUMBERS, numbers: Any = True, limit: Any = 10) -> Style:
    """The style of these choices, as a user gives them.

    Raises:
        ValueError: an unknown choice, or a limit that is no whole number of at least 3.
    """
    most = None if limit is None else whole_number("limit", limit, 3)
    if numbers not in (True, False):
        raise wrong_value("numbers", "True or False", numbers)
    return Style(one_of("steps", steps, (SHORT, ALL)), one_of("layers", layers, (NUMBERS, LETTERS)), bool(numbers), most)


class Letters:
    """The symbols of one model in one style.

    Arguments:
        layers: of the model.
        style: how they are written.
    """

    def __init__(self, layers: list[Layer], style: Style) -> None:
        self.style = style
        self.depth = len(layers)
        functions = [{id(neuron.g) for neuron in layer.neurons} for layer in layers]
        self.of_layer = len(set[int]().union(*functions)) > 1  # whether g bears the number of its layer
        self.of_node = [False, *(len(found) > 1 for found in functions)]  # and that of its node

    def layer(self, l: int) -> str:
        """A layer's number, or its letter: L is the output layer."""
        if self.style.layers == NUMBERS:
            return str(l)
        return "L" if l == self.depth else f"L-{self.depth - l}"

    def layer_name(self, l: int) -> str:
        """The same between words."""
        return self.layer(l).replace("-", "−")

    def count(self, size: int) -> int | None:
        """How many terms a sum has, for its bound: None for n, where no numbers are put in."""
        return size if self.style.numbers else None

    def last(self, size: int) -> int | str:
        """The last index of so many nodes: n − 1, where no numbers are put in."""
        return size - 1 if self.style.numbers else "n-1"

    def loss(self, *index: int | str) -> Formula:
        """C₀, the loss of sample 0; C, of a set."""
        return symbol("C", *index)

    def w(self, l: int, j: int | str, k: int | str) -> Formula:
        """The weight to node j of layer l from node k of the layer before."""
        return symbol("w", j, k, layer=self.layer(l))

    def W(self, l: int) -> Formula:  # noqa: N802 the documents' letter
        """The weights of a layer as a matrix."""
        return symbol("W", layer=self.layer(l))

    def b(self, l: int, *j: int | str) -> Formula:
        """The bias of a node, or without j of all nodes of a layer."""
        return symbol("b", *j, layer=self.layer(l))

    def z(self, l: int, *j: int | str) -> Formula:
        """The input of a node, or without j of all nodes of a layer."""
        return symbol("z", *j, layer=self.layer(l))

    def a(self, l: int, *j: int | str) -> Formula:
        """The activation of a node, or without j of all nodes of a layer."""
        return symbol("a", *j, layer=self.layer(l))

    def y(self, *j: int | str) -> Formula:
        """The desired value of an output node."""
        return symbol("y", *j)

    def delta(self, l: int, *j: int | str) -> Formula:
        """The error of a node, or without j the error vector of a layer."""
        return symbol("δ", *j, layer=self.layer(l))

    def g(self, l: int, j: int | str | None = None) -> Formula:
        """The activation function: with its layer where layers differ, and with its node where those of a layer do."""
        return self._function("g", "g", l, j)

    def g_prime(self, l: int, j: int | str | None = None) -> Formula:
        """Its derivative."""
        return self._function("g′", "g'", l, j)

    def _function(self, text: str, latex: str, l: int, j: int | str | None) -> Formula:
        if not self.of_layer:
            return Formula(text, latex)
        node = () if j is None or not self.of_node[l] else (j,)
        marks, above, below = symbol("", *node, layer=self.layer(l)), symbol("", layer=self.layer(l)), symbol("", *node)
        return Formula(text + marks.text, latex + above.latex + below.latex)  # behind a prime LaTeX wants the superscript first
