"""The graph as a Graphviz picture: every value with its name, its formula, its number and its gradient."""

from __future__ import annotations

from graphviz import FORMATS  # type: ignore[import-untyped]

from autograd_lite.basics.checks import one_of, whole_number, wrong_value
from autograd_lite.value import Value
from visualize.graph.nodes import Graph, check_value
from visualize.picture.drawing import Drawing
from visualize.picture.places import Places
from visualize.picture.rendering import Picture, in_theme
from visualize.picture.themes import DIRECTIONS, Theme


def draw(
    value: Value,
    format: str = "svg",
    rankdir: str = "LR",
    *,
    local_derivatives: bool = False,
    colors: bool = False,
    names: bool = True,
    theme: str = "auto",
    limit: int = 100,
) -> Picture:
    """Draw the graph that computed a value: inputs on the left, the value on the right.

    Each value is one box with its operation's symbol, its name and formula, its number and its gradient. A weight that one
    neuron alone uses sits on the way from the input that it multiplies. Neurons that share their inputs are framed as a layer.

    Arguments:
        value: the end of the graph; call its `backward()` first to see gradients.
        format: what `render` writes if it is told nothing else: "svg", "png", "pdf" …
        rankdir: from where to where it goes: "LR", from left to right, or "TB", from top to bottom.
        local_derivatives: write on each edge the derivative of the result by the operand; their product along a path is the
            chain rule.
        colors: colour the boxes by the gradient's sign and size.
        names: call values without a label as the variables of the calling code that hold them.
        theme: "light", "dark", or "auto": that of the notebook in a notebook, and light elsewhere.
        limit: the most boxes to draw. A larger graph is folded: each layer to one box, then what is furthest from `value` to
            one; a note says what was folded. So is a graph whose edges are too many and too long to be laid out in seconds.

    Raises:
        TypeError: `value` is not a Value.
        ValueError: an unknown format, direction or theme, or a limit below 2.

    Example:
        >>> from autograd_lite import Value, tanh
        >>> from visualize.dot import draw
        >>> w, x = Value(0.5), Value(2.0)
        >>> y = tanh(w * x)
        >>> y.backward()
        >>> picture = draw(y)
        >>> print(picture.source)  # doctest: +ELLIPSIS
        digraph {
        ...
    """
    graph = Graph(check_value("value", value), names)
    one_of("rankdir", rankdir, DIRECTIONS)
    whole_number("limit", limit, 2)
    if format not in FORMATS:
        raise wrong_value("format", "one that Graphviz writes, such as 'svg', 'png' or 'pdf'", format)

    places: list[Places] = []  # found once, for both themes

    def drawn(chosen: Theme) -> Picture:
        drawing = Drawing(graph, chosen, local_derivatives, colors, limit, rankdir)
        if not places:
            places.append(drawing.places())
        picture = drawing.picture(places[0])
        picture.format = format
        return picture

    return in_theme(theme, drawn)
