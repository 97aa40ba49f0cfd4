"""The page, in a real browser: every number on it is the engine's, before and after a leaf is edited."""

import json
import math
import random
import re
import shutil
import subprocess
import textwrap

import pytest

from autograd_lite import Value, dot, greater, primitive, sigmoid, sqrt, tanh, where
from autograd_lite.notation import number
from visualize.graph.nodes import Graph
from visualize.page.document import COMPUTING, LIBRARY


def picture_numbers(page, node: int) -> list[str]:
    return [text.strip() for text in page.locator(f"#n{node} text.number").all_text_contents()]


def type_number(page, leaf: str, number) -> None:
    field = page.get_by_label(f"number of {leaf}", exact=True)
    field.fill(str(number))
    field.press("Enter")


def test_clicking_through_the_whole_page_shows_the_engines_numbers(neuron, assert_agrees, opened) -> None:
    y, leaves = neuron()
    y.label = "y"
    y.backward()
    page = opened(y)
    count = int(page.locator("#slider").get_attribute("max"))
    step, following = page.locator("#step"), page.get_by_label("next step")
    texts = [step.text_content()]
    for _ in range(count):
        following.click()
        texts.append(step.text_content())
    assert page.get_by_label("next step").is_disabled()
    assert len(set(texts)) == count + 1
    assert "v₁ = w1 × a1 + w2 × a2 + b = 0.5 × 2.0 + (-1.5) × 0.75 + (-0.3) = -0.425" in texts
    z = y.parents[0].parents[0].parents[0]
    assert f"w1.grad += a1.data · v₁.grad = 2.0 · {number(z.grad)} = {number(leaves[0].grad)}" in texts
    assert_agrees(page, y, leaves)
    shown = {tuple(picture_numbers(page, i)) for i in range(page.locator("g.node").count())}
    y.backward()
    for leaf in leaves:
        leaf.grad = 0
    y.backward()
    assert {(number(v.data), number(float(v.grad))) for v in Graph(y).nodes if not v.is_constant} == shown - {()}


def test_each_step_adds_up_to_the_gradient_and_shows_accumulation(neuron, opened) -> None:
    y, leaves = neuron()
    page = opened(y)
    page.keyboard.press("Home")
    parts: dict[str, list[float]] = {}
    notes = []
    for _ in range(int(page.locator("#slider").get_attribute("max"))):
        page.keyboard.press("ArrowRight")
        text, note, *lit = page.evaluate(
            "[...['step', 'note'].map((id) => document.getElementById(id).textContent), "
            "...['node.target', 'node.source', 'edge.active'].map((kind) => document.querySelectorAll(`g.${kind}`).length)]"
        )
        match = re.fullmatch(r"(\w+)\.grad \+= .* = ([-\d.e]+)", text)
        if match:
            parts.setdefault(match[1], []).append(float(match[2]))
            notes.append(note)
            through_a_weight = match[1] in ("a1", "a2") and "v₁.grad" in text  # whose box is on the way
            assert lit == [1, 1, 2 if through_a_weight else 1]
    y.backward()
    for leaf in leaves:
        assert sum(parts[leaf.label]) == pytest.approx(leaf.grad, rel=1e-3)
    assert len(parts["a1"]) == 3
    assert sum(note.startswith("added to what is there") for note in notes) == 2


def test_editing_a_leaf_computes_everything_anew(neuron, assert_agrees, opened) -> None:
    y, leaves = neuron()
    page = opened(y)
    page.keyboard.press("End")
    rng = random.Random(1)
    for leaf in leaves:
        leaf.data = round(rng.uniform(-2, 2), 3)
        type_number(page, leaf.label, leaf.data)
    w, a, b = leaves[:2], leaves[2:4], leaves[4]
    assert_agrees(page, tanh(dot(w, a, b)) * a[0] + a[0] * 2, leaves)


def test_a_leaf_that_leaves_the_domain_is_refused_with_a_reason(cell, opened) -> None:
    x = Value(2.0, "x")
    page = opened(x.log() * 3)
    page.keyboard.press("End")
    field = page.get_by_label("number of x", exact=True)
    for typed, reason in (
        ("-1", "log(x) has no value at x = -1.0 (it is defined for x > 0)"),
        ("two", 'x: a number is needed, not "two"'),
    ):
        field.fill(typed)
        field.press("Enter")
        assert reason in page.get_by_role("alert").text_content()
        assert field.get_attribute("aria-invalid") == "true"
        assert float(cell(page, "x", "grad")) == 1.5
    type_number(page, "x", 4)
    assert page.get_by_role("alert").text_content() == ""
    assert float(cell(page, "x", "grad")) == 0.75


def test_numbers_that_are_refused_leave_the_page_true(neuron, assert_agrees, opened) -> None:
    y, leaves = neuron()
    page = opened(y)
    page.keyboard.press("End")
    field, alert = page.get_by_label("number of w1", exact=True), page.get_by_role("alert")
    assert field.get_attribute("aria-describedby") == alert.get_attribute("id")
    refusals = ("", "1e400", "1e-400", "1,234.5", "1,2,3", "0x10", "Infinity", "nan", "--1", "1e", "-", "1 2", "1 0000")
    for typed in (*refusals, "10²", "3²", "5₁", "①"):
        field.fill(typed)
        field.blur()
        assert alert.text_content().startswith("w1: ")
        assert "It stays 0.5." in alert.text_content()
        assert (field.get_attribute("aria-invalid"), field.input_value()) == ("true", "0.5")
        assert_agrees(page, y, leaves)


def test_a_number_may_be_written_with_a_comma_a_long_minus_or_spaces(neuron, assert_agrees, opened) -> None:
    page = opened(Value(0.5, "x") * Value(2.0, "two"))
    page.get_by_label("last step").click()
    for typed, read in (
        ("1,5", 1.5),
        ("−2", -2.0),
        (" .25 ", 0.25),
        ("-1,5e-3", -0.0015),
        ("+3.", 3.0),
        ("１．５", 1.5),
        ("\u3000－１２\u2009３４５，５ｅ－３", -12.3455),
        ("−12\u202f345 678,25", -12345678.25),
    ):
        type_number(page, "x", typed)
        assert page.get_by_role("alert").text_content() == ""
        x, two = Value(read, "x"), Value(2.0, "two")
        assert_agrees(page, x * two, [x, two])


def test_an_edit_counts_when_the_field_is_left_or_at_enter_and_not_before(cell, opened) -> None:
    page = opened(Value(2.0, "x") * 3)
    field = page.get_by_label("number of x", exact=True)
    field.focus()
    page.keyboard.type("1e30")
    assert float(cell(page, "x", "data")) == 2.0
    page.keyboard.press("Tab")
    assert float(cell(page, "x", "data")) == 1e30


def test_at_step_0_an_edit_says_what_becomes_of_the_result(opened) -> None:
    x = Value(2.0, "x")
    y = x * 3
    y.label = "y"
    page = opened(y)
    type_number(page, "x", 5)
    assert page.locator("#note").text_content() == "x is now 5.0: y becomes 15.0, it was 6.0."
    assert picture_numbers(page, 0)[0] == "5.0"


def test_a_choice_is_made_anew_when_its_operand_is_edited(cell, opened) -> None:
    x = Value(2.0, "x")
    page = opened(where(greater(x, 0), x * x, -x))
    page.keyboard.press("End")
    assert float(cell(page, "x", "grad")) == 4.0
    type_number(page, "x", -3)
    assert float(cell(page, "x", "grad")) == -1.0


def test_what_only_chooses_gets_no_gradient_not_even_0_times_infinity(assert_agrees, opened) -> None:
    c, x = Value(1.0, "c"), Value(0.0, "x")
    y = sqrt(where(c, x, 2.0))
    page = opened(y)
    page.keyboard.press("End")
    assert_agrees(page, y, [c, x])
    assert (c.grad, x.grad) == (0, math.inf)


def test_selecting_a_node_shows_its_whole_derivation(neuron, opened) -> None:
    y, leaves = neuron()
    y.backward()
    page = opened(y)
    position = [
        page.locator(f"#n{i}").get_attribute("aria-label").split(":")[0]
        for i in range(12)
        if page.locator(f"#n{i}[role]").count()
    ]
    page.locator(f"#n{position.index('a1')}").focus()
    page.keyboard.press("Enter")
    derivation = page.locator("#derivation").text_content()
    assert "sum over 3 uses" in derivation
    assert page.locator("#derivation ol li").count() == 3
    name, _, number = page.locator("#derived-grad").text_content().partition(" = ")
    assert name == "a1.grad"
    assert float(number) == pytest.approx(leaves[2].grad, rel=1e-15)  # `sum` of Python 3.12 rounds once, JavaScript's each time
    page.get_by_label("derivation of w1", exact=True).click()
    assert page.locator("#derived-data").text_content() == "w1.data = 0.5"


def test_a_leaf_shows_a_short_number_and_every_digit_while_it_is_edited(cell, opened) -> None:
    page = opened(Value(1 / 3, "third") * Value(2.0, "two"))
    third, two = (page.get_by_label(f"number of {name}", exact=True) for name in ("third", "two"))
    assert (third.input_value(), two.input_value()) == ("0.3333", "2.0")
    third.focus()
    assert third.input_value() == str(1 / 3)
    type_number(page, "two", 0.123456)
    assert (third.input_value(), two.input_value()) == ("0.3333", "0.123456")
    third.fill("no number")
    two.focus()
    assert (third.input_value(), two.input_value()) == ("0.3333", "0.123456")
    two.fill("7")
    page.keyboard.press("Escape")
    assert two.input_value() == "0.123456"
    assert float(cell(page, "third", "data")) == 1 / 3


@primitive(derivatives=[lambda out, x: 2 * x])
def square(x):
    return x * x


@primitive(derivatives=[lambda out, x: json.loads("1")])
def foreign(x):
    return json.loads(json.dumps(x))


@primitive(derivatives=[lambda out, x: 1 if x > 0 else -1])
def chooser(x):
    return math.fabs(x)


def test_a_custom_primitive_is_translated(assert_agrees, opened) -> None:
    x = Value(3.0, "x")
    page = opened(square(x) * sigmoid(x))
    type_number(page, "x", -1.5)
    page.get_by_label("last step").click()
    moved = Value(-1.5, "x")
    assert_agrees(page, square(moved) * sigmoid(moved), [moved])


@pytest.mark.parametrize(("function", "reason"), [(foreign, "'foreign' uses 'json.loads'"), (chooser, "chooses by a number")])
def test_what_cannot_be_translated_is_played_but_not_edited_and_the_page_says_why(cell, opened, function, reason: str) -> None:
    x = Value(3.0, "x")
    page = opened(function(x) * 2)
    assert "Editing is off" in page.locator("#editing").text_content()
    assert reason in page.locator("#editing").text_content()
    assert page.locator("td input").count() == 0
    page.keyboard.press("End")
    assert float(cell(page, "x", "grad")) == 2.0


@pytest.mark.skipif(shutil.which("node") is None, reason="no node on this machine")
def test_the_page_writes_numbers_as_python_does_and_two_so_that_they_are_told_apart() -> None:
    rng = random.Random(0)
    numbers = [rng.choice([-1, 1]) * rng.random() * 10.0 ** rng.randint(-12, 12) for _ in range(500)]
    numbers += [0.0, -0.0, 1.0, 2.5, 100.0, 9999.0, 12346.0, 1e-5, 1e-4, 0.1, 1e16, 1e22, 0.00012345]
    show = textwrap.dedent(COMPUTING[COMPUTING.index("// Every digit") : COMPUTING.index("// A formula is")])
    near = "apart(x, x * (1 + 1e-9) + 1e-15)"
    code = f"{LIBRARY}{show}console.log(JSON.stringify({json.dumps(numbers)}.map((x) => [show(x), full(x), {near}])))"
    done = subprocess.run(["node", "-"], input=code, capture_output=True, text=True, check=True)
    for x, (short, whole, (one, other)) in zip(numbers, json.loads(done.stdout), strict=True):
        assert (short, whole) == (number(x), repr(x))
        assert one != other
        assert (float(one), float(other)) == pytest.approx((x, x), rel=1e-3)


def test_a_plain_number_is_edited_and_written_anew_wherever_it_stands(opened, assert_agrees, cell) -> None:
    w, x = Value(2.0, "w"), Value(0.5, "x")
    y = tanh(w * x * 2 - 1.5) / 3.0 + w**2
    y.label = "y"
    page = opened(y)
    fields = page.locator("#numbers input")
    assert [field.input_value() for field in fields.all()] == ["2.0", "1.5", "3.0"]  # and not the exponent
    assert "v₁ × 2" in page.locator("#picture").text_content()
    fields.first.fill("-0.25")
    fields.first.press("Enter")
    assert page.locator("#note").text_content().startswith("the number in v₂ is now -0.25: y becomes ")
    fields.last.fill("0")
    fields.last.press("Enter")
    assert page.locator("#problem").text_content() == "the number in v₅: v₄ ÷ 0.0 has no value at v₄ = -0.9414. It stays 3.0."
    for place in ("h1", "#values", "#numbers", "#picture"):
        assert "× (-0.25)" in page.locator(place).text_content()
    assert "2.0" not in page.locator("h1").text_content().replace("w ** 2.0", "")
    page.locator("#last").click()
    assert_agrees(page, tanh(w * x * -0.25 - 1.5) / 3.0 + w**2, [w, x])
    page.locator("#copy").click()
    assert "=-0.25" in page.evaluate("location.hash")
