"""Any real number is kept as it is: whole numbers, fractions, NumPy's scalars, and arrays of Values."""

import enum
import itertools
import math
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd_lite as ag
from autograd_lite import Value, grad, hessian, hvp, jvp, primitive, value_and_grad
from autograd_lite.errors import OperationError
from autograd_lite.ops import TABLE


@given(st.fractions(max_denominator=50), st.fractions(max_denominator=50).filter(bool))
def test_a_graph_of_fractions_has_an_exact_fraction_gradient(p: Fraction, q: Fraction) -> None:
    x, y = Value(p), Value(q)
    out = (
        ag.sum([x * y, x / y, -x, x**3, y**-2]) + ag.dot([x, y], [y, 2], x) + ag.prod([x, y, x]) + ag.relu(x) + ag.mean([x, y])
    )
    out.backward()
    half = Fraction(1, 2)
    assert x.grad == q + 1 / q - 1 + 3 * p**2 + q + 1 + 2 * p * q + (p > 0) + half
    assert y.grad == p - p / q**2 - 2 * q**-3 + p + 2 + p * p + half
    assert type(x.grad) is type(y.grad) is type(out.data) is Fraction


def test_numbers_are_kept_as_given() -> None:
    for number in (3, 2.5, Fraction(1, 3), np.float16(1.5), np.float32(1.5), np.longdouble(1.5)):
        assert Value(number).data is number
    whole = Value(3)
    (whole * whole * whole).backward()
    assert (whole.grad, type(whole.grad)) == (27, int)


WHOLE = [np.int8, np.int16, np.int32, np.int64, np.uint8, np.uint16, np.uint32, np.uint64, np.bool_]
FLOATS = [np.float16, np.float32, np.longdouble]
SCALARS = [*WHOLE, np.float64, *FLOATS]
PLAIN = [f for f in TABLE.values() if not f.primitive.variadic]


def outcome(f: Callable[..., Any], *arguments: Any) -> Any:
    """What a function gives, its number if that is a Value, or the type of its error."""
    try:
        result = f(*arguments)
    except ArithmeticError as error:
        return type(error)
    return getattr(result, "data", result)


@pytest.mark.parametrize("kind", [*WHOLE, np.float64])
def test_numbers_that_python_has_too_become_pythons(kind: Any) -> None:
    data = Value(kind(1)).data
    assert data == 1
    assert type(data) is {"b": bool, "f": float}.get(np.dtype(kind).kind, int)


class Length(float):
    """A number of a class of the user's own."""


Level = enum.IntEnum("Level", {"TOP": 100})
Mask = enum.IntFlag("Mask", {"ALL": 4})


class Rate(float, enum.Enum):
    SLOW = 1.5


@pytest.mark.parametrize("number", [Level.TOP, Mask.ALL, Rate.SLOW, Length(1.5), Length(-0.0)])
def test_a_number_of_a_class_derived_from_pythons_becomes_pythons(number: Any) -> None:
    kind = int if isinstance(number, int) else float
    plain = kind.__pos__(number)
    assert repr(Value(number).data) == repr((number * Value(1)).data) == repr(plain)

    def f(x: Any) -> Any:
        return ag.dot([x], [number], number) * x + ag.relu(x) + x % 7

    for ours, theirs in (
        (value_and_grad(f)(number), value_and_grad(f)(plain)),
        (value_and_grad(lambda x: f(x[0]))([number]), value_and_grad(lambda x: f(x[0]))([plain])),
        (jvp(f, (number,), (number,)), jvp(f, (plain,), (plain,))),
        (hvp(f, (number,), (number,)), hvp(f, (plain,), (plain,))),
        (ag.compile(f, backend="python").grad(number), ag.compile(f, backend="python").grad(plain)),
        (ag.fori(2, lambda i, c: c * number, number), plain**3),
    ):
        assert repr(ours) == repr(theirs)


def test_small_numbers_in_arrays_of_objects_do_not_wrap() -> None:
    small, cube = np.array([np.int8(100)], dtype=object), lambda x: x[0] ** 3
    assert jvp(lambda x: x[0] * x[0], (small,), (small,)) == (10000, 20000)
    assert hvp(cube, (small,), (small,))[0].tolist() == [60000]
    assert ag.vjp(lambda x: np.array([x * 100]), 100)[1](small) == (10000,)


@pytest.mark.parametrize("numbers", [[2**53 + 1, 3], [10**400, 3], [Fraction(1, 3), 3]])
def test_an_array_of_derivatives_cuts_no_number(numbers: list[Any]) -> None:
    assert grad(lambda x: x[0] * x[1])(np.array(numbers, dtype=object)).tolist() == numbers[::-1]
    third = np.longdouble(1) / 3
    slopes = grad(lambda x: x[0] * x[1])(np.array([third, 3]))
    assert slopes[1] == third
    assert slopes.dtype == np.longdouble
    assert grad(lambda x: x[0] * x[1])(np.array([1, 3])).dtype == float


@pytest.mark.parametrize("kind", [*WHOLE, np.float16, np.float32, np.float64])
def test_a_number_of_numpy_from_a_function_of_the_users_becomes_pythons(kind: Any) -> None:
    @primitive(derivatives=[lambda out, x: 1])
    def of_numpy(x: Any) -> Any:
        return kind(x)

    assert (of_numpy(Value(100)) * 1000).data == (1000 if kind is np.bool_ else 100_000)
    assert of_numpy(Value(1)).recompute().data == 1
    with pytest.raises(ZeroDivisionError):
        1 / of_numpy(Value(0))


@pytest.mark.parametrize("operation", PLAIN)
def test_with_such_numbers_every_operation_is_that_of_pythons(operation: Any) -> None:
    count = len(operation.primitive.derivatives)
    for kind, n in itertools.product([*WHOLE, np.float64], (0, 1, 100)):  # 100 · 100 wraps in a byte
        theirs, ours = (kind(n),) * count, (kind(n).item(),) * count
        for make in (lambda x: x, Value):
            assert repr(outcome(operation, *map(make, theirs))) == repr(outcome(operation, *map(make, ours)))
        assert repr(outcome(grad(operation), *theirs)) == repr(outcome(grad(operation), *ours))
        assert repr(outcome(jvp, operation, theirs, theirs)) == repr(outcome(jvp, operation, ours, ours))


@pytest.mark.parametrize("kind", FLOATS)
@pytest.mark.parametrize("operation", PLAIN)
def test_a_float_that_only_numpy_has_is_the_type_of_results_and_gradients(operation: Any, kind: Any) -> None:
    count = len(operation.primitive.derivatives)
    precision = float(np.finfo(kind).eps) * 8 + 1e-15
    for point in ((0.75, 0.25, 0.5), (1.0, 1.0, 1.0), (0.0, 0.0, 0.0), (-2.0, 0.5, 1.0)):
        numbers, ours = [kind(n) for n in point[:count]], point[:count]
        expected = outcome(operation, *ours)
        try:
            value = outcome(operation, *map(Value, numbers))
        except TypeError as error:  # it is computed from floats, and says so
            assert kind is np.longdouble and "it is computed in double precision" in str(error)  # noqa: PT017, PT018
            continue
        if isinstance(expected, type):
            assert value is expected
            continue
        assert type(value) is kind
        assert float(value) == pytest.approx(float(expected), rel=precision, nan_ok=True)
        slopes, wanted = (outcome(grad(operation, range(count)), *given) for given in (numbers, ours))
        if not isinstance(wanted, type):
            assert all(type(slope) is kind for slope in slopes)
            assert [*map(float, slopes)] == pytest.approx([*map(float, wanted)], rel=precision, abs=precision, nan_ok=True)
            (value, slope) = jvp(operation, numbers, ours)
            assert type(value) is type(slope) is kind


@pytest.mark.parametrize("kind", FLOATS)
def test_such_a_float_meets_other_numbers_and_keeps_its_type(kind: Any) -> None:
    x, y = Value(kind(1.5)), Value(2.0)
    out = ag.sum([x * 0.1, y / x, x**2, 3 - x, ag.dot([x, 2.0], [y, x]), ag.maximum(x, 0), ag.tanh(x * y), ag.prod([y, x])])
    out.backward()
    assert (type(out.data), type(x.grad), type(y.grad)) == (kind, kind, float)
    assert (type((2.0 * y).data), type((np.float32(2) * y).data)) == (float, float)  # a plain number adapts to the Values
    assert type((x * y).local_derivatives[0]) is kind
    with ag.no_grad():
        assert (type((x * y).data), type(ag.tanh(x).data)) == (kind, kind)
    assert grad(grad(lambda z: z**3))(kind(2)) == 12
    assert type(hessian(lambda z: z**3)(kind(2))) is kind


@pytest.mark.parametrize(
    ("compute", "error"),
    [
        (lambda x: 1 / (x - x), ZeroDivisionError),
        (lambda x: (x - x) ** -1, ZeroDivisionError),
        (lambda x: (-x) ** 0.5, ValueError),
        (lambda x: x**20000, OverflowError),
        (lambda x: ag.exp(x * 20_000), OverflowError),
        (lambda x: ag.log(-x), ValueError),
    ],
)
@pytest.mark.parametrize("kind", [np.float16, np.float32, np.float64, np.longdouble])
def test_errors_are_the_engines_and_numpy_warns_of_nothing(compute: Any, error: type[Exception], kind: Any) -> None:
    with pytest.raises(error) as caught:
        compute(Value(kind(3)))
    assert isinstance(caught.value, OperationError)
    x = Value(kind(3))
    large = x * float(np.finfo(kind).max) if kind is not np.longdouble else x * np.finfo(kind).max
    difference = ag.sum([large, -large])
    difference.backward()
    assert math.isinf(large.data)
    assert math.isnan(difference.data)


def test_transforms_take_numpys_numbers_wherever_they_take_pythons() -> None:
    assert grad(lambda x: 1 + 2 * x + 5 * x**0)(np.int64(3)) == 2
    assert ag.value_and_grad(lambda x: x * x)(np.int8(100)) == (10000, 200)
    assert grad(lambda x, y: x * y, np.int64(1))(2.0, 3.0) == 2.0
    assert grad(lambda x, y: x * y, (np.int8(1), np.uint8(0)))(2.0, 3.0) == (2.0, 3.0)
    assert ag.compile(lambda x: x * x, np.int64(0), backend="python").grad(np.int8(100)) == 200.0
    assert ag.vjp(lambda x: x * x, np.int8(100))[1](np.uint8(200)) == (40000,)
    assert ag.where(np.True_, Value(1.0), 2.0).data == 1.0
    assert ag.where(np.False_, 1.0, 2.0) == 2.0
    assert grad(lambda x: ag.where(np.bool_(True), x * np.float32(2), 0.0))(3.0) == 2.0
    for refused in (np.True_, 1.0, "0"):
        with pytest.raises(TypeError, match="argnums must be"):
            grad(lambda x: x, refused)  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", [*WHOLE, np.float64])
def test_loops_of_plain_numbers_compute_with_pythons(kind: Any) -> None:
    n = kind(100).item()
    assert repr(ag.fori(2, lambda i, c: [c[0] * 3], [kind(100)])) == repr([9 * n])
    expected = (n + 2 * n, [n * n, 2 * n * n])
    for xs in ([kind(100)] * 2, np.full(2, 100, kind)):
        assert repr(ag.scan(lambda c, x: (c + x, c * x), kind(100), xs)) == repr(expected)


@pytest.mark.parametrize(
    ("f", "primal", "tangent", "expected"),
    [
        (ag.sign, 2.5, 1.0, (1, 0.0)),
        (ag.sign, 2, 1, (1, 0)),
        (ag.floor, 2.5, 1, (2.0, 0.0)),
        (lambda x: ag.greater(x, 0.0), 2.5, 1.0, (1, 0.0)),
        (lambda x: x, 2.0, 1, (2.0, 1.0)),
        (lambda x: x * x, 2.0, True, (4.0, 4.0)),
        (lambda x: ag.sign(x), np.float32(2.5), np.float32(1), (np.float32(1), np.float32(0))),
    ],
)
def test_a_tangent_is_a_float_if_one_goes_in(f: Any, primal: Any, tangent: Any, expected: Any) -> None:
    assert repr(jvp(f, (primal,), (tangent,))) == repr(expected)


@pytest.mark.parametrize(
    ("given", "way_out"),
    [
        (Decimal(2), r"Value\(Fraction\(d\)\)"),
        (np.array([2.0, 3.0]), "one Value for each"),
        (np.complex64(2), "real and the imaginary"),
        (np.timedelta64(3, "s"), "real number"),
        (np.datetime64("2026-11-29"), "real number"),
        (np.ma.masked, "hides numbers"),
    ],
)
def test_what_is_no_real_number_is_refused_with_a_way_out(given: Any, way_out: str) -> None:
    with pytest.raises(TypeError, match=way_out):
        Value(given)


@pytest.mark.parametrize("scalar", [kind(2) for kind in SCALARS if kind is not np.bool_])
def test_numpy_scalars_take_part_from_either_side(scalar: Any) -> None:
    v = Value(3.0)
    results = [scalar * v, v * scalar, scalar + v, scalar - v, scalar / v, scalar**v, v**scalar]
    assert all(isinstance(result, Value) for result in results)
    assert [float(result.data) for result in results] == pytest.approx([6, 6, 5, -1, 2 / 3, 8, 9])
    assert (scalar < v, v < scalar) == (True, False)
    assert [scalar + 1 == v, v == scalar, np.array(3.0) == v] == [True, False, True]
    assert type(v == np.int8(3)) is bool


@given(st.sampled_from([0.1, 0.25, 1e-8]), *[st.sampled_from([float, np.float16, np.float32, np.longdouble])] * 2)
def test_a_value_compares_with_floats_of_numpy_as_its_number_does(x: float, own: Any, kind: Any) -> None:
    number, other = own(x), kind(x)
    v = Value(number)
    assert (v == other, v < other, v >= other) == (number == other, number < other, number >= other)
    assert type(v == other) is bool


def test_object_arrays_of_values_take_part() -> None:
    a, b = Value(1.0), Value(2.0)
    array = np.array([a, b], dtype=object)
    for out in (np.sum(array * array), array @ array, ag.dot(array, array), ag.sum(array * array)):
        a.grad = b.grad = 0
        out.backward()
        assert (out.data, a.grad, b.grad) == (5.0, 2.0, 4.0)
    assert [v.data for v in np.exp(array)] == [math.exp(1), math.exp(2)]
    assert np.mean(array).data == 1.5
    assert [v.data for v in 2 * array - np.array([1.0, 1.0])] == [1.0, 3.0]
    assert [v.data for v in a * np.array([3.0, 4.0])] == [3.0, 4.0]
    assert [v.data for v in np.array([[3.0, 1.0], [0.0, 1.0]]) @ array] == [5.0, 2.0]
    assert [v.data for v in np.hypot(array * 3, np.array([Value(4.0), Value(8.0)]))] == [5.0, 10.0]
    assert [v.data for v in np.arctan2(array, array)] == [math.pi / 4, math.pi / 4]


@pytest.mark.parametrize("axis", [None, 0, 1])
def test_numpys_variance_of_values_has_a_gradient(axis: int | None) -> None:
    numbers = np.array([[1.0, 3.0, 2.5], [2.0, 5.0, 0.5]])

    def spread(function: Any) -> Callable[[Any], Any]:
        return lambda x: np.sum(function(x, axis=axis)) if axis is not None else function(x)

    for function in (np.var, np.std):
        value, gradient = ag.value_and_grad(spread(function))(numbers)
        assert value == pytest.approx(spread(function)(numbers))
        moved = numbers + 1e-6 * np.eye(2, 3)
        assert np.sum(gradient * np.eye(2, 3)) == pytest.approx((spread(function)(moved) - value) / 1e-6, rel=1e-5)
