"""Samples, outputs and metrics as arrays: whole sets at once, for the native backend."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from nn.metrics import THRESHOLDS, Metric, sample_metrics
from nn.samples import ArrayRows, Rows

Array: TypeAlias = NDArray[Any]


def as_array(rows: Rows) -> Array:
    """Samples or targets as an array of floats, one row for each."""
    array: Array = rows.array if isinstance(rows, ArrayRows) else np.array(rows)
    return np.ascontiguousarray(array, np.float64)


def plain_array(rows: Rows) -> Array:
    """Targets as an array of what the user gave: whole numbers stay whole."""
    return rows.array if isinstance(rows, ArrayRows) else np.array(rows)


def array_metrics(metrics: Mapping[str, Metric], outputs: Array, targets: Array) -> list[Array]:
    """Each metric for each sample, of an array with one row of outputs for each: at once where the metric is an accuracy."""
    found = []
    for name, metric in metrics.items():
        if metric in THRESHOLDS:
            found.append(_right(outputs, targets, *THRESHOLDS[metric]))
        else:
            pairs = zip(outputs.tolist(), targets.tolist(), strict=True)
            found.append(np.array([sample_metrics({name: metric}, *pair)[0] for pair in pairs]))
    return found


def _right(outputs: Array, targets: Array, threshold: float, target_threshold: float) -> Array:
    """Of which samples the predicted class is that of the target."""
    if outputs.shape[1] == 1:
        right = (outputs[:, 0] > threshold) == (targets.reshape(len(targets)) > target_threshold)
    else:
        right = outputs.argmax(1) == (targets.argmax(1) if targets.ndim > 1 else targets)
    known: Array = right & ~np.isnan(outputs).any(1)
    return known
