"""The picture of a page: Graphviz's, made ready to change without a text being measured by the browser."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from dataclasses import asdict
from typing import NamedTuple

from autograd_lite.escaping import in_file
from visualize.graph.nodes import Graph
from visualize.picture.drawing import Drawing
from visualize.picture.rendering import Picture
from visualize.picture.svg import SVG, unfitted
from visualize.picture.themes import Theme

NUMBER_WIDTH = 72  # points, in the picture: room for any number that a leaf is given
MARGIN = 8  # points from the end of a number to the edge of its box
RING = 4  # points from a box to the ring around it, where it is selected


class Sides(NamedTuple):
    """Where a box stands, in points."""

    left: float
    top: float
    right: float
    bottom: float


def page_picture(drawing: Drawing) -> str:
    """The figure of a graph and its small map: SVGs, their colours as the page's, so that they follow light and dark.

    Raises:
        ValueError: the graph had to be folded to be laid out.
    """
    if drawing.notes:  # it was folded, for all that it has few nodes
        raise ValueError(
            f"a page shows every node, and the edges of this graph of {len(drawing.graph.nodes)} nodes are too many and too "
            "long to lay out: take a part of it, or draw() it, which folds large graphs"
        )
    svg, sizes = parsed(drawing.picture(), "graph")
    boxes = []
    for group in svg.iter(f"{{{SVG}}}g"):
        for title in group.findall(f"{{{SVG}}}title"):
            group.remove(title)
        if group.get("class") == "node":
            boxes.append(_sides(group))
            _prepare_node(group, boxes[-1], drawing.graph)
        elif group.get("class") == "edge":
            _name_edge(group, drawing.graph)
    shown = in_variables(ElementTree.tostring(svg, encoding="unicode"), drawing.theme)
    label = "The graph of the expression. Each value can be selected."
    return f'<figure id="picture" style="{sizes}" aria-label="{label}">{shown}</figure>\n{_small_map(svg, boxes)}'


def _small_map(svg: ElementTree.Element, boxes: list[Sides]) -> str:
    """A map of the picture, its boxes without what is in them: it says where one is, if the frame shows but a part."""
    drawn = "".join(
        f"M{box.left:.0f},{box.top:.0f}h{box.right - box.left:.0f}v{box.bottom - box.top:.0f}H{box.left:.0f}z" for box in boxes
    )
    across, down = map(float, svg.get("viewBox", "").split()[2:])
    size = f"width: {min(11, max(1.5, 8 * across / down)):.2f}rem; height: {min(8, max(1.5, 11 * down / across)):.2f}rem"
    moved = svg[0].get("transform", "")
    return (
        f'<svg id="map" class="map" style="{size}" viewBox="{svg.get("viewBox")}" preserveAspectRatio="none" '
        f'aria-hidden="true" hidden=""><path d="{drawn}" transform="{moved}"/><rect id="seen"/></svg>'
    )


def _sides(group: ElementTree.Element) -> Sides:
    """Where the box of a node stands."""
    shape = next(part for part in group.iter() if part.get("d") or part.get("points"))
    pairs = re.findall(r"(-?[\d.]+),(-?[\d.]+)", shape.get("d", "") or shape.get("points", ""))
    across, down = ([float(pair[axis]) for pair in pairs] for axis in (0, 1))
    return Sides(min(across), min(down), max(across), max(down))


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


def _prepare_node(group: ElementTree.Element, box: Sides, graph: Graph) -> None:
    """Set the two numbers of a box flush right, where they stay whatever they become, and draw the ring around it."""
    if graph.nodes[int(group.get("id", "")[1:])].is_constant:
        return
    texts = list(group.iter(f"{{{SVG}}}text"))
    texts[-2].set("class", "word")  # "grad", where the third sweep writes another
    for text in (texts[-3], texts[-1]):  # after the words "data" and "grad"
        text.set("x", f"{box.right - MARGIN:.2f}")
        text.set("text-anchor", "end")
        text.set("class", "number")
        unfitted(text)
        text.text = (text.text or "").strip()
    width, height = box.right - box.left, box.bottom - box.top
    sides = {"x": box.left - RING, "y": box.top - RING, "width": width + 2 * RING, "height": height + 2 * RING}
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
