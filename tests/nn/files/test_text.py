"""The text form of networks: the same bits back, and a clear error that names the line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nn import MLP, from_text, to_text

ANY_FLOAT = st.floats(allow_nan=False)


def fill(model, numbers):
    for parameter, data in zip(model.parameters(), numbers, strict=False):
        parameter.data = data
    return model


@given(st.lists(ANY_FLOAT, min_size=11, max_size=11), st.booleans())
def test_the_text_form_comes_back_with_the_same_bits(numbers, bias):
    model = fill(MLP(2, [2, 1], bias=bias), numbers)
    assert from_text(to_text(model)).state_dict() == model.state_dict()
    assert to_text(from_text(to_text(model))) == to_text(model)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("hello", "line 1: expected a layer or a neuron, got 'hello'"),
        ("layer 2: 1 input, 1 neuron, relu", "line 1: layer 2 where layer 1 should be"),
        ("layer 1: 999999999 inputs, 9 neurons, relu", "line 1: 999999999 x 9 weights are more than the text can hold"),
        ("layer 1: 1 input, 1 neuron, rm", "line 1: activation must be 'abs', .*or a function of .one Value., got 'rm'"),
        (
            "layer 1: 2 inputs, 1 neuron, relu\nneuron 0: weights 1.0; bias 0.0",
            "line 2: neuron 0 has 1 weights, its layer 2 inputs",
        ),
        ("layer 1: 1 input, 1 neuron, relu\nneuron 0: weights 1.0", "line 2: neuron 0 has no bias, unlike its layer"),
        ("layer 1: 1 input, 1 neuron, relu, no bias\nneuron 0: weights 1.0; bias 1.0", "line 2: neuron 0 has a bias, unlike"),
        ("layer 1: 1 input, 1 neuron, relu\nneuron 1: weights 1.0; bias 0.0", "line 2: neuron 1 where neuron 0 should be"),
        ("layer 1: 1 input, 1 neuron, relu\nneuron 0: weights x; bias 0.0", "line 2: could not convert"),
        ("layer 1: 1 input, 2 neurons, relu\n\nneuron 0: weights 1.0; bias 0.0", "layer 1 says 2 neurons, but 1 follow"),
        (
            "layer 1: 1 input, 1 neuron, relu, no bias\nneuron 0: weights 1.0\nneuron 1: weights 1.0",
            "line 3: neuron 1 in a layer that says 1",
        ),
        ("neuron 0: weights 1.0", "line 1: expected a layer or a neuron"),
        ("", r"the layers of MLP must be at least one Module, got \(\)"),
    ],
)
def test_a_broken_text(text, message):
    with pytest.raises(ValueError, match=message):
        from_text(text)
