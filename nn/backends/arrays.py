"""Samples, outputs and metrics as arrays: whole sets at once, for the native backend."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from autograd_lite.arraylike import plain
from nn.metrics import THRESHOLDS, Metric, metric_sums
from nn.samples import ArrayRows, Rows

Array: TypeAlias = NDArray[Any]


def as_array(rows: Rows) -> Array:
    """Samples or targets as an array of floats, one row for each."""
    array: Array = rows.array if isinstance(rows, ArrayRows) else np.array(rows, float)
    return array


def array_metric_sums(metrics: Mapping[str, Metric], outputs: Array, targets: Any) -> list[float]:
    """`metric_sums` of an array with one row of outputs for each sample: at once where the metric is an accuracy."""
    sums = []
    for name, metric in metrics.items():
        if metric in THRESHOLDS:
            sums.append(float(_right(outputs, np.asarray(targets), *THRESHOLDS[metric]).sum()))
        else:
            sums += metric_sums({name: metric}, outputs.tolist(), plain(targets))
    return sums


def _right(outputs: Array, targets: Array, threshold: float, target_threshold: float) -> Array:
    """Of which samples the predicted class is that of the target."""
    if outputs.shape[1] == 1:
        right = (outputs[:, 0] > threshold) == (targets.reshape(len(targets)) > target_threshold)
    else:
        right = outputs.argmax(1) == (targets.argmax(1) if targets.ndim > 1 else targets)
    known: Array = right & ~np.isnan(outputs).any(1)
    return known
