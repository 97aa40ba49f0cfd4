"""MNIST, 784-128-10, sigmoids, half the squared error, gradient descent: in batches of 64, and one sample a step."""

from __future__ import annotations

import gzip
import time
from argparse import Namespace
from itertools import pairwise
from pathlib import Path
from typing import Any

from benchmarks.timing import Contestant, Step, compare

SIZES, SAMPLES = (784, 128, 10), 8192


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
    """`fit`'s native backend, all batches of the samples in one step; recorded, compiled and prepared before."""
    from nn import MLP, SGD
    from nn.backends.backend import Training
    from nn.backends.native import NativeBackend
    from nn.losses import half_squared_error
    from nn.samples import check_samples

    model = MLP(784, [128, 10], activation="sigmoid", output_activation="sigmoid", seed=0)
    numbers = [n for w, b in start() for row, offset in zip(w, b, strict=True) for n in (*row.tolist(), float(offset))]
    for p, number in zip(model.parameters(), numbers, strict=True):
        p.data = number
    rows, targets = check_samples(model, x, y)
    optimizer = SGD(model.parameters(), lr=rate)
    backend = NativeBackend(Training(model, rows, targets, half_squared_error, {}, optimizer, None, batch))
    order, rates = list(range(len(rows))), [rate] * -(-len(rows) // batch)
    return lambda: sum(loss for done in backend.train([order], rates) for loss in done.finished.get("loss", ()))


def torch(x: Any, y: Any, batch: int, rate: float, compiled: bool) -> Step:
    import torch

    torch.set_default_dtype(torch.float64)
    model: Any = torch.nn.Sequential(
        torch.nn.Linear(784, 128), torch.nn.Sigmoid(), torch.nn.Linear(128, 10), torch.nn.Sigmoid()
    )
    with torch.no_grad():
        for linear, (w, b) in zip((model[0], model[2]), start(), strict=True):
            linear.weight.copy_(torch.tensor(w))
            linear.bias.copy_(torch.tensor(b))
    optimizer = torch.optim.SGD(model.parameters(), lr=rate)
    xs, ys = torch.tensor(x), torch.tensor(y)

    def objective(a: Any, b: Any) -> Any:
        return 0.5 * ((model(a) - b) ** 2).sum(1).mean()

    if compiled:
        objective = torch.compile(objective)

    def run() -> float:
        total = 0.0
        for i in range(0, len(xs), batch):
            loss = objective(xs[i : i + batch], ys[i : i + batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += float(loss.detach()) * len(xs[i : i + batch])
        return total / len(xs)

    return run


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
    def step(parameters: Any, a: Any, b: Any) -> Any:
        value, gradient = jax.value_and_grad(objective)(parameters, a, b)
        return value, jax.tree.map(lambda p, g: p - rate * g, parameters, gradient)

    parameters = [(jnp.array(w), jnp.array(b)) for w, b in start()]

    def run() -> float:
        nonlocal parameters
        total = 0.0
        for i in range(0, len(xs), batch):
            value, parameters = step(parameters, xs[i : i + batch], ys[i : i + batch])
            total += float(value) * len(xs[i : i + batch])
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

    def run() -> float:
        nonlocal parameters
        total = 0.0
        for i in range(0, len(x), batch):
            value, gradient = both(parameters, x[i : i + batch], y[i : i + batch])
            parameters = [(w - rate * gw, b - rate * gb) for (w, b), (gw, gb) in zip(parameters, gradient, strict=True)]
            total += float(value) * len(x[i : i + batch])
        return total / len(x)

    return run


def mygrad(x: Any, y: Any, batch: int, rate: float) -> Step:
    import mygrad as mg
    from mygrad.nnet.activations import sigmoid

    parameters = [(mg.tensor(w), mg.tensor(b)) for w, b in start()]

    def run() -> float:
        total = 0.0
        for i in range(0, len(x), batch):
            a: Any = x[i : i + batch]
            for w, b in parameters:
                a = sigmoid(a @ w.T + b)
            loss = 0.5 * ((a - y[i : i + batch]) ** 2).sum(axis=1).mean()
            loss.backward()
            for layer in parameters:
                for p in layer:
                    p.data -= rate * p.grad
                    p.null_grad()
            total += loss.item() * len(x[i : i + batch])
        return total / len(x)

    return run


def run(options: Namespace) -> None:
    if not options.mnist:
        print("\nMNIST: skipped, since --mnist DIR (or MNIST_DIR) does not say where its files are")
        return
    images, labels = read(options.mnist, "train")
    for batch, rate, count in ((64, 1.0, SAMPLES), (1, 0.1, SAMPLES // 2)):
        x, y = images[:count], labels[:count]
        compare(
            f"MNIST 784-128-10, batches of {batch}: one step",
            [
                Contestant("autograd_lite, fit (native)", lambda x=x, y=y, b=batch, r=rate: ours(x, y, b, r), count // batch),
                Contestant("PyTorch eager", lambda x=x, y=y, b=batch, r=rate: torch(x, y, b, r, False), count // batch),
                Contestant("PyTorch compile", lambda x=x, y=y, b=batch, r=rate: torch(x, y, b, r, True), count // batch),
                Contestant("JAX jit", lambda x=x, y=y, b=batch, r=rate: jax(x, y, b, r), count // batch),
                Contestant("HIPS autograd", lambda x=x, y=y, b=batch, r=rate: hips(x, y, b, r), count // batch),
                Contestant("MyGrad", lambda x=x, y=y, b=batch, r=rate: mygrad(x, y, b, r), count // batch),
            ],
            rounds=5,
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
