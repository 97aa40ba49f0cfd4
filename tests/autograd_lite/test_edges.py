"""At the edges of its rules every operation has one derivative of each order, whichever way it is computed."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from typing import Any

import mpmath as mp
import pytest

from autograd_lite import compile, dot, grad, hessian, jvp
from autograd_lite.ops import TABLE, polygamma, power_times_logs, sinc_derivative

INF = math.inf
EDGES = [0.0, -0.0, 1.0, -1.0, 0.5, INF, -INF, 1e308, -1e308, 5e-324, -5e-324, 1000.0, -1000.0]
PAIRS = list(itertools.product([0.0, -0.0, 1.0, -1.0, 2.0, INF, 1e308, 5e-324], repeat=2))
# Where an intermediate result is no float, as y · (y − 1) · (y − 2), the factor of a third derivative of x ** y.
NO_FLOAT: dict[str, Callable[[int, float, float], bool]] = {
    **dict.fromkeys(("pow", "power_limit", "power_log"), lambda order, x, y: order == 3 and y == 1e308),
    "atan2": lambda order, y, x: 0 < abs(y) + abs(x) < 1e-300,
}


def reverse(f: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return grad(f)


def forward(f: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda x: jvp(f, (x,), (1.0,))[1]


def outcome(f: Callable[[Any], Any], x: float) -> float | str:
    try:
        return float(f(x))
    except ArithmeticError as error:
        return type(error).__name__


def agree(a: float | str, b: float | str) -> bool:
    if isinstance(a, str) or isinstance(b, str):
        return a == b
    return a == b or (math.isnan(a) and math.isnan(b)) or math.isclose(a, b, rel_tol=1e-12, abs_tol=1e-15)


def of_one_number(name: str, order: int) -> list[tuple[Callable[[Any], Any], float]]:
    """An operation as functions of one of its operands, the others held fixed, each with a point."""
    operation, count = TABLE[name], len(TABLE[name].primitive.derivatives)
    if count == 1:
        return [(operation, x) for x in EDGES]
    if count == 2:  # at the third order every third pair, for each in eight ways
        pairs = [pair for pair in PAIRS[:: 3 if order == 3 else 1] if not NO_FLOAT.get(name, lambda *_: False)(order, *pair)]
        return [(lambda x, b=b: operation(x, b), a) for a, b in pairs] + [(lambda x, a=a: operation(a, x), b) for a, b in pairs]
    return [(lambda x, c=c: operation(c, x, -x), y) for c, y in itertools.product((0.0, 1.0), EDGES)]


PLAIN = [name for name, operation in TABLE.items() if not operation.primitive.variadic]


@pytest.mark.parametrize("order", [1, 2, 3])
@pytest.mark.parametrize("name", PLAIN)
def test_reverse_and_forward_mode_give_one_number_nested_either_way(name: str, order: int) -> None:
    for f, x in of_one_number(name, order):
        if isinstance(outcome(f, x), str):
            continue  # no value, no derivative
        found = []
        for ways in itertools.product((reverse, forward), repeat=order):
            g = f
            for way in ways:
                g = way(g)
            found.append(outcome(g, x))
        assert all(agree(found[0], other) for other in found), (x, found)


@pytest.mark.parametrize("name", [name for name in PLAIN if len(TABLE[name].primitive.derivatives) == 2])
def test_hessians_are_symmetric(name: str) -> None:
    for pair in PAIRS:
        if NO_FLOAT.get(name, lambda *_: False)(2, *pair):
            continue
        try:
            (_, upper), (lower, _) = hessian(lambda p: TABLE[name](*p))(list(pair))
        except ArithmeticError:
            continue
        assert agree(upper, lower), (pair, upper, lower)


def slopes(f: Callable[[Any, Any], Any], x: float, y: float) -> tuple[float | str, ...]:
    try:
        return tuple(map(float, grad(f, (0, 1))(x, y)))
    except ArithmeticError as error:
        return (type(error).__name__,) * 2


DIRECTION = (1.0, 0.75)
WAYS_ALONG = (lambda f: lambda *p: dot([*grad(f, (0, 1))(*p)], [*DIRECTION]), lambda f: lambda *p: jvp(f, p, DIRECTION)[1])


@pytest.mark.parametrize("name", [name for name in PLAIN if len(TABLE[name].primitive.derivatives) == 2])
def test_mixed_third_derivatives_are_the_same_whichever_way_they_are_taken(name: str) -> None:
    seconds = [second(first(TABLE[name])) for first, second in itertools.product(WAYS_ALONG, repeat=2)]
    for x, y in itertools.product([0.0, 1.0, -1.0, 2.0, INF, 5e-324], repeat=2):
        if isinstance(outcome(lambda x, y=y: TABLE[name](x, y), x), str):
            continue  # no value, no derivative
        found = [slopes(second, x, y) for second in seconds]
        assert all(map(agree, found[0] * 3, sum(found[1:], ()))), (x, y, found)


def test_a_factor_that_is_0_at_a_point_has_derivatives_there() -> None:
    """∂³(xʸ)/∂x²∂y = ∂(y·(y − 1)·xʸ⁻²)/∂y, which is −1 at x = 1, y = 0."""
    power = TABLE["pow"]
    for way in (grad, lambda f: compile(f, backend="python").grad):
        assert way(lambda y: grad(grad(lambda x: power(x, y)))(1.0))(0.0) == -1.0
    assert hessian(lambda p: power(*p))([0.0, 0.0]) == [[0.0, INF], [INF, 0.0]]  # 0 times infinity is 0 there, as before


@pytest.mark.parametrize(
    ("f", "x", "expected"),
    [
        (lambda n: 0.0**n, 2.0, 0.0),
        (TABLE["elu"], 0.0, 1.0),
        (TABLE["elu"], 5e-324, 0.0),
        (TABLE["asin"], 1.0, INF),
        (TABLE["acos"], 1.0, -INF),
        (TABLE["acosh"], 1.0, -INF),
        (TABLE["sqrt"], 0.0, -INF),
        (TABLE["softplus"], INF, 0.0),
        (TABLE["gelu"], INF, 0.0),
        (TABLE["cbrt"], 0.0, -INF),
    ],
)
def test_the_second_derivative_is_the_limit_where_there_is_one(f: Callable[[Any], Any], x: float, expected: float) -> None:
    assert grad(grad(f))(x) == expected


def is_odd(name: str) -> bool:
    f = TABLE[name]
    if len(f.primitive.derivatives) != 1 or not all(-0.3 in domain and 0.0 in domain for domain in f.primitive.domain):
        return False
    return bool(f(-0.3) == -f(0.3) and math.isfinite(f(0.0)))


@pytest.mark.parametrize("name", [name for name in PLAIN if is_odd(name)])
@pytest.mark.parametrize("x", [1e-9, 1e-17, -1e-100])
def test_near_zero_the_second_derivative_of_an_odd_function_is_its_third_times_x(name: str, x: float) -> None:
    f = TABLE[name]
    third = grad(grad(grad(f)))(0.0)
    if math.isfinite(third):
        assert grad(grad(f))(x) == pytest.approx(third * x, rel=1e-6, abs=0)


def true_derivatives_of_a_power(x: float, y: float) -> dict[str, Any]:
    """Its derivatives at x > 0 in many digits."""
    a, b = mp.mpf(x), mp.mpf(y)
    log = mp.log(a)
    return {
        "x": b * a ** (b - 1),
        "y": a**b * log,
        "xx": b * (b - 1) * a ** (b - 2),
        "xy": a ** (b - 1) * (1 + b * log),
        "yx": a ** (b - 1) * (1 + b * log),
        "yy": a**b * log**2,
    }


@pytest.mark.parametrize("x", [5e-324, 1e-310, 1e-300, 0.5, 1.0, 2.0, 1e300, 1e308])
@pytest.mark.parametrize("y", [-2.0, -1.0, -5e-324, 0.0, 5e-324, 0.5, 1.0, 2.0, 3.0, 1e308])
def test_derivatives_of_a_power_are_those_in_many_digits_as_far_as_floats_reach(x: float, y: float) -> None:
    power = TABLE["pow"]
    if isinstance(outcome(lambda x: power(x, y), x), str):
        return  # no value, no derivative
    by_x, by_y = grad(power, (0, 1))(x, y)
    (xx, xy), (yx, yy) = hessian(lambda p: power(*p))([x, y])
    found = {"x": by_x, "y": by_y, "xx": xx, "xy": xy, "yx": yx, "yy": yy}
    for name, true in true_derivatives_of_a_power(x, y).items():
        factors = [mp.mpf(x) ** (mp.mpf(y) - len(name.replace("y", ""))), mp.mpf(y) * (mp.mpf(y) - 1)]
        if all(factor == 0 or 1e-290 < abs(factor) < 1e300 for factor in factors):  # else they are no floats on the way
            assert math.isclose(found[name], float(true), rel_tol=1e-9, abs_tol=1e-290), (name, found[name], true)


def test_at_the_base_0_a_power_has_the_limits_of_its_derivatives_and_an_exponent_of_0_none() -> None:
    slopes = {y: grad(TABLE["pow"], (0, 1))(0.0, y) for y in (0.0, 5e-324, 0.5, 1.0, 2.0)}
    assert slopes == {0.0: (0.0, 0.0), 5e-324: (INF, 0.0), 0.5: (INF, 0.0), 1.0: (1.0, 0.0), 2.0: (0.0, 0.0)}
    for x in (1e-310, -1e-310, 5e-324, 0.0, -0.0, INF, -INF, math.nan):
        assert grad(lambda x: x**0)(x) == grad(lambda x: x**0.0)(x) == grad(grad(lambda x: x**0))(x) == 0


FAR = (1e2, 1e4, 1e6, 1e9, 1e12, 1e20, 1e40)
FIXED = (0.0, -0.0, 1.0, -1.0, 2.0, 0.5, -3.0)


def limit(g: Callable[[Any], Any], sign: int) -> float | None:
    """Where the values of a function far out show where they go: to 0, to another number, to infinity; None if they do not."""
    values = [outcome(g, sign * x) for x in FAR]
    numbers = [v for v in values if not isinstance(v, str) and not math.isnan(v)]
    if len(numbers) < len(values):
        return None
    last = numbers[-1]
    if all(b == 0 or abs(b) < 0.9 * abs(a) for a, b in itertools.pairwise(numbers)):
        return 0.0
    if all(abs(b) > 1.1 * abs(a) or a == b for a, b in itertools.pairwise(numbers)) and abs(last) > 1e6:
        return math.copysign(INF, last)
    return last if math.isclose(last, numbers[-2], rel_tol=1e-9) and math.isclose(last, numbers[-3], rel_tol=1e-9) else None


@pytest.mark.parametrize("name", PLAIN)
def test_at_infinity_a_derivative_is_the_limit_where_there_is_one(name: str) -> None:
    operation, count = TABLE[name], len(TABLE[name].primitive.derivatives)
    functions = [operation] if count == 1 else []
    if count == 2:
        functions += [lambda x, c=c: operation(x, c) for c in FIXED] + [lambda x, c=c: operation(c, x) for c in FIXED]
    for f, sign in itertools.product(functions, (1, -1)):
        g = f
        for _ in range(3):
            g, value = grad(g), outcome(f, sign * INF)
            expected = None if isinstance(value, str) or math.isnan(value) else limit(g, sign)
            if expected is not None:
                assert agree(outcome(g, sign * INF), expected), (sign, expected)


@pytest.mark.parametrize(
    ("logits", "expected"),
    [
        ([INF, 0.0, 1.0], [math.nan, 0.0, 0.0]),
        ([INF, INF, 1.0], [math.nan, math.nan, 0.0]),
        ([-INF, 0.0, 0.0], [0.0, 0.5, 0.5]),
        ([-INF, -INF], [math.nan, math.nan]),
        ([math.nan, 0.0], [math.nan, math.nan]),
        ([1e308, 0.0, -1e308], [1.0, 0.0, 0.0]),
    ],
)
def test_an_infinite_term_of_logsumexp_leaves_the_others_their_derivatives(logits: list[float], expected: list[float]) -> None:
    found = grad(TABLE["logsumexp"])(logits)
    assert all(map(agree, found, expected))


MADE_WHEN_ASKED_FOR = [
    *(family(order) for family in (polygamma, sinc_derivative) for order in (1, 2, 3)),
    *(power_times_logs(order, at_zero) for order in (1, 2, 3) for at_zero in (False, True)),
]
USUAL = [0.0, -0.0, 0.5, -0.5, 1.0, -1.0, 2.0, -2.0, 3.0, -3.0]


@pytest.mark.parametrize(
    "operation", [*map(TABLE.get, PLAIN), *MADE_WHEN_ASKED_FOR], ids=lambda operation: operation.primitive.name
)
def test_what_is_singular_is_infinite_or_nan_somewhere_and_nothing_else_is(operation: Any) -> None:
    """At numbers of a usual size: an infinity that only says that a result is too large is none."""
    values = [
        outcome(lambda _, point=point: operation(*point), 0.0)
        for point in itertools.product(USUAL, repeat=len(operation.primitive.derivatives))
    ]
    assert any(not isinstance(value, str) and not math.isfinite(value) for value in values) == operation.primitive.singular
