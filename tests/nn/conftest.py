"""The documents' worked network, and what NumPy makes an array of."""

import pytest

from nn import MLP


@pytest.fixture
def network():
    """D21: two hidden layers, the last of 6 nodes, an output layer of 4, no biases."""
    return MLP(3, [5, 6, 4], activation="sigmoid", output_activation="sigmoid", bias=False, seed=21)


class Shown:
    """What NumPy makes an array of by itself, as of other libraries' things."""

    def __init__(self, array):
        self.array = array

    def __array__(self, dtype=None, copy=None):
        return self.array


@pytest.fixture
def shown():
    """Makes an array such a thing."""
    return Shown
