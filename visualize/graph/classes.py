"""The class that a loss was given, or a share for each: an index leaves no number in a graph, shares are factors in it."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from autograd_lite.graph.bundles import Bundle
from autograd_lite.operands import node_of
from autograd_lite.ops import add, dot, logsumexp, mul, sub, truediv, where
from autograd_lite.ops import sum as total
from autograd_lite.value import Value
from visualize.graph.layers import inputs_of, is_neuron, weights_of
from visualize.graph.nodes import Graph

WHERE = where.primitive  # type: ignore[attr-defined]
# By what a share of a whole, or its logarithm, is known: how the whole is made, and how one of its parts is set against it.
SHARES = [(total.primitive, truediv.primitive), (logsumexp.primitive, sub.primitive)]


@dataclass(frozen=True, eq=False)
class Choice:
    """A value that was picked among several, one for each class.

    Attributes:
        node: the operation that sets it against the whole that all of them make.
        among: the values.
        place: which of them was picked.
        weight: a plain number that multiplies the result: of all classes, or of this one alone.
    """

    node: Value
    among: Sequence[Value]
    place: int
    weight: Value | None

    @property
    def target(self) -> list[float]:
        """A share for each class: 1 for the one that was picked, 0 for the others."""
        return [float(k == self.place) for k in range(len(self.among))]

    def again(self, shares: Sequence[Value], anew: Mapping[Value, Value]) -> Value:
        """The operation on the sum of all, each times its share, where it had the one that was picked."""
        chosen = self.among[self.place]
        read = {**anew, chosen: dot(Bundle(shares), Bundle(anew[value] for value in self.among))}
        return node_of(self.node.primitive, tuple(read[parent] for parent in self.node.parents), self.node.data)


@dataclass(frozen=True, eq=False)
class ClassShares:
    """Logarithms of probabilities, x_k − log Σ eˣ, that are added up, each times a factor made of the share of its class.

    Attributes:
        node: the operation that adds them up.
        whole: log Σ eˣ.
        given: the shares, each with its class, as the graph has them: of a class that it does not have the share is 0.
        factors: what was made of each: itself, or that times a weight, and smoothed.
    """

    node: Value
    whole: Value
    given: Mapping[int, Value]
    factors: Mapping[int, Value]

    @property
    def target(self) -> list[Any]:
        """The share of each class."""
        return [self.given[k].data if k in self.given else 0.0 for k in range(len(self.whole.parents))]

    def again(self, shares: Sequence[Value], anew: Mapping[Value, Value]) -> Value:
        """The sum over all classes, their factors made of these shares."""
        factors = [anew[self.factors[k]] if k in self.factors else share for k, share in enumerate(shares)]
        logarithms = [sub(anew[x], anew[self.whole]) for x in self.whole.parents]
        return dot(Bundle(factors), Bundle(logarithms))


Target: TypeAlias = Choice | ClassShares


def choices_in(graph: Graph, outputs: Collection[Value]) -> Iterator[Choice]:
    """What losses picked by a class among what they computed from a network's outputs.

    In log Σ eˣ − x_k, or eˣ / Σ eˣ, the operation reads the whole, and of what that is made of one value, while nothing else
    reads any.
    """
    behind = computed_from(graph, outputs)
    for node in graph.nodes:
        for chosen, whole in (node.parents, node.parents[::-1]) if len(node.parents) == 2 else ():
            among = whole.parents
            if (
                (whole.primitive, node.primitive) in SHARES
                and 1 < len(among) <= len(outputs)
                and chosen in among
                and behind.issuperset(among)
                and all(graph.uses[value] == (2 if value is chosen else 1) for value in among)
                and all(math.isfinite(value.data) for value in among)
            ):
                yield Choice(node, among, among.index(chosen), _weight(graph, node))


def _weight(graph: Graph, node: Value) -> Value | None:
    for user, _ in graph.users[node]:
        if user.primitive is mul.primitive:
            for factor in user.parents:
                if factor.is_constant:
                    return factor
    return None


def shares_in(graph: Graph, outputs: Collection[Value]) -> Iterator[ClassShares]:
    """What losses were given as shares of classes, by which they add up the logarithms of a network's probabilities."""
    behind = computed_from(graph, outputs)
    for node in graph.nodes:
        if not is_neuron(node) or len(node.operands) != 2:  # no sum of products, or one with an offset
            continue
        factors = weights_of(node)
        logarithms = [term.parents[1] if term.primitive is WHERE else term for term in inputs_of(node)]
        wholes = {one.parents[1] for one in logarithms if one.primitive is sub.primitive}
        if len(wholes) != 1 or any(one.primitive is not sub.primitive for one in logarithms):
            continue
        (whole,) = wholes
        among = whole.parents
        parts = [one.parents[0] for one in logarithms]
        given = [_share_in(factor) for factor in factors]
        if (
            whole.primitive is logsumexp.primitive
            and 1 < len(among) <= len(outputs)
            and behind.issuperset(among)
            and len({*parts}) == len(parts)
            and {*parts}.issubset(among)
            and None not in given
            and all(math.isfinite(value.data) for value in among)
        ):
            places = [among.index(part) for part in parts]
            known = {k: share for k, share in zip(places, given, strict=True) if share is not None}
            yield ClassShares(node, whole, known, dict(zip(places, factors, strict=True)))


def _share_in(factor: Value) -> Value | None:
    """The plain number y in a factor y, y·c or y·c + d of plain numbers."""
    for operation in (add, mul):
        if factor.primitive is operation.primitive and factor.parents[1].is_constant:
            factor = factor.parents[0]
    return factor if factor.is_constant else None


def computed_from(graph: Graph, outputs: Collection[Value]) -> set[Value]:
    """The outputs of a network, and all that is computed from them."""
    behind = set(outputs)
    for node in graph.nodes:
        if not behind.isdisjoint(node.parents):
            behind.add(node)
    return behind
