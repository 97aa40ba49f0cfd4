"""check_grads finds every fault planted in a rule of the table, and names the operation."""

import inspect
import math
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

import autograd_lite
from autograd_lite import Value, check_grads, greater, primitive, relu, sin, tanh, where
from autograd_lite.basics.domains import REALS
from autograd_lite.numerical.evaluation import number_in
from autograd_lite.ops import TABLE
from autograd_lite.strategies import Function, functions
from autograd_lite.strategies.function import Application, Input
from autograd_lite.strategies.growing import numbers

SLOW_IS_FINE = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]


def planted(name, position, change):
    """A copy of the table's operation whose derivative by one operand is changed."""
    entry = TABLE[name].primitive
    right = entry.derivatives[position]

    def wrong(out, *inputs):
        local = 0 if right is None else right(out, *inputs)
        return [change(x, inputs) for x in local] if isinstance(local, list | tuple) else change(local, inputs)

    derivatives = [wrong if k == position else d for k, d in enumerate(entry.derivatives)]
    options = {key: getattr(entry, key) for key in ("name", "symbol", "latex", "precedence", "domain", "kink", "variadic")}
    return primitive(derivatives=derivatives, **options)(entry.compute)


def first_number(inputs):
    while isinstance(inputs, list | tuple):
        inputs = inputs[0]
    return inputs


BUGS = {
    "factor": lambda local, inputs: 1.0001 * local,
    "missing term": lambda local, inputs: local - 0.001,
    "off at one region": lambda local, inputs: local + 0.5 * autograd_lite.greater(first_number(inputs[-1]), 0),
}


class EnoughError(Exception):
    """Ends a search."""


RULES = [(name, position) for name, operation in TABLE.items() for position in range(len(operation.primitive.derivatives))]


def bugs_of(name, position):
    """The faults that can be planted in a rule."""
    bugs = {*BUGS}
    if TABLE[name].primitive.derivatives[position] is None or name == "deg2rad":
        bugs.remove("factor")  # of no derivative is no bug, and one of 1.0001 of so small a derivative does no harm
    return bugs


def calls(operation, position):
    """One call of an operation, in which the operand at `position` matters."""
    if (operation.primitive.name, position) != ("where", 2):
        return functions(3, [operation], max_nodes=1)
    false = Application(TABLE["greater"], (Input(0), 5.0))
    output = Application(operation, (false, Input(1), Input(2)))
    return st.tuples(numbers(), numbers(), numbers()).map(lambda point: Function(output, point))


@pytest.mark.parametrize(("name", "position"), RULES)
def test_each_planted_bug_is_found_and_named(message, name, position):
    operations = {bug: planted(name, position, BUGS[bug]) for bug in bugs_of(name, position)}
    enough = max(1, settings.default.max_examples // 50)
    found = dict.fromkeys(operations, 0)

    @settings(max_examples=500 * enough, suppress_health_check=SLOW_IS_FINE, database=None, phases=[Phase.generate])
    @given(calls(operations["missing term"], position))
    def find(one):
        if min(found.values()) >= enough:
            raise EnoughError
        for bug, operation in operations.items():
            if found[bug] < enough:
                found[bug] += is_found(Function(replace(one.output, operation=operation), one.point))

    def is_found(call):
        """Whether a fault does harm in a call; if so, it is found there, and named."""
        node = call(*map(Value, call.point))
        right = TABLE[name](*node.operands).local_derivatives
        harm = [
            abs(a - b) / max(1.0, abs(b))
            for a, b, parent in zip(node.local_derivatives, right, node.parents, strict=True)
            if not parent.is_constant
        ]
        if max(harm, default=0) < 1e-5:
            return False
        report = message(lambda *inputs: 100 * tanh(call(*inputs) / 100) + autograd_lite.sum(inputs), call.point, order=1)
        assert f"fault         the rule of {name!r}" in report
        assert f"where         {name}(" in report
        return True

    with pytest.raises(EnoughError):
        find()


def detached(name):
    """A copy of the table's operation whose rules give the right numbers, cut off from their operands."""

    def cut(rule):
        def wrong(*numbers):
            return rule(*[[*map(number_in, x)] if isinstance(x, list | tuple) else number_in(x) for x in numbers])

        return wrong

    entry = TABLE[name].primitive
    options = {key: getattr(entry, key) for key in ("name", "domain", "kink", "variadic")}
    return primitive(derivatives=[d and cut(d) for d in entry.derivatives], **options)(entry.compute)


CURVED = [
    name
    for name in TABLE
    if name not in ("add", "sub", "neg", "identity", "abs", "relu", "maximum", "minimum", "where", "sum")
    and name not in ("clip", "mod", "deg2rad", "rad2deg")
    and any(TABLE[name].primitive.derivatives)
]


@pytest.mark.parametrize("name", CURVED)
def test_rule_that_cannot_be_differentiated_is_found_at_the_second_order(message, name):
    operation = detached(name)
    found = 0

    @settings(max_examples=200, suppress_health_check=SLOW_IS_FINE, database=None, phases=[Phase.generate])
    @given(functions(3, [operation], max_nodes=1))
    def find(call):
        nonlocal found
        right = Function(replace(call.output, operation=TABLE[name]), call.point)
        curvature = autograd_lite.hessian(lambda x: right(*x))(list(call.point))
        if found:
            raise EnoughError
        if max(abs(x) for row in curvature for x in row) < 1e-3:
            return
        check_grads(call, call.point, order=1)
        report = message(call, call.point)
        assert f"fault         the rule of {name!r}" in report
        assert "is right, but not its own derivative by" in report
        found = True

    with pytest.raises(EnoughError):
        find()


# Faults that are right at the point by chance


def at_zero(name):
    """A point at which as many operands of an operation are 0 as its domain lets be."""
    domain = dict(enumerate(TABLE[name].primitive.domain))
    count = sum(p.default is p.empty for p in inspect.signature(TABLE[name].primitive.compute).parameters.values())
    return [0.0 if 0.0 in domain.get(k, REALS) and 0.25 in domain.get(k, REALS) else 1.5 for k in range(count)]


SMOOTH = [
    name
    for name, operation in TABLE.items()
    if operation.primitive.kink is None and not operation.primitive.variadic and any(operation.primitive.derivatives)
]


@pytest.mark.parametrize("power", [1, 2, 3])
@pytest.mark.parametrize("name", SMOOTH)
def test_a_fault_that_vanishes_at_the_point_is_found(message, name, power):
    """The rule of an operation is off by a power of one of its operands, at a point where that operand is 0."""
    point = at_zero(name)
    for position, x in enumerate(point):
        for k in range(len(point)) if x == 0 else ():
            if TABLE[name].primitive.derivatives[k] is not None:
                operation = planted(name, k, lambda local, inputs, position=position: local + inputs[position] ** power)
                report = message(lambda *inputs, op=operation: tanh(op(*inputs)) + autograd_lite.sum(inputs), tuple(point))
                assert f"the rule of {name!r} for its operand" in report


x_sin_y = primitive(derivatives=[lambda out, x, y: sin(y), lambda out, x, y: 3 * x], name="x_sin_y")(
    lambda x, y: x * math.sin(y)
)
negated = primitive(derivatives=[lambda out, x, y: y, lambda out, x, y: -x], name="negated")(lambda x, y: x * y)
wrong_sin = primitive(derivatives=[lambda out, x: 1.05 * autograd_lite.cos(x)], name="wrong_sin")(math.sin)
five_x_squared = primitive(derivatives=[lambda out, x: 5 * x * x], name="five_x_squared")(lambda x: x**3)
cut_sine = primitive(derivatives=[lambda out, x: math.cos(number_in(x))], name="cut_sine")(math.sin)
wrong_square = primitive(derivatives=[lambda out, x: 3 * x], name="wrong_square")(lambda x: x * x)
cube_of_it = primitive(derivatives=[lambda out, x: 3 * wrong_square(x)], name="cube_of_it")(lambda x: x**3)
wrong_cos = primitive(derivatives=[lambda out, x: -2 * sin(x)], name="wrong_cos")(math.cos)
sine_of_it = primitive(derivatives=[lambda out, x: wrong_cos(x)], name="sine_of_it")(math.sin)
wrong_tanh = primitive(derivatives=[lambda out, x: 1 - out * out + 1e-4], name="wrong_tanh")(math.tanh)
wrong_log = primitive(derivatives=[lambda out, x: 1.001 / x], name="wrong_log")(lambda x: math.log(x))
three_operands = primitive(
    derivatives=[lambda out, x, y, z: y * z, lambda out, x, y, z: x * z, lambda out, x, y, z: 2 * x * y], name="three_operands"
)(lambda x, y, z: x * y * z)
one_sided = primitive(derivatives=[lambda out, x: where(greater(x, 0), 1, -0.5)], kink=lambda x: x, name="one_sided")(abs)


@pytest.mark.parametrize(
    ("f", "args", "rule"),
    [
        (negated, (0.0, 3.0), "negated"),
        (lambda x, y: tanh(negated(x, y) + y), (0.0, 0.3), "negated"),
        (x_sin_y, (0.0, 1.0), "x_sin_y"),
        (five_x_squared, (0.0,), "five_x_squared"),
        (three_operands, (0.0, 0.0, 1.0), "three_operands"),
        (three_operands, (3.0, 2.0, 1.0), "three_operands"),
        (wrong_sin, (math.pi / 2,), "wrong_sin"),
        (one_sided, (-1.0,), "one_sided"),
        (cut_sine, (0.0,), "cut_sine"),
        (cube_of_it, (0.0,), "cube_of_it"),
        (cube_of_it, (1.3,), "wrong_square"),
        (sine_of_it, (0.0,), "sine_of_it"),
        (sine_of_it, (math.pi,), "sine_of_it"),  # where its second derivative is not 0, but 2e-16
        *[(wrong_tanh, (x,), "wrong_tanh") for x in (30.0, 1e17, -1e300)],
        (wrong_log, (1e17,), "wrong_log"),
        (lambda x: 0 * wrong_sin(x) + x, (1.0,), "wrong_sin"),  # nothing comes of it here
        (lambda x: relu(wrong_sin(x) - 2) + x, (1.0,), "wrong_sin"),
        (lambda x: wrong_sin(x) + 1e13, (1.0,), "wrong_sin"),  # rounding hides it in the result
        (lambda x: 1e-20 * wrong_sin(x) + 1, (1.0,), "wrong_sin"),
        (lambda x: wrong_sin(1e9 * x), (1.0,), "wrong_sin"),
        (wrong_sin, (1e13,), "wrong_sin"),
        (lambda x, y: planted("floordiv", 1, BUGS["missing term"])(x, y) + y, (1.254, -0.196), "floordiv"),
    ],
)
def test_every_rule_is_looked_at_by_itself(message, f, args, rule):
    assert f"the rule of {rule!r}" in message(f, args)


def test_a_wrong_second_derivative_of_what_is_not_recorded_is_found(message):
    report = message(lambda x: x * Value(x.data) + x, (0.0,))
    assert "order 2" in report
    assert "numerical     1 ± " in report
