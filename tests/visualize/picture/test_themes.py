"""Colours: they tell the gradient, and text is readable on them."""

import math
import xml.etree.ElementTree as ElementTree
from fractions import Fraction

import pytest

from autograd_lite import Value
from autograd_lite.notation import number
from visualize import draw, to_svg
from visualize.picture.themes import THEMES, GradientColors

SVG = "{http://www.w3.org/2000/svg}"


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours by WCAG 2."""

    def luminance(color: str) -> float:
        channels = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        red, green, blue = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)
def test_text_is_readable_on_every_colour(theme) -> None:
    for ground in (theme.page, theme.node, theme.badge, theme.group, theme.positive, theme.negative):
        assert contrast(theme.ink, ground) >= 4.5, ground
    for ground in (theme.page, theme.node, theme.group):
        assert contrast(theme.quiet, ground) >= 4.5, ground


@pytest.mark.parametrize("name", THEMES)
def test_colours_tell_the_sign_of_the_gradient_and_come_with_a_legend(parts, shown_texts, name: str) -> None:
    a, b = Value(3.0, "a"), Value(-3.0, "b")
    y = a * b
    y.backward()
    y.grad = 0.0  # so that a and b have the largest gradients, of either sign
    svg = to_svg(y, colors=True, theme=name)
    fills = {node.get("id"): {path.get("fill") for path in node.iter(f"{SVG}path")} for node in parts(svg, "node")}
    assert (a.grad, b.grad) == (-3.0, 3.0)
    assert THEMES[name].negative in fills["n0"]
    assert THEMES[name].positive in fills["n1"]
    legend = "grad-3.0-1.5-0.30.00.31.53.0"
    assert legend in shown_texts(ElementTree.fromstring(svg)).replace(" ", "")
    assert svg.count(THEMES[name].positive) > 1  # the box and the legend
    assert legend not in shown_texts(ElementTree.fromstring(to_svg(y))).replace(" ", "")


def test_without_a_gradient_there_is_no_legend_but_a_note_that_says_why(shown_texts) -> None:
    y = Value(3.0, "a") * 2
    for marked in (False, True):
        whole = shown_texts(ElementTree.fromstring(to_svg(y, colors=True)))
        assert ("no colours: there are no gradients yet" in whole) == (not marked)
        assert ("-2.0" in whole) == marked
        y.backward()


def test_gradients_beyond_the_floats_are_drawn_and_coloured() -> None:
    for large in (10**400, Fraction(10**400, 3)):
        x = Value(large, "x")
        y = x * x - x
        y.backward()
        assert f"{number(y.data)}</text>" in to_svg(y, colors=True)


@pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)
def test_a_gradient_is_told_from_zero_beside_any_other(theme) -> None:
    for sizes in ([1.0, 1e150], [1e-300, 1.0, 1e300], [1.0, 50.0], [5e-324, 1e308]):
        colors = GradientColors(theme, sizes)
        told = [colors.of(size) for size in (0.0, *sizes, *(-size for size in sizes))]
        assert len(set(told)) == len(told)


@pytest.mark.parametrize("gradient", [math.nan, math.inf, -math.inf])
def test_a_gradient_that_is_not_finite_is_hatched_and_named(shown_texts, gradient: float) -> None:
    a, b = Value(3.0, "a"), Value(-3.0, "b")
    y = a * b
    y.backward()
    a.grad = gradient
    assert "style=striped" in draw(y, colors=True).source
    assert str(gradient) in shown_texts(ElementTree.fromstring(to_svg(y, colors=True)))
