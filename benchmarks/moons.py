"""One full-batch step of micrograd's demo: MLP 2-16-16-1 with relu, 100 samples, hinge loss and L2, and gradient descent."""

from __future__ import annotations

import random
from argparse import Namespace
from functools import partial
from itertools import pairwise
from typing import Any

from benchmarks.timing import Contestant, Step, compare

SIZES, RATE, DECAY = (2, 16, 16, 1), 0.1, 1e-4
random.seed(1337)
X = [[random.uniform(-1, 1), random.uniform(-1, 1)] for _ in range(100)]
Y = [1.0 if a * a + b > 0 else -1.0 for a, b in X]
START = [
    random.uniform(-1, 1) if k < nin else 0.0 for nin, nout in pairwise(SIZES) for _ in range(nout) for k in range(nin + 1)
]


def loss(w: Any, x: Any, y: Any) -> Any:
    """The loss of one sample, as one writes it for autograd_lite."""
    from autograd_lite import dot, relu

    w, activations, p = list(w), list(x), 0
    for nin, nout in pairwise(SIZES):
        rows = [(w[p + j * (nin + 1) : p + j * (nin + 1) + nin], w[p + j * (nin + 1) + nin]) for j in range(nout)]
        activations = [dot(row, activations, b) if nout == 1 else relu(dot(row, activations, b)) for row, b in rows]
        p += (nin + 1) * nout
    return relu(1 - y * activations[0]) + DECAY * dot(w, w)


def native() -> Step:
    import numpy as np

    from autograd_lite import compile

    step = compile(loss, in_axes=(None, 0, 0), backend="native")
    w, x, y = np.array(START), np.array(X), np.array(Y)
    slope = np.empty_like(w)

    def run() -> float:
        nonlocal w, slope
        value, slope = step.value_and_grad(w, x, y, out=slope)
        slope *= RATE
        w -= slope
        return float(value)

    return run


def python() -> Step:
    from autograd_lite import compile

    step = compile(loss, in_axes=(None, 0, 0), backend="python")
    w = list(START)

    def run() -> float:
        value, gradient = step.value_and_grad(w, X, Y)
        w[:] = [a - RATE * g for a, g in zip(w, gradient, strict=True)]
        return float(value)

    return run


def eager() -> Step:
    from autograd_lite import dot
    from nn import MLP

    model = MLP(2, [16, 16, 1])
    parameters = model.parameters()
    for p, number in zip(parameters, START, strict=True):
        p.data = number

    def run() -> float:
        losses = [(1 - y * output).relu() for output, y in zip(model.batch(X), Y, strict=True)]
        total = sum(losses) * (1 / len(losses)) + DECAY * dot(parameters, parameters)
        model.zero_grad()
        total.backward()
        for p in parameters:
            p.data -= RATE * p.grad
        return float(total.data)

    return run


def micrograd() -> Step:
    from micrograd.nn import MLP

    model = MLP(2, [16, 16, 1])
    for p, number in zip(model.parameters(), START, strict=True):
        p.data = number

    def run() -> float:
        losses = [(1 + -y * model(x)).relu() for x, y in zip(X, Y, strict=True)]
        total = sum(losses) * (1.0 / len(losses)) + DECAY * sum(p * p for p in model.parameters())
        model.zero_grad()
        total.backward()
        for p in model.parameters():
            p.data -= RATE * p.grad
        return float(total.data)

    return run


def layers(array: Any) -> list[tuple[Any, Any]]:
    """The weights as a matrix and a vector for each layer."""
    found, p = [], 0
    for nin, nout in pairwise(SIZES):
        block = array[p : p + nout * (nin + 1)].reshape(nout, nin + 1)
        found.append((block[:, :nin], block[:, nin]))
        p += block.size
    return found


def torch_model() -> Any:
    """The network in PyTorch, with the weights that all begin with."""
    import numpy as np
    import torch

    torch.set_default_dtype(torch.float64)
    model = torch.nn.Sequential(
        torch.nn.Linear(2, 16), torch.nn.ReLU(), torch.nn.Linear(16, 16), torch.nn.ReLU(), torch.nn.Linear(16, 1)
    )
    with torch.no_grad():
        for linear, (w, b) in zip(model[::2], layers(np.array(START)), strict=True):
            linear.weight.copy_(torch.tensor(w))
            linear.bias.copy_(torch.tensor(b))
    return model


def torch(compiled: bool) -> Step:
    import torch

    model = torch_model()
    optimizer = torch.optim.SGD(model.parameters(), lr=RATE, fused=True)
    x, y = torch.tensor(X), torch.tensor(Y)
    parameters = list(model.parameters())

    def total() -> Any:
        return torch.relu(1 - y * model(x)[:, 0]).mean() + DECAY * sum((p * p).sum() for p in parameters)

    objective = torch.compile(total) if compiled else total

    def run() -> float:
        value = objective()
        optimizer.zero_grad()
        value.backward()
        optimizer.step()
        return float(value.detach())

    return run


def jax() -> Step:
    import jax
    import jax.numpy as jnp
    import numpy as np

    jax.config.update("jax_enable_x64", True)
    x, y = jnp.array(X), jnp.array(Y)

    def total(parameters: Any) -> Any:
        a = x
        for w, b in parameters[:-1]:
            a = jax.nn.relu(a @ w.T + b)
        w, b = parameters[-1]
        score = (a @ w.T + b)[:, 0]
        return jax.nn.relu(1 - y * score).mean() + DECAY * sum((p * p).sum() for layer in parameters for p in layer)

    @partial(jax.jit, donate_argnums=0)
    def step(parameters: Any) -> Any:
        value, gradient = jax.value_and_grad(total)(parameters)
        return value, jax.tree.map(lambda p, g: p - RATE * g, parameters, gradient)

    parameters = [(jnp.array(w), jnp.array(b)) for w, b in layers(np.array(START))]

    def run() -> float:
        nonlocal parameters
        value, parameters = step(parameters)
        return float(value)

    return run


def casadi() -> Step:
    import casadi as ca
    import numpy as np

    w, x, y = ca.SX.sym("w", len(START)), ca.SX.sym("x", 2), ca.SX.sym("y")
    a, p = x, 0
    for nin, nout in pairwise(SIZES):
        block = ca.reshape(w[p : p + nout * (nin + 1)], nin + 1, nout).T
        a = block[:, :nin] @ a + block[:, nin]
        a = a if nout == 1 else ca.fmax(a, 0)
        p += nout * (nin + 1)
    sample = ca.fmax(1 - y * a, 0) + DECAY * ca.sumsqr(w)
    step = ca.Function("step", [w, x, y], [sample, ca.gradient(sample, w)]).map(len(X))
    weights, xs, ys = np.array(START), np.array(X).T, np.array(Y)[None]

    def run() -> float:
        nonlocal weights
        values, gradients = step(weights, xs, ys)
        weights = weights - RATE * np.asarray(gradients).mean(1)
        return float(np.asarray(values).mean())

    return run


def hips() -> Step:
    import autograd
    import autograd.numpy as anp
    import numpy as np

    x, y = np.array(X), np.array(Y)

    def total(parameters: Any) -> Any:
        a = x
        for w, b in parameters[:-1]:
            a = anp.maximum(anp.dot(a, w.T) + b, 0)
        w, b = parameters[-1]
        score = (anp.dot(a, w.T) + b)[:, 0]
        return anp.mean(anp.maximum(1 - y * score, 0)) + DECAY * sum(anp.sum(p * p) for layer in parameters for p in layer)

    both = autograd.value_and_grad(total)
    parameters = [(w.copy(), b.copy()) for w, b in layers(np.array(START))]

    def run() -> float:
        nonlocal parameters
        value, gradient = both(parameters)
        parameters = [(w - RATE * gw, b - RATE * gb) for (w, b), (gw, gb) in zip(parameters, gradient, strict=True)]
        return float(value)

    return run


def mygrad() -> Step:
    import mygrad as mg
    import numpy as np
    from mygrad.nnet.activations import relu

    x, y = np.array(X), np.array(Y)
    parameters = [(mg.tensor(w.copy()), mg.tensor(b.copy())) for w, b in layers(np.array(START))]

    def run() -> float:
        a: Any = x
        for w, b in parameters[:-1]:
            a = relu(a @ w.T + b)
        w, b = parameters[-1]
        score = (a @ w.T + b)[:, 0]
        total = relu(1 - y * score).mean() + DECAY * sum((p * p).sum() for layer in parameters for p in layer)
        total.backward()
        for layer in parameters:
            for p in layer:
                p.data -= RATE * p.grad
                p.null_grad()
        return float(total.item())

    return run


def run(options: Namespace) -> None:
    compare(
        "Moons: one step on 100 samples, MLP 2-16-16-1",
        [
            Contestant("autograd_lite, native", native),
            Contestant("autograd_lite, python", python),
            Contestant("autograd_lite, eager", eager),
            Contestant("micrograd", micrograd),
            Contestant("PyTorch eager", lambda: torch(False)),
            Contestant("PyTorch compile", lambda: torch(True)),
            Contestant("JAX jit", jax),
            Contestant("CasADi SX", casadi),
            Contestant("HIPS autograd", hips),
            Contestant("MyGrad", mygrad),
        ],
    )
