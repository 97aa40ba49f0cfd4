"""Where numbers lie in memory: what lies at one distance from each other is found."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("numba")
from autograd_lite.compiler.native.layout import progressions

PAIRS = st.tuples(st.integers(0, 5), st.integers(0, 5))


@given(st.lists(PAIRS, max_size=12))
def test_progressions_are_the_items_again_in_pieces_as_long_as_they_can_be(items):
    pieces = progressions(items)
    assert [tuple(a + s * k for a, s in zip(start, step, strict=True)) for start, step, n in pieces for k in range(n)] == items
    rest = list(items)
    for start, step, length in pieces:
        assert length >= min(2, len(rest))
        if length < len(rest):
            assert rest[length] != tuple(a + s * length for a, s in zip(start, step, strict=True))
        rest = rest[length:]


def test_a_progression_of_one_has_no_step():
    assert progressions([]) == []
    assert progressions([(3, 4)]) == [((3, 4), (0, 0), 1)]
    assert progressions([(0,), (2,), (4,), (5,)]) == [((0,), (2,), 3), ((5,), (0,), 1)]
