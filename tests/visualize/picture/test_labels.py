"""What is written in a box: every label as its characters, every number."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd_lite
from autograd_lite import Value
from visualize import draw, to_svg

NASTY = [
    '"]; x [label="',
    "<b>bold</b>",
    "back\\slash\\n\\N",
    "two\nlines",
    "😀 emoji",
    "</script><script>alert(1)</script>",
    "a&amp;b",
    "\x00\x1b",
    "<",
    ">",
]


def test_a_box_shows_name_formula_number_and_gradient(parts, shown_texts) -> None:
    a, b = Value(3.0, "a"), Value(-2.0, "b")
    y = a * b
    y.label = "y"
    y.backward()
    texts = {shown_texts(node).replace(" ", "") for node in parts(to_svg(y), "node")}
    assert texts == {"adata3.0grad-2.0", "bdata-2.0grad3.0", "×y=a×bdata-6.0grad1.0"}


def test_constants_show_their_number_and_no_gradient(parts, shown_texts) -> None:
    x = Value(2.0, "x")
    svg = to_svg(x * 7)
    assert {shown_texts(node).replace(" ", "") for node in parts(svg, "node")} >= {"7"}


@pytest.mark.parametrize("label", NASTY)
def test_a_label_is_drawn_as_its_characters(parts, shown_texts, label: str) -> None:
    svg = to_svg(Value(2.0, label) * 3)
    (node,) = [n for n in parts(svg, "node") if n.get("id") == "n0"]
    expected = label.replace("\n", "").replace("\x00", r"\x00").replace("\x1b", r"\x1b")
    assert shown_texts(node).startswith(expected)
    assert len(parts(svg, "node")) == 3
    assert "<script" not in svg


@given(st.lists(st.text(max_size=30), min_size=10, max_size=10))
@settings(max_examples=3)
def test_any_label_gives_one_node_and_valid_dot(parts, labels: list[str]) -> None:
    values = [Value(2.0, label) for label in labels]
    assert len(parts(to_svg(autograd_lite.sum(values)), "node")) == len(values) + 1


def test_a_label_of_several_lines_takes_no_more_lines_than_it_has() -> None:
    x = Value(1.0, "one\ntwo")
    (title,) = re.findall(r'<td colspan="2" align="left">(.*?)</td>', draw(x).source)
    assert title == '<b>one<br align="left"/>two</b><br align="left"/>'
