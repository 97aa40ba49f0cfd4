"""The network that a graph computes, found in what the engine recorded: its layers, one after another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from autograd_lite.value import Value
from visualize.graph.layers import inputs_of, neurons_of, output_of, weights_of
from visualize.graph.nodes import Graph
from visualize.network.model import NetworkLayer


@dataclass(frozen=True)
class RecordedNetwork:
    """A network in a graph, on one sample or on many that share its weights.

    Attributes:
        runs: for each sample what each layer gives, from layer 0, the input; and the weighted sums of each, from layer 1.
    """

    runs: Sequence[tuple[Sequence[Sequence[Value]], Sequence[Sequence[Value]]]]

    @property
    def columns(self) -> Sequence[Sequence[Value]]:
        """What each layer gives, on the first sample."""
        return self.runs[0][0]

    @property
    def sums(self) -> Sequence[Sequence[Value]]:
        """The weighted sums of each layer, on the first sample."""
        return self.runs[0][1]

    @property
    def has_several_neurons(self) -> bool:
        """Whether there is more to it than one neuron."""
        return sum(map(len, self.sums)) > 1

    def parts(self) -> list[NetworkLayer]:
        """The layers, as those of a model."""
        return [
            NetworkLayer([weights_of(z) for z in sums], [bias_of(z) for z in sums], _activation(sums[0], outputs[0]))
            for sums, outputs in zip(self.sums, self.columns[1:], strict=True)
        ]

    def activations(self) -> list[list[float]]:
        """The numbers of the nodes of each layer."""
        return [[value.data for value in column] for column in self.columns]


def recorded_network(graph: Graph) -> RecordedNetwork | None:
    """The network in a graph; None if there is none, or its layers are not one after another."""
    layers: dict[tuple[Value, ...], list[Value]] = {}  # the neurons by what they read
    neurons = neurons_of(graph)
    for neuron in neurons:
        layers.setdefault(tuple(inputs_of(neuron)), []).append(neuron)
    behind = {neuron: {neuron} for neuron in neurons}  # the neurons that are nearest behind each node
    for node in graph.nodes:
        if node not in behind:
            behind[node] = {neuron for parent in node.parents for neuron in behind[parent]}
    chains = [_chain(layers, behind, inputs) for inputs in layers if not any(behind[value] for value in inputs)]
    if not chains or sum(map(len, chains)) != len(layers):
        return None
    weights = [[{*map(tuple, map(weights_of, sums))} for _, sums in chain] for chain in chains]
    if any(others != weights[0] for others in weights):
        return None
    return RecordedNetwork([_run(graph, behind, chain) for chain in chains])


def _run(
    graph: Graph, behind: dict[Value, set[Value]], chain: list[tuple[tuple[Value, ...], list[Value]]]
) -> tuple[list[Sequence[Value]], list[Sequence[Value]]]:
    """What each layer gives on one sample, and its weighted sums; the last ones in the order of what reads them all."""
    columns, sums = zip(*chain, strict=True)
    last = _in_order_read(graph, [output_of(graph, z) for z in sums[-1]])
    return [*columns, last], [*sums[:-1], [z for a in last for z in behind[a]]]


def _chain(
    layers: dict[tuple[Value, ...], list[Value]], behind: dict[Value, set[Value]], start: tuple[Value, ...]
) -> list[tuple[tuple[Value, ...], list[Value]]]:
    """What each layer reads, from the first on, and its neurons: the next one reads one value of each, and in their order."""
    chain = [(start, layers[start])]
    while True:
        inputs, sums = chain[-1]
        following = [
            (values, [z for value in values for z in behind[value]])
            for values in layers
            if len(values) == len(sums) and {frozenset(behind[value]) for value in values} == {frozenset({z}) for z in sums}
        ]
        if len(following) != 1:
            return chain
        values, in_order = following[0]
        chain[-1] = (inputs, in_order)
        chain.append((values, layers[values]))


def _in_order_read(graph: Graph, outputs: list[Value]) -> list[Value]:
    """The outputs in the order in which an operation on all of them, such as softmax, reads them; else that of the graph."""
    for node in graph.nodes:
        if len(node.parents) > 1 and not {*outputs} - {*node.parents}:
            return sorted(outputs, key=[*node.parents].index)
    return outputs


def bias_of(neuron: Value) -> Value | None:
    """The bias of a neuron, if it has one."""
    bias = neuron.operands[2] if len(neuron.operands) > 2 else None
    return None if bias is None or bias.is_constant else bias


def _activation(z: Value, a: Value) -> str:
    """What the function between a weighted sum and an output is called."""
    return "identity" if a is z else a.op if z in a.parents else "…"
