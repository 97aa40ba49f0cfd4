"""A link brings back what was shown; in a frame the page is small; on paper every step is written."""

import pytest

from autograd_lite import Value, dot, tanh
from visualize import stepper


@pytest.fixture
def at(tab, tmp_path):
    """Opens a page at an address that ends so."""
    complaints: list[str] = []
    tab.on("pageerror", lambda error: complaints.append(str(error)))

    def at(value: Value, ending: str = "", **options):
        path = tmp_path / "page.html"
        path.write_text(stepper(value, **options), encoding="utf-8")
        tab.goto("about:blank")
        tab.goto(path.as_uri() + ending)
        return tab

    yield at
    assert complaints == []


def leaves(names: str) -> list[Value]:
    return [Value(0.5 * k, name) for k, name in enumerate(names, start=1)]


@pytest.mark.parametrize("names", ["wx", "aa", "éא", "&="])
def test_a_copied_link_brings_back_numbers_step_and_selection(at, names: str) -> None:
    w, x = leaves(names)
    y = tanh(w * x)
    page = at(y)
    page.locator("td input[type=text]").first.fill("-2.25")
    page.keyboard.press("Enter")
    page.locator("#values th button").nth(1).click()
    page.get_by_label("step", exact=True).fill("4")
    page.locator("#copy").click()
    ending = page.evaluate("location.hash")
    before = [page.locator(part).text_content() for part in ("#phase", "#step", "#derivation")]
    page = at(y, ending)
    assert page.locator("td input[type=text]").first.input_value() == "-2.25"
    assert [page.locator(part).text_content() for part in ("#phase", "#step", "#derivation")] == before


def test_what_a_link_asks_for_and_the_graph_does_not_have_is_told(at) -> None:
    w, x = leaves("wx")
    page = at(w * x, "#value.q=1&value.w=much&step=99&selected=value.z")
    told = page.locator("#problem").text_content()
    assert 'value.w: a number is needed, not "much"' in told
    assert "value.q: the graph has no such leaf" in told
    page = at(w * x, "#a-heading")
    assert page.locator("#problem").text_content() == ""


def test_in_a_frame_of_another_page_only_picture_and_controls_are_shown(at) -> None:
    w, x = leaves("wx")
    page = at(w * x, "?embed=1#step=2")
    assert page.locator("#picture svg").is_visible()
    assert page.locator("#play").is_visible()
    assert page.locator("h1").bounding_box()["height"] == 1  # heard, and not seen
    assert not page.locator("#values").is_visible()
    assert page.locator("#phase").text_content().startswith("step 2")


def test_on_paper_every_step_is_written_out(at) -> None:
    w, x = leaves("wx")
    page = at(tanh(dot([w, x], [x, w])))
    page.emulate_media(media="print")
    count = int(page.locator("#slider").get_attribute("max"))
    assert page.locator("#printed li").nth(count - 1).text_content()  # which waits: nothing may be evaluated in this page
    assert page.locator("#printed li").count() == count
    assert page.locator("#printed").is_visible()
    page.emulate_media(media="screen")
    assert not page.locator("#printed").is_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_page_of_a_theme_keeps_it(at, theme: str) -> None:
    w, x = leaves("wx")
    page = at(w * x, theme=theme, rankdir="TB")
    page.emulate_media(color_scheme="dark" if theme == "light" else "light")
    assert page.evaluate("getComputedStyle(document.documentElement).colorScheme") == theme
    with pytest.raises(ValueError, match="theme must be one of"):
        stepper(w * x, theme="pink")
