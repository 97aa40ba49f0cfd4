"""Training and using a network by the doors that people use, `fit` and `evaluate`, beside PyTorch's plain loop."""

from __future__ import annotations

import tempfile
from argparse import Namespace
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

from benchmarks.moons import RATE, SIZES, START, X, Y, torch_model
from benchmarks.timing import Contestant, Step, compare

EPOCHS = 100
ROWS = 10_000
WIDE = (784, 128, 10)


def ours(batch: int, writes: bool = False, **settings: Any) -> Step:
    """`fit` as one calls it; each step is a call that goes on with the model. If it `writes`, it has a new checkpoint."""
    from nn import MLP, SGD, fit

    model = MLP(SIZES[0], SIZES[1:], seed=0)
    for p, number in zip(model.parameters(), START, strict=True):
        p.data = number
    optimizer = SGD(model.parameters(), lr=RATE / 10)
    file = Path(tempfile.mkdtemp()) / "checkpoint.json" if writes else None

    def run() -> float:
        if file is not None:
            file.unlink(missing_ok=True)
        history = fit(
            model, X, Y, loss="hinge", metrics=[], optimizer=optimizer, epochs=EPOCHS, batch_size=batch, shuffle=False,
            progress=False, checkpoint=file, **settings,
        )  # fmt: skip
        return history["loss"][-1]

    return run


def torch(batch: int) -> Step:
    """The loop as PyTorch's tutorials write it."""
    import torch

    model = torch_model()
    optimizer = torch.optim.SGD(model.parameters(), lr=RATE / 10)
    xs, ys = torch.tensor(X).split(batch), torch.tensor(Y)[:, None].split(batch)

    def run() -> float:
        for _ in range(EPOCHS):
            total = 0.0
            for x, y in zip(xs, ys, strict=True):
                optimizer.zero_grad()
                loss = torch.relu(1 - y * model(x)).mean()
                loss.backward()
                optimizer.step()
                total += loss.item() * len(x)
        return total / len(X)

    return run


def our_outputs(sizes: tuple[int, ...]) -> Step:
    """`outputs` of many samples."""
    from nn import MLP, outputs

    model = MLP(sizes[0], sizes[1:])
    for p, number in zip(model.parameters(), numbers(sizes), strict=True):
        p.data = number
    samples = rows(sizes[0])
    return lambda: float(outputs(model, samples).sum())


def torch_outputs(sizes: tuple[int, ...]) -> Step:
    """A forward pass of many samples without a graph."""
    import torch

    torch.set_default_dtype(torch.float64)
    parts: list[Any] = []
    start = iter(numbers(sizes))
    for nin, nout in pairwise(sizes):
        linear = torch.nn.Linear(nin, nout)
        with torch.no_grad():
            table = torch.tensor([[next(start) for _ in range(nin + 1)] for _ in range(nout)])
            linear.weight.copy_(table[:, :nin])
            linear.bias.copy_(table[:, nin])
        parts += [linear, torch.nn.ReLU()]
    model, samples = torch.nn.Sequential(*parts[:-1]), torch.tensor(rows(sizes[0]))

    def run() -> float:
        with torch.no_grad():
            return float(model(samples).sum())

    return run


def numbers(sizes: tuple[int, ...]) -> list[float]:
    """Weights, neuron by neuron, each followed by its bias."""
    import numpy as np

    count = sum((nin + 1) * nout for nin, nout in pairwise(sizes))
    drawn: list[float] = np.random.default_rng(0).normal(0, 0.1, count).tolist()
    return drawn


def rows(width: int) -> Any:
    """Samples."""
    import numpy as np

    return np.random.default_rng(1).normal(size=(ROWS, width))


SETTINGS: dict[str, dict[str, Any]] = {
    "": {},
    " with a schedule": {"schedule": lambda done, epochs: 1.0},
    " with patience": {"patience": EPOCHS},
    " with a validation set": {"validation": (X[:20], Y[:20])},
    " with a callback": {"callbacks": [lambda epoch, model, history: None]},
    " with a checkpoint": {"writes": True},
}


def run(options: Namespace) -> None:
    for batch in (len(X), 1):
        first, *more = [
            Contestant(f"autograd_lite, fit{name}", partial(ours, batch, **settings), EPOCHS)
            for name, settings in SETTINGS.items()
        ]
        compare(
            f"An epoch of `fit` on 100 samples, MLP 2-16-16-1, batches of {batch}",
            [first, Contestant("PyTorch eager", partial(torch, batch), EPOCHS), *more],
        )
    for sizes in (SIZES, WIDE):
        compare(
            f"The outputs for {ROWS:,} samples of {'-'.join(map(str, sizes))}",
            [
                Contestant("autograd_lite, outputs", partial(our_outputs, sizes)),
                Contestant("PyTorch eager", partial(torch_outputs, sizes)),
            ],
        )
