"""The graph as the page has it: its nodes, with all that is shown of them, and the functions that compute them."""

from __future__ import annotations

from typing import Any

from autograd_lite.basics.escaping import in_file, in_script, isolated
from autograd_lite.graph.bundles import Bundle
from autograd_lite.notation import definition
from autograd_lite.value import Value
from visualize.graph.derivatives import Derivatives, passes
from visualize.graph.formulas import in_line, places
from visualize.graph.inputs import OF_SAMPLE
from visualize.graph.layers import parameters_in
from visualize.graph.nodes import GivenClass, Graph
from visualize.network.recorded import RecordedNetwork
from visualize.page.formulas import title_of, tokens
from visualize.page.functions import page_functions
from visualize.page.network import network_places, plane_of
from visualize.page.samples import PageSamples
from visualize.page.sheets import Sheets


def graph_script(graph: Graph, written: Graph, sheets: Sheets, samples: PageSamples, network: RecordedNetwork | None) -> str:
    """The graph, its primitives, its derivatives, its samples and its places in the network's picture as JavaScript.

    `written` is the same graph, in whose formulas plain numbers have places: see `visualize.graph.inputs.with_numbers`.
    """
    functions = page_functions(graph.nodes)
    derivatives = Derivatives()
    learning = parameters_in(graph) - {*samples.leaves, *graph.given}
    nodes = []
    layer_of = {node: i for i, layer in enumerate(sheets.layers) for node in layer.nodes}
    for node, as_written in zip(graph.nodes, written.nodes, strict=True):
        described = _described(graph, node)
        if node.is_constant and not as_written.is_constant:
            described["number"] = True
        if not node.operands:
            described["learns"] = node in learning
        if node.operands:
            described |= _computed(graph, written, sheets, derivatives, node)
        if node in layer_of:
            described["layer"] = layer_of[node]
        if node in sheets.part_of:
            described["part"] = sheets.part_of[node]
        if node in functions.rules:
            described["rule"] = functions.rules[node]
        nodes.append(described)
    model = {
        "nodes": nodes,
        "title": title_of(written),
        "layers": [f"layer {layer.level}" for layer in sheets.layers],
        "parts": sheets.parts,
        "editable": not functions.reason,
        "reason": f"Editing is off: {in_file(functions.reason)}." if functions.reason else "",
        "classes": [_class(graph, given) for given in graph.classes],
        "samples": {"leaves": [graph.index[leaf] for leaf in samples.leaves], "rows": samples.rows},
        "network": network and network_places(graph, written, network),
        "plane": network and plane_of(graph, network),
    }
    return f"const graph = {in_script(model)};\n{functions.code}"


def _class(graph: Graph, given: GivenClass) -> dict[str, Any]:
    """A class that was given: what it is called, the leaves that are 1 for it and 0 for others, and what may be its weight."""
    _, of_sample, sample = graph.name(given.shares[0]).partition(OF_SAMPLE)
    return {
        "name": f"class{of_sample}{sample}",
        "shares": [graph.index[share] for share in given.shares],
        "weight": None if given.weight is None else graph.index[given.weight],
    }


def _described(graph: Graph, node: Value) -> dict[str, Any]:
    """What is known of every node."""
    return {
        "name": isolated(in_file(graph.name(node))),
        "data": _float(node, node.data),
        "constant": node.is_constant,
        "parents": [graph.index[parent] for parent in node.parents],
    }


def _computed(graph: Graph, written: Graph, sheets: Sheets, derivatives: Derivatives, node: Value) -> dict[str, Any]:
    """What is known besides of a node that was computed. What belongs to its operands is in the order of its parents."""
    place = places(written)
    as_written = written.nodes[graph.index[node]]
    positions = range(len(node.parents))
    return {
        "primitive": node.op,
        "chooses": node.primitive.chooses,
        "domain": _domain(graph, node),
        "formula": tokens(in_line(as_written, definition(as_written, place))),
        "derivatives": [tokens(derivatives.formula(as_written, i, place, in_line)) for i in positions],
        "passes": [passes(node, i) for i in positions],
        "edges": [sheets.way(node, i) for i in positions],
        "locals": [_float(node, derivatives.number(node, i)) for i in positions],
        "operands": [[graph.index[v] for v in o] if isinstance(o, Bundle) else graph.index[o] for o in node.operands],
    }


def _domain(graph: Graph, node: Value) -> str:
    """Where a node's primitive is defined, for a message; "" where it is everywhere."""
    described = [
        interval.describe(graph.name(operand))
        for interval, operand in zip(node.primitive.domain, node.operands, strict=False)
        if interval.bounded and isinstance(operand, Value) and not operand.is_constant
    ]
    return f" (it is defined for {in_file(' and '.join(described))})" if described else ""


def _float(node: Value, x: Any) -> float:
    try:
        return float(x)
    except OverflowError as error:
        raise ValueError(
            f"{node!r} holds a number that is too large for a float, which is what a page computes with"
        ) from error
