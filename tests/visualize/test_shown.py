"""What a tree, a picture and a page show of themselves at a prompt and in a notebook."""

import html
import re
from html.parser import HTMLParser

from autograd_lite import Value
from visualize import draw, stepper, to_svg, tree


def test_a_tree_shows_its_lines_and_is_text() -> None:
    shown = tree(Value(2.0, "a") * 3)
    assert repr(shown) == str(shown) == "".join(shown)
    assert isinstance(shown, str)


def test_pages_and_pictures_say_at_a_prompt_what_to_do_with_them() -> None:
    y = Value(2.0, "a") * 3
    assert "save(y, 'graph.html')" in repr(stepper(y))
    assert "save(y, 'graph.svg')" in repr(to_svg(y))
    assert "<svg" in to_svg(y)._repr_svg_()


def test_in_a_notebook_a_page_plays_in_a_frame_that_reaches_nothing_outside() -> None:
    page = stepper(Value(2.0, "a") * 3)
    shown = page._repr_html_()
    assert 'sandbox="allow-scripts"' in shown
    framed = html.unescape(re.search('srcdoc="([^"]*)"', shown)[1])
    assert framed != page
    assert framed.replace("(min-height: 710px)", "(prefers-color-scheme: dark)") == page


class Untrusted(HTMLParser):
    """What a notebook that is not trusted makes of HTML: of styles nothing, of frames and SVG the words in them; and images."""

    def __init__(self, shown: str) -> None:
        super().__init__()
        self.words, self.images, self.hidden = "", 0, 0
        self.feed(shown)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.hidden += tag == "style" or (
            tag == "div" and dict(attributes).get("hidden") == "hidden"
        )  # without a value it goes
        self.images += tag == "img" and (dict(attributes)["src"] or "").startswith("data:image/svg+xml;base64,")

    def handle_endtag(self, tag: str) -> None:
        self.hidden -= tag in ("style", "div")

    def handle_data(self, data: str) -> None:
        self.words += "" if self.hidden else data


def test_a_notebook_that_is_not_trusted_shows_a_picture_as_an_image_and_says_where_a_page_plays() -> None:
    y = Value(2.0, "a") * 3
    picture, page = Untrusted(draw(y)._repr_mimebundle_()["text/html"]), Untrusted(stepper(y)._repr_html_())
    assert (picture.images, picture.words) == (1, "")
    assert (page.images, page.words) == (0, "This page plays where the notebook is trusted.")


def test_a_picture_has_a_form_for_light_and_for_dark_notebooks_unless_a_theme_was_chosen() -> None:
    y = Value(2.0, "a") * 3
    shown = draw(y)._repr_mimebundle_()
    assert 'body[data-jp-theme-light="false"]' in shown["text/html"]
    assert "prefers-color-scheme" not in shown["text/html"]  # of the notebook, not of the system
    assert "prefers-color-scheme: dark" in shown["image/svg+xml"]
    assert shown["image/png"].startswith(b"\x89PNG")  # what a notebook that is not trusted shows
    assert set(shown) == {"text/plain", "image/svg+xml", "image/png", "text/html"}
    assert "text/html" not in draw(y, theme="dark")._repr_mimebundle_()
