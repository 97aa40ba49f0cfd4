"""Whole numbers, remainders, ends: the values that Python, NumPy and JAX give, and derivatives that jumps do not disturb."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import autograd_lite as ag
from autograd_lite import Value, grad

anything = st.floats(-1e6, 1e6) | st.floats(allow_nan=False, allow_infinity=False) | st.integers(-9, 9).map(lambda k: k / 2)


@given(anything)
def test_they_are_the_whole_numbers_of_python(x: float) -> None:
    assert (ag.floor(x), ag.ceil(x), ag.round(x)) == (math.floor(x), math.ceil(x), round(x))
    assert type(ag.floor(x)) is float
    v = Value(x)
    assert (v.floor().data, v.ceil().data, round(v).data) == (math.floor(x), math.ceil(x), round(x))


@pytest.mark.parametrize("name", ["floor", "ceil", "round"])
def test_exact_numbers_stay_exact_and_what_is_no_number_passes(name: str) -> None:
    operation = getattr(ag, name)
    assert operation(Fraction(7, 2)) == getattr(math, name, round)(Fraction(7, 2))
    assert operation(10**30 + 1) == 10**30 + 1
    assert (operation(math.inf), operation(-math.inf)) == (math.inf, -math.inf)
    assert math.isnan(operation(math.nan))


def test_they_are_recorded_and_pass_nothing_on() -> None:
    x = Value(2.75, "x")
    y = x.floor() * x + x.ceil() + x.round()
    y.backward()
    assert x.grad == 2.0
    assert [node.op for node in (x.floor(), x.ceil(), x.round(), round(x))] == ["floor", "ceil", "round", "round"]
    assert grad(grad(lambda x: x * x * ag.floor(x)))(2.75) == 4.0


def test_rounding_to_digits_says_what_to_write() -> None:
    with pytest.raises(TypeError, match=r"round\(.*label='v'\), 2\): .* f\"\{v:\.2f\}\"; .* round\(v\.data, 2\)"):
        round(Value(1.234, "v"), 2)


@given(anything, anything)
def test_remainder_and_quotient_are_pythons(a: float, b: float) -> None:
    assume(b != 0)
    v, w = Value(a), Value(b)
    assert (v % w).data == (v % b).data == (a % w).data == a % b
    assert (v // w).data == (v // b).data == (a // w).data == pytest.approx(a // b, nan_ok=True)
    for both in (divmod(v, w), divmod(v, b), divmod(a, w)):
        assert [value.data for value in both] == pytest.approx([*divmod(a, b)], nan_ok=True)
    (v % w).backward()
    assert (v.grad, w.grad) == (1.0, pytest.approx(-(a // b), nan_ok=True))
    assert ag.mod(a, b) == a % b


@given(st.floats(-50, 50), st.floats(0.25, 9))
def test_an_operand_is_its_quotient_times_the_divisor_and_the_remainder(a: float, b: float) -> None:
    assume(abs(a / b - round(a / b)) > 1e-6)

    def again(a: Any, b: Any) -> Any:
        return a // b * b + a % b

    assert again(a, b) == pytest.approx(a, abs=1e-12)
    assert grad(again, (0, 1))(a, b) == (1.0, 0.0)


def test_a_remainder_by_0_is_an_error_that_names_both() -> None:
    for compute in (lambda v: 1.0 % v, lambda v: 1.0 // v):
        with pytest.raises(ZeroDivisionError, match=r"\(1.0, d=0.0\): division by zero"):
            compute(Value(0.0, "d"))


def test_arrays_of_values_find_their_operations() -> None:
    array = np.array([Value(5.5), Value(-5.5)], dtype=object)
    assert [v.data for v in array % 2] == [1.5, 0.5]
    assert [v.data for v in np.mod(array, 2)] == [1.5, 0.5]
    for name in ("exp2", "deg2rad", "rad2deg", "square"):
        assert [v.data for v in getattr(np, name)(array)] == pytest.approx(getattr(np, name)([5.5, -5.5]).tolist())


@given(st.floats(), st.floats(-3, 3), st.floats(-3, 3))
def test_clip_is_numpys(x: float, low: float, high: float) -> None:
    assert ag.clip(x, low, high) == pytest.approx(np.clip(x, low, high), nan_ok=True)
    assert Value(x).clip(low, high).data == pytest.approx(np.clip(x, low, high), nan_ok=True)
    parts = grad(ag.clip, (0, 1, 2))(x, low, high)
    assert sum(parts) == (0 if math.isnan(x) or (low == high and x < low) else 1)


def test_clip_without_an_end() -> None:
    assert grad(ag.clip, (0, 1, 2))(5.0, -math.inf, math.inf) == (1.0, 0.0, 0.0)
    assert grad(lambda x: ag.clip(x, low=0.0, high=math.inf))(-2.0) == 0.0
    assert grad(lambda x: ag.sqrt(ag.clip(x, 0.0, 1.0)))(-2.0) == 0.0  # what is not chosen passes nothing on


@pytest.mark.parametrize(
    "point", [(0.5, 0.0, 1.0), (0.0, 0.0, 1.0), (1.0, 0.0, 1.0), (-1.0, 0.0, 1.0), (2.0, 0.0, 1.0), (1.0, 2.0, 0.5)]
)
def test_the_derivatives_of_clip_are_those_of_pytorchs_clamp(point: tuple[float, ...]) -> None:
    torch = pytest.importorskip("torch")
    tensors = [torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in point]
    torch.clamp(*tensors).backward()
    assert grad(ag.clip, (0, 1, 2))(*point) == tuple(t.grad.item() for t in tensors)


@pytest.mark.parametrize(
    ("name", "module", "jaxs", "x"),
    [
        *(("sinc", "jax.numpy", "sinc", x) for x in (0.0, 0.5, -0.75, 1.0)),
        *(("exp2", "jax.numpy", "exp2", x) for x in (0.0, -3.5)),
        *(
            (name, "jax.scipy.special", jaxs, x)
            for name, jaxs in (("lgamma", "gammaln"), ("digamma", "digamma"))
            for x in (0.5, 3.25)
        ),
    ],
)
def test_values_and_slopes_are_jaxs(name: str, module: str, jaxs: str, x: float) -> None:
    jax, reference = pytest.importorskip("jax"), getattr(pytest.importorskip(module), jaxs)
    operation = getattr(ag, name)
    assert operation(x) == pytest.approx(float(reference(x)), rel=1e-5, abs=1e-6)
    assert grad(operation)(x) == pytest.approx(float(jax.grad(reference)(x)), rel=1e-5, abs=1e-6)
