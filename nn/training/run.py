"""One run of `fit`: epoch after epoch, until it is done, stopped, interrupted, or diverges."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from random import Random
from typing import Any, NoReturn

from tqdm import tqdm

from autograd_lite.basics.escaping import in_message
from nn.backends.backend import Backend, Best, NonFiniteError, Training
from nn.dropout import Dropout, placed_dropouts
from nn.module import in_mode
from nn.randomness import generator
from nn.schedules import ReduceLROnPlateau, Watched
from nn.training.checkpoint import Checkpoint
from nn.training.history import History
from nn.training.options import RunOptions


class Bar(tqdm):  # type: ignore[misc]  # tqdm ships no types
    """A bar without the thread by which tqdm looks after bars: a process forked while it holds a lock would wait for ever."""

    monitor_interval = 0


class DivergedError(ArithmeticError):
    """The loss or a weight became NaN or infinite; the model has the last good weights. `history` is that of the run.

    Example:
        >>> from nn import SGD, DivergedError, MLP, fit
        >>> model = MLP(1, [1], seed=0)
        >>> try:
        ...     fit(model, [[1e200]], [[0.0]], optimizer=SGD(model.parameters(), 1.0), epochs=2, progress=False)
        ... except DivergedError as error:
        ...     error.history.epochs
        0
    """

    def __init__(self, message: str, history: History) -> None:
        super().__init__(message)
        self.history = history


@contextmanager
def progress_bar(shown: bool) -> Iterator[Any]:
    """A bar on stderr for a run and what is prepared for it; what fails before the first batch leaves nothing of it."""
    bar = Bar(disable=not shown, unit="batch")
    try:
        yield bar
    except BaseException:
        bar.leave = bar.n > 0
        raise
    finally:
        bar.close()


def new_history(seed: int | None) -> History:
    """That of a run with this seed, or with one that is drawn now."""
    return History(seed=generator(None).getrandbits(32) if seed is None else seed)


def interrupted_before(seed: int | None) -> History:
    """The history of a run that was interrupted while it was prepared."""
    history = new_history(seed)
    history.stopped = "interrupted before the first epoch: the weights are those that the model had"
    print(history.stopped, file=sys.stderr)
    return history


class Run:
    """How far a run is, and which weights it falls back on.

    Arguments:
        training: what is trained.
        options: how the run goes.
        backend: what runs the training.
        checkpoint: the file to go on from and to write after each epoch, if there is one.
    """

    def __init__(self, training: Training, options: RunOptions, backend: Backend, checkpoint: Checkpoint | None = None) -> None:
        self.training, self.options, self.backend, self.checkpoint = training, options, backend, checkpoint
        self.batches = training.batches
        self.rate = training.optimizer.lr
        self.history = new_history(options.seed)
        self.best = Best(backend.weights())
        self.dropouts = placed_dropouts(training.model)
        self.generators: dict[Dropout, Random] = {}  # their own, for after the run
        self.batch = 0
        self.good_step = 1  # the last step whose loss was finite
        self.watched, self.seen = Watched(self.rate), 0  # by a ReduceLROnPlateau, and of how many epochs

    def train(self, bar: Any) -> History:
        """All epochs, or those that are left of them; a progress bar shows them."""
        history, epochs = self.history, self.options.epochs
        if self.checkpoint is not None:
            self.resume(self.checkpoint)
        bar.reset(epochs * self.batches)
        bar.n = bar.last_print_n = history.epochs * self.batches
        try:
            with in_mode(self.training.model, training=True):
                while history.epochs < epochs and not history.stopped:
                    bar.set_description(f"epoch {history.epochs + 1}/{epochs} ({self.backend.name})")
                    self.run_epochs(bar)
        except KeyboardInterrupt:
            bar.close()
            self.stop_here()
        except NonFiniteError as error:
            self.diverge(error)
        finally:
            self.training.optimizer.lr = self.rate
            for dropout, own in self.generators.items():
                dropout.random = own
            self.backend.release()
        return history

    def resume(self, checkpoint: Checkpoint) -> None:
        """Go on from the checkpoint, if it is there; then write it, so that an obstacle to that is told before any work."""
        if checkpoint.path.exists():
            checkpoint.take_over(self.history, self.best)
            self.backend.keep()
            self.good_step = self.step
            if not self.history.stopped:
                self.stop_early(self.history.epochs)  # what was the last epoch then may be one to stop at now
        checkpoint.write(self.history, self.best)

    @property
    def alone(self) -> bool:
        """Whether the backend may go from one epoch to the next by itself, since nothing happens between them."""
        watches = isinstance(self.options.schedule, ReduceLROnPlateau)
        return not (self.options.callbacks or watches or self.checkpoint) and self.options.validation is None

    def run_epochs(self, bar: Any) -> None:
        """Some epochs: as many as the backend takes at once, or one and what comes at its end."""
        first = self.history.epochs
        self.batch = 0
        if self.options.callbacks and self.backend.look_again():
            self.dropouts = placed_dropouts(self.training.model)
        if self.alone and self.backend.together > 1:
            count = min(self.options.epochs - first, self.backend.together)
            for finished in self.run_batches(first, count, bar, self.best, self.options.patience or 0):
                self.history.extend(finished)
                self.batch -= self.batches * len(finished["loss"])
            self.stop_early(self.history.epochs)
        else:
            (finished,) = self.run_batches(first, 1, bar)
            self.end_epoch({name: number for name, (number,) in finished.items()}, bar)

    def run_batches(
        self, first: int, count: int, bar: Any, best: Best | None = None, patience: int = 0
    ) -> Iterator[dict[str, list[float]]]:
        """All batches of some epochs; gives, now and then, what was measured in those that are over."""
        epochs = range(first, first + count)
        rates = [self.rate * factor for epoch in epochs for factor in self.rate_factors(epoch)]
        for done in self.backend.train([*map(self.draw_order, epochs)], rates, first, best, patience):
            self.batch += done.batches
            self.good_step = self.step - self.backend.stride
            if done.weights_are_lost:
                self.batch -= 1
                raise NonFiniteError("a weight is no longer finite")
            if not bar.disable:
                epoch = min(self.history.epochs + self.batch // self.batches + 1, self.options.epochs)
                bar.set_description(f"epoch {epoch}/{self.options.epochs} ({self.backend.name})", refresh=False)
                bar.set_postfix(_shown(done.shown), refresh=False)
                bar.update(done.batches)
            if done.finished:
                yield done.finished
        self.training.optimizer.lr = self.rate

    def rate_factors(self, epoch: int) -> list[float]:
        """The factor of the learning rate in each step of an epoch."""
        schedule = self.options.schedule
        if not isinstance(schedule, ReduceLROnPlateau):
            return self.options.rate_factors(epoch, self.batches)
        losses = self.history.get(self.options.monitored, [])
        self.watched = schedule.after(self.watched, losses[self.seen :])
        self.seen = len(losses)
        return [self.watched.rate / self.rate if self.rate else 1.0] * self.batches

    def validate(self) -> dict[str, float]:
        """The means over the validation set, if there is one."""
        if self.options.validation is None:
            return {}
        measured = self.backend.measure(*self.options.validation)
        if not math.isfinite(measured["loss"]):
            raise NonFiniteError(f"the validation loss is {measured['loss']!r}")
        return {f"val_{name}": number for name, number in measured.items()}

    def draw_order(self, epoch: int) -> Sequence[int]:
        """The order of the samples. Each epoch has its own seed, so a run that is resumed needs no state of any generator."""
        seed = f"{self.history.seed} {epoch}"
        for position, dropout in self.dropouts:
            self.generators.setdefault(dropout, dropout.random)
            dropout.random = Random(f"{seed} {position}")
        return self.backend.order(seed if self.options.shuffle and self.batches > 1 else None)

    def end_epoch(self, measured: dict[str, float], bar: Any) -> None:
        """Validation, callbacks, early stopping, checkpoint."""
        epoch = self.history.epochs + 1
        self.batch = self.batches - 1  # what goes wrong from here on goes wrong after the last step
        measured |= self.validate()
        if not bar.disable:
            bar.set_postfix(_shown(measured))
        self.history.add(measured)
        score = measured[self.options.monitored]
        if score < self.best.score:
            self.best = Best(self.backend.weights(), epoch, score)
        answers = [callback(epoch, self.training.model, self.history) for callback in self.options.callbacks]
        rate = self.training.optimizer.lr
        if rate != self.rate:
            raise ValueError(
                f"a callback set the learning rate to {rate!r}, but fit keeps to {self.rate!r} and its schedule: "
                "pass schedule=, a function of (epochs done, epochs in all) that gives the factor of the rate"
            )
        if any(answers):
            self.history.stopped = f"a callback ended the run after epoch {epoch}"
        else:
            self.stop_early(epoch)
        if self.checkpoint is not None:
            self.checkpoint.write(self.history, self.best)

    def stop_early(self, epoch: int) -> None:
        """End the run, with the best weights, if they are `patience` epochs old and there are epochs left."""
        patience = self.options.patience
        if patience is not None and epoch - self.best.epoch >= patience and epoch < self.options.epochs:
            self.backend.restore(self.best.weights)
            monitored = self.options.monitored
            self.history.stopped = (
                f"no better {monitored} for {patience} epochs: the weights are {self.best.described(monitored)}"
            )

    @property
    def step(self) -> int:
        """The number of the step that is being taken, from 1."""
        return self.history.epochs * self.batches + self.batch + 1

    def stop_here(self) -> None:
        """After Ctrl-C: take back the best weights; in the first epoch, those after the last whole batch."""
        if self.best.epoch:
            self.backend.restore(self.best.weights)
            kept = self.best.described(self.options.monitored)
        else:
            self.backend.undo_unfinished()
            kept = f"those after {self.batch} of the {self.batches} batches of epoch 1"
        self.history.stopped = f"interrupted in epoch {self.history.epochs + 1}: the weights are {kept}"
        print(self.history.stopped, file=sys.stderr)

    def diverge(self, error: NonFiniteError) -> NoReturn:
        """After a NaN: take back the last good weights, and say where it was."""
        self.backend.undo_last()
        way_out = f"ower the learning rate ({self.rate:g}), or set clip_norm"
        no_step_before = "Look at the samples, at the loss and at how the weights begin, since no step was taken before; else l"
        raise DivergedError(
            f"{error}, at step {self.step} (epoch {self.history.epochs + 1}, batch {self.batch + 1} of {self.batches}); "
            f"the model has the last good weights, from before step {self.good_step}. "
            f"{no_step_before if self.step == 1 else 'L'}{way_out}",
            self.history,
        ) from error


def _shown(measured: dict[str, float]) -> dict[str, str]:
    return {in_message(name): f"{number:.4f}" for name, number in measured.items()}
