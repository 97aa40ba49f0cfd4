"""A page that plays forward and backward propagation on the graph's picture, and computes it anew when a leaf is edited."""

from __future__ import annotations

import html
import json
import re
from dataclasses import asdict
from pathlib import Path
from typing import Any

from autograd_lite.bundles import Bundle
from autograd_lite.notation import definition, number, text
from autograd_lite.primitive import Primitive
from autograd_lite.value import Value
from visualize.dot import THEMES, Drawing, Theme, drawable
from visualize.graph import Derivatives, Graph, passes
from visualize.javascript import LIBRARY, Untranslatable, derivative_function, forward_functions

MOST = 400  # nodes that a page can be stepped through by a person
LONGEST_TITLE = 100  # characters of a formula in a heading; of a longer one the last operation
PAGE = Path(__file__).with_name("page.html").read_text(encoding="utf-8")
SCRIPT = Path(__file__).with_name("page.js").read_text(encoding="utf-8")
HIGHLIGHTS = {"light": "--forward: #0b62c4; --backward: #b35300;", "dark": "--forward: #6cb2ff; --backward: #ffa64d;"}
PLACE = re.compile("\ue000(\\d+)\ue001")  # a node in a formula that the page fills in


def stepper(value: Value, *, names: bool = True) -> str:
    """A self-contained HTML page that steps through the computation of a value and of its gradients.

    The page needs no network. It shows one operation at a time, forward and then backward, with its formula in names and in
    numbers; its leaves can be edited. What it computes with is made from the table of primitives: their functions translated
    from Python, and their derivatives read off the rules.

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
    graph = Graph(value, names)
    if len(graph.nodes) > MOST:
        raise ValueError(
            f"a page can be stepped through up to {MOST} nodes, this graph has {len(graph.nodes):,}: "
            "take a part of it, or draw() it, which folds large graphs"
        )
    title = graph.name(value)
    if value.operands:
        whole = text(value, lambda node: None if node.operands else graph.names.get(node))
        title += f" = {whole if len(whole) <= LONGEST_TITLE else graph.formula(value)}"
    drawing = Drawing(graph, THEMES["light"], limit=MOST, width=72)
    parts = {
        "title": html.escape(drawable(title)),
        "heading": html.escape(drawable(title)),
        "light": _variables(THEMES["light"]) + HIGHLIGHTS["light"],
        "dark": _variables(THEMES["dark"]) + HIGHLIGHTS["dark"],
        "picture": _picture(drawing),
        "script": "\n".join([LIBRARY, _functions(graph, drawing), SCRIPT]),
    }
    return re.sub("@(\\w+)@", lambda match: parts[match[1]], PAGE)


def _variables(theme: Theme) -> str:
    return " ".join(f"--{name}: {color};" for name, color in asdict(theme).items())


def _picture(drawing: Drawing) -> str:
    """The SVG of the graph, its colours as the page's, so that it follows light and dark."""
    if drawing.notes:  # it was folded, for all that it has few nodes
        raise ValueError(
            f"a page shows every node, and the edges of this graph of {len(drawing.graph.nodes)} nodes are too many and too "
            "long to lay out: take a part of it, or draw() it, which folds large graphs"
        )
    svg = drawing.picture().pipe("svg", encoding="utf-8")
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<title>.*?</title>| xlink:title=\"[^\"]*\"", "", svg, flags=re.DOTALL)  # the page has its own, up to date
    width = float(re.search(r'width="([\d.]+)pt"', svg)[1])  # type: ignore[index]
    svg = re.sub(
        r'width="[\d.]+pt" height="[\d.]+pt"',
        f'style="width: {width * 1.5:.0f}px; min-width: {width * 0.9:.0f}px"',
        svg,
        count=1,
    )
    for name, color in asdict(drawing.theme).items():
        svg = svg.replace(f'"{color}"', f'"var(--{name})"')
    return str(svg)


def _functions(graph: Graph, drawing: Drawing) -> str:
    """The graph, its primitives and its derivatives as JavaScript."""
    derivatives = Derivatives()
    rules: dict[str, int] = {}
    used: dict[Primitive, None] = {}
    reason = ""
    nodes = []
    for node in graph.nodes:
        described: dict[str, Any] = {
            "name": graph.name(node),
            "data": _float(node, node.data),
            "constant": node.is_constant,
            "parents": [graph.index[parent] for parent in node.parents],
        }
        if node.operands:
            places = definition(node, lambda part: _place(graph, part))
            described |= {
                "primitive": node.op,
                "domain": _domain(node),
                "formula": _tokens(text(node, places)),
                "derivatives": [
                    _tokens(derivatives.formula(node, i, lambda part: _place(graph, part))) for i in range(len(node.parents))
                ],
                "passes": [passes(node, i) for i in range(len(node.parents))],
                "edges": [drawing.way(node, i) for i in range(len(node.parents))],
                "locals": [_float(node, derivatives.number(node, i)) for i in range(len(node.parents))],
                "operands": [[graph.index[v] for v in o] if isinstance(o, Bundle) else graph.index[o] for o in node.operands],
            }
            try:
                code, primitives = derivative_function(node)
                described["rule"] = rules.setdefault(code, len(rules))
                used |= dict.fromkeys([node.primitive, *primitives])
            except Untranslatable as error:
                reason = reason or str(error)
        nodes.append(described)
    try:
        functions = forward_functions(list(used))
    except Untranslatable as error:
        reason, functions = reason or str(error), "const primitive = {};"
    model = {
        "nodes": nodes,
        "editable": not reason,
        "reason": f"Editing is off: {reason}." if reason else "",
    }
    described_rules = "[]" if reason else "[\n" + ",\n".join(rules) + "\n]"
    return f"const graph = {_literal(model)};\n{functions}const derivatives = {described_rules};"


def _literal(model: Any) -> str:
    """A structure as JavaScript that is safe inside a script element, whatever its texts hold."""
    return json.dumps(model).replace("<", "\\u003c")


def _place(graph: Graph, node: Value) -> str | None:
    if node.is_constant:
        return number(node.data)
    return f"\ue000{graph.index[node]}\ue001" if node in graph.index else None


def _tokens(formula: str) -> list[Any]:
    parts = PLACE.split(formula)
    return [int(part) if i % 2 else part for i, part in enumerate(parts) if part]


def _domain(node: Value) -> str:
    described = [
        interval.describe(name) for interval, name in zip(node.primitive.domain, "xyz", strict=False) if interval.bounded
    ]
    return f" (it is defined for {' and '.join(described)})" if described else ""


def _float(node: Value, x: Any) -> float:
    try:
        return float(x)
    except OverflowError as error:
        raise ValueError(
            f"{node!r} holds a number that is too large for a float, which is what a page computes with"
        ) from error
