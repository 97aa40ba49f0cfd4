"""check_grads: silent on every correct function, and it finds and names every planted bug."""

import itertools
import math
import random
import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

import autograd_lite
from autograd_lite import NotCheckableError, Value, check_gradient, check_grads, no_grad, primitive, relu, sqrt, tanh, where
from autograd_lite.checking import RTOL, Check, Local, Subject, is_kink, kink_along, name_of, numerical_derivative
from autograd_lite.domains import NON_NEGATIVE
from autograd_lite.numerical import Estimate
from autograd_lite.ops import TABLE
from autograd_lite.strategies import Function, functions
from autograd_lite.strategies.function import Input, Step
from autograd_lite.strategies.growing import numbers

SLOW_IS_FINE = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]


def message(f, args, kind=AssertionError, **options):
    with pytest.raises(kind) as failure:
        check_grads(f, args, **options)
    assert type(failure.value) is kind
    return re.sub(rf"({re.escape(__file__)}:\d+): .*", r"\1", str(failure.value))  # without this file's text, quoted in it


# No false alarm


@settings(max_examples=10 * settings.default.max_examples, suppress_health_check=SLOW_IS_FINE)
@given(functions(3, list(TABLE.values()), max_nodes=10))
def test_no_false_alarm(f):
    check_grads(f, f.point)


def test_no_false_alarm_where_disturbances_could_cancel():
    """A number near 1 and its reciprocal, disturbed alike, hide how much rounding the logarithm sees."""
    gelu, log, reciprocal = (TABLE[name] for name in ("gelu", "log", "reciprocal"))
    prod, minimum = autograd_lite.prod, autograd_lite.minimum
    check_grads(lambda x, y, z: log(reciprocal(0.125 ** minimum(gelu(prod([y + z, y, y])), x + x))), (0.063, -1.977, 0.0))


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


@primitive(derivatives=[lambda out, x: (x + 1e12) - 1e12])
def rounded(x):
    return x * x / 2


@pytest.mark.parametrize(
    "f", [rounded, lambda x: [2 * x, rounded(x)], lambda x, y: [rounded(y), x], lambda x, y, z: [x, rounded(y), z]]
)
def test_a_right_derivative_may_have_lost_digits_of_which_the_function_has_more(f):
    args = (1.1, 1.7, 0.6)[: f.__code__.co_argcount] if f is not rounded else (1.1,)
    check_grads(f, args, order=1)


def test_a_wrong_derivative_that_has_lost_digits_is_found():
    @primitive(derivatives=[lambda out, x: (x + 1e12) - 1e12 + 0.1])
    def off(x):
        return x * x / 2

    assert "the rule of 'off'" in message(off, (1.1,), order=1)


def test_tiny_derivatives_have_no_digits_to_check():
    erf, sinh = autograd_lite.erf, autograd_lite.sinh
    check_grads(lambda x: erf(erf(sinh(x))), (3.999,))
    check_grads(lambda x: autograd_lite.minimum(1.383, erf(sinh(x))), (3.999,))


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
    "off at one region": lambda local, inputs: local + 0.5 * autograd_lite.greater(first_number(inputs[-1]), 0),
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


def calls(operation, position):
    """One call of an operation, in which the operand at `position` matters."""
    if (operation.primitive.name, position) != ("where", 2):
        return functions(3, [operation], max_nodes=1)
    false = Step(TABLE["greater"], (Input(0), 5.0))
    output = Step(operation, (false, Input(1), Input(2)))
    return st.tuples(numbers(), numbers(), numbers()).map(lambda point: Function(output, point))


@pytest.mark.parametrize(("name", "position", "bug"), CASES)
def test_planted_bug_is_found_and_named(name, position, bug):
    operation = planted(name, position, BUGS[bug])
    enough = settings.default.max_examples // 25
    found = 0

    @settings(max_examples=500 * enough, suppress_health_check=SLOW_IS_FINE, database=None, phases=[Phase.generate])
    @given(calls(operation, position))
    def find(call):
        nonlocal found
        if found == enough:
            raise EnoughError
        node = call(*map(Value, call.point))
        right = TABLE[name](*node.operands).local_derivatives
        harm = [
            abs(a - b) / max(1.0, abs(b))
            for a, b, parent in zip(node.local_derivatives, right, node.parents, strict=True)
            if not parent.is_constant
        ]
        if max(harm, default=0) < 1e-5:
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


# The report


@primitive(derivatives=[lambda out, x: 3 * x])
def wrong_cube(x):
    return x**3


def test_derivatives_are_checked_to_the_second_order_unless_another_is_asked_for():
    cosine = primitive(derivatives=[lambda out, x: -math.sin(number(x))], name="cosine")(math.cos)
    sine = primitive(derivatives=[lambda out, x: cosine(x)], name="sine")(math.sin)
    check_grads(sine, (1.0,))
    assert "order 3" in message(sine, (1.0,), order=3)


def test_a_function_is_called_by_what_it_shows_of_itself_or_by_its_name():
    class Named:
        def __init__(self, x):
            self.x = x

        def __repr__(self):
            return "Named(...)"

    assert name_of(Function(Step(TABLE["sin"], (Input(0),)), (1.0,)), "f") == "lambda x0: sin(x0)"
    assert name_of(Named(1.0), "f") == "Named(...)"
    assert [name_of(f, "f") for f in (message, Named, math.sin, relu)] == ["message", "Named", "sin", "relu"]
    assert [name_of(f, "f") for f in (lambda x: x, object())] == ["f", "f"]


def test_report_of_a_wrong_derivative():
    def loss(parameters, scale):
        return scale * wrong_cube(parameters["w"][1] + parameters["b"]) + parameters["w"][0]  # the line

    with pytest.raises(AssertionError) as failure:
        check_grads(loss, ({"w": [1.0, 1.5], "b": 0.5}, 2.0))
    report = re.sub(r"± \S+", "± …", str(failure.value)).replace(__file__, "file").splitlines()
    line = int(report[6].partition("file:")[2].partition(":")[0])
    assert line == loss.__code__.co_firstlineno + 1
    assert report == [
        "a derivative of loss is wrong",
        "  by            args[0]['w'][1], order 1, fwd mode",
        "  at            args = ({'w': [1.0, 1.5], 'b': 0.5}, 2.0)",
        "  analytic      12.0",
        "  numerical     24 ± …",
        "  fault         the rule of 'wrong_cube' for its operand x gives 6.0, numerically 12 ± …",
        f"  where         wrong_cube(2.0) = 8.0, built at file:{line}: "
        'return scale * wrong_cube(parameters["w"][1] + parameters["b"]) + parameters["w"][0]  # the line',
        "  reproduce     check_grads(loss, ({'w': [1.0, 1.5], 'b': 0.5}, 2.0), order=1, modes=('fwd',))",
    ]


def test_the_line_of_the_report_reproduces_it():
    report = message(wrong_cube, (2.0,), rtol=1e-5, atol=1e-7)
    line = report.splitlines()[-1].removeprefix("  reproduce     ")
    assert line == "check_grads(wrong_cube, (2.0,), order=1, modes=('fwd',), rtol=1e-05, atol=1e-07)"
    with pytest.raises(AssertionError, match="a derivative of wrong_cube is wrong"):
        eval(line)


def test_tolerances_are_told_where_they_are_not_the_usual_ones():
    assert message(wrong_cube, (2.0,), rtol=1e-7).endswith("modes=('fwd',), rtol=1e-07)")
    assert message(wrong_cube, (2.0,), atol=1e-7).endswith("modes=('fwd',), atol=1e-07)")
    assert message(wrong_cube, (2.0,), rtol=1e-6, atol=0.0).endswith("modes=('fwd',))")


def test_smallest_sub_expression_is_named_and_not_its_consequences():
    report = message(lambda x: autograd_lite.exp(autograd_lite.sin(wrong_cube(x)) * x), (0.7,), modes=("rev",))
    assert "the rule of 'wrong_cube'" in report
    assert "where         wrong_cube(args[0]=0.7)" in report
    assert "rev mode" in report


def test_second_order_fault_names_the_rule():
    @primitive(derivatives=[lambda out, x: math.cos(number(x))])
    def sine(x):
        return math.sin(x)

    check_grads(sine, (1.0,), order=1)
    assert "the rule of 'sine' for its operand x is right" in message(lambda x: sine(tanh(x) * x), (1.0,))
    report = message(lambda x: 2 * sine(x), (1.0,))
    assert "by            args[0], then by args[0], order 2" in report
    assert "the rule of 'sine' for its operand x is right, but not its own derivative by x: 0.0, numerically -0.841" in report


def test_rule_that_fails_on_values_is_named():
    @primitive(derivatives=[lambda out, x: math.cos(x)])
    def sine(x):
        return math.sin(x)

    report = message(lambda x: 2 * sine(x), (1.0,))
    assert "the rule of 'sine' for its operand x is right but cannot be differentiated: TypeError" in report
    assert "reproduce     check_grads(f, (1.0,), order=2, modes=('fwd',))" in report


def test_rule_that_fails_on_numbers_is_named():
    @primitive(derivatives=[lambda out, x: 2 * out / x])
    def square(x):
        return x * x

    report = message(lambda x: square(x) + x, (0.0,))
    assert (
        "fault         the rule of 'square' fails: DivisionByZeroError: square(args[0]=0.0): derivative 0 of 'square'" in report
    )
    assert "float division by zero" in report


def test_rule_that_is_wrong_and_fails_on_values_is_named():
    @primitive(derivatives=[lambda out, x: math.sin(x)])
    def sine(x):
        return math.sin(x)

    assert "the rule of 'sine' for its operand x gives 0.841" in message(lambda x: 2 * sine(x), (1.0,))


def test_wrong_derivative_of_one_output_of_many():
    report = message(lambda x: {"a": x, "b": [x * x, wrong_cube(x)]}, (2.0,), order=1)
    assert "by            args[0] of output ['b'][1], order 1" in report


def test_arrays_and_higher_orders_are_named():
    numpy = pytest.importorskip("numpy")
    check_grads(lambda a: (a * a).sum(), (numpy.array([[1.0, 2.0], [3.0, 4.0]]),))
    report = message(lambda a: (a * a).sum() + wrong_cube(a[1, 0]), (numpy.array([[1.0, 2.0], [3.0, 4.0]]),))
    assert "by            args[0][1, 0], order 1" in report

    @primitive(derivatives=[lambda out, x, y: number(x) * y * y * 2, lambda out, x, y: x * x * y * 2])
    def crossed(x, y):
        return x * x * y * y

    report = message(lambda v: crossed(v[0], v[1]), ([1.0, 3.0],))
    assert "by            args[0][0], then by args[0][0], order 2" in report


@pytest.mark.parametrize(
    ("f", "args"),
    [
        (lambda x: Value(x.data) ** 2, (3.0,)),
        (lambda x: Value(-x.data), (3.0,)),
        (lambda x, y: Value(y.data), (3.0, 1.0)),
        (lambda x: Value(math.sqrt(4 - x.data)), (4 - 1e-3,)),
        (lambda x: Value(math.sqrt(x.data)), (1e-3,)),
    ],
)
def test_a_function_of_which_nothing_is_recorded(f, args):
    assert "so a part of the function is not recorded" in message(f, args)


def test_which_derivative_it_is_is_told_from_its_place():
    """The derivatives of order n by the inputs in turn, of the first output first, the latest input fastest."""
    subject = Subject(lambda x, y: {"p": x + y, "q": [x * y]}, (1.0, 2.0), Value)
    subject.inspect()
    first, second, third = (Check(subject, [subject.function] * order, RTOL, 0.0) for order in (1, 2, 3))
    outputs = ["['p']", "['q'][0]"]
    for place, output in enumerate(outputs):
        assert first.names(1, place) == f"args[1] of output {output}"
    for place, (output, i) in enumerate(itertools.product(outputs, [0, 1])):
        assert second.names(0, place) == f"args[{i}], then by args[0] of output {output}"
    for place, (output, i, j) in enumerate(itertools.product(outputs, [0, 1], [0, 1])):
        assert third.names(1, place) == f"args[{i}], then by args[{j}], then by args[1] of output {output}"


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
    assert kink_along(Local.of(autograd_lite.maximum(operands[operand], operands[1 - operand])), operand) is kink


@pytest.mark.parametrize("operand", [0, 1])
@pytest.mark.parametrize(
    ("distance", "jumps"), [(2.0**-24, True), (-(2.0**-24), True), (2.0**-22, False), (-(2.0**-22), False)]
)
def test_a_jump_is_at_a_point_if_it_is_as_close(distance, jumps, operand):
    operands = Value(0.0), Value(distance)
    assert kink_along(Local.of(autograd_lite.greater(*operands)), operand) is jumps


def test_derivatives_from_two_sides_differ_by_more_than_a_thousandth_and_their_errors():
    def kink(left, right, error=0.0, truncation=0.0):
        return is_kink(Estimate(left, truncation, error), Estimate(right, truncation, error))

    assert kink(1000.0, 1001.1)
    assert kink(-1001.1, -1000.0)
    assert not kink(1000.0, 1000.9)
    assert not kink(-1000.0, -1000.9)
    assert not kink(0.0, 0.0)
    assert not kink(0.0, 1.0, error=0.2)
    assert kink(0.0, 1.0, error=0.05)
    assert not kink(0.0, 10.0, truncation=0.1)


def test_a_narrow_peak_that_is_not_recorded_is_found_though_it_is_flat_to_both_sides():
    def peak(x):
        return autograd_lite.exp(-((x / 1e-3) ** 2))

    check_grads(peak, (5e-4,))
    assert "numerical     -778.8007831" in message(lambda x: peak(x.data) + 0 * x, (5e-4,))


def test_a_part_that_is_not_recorded():
    report = message(lambda x: x * Value(x.data), (3.0,))
    assert "every recorded operation has the right derivative, so a part of the function is not recorded" in report
    report = message(lambda x: 2 * x.data, (3.0,))
    assert "analytic      0" in report


# No verdict


def verdictless(f, args, **options):
    return message(f, args, NotCheckableError, **options)


@pytest.mark.parametrize(
    ("f", "point", "kink"),
    [
        (relu, 0.0, "relu(args[0]=0.0)"),
        (autograd_lite.abs, 0.0, "abs(args[0]=0.0)"),
        (lambda x: 3 * autograd_lite.leaky_relu(x - 1), 1.0, "leaky_relu(0.0)"),
        (lambda x: autograd_lite.maximum(x, 2 - x), 1.0, "maximum(args[0]=1.0, 1.0)"),
        (lambda x: autograd_lite.sign(x) * (1 + x), 0.0, "sign(args[0]=0.0)"),
        (lambda y: autograd_lite.atan2(y, -0.5), 0.0, "atan2(args[0]=0.0, -0.5)"),
    ],
)
def test_kink_is_reported_as_one(f, point, kink):
    report = verdictless(f, (point,), order=1)
    assert "is not differentiable here: " + kink in report
    assert re.search(r"has a kink, built at .*test_checking.py:\d+$", report)


def test_kink_of_a_primitive_that_does_not_declare_it():
    @primitive(derivatives=[lambda out, x: 1 if x > 0 else -1])
    def bent(x):
        return x if x > 0 else -x

    assert "bent(args[0]=0.0)" in verdictless(bent, (0.0,), order=1)


def test_kink_of_a_branch_in_python():
    report = verdictless(lambda x: x * x if x > 1 else x, (1.0,))
    assert "its derivative by args[0] is 1 ± " in report
    assert "from the left and 2 ± " in report


def test_wrong_rule_beside_a_kink_is_still_found():
    assert "the rule of 'wrong_cube'" in message(lambda x: relu(x - 2) + wrong_cube(x), (2.0,))


def test_kink_that_shows_in_the_second_order_only():
    check_grads(lambda x: relu(x) * x, (0.0,), order=1)
    assert "is not differentiable here: relu(args[0]=0.0)" in verdictless(lambda x: relu(x) * x, (0.0,))


def test_choice_that_stays_is_no_kink():
    check_grads(lambda x: where(autograd_lite.greater(x, 0), x, autograd_lite.exp(x)), (-1.0,))


@pytest.mark.parametrize(("f", "point"), [(sqrt, 0.0), (autograd_lite.asin, 1.0), (autograd_lite.cbrt, 0.0)])
def test_infinite_derivative_is_reported_as_one(f, point):
    assert "has no finite derivative here: that of" in verdictless(f, (point,))


def test_jump_is_reported():
    assert "It jumps here" in verdictless(lambda x: x + (1 if x > 0 else 0), (0.0,))


def test_not_deterministic():
    generator = random.Random(0)
    assert "is not deterministic: called twice with (1.0,)" in verdictless(lambda x: x * generator.random(), (1.0,))
    assert "is not deterministic: called twice with (1.1920928955078125e-07,)" in verdictless(
        lambda x: x * generator.random(), (0.0,)
    )


def test_not_a_number():
    report = verdictless(lambda x: x + autograd_lite.exp(x) * math.nan, (1.0,))
    assert "returned nan at args = (1.0,): mul(" in report
    assert re.search(r"= nan, built at .*test_checking.py:\d+$", report)
    assert "returned [1.0, inf]" in verdictless(lambda x: [x, math.inf], (1.0,))
    assert "args[1] is nan" in verdictless(lambda x, y: x * y, (1.0, math.nan))


def test_no_inputs():
    assert "f has no inputs: there is no number in args = ([],)" in verdictless(lambda x: 1.0, ([],))


def test_result_that_does_not_depend_on_the_arguments():
    outer = Value(2.0)
    assert "does not depend on its arguments" in verdictless(lambda x: 3.0, (1.0,))
    assert "does not depend on its arguments" in verdictless(lambda x: outer * outer, (1.0,))
    check_grads(lambda x, y: y * outer, (1.0, 2.0))


def test_changed_arguments():
    def append(x):
        x.append(x[0])
        return x[0]

    def assign(x):
        x[0] = 2 * x[0]
        return x[0]

    def replace(x):
        x[0] = 1 * x[0]
        return x[0]

    def change_data(x):
        x[0].data += 1
        return x[0] * x[0]

    assert "changes its arguments: they were [1.0] before the call, [1.0, 1.0] after it" in verdictless(append, ([1.0],))
    assert "[2.0] after it" in verdictless(assign, ([1.0],))
    assert "replace changes its arguments" in verdictless(replace, ([1.0],))
    assert "[2.0] after it" in verdictless(change_data, ([1.0],))


def test_wrong_structures():
    assert "the result of f is None (NoneType)" in verdictless(lambda x: None, (1.0,))
    assert "returned no number" in verdictless(lambda x: [], (1.0,))
    lengths = itertools.cycle([1, 2])
    assert "not deterministic" in verdictless(lambda x: [x] * next(lengths), (1.0,))
    with pytest.raises(TypeError, match=r"args 1.0: expected a tuple of arguments; for a single one write \(x,\)"):
        check_grads(relu, 1.0)
    with pytest.raises(TypeError, match=r"args\[0\] is 'a' \(str\)"):
        check_grads(relu, ("a",))


@pytest.mark.parametrize("options", [{"order": 0}, {"order": 1.5}, {"modes": ()}, {"modes": ("reverse",)}])
def test_bad_options(options):
    with pytest.raises(ValueError, match=f"{next(iter(options))} .*: expected"):
        check_grads(relu, (1.0,), **options)


@pytest.mark.parametrize("name", ["rtol", "atol"])
@pytest.mark.parametrize("value", [-1e-9, math.nan, "1e-6", None, 1j])
def test_a_tolerance_is_a_number_from_0(name, value):
    for check in (lambda **options: check_grads(relu, (1.0,), **options),
                  lambda **options: check_gradient(abs, lambda x: 1.0, (1.0,), **options)):  # fmt: skip
        with pytest.raises(ValueError, match=rf"^{name} {value!r}: expected a number from 0$"):
            check(**{name: value})
        check(**{name: 0})


def test_what_is_no_function():
    with pytest.raises(TypeError, match=r"f is 3 \(int\): expected a function"):
        check_grads(3, (1.0,))


def test_derivative_that_cannot_be_computed():
    with no_grad(), pytest.raises(RuntimeError, match="no_grad"):
        check_grads(relu, (1.0,))


def test_function_that_fails_now_and_then():
    calls = itertools.count()

    def worn(x):
        if next(calls) == 5:
            raise ValueError("worn out")
        return x * x

    assert "derivative of worn cannot be computed at args = (1.0,), order 1: worn out" in verdictless(worn, (1.0,))


def test_operation_that_stays_where_it_cannot_be_checked_is_no_fault():
    @primitive(derivatives=[lambda out, x: 0])
    def one(x):
        return 1.0

    @primitive(derivatives=[lambda out, x: 5])
    def only_at_one(x):
        if x != 1:
            raise ValueError("undefined")
        return 2.0

    check_grads(lambda x: x * only_at_one(one(x)), (3.0,))
    assert "the rule of 'wrong_cube'" in message(lambda x: only_at_one(one(x)) * wrong_cube(x), (3.0,))


def test_domain_error_of_the_function_is_its_own():
    with pytest.raises(autograd_lite.errors.DomainError, match="log"):
        check_grads(autograd_lite.log, (-1.0,))


def test_at_the_edge_of_a_domain_the_derivative_is_that_from_inside():
    @primitive(derivatives=[lambda out, x: autograd_lite.exp(x)], domain=[NON_NEGATIVE])
    def half_exponential(x):
        if x < 0:
            raise ValueError("negative")
        return math.exp(x)

    check_grads(half_exponential, (0.0,))
    check_grads(lambda x: half_exponential(-x), (0.0,))


def test_isolated_point_has_no_numerical_derivative():
    report = verdictless(lambda x: sqrt(-x * x), (0.0,), order=1)
    assert "cannot be evaluated on either side of args[0] = 0.0" in report or "no finite derivative" in report
    with pytest.raises(ArithmeticError, match="cannot be evaluated on either side"):
        numerical_derivative(lambda x: math.sqrt(-x * x), 0.0)


# Hand-written gradients


def test_hand_written_gradient():
    def loss(w, x):
        return (w["a"] * x[0] + w["b"] * x[1]) ** 2

    def right(w, x):
        error = 2 * (w["a"] * x[0] + w["b"] * x[1])
        return {"a": error * x[0], "b": error * x[1]}, [error * w["a"], error * w["b"]]

    def wrong(w, x):
        by_w, by_x = right(w, x)
        return by_w, [by_x[1], by_x[0]]

    args = ({"a": 1.0, "b": 2.0}, [3.0, 5.0])
    check_gradient(loss, right, args)
    with pytest.raises(AssertionError) as failure:
        check_gradient(loss, wrong, args)
    report = str(failure.value)
    assert "a derivative of loss is wrong" in report
    assert "by            args[1][0], order 1, by wrong" in report
    assert "analytic      52.0" in report
    assert "numerical     26 ± " in report
    assert "reproduce     check_gradient(loss, wrong, ({'a': 1.0, 'b': 2.0}, [3.0, 5.0]))" in report


def test_hand_written_gradient_of_one_argument_and_of_plain_python():
    check_gradient(lambda x: math.sin(x[0]) * x[1], lambda x: [math.cos(x[0]) * x[1], math.sin(x[0])], ([0.5, 2.0],))
    check_gradient(lambda x: abs(x), lambda x: math.copysign(1, x), (-3.0,))
    with pytest.raises(NotCheckableError, match="from the left"):
        check_gradient(lambda x: abs(x), lambda x: 1.0, (0.0,))


def test_hand_written_gradient_is_held_to_what_can_be_measured():
    check_gradient(lambda x: (x + 1e10) - 1e10, lambda x: 1.0, (1.0,))
    with pytest.raises(AssertionError, match="a derivative of f is wrong"):
        check_gradient(lambda x: x * x, lambda x: 2.0001 * x, (1.0,))


def test_hand_written_gradient_beside_what_is_not_real():
    check_gradient(lambda x: x**0.5, lambda x: 0.5 * x**-0.5, (0.01,))
    with pytest.raises(AssertionError, match="a derivative of f is wrong"):
        check_gradient(lambda x: x**0.5, lambda x: 0.6 * x**-0.5, (0.01,))
    with pytest.raises(ArithmeticError, match=r"f returned .*j\), which is not a real number"):
        check_gradient(lambda x: x**0.5, lambda x: 0.5, (-0.01,))


def test_operation_that_is_not_real_beside_the_point():
    @primitive(derivatives=[lambda out, x: 0.5 / out])
    def root(x):
        return x**0.5

    check_grads(root, (0.01,))


def test_hand_written_gradient_in_the_wrong_structure():
    with pytest.raises(AssertionError, match=r"gradient returned 1.0: .* structure of the argument, \[1.0, 2.0\]"):
        check_gradient(lambda x: x[0] + x[1], lambda x: 1.0, ([1.0, 2.0],))
    with pytest.raises(AssertionError, match=r"in the structure of the arguments, as a tuple, \(1.0, 2.0\)"):
        check_gradient(lambda x, y: x + y, lambda x, y: [1.0], (1.0, 2.0))
    with pytest.raises(NotCheckableError, match="returned 2 numbers"):
        check_gradient(lambda x: [x, x], lambda x: 1.0, (1.0,))
    with pytest.raises(NotCheckableError, match="f changes its arguments"):
        check_gradient(lambda x: x.pop(), lambda x: [1.0], ([1.0],))
    with pytest.raises(NotCheckableError, match=r"gradient changes its arguments: they were \[1.0\] before"):
        check_gradient(lambda x: x[0], lambda x: [x.pop()], ([1.0],))


def test_hand_written_gradient_of_arrays():
    numpy = pytest.importorskip("numpy")
    point = numpy.array([[1.0, 2.0], [3.0, 4.0]])
    check_gradient(lambda a: (a**3).sum(), lambda a: 3 * a**2, (point,))
    with pytest.raises(AssertionError, match=r"by            args\[0\]\[1, 0\], order 1, by gradient"):
        check_gradient(lambda a: (a**3).sum(), lambda a: numpy.array([[3.0, 12.0], [0.0, 48.0]]), (point,))

    def halve(a):
        a /= 2
        return a.sum()

    with pytest.raises(NotCheckableError, match="halve changes its arguments"):
        check_gradient(halve, lambda a: 0.5 + 0 * a, (point,))


# Numerical derivatives by themselves


@pytest.mark.parametrize(
    ("f", "x", "expected"),
    [
        (math.exp, 1.0, math.e),
        (math.sin, 1e6, math.cos(1e6)),
        (math.log, 1e-8, 1e8),
        (lambda x: x**3, 0.0, 0.0),
        (math.sqrt, 1e-4, 50.0),
        (lambda x: 1e-150 * x * x, 2.0, 4e-150),
    ],
)
def test_numerical_derivative_and_its_error(f, x, expected):
    estimate = numerical_derivative(f, x)
    assert abs(estimate.value - expected) <= 5 * estimate.error
    assert estimate.error <= 1e-7 * max(abs(expected), abs(f(x)), 1e-20)
    assert estimate.converged
    assert estimate.contradicts(1.001 * expected + 1e-6 * (expected == 0), 0.0, 0.0)


def test_numerical_derivative_beside_a_gap_comes_from_the_steps_that_reach_beyond_it():
    def gap(x):
        if 0 < abs(x) < 2.0**-9:
            raise ValueError("undefined")
        return math.exp(x)

    estimate = numerical_derivative(gap, 0.0)
    assert abs(estimate.value - 1) <= 5 * estimate.error < 1e-6


@pytest.mark.parametrize("slope", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("offset", [0.0, 1e3])
def test_no_hand_written_slope_at_a_kink_is_confirmed(slope, offset):
    with pytest.raises(NotCheckableError, match="not differentiable here"):
        check_gradient(lambda x: offset + max(x, 0.0), lambda x: slope, (0.0,))


def test_what_is_round_close_by_is_no_kink():
    for width in (1e-6, 1e-8):
        check_gradient(lambda x: math.sqrt(x * x + width**2), lambda x: x / math.sqrt(x * x + width**2), (0.0,))  # noqa: B023
    check_gradient(lambda x: x * abs(x), lambda x: 2 * abs(x), (0.0,))


def test_a_gradient_that_is_no_function_is_named():
    with pytest.raises(TypeError, match=r"^gradient is \[2.0\] \(list\): expected a function"):
        check_gradient(lambda x: x * x, [2.0], (1.0,))


def test_an_array_without_dimensions_is_one_number():
    check_gradient(lambda x: float(x * x), lambda x: 2 * x, (np.array(3.0),))
    with pytest.raises(AssertionError, match=r"by +args\[0\], order 1"):
        check_gradient(lambda x: float(x * x), lambda x: 3 * x, (np.array(3.0),))
