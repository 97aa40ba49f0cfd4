"""From the arguments of a call to flat numbers and back."""

import math
from dataclasses import FrozenInstanceError
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd_lite import Value
from autograd_lite.compiler.arguments import Shape, put_together, take_apart
from autograd_lite.trees import NUMBER, Structure

numpy = pytest.importorskip("numpy")

SCALARS = st.floats(-1e6, 1e6)
NESTED = st.recursive(
    SCALARS,
    lambda tree: st.one_of(st.lists(tree, max_size=3), st.tuples(tree, tree), st.dictionaries(st.sampled_from("abc"), tree)),
    max_leaves=8,
)


@given(NESTED)
def test_an_argument_put_together_from_its_numbers_is_the_same(argument):
    numbers, shape, samples = take_apart(argument, "x", False)
    assert samples == 0
    assert not shape.batched
    flat = [numbers] if shape.structure.kind == "number" else numbers
    assert len(flat) == len(shape.structure)
    assert put_together(shape, flat, 0) == argument


@given(st.lists(st.tuples(SCALARS, st.lists(SCALARS, min_size=2, max_size=2)), min_size=1, max_size=4))
def test_a_batch_is_taken_apart_row_by_row_and_put_together_column_by_column(rows):
    numbers, shape, samples = take_apart(rows, "x", True)
    assert samples == len(rows)
    assert shape == Shape(take_apart(rows[0], "x", False)[1].structure, True)
    assert numbers == [[a, *b] for a, b in rows]
    assert put_together(shape, [list(column) for column in zip(*numbers, strict=True)], samples) == rows


@pytest.mark.parametrize("dtype", ["float64", "float32", "int64", "uint8", "bool", "object"])
def test_arrays_of_real_numbers_become_float64(dtype):
    array = numpy.array([[0, 1, 2], [3, 4, 5]]).astype(dtype)
    numbers, shape, samples = take_apart(array, "x", False)
    assert (numbers.dtype, numbers.ndim, samples) == (numpy.dtype("float64"), 1, 0)
    assert shape == Shape(Structure("array", (2, 3)))
    assert (put_together(shape, numbers, 0) == array).all()
    numbers, shape, samples = take_apart(array, "x", True)
    assert (numbers.dtype, numbers.shape, samples) == (numpy.dtype("float64"), (2, 3), 2)
    assert shape == Shape(Structure("array", (3,)), True, True)
    together = put_together(shape, numbers.T, samples)
    assert isinstance(together, numpy.ndarray)
    assert (together == array).all()


def test_arrays_of_any_number_of_dimensions():
    numbers, shape, samples = take_apart(numpy.arange(24.0).reshape(2, 3, 4), "x", True)
    assert (numbers.shape, shape, samples) == ((2, 12), Shape(Structure("array", (3, 4)), True, True), 2)
    numbers, shape, samples = take_apart(numpy.array([1.0, 2.0]), "x", True)
    assert (numbers.shape, shape, samples) == ((2,), Shape(NUMBER, True, True), 2)
    numbers, shape, _ = take_apart(numpy.array(2.0), "x", False)
    assert (numbers, shape) == (2.0, Shape(NUMBER))


def test_numbers_of_other_kinds_become_the_floats_of_the_same_value():
    for number in (3, True, Fraction(1, 4), numpy.float32(0.1), numpy.int64(7), 2**53, math.inf):
        taken, shape, _ = take_apart(number, "x", False)
        assert (type(taken), taken, shape) == (float, number, Shape(NUMBER))
    assert all(math.isnan(take_apart(nan, "x", False)[0]) for nan in (math.nan, numpy.float32("nan")))
    mixed = take_apart([1, 2.0, Fraction(1, 2)], "x", False)[0]
    assert [(type(number), number) for number in mixed] == [(float, 1.0), (float, 2.0), (float, 0.5)]


def test_floats_are_not_copied():
    numbers, array = [1.0, 2.0], numpy.array([[1.0, 2.0]])
    taken, shape, _ = take_apart(numbers, "x", False)
    assert taken is numbers
    assert shape.structure is take_apart([3.0, 4.0], "y", False)[1].structure
    for batched in (False, True):
        assert numpy.shares_memory(take_apart(array, "x", batched)[0], array)


@pytest.mark.parametrize(
    ("argument", "batched", "message"),
    [
        ([], True, r"x is \[\]: a batched argument is a list or an array with one row per sample, at least one"),
        ("ab", True, "x is 'ab': a batched argument is a list"),
        (2.0, True, "x is 2.0: a batched argument is a list"),
        (numpy.array(2.0), True, r"x is array\(2.\): a batched argument needs one row per sample, and at least one sample"),
        (numpy.zeros((0, 2)), True, r"x is array\(.*\): a batched argument needs one row per sample"),
        ([[1.0], [2.0], []], True, r"x is ragged: row 2 has 0 numbers \(list of \(\)\), row 0 has 1 \(list of \(a number\)\)"),
        ([1.0, [2.0]], True, r"x is ragged: row 1 has 1 number \(list of \(a number\)\), row 0 has 1 \(a number\)"),
        ([[0.0], [2**53 + 1]], True, r"x\[1\] holds 9007199254740993, which no float equals"),
        ([[2**53 + 1]], True, r"x\[0\] holds 9007199254740993, which no float equals: .* Pass float\(x\)"),
        (Fraction(1, 3), False, r"x holds Fraction\(1, 3\), which no float equals"),
        (numpy.array([0, 2**53 + 1]), False, "x holds 9007199254740993, which no float equals"),
        (numpy.array([[0], [-(2**63) + 1]]), True, "x holds -9223372036854775807, which no float equals"),
        (numpy.array([2**64 - 1], numpy.uint64), False, "x holds 18446744073709551615, which no float equals"),
    ],
)
def test_arguments_that_have_no_numbers_to_take(argument, batched, message):
    with pytest.raises(ValueError, match=message):
        take_apart(argument, "x", batched)


@pytest.mark.parametrize(
    "array",
    [
        numpy.array([-(2**53), 2**60], numpy.int64),
        numpy.array([2**63], numpy.uint64),
        numpy.array([0.1, numpy.nan, numpy.inf], ">f8"),
        numpy.array([0.5, numpy.nan], numpy.longdouble),
        numpy.array([0.1], numpy.float32),
        numpy.array([True]),
    ],
    ids=str,
)
def test_arrays_of_any_real_numbers_are_taken_exactly(array):
    assert numpy.array_equal(take_apart(array, "x", False)[0], array, equal_nan=True)


@pytest.mark.skipif(numpy.longdouble(2) ** 60 + 1 == 2.0**60, reason="a long float is no longer than a float here")
def test_a_longer_float_is_not_rounded_in_silence():
    with pytest.raises(ValueError, match="which no float equals"):
        take_apart(numpy.array([1, 3], numpy.longdouble) / 3, "x", False)


@pytest.mark.parametrize(
    ("argument", "message"),
    [
        (Value(1.0), r"x holds Value\(data=1.0, grad=0\): a compiled function takes plain numbers, .* Pass v.data"),
        (numpy.array([Value(1.0)]), "x holds Value"),
        (numpy.array([1j]), "x is an array of complex128: expected real numbers"),
        (numpy.array(["a"]), "x is an array of <U1: expected real numbers"),
        (numpy.array(["2026-11-25"], "datetime64[D]"), r"x is an array of datetime64\[D\]: expected real numbers"),
        (None, "x is None"),
    ],
)
def test_arguments_that_are_no_plain_numbers(argument, message):
    with pytest.raises(TypeError, match=message):
        take_apart(argument, "x", False)


def test_a_shape_is_a_key():
    shape = take_apart([1.0], "x", False)[1]
    assert {shape: 1}[Shape(Structure(list, (), (NUMBER,)))] == 1
    with pytest.raises(FrozenInstanceError):
        shape.batched = True
