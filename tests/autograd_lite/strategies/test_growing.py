"""What is drawn suits the point: operands inside of domains and away from kinks, results and slopes that are not too large."""

import math

import pytest
from hypothesis import Phase, find, given, settings

from autograd_lite import Value, leaky_relu, primitive
from autograd_lite.basics.domains import POSITIVE, REALS, Interval
from autograd_lite.graph.order import topological_order
from autograd_lite.ops import TABLE, mul
from autograd_lite.strategies import functions, values
from autograd_lite.strategies.function import Application, Input, terms
from autograd_lite.strategies.growing import MARGIN, Growing, inside, numbers


@pytest.mark.parametrize("name", [name for name, operation in TABLE.items() if not operation.primitive.stops_gradient])
def test_every_primitive_can_be_drawn_at_a_point_inside_its_domain(name):
    operation, seen = TABLE[name], 0

    @settings(max_examples=10)
    @given(functions(3, [operation], max_nodes=1))
    def draw(f):
        nonlocal seen
        (step,) = f.steps
        node = f(*map(Value, f.point))
        assert step.operation is operation
        assert all(math.isfinite(x) for x in (node.data, *node.local_derivatives))
        for x, interval in zip(node.inputs, operation.primitive.domain, strict=False):
            assert inside(x, interval)
        if operation.primitive.kink is not None:
            assert abs(operation.primitive.kink(*node.inputs)) >= MARGIN
        seen += 1

    draw()
    assert seen


def first(strategy, wanted):
    """The first that is as wanted of what a strategy draws."""
    quick = settings(max_examples=2000, database=None, phases=[Phase.generate], derandomize=True)
    return find(strategy, wanted, settings=quick)


def test_what_is_inside_an_interval_keeps_away_from_its_ends_and_its_hole():
    interval = Interval(low=-1.0, high=2.0, hole=0.5)
    within = [x / 1000 for x in range(-1000, 2001, 125) if inside(x / 1000, interval)]
    assert within == [x / 1000 for x in range(-875, 1876, 125) if x != 500]
    assert not inside(0.5 - MARGIN / 2, interval)
    assert not inside(0.5 + MARGIN / 2, interval)
    assert inside(-1e9, REALS)


@pytest.mark.parametrize(
    ("interval", "low", "high"),
    [
        (REALS, -4.0, 4.0),
        (Interval(low=-1.0, high=2.0), -0.875, 1.875),
        (Interval(low=1.0), 1.125, 4.0),
        (POSITIVE, 0.125, 4.0),
    ],
)
def test_numbers_reach_as_far_as_they_may(interval, low, high):
    assert first(numbers(interval), lambda x: x >= high) == high
    assert first(numbers(interval), lambda x: x <= low) == low
    assert first(numbers(interval), lambda x: round(1000 * x) % 10 == 7)

    @given(numbers(interval))
    def no_further(x):
        assert low <= x <= high
        assert x == round(x, 3)

    no_further()


@pytest.mark.parametrize("sign", [-1, 1])
def test_values_are_negative_and_positive_up_to_four(sign):
    assert 3.9 < sign * first(values(), lambda value: sign * value.data > 3.9).data <= 4


def drawn(operation, wanted):
    """A function of one call that is as wanted."""
    return first(functions(2, [operation], max_nodes=1), lambda f: wanted(f.output.operands)).output.operands


def test_calls_take_as_many_operands_as_they_may():
    assert len(drawn(leaky_relu, lambda operands: len(operands) == 2)) == 2
    assert len(drawn(leaky_relu, lambda operands: len(operands) == 1)) == 1
    dot, total = TABLE["dot"], TABLE["sum"]
    for width in (1, 2, 3):
        ((*terms,),) = drawn(total, lambda operands, width=width: len(operands[0]) == width)
        assert len(terms) == width
        w, a, b = drawn(dot, lambda operands, width=width: len(operands) == 3 and len(operands[0]) == width)
        assert len(w) == len(a) == width
        assert not isinstance(b, list)
    assert isinstance(drawn(mul, lambda operands: isinstance(operands[0], float))[1], Input)
    assert isinstance(drawn(mul, lambda operands: isinstance(operands[1], float))[0], Input)
    assert drawn(mul, lambda operands: operands[0] is operands[1])
    where = TABLE["where"]
    assert isinstance(drawn(where, lambda operands: {*map(type, operands[:2])} == {float})[2], Input)


@given(functions(2, [TABLE["dot"], TABLE["sum"], mul], max_nodes=4))
def test_sequences_of_a_call_have_one_length_of_at_most_three(f):
    for step in f.steps:
        lengths = {len(operand) for operand in step.operands if isinstance(operand, list)}
        assert lengths <= {1, 2, 3}
        assert len(lengths) == (step.operation is not mul)
        assert any(not isinstance(term, float) for term in terms(step))


@given(functions(1, [TABLE["where"], TABLE["greater"], TABLE["relu"], mul], max_nodes=6))
def test_what_chooses_may_stand_at_its_jump_if_it_is_constant_but_for_jumps(f):
    node = f(Value(f.point[0]))
    for each in topological_order(node):
        kink = each.primitive.kink
        if kink is not None and abs(kink(*each.inputs)) < MARGIN:
            choosers = [
                operand for operand, rule in zip(each.operands, each.primitive.derivatives, strict=True) if rule is None
            ]
            assert choosers
            assert all(chooser.op == "greater" for chooser in choosers)


@pytest.mark.parametrize(
    ("value", "slope", "suits"),
    [
        (100.0, 1000.0, True),
        (-100.0, -1000.0, True),
        (100.5, 0.0, False),
        (-100.5, 0.0, False),
        (0.0, 1000.5, False),
        (0.0, -1000.5, False),
        (math.nan, 0.0, False),
        (0.0, math.nan, False),
    ],
)
def test_an_operation_suits_if_its_result_is_within_100_and_its_local_derivative_within_1000(value, slope, suits):
    operation = primitive(derivatives=[lambda out, x: slope], name="given")(lambda x: value)
    assert (Growing(1).number(Application(operation, (1.0,))) is not None) is suits


def test_a_condition_that_is_zero_is_drawn():
    f = first(
        functions(1, [TABLE["greater"], TABLE["where"]], max_nodes=4),
        lambda f: f.output.primitive.name == "where" and f(Value(f.point[0])).inputs[0] == 0,
    )
    assert isinstance(f.output.operands[0], Application)
