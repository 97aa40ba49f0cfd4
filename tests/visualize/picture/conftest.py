"""What the tests of pictures look for in Graphviz's own account of a picture: edges that go through boxes."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from visualize.picture.rendering import Picture, render_each

POINT = re.compile(r"(-?[\d.]+(?:e[+-]?\d+)?),(-?[\d.]+(?:e[+-]?\d+)?)")


@pytest.fixture(scope="session")
def crossings():
    """The edges of pictures that go through a box which is none of their ends: the names of their ends and of the box."""

    def crossings(*pictures: Picture) -> set[tuple[str, str, str]]:
        layouts = render_each([picture.source for picture in pictures], ["json"])
        return {found for layout in layouts for found in crossed(json.loads(layout))}

    return crossings


def crossed(layout: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    names = {one["_gvid"]: one["name"] for one in layout["objects"]}
    boxes = {
        one["name"]: (*map(float, one["pos"].split(",")), 36 * float(one["width"]) - 1, 36 * float(one["height"]) - 1)
        for one in layout["objects"]
        if "pos" in one and one.get("style") != "invis"
    }
    for edge in layout.get("edges", ()):
        if edge.get("style") == "invis":
            continue
        ends = names[edge["tail"]], names[edge["head"]]
        for x, y in walked(edge["pos"]):
            for name, (middle, height, wide, high) in boxes.items():
                if name not in ends and abs(x - middle) < wide and abs(y - height) < high:
                    yield (*ends, name)


def walked(curve: str, steps: int = 12) -> list[tuple[float, float]]:
    """Points along a curve in Graphviz's notation."""
    points = [(float(x), float(y)) for x, y in POINT.findall(re.sub(r"[es],\S+ ", "", curve))]
    found = []
    for place in range(0, len(points) - 3, 3):
        (ax, ay), (bx, by), (cx, cy), (dx, dy) = points[place : place + 4]
        for step in range(steps + 1):
            t, u = step / steps, 1 - step / steps
            weights = u**3, 3 * u * u * t, 3 * u * t * t, t**3
            found.append(
                (
                    sum(w * x for w, x in zip(weights, (ax, bx, cx, dx), strict=True)),
                    sum(w * y for w, y in zip(weights, (ay, by, cy, dy), strict=True)),
                )
            )
    return found
