"""Hypothesis profiles: `quick`, the usual one, with the same examples in every run; `thorough`, for long runs; and `mutants`,
which stops at the first failure, for `mutation.py`.

pytest --hypothesis-profile=thorough tests/autograd_lite/checking -k no_false_alarm
"""

import os

import pytest
from hypothesis import Phase, settings

# The tests run in a process per core: on networks this small PyTorch's own threads would only wait for each other.
os.environ.setdefault("OMP_NUM_THREADS", "1")

collect_ignore = [
    "mutation.py",  # a program that needs what the tests do not
    "typing",  # programs that type checkers read, and nobody runs: there are mistakes among them
]

settings.register_profile("quick", max_examples=25, derandomize=True, deadline=None)
settings.register_profile("thorough", max_examples=10_000, deadline=None)
settings.register_profile(
    "mutants", max_examples=25, derandomize=True, deadline=None, database=None, phases=[Phase.explicit, Phase.generate]
)
settings.load_profile("quick")


def pytest_collection_modifyitems(items):
    """Tests that use the cluster come first, so that one process has them all, and one cluster is enough."""
    items.sort(key=lambda item: "cluster" not in getattr(item, "fixturenames", ()))


@pytest.fixture(scope="session")
def cluster():
    """A client of a cluster of two workers on this machine, which ends with the tests."""
    from distributed import Client, LocalCluster

    with (
        LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=":0", host="127.0.0.1") as cluster,
        Client(cluster, set_as_default=False) as client,
    ):
        yield client


@pytest.fixture
def client(cluster):
    """That client, when both workers are there: a test before may have killed one."""
    cluster.wait_for_workers(2)
    return cluster
