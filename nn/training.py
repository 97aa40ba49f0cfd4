"""Training: `fit`, what it measures, and how a run ends early, is interrupted, or is taken up again."""

from __future__ import annotations

import math
import os
import secrets
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any, Final, TypeAlias

from tqdm import tqdm

from autograd_lite import Value, no_grad
from nn.checkpoint import VERSION, read_json, write_json
from nn.layers import Dropout
from nn.losses import Loss, binary_cross_entropy, cross_entropy, hinge, loss_function
from nn.module import Module
from nn.optimizers import SGD, Optimizer, Schedule, clip_grad_norm

Metric: TypeAlias = Callable[[Any, Any], float]
Callback: TypeAlias = Callable[[int, Module, "History"], Any]
Weights: TypeAlias = list[Any]

CHECKPOINT_FORMAT = "autograd_lite checkpoint"
BACKENDS = ("auto", "eager", "python", "native")


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
        return "".join(",".join(map(str, row)) + "\n" for row in rows)

    def __repr__(self) -> str:
        last = ", ".join(f"{name} {numbers[-1]:.4g}" for name, numbers in self.items())
        stopped = f"; {self.stopped}" if self.stopped else ""
        return f"History({self.epochs} epoch{'s' * (self.epochs != 1)}{': ' * bool(last)}{last}{stopped})"


# Classification


def predict(model: Module, x: Any, threshold: float = 0.5) -> int:
    """The class that the model predicts (D18): the output node with the highest activation.

    Arguments:
        model: any model.
        x: one sample.
        threshold: with one output node the class is 1 if the output is above it, else 0.

    Example:
        >>> from nn import Sequential, Layer, predict
        >>> model = Sequential(Layer(2, 3, "identity", init=lambda nin, nout, random: 1.0))
        >>> model.layers[0].neurons[1].b.data = 5.0
        >>> predict(model, [0.5, -1.0])
        1
    """
    with no_grad():
        return predicted_class(model(x), threshold)


def predicted_class(output: Any, threshold: float = 0.5) -> int:
    """The index of the largest output; of one output alone, whether it is above the threshold."""
    outputs = [o.data if isinstance(o, Value) else o for o in (output if hasattr(output, "__len__") else [output])]
    if len(outputs) == 1:
        return int(outputs[0] > threshold)
    return max(range(len(outputs)), key=outputs.__getitem__)


def accuracy(output: Any, target: Any, threshold: float = 0.5) -> float:
    """1.0 if the predicted class is that of the target (a class, or one number for each output), else 0.0."""
    single = not hasattr(output, "__len__") or len(output) == 1
    true = predicted_class(target, threshold) if single or hasattr(target, "__len__") else target
    return float(predicted_class(output, threshold) == true)


def sign_accuracy(output: Any, target: Any) -> float:
    """`accuracy` for outputs and targets around 0, such as hinge's -1 and 1."""
    return accuracy(output, target, threshold=0.0)


ACCURACY: Final[dict[Loss, Metric]] = {cross_entropy: accuracy, binary_cross_entropy: accuracy, hinge: sign_accuracy}


def metric_functions(metrics: Sequence[str | Metric] | None, loss: Loss) -> dict[str, Metric]:
    """The metrics by name; None stands for the accuracy where the loss is one of classification."""
    if metrics is None:
        return {"accuracy": ACCURACY[loss]} if loss in ACCURACY else {}
    chosen: dict[str, Metric] = {}
    for metric in metrics:
        if callable(metric):
            chosen[getattr(metric, "__name__", repr(metric))] = metric
        elif metric == "accuracy":
            chosen[metric] = ACCURACY.get(loss, accuracy)
        else:
            raise ValueError(f"unknown metric {metric!r}: known is 'accuracy'; or pass a function of (output, target)")
    if not chosen.keys().isdisjoint({"loss"}):
        raise ValueError("a metric may not be called 'loss'")
    return chosen


def evaluate(
    model: Module,
    inputs: Iterable[Any],
    targets: Iterable[Any],
    loss: str | Loss = "mse",
    metrics: Sequence[str | Metric] | None = None,
) -> dict[str, float]:
    """The mean loss (D16) and the mean of each metric over a set, in evaluation mode. The arguments are those of `fit`.

    Example:
        >>> from nn import MLP, datasets, evaluate
        >>> inputs, targets = datasets.xor()
        >>> sorted(evaluate(MLP(2, [2], seed=0), inputs, targets, "cross_entropy"))
        ['accuracy', 'loss']
    """
    f = loss_function(loss)
    rows, wanted = check_samples(inputs, targets)
    return _measure(model, rows, wanted, f, metric_functions(metrics, f))


def _measure(model: Module, rows: list[Any], targets: list[Any], loss: Loss, metrics: dict[str, Metric]) -> dict[str, float]:
    mode = model.training
    model.eval()
    try:
        with no_grad():
            total = _Means(("loss", *metrics))
            for x, y in zip(rows, targets, strict=True):
                output = model(x)
                total.add(loss(output, y).data, *(metric(output, y) for metric in metrics.values()))
            return total.means()
    finally:
        model.train(mode)


class _Means:
    """Running means of several quantities."""

    def __init__(self, names: Iterable[str]) -> None:
        self.names = list(names)
        self.sums = [0.0] * len(self.names)
        self.count = 0

    def add(self, *numbers: float) -> None:
        self.sums = [total + number for total, number in zip(self.sums, numbers, strict=True)]
        self.count += 1

    def means(self) -> dict[str, float]:
        return {name: total / self.count for name, total in zip(self.names, self.sums, strict=True)}


# Data


def check_samples(inputs: Iterable[Any], targets: Iterable[Any], name: str = "") -> tuple[list[Any], list[Any]]:
    """The samples and targets as plain lists of finite numbers, all samples of one length.

    Raises:
        ValueError: an empty set, unequal counts or lengths, NaN or infinity: which sample, which feature.
        TypeError: something is not a number.
    """
    rows, wanted = _plain(inputs), _plain(targets)
    if not rows:
        raise ValueError(f"the {name}inputs are empty: there is nothing to learn from")
    if len(rows) != len(wanted):
        raise ValueError(f"{len(rows)} {name}inputs, but {len(wanted)} {name}targets: one target for each input")
    _check_rows(rows, f"{name}input", "feature")
    _check_rows(wanted, f"{name}target", "entry")
    return rows, wanted


def _plain(items: Iterable[Any]) -> list[Any]:
    if hasattr(items, "tolist"):
        return list(items.tolist())
    return [item.tolist() if hasattr(item, "tolist") else item for item in items]


def _check_rows(rows: list[Any], what: str, part: str) -> None:
    width = _width(rows[0])
    for i, row in enumerate(rows):
        if _width(row) != width:
            raise ValueError(f"{what} {i} has {_counted(_width(row))}, but {what} 0 has {_counted(width)}")
        numbers = row if width is not None else [row]
        if not all(map(_is_finite, numbers)):
            k = next(k for k, number in enumerate(numbers) if not _is_finite(number))
            where = f"{what} {i}, {part} {k}," if width is not None else f"{what} {i}"
            raise ValueError(f"{where} is {numbers[k]!r}: expected a finite number")


def _is_finite(number: Any) -> bool:
    try:
        return math.isfinite(number)
    except TypeError as error:
        raise TypeError(f"expected numbers, got {number!r} ({type(number).__name__})") from error


def _width(row: Any) -> int | None:
    return len(row) if hasattr(row, "__len__") else None


def _counted(width: int | None) -> str:
    return "no length" if width is None else f"{width} number{'s' * (width != 1)}"


# Backends: how one batch is run


class _NonFiniteError(Exception):
    """What went wrong with which sample."""


class EagerBackend:
    """Runs the graph of each sample anew, in Python: what every model can do, and what the others are measured by.

    A backend has a `name` for the progress bar, `step` for one batch, `measure` for a whole set, and `weights` and `restore`.
    """

    name = "eager"

    def __init__(
        self,
        model: Module,
        rows: list[Any],
        targets: list[Any],
        loss: Loss,
        metrics: dict[str, Metric],
        optimizer: Optimizer,
        clip_norm: float | None,
    ) -> None:
        self.model, self.rows, self.targets, self.loss, self.metrics = model, rows, targets, loss, metrics
        self.optimizer, self.clip_norm = optimizer, clip_norm
        self.parameters = model.parameters()

    def step(self, batch: Sequence[int]) -> list[list[float]]:
        """Take one step on the mean loss of these samples; gives the loss and the metrics of each."""
        self.optimizer.zero_grad()
        measured = []
        share = 1 / len(batch)
        for i in batch:
            try:
                output = self.model(self.rows[i])
                loss = self.loss(output, self.targets[i])
                (loss * share).backward()
            except ArithmeticError as error:
                raise _NonFiniteError(f"sample {i}: {error}") from error
            if not math.isfinite(loss.data):
                raise _NonFiniteError(f"the loss of sample {i} is {loss.data!r}")
            measured.append([loss.data, *(metric(output, self.targets[i]) for metric in self.metrics.values())])
        if self.clip_norm is not None:
            clip_grad_norm(self.optimizer.parameters, self.clip_norm)
        self.optimizer.step()
        return measured

    def measure(self, rows: list[Any], targets: list[Any]) -> dict[str, float]:
        """The mean loss and metrics over a set."""
        try:
            return _measure(self.model, rows, targets, self.loss, self.metrics)
        except ArithmeticError as error:
            raise _NonFiniteError(f"validation: {error}") from error

    def weights(self) -> Weights:
        """The number in every parameter."""
        return [parameter.data for parameter in self.parameters]

    def restore(self, weights: Weights) -> None:
        """Put these numbers into the parameters."""
        for parameter, data in zip(self.parameters, weights, strict=True):
            parameter.data = data


def _choose_backend(backend: str) -> type[EagerBackend]:
    if backend not in BACKENDS:
        raise ValueError(f"unknown backend {backend!r}: known are {', '.join(BACKENDS)}")
    if backend in ("python", "native"):
        raise ValueError(f"the backend {backend!r} is not available in this installation: use backend='auto' or 'eager'")
    return EagerBackend


# The loop


@dataclass
class _Best:
    """The best weights so far, and by what."""

    epoch: int
    score: float
    weights: Weights


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
        metrics: functions of `(output, target)`, or "accuracy"; the default is the accuracy for losses of classification.
        schedule: the factor of the learning rate over time: `step_decay`, `cosine`, `warm_up`.
        clip_norm: the largest norm of the gradient; a longer one is scaled down.
        patience: stop after so many epochs without a better validation loss (or loss), with the best weights.
        callbacks: called with `(epoch, model, history)` after each epoch, which counts from 1; a true result ends the run.
        backend: "eager"; "auto" is the fastest that is installed.
        progress: whether to show a progress bar on stderr.
        checkpoint: a file to write after each epoch; if it exists, the run goes on from it, to the same bits as if unbroken.

    Returns:
        The mean loss and metrics of each epoch: of the training samples as they were met, of the validation set at its end.

    Raises:
        ValueError: data that does not fit (an empty set, unequal counts or lengths, NaN, labels out of range), a setting out of
            its range, a checkpoint of another run.
        TypeError: a model, loss or optimizer of the wrong kind.
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
    for name, setting in (("epochs", epochs), ("batch_size", batch_size), ("patience", 1 if patience is None else patience)):
        if not isinstance(setting, int) or isinstance(setting, bool) or setting < 1:
            raise ValueError(f"{name} must be a whole number of at least 1, got {setting!r}")
    if clip_norm is not None and not clip_norm > 0:
        raise ValueError(f"clip_norm must be above 0, got {clip_norm!r}")
    f = loss_function(loss)
    chosen = metric_functions(metrics, f)
    make_backend = _choose_backend(backend)
    rows, wanted = check_samples(inputs, targets)
    if validation is not None and not (isinstance(validation, tuple) and len(validation) == 2):
        raise TypeError(f"validation must be a tuple (inputs, targets), got {type(validation).__name__}")
    held_out = None if validation is None else check_samples(*validation, name="validation ")
    _check_first_outputs(model, rows, wanted, f, "")
    if held_out is not None:
        _check_first_outputs(model, *held_out, f, "validation ")
    optimizer = optimizer or SGD(model.parameters())
    if not isinstance(optimizer, Optimizer):
        raise TypeError(f"fit takes an optimizer such as SGD(model.parameters()), got {optimizer!r}")
    if {*optimizer.parameters}.isdisjoint(model.parameters()):
        raise ValueError("the optimizer holds no parameter of this model: make it from model.parameters()")
    run = make_backend(model, rows, wanted, f, chosen, optimizer, clip_norm)
    settings = {
        "samples": len(rows),
        "parameters": len(run.weights()),
        "loss": getattr(f, "__name__", repr(f)),
        "batch_size": batch_size,
        "shuffle": shuffle,
        "clip_norm": clip_norm,
    }
    history = History(seed=secrets.randbits(32) if seed is None else seed)
    best = _Best(0, math.inf, run.weights())
    if checkpoint is not None:
        _check_writable(Path(checkpoint))
        if Path(checkpoint).exists():
            history, best = _resume(Path(checkpoint), model, optimizer, settings, seed)
    monitored = "loss" if held_out is None else "val_loss"
    batches = math.ceil(len(rows) / batch_size)
    base_rate, mode = optimizer.lr, model.training
    last_good = current = run.weights()
    bar = tqdm(total=epochs * batches, initial=min(history.epochs, epochs) * batches, disable=not progress, unit="batch")
    epoch = history.epochs
    batch = 0
    try:
        model.train()
        while epoch < epochs and not history.stopped:
            bar.set_description(f"epoch {epoch + 1}/{epochs} ({run.name})")
            order = list(range(len(rows)))
            if shuffle:
                Random(f"{history.seed} {epoch}").shuffle(order)
            _seed_dropout(model, f"{history.seed} {epoch}")
            means = _Means(("loss", *chosen))
            for batch in range(batches):
                current = run.weights()
                if schedule is not None:
                    optimizer.lr = base_rate * schedule(epoch + batch / batches, epochs)
                for numbers in run.step(order[batch * batch_size : (batch + 1) * batch_size]):
                    means.add(*numbers)
                last_good = current
                bar.set_postfix(_shown(means.means()), refresh=False)
                bar.update()
            measured = means.means()
            current = run.weights()
            if not all(map(math.isfinite, current)):
                raise _NonFiniteError("a weight is no longer finite")
            if held_out is not None:
                measured |= {f"val_{name}": number for name, number in run.measure(*held_out).items()}
                if not math.isfinite(measured["val_loss"]):
                    raise _NonFiniteError(f"the validation loss is {measured['val_loss']!r}")
            history.add(measured)
            bar.set_postfix(_shown(measured))
            epoch += 1
            if measured[monitored] < best.score:
                best = _Best(epoch, measured[monitored], current)
            optimizer.lr = base_rate
            if sum(bool(callback(epoch, model, history)) for callback in callbacks):  # all are called, whatever one says
                history.stopped = f"a callback ended the run after epoch {epoch}"
            elif patience is not None and epoch - best.epoch >= patience and epoch < epochs:
                run.restore(best.weights)
                history.stopped = (
                    f"no better {monitored} for {patience} epochs: the weights are those of epoch {best.epoch} "
                    f"({monitored} {best.score:.4g})"
                )
            if checkpoint is not None:
                _write_checkpoint(Path(checkpoint), model, optimizer, settings, history, best)
    except KeyboardInterrupt:
        if best.epoch:
            run.restore(best.weights)
            kept = f"those of epoch {best.epoch}, the best so far ({monitored} {best.score:.4g})"
        else:
            run.restore(current)
            kept = f"those after {batch} of the {batches} batches of epoch 1"
        history.stopped = f"interrupted in epoch {epoch + 1}: the weights are {kept}"
        bar.close()
        print(history.stopped, file=sys.stderr)
    except _NonFiniteError as error:
        run.restore(last_good)
        number = epoch * batches + batch + 1
        raise DivergedError(
            f"{error}, at step {number} (epoch {epoch + 1}, batch {batch + 1} of {batches}); the model has the last good "
            f"weights, from before step {max(number - 1, 1)}. Lower the learning rate ({base_rate:g}), or set clip_norm",
            history,
        ) from error
    finally:
        bar.close()
        optimizer.lr = base_rate
        model.train(mode)
    return history


def _shown(measured: dict[str, float]) -> dict[str, str]:
    return {name: f"{number:.4f}" for name, number in measured.items()}


def _seed_dropout(model: Module, seed: str) -> None:
    """Every epoch begins with its own seed, so a run that is taken up again needs no state of the generators."""
    for position, module in enumerate(model.modules()):
        if isinstance(module, Dropout):
            module.random.seed(f"{seed} {position}")


def _check_first_outputs(model: Module, rows: list[Any], targets: list[Any], loss: Loss, name: str) -> None:
    """Try the loss on the output of the first sample, with each different target, before any work is done."""
    with no_grad():
        output = model(rows[0])
        tried: set[Any] = set()
        for i, target in enumerate(targets):
            key = tuple(target) if isinstance(target, list) else target
            if key in tried:
                continue
            tried.add(key)
            try:
                number = loss(output, target)
            except OverflowError:
                continue  # a number out of range, not a target that does not fit: the training will say
            except (ValueError, TypeError, IndexError) as error:
                raise type(error)(f"{name}target {i}: {error}") from error
            if not isinstance(number, Value):
                raise TypeError(f"the loss must give one Value, got {number!r} ({type(number).__name__})")


# Checkpoints


def _check_writable(path: Path) -> None:
    if path.is_dir() or not os.access(path.parent, os.W_OK):
        raise OSError(
            f"the checkpoint {path} cannot be written: it {'is a' if path.is_dir() else 'is not in a writable'} directory"
        )


def _write_checkpoint(
    path: Path, model: Module, optimizer: Optimizer, settings: dict[str, Any], history: History, best: _Best
) -> None:
    write_json(
        path,
        {
            "format": CHECKPOINT_FORMAT,
            "version": VERSION,
            "settings": settings,
            "parameters": model.state_dict(),
            "optimizer": optimizer.state_dict(),
            "history": {"columns": history, "seed": history.seed, "stopped": history.stopped},
            "best": vars(best),
        },
    )


def _resume(
    path: Path, model: Module, optimizer: Optimizer, settings: dict[str, Any], seed: int | None
) -> tuple[History, _Best]:
    content = read_json(path, CHECKPOINT_FORMAT)
    try:
        saved = content["history"]
        differing = {
            key: (content["settings"].get(key), own) for key, own in settings.items() if content["settings"].get(key) != own
        }
        if seed is not None and saved["seed"] != seed:
            differing["seed"] = (saved["seed"], seed)
        if differing:
            shown = ", ".join(f"{key} {theirs!r} (now {own!r})" for key, (theirs, own) in differing.items())
            raise ValueError(f"it is of a run with {shown}: use another file, or remove this one")
        best = _Best(**content["best"])
        history = History(seed=saved["seed"])
        history.update(saved["columns"])
        history.stopped = saved["stopped"]
        optimizer.load_state_dict(content["optimizer"])
        model.load_state_dict(content["parameters"])
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        reason = f"it has no {error}" if isinstance(error, KeyError) else error
        raise ValueError(f"the checkpoint {path} does not fit: {reason}") from error
    return history, best
