"""The page as one file: the template, the picture, the graph and the scripts."""

from __future__ import annotations

import re
from dataclasses import asdict
from pathlib import Path

from visualize.graph.nodes import Graph
from visualize.network.recorded import recorded_network
from visualize.page.formulas import in_heading, title_of
from visualize.page.model import graph_script
from visualize.page.network import network_picture
from visualize.page.samples import PageSamples
from visualize.page.sheets import sheets_of
from visualize.picture.themes import THEMES

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
        "numbers.js",
        "viewport.js",
        "playing.js",
        "quiz.js",
        "sweeps.js",
        "neuron.js",
        "network.js",
        "derivation.js",
        "samples.js",
        "surface.js",
        "descent.js",
        "link.js",
    )
)
VIEWS = (
    '<div id="views" class="views" role="group" aria-label="View"><label id="coloring" hidden>colour of a weight '
    '<select id="color"><option value="sign">its sign</option><option value="gradient">its gradient</option></select></label>'
    '<label id="runs" hidden>sample <select id="shown-run"></select></label>'
    '<button id="see-graph" aria-pressed="true">graph</button>'
    '<button id="see-network" aria-pressed="false">network</button></div>'
)
HIGHLIGHTS = {
    "light": "--forward: #0b62c4; --backward: #b35300; --third: #7a3fb0;",
    "dark": "--forward: #6cb2ff; --backward: #ffa64d; --third: #c9a2ff;",
}


def document(graph: Graph, written: Graph, samples: PageSamples, theme: str = "auto", rankdir: str = "LR") -> str:
    """The HTML of a page with this graph, and the samples that it may learn from, in a theme or in its reader's.

    `written` is the same graph, in whose formulas plain numbers have places: see `visualize.graph.inputs.with_numbers`.
    """
    network = recorded_network(graph)
    shown = network if network and network.has_several_neurons else None
    title = title_of(graph)
    sheets = sheets_of(graph, rankdir)
    shown_as = {
        "title": in_heading(graph, title, "^(", ")"),
        "heading": in_heading(graph, title),
        "colors": f"{_colors(theme)}\n@media print {{ {_colors('light')} }}",  # paper is white
        "style": STYLE,
        "picture": sheets.shown,
        "network": network_picture(graph, shown) if shown else "",
        "views": VIEWS if shown else "",
        "script": "\n".join([LIBRARY, graph_script(graph, written, sheets, samples, network), COMPUTING, *SCRIPTS]),
    }
    return re.sub("@(\\w+)@", lambda match: shown_as[match[1]], PAGE)


def _colors(theme: str) -> str:
    """The page's colours as variables of CSS: those of a theme, or "auto", of the one that its reader prefers."""
    if theme == "auto":
        return f"{_colors('light')}\n@media (prefers-color-scheme: dark) {{ {_colors('dark')} }}"
    variables = " ".join(f"--{name}: {color};" for name, color in asdict(THEMES[theme]).items())
    return f":root {{ color-scheme: {theme}; {variables} {HIGHLIGHTS[theme]} }}"
