"""How weights begin: random numbers, scaled so that signals neither grow nor fade from layer to layer."""

from __future__ import annotations

import math
from collections.abc import Callable
from random import Random
from typing import Final, TypeAlias

from nn.named import named_function

Initializer: TypeAlias = Callable[[int, int, Random], float]  # inputs of the neuron, neurons in its layer, generator


def glorot_uniform(nin: int, nout: int, random: Random) -> float:
    """Uniform in ±√(6 / (nin + nout)). Source: Glorot and Bengio (2010), for sigmoid and tanh.

    Example:
        >>> from random import Random
        >>> from nn import glorot_uniform
        >>> abs(glorot_uniform(3, 3, Random(0))) <= 1
        True
    """
    bound = math.sqrt(6 / (nin + nout))
    return random.uniform(-bound, bound)


def glorot_normal(nin: int, nout: int, random: Random) -> float:
    """Normal with variance 2 / (nin + nout). Source: Glorot and Bengio (2010), for sigmoid and tanh.

    Example:
        >>> from nn import MLP
        >>> model = MLP(2, [3, 1], activation="tanh", init="glorot_normal", seed=0)
        >>> model.layers[0].weight.shape
        (3, 2)
    """
    return random.gauss(0.0, math.sqrt(2 / (nin + nout)))


def he_uniform(nin: int, nout: int, random: Random) -> float:
    """Uniform in ±√(6 / nin). Source: He et al. (2015), for relu.

    Example:
        >>> from random import Random
        >>> from nn import he_uniform
        >>> abs(he_uniform(6, 10, Random(0))) <= 1
        True
    """
    bound = math.sqrt(6 / nin)
    return random.uniform(-bound, bound)


def he_normal(nin: int, nout: int, random: Random) -> float:
    """Normal with variance 2 / nin. Source: He et al. (2015), for relu.

    Example:
        >>> from nn import Neuron
        >>> neuron = Neuron(3, activation="relu", init="he_normal", seed=0)
        >>> len(neuron.w)
        3
    """
    return random.gauss(0.0, math.sqrt(2 / nin))


def unit_uniform(nin: int, nout: int, random: Random) -> float:
    """Uniform in ±1, however many inputs there are: what micrograd begins with.

    Example:
        >>> from random import Random
        >>> from nn import unit_uniform
        >>> -1 <= unit_uniform(100, 10, Random(0)) <= 1
        True
    """
    return random.uniform(-1, 1)


INITIALIZERS: Final[dict[str, Initializer]] = {
    function.__name__: function for function in (glorot_uniform, glorot_normal, he_uniform, he_normal, unit_uniform)
}


def initializer(init: str | Initializer) -> Initializer:
    """The initializer of that name, or the function itself."""
    return named_function("init", init, INITIALIZERS, "nin", "nout", "random")
