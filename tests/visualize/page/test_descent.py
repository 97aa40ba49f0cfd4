"""Gradient descent on the page: the numbers of the engine, step by step, and no way to lose one's place."""

import math

import pytest

from autograd_lite import Value, log, tanh
from nn import MLP


def regression() -> tuple[Value, list[Value]]:
    x, w, b = Value(2.0, label="x"), Value(-0.5, label="w"), Value(0.25, label="b")
    loss = (tanh(w * x + b) - 0.8) ** 2 + 0.01 * w * w
    loss.label = "loss"
    return loss, [x, w, b]


def course_of(loss: Value, moved: list[Value], rate: float, steps: int) -> None:
    for _ in range(steps):
        for leaf in moved:
            leaf.grad = 0
        loss.recompute().backward()
        for leaf in moved:
            leaf.data -= rate * leaf.grad
    loss.recompute()


def test_fifty_steps_have_the_engines_numbers(opened, cell) -> None:
    loss, (_, w, b) = regression()
    page = opened(loss)
    page.get_by_label("x learns", exact=True).uncheck()
    for _ in range(5):
        page.get_by_role("button", name="×10, ten steps").click()
    page.get_by_label("last step", exact=True).click()
    course_of(loss, [w, b], 0.1, 50)
    assert float(cell(page, "x", "data")) == 2.0
    for leaf in (w, b, loss):
        assert float(cell(page, leaf.label, "data")) == pytest.approx(leaf.data, rel=1e-12)
    assert page.locator("#course").text_content().startswith("After 50 steps loss = ")


def test_each_update_is_a_step_of_the_page_with_its_numbers(opened) -> None:
    page = opened(regression()[0])
    page.get_by_label("last step", exact=True).click()
    assert page.locator("#phase").text_content().endswith("update")
    assert page.locator("#step").text_content() == "b ← b − 0.1 · b.grad = 0.25 − 0.1 · (-1.712) = 0.4212"
    page.get_by_label("rate", exact=True).fill("0,5")
    page.keyboard.press("Enter")
    assert page.locator("#step").text_content() == "b ← b − 0.5 · b.grad = 0.25 − 0.5 · (-1.712) = 1.106"


def test_steps_are_taken_back_and_returned_to(opened, cell) -> None:
    page = opened(regression()[0])
    numbers = [cell(page, "w", "data")]
    for _ in range(3):
        page.locator("#descend").click()
        numbers.append(cell(page, "w", "data"))
    page.locator("#undo").click()
    assert cell(page, "w", "data") == numbers[2]
    page.locator("#taken").fill("3")
    assert cell(page, "w", "data") == numbers[3]
    page.locator("#curve").click(position={"x": 2, "y": 5})
    assert cell(page, "w", "data") == numbers[0]
    assert page.locator("#undo").is_disabled()


def test_a_run_goes_on_until_it_is_stopped(opened, tab, cell) -> None:
    tab.clock.install()
    page = opened(regression()[0])
    page.locator("#run").click()
    page.clock.run_for(500)
    field = page.get_by_label("number of w", exact=True)
    field.focus()
    page.clock.run_for(500)
    field.blur()  # nothing was typed there
    assert page.locator("#run").text_content() == "stop"
    page.locator("#run").click()
    steps = page.locator("#taken").input_value()
    assert int(steps) > 10
    page.clock.run_for(500)
    assert page.locator("#taken").input_value() == steps


def test_divergence_stops_and_says_so_and_nothing_is_lost(opened, cell) -> None:
    a = Value(0.5, label="a")
    loss = log(a) * 3.0
    loss.label = "loss"
    page = opened(loss)
    page.locator("#descend").click()
    alert = page.locator("#descent-problem")
    assert "Stopped before step 1" in alert.text_content()
    assert "log(a) has no value at a = -0.1" in alert.text_content()
    assert cell(page, "a", "data") == "0.5"
    page.get_by_label("rate", exact=True).fill("-1")
    page.keyboard.press("Enter")
    assert "a rate is above 0" in alert.text_content()
    page.get_by_label("a learns", exact=True).uncheck()
    page.locator("#descend").click()
    assert "no leaf learns" in alert.text_content()


def test_a_gradient_that_leads_nowhere_is_told_by_its_name(opened) -> None:
    page = opened(Value(math.nan, "a") * Value(2.0, "b"))
    page.locator("#descend").click()
    assert page.locator("#descent-problem").text_content() == "There is no step: the gradient of b is nan."


def test_a_result_that_grows_beyond_all_numbers_stops_the_run(opened) -> None:
    a = Value(3.0, label="a")
    page = opened(a**2)
    page.get_by_label("rate", exact=True).fill("1e9")
    page.keyboard.press("Enter")
    for _ in range(3):
        page.locator("#ten").click()
    assert "Stopped before step 17: a² is too large a number at a = " in page.locator("#descent-problem").text_content()
    assert page.locator("#course").text_content().startswith("After 16 steps")


def test_of_a_model_the_parameters_learn(opened) -> None:
    model = MLP(2, [1], activation="tanh", seed=0)
    scale = Value(2.0, label="scale")
    page = opened((model([0.5, -1.0]) * scale - 1.0) ** 2)
    boxes = page.locator("#values input[type=checkbox]")
    learning = [box.get_attribute("aria-label") for box in boxes.all() if box.is_checked()]
    assert len(learning) == 3
    assert "scale learns" not in learning


def test_an_edited_leaf_begins_a_new_course(opened) -> None:
    page = opened(regression()[0])
    page.locator("#descend").click()
    page.get_by_label("number of w", exact=True).fill("1")
    page.keyboard.press("Enter")
    assert "before the first step" in page.locator("#course").text_content()


def test_the_paths_to_the_result_add_up_to_the_gradient_and_a_nudge_agrees(opened, cell) -> None:
    a, b, c = Value(2.0, label="a"), Value(3.0, label="b"), Value(1.0, label="c")
    y = a * b + a + c * 1e-20
    y.label = "y"
    page = opened(y)
    page.get_by_label("derivation of c", exact=True).click()
    assert (
        "with c + 0.001, y changes by less than its digits can hold; c.grad = 1e-20."
        in page.locator("#derivation").text_content()
    )
    page.get_by_label("derivation of a", exact=True).click()
    paths = page.locator("#derivation ul button")
    assert sorted(float(path.split("= ")[-1].split(": ")[-1]) for path in paths.all_text_contents()) == [1.0, 3.0]
    assert "2 paths lead to y" in page.locator("#derivation").text_content()
    assert "which is 4.000 times as much; a.grad = 4.0" in page.locator("#derivation").text_content()
    paths.first.click()
    assert page.locator(".edge.lit").count() >= 1
