"""What `cluster` and `scale` measure of autograd_lite: a likelihood, `fit` and `evaluate`, with a cluster and without one.

The clusters are processes of their own on this machine, on loopback.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from benchmarks.cluster_data import (
    BATCH,
    LOCAL_STEPS,
    RATE,
    SIZES,
    all_rows,
    on_chunks,
    samples,
    samples_of,
    size,
)
from benchmarks.likelihoods import LIKELIHOODS
from benchmarks.timing import Step

# Without what each of Dask's processes does 50 to 100 times a second: see docs/how-to/scale-out.md
CLUSTER = """
import sys
import dask
from distributed import LocalCluster
dask.config.set({"distributed.worker.profile.enabled": False, "distributed.admin.tick.interval": "1s"})
if __name__ == "__main__":
    settings = {"threads_per_worker": 1, "dashboard_address": ":0", "host": "127.0.0.1", "death_timeout": 300}
    with LocalCluster(n_workers=int(sys.argv[1]), memory_limit=sys.argv[2], **settings) as cluster:
        print(cluster.scheduler_address, flush=True)
        sys.stdin.read()
"""

_kept = ExitStack()  # clusters that end with this process


@contextmanager
def cluster(workers: int, memory: str = "auto") -> Iterator[str]:
    """The address of a cluster of so many workers, of so much memory each, in a process of its own."""
    process = subprocess.Popen(
        [sys.executable, "-c", CLUSTER, str(workers), memory], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    try:
        yield process.stdout.readline().strip()
    finally:
        process.communicate()


def plain(name: str, part: int = 0, parts: int = 1, threads: int = 1) -> Step:
    """The likelihood on arrays: all rows, or one of several equal parts of them, shared by so many threads."""
    chunks = size.rows // size.chunk // parts
    return compiled(name, *all_rows(name, range(part * chunks, (part + 1) * chunks)), threads)


def compiled(name: str, x: Any, y: Any, threads: int = 1) -> Step:
    """The value and the gradient of the compiled likelihood on these rows."""
    import numpy as np

    from autograd_lite import compile

    likelihood = LIKELIHOODS[name]
    loss = compile(likelihood.ours, in_axes=(None, 0, 0), backend="native", threads=threads)
    w = np.array(likelihood.start)

    def run() -> float:
        value, gradient = loss.value_and_grad(w, x, y)
        return float(value + gradient.sum())

    return run


def pair(work: Callable[..., Step], *names: str) -> Step:
    """Half of some work in each of two processes, which share nothing: the most that two cores can do."""
    code = f"import sys; from {work.__module__} import {work.__name__}; run = {work.__name__}(*{names!r}, 1, 2)"
    code += "\nfor _ in sys.stdin: print(run(), flush=True)"
    other = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert other.stdin is not None
    assert other.stdout is not None
    ask, answer, step = other.stdin, other.stdout, work(*names, 0, 2)

    def run() -> float:
        print(file=ask, flush=True)
        return (step() + float(answer.readline())) / 2

    return run


def on_own_cluster(workers: int, work: Callable[[str], Step]) -> Step:
    """Some work on a cluster that is started for it, and ends with the process."""
    return work(_kept.enter_context(cluster(workers)))


def on_cluster(name: str, address: str) -> Step:
    """The same on Dask arrays whose chunks lie on the workers."""
    from distributed import Client

    likelihood = LIKELIHOODS[name]
    made = on_chunks(likelihood.rows, size.rows // size.chunk, size.chunk, likelihood.width)
    return compiled(name, *on_workers(Client(address), *made))


def on_workers(client: Any, x: Any, y: Any) -> tuple[Any, Any]:
    """Dask arrays, made and kept by the workers."""
    from distributed import wait

    x, y = client.persist([x, y])
    wait([x, y])
    return x, y


def our_fit(part: int = 0, parts: int = 1, address: str = "") -> Step:
    """`fit`, some epochs a step, which goes on with the model; on all samples, or on one of several equal parts of them."""
    from nn import MLP, SGD, fit

    model = MLP(SIZES[0], SIZES[1:], activation="tanh", seed=1)
    optimizer = SGD(model.parameters(), lr=RATE)
    settings: dict[str, Any] = {"loss": "hinge", "optimizer": optimizer, "seed": 1, "progress": False}
    if address:
        from distributed import Client

        settings |= {"cluster": Client(address), "local_steps": LOCAL_STEPS}
        x, y = on_workers(settings["cluster"], *on_chunks(samples_of, 2, size.samples // 2, SIZES[0]))
    else:
        x, y = (rows[part * len(rows) // parts : (part + 1) * len(rows) // parts] for rows in samples())

    def run() -> float:
        history = fit(model, x, y, epochs=size.epochs, batch_size=BATCH // parts, **settings)
        return float(history["accuracy"][-1] > 0.9)

    return run


def our_evaluation(cores: int) -> Step:
    """`evaluate`, in a process that may use so many cores."""
    from nn import MLP, evaluate

    os.sched_setaffinity(0, range(cores))
    (x, y), model = samples(), MLP(SIZES[0], SIZES[1:], activation="tanh", seed=1)
    return lambda: evaluate(model, x, y, "hinge")["loss"]
