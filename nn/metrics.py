"""What is measured besides the loss: the accuracy, metrics of one's own, and the means over a set."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final, TypeAlias

from autograd_lite import Value
from autograd_lite.arraylike import is_sequence, listed
from autograd_lite.checks import wrong_type
from nn.losses import Loss, binary_cross_entropy, binary_cross_entropy_with_logits, cross_entropy, hinge
from nn.module import Module, evaluating
from nn.named import function_name, named_function
from nn.samples import Rows

Metric: TypeAlias = Callable[[Any, Any], float]


def predicted_class(output: Any, threshold: float = 0.5) -> int:
    """The index of the largest output; of one output alone, whether it is above the threshold."""
    outputs = output_numbers(output)
    if len(outputs) == 1:
        return int(outputs[0] > threshold)
    return max(range(len(outputs)), key=outputs.__getitem__)


def output_numbers(output: Any) -> list[Any]:
    """The numbers of a model's output, which may be Values or plain numbers, and one alone or several."""
    return [a.data if isinstance(a, Value) else a for a in listed(output)]


def accuracy(output: Any, target: Any, threshold: float = 0.5, target_threshold: float | None = None) -> float:
    """1.0 if the predicted class is that of the target (a class, or one number for each output), else 0.0: with a NaN, too.

    The threshold, for one output alone, is that of the target as well, unless this has its own.
    """
    outputs = listed(output)
    if any(a != a for a in outputs):
        return 0.0
    is_class = len(outputs) > 1 and not is_sequence(target)
    true = target if is_class else predicted_class(target, threshold if target_threshold is None else target_threshold)
    return float(predicted_class(outputs, threshold) == true)


def sign_accuracy(output: Any, target: Any) -> float:
    """`accuracy` for outputs and targets around 0, such as hinge's -1 and 1."""
    return accuracy(output, target, threshold=0.0)


def logit_accuracy(output: Any, target: Any) -> float:
    """`accuracy` for one logit, which is above 0 where a probability is above ½, and a target from 0 to 1."""
    return accuracy(output, target, threshold=0.0, target_threshold=0.5)


ACCURACY: Final[dict[Loss, Metric]] = {
    cross_entropy: accuracy,
    binary_cross_entropy: accuracy,
    binary_cross_entropy_with_logits: logit_accuracy,
    hinge: sign_accuracy,
}
THRESHOLDS: Final[dict[Metric, tuple[float, float]]] = {  # of one output, and of its target
    accuracy: (0.5, 0.5),
    sign_accuracy: (0.0, 0.0),
    logit_accuracy: (0.0, 0.5),
}


def metric_functions(metrics: Sequence[str | Metric] | None, loss: Loss) -> dict[str, Metric]:
    """The metrics by name; None stands for the accuracy where the loss is one of classification."""
    if metrics is None:
        return {"accuracy": ACCURACY[loss]} if loss in ACCURACY else {}
    if isinstance(metrics, str) or callable(metrics):
        raise wrong_type("metrics", f"a list of them, such as [{metrics!r}]", metrics)
    known = {"accuracy": ACCURACY.get(loss, accuracy)}
    chosen: dict[str, Metric] = {}
    for metric in metrics:
        function = named_function("a metric", metric, known, "(output, target)")
        name = function_name(metric)
        if name in ("loss", *chosen):
            raise ValueError(f"a metric may not be called {name!r}, as what is measured besides it is")
        chosen[name] = function
    return chosen


def sample_metrics(metrics: Mapping[str, Metric], output: Any, target: Any) -> list[float]:
    """What each metric gives for one sample. It gets plain numbers: a list of them, or the one output there is.

    Raises:
        TypeError: a metric gave no number.
    """
    if not metrics:
        return []
    outputs = output_numbers(output)
    numbers = outputs if len(outputs) > 1 else outputs[0]
    return [_number(name, metric(numbers, target)) for name, metric in metrics.items()]


def metric_sums(metrics: Mapping[str, Metric], outputs: Iterable[Any], targets: Iterable[Any]) -> list[float]:
    """The sum of each metric over samples."""
    each = [sample_metrics(metrics, output, target) for output, target in zip(outputs, targets, strict=True)]
    return [sum(column) for column in zip(*each, strict=True)]


def _number(name: str, result: Any) -> float:
    try:
        return float(result)
    except (TypeError, ValueError) as error:
        raise TypeError(f"the metric {name!r} gave {result!r} ({type(result).__name__}): expected a number") from error


def measure(model: Module, rows: Rows, targets: Rows, loss: Loss, metrics: Mapping[str, Metric]) -> dict[str, float]:
    """The mean loss and the mean of each metric over a set, by the eager engine in evaluation mode."""
    total = Means(("loss", *metrics))
    with evaluating(model):
        for x, y in zip(rows, targets, strict=True):
            output = model(x)
            total.add([loss(output, y).data, *sample_metrics(metrics, output, y)])
    return total.means()


class Means:
    """Running means of several quantities."""

    def __init__(self, names: Iterable[str]) -> None:
        self.names = list(names)
        self.sums = [0.0] * len(self.names)
        self.count = 0

    def add(self, numbers: Iterable[float], count: int = 1) -> None:
        """Take in the numbers of one sample, or their sums over several."""
        self.sums = [total + float(number) for total, number in zip(self.sums, numbers, strict=True)]
        self.count += count

    def means(self) -> dict[str, float]:
        """The means so far, by name."""
        return {name: total / self.count for name, total in zip(self.names, self.sums, strict=True)}
