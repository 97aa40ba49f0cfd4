"""The page as one file: the template, the picture, the graph and the scripts."""

from __future__ import annotations

import re
from dataclasses import asdict
from pathlib import Path

from autograd_lite.escaping import in_html
from visualize.graph.nodes import Graph
from visualize.network.recorded import recorded_network
from visualize.page.model import graph_script
from visualize.page.network import network_picture
from visualize.page.samples import Samples
from visualize.page.sheets import sheets_of
from visualize.picture.themes import THEMES, Theme

PAGE, STYLE, LIBRARY, COMPUTING, *SCRIPTS = (
    Path(__file__).with_name(name).read_text(encoding="utf-8")
    for name in (
        "page.html",
        "page.css",
        "library.js",
        "computing.js",
        "paths.js",
        "page.js",
        "sheet.js",
        "viewport.js",
        "playing.js",
        "quiz.js",
        "sweeps.js",
        "network.js",
        "derivation.js",
        "samples.js",
        "surface.js",
        "descent.js",
    )
)
VIEWS = (
    '<div id="views" class="views" role="group" aria-label="View"><label id="coloring" hidden>colour of a weight '
    '<select id="color"><option value="sign">its sign</option><option value="gradient">its gradient</option></select></label>'
    '<button id="see-graph" aria-pressed="true">graph</button>'
    '<button id="see-network" aria-pressed="false">network</button></div>'
)
HIGHLIGHTS = {
    "light": "--forward: #0b62c4; --backward: #b35300; --third: #7a3fb0;",
    "dark": "--forward: #6cb2ff; --backward: #ffa64d; --third: #c9a2ff;",
}


def document(graph: Graph, title: str, samples: Samples) -> str:
    """The HTML of a page with this graph, and the samples that it may learn from."""
    network = recorded_network(graph)
    shown = network if network and network.has_several_neurons else None
    sheets = sheets_of(graph, title)
    parts = {
        "title": in_html(title),
        "heading": in_html(title),
        "light": _variables(THEMES["light"]) + HIGHLIGHTS["light"],
        "dark": _variables(THEMES["dark"]) + HIGHLIGHTS["dark"],
        "style": STYLE,
        "picture": sheets.shown,
        "network": network_picture(graph, shown) if shown else "",
        "views": VIEWS if shown else "",
        "script": "\n".join([LIBRARY, graph_script(graph, sheets, samples, network), COMPUTING, *SCRIPTS]),
    }
    return re.sub("@(\\w+)@", lambda match: parts[match[1]], PAGE)


def _variables(theme: Theme) -> str:
    return " ".join(f"--{name}: {color};" for name, color in asdict(theme).items())
