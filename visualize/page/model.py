"""The graph as the page has it: its nodes, with all that is shown of them, and the functions that compute them."""

from __future__ import annotations

import re
from typing import Any

from autograd_lite.bundles import Bundle
from autograd_lite.escaping import in_file, in_script
from autograd_lite.notation import definition, number, text
from autograd_lite.numpy_floats import NumpyValue
from autograd_lite.value import Value
from visualize.graph.derivatives import Derivatives, passes
from visualize.graph.nodes import Graph
from visualize.page.functions import page_functions
from visualize.picture.drawing import Drawing

PLAIN = (Value, NumpyValue)
PLACE = re.compile("\ue000(\\d+)\ue001")  # a node in a formula that the page fills in


def graph_script(graph: Graph, drawing: Drawing) -> str:
    """The graph, its primitives and its derivatives as JavaScript."""
    functions = page_functions(graph.nodes)
    of_a_class = any(not node.operands and type(node) not in PLAIN for node in graph.nodes)
    derivatives = Derivatives()
    nodes = []
    layer_of = {node: i for i, layer in enumerate(drawing.layers) for node in layer.nodes}
    for node in graph.nodes:
        described = _described(graph, node)
        if not node.operands:  # parameters have a class of their own; where there are none, every leaf learns
            described["learns"] = not node.is_constant and (type(node) not in PLAIN or not of_a_class)
        if node.operands:
            described |= _computed(graph, drawing, derivatives, node)
        if node in layer_of:
            described["layer"] = layer_of[node]
        if node in functions.rules:
            described["rule"] = functions.rules[node]
        nodes.append(described)
    model = {
        "nodes": nodes,
        "layers": [f"layer {layer.level}" for layer in drawing.layers],
        "editable": not functions.reason,
        "reason": f"Editing is off: {in_file(functions.reason)}." if functions.reason else "",
    }
    return f"const graph = {in_script(model)};\n{functions.code}"


def _described(graph: Graph, node: Value) -> dict[str, Any]:
    """What is known of every node."""
    return {
        "name": in_file(graph.name(node)),
        "data": _float(node, node.data),
        "constant": node.is_constant,
        "parents": [graph.index[parent] for parent in node.parents],
    }


def _computed(graph: Graph, drawing: Drawing, derivatives: Derivatives, node: Value) -> dict[str, Any]:
    """What is known besides of a node that was computed. What belongs to its operands is in the order of its parents."""

    def place(part: Value) -> str | None:
        if part.is_constant:
            return number(part.data)
        return f"\ue000{graph.index[part]}\ue001" if part in graph.index else None

    positions = range(len(node.parents))
    return {
        "primitive": node.op,
        "chooses": node.primitive.chooses,
        "domain": _domain(graph, node),
        "formula": _tokens(text(node, definition(node, place))),
        "derivatives": [_tokens(derivatives.formula(node, i, place)) for i in positions],
        "passes": [passes(node, i) for i in positions],
        "edges": [drawing.way(node, i) for i in positions],
        "locals": [_float(node, derivatives.number(node, i)) for i in positions],
        "operands": [[graph.index[v] for v in o] if isinstance(o, Bundle) else graph.index[o] for o in node.operands],
    }


def _tokens(formula: str) -> list[Any]:
    """A formula as its texts and, between them, the numbers of nodes."""
    parts = PLACE.split(formula)
    return [int(part) if i % 2 else in_file(part) for i, part in enumerate(parts) if part]


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
