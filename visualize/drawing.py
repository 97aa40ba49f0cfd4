"""`draw`: a graph or a network as a picture."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, overload

from autograd_lite.basics.checks import one_of
from autograd_lite.basics.elsewhere import answers_calls
from autograd_lite.value import Value
from visualize import dot
from visualize.network.drawing import draw_network
from visualize.network.model import Network, is_network
from visualize.picture.rendering import Picture, check_size
from visualize.shown import Svg


@overload
def draw(
    subject: Value,
    *arguments: Any,
    view: Literal["graph"] = "graph",
    local_derivatives: bool = False,
    colors: bool = False,
    names: bool = True,
    theme: str = "auto",
    limit: int = 100,
    size: tuple[int, int] | None = None,
    **options: Any,
) -> Picture: ...


@overload
def draw(
    subject: Value,
    *,
    view: Literal["network"],
    highlight: Any = None,
    edges: str = "weights",
    theme: str = "auto",
    limit: int = 16,
    size: tuple[int, int] | None = None,
) -> Picture: ...


@overload
def draw(
    subject: Network,
    *,
    highlight: Any = None,
    sample: Sequence[Any] | None = None,
    edges: str = "weights",
    theme: str = "auto",
    limit: int = 16,
    size: tuple[int, int] | None = None,
) -> Picture: ...


@answers_calls
def draw(subject: Any, *arguments: Any, view: str = "graph", size: tuple[int, int] | None = None, **options: Any) -> Picture:
    """Draw the graph that computed a value, or a network.

    Arguments:
        subject: a Value, the end of a graph, drawn by `visualize.dot.draw`; or a model of layers of neurons, such as an MLP,
            drawn by `visualize.network.drawing.draw_network`.
        *arguments: those of the one or the other.
        view: "network" draws the network that computed a Value, in place of its graph.
        size: width and height in pixels, such as (1600, 900) for a slide; if not given, as large as the graph is.
        **options: its options.

    Raises:
        TypeError: `subject` is neither; an option that is not of its kind of picture.
        ValueError: what the options raise.

    Example:
        >>> from autograd_lite import Value, tanh
        >>> from visualize import draw
        >>> w, x = Value(0.5), Value(2.0)
        >>> y = tanh(w * x)
        >>> y.backward()
        >>> print(draw(y).source)  # doctest: +ELLIPSIS
        digraph {
        ...
    """
    one_of("view", view, ("graph", "network"))
    if is_network(subject) or (view == "network" and isinstance(subject, Value)):
        picture = draw_network(subject, *arguments, **options)
    else:
        picture = dot.draw(subject, *arguments, **options)
    picture.size = check_size(size)
    return picture


@answers_calls
def to_svg(subject: Value | Network, **options: Any) -> Svg:
    """The picture of `draw(subject, **options)` as the text of an SVG file.

    Example:
        >>> from autograd_lite import Value
        >>> from visualize import to_svg
        >>> "<svg" in to_svg(Value(2.0, "a") * 3)
        True
    """
    return Svg(draw(subject, **options).pipe("svg", encoding="utf-8"))
