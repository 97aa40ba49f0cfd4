"""Nothing in the picture of a network covers anything else."""

import math
from itertools import combinations, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from visualize.network.layout import CLEAR, LABEL, LINE, RADIUS, NetworkLayout

SIZES = st.lists(st.one_of(st.integers(1, 20), st.integers(700, 800)), min_size=2, max_size=5)


def boxes(layout):
    """The rectangle of each node, gap and label: its middle, and half its width and height."""
    for l, column in enumerate(layout.columns):
        yield from ((place, RADIUS, RADIUS) for place in column.nodes.values())
        yield from ((place, RADIUS, RADIUS) for place in column.gaps)
        if l and layout.is_labelled(l):
            for j in column.nodes:
                for k in layout.columns[l - 1].nodes:
                    yield layout.label(l, j, k), LABEL / 2, LINE / 2
    if layout.loss:
        yield layout.loss, RADIUS, RADIUS


@given(SIZES, st.integers(4, 24), st.booleans())
def test_no_node_and_no_label_covers_another(sizes, limit, with_loss):
    layout = NetworkLayout(sizes, limit, with_loss=with_loss)
    for (a, a_width, a_height), (b, b_width, b_height) in combinations(boxes(layout), 2):
        apart = abs(a.x - b.x) >= a_width + b_width - 1e-6 or abs(a.y - b.y) >= a_height + b_height - 1e-6
        assert apart, (a, b)


@given(SIZES, st.integers(4, 24), st.data())
def test_everything_is_on_the_sheet_and_what_has_to_be_drawn_is(sizes, limit, data):
    l = data.draw(st.integers(0, len(sizes) - 1))
    j = data.draw(st.integers(0, sizes[l] - 1))
    layout = NetworkLayout(sizes, limit, keep=[(l, j)])
    assert j in layout.columns[l].nodes
    for place, width, height in boxes(layout):
        assert width <= place.x <= layout.width - width
        assert height <= place.y <= layout.height - height


@given(SIZES, st.integers(4, 24))
def test_the_nodes_that_are_left_out_are_counted(sizes, limit):
    for size, column in zip(sizes, NetworkLayout(sizes, limit).columns, strict=True):
        assert len(column.nodes) <= limit
        assert len(column.nodes) + sum(column.gaps.values()) == size


@given(SIZES, st.integers(4, 24))
def test_a_label_is_on_its_edge_and_clear_of_all_others(sizes, limit):
    layout = NetworkLayout(sizes, limit)
    for l in range(1, len(layout.columns)):
        before, to = layout.columns[l - 1].nodes, layout.columns[l].nodes
        edges = list(product(to, before)) if layout.is_labelled(l) else []
        for j, k in edges:
            away = {(i, m): distance(layout.label(l, j, k), before[m], to[i]) for i, m in edges}
            assert away.pop((j, k)) == pytest.approx(0, abs=1e-9)
            assert min(away.values(), default=CLEAR) >= CLEAR - 1e-9


def distance(point, start, end):
    """How far a point is from the line through two others."""
    across, down = end.x - start.x, end.y - start.y
    return abs(across * (point.y - start.y) - down * (point.x - start.x)) / math.hypot(across, down)


def test_small_networks_are_labelled():
    for sizes in ([2, 3, 2], [4, 4, 4], [16, 1], [8, 2], [1, 4]):
        assert all(map(NetworkLayout(sizes, 16).is_labelled, range(1, len(sizes)))), sizes
