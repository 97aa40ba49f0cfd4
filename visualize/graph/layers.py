"""Which nodes of a graph form a layer: neurons that read the same inputs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from autograd_lite.graph.bundles import Bundle
from autograd_lite.numpy_floats import NumpyValue
from autograd_lite.ops import dot
from autograd_lite.value import Value
from visualize.graph.nodes import Graph

PLAIN = (Value, NumpyValue)  # values of no class of their own


@dataclass
class LayerNodes:
    """The neurons that read one bundle of inputs: their weighted sums z, their outputs a = g(z), their weights and biases."""

    level: int  # 1 for the first layer behind the inputs
    sample: int = 0  # which sample it is run on, from 1; 0 where there is but one
    sums: list[Value] = field(default_factory=list)
    outputs: list[Value] = field(default_factory=list)
    parameters: list[Value] = field(default_factory=list)

    @property
    def inputs(self) -> Bundle[Value]:
        """What the neurons read."""
        return inputs_of(self.sums[0])

    @property
    def nodes(self) -> list[Value]:
        """All nodes of the layer, its inputs not among them."""
        return self.parameters + self.sums + self.outputs

    @property
    def activation(self) -> str:
        """The symbol of the activation function, "" if there is none."""
        return self.outputs[0].primitive.symbol if self.outputs else ""


def find_layers(graph: Graph) -> list[LayerNodes]:
    """The layers of the networks in a graph, from the inputs on.

    A layer is found by what the engine records: its neurons are `dot` nodes that share one bundle of inputs.
    """
    layers: dict[Bundle[Value], LayerNodes] = {}  # by the inputs that they read
    layer_of: dict[Value, LayerNodes] = {}
    level: dict[Value, int] = {}  # the number of layers on the way from the inputs
    learned = {*parameters_in(graph)}  # and what is computed from them
    for node in graph.nodes:
        level[node] = max((level[parent] for parent in node.parents), default=0)
        if not learned.isdisjoint(node.parents):
            learned.add(node)
        if is_neuron(node) and not learned.isdisjoint(weights_of(node)):  # no sum that a loss weighs by its target
            layer = layers.setdefault(inputs_of(node), LayerNodes(level[node] + 1))
            layer.sums.append(node)
            layer_of[node] = layer
            level[node] = layer.level
    for node in graph.nodes:
        read = [parent for parent in node.parents if not parent.is_constant]
        if len(read) == 1 and read[0] in layer_of and graph.uses[read[0]] == 1 and is_activation(node):
            layer = layer_of[read[0]]
            if not layer.outputs or layer.outputs[0].primitive is node.primitive:
                layer.outputs.append(node)
    found = list(layers.values())
    _share_out_parameters(found)
    for runs in in_batches(found):
        if len(runs) > 1:
            for sample, layer in enumerate(runs, start=1):
                layer.sample = sample
    return found if len(found) > 1 or any(len(layer.sums) > 1 for layer in found) else []


def in_batches(layers: Iterable[LayerNodes]) -> list[list[LayerNodes]]:
    """The layers, each as often as it is run: on every sample of a batch, in their order."""
    runs: dict[tuple[int, Value], list[LayerNodes]] = {}
    for layer in layers:
        runs.setdefault((layer.level, weights_of(layer.sums[0])[0]), []).append(layer)
    return list(runs.values())


def _share_out_parameters(layers: list[LayerNodes]) -> None:
    """Give each parameter to a layer: one that is shared, as between samples, to that which it was first used in."""
    given: set[Value] = set()
    for layer in layers:
        for neuron in layer.sums:
            new = [parameter for parameter in dict.fromkeys(parameters_of(neuron)) if parameter not in given]
            layer.parameters += new
            given.update(new)


def is_neuron(node: Value) -> bool:
    """Whether a node is a weighted sum of inputs, as a layer computes it."""
    return node.primitive is dot.primitive and isinstance(node.operands[1], Bundle)  # type: ignore[attr-defined]


def parameters_in(graph: Graph) -> set[Value]:
    """The leaves that learn: those of a class of their own, as a model's parameters are; where there are none, every leaf."""
    leaves = {node for node in graph.nodes if not node.operands and not node.is_constant}
    return {leaf for leaf in leaves if type(leaf) not in PLAIN} or leaves - graph.given


def neurons_of(graph: Graph) -> list[Value]:
    """The neurons of a graph: weighted sums whose weights can learn, and are not what they weigh, as in a sum of squares."""
    parameters = parameters_in(graph)
    return [
        node
        for node in graph.nodes
        if is_neuron(node) and not parameters.isdisjoint(weights_of(node)) and {*inputs_of(node)}.isdisjoint(weights_of(node))
    ]


def output_of(graph: Graph, neuron: Value) -> Value:
    """What a neuron gives: the activation function of its weighted sum, or that sum where nothing else reads it so."""
    users = graph.users[neuron]
    if len(users) == 1:
        user = users[0][0]
        if is_activation(user) and [parent for parent in user.parents if not parent.is_constant] == [neuron]:
            return user
    return neuron


def weights_of(neuron: Value) -> Bundle[Value]:
    """A neuron's weights, one for each of its inputs."""
    return neuron.operands[0]  # type: ignore[no-any-return]


def inputs_of(neuron: Value) -> Bundle[Value]:
    """What a neuron reads."""
    return neuron.operands[1]  # type: ignore[no-any-return]


def parameters_of(neuron: Value) -> list[Value]:
    """The weights and the bias of a neuron that are leaves."""
    weights, _, *bias = neuron.operands
    return [value for value in (*weights, *bias) if not value.operands and not value.is_constant]


def is_activation(node: Value) -> bool:
    """Whether a node is written as a function call, of a weighted sum and perhaps of plain numbers."""
    return not node.primitive.variadic and not node.primitive.precedence


def weights_on_edges(graph: Graph) -> dict[Value, Value]:
    """For each weight that only one neuron uses, and once, the input that it multiplies: it is drawn on the way from it."""
    return {
        weight: given
        for node in graph.nodes
        if is_neuron(node)
        for weight, given in zip(weights_of(node), inputs_of(node), strict=True)
        if graph.uses[weight] == 1 and not weight.operands and given is not weight
    }
