"""What a worker does with its share of the samples: pure functions, which any worker can call, and call again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from random import Random
from typing import Any, Final, NamedTuple

import numpy as np

from autograd_lite.basics.arraylike import is_of_pandas, plain
from autograd_lite.compiler.training import shuffled
from autograd_lite.parcels import Parcel, opened
from nn.backends.arrays import add_samples, array_weights, as_array, plain_array
from nn.backends.backend import Backend, NonFiniteError, State, Training, put_state
from nn.backends.choice import make_backend
from nn.backends.forward import forward_of
from nn.backends.recording import checksum
from nn.dropout import Dropout, dropouts_of
from nn.losses import Loss
from nn.metrics import AnyMetric, Counted, Tally, tally_over
from nn.module import Module
from nn.optimizers import Optimizer
from nn.samples import ArrayRows, Rows, WeightedRows, check_set, column_names


class Recipe(NamedTuple):
    """What is trained, as it travels: all of a `Training` but the samples, and the name of the backend."""

    backend: str
    model: Module
    loss: Loss
    metrics: dict[str, AnyMetric]
    optimizer: Optimizer
    clip_norm: float | None


class Share(NamedTuple):
    """A share of the samples, where it lies.

    Attributes:
        rows, targets: checked.
        number: which share it is, from 0.
    """

    rows: Rows
    targets: Rows
    number: int


class Facts(NamedTuple):
    """What is to be known of a share elsewhere."""

    samples: int
    first: tuple[Any, Any]  # the first sample and its target
    labels: tuple[Sequence[Any], Sequence[Any]]  # of the columns of both


class Batches(NamedTuple):
    """Which samples of all shares a step takes.

    Attributes:
        seed: of the order in this epoch; None for that in which they lie.
        size: samples in a batch.
        total: samples in all shares.
        start: the first sample of the share, in all.
    """

    seed: str | None
    size: int
    total: int
    start: int


class Task(NamedTuple):
    """What any work on a share needs to know.

    Attributes:
        state: what the model and the optimizer have come to.
        batch_size: how many samples of the share a step takes.
        noise: for each `Dropout` of the model what its random numbers begin with.
    """

    state: State
    batch_size: int
    noise: tuple[int, ...]


class Result(NamedTuple):
    """What came of some work on a share.

    Attributes:
        numbers: the gradient, or the state after some steps.
        counted: what was measured; of no samples, where the share had none to work on.
    """

    numbers: Any
    counted: Counted


class Pool:
    """Backends of one recipe, each for batches of one size: one for each thread that works at the same time."""

    def __init__(self, recipe: Parcel) -> None:
        self.recipe = recipe
        self.free: dict[int, list[tuple[Backend, list[Dropout]]]] = {}

    def borrow(self, share: Share, batch_size: int) -> tuple[Backend, list[Dropout]]:
        """A backend that has these samples, with its model in training mode, and what draws random numbers in it."""
        try:
            backend, dropouts = self.free.setdefault(batch_size, []).pop()
        except IndexError:
            made: Recipe = self.recipe.open()
            made.model.train()
            training = Training(
                made.model, share.rows, share.targets, made.loss, made.metrics, made.optimizer, made.clip_norm, batch_size
            )
            return make_backend(made.backend, training), dropouts_of(made.model)
        backend.take(share.rows, share.targets)
        return backend, dropouts

    def give_back(self, backend: Backend, dropouts: list[Dropout]) -> None:
        """Keep a backend for the next piece of work, without the samples."""
        backend.take([], [])
        self.free[backend.training.batch_size].append((backend, dropouts))


def checked_share(aim: Parcel, inputs: Sequence[Any], targets: Sequence[Any], number: int, name: str) -> Share:
    """A share made of what some chunks hold, checked as `fit` checks samples that are given to it.

    Arguments:
        aim: the model and the loss that it is for.
        inputs, targets: the chunks.
        number: of the share.
        name: what messages call the samples, with a space after it.
    """
    (model, loss), samples, wanted = aim.open(), joined(inputs), joined(targets)
    if not samples.shape[0] and not wanted.shape[0]:
        return Share([], [], number)
    try:
        rows, checked = check_set(model, samples, wanted, loss, name)
    except (TypeError, ValueError, IndexError) as error:
        error.add_note(f"In share {number + 1} of the {name}samples, whose chunks follow one another")
        raise
    return Share(ArrayRows(as_array(rows), column_names(rows)), checked, number)


def joined(chunks: Sequence[Any]) -> Any:
    """Chunks, one after another, as one table."""
    if len(chunks) == 1:
        return chunks[0]
    if is_of_pandas(chunks[0]):
        import pandas

        return pandas.concat(chunks)
    return np.concatenate(chunks)


def facts_of(share: Share) -> Facts:
    """What is to be known of a share elsewhere."""
    rows, targets, _ = share
    first = (rows[0], targets[0]) if len(rows) else (None, None)
    return Facts(len(rows), first, (column_names(rows), column_names(targets)))


def checksum_of(share: Share) -> int:
    """Tells other samples from those of a share."""
    return checksum(share.targets, checksum(share.rows))


def gradient_over(share: Share, recipe: Parcel, task: Task, batches: Batches, batch: int) -> Result:
    """The gradient over the samples of a batch that are in a share."""
    order, edges = own_order(batches, len(share.rows))
    chosen = order[edges[batch] : edges[batch + 1]]
    if not len(chosen):
        return NOTHING
    with working(share, recipe, task) as backend:
        backend.load(task.state)
        gradient, losses, outputs = backend.gradient(chosen)
        return Result(gradient, counted(backend, losses, outputs, chosen))


def steps_over(share: Share, recipe: Parcel, task: Task, seed: str | None, first: int, rates: Sequence[float]) -> Result:
    """Some steps of an epoch on the samples of a share alone, from its step `first` on."""
    size, samples = task.batch_size, len(share.rows)
    order = np.arange(samples) if seed is None else shuffled_once(samples, f"{seed} {share.number}")
    chosen = order[first * size : (first + len(rates)) * size]
    if not len(chosen):
        return NOTHING
    with working(share, recipe, task) as backend:
        backend.load(task.state)
        losses, outputs = backend.some_steps(chosen, plain(rates[: -(-len(chosen) // size)]))
        return Result(backend.state(), counted(backend, losses, outputs, chosen))


def measured_over(share: Share, recipe: Parcel, task: Task) -> Result:
    """What is measured over a share, in evaluation mode."""
    if not len(share.rows):
        return NOTHING
    with working(share, recipe, task) as backend:
        training = backend.training
        put_state(training.optimizer, task.state)
        if backend.name == "eager":
            tally = tally_over(training.model, share.rows, share.targets, training.loss, training.metrics)
            return Result(None, tally.counted())
        forward = forward_of(
            training.model, training.loss, share.rows, share.targets, backend.name, training.optimizer.parameters
        )
        return Result(None, counted(backend, *forward.run(share.rows, share.targets, threads=1), range(len(share.rows))))


@contextmanager
def working(share: Share, recipe: Parcel, task: Task) -> Iterator[Backend]:
    """A backend that has a share, for a piece of work; what goes wrong says which share it was."""
    pool: Pool = opened(recipe, Pool)
    try:
        backend, dropouts = pool.borrow(share, task.batch_size)
        for dropout, number in zip(dropouts, task.noise, strict=True):
            dropout.random = Random(f"{number} {share.number}")
        yield backend
        pool.give_back(backend, dropouts)
    except ArithmeticError as error:
        raise NonFiniteError(f"share {share.number + 1}: {error}") from error
    except NonFiniteError as error:
        raise NonFiniteError(f"share {share.number + 1}: {error}") from error


def counted(backend: Backend, losses: Any, outputs: Any, chosen: Any) -> Counted:
    """What was measured of some samples."""
    training = backend.training
    tally = Tally(training.metrics, isinstance(training.targets, WeightedRows))
    if backend.name == "native":
        weights = array_weights(training.targets)
        places = np.asarray(chosen)
        targets = plain_array(training.targets)[places]
        add_samples(tally, losses, outputs, targets, None if weights is None else weights[places])
    else:
        for i, loss, output in zip(chosen, losses, outputs, strict=True):
            tally.add(loss, output, training.targets[i])
    return tally.counted()


NOTHING: Final = Result(None, Counted({}, 0, [], [], []))


shuffled_once = lru_cache(8)(shuffled)  # all rounds of an epoch go by one order


@lru_cache(8)
def own_order(batches: Batches, samples: int) -> tuple[Any, list[int]]:
    """The samples of a share in the order in which an epoch takes them, and where each batch begins among them."""
    seed, size, total, start = batches
    edges = np.arange(0, total + size, size)
    if seed is None:
        return np.arange(samples), np.clip(edges - start, 0, samples).tolist()
    order = shuffled(total, seed)
    places = np.flatnonzero((order >= start) & (order < start + samples))
    return order[places] - start, np.searchsorted(places, edges).tolist()
