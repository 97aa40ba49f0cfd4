"""A single neuron, tanh(w·x + b) with two inputs: its value and gradient, as in the first lesson."""

from __future__ import annotations

from argparse import Namespace
from typing import Any

from benchmarks.timing import Contestant, Step, compare

POINT = (-3.0, 1.0, 2.0, 0.5, 6.88)


def compiled(backend: str) -> Step:
    from autograd_lite import compile, tanh

    both = compile(lambda w1, w2, x1, x2, b: tanh(w1 * x1 + w2 * x2 + b), (0, 1, 2, 3, 4), backend=backend).value_and_grad
    return lambda: sum(both(*POINT)[1])


def eager() -> Step:
    from autograd_lite import Value

    def run() -> float:
        w1, w2, x1, x2, b = leaves = [Value(number) for number in POINT]
        (w1 * x1 + w2 * x2 + b).tanh().backward()
        return float(sum(leaf.grad for leaf in leaves))

    return run


def micrograd() -> Step:
    from micrograd.engine import Value

    def run() -> float:
        w1, w2, x1, x2, b = leaves = [Value(number) for number in POINT]
        z = w1 * x1 + w2 * x2 + b
        e = 2.718281828459045 ** (2 * z.data)  # micrograd has no exp and no tanh; as its lessons add it
        t = Value((e - 1) / (e + 1), (z,), "tanh")

        def backward() -> None:
            z.grad += (1 - t.data**2) * t.grad

        t._backward = backward
        t.backward()
        return float(sum(leaf.grad for leaf in leaves))

    return run


def torch() -> Step:
    import torch

    def run() -> float:
        w1, w2, x1, x2, b = leaves = [torch.tensor(number, dtype=torch.float64, requires_grad=True) for number in POINT]
        torch.tanh(w1 * x1 + w2 * x2 + b).backward()
        return float(sum(leaf.grad for leaf in leaves))

    return run


def jax() -> Step:
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", True)
    both = jax.jit(jax.value_and_grad(lambda w1, w2, x1, x2, b: jnp.tanh(w1 * x1 + w2 * x2 + b), (0, 1, 2, 3, 4)))
    return lambda: float(sum(both(*POINT)[1]))


def hips() -> Step:
    import autograd
    import autograd.numpy as anp

    both = autograd.value_and_grad(lambda p: anp.tanh(p[0] * p[2] + p[1] * p[3] + p[4]))
    point = anp.array(POINT)
    return lambda: float(both(point)[1].sum())


def casadi() -> Step:
    import casadi as ca

    p = ca.SX.sym("p", 5)
    z = ca.tanh(p[0] * p[2] + p[1] * p[3] + p[4])
    both = ca.Function("neuron", [p], [z, ca.gradient(z, p)])
    point: Any = list(POINT)
    return lambda: float(ca.sum1(both(point)[1]))


def mygrad() -> Step:
    import mygrad as mg

    def run() -> float:
        w1, w2, x1, x2, b = leaves = [mg.tensor(number) for number in POINT]
        mg.tanh(w1 * x1 + w2 * x2 + b).backward()
        return float(sum(leaf.grad for leaf in leaves))

    return run


def run(options: Namespace) -> None:
    compare(
        "A single neuron: value and gradient",
        [
            Contestant("autograd_lite, native", lambda: compiled("native")),
            Contestant("autograd_lite, python", lambda: compiled("python")),
            Contestant("autograd_lite, eager", eager),
            Contestant("micrograd", micrograd),
            Contestant("PyTorch eager", torch),
            Contestant("JAX jit", jax),
            Contestant("CasADi SX", casadi),
            Contestant("HIPS autograd", hips),
            Contestant("MyGrad", mygrad),
        ],
    )
