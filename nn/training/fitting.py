"""`fit`: what a user gives to train a model, checked before any work is done, and then handed to a run."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import nullcontext
from numbers import Integral, Real
from pathlib import Path
from typing import Any

from autograd_lite.checks import check_callable, whole_number, wrong_type, wrong_value
from nn.backends.backend import Training
from nn.backends.choice import check_backend, make_backend
from nn.files.locking import only_writer
from nn.losses import Loss, loss_function
from nn.metrics import Metric, metric_functions
from nn.module import Module
from nn.optimizers import SGD, Optimizer
from nn.samples import Rows, check_set
from nn.schedules import Schedule
from nn.training.checkpoint import Checkpoint
from nn.training.history import History
from nn.training.options import Callback, RunOptions
from nn.training.run import Run, interrupted_before, progress_bar


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

    Ctrl-C ends the run and leaves the best weights so far in the model; the history says so, also where no epoch is over.

    Arguments:
        model: any `Module` whose output the loss can take.
        inputs: one sample each: a sequence of finite numbers, all of one length. Lists or an array.
        targets: one target for each input: what the loss takes (a number, a class, a sequence).
        loss: the name of a loss of this package, or a function of `(output, target)` that gives a Value.
        optimizer: made from `model.parameters()`; plain gradient descent, `SGD(lr=0.1)`, if not given.
        epochs: passes over the data, at least 1.
        batch_size: samples in a step, at least 1; the last batch of an epoch may be smaller.
        shuffle: whether the samples come in a new order in each epoch.
        seed: for the same run again, to the bit; one drawn by Python's `random`, kept in the history, if not given.
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
            unbroken. One run at a time has it.

    Returns:
        The mean loss and metrics of each epoch: of the training samples as they were met, of the validation set at its end.

    Raises:
        ValueError: data that does not fit (an empty set, unequal counts or lengths, NaN, labels out of range), a setting out of
            its range, a checkpoint of another run.
        TypeError: a model, loss or optimizer of the wrong kind.
        OSError: the checkpoint cannot be written; the one before is left whole. Another run has it; the message says which.
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
        raise wrong_type("model", "a Module", model)
    epochs, batch_size = whole_number("epochs", epochs), whole_number("batch_size", batch_size)
    patience = None if patience is None else whole_number("patience", patience)
    seed = check_seed(seed)
    check_clip_norm(clip_norm)
    check_functions(schedule, callbacks)
    check_backend(backend)
    f = loss_function(loss)
    measured = metric_functions(metrics, f)
    with progress_bar(progress) as bar:
        bar.set_description_str("checking the data")
        try:
            rows, wanted = check_set(model, inputs, targets, f)
            held_out = check_validation(model, validation, f)
            optimizer = check_optimizer(model, optimizer)
            training = Training(model, rows, wanted, f, measured, optimizer, clip_norm, batch_size, bar.set_description_str)
            options = RunOptions(epochs, shuffle, seed, held_out, schedule, patience, tuple(callbacks))
            runner = make_backend(backend, training)
        except KeyboardInterrupt:
            bar.close()
            return interrupted_before(seed)
        file = None if checkpoint is None else Checkpoint(Path(checkpoint), training, options, runner.name)
        with only_writer(checkpoint) if checkpoint is not None else nullcontext():
            return Run(training, options, runner, file).train(bar)


def check_functions(schedule: Any, callbacks: Sequence[Any]) -> None:
    """Check that what is called during the run can be called."""
    if schedule is not None:
        check_callable("schedule", schedule)
    for position, callback in enumerate(callbacks):
        check_callable(f"callbacks[{position}]", callback)


def check_seed(seed: Any) -> int | None:
    """The seed as a plain int, if there is one."""
    if seed is not None and not isinstance(seed, Integral):
        raise wrong_type("seed", "a whole number", seed)
    return None if seed is None else int(seed)


def check_clip_norm(clip_norm: Any) -> None:
    """Check the largest norm, if there is one."""
    if clip_norm is not None and (not isinstance(clip_norm, Real) or not float(clip_norm) > 0):
        raise wrong_value("clip_norm", "a number above 0", clip_norm)


def check_validation(model: Module, validation: Any, loss: Loss) -> tuple[Rows, Rows] | None:
    """The samples and targets of the validation set, if there is one."""
    if validation is None:
        return None
    if not (isinstance(validation, tuple) and len(validation) == 2):
        raise TypeError(f"validation must be a tuple (inputs, targets), got {type(validation).__name__}")
    inputs, targets = validation
    return check_set(model, inputs, targets, loss, "validation ")


def check_optimizer(model: Module, optimizer: Any) -> Optimizer:
    """The optimizer, if it is one of this model; plain gradient descent, if there is none."""
    if optimizer is None:
        return SGD(model.parameters())
    if isinstance(optimizer, type) and issubclass(optimizer, Optimizer):
        name = optimizer.__name__
        raise TypeError(f"optimizer is the class {name}: make one for this model, {name}(model.parameters())")
    if not isinstance(optimizer, Optimizer):
        raise wrong_type("optimizer", "one such as SGD(model.parameters())", optimizer)
    own = model.parameters()
    if optimizer.parameters[0] not in own[:1] and {*own}.isdisjoint(optimizer.parameters):
        raise ValueError("the optimizer holds no parameter of this model: make it from model.parameters()")
    return optimizer
