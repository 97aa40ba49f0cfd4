"""The page, in a real browser: how it is used, by whom, on which screen."""

import re

import pytest

from autograd_lite import Value, dot, tanh
from visualize import to_svg
from visualize.graph.nodes import Graph

NASTY = '"]; x [label="</script><script>window.hacked=1</script><b>&amp;\\N\n😀'


BOXES = "parts => parts.map(part => document.querySelector(part).getBoundingClientRect().toJSON())"


def test_it_plays_with_keys_slider_and_button_and_is_labelled(neuron, opened, tab) -> None:
    tab.clock.install()
    page = opened(neuron()[0])
    page.keyboard.press("Space")
    page.clock.run_for(3000)
    assert page.locator("#slider").input_value() == "2"
    page.keyboard.press("Space")
    page.clock.run_for(3000)
    assert page.locator("#slider").input_value() == "2"
    page.keyboard.press("ArrowLeft")
    assert page.locator("#slider").input_value() == "1"
    page.get_by_label("step", exact=True).fill("4")
    assert page.locator("#phase").text_content().startswith("step 4 of")
    for name in ("first step", "previous step", "play", "next step", "last step"):
        assert page.get_by_role("button", name=name, exact=True).count() == 1
    assert page.locator("[aria-live=polite] #step").count() == 1


def test_keyboard_and_screen_reader_meet_the_values_in_the_order_of_computation(neuron, opened) -> None:
    y, _ = neuron()
    y.label = "y"
    page = opened(y)
    expected = [name for node, name in Graph(y).names.items() if not node.is_constant]
    reached = []
    for _ in expected:
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.getAttribute('aria-label')").split(":")[0])
    assert reached == expected
    assert page.get_by_role("main").get_by_role("group", name="graph").get_by_role("button").count() == len(expected)


def test_a_step_is_announced_without_the_derivation_of_the_selected_value(neuron, opened) -> None:
    page = opened(neuron()[0])
    page.get_by_label("derivation of w1", exact=True).click()
    page.evaluate(
        "window.changes = 0; new MutationObserver(() => { window.changes += 1; })"
        ".observe(document.getElementById('derivation'), { childList: true })"
    )
    page.get_by_label("last step").click()
    assert page.evaluate("window.changes") == 0
    page.get_by_label("number of w1", exact=True).fill("3")
    assert page.locator("#derived-data").text_content() == "w1.data = 3.0"


@pytest.mark.parametrize("width", [400, 1280])
def test_the_derivation_is_in_view_wherever_the_value_was_selected(opened, width: int) -> None:
    y = Value(1.0, "x")
    for _ in range(30):
        y = y * 1.1
    y.label = "y"
    page = opened(y, width=width, height=700)
    page.get_by_label("derivation of y", exact=True).click()  # at the end of a long table
    shown = page.locator("#derived-grad").bounding_box()
    assert 0 <= shown["y"] <= shown["y"] + shown["height"] <= 700


@pytest.mark.parametrize(("terms", "width", "height"), [(2, 390, 800), (30, 1280, 600)])
def test_the_lit_node_and_its_formula_are_in_view_together(opened, terms: int, width: int, height: int) -> None:
    inputs = [Value(0.1 * k, f"x{k}") for k in range(terms)]
    page = opened(tanh(dot(inputs, inputs)) * 2, width=width, height=height)
    page.evaluate("document.getElementById('picture').scrollIntoView()")
    for key in ("ArrowRight", "End", *["ArrowLeft"] * terms):
        page.keyboard.press(key)
        lit, frame, formula = page.evaluate(BOXES, ["g.node.target", "#picture", "#formula"])
        for side, size, screen in (("x", "width", width), ("y", "height", height)):
            assert max(0, frame[side]) <= lit[side]
            assert lit[side] + lit[size] <= min(screen, frame[side] + frame[size])
            assert 0 <= formula[side] <= formula[side] + formula[size] <= screen


def test_nothing_is_wider_than_a_narrow_screen(neuron, opened) -> None:
    y, leaves = neuron()
    leaves[0].data = -0.123456789
    page = opened(y.recompute(), width=360, height=740)
    page.keyboard.press("End")
    for table in (page.locator("table"), page.locator("#formula"), page.locator(".controls")):
        box = table.bounding_box()
        assert box["x"] + box["width"] <= 360


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_follows_the_readers_colour_scheme(neuron, opened, scheme: str) -> None:
    page = opened(neuron()[0], scheme=scheme)
    red, green, blue = map(int, re.findall(r"\d+", page.evaluate("getComputedStyle(document.body).backgroundColor"))[:3])
    assert (red + green + blue > 600) == (scheme == "light")


def test_labels_are_shown_as_their_characters_and_never_run(cell, opened) -> None:
    y = Value(2.0, NASTY) * Value(3.0, "plain")
    page = opened(y)
    assert page.evaluate("window.hacked") is None
    assert NASTY in page.locator("#values th").all_text_contents()
    page.keyboard.press("End")
    assert float(cell(page, "plain", "grad")) == 2.0


def test_labels_that_no_file_can_hold_still_make_a_page(opened) -> None:
    page = opened(Value(2.0, "\ud800") * Value(3.0, "\x00") * Value(4.0, "\u202eleft"))
    page.keyboard.press("End")
    assert page.locator("#slider").input_value() == "7"
    assert page.locator("td input").count() == 3


def test_the_browser_draws_every_text_of_a_picture_inside_its_box(tab) -> None:
    w = [Value(0.1234, f"w₅,₁{i}⁽²⁾") for i in range(8)]
    tab.set_content(to_svg(tanh(dot(w, [Value(-0.006293, f"a₁{i}⁽¹⁾") for i in range(8)]))))
    rooms = tab.evaluate(
        """[...document.querySelectorAll("g.node")].flatMap(node => {
            const box = node.querySelector("path, polygon").getBBox();
            return [...node.querySelectorAll("text")].map(text => text.getBBox()).map(
                text => Math.min(text.x - box.x, box.x + box.width - text.x - text.width));
        })"""
    )
    assert min(rooms) > 2  # points
