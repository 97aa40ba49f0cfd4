"""The quiz of the page: each number is asked for before it is told."""

import math

import pytest

from autograd_lite import Value, tanh
from autograd_lite.notation import number
from visualize.graph.nodes import Graph


def loss() -> Value:
    w, x, b = Value(0.5, "w"), Value(2.0, "x"), Value(0.25, "b")
    y = tanh(w * x + b) * w
    y.label = "y"
    y.backward()
    return y


def answer(page, typed: str) -> None:
    page.locator("#answer").fill(typed)
    page.locator("#answer").press("Enter")


def test_every_number_is_asked_for_and_the_engines_are_right(opened) -> None:
    y = loss()
    page = opened(y)
    page.locator("#quiz").click()
    values = [node for node in Graph(y).nodes if node.operands]
    for asked, node in enumerate(values, start=1):
        box = page.locator(f"#n{Graph(y).index[node]}")
        assert page.locator("#step").text_content().endswith("= ?")
        assert box.locator(".number").first.text_content() == "?"
        answer(page, f"{node.data * 1.009:.12g}")
        assert page.locator("#verdict").text_content() == "Right."
        assert page.locator("#step").text_content().endswith(f"= {number(node.data)}")
        assert box.locator(".number").first.text_content() == number(node.data)
        assert page.locator("#count").text_content() == f"{asked} of {asked} right"
        page.locator("#answer").press("Enter")
    assert page.locator("#step").text_content() == "y.grad = ?"


def test_a_wrong_number_is_asked_for_again_and_one_that_is_shown_is_not_right(opened, cell) -> None:
    y = loss()
    page = opened(y)
    page.get_by_label("step", exact=True).fill("4")
    page.locator("#quiz").click()
    assert page.locator("#step").text_content() == "y = v₃ × w = ?"
    assert page.locator(".explained").is_hidden()
    for typed in (f"{y.data * 1.02}", "much", ""):
        answer(page, typed)
        assert page.locator("#answer").get_attribute("aria-invalid") == "true"
        assert cell(page, "y", "data") == ""
    page.get_by_label("next step").click()
    assert float(cell(page, "y", "data")) == y.data
    assert page.locator("#count").text_content() == "0 of 1 right"
    page.get_by_label("next step").click()
    answer(page, "1")
    assert page.locator("#count").text_content() == "1 of 2 right"
    page.get_by_label("previous step").click()  # what was told is not asked for again
    assert page.locator("#step").text_content().endswith(number(y.data))
    page.locator("#quiz").click()
    assert page.locator(".explained").is_visible()
    assert page.locator("#question").is_hidden()


@pytest.mark.parametrize(("numerator", "typed"), [(0.0, "0"), (math.inf, "inf"), (math.nan, "nan")])
def test_zero_infinity_and_nan_are_answers(opened, numerator: float, typed: str) -> None:
    page = opened(Value(numerator, "a") * Value(2.0, "b"))
    page.locator("#quiz").click()
    answer(page, "0.001")
    assert page.locator("#verdict").text_content().startswith("Not 0.001")
    answer(page, typed)
    assert page.locator("#verdict").text_content() == "Right."
