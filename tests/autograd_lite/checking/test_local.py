"""One node on its own: where its primitive has a kink."""

import pytest

import autograd_lite
from autograd_lite import Value
from autograd_lite.checking.local import LocalFunction


@pytest.mark.parametrize("operand", [0, 1])
@pytest.mark.parametrize(
    ("a", "b", "kink"),
    [
        (0.25, 0.25 + 2.0**-24, True),
        (0.25, 0.25 - 2.0**-24, True),
        (0.25, 0.25 + 2.0**-22, False),
        (1000.0, 1000.0001, True),
        (1000.0, 1000.0002, False),
        (-1000.0, -1000.0001, True),
        (1.0, 2.0, False),
    ],
)
def test_a_kink_is_at_a_point_if_it_is_closer_than_single_precision_can_tell(a, b, kink, operand):
    operands = Value(a), Value(b)
    assert LocalFunction.of(autograd_lite.maximum(operands[operand], operands[1 - operand])).kink_along(operand) is kink


@pytest.mark.parametrize("operand", [0, 1])
@pytest.mark.parametrize(
    ("distance", "jumps"), [(2.0**-24, True), (-(2.0**-24), True), (2.0**-22, False), (-(2.0**-22), False)]
)
def test_a_jump_is_at_a_point_if_it_is_as_close(distance, jumps, operand):
    operands = Value(0.0), Value(distance)
    assert LocalFunction.of(autograd_lite.greater(*operands)).kink_along(operand) is jumps
