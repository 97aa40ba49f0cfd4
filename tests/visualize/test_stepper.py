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
from visualize import stepper, to_svg
from visualize.graph import Graph
from visualize.javascript import LIBRARY
from visualize.stepper import SCRIPT

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
QUIET = ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"]
NASTY = '"]; x [label="</script><script>window.hacked=1</script><b>&amp;\\N\n😀'


@pytest.fixture(scope="module")
def browser():
    if CHROMIUM is None:
        pytest.skip("no chromium on this machine")
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as driver:
        running = driver.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield running
        running.close()


@pytest.fixture(scope="module")
def tab(browser):
    return browser.new_page()


@pytest.fixture
def opened(tab, tmp_path):
    """Opens a page of a Value; at the end of the test nothing may have been logged or fetched."""
    complaints: list[str] = []
    path = tmp_path / "page.html"
    heard = {
        "console": lambda message: complaints.append(message.text),
        "pageerror": lambda error: complaints.append(str(error)),
        "request": lambda request: complaints.append(request.url) if request.url != path.as_uri() else None,
    }

    def open_page(value: Value, width: int = 1280, height: int = 720, scheme: str = "light"):
        path.write_text(stepper(value), encoding="utf-8")
        tab.set_viewport_size({"width": width, "height": height})
        tab.emulate_media(color_scheme=scheme)
        tab.goto(path.as_uri())
        return tab

    for event, listener in heard.items():
        tab.on(event, listener)
    yield open_page
    for event, listener in heard.items():
        tab.remove_listener(event, listener)
    assert complaints == []


def neuron() -> tuple[Value, list[Value]]:
    """A neuron whose first input is used twice more, so that its gradient has three parts."""
    w, a, b = [Value(0.5, "w1"), Value(-1.5, "w2")], [Value(2.0, "a1"), Value(0.75, "a2")], Value(-0.3, "b")
    return tanh(dot(w, a, b)) * a[0] + a[0] * 2, [*w, *a, b]


def cell(page, name: str, which: str) -> str:
    row = page.locator("#values tr").filter(has=page.get_by_role("button", name=f"derivation of {name}", exact=True))
    return row.locator("td").nth(1 if which == "data" else 2).get_attribute("data-value")


def picture_numbers(page, node: int) -> list[str]:
    return [text.strip() for text in page.locator(f"#n{node} text.number").all_text_contents()]


def assert_agrees(page, value: Value, leaves: list[Value]) -> None:
    """After the last step the page's numbers are those of `backward`."""
    for leaf in leaves:
        leaf.grad = 0
    value.backward()
    for leaf in leaves:
        assert float(cell(page, leaf.label, "data")) == leaf.data
        assert float(cell(page, leaf.label, "grad")) == pytest.approx(leaf.grad, rel=1e-12)


def test_clicking_through_the_whole_page_shows_the_engines_numbers(opened) -> None:
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


def test_each_step_adds_up_to_the_gradient_and_shows_accumulation(opened) -> None:
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


def test_editing_a_leaf_computes_everything_anew(opened) -> None:
    y, leaves = neuron()
    page = opened(y)
    page.keyboard.press("End")
    rng = random.Random(1)
    for leaf in leaves:
        leaf.data = round(rng.uniform(-2, 2), 3)
        page.get_by_label(f"number of {leaf.label}", exact=True).fill(str(leaf.data))
    w, a, b = leaves[:2], leaves[2:4], leaves[4]
    assert_agrees(page, tanh(dot(w, a, b)) * a[0] + a[0] * 2, leaves)


def test_a_leaf_that_leaves_the_domain_is_refused_with_a_reason(opened) -> None:
    x = Value(2.0, "x")
    page = opened(x.log() * 3)
    page.keyboard.press("End")
    field = page.get_by_label("number of x", exact=True)
    for typed, reason in (
        ("-1", "log(x) has no value at x = -1.0 (it is defined for x > 0)"),
        ("two", 'x needs a number, not "two"'),
    ):
        field.fill(typed)
        assert reason in page.get_by_role("alert").text_content()
        assert field.get_attribute("aria-invalid") == "true"
        assert float(cell(page, "x", "grad")) == 1.5
    field.fill("4")
    assert page.get_by_role("alert").text_content() == ""
    assert float(cell(page, "x", "grad")) == 0.75


def test_a_choice_is_made_anew_when_its_operand_is_edited(opened) -> None:
    x = Value(2.0, "x")
    page = opened(where(greater(x, 0), x * x, -x))
    page.keyboard.press("End")
    assert float(cell(page, "x", "grad")) == 4.0
    page.get_by_label("number of x", exact=True).fill("-3")
    assert float(cell(page, "x", "grad")) == -1.0


def test_what_only_chooses_gets_no_gradient_not_even_0_times_infinity(opened) -> None:
    c, x = Value(1.0, "c"), Value(0.0, "x")
    y = sqrt(where(c, x, 2.0))
    page = opened(y)
    page.keyboard.press("End")
    assert_agrees(page, y, [c, x])
    assert (c.grad, x.grad) == (0, math.inf)


def test_selecting_a_node_shows_its_whole_derivation(opened) -> None:
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
    assert page.locator("#derivation li").count() == 3
    name, _, number = page.locator("#derived-grad").text_content().partition(" = ")
    assert name == "a1.grad"
    assert float(number) == pytest.approx(leaves[2].grad, rel=1e-15)  # `sum` of Python 3.12 rounds once, JavaScript's each time
    page.get_by_label("derivation of w1", exact=True).click()
    assert page.locator("#derived-data").text_content() == "w1.data = 0.5"


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


def test_a_leaf_shows_a_short_number_and_every_digit_while_it_is_edited(opened) -> None:
    page = opened(Value(1 / 3, "third") * Value(2.0, "two"))
    third, two = (page.get_by_label(f"number of {name}", exact=True) for name in ("third", "two"))
    assert (third.input_value(), two.input_value()) == ("0.3333", "2.0")
    third.focus()
    assert third.input_value() == str(1 / 3)
    two.fill("0.123456")
    assert (third.input_value(), two.input_value()) == ("0.3333", "0.123456")
    third.fill("no number")
    two.focus()
    assert (third.input_value(), two.input_value()) == ("no number", "0.123456")
    assert float(cell(page, "third", "data")) == 1 / 3


def test_it_plays_with_keys_slider_and_button_and_is_labelled(opened, tab) -> None:
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


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_follows_the_readers_colour_scheme(opened, scheme: str) -> None:
    page = opened(neuron()[0], scheme=scheme)
    red, green, blue = map(int, re.findall(r"\d+", page.evaluate("getComputedStyle(document.body).backgroundColor"))[:3])
    assert (red + green + blue > 600) == (scheme == "light")


def test_keyboard_and_screen_reader_meet_the_values_in_the_order_of_computation(opened) -> None:
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


def test_a_step_is_announced_without_the_derivation_of_the_selected_value(opened) -> None:
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


def test_labels_that_no_file_can_hold_still_make_a_page(opened) -> None:
    page = opened(Value(2.0, "\ud800") * Value(3.0, "\x00") * Value(4.0, "\u202eleft"))
    page.keyboard.press("End")
    assert page.locator("#slider").input_value() == "7"
    assert page.locator("td input").count() == 3


def test_nothing_is_wider_than_a_narrow_screen(opened) -> None:
    y, leaves = neuron()
    leaves[0].data = -0.123456789
    page = opened(y, width=360, height=740)
    page.keyboard.press("End")
    for table in (page.locator("table"), page.locator("#formula"), page.locator(".controls")):
        box = table.bounding_box()
        assert box["x"] + box["width"] <= 360


def test_labels_are_shown_as_their_characters_and_never_run(opened) -> None:
    y = Value(2.0, NASTY) * Value(3.0, "plain")
    page = opened(y)
    assert page.evaluate("window.hacked") is None
    assert NASTY in page.locator("#values th").all_text_contents()
    page.keyboard.press("End")
    assert float(cell(page, "plain", "grad")) == 2.0


@primitive(derivatives=[lambda out, x: 2 * x])
def square(x):
    return x * x


@primitive(derivatives=[lambda out, x: json.loads("1")])
def foreign(x):
    return json.loads(json.dumps(x))


@primitive(derivatives=[lambda out, x: 1 if x > 0 else -1])
def chooser(x):
    return math.fabs(x)


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


def test_a_custom_primitive_is_translated(opened) -> None:
    x = Value(3.0, "x")
    page = opened(square(x) * sigmoid(x))
    page.get_by_label("number of x", exact=True).fill("-1.5")
    page.keyboard.press("Escape")
    page.get_by_label("last step").click()
    moved = Value(-1.5, "x")
    assert_agrees(page, square(moved) * sigmoid(moved), [moved])


@pytest.mark.parametrize(("function", "reason"), [(foreign, "'foreign' uses 'json.loads'"), (chooser, "chooses by a number")])
def test_what_cannot_be_translated_is_played_but_not_edited_and_the_page_says_why(opened, function, reason: str) -> None:
    x = Value(3.0, "x")
    page = opened(function(x) * 2)
    assert "Editing is off" in page.locator("#editing").text_content()
    assert reason in page.locator("#editing").text_content()
    assert page.locator("td input").count() == 0
    page.keyboard.press("End")
    assert float(cell(page, "x", "grad")) == 2.0


def test_the_page_is_small_and_names_no_address() -> None:
    page = stepper(neuron()[0])
    assert len(page.encode()) < 300_000
    assert not re.search(r"(src|href)\s*=\s*[\"'](?!data:)", page)
    assert set(re.findall(r"https?://[^\s\"'<]+", page)) <= {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}


def test_the_heading_is_the_whole_formula_or_of_a_long_one_the_last_operation() -> None:
    y, _ = neuron()
    assert "<h1>v₅ = tanh(w1 × a1 + w2 × a2 + b) × a1 + a1 × 2</h1>" in stepper(y, names=False)
    for _ in range(3):
        y = y * y
    assert "<h1>v₈ = v₇ × v₇</h1>" in stepper(y, names=False)


def test_bad_input_is_named() -> None:
    y = Value(1.0)
    for _ in range(500):
        y = y + 1.0
    with pytest.raises(ValueError, match=r"up to 400 nodes, this graph has 1,001"):
        stepper(y)
    with pytest.raises(ValueError, match="too large for a float"):
        stepper(Value(10**400) * 1)


@pytest.mark.skipif(shutil.which("node") is None, reason="no node on this machine")
def test_the_page_writes_numbers_as_python_does() -> None:
    rng = random.Random(0)
    numbers = [rng.choice([-1, 1]) * rng.random() * 10.0 ** rng.randint(-12, 12) for _ in range(500)]
    numbers += [0.0, -0.0, 1.0, 2.5, 100.0, 9999.0, 12346.0, 1e-5, 1e-4, 0.1, 1e16, 1e22, 0.00012345]
    show = textwrap.dedent(SCRIPT[SCRIPT.index("// Every digit") : SCRIPT.index("// A formula is")])
    code = f"{LIBRARY}{show}console.log(JSON.stringify({json.dumps(numbers)}.map(show)))"
    done = subprocess.run(["node", "-"], input=code, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == [number(x) for x in numbers]


BOXES = "parts => parts.map(part => document.querySelector(part).getBoundingClientRect().toJSON())"


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
