"""Chunks that lie on the workers of a cluster: an optimization of what `answer` does for all (`python -m benchmarks cluster`).

By the graph a call is a task for each chunk, and tasks that add up what these gave. Where a chunk lies is left to Dask: often
two that belong together are on two workers, and one of them is sent at each call. Here a call is a task for each thread that
has chunks, or, if it is short, a message to each worker (`basics/direct.py`). What they gave is added up where the call came
from, in the order of the chunks: the same bits.
"""

from __future__ import annotations

import weakref
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain
from math import ceil
from operator import mul
from typing import Any, Final
from uuid import uuid4

from autograd_lite.basics.direct import Direct, balanced, copy_on, is_there, least_loaded
from autograd_lite.compiler.cluster.work import Call, Partial, added, all_sums_of, sums_of

FEW: Final = 1 << 20  # numbers that come here in a call: of more, the sums are added where they are
PART: Final = 1 / 4  # of the data that may be copied to where it is wanted, and of a thread's memory that a task may take


@dataclass
class Allotment:
    """Who computes which chunks of some arrays.

    Attributes:
        threads: how many each worker has.
        rows: the futures of the chunks that lie side by side: one of each array.
        groups: which of these, by their number, each task takes.
        direct: asks for the same without tasks, where that is quicker.
    """

    threads: Mapping[str, int]
    rows: Sequence[Sequence[Any]]
    groups: Sequence[Sequence[int]]
    direct: Direct

    def holds(self, client: Any) -> bool:
        """Whether no chunk is lost, and, as far as it is looked at, the workers are the same."""
        if not all(is_there(future) for row in self.rows for future in row):
            return False
        return self.direct.is_next or self.threads == client.nthreads()


_allotments: dict[tuple[str, ...], Allotment] = {}  # by the names of a client and of arrays, for as long as these are used


def sum_where_they_lie(call: Call, arrays: Sequence[Any]) -> Partial | None:
    """The sums over all chunks, added in their order; None where the chunks are not all in the memory of a cluster's workers.

    Arguments:
        call: what is to be computed.
        arrays: its batched arguments, whose chunks agree.
    """
    from dask.base import get_scheduler

    get = get_scheduler(collections=arrays)
    client = getattr(get, "__self__", None)
    if not hasattr(client, "who_has") or arrays[0].numblocks[0] * len(call.averaged) > FEW:
        return None
    allotment = allotment_of(client, arrays)
    if allotment is None:
        return None
    rows, tasks = allotment.rows, partial(by_tasks, client, call, allotment)
    return added(allotment.direct.results(partial(sums_of, call=call.without_recording()), rows, [()] * len(rows), tasks))


def allotment_of(client: Any, arrays: Sequence[Any]) -> Allotment | None:
    """The allotment of some arrays; None if not all of their chunks are there."""
    key = client.id, *[array.name for array in arrays]
    allotment = _allotments.get(key)
    if allotment is None or not allotment.holds(client):
        before = _allotments.pop(key, None)
        allotment = allotted(client, client.nthreads(), arrays)
        if allotment is not None:
            _allotments[key] = allotment
            for array in arrays if before is None else ():  # once for each array, however often the workers change
                weakref.finalize(array, _allotments.pop, key, None)
    return allotment


def allotted(client: Any, threads: Mapping[str, int], arrays: Sequence[Any]) -> Allotment | None:
    """Allot the chunks of some arrays, unless some chunks are not there."""
    chunks = [futures_in_order(array) for array in arrays]
    if not all(chunks):
        return None
    known = client.who_has([future for futures in chunks for future in futures])
    holders = [[known[future.key] for future in futures] for futures in chunks]
    if not all(map(all, holders)):
        return None
    sizes = [array.nbytes / len(holders[0]) for array in arrays]
    places = places_of(threads, holders, sizes)
    for futures, held in zip(chunks, holders, strict=True):
        for i, place in enumerate(places or ()):
            if place not in held[i]:
                futures[i] = copy_on(client, futures[i], place)
    groups = groups_of(client, threads, places or least_loaded(threads, holders[0]), sum(sizes))
    return Allotment(threads, [*zip(*chunks, strict=True)], groups, Direct(client))


def places_of(
    threads: Mapping[str, int], holders: Sequence[Sequence[Sequence[str]]], sizes: Sequence[float]
) -> list[str] | None:
    """For each number of a chunk the worker where the chunks of all arrays are to lie; None if too much were to be copied.

    Arguments:
        threads: how many each worker has.
        holders: of each array, for each chunk, the workers that hold it.
        sizes: of each array the mean bytes of a chunk; NaN if that is not known.
    """
    largest = max(range(len(sizes)), key=sizes.__getitem__)
    as_they_lie = least_loaded(threads, holders[largest])
    for places in (balanced(threads, as_they_lie), as_they_lie):
        copies = [sum(place not in held for place, held in zip(places, of_array, strict=True)) for of_array in holders]
        if sum(map(mul, sizes, copies)) <= PART * sum(sizes) * len(places):
            return places
    return None


def futures_in_order(array: Any) -> list[Any]:
    """The futures of an array's chunks, in their order; none, if it is not all computed."""
    from dask.core import flatten
    from distributed import futures_of

    futures = {future.key: future for future in futures_of(array)}
    found = [futures.get(key) for key in flatten(array.__dask_keys__())]
    return found if all(future is not None and future.status == "finished" for future in found) else []


def groups_of(client: Any, threads: Mapping[str, int], places: Sequence[str], size: float) -> list[list[int]]:
    """Which chunks each task takes: those of one thread of a worker, and no more than fit into a part of its memory.

    Arguments:
        client, threads: the cluster's.
        places: for each chunk its worker.
        size: the mean bytes of the chunks that lie side by side; NaN if that is not known.
    """
    by_place: dict[str, list[int]] = defaultdict(list)
    for number, place in enumerate(places):
        by_place[place].append(number)
    known, groups = client.scheduler_info(n_workers=-1)["workers"], []  # some versions tell of five by default
    for place, numbers in by_place.items():
        count, memory = threads.get(place, 1), known.get(place, {}).get("memory_limit")
        most = int(PART * memory / count / size) if memory and size > 0 else len(numbers)
        length = max(1, min(ceil(len(numbers) / count), most))
        groups += [numbers[first : first + length] for first in range(0, len(numbers), length)]
    return groups


def by_tasks(client: Any, call: Call, allotment: Allotment) -> list[Partial]:
    """What each chunk gives, in their order: a task for each group of them."""
    name = f"sums-{uuid4()}"
    graph = {
        (name, i): (all_sums_of, call, group, [[*allotment.rows[number]] for number in group])
        for i, group in enumerate(allotment.groups)
    }
    found = dict(zip(chain(*allotment.groups), chain(*client.get(graph, [*graph])), strict=True))
    return [found[number] for number in range(len(allotment.rows))]
