"""Training as machine code: batch, loss, gradient and the optimizer's update, step after step, without Python in between."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import compress
from random import Random
from typing import Any, NamedTuple

import numpy as np

from autograd_lite.compiler.native.addresses import function
from autograd_lite.compiler.native.code import Code, Workspace, assemble
from autograd_lite.compiler.native.plan import Plan, even_block
from autograd_lite.compiler.native.state import GOES_ON, NO_PATIENCE, SEEN, WEIGHT_NOT_FINITE, Course
from autograd_lite.compiler.native.updates import UpdateWriter
from autograd_lite.compiler.tape import Argument, Tape
from autograd_lite.compiler.update import UpdateRule


class Epochs:
    """Some epochs to come, and what they give.

    Arguments:
        orders: for each epoch the samples in the order in which they are taken; None if all are one batch, taken as they lie.
        rates: the learning rate of each step.
        samples, batch_size: how many samples an epoch has, and a step.
        columns: how many results by sample there are.
        kept: whether the results by sample of all epochs are kept, or only those of the latest.
        watch: what is looked at after each epoch: the fields of an `EpochWatch`.
        dtype: of the results.

    Attributes:
        sums, means: of the losses: for each step, and for each epoch.
    """

    def __init__(
        self,
        orders: Any,
        rates: Sequence[float],
        samples: int,
        batch_size: int,
        columns: int,
        kept: bool,
        watch: Sequence[float],
        dtype: np.dtype[Any],
    ) -> None:
        self.orders, self.rates = orders, np.ascontiguousarray(rates, np.float64)
        self.samples, self.batch_size, self.columns, self.kept = samples, min(batch_size, samples), columns, kept
        self.batches = -(-samples // self.batch_size)
        self.steps = len(self.rates)
        epochs = self.steps // self.batches
        self.sums, self.means = np.zeros(self.steps), np.zeros(epochs)
        self.results = np.empty((epochs if kept else 1) * samples * columns, dtype)
        self.watch = np.array(watch, np.float64)

    @property
    def weights_are_lost(self) -> bool:
        """Whether it stopped at the end of an epoch since a weight was not finite."""
        return int(self.watch[SEEN.outcome]) == WEIGHT_NOT_FINITE

    @property
    def is_out_of_patience(self) -> bool:
        """Whether it stopped at the end of an epoch since no better one came."""
        return int(self.watch[SEEN.outcome]) == NO_PATIENCE

    def mean_so_far(self, step: int) -> float:
        """The mean loss of the samples that were taken before a step, in its epoch."""
        begin = step // self.batches * self.batches
        return float(self.sums[begin:step].sum() / max(1, self.taken(step) - self.taken(begin)))

    @property
    def best(self) -> tuple[float, int]:
        """The least mean loss so far, and the epoch that it is of."""
        return float(self.watch[SEEN.best]), int(self.watch[SEEN.epoch])

    def taken(self, step: int) -> int:
        """How many samples were taken before a step, from the first epoch on."""
        epoch, batch = divmod(step, self.batches)
        return epoch * self.samples + batch * self.batch_size

    def batch(self, step: int) -> list[int]:
        """The samples of a step."""
        last_of_epoch = (step + 1) % self.batches == 0
        stop = (step // self.batches + 1) * self.samples if last_of_epoch else self.taken(step + 1)
        chosen = range(self.samples) if self.orders is None else self.orders.ravel()[self.taken(step) : stop].tolist()
        return list(chosen)

    def by_sample(self, first: int, last: int) -> Any:
        """The results of epochs, where they are kept: for each epoch and each sample, in the order in which they were taken.

        Each batch has left its own table, with one row for each result; the last batch of an epoch may be a smaller one. So
        each result lies in one piece, whatever the axes say.
        """
        columns, size = self.columns, self.batch_size
        tables = self.results.reshape(-1, self.samples * columns)[first:last]
        count, whole = len(tables), self.samples // size * size
        joined = np.empty((count, columns, self.samples), self.results.dtype)
        full = tables[:, : whole * columns].reshape(count, -1, columns, size)
        joined[:, :, :whole].reshape(count, columns, -1, size)[:] = full.transpose(0, 2, 1, 3)
        joined[:, :, whole:] = tables[:, whole * columns :].reshape(count, columns, -1)
        return joined.transpose(0, 2, 1)


class Chunk(NamedTuple):
    """Steps that went well, and what was before them; see `NativeTraining.run`."""

    began: list[Any]
    epochs: Epochs
    first: int
    stopped: int


class NativeTraining:
    """Trains parameters on batches.

    Arguments:
        tape: gives for the parameters and what a sample has the loss and other numbers, and the gradient by the parameters.
        arguments: where the inputs come from.
        others: how many numbers a sample has besides the loss.
        batch_size: the samples of a step.
        rules: of the optimizer, for each group of parameters with their number.
        clip_norm: the largest norm of the gradient.
        dtype: what it computes with, float64 or float32.
        sources: the types of what the samples have, if they are others: float32, float64 or uint8.
    """

    def __init__(
        self,
        tape: Tape,
        arguments: Sequence[Argument],
        others: int,
        batch_size: int,
        rules: Sequence[tuple[UpdateRule, int]],
        clip_norm: float | None,
        dtype: str = "float64",
        sources: Sequence[str] = (),
    ) -> None:
        self.dtype, self.sources = np.dtype(dtype), sources or [dtype] * sum(argument.batched for argument in arguments)
        count = arguments[0].stop
        plan = Plan(tape, arguments, [False] * (1 + others) + [True] * count)
        self.batch_size = batch_size
        block = even_block(self.batch_size, plan.largest_block(self.dtype.itemsize))
        assembly = assemble(plan, block, self.dtype, sources)
        writer = UpdateWriter(assembly, rules)
        writer.write(clip_norm, batch_size)
        self.update = writer.places
        self.code = Code(assembly)
        self.workspace = Workspace(self.code)
        memory = self.workspace.memory
        if clip_norm is not None:
            memory[self.update.largest_norm] = clip_norm
        (self.parameters,) = self.workspace.unbatched
        self.optimizer_buffers = [memory[place : place + count] for place in self.update.buffers]
        count_of_steps = memory[self.update.steps : self.update.steps + 1]
        changing = compress(self.optimizer_buffers, self.update.changed)
        self.changing = [self.parameters, count_of_steps, *changing]  # what a step changes
        self._train = function("machine", "train", "int64", self.dtype.name)
        self.columns = 1 + others
        self.best = self.parameters.copy()  # those after the best epoch
        self.previous: Chunk | None = None
        self.loaded: list[Any] = [None] * len(self.optimizer_buffers)
        # Moments, see `autograd_lite.graph.moments`: in which the Values had the numbers that are in `parameters`, and in which
        # such numbers were last written into them
        self.moment: Any = None
        self.written: Any = None

    def take(self, samples: Sequence[Any], ask_python: Callable[[list[float], list[int]], None]) -> None:
        """Take over the samples, or, with empty ones, let go of them.

        Arguments:
            samples: what they have, each an array with one row per sample.
            ask_python: computes these samples in Python with these parameters, and raises what Python raises.
        """
        self.samples = [np.ascontiguousarray(array, source) for array, source in zip(samples, self.sources, strict=True)]
        self.ask_python = ask_python
        self.previous = None

    def load(self, parameters: Sequence[float] | None, buffers: Sequence[Sequence[float]], steps: int) -> None:
        """Take over the numbers of the parameters, if they are given, and of the optimizer; other Values are read anew."""
        if parameters is not None:
            self.parameters[:] = parameters
        for k, numbers in enumerate(buffers):
            if self.update.changed[k] or numbers is not self.loaded[k]:
                self.optimizer_buffers[k][:] = numbers
        self.loaded = [*buffers]
        self.workspace.memory[self.update.steps] = steps
        for place, value in self.code.outside:
            self.workspace.memory[place] = value.data

    @property
    def steps(self) -> int:
        """How many steps the optimizer has made."""
        return int(self.workspace.memory[self.update.steps])

    def epochs(self, orders: Sequence[Any] | None, rates: Sequence[float], kept: bool, watch: Sequence[float]) -> Epochs:
        """Epochs to come; see there."""
        rows = None if orders is None else np.ascontiguousarray(orders, np.int64)
        samples = len(self.samples[0]) if rows is None else rows.shape[1]
        return Epochs(rows, rates, samples, self.batch_size, self.columns, kept, watch, self.dtype)

    def snapshot(self) -> list[Any]:
        """All that a step changes."""
        return [numbers.copy() for numbers in self.changing]

    def restore(self, snapshot: list[Any]) -> None:
        """Go back to a snapshot."""
        for numbers, earlier in zip(self.changing, snapshot, strict=True):
            numbers[:] = earlier

    @contextmanager
    def all_or_nothing(self) -> Iterator[None]:
        """What fails or is interrupted in this block has changed nothing."""
        before, previous = self.snapshot(), self.previous
        try:
            yield
        except BaseException:
            self.restore(before)
            self.previous, self.moment = previous, None
            raise

    def run(self, epochs: Epochs, first: int, last: int) -> int:
        """Make the steps from `first` to `last`, counted from the first of these epochs on; gives where it stopped.

        It stops before a step whose loss is not finite, or in which Python may refuse something. If that is the first step,
        Python is asked. What Python raises is raised; else the step is made, unless its loss is not finite. It also stops after
        an epoch that lost a weight or the patience.
        """
        began, self.moment = self.snapshot(), None
        stopped = self._run(epochs, first, last)
        ended = epochs.weights_are_lost or epochs.is_out_of_patience
        if stopped not in (first, last) and not ended:  # the steps that went well, once more; the next call looks at
            self.restore(began)  # the one that did not
            self._run(epochs, first, stopped)
        elif stopped == first:
            self.restore(began)
            self.ask_python(self.parameters.tolist(), epochs.batch(first))
            stopped = self._run(epochs, first, first + 1, trusted=first)
        if stopped > first:
            self.previous = Chunk(began, epochs, first, stopped)
        else:
            self.restore(began)
        return stopped

    def go_on_from(self, other: NativeTraining) -> None:
        """Go on from where another training of these parameters is, on the same samples."""
        self.load(other.parameters, other.optimizer_buffers, other.steps)
        self.samples, self.ask_python, self.best = other.samples, other.ask_python, other.best

    def go_back(self) -> None:
        """Restore what was before the latest steps that went well."""
        if self.previous is not None:
            self.restore(self.previous.began)

    def go_back_one_step(self) -> None:
        """Restore what was before the latest step that went well."""
        if self.previous is not None:
            self.moment = None
            began, epochs, first, stopped = self.previous
            self.restore(began)
            self._run(epochs, first, stopped - 1)

    def _run(self, epochs: Epochs, first: int, last: int, trusted: int = -1) -> int:
        epochs.watch[SEEN.outcome] = GOES_ON
        self.workspace.point_at(*self.samples, epochs.results)
        course = Course(
            memory=self.workspace.memory_address,
            state=self.workspace.state_address,
            first=first,
            last=last,
            trusted=trusted,
            batch=epochs.batch_size,
            total=epochs.samples,
            orders=0 if epochs.orders is None else epochs.orders.ctypes.data,
            rates=epochs.rates.ctypes.data,
            rate=self.update.rate,
            steps=self.update.steps,
            by_sample=self.code.batched,
            columns=epochs.columns,
            item=self.dtype.itemsize,
            results=epochs.results.ctypes.data,
            kept=int(epochs.kept),
            sums=epochs.sums.ctypes.data,
            means=epochs.means.ctypes.data,
            watch=epochs.watch.ctypes.data,
            parameters=self.update.parameters,
            size=len(self.parameters),
            best=self.best.ctypes.data,
        )
        fields = np.array(course, np.int64)  # held by name while it is read
        return int(self._train(fields.ctypes.data, 0.0))


def shuffled(rows: int, seed: str) -> Any:
    """The numbers below `rows` in the order in which `random.Random(seed).shuffle` leaves them, as an array.

    An optimization: Python's generator draws the words, and machine code does with them what `shuffle` does (benchmark fit).
    """
    random, order, last = Random(seed), np.arange(rows, dtype=np.int64), rows - 1
    shuffle = function("machine", "shuffle", *["int64"] * 4)
    while last > 0:
        count = 64 + 2 * last
        words = np.frombuffer(random.getrandbits(32 * count).to_bytes(4 * count, "little"), "<u4").astype(np.int64)
        last = shuffle(order.ctypes.data, last, words.ctypes.data, len(words))
    return order
