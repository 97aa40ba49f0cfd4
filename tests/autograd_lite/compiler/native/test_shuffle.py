"""The shuffle in machine code is that of Python's own generator."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("numba")
from autograd_lite.compiler.native.training import shuffled


@given(rows=st.integers(0, 300), seed=st.text(max_size=8))
def test_the_order_is_that_of_random_shuffle(rows, seed):
    order = list(range(rows))
    Random(seed).shuffle(order)
    assert shuffled(rows, seed).tolist() == order
