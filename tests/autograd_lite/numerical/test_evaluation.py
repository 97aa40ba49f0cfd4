"""The values of a function as plain floats."""

import math

import pytest

from autograd_lite import Value
from autograd_lite.numerical.evaluation import evaluate, shifted


def test_evaluation_gives_floats_or_nothing():
    assert evaluate(lambda point: [Value(2), 3, point[0]], [0.5]) == [2.0, 3.0, 0.5]
    assert [type(x) for x in evaluate(lambda point: [Value(2), 3], [0.5])] == [float, float]
    for nothing in (math.nan, math.inf, 1j, Value(math.inf)):
        assert evaluate(lambda point, nothing=nothing: [1.0, nothing], [0.5]) is None
    assert evaluate(lambda point: [math.log(point[0])], [-1.0]) is None
    assert evaluate(lambda point: [1 / point[0]], [0.0]) is None
    assert evaluate(lambda point: [10**400], [0.0]) is None
    with pytest.raises(TypeError):
        evaluate(lambda point: [len(point[0])], [0.0])


def test_a_point_with_one_number_moved():
    point = [1.0, 2.0, 3.0]
    assert [shifted(point, index, 0.5) for index in range(3)] == [[1.5, 2.0, 3.0], [1.0, 2.5, 3.0], [1.0, 2.0, 3.5]]
    assert point == [1.0, 2.0, 3.0]
