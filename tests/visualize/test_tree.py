"""The graph as text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd_lite import Value
from visualize import tree


def shared_graph() -> Value:
    a, b = Value(3.0, "a"), Value(-2.0, "b")
    c = a * b
    c.label = "c"
    return c * c + a


def test_a_shared_node_is_printed_once_and_marked_where_it_comes_again() -> None:
    text = tree(shared_graph(), width=100)
    assert text.count("c = a × b") == 1
    assert text.count("c * (above)") == 1
    assert "* used more than once" in text


def test_a_line_holds_data_grad_and_local_derivative() -> None:
    a, b = Value(3.0, "a"), Value(-2.0, "b")
    y = a * b
    y.backward()
    (line,) = [line for line in tree(y, width=100).splitlines() if line.startswith("├─ a")]
    assert line.split()[1:] == ["a", "3.0", "-2.0", "-2.0"]


@given(st.integers(1, 200))
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    y = shared_graph()
    y.label = "a rather long name\nwith a line break"
    assert max(map(len, tree(y, width=width).splitlines())) <= width


def test_what_is_below_the_depth_is_counted() -> None:
    x = Value(1.0, "x")
    y = x
    for _ in range(100_000):
        y = y * x
    assert "… 99,997 more nodes" in tree(y, depth=3, width=90)


def test_bad_input_is_named() -> None:
    with pytest.raises(ValueError, match="depth must be at least 0, got -1"):
        tree(Value(1.0), depth=-1)
    with pytest.raises(ValueError, match="width must be at least 1, got 0"):
        tree(Value(1.0), width=0)
    with pytest.raises(TypeError, match="expected a Value, got None"):
        tree(None)  # type: ignore[arg-type]
