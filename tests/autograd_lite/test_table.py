"""One generic property suite over the whole table of primitives, and the laws of calculus on random functions made of it."""

import math
import os
import subprocess
import sys
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import autograd_lite
from autograd_lite import Value, check_grads, grad, hessian, hvp, jacobian, jvp, value_and_grad, vjp
from autograd_lite.graph.order import topological_order
from autograd_lite.ops import TABLE
from autograd_lite.strategies import functions
from autograd_lite.strategies.growing import numbers

EVERYWHERE = [
    TABLE[name] for name in ("add", "mul", "sub", "neg", "sin", "cos", "tanh", "sigmoid", "atan", "erf", "softplus", "dot")
]
anything = functions(2, list(TABLE.values()), max_nodes=10)
total = functions(2, EVERYWHERE, max_nodes=5)  # defined at every point
coefficients = numbers()


def close(a, b, tolerance=1e-9):
    assert math.isclose(a, b, rel_tol=tolerance, abs_tol=tolerance), (a, b)


def all_close(a, b, tolerance=1e-9):
    for x, y in zip(a, b, strict=True):
        close(x, y, tolerance)


def gradient(f, point):
    return grad(f, tuple(range(len(point))))(*point)


# Every primitive by itself


DRAWN = [name for name, operation in TABLE.items() if not operation.primitive.stops_gradient]
FEW_SUIT = [HealthCheck.too_slow, HealthCheck.filter_too_much]  # of the operands drawn for clip


@pytest.mark.parametrize("name", DRAWN)
def test_derivatives_to_the_third_order(name):
    @settings(max_examples=max(6, settings.default.max_examples // 10), suppress_health_check=FEW_SUIT)
    @given(functions(2, [TABLE[name]], max_nodes=1))
    def check(f):
        check_grads(f, f.point, order=3)

    check()


@pytest.mark.parametrize("name", DRAWN)
def test_value_and_local_derivatives_are_those_of_the_table(name):
    @settings(max_examples=10, suppress_health_check=FEW_SUIT)
    @given(functions(2, [TABLE[name]], max_nodes=1))
    def check(f):
        node = f(*map(Value, f.point))
        entry = TABLE[name].primitive
        assert node.op == name
        assert node.data == entry.compute(*node.inputs)
        expected = []
        for operand, derivative in zip(node.inputs, entry.derivatives, strict=False):
            local = 0 if derivative is None else derivative(node.data, *node.inputs)
            expected += list(local) if isinstance(operand, list) else [local]
        assert list(node.local_derivatives) == expected
        for kind in (Fraction, np.float64):
            same = f(*(Value(kind(x)) for x in f.point))
            all_close([same.data, *same.local_derivatives], [node.data, *expected])

    check()


# Random functions


@given(anything)
def test_forward_equals_reverse(f):
    by_reverse = gradient(f, f.point)
    by_forward = [jvp(f, f.point, [float(i == k) for i in range(2)])[1] for k in range(2)]
    all_close(by_forward, by_reverse)


@given(anything)
def test_backward_is_grad_to_the_bit(f):
    leaves = [Value(x) for x in f.point]
    f(*leaves).backward()
    assert [leaf.grad for leaf in leaves] == list(gradient(f, f.point))


@given(anything)
def test_backward_twice_doubles_the_leaves_and_leaves_the_nodes(f):
    leaves = [Value(x) for x in f.point]
    output = f(*leaves)
    output.backward()
    once, inner = [leaf.grad for leaf in leaves], [node.grad for node in topological_order(output)]
    output.backward()
    all_close([leaf.grad for leaf in leaves], [2 * g for g in once])
    assert [node.grad for node in topological_order(output)] == inner


@given(anything)
def test_hessian_is_symmetric_and_its_products_are_hvp(f):
    rows = hessian(lambda x: f(*x))(list(f.point))
    close(rows[0][1], rows[1][0])
    (product,) = hvp(lambda x: f(*x), (list(f.point),), ([0.5, -2.0],))
    all_close(product, [0.5 * row[0] - 2.0 * row[1] for row in rows])


@given(anything)
def test_value_is_that_of_numbers(f):
    assert value_and_grad(f)(*f.point)[0] == f(*f.point)


@given(anything, total, coefficients, coefficients)
def test_linearity(f, g, a, b):
    combined = gradient(lambda *x: a * f(*x) + b * g(*x), f.point)
    all_close(combined, [a * df + b * dg for df, dg in zip(gradient(f, f.point), gradient(g, f.point), strict=True)])


@given(anything, total)
def test_gradient_of_a_sum_is_the_sum(f, g):
    combined = gradient(lambda *x: autograd_lite.sum([f(*x), g(*x)]), f.point)
    all_close(combined, [df + dg for df, dg in zip(gradient(f, f.point), gradient(g, f.point), strict=True)])


@given(anything, total)
def test_product_and_quotient_rule(f, g):
    fx, gx = f(*f.point), g(*f.point)
    df, dg = gradient(f, f.point), gradient(g, f.point)
    product = gradient(lambda *x: f(*x) * g(*x), f.point)
    all_close(product, [a * gx + fx * b for a, b in zip(df, dg, strict=True)])
    quotient = gradient(lambda *x: f(*x) / (1 + g(*x) * g(*x)), f.point)
    square, slope = 1 + gx * gx, 2 * gx
    all_close(quotient, [(a * square - fx * slope * b) / square**2 for a, b in zip(df, dg, strict=True)])


@given(anything, total, total)
def test_chain_rule_through_random_compositions(f, g, outer):
    inner = [f(*f.point), g(*f.point)]
    by_inner = gradient(outer, inner)
    df, dg = gradient(f, f.point), gradient(g, f.point)
    composed = gradient(lambda *x: outer(f(*x), g(*x)), f.point)
    scale = max(map(abs, by_inner)) * max(map(abs, [*df, *dg]))
    for whole, a, b in zip(composed, df, dg, strict=True):
        assert abs(whole - (by_inner[0] * a + by_inner[1] * b)) <= 1e-9 * scale


@given(anything, total)
def test_jacobian_rows_are_gradients_and_vjp_combines_them(f, g):
    def both(x):
        return [f(*x), g(*x)]

    rows = jacobian(both)(list(f.point))
    assert rows == [list(gradient(f, f.point)), list(gradient(g, f.point))]
    values, pull_back = vjp(both, list(f.point))
    assert values == [f(*f.point), g(*f.point)]
    (pulled,) = pull_back([2.0, -3.0])
    all_close(pulled, [2 * a - 3 * b for a, b in zip(*rows, strict=True)])


# Identities, whose two sides have one derivative

POSITIVE = st.floats(0.1, 4)
IDENTITIES = {
    "sin² + cos² = 1": (lambda x: autograd_lite.sin(x) ** 2 + autograd_lite.cos(x) ** 2, lambda x: 1 + 0 * x),
    "exp(log x) = x": (lambda x: autograd_lite.exp(autograd_lite.log(x)), lambda x: x),
    "tan = sin / cos": (autograd_lite.tan, lambda x: autograd_lite.sin(x) / autograd_lite.cos(x)),
    "tanh = sinh / cosh": (autograd_lite.tanh, lambda x: autograd_lite.sinh(x) / autograd_lite.cosh(x)),
    "tanh x = 2σ(2x) − 1": (autograd_lite.tanh, lambda x: 2 * autograd_lite.sigmoid(2 * x) - 1),
    "σ = 1 / (1 + e⁻ˣ)": (autograd_lite.sigmoid, lambda x: 1 / (1 + autograd_lite.exp(-x))),
    "softplus = log(1 + eˣ)": (autograd_lite.softplus, lambda x: autograd_lite.log1p(autograd_lite.exp(x))),
    "softplus = logsumexp(0, x)": (autograd_lite.softplus, lambda x: autograd_lite.logsumexp([0.0, x])),
    "silu = x σ(x)": (autograd_lite.silu, lambda x: x * autograd_lite.sigmoid(x)),
    "gelu = x (1 + erf(x/√2)) / 2": (autograd_lite.gelu, lambda x: x * (1 + autograd_lite.erf(x / math.sqrt(2))) / 2),
    "erf + erfc = 1": (lambda x: autograd_lite.erf(x) + autograd_lite.erfc(x), lambda x: 1 + 0 * x),
    "√x √x = x": (lambda x: autograd_lite.sqrt(x) * autograd_lite.sqrt(x), lambda x: x),
    "√x = x ** 0.5": (autograd_lite.sqrt, lambda x: x**0.5),
    "∛x = x ** (1/3)": (autograd_lite.cbrt, lambda x: x ** (1 / 3)),
    "2 ** x = exp(x log 2)": (lambda x: 2**x, lambda x: autograd_lite.exp(x * math.log(2))),
    "log2 x = log x / log 2": (autograd_lite.log2, lambda x: autograd_lite.log(x) / math.log(2)),
    "log10 x = log x / log 10": (autograd_lite.log10, lambda x: autograd_lite.log(x) / math.log(10)),
    "asinh = log(x + √(x² + 1))": (autograd_lite.asinh, lambda x: autograd_lite.log(x + autograd_lite.sqrt(x * x + 1))),
    "atan x = atan2(x, 1)": (autograd_lite.atan, lambda x: autograd_lite.atan2(x, 1.0)),
    "hypot(x, 3) = √(x² + 9)": (lambda x: autograd_lite.hypot(x, 3.0), lambda x: autograd_lite.sqrt(x * x + 9)),
    "expm1 = exp − 1": (autograd_lite.expm1, lambda x: autograd_lite.exp(x) - 1),
    "relu = (x + |x|) / 2": (autograd_lite.relu, lambda x: (x + autograd_lite.abs(x)) / 2),
    "max = (a + b + |a − b|) / 2": (lambda x: autograd_lite.maximum(x, 5.0), lambda x: (x + 5 + autograd_lite.abs(x - 5)) / 2),
    "dot = sum of products": (
        lambda x: autograd_lite.dot([x, 2.0], [x, x], 1.0),
        lambda x: autograd_lite.sum([x * x, 2 * x, 1.0]),
    ),
    "prod(x, x, x) = x³": (lambda x: autograd_lite.prod([x, x, x]), lambda x: x**3),
}


@pytest.mark.parametrize("name", IDENTITIES)
@given(x=POSITIVE)
def test_identity_to_the_second_order(name, x):
    left, right = IDENTITIES[name]
    for transform in (lambda f: f, grad, lambda f: grad(grad(f))):
        assert math.isclose(transform(left)(x), transform(right)(x), rel_tol=1e-7, abs_tol=1e-9)


# Determinism

PROGRAM = """
import random
from autograd_lite import *
generator = random.Random(7)
leaves = [Value(generator.uniform(0.1, 1.0)) for _ in range(20)]
nodes = list(leaves)
for k in range(300):
    a, b = generator.choice(nodes), generator.choice(nodes[-30:])
    choices = [lambda: tanh(a * b), lambda: sin(a) + b, lambda: dot([a, b], [b, 0.3]), lambda: a / (1 + b * b)]
    nodes.append(generator.choice(choices)())
sum(nodes).backward()
print([leaf.grad.hex() for leaf in leaves])
"""


def test_gradients_are_the_same_to_the_bit_in_every_process():
    outputs = {
        subprocess.run(
            [sys.executable, "-c", PROGRAM],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("0", "1", "2")
    }
    assert len(outputs) == 1
    assert "0x1" in outputs.pop()


@given(anything)
def test_gradients_are_the_same_to_the_bit_in_one_process(f):
    assert gradient(f, f.point) == gradient(f, f.point)


# Powers where the formula of the derivative is 0 · infinity


@pytest.mark.parametrize("exponent", range(5))
@pytest.mark.parametrize("x", [0.0, -0.0, 2.0, -2.0])
def test_whole_powers_have_derivatives_of_all_orders_everywhere(exponent, x):
    derivative, expected = (lambda t: t**exponent), 1.0
    for order in range(exponent + 3):
        close(derivative(x), expected * x ** (exponent - order) if order <= exponent else 0)
        derivative, expected = grad(derivative), expected * (exponent - order)


# The declared domains


@pytest.mark.parametrize("name", [name for name in TABLE if any(i.bounded for i in TABLE[name].primitive.domain)])
def test_an_operation_has_a_value_in_its_domain_and_none_outside_to_the_last_bit(name):
    domain = TABLE[name].primitive.domain

    def has_a_value(position, x):
        try:
            result = TABLE[name](*[x if k == position else -0.5 for k in range(len(domain))])
        except ArithmeticError:
            return False
        return isinstance(result, float) and math.isfinite(result)

    for position, interval in enumerate(domain):
        for edge in (interval.low, interval.high, interval.hole):
            if edge is not None and math.isfinite(edge):
                for x in (math.nextafter(edge, -math.inf), float(edge), math.nextafter(edge, math.inf)):
                    if interval.hole is None or x == interval.hole:  # 1 / x overflows beside 0
                        assert has_a_value(position, x) == (x in interval), x


# Local derivatives too large for a float


@pytest.mark.parametrize(
    ("x", "exponent", "slope"),
    [
        (1e-300, -1, -math.inf),
        (-1e-300, -1, -math.inf),
        (1e-154, -2, -math.inf),
        (-1e-154, -2, math.inf),
        (1e-300, -1.02, -math.inf),
    ],
)
def test_local_derivative_of_a_power_that_no_float_holds_is_infinite(x, exponent, slope):
    assert math.isfinite(x**exponent)
    assert grad(lambda t: t**exponent)(x) == slope
