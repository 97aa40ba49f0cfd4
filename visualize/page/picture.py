"""The picture of a page: Graphviz's, made ready to change without a text being measured by the browser."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import NamedTuple

from autograd_lite.value import Value
from visualize.graph.nodes import Graph
from visualize.picture.drawing import FONT
from visualize.picture.svg import SVG, unfitted
from visualize.picture.themes import THEMES, Theme

NUMBER_WIDTH = 72  # points, in the picture: room for any number that a leaf is given
MARGIN = 8  # points from the end of a number to the edge of its box
EDGE = re.compile("e\\d+-\\d+")  # what the edge between two values is called
RING = 4  # points from a box to the ring around it, where it is selected


class Sides(NamedTuple):
    """Where a box stands, in points."""

    left: float
    top: float
    right: float
    bottom: float


class Drawn(NamedTuple):
    """A picture of a page.

    Attributes:
        svg: its text; its colours are the page's, so that it follows light and dark.
        sizes: its width and height in points, as variables for a style.
        view_box: the corner and the sides of what is seen of it.
        boxes: where each box stands in that, by the number of its value or part.
    """

    svg: str
    sizes: str
    view_box: str
    boxes: dict[int, Sides]


def page_picture(drawn: str, graph: Graph, numbers: Sequence[int], parts: Mapping[int, int]) -> Drawn:
    """The picture of a graph, or of a part of it.

    Arguments:
        drawn: Graphviz's picture, in the light theme.
        graph: the whole graph.
        numbers: those of its nodes in the whole graph.
        parts: which part a box opens, by the number of the first node in that.
    """
    svg, sizes = parsed(drawn, "graph")
    svg.set("font-family", FONT)
    right, down = map(float, re.findall(r"translate\((\S+)[ ,](\S+)\)", svg[0].get("transform", ""))[0])
    boxes: dict[int, Sides] = {}
    for group in svg.iter(f"{{{SVG}}}g"):
        for title in group.findall(f"{{{SVG}}}title"):
            group.remove(title)
        for text in group.findall(f".//{{{SVG}}}text[@font-family='{FONT}']"):
            del text.attrib["font-family"]  # it is said once
        if group.get("class") == "node":
            box, number = _sides(group), numbers[int(group.attrib.pop("id")[1:])]
            if not parts:
                group.set("id", f"n{number}")
                _prepare_node(group, box, graph.nodes[number])
            if number in parts:
                number = parts[number]
                group.set("data-part", str(number))
                _add_ring(group, box)
            boxes[number] = Sides(box.left + right, box.top + down, box.right + right, box.bottom + down)
        elif group.get("class") == "edge":
            _name_edge(group, numbers)
    return Drawn(
        in_variables(ElementTree.tostring(svg, encoding="unicode"), THEMES["light"]), sizes, svg.get("viewBox", ""), boxes
    )


def figure(drawn: Drawn, label: str) -> str:
    """A picture in its frame."""
    return f'<figure id="picture" style="{drawn.sizes}" aria-label="{label}">{drawn.svg}</figure>'


def small_map(drawn: Drawn) -> str:
    """A map of the picture, its boxes without what is in them: it says where one is, if the frame shows but a part."""
    path = "".join(
        f"M{left:.0f},{top:.0f}h{right - left:.0f}v{bottom - top:.0f}H{left:.0f}z"
        for left, top, right, bottom in drawn.boxes.values()
    )
    across, down = map(float, drawn.view_box.split()[2:])
    size = f"width: {min(11, max(1.5, 8 * across / down)):.2f}rem; height: {min(8, max(1.5, 11 * down / across)):.2f}rem"
    return (
        f'<svg id="map" class="map" style="{size}" viewBox="{drawn.view_box}" preserveAspectRatio="none" '
        f'aria-hidden="true" hidden=""><path d="{path}"/><rect id="seen"/></svg>'
    )


def _sides(group: ElementTree.Element) -> Sides:
    """Where the box of a node stands."""
    shape = next(part for part in group.iter() if part.get("d") or part.get("points"))
    pairs = re.findall(r"(-?[\d.]+),(-?[\d.]+)", shape.get("d", "") or shape.get("points", ""))
    across, down = ([float(pair[axis]) for pair in pairs] for axis in (0, 1))
    return Sides(min(across), min(down), max(across), max(down))


def parsed(picture: str, label: str) -> tuple[ElementTree.Element, str]:
    """A picture of Graphviz's, as wide as it is let, and its own width and height in points, as variables for a style."""
    ElementTree.register_namespace("", SVG)
    svg = ElementTree.fromstring(picture)
    width, height = (float(svg.attrib.pop(side).removesuffix("pt")) for side in ("width", "height"))
    svg.set("role", "group")  # an image would hide the buttons in it
    svg.set("aria-label", label)
    return svg, f"--width: {width:g}; --height: {height:g}"


def in_variables(svg: str, theme: Theme) -> str:
    """A picture whose colours are those of the page, whatever they become."""
    for name, color in asdict(theme).items():
        svg = svg.replace(f'"{color}"', f'"var(--{name})"')
    return svg


def _prepare_node(group: ElementTree.Element, box: Sides, node: Value) -> None:
    """Set the two numbers of a box flush right, where they stay whatever they become, and draw the ring around it."""
    texts = list(group.iter(f"{{{SVG}}}text"))
    if node.is_constant:
        _set(texts[0], (box.left + box.right) / 2, "middle")
        return
    texts[-2].set("class", "word")  # "grad", where the third sweep writes another
    for text in (texts[-3], texts[-1]):  # after the words "data" and "grad"
        _set(text, box.right - MARGIN, "end")
        text.set("class", "number")
        text.text = (text.text or "").strip()
    if any(parent.is_constant for parent in node.parents):  # plain numbers in its formula can be others
        for text in texts[1:-4]:
            if text.get("fill") == THEMES["light"].quiet and (text.text or "").strip():
                text.set("class", "written")
    _add_ring(group, box)


def _set(text: ElementTree.Element, x: float, anchor: str) -> None:
    """Set a text at a place where it stays whatever it becomes."""
    text.set("x", f"{x:.2f}")
    text.set("text-anchor", anchor)
    unfitted(text)


def _add_ring(group: ElementTree.Element, box: Sides) -> None:
    width, height = box.right - box.left, box.bottom - box.top
    sides = {"x": box.left - RING, "y": box.top - RING, "width": width + 2 * RING, "height": height + 2 * RING}
    ring = ElementTree.Element(f"{{{SVG}}}rect", {side: f"{size:.2f}" for side, size in sides.items()}, rx="14")
    ring.set("class", "ring")
    group.insert(0, ring)


def in_whole(edge: str, numbers: Sequence[int]) -> str:
    """What an edge is called by the numbers of the whole graph."""
    node, position = edge[1:].split("-")
    return f"e{numbers[int(node)]}-{position}"


def _name_edge(group: ElementTree.Element, numbers: Sequence[int]) -> None:
    """Keep what an edge between two values is called in the whole graph."""
    identifier = group.attrib.pop("id")  # two edges have it where a weight's box is between them
    if EDGE.fullmatch(identifier):  # and not between parts
        group.set("data-edge", in_whole(identifier, numbers))
