"""A page that plays forward and backward propagation on the graph's picture, and computes it anew when a leaf is edited."""

from __future__ import annotations

from autograd_lite.notation import text
from autograd_lite.value import Value
from visualize.graph.nodes import Graph, check_value
from visualize.page.document import document
from visualize.shown import Page

MOST = 400  # nodes that a page can be stepped through by a person
LONGEST_TITLE = 100  # characters of a formula in a heading; of a longer one the last operation


def stepper(value: Value, *, names: bool = True) -> Page:
    """A self-contained HTML page that steps through the computation of a value and of its gradients.

    The page is text to be saved; in a notebook it plays in its place, in a frame of its own. It needs no network. It shows one
    operation at a time, forward and then backward, with its formula in names and in numbers; its leaves can be edited. What it
    computes with is made from the table of primitives: their functions translated from Python, and their derivatives read off
    the rules.

    Arguments:
        value: the end of the graph, of at most 400 nodes.
        names: call values without a label as the variables of the calling code that hold them.

    Raises:
        TypeError: `value` is not a Value.
        ValueError: the graph is too large, or holds a number that is too large for a float.

    Example:
        >>> from autograd_lite import Value, tanh
        >>> from visualize import stepper
        >>> w, x = Value(0.5), Value(2.0)
        >>> page = stepper(tanh(w * x))
        >>> page.startswith("<!DOCTYPE html>"), len(page) < 300_000
        (True, True)
    """
    graph = Graph(check_value("value", value), names)
    if len(graph.nodes) > MOST:
        raise ValueError(
            f"a page can be stepped through up to {MOST} nodes, this graph has {len(graph.nodes):,}: "
            "take a part of it, or draw() it, which folds large graphs"
        )
    title = graph.name(value)
    if value.operands:
        whole = text(value, lambda node: None if node.operands else graph.names.get(node))
        title += f" = {whole if len(whole) <= LONGEST_TITLE else graph.formula(value)}"
    return Page(document(graph, title))
