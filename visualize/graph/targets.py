"""Plain numbers that a loss made of a target before the graph met it: y and 1 − y."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from autograd_lite.ops import add, mul, neg, sub
from autograd_lite.value import Value
from visualize.graph.nodes import Graph


@dataclass(frozen=True, eq=False)
class Complements:
    """Plain numbers of a graph that were made of a target y: ±y and ±(1 − y)."""

    direct: Value
    rest: Value

    @property
    def target(self) -> Any:
        """What they were made of."""
        return abs(self.direct.data)

    def again(self, target: Value) -> dict[Value, Value]:
        """What stands for each when the target is another."""
        return {
            number: -part if math.copysign(1, number.data) < 0 else part
            for number, part in ((self.direct, target), (self.rest, 1 - target))
        }


def complements_in(graph: Graph, outputs: Collection[Value]) -> Iterator[Complements]:
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
            yield Complements(y, rest)


def _weighed(node: Value) -> tuple[Value, Value] | None:
    """A plain number and what it multiplies, where the node is such a product or minus one."""
    if node.primitive is neg.primitive:
        (node,) = node.parents
    if node.primitive is not mul.primitive:
        return None
    one, other = node.parents if node.parents[0].is_constant else node.parents[::-1]
    return (one, other) if one.is_constant and not other.is_constant else None
