"""Work on what lies on the workers of a cluster, asked of them directly: an optimization (`python -m benchmarks cluster`).

As a task, work and what it gives travel in four messages, one after another: ten to fifteen milliseconds. Asked directly, a
worker gets one message and answers it. But the scheduler does not see such work, and may close workers, or itself, that seem to
be idle. So only short work is asked directly, and now and then it is done by tasks all the same; and so is all that goes wrong,
since tasks are done again where a worker is lost, and tell an error with its place.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import CancelledError, ThreadPoolExecutor
from contextlib import suppress
from itertools import chain
from typing import Any, Final

SHORT: Final = 0.5  # seconds: of longer work a message is a small part
SEEN: Final = 30.0  # seconds for which the scheduler may have nothing to see


class Direct:
    """Gets the same kind of work done again and again.

    Arguments:
        client: a `distributed.Client`.
        seconds: what the first work takes, as a guess.

    Attributes:
        seconds: what the latest work took.
        seen: when the latest tasks were done.
        places: the worker of each row; none, if they are to be looked up.
    """

    def __init__(self, client: Any, seconds: float = math.inf) -> None:
        self.client, self.seconds = client, seconds
        self.seen = time.monotonic() if seconds < SHORT else -math.inf
        self.places: Sequence[str] = ()

    @property
    def is_next(self) -> bool:
        """Whether the next work is asked directly."""
        return self.seconds < SHORT and time.monotonic() - self.seen < SEEN and self.client.status == "running"

    def results(
        self,
        work: Callable[..., Any],
        rows: Sequence[Sequence[Any]],
        arguments: Sequence[tuple[Any, ...]],
        by_tasks: Callable[[], list[Any]],
    ) -> list[Any]:
        """What the work gives for each row, in their order.

        Arguments:
            work: a pure function of what the futures of a row stand for, and of other arguments.
            rows: futures, those of a row on one worker.
            arguments: the others, for each row.
            by_tasks: does the same by tasks.
        """
        began = time.monotonic()
        found = self.asked(work, rows, arguments) if self.is_next else None
        if found is None:
            found = by_tasks()
            self.seen, self.places = time.monotonic(), ()
        self.seconds = time.monotonic() - began
        return found

    def asked(
        self, work: Callable[..., Any], rows: Sequence[Sequence[Any]], arguments: Sequence[tuple[Any, ...]]
    ) -> list[Any] | None:
        """What the workers answer; None, if one of them has none."""
        try:
            self.places = self.places or workers_of(self.client, rows)
            parts: dict[str, list[int]] = defaultdict(list)
            for number, place in enumerate(self.places):
                parts[place].append(number)
            messages = {
                place: [([future.key for future in rows[i]], arguments[i]) for i in part] for place, part in parts.items()
            }
            answers = self.client.sync(ask, self.client, work, messages)
        except (CancelledError, OSError):  # a row is lost; the scheduler does not answer
            return None
        if not answers or not all(isinstance(answer, list) for answer in answers):
            return None
        found = dict(zip(chain(*parts.values()), chain(*answers), strict=True))
        return [found[i] for i in range(len(rows))]


def workers_of(client: Any, rows: Sequence[Sequence[Any]]) -> list[str]:
    """For each row a worker that holds all of it; none, if there is a row that nobody has."""
    known = client.who_has([future for row in rows for future in row])
    holders = [sorted(set[str].intersection(*(set(known[future.key]) for future in row))) for row in rows]
    return least_loaded(client.nthreads(), holders) if all(holders) else []


def least_loaded(threads: Mapping[str, int], holders: Sequence[Sequence[str]]) -> list[str]:
    """For each of several things a worker that holds it: of several, one with less to do.

    Arguments:
        threads: how many each worker has.
        holders: for each thing the workers that hold it.
    """
    load, places = Counter[str](), []
    for held in holders:
        place = min(held, key=lambda worker: (load[worker] / threads.get(worker, 1), worker))
        load[place] += 1
        places.append(place)
    return places


def balanced(threads: Mapping[str, int], places: Sequence[str]) -> list[str]:
    """For each thing a worker, so that none has more to do than the others: the last things of those that have go elsewhere.

    Arguments:
        threads: how many each worker has.
        places: for each thing the worker where it lies.
    """
    of_worker: dict[str, list[int]] = {worker: [] for worker in threads}
    for number, place in enumerate(places):
        of_worker.setdefault(place, []).append(number)
    found = list(places)
    while True:
        most = max(of_worker, key=lambda worker: len(of_worker[worker]) / threads.get(worker, 1))
        least = min(threads, key=lambda worker: (len(of_worker[worker]) + 1) / threads[worker])
        if (len(of_worker[least]) + 1) / threads[least] >= len(of_worker[most]) / threads.get(most, 1):
            return found
        number = of_worker[most].pop()
        of_worker[least].append(number)
        found[number] = least


def is_there(future: Any) -> bool:
    """Whether there is a future, and what it stands for is neither lost nor given up."""
    return future is not None and future.status in ("finished", "pending")


def copy_on(client: Any, future: Any, place: str) -> Any:
    """A future of the same thing, on this worker."""
    return client.submit(copied, future, workers=[place], allow_other_workers=True, pure=False)


def copied(thing: Any) -> Any:
    """A thing, as something of its own: a mere duplicate Dask drops after a while."""
    return thing


async def ask(client: Any, work: Callable[..., Any], messages: Mapping[str, Sequence[Any]]) -> list[Any]:
    """What each worker answers to its message: a list of results, or something else, if it has none."""
    answers = asyncio.gather(
        *[
            client.run(done_here, work, rows, workers=[place], on_error="return", asynchronous=True)
            for place, rows in messages.items()
        ],
        return_exceptions=True,
    )
    if not messages.keys() <= (await client.scheduler.ncores()).keys():  # one is gone, and would be sought for long
        answers.cancel()
        with suppress(asyncio.CancelledError):
            await answers
        return []
    return [
        answer[place] if isinstance(answer, dict) else answer for place, answer in zip(messages, await answers, strict=True)
    ]


async def done_here(work: Callable[..., Any], rows: Sequence[tuple[Sequence[Any], tuple[Any, ...]]], dask_worker: Any) -> Any:
    """What some work gives for each row, given by its keys and by other arguments; None, if something goes wrong.

    It is done beside the worker's own threads, so that work that waits for this one does not keep it from being done.
    """

    def one(row: tuple[Sequence[Any], tuple[Any, ...]]) -> Any:
        keys, arguments = row
        return work(*(dask_worker.data[key] for key in keys), *arguments)

    def all_of_them() -> list[Any]:
        count = min(dask_worker.state.nthreads, len(rows))
        if count == 1:
            return [*map(one, rows)]
        with ThreadPoolExecutor(count) as threads:
            return [*threads.map(one, rows)]

    try:
        return await asyncio.to_thread(all_of_them)
    except Exception:  # tasks will tell it
        return None
