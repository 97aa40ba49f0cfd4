"""What the benchmark `cluster` shows besides times: the same bits and accuracy, and memory that does not grow with the data."""

from __future__ import annotations

import os
import random
import signal
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

from benchmarks.cluster_data import BATCH, LOCAL_STEPS, RATE, SIZES, on_chunks, samples, size
from benchmarks.cluster_ours import on_cluster, plain
from benchmarks.likelihoods import LIKELIHOODS, LOGISTIC
from benchmarks.timing import time_once
from nn import MLP, SGD, Adam, fit

SETTLED = 3.0  # seconds that a worker must have been there: one that is killed while it starts is given up by its nanny
LOST = 20.0  # seconds after which a worker that was killed is not waited for: its nanny may have failed to start it again
SMALL = "500MB"  # the memory of a worker, for data that is more


def check_accuracy(*addresses: str) -> None:
    """What comes of so many epochs is as good on any number of workers."""
    from distributed import Client

    x, y = samples()
    print(f"\nAccuracy after {size.epochs} epochs:", end="")
    for address in ("", *addresses):
        more: dict[str, Any] = {"cluster": Client(address), "local_steps": LOCAL_STEPS} if address else {}
        model = MLP(SIZES[0], SIZES[1:], activation="tanh", seed=1)
        settings = {"loss": "hinge", "batch_size": BATCH, "epochs": size.epochs, "seed": 1, "progress": False}
        history = fit(model, x, y, optimizer=SGD(model.parameters(), lr=RATE), **settings, **more)
        where = f"{len(more['cluster'].nthreads())} workers" if more else "no cluster"
        print(f"  {where} {history['accuracy'][-1]:.4f}", end="", flush=True)
    print()


def check_one_worker(address: str) -> None:
    """Calls of one worker and plain ones in turns, in one process: what is beside the work itself.

    In the comparison the cluster sleeps while plain calls are timed. Here it is at work in the background of both.
    """
    for name in LIKELIHOODS:
        steps, ratios = (plain(name), on_cluster(name, address)), []
        for _ in range(21):
            alone, of_worker = [time_once(step, 0.0, 1) for step in steps]
            ratios.append(alone / of_worker)
        print(
            f"\nThe likelihood of {name}, in turns: 1 worker has {statistics.median(ratios):.2f} of the speed of a plain call"
        )


def check_one_step(address: str) -> None:
    """With one local step the weights are those of one machine."""
    import numpy as np
    from distributed import Client

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

    client, killed = Client(address), 0
    x, y = (part[:100_000] for part in samples())

    def train(epochs: int) -> list[float]:
        model = MLP(SIZES[0], SIZES[1:], activation="tanh", seed=1)
        optimizer = Adam(model.parameters(), lr=0.001)
        more: dict[str, Any] = {"cluster": client, "local_steps": 20, "shares": 2}
        fit(model, x, y, loss="hinge", optimizer=optimizer, batch_size=BATCH, epochs=epochs, seed=1, progress=False, **more)
        return [p.data for p in model.parameters()]

    def kill() -> None:
        nonlocal killed
        drawn, since = random.Random(0), dict[int, float]()
        while killed < kills:
            time.sleep(drawn.uniform(0.5, 2))
            try:
                processes, now = sorted(client.run(os.getpid).values()), time.monotonic()
                since = {process: since.get(process, now) for process in processes}
                least = now - max(since.values()) if since else 0.0
                if least > (SETTLED if len(processes) == 2 else LOST):
                    os.kill(drawn.choice(processes), signal.SIGKILL)
                    killed += 1
            except (OSError, IndexError):
                continue

    epochs = 15
    whole = train(epochs)
    thread = threading.Thread(target=kill)
    thread.start()
    runs = [train(epochs)]
    while thread.is_alive():
        runs.append(train(epochs))
    same = "the same" if all(run == whole for run in runs) else "NOT the same"
    print(f"\n{killed} workers killed at random moments of {len(runs)} trainings: the bits are {same}")


def check_memory(address: str) -> None:
    """The memory of the client does not grow with the data."""
    import psutil

    step = on_cluster(LOGISTIC, address)
    step()
    before = psutil.Process().memory_info().rss / 1e6
    for _ in range(5):
        step()
    data, more = size.rows * LIKELIHOODS[LOGISTIC].row_bytes / 1e6, psutil.Process().memory_info().rss / 1e6 - before
    print(f"\nMemory of the client of {data:,.0f} MB of rows: {before:.0f} MB, {more:+.1f} MB after 5 calls")


def check_larger(address: str) -> None:
    """Of rows and samples that are more than the workers' memory, each is made where it is used, or kept on disk."""
    import dask.array as da
    from distributed import Client

    from autograd_lite import compile

    client = Client(address)

    def tell(what: str, data: float, began: float) -> None:
        peaks = [*client.run(peak).values(), peak()]
        print(
            f"{what}: {data / 1e6:,.0f} MB on 2 workers of {SMALL}: {time.perf_counter() - began:.0f} s, at most "
            f"{peaks[0]:.0f} and {peaks[1]:.0f} MB there, {peaks[2]:.0f} MB here",
            flush=True,
        )

    likelihood = LIKELIHOODS[LOGISTIC]
    x, y = on_chunks(likelihood.rows, 200, 100_000, likelihood.width)
    loss, began = compile(likelihood.ours, in_axes=(None, 0, 0), backend="native"), time.perf_counter()
    loss.value_and_grad(likelihood.start, x, y)
    print()
    tell("The likelihood", x.nbytes + y.nbytes, began)

    model, chunk = MLP(SIZES[0], SIZES[1:], activation="tanh", seed=1), 200_000
    x = da.random.default_rng(1).normal(size=(40 * chunk, SIZES[0]), chunks=(chunk, SIZES[0]))
    y = da.where(x[:, 0] * x[:, 1] + x[:, 2] > 0, 1.0, -1.0)
    settings: dict[str, Any] = {"loss": "hinge", "batch_size": 40 * 64, "epochs": 1, "seed": 1, "progress": False}
    began = time.perf_counter()
    optimizer = SGD(model.parameters(), lr=RATE)
    history = fit(model, x, y, optimizer=optimizer, **settings, cluster=client, shares=40, local_steps=1_000)
    tell(f"`fit` (accuracy {history['accuracy'][-1]:.3f})", x.nbytes + y.nbytes, began)


def peak() -> float:
    """The largest memory that this process has had, in MB."""
    from resource import RUSAGE_SELF, getrusage

    return getrusage(RUSAGE_SELF).ru_maxrss / 1e3


def in_a_process(check: Callable[..., None], *arguments: Any) -> None:
    """A check in a process of its own, so that no thread of its client lives on here."""
    call = f"from benchmarks import cluster_checks; cluster_checks.{check.__name__}(*{arguments!r})"
    subprocess.run([sys.executable, "-c", call], check=True)
