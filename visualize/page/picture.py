"""The picture of a page: Graphviz's, made ready to change without a text being measured by the browser."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from dataclasses import asdict

from autograd_lite.escaping import in_file
from visualize.graph.nodes import Graph
from visualize.picture.drawing import Drawing
from visualize.picture.rendering import Picture
from visualize.picture.themes import Theme

SVG, LINK = "http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"
NUMBER_WIDTH = 72  # points, in the picture: room for any number that a leaf is given
MARGIN = 8  # points from the end of a number to the edge of its box
RING = 4  # points from a box to the ring around it, where it is selected


def page_picture(drawing: Drawing) -> str:
    """The figure of a graph: an SVG, its colours as the page's, so that it follows light and dark.

    Raises:
        ValueError: the graph had to be folded to be laid out.
    """
    if drawing.notes:  # it was folded, for all that it has few nodes
        raise ValueError(
            f"a page shows every node, and the edges of this graph of {len(drawing.graph.nodes)} nodes are too many and too "
            "long to lay out: take a part of it, or draw() it, which folds large graphs"
        )
    svg, sizes = parsed(drawing.picture(), "graph")
    for group in svg.iter(f"{{{SVG}}}g"):
        for title in group.findall(f"{{{SVG}}}title"):
            group.remove(title)
        if group.get("class") == "node":
            _prepare_node(group, drawing.graph)
        elif group.get("class") == "edge":
            _name_edge(group, drawing.graph)
    for link in svg.iter(f"{{{SVG}}}a"):
        link.attrib.pop(f"{{{LINK}}}title", None)  # the page has its own, up to date
    shown = in_variables(ElementTree.tostring(svg, encoding="unicode"), drawing.theme)
    label = "The graph of the expression. Each value can be selected."
    return f'<figure id="picture" style="{sizes}" aria-label="{label}">{shown}</figure>'


def parsed(picture: Picture, label: str) -> tuple[ElementTree.Element, str]:
    """A picture of Graphviz's, as wide as it is let, and its own width and height in points, as variables for a style."""
    ElementTree.register_namespace("", SVG)
    svg = ElementTree.fromstring(picture.pipe("svg"))
    width, height = (float(svg.attrib.pop(side).removesuffix("pt")) for side in ("width", "height"))
    svg.set("role", "group")  # an image would hide the buttons in it
    svg.set("aria-label", label)
    return svg, f"--width: {width:g}; --height: {height:g}"


def in_variables(svg: str, theme: Theme) -> str:
    """A picture whose colours are those of the page, whatever they become."""
    for name, color in asdict(theme).items():
        svg = svg.replace(f'"{color}"', f'"var(--{name})"')
    return svg


def _prepare_node(group: ElementTree.Element, graph: Graph) -> None:
    """Set the two numbers of a box flush right, where they stay whatever they become, and draw the ring around it."""
    if graph.nodes[int(group.get("id", "")[1:])].is_constant:
        return
    shape = next(part for part in group.iter() if part.get("d") or part.get("points"))
    corners = [
        tuple(map(float, pair)) for pair in re.findall(r"(-?[\d.]+),(-?[\d.]+)", shape.get("d", "") or shape.get("points", ""))
    ]
    left, right = min(x for x, _ in corners), max(x for x, _ in corners)
    top, bottom = min(y for _, y in corners), max(y for _, y in corners)
    texts = list(group.iter(f"{{{SVG}}}text"))
    for text in (texts[-3], texts[-1]):  # after the words "data" and "grad"
        text.set("x", f"{right - MARGIN:.2f}")
        text.set("text-anchor", "end")
        text.set("class", "number")
        text.text = (text.text or "").strip()
    sides = {"x": left - RING, "y": top - RING, "width": right - left + 2 * RING, "height": bottom - top + 2 * RING}
    ring = ElementTree.Element(f"{{{SVG}}}rect", {side: f"{size:.2f}" for side, size in sides.items()}, rx="14")
    ring.set("class", "ring")
    group.insert(0, ring)


def _name_edge(group: ElementTree.Element, graph: Graph) -> None:
    """Say from which value to which an edge leads, where the pointer rests on it."""
    identifier = group.attrib.pop("id")  # two edges have it where a weight's box is between them
    group.set("data-edge", identifier)
    node, position = map(int, re.findall(r"\d+", identifier)[:2])
    head = graph.nodes[node]
    title = ElementTree.Element(f"{{{SVG}}}title")
    title.text = in_file(f"{graph.name(head.parents[position])} → {graph.name(head)}")
    group.insert(0, title)
