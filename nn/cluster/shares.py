"""The samples of a training, cut into shares that lie on the workers."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError
from contextlib import suppress
from functools import cached_property
from itertools import accumulate
from typing import Any

import numpy as np

from autograd_lite.basics.arraylike import is_frame_on_chunks, is_on_chunks
from autograd_lite.basics.checks import wrong_length, wrong_type, wrong_value
from autograd_lite.basics.chunks import aligned
from autograd_lite.basics.direct import Direct, balanced, copy_on, is_there, least_loaded
from autograd_lite.parcels import Parcel
from nn.backends.arrays import as_array
from nn.cluster.crew import LOST, Crew
from nn.cluster.work import Facts, Share, checked_share, checksum_of, facts_of
from nn.samples import AT_LEAST_ONE, ArrayRows, Rows, WeightedRows
from nn.several import SeveralRows


class RemoteRows(Sequence[Any]):
    """Samples, or targets, that lie on the workers: here are their number and the first of them.

    Arguments:
        shares: where they lie.
        first: the first of them.
        labels: of the columns, where they are those of a data frame.
    """

    def __init__(self, shares: Shares, first: Any, labels: Sequence[Any]) -> None:
        self.shares, self.first, self.labels = shares, first, labels

    def __len__(self) -> int:
        return self.shares.total

    @property
    def checksum(self) -> int:
        """Tells other samples and targets from these."""
        return self.shares.checksum

    def __getitem__(self, index: Any) -> Any:
        if index in (0, slice(0, 1)):
            return self.first if index == 0 else [self.first]
        raise TypeError(
            "the samples lie on the workers: fit cannot hold some of them out. Give validation=(inputs, targets), of Dask's too"
        )


class Shares:
    """Shares of samples on the workers; one that is lost with its worker is put there again.

    Arguments:
        crew: the workers.
        put: puts the share of that number there, and gives its future.
        count: how many shares there are.

    Attributes:
        sizes: how many samples each has.
        facts: of the first share that has samples.
        starts: which of all samples is the first of each.
    """

    def __init__(self, crew: Crew, put: Callable[[int], Any], count: int) -> None:
        self.crew, self.put = crew, put
        self.futures: list[Any] = [None] * count
        self.direct: dict[Callable[..., Any], Direct] = {}  # for each kind of work
        try:
            self.futures = [put(number) for number in range(count)]
            crew.wait(self.futures)
            self.direct[facts_of] = Direct(crew.client, seconds=0.0)  # that is quick
        except LOST as error:  # with its worker; tasks put it there again
            crew.going_on_after(error)
        self.token = ""  # of the recipe that lies on the workers
        self.recipe: Any = None  # its future
        facts: list[Facts] = self.work(facts_of, [()] * count)
        self.sizes = [each.samples for each in facts]
        self.facts = next((each for each in facts if each.samples), facts[0])
        self.starts = [0, *accumulate(self.sizes)]

    def __len__(self) -> int:
        return len(self.futures)

    @property
    def total(self) -> int:
        """How many samples all shares have."""
        return self.starts[-1]

    def rows(self) -> tuple[RemoteRows, RemoteRows]:
        """The samples and the targets, as what can be known of them here."""
        (first, target), (names, others) = self.facts.first, self.facts.labels
        return RemoteRows(self, first, names), RemoteRows(self, target, others)

    @cached_property
    def checksum(self) -> int:
        """Tells other samples from these."""
        checks: list[int] = self.work(checksum_of, [()] * len(self))
        return sum(check * (i + 1) for i, check in enumerate(checks)) % 2**32

    def work(self, work: Callable[..., Any], arguments: Sequence[tuple[Any, ...]], recipe: Parcel | None = None) -> list[Any]:
        """What some work gives for each share.

        Arguments:
            work: a pure function of a share, of the recipe, if there is one, and of other arguments.
            arguments: the others, for each share.
            recipe: what the work on all shares needs. It lies on a worker, from which the others take it: it goes to each once.
        """
        named = () if recipe is None else (recipe.without_content(),)

        def start(number: int) -> Any:
            if not is_there(self.futures[number]):
                self.futures[number] = self.put(number)
            return self.crew.submit(work, self.futures[number], *self.given(recipe), *arguments[number])

        def by_tasks() -> list[Any]:
            self.spread()
            return self.crew.results(start, len(self))

        took = {} if recipe is None else self.crew.took(recipe.token)
        if work not in self.direct:
            self.direct[work] = Direct(self.crew.client, took.get(work, math.inf))
        direct = self.direct[work]
        if recipe is not None and not took:
            direct.seconds = math.inf  # the workers get it with tasks
        rows, sent = [[future] for future in self.futures], [(*named, *more) for more in arguments]
        found = direct.results(work, rows, sent, by_tasks)
        if recipe is not None:
            took[work] = direct.seconds
        return found

    def given(self, recipe: Parcel | None) -> tuple[Any, ...]:
        """The recipe for a task: its future, which is made anew if it is lost with its worker."""
        if recipe is None:
            return ()
        if recipe.token != self.token or not is_there(self.recipe):
            self.token, self.recipe = recipe.token, self.crew.scatter(recipe, 0)
        return (self.recipe,)

    def spread(self) -> None:
        """Give a worker that has come, or come back, its part of the shares."""
        client = self.crew.client
        if any(future is None or future.status != "finished" for future in self.futures) or client.status != "running":
            return
        with suppress(CancelledError, OSError):
            threads, known = client.nthreads(), client.who_has(self.futures)
            holders = [known[future.key] for future in self.futures]
            if all(holders):
                places = least_loaded(threads, holders)
                for i, place in enumerate(balanced(threads, places)):
                    if place not in holders[i]:
                        self.futures[i] = copy_on(client, self.futures[i], place)


def cut_samples(crew: Crew, rows: Rows, targets: Rows, count: int, as_floats: bool) -> Shares:
    """Shares of samples that are here: each a stretch of them, all of about the same length.

    Arguments:
        crew: the workers.
        rows, targets: checked.
        count: of the shares.
        as_floats: whether machine code will run on them.
    """
    count = min(count, len(rows))
    edges = [len(rows) * number // count for number in range(count + 1)]

    def put(number: int) -> Any:
        part = slice(edges[number], edges[number + 1])
        own = stretch(rows, part)
        share = Share(float_rows(own) if as_floats else own, stretch(targets, part), number)
        return crew.scatter(share, number)

    return Shares(crew, put, count)


def float_rows(rows: Rows) -> Rows:
    """Samples as floats in arrays."""
    return SeveralRows([*map(float_rows, rows.columns)]) if isinstance(rows, SeveralRows) else ArrayRows(as_array(rows))


def stretch(rows: Rows, part: slice) -> Rows:
    """A stretch of samples or targets."""
    if isinstance(rows, WeightedRows):
        return WeightedRows(stretch(rows.targets, part), rows.weights[part])
    if isinstance(rows, SeveralRows):
        return SeveralRows([stretch(column, part) for column in rows.columns])
    if isinstance(rows, ArrayRows):
        return ArrayRows(rows.array[part], rows.labels)
    return rows[part]


def cut_chunks(crew: Crew, aim: Parcel, inputs: Any, targets: Any, count: int, name: str = "") -> Shares:
    """Shares of samples that are Dask's: each some chunks, one after another. They are checked where they lie.

    Arguments:
        crew: the workers.
        aim: the model and the loss.
        inputs, targets: Dask arrays, data frames or series.
        count: of the shares, or of the chunks, if there are fewer.
        name: what messages call the samples, with a space after it.
    """
    from dask import delayed

    parts = [chunks_of(table) for table in side_by_side(inputs, targets, name)]
    blocks = [list(map(int, group)) for group in np.array_split(range(len(parts[0])), min(count, len(parts[0])))]

    def put(number: int) -> Any:
        own = [[part[i] for i in blocks[number]] for part in parts]
        return crew.compute(delayed(checked_share, pure=False)(delayed(aim, traverse=False), *own, number, name))

    shares = Shares(crew, put, len(blocks))
    if not shares.total:
        raise wrong_value(f"the {name}inputs", AT_LEAST_ONE, inputs)
    return shares


def side_by_side(inputs: Any, targets: Any, name: str) -> list[Any]:
    """The two tables with chunks that agree."""
    tables = [inputs, targets]
    if not all(map(is_on_chunks, tables)):
        other, which = ("inputs", "targets") if is_on_chunks(inputs) else ("targets", "inputs")
        raise wrong_type(f"the {name}{which}", f"Dask's, as the {name}{other} are", targets if which == "targets" else inputs)
    if all(map(is_frame_on_chunks, tables)):
        if inputs.npartitions != targets.npartitions:
            raise wrong_length(
                f"the {name}targets",
                inputs.npartitions,
                "partition",
                f"partition of the {name}inputs",
                targets.npartitions,
                "give both the same, as the columns of one data frame have",
            )
        return tables
    return aligned(tables, ["validation[0]", "validation[1]"] if name else ["inputs", "targets"], [0, 0], "fit")


def chunks_of(table: Any) -> list[Any]:
    """The chunks of a table that has whole rows in each."""
    delayed_chunks = table.to_delayed()
    return list(delayed_chunks if is_frame_on_chunks(table) else delayed_chunks.ravel())
