"""`draw` and `to_svg`: pictures hold each node once, and are drawn from anything that is a Value."""

import pytest

from autograd_lite import Value, primitive
from visualize import draw, draw_dot, save, stepper, to_svg
from visualize.picture.rendering import render


def test_the_picture_is_valid_xml_and_holds_each_node_once_and_each_operand_as_an_edge(parts) -> None:
    a, b = Value(3.0, "a"), Value(-2.0, "b")
    c = a * b
    y = c + a * c
    svg = to_svg(y)
    assert sorted(node.get("id", "") for node in parts(svg, "node")) == ["n0", "n1", "n2", "n3", "n4"]
    assert len(parts(svg, "edge")) == 6


def test_an_operation_of_ones_own_on_a_number_and_a_sequence_is_drawn_with_all_its_operands(parts) -> None:
    @primitive(variadic=True, derivatives=[lambda out, s, xs: xs[0], lambda out, s, xs: [s] + [0] * (len(xs) - 1)])
    def first(s, xs):
        return s * xs[0]

    y = first(Value(2.0, "s"), [Value(3.0, "a"), Value(4.0, "b")])
    svg = to_svg(y)
    assert (len(parts(svg, "node")), len(parts(svg, "edge"))) == (4, 3)
    assert "<!DOCTYPE html>" in stepper(y)


def test_bad_input_is_named() -> None:
    x = Value(1.0, "x")
    with pytest.raises(ValueError, match=r"suffix of 'graph\.jpg' must be one of .*, got '\.jpg'"):
        save(x, "graph.jpg")
    with pytest.raises(ValueError, match="theme must be one of 'auto', 'light', 'dark', got 'pink'"):
        draw(x, theme="pink")
    with pytest.raises(TypeError, match=r"theme must be one of 'auto', 'light', 'dark', got \['dark'\]"):
        draw(x, theme=["dark"])  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="limit must be a whole number of at least 2, got 1"):
        draw(x, limit=1)
    with pytest.raises(TypeError, match=r"value must be a Value, got 3\.0 \(float\)"):
        draw(3.0)  # type: ignore[arg-type]
    with pytest.raises(RuntimeError, match="Graphviz could not draw"):
        render("digraph {", "svg")
    with pytest.raises(OSError, match="No such file"):
        save(x * 2, "/nowhere/graph.svg")
    assert draw_dot is draw


def test_format_and_direction_are_those_of_micrograds_draw_dot() -> None:
    y = Value(2.0) * 3
    picture = draw_dot(y, format="png", rankdir="TB")
    assert (picture.format, picture.graph_attr["rankdir"]) == ("png", "TB")
    assert (draw_dot(y, "pdf").format, draw_dot(y).graph_attr["rankdir"]) == ("pdf", "LR")
    for wrong in ({"format": "doc"}, {"rankdir": "up"}):
        with pytest.raises(ValueError, match="must be one"):
            draw_dot(y, **wrong)
