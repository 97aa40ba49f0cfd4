"""check_grads is silent on every correct function, at any scale, beside edges, kinks and gaps."""

import inspect
import math
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

import autograd_lite
from autograd_lite import check_grads, primitive, relu, sqrt, where
from autograd_lite.basics.domains import NON_NEGATIVE
from autograd_lite.ops import TABLE
from autograd_lite.strategies import functions

SLOW_IS_FINE = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]


@settings(
    max_examples=(4 if settings.default.max_examples < 1000 else 10) * settings.default.max_examples,
    suppress_health_check=SLOW_IS_FINE,
)
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
def test_wrong_derivative_at_any_scale(message, name, x):
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


def test_a_wrong_derivative_that_has_lost_digits_is_found(message):
    @primitive(derivatives=[lambda out, x: (x + 1e12) - 1e12 + 0.1])
    def off(x):
        return x * x / 2

    assert "the rule of 'off'" in message(off, (1.1,), order=1)


@pytest.mark.parametrize("x", [1.3, 2.49])
@pytest.mark.parametrize("far", [5.8, 5.98749, 6.1])
def test_what_is_flat_on_the_one_side_that_there_is_far_away_need_not_be_so_here(x, far):
    """Below 1 there is no acosh, and above the point erf is 1: a step that reaches so far tells nothing of the point."""
    erf, acosh, sech_squared = autograd_lite.erf, autograd_lite.acosh, TABLE["sech_squared"]
    offset = far - 2.5 * acosh(x)
    check_grads(lambda x: erf(2.5 * acosh(x) + offset), (x,))
    check_grads(lambda x: sech_squared(erf(2.5 * acosh(x) + offset)), (x,))


def test_a_derivative_that_is_nothing_but_rounding_is_no_obstacle():
    """The angle does not depend on y: the derivative by it is a unit in the last place or none, now and then."""
    gated, softplus = TABLE["gated"], autograd_lite.softplus
    power = lambda x, y, z: z ** autograd_lite.atan2(y, x * y)  # noqa: E731
    check_grads(lambda x, y, z: gated(power(x, y, z), softplus(power(x, y, z))), (1.707, 2.615, 3.156))


@settings(max_examples=settings.default.max_examples // 8)
@given(st.floats(0.05, 3), st.floats(-3, 3))
@example(0.113, 1.621)
def test_an_argument_that_has_no_part_in_the_result_but_for_rounding_is_no_obstacle(x, y):
    check_grads(lambda x, y: autograd_lite.atan2(x * y, x), (x, y))


def test_tiny_derivatives_have_no_digits_to_check():
    erf, sinh = autograd_lite.erf, autograd_lite.sinh
    check_grads(lambda x: erf(erf(sinh(x))), (3.999,))
    check_grads(lambda x: autograd_lite.minimum(1.383, erf(sinh(x))), (3.999,))


@settings(max_examples=settings.default.max_examples // 8)
@given(st.floats(-9, 4), st.floats(24, 30))
@example(-8.884647, 25.428836295)
def test_a_tiny_share_of_a_large_whole_is_no_obstacle(x, more):
    check_grads(lambda x, y: autograd_lite.logsumexp([x, y]), (x, x + more))


@settings(max_examples=settings.default.max_examples // 8)
@given(st.floats(-0.99, -0.9), st.floats(18.8, 20))
@example(-0.95, 19.0)
def test_what_is_as_high_far_away_to_both_sides_need_not_be_so_in_between(x, height):
    """Neither at the point nor two steps farther on anything moves as far as digits show; in between there is no value."""
    steepness = height / (x * x - 0.25)
    check_grads(lambda x: sqrt(autograd_lite.tanh(steepness * (x * x - 0.25))), (x,))


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


def test_choice_that_stays_is_no_kink():
    check_grads(lambda x: where(autograd_lite.greater(x, 0), x, autograd_lite.exp(x)), (-1.0,))


def test_at_the_edge_of_a_domain_the_derivative_is_that_from_inside():
    @primitive(derivatives=[lambda out, x: autograd_lite.exp(x)], domain=[NON_NEGATIVE])
    def half_exponential(x):
        if x < 0:
            raise ValueError("negative")
        return math.exp(x)

    check_grads(half_exponential, (0.0,))
    check_grads(lambda x: half_exponential(-x), (0.0,))


def test_operation_that_is_not_real_beside_the_point():
    @primitive(derivatives=[lambda out, x: 0.5 / out])
    def root(x):
        return x**0.5

    check_grads(root, (0.01,))


@pytest.mark.parametrize(
    ("f", "x"),
    [
        (lambda x: autograd_lite.sin(1e9 * x), 1.0),
        (lambda x: autograd_lite.sin(1e9 * x), 0.37),
        (autograd_lite.sin, 1e13),
        (autograd_lite.cos, -1e15),
        (autograd_lite.tan, 1.5707),
        (autograd_lite.tan, 1.570796326),
        (lambda x: relu(x) ** 3, 0.0),
        (lambda x: autograd_lite.abs(x) ** 3, 0.0),
        (lambda x: where(autograd_lite.greater(x, 0), x**3, x**4), 0.0),
        (lambda x: autograd_lite.exp(-1e6 * x * x), 5e-4),
        (lambda x: autograd_lite.exp(-1e6 * x * x), 0.1),
        (lambda x: sqrt(x * x + 1e-16), 0.0),
        (lambda x: (1 - autograd_lite.cos(x)) / x**2, 1e-4),  # catastrophic cancellation
        (lambda x: x**2 * autograd_lite.sin(1 / x), 1e-3),
        (lambda x: 1e300 * x, 1.5),
        (lambda x: 1e-300 * autograd_lite.sin(x), 1.5),
        (lambda x: 1 + 1e-12 * autograd_lite.sin(x), 1.5),
        (autograd_lite.sigmoid, 40.0),
        (autograd_lite.softplus, -700.0),
        (autograd_lite.cos, 0.0),
        (lambda x: x**4 + 5, 0.0),
    ],
)
def test_no_false_alarm_for_what_is_fast_steep_flat_or_small(f, x):
    check_grads(f, (x,))


@pytest.mark.parametrize("frequency", [1e5, 3e8, 1e9])
def test_no_false_alarm_for_a_product_with_what_oscillates(frequency):
    """By both inputs one step suits no difference: for the one it is too large before it is too small for the other."""
    check_grads(lambda x, y: autograd_lite.sin(frequency * x) * y, (1.0, 2.0))


def test_differences_of_the_function_alone_that_no_rule_bears_out_are_no_obstacle():
    check_grads(lambda x: x * x + 1e-9 * autograd_lite.sin(1e7 * x), (12345.6,))


@pytest.mark.parametrize(
    ("f", "args"),
    [
        (lambda x: relu(x) ** 2, (0.0,)),
        (lambda x: x * autograd_lite.abs(x), (0.0,)),
        (lambda x: autograd_lite.sin(x) + 1e13, (1.0,)),
        (lambda x: autograd_lite.sin(x) + 1e16, (1.0,)),
        (lambda x: autograd_lite.sin(1e15 * x), (1.1,)),
        (autograd_lite.tan, (math.pi / 2,)),
        (lambda x: where(autograd_lite.greater(x, 0), 1 + x, x), (0.0,)),
        (lambda x: (autograd_lite.exp(x) - 1) / x, (1e-9,)),
        *[(autograd_lite.sin, (x,)) for x in (1e22, 1e100, 1e200, 1e300)],
        (sqrt, (1e-300,)),
        (lambda x: 1 / x, (1e-150,)),
        (autograd_lite.exp, (700.0,)),
    ],
)
def test_right_rules_are_accused_of_nothing_where_there_is_no_verdict(f, args):
    with suppress(autograd_lite.NotCheckableError):
        check_grads(f, args)


EXTREME = {
    "1 / x": lambda x: 1 / x,
    "log x": autograd_lite.log,
    "x log x": lambda x: x * autograd_lite.log(x),  # far away its second derivative is computed as twice what it is
    "x ** 3": lambda x: x**3,
    "x ** -2": lambda x: x**-2,
    "1 / (1 + x²)": lambda x: 1 / (1 + x * x),
    "small / x²": lambda x: 1e-200 / x**2,
    "hypot": lambda x: autograd_lite.hypot(x, x),
}


@pytest.mark.parametrize("name", EXTREME)
def test_no_false_alarm_where_a_derivative_is_too_large_or_too_small_for_a_float(name):
    for x in (1e-300, 1e-100, 1e200, 1.7e308):
        with suppress(autograd_lite.NotCheckableError, ArithmeticError):  # there may be no value
            check_grads(EXTREME[name], (x,))


OPERATIONS = [
    name for name, operation in TABLE.items() if not (operation.primitive.stops_gradient or operation.primitive.variadic)
]


@pytest.mark.parametrize("name", OPERATIONS)
def test_no_operation_is_accused_next_to_a_power_of_two_or_far_out(name):
    count = sum(p.default is p.empty for p in inspect.signature(TABLE[name].primitive.compute).parameters.values())
    for x in (math.nextafter(1, 0), 4e15, 1e17):
        with suppress(autograd_lite.NotCheckableError, ArithmeticError):  # there may be no value, or no derivative
            check_grads(TABLE[name], (x, 0.75, 2.0)[:count])


@pytest.mark.parametrize(
    ("f", "x", "order"), [(lambda x: relu(x) ** 2, 5e-324, 2), (lambda x: x**x, 2.3e-308, 1), (lambda x: x % x, 5e-324, 1)]
)
def test_no_false_alarm_where_the_smallest_step_is_larger_than_the_input(f, x, order):
    with suppress(autograd_lite.NotCheckableError):
        check_grads(f, (x,), order=order)


@given(st.floats(-18, -10), st.floats(1, 9), st.floats(1, 9), st.floats(1, 9))
def test_no_false_alarm_where_the_terms_of_a_sum_cancel(exponent, x, y, z):
    """The noise within the sum is that of its terms, and larger than a unit in the last place of what is left of them."""
    check_grads(lambda t, x, y, z: autograd_lite.dot([t, x, -x], [y, x * y, x * y], z), (10**exponent, x, y, z))
    check_grads(lambda t, x, y, z: autograd_lite.sum([t, x * y, -y * x, z]), (10**exponent, x, y, z), order=1)


@given(st.sampled_from([1e3, 1e7, 1e10]), st.floats(0.5, 2), st.floats(0.1, 1))
def test_no_false_alarm_where_an_operation_of_ones_own_cancels(large, x, offset):
    rules = [lambda out, x: autograd_lite.cos(x)]
    by_math = primitive(derivatives=rules, name="by_math")(lambda x: (math.sin(x) + large) - large + offset)
    by_operators = primitive(derivatives=[lambda out, x: 2 * x])(lambda x: (x * x + large) - large + offset)
    for f in (by_math, by_operators):
        with suppress(autograd_lite.NotCheckableError):
            check_grads(f, (x,), order=1)


@pytest.mark.parametrize("distance", [1e-6, 1e-9])
@pytest.mark.parametrize("side", [-1, 1])
def test_a_branch_in_python_next_to_the_point_is_no_part_that_is_not_recorded(side, distance):
    for f in (lambda x: x * x if x > 1 else 2 * x - 1, lambda x: x**3 if x > 1 else 3 * x * x - 3 * x + 1):
        with suppress(autograd_lite.NotCheckableError):
            check_grads(f, (1 + side * distance,))


def test_what_overflows_on_the_way_is_named():
    with pytest.raises(autograd_lite.NotCheckableError, match=r"leaves the range of floats on the way: mul\(.*\) = inf, built"):
        check_grads(EXTREME["1 / (1 + x²)"], (1.7e308,))


@pytest.mark.parametrize("slope", [math.inf, math.nan])
def test_a_rule_that_gives_no_finite_number_where_there_is_one_is_accused(message, slope):
    wrong = primitive(derivatives=[lambda out, x: slope], name="wrong")(math.tanh)
    for x in (0.5, 1e-200, 2.0):
        assert f"the rule of 'wrong' for its operand x gives {slope}" in message(wrong, (x,), order=1)
