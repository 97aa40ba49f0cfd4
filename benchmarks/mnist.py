"""MNIST, 784-128-10, by `fit` and by the loops of others: in batches of 64, and one sample a step; in float64 and in float32.

Sigmoids, half the squared error, plain gradient descent.
"""

from __future__ import annotations

import gzip
import time
from argparse import Namespace
from collections.abc import Callable
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

from benchmarks.timing import Contestant, Step, compare

SIZES, SAMPLES, EPOCHS = (784, 128, 10), 8192, 8


def read(directory: str, kind: str) -> tuple[Any, Any]:
    """Images as rows of numbers from 0 to 1, and one-hot labels."""
    import numpy as np

    def bytes_of(name: str) -> bytes:
        path = Path(directory) / name
        return gzip.decompress(path.with_suffix(path.suffix + ".gz").read_bytes()) if not path.exists() else path.read_bytes()

    images = np.frombuffer(bytes_of(f"{kind}-images-idx3-ubyte"), np.uint8, offset=16).reshape(-1, 784) / 255
    return images, np.eye(10)[np.frombuffer(bytes_of(f"{kind}-labels-idx1-ubyte"), np.uint8, offset=8)]


def start() -> list[tuple[Any, Any]]:
    """The weights that all begin with."""
    import numpy as np

    random = np.random.default_rng(0)
    return [(random.uniform(-1, 1, (nout, nin)) * (6 / (nin + nout)) ** 0.5, np.zeros(nout)) for nin, nout in pairwise(SIZES)]


def ours(x: Any, y: Any, batch: int, rate: float) -> Step:
    """`fit`, called with the data as it is; the first call records and compiles, later ones go on with the model."""
    from nn import MLP, SGD, fit

    model = MLP(784, [128, 10], activation="sigmoid", output_activation="sigmoid", seed=0)
    numbers = [n for w, b in start() for row, offset in zip(w, b, strict=True) for n in (*row.tolist(), float(offset))]
    for p, number in zip(model.parameters(), numbers, strict=True):
        p.data = number
    optimizer = SGD(model.parameters(), lr=rate)

    def run() -> float:
        history = fit(
            model, x, y, loss="half_squared_error", optimizer=optimizer, epochs=EPOCHS, batch_size=batch, shuffle=False,
            backend="native", dtype=str(x.dtype), progress=False,
        )  # fmt: skip
        return history["loss"][-1]

    return run


def torch(x: Any, y: Any, batch: int, rate: float, compiled: bool = False) -> Step:
    import torch

    xs, ys = torch.tensor(x), torch.tensor(y)
    torch.set_default_dtype(xs.dtype)
    model: Any = torch.nn.Sequential(
        torch.nn.Linear(784, 128), torch.nn.Sigmoid(), torch.nn.Linear(128, 10), torch.nn.Sigmoid()
    )
    with torch.no_grad():
        for linear, (w, b) in zip((model[0], model[2]), start(), strict=True):
            linear.weight.copy_(torch.tensor(w))
            linear.bias.copy_(torch.tensor(b))
    optimizer = torch.optim.SGD(model.parameters(), lr=rate)

    def objective(a: Any, b: Any) -> Any:
        return 0.5 * ((model(a) - b) ** 2).sum(1).mean()

    if compiled:
        objective = torch.compile(objective)

    def step(a: Any, b: Any) -> float:
        loss = objective(a, b)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return float(loss.detach())

    return in_epochs(step, xs, ys, batch)


def jax(x: Any, y: Any, batch: int, rate: float) -> Step:
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", True)
    xs, ys = jnp.array(x), jnp.array(y)

    def objective(parameters: Any, a: Any, b: Any) -> Any:
        for w, offset in parameters:
            a = jax.nn.sigmoid(a @ w.T + offset)
        return 0.5 * ((a - b) ** 2).sum(1).mean()

    @jax.jit
    def train(parameters: Any, a: Any, b: Any) -> Any:
        value, gradient = jax.value_and_grad(objective)(parameters, a, b)
        return value, jax.tree.map(lambda p, g: p - rate * g, parameters, gradient)

    parameters = [(jnp.array(w, x.dtype), jnp.array(b, x.dtype)) for w, b in start()]

    def step(a: Any, b: Any) -> float:
        nonlocal parameters
        value, parameters = train(parameters, a, b)
        return float(value)

    return in_epochs(step, xs, ys, batch)


def in_epochs(step: Callable[[Any, Any], float], xs: Any, ys: Any, batch: int) -> Step:
    """The loop that a user of a tensor library writes: it gives the mean loss over the last epoch."""

    def run() -> float:
        for _ in range(EPOCHS):
            total = 0.0
            for i in range(0, len(xs), batch):
                a, b = xs[i : i + batch], ys[i : i + batch]
                total += step(a, b) * len(a)
        return total / len(xs)

    return run


def hips(x: Any, y: Any, batch: int, rate: float) -> Step:
    import autograd
    import autograd.numpy as anp

    def objective(parameters: Any, a: Any, b: Any) -> Any:
        for w, offset in parameters:
            a = 1 / (1 + anp.exp(-(anp.dot(a, w.T) + offset)))
        return 0.5 * anp.mean(anp.sum((a - b) ** 2, 1))

    both = autograd.value_and_grad(objective)
    parameters = start()

    def step(a: Any, b: Any) -> float:
        nonlocal parameters
        value, gradient = both(parameters, a, b)
        parameters = [(w - rate * gw, b - rate * gb) for (w, b), (gw, gb) in zip(parameters, gradient, strict=True)]
        return float(value)

    return in_epochs(step, x, y, batch)


def mygrad(x: Any, y: Any, batch: int, rate: float) -> Step:
    import mygrad as mg
    from mygrad.nnet.activations import sigmoid

    parameters = [(mg.tensor(w), mg.tensor(b)) for w, b in start()]

    def step(a: Any, b: Any) -> float:
        for w, offset in parameters:
            a = sigmoid(a @ w.T + offset)
        loss = 0.5 * ((a - b) ** 2).sum(axis=1).mean()
        loss.backward()
        for layer in parameters:
            for p in layer:
                p.data -= rate * p.grad
                p.null_grad()
        return float(loss.item())

    return in_epochs(step, x, y, batch)


def run(options: Namespace) -> None:
    if not options.mnist:
        print("\nMNIST: skipped, since --mnist DIR (or MNIST_DIR) does not say where its files are")
        return
    images, labels = read(options.mnist, "train")
    for dtype, tolerance in (("float64", 1e-9), ("float32", 1e-4)):
        peers = {"PyTorch eager": torch, "PyTorch compile": partial(torch, compiled=True), "JAX jit": jax}
        if dtype == "float64":  # the only type that these train with here
            peers |= {"HIPS autograd": hips, "MyGrad": mygrad}
        for batch, rate, count in ((64, 1.0, SAMPLES), (1, 0.1, SAMPLES // 16)):
            given = images[:count].astype(dtype), labels[:count].astype(dtype), batch, rate
            steps = EPOCHS * count // batch
            compare(
                f"MNIST 784-128-10 in {dtype}, batches of {batch}: one step",
                [
                    Contestant("autograd_lite, fit", partial(ours, *given), steps),
                    *[Contestant(name, partial(peer, *given), steps) for name, peer in peers.items()],
                ],
                rounds=3,
                tolerance=tolerance,
            )
    if options.epochs:
        train(options, images, labels)


def train(options: Namespace, images: Any, labels: Any) -> None:
    """The worked program of the documents: one sample a step, η = 0.1."""
    from nn import MLP, SGD, fit

    model = MLP(784, [128, 10], activation="sigmoid", output_activation="sigmoid", init="glorot_uniform", seed=0)
    began = time.perf_counter()
    history = fit(
        model, images, labels, loss="half_squared_error", optimizer=SGD(model.parameters(), lr=0.1), epochs=options.epochs,
        batch_size=1, seed=0, validation=read(options.mnist, "t10k"), metrics=["accuracy"], backend="native", progress=False,
    )  # fmt: skip
    seconds = time.perf_counter() - began
    print(
        f"\nMNIST, one sample a step, {options.epochs} epochs: {seconds:.1f} s, "
        f"{history['val_accuracy'][-1]:.2%} of the test images"
    )
