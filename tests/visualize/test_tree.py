"""The graph as text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd_lite import Value, dot
from autograd_lite.errors import StaleGraphError
from visualize import draw, explain, save, stepper, to_svg, tree


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


def test_on_a_narrow_terminal_the_columns_move_together_before_a_name_is_cut() -> None:
    y = shared_graph()
    y.backward()
    longest, widths = len("│  ├─ c = a × b *"), [len("39.0"), len("-12.0"), len("-6.0")]
    narrow = longest + 1 + (widths[0] + 2) + (widths[1] + 2) + len("local")
    wide = longest + 4 + (widths[0] + 4) + (widths[1] + 4) + len("local derivative")
    for width in range(narrow - 3, wide + 3):
        lines = tree(y, width=width).splitlines()
        assert lines[0].endswith("local derivative") == (width >= wide)
        assert any("…" in line for line in lines) == (width < narrow)


def test_what_is_below_the_depth_is_counted() -> None:
    x = Value(1.0, "x")
    y = x
    for _ in range(3_000):
        y = y * x
    assert "… 2,997 more nodes" in tree(y, depth=3, width=90)


def test_of_a_node_with_many_operands_the_nearest_are_shown_and_the_rest_counted_once() -> None:
    inputs = [Value(float(k)) * 2 for k in range(1000)]
    y = dot([Value(1.0) for _ in inputs], inputs)
    text = tree(y, limit=50, width=80, names=False)
    assert len(text.splitlines()) == 1 + 50 + 1 + 1
    assert f"\n└─ … {1 + 1000 + 3 * 1000 - 50:,} more nodes\n" in text


def test_before_backward_there_is_no_gradient_and_after_it_there_is() -> None:
    a, b = Value(3.0, "a"), Value(-2.0, "b")
    y = a * b
    b.grad = 5.0  # of another graph
    assert [line.split()[-2] for line in tree(y, width=100).splitlines() if "─ " in line] == ["?", "?"]
    assert tree(y).endswith("? no gradient yet: backward() computes it")
    y.backward()
    assert "?" not in tree(y)
    a.data = 4.0
    assert "?" in tree(y.recompute())


def test_a_graph_whose_leaves_have_changed_is_shown_by_nothing(tmp_path) -> None:
    weight = Value(2.0)
    loss = weight * weight
    weight.data = 3.0
    weight.label, loss.label = "weight", "loss"
    path = tmp_path / "graph.dot"
    for show in (tree, draw, to_svg, stepper, lambda v: explain(v, wrt=weight), lambda v: save(v, path)):
        with pytest.raises(StaleGraphError, match=r"loss = 4\.0 is out of date: weight is 3\.0 now"):
            show(loss)
    assert "9.0" in tree(loss.recompute())


@given(st.text(alphabet="漢😀é\u0301a b", min_size=1, max_size=40), st.integers(1, 80))
def test_wide_characters_are_two_columns(label: str, width: int) -> None:
    def columns(line: str) -> int:
        return sum(0 if c == "\u0301" else 2 if c in "漢😀" else 1 for c in line)

    lines = tree(Value(2.0, label) * 3, width=width).splitlines()
    assert max(map(columns, lines)) <= width
    if width >= 70 and len(label) < 5:
        assert len({columns(line[: line.index("2.0")]) for line in lines if "─ " in line and "2.0" in line}) == 1


def test_bad_input_is_named() -> None:
    with pytest.raises(ValueError, match="depth must be a whole number of at least 0, got -1"):
        tree(Value(1.0), depth=-1)
    with pytest.raises(ValueError, match="width must be a whole number of at least 1, got 0"):
        tree(Value(1.0), width=0)
    with pytest.raises(ValueError, match=r"limit must be a whole number of at least 1, got 2\.5"):
        tree(Value(1.0), limit=2.5)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="value must be a Value, got None"):
        tree(None)  # type: ignore[arg-type]
