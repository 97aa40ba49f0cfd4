"""What the page learns from: samples, each with numbers for the same leaves; and the loss of a model, built for them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from autograd_lite.basics.arraylike import is_ordered, plain
from autograd_lite.basics.checks import wrong_length, wrong_type, wrong_value
from autograd_lite.basics.wording import counted
from autograd_lite.notation import SUBSCRIPTS
from autograd_lite.ops import sum as total
from autograd_lite.value import Value
from visualize.graph.nodes import Graph
from visualize.network.model import Network

Sample: TypeAlias = Mapping[Any, Any]  # a number for each leaf, which is a Value of the graph or the name of one


@dataclass(frozen=True)
class PageSamples:
    """The leaves that take the numbers of samples, and a row of numbers for each sample."""

    leaves: Sequence[Value] = ()
    rows: Sequence[Sequence[float]] = field(default=())


def samples_of(graph: Graph, samples: Sequence[Sample] | None) -> PageSamples:
    """The samples, each with numbers for the same leaves of the graph.

    Raises:
        TypeError: a sample is no dictionary of numbers.
        ValueError: there is none; one names something else than a leaf, or other leaves than the first does.
    """
    if samples is None:
        return PageSamples()
    if not is_ordered(samples) or not all(isinstance(sample, Mapping) for sample in samples):
        raise wrong_type("samples", "a list of dictionaries, such as {'x': 1.0, 'y': 0.0}", samples)
    if not samples:
        raise wrong_value("samples", "a list of one sample or more", samples)
    leaves = {key: _leaf(graph, key) for key in samples[0]}
    for i, sample in enumerate(samples):
        if sample.keys() != leaves.keys():
            wanted = f"numbers for {_listed(leaves)}, as samples[0] is"
            raise wrong_value(f"samples[{i}]", wanted, sample, told=f"some for {_listed(sample)}")
        for key, number in sample.items():
            if isinstance(number, bool) or not isinstance(plain(number), int | float):
                raise wrong_type(f"samples[{i}][{key!r}]", "a number", number)
    return PageSamples([*leaves.values()], [[float(plain(sample[key])) for key in leaves] for sample in samples])


def _leaf(graph: Graph, key: Any) -> Value:
    leaf = graph.named(key) if isinstance(key, str) else key
    if leaf not in graph.index or leaf.operands:
        raise wrong_value("a key of samples", "a leaf of the graph, or the name of one", key)
    return leaf


def _listed(keys: Any) -> str:
    return ", ".join(map(str, keys)) or "nothing"


def loss_of(model: Network, inputs: Any, targets: Any, loss: Callable[[Any, Any], Any] | None) -> tuple[Value, list[Sample]]:
    """The loss of a model on the first sample, as a graph whose leaves are its numbers; and all samples.

    Arguments:
        model: an MLP, or another model of layers of neurons.
        inputs, targets: those of one sample, or lists of samples.
        loss: a function of (output, target), the documents' sum of squared errors if none is given.

    Raises:
        ValueError: their numbers differ.
    """
    if loss is not None and not callable(loss):
        raise wrong_type("loss", "a function of (output, target), such as nn.mse", loss)
    x, y = plain(inputs), plain(targets)
    several = is_ordered(x) and len(x) > 0 and is_ordered(plain(x[0]))
    xs, ys = ([plain(each) for each in x], [plain(each) for each in y]) if several else ([x], [y])
    if len(xs) != len(ys):
        raise wrong_length("targets", len(xs), "", "sample", len(ys))
    leaves = _leaves("x", xs[0])
    output = model(leaves)
    outputs = list(output) if is_ordered(output) else [output]
    rows = [_shares(target, len(outputs)) for target in ys]
    wanted = _leaves("y", rows[0])
    result = _squared_errors(outputs, wanted) if loss is None else loss(output, wanted)
    if not isinstance(result, Value):
        raise wrong_type("the result of the loss", "one Value", result)
    result.label = result.label or "C₀"
    both = [*leaves, *wanted]
    for i, (each, row) in enumerate(zip(xs, rows, strict=True)):
        if (len(each), len(row)) != (len(leaves), len(wanted)):
            found = f"{counted(len(each), 'input')} and {counted(len(row), 'target')}"
            first = f"{counted(len(leaves), 'input')} and {counted(len(wanted), 'target')}"
            raise wrong_value(f"sample {i}", f"{first}, as the first is", each, told=found)
    return result, [dict(zip(both, [*each, *row], strict=True)) for each, row in zip(xs, rows, strict=True)]


def _leaves(letter: str, numbers: Sequence[Any]) -> list[Value]:
    return [Value(number, f"{letter}{str(k).translate(SUBSCRIPTS)}") for k, number in enumerate(numbers)]


def _shares(target: Any, count: int) -> list[Any]:
    """A target as numbers, one for each output; of a class, the index of an output, 1 for that and 0 for the others."""
    if is_ordered(target):
        return list(target)
    if count == 1:
        return [target]
    if target not in range(count):
        raise wrong_value("a target", f"{count} numbers, or the index of one of the {count} outputs", target)
    return [1.0 if k == target else 0.0 for k in range(count)]


def _squared_errors(outputs: Sequence[Value], targets: Sequence[Value]) -> Any:
    """The documents' C₀ = Σ_j (a_j − y_j)² (D3)."""
    if len(outputs) != len(targets):
        raise wrong_length("a target", len(outputs), "number", "output", len(targets))
    terms = [(a - y) ** 2 for a, y in zip(outputs, targets, strict=True)]
    return terms[0] if len(terms) == 1 else total(terms)
