"""The documents' row D20: how many operations backward takes, and how many one weight at a time would."""

import pytest

from nn import MLP, count_operations


def test_d20_backward_takes_one_pass_where_one_weight_at_a_time_takes_a_pass_for_each():
    # counted by hand, 2-2-1 without biases: each edge of the graph once, but for those of the inputs and constants
    model = MLP(2, [2, 1], bias=False, seed=0)
    count = count_operations(model, [1.0, 2.0], 0.5)
    loss_edges = 1 + 1  # a − y, its square
    assert count.backward == loss_edges + 1 + 4 + 2 + 4  # g, z of the output (2 weights, 2 activations), 2 g, 2 z of 2 weights
    assert count.one_at_a_time == 2 * (1 + 1 + loss_edges) + 4 * (1 + 1 + 1 + 1 + loss_edges)
    assert count.parameters == 6
    assert count.largest_difference < 1e-15


def test_d20_the_advantage_grows_with_the_network():
    ratios = []
    for width in (4, 8, 16):
        count = count_operations(MLP(width, [width, width], "tanh", seed=0), [0.5] * width, [0.0] * width)
        ratios.append(count.one_at_a_time / count.backward)
        assert count.largest_difference < 1e-13
    assert ratios == sorted(ratios)
    assert ratios[-1] > 10


def test_d20_of_many_samples_the_products_of_all_are_counted():
    model = MLP(2, [3, 1], seed=0)
    one, three = count_operations(model, [1.0, 2.0], 0.5), count_operations(model, [[1.0, 2.0]] * 3, [0.5] * 3)
    assert three.samples == 3
    of_mean = 3 + 1  # the terms of the sum, which is divided
    assert three.backward == 3 * one.backward + of_mean
    assert three.largest_difference < 1e-15
    assert str(three).startswith("13 weights and biases, 3 samples\n")


def test_d20_nothing_is_counted_where_there_is_no_derivative(network):
    with pytest.raises(ValueError, match="the loss of the sample is nan, which has no derivatives"):
        count_operations(network, [float("nan"), 0.0, 0.0], [0.0, 1.0, 0.0, 0.25])
