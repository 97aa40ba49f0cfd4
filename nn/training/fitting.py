"""`fit`: what a user gives to train a model, checked before any work is done, and then handed to a run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import nullcontext
from functools import partial
from numbers import Integral, Real
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any, TypeAlias

from autograd_lite import Value
from autograd_lite.basics.arraylike import is_sequence
from autograd_lite.basics.checks import check_callable, one_of, whole_number, wrong_type, wrong_value
from autograd_lite.basics.elsewhere import answers_calls
from nn.backends.backend import Training
from nn.backends.choice import check_backend, make_backend
from nn.backends.known import known_of
from nn.files.locking import only_writer
from nn.losses import Loss, base_of, loss_function, weighted
from nn.metrics import ACCURACY, Metric, metric_functions
from nn.module import Module, check_model, is_trained
from nn.named import library_of
from nn.optimizers import OPTIMIZERS, SGD, Optimizer
from nn.preparation import chosen_rows, size_held_out, split_rows
from nn.samples import Rows, WeightedRows, as_weighted, check_columns, check_set, check_weights, column_names
from nn.schedules import ReduceLROnPlateau, Schedule, cosine, step_decay, warm_up
from nn.training.checkpoint import Checkpoint
from nn.training.history import History
from nn.training.options import Callback, RunOptions
from nn.training.run import Run, interrupted_before, progress_bar

if TYPE_CHECKING:
    from nn.cluster import Setting


@answers_calls
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
    validation: tuple[Any, ...] | float | None = None,
    sample_weight: Any = None,
    metrics: Sequence[str | Metric] | None = None,
    schedule: Schedule | ReduceLROnPlateau | None = None,
    clip_norm: float | None = None,
    patience: int | None = None,
    callbacks: Sequence[Callback] = (),
    backend: str = "auto",
    dtype: str = "float64",
    progress: bool = True,
    checkpoint: str | Path | None = None,
    cluster: Any = None,
    shares: int | None = None,
    local_steps: int = 1,
) -> History:
    """Train a model: in each epoch all samples once, in batches, one step of the optimizer for each batch (D17).

    Ctrl-C ends the run and leaves the best weights so far in the model; the history says so, also where no epoch is over.

    Arguments:
        model: any `Module` whose output the loss can take.
        inputs: one sample each: a sequence of finite numbers, all of one length; or a table of such. Lists, an array, a data
            frame, a tensor. Of a model that takes several inputs, `forward(self, x, h)`, a tuple of them for each sample.
        targets: one target for each input: what the loss takes (a number, a class, a sequence).
        loss: the name of a loss of this package, or a function of `(output, target)` that gives a Value.
        optimizer: made from `model.parameters()`; plain gradient descent, `SGD(lr=0.1)`, if not given.
        epochs: passes over the data, at least 1.
        batch_size: samples in a step, at least 1; the last batch of an epoch may be smaller.
        shuffle: whether the samples come in a new order in each epoch.
        seed: for the same run again, to the bit; one drawn by Python's `random`, kept in the history, if not given.
        validation: `(inputs, targets)`, or these and weights, to measure after each epoch; or the share of the samples to hold
            out for it, such as 0.2. Which they are depends on their number and classes alone: for others `train_test_split`.
        sample_weight: how much each sample counts, at least 0; the loss and all that is measured are weighted means then.
        metrics: names, or functions of `(output, target)`; the default is the accuracy for losses of classification. By name
            there are accuracy, mse, mae, r2, precision, recall, f1, as scikit-learn defines them: the last three of class 1, or
            of more than two classes the mean over them ("macro"). Functions get plain numbers, on every backend: a list of the
            outputs, or the one output there is.
        schedule: the factor of the learning rate over time: `step_decay`, `cosine`, `warm_up`, `ReduceLROnPlateau`.
        clip_norm: the largest norm of the gradient; a longer one is scaled down.
        patience: stop after so many epochs without a better validation loss (or loss), with the best weights.
        callbacks: called with `(epoch, model, history)` after each epoch, which counts from 1; a true result ends the run. They
            may change the model, the loss and the optimizer's settings, but not its learning rate, which the schedule gives.
        backend: "eager", "python" or "native" (both compiled); "auto" is the fastest that is installed. Threads are those that
            BLAS takes for a native batch's matrix products: the environment's OPENBLAS_NUM_THREADS says how many.
        dtype: what the training is computed with: "float32" takes half the memory and time, and needs the native backend.
        progress: whether to show a progress bar on stderr.
        checkpoint: a file to write at once and after each epoch; if it exists, the run goes on from it, to the same bits as if
            unbroken. One run at a time has it.
        cluster: a `dask.distributed.Client`, for the samples to be shared out among its workers; they may be Dask's then.
        shares: with a cluster into how many shares the samples are cut; one for each thread of the workers, if not given. The
            same number of shares gives the same bits, whoever works on them.
        local_steps: with a cluster how many steps each share takes alone before weights are averaged. With 1 the optimizer
            takes one step for all by the mean gradient of the batch, as it does without a cluster.

    Returns:
        The mean loss and metrics of each epoch: of the training samples as they were met, of the validation set at its end.

    Raises:
        ValueError: data that does not fit (an empty set, unequal counts or lengths, NaN, labels out of range), a setting out of
            its range, a checkpoint of another run.
        TypeError: a model, loss or optimizer of the wrong kind.
        OSError: the checkpoint cannot be written; the one before is left whole. Another run has it; the message says which.
        nn.cluster.ClusterLostError: the cluster is gone; the checkpoint is whole.
        autograd_lite.parcels.VersionsDifferError: a worker runs other versions of what decides the bits.
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
    check_model(model)
    epochs, batch_size = whole_number("epochs", epochs), whole_number("batch_size", batch_size)
    patience = None if patience is None else whole_number("patience", patience)
    seed = check_seed(seed)
    check_clip_norm(clip_norm)
    check_functions(schedule, callbacks)
    check_backend(backend)
    one_of("dtype", dtype, ("float64", "float32"))
    f = loss_function(loss)
    measured = metric_functions(metrics, f)
    with progress_bar(progress) as bar:
        bar.set_description_str("checking the data")
        try:
            setting = cluster_setting(cluster, shares, local_steps)
            if setting is not None:
                setting.check_weights(inputs, targets, sample_weight, validation)
            known = known_of(model)
            check = partial(check_set, tried=known.tried) if setting is None else setting.check_set
            rows, wanted = check(model, inputs, targets, f)
            f, (rows, wanted), held_out = check_sets(model, f, (rows, check_weights(sample_weight, wanted)), validation, check)
            own, tell = known.parameters(model), bar.set_description_str
            optimizer = check_optimizer(own, optimizer)
            training = Training(model, rows, wanted, f, measured, optimizer, clip_norm, batch_size, tell, dtype, own)
            options = RunOptions(epochs, shuffle, seed, held_out, schedule, patience, tuple(callbacks))
            runner = make_backend(backend, training) if setting is None else setting.make_backend(backend, training, held_out)
        except KeyboardInterrupt:
            bar.close()
            return interrupted_before(seed)
        file = None if checkpoint is None else Checkpoint(Path(checkpoint), training, options, runner.name)
        with only_writer(checkpoint) if checkpoint is not None else nullcontext():
            return Run(training, options, runner, file).train(bar)


def cluster_setting(cluster: Any, shares: int | None, local_steps: int) -> Setting | None:
    """Where the training runs, if it is given a cluster."""
    if cluster is None:
        if shares is not None or local_steps != 1:
            raise wrong_value("cluster", "given with shares or local_steps", cluster, "cluster=Client(...)")
        return None
    from nn.cluster import Setting

    return Setting(cluster, shares, local_steps)


def check_functions(schedule: Any, callbacks: Sequence[Any]) -> None:
    """Check that what is called during the run can be called."""
    is_maker = any(schedule is maker for maker in (step_decay, cosine, warm_up, ReduceLROnPlateau))
    if is_maker or isinstance(schedule, type) or library_of(schedule):
        way_out = f"call it, {schedule.__name__}(...)" if is_maker else "such as step_decay(10), or cosine()"
        raise wrong_type("schedule", "a function of (epochs done, epochs in all)", schedule, way_out)
    if schedule is not None and not isinstance(schedule, ReduceLROnPlateau):
        check_callable("schedule", schedule, "epochs done", "epochs in all")
    if callable(callbacks) or not isinstance(callbacks, Iterable):
        raise wrong_type("callbacks", "a list of functions", callbacks, "callbacks=[it]" if callable(callbacks) else "")
    for position, callback in enumerate(callbacks):
        check_callable(f"callbacks[{position}]", callback, "epoch", "model", "history")


def check_seed(seed: Any) -> int | None:
    """The seed as a plain int, if there is one."""
    if seed is not None and not isinstance(seed, Integral):
        raise wrong_type("seed", "a whole number", seed)
    return None if seed is None else int(seed)


def check_clip_norm(clip_norm: Any) -> None:
    """Check the largest norm, if there is one."""
    if clip_norm is not None and (not isinstance(clip_norm, Real) or not float(clip_norm) > 0):
        raise wrong_value("clip_norm", "a number above 0", clip_norm)


Held: TypeAlias = tuple[Rows, Rows]  # samples, and their targets


def check_sets(
    model: Module, loss: Loss, learned: Held, validation: Any, check: Callable[..., Held]
) -> tuple[Loss, Held, Held | None]:
    """The samples and targets to learn from, and those to validate with, with the loss that fits the weights of both.

    Arguments:
        model, loss: what they are for.
        learned: all that may be learned from; some are held out of it, if `validation` is a share.
        validation: as the user gave it.
        check: checks the samples and targets of a set.
    """
    held_out: Held | None
    if isinstance(validation, Real) and not isinstance(validation, bool):
        learned, held_out = hold_out(*learned, validation, base_of(loss) in ACCURACY)
    else:
        held_out = check_validation(model, validation, loss, check)
        if held_out is not None:
            check_columns("the validation inputs", held_out[0], column_names(learned[0]), "the inputs")
            names = column_names(learned[1])
            if len(names) > 1:  # one by itself is the target, whatever it is called
                check_columns("the validation targets", held_out[1], names, "the targets")
    rows, wanted = learned
    loss, wanted, held_out = with_weights(loss, wanted, held_out)
    return loss, (rows, wanted), held_out


def check_validation(model: Module, validation: Any, loss: Loss, check: Callable[..., Held] = check_set) -> Held | None:
    """The samples and targets of the validation set, if there is one."""
    if validation is None:
        return None
    if not (isinstance(validation, tuple) and len(validation) in (2, 3)):
        kinds = "a tuple (inputs, targets), a third part in it their weights, or a share such as 0.2"
        raise wrong_type("validation", kinds, validation)
    inputs, targets, *weights = validation
    rows, wanted = check(model, inputs, targets, loss, "validation ")
    return rows, check_weights(weights[0] if weights else None, wanted, "validation ")


def hold_out(rows: Rows, targets: Rows, share: Any, classes: bool) -> tuple[Held, Held]:
    """The samples and targets to learn from, and those to validate with; of `classes` each in its proportion."""
    size_held_out(len(rows), share, "validation")
    plain = targets.targets if isinstance(targets, WeightedRows) else targets
    labels = list(plain) if classes and not is_sequence(plain[0]) else None
    learn, test = (sorted(part) for part in split_rows(len(rows), share, Random("validation"), labels))
    return (chosen_rows(rows, learn), chosen_rows(targets, learn)), (chosen_rows(rows, test), chosen_rows(targets, test))


def with_weights(loss: Loss, targets: Rows, held_out: Held | None) -> tuple[Loss, Rows, Held | None]:
    """The loss, times the weights of the samples, if those to learn from or those to validate with have such.

    Then the others have weights too, all of them 1: there is one loss for both.
    """
    wanted = None if held_out is None else held_out[1]
    if not isinstance(targets, WeightedRows) and not isinstance(wanted, WeightedRows):
        return loss, targets, held_out
    if held_out is not None:
        held_out = held_out[0], as_weighted(held_out[1])
    return partial(weighted, loss), as_weighted(targets), held_out


def check_optimizer(own: Sequence[Value], optimizer: Any) -> Optimizer:
    """The optimizer, if it is one of the model with these parameters; plain gradient descent, if there is none."""
    if optimizer is None:
        optimizer = SGD(own)
    if not isinstance(optimizer, Optimizer):
        is_class = isinstance(optimizer, type) and issubclass(optimizer, Optimizer)
        named = {name.lower(): kind for name, kind in OPTIMIZERS.items()}
        kind = optimizer if is_class else named.get(optimizer.lower()) if isinstance(optimizer, str) else None
        way_out = f"make one for this model, {kind.__name__}(model.parameters())" if kind else ""
        raise wrong_type("optimizer", "one such as SGD(model.parameters())", optimizer, way_out)
    if optimizer.parameters[0] not in own[:1] and {*own}.isdisjoint(optimizer.parameters):
        raise wrong_value("optimizer", "made from model.parameters()", optimizer, told="one without a parameter of this model")
    if not any(map(is_trained, optimizer.parameters)):
        raise ValueError("all parameters are frozen, so there is nothing to train: model.requires_grad_() thaws them")
    return optimizer
