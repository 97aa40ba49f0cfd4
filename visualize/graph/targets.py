"""Plain numbers that a loss made of a target before the graph met it: y and 1 − y, or a class smoothed to shares of all."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass

from autograd_lite.ops import add, logsumexp, mul, neg, sub
from autograd_lite.ops import sum as total
from autograd_lite.value import Value
from visualize.graph.classes import computed_from
from visualize.graph.nodes import Graph

ALIKE = 1e-12  # how far two numbers may be apart that were computed in two ways


@dataclass(frozen=True, eq=False)
class Made:
    """Plain numbers of a graph that were made of a target.

    Attributes:
        numbers: what the graph has of it.
        target: what they were made of: y; or of a class a share for each, 1 for it and 0 for the others.
        again: makes them of other targets.
    """

    numbers: Sequence[Value]
    target: Sequence[float]
    again: Callable[[Sequence[Value]], list[Value]]

    @property
    def is_class(self) -> bool:
        """Whether the target was a class."""
        return len(self.target) > 1


def complements_in(graph: Graph, outputs: Collection[Value]) -> Iterator[Made]:
    """Each y and 1 − y of a binary cross-entropy, y·log a + (1 − y)·log(1 − a) for an output a, whatever their signs.

    Where two products are added up, both of a and one of them of 1 − a, and their factors add up to 1, that one's is 1 − y.
    """
    behind = {output: output for output in outputs}  # for what comes after one output alone, that output
    turned: set[Value] = set()  # what is computed from 1 minus that
    for node in graph.nodes:
        if node in behind:
            continue
        read = [parent for parent in node.parents if not parent.is_constant]
        origins = {behind.get(parent) for parent in read}
        if len(origins) == 1 and None not in origins:
            behind[node] = behind[read[0]]
            is_rest = node.primitive is sub.primitive and node.parents[0].is_constant and node.parents[0].data == 1
            if is_rest or not turned.isdisjoint(read):
                turned.add(node)
    for node in graph.nodes:
        if node.primitive not in (add.primitive, sub.primitive):
            continue
        terms = [*filter(None, map(_weighed, node.parents))]
        if len(terms) < 2:
            continue
        (y, direct), (rest, other) = sorted(terms, key=lambda term: term[1] in turned)
        of_one_output = behind.get(direct) is not None and behind.get(direct) is behind.get(other)
        if of_one_output and direct not in turned and other in turned and abs(rest.data) == 1 - abs(y.data):
            yield Made([y, rest], [abs(y.data)], _with_rest(y, rest))


def _weighed(node: Value) -> tuple[Value, Value] | None:
    """A plain number and what it multiplies, where the node is such a product or minus one."""
    if node.primitive is neg.primitive:
        (node,) = node.parents
    if node.primitive is not mul.primitive:
        return None
    one, other = node.parents if node.parents[0].is_constant else node.parents[::-1]
    return (one, other) if one.is_constant and not other.is_constant else None


def _with_rest(y: Value, rest: Value) -> Callable[[Sequence[Value]], list[Value]]:
    def again(target: Sequence[Value]) -> list[Value]:
        return [
            -part if math.copysign(1, number.data) < 0 else part for number, part in ((y, target[0]), (rest, 1 - target[0]))
        ]

    return again


def smoothed_in(graph: Graph, outputs: Collection[Value]) -> Iterator[Made]:
    """Each class that label smoothing made shares of: all shares are alike but the one of the class, as smoothing makes them.

    They are the factors of the logarithms of probabilities, x_k − log Σ eˣ of outputs x, which a sum adds up.
    """
    after = computed_from(graph, outputs)
    for node in graph.nodes:
        terms = [_weighed(parent) for parent in node.parents] if node.primitive is total.primitive else []
        if None in terms or not 1 < len(terms) <= len(outputs):
            continue
        factors, logarithms = zip(*filter(None, terms), strict=True)
        wholes = {logarithm.parents[-1] for logarithm in logarithms if logarithm.primitive is sub.primitive}
        if len(wholes) != 1 or not all(logarithm.primitive is sub.primitive for logarithm in logarithms):
            continue
        (whole,) = wholes
        among = [logarithm.parents[0] for logarithm in logarithms]
        numbers = [factor.data for factor in factors]
        own, other = max(numbers), min(numbers)
        if (
            whole.primitive is logsumexp.primitive
            and among == [*whole.parents]
            and after.issuperset(among)
            and sorted(numbers)[:-1] == [other] * (len(numbers) - 1)
            and other < own
            and math.isclose(own, 1 - len(numbers) * other + other, rel_tol=ALIKE)
        ):
            yield Made(factors, [float(number == own) for number in numbers], _smoothed(own - other, other))


def _smoothed(most: float, least: float) -> Callable[[Sequence[Value]], list[Value]]:
    return lambda shares: [share * most + least for share in shares]
