"""The workers of a cluster: work is given to them, again if a worker is lost with it; that the cluster is gone is told.

All work is a pure function of what it is given, so that who did it, and how often, does not matter.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Final
from weakref import WeakKeyDictionary

from distributed import CancelledError, Client, KilledWorker, wait
from distributed.deploy import Cluster

from autograd_lite.basics.checks import wrong_type
from autograd_lite.basics.wording import counted
from autograd_lite.parcels import Parcel

LOOK: Final = 1.0  # seconds between two looks at whether the cluster is there
PATIENCE: Final = 60.0  # seconds without a worker, or without a word from the scheduler, after which it counts as gone
ATTEMPTS: Final = 20  # at one piece of work


LOST: Final = (CancelledError, KilledWorker, OSError, RuntimeError, TimeoutError)  # what is raised where a worker is lost


_latest: WeakKeyDictionary[Client, tuple[str, dict[Any, float]]] = WeakKeyDictionary()  # the recipe, and what work took


class ClusterLostError(RuntimeError):
    """The cluster is gone, or loses every worker that works; the model has what the run had come to."""


class Crew:
    """The workers of a client.

    Arguments:
        client: a `distributed.Client`.

    Attributes:
        size: how many pieces of work are done at the same time.
    """

    def __init__(self, client: Any) -> None:
        if not isinstance(client, Client):
            way_out = "Client(LocalCluster()), or Client(address)"
            if isinstance(client, str):
                way_out = f"Client({client!r})"
            elif isinstance(client, Cluster):
                way_out = "its get_client()"
            raise wrong_type("cluster", "a dask.distributed.Client", client, way_out)
        if client.asynchronous:
            told = "an asynchronous one, and fit waits for its workers"
            raise wrong_type("cluster", "a client that waits", client, "leave out asynchronous=True", told)
        self.client = client
        self.address = client.scheduler.address if client.scheduler else "its address"
        self.wait_for_worker()
        self.size = max(1, sum(client.nthreads().values()))

    def took(self, token: str) -> dict[Any, float]:
        """The seconds that each kind of work took last with a recipe; none, if it is not what the workers got last."""
        latest, seconds = _latest.get(self.client, ("", {}))
        if latest != token:
            seconds = {}
            _latest[self.client] = token, seconds
        return seconds

    def check_versions(self, parcel: Parcel) -> None:
        """Raise a VersionsDifferError if a worker runs other versions than this process, a ClusterLostError if none answers."""
        try:
            answers = self.client.run(parcel.without_content().check_versions, on_error="return")
        except LOST as error:
            raise self.lost(str(error) or type(error).__name__) from error
        for answer in answers.values():
            if isinstance(answer, Exception) and not isinstance(answer, OSError):  # that one is lost, and another will come
                raise answer

    def check_running(self) -> None:
        """Raise a ClusterLostError if the client has no connection."""
        if self.client.status not in ("running", "connecting"):
            raise self.lost(f"the client is {self.client.status}")

    def lost(self, why: str) -> ClusterLostError:
        """The error that says that the cluster is gone."""
        return ClusterLostError(
            f"the cluster at {self.address} is lost: {why}. The model has the weights of the last epoch that was completed; "
            "with checkpoint= the same call, on another cluster with as many shares, goes on from there to the same bits"
        )

    def submit(self, work: Callable[..., Any], *arguments: Any, **settings: Any) -> Any:
        """A future of some work."""
        import dask

        with dask.config.set(
            {"distributed.admin.large-graph-warning-threshold": "1 GB"}
        ):  # the state of a large model is meant
            return self.client.submit(work, *arguments, pure=False, **settings)

    def place(self, number: int) -> list[str]:
        """The worker for the one of that number, of several that are given out in turn."""
        workers: list[str] = []
        while not workers:
            self.wait_for_worker()
            workers = [address for address, threads in sorted(self.client.nthreads().items()) for _ in range(threads)]
        return [workers[number % len(workers)]]

    def scatter(self, item: Any, number: int) -> Any:
        """A future of something that is here, on the worker for this number.

        Raises:
            OSError: the worker is gone.
        """
        place = self.place(number)
        try:
            return self.client.scatter([item], workers=place, hash=False)[0]
        except KeyError as error:  # so the scheduler tells it
            raise OSError(f"the worker {error.args[0]} is gone") from error

    def compute(self, delayed: Any) -> Any:
        """A future of a Dask graph, on any worker: one that was named would be waited for after it is lost."""
        return self.client.compute(delayed)

    def results(self, start: Callable[[int], Any], count: int) -> list[Any]:
        """The results of so many pieces of work, in their order.

        Arguments:
            start: starts the piece of that number and gives its future. If the piece was lost, it is called again.

        Raises:
            ClusterLostError: the cluster is gone, or pieces were lost over and over.
            Exception: what the work raises.
        """
        found: dict[int, Any] = {}
        reason: Any = None
        for _ in range(ATTEMPTS):
            self.check_running()
            futures: dict[int, Any] = {}
            try:
                futures = {i: start(i) for i in range(count) if i not in found}
                self.wait(list(futures.values()))
                found.update(self.gathered(futures))
            except LOST as error:
                reason = self.going_on_after(error)
            for i in futures.keys() - found.keys():
                try:
                    found[i] = futures[i].result(timeout=PATIENCE)
                except LOST as error:
                    if futures[i].status == "error" and not is_lost(error):
                        raise
                    reason = self.going_on_after(error)
            if len(found) == count:
                return [found[i] for i in range(count)]
        raise self.lost(f"{counted(ATTEMPTS, 'time')} in succession a worker was lost with its work ({reason})")

    def gathered(self, futures: dict[int, Any]) -> dict[int, Any]:
        """The results of futures, all at once; none, if something went wrong with one of them."""
        if any(future.status != "finished" for future in futures.values()):
            return {}
        gather = partial(self.client.gather, list(futures.values()), asynchronous=True)
        results = self.client.sync(gather, callback_timeout=PATIENCE)
        return dict(zip(futures, results, strict=True))

    def going_on_after(self, error: Exception) -> Exception:
        """An error that a lost worker may have caused; if the cluster is lost, that is raised."""
        if isinstance(error, ClusterLostError):
            raise error
        self.wait_for_worker()
        return error

    def wait_for_worker(self) -> None:
        """Wait until there is a worker."""
        self.check_running()
        try:
            if not self.client.nthreads():
                self.client.wait_for_workers(1, timeout=PATIENCE)
        except (OSError, RuntimeError, TimeoutError, ValueError) as error:
            raise self.lost(str(error) or type(error).__name__) from error

    def wait(self, futures: Sequence[Any]) -> None:
        """Wait until all are done, as long as there is a cluster."""
        alone = 0.0
        while True:
            try:
                with self.client.as_current():
                    wait(futures, timeout=LOOK)
                return
            except TimeoutError:
                began = time.monotonic()
                if self.client.status == "running" and self.client.nthreads():
                    alone = 0.0
                    continue
                self.check_running()
                alone += LOOK + time.monotonic() - began
                if alone >= PATIENCE:
                    raise self.lost(f"it has had no worker for {PATIENCE:.0f} seconds") from None


def is_lost(error: Exception) -> bool:
    """Whether an error of some work says that its worker was lost, and not that the work went wrong."""
    return isinstance(error, CancelledError | KilledWorker)
