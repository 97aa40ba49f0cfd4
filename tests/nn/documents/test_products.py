"""D15: what a dot product and an outer product take, and what they refuse."""

import pytest

from nn import MLP, dot_product, outer_product


def test_d15_the_weights_of_a_node_may_be_given_as_they_are():
    neuron = MLP(2, [1], seed=0).layers[0].neurons[0]
    numbers = [w.data for w in neuron.w]
    assert dot_product(neuron.w, [3.0, 4.0]).value == dot_product(numbers, [3.0, 4.0]).value
    assert str(outer_product([1.0], neuron.w)) == str(outer_product([1.0], numbers))


@pytest.mark.parametrize("multiply", [dot_product, outer_product])
def test_d15_an_entry_that_is_no_number_is_named(multiply):
    with pytest.raises(TypeError, match=r"entry 1 of row_vector must be a number, got 'a' \(str\)"):
        multiply(*([1, "a"], [1, 2]) if multiply is dot_product else ([1, 2], [1, "a"]))
    with pytest.raises(TypeError, match=r"entry 0 of column_vector must be a number, got \[1\] \(list\)"):
        multiply(*([1], [[1]]) if multiply is dot_product else ([[1]], [1]))
