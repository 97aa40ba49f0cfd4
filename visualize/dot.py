"""The graph as a Graphviz picture: every value with its name, its formula, its number and its gradient."""

from __future__ import annotations

from typing import Any

from autograd_lite.checks import one_of, whole_number
from autograd_lite.value import Value
from visualize.graph.nodes import Graph, check_value
from visualize.picture.drawing import Drawing
from visualize.picture.rendering import Picture
from visualize.picture.themes import THEMES
from visualize.shown import Svg


def draw(
    value: Value,
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
        local_derivatives: write on each edge the derivative of the result by the operand; their product along a path is the
            chain rule.
        colors: colour the boxes by the gradient's sign and size.
        names: call values without a label as the variables of the calling code that hold them.
        theme: "light", "dark", or "auto": that of the notebook in a notebook, and light elsewhere.
        limit: the most boxes to draw. A larger graph is folded: each layer to one box, then what is furthest from `value` to
            one; a note says what was folded. So is a graph whose edges are too many and too long to be laid out in seconds.

    Raises:
        TypeError: `value` is not a Value.
        ValueError: an unknown theme, or a limit below 2.

    Example:
        >>> from autograd_lite import Value, tanh
        >>> from visualize import draw
        >>> w, x = Value(0.5), Value(2.0)
        >>> y = tanh(w * x)
        >>> y.backward()
        >>> picture = draw(y)
        >>> print(picture.source)  # doctest: +ELLIPSIS
        digraph {
        ...
    """
    graph = Graph(check_value("value", value), names)
    one_of("theme", theme, ["auto", *THEMES])
    whole_number("limit", limit, 2)

    def drawn(theme: str) -> Picture:
        return Drawing(graph, THEMES[theme], local_derivatives, colors, limit).picture()

    picture = drawn("light" if theme == "auto" else theme)
    if theme == "auto":
        picture.on_dark = drawn("dark")
    return picture


def to_svg(value: Value, **options: Any) -> Svg:
    """The picture of `draw(value, **options)` as the text of an SVG file.

    Example:
        >>> from autograd_lite import Value
        >>> from visualize import to_svg
        >>> "<svg" in to_svg(Value(2.0, "a") * 3)
        True
    """
    return Svg(draw(value, **options).pipe("svg", encoding="utf-8"))
