"""A page that plays forward and backward propagation on the graph's picture, and computes it anew when a leaf is edited."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from autograd_lite.basics.checks import one_of, wrong_type, wrong_value
from autograd_lite.basics.elsewhere import answers_calls
from autograd_lite.value import Value
from visualize.graph.inputs import with_inputs, with_numbers
from visualize.graph.nodes import Graph
from visualize.network.model import Network, is_network
from visualize.page.document import document
from visualize.page.samples import Sample, loss_of, samples_of
from visualize.picture.themes import DIRECTIONS, THEMES
from visualize.shown import Page

MOST = 5000  # nodes that a page can be stepped through


@answers_calls
def stepper(
    value: Value | Network,
    inputs: Any = None,
    targets: Any = None,
    *,
    loss: Callable[[Any, Any], Any] | None = None,
    samples: Sequence[Sample] | None = None,
    names: bool = True,
    theme: str = "auto",
    rankdir: str = "LR",
) -> Page:
    """A self-contained HTML page that steps through the computation of a value and of its gradients, and descends along them.

    The page is text to be saved; in a notebook it plays in its place, in a frame of its own. It needs no network. It shows one
    operation at a time, forward and then backward, with its formula in names and in numbers; its leaves can be edited. What it
    computes with is made from the table of primitives: their functions translated from Python, and their derivatives read off
    the rules. The plain numbers that a network reads, and those that its outputs are compared with, are leaves of the page too.
    Other plain numbers of sums, products and quotients are edited in rows of their own.
    A graph of more than 400 nodes is shown in parts, among them its layers, that open on a click.

    Arguments:
        value: the end of a graph of at most 5,000 nodes; or a model of layers of neurons, such as an MLP.
        inputs: of a model, one sample, or a list of samples.
        targets: its target, or one for each sample: numbers, or of a model with several outputs the index of one.
        loss: of a model, a function of (output, target); by default the sum of squared errors.
        samples: of a Value, the samples that gradient descent on the page learns from: for each a dictionary from leaves, or
            their names, to numbers. These leaves are inputs, and do not learn.
        names: call values without a label as the variables of the calling code that hold them.
        theme: "light", "dark", or "auto": that of the notebook or the one that its reader's system prefers.
        rankdir: from where to where the graph goes: "LR", from left to right, or "TB", from top to bottom.

    An address that ends in `?embed=1` shows the picture and the controls alone, for a frame in another page; *copy link* gives
    one that brings back the numbers and the step.

    Raises:
        TypeError: `value` is neither a Value nor a model; an argument that belongs to the other; a sample that is none.
        ValueError: the graph is too large, or holds a number that is too large for a float; samples that do not fit together.

    Example:
        >>> from autograd_lite import Value, tanh
        >>> from visualize import stepper
        >>> w, x = Value(0.5), Value(2.0)
        >>> page = stepper(tanh(w * x))
        >>> page.startswith("<!DOCTYPE html>"), len(page) < 300_000
        (True, True)
        >>> from nn import MLP
        >>> page = stepper(MLP(2, [2, 1], activation="tanh", seed=0), [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0])
    """
    one_of("theme", theme, ["auto", *THEMES])
    one_of("rankdir", rankdir, DIRECTIONS)
    if isinstance(value, Value):
        if not (inputs is None and targets is None and loss is None):
            raise TypeError("inputs, targets and loss are of a model; a Value has samples=[{'x': 1.0, 'y': 0.0}, …]")
        end = value
    elif not is_network(value):
        raise wrong_type("value", "a Value, or a model of layers of neurons", value)
    elif inputs is None or targets is None or samples is not None:
        raise TypeError("of a model the page needs inputs and targets: stepper(model, inputs, targets)")
    else:
        end, samples = loss_of(value, inputs, targets, loss)
    graph = with_inputs(Graph(end, names))
    if len(graph.nodes) > MOST:
        way_out = "take a part of it, or draw() it, which folds large graphs"
        raise wrong_value("the graph of a page", f"of up to {MOST:,} nodes", value, way_out, told=f"{len(graph.nodes):,}")
    return Page(document(graph, with_numbers(graph), samples_of(graph, samples), theme, rankdir))
