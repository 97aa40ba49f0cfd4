"""The Hypothesis strategies: what they draw prints as the Python that it is, suits its point, and shrinks."""

import math
from dataclasses import FrozenInstanceError

import pytest
from hypothesis import HealthCheck, Phase, find, given, settings
from hypothesis import strategies as st

import autograd_lite
from autograd_lite import Value, cosh, hypot, leaky_relu, logsumexp, ops, primitive, sin, sqrt
from autograd_lite.domains import POSITIVE, REALS, Interval
from autograd_lite.ops import TABLE, mul
from autograd_lite.strategies import (
    MARGIN,
    Function,
    Growing,
    Input,
    Step,
    expressions,
    functions,
    inside,
    numbers,
    public_operations,
    terms,
    values,
)
from autograd_lite.value import topological_order

NAMES = {operation.__name__: operation for operation in TABLE.values()}
everything = functions(3, list(TABLE.values()), max_nodes=12)


@given(everything)
def test_repr_is_the_function(f):
    copied = eval(repr(f), NAMES)
    assert copied(*f.point) == f(*f.point)
    assert copied(*map(Value, f.point)).data == f(*f.point)


@given(functions(2))
def test_by_default_only_public_names(f):
    assert eval(repr(f), {"__builtins__": {}, **vars(autograd_lite)})(*f.point) == f(*f.point)


@pytest.mark.parametrize("name", TABLE)
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


@given(everything)
def test_size_and_range(f):
    assert 1 <= len(f.steps) <= 12
    assert len(set(f.steps)) == len(f.steps)
    assert abs(f(*f.point)) <= 100
    assert all(abs(x) <= 4 for x in f.point)


def smallest(strategy, fails):
    """What a failing property test over the strategy shrinks to."""

    class FoundError(Exception):
        pass

    shrunk = None

    @settings(max_examples=2000, database=None, phases=[Phase.generate, Phase.shrink], suppress_health_check=list(HealthCheck))
    @given(strategy)
    def search(f):
        nonlocal shrunk
        if fails(f):
            shrunk = f
            raise FoundError

    with pytest.raises(FoundError):
        search()
    return shrunk


def uses(f, name):
    return any(step.primitive.name == name for step in f.steps)


def test_shrinks_to_the_smallest_expression():
    f = smallest(functions(2), lambda f: uses(f, "cosh"))
    assert repr(f) == "lambda x0, x1: cosh(x0)"
    assert f.point == (1.0, 1.0)
    f = smallest(functions(2, [mul, sin, cosh, hypot]), lambda f: uses(f, "hypot") and uses(f, "sin"))
    assert len(f.steps) == 2
    assert f.point == (1.0, 1.0)


@pytest.mark.parametrize(
    ("text", "point"),
    [
        ("lambda x0, x1: (x0 - x1) * (-x0)", (1.0, 2.0)),
        ("lambda x0, x1: x0 - (x1 - x0)", (1.0, 2.0)),
        ("lambda x0, x1: (x0 ** x1) ** x0", (1.5, 2.0)),
        ("lambda x0, x1: x0 ** x1 ** x0", (1.5, 2.0)),
        ("lambda x0, x1: (-x0) ** 2.0", (1.5, 2.0)),
        ("lambda x0, x1: -x0 ** (-2.0)", (1.5, 2.0)),
        ("lambda x0, x1: (t0 := x0 / x1) + sin(t0) * t0", (1.5, 2.0)),
        ("lambda x0, x1: dot([x0, 1.0], [x1, x0], x1)", (1.5, 2.0)),
        ("lambda x0, x1: x0 / (x1 / x0)", (1.5, 2.0)),
        ("lambda x0, x1: x0 / x1 / x0", (1.5, 2.0)),
        ("lambda x0, x1: (x0 + x1) * x0 - x1 * x0", (1.5, 2.0)),
        ("lambda x0, x1: -(x0 + x1)", (1.5, 2.0)),
        ("lambda x0, x1: -(x0 * x1)", (1.5, 2.0)),
        ("lambda x0, x1: -x0 * (-x1)", (1.5, 2.0)),
        ("lambda x0, x1: x0 + (-2.0) + 3.0", (1.5, 2.0)),
        ("lambda x0, x1: x0 * (-2.0)", (1.5, 2.0)),
        ("lambda x0, x1: sin(-2.0 + x0)", (1.5, 2.0)),
        ("lambda x0, x1: 0.0 ** x0 ** 0.5", (1.5, 2.0)),
        ("lambda x0, x1: hypot((t0 := sin(x0)), (t1 := cosh(t0))) + t1", (1.5, 2.0)),
        ("lambda x0, x1: sum([sin(x0 + 1.0), -x1])", (1.5, 2.0)),
    ],
)
def test_parentheses_only_where_they_are_needed(text, point):
    assert repr(as_function(eval(text, NAMES), point)) == text


def as_function(f, point):
    """The strategy's kind of function, of the graph of another one."""
    leaves = [Value(x) for x in point]
    known = {leaf: Input(i) for i, leaf in enumerate(leaves)}

    def term(operand):
        if isinstance(operand, tuple):
            return [term(item) for item in operand]
        if operand.is_constant:
            return operand.data
        if operand not in known:
            known[operand] = Step(TABLE[operand.op], tuple(map(term, operand.operands)))
        return known[operand]

    return Function(term(f(*leaves)), point)


@given(expressions(n_inputs=2, primitives=[mul, sin]))
def test_expressions_are_values_on_labelled_leaves(output):
    assert isinstance(output, Value)
    assert output.op in ("mul", "sin")
    leaves = {parent.label for parent in output.parents if not parent.operands and not parent.is_constant}
    assert leaves <= {"x0", "x1"}


def test_by_default_there_are_two_inputs_and_at_most_eight_operations():
    sizes, labels = set(), set()

    @settings(max_examples=100)
    @given(functions(primitives=[logsumexp]), expressions(primitives=[logsumexp]))
    def draw(f, output):
        nodes = topological_order(output)
        labels.update(parent.label for node in nodes for parent in node.parents)
        sizes.update([("function", len(f.steps)), ("expression", len(nodes))])
        assert len(f.point) == 2

    draw()
    assert {"x0", "x1"} <= labels <= {"x0", "x1", ""}
    assert max(size for kind, size in sizes if kind == "function") == 8
    assert max(size for kind, size in sizes if kind == "expression") == 8


@given(values(-1.0, 1e300), st.data())
def test_values_are_leaves_in_the_range(value, data):
    assert value.parents == ()
    assert -1.0 <= value.data <= 1e300


def test_own_primitive_with_a_domain():
    @primitive(derivatives=[lambda out, x: 1.5 * sqrt(x)], domain=sqrt.primitive.domain)
    def sqrt_cubed(x):
        return math.sqrt(x) ** 3

    @given(functions(1, [sqrt_cubed, sin]))
    def check(f):
        autograd_lite.check_grads(f, f.point)

    check()


def test_own_primitive_whose_domain_is_not_declared_is_drawn_where_it_has_a_value():
    @primitive(derivatives=[lambda out, x: 1 / x])
    def logarithm(x):
        return math.log(x)

    @given(functions(1, [logarithm, sin]))
    def check(f):
        assert math.isfinite(f(*f.point))

    check()


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
    assert (Growing(1).number(Step(operation, (1.0,))) is not None) is suits


def test_a_condition_that_is_zero_is_drawn():
    f = first(
        functions(1, [TABLE["greater"], TABLE["where"]], max_nodes=4),
        lambda f: f.output.primitive.name == "where" and f(Value(f.point[0])).inputs[0] == 0,
    )
    assert isinstance(f.output.operands[0], Step)


def test_parts_of_a_function_cannot_be_changed():
    f = as_function(lambda x: sin(x), (1.0,))
    with pytest.raises(FrozenInstanceError):
        f.output.operands = ()
    with pytest.raises(FrozenInstanceError):
        f.output.operands[0].index = 1
    assert Input(0) != Input(0)
    assert Step(sin, ()) != Step(sin, ())


def test_bad_input():
    with pytest.raises(ValueError, match="functions of 0 inputs"):
        functions(0)
    with pytest.raises(ValueError, match=r"functions of 1\.5 inputs"):
        functions(1.5)
    with pytest.raises(ValueError, match="at most 0 nodes"):
        functions(max_nodes=0)
    with pytest.raises(TypeError, match=r"primitives must be a list of operations, got the one <function sin"):
        functions(primitives=sin)
    with pytest.raises(ValueError, match="no primitives"):
        functions(primitives=[])
    with pytest.raises(TypeError, match=r"<built-in function sin> is not a primitive"):
        functions(primitives=[math.sin])
    f = as_function(lambda x: sin(x), (1.0,))
    with pytest.raises(TypeError, match=r"lambda x0: sin\(x0\) takes 1 argument, got 2"):
        f(1.0, 2.0)
    with pytest.raises(TypeError, match="takes 1 argument, got 0"):
        f()


def test_public_operations_are_those_that_a_user_can_write():
    names = {operation.primitive.name for operation in public_operations()}
    assert {"add", "pow", "neg", "tanh", "logsumexp"} <= names
    assert all(name in vars(autograd_lite) or name in ("add", "sub", "mul", "truediv", "neg", "pow") for name in names)
    assert ops.reciprocal not in public_operations()
