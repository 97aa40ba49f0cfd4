"""What is not chosen passes nothing on: reverse mode, forward mode, nested derivatives and both compiled backends agree."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from typing import Any

import pytest

import autograd_lite as ag
from autograd_lite import Value, compile, grad, hvp, jacobian, jvp

INF = math.inf
outside = Value(1.0)


def reverse(f: Callable[..., Any], point: tuple[float, ...]) -> tuple[float, ...]:
    return grad(f, range(len(point)))(*point)


def forward(f: Callable[..., Any], point: tuple[float, ...]) -> tuple[float, ...]:
    directions = [[float(i == j) for i in range(len(point))] for j in range(len(point))]
    return tuple(jvp(f, point, direction)[1] for direction in directions)


def as_a_graph(f: Callable[..., Any], point: tuple[float, ...]) -> tuple[float, ...]:
    """The gradient as a graph, since a Value from outside takes part."""
    return tuple(getattr(d, "data", d) for d in grad(lambda *x: f(*x) * outside, range(len(point)))(*point))


def compiled(backend: str) -> Callable[..., Any]:
    def gradient(f: Callable[..., Any], point: tuple[float, ...]) -> tuple[float, ...]:
        return compile(f, range(len(point)), backend=backend).grad(*point)

    return gradient


def compiled_elsewhere(backend: str) -> Callable[..., Any]:
    def gradient(f: Callable[..., Any], point: tuple[float, ...]) -> tuple[float, ...]:
        """What was recorded at a point where other branches are chosen."""
        loss = compile(f, range(len(point)), backend=backend)
        loss.grad(*[0.75] * len(point))
        return loss.grad(*point)

    return gradient


WAYS = [
    *(reverse, forward, as_a_graph),
    *(compiled("python"), compiled("native"), compiled_elsewhere("python"), compiled_elsewhere("native")),
]
CASES: list[tuple[Callable[..., Any], tuple[float, ...], tuple[float, ...]]] = [
    (lambda x, y: ag.where(ag.greater(ag.hypot(x, y), 1.0), 0.0, x * x + 3 * y), (0.0, 0.0), (0.0, 3.0)),
    (lambda x: ag.sqrt(ag.relu(x)), (-1.0,), (0.0,)),
    (lambda x: ag.relu(x) ** 0.5, (-1.0,), (0.0,)),
    (lambda x: ag.sqrt(ag.maximum(x, 0.0)), (-1.0,), (0.0,)),
    (lambda x: ag.sqrt(-ag.minimum(-x, 0.0)), (-1.0,), (0.0,)),
    (lambda x: ag.sqrt(ag.where(ag.greater(x, 0.0), x, 0.0)), (-1.0,), (0.0,)),
    (lambda x: ag.where(ag.greater(x, 0.0), ag.sqrt(x), x), (0.0,), (1.0,)),
    (lambda x: ag.where(ag.greater(x, 0.0), ag.cbrt(x), 0.0), (0.0,), (0.0,)),
    (lambda x: ag.relu(ag.sqrt(x) - 1.0), (0.0,), (0.0,)),
    (lambda x: ag.maximum(ag.asin(x), 2.0), (1.0,), (0.0,)),
    (lambda x: ag.minimum(ag.sqrt(x), -1.0), (0.0,), (0.0,)),
    (lambda x, y: ag.where(ag.greater(ag.sqrt(x), 0.5), x, y), (0.0, 1.0), (0.0, 1.0)),
    (lambda x: ag.where(ag.greater(x, -1.0), ag.relu(ag.sqrt(x) - 1.0) + x, 0.0), (0.0,), (1.0,)),
    (lambda x: ag.relu(-ag.relu(ag.sqrt(x) + 1.0)), (0.0,), (0.0,)),
    (lambda x, y: ag.relu(ag.sqrt(x) * y - 1.0) + ag.sqrt(x) * 0.0, (1.0, 0.5), (0.0, 0.0)),
    (lambda s: ag.sqrt(ag.leaky_relu(1.0, s) - 1.0), (0.5,), (0.0,)),
    (lambda alpha: ag.sqrt(ag.elu(1.0, alpha) - 1.0), (0.5,), (0.0,)),
    (lambda x: ag.sqrt(ag.leaky_relu(x, 0.0)), (-1.0,), (0.0,)),
    (lambda x: ag.where(ag.equal(x, 0.0), 1.0, ag.sin(x) / ag.where(ag.equal(x, 0.0), 1.0, x)), (0.0,), (0.0,)),
]


@pytest.mark.parametrize(("f", "point", "expected"), CASES)
@pytest.mark.parametrize("way", WAYS)
def test_what_is_switched_off_passes_nothing_on(
    way: Callable[..., Any], f: Callable[..., Any], point: tuple[float, ...], expected: tuple[float, ...]
) -> None:
    assert tuple(way(f, point)) == expected


@pytest.mark.parametrize(("f", "point", "expected"), [case for case in CASES if len(case[1]) == 1])
def test_so_it_is_in_the_second_derivative(
    f: Callable[..., Any], point: tuple[float, ...], expected: tuple[float, ...]
) -> None:
    (x,) = point
    curvature = grad(grad(f))(x)
    assert curvature == jvp(grad(f), point, (1.0,))[1] == hvp(f, point, (1.0,))[0] == jacobian(grad(f))(x)
    assert curvature == compile(grad(grad(f)), backend="python")(x)
    assert math.isfinite(curvature)


OFF = [ag.relu, lambda x: ag.maximum(x, 0.0), lambda x: ag.where(ag.greater(x, 0.0), x, 0.0), lambda x: -ag.minimum(-x, 0.0)]
SINGULAR = [
    ag.sqrt,
    ag.cbrt,
    lambda x: x**0.75,
    lambda x: ag.hypot(x, 0.0),
    lambda x: ag.asin(1.0 - x),
    lambda x: ag.acosh(x + 1.0),
]
FACTORS = [lambda x: ag.maximum(x, x), lambda x: ag.minimum(x, 2.0), lambda x: x, lambda x: ag.relu(x) + x]


INFINITE: list[tuple[Callable[..., Any], tuple[float, float]]] = [  # what has an infinite slope, and where
    (lambda x, _: ag.sqrt(ag.relu(x)), (-1.0, 2.0)),
    (lambda x, _: ag.cbrt(x), (0.0, 2.0)),
    (lambda x, y: x * y, (-1.0, INF)),
]
FINITE = [ag.exp, ag.tanh, lambda z: 1 / (2 + ag.tanh(z))]  # what is finite of that, and has a finite slope
MIXED = [  # with the number itself, to which another way leads
    lambda x, v: v * x,
    lambda x, v: ag.tanh(x + v),
    lambda x, v: ag.dot([x, v], [v, 1.0]),
    lambda x, v: ag.softmax([v, x])[0],
]


@pytest.mark.parametrize("mixed", MIXED)
@pytest.mark.parametrize("finite", FINITE)
def test_a_second_derivative_gets_nothing_on_another_way_either(finite: Callable[..., Any], mixed: Callable[..., Any]) -> None:
    for infinite, (x, y) in INFINITE:
        for chosen in (
            lambda x, v: ag.where(ag.greater(x, 0.0), v, 3 * x),
            lambda x, v: ag.minimum(v, -50.0) + 3 * x,
            lambda x, v: ag.clip(v, 60.0, 70.0) + 3 * x,
        ):

            def f(x: Any, chosen: Any = chosen, infinite: Any = infinite, y: float = y) -> Any:
                return chosen(x, mixed(x, finite(infinite(x, y))))

            slope = compile(grad(f), backend="python")
            assert grad(f)(x) == 3
            assert grad(grad(f))(x) == jvp(grad(f), (x,), (1.0,))[1] == slope.grad(x) == 0
            assert grad(lambda x: jvp(f, (x,), (1.0,))[1])(x) == grad(grad(grad(f)))(x) == 0


@pytest.mark.parametrize("backend", ["python", "native"])
@pytest.mark.parametrize("off", OFF)
def test_a_slope_that_is_infinite_elsewhere_is_guarded_too(off: Callable[..., Any], backend: str) -> None:
    for singular in SINGULAR:
        for factor in FACTORS:

            def f(x: Any, singular: Any = singular, factor: Any = factor) -> Any:
                return factor(x) * singular(off(x))

            slope = compile(grad(f), backend=backend)
            slope.grad(0.5)
            assert slope.grad(-1.0) == grad(grad(f))(-1.0) == 0.0
            assert slope(-1.0) == jvp(f, (-1.0,), (1.0,))[1]


@pytest.mark.parametrize(
    ("f", "expected"),
    [
        (lambda x, y: ag.where(ag.greater(x, 0.0), x * y, x), (1.0, 0.0)),
        (lambda x, y: ag.relu(x * y), (0.0, 0.0)),
        (lambda x, y: ag.relu(x) * y, (0.0, 0.0)),
        (lambda x, y: ag.maximum(x * y, 0.0), (0.0, 0.0)),
        (lambda x, y: ag.relu(ag.dot([x, 1.0], [y, 0.0])), (0.0, 0.0)),
        (lambda x, y: ag.relu(-ag.exp(y)) + x, (1.0, 0.0)),
    ],
)
@pytest.mark.parametrize("way", WAYS)
def test_so_it_is_where_an_operand_is_infinite(
    way: Callable[..., Any], f: Callable[..., Any], expected: tuple[float, ...]
) -> None:
    assert tuple(way(f, (-1.0, INF))) == expected
    assert grad(grad(lambda x: f(x, INF)))(-1.0) == 0.0


@pytest.mark.parametrize("backend", ["python", "native"])
def test_so_it_is_in_a_batch_and_in_a_loop_recorded_at_finite_numbers(backend: str) -> None:
    batch = compile(lambda w, x: ag.relu(w * x), (0, 1), in_axes=(None, 0), backend=backend)
    for rows in ([-2.0, -1.0], [-INF, -3.0], [-INF, 4.0, math.nan]):
        by_w, by_x = batch.grad(0.5, rows)
        slopes = [grad(lambda w, x: ag.relu(w * x), (0, 1))(0.5, x) for x in rows]
        assert by_w == sum(slope for slope, _ in slopes) / len(rows)
        assert by_x == [slope / len(rows) for _, slope in slopes]

    def loop(x: Any, y: Any) -> Any:
        last, kept = ag.scan(lambda c, _: (ag.relu(c * y), c), x, length=3)
        return last + ag.where(ag.greater(x, 0.0), kept[1] * ag.sqrt(ag.relu(x)), x)

    compiled_loop = compile(loop, (0, 1), backend=backend)
    for point in ((0.5, 0.75), (-0.5, INF), (-0.5, -0.25), (0.0, 2.0)):
        assert compiled_loop.grad(*point) == pytest.approx(grad(loop, (0, 1))(*point), nan_ok=True)


@pytest.mark.parametrize("backend", ["python", "native"])
def test_a_nan_that_is_no_choices_fault_stays(backend: str) -> None:
    f = compile(lambda x, y: ag.relu(x) * y, (0, 1), backend=backend)
    assert f.grad(2.0, 3.0) == (3.0, 2.0)
    assert repr(f.value_and_grad(2.0, math.nan)) == "(nan, (nan, 2.0))"
    assert repr(f.value_and_grad(math.nan, 3.0)) == repr((math.nan, grad(lambda x, y: ag.relu(x) * y, (0, 1))(math.nan, 3.0)))


def slope(x: Any, y: Any) -> Any:
    """0 where x·y is below 0, however large."""
    return grad(lambda x: ag.relu(x * y))(x)


def with_a_slope(x: Any, y: Any, step: Callable[..., Any]) -> Any:
    """A loop in whose steps there is a slope from before it."""
    from_before = slope(x, y)
    return ag.fori(2, lambda i, c: step(c, from_before), x)


def in_an_inner_loop(c: Any, y: Any) -> Any:
    """The slope of a loop."""
    return grad(lambda z: ag.scan(lambda d, _: (ag.relu(d * y), None), z, length=1)[0])(c)


@ag.primitive(derivatives=[lambda out, x: 0 * x])
def settled(x: float) -> float:
    """A number for whatever it is given."""
    return 1.0 if x <= 0 else 2.0


DECIDING = [
    lambda x, y: ag.where(ag.equal(grad(lambda x: ag.relu(x * y))(x), 0.0), x, 2 * x),
    lambda x, y: ag.abs(grad(lambda x: ag.relu(x * y) + x * x)(x)),
    lambda x, y: ag.sign(jvp(lambda x: ag.relu(x * y) - x, (x,), (1.0,))[1]) * x,
    lambda x, y: x * settled(slope(x, y)),
    lambda x, y: x * ag.sign(ag.scan(lambda c, _: (grad(lambda z: ag.relu(z * y))(c) - 1.0, None), x, length=1)[0]),
    lambda x, y: ag.scan(
        lambda c, _: (ag.where(ag.equal(grad(lambda z: ag.relu(z * y))(c), 0.0), c, 2 * c), None), x, length=2
    )[0],
    lambda x, y: with_a_slope(x, y, lambda c, s: ag.where(ag.equal(s, 0 * c), c, 2 * c)),
    lambda x, y: ag.fori(1, lambda i, c: ag.where(ag.equal(in_an_inner_loop(c, y), 0.0), c, 2 * c), x),
]
# What machine code has of these is what it has of the loops above; each takes seconds to make.
MORE_LOOPS = [
    lambda x, y: ag.scan(lambda c, s: (ag.where(ag.equal(s, 0.0), c, 2 * c), None), x, [slope(x, y)])[0],
    lambda x, y: ag.fori(2, lambda i, c: (c[0], ag.where(ag.equal(c[0], 0.0), c[1], 2 * c[1])), (slope(x, y), x))[1],
    lambda x, y: with_a_slope(x, y, lambda c, s: c + ag.abs(s - 1 + 0 * c) * c),
    lambda x, y: x * ag.sign(ag.fori(1, lambda i, c: in_an_inner_loop(c, y) - 1.0, x)),
]


@pytest.mark.parametrize(
    ("f", "backend"), [*itertools.product(DECIDING, ["python", "native"]), *((f, "python") for f in MORE_LOOPS)]
)
def test_a_function_that_decides_by_a_derivative_decides_by_what_is_chosen(f: Callable[..., Any], backend: str) -> None:
    compiled_f = compile(f, backend=backend)
    for point in ((0.5, 0.75), (-1.0, INF), (-1.0, 2.0)):
        assert compiled_f(*point) == f(*point)
        assert compiled_f.grad(*point) == grad(f)(*point)


@pytest.mark.parametrize("backend", ["python", "native"])
def test_a_gate_that_is_switched_off_by_another_passes_nothing_on_of_what_is_nan_elsewhere(backend: str) -> None:
    gated, power_log = ag.ops.TABLE["gated"], ag.ops.TABLE["power_log"]

    def f(x: Any, y: Any) -> Any:
        return gated(y, 1 + gated(y, power_log(x, 2.0)))

    slope = compile(f, (0, 1), backend=backend)
    slope.grad(0.5, 0.7)
    assert slope.grad(-2.0, 0.0) == grad(f, (0, 1))(-2.0, 0.0) == (0.0, 1.0)


@pytest.mark.parametrize("way", WAYS)
def test_a_number_that_happens_to_be_0_meets_infinity_as_in_ieee(way: Callable[..., Any]) -> None:
    (slope,) = way(lambda x: ag.sqrt(x) * 0.0, (0.0,))
    assert math.isnan(slope)


# The remainder has a factor that only jumps, −⌊a/b⌋, and is 0 by number where |a| < b, as in PyTorch.
PIECEWISE = [f for name, f in ag.ops.TABLE.items() if f.primitive.kink is not None and name != "mod"]


@pytest.mark.parametrize("operation", PIECEWISE, ids=lambda operation: operation.primitive.name)
def test_an_operand_that_does_not_enter_the_result_gets_nothing_of_an_infinite_gradient(operation: Any) -> None:
    count = len(operation.primitive.derivatives)
    for point, place in itertools.product(itertools.product([-1.5, 0.25, 2.0], repeat=count), range(count)):

        def at(x: Any, point: Any = point, place: int = place) -> Any:
            return operation(*point[:place], x, *point[place + 1 :])

        if operation.primitive.kink(*point) and len({at(point[place] + step) for step in (-1e-3, 0.0, 1e-3)}) == 1:
            operands = [*map(Value, point)]
            (operation(*operands) * INF).backward()
            assert operands[place].grad == jvp(lambda x, at=at: at(x) * INF, point[place : place + 1], (1.0,))[1] == 0


@pytest.mark.parametrize("way", WAYS)
def test_a_tie_is_shared_in_halves(way: Callable[..., Any]) -> None:
    assert tuple(way(lambda x, y: ag.maximum(x, y) * 3, (2.0, 2.0))) == (1.5, 1.5)


def test_what_only_a_condition_needs_is_not_in_the_derivative() -> None:
    x, y = Value(0.5), Value(2.0)
    condition = ag.exp(x) * y
    ag.where(ag.greater(condition, 1.0), x * x, y).backward()
    assert (x.grad, y.grad, condition.grad) == (1.0, 0.0, 0.0)
    f = compile(lambda x, y: ag.where(ag.greater(ag.exp(x) * y, 1.0), x * x, y), (0, 1), backend="python")
    assert f.grad(0.5, 2.0) == (1.0, 0.0)
    assert "d_y = 0" not in f.source
    assert f.source.count("exp") == 1
