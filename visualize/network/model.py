"""What a picture reads of a network, its layers of neurons: found by what a model has, not by its class."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeGuard, runtime_checkable

from autograd_lite.basics.arraylike import plain
from autograd_lite.basics.checks import wrong_type
from autograd_lite.basics.wording import function_name
from autograd_lite.value import Value


@runtime_checkable
class Network(Protocol):
    """A model of parts one after another, as `nn.MLP` is: those that have neurons are layers, each neuron with weights `w`."""

    layers: list[Any]

    def __call__(self, x: Any) -> Any:
        """The output for one sample."""


@dataclass(frozen=True)
class NetworkLayer:
    """One layer of a network.

    Attributes:
        weights: one row a node.
        biases: one for each node, None where there is none.
        activation: what its function is called.
    """

    weights: Sequence[Sequence[Value]]
    biases: Sequence[Value | None]
    activation: str


def is_network(subject: Any) -> TypeGuard[Network]:
    """Whether it can be drawn as a network."""
    return not isinstance(subject, Value) and isinstance(subject, Network)


def parts_of(model: Network) -> list[NetworkLayer]:
    """The layers of neurons.

    Raises:
        TypeError: the model has other parts with weights, or no layer of neurons.
    """
    parts = []
    for layer in model.layers:
        neurons = getattr(layer, "neurons", None)
        if neurons is None:
            if getattr(layer, "parameters", list)():
                raise wrong_type("the model", "made of layers of neurons", layer)
            continue  # such as Dropout, which has nothing to draw
        name = function_name(neurons[0].activation)
        parts.append(NetworkLayer([neuron.w for neuron in neurons], [neuron.b for neuron in neurons], name))
    if not parts:
        raise wrong_type("the model", "made of layers of neurons", model)
    return parts


def sizes_of(parts: Sequence[NetworkLayer]) -> list[int]:
    """How many nodes each layer has, from layer 0, the input."""
    return [len(parts[0].weights[0]), *(len(part.weights) for part in parts)]


def activations_of(model: Network, sample: Sequence[Any]) -> list[list[float]]:
    """The numbers of the nodes of each layer for one sample, from layer 0, the input."""
    given = list(plain(sample))
    activations, signal = [given], given
    for layer in model.layers:
        signal = layer(signal)
        if hasattr(layer, "neurons"):
            activations.append([value.data for value in signal])
    return activations
