"""The plain numbers that a network was given, its inputs x and its targets y, as leaves that have a name and can be changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Final, TypeAlias

from autograd_lite.graph.bundles import Bundle
from autograd_lite.notation import SUBSCRIPTS, number
from autograd_lite.operands import node_of
from autograd_lite.value import Value
from visualize.graph.classes import Choice, ClassShares, Target, choices_in, shares_in
from visualize.graph.layers import inputs_of, neurons_of, output_of
from visualize.graph.names import names_of
from visualize.graph.nodes import GivenClass, Graph
from visualize.graph.targets import complements_in

OF_SAMPLE = " of sample "  # between the name of an input and the number of its sample, from 1
BINDS_STRONGER = 3  # the precedence from which an operation is no sum, difference, product or quotient

Compared: TypeAlias = Mapping[Value, tuple[Target, Sequence[Value]]]  # by what reads it, with leaves for its shares
NONE: Final[Compared] = {}


def with_inputs(graph: Graph) -> Graph:
    """The same graph, in which the numbers that a network was given are leaves; itself where there are none.

    A class is one for each of them: a leaf that is 1 for it, and leaves that are 0 for the others.
    """
    given = GivenNumbers(graph)
    anew = {constant: Value(constant.data, name) for constant, name in given.names.items()}
    leaves = {*anew.values(), *given.made.values(), *(share for _, shares in given.targets for share in shares)}
    if not leaves:
        return graph
    for made, target in given.made.items():
        anew |= made.again(target)
    for one, shares in given.targets:
        if isinstance(one, ClassShares):
            anew |= {number: shares[k] for k, number in one.given.items()}
    built = with_leaves(graph, anew, {one.node: (one, shares) for one, shares in given.targets})
    built.classes = [
        GivenClass(shares, one.weight if isinstance(one, Choice) else None)
        for one, shares in given.targets
        if sorted(one.target) == [0] * (len(shares) - 1) + [1]
    ]
    built.given = leaves
    return built


class GivenNumbers:
    """The plain numbers in a graph that a network was given.

    Attributes:
        names: those that neurons read, x₀, x₁ …, and those that the outputs are compared with, y₀, y₁ …, of several samples
            with its number.
        targets: what was picked by a class, or has a share for each, with leaves for the shares of all classes.
        made: numbers that were made of a target, each pair with a leaf for that.
    """

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        neurons = neurons_of(graph)
        bundles = list(dict.fromkeys(map(inputs_of, neurons)))
        read = {value for bundle in bundles for value in bundle}
        outputs = {output_of(graph, neuron) for neuron in neurons} - read
        self.samples = [bundle for bundle in bundles if any(value.is_constant for value in bundle)]
        self.names: dict[Value, str] = {}
        for i, bundle in enumerate(self.samples):
            self.names |= {x: self._named("x", k, {i}) for k, x in enumerate(bundle) if x.is_constant}
        self.behind = self._samples_behind()
        self.count: Counter[frozenset[int]] = Counter()  # of targets, by what they are compared with
        shared = [*shares_in(graph, outputs)]
        targets = {*_beside(graph, outputs), *self._computed_with(outputs)} if outputs else set()
        targets.difference_update(*(one.given.values() for one in shared))
        self.names |= {y: self._target(self._met(y)) for y in sorted(targets, key=graph.index.__getitem__)}
        weighed = {term for one in shared for term in one.node.parents}  # a logarithm with a share of 1 was not picked
        chosen = [one for one in choices_in(graph, outputs) if one.node not in weighed]
        compared: list[Target] = [*chosen, *shared]
        self.targets = [(one, self._shares(one)) for one in compared]
        self.made = {one: Value(one.target, self._target(self._met(one.direct))) for one in complements_in(graph, outputs)}

    def _named(self, letter: str, index: int, samples: Collection[int]) -> str:
        of_sample = f"{OF_SAMPLE}{min(samples) + 1}" if len(self.samples) > 1 and len(samples) == 1 else ""
        return letter + str(index).translate(SUBSCRIPTS) + of_sample

    def _target(self, samples: frozenset[int]) -> str:
        """The name of the next target of what is computed from these samples."""
        self.count[samples] += 1
        return self._named("y", self.count[samples] - 1, samples)

    def _samples_behind(self) -> dict[Value, frozenset[int]]:
        """For each node the samples that it is computed from."""
        behind = {x: frozenset({i}) for i, bundle in enumerate(self.samples) for x in bundle if x.is_constant}
        for node in self.graph.nodes:
            behind.setdefault(node, frozenset().union(*(behind[parent] for parent in node.parents)))
        return behind

    def _met(self, target: Value) -> frozenset[int]:
        """The samples behind what a target first meets."""
        users = [user for user, _ in self.graph.users[target]]
        for user in users:
            if self.behind[user]:
                return self.behind[user]
            users += [further for further, _ in self.graph.users[user]]
        return frozenset()

    def _computed_with(self, outputs: set[Value]) -> Iterator[Value]:
        """The plain numbers that several operations read, which come after the outputs: a function was given them.

        Each number that is written in an expression is read once.
        """
        before = set(outputs)  # what they are computed from, too
        for node in reversed(self.graph.nodes):
            if node in before:
                before.update(node.parents)
        for node in self.graph.nodes:
            if node.is_constant and self.graph.uses[node] > 1 and node not in before:
                yield node

    def _shares(self, target: Target) -> list[Value]:
        samples = self.behind[target.node]
        return [Value(share, self._target(samples)) for share in target.target]


def _beside(graph: Graph, outputs: set[Value]) -> Iterator[Value]:
    """The plain numbers that stand beside one of the outputs in an operation of two, which is all that reads it.

    The 1 in log(a) and log(1 − a) is no target.
    """
    for node in graph.nodes:
        if len(node.parents) == 2 and 0 < node.primitive.precedence < BINDS_STRONGER:
            for one, other in (node.parents, reversed(node.parents)):
                if one in outputs and graph.uses[one] == 1 and other.is_constant:
                    yield other


def with_leaves(graph: Graph, leaves: Mapping[Value, Value], compared: Compared = NONE) -> Graph:
    """The same graph with other leaves in the place of some; what is computed from them is built anew, under the same names."""
    anew: dict[Value, Value] = dict(leaves)
    build_anew(graph.nodes, anew, compared)
    built = Graph(anew[graph.output], names=False)
    built.variables = {anew[node]: name for node, name in graph.variables.items()}
    built.names = names_of(built.nodes, built.variables)
    built.given = {anew[node] for node in graph.given}
    return built


def with_numbers(graph: Graph) -> Graph:
    """The same graph, node for node, for the formulas of a page: its plain numbers are leaves there, that can be changed.

    They are those of sums, differences, products and quotients, each called by its number. An exponent, or the limit of a
    maximum, is part of what a function is.
    """
    numbers = {
        parent: Value(parent.data, number(parent.data))
        for node in graph.nodes
        if 0 < node.primitive.precedence < BINDS_STRONGER or node.primitive.variadic
        for parent in node.parents
        if parent.is_constant
    }
    return with_leaves(graph, numbers) if numbers else graph


def build_anew(nodes: Iterable[Value], anew: dict[Value, Value], compared: Compared = NONE) -> None:
    """Build nodes, each after its operands, from those that stand for their operands in `anew`; and put them there too.

    What was compared with a class, or with shares of all, is made of leaves for the shares instead.
    """
    bundles: dict[Bundle[Value], Bundle[Value]] = {}  # neurons go on sharing theirs
    for node in nodes:
        if node in compared:
            target, shares = compared[node]
            anew[node] = target.again(shares, anew)
        elif node.operands:
            for operand in node.operands:
                if isinstance(operand, Bundle) and operand not in bundles:
                    bundles[operand] = Bundle(anew[value] for value in operand)
            operands = tuple(bundles[o] if isinstance(o, Bundle) else anew[o] for o in node.operands)
            anew[node] = node_of(node.primitive, operands, node.data, type(node))
        else:
            anew.setdefault(node, node)
            continue
        anew[node].label = node.label
