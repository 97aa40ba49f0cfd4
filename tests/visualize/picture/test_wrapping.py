"""A long chain is drawn in rows, in reading order, and its lines go around the boxes."""

import json
from itertools import pairwise

import pytest

from autograd_lite import Value, sin
from visualize import draw, to_svg
from visualize.picture.rendering import render


def chain(length: int) -> Value:
    y = Value(1.0, "x")
    for place in range(length):
        y = y * y if place % 7 == 6 else sin(y) if place % 2 else y * 0.99
    return y


def size(picture) -> tuple[float, float]:
    _, _, width, height = map(float, json.loads(render(picture.source, "json")[0])["bb"].split(","))
    return width, height


@pytest.mark.parametrize("rankdir", ["LR", "TB"])
def test_a_chain_of_any_length_has_about_the_shape_of_a_page(rankdir: str) -> None:
    for length in (30, 150):
        width, height = size(draw(chain(length), rankdir=rankdir, limit=1000))
        assert 1 / 3 < width / height < 4
    width, height = size(draw(chain(12)))
    assert width > 8 * height  # a short one is one row


@pytest.mark.parametrize("rankdir", ["LR", "TB"])
@pytest.mark.parametrize("local_derivatives", [False, True])
def test_no_line_of_a_wrapped_chain_goes_through_a_box(crossings, rankdir: str, local_derivatives: bool) -> None:
    assert crossings(draw(chain(60), rankdir=rankdir, local_derivatives=local_derivatives, limit=1000)) == set()


def test_rows_are_read_as_lines_of_text_are_and_no_edge_is_lost(parts) -> None:
    y = chain(60)
    svg = to_svg(y, limit=1000)
    layout = json.loads(render(draw(y, limit=1000).source, "json")[0])
    at = {one["name"]: tuple(map(float, one["pos"].split(","))) for one in layout["objects"] if "pos" in one}
    node, places = y, []
    while node.operands:  # from the end of the chain to its beginning
        node = node.parents[0]
        places.append(node)
    graph_names = [name for name in at if name.removeprefix("n").isdigit()]
    assert len(graph_names) == len(parts(svg, "node"))
    whole = {edge.get("id") for edge in parts(svg, "edge")}
    assert len(whole) == len({(id(one), k) for one in [y, *places] for k in range(len(one.parents))})
    computed = sorted((name for name in graph_names), key=lambda name: int(name[1:]))
    steps = [(at[a], at[b]) for a, b in pairwise(computed)]
    assert all(b[0] > a[0] or b[1] < a[1] for a, b in steps if abs(a[1] - b[1]) > 60)  # a new row is below


def test_a_picture_whose_rows_would_be_tied_by_many_lines_stays_long() -> None:
    leaves = [Value(0.1, f"x{k}") for k in range(8)]
    y = leaves[0]
    for place in range(40):
        y = sin(y) * leaves[place % 8]
    width, height = size(draw(y, limit=1000))
    assert width > 4 * height
