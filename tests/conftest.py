"""Hypothesis profiles: `quick`, the usual one, with the same examples in every run; `thorough`, for long runs; and `mutants`,
which stops at the first failure, for `mutation.py`.

pytest --hypothesis-profile=thorough tests/autograd_lite/checking -k no_false_alarm
"""

import contextlib
import os
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings

# The tests run in a process per core: on networks this small PyTorch's own threads would only wait for each other.
os.environ.setdefault("OMP_NUM_THREADS", "1")
# A hundred processes are started: what one has compiled of these sources the others read, also where that is switched off.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

ROOT = Path(__file__).parents[1]
MACHINE_CODE = {"nn", "compiler", "test_choices.py", "test_random_programs.py"}  # folders and files whose tests make most of it

collect_ignore = [
    "mutation.py",  # a program that needs what the tests do not
    "typing",  # programs that type checkers read, and nobody runs: there are mistakes among them
]

# No test depends on how fast the machine is: neither by a time that an example may take, nor by one to draw it.
any_machine = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("quick", any_machine, max_examples=25, derandomize=True)
settings.register_profile("thorough", any_machine, max_examples=10_000)
settings.register_profile(
    "mutants", any_machine, max_examples=25, derandomize=True, database=None, phases=[Phase.explicit, Phase.generate]
)
settings.load_profile("quick")

# Hypothesis would also draw the numbers that stand in the modules imported so far: what it draws in one test would depend on
# those that ran before, and on every line of the library.
with contextlib.suppress(ImportError):  # of an older version, which does not
    from hypothesis.internal.conjecture import providers

    providers.is_local_module_file = lambda path: False


def pytest_collection_modifyitems(items):
    """What takes long to make comes first, so that of two processes, each with its half of the tests, one makes it.

    That is a cluster, which the other then needs not at all, and machine code, which it finds on the disk.
    """

    def turn(item):
        if "cluster" in getattr(item, "fixturenames", ()):
            return 0
        rooms = {*item.path.relative_to(ROOT).parts}
        return 1 if rooms & MACHINE_CODE else 2 if "visualize" in rooms else 3  # others need some, later

    items.sort(key=turn)


@pytest.fixture(scope="session", autouse=True)
def patience():
    """Graphviz may take as long as it needs: where that is too long, a picture is laid out again, with less polish."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("visualize.picture.rendering.PATIENCE", (600, 600, 600))
        yield


@pytest.fixture(scope="session")
def cluster():
    """A client of a cluster of two workers on this machine, which ends with the tests."""
    import dask
    from distributed import Client, LocalCluster

    with (
        dask.config.set({"distributed.deploy.lost-worker-timeout": "1h"}),  # one that starts again slowly is not given up
        LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=":0", host="127.0.0.1") as cluster,
        Client(cluster, set_as_default=False) as client,
    ):
        yield client


@pytest.fixture
def client(cluster):
    """That client, when both workers answer: a test before may have killed one, which the scheduler need not know yet."""
    while len(cluster.run(os.getpid, on_error="ignore")) < 2:
        cluster.wait_for_workers(2, timeout=600)
    return cluster
