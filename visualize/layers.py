"""Which nodes of a graph form a layer: neurons that read the same inputs."""

from __future__ import annotations

from dataclasses import dataclass, field

from autograd_lite.bundles import Bundle
from autograd_lite.ops import dot
from autograd_lite.value import Value
from visualize.graph import Graph


@dataclass
class Layer:
    """The neurons that read one bundle of inputs: their weighted sums z, their outputs a = g(z), their weights and biases."""

    level: int  # 1 for the first layer behind the inputs
    sums: list[Value] = field(default_factory=list)
    outputs: list[Value] = field(default_factory=list)
    parameters: list[Value] = field(default_factory=list)

    @property
    def nodes(self) -> list[Value]:
        """All nodes of the layer."""
        return self.parameters + self.sums + self.outputs

    @property
    def activation(self) -> str:
        """The symbol of the activation function, "" if there is none."""
        return self.outputs[0].primitive.symbol if self.outputs else ""


def find_layers(graph: Graph) -> list[Layer]:
    """The layers of the networks in a graph, from the inputs on.

    A layer is found by what the engine records: its neurons are `dot` nodes that share one bundle of inputs.
    """
    layers: dict[int, Layer] = {}
    layer_of: dict[Value, Layer] = {}
    users: dict[Value, int] = {}
    level: dict[Value, int] = {}  # the number of layers on the way from the inputs
    for node in graph.nodes:
        for parent in node.parents:
            users[parent] = users.get(parent, 0) + 1
        behind = max((level[parent] for parent in node.parents), default=0)
        level[node] = behind
        if is_neuron(node):
            inputs = node.operands[1]
            layer = layers.setdefault(id(inputs), Layer(behind + 1))
            layer.sums.append(node)
            layer_of[node] = layer
            level[node] = layer.level
    for node in graph.nodes:
        summed = [parent for parent in node.parents if not parent.is_constant]
        if len(summed) == 1 and summed[0] in layer_of and users[summed[0]] == 1 and is_activation(node):
            layer = layer_of[summed[0]]
            if not layer.outputs or layer.outputs[0].primitive is node.primitive:
                layer.outputs.append(node)
    found = list(layers.values())
    for layer in found:  # a parameter that is shared, as between samples, belongs to the layer that it was first used in
        for node in layer.sums:
            for parameter in parameters_of(node):
                if parameter not in layer_of:
                    layer_of[parameter] = layer
                    layer.parameters.append(parameter)
    return found if len(found) > 1 or any(len(layer.sums) > 1 for layer in found) else []


def parameters_of(neuron: Value) -> list[Value]:
    """The weights and the bias of a neuron that are leaves."""
    weights, _, *bias = neuron.operands
    return [value for value in (*weights, *bias) if not value.operands and not value.is_constant]


def is_neuron(node: Value) -> bool:
    """Whether a node is a weighted sum of inputs."""
    return node.primitive is dot.primitive and isinstance(node.operands[1], Bundle)  # type: ignore[attr-defined]


def is_activation(node: Value) -> bool:
    """Whether a node is written as a function call, of a weighted sum and perhaps of plain numbers."""
    return not node.primitive.variadic and not node.primitive.precedence


def weights_on_edges(graph: Graph) -> dict[Value, Value]:
    """For each weight that only one neuron uses, and once, the input that it multiplies: it is drawn on the way from it."""
    users: dict[Value, int] = {}
    for node in graph.nodes:
        for parent in node.parents:
            users[parent] = users.get(parent, 0) + 1
    return {
        weight: given
        for node in graph.nodes
        if is_neuron(node)
        for weight, given in zip(node.operands[0], node.operands[1], strict=True)
        if users[weight] == 1 and not weight.operands and given is not weight
    }
