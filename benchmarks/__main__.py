"""`python -m benchmarks [TASK …] [--mnist DIR] [--threads 1|all]`: autograd_lite and its peers at the same work, in one run.

Every library takes as many threads as `--threads` says: without it each task runs with one thread each, then with all; but
`cluster` and `scale`, which say themselves how many threads and processes there are, run once, as with `--threads 1`.
"""

from __future__ import annotations

import argparse
import datetime
import os
import platform
import subprocess
import sys
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version

from benchmarks import timing

TASKS = ("engine", "neuron", "moons", "fit", "rosenbrock", "loop", "mnist", "recording", "cluster", "scale")
PEERS = ("numba", "numpy", "dask", "micrograd", "torch", "jax", "casadi", "autograd", "mygrad")
ONCE = ("cluster", "scale")  # which say themselves how many threads there are
THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("tasks", nargs="*", metavar="TASK", help=f"any of {', '.join(TASKS)}; all if none is given")
    parser.add_argument("--mnist", metavar="DIR", default=os.environ.get("MNIST_DIR"), help="where the four MNIST files lie")
    parser.add_argument("--threads", choices=("1", "all"), help="only with one thread each, or only with all")
    parser.add_argument("--epochs", type=int, default=0, help="also train on MNIST, one sample a step, for so many epochs")
    parser.add_argument("--dry", action="store_true", help="without peers, one short round: to see that it runs")
    options = parser.parse_args()
    unknown = set(options.tasks) - set(TASKS)
    if unknown:
        parser.error(f"unknown task {min(unknown)!r}: known are {', '.join(TASKS)}")
    tasks = options.tasks or TASKS
    if options.threads is None:
        ways = ("1",) if {*tasks} <= {*ONCE} else ("1", "all")
        return max(subprocess.call([sys.executable, "-m", "benchmarks", *sys.argv[1:], "--threads", n]) for n in ways)
    if options.threads == "1" and os.environ.get("OPENBLAS_NUM_THREADS") != "1":  # libraries read it when they are loaded
        one = dict.fromkeys(THREADS, "1") | {"XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"}
        return subprocess.call([sys.executable, "-m", "benchmarks", *sys.argv[1:]], env=os.environ | one)
    print(
        f"{datetime.date.today()}, {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, ", end=""
    )
    print(f"{'one thread each' if options.threads == '1' else 'all threads'}; " + ", ".join(map(installed, PEERS)))
    timing.dry = options.dry
    for task in tasks if options.threads == "1" else [task for task in tasks if task not in ONCE]:
        import_module(f"benchmarks.{task}").run(options)
    print(f"\nHow many times as long others take, for the README:\n\n{timing.markdown()}")
    return 0


def installed(package: str) -> str:
    try:
        return f"{package} {version(package)}"
    except PackageNotFoundError:
        return f"no {package}"


if __name__ == "__main__":
    sys.exit(main())
