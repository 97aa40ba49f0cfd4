"""Models of PyTorch's, and back: the same outputs, and a clear word where there is no counterpart."""

from functools import partial

import pytest

import autograd_lite
from nn import MLP, Dropout, Layer, Module, Sequential, from_torch, outputs, to_torch
from nn.interchange import TORCH

torch = pytest.importorskip("torch")
SAMPLES = [[0.5, -1.0], [2.0, 0.25], [-3.0, -0.125]]


def theirs(model):
    with torch.no_grad():
        return model(torch.tensor(SAMPLES, dtype=torch.float64)).numpy()


@pytest.mark.parametrize("activation", ["identity", *TORCH, partial(autograd_lite.leaky_relu, negative_slope=0.2)])
def test_a_model_has_the_same_outputs_there_and_back_again(activation):
    model = MLP(2, [5, 3], activation=activation, output_activation=activation, seed=1)
    model.layers[0].bias = [0.5, -0.5, 0.25, 0.0, 1.0]
    there = to_torch(model)
    assert theirs(there) == pytest.approx(outputs(model, SAMPLES), rel=0, abs=1e-12)
    assert from_torch(there).state_dict() == model.state_dict()
    assert outputs(from_torch(there), SAMPLES) == pytest.approx(theirs(there), rel=0, abs=1e-12)


def test_sequences_dropouts_and_missing_biases_are_taken_over():
    nn = torch.nn
    given = nn.Sequential(nn.Flatten(), nn.Sequential(nn.Linear(2, 4, bias=False), nn.ELU()), nn.Dropout(0.25), nn.Linear(4, 1))
    model = from_torch(given.double().eval())
    assert [type(part) for part in model] == [Layer, Dropout, Layer]
    assert (model[0].activation, model[0].bias, model[1].p, model.training) == ("elu", None, 0.25, False)
    assert outputs(model, SAMPLES) == pytest.approx(theirs(given), rel=0, abs=1e-12)


def test_an_activation_that_comes_again_is_there_again():
    nn, relu = torch.nn, torch.nn.ReLU()
    given = nn.Sequential(nn.Linear(2, 4), relu, nn.Linear(4, 3), relu, nn.Linear(3, 1)).double()
    assert [part.activation for part in from_torch(given)] == ["relu", "relu", "identity"]


def test_what_is_frozen_stays_so():
    given = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.Linear(3, 1))
    given[0].weight.requires_grad_(False)
    model = from_torch(given)
    assert [all(p.requires_grad for p in neuron.w) for layer in model for neuron in layer.neurons] == [False] * 3 + [True]
    assert all(neuron.b.requires_grad for layer in model for neuron in layer.neurons)
    assert [p.requires_grad for p in to_torch(model).parameters()] == [False, True, True, True]
    model[1].neurons[0].w[0].requires_grad = False
    with pytest.raises(TypeError, match="the weight of a layer to be frozen as a whole, got some of its numbers frozen"):
        to_torch(model)


def hooked(module):
    module.register_forward_hook(lambda module, inputs, output: 2 * output)
    return module


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        (
            lambda nn: [nn.Conv1d(1, 1, 1)],
            "from_torch expects Linear, Dropout, ReLU, Tanh, Sigmoid, Softplus,.*of these, got Conv1d 0",
        ),
        (lambda nn: [nn.Linear(2, 2)] * 2, "from_torch expects layers with weights of their own, got Linear 0 twice"),
        (
            lambda nn: [nn.Linear(2, 2, dtype=torch.complex64)],
            "weights that are real numbers, got torch.complex64",
        ),
        (lambda nn: [nn.Linear(2, 2, device="meta")], "weights that are real numbers, got torch.float32 on meta"),
        (
            lambda nn: [hooked(nn.Linear(2, 2))],
            "modules without hooks, which .*, got Linear 0",
        ),
        (lambda nn: [nn.Linear(2, 2), nn.ReLU(), nn.Tanh()], "Tanh 2 does not come right after a Linear"),
        (
            lambda nn: [nn.Linear(2, 2), nn.Softmax(dim=1)],
            "from_torch expects a model without its softmax, got Softmax 1: leave.*which has the softmax in it",
        ),
        (lambda nn: [nn.Linear(2, 2), nn.ELU(alpha=2.0)], r"ELU 1 must be as elu is here, alpha=1\.0, got alpha=2\.0"),
    ],
)
def test_a_module_without_a_counterpart_is_named(parts, message):
    with pytest.raises(TypeError, match=message):
        from_torch(torch.nn.Sequential(*parts(torch.nn)))


def test_a_module_of_ones_own_is_refused():
    class Own(torch.nn.Module):
        pass

    with pytest.raises(
        TypeError,
        match=r"from_torch expects modules of torch\.nn itself, Linear, Dropout, ReLU,.*layer\.weight = linear\.weight",
    ):
        from_torch(Own())

    class Mine(Module):
        pass

    with pytest.raises(TypeError, match=r"to_torch expects a Layer, a Dropout, or .*, got Mine\(\)"):
        to_torch(Sequential(Layer(2, 2), Mine()))
    with pytest.raises(TypeError, match=r"the activation of Layer\(2 → 2, sin\): 6.*modules of PyTorch's, got sin"):
        to_torch(Layer(2, 2, "sin"))


def test_states_of_matrices_go_to_pytorch():
    model = MLP(2, [3, 1], seed=0)
    state = model.state_dict(matrices=True)
    linear = torch.nn.Linear(2, 3, dtype=torch.float64)
    linear.load_state_dict(
        {"weight": torch.as_tensor(state["layers.0.weight"]), "bias": torch.as_tensor(state["layers.0.bias"])}
    )
    model[0].load_state_dict({name: 2 * tensor for name, tensor in linear.state_dict().items()})
    assert (model[0].weight == 2 * state["layers.0.weight"]).all()
