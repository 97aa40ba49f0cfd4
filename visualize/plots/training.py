"""What a training run did: the curves of its measures, and how large the gradients of its layers are."""

from __future__ import annotations

import math
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from autograd_lite.basics.checks import wrong_entry, wrong_type, wrong_value
from autograd_lite.basics.elsewhere import answers_calls
from autograd_lite.basics.escaping import in_plot
from autograd_lite.value import Value
from visualize.plots.axes import COLORS, numbers_of, opened

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@answers_calls
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
    curves = {name: numbers_of(f"history[{name!r}]", numbers) for name, numbers in _mapping("history", history).items()}
    curves = {name: numbers for name, numbers in curves.items() if numbers}
    if not curves:
        raise wrong_value("history", "of at least one epoch", history)
    axis, finish = opened(to)
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
            label=in_plot(name),
            marker=marker,
            markersize=4,
        )
    axis.set_xlabel("epoch")
    axis.set_ylabel(", ".join(map(in_plot, rest or shares)))
    if right is not axis:
        right.set_ylabel(", ".join(map(in_plot, shares)))
    positive = [number for name in rest for number in curves[name]]
    if positive and min(positive) > 0 and max(positive) > 100 * min(positive):
        axis.set_yscale("log")
    axis.grid(alpha=0.25)
    axis.locator_params(axis="x", integer=True)
    labels = [str(line.get_label()) for line in lines]
    axis.legend(lines, labels, frameon=False, loc="lower center", bbox_to_anchor=(0.5, 1), ncols=min(4, len(lines)))
    finish()
    return axis


@answers_calls
def plot_gradients(
    layers: Mapping[str, Iterable[Value]], to: str | os.PathLike[str] | Axes | None = None, *, bins: int = 40
) -> Axes:
    """Plot how large the gradients of each layer's parameters are, on one scale of powers of ten.

    Gradients that vanish from layer to layer stand ever further to the left, those that explode to the right.

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
        'size of the gradient'
    """
    gradients = {
        name: [float(parameter.grad) for parameter in _parameters(name, parameters)]
        for name, parameters in _mapping("layers", layers).items()
    }
    everything = [gradient for numbers in gradients.values() for gradient in numbers]
    if not everything:
        raise wrong_value("layers", "at least one list with a parameter in it", layers)
    for name, numbers in gradients.items():
        for position, gradient in enumerate(numbers):
            if not math.isfinite(gradient):
                raise wrong_entry(f"the gradient of parameter {position} of {name!r}", "a finite number", gradient)
    axis, finish = opened(to)
    sizes = [abs(gradient) for gradient in everything if gradient] or [1.0]
    low, high = math.floor(math.log10(min(sizes))), math.floor(math.log10(max(sizes))) + 1
    powers = (low + (high - low) * place / bins for place in range(bins + 1))
    edges = sorted({10.0**power if power < sys.float_info.max_10_exp else sys.float_info.max for power in powers} - {0.0})
    axis.margins(x=0)
    for count, (name, numbers) in enumerate(gradients.items()):
        zeros = sum(gradient == 0 for gradient in numbers)
        axis.hist(
            [abs(gradient) for gradient in numbers if gradient],
            bins=edges,
            weights=[1 / len(numbers)] * (len(numbers) - zeros),
            histtype="step",
            linewidth=1.8,
            color=COLORS[count % len(COLORS)],
            label=f"{in_plot(name)} ({len(numbers):,}{f', {zeros:,} of them 0' if zeros else ''})",
        )
    axis.set_xlabel("size of the gradient")
    axis.set_ylabel("share of the layer's parameters")
    axis.set_xscale("log")
    axis.yaxis.set_major_formatter(_percent)
    axis.grid(alpha=0.25)
    axis.legend(frameon=False, loc="lower center", bbox_to_anchor=(0.5, 1), ncols=min(3, len(gradients)))
    finish()
    return axis


def _percent(share: float, _: float) -> str:
    return f"{100 * share:.3g} %"


def _mapping(name: str, given: Any) -> Mapping[str, Any]:
    if not isinstance(given, Mapping):
        raise wrong_type(name, "a dictionary from names to lists", given)
    return given


def _parameters(name: str, given: Any) -> list[Value]:
    parameters = list(given) if isinstance(given, Iterable) else []
    if not isinstance(given, Iterable) or not all(isinstance(parameter, Value) for parameter in parameters):
        raise wrong_type(f"the parameters of {name!r}", "a list of Values", given)
    return parameters
