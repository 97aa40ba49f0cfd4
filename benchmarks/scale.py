"""What a round of training on a cluster costs: measured here with two workers, and from that for up to 1,000 by a model.

    seconds a round = k · samples · s / W  +  l  +  W · (o + 2 · bytes / b)

W workers take k steps of so many samples in all, at s seconds a sample. A round with nothing to do takes l seconds, and o more
for each worker. The state of the model goes to each worker and back through the client's link of b bytes a second. The model is
held against a simulation in which messages wait for one another, and workers are not equally fast.
"""

from __future__ import annotations

import datetime
import heapq
import random
import statistics
import time
from argparse import Namespace
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise
from typing import Any

from benchmarks import timing
from benchmarks.cluster_data import BATCH, SIZES, samples, size
from benchmarks.cluster_ours import cluster, on_cluster, plain
from benchmarks.likelihoods import LIKELIHOODS, LOGISTIC


@dataclass(frozen=True)
class Costs:
    """What was measured, in seconds.

    Attributes:
        sample: a training step, for each sample.
        latency: of a round with nothing to do.
        overhead: of client and scheduler in such a round for each worker.
        byte: of a number's way to a worker or back.
        state: bytes of the parameters and of what the optimizer remembers.
    """

    sample: float
    latency: float
    overhead: float
    byte: float
    state: int

    def round(self, workers: int, steps: int, batch: int) -> float:
        """The model's seconds for one round."""
        each = self.overhead + 2 * self.state * self.byte
        return steps * batch * self.sample / workers + self.latency + workers * each


def simulated(costs: Costs, workers: int, steps: int, batch: int, rounds: int = 20) -> float:
    """The mean seconds of a round, event by event: one link, one scheduler, and workers of which each takes its own time."""
    drawn, way = random.Random(0), costs.state * costs.byte
    total = 0.0
    for _ in range(rounds):
        sent, arrivals = 0.0, []
        for _ in range(workers):
            sent += costs.overhead / 2 + way  # the scheduler and the link serve one after another
            work = steps * batch * costs.sample / workers * drawn.lognormvariate(0, 0.1)
            heapq.heappush(arrivals, sent + costs.latency + work)
        now = sent
        while arrivals:
            now = max(now, heapq.heappop(arrivals)) + costs.overhead / 2 + way
        total += now
    return total / rounds


def median(work: Callable[[], Any], times: int) -> float:
    seconds = []
    for _ in range(times):
        began = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - began)
    return statistics.median(seconds)


def given_back(item: Any) -> Any:
    return item


def measured(one: str, two: str) -> Costs:
    """The costs on this machine, by one worker and by two."""
    import numpy as np
    from distributed import Client

    from nn import MLP, SGD, fit

    times = 3 if timing.dry else 15
    x, y = (part[: 2_000 if timing.dry else 100_000] for part in samples())
    with Client(two) as client:
        small, big = (np.zeros(count) for count in (1, 2**20))
        there_and_back = [
            median(lambda item=item: client.submit(given_back, item, pure=False).result(), times) for item in (small, big)
        ]
        byte = max(there_and_back[1] - there_and_back[0], 1e-6) / (2 * big.nbytes)
    model = MLP(SIZES[0], SIZES[1:], activation="tanh", seed=1)
    optimizer = SGD(model.parameters(), lr=0.01)

    def train() -> None:
        fit(model, x, y, loss="hinge", optimizer=optimizer, epochs=1, batch_size=BATCH, seed=1, progress=False)

    train()
    state = 8 * len(optimizer.parameters) * (1 + len(optimizer.buffers))
    idle = latency_and_overhead(*(seconds_a_round(address, 1, batch=2) for address in (one, two)))
    return Costs(median(train, 3) / len(x), *idle, byte, state)


def latency_and_overhead(one: float, two: float) -> tuple[float, float]:
    """The costs of a round by what it takes one worker, and two, to do nothing."""
    overhead = max(two - one, 1e-4)
    return one - overhead, overhead


def rounds_beside(costs: Costs, one: str, two: str) -> list[str]:
    """A table of what rounds of `fit` take on one worker and on two, measured and by the formula."""
    lines = ["| steps a round | 1 worker, ms: measured / by the formula | 2 workers |", "| ---: | ---: | ---: |"]
    for steps in (1, 10) if timing.dry else (1, 10, 100):
        pairs = [
            (seconds_a_round(address, steps), costs.round(workers, steps, BATCH)) for workers, address in ((1, one), (2, two))
        ]
        lines.append(f"| {steps} | " + " | ".join(in_ms(*pair) for pair in pairs) + " |")
    return lines


def seconds_a_round(address: str, steps: int, batch: int = BATCH) -> float:
    """What a round of so many steps takes on the workers of a cluster: what further epochs take, after a first one."""
    from distributed import Client

    from nn import MLP, SGD, fit

    rounds = 20 if timing.dry else max(5, 100 // steps)
    x, y = (part[: rounds * steps * batch] for part in samples())
    model = MLP(SIZES[0], SIZES[1:], activation="tanh", seed=1)
    settings: dict[str, Any] = {"loss": "hinge", "optimizer": SGD(model.parameters(), lr=0.01), "batch_size": batch, "seed": 1}
    with Client(address) as client:
        settings |= {"progress": False, "cluster": client, "local_steps": steps}
        one, five = [median(partial(fit, model, x, y, epochs=epochs, **settings), 3) for epochs in (1, 5)]
    return (five - one) / 4 / (len(x) // (batch * steps))


def chunks_beside(costs: Costs, one: str, two: str) -> list[str]:
    """A table of what the likelihood takes on one worker and on two, by the size of chunks: measured, and by the formula."""
    rows = size.rows // 5
    idle = latency_and_overhead(*(seconds_a_call(address, 2, 1) for address in (one, two)))
    size.rows = size.chunk = rows
    call = Costs(median(plain(LOGISTIC), 7) / rows, *idle, costs.byte, LIKELIHOODS[LOGISTIC].row_bytes)
    lines = ["| rows a chunk | 1 worker, ms: measured / by the formula | 2 workers |", "| ---: | ---: | ---: |"]
    for chunk in (rows // 200, rows // 20, rows // 2):
        pairs = [
            (seconds_a_call(address, rows, chunk), call.round(workers, 1, rows)) for workers, address in ((1, one), (2, two))
        ]
        lines.append(f"| {chunk:,} | " + " | ".join(in_ms(*pair) for pair in pairs) + " |")
    return lines


def seconds_a_call(address: str, rows: int, chunk: int) -> float:
    """What a call of the likelihood takes on the workers of a cluster, after some."""
    from distributed import Client

    size.rows, size.chunk = rows, chunk
    step = on_cluster(LOGISTIC, address)
    for _ in range(3):
        step()
    seconds = median(step, 7)
    Client.current().close()
    return seconds


def in_ms(measured: float, expected: float) -> str:
    """Two times, to two digits."""
    return " / ".join(f"{float(f'{1e3 * seconds:.2g}'):g}" for seconds in (measured, expected))


def show(costs: Costs, title: str, batch: int) -> None:
    """A table of how many times as fast many workers are as one, by the model and by the simulation."""
    print(f"\n{title}, {batch:,} samples a step\n")
    print("| steps a round | " + " | ".join(f"{workers:,} workers" for workers in WORKERS) + " |")
    print("| ---: |" + " ---: |" * len(WORKERS))
    for steps in (1, 10, 100, 1_000):
        print(f"| {steps:,} | " + " | ".join(gain(costs, workers, steps, batch) for workers in WORKERS) + " |")


def gain(costs: Costs, workers: int, steps: int, batch: int) -> str:
    """How many times as fast so many workers are as one, by the model and by the simulation."""
    ways = costs.round(workers, steps, batch), simulated(costs, workers, steps, batch)
    return " / ".join(shown(steps * batch * costs.sample / seconds) for seconds in ways)


def shown(ratio: float) -> str:
    """A ratio with two digits."""
    return f"{ratio:.0f}" if ratio >= 9.95 else f"{float(f'{ratio:.1g}'):g}" if ratio < 0.1 else f"{ratio:.1f}"


def show_page(costs: Costs, slow: Costs, far: Costs, lines: Sequence[str]) -> None:
    """What the page of the docs says, for it to be renewed: the costs, how they were held against measurements, and a table."""
    print("\nFor docs/how-to/scale-out.md:\n")
    parameters = sum((nin + 1) * nout for nin, nout in pairwise(SIZES))
    print(
        f"{datetime.date.today():%-d %B}, with a model of {parameters:,} parameters: s {costs.sample * 1e6:.2g} µs, l "
        f"{costs.latency * 1e3:.2g} ms, o {costs.overhead * 1e3:.2g} ms, b {1e-6 / costs.byte:.0f} MB a second.\n"
    )
    print("\n".join(lines), end="\n\n")
    print("| steps a round | 2 workers | 10 | 100 | 1,000 | 100 over the internet: 100 ms, 10 MB a second |")
    print("| ---: |" + " ---: |" * 5)
    for steps in (1, 100, 1_000):
        cells = [*(gain(slow, workers, steps, BATCH) for workers in WORKERS), gain(far, 100, steps, BATCH)]
        print(f"| {steps:,} | " + " | ".join(cells) + " |")


WORKERS = (2, 10, 100, 1_000)


def run(options: Namespace) -> None:
    if timing.dry:
        size.shrink()
    with cluster(1) as one, cluster(2) as two:
        costs = measured(one, two)
        lines = [*rounds_beside(costs, one, two), "", *chunks_beside(costs, one, two)]
    slow = replace(costs, sample=1e-3)
    far = replace(slow, latency=0.1 + costs.latency, byte=1 / 10e6)
    print("\nHow many times as fast as one machine: by the model / by the simulation")
    show(costs, "This network, on a local network", BATCH)
    show(slow, "A function of a millisecond a sample", BATCH)
    show(far, "The same over the internet (100 ms, 10 MB a second)", BATCH)
    show_page(costs, slow, far, lines)
