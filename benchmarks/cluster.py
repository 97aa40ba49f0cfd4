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
from typing import Any

from benchmarks import timing
from benchmarks.cluster_data import BATCH, LOCAL_STEPS, RATE, SIZES, WIDTH, all_rows, rows, samples, size, start
from benchmarks.cluster_peers import jax_fit, jax_rows, torch_fit, torch_rows
from benchmarks.timing import Contestant, Step, compare

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


def surprise(w: Any, x: Any, y: Any) -> Any:
    """Minus the logarithm of a likelihood of ten parameters."""
    from autograd_lite import dot, softplus

    return softplus(-y * dot(w[1:], x, w[0]))


def plain() -> Step:
    """The compiled function on arrays."""
    from autograd_lite import compile

    loss, w = compile(surprise, in_axes=(None, 0, 0), backend="native"), start()
    x, y = all_rows(range(size.rows // size.chunk))

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
    parts = [dask.delayed(rows)(chunk, size.chunk) for chunk in range(size.rows // size.chunk)]
    x = da.concatenate([da.from_delayed(p[0], (size.chunk, WIDTH), float) for p in parts])
    y = da.concatenate([da.from_delayed(p[1], (size.chunk,), float) for p in parts])
    x, y = client.persist([x, y])
    wait([x, y])
    loss, w = compile(surprise, in_axes=(None, 0, 0), backend="native"), np.array(start())

    def run() -> float:
        value, gradient = loss.value_and_grad(w, x, y)
        return float(value + gradient.sum())

    return run


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
        history = fit(model, x, y, epochs=size.epochs, **settings, **more)
        return float(history["accuracy"][-1] > 0.9)

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
        settings = {"loss": "hinge", "batch_size": size.samples // 10, "epochs": 2, "seed": 1, "progress": False}
        fit(model, x, y, optimizer=optimizer, **settings, **more)
        weights.append(np.array([p.data for p in model.parameters()]))
    difference = abs(weights[0] - weights[1]).max()
    print(f"\nOne local step, 20 batches of {size.samples // 10:,}: no weight differs by more than {difference:.1e}")


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
                processes = sorted(client.run(os.getpid).values())
                if len(processes) == 2:  # a worker that is killed while it starts is given up by its nanny
                    os.kill(drawn.choice(processes), signal.SIGKILL)
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
    data, more = size.rows * (WIDTH + 1) * 8 / 1e6, resident() - before
    print(f"\nMemory of the client of {data:,.0f} MB of rows: {before:.0f} MB, {more:+.1f} MB after 5 calls")


def in_a_process(check: Callable[..., None], *arguments: Any) -> None:
    """A check in a process of its own, so that no thread of its client lives on here."""
    call = f"from benchmarks import cluster; cluster.{check.__name__}(*{arguments!r})"
    subprocess.run([sys.executable, "-c", call], check=True)


def run(options: Namespace) -> None:
    if timing.dry:
        size.shrink()
    with cluster(1) as one, cluster(2) as two:
        compare(
            f"A likelihood of {WIDTH + 1} parameters over {size.rows:,} rows, value and gradient",
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
            f"`fit`: an epoch of {size.samples:,} samples, MLP {'-'.join(map(str, SIZES))}, rounds of {LOCAL_STEPS} steps",
            [
                Contestant("autograd_lite, 2 workers", partial(our_fit, two), size.epochs),
                Contestant("autograd_lite, 1 worker", partial(our_fit, one), size.epochs),
                Contestant("autograd_lite, no cluster", our_fit, size.epochs),
                Contestant("JAX pmap, 2 host devices", jax_fit, size.epochs),
                Contestant("PyTorch DDP, 2 processes", torch_fit),
            ],
            rounds=3,
        )
        if not timing.dry:
            in_a_process(check_one_step, two)
            in_a_process(check_kills, two, 20)
