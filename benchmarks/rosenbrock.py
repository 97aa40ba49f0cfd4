"""Rosenbrock's function in 30 variables: value and gradient for a NumPy vector in one call; and its Hessian."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable
from typing import Any

from benchmarks.timing import Contestant, Step, compare

SIZE = 30


def rosenbrock(x: Any) -> Any:
    return sum(100 * (x[i + 1] - x[i] ** 2) ** 2 + (1 - x[i]) ** 2 for i in range(SIZE - 1))


def points() -> Callable[[], Any]:
    """The same vectors for each contestant, one a call."""
    import numpy as np

    vectors = np.random.default_rng(0).normal(size=(64, SIZE))
    calls = iter(range(10**12))
    return lambda: vectors[next(calls) % 64]


def both(function: Callable[[Any], tuple[Any, Any]]) -> Step:
    """A step that takes value and gradient, and tells a number that depends on both."""
    vector = points()

    def run() -> float:
        value, gradient = function(vector())
        return float(value) + float(gradient[7])

    return run


def matrix(function: Callable[[Any], Any]) -> Step:
    """A step that takes a Hessian, and tells one of its numbers."""
    vector = points()
    return lambda: float(function(vector())[7, 8])


def native_gradient() -> Step:
    from autograd_lite import compile

    return both(compile(rosenbrock, backend="native").value_and_grad)


def native_buffer() -> Step:
    import numpy as np

    from autograd_lite import compile

    compiled, gradient = compile(rosenbrock, backend="native"), np.empty(SIZE)
    return both(lambda vector: compiled.value_and_grad(vector, out=gradient))


def native_hessian() -> Step:
    from autograd_lite import compile, hessian

    return matrix(compile(lambda x: hessian(rosenbrock)(x), backend="native"))


def casadi_gradient() -> Step:
    import casadi as ca
    import numpy as np

    x = ca.SX.sym("x", SIZE)
    function = ca.Function(
        "f", [x], [rosenbrock([x[i] for i in range(SIZE)]), ca.gradient(rosenbrock([x[i] for i in range(SIZE)]), x)]
    )

    def call(vector: Any) -> tuple[Any, Any]:
        value, gradient = function(vector)
        return value, np.asarray(gradient)[:, 0]

    return both(call)


def casadi_buffer() -> Step:
    import casadi as ca
    import numpy as np

    x = ca.SX.sym("x", SIZE)
    y = rosenbrock([x[i] for i in range(SIZE)])
    function = ca.Function("f", [x], [y, ca.gradient(y, x)])
    buffer, evaluate = function.buffer()
    given, value, gradient = np.zeros(SIZE), np.zeros(1), np.zeros(SIZE)
    buffer.set_arg(0, memoryview(given))
    buffer.set_res(0, memoryview(value))
    buffer.set_res(1, memoryview(gradient))

    def call(vector: Any) -> tuple[Any, Any]:
        given[:] = vector
        evaluate()
        return value[0], gradient

    call.kept = function, buffer  # type: ignore[attr-defined]  # the buffers belong to them

    return both(call)


def casadi_hessian() -> Step:
    import casadi as ca
    import numpy as np

    x = ca.SX.sym("x", SIZE)
    function = ca.Function("h", [x], [ca.hessian(rosenbrock([x[i] for i in range(SIZE)]), x)[0]])
    return matrix(lambda vector: np.asarray(function(vector).full()))


def jax_step(hessian: bool) -> Step:
    import jax
    import jax.numpy as jnp
    import numpy as np

    jax.config.update("jax_enable_x64", True)

    def f(x: Any) -> Any:
        return jnp.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)

    if hessian:
        second = jax.jit(jax.hessian(f))
        return matrix(lambda vector: np.asarray(second(vector)))
    first = jax.jit(jax.value_and_grad(f))
    return both(lambda vector: tuple(map(np.asarray, first(vector))))  # type: ignore[arg-type]


def torch_step(hessian: bool) -> Step:
    import torch

    def f(x: Any) -> Any:
        return (100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2).sum()

    def call(vector: Any) -> tuple[Any, Any]:
        x = torch.tensor(vector, requires_grad=True)
        value = f(x)
        value.backward()
        return value.detach(), x.grad

    if hessian:
        return matrix(lambda vector: torch.autograd.functional.hessian(f, torch.tensor(vector)))
    return both(call)


def hips_step(hessian: bool) -> Step:
    import autograd
    import autograd.numpy as anp

    def f(x: Any) -> Any:
        return anp.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)

    return matrix(autograd.hessian(f)) if hessian else both(autograd.value_and_grad(f))


def mygrad_gradient() -> Step:
    import mygrad as mg

    def call(vector: Any) -> tuple[Any, Any]:
        x = mg.tensor(vector)
        value = (100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2).sum()
        value.backward()
        return value.item(), x.grad

    return both(call)


def micrograd_gradient() -> Step:
    from micrograd.engine import Value

    def call(vector: Any) -> tuple[Any, Any]:
        x = [Value(number) for number in vector.tolist()]
        value = rosenbrock(x)
        value.backward()
        return value.data, [v.grad for v in x]

    return both(call)


def run(options: Namespace) -> None:
    compare(
        f"Rosenbrock, {SIZE} variables: value and gradient",
        [
            Contestant("autograd_lite, native", native_gradient),
            Contestant("autograd_lite, native, out=", native_buffer),
            Contestant("CasADi SX", casadi_gradient),
            Contestant("CasADi SX, its buffers", casadi_buffer),
            Contestant("JAX jit", lambda: jax_step(False)),
            Contestant("PyTorch eager", lambda: torch_step(False)),
            Contestant("HIPS autograd", lambda: hips_step(False)),
            Contestant("MyGrad", mygrad_gradient),
            Contestant("micrograd", micrograd_gradient),
        ],
    )
    compare(
        f"Rosenbrock, {SIZE} variables: Hessian",
        [
            Contestant("autograd_lite, native", native_hessian),
            Contestant("CasADi SX", casadi_hessian),
            Contestant("JAX jit", lambda: jax_step(True)),
            Contestant("PyTorch eager", lambda: torch_step(True)),
            Contestant("HIPS autograd", lambda: hips_step(True)),
        ],
    )
