"""Forward mode on the page, as a third sweep; and the paths whose products are what both modes add up."""

import re

import pytest

from autograd_lite import Value, dot, grad, relu, sqrt, tanh
from visualize.graph.nodes import Graph


def test_the_third_sweep_ends_with_the_gradient_of_its_leaf_and_passes_the_engines_derivatives(neuron, opened, cell) -> None:
    y, leaves = neuron()
    y.label = "y"
    page = opened(y)
    graph = Graph(y)
    for leaf in (leaves[0], leaves[2]):
        page.locator("#seed").select_option(label=f"+ forward mode by {leaf.label}")
        assert page.locator("#step").text_content() == f"{leaf.label}.tangent = 1.0"
        while (
            page.locator("#phase").text_content().endswith("tangent")
            and "y.tangent" not in page.locator("#step").text_content()
        ):
            page.locator("#next").click()
        for node in graph.nodes:
            if not node.is_constant:
                for other in graph.nodes:
                    other.grad = 0
                node.backward()
                assert float(cell(page, graph.name(node), "grad")) == pytest.approx(
                    leaf.grad if node.operands or node is leaf else 0, rel=1e-12
                )
        assert page.locator("#gradient").text_content() == "tangent"
    page.locator("#seed").select_option("")
    page.keyboard.press("Home")
    assert page.locator("#gradient").text_content() == "grad"


def test_how_many_sweeps_either_mode_needs(opened) -> None:
    w, x, b = Value(0.5, "w"), Value(2.0, "x"), Value(0.25, "b")
    page = opened(tanh(w * x + b))
    rows = [row.locator("td").all_text_contents() for row in page.locator("#counts tr").all()]
    assert rows == [["once, for 3 leaves", "5"], ["3 times, once for each leaf", "8"]]  # of w and x three edges each, of b two


def test_what_is_not_chosen_passes_nothing_on_not_even_times_an_infinite_slope(opened, cell) -> None:
    x = Value(-1.0, "x")
    y = sqrt(relu(x))
    y.label = "y"
    page = opened(y)
    page.locator("#seed").select_option(label="+ forward mode by x")
    page.keyboard.press("End")
    assert float(cell(page, "x", "grad")) == grad(lambda x: sqrt(relu(x)))(-1.0) == 0.0
    assert "nan" not in page.locator("#values").text_content()


def test_two_paths_are_compared_and_all_add_up(opened) -> None:
    a, b = Value(2.0, "a"), Value(3.0, "b")
    y = a * b + a
    y.label = "y"
    page = opened(y)
    page.get_by_label("derivation of a", exact=True).click()
    assert "The sum: 3.0 + 1.0 = 4.0" in page.locator("#derivation").text_content()
    buttons = page.locator("#derivation ul button")
    for button in buttons.all():
        button.click()
        assert button.get_attribute("aria-pressed") == "true"
    assert (page.locator(".edge.lit").count(), page.locator(".edge.lit.other").count()) == (3, 1)
    told = page.locator("#derivation").text_content()
    assert "together 4.0 of 4.0. They share no edge." in told
    buttons.first.click()
    assert page.locator(".edge.lit").count() == 1


def test_of_many_paths_all_can_be_listed(opened) -> None:
    x = Value(1.5, "x")
    y = x
    for _ in range(4):
        y = dot([y, y], [Value(1.0), Value(0.5)])
    page = opened(y)
    page.get_by_label("derivation of x", exact=True).click()
    buttons = page.locator("#derivation ul button")
    assert buttons.count() == 12
    page.get_by_role("button", name="4 more paths").click()
    assert buttons.count() == 16
    products = [float(re.search(r"= ([-\d.e]+)$", text)[1]) for text in buttons.all_text_contents()]
    assert sum(products) == pytest.approx(1.5**4, rel=1e-3)
