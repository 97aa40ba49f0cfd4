"""Functions of numbers become machine code: what numba cannot take is told, and errors on the way to a number are found."""

import math
from functools import wraps

import pytest

pytest.importorskip("numba")

from autograd_lite import compile, cosh, primitive, sigmoid
from autograd_lite.errors import OperationError


def test_a_function_of_math_may_be_a_primitive_and_one_that_calls_itself_is_refused():
    sine = primitive(derivatives=[lambda out, x: 0 * x])(math.sin)
    assert compile(lambda x: sine(x), backend="native")(0.5) == math.sin(0.5)

    @primitive(derivatives=[lambda out, x: 0 * x])
    def factorial(x):
        return 1.0 if x < 1 else x * factorial(x - 1)

    assert compile(lambda x: factorial(x), backend="python")(3.0) == 6.0
    with pytest.raises(TypeError, match=r"cannot compile the primitive 'factorial': .*recursion.*backend='python'"):
        compile(lambda x: factorial(x), backend="native")(3.0)


@pytest.mark.parametrize(
    ("compute", "reason"),
    [
        (lambda x: float(str(x)), "could not convert string to float"),
        (lambda x: float(f"{x:.3f}"), "(?i:format.*spec)"),
        (lambda x: math.fsum([x, x]), "fsum"),
    ],
)
def test_why_numba_cannot_take_a_primitive_is_told_in_its_own_words(compute, reason):
    unknown = primitive(name="unknown", derivatives=[lambda out, x: 0 * x])(compute)
    with pytest.raises(TypeError, match=rf"cannot compile the primitive 'unknown': .*{reason}.*\. Write its function with"):
        compile(lambda x: unknown(x), backend="native")(0.5)


@wraps(sigmoid)
def doubled(x):
    return 2 * math.tanh(x)


def test_a_function_around_an_operation_is_translated_itself():
    @primitive(derivatives=[lambda out, x: 0 * x])
    def calls(x):
        return doubled(x)

    assert compile(lambda x: calls(x), backend="native")(0.5) == pytest.approx(2 * math.tanh(0.5))


def through_a_division(x):
    return min(1 / x, 5.0)


def through_a_logarithm(x):
    return max(math.log(x), -100.0)


def through_an_operation(x):
    return 1 / (1 + cosh(1000 * x))


@pytest.mark.parametrize("function", [through_a_division, through_a_logarithm, through_an_operation])
def test_an_error_on_the_way_to_a_number_is_one_in_machine_code(function):
    operation = primitive(derivatives=[lambda out, x: 0 * x])(function)
    fast = compile(lambda x: operation(x), backend="native")
    batch = compile(lambda x: operation(x), in_axes=(0,), backend="native")
    refused = []
    for x in (0.5, 0.0, -0.0, -1.0, 2.0, math.inf, -math.inf, math.nan):
        try:
            expected = function(x)
        except (ArithmeticError, ValueError):
            refused.append(x)
            with pytest.raises(OperationError):
                fast(x)
            with pytest.raises(OperationError):
                batch([0.5, x, 0.5])
        else:
            assert fast(x) == pytest.approx(expected, nan_ok=True)
    assert refused
