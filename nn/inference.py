"""What a trained model says of data: its outputs, the classes that it predicts, and how good they are."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from functools import partial
from typing import Any, Final

from autograd_lite.basics.arraylike import dimensions, plain
from autograd_lite.basics.checks import wrong_type, wrong_value
from nn.backends.choice import check_backend, fall_back
from nn.backends.eager import output_rows
from nn.backends.forward import RecordedForward, forward_of, measured
from nn.finding import count_values
from nn.layers import Layer, Sequential
from nn.losses import Loss, loss_function, weighted
from nn.metrics import Metric, Undefined, measure, metric_functions, output_numbers, predicted_class
from nn.module import Module, evaluating
from nn.neurons import Neuron
from nn.samples import AT_LEAST_ONE, Rows, WeightedRows, check_inputs, check_set, check_weights, first_output
from nn.several import answer, arity, is_several

SMALL: Final = 100_000  # weights times samples: up to so many, the eager engine takes less time than to record


def outputs(model: Module, inputs: Any, *, backend: str = "auto") -> Any:
    """The outputs of a model for many samples, in evaluation mode: an array with one row for each sample.

    The model is recorded once; later calls run the recording with the weights that the model has then.

    Arguments:
        model: any model that gives one Value, or several in a list.
        inputs: one sample each, as `fit` takes them: lists, an array, a data frame, a tensor.
        backend: "eager", "python" or "native"; "auto" is the fastest that is installed, and warns where it has to be eager.

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
    with evaluating(model):
        first_output(model, rows)
    return as_rows(output_rows(model, rows))


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
    rows, unweighted = check_set(model, inputs, targets, f)
    wanted = check_weights(sample_weight, unweighted)
    if isinstance(wanted, WeightedRows):
        f = partial(weighted, f)
    forward = compiled(model, f, rows, wanted, backend)
    found = measure(model, rows, wanted, f, chosen) if forward is None else measured(forward, chosen, rows, wanted)
    for number in found.values():
        if isinstance(number, Undefined):
            warnings.warn(number.reason, stacklevel=2)
    return {name: float(number) for name, number in found.items()}


def check_model(model: Any) -> None:
    """Raise a TypeError for what is no model."""
    if not isinstance(model, Module):
        raise wrong_type("model", "a Module", model)


def compiled(model: Module, loss: Loss | None, rows: Rows, targets: Rows, backend: str) -> RecordedForward | None:
    """What runs a set through the model without a graph; None if the eager engine is to do it."""
    check_backend(backend)
    if backend == "eager" or (backend == "auto" and len(rows) * count_values(model) <= SMALL):
        return None
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

        fall_back(backend, error, works, "model", stacklevel=4)
        return None


def output_of_one(model: Module, x: Any) -> Any:
    """The output of the model for `x` as one sample; None if it is many."""
    if is_several(model, x):
        with evaluating(model):
            return model(*map(plain, x))
    if arity(model)[0] > 1:
        return None
    nested = dimensions(x)
    if nested > 1 and takes_vectors(model):
        return None
    try:
        with evaluating(model):
            return model(plain(x))
    except (TypeError, ValueError):
        if nested and not takes_vectors(model):
            return None
        raise


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
