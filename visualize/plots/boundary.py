"""Where a model decides: the plane between its classes, with the samples."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from autograd_lite.basics.arraylike import plain
from autograd_lite.basics.checks import check_callable, whole_number, wrong_entry, wrong_length, wrong_value
from autograd_lite.basics.elsewhere import answers_calls
from autograd_lite.modes import no_grad
from autograd_lite.operands import data_of
from visualize.plots.axes import COLORS, numbers_of, opened

if TYPE_CHECKING:
    from matplotlib.axes import Axes

PER_CURVE = 200  # points of a grid along each axis, at most


@answers_calls
def plot_decision_boundary(
    model: Callable[[list[float]], Any],
    inputs: Iterable[Sequence[float]],
    targets: Iterable[Any],
    to: str | os.PathLike[str] | Axes | None = None,
    *,
    threshold: float | None = None,
    resolution: int = 60,
) -> Axes:
    """Plot how a model divides the plane between classes, with the samples.

    Arguments:
        model: a function of two numbers in a list, to one number or a list of one for each class.
        inputs: the samples, two numbers each.
        targets: the class of each sample.
        to: a file to write, or a matplotlib axis to draw on; if not given, an axis of a new figure.
        threshold: where one output divides the classes; if not given, in the middle of the two targets.
        resolution: the number of points along each axis, from 2 to 200, at which the model is asked.

    Returns:
        The axis.

    Raises:
        ImportError: matplotlib is not installed.
        TypeError: a sample that is no list of numbers, or `to` is neither a path nor an axis.
        ValueError: no samples, samples that are not of two finite numbers, another number of targets, one that is no class, a
            resolution out of range, or a model that gives a number that is not finite.

    Example:
        >>> from visualize import plot_decision_boundary
        >>> axis = plot_decision_boundary(lambda x: x[0] - x[1], [[0, 1], [1, 0]], [-1, 1], resolution=10)
        >>> axis.get_xlabel()
        'x₁'
    """
    check_callable("model", model)
    points, classes = _points(inputs), _classes(targets)
    if len(points) != len(classes):
        raise wrong_length("targets", len(points), "", "sample", len(classes))
    if whole_number("resolution", resolution, 2) > PER_CURVE:
        raise wrong_value("resolution", f"at most {PER_CURVE}", resolution)
    axis, finish = opened(to)
    across, up = (_ticks([point[i] for point in points], resolution) for i in (0, 1))
    outputs = _outputs(model, across, up)
    kinds = sorted(set(classes))
    if isinstance(outputs[0][0], list):
        colors = _colors_of_classes(classes, len(outputs[0][0]))
        _fill_classes(axis, across, up, outputs)
    else:
        colors = dict(zip(kinds, COLORS * len(kinds), strict=False))
        _fill_sides(axis, across, up, outputs, (kinds[0] + kinds[-1]) / 2 if threshold is None else threshold)
    for kind in kinds:
        mine = [point for point, label in zip(points, classes, strict=True) if label == kind]
        across_mine, up_mine = [x for x, _ in mine], [y for _, y in mine]
        axis.scatter(across_mine, up_mine, color=colors[kind], edgecolors="white", linewidths=0.6, s=28, label=f"{kind:g}")
    axis.set_xlabel("x₁")
    axis.set_ylabel("x₂")
    axis.legend(title="class")
    finish()
    return axis


def _points(inputs: Iterable[Sequence[float]]) -> list[list[float]]:
    """The samples as points of the plane."""
    points = [numbers_of(f"sample {position}", sample) for position, sample in enumerate(inputs)]
    if not points:
        raise wrong_value("inputs", "at least one sample", inputs)
    for position, point in enumerate(points):
        if len(point) != 2 or not all(map(math.isfinite, point)):
            raise wrong_entry(f"sample {position}", "2 finite numbers, a place in the plane", point)
    return points


def _classes(targets: Iterable[Any]) -> list[float]:
    """The samples' classes, each a number."""
    classes = [_scores(target) for target in targets]
    for position, kind in enumerate(classes):
        if isinstance(kind, list):
            raise wrong_value(f"target {position}", "the number of a class", kind, "of a one-hot list, where its 1 is")
    return classes


def _outputs(model: Callable[[list[float]], Any], across: list[float], up: list[float]) -> list[list[Any]]:
    """What the model gives at each point of a grid, row by row."""
    with no_grad():
        outputs = [[_scores(model([x, y])) for x in across] for y in up]
    for y, row in zip(up, outputs, strict=True):
        for x, out in zip(across, row, strict=True):
            if not all(map(math.isfinite, out if isinstance(out, list) else [out])):
                raise wrong_entry(f"what the model gives at {[x, y]}", "finite numbers", out)
    return outputs


def _colors_of_classes(classes: list[float], count: int) -> dict[float, str]:
    """The colour of each class that a sample has, of a model that knows so many."""
    for position, kind in enumerate(classes):
        if kind not in range(count):
            raise wrong_value(f"target {position}", f"one of the model's classes, 0 to {count - 1}", kind)
    return {kind: COLORS[int(kind) % len(COLORS)] for kind in classes}


def _fill_classes(axis: Axes, across: list[float], up: list[float], outputs: list[list[list[float]]]) -> None:
    """Colour where each class leads. By how much it leads is what is drawn, so that boundaries are not steps of the grid."""
    for k in range(len(outputs[0][0])):
        leads = [[out[k] - max(out[:k] + out[k + 1 :]) for out in row] for row in outputs]
        if any(lead > 0 for row in leads for lead in row):
            axis.contourf(across, up, leads, levels=[0, math.inf], colors=[COLORS[k % len(COLORS)]], alpha=0.25)


def _fill_sides(axis: Axes, across: list[float], up: list[float], outputs: list[list[float]], middle: float) -> None:
    """Colour where a single output is below the middle, and where it is above."""
    flat = [out for row in outputs for out in row]
    low, high = min(*flat, middle - 1e-9), max(*flat, middle + 1e-9)
    axis.contourf(across, up, outputs, levels=[low, middle, high], colors=[COLORS[0], COLORS[1]], alpha=0.25)


def _scores(output: Any) -> Any:
    """A model's output, or a target, as numbers: a list of one is that one."""
    output = plain(output)
    if isinstance(output, list | tuple):
        numbers = [_scores(item) for item in output]
        return numbers[0] if len(numbers) == 1 else numbers
    return float(data_of(output))


def _ticks(numbers: list[float], count: int) -> list[float]:
    margin = 0.1 * (max(numbers) - min(numbers)) or 1.0
    low, high = min(numbers) - margin, max(numbers) + margin
    return [low + (high - low) * i / (count - 1) for i in range(count)]
