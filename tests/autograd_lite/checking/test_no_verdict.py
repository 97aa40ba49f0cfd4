"""Where there is no derivative to compare with, check_grads says so and says why."""

import contextlib
import itertools
import math
import re

import pytest

import autograd_lite
from autograd_lite import NotCheckableError, check_gradient, check_grads, no_grad, primitive, relu, sqrt
from autograd_lite.numerical import numerical_derivative
from autograd_lite.ops import TABLE


@pytest.mark.parametrize(
    ("f", "point", "kink"),
    [
        (relu, 0.0, "relu(args[0]=0.0)"),
        (autograd_lite.abs, 0.0, "abs(args[0]=0.0)"),
        (lambda x: 3 * autograd_lite.leaky_relu(x - 1), 1.0, "leaky_relu(0.0)"),
        (lambda x: autograd_lite.maximum(x, 2 - x), 1.0, "maximum(args[0]=1.0, 1.0)"),
        (lambda x: autograd_lite.sign(x) * (1 + x), 0.0, "sign(args[0]=0.0)"),
        (lambda y: autograd_lite.atan2(y, -0.5), 0.0, "atan2(args[0]=0.0, -0.5)"),
        (lambda x: autograd_lite.clip(x, 1.0, 1.0), 1.0, "clip(args[0]=1.0, 1.0, 1.0)"),
    ],
)
def test_kink_is_reported_as_one(verdictless, f, point, kink):
    report = verdictless(f, (point,), order=1)
    assert "is not differentiable here: " + kink in report
    assert re.search(r"has a kink, built at .*(test_no_verdict|conftest).py:\d+$", report)


def test_kink_of_a_primitive_that_does_not_declare_it(verdictless):
    @primitive(derivatives=[lambda out, x: 1 if x > 0 else -1])
    def bent(x):
        return x if x > 0 else -x

    assert "bent(args[0]=0.0)" in verdictless(bent, (0.0,), order=1)


def test_kink_of_a_branch_in_python(verdictless):
    report = verdictless(lambda x: x * x if x > 1 else x, (1.0,))
    assert "its derivative by args[0] is 1 ± " in report
    assert "from the left and 2 ± " in report


def test_kink_that_shows_in_the_second_order_only(verdictless):
    check_grads(lambda x: relu(x) * x, (0.0,), order=1)
    assert "is not differentiable here: relu(args[0]=0.0)" in verdictless(lambda x: relu(x) * x, (0.0,))


SAME_TWICE = [autograd_lite.maximum, autograd_lite.minimum, TABLE["equal"], TABLE["greater"]]


@pytest.mark.parametrize(
    ("f", "args"),
    [
        (lambda x, y: autograd_lite.logsumexp([x, y]), (1.0, 2.0)),  # its rule asks whether a number is equal to itself
        (lambda x, y: autograd_lite.hypot(x, y), (0.0, 2.0)),
        *[(lambda x, f=f: sqrt(x) + f(x, x), (2.0,)) for f in SAME_TWICE],
    ],
)
def test_a_comparison_that_cannot_turn_out_otherwise_is_no_kink(verdictless, f, args):
    assert "rounding hides it" in verdictless(lambda *inputs: f(*inputs) + 1e16, args)


@pytest.mark.parametrize(("f", "point"), [(sqrt, 0.0), (autograd_lite.asin, 1.0), (autograd_lite.cbrt, 0.0)])
def test_infinite_derivative_is_reported_as_one(verdictless, f, point):
    assert "has no finite derivative here: that of" in verdictless(f, (point,))


def test_jump_is_reported(verdictless):
    assert "It jumps here" in verdictless(lambda x: x + (1 if x > 0 else 0), (0.0,))


def test_isolated_point_has_no_numerical_derivative(verdictless):
    report = verdictless(lambda x: sqrt(-x * x), (0.0,), order=1)
    assert "cannot be evaluated on either side of args[0] = 0.0" in report or "no finite derivative" in report
    with pytest.raises(ArithmeticError, match="cannot be evaluated on either side"):
        numerical_derivative(lambda x: math.sqrt(-x * x), 0.0)


def test_derivative_that_cannot_be_computed():
    with no_grad():
        check_grads(relu, (1.0,))  # records for itself


def test_what_overflows_on_the_way_to_a_derivative_is_said_to(verdictless):
    assert "numbers overflow on the way" in verdictless(lambda x: autograd_lite.log(autograd_lite.cosh(x)), (700.0,), order=3)


@pytest.mark.parametrize("x", [4e15, 1e17, -1e200])
def test_what_is_0_at_all_whole_numbers_is_no_verdict_where_all_floats_are_whole(verdictless, x):
    assert "varies between floats" in verdictless(autograd_lite.sinc, (x,))


def test_function_that_fails_now_and_then(verdictless):
    calls = itertools.count()

    def worn(x):
        if next(calls) == 5:
            raise ValueError("worn out")
        return x * x

    assert "derivative of worn cannot be computed at args = (1.0,), order 1: worn out" in verdictless(worn, (1.0,))


def test_domain_error_of_the_function_is_its_own():
    with pytest.raises(autograd_lite.errors.DomainError, match="log"):
        check_grads(autograd_lite.log, (-1.0,))


@pytest.mark.parametrize("shift", [1e13, 1e16, 1e300])
def test_what_rounding_hides_is_no_verdict_and_the_operation_is_named(verdictless, shift):
    report = verdictless(lambda x: autograd_lite.sin(x) + shift, (1.0,))
    assert "f has no numerical derivative by args[0] at args = (1.0,): rounding hides it (" in report
    assert re.search(r"It is lost in add\(0\.84147\d*, 1\S+\) = \S+, built at .*(test_no_verdict|conftest).py:\d+", report)


def test_what_is_hidden_and_does_not_matter_is_accepted_with_an_absolute_tolerance():
    with pytest.raises(NotCheckableError, match="pass an atol, if a derivative that small does not matter"):
        check_gradient(lambda x: 1 + 1e-16 * math.sin(x), lambda x: 1e-16 * math.cos(x), (1.0,))
    check_gradient(lambda x: 1 + 1e-16 * math.sin(x), lambda x: 1e-16 * math.cos(x), (1.0,), atol=1e-9)
    with pytest.raises(AssertionError, match="is wrong"):
        check_gradient(lambda x: 1 + 1e-16 * math.sin(x), lambda x: 1e-6, (1.0,), atol=1e-9)


@pytest.mark.parametrize("factor", [0.5, 1.0, 2.0])
def test_a_gradient_written_by_hand_that_rounding_hides_is_not_passed(factor):
    for shift in (1e13, 1e16):
        with pytest.raises(NotCheckableError, match="rounding hides it"):
            check_gradient(lambda x: math.sin(x) + shift, lambda x: factor * math.cos(x), (1.0,))  # noqa: B023
    with pytest.raises(NotCheckableError, match=r"rounding hides it|do not settle"):
        check_gradient(lambda x: (math.sin(x) + 1e13) - 1e13, lambda x: factor * math.cos(x), (1.0,))


def test_a_derivative_that_depends_on_how_close_one_looks_is_no_verdict():
    with pytest.raises(NotCheckableError, match=r"close by it is 1\.\d+ ± \S+, from farther away 0\.999999\d+ ± .* oscillates"):
        check_gradient(lambda x: x + 1e-9 * math.sin(1e9 * x), lambda x: 1.0, (0.3,))


@pytest.mark.parametrize(
    "f", [autograd_lite.stop_gradient, lambda x: x * autograd_lite.stop_gradient(x * x), lambda x: x.detach() * x]
)
def test_what_stops_gradients_by_intention_is_accused_of_nothing(verdictless, f):
    assert "passes nothing on by intention" in verdictless(f, (1.2,))


@pytest.mark.parametrize(("amplitude", "frequency", "x"), [(1e-9, 1e12, 1.0), (1e-15, 1e15, 0.37)])
def test_a_small_and_fast_part_that_differences_do_not_see_is_no_fault(verdictless, amplitude, frequency, x):
    report = verdictless(lambda x: x * x + amplitude * autograd_lite.sin(frequency * x), (x,))
    assert "No operation is wrong: it is rounded coarsely, or oscillates too fast" in report


def test_a_function_of_single_precision_is_accused_of_nothing():
    numpy = pytest.importorskip("numpy")

    @primitive(derivatives=[lambda out, x: 2 * x])
    def square(x):
        return float(numpy.float32(x) * numpy.float32(x) + numpy.float32(1000))

    for x in (0.001, 0.1, 0.9, 1.7):
        for f in (lambda x: square(x) * x + x, lambda x: autograd_lite.tanh(square(x) / 10)):
            with contextlib.suppress(NotCheckableError):
                check_grads(f, (float(numpy.float32(x)),))


@pytest.mark.parametrize("x", [0.9999, 1.00001, 1 - 1e-9, 2.0000001])
@pytest.mark.parametrize("fine", [1e3, 1e6, 1e12])
def test_what_consists_of_fine_steps_is_accused_of_nothing(x, fine):
    with contextlib.suppress(NotCheckableError):
        check_grads(lambda x: autograd_lite.floor(fine * x) / fine + x, (x,))


def test_an_operation_without_a_derivative_that_moves_is_accused(message):
    smooth = primitive(derivatives=[None], kink=lambda x: x, name="smooth")(math.sin)
    assert "the rule of 'smooth' for its operand x gives 0" in message(lambda x: smooth(x) + x, (1.0,))
