"""check_grads: silent on every correct function, and it finds and names every planted bug."""

import itertools
import math
import random
import sys
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, Phase, given, settings

import autograd_lite
from autograd_lite import NotCheckableError, Value, check_gradient, check_grads, no_grad, primitive, relu, sqrt, tanh, where
from autograd_lite.checking import numerical_derivative
from autograd_lite.domains import NON_NEGATIVE
from autograd_lite.ops import TABLE
from autograd_lite.strategies import Function, functions
from autograd_lite.value import Primitive

SLOW_IS_FINE = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]


def message(f, args, kind=AssertionError, **options):
    with pytest.raises(kind) as failure:
        check_grads(f, args, **options)
    assert type(failure.value) is kind
    return str(failure.value)


# No false alarm


@settings(max_examples=10 * settings.default.max_examples, suppress_health_check=SLOW_IS_FINE)
@given(functions(3, list(TABLE.values()), max_nodes=10))
def test_no_false_alarm(f):
    check_grads(f, f.point)


SCALES = [1e-30, 1e-12, 1e-5, 0.3, 1.0, 30.0, 1e6]
SCALED = {
    "sin": autograd_lite.sin,
    "square": lambda x: x * x,
    "tiny square": lambda x: 1e-200 * x * x,
    "log": autograd_lite.log,
    "sqrt": sqrt,
    "reciprocal": lambda x: 1 / x,
    "beside a large number": lambda x: (x + 1e10) - 1e10,
    "narrow bump": lambda x: autograd_lite.exp(-((x / 1e-3) ** 2)),
    "oscillation": lambda x: autograd_lite.sin(1e5 * x),
}


@pytest.mark.parametrize("x", SCALES)
@pytest.mark.parametrize("name", SCALED)
def test_no_false_alarm_at_any_scale(name, x):
    check_grads(SCALED[name], (x,))


@pytest.mark.parametrize("x", SCALES)
@pytest.mark.parametrize("name", ["sin", "square", "tiny square", "log", "sqrt", "reciprocal"])
def test_wrong_derivative_at_any_scale(name, x):
    rule = primitive(derivatives=[lambda out, t: 1.001 * autograd_lite.grad(SCALED[name])(t)], name="wrong")
    wrong = rule(lambda t: SCALED[name](t))
    assert "the rule of 'wrong'" in message(wrong, (x,), order=1)


@pytest.mark.parametrize(
    ("f", "args"),
    [
        (lambda x: sqrt(x), (1e-9,)),  # the edge of the domain is near
        (lambda x: autograd_lite.asin(x), (1 - 1e-6,)),
        (lambda x: relu(x) + relu(-x), (1e-3,)),  # a kink is near
        (lambda x: x**3, (-2.0,)),
        (lambda x: relu(x) ** 2, (0.0,)),  # once differentiable in spite of the kink of relu
    ],
)
def test_no_false_alarm_near_edges(f, args):
    check_grads(f, args, order=1)


# Planted bugs


def planted(name, position, change):
    """A copy of the table's operation whose derivative by one operand is changed."""
    rule = TABLE[name].primitive
    right = rule.derivatives[position]

    def wrong(out, *inputs):
        local = 0 if right is None else right(out, *inputs)
        return [change(x, inputs) for x in local] if isinstance(local, list | tuple) else change(local, inputs)

    derivatives = [wrong if k == position else d for k, d in enumerate(rule.derivatives)]
    options = {key: getattr(rule, key) for key in ("name", "symbol", "latex", "precedence", "domain", "kink", "variadic")}
    return primitive(derivatives=derivatives, **options)(rule.compute)


def first_number(inputs):
    while isinstance(inputs, list | tuple):
        inputs = inputs[0]
    return inputs


BUGS = {
    "sign": lambda local, inputs: -local,
    "factor": lambda local, inputs: 1.0001 * local,
    "missing term": lambda local, inputs: local - 0.001,
    "missing": lambda local, inputs: 0 * local,
    "off at one region": lambda local, inputs: local + 0.5 * autograd_lite.greater(first_number(inputs), 0),
}


class EnoughError(Exception):
    """Ends a search."""


CASES = [
    (name, position, bug)
    for name, operation in TABLE.items()
    for position, derivative in enumerate(operation.primitive.derivatives)
    for bug in BUGS
    if derivative is not None or bug in ("missing term", "off at one region")  # a factor of no derivative is no bug
]


@pytest.mark.parametrize(("name", "position", "bug"), CASES)
def test_planted_bug_is_found_and_named(name, position, bug):
    operation = planted(name, position, BUGS[bug])
    enough = settings.default.max_examples // 25
    found = 0

    @settings(max_examples=500 * enough, suppress_health_check=SLOW_IS_FINE, database=None, phases=[Phase.generate])
    @given(
        functions(3, [operation, TABLE["greater"]], max_nodes=2) if name == "where" else functions(3, [operation], max_nodes=1)
    )
    def find(call):
        nonlocal found
        if found == enough:
            raise EnoughError
        node = call(*map(Value, call.point))
        if node.op != name:
            return
        right = TABLE[name](*node.operands).local_derivatives
        harm = [
            abs(a - b) / max(1.0, abs(b))
            for a, b, parent in zip(node.local_derivatives, right, node.parents, strict=True)
            if not parent.is_constant
        ]
        if max(harm) < 1e-5:
            return
        report = message(lambda *inputs: 100 * tanh(call(*inputs) / 100) + autograd_lite.sum(inputs), call.point, order=1)
        assert f"fault         the rule of {name!r}" in report
        assert f"where         {name}(" in report
        found += 1

    with pytest.raises(EnoughError):
        find()


def number(x):
    return x.data if isinstance(x, Value) else x


def detached(name):
    """A copy of the table's operation whose rules give the right numbers, cut off from their operands."""

    def cut(rule):
        def wrong(*numbers):
            return rule(*[[*map(number, x)] if isinstance(x, list | tuple) else number(x) for x in numbers])

        return wrong

    rule = TABLE[name].primitive
    options = {key: getattr(rule, key) for key in ("name", "domain", "kink", "variadic")}
    return primitive(derivatives=[d and cut(d) for d in rule.derivatives], **options)(rule.compute)


CURVED = [
    name
    for name in TABLE
    if name not in ("add", "sub", "neg", "identity", "abs", "relu", "maximum", "minimum", "where", "sum")
    and any(TABLE[name].primitive.derivatives)
]


@pytest.mark.parametrize("name", CURVED)
def test_rule_that_cannot_be_differentiated_is_found_at_the_second_order(name):
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
