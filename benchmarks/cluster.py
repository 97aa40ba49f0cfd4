"""More data than one core: likelihoods of 10⁷ rows and `fit` on 600,000 samples, by one worker and by two, and by peers.

JAX has two host devices; PyTorch's DistributedDataParallel has two processes that talk by gloo. Rows are made where they are
used, from the number of their chunk.
"""

from __future__ import annotations

import statistics
from argparse import Namespace
from functools import partial

from benchmarks import timing
from benchmarks.cluster_checks import (
    SMALL,
    check_accuracy,
    check_kills,
    check_larger,
    check_memory,
    check_one_step,
    check_one_worker,
    in_a_process,
)
from benchmarks.cluster_data import SIZES, size
from benchmarks.cluster_ours import cluster, on_cluster, on_own_cluster, our_evaluation, our_fit, pair, plain
from benchmarks.cluster_peers import TORCH_EPOCHS, jax_fit, jax_rows, torch_fit, torch_rows
from benchmarks.likelihoods import LIKELIHOODS
from benchmarks.timing import Contestant, compare

TWO, ONE, PLAIN = "autograd_lite, 2 workers", "autograd_lite, 1 worker", "autograd_lite, no cluster"
ALONE = "no cluster, 2 processes with half each"


def tell_gain(times: dict[str, list[float]]) -> None:
    """How many times as fast two workers are as one, and the most that the two cores of this machine allow.

    These are medians of what each round says, since a machine that others use is slower in one minute than in the next.
    """

    def ratio(slower: str, quicker: str) -> str:
        ratios = [a / b for a, b in zip(times[slower], times[quicker], strict=True)]
        return f"{statistics.median(ratios):.2f}"

    alone = f", 2 processes that share nothing {ratio(PLAIN, ALONE)} times one" if ALONE in times else ""
    print(
        f"  round by round: 1 worker has {ratio(PLAIN, ONE)} of the speed without a cluster, 2 workers are {ratio(ONE, TWO)} "
        f"times as fast as 1{alone}"
    )


def run(options: Namespace) -> None:
    if timing.dry:
        size.shrink()
    for name, likelihood in LIKELIHOODS.items():
        times = compare(
            f"The likelihood of {name}: {len(likelihood.start)} parameters, {size.rows:,} rows, value and gradient",
            [
                Contestant(TWO, partial(on_own_cluster, 2, partial(on_cluster, name))),
                Contestant(ONE, partial(on_own_cluster, 1, partial(on_cluster, name))),
                Contestant(PLAIN, partial(plain, name)),
                Contestant("autograd_lite, no cluster, 2 threads", partial(plain, name, threads=2)),
                Contestant(ALONE, partial(pair, plain, name)),
                Contestant("JAX pmap, 2 host devices", partial(jax_rows, name)),
                Contestant("PyTorch gloo, 2 processes", partial(torch_rows, name)),
            ],
            rounds=21,
            budget=0.5,
            least=1,
        )
        tell_gain(times)
    times = compare(
        f"`fit`: an epoch of {size.samples:,} samples, MLP {'-'.join(map(str, SIZES))}, weights averaged once an epoch",
        [
            Contestant(TWO, partial(on_own_cluster, 2, partial(our_fit, 0, 1)), size.epochs),
            Contestant(ONE, partial(on_own_cluster, 1, partial(our_fit, 0, 1)), size.epochs),
            Contestant(PLAIN, our_fit, size.epochs),
            Contestant(ALONE, partial(pair, our_fit), size.epochs),
            Contestant("JAX pmap, 2 host devices", jax_fit, size.epochs),
            Contestant("PyTorch gloo, 2 processes", torch_fit, TORCH_EPOCHS),
        ],
        rounds=7,
        check=1,
        least=1,
    )
    tell_gain(times)
    compare(
        f"`evaluate` on {size.samples:,} samples of the same network",
        [Contestant(f"autograd_lite, {cores} cores", partial(our_evaluation, cores)) for cores in (2, 1)],
    )
    if not timing.dry:
        with cluster(1) as one, cluster(2) as two:
            in_a_process(check_accuracy, one, two)
        with cluster(1) as one:
            in_a_process(check_one_worker, one)
        with cluster(2) as two:
            for check, *arguments in ((check_memory,), (check_one_step,), (check_kills, 20)):
                in_a_process(check, two, *arguments)
        with cluster(2, SMALL) as small:
            in_a_process(check_larger, small)
