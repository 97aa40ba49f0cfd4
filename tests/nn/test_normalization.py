"""LayerNorm beside PyTorch's, and what it says of wrong input."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd_lite import check_grads
from nn import Layer, LayerNorm, Sequential, load, save

SAMPLES = st.lists(st.floats(-10, 10).filter(lambda x: x == 0 or abs(x) > 1e-3), min_size=1, max_size=5)


@given(SAMPLES, st.sampled_from([1e-5, 0.1]), st.booleans(), st.booleans())
def test_it_computes_what_pytorch_does(sample, eps, affine, bias):
    torch = pytest.importorskip("torch")
    ours, size = LayerNorm(len(sample), eps, affine, bias), len(sample)
    theirs = torch.nn.LayerNorm(size, eps, elementwise_affine=affine, bias=bias, dtype=torch.float64)
    x = torch.tensor(sample, dtype=torch.float64)
    if affine:
        ours.weight = [0.5 + i for i in range(size)]
        theirs.weight.data = torch.tensor(ours.weight)
    if affine and bias:
        ours.bias = [1.0 - i for i in range(size)]
        theirs.bias.data = torch.tensor(ours.bias)
    outputs, expected = ours(sample), theirs(x)
    numbers = [getattr(y, "data", y) for y in outputs]
    assert numbers == pytest.approx(expected.tolist(), rel=1e-9, abs=1e-9)
    if affine:
        (outputs[0] * outputs[0]).backward()
        (expected[0] * expected[0]).backward()
        assert [w.grad for w in ours.w] == pytest.approx(theirs.weight.grad.tolist(), rel=1e-9, abs=1e-9)


def test_its_derivatives_are_those_of_its_numbers():
    layer = LayerNorm(3)
    check_grads(lambda x: layer(x)[0] + 2 * layer(x)[1], ([0.5, -1.0, 2.0],), order=2)


def test_what_does_not_fit_is_said():
    with pytest.raises(ValueError, match="LayerNorm expects 3 inputs, got 2"):
        LayerNorm(3)([1.0, 2.0])
    with pytest.raises(ValueError, match="expects 3 inputs, got 2: so many outputs has the layer before it"):
        Sequential(Layer(2, 2), LayerNorm(3))
    with pytest.raises(ValueError, match="layer 2 expects 2 inputs, got 3: so many outputs has the layer before it"):
        Sequential(Layer(2, 3), LayerNorm(3), Layer(2, 1))
    with pytest.raises(ValueError, match="has no bias"):
        LayerNorm(2, bias=False).bias = [1.0, 2.0]
    with pytest.raises(ValueError, match=r"the weight of LayerNorm\(2\): 4 parameters must be of the shape \(2,\), got \(1,\)"):
        LayerNorm(2).weight = [1.0]


def test_a_file_keeps_it(tmp_path):
    model = Sequential(Layer(2, 3, seed=0), LayerNorm(3, eps=0.5, bias=False), Layer(3, 1, seed=1))
    save(model, tmp_path / "model.json")
    again = load(tmp_path / "model.json")
    assert again.state_dict() == model.state_dict()
    assert again([1.0, 2.0]).data == model([1.0, 2.0]).data
