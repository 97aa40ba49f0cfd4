"""Training: `fit`, and how a run ends early, is interrupted, or is taken up again."""

from __future__ import annotations

import csv
import io
import math
import secrets
import sys
from array import array
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from numbers import Integral, Real
from pathlib import Path
from random import Random
from typing import Any, NoReturn, TypeAlias
from zlib import crc32

from tqdm import tqdm

from autograd_lite.checks import check_range, whole_number
from autograd_lite.errors import counted
from nn.backends import EagerBackend, NonFiniteError, check_backend, make_backend
from nn.checkpoint import VERSION, read_json, write_json
from nn.layers import Dropout
from nn.losses import Loss, loss_function
from nn.metrics import Means, Metric, metric_functions
from nn.module import Module, function_name, in_mode
from nn.optimizers import SGD, Optimizer, Schedule
from nn.samples import check_samples, check_targets

Callback: TypeAlias = Callable[[int, Module, "History"], Any]

CHECKPOINT_FORMAT = "autograd_lite checkpoint"


class DivergedError(ArithmeticError):
    """The loss or a weight became NaN or infinite; the model has the last good weights. `history` is that of the run."""

    def __init__(self, message: str, history: History) -> None:
        super().__init__(message)
        self.history = history


class History(dict[str, list[float]]):
    """What `fit` measured: a list with one number for each epoch, by name ("loss", "accuracy", "val_loss", …).

    Attributes:
        seed: the seed that repeats the run.
        stopped: why the run ended before its last epoch; "" if it did not.

    Example:
        >>> from nn import History
        >>> history = History(seed=1)
        >>> history.add({"loss": 0.5, "accuracy": 0.75})
        >>> history["loss"], history
        ([0.5], History(1 epoch: loss 0.5, accuracy 0.75))
    """

    def __init__(self, *, seed: int = 0) -> None:
        super().__init__()
        self.seed = seed
        self.stopped = ""

    @property
    def epochs(self) -> int:
        """The number of epochs that were completed."""
        return len(self.get("loss", ()))

    def add(self, measured: dict[str, float]) -> None:
        """Take in what was measured in one epoch."""
        for name, number in measured.items():
            self.setdefault(name, []).append(number)

    def to_csv(self) -> str:
        """The table as text: one row for each epoch, from 1."""
        rows = [["epoch", *self], *([i + 1, *(self[name][i] for name in self)] for i in range(self.epochs))]
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows(rows)
        return text.getvalue()

    def __repr__(self) -> str:
        last = ", ".join(f"{name} {numbers[-1]:.4g}" for name, numbers in self.items())
        stopped = f"; {self.stopped}" if self.stopped else ""
        return f"History({counted(self.epochs, 'epoch')}{': ' * bool(last)}{last}{stopped})"


def fit(
    model: Module,
    inputs: Iterable[Any],
    targets: Iterable[Any],
    *,
    loss: str | Loss = "mse",
    optimizer: Optimizer | None = None,
    epochs: int = 10,
    batch_size: int = 32,
    shuffle: bool = True,
    seed: int | None = None,
    validation: tuple[Iterable[Any], Iterable[Any]] | None = None,
    metrics: Sequence[str | Metric] | None = None,
    schedule: Schedule | None = None,
    clip_norm: float | None = None,
    patience: int | None = None,
    callbacks: Sequence[Callback] = (),
    backend: str = "auto",
    progress: bool = True,
    checkpoint: str | Path | None = None,
) -> History:
    """Train a model: in each epoch all samples once, in batches, one step of the optimizer for each batch (D17).

    Ctrl-C ends the run and leaves the best weights so far in the model; the history says so.

    Arguments:
        model: any `Module` whose output the loss can take.
        inputs: one sample each: a sequence of finite numbers, all of one length. Lists or an array.
        targets: one target for each input: what the loss takes (a number, a class, a sequence).
        loss: the name of a loss of this package, or a function of `(output, target)` that gives a Value.
        optimizer: made from `model.parameters()`; plain gradient descent, `SGD(lr=0.1)`, if not given.
        epochs: passes over the data, at least 1.
        batch_size: samples in a step, at least 1; the last batch of an epoch may be smaller.
        shuffle: whether the samples come in a new order in each epoch.
        seed: for the same run again, to the bit; a random one, kept in the history, if not given.
        validation: `(inputs, targets)` to measure after each epoch.
        metrics: functions of `(output, target)`, or "accuracy"; the default is the accuracy for losses of classification. They
            get plain numbers, on every backend: a list of the outputs, or the one output there is.
        schedule: the factor of the learning rate over time: `step_decay`, `cosine`, `warm_up`.
        clip_norm: the largest norm of the gradient; a longer one is scaled down.
        patience: stop after so many epochs without a better validation loss (or loss), with the best weights.
        callbacks: called with `(epoch, model, history)` after each epoch, which counts from 1; a true result ends the run. They
            may change the model, the loss and the optimizer's settings, but not its learning rate, which the schedule gives.
        backend: "eager", "python" or "native" (both compiled); "auto" is the fastest that is installed. Threads are those that
            BLAS takes for a native batch's matrix products: the environment's OPENBLAS_NUM_THREADS says how many.
        progress: whether to show a progress bar on stderr.
        checkpoint: a file to write at once and after each epoch; if it exists, the run goes on from it, to the same bits as if
            unbroken.

    Returns:
        The mean loss and metrics of each epoch: of the training samples as they were met, of the validation set at its end.

    Raises:
        ValueError: data that does not fit (an empty set, unequal counts or lengths, NaN, labels out of range), a setting out of
            its range, a checkpoint of another run.
        TypeError: a model, loss or optimizer of the wrong kind.
        OSError: the checkpoint cannot be written; the one before is left whole.
        DivergedError: the loss became NaN or infinite; the model has the last good weights.

    Example:
        >>> from nn import MLP, SGD, datasets, fit
        >>> inputs, targets = datasets.xor()
        >>> model = MLP(2, [8, 2], activation="tanh", seed=1)
        >>> history = fit(model, inputs, targets, loss="cross_entropy", optimizer=SGD(model.parameters(), lr=0.5),
        ...               epochs=100, batch_size=4, seed=1, progress=False)
        >>> history["accuracy"][-1]
        1.0
    """
    if not isinstance(model, Module):
        raise TypeError(f"fit trains a Module, got {model!r} ({type(model).__name__})")
    epochs, batch_size = whole_number("epochs", epochs), whole_number("batch_size", batch_size)
    patience = None if patience is None else whole_number("patience", patience)
    if seed is not None and not isinstance(seed, Integral):
        raise TypeError(f"seed must be a whole number, got {seed!r} ({type(seed).__name__})")
    if clip_norm is not None and not (isinstance(clip_norm, Real) and clip_norm > 0):
        raise ValueError(f"clip_norm must be a number above 0, got {clip_norm!r}")
    for what, function in (("schedule", schedule), *(("callback", callback) for callback in callbacks)):
        if function is not None and not callable(function):
            raise TypeError(f"a {what} must be a function, got {function!r} ({type(function).__name__})")
    f = loss_function(loss)
    chosen = metric_functions(metrics, f)
    check_backend(backend)
    rows, wanted = check_samples(inputs, targets)
    check_targets(model, rows, wanted, f)
    held_out = None
    if validation is not None:
        if not (isinstance(validation, tuple) and len(validation) == 2):
            raise TypeError(f"validation must be a tuple (inputs, targets), got {type(validation).__name__}")
        held_out = check_samples(*validation, name="validation ")
        check_targets(model, *held_out, f, name="validation ")
    optimizer = SGD(model.parameters()) if optimizer is None else optimizer
    if not isinstance(optimizer, Optimizer):
        raise TypeError(f"fit takes an optimizer such as SGD(model.parameters()), got {optimizer!r}")
    if {*optimizer.parameters}.isdisjoint(model.parameters()):
        raise ValueError("the optimizer holds no parameter of this model: make it from model.parameters()")

    training = (model, rows, wanted, f, chosen, optimizer, clip_norm, min(batch_size, len(rows)))
    run = _Run(make_backend(backend, *training), seed)
    run.samples, run.batch_size, run.shuffle = len(rows), batch_size, shuffle
    run.epochs, run.schedule, run.held_out, run.patience, run.callbacks = epochs, schedule, held_out, patience, callbacks
    if checkpoint is not None:
        run.resume(Path(checkpoint), seed)
    return run.train(progress)


class _Run:
    """One call of `fit`: what it trains, how far it is, and which weights to fall back on."""

    samples: int
    batch_size: int
    shuffle: bool
    epochs: int
    schedule: Schedule | None
    held_out: tuple[list[Any], list[Any]] | None
    patience: int | None
    callbacks: Sequence[Callback]
    checkpoint: Path | None = None

    def __init__(self, backend: EagerBackend, seed: int | None) -> None:
        self.backend, self.model, self.optimizer = backend, backend.model, backend.optimizer
        self.rate = self.optimizer.lr
        self.history = History(seed=secrets.randbits(32) if seed is None else int(seed))
        self.batch = 0
        self.good_step = 1  # the last step whose loss was finite
        self.best, self.best_epoch, self.best_score = backend.weights(), 0, math.inf

    @property
    def batches(self) -> int:
        """Steps in an epoch."""
        return math.ceil(self.samples / self.batch_size)

    @property
    def monitored(self) -> str:
        """What decides which weights are the best."""
        return "loss" if self.held_out is None else "val_loss"

    def train(self, progress: bool) -> History:
        """All epochs, or those that are left of them."""
        history = self.history
        bar = tqdm(total=self.epochs * self.batches, initial=history.epochs * self.batches, disable=not progress, unit="batch")
        try:
            with in_mode(self.model, training=True):
                while history.epochs < self.epochs and not history.stopped:
                    bar.set_description(f"epoch {history.epochs + 1}/{self.epochs} ({self.backend.name})")
                    self.run_epoch(bar)
        except KeyboardInterrupt:
            bar.close()
            self.stop_here()
        except NonFiniteError as error:
            self.diverge(error)
        finally:
            bar.close()
            self.optimizer.lr = self.rate
        return history

    def run_epoch(self, bar: Any) -> None:
        """All batches once; then what comes at the end of an epoch."""
        epoch = self.history.epochs
        means = Means(("loss", *self.backend.metrics))
        self.batch = 0
        if self.callbacks:
            self.backend.look_again()
        for done, sums, count in self.backend.train(self.draw_order(epoch), self.rates(epoch)):
            means.add(sums, count)
            self.batch += done
            self.good_step = self.step - 1
            bar.set_postfix(_shown(means.means()), refresh=False)
            bar.update(done)
        self.batch = self.batches - 1  # what goes wrong from here on goes wrong after the last step
        self.optimizer.lr = self.rate
        weights = self.backend.weights()
        if not all(map(math.isfinite, weights)):
            raise NonFiniteError("a weight is no longer finite")
        measured = means.means()
        if self.held_out is not None:
            measured |= {f"val_{name}": number for name, number in self.backend.measure(*self.held_out).items()}
            if not math.isfinite(measured["val_loss"]):
                raise NonFiniteError(f"the validation loss is {measured['val_loss']!r}")
        bar.set_postfix(_shown(measured))
        self.history.add(measured)
        if measured[self.monitored] < self.best_score:
            self.best, self.best_epoch, self.best_score = weights, epoch + 1, measured[self.monitored]
        self.end_epoch(epoch + 1)

    def rates(self, epoch: int) -> list[float]:
        """The learning rate of each batch."""
        return [self.rate * self.factor(epoch, batch) for batch in range(self.batches)]

    def factor(self, epoch: int, batch: int) -> float:
        """What the schedule multiplies the learning rate by; both count from 0."""
        if self.schedule is None:
            return 1.0
        factor = self.schedule(epoch + batch / self.batches, self.epochs)
        check_range("the factor that the schedule gives", factor, 0)
        return factor

    def past_factors(self, epochs: int) -> list[float]:
        """The factor in the last batch of so many epochs: they tell a run with another schedule, or a longer one, from this."""
        return [self.factor(epoch, self.batches - 1) for epoch in range(epochs)]

    def draw_order(self, epoch: int) -> list[int]:
        """The order of the samples. An epoch has its own seed, so a run that is resumed needs no state of the generators."""
        seed = f"{self.history.seed} {epoch}"
        order = list(range(self.samples))
        if self.shuffle:
            Random(seed).shuffle(order)
        for position, module in enumerate(self.model.modules()):
            if isinstance(module, Dropout):
                module.random.seed(f"{seed} {position}")
        return order

    def end_epoch(self, epoch: int) -> None:
        """Callbacks, early stopping, checkpoint."""
        answers = [callback(epoch, self.model, self.history) for callback in self.callbacks]
        if self.optimizer.lr != self.rate:
            raise ValueError(
                f"a callback set the learning rate to {self.optimizer.lr!r}, but fit keeps to {self.rate!r} and its schedule: "
                "pass schedule=, a function of (epochs done, epochs in all) that gives the factor of the rate"
            )
        if any(answers):
            self.history.stopped = f"a callback ended the run after epoch {epoch}"
        else:
            self.stop_early(epoch)
        if self.checkpoint is not None:
            write_json(self.checkpoint, self.state())

    def stop_early(self, epoch: int) -> None:
        """End the run, with the best weights, if they are `patience` epochs old and there are epochs left."""
        if self.patience is not None and epoch - self.best_epoch >= self.patience and epoch < self.epochs:
            self.backend.restore(self.best)
            self.history.stopped = (
                f"no better {self.monitored} for {self.patience} epochs: the weights are {self.best_described}"
            )

    @property
    def step(self) -> int:
        """The number of the step that is being taken, from 1."""
        return self.history.epochs * self.batches + self.batch + 1

    @property
    def best_described(self) -> str:
        """Which weights are the best."""
        return f"those of epoch {self.best_epoch}, the best so far ({self.monitored} {self.best_score:.4g})"

    def stop_here(self) -> None:
        """After Ctrl-C: take back the best weights; in the first epoch, those after the last whole batch."""
        if self.best_epoch:
            self.backend.restore(self.best)
        else:
            self.backend.undo_unfinished()
        kept = self.best_described if self.best_epoch else f"those after {self.batch} of the {self.batches} batches of epoch 1"
        self.history.stopped = f"interrupted in epoch {self.history.epochs + 1}: the weights are {kept}"
        print(self.history.stopped, file=sys.stderr)

    def diverge(self, error: NonFiniteError) -> NoReturn:
        """After a NaN: take back the last good weights, and say where it was."""
        self.backend.undo_last()
        raise DivergedError(
            f"{error}, at step {self.step} (epoch {self.history.epochs + 1}, batch {self.batch + 1} of {self.batches}); "
            f"the model has the last good weights, from before step {self.good_step}. Lower the learning rate ({self.rate:g}), "
            "or set clip_norm",
            self.history,
        ) from error

    # Checkpoints

    def settings(self) -> dict[str, Any]:
        """What must be the same when the run is resumed."""
        return {
            "model": " ".join(repr(self.model).split()),
            "samples": self.samples,
            "checksum of the samples": self.checksum,
            "parameters": len(self.backend.parameters),
            "loss": function_name(self.backend.loss),
            "batch_size": self.batch_size,
            "shuffle": self.shuffle,
            "clip_norm": self.backend.clip_norm,
            "backend": self.backend.name,
            "metrics": list(self.backend.metrics),
            "validation": 0 if self.held_out is None else len(self.held_out[0]),
        }

    @cached_property
    def checksum(self) -> int:
        """Tells other samples from these, so that a run does not go on with them by mistake."""
        check = 0
        for part in (self.backend.rows, self.backend.targets, *(self.held_out or ())):
            for item in part:
                check = crc32(array("d", item if hasattr(item, "__len__") else [item]).tobytes(), check)
        return check

    def state(self) -> dict[str, Any]:
        """Everything that a checkpoint holds."""
        return {
            "format": CHECKPOINT_FORMAT,
            "version": VERSION,
            "settings": self.settings(),
            "parameters": self.model.state_dict(),
            "beside": [parameter.data for parameter in self.backend.beside],
            "optimizer": self.optimizer.state_dict(),
            "history": {"columns": self.history, "seed": self.history.seed, "stopped": self.history.stopped},
            "best": {"weights": self.best, "epoch": self.best_epoch, "score": self.best_score},
            "schedule": self.past_factors(self.history.epochs),
        }

    def resume(self, path: Path, seed: int | None) -> None:
        """Write checkpoints to this file from now on, the first at once; take over what it holds, if it is there.

        Raises:
            OSError: a checkpoint cannot be written there.
            ValueError: it is of another run, or no checkpoint.
            TypeError: the model has numbers that a checkpoint cannot hold.
        """
        self.checkpoint = path
        if path.exists():
            self.take_over(path, seed)
            if not self.history.stopped:
                self.stop_early(self.history.epochs)  # what was the last epoch then may be one to stop at now
        write_json(path, self.state())  # what keeps it from being written is told before any work is done

    def take_over(self, path: Path, seed: int | None) -> None:
        """Put back the state that a checkpoint holds."""
        content = read_json(path, CHECKPOINT_FORMAT)
        try:
            saved, best = content["history"], content["best"]
            then = content["settings"] | {"seed": saved["seed"]}
            now = self.settings() | {"seed": saved["seed"] if seed is None else seed}
            differing = [f"{key} {then.get(key)!r} (now {now[key]!r})" for key in now if then.get(key) != now[key]]
            if differing:
                raise ValueError(f"it is of a run with {', '.join(differing)}: use another file, or remove this one")
            factors = self.past_factors(len(content["schedule"]))
            for epoch, (was, is_now) in enumerate(zip(content["schedule"], factors, strict=True), 1):
                if was != is_now:
                    raise ValueError(
                        f"in its epoch {epoch} the schedule gave the factor {was:g}, with this one and {self.epochs} epochs "
                        f"it would be {is_now:g}: give those of the run, or use another file"
                    )
            self.best, self.best_epoch, self.best_score = best["weights"], best["epoch"], best["score"]
            self.history.update(saved["columns"])
            self.history.seed, self.history.stopped = saved["seed"], saved["stopped"]
            self.optimizer.load_state_dict(content["optimizer"])
            self.model.load_state_dict(content["parameters"])
            for parameter, data in zip(self.backend.beside, content.get("beside", ()), strict=True):
                parameter.data = data
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            reason = f"it has no {error}" if isinstance(error, KeyError) else error
            raise ValueError(f"the checkpoint {path} does not fit: {reason}") from error
        self.backend.keep()
        self.good_step = self.step


def _shown(measured: dict[str, float]) -> dict[str, str]:
    return {name: f"{number:.4f}" for name, number in measured.items()}
