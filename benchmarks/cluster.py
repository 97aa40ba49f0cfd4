"""More data than one core: a likelihood of 10⁷ rows and `fit` on 600,000 samples, by one worker and by two, and by peers.

The clusters are processes of their own on this machine, on loopback. JAX has two host devices; PyTorch's
DistributedDataParallel has two processes that talk by gloo. Rows are made where they are used, from the number of their chunk.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from argparse import Namespace
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from itertools import pairwise
from typing import Any

from benchmarks import timing
from benchmarks.timing import Contestant, Step, compare

ROWS, CHUNK, WIDTH = 10_000_000, 1_000_000, 9
SAMPLES, SIZES, BATCH, LOCAL_STEPS, RATE = 600_000, (20, 32, 32, 1), 512, 100, 0.1
CLUSTER = """
import sys
from distributed import LocalCluster
if __name__ == "__main__":
    with LocalCluster(n_workers=int(sys.argv[1]), threads_per_worker=1, dashboard_address=":0", host="127.0.0.1") as cluster:
        print(cluster.scheduler_address, flush=True)
        sys.stdin.read()
"""


@contextmanager
def cluster(workers: int) -> Iterator[str]:
    """The address of a cluster of so many workers, in a process of its own."""
    process = subprocess.Popen(
        [sys.executable, "-c", CLUSTER, str(workers)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    try:
        yield process.stdout.readline().strip()
    finally:
        process.communicate()


def rows(chunk: int, count: int) -> Any:
    """The rows of a chunk, and after them a column of the answers, 1 or -1."""
    import numpy as np

    rng = np.random.default_rng(chunk)
    x = rng.normal(size=(count, WIDTH))
    y = np.sign(x.sum(1) + rng.logistic(size=count))
    return x, y


def all_rows(chunks: range) -> tuple[Any, Any]:
    import numpy as np

    parts = [rows(chunk, CHUNK) for chunk in chunks]
    return np.concatenate([x for x, _ in parts]), np.concatenate([y for _, y in parts])


def start() -> Any:
    import numpy as np

    return np.linspace(-0.5, 0.5, WIDTH + 1)


def surprise(w: Any, x: Any, y: Any) -> Any:
    """Minus the logarithm of a likelihood of ten parameters."""
    from autograd_lite import dot, softplus

    return softplus(-y * dot(w[1:], x, w[0]))


def plain() -> Step:
    """The compiled function on arrays."""
    from autograd_lite import compile

    loss, (x, y), w = compile(surprise, in_axes=(None, 0, 0), backend="native"), all_rows(range(ROWS // CHUNK)), start()

    def run() -> float:
        value, gradient = loss.value_and_grad(w, x, y)
        return float(value + gradient.sum())

    return run


def on_cluster(address: str) -> Step:
    """The same on Dask arrays whose chunks lie on the workers."""
    import dask
    import dask.array as da
    import numpy as np
    from distributed import Client, wait

    from autograd_lite import compile

    client = Client(address)
    parts = [dask.delayed(rows)(chunk, CHUNK) for chunk in range(ROWS // CHUNK)]
    x = da.concatenate([da.from_delayed(p[0], (CHUNK, WIDTH), float) for p in parts])
    y = da.concatenate([da.from_delayed(p[1], (CHUNK,), float) for p in parts])
    x, y = client.persist([x, y])
    wait([x, y])
    loss, w = compile(surprise, in_axes=(None, 0, 0), backend="native"), np.array(start())

    def run() -> float:
        value, gradient = loss.value_and_grad(w, x, y)
        return float(value + gradient.sum())

    return run


def jax_rows() -> Step:
    """`pmap` over two host devices."""
    import jax
    import jax.numpy as jnp
    from jax import lax

    jax.config.update("jax_enable_x64", True)
    jax.config.update("jax_num_cpu_devices", 2)
    half = ROWS // CHUNK // 2
    halves = [all_rows(range(half)), all_rows(range(half, 2 * half))]
    place = jax.pmap(lambda part: part)  # a half on each device, once and for all
    x, y = (place(jnp.stack(part)) for part in zip(*halves, strict=True))

    def mean(w: Any, x: Any, y: Any) -> Any:
        return jnp.mean(jax.nn.softplus(-y * (x @ w[1:] + w[0])))

    def both(w: Any, x: Any, y: Any) -> Any:
        return lax.pmean(jax.value_and_grad(mean)(w, x, y), "devices")

    step = jax.pmap(both, "devices", in_axes=(None, 0, 0))
    w = jnp.asarray(start())

    def run() -> float:
        value, gradient = step(w, x, y)
        return float(value[0] + gradient[0].sum())

    return run


def torch_rows() -> Step:
    """Two processes with gloo: each the gradient of its half, then all_reduce, as DistributedDataParallel does it."""
    return torch_pair("rows")


def torch_fit() -> Step:
    """Two processes with gloo, DistributedDataParallel, an epoch a step."""
    return torch_pair("fit")


def torch_pair(work: str) -> Step:
    """The first of two processes; the other one is started, and does as this one."""
    import socket

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    code = f"from benchmarks.cluster import torch_rank; run = torch_rank({work!r}, 1, {port})\nwhile True: run()"
    subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.DEVNULL)
    return torch_rank(work, 0, port)


def torch_rank(work: str, rank: int, port: int) -> Step:
    """One of two processes of PyTorch's."""
    import torch
    import torch.distributed as dist

    torch.set_num_threads(1)
    torch.set_default_dtype(torch.float64)
    dist.init_process_group("gloo", init_method=f"tcp://127.0.0.1:{port}", rank=rank, world_size=2)
    if work == "rows":
        half = ROWS // CHUNK // 2
        x, y = map(torch.from_numpy, all_rows(range(rank * half, (rank + 1) * half)))
        w = torch.tensor(start(), requires_grad=True)

        def run() -> float:
            w.grad = None
            value = torch.nn.functional.softplus(-y * (x @ w[1:] + w[0])).mean()
            value.backward()
            both = torch.cat([value.detach()[None], w.grad])  # type: ignore[list-item]
            dist.all_reduce(both)
            return float(both.sum() / 2)

        return run
    return torch_epochs(rank)


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
        right = 0
        order = torch.randperm(len(x))
        for start in range(0, len(x), BATCH // 2):
            chosen = order[start : start + BATCH // 2]
            optimizer.zero_grad()
            output = model(x[chosen])[:, 0]
            loss = torch.relu(1 - y[chosen] * output).mean()
            loss.backward()
            optimizer.step()
            right += int((output.sign() == y[chosen]).sum())
        return float(right / len(x) > 0.9)

    return run


def samples() -> tuple[Any, Any]:
    """600,000 samples of two classes."""
    import numpy as np

    rng = np.random.default_rng(7)
    x = rng.normal(size=(SAMPLES, SIZES[0]))
    return x, np.where(x[:, 0] * x[:, 1] + x[:, 2] > 0, 1.0, -1.0)


def our_fit(address: str = "") -> Step:
    """`fit`, an epoch a step, which goes on with the model."""
    from nn import MLP, SGD, fit

    model = MLP(SIZES[0], SIZES[1:], activation="tanh", seed=1)
    optimizer = SGD(model.parameters(), lr=RATE)
    x, y = samples()
    more: dict[str, Any] = {}
    if address:
        from distributed import Client

        more = {"cluster": Client(address), "local_steps": LOCAL_STEPS}

    def run() -> float:
        settings = {"loss": "hinge", "optimizer": optimizer, "batch_size": BATCH, "seed": 1, "progress": False}
        history = fit(model, x, y, epochs=EPOCHS, **settings, **more)
        return float(history["accuracy"][-1] > 0.9)

    return run


EPOCHS = 3


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
    steps, half = SAMPLES // BATCH, BATCH // 2

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
        for _ in range(EPOCHS):
            order = rng.permutation(SAMPLES)[: steps * BATCH].reshape(2, steps, half)
            w, right = run_epoch(w, x[order], y[order])
        return float(right.mean() > 0.9)

    return run


def check_one_step(address: str) -> None:
    """With one local step the weights are those of one machine."""
    import numpy as np
    from distributed import Client

    from nn import MLP, SGD, fit

    x, y = samples()
    weights = []
    for more in ({}, {"cluster": Client(address)}):
        model = MLP(SIZES[0], SIZES[1:], activation="tanh", seed=1)
        optimizer = SGD(model.parameters(), lr=RATE, momentum=0.9)
        settings = {"loss": "hinge", "batch_size": SAMPLES // 10, "epochs": 2, "seed": 1, "progress": False}
        fit(model, x, y, optimizer=optimizer, **settings, **more)
        weights.append(np.array([p.data for p in model.parameters()]))
    difference = abs(weights[0] - weights[1]).max()
    print(f"\nOne local step, 20 batches of {SAMPLES // 10:,}: no weight differs by more than {difference:.1e}")


def check_kills(address: str, kills: int) -> None:
    """Workers that are killed at random change no bit."""
    from distributed import Client

    from nn import MLP, Adam, fit

    client, killed, over = Client(address), 0, False
    x, y = (part[:100_000] for part in samples())

    def train(epochs: int) -> list[float]:
        model = MLP(SIZES[0], SIZES[1:], activation="tanh", seed=1)
        optimizer = Adam(model.parameters(), lr=0.001)
        more: dict[str, Any] = {"cluster": client, "local_steps": 20, "shares": 2}
        fit(model, x, y, loss="hinge", optimizer=optimizer, batch_size=BATCH, epochs=epochs, seed=1, progress=False, **more)
        return [p.data for p in model.parameters()]

    def kill() -> None:
        nonlocal killed
        drawn = random.Random(0)
        while killed < kills and not over:
            time.sleep(drawn.uniform(0.5, 2))
            try:
                os.kill(drawn.choice(sorted(client.run(os.getpid).values())), signal.SIGKILL)
                killed += 1
            except (OSError, IndexError):
                continue

    epochs = 15
    whole = train(epochs)
    thread = threading.Thread(target=kill)
    thread.start()
    runs = [train(epochs)]
    while killed < kills:
        runs.append(train(epochs))
    over = True
    thread.join()
    same = "the same" if all(run == whole for run in runs) else "NOT the same"
    print(f"\n{killed} workers killed at random moments of {len(runs)} trainings: the bits are {same}")


def resident() -> float:
    """The memory of this process, in MB."""
    import psutil

    return float(psutil.Process().memory_info().rss / 1e6)


def check_memory(address: str) -> None:
    """The memory of the client does not grow with the data."""
    step = on_cluster(address)
    step()
    before = resident()
    for _ in range(5):
        step()
    data, more = ROWS * (WIDTH + 1) * 8 / 1e6, resident() - before
    print(f"\nMemory of the client of {data:,.0f} MB of rows: {before:.0f} MB, {more:+.1f} MB after 5 calls")


def in_a_process(check: Callable[..., None], *arguments: Any) -> None:
    """A check in a process of its own, so that no thread of its client lives on here."""
    call = f"from benchmarks import cluster; cluster.{check.__name__}(*{arguments!r})"
    subprocess.run([sys.executable, "-c", call], check=True)


def run(options: Namespace) -> None:
    global ROWS, CHUNK, SAMPLES, EPOCHS
    if timing.dry:
        ROWS, CHUNK, SAMPLES, EPOCHS = 20_000, 5_000, 20_000, 1
    with cluster(1) as one, cluster(2) as two:
        compare(
            f"A likelihood of {WIDTH + 1} parameters over {ROWS:,} rows, value and gradient",
            [
                Contestant("autograd_lite, 2 workers", partial(on_cluster, two)),
                Contestant("autograd_lite, 1 worker", partial(on_cluster, one)),
                Contestant("autograd_lite, plain call", plain),
                Contestant("JAX pmap, 2 host devices", jax_rows),
                Contestant("PyTorch gloo, 2 processes", torch_rows),
            ],
            rounds=5,
        )
        if not timing.dry:
            in_a_process(check_memory, two)
        compare(
            f"`fit`: an epoch of {SAMPLES:,} samples, MLP {'-'.join(map(str, SIZES))}, rounds of {LOCAL_STEPS} steps",
            [
                Contestant("autograd_lite, 2 workers", partial(our_fit, two), EPOCHS),
                Contestant("autograd_lite, 1 worker", partial(our_fit, one), EPOCHS),
                Contestant("autograd_lite, no cluster", our_fit, EPOCHS),
                Contestant("JAX pmap, 2 host devices", jax_fit, EPOCHS),
                Contestant("PyTorch DDP, 2 processes", torch_fit),
            ],
            rounds=3,
        )
        if not timing.dry:
            in_a_process(check_one_step, two)
            in_a_process(check_kills, two, 20)
