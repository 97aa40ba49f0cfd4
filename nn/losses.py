"""Losses of one sample, as functions of (output, target): C₀ in the documents. The loss of a set is their mean."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial
from numbers import Integral
from typing import Any, Final, TypeAlias, TypeVar

from autograd_lite import Value, abs, dot, greater, log, log_softmax, maximum, primitive, relu, softplus, sum, where
from autograd_lite.basics.arraylike import is_ordered, is_sequence, listed, plain
from autograd_lite.basics.checks import check_range, wrong_length, wrong_type, wrong_value
from autograd_lite.basics.elsewhere import answers_calls
from autograd_lite.compiler.training import Traced
from autograd_lite.operands import as_value, data_of
from nn.named import named_function

Loss: TypeAlias = Callable[[Any, Any], Any]
Factors: TypeAlias = tuple[Sequence[float], Sequence[float]]  # of the class that is the target, and of the others
Number = TypeVar("Number", float, Value)  # a loss of Values is a Value, one of plain numbers a number

SMALLEST_PROBABILITY = math.exp(-100)  # PyTorch's limit: no logarithm in binary_cross_entropy is below -100


@answers_calls
def sum_squared_error(output: Number | Sequence[Number], target: Any) -> Number:
    """Σ_j (a_j − y_j)²: the documents' loss (D3).

    Arguments:
        output: the model's output, one Value or number or a sequence of them.
        target: the desired output, of the same length.

    Raises:
        ValueError: the lengths differ.

    Example:
        >>> from nn import sum_squared_error
        >>> sum_squared_error([1.0, 2.0], [0.0, 4.0])
        5.0
    """
    return total([(a - y) ** 2 for a, y in pairs("sum_squared_error", output, target)])


@answers_calls
def half_squared_error(output: Number | Sequence[Number], target: Any) -> Number:
    """½ Σ_j (a_j − y_j)²: the loss of the worked program (D22). The arguments are those of `sum_squared_error`.

    Example:
        >>> from nn import half_squared_error
        >>> half_squared_error([1.0, 2.0], [0.0, 4.0])
        2.5
    """
    return 0.5 * total([(a - y) ** 2 for a, y in pairs("half_squared_error", output, target)])


@answers_calls
def mse(output: Number | Sequence[Number], target: Any) -> Number:
    """The mean of (a_j − y_j)² over the output nodes. The arguments are those of `sum_squared_error`.

    Example:
        >>> from nn import mse
        >>> mse([1.0, 2.0], [0.0, 4.0])
        2.5
    """
    return average([(a - y) ** 2 for a, y in pairs("mse", output, target)])


@answers_calls
def mae(output: Number | Sequence[Number], target: Any) -> Number:
    """The mean of |a_j − y_j| over the output nodes. The arguments are those of `sum_squared_error`.

    Example:
        >>> from nn import mae
        >>> mae([1.0, 2.0], [0.0, 4.0])
        1.5
    """
    return average([abs(a - y) for a, y in pairs("mae", output, target)])


@answers_calls
def huber(output: Number | Sequence[Number], target: Any) -> Number:
    """The mean of ½e² where |e| ≤ 1, and |e| − ½ beyond, with e = a_j − y_j. Source: Huber (1964), with δ = 1 as in PyTorch.

    The arguments are those of `sum_squared_error`.

    Example:
        >>> from nn import huber
        >>> huber([0.5, 3.0], [0.0, 0.0])
        1.3125
    """
    return average([_huber(a - y) for a, y in pairs("huber", output, target)])


def _huber(error: Any) -> Any:
    size = abs(error)
    beyond = greater(size, 1)
    inside = where(beyond, 0, error)  # what is squared cannot overflow
    return where(beyond, size - 0.5, 0.5 * inside**2)


@answers_calls
def hinge(output: Number | Sequence[Number], target: Any) -> Number:
    """The mean of max(0, 1 − y_j·a_j), for targets −1 and 1.

    Raises:
        ValueError: a target is neither −1 nor 1; the lengths differ.

    Example:
        >>> from nn import hinge
        >>> hinge(0.25, 1), hinge(0.25, -1)
        (0.75, 1.25)
    """
    both = pairs("hinge", output, target)
    for _, y in both:
        if not isinstance(y, Value) and y not in (-1, 1):
            raise wrong_value("a target of hinge", "-1 or 1", y)
    return average([relu(1 - y * a) for a, y in both])


@answers_calls
def binary_cross_entropy(output: Number | Sequence[Number], target: Any) -> Number:
    """The mean of −y_j·log a_j − (1 − y_j)·log(1 − a_j), for probabilities a_j (of a sigmoid) and targets y_j from 0 to 1.

    As in PyTorch, no logarithm counts for less than −100.

    Raises:
        ValueError: an output or a target is not between 0 and 1; the lengths differ.

    Example:
        >>> from nn import binary_cross_entropy
        >>> round(binary_cross_entropy(0.5, 1), 4)
        0.6931
    """
    both = pairs("binary_cross_entropy", output, target)
    outputs = [_checked("an output", a, _probability) for a, _ in both]
    targets = [_kept(a, _checked("a target", y, _probability)) for a, y in both]
    each = zip(outputs, targets, strict=True)
    return average([-y * _log_probability(a) - (1 - y) * _log_probability(1 - a) for a, y in each])


def probability(p: Any) -> Any:
    """The number itself, if it is from 0 to 1, or NaN. In a recorded loss this is an operation, which looks at every sample."""
    if p < 0 or p > 1:
        raise ValueError(
            "binary_cross_entropy expects numbers between 0 and 1: give the model output_activation='sigmoid', "
            "or use cross_entropy"
        )
    return p


def share(y: Any) -> Any:
    """The same for the target of a logit."""
    if y < 0 or y > 1:
        raise ValueError(
            "binary_cross_entropy_with_logits expects targets between 0 and 1: for targets of -1 and 1 use hinge, for classes "
            "cross_entropy"
        )
    return y


_probability, _share = (primitive(derivatives=[lambda out, p: 1.0])(function) for function in (probability, share))


def _checked(name: str, number: Any, check: Callable[[Any], Any]) -> Any:
    """The number, if an operation that checks it lets it pass. In a recorded loss the operation is recorded with it."""
    if isinstance(number, Traced):
        return check(number)
    data = data_of(number)
    try:
        check(data)
    except ArithmeticError as error:
        raise ValueError(f"{name} is {data!r}: {error.__cause__}") from None
    return number


def _kept(output: Any, target: Any) -> Any:
    """A target that several operations read: in a graph it is one node, and what is made of it, as 1 − y, are others."""
    return as_value(target) if isinstance(output, Value) else target


def _log_probability(p: Any) -> Any:
    return log(maximum(p, SMALLEST_PROBABILITY))


@answers_calls
def binary_cross_entropy_with_logits(output: Number | Sequence[Number], target: Any) -> Number:
    """`binary_cross_entropy` of σ(a_j), for outputs a_j from −∞ to ∞: no sigmoid in the model, no logarithm that is cut off.

    It is the mean of y_j·softplus(−a_j) + (1 − y_j)·softplus(a_j), whose slope σ(a_j) − y_j does not fade where the sigmoid is
    0 or 1 and wrong. The class that such a model predicts is 1 where its output is above 0: `predict(model, x, threshold=0)`.

    Raises:
        ValueError: a target is not between 0 and 1; the lengths differ.

    Example:
        >>> from nn import binary_cross_entropy_with_logits
        >>> binary_cross_entropy_with_logits(1000.0, 0), binary_cross_entropy_with_logits(1000.0, 1)
        (1000.0, 0.0)
    """
    both = pairs("binary_cross_entropy_with_logits", output, target)
    targets = [_kept(a, _checked("a target", y, _share)) for a, y in both]
    each = zip([a for a, _ in both], targets, strict=True)
    return average([y * softplus(-a) + (1 - y) * softplus(a) for a, y in each])


@answers_calls
def cross_entropy(
    output: Sequence[Number] | Number, target: Any, label_smoothing: float = 0.0, class_weights: Sequence[float] | None = None
) -> Number:
    """−log of the probability that the softmax of the outputs (logits) gives to the target.

    In `fit` the options are given by `functools.partial(cross_entropy, label_smoothing=0.1)`.

    Arguments:
        output: one number or Value for each class, from −∞ to ∞: no softmax in the model.
        target: the class, from 0; or one probability for each class.
        label_smoothing: the share of the target, 0 to 1, that is given to all classes alike. Source: Szegedy et al. (2016).
        class_weights: how much the logarithm of each class counts, as in PyTorch; there the mean over a batch is divided by
            the weights in it, here by the number of samples. `datasets.balanced_weights(targets)` makes classes count alike.

    Raises:
        ValueError: a class that is out of range; as many probabilities as classes are needed, and as many weights.

    Example:
        >>> from nn import cross_entropy
        >>> round(cross_entropy([2.0, 0.0], 0), 4), round(cross_entropy([2.0, 0.0], [0.5, 0.5]), 4)
        (0.1269, 1.1269)
        >>> round(cross_entropy([2.0, 0.0], 0, label_smoothing=0.1, class_weights=[3.0, 1.0]), 4)
        0.4681
    """
    logits, target = numbers_in(output), plain(target)
    if len(logits) < 2:
        way_out = "for two classes and one output use binary_cross_entropy_with_logits or hinge"
        raise wrong_value("the output of cross_entropy", "at least 2 numbers, one for each class", len(logits), way_out)
    has_options = label_smoothing != 0 or class_weights is not None
    weighing = class_factors(label_smoothing, class_weights, len(logits)) if has_options else None
    logarithms = log_softmax(logits)
    if is_sequence(target):
        return _of_shares([y for _, y in pairs("cross_entropy", output, target)], logarithms, weighing)
    if isinstance(target, Traced):
        label = class_in_range(target, len(logits))
        own, others = weighing or ([1.0] * len(logits), [0.0] * len(logits))
        is_class = [greater(0.5, abs(label - k)) for k in range(len(logits))]
        chosen: Any = sum(
            [where(*choice) for choice in zip(is_class, times(own, logarithms), times(others, logarithms), strict=True)]
        )
        return 0.0 - chosen
    if not isinstance(target, Integral):
        wanted = "the class, a whole number, or one probability for each class"
        way_out = "classes that are floats become whole numbers by targets.astype(int)"
        raise wrong_value("a target of cross_entropy", wanted, target, way_out)
    check_class(target, len(logits))
    if weighing is None:
        return 0.0 - logarithms[int(target)]
    return _of_shares([float(k == target) for k in range(len(logits))], logarithms, weighing)


def _of_shares(shares: Sequence[Any], logarithms: Sequence[Any], weighing: Factors | None) -> Any:
    """The cross-entropy with a share for each class, of which `class_factors` make how much its logarithm counts."""
    factors = shares if weighing is None else _factors(shares, *weighing)
    if any(isinstance(factor, Traced) for factor in factors):  # of each sample the logarithm of what has no share is left out
        return -total([where(factor, factor * p, 0.0) for factor, p in zip(factors, logarithms, strict=True)])
    # What has no share does not count, be its logarithm infinite; of a Value that is 0 there is the derivative to keep.
    counts = [isinstance(factor, Value) or factor != 0 for factor in factors]
    if weighing is None:
        counting = [k for k, does in enumerate(counts) if does] or range(len(factors))
        return 0.0 - dot([factors[k] for k in counting], [logarithms[k] for k in counting])  # a loss of 0 is not -0.0
    # The graph has all shares and weights: it shows what another target would give.
    factors = _factors([_kept(p, y) for y, p in zip(shares, logarithms, strict=True)], *weighing)
    return 0.0 - dot(factors, [p if does else where(f, p, 0.0) for does, f, p in zip(counts, factors, logarithms, strict=True)])


def _factors(shares: Sequence[Any], own: Sequence[float], others: Sequence[float]) -> list[Any]:
    return [y if o == 1 and not r else y * (o - r) + r for y, o, r in zip(shares, own, others, strict=True)]


def class_factors(label_smoothing: float, class_weights: Any, classes: int) -> Factors:
    """How much −log p of each class counts where it is the target, and where it is not."""
    check_range("label_smoothing", label_smoothing, 0, math.nextafter(1, 2))
    if class_weights is not None and not is_ordered(class_weights):
        way_out = "those that make classes count alike are datasets.balanced_weights(targets)"
        raise wrong_type("class_weights", "a list, one number for each class in order", class_weights, way_out)
    weights = [1.0] * classes if class_weights is None else numbers_in(class_weights)
    if len(weights) != classes:
        raise wrong_length("class_weights", classes, "number", "class", len(weights))
    for k, weight in enumerate(weights):
        check_range(f"class_weights[{k}]", weight, 0)
    others = [weight * label_smoothing / classes for weight in weights]
    return [weight * (1 - label_smoothing) + other for weight, other in zip(weights, others, strict=True)], others


def times(factors: Sequence[float], terms: Sequence[Any]) -> list[Any]:
    """Each term times its factor; no operation where that is 0 or 1."""
    return [0.0 if not factor else term if factor == 1 else factor * term for factor, term in zip(factors, terms, strict=True)]


def is_class(target: Any, classes: int) -> Any:
    """Whether a number names one of so many classes."""
    return target % 1 == 0 and 0 <= target < classes


def check_class(target: Any, classes: int) -> None:
    """Raise a ValueError for a target that names no class."""
    if not is_class(target, classes):
        raise ValueError(f"the class {target} is out of range: with {classes} outputs the classes are 0 to {classes - 1}")


@primitive(derivatives=[None, None])
def class_in_range(target: Any, classes: int) -> Any:
    """The class that a target names, which is known only when recorded code runs.

    An optimization of the words: numba takes a second to compile a message with numbers in it, and the engine's own message
    has them all the same (`python -m benchmarks recording`).

    Raises:
        ValueError: there is none.
    """
    if not is_class(target, classes):
        raise ValueError("the class is out of range: the classes are the whole numbers from 0 on, one for each output")
    return target


LOSSES: Final[dict[str, Loss]] = {
    function.__name__: function
    for function in (
        sum_squared_error,
        half_squared_error,
        mse,
        mae,
        huber,
        hinge,
        binary_cross_entropy,
        binary_cross_entropy_with_logits,
        cross_entropy,
    )
}

ANY_NUMBERS: Final = frozenset({sum_squared_error, half_squared_error, mse, mae, huber})  # these take any targets


def loss_function(loss: str | Loss) -> Loss:
    """The loss of that name, or the function itself.

    Raises:
        ValueError: the name is unknown; the message lists what is known.
    """
    return named_function("loss", loss, LOSSES, "output", "target")


def base_of(loss: Loss) -> Loss:
    """The loss that a `partial` gives options to; any other as it is."""
    return base_of(loss.func) if isinstance(loss, partial) else loss


def weighted(loss: Loss, output: Any, target: Any) -> Any:
    """A loss times the weight of the sample, which comes with its target."""
    y, weight = target
    return weight * loss(output, y)


def check_result(number: Any) -> None:
    """Check that a loss of one's own gave what can be differentiated.

    Raises:
        TypeError: it is no Value.
    """
    if not isinstance(number, Value):
        raise wrong_type("the result of the loss", "one Value", number)


def pairs(name: str, output: Any, target: Any) -> list[tuple[Any, Any]]:
    """Each output node with its target.

    Raises:
        ValueError: their numbers differ.
    """
    outputs, targets = numbers_in(output), numbers_in(target)
    if len(outputs) != len(targets):
        way_out = ""
        if len(targets) == 1:
            labels = "a class is a whole number by itself" if name == "cross_entropy" else "for class labels use cross_entropy"
            way_out = f"{labels}, or datasets.one_hot"
        raise wrong_length(f"the target of {name}", len(outputs), "number", "output", len(targets), way_out)
    return list(zip(outputs, targets, strict=True))


def total(terms: Sequence[Any]) -> Any:
    """The sum of the terms; of one term itself, so that the graph of one output has no sum of one."""
    return terms[0] if len(terms) == 1 else sum(terms)


def average(terms: Sequence[Any]) -> Any:
    """The mean of the terms; of one term itself."""
    return terms[0] if len(terms) == 1 else sum(terms) / len(terms)


def numbers_in(given: Any) -> list[Any]:
    """The numbers of an output or a target, as a list; NumPy's are made Python's, as its small integers would overflow."""
    return [plain(number) for number in listed(plain(given))]
