"""What a trained model says of data: its outputs, the classes that it predicts, and how good they are."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any, Final
from weakref import WeakKeyDictionary

from autograd_lite.basics.arraylike import dimensions, is_plain_array, plain
from autograd_lite.basics.checks import real, wrong_value
from autograd_lite.basics.elsewhere import answers_calls
from nn.backends.choice import check_backend, fall_back
from nn.backends.eager import output_rows
from nn.backends.forward import RecordedForward, forward_of, kept_forward, measured
from nn.backends.known import known_of
from nn.finding import count_values
from nn.layers import Layer, Sequential
from nn.losses import Loss, loss_function, weighted
from nn.metrics import Metric, Undefined, measure, metric_functions, output_numbers, predicted_class
from nn.module import Module, check_model, evaluating
from nn.neurons import Neuron
from nn.samples import AT_LEAST_ONE, ArrayRows, Rows, WeightedRows, check_inputs, check_set, check_weights, first_output
from nn.several import SeveralRows, answer, arity, is_several
from nn.tables import Table, list_table, plain_row

SMALL: Final = 100_000  # weights times samples: up to so many, the eager engine takes less time than to record
NO_TARGET: Final = (0.0,)  # in the place of the target of one sample


@answers_calls
def outputs(model: Module, inputs: Any, *, backend: str = "auto") -> Any:
    """The outputs of a model for many samples, in evaluation mode: an array with one row for each sample.

    The model is recorded once; later calls run the recording with the weights that the model has then.

    Arguments:
        model: any model that gives one Value, or several in a list.
        inputs: one sample each, as `fit` takes them: lists, an array, a data frame, a tensor.
        backend: "eager", "python" or "native"; "auto" is the fastest that is installed, and warns where it has to be eager. A
            few samples are given to the eager engine, until they have taken as long as a recording would have.

    Returns:
        An array of NumPy's; a list of lists where NumPy is not installed.

    Raises:
        ValueError, TypeError: the samples do not fit the model, or the backend cannot run it.

    Example:
        >>> from nn import MLP, outputs
        >>> model = MLP(2, [3, 2], seed=0)
        >>> outputs(model, [[1.0, 0.0], [0.0, 1.0], [0.5, 0.5]]).shape
        (3, 2)
    """
    check_model(model)
    rows = check_inputs(model, inputs)
    if not rows:
        raise wrong_value("the inputs", AT_LEAST_ONE, inputs)
    nothing = [0.0] * len(rows)  # in the place of targets
    forward = compiled(model, None, rows, nothing, backend)
    if forward is not None:  # of such samples, so that there is no need to try one
        return as_rows(forward.run(rows, nothing)[1])
    try:
        return as_rows(output_rows(model, rows))
    except (TypeError, ValueError):
        with evaluating(model):
            first_output(model, rows)  # has more to say of samples that are not as the model takes them
        raise


@answers_calls
def predict(model: Module, x: Any, threshold: float = 0.5) -> Any:
    """The class that the model predicts (D18), in evaluation mode: the output node with the highest activation.

    Arguments:
        model: any model.
        x: one sample, or many as `outputs` takes them.
        threshold: with one output node the class is 1 if the output is above it, else 0.

    Returns:
        The class of the one sample, or an array of classes (a list where NumPy is not installed).

    Raises:
        ValueError: an output is NaN.

    Example:
        >>> from nn import Sequential, Layer, predict
        >>> model = Sequential(Layer(2, 3, "identity", init=lambda nin, nout, random: 1.0))
        >>> model.layers[0].neurons[1].b.data = 5.0
        >>> predict(model, [0.5, -1.0])
        1
        >>> predict(model, [[0.5, -1.0], [2.0, 2.0]])
        array([1, 1])
    """
    check_model(model)
    if math.isnan(real("threshold", threshold)):
        raise wrong_value("threshold", "a number", threshold)
    x = list(x) if isinstance(x, Iterator) else x  # many samples: one has an end that is known
    output = output_of_one(model, x)
    if output is not None:
        check_numbers(output, "")
        return predicted_class(output, threshold)
    results = outputs(model, x)
    for i, row in enumerate(results) if isinstance(results, list) or (results != results).any() else ():
        check_numbers(row, f"sample {i}: ")
    if isinstance(results, list):
        return [predicted_class(row, threshold) for row in results]
    return results.argmax(1) if results.shape[1] > 1 else (results[:, 0] > threshold).astype(int)


@answers_calls
def evaluate(
    model: Module,
    inputs: Any,
    targets: Any,
    loss: str | Loss = "mse",
    metrics: Sequence[str | Metric] | None = None,
    *,
    sample_weight: Any = None,
    backend: str = "auto",
) -> dict[str, float]:
    """The mean loss (D16) and the metrics over a set, in evaluation mode. The arguments are those of `fit`.

    A metric that is not defined for this set (the precision of a class that is never predicted, r2 of constant targets) is what
    scikit-learn takes it for, and a warning says so.

    Example:
        >>> from nn import MLP, datasets, evaluate
        >>> inputs, targets = datasets.xor()
        >>> sorted(evaluate(MLP(2, [2], seed=0), inputs, targets, "cross_entropy"))
        ['accuracy', 'loss']
    """
    check_model(model)
    f = loss_function(loss)
    chosen = metric_functions(metrics, f)
    rows, unweighted = check_set(model, inputs, targets, f, tried=known_of(model).tried)
    wanted = check_weights(sample_weight, unweighted)
    if isinstance(wanted, WeightedRows):
        f = partial(weighted, f)
    forward = compiled(model, f, rows, wanted, backend)
    found = measure(model, rows, wanted, f, chosen) if forward is None else measured(forward, chosen, rows, wanted)
    for number in found.values():
        if isinstance(number, Undefined):
            warnings.warn(number.reason, stacklevel=3)
    return {name: float(number) for name, number in found.items()}


def compiled(model: Module, loss: Loss | None, rows: Rows, targets: Rows, backend: str) -> RecordedForward | None:
    """What runs a set through the model without a graph; None if the eager engine is to do it."""
    check_backend(backend)
    if backend == "eager":
        return None
    kept = kept_forward(model, loss, rows, targets, backend)
    if kept is not None:
        return kept
    work = len(rows) * count_values(model)
    if backend == "auto" and work <= SMALL:
        return recorded_in_time(model, loss, rows, targets, work)
    try:
        return forward_of(model, loss, rows, targets, backend)
    except Exception as error:
        with evaluating(model):
            first_output(model, rows)  # raises what there is to say of samples that do not fit

        def works() -> None:
            with evaluating(model):
                output = answer(model, rows[0])
                if loss is not None:
                    loss(output, targets[0])

        fall_back(backend, error, works, "model", stacklevel=5)
        return None


_done: WeakKeyDictionary[Module, float] = WeakKeyDictionary()  # weights times samples that were computed eagerly


def recorded_in_time(model: Module, loss: Loss | None, rows: Rows, targets: Rows, work: int) -> RecordedForward | None:
    """A recording, if the eager engine has done so much for the model that it will save time; else None.

    So a single call of few samples does not wait, and many of them are not slow. `work` is what this call asks for.
    """
    try:
        done = _done[model] = _done.get(model, 0.0) + work
    except TypeError:  # a module that cannot be a key, so that no recording of it is kept either
        return None
    if done <= SMALL:
        return None
    try:
        forward = forward_of(model, loss, rows, targets, "auto")
    except Exception:  # what is wrong with the samples, the eager engine says
        _done[model] = -math.inf  # no further try
        return None
    _done[model] = 0.0
    return forward


def output_of_one(model: Module, x: Any) -> Any:
    """The output of the model for `x` as one sample; None if it is many."""
    several, nested = is_several(model, x), dimensions(x)
    if not several and (arity(model)[0] > 1 or (nested > 1 and takes_vectors(model))):
        return None
    parts = [part if is_plain_array(part) else plain_row(part, "the inputs") for part in (x if several else (x,))]
    rows = set_of_one(parts, several)
    if rows is not None and (forward := kept_forward(model, None, rows, NO_TARGET, "auto")) is not None:
        return forward.run(rows, NO_TARGET)[1][0]
    try:
        with evaluating(model):
            output = model(*map(plain, parts))
    except (TypeError, ValueError):
        if nested and not several and not takes_vectors(model):
            return None
        raise
    if rows is not None:
        recorded_in_time(model, None, rows, NO_TARGET, count_values(model))  # for the next sample
    return output


def set_of_one(parts: Sequence[Any], several: bool) -> Rows | None:
    """One sample, of `several` inputs or one, as a set; None if it is not of numbers alone, but of Values, say."""
    columns: list[Rows] = []
    for part in parts:
        table = Table(part[None]) if is_plain_array(part) else list_table([part], "the inputs")
        if isinstance(table, list):
            return None
        columns.append(ArrayRows(table.array))
    return SeveralRows(columns) if several else columns[0]


def takes_vectors(model: Module) -> bool:
    """Whether it is known that a sample of the model is a list of numbers."""
    while isinstance(model, Sequential):
        model = model.layers[0]
    return isinstance(model, Layer | Neuron)


def check_numbers(output: Any, where: str) -> None:
    """Raise a ValueError if there is a NaN among the outputs of a sample."""
    for j, a in enumerate(output_numbers(output)):
        if a != a:
            raise ValueError(f"{where}output {j} is nan, so none is the highest: look for nan in the sample or in the weights")


def as_rows(rows: Any) -> Any:
    """Rows of outputs as an array, where NumPy is installed."""
    try:
        import numpy
    except ImportError:
        return [list(row) for row in rows]
    return numpy.asarray(rows, float)
