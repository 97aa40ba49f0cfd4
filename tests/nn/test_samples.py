"""What is known of samples before any work is done with them: the same for arrays, which are looked at whole, as for lists."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nn import cross_entropy, hinge
from nn.backends.recording import checksum
from nn.samples import TRIED, ArrayRows, WeightedRows, different

numpy = pytest.importorskip("numpy")
shapes = st.sampled_from([(7,), (7, 1), (5, 3), (300,), (5000, 2)])
types = st.sampled_from(["float64", "float32", "uint8", "int64"])


@given(shape=shapes, dtype=types, seed=st.integers(0, 99), most=st.sampled_from([1, 2, 250]))
def test_an_array_and_its_rows_have_the_same_checksum_and_the_same_first_of_each(shape, dtype, seed, most):
    array = numpy.random.default_rng(seed).integers(0, most, shape).astype(dtype)
    rows, items = ArrayRows(array), array.tolist()
    weights = [0.5 + i for i in range(len(items))]
    assert checksum(rows, 7) == checksum(items, 7)
    assert checksum(WeightedRows(rows, weights)) == checksum(WeightedRows(items, weights))
    firsts = {repr(item): place for place, item in [*enumerate(items)][::-1]}
    wanted = sorted(firsts.values())[:TRIED]
    found = different(rows, hinge)
    assert set(wanted) <= {*found}
    assert len(found) <= len(wanted) + 2  # and where the least and the greatest number are
    assert different(items, hinge) == wanted


def test_of_rows_that_are_any_numbers_one_is_enough():
    assert different(ArrayRows(numpy.ones((9, 3))), cross_entropy) == [0]


def test_numbers_are_finite_whatever_their_sum_is():
    rows = numpy.array([[1e308, 2.0], [1e308, 3.0], [-1e308, -numpy.inf]])
    ArrayRows(rows[:2]).check_finite("input", "feature")
    with pytest.raises(ValueError, match=r"input 2, feature 1, .*-inf"):
        ArrayRows(rows).check_finite("input", "feature")
    rows[2, 1] = numpy.inf  # less infinity than there is of the other sign
    rows[0, 1] = -numpy.inf
    with pytest.raises(ValueError, match=r"input 0, feature 1, .*-inf"):
        ArrayRows(rows).check_finite("input", "feature")
