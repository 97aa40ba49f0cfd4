"""A user's program: what a type checker knows of Values, of operations and of derivatives of functions."""

from collections.abc import Callable
from fractions import Fraction
from typing import Any, assert_type

import autograd_lite as ag
from autograd_lite import Value, check_grads, compile, grad, hessian, jacfwd, jacobian, jvp, primitive, value_and_grad, vjp
from nn import Parameter

x, w = Value(2.0), Parameter(3.0)

# Values: their numbers, operators and methods
assert_type(x.data, float)
assert_type(x.grad, float)
assert_type(x.parents, tuple[Value, ...])
assert_type(x.backward(), None)
assert_type(w.recompute(), Parameter)
assert_type(x.label, str)
x.data = 3
x.data = Fraction(1, 3)
x.grad = 0.0
assert_type(2 * x - x / 3 + x**2 - 2**x + x % 2 + x // 2, Value)
assert_type(w * x, Value)
assert_type(w * w, Value)
assert_type(-w, Value)
assert_type(abs(w), Value)
assert_type(w < x, bool)
assert_type(max(x, w), Value)
assert_type(sorted([x, w * 2]), list[Value])
assert_type(x.tanh(), Value)
assert_type(w.leaky_relu(0.2), Value)
assert_type(w.clip(0, x), Value)
assert_type(x.detach(), Value)
assert_type(f"{x:.2f}", str)

# Operations: a number gives a number, a Value a Value
assert_type(ag.tanh(x), Value)
assert_type(ag.tanh(w), Value)
assert_type(ag.tanh(0.5), float)
assert_type(ag.exp(2), float)
assert_type(ag.hypot(x, 1), Value)
assert_type(ag.hypot(1.0, x), Value)
assert_type(ag.maximum(1.0, 2), float)
assert_type(ag.atan2(x, w), Value)
assert_type(ag.where(ag.greater(x, 0), x, 0.0), Value)
assert_type(ag.where(True, 1.0, 0.0), float)
assert_type(ag.clip(x, low=0, high=1), Value)
assert_type(ag.clip(2.0, 0.0, 1.0), float)
assert_type(ag.leaky_relu(x, negative_slope=0.2), Value)
assert_type(ag.elu(1.0, alpha=2.0), float)
assert_type(ag.sum([x, 1.0]), Value)
assert_type(ag.sum([1.0, 2.0]), float)
assert_type(ag.sum(v * v for v in (x, w)), Value)
assert_type(ag.prod([x, w]), Value)
assert_type(ag.logsumexp([1.0, 2.0]), float)
assert_type(ag.dot([x, w], [1.0, 2.0], b=w), Value)
assert_type(ag.dot([1.0], [2.0]), float)
assert_type(ag.mean([1.0, 2.0]), float)
assert_type(ag.mean([x, x * x]), Value)
assert_type(ag.softmax([1.0, 2.0]), list[float])
assert_type(ag.softmax([x, 2 * x]), list[Value])
assert_type(ag.log_softmax([x, 2 * x]), list[Value])
assert_type(ag.stop_gradient(x), Value)
assert_type(ag.tanh.__name__, str)
as_function: Callable[[float], float] = ag.sin
on_values: Callable[[Value], Value] = ag.sin
assert_type([ag.exp(v) for v in (x, w)], list[Value])
assert_type(list(map(ag.exp, [x])), list[Value])


def either(number: Value | float) -> Value | float:
    return ag.tanh(number) * 2


# Operations of one's own


@primitive(derivatives=[lambda out, x: 3 * x * x])
def cube(x: float) -> float:
    return x**3


@primitive(derivatives=[lambda out, x, y: y, lambda out, x, y: x])
def product(x: float, y: float) -> float:
    return x * y


@primitive(derivatives=[lambda out, x, k=2.0: k, lambda out, x, k=2.0: x])
def scaled(x: float, k: float = 2.0) -> float:
    return k * x


assert_type(cube(x), Value)
assert_type(cube(2.0), float)
assert_type(product(2.0, x), Value)
assert_type(product(2.0, 3.0), float)
assert_type(scaled(x, k=3.0), Value)
assert_type(scaled(1.0), float)
assert_type(check_grads(cube, (2.0,), order=2), None)


# Derivatives of functions keep the parameters; a gradient has the structure of what it is by


def f(x: float, power: int = 2) -> float:
    return ag.sin(x) ** power


def g(x: float, y: float) -> float:
    return x * ag.tanh(y)


def loss(weights: list[float], target: float) -> float:
    return (ag.sum(weights) - target) ** 2


def named(weights: dict[str, float]) -> float:
    return weights["w"] * weights["x"]


def with_aux(x: float) -> tuple[float, str]:
    return x * x, "square"


def outputs(p: list[float]) -> list[float]:
    return [p[0] * p[1], p[0]]


assert_type(grad(ag.tanh)(0.5), float)
assert_type(grad(ag.tanh)(x), Value)
assert_type(grad(grad(grad(ag.tanh)))(0.5), float)
assert_type(grad(cube)(2.0), float)
assert_type(grad(f)(1.0, power=3), float)
assert_type(grad(grad(f))(1.0), float)
assert_type(grad(g, 1)(1.0, 2.0), float)
assert_type(grad(g, argnums=(0, 1))(1.0, 2.0), tuple[float, float])
assert_type(grad(loss)([1.0, 2.0], 3.0), list[float])
assert_type(grad(named)({"w": 1.0, "x": 2.0}), dict[str, float])
assert_type(grad(with_aux, has_aux=True)(2.0), tuple[float, str])
assert_type(value_and_grad(ag.tanh)(0.5), tuple[float, float])
assert_type(value_and_grad(loss)([1.0], 2.0), tuple[float, list[float]])
assert_type(value_and_grad(g, argnums=(0, 1))(1.0, 2.0), tuple[float, tuple[float, float]])
assert_type(value_and_grad(with_aux, has_aux=True)(2.0), tuple[tuple[float, str], float])
assert_type(jacobian(outputs)([1.0, 2.0]), list[list[float]])
assert_type(jacfwd(outputs)([1.0, 2.0]), list[list[float]])
assert_type(hessian(loss)([1.0, 2.0], 3.0), list[list[float]])
assert_type(hessian(ag.sin)(1.0), float)
assert_type(jvp(g, (1.0, 2.0), (1.0, 0.0)), tuple[float, float])
value, pull_back = vjp(g, 1.0, 2.0)
assert_type(value, float)
assert_type(pull_back(1.0), tuple[float, float])

# What has no types of its own is accepted
cubed: Any = grad(lambda x: x**3)(2.0)
both: Any = grad(lambda x, y: x * y, argnums=(0, 1))(2.0, 3.0)
inside: Any = grad(lambda p: p["w"])({"w": 1.0})

# Compiled
fast = compile(loss, backend="python")
assert_type(fast([1.0, 2.0], 3.0), float)
assert_type(fast.grad([1.0, 2.0], 3.0), list[float])
assert_type(fast.value_and_grad([1.0, 2.0], 3.0), tuple[float, list[float]])
assert_type(fast.source, str)
assert_type(compile(g, argnums=(0, 1))(1.0, 2.0), float)
assert_type(compile(g, (0, 1)).grad(1.0, 2.0), tuple[float, float])
assert_type(compile(g, in_axes=(None, 0)).per_sample(1.0, [2.0, 3.0]), list[float])
batched: Any = compile(lambda w, x: w * x, in_axes=(None, 0)).value_and_grad(1.0, [2.0])
