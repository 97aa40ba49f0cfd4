"""A large graph on the page: in parts that open on a click, each a picture that a person can look through."""

import pytest

from autograd_lite import Value, tanh
from visualize.graph.layers import find_layers
from visualize.graph.nodes import Graph
from visualize.page import parts, sheets
from visualize.page.parts import Excerpt, GraphPart, divided


@pytest.fixture(autouse=True)
def few_at_once(monkeypatch) -> None:
    """So that small graphs are large."""
    monkeypatch.setattr(sheets, "MOST_AT_ONCE", 20)
    monkeypatch.setattr(parts, "MOST_BOXES", 16)


def chain(length: int) -> tuple[Value, list[Value]]:
    x, w = Value(0.5, "x"), Value(1.1, "w")
    y = x
    for _ in range(length):
        y = tanh(y * w)
    y.label = "y"
    return y, [x, w]


def innermost(part: GraphPart) -> list[GraphPart]:
    return [leaf for inner in part.parts for leaf in innermost(inner)] if part.parts else [part]


@pytest.mark.parametrize("kind", ["network", "chain"])
def test_every_value_is_in_one_part_and_no_part_is_large(mlp, kind: str) -> None:
    y = mlp((3, 9, 4, 1)) if kind == "network" else chain(30)[0]
    graph = Graph(y * y)
    found = innermost(divided(graph, find_layers(graph)))
    assert sorted(graph.index[node] for part in found for node in part.nodes) == list(range(len(graph.nodes)))
    assert max(len(part.nodes) for part in found) <= parts.MOST_BOXES
    for part in found:
        excerpt = Excerpt(graph, part.nodes)
        assert {graph.nodes[number] for number in excerpt.numbers} >= {p for node in part.nodes for p in node.parents}
        assert [excerpt.name(node) for node in excerpt.nodes] == [graph.name(graph.nodes[number]) for number in excerpt.numbers]


def test_the_part_that_a_step_takes_place_in_is_opened_and_its_numbers_are_the_engines(opened, cell) -> None:
    y, _ = chain(12)
    page = opened(y)
    assert page.locator("[data-part]").count() == 3
    y.backward()
    by_name = {graph_name: node for node, graph_name in Graph(y).names.items()}
    page.locator("#first").focus()
    seen = set()
    for _ in range(int(page.locator("#slider").get_attribute("max"))):
        page.keyboard.press("ArrowRight")
        target, label, part, values = page.evaluate(
            "(target => [target.id, target.getAttribute('aria-label').split(':')[0], "
            "document.querySelector('#way').textContent, [...target.querySelectorAll('.number')].map("
            "number => number.textContent)])(document.querySelector('#picture g.target'))"
        )
        seen.add(part)
        node = Graph(y).nodes[int(target[1:])]
        assert Graph(y, names=False).name(node) in label.split()
        assert float(values[0]) == pytest.approx(node.data, rel=1e-3)
    assert len(seen) == 3
    for name in ("x", "w"):
        page.get_by_role("button", name="all parts").click()
        page.locator("[data-part]").first.click()
        assert float(cell(page, name, "grad")) == pytest.approx(by_name[name].grad, rel=1e-12)


def test_parts_are_opened_by_click_key_and_map_and_edited(opened, cell) -> None:
    y, (x, _) = chain(12)
    page = opened(y)
    assert page.locator("#values tr").count() == 0
    page.locator("[data-part]").first.focus()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "n0"
    field = page.get_by_label("number of x", exact=True)
    field.fill("0.25")
    field.press("Enter")
    small = page.locator("#map").bounding_box()
    page.mouse.click(small["x"] + small["width"] - 4, small["y"] + small["height"] / 2)
    assert page.locator("#way [aria-current]").text_content().endswith("to y")
    x.data = 0.25
    y.recompute()
    page.keyboard.press("End")
    page.locator("#map").click(position={"x": small["width"] - 4, "y": small["height"] / 2})
    assert float(cell(page, "y", "data")) == pytest.approx(y.data, rel=1e-15)


def test_a_layer_opens_into_its_neurons(mlp, opened) -> None:
    page = opened(mlp((3, 9, 4, 1)))
    page.locator("#see-graph").click()
    page.get_by_role("button", name="layer 1", exact=False).first.click()
    assert page.locator("#way").text_content() == "all partslayer 1"
    neurons = page.locator("[data-part]").count()
    assert neurons > 2
    page.locator("[data-part]").first.click()
    assert page.locator("#picture .node[role]").count() > 3
    assert page.locator("#picture .outside").count() == 0  # the first layer reads leaves
    page.get_by_role("button", name="layer 1", exact=True).click()
    assert page.locator("[data-part]").count() == neurons
    page.locator("#see-network").click()
    page.locator("#a-1-2").dispatch_event("click")
    assert page.locator("#picture .node[role]").count() == 3 + 3 + 1 + 2  # inputs, weights, bias, sum and output
    assert page.locator("#way button").count() == 4
    page.locator("#way button").first.click()
    assert page.locator("[data-part]").count() > 1
