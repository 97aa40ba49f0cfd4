"""The network that a graph computes, found in what the engine recorded: its layers, one after another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from autograd_lite.value import Value
from visualize.graph.layers import inputs_of, is_neuron, output_of, weights_of
from visualize.graph.nodes import Graph
from visualize.network.model import Part


@dataclass(frozen=True)
class RecordedNetwork:
    """A network in a graph, on one sample; of many samples that share its weights, on the first.

    Attributes:
        columns: what each layer gives, from layer 0, the input.
        sums: the weighted sums of each layer, from layer 1.
        samples: how many there are in the graph.
    """

    columns: Sequence[Sequence[Value]]
    sums: Sequence[Sequence[Value]]
    samples: int

    @property
    def has_several_neurons(self) -> bool:
        """Whether there is more to it than one neuron."""
        return sum(map(len, self.sums)) > 1

    def parts(self) -> list[Part]:
        """The layers, as those of a model."""
        return [
            Part([weights_of(z) for z in sums], [bias_of(z) for z in sums], _activation(sums[0], outputs[0]))
            for sums, outputs in zip(self.sums, self.columns[1:], strict=True)
        ]

    def activations(self) -> list[list[float]]:
        """The numbers of the nodes of each layer."""
        return [[value.data for value in column] for column in self.columns]


def recorded_network(graph: Graph) -> RecordedNetwork | None:
    """The network in a graph; None if there is none, or its layers are not one after another."""
    layers: dict[tuple[Value, ...], list[Value]] = {}  # the neurons by what they read
    behind: dict[Value, set[Value]] = {}  # the neurons that are nearest behind each node
    for node in graph.nodes:
        weighs = is_neuron(node) and not {*inputs_of(node)} & {*weights_of(node)}  # and is no sum of squares
        behind[node] = {node} if weighs else {neuron for parent in node.parents for neuron in behind[parent]}
        if weighs:
            layers.setdefault(tuple(inputs_of(node)), []).append(node)
    starts = [inputs for inputs in layers if not any(behind[value] for value in inputs)]
    chains = [_chain(layers, behind, start) for start in starts]
    if sum(len(chain) for chain in chains) != len(layers):
        return None
    shared = [[tuple(weights_of(z)) for inputs in chain for z in layers[inputs]] for chain in chains]
    if not chains or any(weights != shared[0] for weights in shared):
        return None
    sums = [layers[inputs] for inputs in chains[0]]
    outputs = [output_of(graph, z) for z in sums[-1]]
    return RecordedNetwork([*chains[0], outputs], sums, len(chains))


def _chain(
    layers: dict[tuple[Value, ...], list[Value]], behind: dict[Value, set[Value]], start: tuple[Value, ...]
) -> list[tuple[Value, ...]]:
    """What each layer reads, from the first on: the next one reads, in order, one value of each neuron."""
    chain = [start]
    while True:
        sums = layers[chain[-1]]
        following = [
            inputs
            for inputs in layers
            if len(inputs) == len(sums) and all(behind[value] == {z} for value, z in zip(inputs, sums, strict=True))
        ]
        if len(following) != 1:
            return chain
        chain.append(following[0])


def bias_of(neuron: Value) -> Value | None:
    """The bias of a neuron, if it has one."""
    bias = neuron.operands[2] if len(neuron.operands) > 2 else None
    return None if bias is None or bias.is_constant else bias


def _activation(z: Value, a: Value) -> str:
    """What the function between a weighted sum and an output is called."""
    return "identity" if a is z else a.op if z in a.parents else "…"
