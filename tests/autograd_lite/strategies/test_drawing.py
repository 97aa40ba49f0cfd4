"""The Hypothesis strategies: what they draw, what it shrinks to, and what they refuse."""

import math

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

import autograd_lite
from autograd_lite import Value, cosh, hypot, logsumexp, ops, primitive, sin, sqrt
from autograd_lite.graph.order import topological_order
from autograd_lite.ops import TABLE, mul
from autograd_lite.strategies import expressions, functions, values
from autograd_lite.strategies.drawing import public_operations

everything = functions(3, list(TABLE.values()), max_nodes=12)


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
    f = smallest(functions(2, [mul, sin, hypot, cosh], max_nodes=3), lambda f: uses(f, "cosh"))
    assert repr(f) in ("lambda x0, x1: cosh(x0)", "lambda x0, x1: cosh(x1)")
    assert f.point == (1.0, 1.0)
    f = smallest(functions(2, [mul, sin, cosh, hypot], max_nodes=4), lambda f: uses(f, "hypot") and uses(f, "sin"))
    assert len(f.steps) == 2
    assert f.point == (1.0, 1.0)


@pytest.mark.parametrize("name", ["acosh", "atanh"])  # an operand of 1, the simplest number, suits none of them
def test_shrinks_to_one_operation_however_small_its_domain_is(name):
    f = smallest(functions(2, [mul, sin, hypot, TABLE[name]], max_nodes=3), lambda f: uses(f, name))
    assert [step.primitive.name for step in f.steps] == [name]


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


@pytest.mark.parametrize(
    ("arguments", "kind", "message"),
    [
        ({"n_inputs": 0}, ValueError, "n_inputs must be a whole number of at least 1, got 0"),
        ({"n_inputs": 1.5}, ValueError, r"n_inputs must be a whole number of at least 1, got 1\.5"),
        ({"max_nodes": 0}, ValueError, "max_nodes must be a whole number of at least 1, got 0"),
        ({"primitives": sin}, TypeError, r"primitives must be a list of operations, got <function sin at .*> \(function\)"),
        (
            {"primitives": []},
            ValueError,
            r"primitives must be a list of at least one operation that has a derivative or jumps, got \[\]",
        ),
        (
            {"primitives": [sin, math.sin]},
            TypeError,
            r"primitives\[1\] must be a primitive operation, got <built-in function sin> .*: make it one with @primitive, .*",
        ),
    ],
)
def test_bad_input(arguments, kind, message):
    with pytest.raises(kind, match=f"^{message}$"):
        functions(**arguments)


def test_public_operations_are_those_that_a_user_can_write():
    names = {operation.primitive.name for operation in public_operations()}
    assert {"add", "pow", "neg", "tanh", "logsumexp"} <= names
    assert all(name in vars(autograd_lite) or TABLE[name].primitive.sign for name in names)
    assert ops.reciprocal not in public_operations()
