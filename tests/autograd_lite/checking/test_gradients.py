"""What a user asks for: the options of check_grads, and hand-written gradients in check_gradient."""

import contextlib
import math
import re

import numpy as np
import pytest

from autograd_lite import NotCheckableError, check_gradient, check_grads, primitive, relu
from autograd_lite.numerical.evaluation import number_in


def test_derivatives_are_checked_to_the_second_order_unless_another_is_asked_for(message):
    cosine = primitive(derivatives=[lambda out, x: -math.sin(number_in(x))], name="cosine")(math.cos)
    sine = primitive(derivatives=[lambda out, x: cosine(x)], name="sine")(math.sin)
    check_grads(sine, (1.0,))
    assert "order 3" in message(sine, (1.0,), order=3)


@pytest.mark.parametrize("options", [{"order": 0}, {"order": 1.5}, {"modes": ()}, {"modes": ("reverse",)}])
def test_bad_options(options):
    with pytest.raises(ValueError, match=f"^{next(iter(options))} must be .*, got {re.escape(repr(*options.values()))}$"):
        check_grads(relu, (1.0,), **options)


@pytest.mark.parametrize("name", ["rtol", "atol"])
@pytest.mark.parametrize("value", [-1e-9, math.nan, "1e-6", None, 1j])
def test_a_tolerance_is_a_number_from_0(name, value):
    kind = ValueError if isinstance(value, float) else TypeError
    for check in (lambda **options: check_grads(relu, (1.0,), **options),
                  lambda **options: check_gradient(abs, lambda x: 1.0, (1.0,), **options)):  # fmt: skip
        with pytest.raises(kind, match=rf"^{name} must be (a number|at least 0 and below inf), got {value!r}"):
            check(**{name: value})
        check(**{name: 0})


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
    with pytest.raises(TypeError, match=r"^gradient must be a function, got \[2.0\] \(list\)$"):
        check_gradient(lambda x: x * x, [2.0], (1.0,))


def test_an_array_without_dimensions_is_one_number():
    check_gradient(lambda x: float(x * x), lambda x: 2 * x, (np.array(3.0),))
    with pytest.raises(AssertionError, match=r"by +args\[0\], order 1"):
        check_gradient(lambda x: float(x * x), lambda x: 3 * x, (np.array(3.0),))


@pytest.mark.parametrize(
    ("f", "gradient", "x"),
    [
        (lambda x: float(np.sin(np.float32(x))), math.cos, 1.0),
        (lambda x: float(np.sin(np.float32(x))), lambda x: float(np.cos(np.float32(x))), 0.3),
        (lambda x: float(np.float32(100) + np.tanh(np.float32(x))), lambda x: 1 - math.tanh(x) ** 2, 1.3),
        (lambda x: round(math.sin(x), 6), math.cos, 1.0),
        (lambda x: math.sin(1e9 * x), lambda x: 1e9 * math.cos(1e9 * x), 1.0),
        (math.sin, math.cos, 1e13),
        (lambda x: max(x, 0.0) ** 2, lambda x: 2 * max(x, 0.0), 0.0),
        (lambda x: max(x, 0.0) + 3, lambda x: 0.0, -1e-3),
    ],
)
def test_a_function_with_noise_or_a_high_frequency_is_held_to_what_can_be_measured(f, gradient, x):
    check_gradient(f, gradient, (x,))
    for wrong in (lambda x: 1.01 * gradient(x) + 0.01, lambda x: 5.0):
        with pytest.raises(AssertionError, match=r"a derivative of .* is wrong"):
            check_gradient(f, wrong, (x,))


def test_a_gradient_of_0_is_wrong_though_a_float32_does_not_move_with_small_steps():
    for x in (0.3, 1.0, 7.7):
        with pytest.raises(AssertionError, match="is wrong"):
            check_gradient(lambda x: float(np.sin(np.float32(x))), lambda x: 0.0, (x,))


@pytest.mark.parametrize("x", [2.612245756033328, -0.8091960114500658, -1.9449739611369619, 1.0])
def test_single_precision_within_what_oscillates_is_accused_of_nothing(x):
    def log(x):
        return float(np.log(np.float32(abs(x)) + np.float32(0.5)))

    with contextlib.suppress(NotCheckableError):
        check_gradient(
            lambda x: math.sin(1e7 * log(x)), lambda x: 1e7 * math.cos(1e7 * log(x)) / (x + math.copysign(0.5, x)), (x,)
        )


def test_a_float32_gradient_of_arrays_is_right():
    def loss(w):
        return float(np.tanh(np.asarray(w, dtype=np.float32) * np.float32(0.5)).sum())

    def gradient(w):
        return (0.5 * (1 - np.tanh(np.asarray(w, dtype=np.float32) / 2) ** 2)).astype(float)

    check_gradient(loss, gradient, (np.array([0.1, -0.7, 1.3]),), rtol=1e-5)


@pytest.mark.parametrize("gradient", [lambda x: 0.0, lambda x: -0.0, math.cos])
@pytest.mark.parametrize("large", [1e16, -1e17, 1e20])
def test_of_what_a_large_number_hides_no_hand_written_gradient_is_right(gradient, large):
    with pytest.raises(NotCheckableError, match="rounding hides it"):
        check_gradient(lambda x: math.sin(x) + large, gradient, (1.0,))


@pytest.mark.parametrize(
    ("f", "gradient", "args"),
    [
        (lambda x: 5.0, lambda x: 0.0, (1.0,)),
        (lambda x, y: x * x, lambda x, y: (2 * x, 0.0), (1.0, 2.0)),
        (lambda x, y: 1e12 * x * x, lambda x, y: (2e12 * x, 0.0), (1.0, 2.0)),
        (lambda x: max(x, 0.0), lambda x: 0.0, (-1.0,)),
        (lambda x: x * x, lambda x: 0.0, (0.0,)),
    ],
)
def test_a_gradient_of_0_is_right_where_rounding_could_hide_nothing_that_matters(f, gradient, args):
    check_gradient(f, gradient, args)
