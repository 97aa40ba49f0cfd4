"""The page, in a real browser: how it is used, by whom, on which screen."""

import base64
import re

import pytest

from autograd_lite import Value, dot, tanh
from nn import MLP
from visualize import draw, stepper, to_svg
from visualize.graph.nodes import Graph
from visualize.picture.rendering import draw_all
from visualize.shown import svg_of

NASTY = '"]; x [label="</script><script>window.hacked=1</script><b>&amp;\\N\n😀'


BOXES = "parts => parts.map(part => document.querySelector(part).getBoundingClientRect().toJSON())"
LIT = "() => [...document.querySelectorAll('g.target, g.source')].map(g => g.getBoundingClientRect().toJSON())"


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
    page.locator("#copy").focus()  # before the picture are the buttons of its view, and this one
    for _ in expected:
        page.keyboard.press("ArrowDown" if reached else "Tab")
        reached.append(page.evaluate("document.activeElement.getAttribute('aria-label')").split(":")[0])
    assert [name in label.split() for name, label in zip(expected, reached, strict=True)] == [True] * len(expected)
    for _ in range(3):
        page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") in ("first", "previous", "play", "next")
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
    page.keyboard.press("Enter")
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


SCREENS = [(1280, 720), (800, 600), (390, 844), (320, 640), (400, 300)]  # the last is 800 × 600 at 200 %


@pytest.mark.parametrize(("terms", "width", "height"), [*[(2, *screen) for screen in SCREENS], (12, 1280, 720), (12, 400, 300)])
def test_what_is_lit_and_the_strip_of_controls_are_on_the_screen_at_every_step(opened, terms, width, height) -> None:
    inputs = [Value(0.1 * k, f"x{k}") for k in range(terms)]
    page = opened(tanh(dot(inputs, inputs)) * 2, width=width, height=height)
    places = set()
    for _ in range(int(page.locator("#slider").get_attribute("max"))):
        page.keyboard.press("ArrowRight")
        lit, (frame, strip, play) = page.evaluate(f"parts => [({LIT})(), ({BOXES})(parts)]", ["#picture", ".strip", "#play"])
        assert 0 <= strip["top"] <= strip["bottom"] <= height
        assert strip["top"] <= play["top"] <= play["bottom"] <= strip["bottom"]
        places.add((play["x"], play["y"]))
        for box in lit:
            assert max(0, frame["left"]) <= box["left"] <= box["right"] <= min(width, frame["right"])
            assert max(0, frame["top"]) <= box["top"] <= box["bottom"] <= min(strip["top"], frame["bottom"])
    assert len(places) == 1  # where one clicks again and again


def test_a_page_that_was_hidden_when_it_loaded_has_its_numbers_in_place_and_the_lit_node_in_frame(
    neuron, tab, wait_until
) -> None:
    tab.set_viewport_size({"width": 500, "height": 600})
    tab.set_content("<iframe hidden style='width: 400px; height: 500px'></iframe>")
    tab.evaluate("page => { document.querySelector('iframe').srcdoc = page; }", str(stepper(neuron()[0])))
    frame = tab.frames[1]
    frame.locator("#slider[max]").wait_for(state="attached")  # the script has run
    frame.evaluate("document.getElementById('last').click()")
    tab.evaluate("document.querySelector('iframe').hidden = false")
    wait_until(frame, "document.querySelector('#picture').clientWidth > 0")
    frame.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    rooms = frame.evaluate(
        """[...document.querySelectorAll("g.node[role]")].flatMap(node => {
            const box = node.querySelector("path, polygon").getBBox();
            const words = [...node.querySelectorAll("text")].filter(text => /data|grad/.test(text.textContent));
            return [...node.querySelectorAll(".number")].flatMap((text, i) => {
                const place = text.getBBox(), word = words[i].getBBox();
                return [place.x - word.x - word.width, box.x + box.width - place.x - place.width];
            });
        })"""
    )
    assert min(rooms) > 2  # points
    lit, inside = frame.evaluate(BOXES, ["g.node.target", "#picture"])
    assert inside["left"] <= lit["left"] <= lit["right"] <= inside["right"]


def test_two_pages_in_one_document_are_played_and_edited_apart(tab) -> None:
    complaints: list[str] = []
    tab.on("pageerror", lambda error: complaints.append(str(error)))
    pages = [str(stepper(Value(2.0, "x") * Value(3.0, "y"))), str(stepper(Value(5.0, "x") * Value(7.0, "y") + 1))]
    tab.set_content("\n".join(pages))
    first, second = tab.locator(".stepper").all()
    second.get_by_label("number of x", exact=True).fill("10")
    second.get_by_label("number of x", exact=True).press("Enter")
    second.get_by_label("last step").click()
    assert second.locator("text.number").all_text_contents()[0] == "10.0"
    assert first.locator("text.number").all_text_contents()[0] == "2.0"
    assert first.get_by_label("step", exact=True).input_value() == "0"
    second.get_by_label("derivation of x", exact=True).click()
    assert "x.grad = 7.0" in second.text_content()
    assert "x.grad" not in first.locator("#derivation").text_content()
    tab.keyboard.press("ArrowLeft")  # of the page that has the focus
    assert [page.get_by_label("step", exact=True).input_value() for page in (first, second)] == ["0", "7"]
    doubled = "(ids => ids.filter((id, i) => ids.indexOf(id) !== i))([...document.querySelectorAll('[id]')].map(one => one.id))"
    assert tab.evaluate(doubled) == []
    assert complaints == []


def test_on_paper_the_whole_graph_is_there(mlp, opened) -> None:
    page = opened(mlp((3, 4, 1)), scheme="dark")
    page.keyboard.press("End")
    page.emulate_media(media="print")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    frame, picture = page.evaluate(BOXES, ["#picture", "#picture svg"])
    for start, end in (("left", "right"), ("top", "bottom")):
        assert frame[start] <= picture[start] <= picture[end] <= frame[end]
    page.emulate_media(media="screen")


def test_selection_and_highlight_are_both_seen(neuron, opened) -> None:
    page = opened(neuron()[0])
    page.emulate_media(reduced_motion="reduce")
    stroke = "getComputedStyle(document.querySelector('g.target path')).stroke"
    page.keyboard.press("End")
    before = page.evaluate(stroke)
    page.evaluate("document.querySelector('g.target').dispatchEvent(new MouseEvent('click', { bubbles: true }))")
    assert page.evaluate(stroke) == before
    assert page.evaluate("getComputedStyle(document.querySelector('g.target .ring')).display") == "inline"


def test_nothing_is_wider_than_a_narrow_screen(neuron, opened) -> None:
    y, leaves = neuron()
    leaves[0].data = -0.123456789
    page = opened(y.recompute(), width=360, height=740)
    page.keyboard.press("End")
    for table in (page.locator("table").first, page.locator("#formula"), page.locator(".controls"), page.locator(".tools")):
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
    assert page.locator("#slider").input_value() == "10"
    assert page.locator("td input[type=text]").count() == 3


@pytest.mark.parametrize("font", ["", "DejaVu Sans", "DejaVu Sans Mono", "serif"])
def test_the_browser_draws_every_text_of_a_picture_inside_its_box(tab, font: str) -> None:
    w = [Value(0.1234, f"w₅,₁{i}⁽²⁾") for i in range(8)]
    graph = draw(tanh(dot(w, [Value(-0.006293, f"a₁{i}⁽¹⁾") for i in range(8)])))
    network = draw(MLP(11, [12, 2], seed=0), sample=[-0.006293] * 11)
    svg = "".join(svg_of(svg.decode()) for svg in draw_all([graph, network], "svg"))
    tab.set_content(re.sub('font-family="[^"]*"', f'font-family="{font}"', svg) if font else svg)
    rooms = tab.evaluate(
        """[...document.querySelectorAll("g.node")].flatMap(node => {
            const box = node.querySelector("path, polygon, ellipse")?.getBBox(); // around words there is none
            return !box ? [] : [...node.querySelectorAll("text")].map(text => text.getBBox()).map(
                text => Math.min(text.x - box.x, box.x + box.width - text.x - text.width));
        })"""
    )
    assert len(rooms) > 100
    assert min(rooms) > 0.5  # points


@pytest.mark.parametrize("drawn", [to_svg, stepper])
def test_operands_from_right_to_left_stand_in_their_order(tab, drawn) -> None:
    tab.set_content(str(drawn(Value(3.0, "שלום") - Value(4.0, "مرحبا"))))
    places = tab.evaluate(
        """[...document.querySelectorAll("text")].filter(text => / − /.test(text.textContent)).map(text =>
            [..."ש−م"].map(sign => text.getStartPositionOfChar(text.textContent.indexOf(sign)).x))[0]"""
    )
    assert places == sorted(places)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_picture_in_an_img_is_as_dark_as_its_page(tab, wait_until, scheme: str) -> None:
    image = base64.b64encode(to_svg(Value(2.0, "a") * 3).encode()).decode()
    tab.emulate_media(color_scheme=scheme)
    tab.set_content(f'<body style="margin: 0"><img src="data:image/svg+xml;base64,{image}">')
    wait_until(tab, "document.images[0].complete")
    shot = base64.b64encode(tab.screenshot(clip={"x": 1, "y": 1, "width": 2, "height": 2})).decode()
    pixel = tab.evaluate(
        """async shot => {
            const image = new Image(); image.src = `data:image/png;base64,${shot}`; await image.decode();
            const canvas = new OffscreenCanvas(2, 2).getContext("2d"); canvas.drawImage(image, 0, 0);
            return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
        }""",
        shot,
    )
    assert (sum(pixel) > 600) == (scheme == "light")
