"""What is measured besides the loss: metrics by name, metrics of one's own, and what they come to over a set."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from operator import add
from typing import Any, Final, NamedTuple, TypeAlias

from autograd_lite.basics.arraylike import is_sequence, listed
from autograd_lite.basics.checks import wrong_length, wrong_type, wrong_value
from autograd_lite.basics.elsewhere import answers_calls
from autograd_lite.basics.wording import function_name
from autograd_lite.operands import data_of
from nn.confusion import ConfusionMatrix, count_pairs
from nn.losses import Loss, base_of, binary_cross_entropy, binary_cross_entropy_with_logits, cross_entropy, hinge, mae, mse
from nn.module import Module, evaluating
from nn.named import named_function
from nn.samples import Rows, WeightedRows
from nn.several import answer

Metric: TypeAlias = Callable[[Any, Any], float]


def predicted_class(output: Any, threshold: float = 0.5) -> int:
    """The index of the largest output; of one output alone, whether it is above the threshold."""
    outputs = output_numbers(output)
    if len(outputs) == 1:
        return int(outputs[0] > threshold)
    return max(range(len(outputs)), key=outputs.__getitem__)


def output_numbers(output: Any) -> list[Any]:
    """The numbers of a model's output, which may be Values or plain numbers, and one alone or several."""
    return [*map(data_of, listed(output))]


@answers_calls
def accuracy(output: Any, target: Any, threshold: float = 0.5, target_threshold: float | None = None) -> float:
    """1.0 if the predicted class is that of the target (a class, or one number for each output), else 0.0: with a NaN, too.

    The threshold, for one output alone, is that of the target as well, unless this has its own.

    Example:
        >>> from nn import accuracy
        >>> accuracy([0.1, 0.7, 0.2], 1), accuracy([0.3], [1.0])
        (1.0, 0.0)
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


class Undefined(float):
    """A number that stands for one which is not defined, as scikit-learn has it, and the reason why."""

    reason: str

    def __new__(cls, number: float, reason: str) -> Undefined:
        """The number, with its reason."""
        made = super().__new__(cls, number)
        made.reason = reason
        return made


class SetMetric(NamedTuple):
    """A metric of a whole set, which is no mean of what it is for each sample.

    Attributes:
        name: what messages call it.
        compute: of all outputs (a list of numbers each), all targets, and the weight of each sample or None.
    """

    name: str
    compute: Callable[[Sequence[Sequence[float]], Sequence[Any], Sequence[float] | None], float]


class ClassMetric(NamedTuple):
    """A metric of a whole set that depends on the classes alone: a number that a confusion matrix has for each class.

    Of two classes it is that of class 1; of more, the mean over those that occur among the targets or the predictions.

    Attributes:
        name: that of the attribute of `ConfusionMatrix`.
        thresholds: of one output, and of its target.
    """

    name: str
    thresholds: tuple[float, float]

    def compute(self, outputs: Sequence[Any], targets: Sequence[Any], weights: Sequence[float] | None) -> float:
        """The number for all outputs and targets."""
        one, its_target = self.thresholds
        found = [predicted_class(output, one) for output in outputs]
        wide = len(outputs[0]) > 1
        true = [y if wide and not is_sequence(y) else predicted_class(y, its_target) for y in targets]
        return self.of_classes(true, found, max(2, len(outputs[0])), weights)

    def of_classes(self, true: Sequence[int], found: Sequence[int], classes: int, weights: Sequence[float] | None) -> float:
        """The number for the true and the predicted classes."""
        matrix = ConfusionMatrix(count_pairs(true, found, range(classes), weights), range(classes))
        numbers = getattr(matrix, self.name)
        occurring = [k for k in range(classes) if matrix.true[k] or matrix.predicted[k]]
        chosen = [1] if classes == 2 else occurring
        mean = float(sum(numbers[k] for k in chosen) / len(chosen))
        seen, why = {
            "precision": (matrix.predicted, "never predicted"),
            "recall": (matrix.true, "not among the targets"),
            "f1": (list(map(add, matrix.true, matrix.predicted)), "neither predicted nor among the targets"),
        }[self.name]
        lacking = [str(k) for k in chosen if not seen[k]]
        return Undefined(mean, f"the {self.name} of class {', '.join(lacking)} counts as 0: it is {why}") if lacking else mean


def r2_score(outputs: Sequence[Sequence[float]], targets: Sequence[Any], weights: Sequence[float] | None) -> float:
    """1 − Σ(y − a)² / Σ(y − mean of y)²; of several outputs the mean of theirs. Constant targets: 1 if all are met, else 0."""
    columns = [*zip(*outputs, strict=True)]
    wanted = [*zip(*map(listed, targets), strict=True)]
    if len(wanted) != len(columns):
        raise wrong_length("a target of r2", len(columns), "number", "output", len(wanted), "for classes use accuracy")
    if len(targets) < 2:
        return Undefined(math.nan, "r2 is not defined for a single sample")
    shares = weights if weights is not None else [1.0] * len(targets)
    scores, constant = [], []
    for j, (column, ys) in enumerate(zip(columns, wanted, strict=True)):
        mean = math.fsum(w * y for w, y in zip(shares, ys, strict=True)) / math.fsum(shares)
        same = min(ys) == max(ys)
        spread = 0.0 if same else math.fsum(w * (y - mean) ** 2 for w, y in zip(shares, ys, strict=True))
        error = math.fsum(w * (y - a) ** 2 for w, y, a in zip(shares, ys, column, strict=True))
        scores.append(1 - error / spread if spread else float(error == 0))
        constant += [] if spread else [j]
    mean = sum(scores) / len(scores)
    why = "the targets of output {} are all the same: its r2 counts as 1 if all are met, else as 0"
    return Undefined(mean, why.format(constant[0])) if constant else mean


AnyMetric: TypeAlias = Metric | SetMetric | ClassMetric


def known_metrics(loss: Loss) -> dict[str, Any]:
    """The metrics that have a name; which class an output stands for depends on the loss."""
    right = ACCURACY.get(base_of(loss), accuracy)
    by_class = {name: ClassMetric(name, THRESHOLDS[right]) for name in ("precision", "recall", "f1")}
    return {"accuracy": right, "mse": mse, "mae": mae, "r2": SetMetric("r2", r2_score), **by_class}


def metric_functions(metrics: Sequence[str | Metric] | None, loss: Loss) -> dict[str, AnyMetric]:
    """The metrics by name; None stands for the accuracy where the loss is one of classification."""
    known = known_metrics(loss)
    if metrics is None:
        return {"accuracy": known["accuracy"]} if base_of(loss) in ACCURACY else {}
    if isinstance(metrics, str | dict) or callable(metrics):
        given = list(metrics.values()) if isinstance(metrics, dict) else [metrics]
        raise wrong_type("metrics", f"a list of them, such as {given!r}", metrics)
    chosen: dict[str, AnyMetric] = {}
    for metric in metrics:
        function = named_function("a metric", metric, known, "output", "target")
        name = function_name(metric)
        if name in ("loss", *chosen):
            raise wrong_value("the name of a metric", f"none of {', '.join(map(repr, ('loss', *chosen)))}", name)
        chosen[name] = function
    return chosen


def sample_metric(name: str, metric: Metric, outputs: list[Any], target: Any) -> float:
    """What a metric gives for one sample. It gets plain numbers: a list of them, or the one output there is.

    Raises:
        TypeError: it gave no number.
    """
    result = metric(outputs if len(outputs) > 1 else outputs[0], target)
    try:
        return float(result)
    except (TypeError, ValueError) as error:
        raise wrong_type(f"what the metric {name!r} gives", "a number", result) from error


class Counted(NamedTuple):
    """What a `Tally` has taken in, to be taken in by another one."""

    sums: dict[str, float]
    samples: int
    outputs: list[list[Any]]
    targets: list[Any]
    weights: list[float]


class Tally:
    """What is measured over a set, sample by sample: the means of the loss and of metrics, and the metrics of all of it.

    Arguments:
        metrics: by name.
        weighted: whether each target comes with the weight of its sample, by which its loss was multiplied already.
    """

    def __init__(self, metrics: Mapping[str, AnyMetric], weighted: bool = False) -> None:
        self.metrics, self.weighted = metrics, weighted
        self.sums = {name: 0.0 for name in ("loss", *metrics) if not isinstance(metrics.get(name), SetMetric | ClassMetric)}
        self.keeps = len(self.sums) <= len(metrics)
        self.count = 0
        self.outputs: list[list[Any]] = []
        self.targets: list[Any] = []
        self.weights: list[float] = []

    def add(self, loss: float, output: Any, target: Any) -> None:
        """Take in one sample: its loss, the output of the model, and its target."""
        y, weight = target if self.weighted else (target, 1.0)
        numbers = output_numbers(output) if self.metrics else []
        for name in self.sums:
            metric: Any = self.metrics.get(name)
            self.sums[name] += float(loss) if metric is None else weight * sample_metric(name, metric, numbers, y)
        self.count += 1
        if self.keeps:
            self.outputs.append(numbers)
            self.targets.append(y)
            self.weights.append(weight)

    def counted(self) -> Counted:
        """What was taken in."""
        return Counted(self.sums, self.count, self.outputs, self.targets, self.weights)

    def take(self, other: Counted) -> None:
        """Take in what another one of the same metrics has."""
        for name, total in other.sums.items():
            self.sums[name] += total
        self.count += other.samples
        self.outputs += other.outputs
        self.targets += other.targets
        self.weights += other.weights

    def means(self) -> dict[str, float]:
        """The means so far, by name; without what can only be said of the whole set."""
        return {name: total / self.count for name, total in self.sums.items()}

    def results(self) -> dict[str, float]:
        """All that is measured, by name, in order."""
        found, weights = self.means(), self.weights if self.weighted else None
        for name, metric in self.metrics.items():
            if isinstance(metric, SetMetric | ClassMetric):
                found[name] = metric.compute(self.outputs, self.targets, weights)
        return {name: found[name] for name in ("loss", *self.metrics)}


def measure(model: Module, rows: Rows, targets: Rows, loss: Loss, metrics: Mapping[str, AnyMetric]) -> dict[str, float]:
    """The mean loss and the metrics over a set, by the eager engine in evaluation mode."""
    return tally_over(model, rows, targets, loss, metrics).results()


def tally_over(model: Module, rows: Rows, targets: Rows, loss: Loss, metrics: Mapping[str, AnyMetric]) -> Tally:
    """What is measured over a set, by the eager engine in evaluation mode."""
    tally = Tally(metrics, isinstance(targets, WeightedRows))
    with evaluating(model):
        for x, y in zip(rows, targets, strict=True):
            output = answer(model, x)
            tally.add(loss(output, y).data, output, y)
    return tally
