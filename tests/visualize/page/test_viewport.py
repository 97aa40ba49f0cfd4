"""The frame of the page's picture: how large it is shown, which part of it, and by which steps it is played."""

import pytest

from autograd_lite import Value, tanh
from autograd_lite import sum as total

SIZE = "document.querySelector('#picture svg').getBoundingClientRect().width"
LARGER = "(frame => frame.scrollWidth > frame.clientWidth + 1 || frame.scrollHeight > frame.clientHeight + 1)"
SCROLLED = "(frame => [frame.scrollLeft, frame.scrollTop])(document.querySelector('#picture'))"
UNDER = """([x, y]) => {
    const box = document.querySelector("#picture svg").getBoundingClientRect();
    return [(x - box.left) / box.width, (y - box.top) / box.height];
}"""
PINCH = """([x, y, apart, wider]) => {
    const frame = document.querySelector("#picture");
    const finger = (gap) => (side, identifier) =>
        new Touch({ identifier, target: frame, clientX: x + (side * gap) / 2, clientY: y });
    const touch = (type, gap) => frame.dispatchEvent(
        new TouchEvent(type, { bubbles: true, cancelable: true, touches: [-1, 1].map(finger(gap)) }));
    for (const [type, gap] of [["start", apart], ["move", apart], ["move", wider], ["end", wider]]) touch(`touch${type}`, gap);
}"""


@pytest.fixture
def network(mlp, opened):
    """The page of a network that is higher than its frame, and the middle of that."""
    page = opened(mlp((3, 4, 1)), width=900, height=700)
    box = page.locator("#picture").bounding_box()
    return page, [box["x"] + box["width"] / 2, box["y"] + box["height"] / 2]


def test_the_picture_is_zoomed_by_wheel_pinch_keys_and_buttons_where_the_pointer_is(network, wait_until) -> None:
    page, (x, y) = network
    point = [x + 50, y - 20]
    page.mouse.move(*point)
    size, under = page.evaluate(SIZE), page.evaluate(UNDER, point)
    page.mouse.wheel(0, -100)
    wait_until(page, f"{SIZE} > {size} * 1.1")
    assert page.evaluate(UNDER, point) == pytest.approx(under, abs=0.01)
    size = page.evaluate(SIZE)
    page.evaluate(PINCH, [*point, 100, 150])
    assert page.evaluate(SIZE) == pytest.approx(1.5 * size, rel=1e-3)
    assert page.evaluate(UNDER, point) == pytest.approx(under, abs=0.01)
    for larger, smaller in (
        (lambda: page.keyboard.press("+"), lambda: page.keyboard.press("-")),
        (page.locator("#larger").click, page.locator("#smaller").click),
    ):
        size = page.evaluate(SIZE)
        larger()
        assert page.evaluate(SIZE) == pytest.approx(1.25 * size, rel=1e-3)
        smaller()
        assert page.evaluate(SIZE) == pytest.approx(size, rel=1e-3)


def test_it_fits_or_is_as_large_as_drawn_and_a_small_map_shows_what_is_seen(network) -> None:
    page, _ = network
    larger = f"{LARGER}(document.querySelector('#picture'))"
    assert page.evaluate(larger)
    assert page.locator("#map").is_visible()
    page.keyboard.press("0")
    assert not page.evaluate(larger)
    assert not page.locator("#map").is_visible()
    page.keyboard.press("1")
    width = float(page.locator("#picture").evaluate("figure => figure.style.getPropertyValue('--width')"))
    assert page.evaluate(SIZE) == pytest.approx(width * 96 / 72, rel=1e-3)
    assert page.locator("#size").text_content() == "100 %"
    small = page.locator("#map").bounding_box()
    page.mouse.click(small["x"] + small["width"] - 2, small["y"] + small["height"] - 2)
    right, bottom = page.evaluate(SCROLLED)
    page.mouse.click(small["x"] + 2, small["y"] + 2)
    assert page.evaluate(SCROLLED) == [0, 0]
    assert min(right, bottom) > 100


def test_a_mouse_drags_the_picture_and_selects_nothing_by_it(network) -> None:
    page, (x, y) = network
    page.keyboard.press("1")
    before = page.evaluate(SCROLLED)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x - 60, y - 90, steps=3)
    page.mouse.up()
    assert page.evaluate(SCROLLED) == [before[0] + 60, before[1] + 90]
    assert page.locator("g.selected").count() == 0
    page.mouse.move(x, y)  # it was let go
    assert page.evaluate(SCROLLED) == [before[0] + 60, before[1] + 90]


def test_without_following_the_picture_stays_where_it_was_put(network) -> None:
    page, _ = network
    page.keyboard.press("1")
    page.locator("#follow").click()
    assert page.locator("#follow").get_attribute("aria-pressed") == "false"
    page.locator("#picture").evaluate("frame => frame.scrollTo(0, 0)")
    page.keyboard.press("End")
    assert page.evaluate(SCROLLED) == [0, 0]
    size = page.evaluate(SIZE)
    page.locator("#follow").click()
    assert page.evaluate(SCROLLED) != [0, 0]
    assert page.evaluate(SIZE) == size


def test_the_whole_screen_is_the_pages_and_the_picture_fits_it(network, wait_until) -> None:
    page, _ = network
    page.locator("#full").click()
    wait_until(page, "document.fullscreenElement?.matches('.stepper')")
    wait_until(page, "document.querySelector('#full').ariaPressed === 'true'")
    assert page.locator("#play").is_visible()
    page.keyboard.press("f")
    wait_until(page, "!document.fullscreenElement")


def presses_to_the_end(page, grain: str) -> list[str]:
    page.locator("#grain").select_option(grain)
    page.keyboard.press("Home")
    return page.evaluate(
        """() => {
            const texts = [], next = document.getElementById("next");
            while (!next.disabled) {
                next.click();
                texts.push(document.getElementById("step").textContent);
            }
            return texts;
        }"""
    )


def test_steps_are_taken_by_edge_by_node_or_by_layer(network, mlp) -> None:
    page, _ = network
    edges, nodes, layers = (presses_to_the_end(page, grain) for grain in ("edge", "node", "layer"))
    assert "\n".join(edges) == "\n".join(nodes) == "\n".join(layers)  # the same steps, shown together
    forward, first, backward, inputs, learning = 2, 1, 2, 3, 2
    assert len(layers) == forward + first + backward + inputs + learning
    assert len(layers) < len(nodes) < len(edges)
    page.keyboard.press("ArrowLeft")
    assert page.locator("#step").text_content() == layers[-2]
    assert page.locator("#picture g.target").count() == layers[-2].count("\n") + 1


def test_it_is_played_at_half_and_at_four_times_the_pace(opened, tab) -> None:
    tab.clock.install()
    page = opened(tanh(Value(0.5, "x") * Value(2.0, "w") + Value(0.1, "b")))
    steps = []
    for speed in ("0.5", "1", "4"):
        page.locator("#speed").select_option(speed)
        page.keyboard.press("Home")
        page.locator("#play").click()
        page.clock.run_for(2900)
        steps.append(int(page.locator("#slider").input_value()))
        page.locator("#play").click()
    assert steps == [1, 2, 8]


def test_a_graph_without_layers_is_not_played_by_layer(opened) -> None:
    page = opened(Value(0.5, "x") * Value(2.0, "w"))
    assert page.locator("#grain option").evaluate_all("all => all.filter(one => !one.hidden).map(one => one.value)") == [
        "edge",
        "node",
    ]


def test_where_all_that_is_lit_would_be_too_small_to_be_read_the_computed_value_is_in_the_frame(opened) -> None:
    page = opened(total([Value(1.0, f"x{k}") for k in range(120)]))
    page.locator("#next").click()
    assert int(page.locator("#size").text_content().removesuffix(" %")) > 50
    frame, target = page.locator("#picture").bounding_box(), page.locator("g.target path").first.bounding_box()
    assert frame["x"] <= target["x"] <= target["x"] + target["width"] <= frame["x"] + frame["width"]
    assert frame["y"] <= target["y"] <= target["y"] + target["height"] <= frame["y"] + frame["height"]
