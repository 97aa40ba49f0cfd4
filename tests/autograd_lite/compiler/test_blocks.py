"""Cutting statements into pieces: what they are together, how long each is, and which names they need."""

from unittest.mock import patch

from hypothesis import given
from hypothesis import strategies as st

from autograd_lite.compiler import blocks
from autograd_lite.compiler.blocks import Statements


@given(st.lists(st.integers(0, 7).map(lambda length: length * "x"), max_size=12))
def test_pieces_are_the_lines_again_each_ended_by_the_line_that_makes_it_too_long(lines):
    with patch.object(blocks, "BLOCK", 10):
        pieces = Statements(lines, range(len(lines))).blocks()
    assert [line for piece in pieces for line in piece.lines] == lines
    assert [slot for piece in pieces for slot in piece.slots] == [*range(len(lines))]
    assert all(len("".join(piece.lines[:-1])) <= 10 for piece in pieces)
    assert all(len("".join(piece.lines)) > 10 for piece in pieces[:-1])


def test_names_are_read_if_they_are_not_assigned_before():
    statements = Statements()
    for line in ("a = b + sin(c)", "d += a * e", "x, y_2, = d", "rows.append(é)", "b = 1.5 * x1"):
        statements.add(line, 7)
    reads, assigned = statements.names()
    assert [*reads] == ["b", "sin", "c", "d", "e", "rows", "append", "é", "x1"]
    assert [*assigned] == ["a", "d", "x", "y_2", "b"]
    assert statements.slots == [7] * 5
