"""The class that a loss was given: an index leaves no number in a graph, only a value that was picked among several."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from autograd_lite.graph.bundles import Bundle
from autograd_lite.ops import dot, logsumexp, mul, sub, truediv
from autograd_lite.ops import sum as total
from autograd_lite.value import Value
from visualize.graph.nodes import Graph

# By what a share of a whole, or its logarithm, is known: how the whole is made, and how one of its parts is set against it.
SHARES = [(total.primitive, truediv.primitive), (logsumexp.primitive, sub.primitive)]


@dataclass(frozen=True, eq=False)
class Choice:
    """A value that was picked among several, one for each class.

    Attributes:
        reader: the operation that sets it against the whole that all of them make.
        among: the values.
        place: which of them was picked.
        weight: a plain number that multiplies the result: of all classes, or of this one alone.
    """

    reader: Value
    among: Sequence[Value]
    place: int
    weight: Value | None

    @property
    def chosen(self) -> Value:
        """The value that was picked."""
        return self.among[self.place]

    def weighted(self, shares: Sequence[Value], anew: Mapping[Value, Value]) -> Value:
        """The same as a sum of all, each times its share: 1 for the one that was picked, 0 for the others."""
        return dot(Bundle(shares), Bundle(anew[value] for value in self.among))


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


def computed_from(graph: Graph, outputs: Collection[Value]) -> set[Value]:
    """The outputs of a network, and all that is computed from them."""
    behind = set(outputs)
    for node in graph.nodes:
        if not behind.isdisjoint(node.parents):
            behind.add(node)
    return behind
