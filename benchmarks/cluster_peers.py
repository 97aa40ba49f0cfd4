"""The peers of the benchmark `cluster`: JAX on two host devices, and two processes of PyTorch that talk by gloo."""

from __future__ import annotations

import subprocess
import sys
from itertools import pairwise
from typing import Any

from benchmarks.cluster_data import BATCH, RATE, SIZES, all_rows, samples, size
from benchmarks.likelihoods import LIKELIHOODS
from benchmarks.timing import Step

TORCH_EPOCHS = 2  # in a step: each takes seconds


def jax_rows(name: str) -> Step:
    """`pmap` over two host devices."""
    import jax
    import jax.numpy as jnp
    from jax import lax

    jax.config.update("jax_enable_x64", True)
    jax.config.update("jax_num_cpu_devices", 2)
    half = size.rows // size.chunk // 2
    halves = [all_rows(name, range(half)), all_rows(name, range(half, 2 * half))]
    place = jax.pmap(lambda part: part)  # a half on each device, once and for all
    x, y = (place(jnp.stack(part)) for part in zip(*halves, strict=True))

    def mean(w: Any, x: Any, y: Any) -> Any:
        return jnp.mean(LIKELIHOODS[name].in_jax(w, x, y))

    def both(w: Any, x: Any, y: Any) -> Any:
        return lax.pmean(jax.value_and_grad(mean)(w, x, y), "devices")

    step = jax.pmap(both, "devices", in_axes=(None, 0, 0))
    w = jnp.asarray(LIKELIHOODS[name].start)

    def run() -> float:
        value, gradient = step(w, x, y)
        return float(value[0] + gradient[0].sum())

    return run


def torch_rows(name: str) -> Step:
    """Two processes with gloo: each the gradient of its half, then all_reduce, as DistributedDataParallel does it."""
    return torch_pair(name)


def torch_fit() -> Step:
    """Two processes with gloo, DistributedDataParallel."""
    return torch_pair("")


def torch_pair(name: str) -> Step:
    """The first of two processes; the other one is started, and does as this one: a likelihood, or `fit` without a name."""
    import socket

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    code = f"from benchmarks.cluster_peers import torch_rank; run = torch_rank({name!r}, 1, {port})\nwhile True: run()"
    subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.DEVNULL)
    return torch_rank(name, 0, port)


def torch_rank(name: str, rank: int, port: int) -> Step:
    """One of two processes of PyTorch's."""
    import torch
    import torch.distributed as dist

    torch.set_num_threads(1)
    torch.set_default_dtype(torch.float64)
    dist.init_process_group("gloo", init_method=f"tcp://127.0.0.1:{port}", rank=rank, world_size=2)
    step = torch_sums(name, rank) if name else torch_epochs(rank)

    def run() -> float:
        dist.barrier()  # the other process begins its step with this one, and not while others are timed
        return step()

    return run


def torch_sums(name: str, rank: int) -> Step:
    import torch
    import torch.distributed as dist

    half = size.rows // size.chunk // 2
    x, y = map(torch.from_numpy, all_rows(name, range(rank * half, (rank + 1) * half)))
    w = torch.tensor(LIKELIHOODS[name].start, requires_grad=True)

    def run() -> float:
        w.grad = None
        value = LIKELIHOODS[name].in_torch(w, x, y).mean()
        value.backward()
        both = torch.cat([value.detach()[None], w.grad])  # type: ignore[list-item]
        dist.all_reduce(both)
        return float(both.sum() / 2)

    return run


def torch_epochs(rank: int) -> Step:
    import torch
    from torch.nn.parallel import DistributedDataParallel

    layers: list[Any] = []
    for nin, nout in pairwise(SIZES):
        layers += [torch.nn.Linear(nin, nout), torch.nn.Tanh()]
    model = DistributedDataParallel(torch.nn.Sequential(*layers[:-1]))
    optimizer = torch.optim.SGD(model.parameters(), lr=RATE)
    x, y = (torch.from_numpy(part)[rank::2] for part in samples())

    def run() -> float:
        for _ in range(TORCH_EPOCHS):
            right = 0
            order = torch.randperm(len(x))
            for begin in range(0, len(x), BATCH // 2):
                chosen = order[begin : begin + BATCH // 2]
                optimizer.zero_grad()
                output = model(x[chosen])[:, 0]
                loss = torch.relu(1 - y[chosen] * output).mean()
                loss.backward()
                optimizer.step()
                right += int((output.sign() == y[chosen]).sum())
        return float(right / len(x) > 0.9)

    return run


def jax_fit() -> Step:
    """`pmap` over two host devices, an epoch in one `scan`, the gradients averaged in each step."""
    import jax
    import jax.numpy as jnp
    import numpy as np
    from jax import lax

    jax.config.update("jax_enable_x64", True)
    jax.config.update("jax_num_cpu_devices", 2)
    rng = np.random.default_rng(1)
    w = [(jnp.asarray(rng.uniform(-1, 1, (nin, nout)) / nin**0.5), jnp.zeros(nout)) for nin, nout in pairwise(SIZES)]
    x, y = samples()
    steps, half = size.samples // BATCH, BATCH // 2

    def loss(w: Any, x: Any, y: Any) -> Any:
        for weights, bias in w[:-1]:
            x = jnp.tanh(x @ weights + bias)
        output = (x @ w[-1][0] + w[-1][1])[:, 0]
        return jnp.maximum(1 - y * output, 0).mean(), (jnp.sign(output) == y).mean()

    def epoch(w: Any, xs: Any, ys: Any) -> Any:
        def step(w: Any, batch: Any) -> Any:
            (_, right), slopes = jax.value_and_grad(loss, has_aux=True)(w, *batch)
            slopes = lax.pmean(slopes, "devices")
            return jax.tree.map(lambda a, g: a - RATE * g, w, slopes), right

        w, right = lax.scan(step, w, (xs, ys))
        return w, right.mean()

    run_epoch = jax.pmap(epoch, "devices", in_axes=(None, 0, 0), out_axes=(None, 0))

    def run() -> float:
        nonlocal w
        for _ in range(size.epochs):
            order = rng.permutation(size.samples)[: steps * BATCH].reshape(2, steps, half)
            w, right = run_epoch(w, x[order], y[order])
        return float(right.mean() > 0.9)

    return run
