"""Where everything in a picture stands, as Graphviz laid it out: to draw it once more at the same places, or at others."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from visualize.picture.rendering import Picture, render

Point = tuple[float, float]
PAIR = re.compile(r"(-?[\d.]+(?:e[+-]?\d+)?),(-?[\d.]+(?:e[+-]?\d+)?)")
POINTS = 72  # an inch


@dataclass
class Places:
    """The places of a picture, in points; y grows upwards.

    Attributes:
        nodes: the middle of each, by its name.
        sizes: how wide and high it is.
        edges: the curve of each, in Graphviz's notation, by the names of its ends and its identifier.
        frames: for each the attributes that say where it and its title are.
    """

    nodes: dict[str, Point] = field(default_factory=dict)
    sizes: dict[str, Point] = field(default_factory=dict)
    edges: dict[tuple[str, str, str], str] = field(default_factory=dict)
    frames: dict[str, dict[str, str]] = field(default_factory=dict)

    def of_node(self, name: str) -> dict[str, str]:
        """The attribute that puts a node in its place."""
        return {"pos": written(self.nodes[name])} if name in self.nodes else {}

    def of_edge(self, tail: str, head: str, identifier: str) -> dict[str, str]:
        """The attribute that draws an edge where it was."""
        curve = self.edges.get((tail, head, identifier))
        return {} if curve is None else {"pos": curve}

    def of_frame(self, name: str) -> dict[str, str]:
        """The attributes that put a frame in its place."""
        return self.frames.get(name, {})


def laid_out(picture: Picture) -> Places:
    """Where Graphviz puts everything."""
    (layout,) = render(picture.source, "json", quickly=picture.is_quick)
    return places_in(json.loads(layout))


def places_in(layout: dict[str, Any]) -> Places:
    """The places in Graphviz's JSON."""
    found = Places()
    names = {}
    for one in layout.get("objects", ()):
        names[one["_gvid"]] = name = one["name"]
        if "pos" in one:
            x, y = map(float, one["pos"].split(",")[:2])
            found.nodes[name] = (x, y)
            found.sizes[name] = (float(one["width"]) * POINTS, float(one["height"]) * POINTS)
        elif "bb" in one:
            found.frames[name] = {key: one[key] for key in ("bb", "lp", "lwidth", "lheight") if key in one}
    for edge in layout.get("edges", ()):
        if "pos" in edge:
            found.edges[names[edge["tail"]], names[edge["head"]], edge.get("id", "")] = edge["pos"]
    return found


def written(point: Point) -> str:
    """A point in Graphviz's notation."""
    return f"{point[0]:.2f},{point[1]:.2f}"


def moved(curve: str, move: Callable[[Point], Point]) -> str:
    """A curve whose every point was moved."""
    return PAIR.sub(lambda found: written(move((float(found[1]), float(found[2])))), curve)
