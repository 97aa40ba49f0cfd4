"""The cluster's backend goes through an epoch in rounds: all shares are worked on from one state, and what came is averaged."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from random import Random
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np

from autograd_lite.parcels import Parcel, pack
from nn.backends.backend import Backend, Best, Progress, State, Training, put_state, same_values, state_of
from nn.cluster.shares import Shares
from nn.cluster.work import Batches, Recipe, Result, Task, gradient_over, measured_over, steps_over
from nn.dropout import Dropout, dropouts_of
from nn.metrics import Tally
from nn.samples import Rows, WeightedRows


class ClusterBackend(Backend):
    """Trains on shares of the samples.

    With one local step a round is the textbook's step: each share gives the gradient over its part of the batch, and the
    optimizer takes the step by their mean. With more, each share takes so many steps alone, in batches of its part of the batch
    size, and the parameters and what the optimizer remembers are averaged (local SGD; Stich, 2019).

    Arguments:
        training: what is trained.
        local: runs the same training here; it takes the steps by averaged gradients.
        shares: of the samples.
        held_out: shares of the validation set, if there is one.
        local_steps: the steps of a round.
    """

    def __init__(self, training: Training, local: Backend, shares: Shares, held_out: Shares | None, local_steps: int) -> None:
        super().__init__(training)
        self.local, self.shares, self.held_out, self.local_steps = local, shares, held_out, local_steps
        self.kind = local.name
        rounds = f", rounds of {local_steps} steps" if local_steps > 1 else ""
        self.name = f"{local.name}, {len(shares)} {'share' if len(shares) == 1 else 'shares'}{rounds}"
        self.current = self.previous = state_of(training.optimizer)
        self.initial = packed_before(local, self.current)
        self.prepare()

    def prepare(self) -> None:
        """Pack what is trained for the workers."""
        self.dropouts = dropouts_of(self.training.model)
        self.recipe = recipe_of(self.training, self.kind, self.initial, self.dropouts)

    def order(self, seed: str | None) -> Any:
        """The order of an epoch is drawn where the samples lie: here it is its seed."""
        return seed

    def train(
        self, orders: Sequence[Any], rates: Sequence[float], done: int = 0, best: Best | None = None, patience: int = 0
    ) -> Iterator[Progress]:
        """One epoch, round by round; see `Backend.train`."""
        self.keep()
        ((seed,), k) = orders, self.local_steps
        tally = Tally(self.training.metrics, isinstance(self.training.targets, WeightedRows))
        for first in range(0, len(rates), k):
            chosen = rates[first : first + k]
            results = self.gradients(seed, first) if k == 1 else self.steps(seed, first, chosen)
            for result in results:
                tally.take(result.counted)
            before = self.current
            if results:  # of fewer samples than batches a share is done early
                self.current = self.local.after(self.current, mean(results), chosen[0]) if k == 1 else mean_state(results)
            self.previous, self.stride = before, len(chosen)
            is_last = first + k >= len(rates)
            so_far = tally.results() if is_last else tally.means()
            lost = is_last and not bool(np.isfinite(self.current.parameters).all())
            if is_last:
                self.synchronise()
            yield Progress(len(chosen), so_far, {name: [number] for name, number in so_far.items()} if is_last else {}, lost)

    def gradients(self, seed: str | None, batch: int) -> list[Result]:
        """The gradient over each share's samples of a batch of all."""
        task, size, shares = self.task(1), self.training.batch_size, self.shares
        return self.work(
            gradient_over, [(task, Batches(seed, size, shares.total, start), batch) for start in shares.starts[: len(shares)]]
        )

    def steps(self, seed: str | None, first: int, rates: Sequence[float]) -> list[Result]:
        """What some steps on each share alone come to."""
        sizes = [-(-size // self.training.batches) for size in self.shares.sizes]
        at = np.asarray(rates)  # a list would be looked through for what Dask is to compute
        return self.work(steps_over, [(self.task(size), seed, first, at) for size in sizes])

    def work(self, work: Callable[..., Result], arguments: Sequence[tuple[Any, ...]]) -> list[Result]:
        """The results of the shares that had samples to work on, in the order of the shares."""
        return [result for result in self.shares.work(work, arguments, self.recipe) if result.counted.samples]

    def task(self, batch_size: int) -> Task:
        """What work on a share is to know."""
        noise = tuple(dropout.random.getrandbits(64) for dropout in self.dropouts)
        return Task(self.current, batch_size, noise)

    def measure(self, rows: Rows, targets: Rows) -> dict[str, float]:
        """The mean loss and metrics over the validation set."""
        assert self.held_out is not None
        tally = Tally(self.training.metrics, isinstance(targets, WeightedRows))
        task = self.task(1)
        for result in self.held_out.work(measured_over, [(task,)] * len(self.held_out), self.recipe):
            if result.counted.samples:
                tally.take(result.counted)
        return tally.results()

    def look_again(self) -> bool:
        """Tell the workers what a callback has changed."""
        may_differ = self.local.look_again()
        self.prepare()
        return may_differ

    def release(self) -> None:
        """Keep what was recorded for the next training."""
        self.local.release()

    def state(self) -> State:
        """What the rounds so far have come to."""
        return self.current

    def load(self, state: State) -> None:
        """Go on from this state."""
        self.current = self.previous = state

    def keep(self) -> None:
        """Take over what the model and the optimizer hold."""
        self.load(state_of(self.training.optimizer))

    def synchronise(self) -> None:
        """Bring the model's Values and the optimizer up to date."""
        put_state(self.training.optimizer, self.current)

    def undo_unfinished(self) -> None:
        """A round that was interrupted has changed nothing."""
        self.synchronise()

    def undo_last(self) -> None:
        """Go back to before the last round that went well."""
        self.current = self.previous
        self.synchronise()


def mean(results: Sequence[Result]) -> Any:
    """The mean of the numbers that came of each share, each weighted by its samples."""
    total = sum(result.counted.samples for result in results)
    return sum(result.counted.samples / total * np.asarray(result.numbers) for result in results)


def mean_state(results: Sequence[Result]) -> State:
    """The mean of the states that the shares have come to."""
    states = [result.numbers for result in results]
    parts = [(state.parameters, *state.buffers) for state in states]
    counted = [result.counted for result in results]
    means = [mean([Result(part, c) for part, c in zip(of_all, counted, strict=True)]) for of_all in zip(*parts, strict=True)]
    return State(means[0], means[1:], max(state.steps for state in states))


_packed: WeakKeyDictionary[Any, State] = WeakKeyDictionary()  # with which numbers each recording was packed first


def packed_before(local: Backend, state: State) -> State:
    """The state to pack with what is trained: this one, or, if the recording is that of an earlier training, that one's.

    So the next training of the same is the same parcel, and the workers have the machine code. What they record may depend on
    the numbers; but `take_kept` gives an earlier recording only if the model would be recorded alike with those of now.
    """
    recording = getattr(local, "recording", None)
    if recording is None or not same_values(recording.parameters, local.training.optimizer.parameters):
        return state
    known = _packed.setdefault(recording, state)
    return known if sizes(known) == sizes(state) else state


def sizes(state: State) -> list[int]:
    """How many numbers each part of a state has."""
    return [*map(len, (state.parameters, *state.buffers))]


def recipe_of(training: Training, kind: str, initial: State, dropouts: Sequence[Dropout]) -> Parcel:
    """What is trained, packed with the numbers that it began with: so it is the same parcel as long as nothing else changes."""
    optimizer = training.optimizer
    now, generators = state_of(optimizer), [dropout.random for dropout in dropouts]
    put_state(optimizer, initial)
    for parameter in optimizer.parameters:
        parameter.grad = 0
    for dropout in dropouts:
        dropout.random = Random(0)  # any piece of work gives it another
    try:
        return pack(Recipe(kind, training.model, training.loss, dict(training.metrics), optimizer, training.clip_norm))
    finally:
        put_state(optimizer, now)
        for dropout, own in zip(dropouts, generators, strict=True):
            dropout.random = own
