"""The plain numbers that a network was given, its inputs x and its targets y, as leaves that have a name and can be changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from autograd_lite.graph.bundles import Bundle
from autograd_lite.notation import SUBSCRIPTS, number
from autograd_lite.operands import node_of
from autograd_lite.value import Value
from visualize.graph.layers import inputs_of, neurons_of, output_of
from visualize.graph.names import names_of
from visualize.graph.nodes import Graph

OF_SAMPLE = " of sample "  # between the name of an input and the number of its sample, from 1
BINDS_STRONGER = 3  # the precedence from which an operation is no sum, difference, product or quotient


def with_inputs(graph: Graph) -> Graph:
    """The same graph, in which the numbers that a network was given are leaves; itself where there are none."""
    leaves = {constant: Value(constant.data, name) for constant, name in numbers_given(graph).items()}
    if not leaves:
        return graph
    built = with_leaves(graph, leaves)
    built.given = {*leaves.values()}
    return built


def numbers_given(graph: Graph) -> dict[Value, str]:
    """The plain numbers that neurons read, x₀, x₁ …, and those that an output meets in a sum or a product, y₀, y₁ …"""
    neurons = neurons_of(graph)
    bundles = list(dict.fromkeys(map(inputs_of, neurons)))
    read = {value for bundle in bundles for value in bundle}
    outputs = {output_of(graph, neuron) for neuron in neurons} - read
    samples = [bundle for bundle in bundles if any(value.is_constant for value in bundle)]
    names: dict[Value, str] = {}
    for i, bundle in enumerate(samples, start=1):
        of_sample = f"{OF_SAMPLE}{i}" if len(samples) > 1 else ""
        names |= {x: f"{_numbered('x', k)}{of_sample}" for k, x in enumerate(bundle) if x.is_constant}
    return names | {y: _numbered("y", j) for j, y in enumerate(_beside(graph, outputs))}


def _numbered(letter: str, index: int) -> str:
    return letter + str(index).translate(SUBSCRIPTS)


def _beside(graph: Graph, outputs: set[Value]) -> Iterator[Value]:
    """The plain numbers that stand beside one of the outputs in an operation of two, which is all that reads it.

    The 1 in log(a) and log(1 − a) is no target.
    """
    for node in graph.nodes:
        if len(node.parents) == 2 and 0 < node.primitive.precedence < BINDS_STRONGER:
            for one, other in (node.parents, reversed(node.parents)):
                if one in outputs and graph.uses[one] == 1 and other.is_constant:
                    yield other


def with_leaves(graph: Graph, leaves: Mapping[Value, Value]) -> Graph:
    """The same graph with other leaves in the place of some; what is computed from them is built anew, under the same names."""
    anew: dict[Value, Value] = dict(leaves)
    build_anew(graph.nodes, anew)
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


def build_anew(nodes: Iterable[Value], anew: dict[Value, Value]) -> None:
    """Build nodes, each after its operands, from those that stand for their operands in `anew`; and put them there too."""
    bundles: dict[Bundle[Value], Bundle[Value]] = {}  # neurons go on sharing theirs
    for node in nodes:
        if not node.operands:
            anew.setdefault(node, node)
            continue
        for operand in node.operands:
            if isinstance(operand, Bundle) and operand not in bundles:
                bundles[operand] = Bundle(anew[value] for value in operand)
        operands = tuple(bundles[o] if isinstance(o, Bundle) else anew[o] for o in node.operands)
        anew[node] = node_of(node.primitive, operands, node.data, type(node))
        anew[node].label = node.label
