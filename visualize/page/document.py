"""The page as one file: the template, the picture, the graph and the scripts."""

from __future__ import annotations

import re
from dataclasses import asdict
from pathlib import Path

from visualize.escaping import in_html
from visualize.graph.nodes import Graph
from visualize.page.model import graph_script
from visualize.picture.drawing import Drawing
from visualize.picture.themes import THEMES, Theme

PAGE, SCRIPT, LIBRARY = (
    Path(__file__).with_name(name).read_text(encoding="utf-8") for name in ("page.html", "page.js", "library.js")
)
HIGHLIGHTS = {"light": "--forward: #0b62c4; --backward: #b35300;", "dark": "--forward: #6cb2ff; --backward: #ffa64d;"}
NUMBER_WIDTH = 72  # points, in the picture: room for any number that a leaf is given


def document(graph: Graph, title: str) -> str:
    """The HTML of a page with this graph."""
    drawing = Drawing(graph, THEMES["light"], limit=len(graph.nodes), width=NUMBER_WIDTH)
    parts = {
        "title": in_html(title),
        "heading": in_html(title),
        "light": _variables(THEMES["light"]) + HIGHLIGHTS["light"],
        "dark": _variables(THEMES["dark"]) + HIGHLIGHTS["dark"],
        "picture": _picture(drawing),
        "script": "\n".join([LIBRARY, graph_script(graph, drawing), SCRIPT]),
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
