"""Where everything in a picture stands, as Graphviz laid it out: to draw it once more at the same places, or at others."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from visualize.picture.rendering import Picture, is_quick, render_each

Point = tuple[float, float]
PAIR = re.compile(r"(-?[\d.]+(?:e[+-]?\d+)?),(-?[\d.]+(?:e[+-]?\d+)?)")
POINTS = 72  # an inch
BORDER = 6  # points, from a box to the frame around it
RADIUS = 8  # points, of a corner


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

    def put_frame(self, name: str, title: str, around: Sequence[str]) -> None:
        """Put a frame around some of the nodes, and its title where another node keeps room for it, above them."""
        corners = [
            (x + side * self.sizes[node][0] / 2, y + side * self.sizes[node][1] / 2)
            for node in (*around, title)
            for side in (-1, 1)
            for x, y in [self.nodes[node]]
        ]
        left, right = min(x for x, _ in corners) - BORDER, max(x for x, _ in corners) + BORDER
        bottom, top = min(y for _, y in corners) - BORDER, max(y for _, y in corners)
        label = written(((left + right) / 2, self.nodes[title][1]))
        self.frames[name] = {"bb": f"{left:.2f},{bottom:.2f},{right:.2f},{top:.2f}", "lp": label}


def laid_out(pictures: Sequence[Picture]) -> Places:
    """Where Graphviz puts everything in these pictures, which are parts of one."""
    found = Places()
    quickly = any(map(is_quick, pictures))
    for layout in render_each([picture.source for picture in pictures], ["json"], quickly=quickly):
        add_places(found, json.loads(layout))
    return found


def add_places(found: Places, layout: dict[str, Any]) -> None:
    """Add the places in Graphviz's JSON."""
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


def written(point: Point) -> str:
    """A point in Graphviz's notation."""
    return f"{point[0]:.2f},{point[1]:.2f}"


def points_of(curve: str) -> list[Point]:
    """The points of a curve, those between which it bends included."""
    return [(float(x), float(y)) for x, y in PAIR.findall(curve)]


def moved(curve: str, move: Callable[[Point], Point]) -> str:
    """A curve whose every point was moved."""
    return PAIR.sub(lambda found: written(move((float(found[1]), float(found[2])))), curve)


def curve_through(corners: Sequence[Point]) -> str:
    """A line through these corners, which are rounded."""
    points = [corners[0]]
    for before, corner, after in zip(corners, corners[1:], corners[2:], strict=False):
        begin, end = _towards(corner, before), _towards(corner, after)
        points += [points[-1], begin, begin, corner, corner, end]
    points += [points[-1], corners[-1], corners[-1]]
    return " ".join(map(written, points))


def _towards(corner: Point, other: Point) -> Point:
    """Where the curve at a corner begins: on the way to the next one, but no further than half of it."""
    distance = math.dist(corner, other)
    share = min(RADIUS, distance / 2) / distance if distance else 0
    return (corner[0] + share * (other[0] - corner[0]), corner[1] + share * (other[1] - corner[1]))
