"""The table's conventions: kinks, ties, edges of domains, notation; what must hold of every entry."""

import inspect
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd_lite as ag
from autograd_lite import Value
from autograd_lite.errors import OperationError
from autograd_lite.ops import TABLE

small = st.floats(-5, 5)
INF = math.inf


def slopes(f: Callable[..., Any], *numbers: float) -> tuple[float, ...]:
    values = [Value(x) for x in numbers]
    f(*values).backward()
    return tuple(v.grad for v in values)


@pytest.mark.parametrize("name", TABLE)
def test_every_entry_is_complete_and_explained(name: str) -> None:
    operation = TABLE[name]
    entry = operation.primitive
    parameters = inspect.signature(operation).parameters
    assert (entry.name, len(entry.derivatives)) == (name, len(parameters))
    assert operation.__doc__
    assert entry.symbol
    assert len(entry.domain) in (0, len(parameters))
    if entry.latex:
        assert entry.latex.format(*"xyz")


def test_what_networks_are_made_of_has_finite_derivatives() -> None:
    finite = {name for name, operation in TABLE.items() if operation.primitive.finite_derivatives}
    made_of = "add sub mul neg identity exp tanh sech_squared sigmoid relu softplus sum dot square deg2rad rad2deg sinc"
    assert finite == set(made_of.split())


KINKS = [
    (ag.relu, (0.0,), (0.0,)),
    (ag.abs, (0.0,), (0.0,)),
    (ag.leaky_relu, (0.0,), (0.01,)),
    (lambda x: ag.leaky_relu(x, 0.3), (-0.0,), (0.3,)),
    (ag.elu, (0.0,), (1.0,)),
    (ag.maximum, (2.0, 2.0), (0.5, 0.5)),
    (ag.minimum, (2.0, 2.0), (0.5, 0.5)),
    (ag.sign, (0.0,), (0.0,)),
    (ag.clip, (1.0, 1.0, 2.0), (1.0, 0.0, 0.0)),
    (ag.clip, (2.0, 1.0, 2.0), (1.0, 0.0, 0.0)),
    (ag.clip, (5.0, 2.0, 1.0), (0.0, 0.0, 1.0)),
    (ag.clip, (0.0, 2.0, 1.0), (0.0, 0.0, 1.0)),
    (ag.clip, (0.0, 1.0, 1.0), (0.0, 0.0, 0.0)),
    (ag.floor, (2.0,), (0.0,)),
    (ag.ceil, (2.0,), (0.0,)),
    (ag.round, (2.5,), (0.0,)),
    (lambda a, b: a % b, (6.0, 2.0), (1.0, -3.0)),
    (lambda a, b: a // b, (6.0, 2.0), (0.0, 0.0)),
]
EDGES = [
    (ag.sqrt, (0.0,), (INF,)),
    (ag.cbrt, (0.0,), (INF,)),
    (ag.asin, (1.0,), (INF,)),
    (ag.asin, (-1.0,), (INF,)),
    (ag.acos, (1.0,), (-INF,)),
    (ag.acosh, (1.0,), (INF,)),
    (ag.atan2, (0.0, 0.0), (0.0, 0.0)),
    (lambda x, y: x**y, (0.0, 2.0), (0.0, 0.0)),
    (lambda x, y: x**y, (0.0, 1.0), (1.0, 0.0)),
    (lambda x, y: x**y, (0.0, 0.5), (INF, 0.0)),
    (lambda x: x**2, (-3.0,), (-6.0,)),
    (lambda x: x**-1, (-2.0,), (-0.25,)),
    (lambda x: x**0, (0.0,), (0.0,)),
    (ag.hypot, (3.0, 0.0), (1.0, 0.0)),
]


@pytest.mark.parametrize(
    ("name", "at", "beside"),
    [
        *((name, [(0.0,), (-0.0,)], [(1.0,), (-1.0,)]) for name in ("abs", "relu", "sign")),
        *((name, [(0.0,), (0.0, 0.5)], [(1.0,), (-1.0, 0.5), (0.5, 0.0)]) for name in ("leaky_relu", "elu")),
        *((name, [(2.0, 2.0)], [(1.0, 2.0), (2.0, 1.0)]) for name in ("maximum", "minimum", "greater", "equal")),
        ("where", [(0.0, 1.0, 2.0)], [(1.0, 0.0, 0.0), (-1.0, 2.0, 2.0)]),
        ("clip", [(0.0, 0.0, 1.0), (1.0, 0.0, 1.0), (1.0, 2.0, 2.0)], [(0.5, 0.0, 1.0), (-1.0, 0.0, 1.0), (5.0, 2.0, 2.0)]),
        *((name, [(0.0,), (-3.0,)], [(0.5,), (-0.25,)]) for name in ("floor", "ceil")),
        ("round", [(0.5,), (-2.5,)], [(0.0,), (3.0,), (-0.25,)]),
        *((name, [(6.0, 2.0), (-6.0, 2.0)], [(5.0, 2.0), (1.0, -4.0)]) for name in ("mod", "floordiv")),
        *((name, [(0.0, 0.0)], [(1.0, 0.0), (0.0, 1.0), (1.0, 1.0)]) for name in ("hypot", "direction")),
        ("atan2", [(0.0, 0.0), (0.0, -1.0)], [(0.0, 1.0), (1.0, 0.0), (1.0, -1.0), (-1.0, 0.0)]),
    ],
)
def test_kinks_are_where_derivatives_jump(name: str, at: list[tuple[float, ...]], beside: list[tuple[float, ...]]) -> None:
    kink = TABLE[name].primitive.kink
    assert [kink(*point) == 0 for point in at] == [True] * len(at)
    assert [kink(*point) == 0 for point in beside] == [False] * len(beside)


def test_only_these_operations_have_kinks() -> None:
    jumping = "abs relu leaky_relu elu maximum minimum clip sign greater equal where hypot direction atan2"
    whole = "floor ceil round mod floordiv"
    assert {name for name, operation in TABLE.items() if operation.primitive.kink} == {*jumping.split(), *whole.split()}


@pytest.mark.parametrize(("f", "point", "expected"), KINKS + EDGES)
def test_derivatives_at_kinks_and_edges_are_the_stated_ones(
    f: Callable[..., Any], point: tuple[float, ...], expected: tuple[float, ...]
) -> None:
    assert slopes(f, *point) == expected


def test_derivatives_that_do_not_exist_are_nan() -> None:
    assert all(map(math.isnan, slopes(ag.hypot, 0.0, 0.0)))
    by_base, by_exponent = slopes(lambda x, y: x**y, -2.0, 2.0)
    assert by_base == -4.0
    assert math.isnan(by_exponent)


TORCH_NAMES = {"pow": "pow", "silu": "nn.functional.silu", "relu": "relu", "elu": "nn.functional.elu"}


@pytest.mark.parametrize(
    ("name", "point"),
    [
        (name, (x,))
        for name in ("relu", "abs", "sqrt", "asin", "acos", "acosh", "silu", "elu", "sign")
        for x in (0.0, -0.0, 1.0, -1.0)
        if TABLE[name].primitive.domain == () or x in TABLE[name].primitive.domain[0]
    ]
    + [
        (name, p)
        for name in ("maximum", "minimum", "hypot", "atan2", "pow")
        for p in ((1.0, 1.0), (0.0, 2.0), (0.0, 0.5), (0.0, 0.0))
    ],
)
def test_conventions_are_pytorchs(name: str, point: tuple[float, ...]) -> None:
    torch = pytest.importorskip("torch")
    reference = torch
    for part in TORCH_NAMES.get(name, name).split("."):
        reference = getattr(reference, part)
    tensors = [torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in point]
    expected = reference(*tensors)
    expected.backward()
    got = slopes(TABLE[name], *point)
    assert got == pytest.approx([t.grad.item() for t in tensors], nan_ok=True)


@given(x=small, y=small)
def test_choices_pass_the_derivative_to_what_they_chose(x: float, y: float) -> None:
    larger = 0.5 if x == y else float(x > y)
    assert slopes(ag.maximum, x, y) == (larger, 1 - larger)
    assert slopes(ag.minimum, x, y) == (1 - larger, larger)
    assert slopes(lambda a, b: ag.where(ag.greater(a, b), a * 2, b * 3), x, y) == ((2.0, 0.0) if x > y else (0.0, 3.0))
    assert slopes(ag.leaky_relu, x) == ((1.0,) if x > 0 else (0.01,))
    assert slopes(lambda a, s: ag.leaky_relu(a, s), x, 0.2)[1] == min(x, 0.0)


@given(st.lists(small, min_size=1, max_size=6))
def test_prod_divides_by_nothing_so_zeros_are_no_exception(factors: list[float]) -> None:
    values = [Value(x) for x in factors]
    out = ag.prod([*values, 1.0])
    out.backward()
    for index, v in enumerate(values):
        assert v.grad == pytest.approx(math.prod(factors[:index] + factors[index + 1 :]), abs=1e-9)


@given(st.lists(st.tuples(small, small), min_size=1, max_size=6), small)
def test_dot_is_the_sum_of_products(pairs: list[tuple[float, float]], offset: float) -> None:
    w, a = ([Value(x) for x in side] for side in zip(*pairs, strict=True))
    out = ag.dot(w, a, offset)
    out.backward()
    assert out.data == pytest.approx(math.fsum(x * y for x, y in pairs) + offset, abs=1e-9)
    assert [v.grad for v in w] == [v.data for v in a]
    assert [v.grad for v in a] == [v.data for v in w]


@given(st.lists(st.floats(-1000, 1000), min_size=1, max_size=5))
def test_log_softmax_and_softmax_agree_and_are_shares(logits: list[float]) -> None:
    shares = ag.softmax(logits)
    assert math.fsum(shares) == pytest.approx(1)
    assert [math.exp(x) for x in ag.log_softmax(logits)] == pytest.approx(shares, abs=1e-12)
    jacobian = ag.jacobian(ag.softmax)(logits)
    for i, row in enumerate(jacobian):
        assert row == pytest.approx([shares[i] * ((i == j) - shares[j]) for j in range(len(logits))], abs=1e-9)


def test_mean_is_the_sum_over_the_count() -> None:
    assert ag.mean([1.0, 2.0, 6.0]) == 3.0
    assert ag.grad(ag.mean)([1.0, 2.0, 6.0]) == pytest.approx([1 / 3] * 3)


@pytest.mark.parametrize("name", ["maximum", "minimum"])
@pytest.mark.parametrize("operands", [(math.nan, 1.0), (1.0, math.nan), (math.nan, math.nan)])
def test_nan_wins_a_comparison(name: str, operands: tuple[float, float]) -> None:
    assert math.isnan(TABLE[name](*operands))
    output = TABLE[name](*map(Value, operands))
    assert math.isnan(output.data)
    assert output.local_derivatives == (0, 0)  # no operand is the chosen one


@given(st.lists(st.sampled_from([math.nan, math.inf, -math.inf, 0.0, 1.0]), min_size=1, max_size=4))
def test_no_infinity_hides_a_nan_from_logsumexp(terms: list[float]) -> None:
    total = ag.logsumexp(terms)
    assert math.isnan(total) == any(map(math.isnan, terms))
    assert math.isnan(total) or math.isfinite(total) == math.isfinite(max(terms))


@given(st.floats(0, 700), st.integers(1, 3))
def test_beside_0_logsumexp_keeps_what_is_small(x: float, count: int) -> None:
    assert ag.logsumexp([-x] * count + [0.0]) == pytest.approx(math.log1p(count * math.exp(-x)), rel=1e-15)


def test_relu_of_nan_is_nan_and_passes_nothing_on() -> None:
    output = TABLE["relu"](Value(math.nan))
    assert math.isnan(output.data)
    assert output.local_derivatives == (0,)


@pytest.mark.parametrize(("terms", "expected"), [([math.inf, 1.0], math.inf), ([-math.inf, -math.inf], -math.inf)])
def test_logsumexp_of_infinite_terms(terms: list[float], expected: float) -> None:
    assert TABLE["logsumexp"](terms) == expected


def test_a_power_that_is_not_real_is_an_error_and_its_limit_nan() -> None:
    assert math.isnan(TABLE["power_limit"](-2.0, 0.5))
    with pytest.raises(ArithmeticError, match="outside the domain"):
        TABLE["pow"](-2.0, 0.5)


@pytest.mark.parametrize("name", ["greater", "equal", "maximum", "minimum"])
@given(small, small)
def test_what_compares_two_operands_has_its_kink_where_they_are_equal(name: str, a: float, b: float) -> None:
    kink = TABLE[name].primitive.kink
    assert kink(a, a) == 0
    assert (kink(a, b) == 0) == (a == b)


extreme = st.floats() | st.sampled_from([0.0, -0.0, 1.0, -1.0, 1e308, -1e308, 5e-324, 1000.0, INF, -INF])


@pytest.mark.parametrize("name", [name for name in TABLE if TABLE[name].primitive.finite_derivatives])
def test_an_entry_with_finite_derivatives_has_them_wherever_its_value_is_finite(name: str) -> None:
    entry = TABLE[name].primitive

    @given(st.lists(extreme, min_size=len(entry.derivatives), max_size=len(entry.derivatives)))
    def check(point: list[float]) -> None:
        operands = [[Value(x), Value(1.0)] if entry.variadic and k < 2 else Value(x) for k, x in enumerate(point)]
        try:
            node = TABLE[name](*operands)
        except OperationError:  # there is no value there
            return
        if math.isfinite(node.data):
            assert all(map(math.isfinite, node.local_derivatives))

    check()


def test_numpy_finds_its_names_for_the_inverse_functions() -> None:
    array = np.array([Value(0.5)], dtype=object)
    for ours, theirs in (
        ("asin", np.arcsin),
        ("acos", np.arccos),
        ("atan", np.arctan),
        ("asinh", np.arcsinh),
        ("atanh", np.arctanh),
    ):
        assert theirs(array)[0].op == ours
