"""The numbers of many leaves at once are those that each leaf gives, and setting them is setting each."""

from fractions import Fraction

import pytest

from autograd_lite import Value, tanh
from autograd_lite.errors import StaleGraphError
from autograd_lite.leaves import numbers_of, set_again, set_numbers


@pytest.mark.parametrize("numbers", [[1.5, -2.0], [1, 2.5], [Fraction(1, 3), 0.5], []])
def test_numbers_are_read_and_set_as_one_by_one(numbers):
    leaves = [Value(0.25) for _ in numbers]
    set_numbers(leaves, numbers)
    assert numbers_of(leaves) == [leaf.data for leaf in leaves] == numbers


def test_a_float_of_numpy_stays_one():
    numpy = pytest.importorskip("numpy")
    leaves = [Value(0.25), Value(numpy.float32(0.5))]
    set_numbers(leaves, [numpy.float32(1.5), 2.5])
    assert [type(number) for number in numbers_of(leaves)] == [numpy.float32, float]


@pytest.mark.parametrize("again", [False, True])
def test_a_graph_built_before_is_out_of_date_afterwards(again):
    leaf = Value(0.5, "leaf")
    if again:
        set_numbers([leaf], [0.5])
    output = tanh(leaf)
    (set_again if again else set_numbers)([leaf], [1.5])
    assert leaf.data == 1.5
    with pytest.raises(StaleGraphError, match=r"leaf is 1\.5 now"):
        output.backward()


def test_a_result_cannot_be_set_and_neither_can_what_is_no_number():
    with pytest.raises(AttributeError, match="change the data of a leaf"):
        set_numbers([tanh(Value(0.5))], [1.0])
    with pytest.raises(TypeError):
        set_numbers([Value(0.5)], ["1"])
    with pytest.raises(ValueError, match="2 numbers for 1 leaves"):
        set_numbers([Value(0.5)], [1.0, 2.0])
