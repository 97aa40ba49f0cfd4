"""Samples, outputs and metrics as arrays: whole sets at once, for the native backend."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from nn.losses import mae, mse
from nn.metrics import THRESHOLDS, AnyMetric, ClassMetric, Counted, Metric, SetMetric, Tally, sample_metric
from nn.samples import ArrayRows, Rows, WeightedRows
from nn.several import SeveralRows

Array: TypeAlias = NDArray[Any]
READ: Final = [np.dtype(name) for name in ("float64", "float32", "uint8")]  # what machine code reads without a copy


def as_array(rows: Rows, part: slice = slice(None)) -> Array:
    """Samples or targets, or a part of them, as an array of floats, one row for each.

    The weight of a sample is the last number of its target.
    """
    if isinstance(rows, WeightedRows):
        targets = as_array(rows.targets, part)
        return np.column_stack([targets.reshape(len(targets), -1), np.array(rows.weights[part])])
    if isinstance(rows, SeveralRows):
        columns = [as_array(column, part) for column in rows.columns]
        return np.column_stack([column.reshape(len(column), -1) for column in columns])
    array: Array = rows.array[part] if isinstance(rows, ArrayRows) else np.array(rows[part])
    return np.ascontiguousarray(array, np.float64)


def source_array(rows: Rows) -> Array:
    """Samples or targets as an array of a type that machine code reads: as they are, if it reads that, else of floats."""
    array = rows.array if isinstance(rows, ArrayRows) else None
    if array is None or array.dtype not in READ:
        return as_array(rows)
    return np.ascontiguousarray(array)


def plain_array(rows: Rows) -> Array:
    """Targets as an array of what the user gave: whole numbers stay whole, and weights are left out."""
    if isinstance(rows, WeightedRows):
        return plain_array(rows.targets)
    return rows.array if isinstance(rows, ArrayRows) else np.array(rows)


def array_weights(rows: Rows) -> Array | None:
    """The weights of the samples, if they have such."""
    return np.array(rows.weights) if isinstance(rows, WeightedRows) else None


def array_metrics(
    metrics: Mapping[str, AnyMetric], outputs: Array, targets: Array, weights: Array | None = None
) -> dict[str, Array]:
    """Each metric of several sets of as many samples.

    Arguments:
        metrics: by name.
        outputs: of each set, of each sample, a row.
        targets, weights: of each set, of each sample.
    """
    found: dict[str, Array] = {}
    for name, metric in metrics.items():
        if isinstance(metric, SetMetric | ClassMetric):
            several = range(len(outputs))
            found[name] = np.array(
                [of_set(metric, outputs[k], targets[k], None if weights is None else weights[k]) for k in several], object
            )
            continue
        column = of_each(name, metric, outputs.reshape(-1, outputs.shape[2]), targets.reshape(-1, *targets.shape[2:]))
        numbers = column.reshape(outputs.shape[:2])
        found[name] = (numbers if weights is None else numbers * weights).mean(1)
    return found


def of_set(metric: SetMetric | ClassMetric, outputs: Array, targets: Array, weights: Array | None) -> float:
    """A metric of one set."""
    shares = None if weights is None else weights.tolist()
    if isinstance(metric, SetMetric):
        return metric.compute(outputs.tolist(), targets.tolist(), shares)
    found, true = classes(outputs, targets, *metric.thresholds)
    return metric.of_classes(true.astype(int).tolist(), found.astype(int).tolist(), max(2, outputs.shape[1]), shares)


def of_each(name: str, metric: Metric, outputs: Array, targets: Array) -> Array:
    """A metric for each sample: at once where it is one of ours."""
    if metric in THRESHOLDS:
        found, true = classes(outputs, targets, *THRESHOLDS[metric])
        return np.asarray((found == true) & ~np.isnan(outputs).any(1))
    if metric in (mse, mae) and targets.reshape(len(targets), -1).shape == outputs.shape:
        error = outputs - targets.reshape(outputs.shape)
        return np.asarray((error**2 if metric is mse else abs(error)).mean(1))
    pairs = zip(outputs.tolist(), targets.tolist(), strict=True)
    return np.array([sample_metric(name, metric, output, target) for output, target in pairs])


def classes(outputs: Array, targets: Array, threshold: float, target_threshold: float) -> tuple[Array, Array]:
    """The class that is predicted for each sample, and the true one."""
    if outputs.shape[1] == 1:
        return outputs[:, 0] > threshold, targets.reshape(len(targets)) > target_threshold
    return outputs.argmax(1), targets.argmax(1) if targets.ndim > 1 else targets


def add_samples(tally: Tally, losses: Array, outputs: Array, targets: Array, weights: Array | None) -> None:
    """Take samples into a tally at once: their losses, and a row of outputs, the target and the weight of each."""
    for name in tally.sums:
        metric: Any = tally.metrics.get(name)
        column = losses if metric is None else of_each(name, metric, outputs, targets) * (1.0 if weights is None else weights)
        tally.sums[name] += float(column.sum())
    tally.count += len(losses)
    if tally.keeps:
        ones = np.ones(len(losses)) if weights is None else weights
        counted = Counted({}, 0, outputs.tolist(), targets.tolist(), ones.tolist())
        tally.take(counted)
