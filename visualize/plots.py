"""Plots of a training run, with matplotlib: its curves, where it decides, how large its gradients are."""

from __future__ import annotations

import io
import math
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from autograd_lite.value import Value
from visualize.files import write_whole

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLORS = ("#0b62c4", "#d9730d", "#2a8a57", "#8250c4", "#b3294e", "#5b6675")  # told apart with any kind of colour vision
PER_CURVE = 200  # points of a grid along each axis, at most


def plot_history(history: Mapping[str, Sequence[float]], to: str | os.PathLike[str] | Axes | None = None) -> Axes:
    """Plot what a training run measured: losses on the left axis, accuracies on the right one.

    Arguments:
        history: for each name ("loss", "val_loss", "accuracy" …) a list with one number for each epoch; what `nn.fit` returns.
        to: a file to write, or a matplotlib axis to draw on; if not given, an axis of a new figure.

    Returns:
        The axis.

    Raises:
        ImportError: matplotlib is not installed.
        TypeError: the history is no dictionary of lists of numbers, or `to` is neither a path nor an axis.
        ValueError: the history is empty.

    Example:
        >>> from visualize import plot_history
        >>> axis = plot_history({"loss": [0.9, 0.4, 0.2], "accuracy": [0.5, 0.8, 0.9]})
        >>> axis.get_xlabel()
        'epoch'
    """
    curves = {name: _numbers(f"history[{name!r}]", numbers) for name, numbers in _mapping("history", history).items()}
    curves = {name: numbers for name, numbers in curves.items() if numbers}
    if not curves:
        raise ValueError("the history is empty: there is no epoch to plot")
    axis, finish = _opened(to)
    shares = [name for name in curves if "accuracy" in name]
    rest = [name for name in curves if name not in shares]
    right = axis.twinx() if shares and rest else axis
    lines = []
    for count, name in enumerate([*rest, *shares]):
        numbers = curves[name]
        on = right if name in shares else axis
        style = "--" if name.startswith("val") else "-"
        marker = "o" if len(numbers) < 25 else ""
        lines += on.plot(
            range(1, len(numbers) + 1),
            numbers,
            style,
            color=COLORS[count % len(COLORS)],
            label=name,
            marker=marker,
            markersize=4,
        )
    axis.set_xlabel("epoch")
    axis.set_ylabel(", ".join(rest or shares))
    if right is not axis:
        right.set_ylabel(", ".join(shares))
    positive = [number for name in rest for number in curves[name]]
    if positive and min(positive) > 0 and max(positive) > 100 * min(positive):
        axis.set_yscale("log")
    axis.grid(alpha=0.25)
    axis.locator_params(axis="x", integer=True)
    labels = [str(line.get_label()) for line in lines]
    axis.legend(lines, labels, frameon=False, loc="lower center", bbox_to_anchor=(0.5, 1), ncols=min(4, len(lines)))
    finish()
    return axis


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
    points = [_numbers(f"sample {position}", sample) for position, sample in enumerate(inputs)]
    classes = [_plain(target) for target in targets]
    if not points:
        raise ValueError("plot_decision_boundary needs at least one sample")
    for position, point in enumerate(points):
        if len(point) != 2:
            raise ValueError(f"plot_decision_boundary shows the plane: sample {position} has {len(point)} numbers, expected 2")
        if not all(map(math.isfinite, point)):
            raise ValueError(f"sample {position} is {point}: it has no place in the plane")
    if len(points) != len(classes):
        raise ValueError(f"{len(points)} samples but {len(classes)} targets")
    for position, kind in enumerate(classes):
        if isinstance(kind, list):
            raise ValueError(f"target {position} is {kind}, expected the number of a class: of a one-hot list, where its 1 is")
    if not 2 <= resolution <= PER_CURVE:
        raise ValueError(f"resolution must be from 2 to {PER_CURVE}, got {resolution}")
    axis, finish = _opened(to)
    across, up = (_ticks([point[i] for point in points], resolution) for i in (0, 1))
    from autograd_lite import no_grad  # nothing here is differentiated

    with no_grad():
        outputs = [[_plain(model([x, y])) for x in across] for y in up]
    for y, row in zip(up, outputs, strict=True):
        for x, out in zip(across, row, strict=True):
            if not all(map(math.isfinite, out if isinstance(out, list) else [out])):
                raise ValueError(f"the model gives {out} at {[x, y]}: a boundary needs finite numbers")
    kinds = sorted(set(classes))
    colors = dict(zip(kinds, COLORS * len(kinds), strict=False))
    if isinstance(outputs[0][0], list):
        count = len(outputs[0][0])
        for position, kind in enumerate(classes):
            if kind not in range(count):
                raise ValueError(f"target {position} is {kind:g}, expected one of the model's classes, 0 to {count - 1}")
        colors = {kind: COLORS[int(kind) % len(COLORS)] for kind in kinds}
        for k in range(count):  # where class k leads, and by how much, so that boundaries are not steps of the grid
            leads = [[out[k] - max(out[:k] + out[k + 1 :]) for out in row] for row in outputs]
            if any(lead > 0 for row in leads for lead in row):
                axis.contourf(across, up, leads, levels=[0, math.inf], colors=[COLORS[k % len(COLORS)]], alpha=0.25)
    else:
        middle = (kinds[0] + kinds[-1]) / 2 if threshold is None else threshold
        flat = [out for row in outputs for out in row]
        low, high = min(*flat, middle - 1e-9), max(*flat, middle + 1e-9)
        axis.contourf(across, up, outputs, levels=[low, middle, high], colors=[COLORS[0], COLORS[1]], alpha=0.25)
    for kind, color in colors.items():
        mine = [point for point, label in zip(points, classes, strict=True) if label == kind]
        across_mine, up_mine = [x for x, _ in mine], [y for _, y in mine]
        axis.scatter(across_mine, up_mine, color=color, edgecolors="white", linewidths=0.6, s=28, label=f"{kind:g}")
    axis.set_xlabel("x₁")
    axis.set_ylabel("x₂")
    axis.legend(title="class")
    finish()
    return axis


def plot_gradients(
    layers: Mapping[str, Iterable[Value]], to: str | os.PathLike[str] | Axes | None = None, *, bins: int = 40
) -> Axes:
    """Plot a histogram of the gradients of each layer's parameters, on one scale: vanishing and exploding gradients show.

    Arguments:
        layers: for each layer's name its parameters, as in `{"layer 1": model.layers[0].parameters(), …}`.
        to: a file to write, or a matplotlib axis to draw on; if not given, an axis of a new figure.
        bins: the number of bars.

    Returns:
        The axis.

    Raises:
        ImportError: matplotlib is not installed.
        TypeError: the layers are no dictionary of lists of Values, or `to` is neither a path nor an axis.
        ValueError: no parameters, or a gradient that is not finite; it says which.

    Example:
        >>> from autograd_lite import Value
        >>> from visualize import plot_gradients
        >>> w = [Value(0.5), Value(-1.0)]
        >>> (w[0] * 3 + w[1] * 2).backward()
        >>> axis = plot_gradients({"layer 1": w})
        >>> axis.get_xlabel()
        'gradient'
    """
    gradients = {
        name: [float(parameter.grad) for parameter in _parameters(name, parameters)]
        for name, parameters in _mapping("layers", layers).items()
    }
    everything = [gradient for numbers in gradients.values() for gradient in numbers]
    if not everything:
        raise ValueError("plot_gradients needs at least one parameter")
    for name, numbers in gradients.items():
        for position, gradient in enumerate(numbers):
            if not math.isfinite(gradient):
                raise ValueError(f"the gradient of parameter {position} of {name!r} is {gradient}")
    axis, finish = _opened(to)
    reach = max(map(abs, everything)) or 1.0
    for count, (name, numbers) in enumerate(gradients.items()):
        axis.hist(
            numbers,
            bins=bins,
            range=(-reach, reach),
            histtype="step",
            linewidth=1.8,
            color=COLORS[count % len(COLORS)],
            label=f"{name} ({len(numbers):,})",
        )
    axis.set_xlabel("gradient")
    axis.set_ylabel("parameters")
    axis.set_yscale("symlog", linthresh=1)
    axis.grid(alpha=0.25)
    axis.legend(frameon=False)
    finish()
    return axis


def _mapping(name: str, given: Any) -> Mapping[str, Any]:
    if not isinstance(given, Mapping):
        raise TypeError(f"{name} must be a dictionary from names to lists, got {given!r} ({type(given).__name__})")
    return given


def _parameters(name: str, given: Any) -> list[Value]:
    parameters = list(given) if isinstance(given, Iterable) else []
    if not isinstance(given, Iterable) or not all(isinstance(parameter, Value) for parameter in parameters):
        raise TypeError(f"the parameters of {name!r} must be a list of Values, got {given!r}")
    return parameters


def _numbers(name: str, given: Any) -> list[float]:
    try:
        return [float(number.data if isinstance(number, Value) else number) for number in given]
    except (TypeError, ValueError) as error:
        raise TypeError(f"{name} must be a list of numbers, got {given!r}") from error


def _opened(to: str | os.PathLike[str] | Axes | None) -> tuple[Axes, Callable[[], None]]:
    """An axis to draw on, and what to do when it is drawn."""
    if to is not None and not isinstance(to, str | os.PathLike):
        if not hasattr(to, "plot"):
            raise TypeError(f"to must be a path or a matplotlib axis, got {to!r} ({type(to).__name__})")
        return to, lambda: None
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ImportError as error:
        raise ImportError("plots need matplotlib: pip install 'autograd-lite[plot]'") from error
    figure = Figure(figsize=(6.4, 4.2), layout="constrained")
    FigureCanvasAgg(figure)
    axis = figure.add_subplot()
    return axis, (lambda: _save(figure, Path(to))) if to is not None else (lambda: None)


def _save(figure: Figure, path: Path) -> None:
    content = io.BytesIO()
    figure.savefig(content, format=path.suffix[1:] or "png", dpi=144)
    write_whole(path if path.suffix else path.with_suffix(".png"), content.getvalue())


def _plain(output: Any) -> Any:
    """A model's output as numbers: a list of one is that one."""
    if isinstance(output, list | tuple):
        numbers = [_plain(item) for item in output]
        return numbers[0] if len(numbers) == 1 else numbers
    return float(output.data if isinstance(output, Value) else output)


def _ticks(numbers: list[float], count: int) -> list[float]:
    margin = 0.1 * (max(numbers) - min(numbers)) or 1.0
    low, high = min(numbers) - margin, max(numbers) + margin
    return [low + (high - low) * i / (count - 1) for i in range(count)]
