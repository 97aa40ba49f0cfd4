"""The page as one file: the template, the picture, the graph and the scripts."""

from __future__ import annotations

import re
from dataclasses import asdict
from pathlib import Path

from autograd_lite.escaping import in_html
from visualize.graph.nodes import Graph
from visualize.page.model import graph_script
from visualize.page.picture import NUMBER_WIDTH, page_picture
from visualize.picture.drawing import Drawing
from visualize.picture.themes import THEMES, Theme

PAGE, STYLE, LIBRARY, COMPUTING = (
    Path(__file__).with_name(name).read_text(encoding="utf-8")
    for name in ("page.html", "page.css", "library.js", "computing.js")
)
SCRIPTS = [  # what is shown of what is computed, and how it is used
    Path(__file__).with_name(f"{name}.js").read_text(encoding="utf-8")
    for name in ("paths", "page", "viewport", "playing", "quiz", "sweeps", "descent")
]
HIGHLIGHTS = {
    "light": "--forward: #0b62c4; --backward: #b35300; --third: #7a3fb0;",
    "dark": "--forward: #6cb2ff; --backward: #ffa64d; --third: #c9a2ff;",
}


def document(graph: Graph, title: str) -> str:
    """The HTML of a page with this graph."""
    drawing = Drawing(graph, THEMES["light"], limit=len(graph.nodes), width=NUMBER_WIDTH)
    parts = {
        "title": in_html(title),
        "heading": in_html(title),
        "light": _variables(THEMES["light"]) + HIGHLIGHTS["light"],
        "dark": _variables(THEMES["dark"]) + HIGHLIGHTS["dark"],
        "style": STYLE,
        "picture": page_picture(drawing),
        "script": "\n".join([LIBRARY, graph_script(graph, drawing), COMPUTING, *SCRIPTS]),
    }
    return re.sub("@(\\w+)@", lambda match: parts[match[1]], PAGE)


def _variables(theme: Theme) -> str:
    return " ".join(f"--{name}: {color};" for name, color in asdict(theme).items())
