"""Random programs of choices and singular functions against PyTorch, where it is installed.

PyTorch has 0 times infinity on a path that a choice has switched off. So it is given the program with each choice made: what is
not chosen, and what only decides, is not in it at all. The engine is given the program itself.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

import autograd_lite as ag
from autograd_lite import Value, compile, grad, jvp, value_and_grad
from autograd_lite.ops import TABLE

Program = list[tuple[str, tuple[int, ...], float]]  # operations, their operands among inputs and earlier results, an exponent

CHOICES = {"relu": 1, "leaky_relu": 1, "maximum": 2, "minimum": 2, "where": 4}
SINGULAR = {**dict.fromkeys(("sqrt", "asin", "acos", "log", "abs", "power"), 1), "hypot": 2, "atan2": 2, "truediv": 2}
SMOOTH = {"add": 2, "sub": 2, "mul": 2, "tanh": 1, "neg": 1}
OPERANDS = {**CHOICES, **SINGULAR, **SMOOTH}
POINTS = st.sampled_from([0.0, 1.0, -1.0, 0.5, -0.5, 2.0, -2.0])  # where singular functions are singular, and ties are many
EXPONENTS = st.sampled_from([0.75, 1.75, 2.0, -1.0])  # not 0.5: PyTorch's own case of it has another sign at -0.0


@st.composite
def programs(draw: st.DrawFn) -> tuple[Program, float, float]:
    """Operations on two inputs, a constant and earlier results; and a point."""
    program: Program = []
    for place in range(draw(st.integers(2, 8))):
        name = draw(st.one_of(*(st.sampled_from(list(kind)) for kind in (CHOICES, SINGULAR, SMOOTH))))
        operands = [draw(st.integers(max(0, place - 1), place + 2)) for _ in range(OPERANDS[name])]  # late ones: it gets deep
        program.append((name, tuple(operands), draw(EXPONENTS)))
    return program, draw(POINTS), draw(POINTS)


def run(program: Program, operations: dict[str, Callable[..., Any]], x: Any, y: Any) -> Any:
    """The last result of a program, with these operations."""
    results = [x, y, operations["constant"](0.5)]
    for name, operands, exponent in program:
        arguments = [results[i] for i in operands] + [exponent] * (name == "power")
        results.append(operations[name](*arguments))
    return results[-1]


OURS: dict[str, Callable[..., Any]] = {
    **{name: TABLE[name] for name in (*OPERANDS, "constant") if name in TABLE},
    "constant": lambda number: number,
    "power": TABLE["pow"],
    "where": lambda a, b, c, d: ag.where(ag.greater(a, b), c, d),
}


def clear(distance: Any) -> None:
    """Leave programs out in which rounding alone decides."""
    assume(distance == 0 or abs(distance) > 1e-9)


def chosen_beforehand(torch: Any) -> dict[str, Callable[..., Any]]:
    """The operations on tensors, each choice made."""

    def larger(a: Any, b: Any) -> Any:
        clear(a - b)
        return a if a > b else b if b > a else 0.5 * a + 0.5 * b

    def singular_at(function: Callable[..., Any], *points: float) -> Callable[..., Any]:
        def operation(*operands: Any) -> Any:
            for point in points:
                clear(operands[0] - point)
            return function(*operands)

        return operation

    def cut(a: Any) -> Any:
        return a if a > 0 else torch.zeros((), dtype=torch.float64)

    def quotient(a: Any, b: Any) -> Any:
        clear(b)
        return a / b

    def where(a: Any, b: Any, c: Any, d: Any) -> Any:
        clear(a - b)
        return c if a > b else d

    return {
        **{name: getattr(torch, name) for name in ("add", "sub", "mul", "tanh", "neg", "hypot", "atan2")},
        **{name: singular_at(getattr(torch, name), 0) for name in ("abs", "sqrt", "log")},
        **{name: singular_at(getattr(torch, name), 1, -1) for name in ("asin", "acos")},
        "constant": lambda number: torch.tensor(number, dtype=torch.float64),
        "power": singular_at(lambda a, exponent: a**exponent, 0),
        "relu": singular_at(cut, 0),
        "leaky_relu": singular_at(lambda a: a if a > 0 else 0.01 * a, 0),
        "maximum": larger,
        "minimum": lambda a, b: -larger(-a, -b),
        "truediv": quotient,
        "where": where,
    }


def torchs_derivatives(torch: Any, program: Program, x: float, y: float) -> tuple[list[float], float]:
    """The gradient, and the second derivative by x."""

    def derivatives(output: Any, *inputs: Any) -> list[Any]:
        if not output.requires_grad:
            return [torch.zeros(())] * len(inputs)
        found = torch.autograd.grad(output, inputs, create_graph=True, allow_unused=True)
        return [torch.zeros(()) if derivative is None else derivative for derivative in found]

    point = [torch.tensor(number, dtype=torch.float64, requires_grad=True) for number in (x, y)]
    gradient = derivatives(run(program, chosen_beforehand(torch), *point), *point)
    (second,) = derivatives(gradient[0], point[0])
    return [slope.item() for slope in gradient], second.item()


def same(found: float, expected: float) -> bool:
    return (
        found == expected
        or math.isclose(found, expected, rel_tol=1e-7, abs_tol=1e-9)
        or (found != found and expected != expected)
    )


def same_in_another_order(found: float, expected: float) -> bool:
    """Forward mode multiplies from the other end, and PyTorch's slopes are rounded otherwise. What an infinite slope is
    multiplied with may be 0 in one way, which gives NaN, and nearly 0 in the other; so too with a difference of infinities."""
    one_is_nan, one_is_infinite = math.isnan(found) != math.isnan(expected), math.isinf(found) != math.isinf(expected)
    return same(found, expected) or (one_is_nan and one_is_infinite)


outside = Value(1.0)


@settings(
    max_examples=(1 if settings.default.max_examples < 1000 else 10) * settings.default.max_examples,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
@given(programs())
def check_program(torch: Any, drawn: tuple[Program, float, float]) -> None:
    program, x, y = drawn

    def f(x: Any, y: Any) -> Any:
        return run(program, OURS, x, y)

    try:
        value = f(Value(x), Value(y))
    except ArithmeticError:
        assume(False)  # no value, no derivative
    assume(math.isfinite(getattr(value, "data", value)))
    gradient, second = torchs_derivatives(torch, program, x, y)
    ways = {
        "reverse": grad(f, (0, 1))(x, y),
        "as a graph": [getattr(d, "data", d) for d in grad(lambda *p: f(*p) * outside, (0, 1))(x, y)],
        **{backend: compile(f, (0, 1), backend=backend).grad(x, y) for backend in ("python", "native")},
    }
    for way, found in ways.items():
        assert all(map(same_in_another_order, found, gradient)), (way, found, gradient)
    forward = [jvp(lambda x: f(x, y), (x,), (1.0,))[1], jvp(lambda y: f(x, y), (y,), (1.0,))[1]]
    assert all(map(same_in_another_order, forward, gradient)), (forward, gradient)

    slope = grad(f)
    seconds = {
        "reverse over reverse": grad(slope)(x, y),
        "forward over reverse": jvp(lambda x: slope(x, y), (x,), (1.0,))[1],
        "compiled": compile(slope, backend="python").grad(x, y),
    }
    elsewhere = compile(slope, backend="python")
    try:
        elsewhere.grad(0.75, 0.625)
    except ArithmeticError:
        pass  # recorded nowhere
    else:
        seconds["compiled elsewhere"] = elsewhere.grad(x, y)
    for way, number in seconds.items():
        if not math.isnan(second):  # PyTorch's own is NaN where a formula of a derivative has 0 times infinity
            assert same_in_another_order(number, second), (way, number, second)
        assert same_in_another_order(number, seconds["reverse over reverse"]), (way, seconds)


SPECIAL = st.sampled_from([math.inf, -math.inf, math.nan, 1e200, -1e200, 0.0, 1.0, -1.0, 0.5])


@settings(
    max_examples=(1 if settings.default.max_examples < 1000 else 10) * settings.default.max_examples,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
@given(programs(), st.lists(st.tuples(SPECIAL, SPECIAL), min_size=1, max_size=3))
def test_what_was_recorded_at_finite_numbers_is_right_at_infinite_ones(
    drawn: tuple[Program, float, float], points: list[tuple[float, float]]
) -> None:
    program, *_ = drawn

    def f(x: Any, y: Any) -> Any:
        return run(program, OURS, x, y)

    def quietly(call: Callable[..., Any], *point: Any) -> Any:
        try:
            return call(*point)
        except ArithmeticError:
            return None

    functions = {
        "first derivatives": (f, lambda *point: grad(f, (0, 1))(*point)),
        "second derivatives": (lambda x, y: grad(f)(x, y), lambda *point: grad(grad(f), (0, 1))(*point)),
    }
    for name, (function, slopes) in functions.items():
        eager = [quietly(slopes, *point) for point in points]
        for backend in ("python", "native"):
            compiled = compile(function, (0, 1), backend=backend)
            if quietly(compiled.grad, 0.75, 0.625) is None:
                continue
            for point, expected in zip(points, eager, strict=True):
                found = quietly(compiled.grad, *point)
                if expected is not None and found is not None:
                    assert all(map(same_in_another_order, found, expected)), (name, backend, point, found, expected)
            if None not in eager:
                batched = compile(function, (0, 1), in_axes=(0, 0), backend=backend)
                columns = quietly(batched.grad, *map(list, zip((0.75, 0.625), *points, strict=True)))
                for column, expected in zip(columns or (), zip(*eager, strict=True), strict=False):
                    of_batch = [slope * len(column) for slope in column[1:]]
                    assert all(map(same_in_another_order, of_batch, expected)), (name, backend, of_batch, expected)


def in_a_loop(f: Callable[..., Any]) -> Callable[..., Any]:
    """Two steps of a program, each on what the one before it gave."""
    return lambda x, y: ag.fori(2, lambda i, c: (f(*c), c[0]), (x, y))[0]


def halved_by_slope(f: Callable[..., Any]) -> Callable[..., Any]:
    """A loop whose steps decide by a slope of before it, and by one of their own."""

    def loop(x: Any, y: Any) -> Any:
        before = grad(f)(x, y)
        return ag.fori(2, lambda i, c: ag.where(ag.greater(before, 0 * c), c, ag.where(grad(f)(c, y), 0.5 * c, c)), x)

    return loop


OF_PROGRAMS: dict[str, Callable[..., Any]] = {
    "a loop": in_a_loop,
    "the slope of a loop": lambda f: grad(in_a_loop(f)),
    "a slope in forward mode": lambda f: lambda x, y: jvp(in_a_loop(f), (x, y), (1.0, 0.0))[1],
    "a choice by a slope": lambda f: lambda x, y: ag.where(ag.equal(grad(f)(x, y), 0.0), x, y),
    "a loop that decides by slopes": halved_by_slope,
}


@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(programs(), st.sampled_from([*OF_PROGRAMS]), st.lists(st.tuples(SPECIAL, SPECIAL), min_size=1, max_size=3))
def test_so_is_what_loops_and_slopes_within_make_of_a_program(
    drawn: tuple[Program, float, float], kind: str, points: list[tuple[float, float]]
) -> None:
    program, *_ = drawn
    function = OF_PROGRAMS[kind](lambda x, y: run(program, OURS, x, y))
    compiled = compile(function, (0, 1), backend="python")
    try:
        compiled.value_and_grad(0.75, 0.625)
    except ArithmeticError:
        assume(False)
    for point in points:
        try:
            expected, by_point = value_and_grad(function, (0, 1))(*point)
            found, slopes = compiled.value_and_grad(*point)
        except ArithmeticError:
            continue
        assert all(map(same_in_another_order, (found, *slopes), (expected, *by_point))), (
            point,
            found,
            slopes,
            expected,
            by_point,
        )


def test_derivatives_of_random_programs_are_those_of_pytorch_with_each_choice_made() -> None:
    check_program(pytest.importorskip("torch"))
