"""A projectile with drag, 100,000 steps of Euler's method: where it lands and the derivatives by how it was thrown."""

from __future__ import annotations

import random
from argparse import Namespace
from functools import partial
from typing import Any

from benchmarks.timing import Contestant, Step, compare

STEPS = 100_000
TIME = 5.0 / STEPS
GRAVITY = 9.81


def moved(state: Any, drag: Any, sqrt: Any) -> list[Any]:
    """The state after one step: place and velocity."""
    x, y, vx, vy = state
    slowing = drag * sqrt(vx * vx + vy * vy)
    return [x + TIME * vx, y + TIME * vy, vx - TIME * slowing * vx, vy - TIME * (GRAVITY + slowing * vy)]


def missed(x: Any, y: Any) -> Any:
    """How far off the target it is."""
    return (x - 40.0) ** 2 + (y - 1.0) ** 2


def throws() -> Any:
    """The same throws for each contestant: two velocities and the drag."""
    random_ = random.Random(0)
    return lambda: [20 + random_.random(), 30 + random_.random(), 0.02]


def ours(backend: str) -> Step:
    from autograd_lite import compile, fori, sqrt

    def f(throw: Any) -> Any:
        vx, vy, drag = throw
        x, y, _, _ = fori(STEPS, lambda i, state: moved(state, drag, sqrt), [0.0, 0.0, vx, vy])
        return missed(x, y)

    both, throw = compile(f, backend=backend).value_and_grad, throws()

    def run() -> float:
        value, gradient = both(throw())
        return float(value + gradient[2])

    return run


def jax_scan() -> Step:
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", True)

    def f(throw: Any) -> Any:
        vx, vy, drag = throw
        start = (jnp.zeros(()), jnp.zeros(()), vx, vy)
        (x, y, _, _), _ = jax.lax.scan(lambda state, _: (tuple(moved(state, drag, jnp.sqrt)), None), start, None, length=STEPS)
        return missed(x, y)

    both, throw = jax.jit(jax.value_and_grad(f)), throws()

    def run() -> float:
        value, gradient = both(jnp.array(throw()))
        return float(value + gradient[2])

    return run


def casadi_mapaccum() -> Step:
    import casadi as ca
    import numpy as np

    state, drag, throw = ca.SX.sym("state", 4), ca.SX.sym("drag"), ca.MX.sym("throw", 3)
    step = ca.Function("step", [state, drag], [ca.vertcat(*moved([state[k] for k in range(4)], drag, ca.sqrt))])
    states = step.mapaccum("steps", STEPS)(ca.vertcat(0, 0, throw[0], throw[1]), ca.repmat(throw[2], 1, STEPS))
    value = missed(states[0, -1], states[1, -1])
    both, given = ca.Function("both", [throw], [value, ca.gradient(value, throw)]), throws()

    def run() -> float:
        found, gradient = both(given())
        return float(found) + float(np.asarray(gradient)[2, 0])

    return run


def run(options: Namespace) -> None:
    compare(
        f"a projectile with drag, {STEPS:,} steps, value and gradient",
        [
            Contestant("autograd_lite, native", partial(ours, "native")),
            Contestant("JAX jit, lax.scan", jax_scan),
            Contestant("CasADi, mapaccum", casadi_mapaccum),
            Contestant("autograd_lite, python", partial(ours, "python")),
        ],
    )
