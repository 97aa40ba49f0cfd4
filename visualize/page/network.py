"""The second view of a page: the network that the graph computes, as a textbook draws it; and its places in the graph."""

from __future__ import annotations

import math
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Sequence
from typing import Any

from autograd_lite.notation import number
from autograd_lite.value import Value
from visualize.graph.derivatives import Derivatives
from visualize.graph.formulas import in_line, places
from visualize.graph.inputs import OF_SAMPLE
from visualize.graph.layers import weights_of
from visualize.graph.nodes import Graph
from visualize.graph.paths import all_paths, count_paths, nodes_between
from visualize.network.drawing import THICK, THIN, WEIGHTS, NetworkDrawing
from visualize.network.recorded import RecordedNetwork, bias_of
from visualize.page.formulas import tokens
from visualize.page.picture import in_variables, parsed
from visualize.picture.svg import SVG, unfitted
from visualize.picture.themes import FAINTEST, HATCH, THEMES, WIDEST

LIMIT = 16  # nodes of a column; of more, 8 are drawn
MOST_PATHS = 4  # from an output to the result, for a formula of its slope
LONGEST = 90  # characters of such a formula
SHAPES = re.compile(r"[aw]-\d+-\d+(-\d+)?|gap-\d+-\d+|loss|caption")  # what the page's script changes, by its identifier
PLACED = re.compile(r"scale\(([\d.]+) .*translate\((-?[\d.]+)")  # how Graphviz puts a drawing on its page


def network_picture(graph: Graph, network: RecordedNetwork) -> str:
    """The figure of a network, its colours as the page's."""
    drawing = NetworkDrawing(
        network.parts(),
        [[0.0 if math.isnan(x - x) else x for x in column] for column in network.activations()],  # the page hatches what it has
        [[graph.name(value).partition(OF_SAMPLE)[0] for value in column] for column in network.columns],
        highlight=None,
        edges=WEIGHTS,
        theme=THEMES["light"],
        limit=LIMIT,
        loss="" if graph.output in network.columns[-1] else f"{graph.name(graph.output)}\n{number(graph.output.data)}",
    )
    svg, sizes = parsed(drawing.picture().pipe("svg", encoding="utf-8"), "network")
    parents = {child: parent for parent in svg.iter() for child in parent}
    scale, left = map(float, PLACED.findall(svg[0].get("transform", ""))[0])
    middle = float(svg.get("viewBox", "").split()[2]) / 2 / scale - left
    for element in list(svg.iter()):
        identifier = element.attrib.pop("id", "")
        if element.tag == f"{{{SVG}}}title":
            parents[element].remove(element)
        elif SHAPES.fullmatch(identifier):
            element.set("id", identifier)
            _prepare(element, middle)
    shown = in_variables(ElementTree.tostring(svg, encoding="unicode"), THEMES["light"])
    label = "The network. Each node and each weight can be selected."
    return f'<figure id="network" class="network" style="{sizes}" aria-label="{label}" hidden>{shown}</figure>'


def _prepare(group: ElementTree.Element, middle: float) -> None:
    """Set words in the middle, of a node or of the picture, whatever they become; give a weight room to be pointed at."""
    ellipse = group.find(f".//{{{SVG}}}ellipse")
    for text in group.iter(f"{{{SVG}}}text"):
        if not (group.get("id") or "").startswith("gap"):
            text.set("x", f"{middle:.1f}" if ellipse is None else ellipse.get("cx", ""))
            text.set("text-anchor", "middle")
        unfitted(text)
    if ellipse is not None:
        return
    for anchor in list(group.iter()):
        for path in anchor.findall(f"{{{SVG}}}path"):
            anchor.append(ElementTree.Element(f"{{{SVG}}}path", {"d": path.get("d", ""), "class": "reach"}))


def network_places(graph: Graph, written: Graph, network: RecordedNetwork) -> dict[str, Any]:
    """Which nodes of the graph are what in the network, by layer, node and weight; and how strong the pictures of networks are.

    `written` is the graph of its formulas.
    """
    index = graph.index
    return {
        "runs": [_run_places(graph, written, network, *run) for run in network.runs],
        "weights": [[[index[w] for w in weights_of(z)] for z in sums] for sums in network.sums],
        "biases": [[None if (bias := bias_of(z)) is None else index[bias] for z in sums] for sums in network.sums],
        "strength": {"faintest": FAINTEST, "widest": WIDEST, "hatch": HATCH, "thin": THIN, "thick": THICK},
    }


def _run_places(
    graph: Graph,
    written: Graph,
    network: RecordedNetwork,
    columns: Sequence[Sequence[Value]],
    sums: Sequence[Sequence[Value]],
) -> dict[str, Any]:
    """The same of one sample, the last layer in the order of the first sample."""
    index = graph.index
    place = {tuple(weights_of(z)): j for j, z in enumerate(network.sums[-1])}
    order = sorted(range(len(sums[-1])), key=lambda j: place.get(tuple(weights_of(sums[-1][j])), j))
    last, last_sums = [columns[-1][j] for j in order], [sums[-1][j] for j in order]
    return {
        "columns": [[index[value] for value in column] for column in (*columns[:-1], last)],
        "sums": [[index[z] for z in row] for row in (*sums[:-1], last_sums)],
        "slopes": [_slope(written, written.nodes[index[output]]) for output in last],
    }


def plane_of(graph: Graph, network: RecordedNetwork) -> dict[str, Any] | None:
    """The inputs, if they are two leaves, and the outputs of a network: what it gives is a surface over a plane."""
    inputs = network.columns[0]
    if len(inputs) != 2 or any(value.operands or value.is_constant for value in inputs):
        return None
    return {"inputs": [graph.index[x] for x in inputs], "outputs": [graph.index[a] for a in network.columns[-1]]}


def _slope(graph: Graph, output: Value) -> list[Any]:
    """The derivative of the result by an output, as a formula in which all between is written out; [] if it is too long."""
    between = nodes_between(graph, output)
    if output is graph.output or graph.output not in between or count_paths(graph, output, between) > MOST_PATHS:
        return []
    derivatives = Derivatives()

    place = places(graph)

    def name(part: Value) -> str | None:
        return place(part) if part is output or not part.operands else None

    products = []
    for path in all_paths(graph.output, output, between):
        factors = [derivatives.formula(*edge, name, in_line) for edge in path]
        shown = [factor for factor in factors if factor not in ("1", "1.0")]
        products.append(" · ".join(f"({f})" if len(shown) > 1 and (" " in f or f.startswith("-")) else f for f in shown) or "1")
    formula = " + ".join(products)
    return tokens(formula) if len(formula) <= LONGEST else []
