"""What a picture is as a file: readable in any font, on a light and on a dark page, and told in words."""

import re

import pytest

from autograd_lite import Value, tanh
from visualize import draw, to_svg
from visualize.picture.themes import THEMES

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def drawn() -> str:
    w, x = Value(0.5, "w"), Value(2.0, "x")
    y = tanh(w * x) ** 2
    y.backward()
    return to_svg(y, local_derivatives=True)


def test_a_file_follows_its_reader_and_one_of_a_theme_does_not(drawn: str) -> None:
    light, dark = THEMES["light"], THEMES["dark"]
    assert "@media (prefers-color-scheme: dark)" in drawn
    for name in ("page", "ink", "node", "line"):
        assert f'[fill="{getattr(light, name)}"] {{ fill: {getattr(dark, name)} }}' in drawn or name == "line"
    assert "prefers-color-scheme" not in draw(Value(2.0) * 3, theme="light").pipe("svg", encoding="utf-8")


def test_every_text_has_the_width_for_which_its_box_was_made(drawn: str) -> None:
    texts = re.findall(r"<text ([^>]*)>([^<]*)</text>", drawn)
    assert len(texts) > 20
    assert all("textLength" in attributes for attributes, text in texts if text.strip())


def test_tooltips_say_from_which_value_to_which_an_edge_leads(parts, drawn: str) -> None:
    titles = [edge.findtext(f"{SVG}title") for edge in parts(drawn, "edge")]
    assert "w → v₁: local derivative 2.0" in titles
    assert not any("->" in title or "%" in title for title in re.findall("<title>(.*?)</title>", drawn))
    assert [edge.findtext(f"{SVG}title") for edge in parts(to_svg(Value(2.0, "a") * 3), "edge")] == ["a → v₁", "3 → v₁"]


def test_exponents_are_raised() -> None:
    x, n = Value(2.0, "x"), Value(3.0, "n")
    assert "= x²<" in to_svg(x**2)
    assert "= x⁻³<" in to_svg(x**-3.0)
    assert "<sup>0.5</sup>" in draw(x**0.5).source
    assert "<sup>n</sup>" in draw(x**n).source


def test_names_from_right_to_left_are_set_apart_so_that_operands_keep_their_order() -> None:
    svg = to_svg(Value(2.0, "א") - Value(3.0, "ב"))
    assert ">\u200e = \u2068א\u2069 − \u2068ב\u2069" in svg  # in a PNG the line would run from right to left
    assert "\\u2068" in to_svg(Value(2.0, "\u2068א") * 2)  # one that a label brings is shown, not obeyed
