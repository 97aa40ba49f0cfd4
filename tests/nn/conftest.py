"""The documents' worked network."""

import pytest

from nn import MLP


@pytest.fixture
def network():
    """D21: two hidden layers, the last of 6 nodes, an output layer of 4, no biases."""
    return MLP(3, [5, 6, 4], activation="sigmoid", output_activation="sigmoid", bias=False, seed=21)
