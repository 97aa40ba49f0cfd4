"""To PyTorch and back: stacks of linear layers and activations, with the same outputs."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any, Final

from autograd_lite import leaky_relu
from autograd_lite.basics.checks import wrong_data, wrong_type
from autograd_lite.basics.elsewhere import answers_calls
from autograd_lite.basics.escaping import in_message
from autograd_lite.basics.wording import function_name
from nn.dropout import Dropout
from nn.layers import Layer, Sequential
from nn.module import Module, is_trained
from nn.named import table_name

# Activations: their names here, the class in torch.nn, and the settings with which it computes the same.
TORCH: Final[dict[str, tuple[str, dict[str, Any]]]] = {
    "relu": ("ReLU", {}),
    "tanh": ("Tanh", {}),
    "sigmoid": ("Sigmoid", {}),
    "softplus": ("Softplus", {"beta": 1.0, "threshold": 40.0}),  # beyond it, PyTorch gives x itself: no difference in float64
    "elu": ("ELU", {"alpha": 1.0}),
    "gelu": ("GELU", {"approximate": "none"}),
    "silu": ("SiLU", {}),
    "leaky_relu": ("LeakyReLU", {"negative_slope": 0.01}),
}
NOTHING: Final = ("Identity", "Flatten")


@answers_calls
def from_torch(module: Any) -> Sequential:
    """A model of PyTorch's as one of this package: the same weights, the same outputs.

    Arguments:
        module: a `torch.nn.Linear`, or a `torch.nn.Sequential` of linear layers, each with an activation after it or none, and
            of dropouts; sequences within it are taken apart. A softplus of PyTorch's gives x itself above its threshold of 20,
            which is 2e-9 less than what it is here.

    Raises:
        TypeError: a part that has no counterpart here, or is there twice with its weights, or has hooks; the message names it.

    Example:
        >>> import torch  # doctest: +SKIP
        >>> from nn import from_torch
        >>> from_torch(torch.nn.Sequential(torch.nn.Linear(2, 8), torch.nn.Tanh(), torch.nn.Linear(8, 1)))  # doctest: +SKIP
        Sequential(
          layers.0: Layer(2 → 8, tanh): 24 parameters
          layers.1: Layer(8 → 1, identity): 9 parameters
        ): 33 parameters
    """
    parts = list(_torch_parts("", module))
    linear = [part for _, part in parts if type(part).__name__ == "Linear"]
    for name, part in parts:
        if linear.count(part) > 1:
            way_out = "with layer.weight = linear.weight two layers have the same numbers, and each learns by itself"
            raise wrong_data(
                "from_torch", "layers with weights of their own", part, way_out, told=f"{_place(name, part)} twice"
            )
    layers: list[Module] = []
    for i, (name, part) in enumerate(parts):
        kind = type(part).__name__
        after = parts[i + 1] if i + 1 < len(parts) else None
        if kind == "Linear":
            layers.append(_layer_of(part, "identity" if after is None else _activation_of(*after) or "identity"))
        elif kind == "Dropout":
            layers.append(Dropout(part.p))
        elif _activation_of(name, part) is None:
            raise wrong_data("from_torch", _known(), part, told=_place(name, part))
        elif not i or type(parts[i - 1][1]).__name__ != "Linear":
            raise TypeError(f"{_place(name, part)} does not come right after a Linear: here an activation belongs to a layer")
    model = Sequential(*layers)
    return model if module.training else model.eval()


@answers_calls
def to_torch(model: Module) -> Any:
    """A model as a `torch.nn.Sequential` in float64: the same weights, the same outputs.

    Its output is a tensor with one number for each output node, also where there is one node.

    Arguments:
        model: a `Layer`, or an `MLP` or `Sequential` of such and of `Dropout`, with activations that are modules of PyTorch's.

    Raises:
        TypeError: a part or an activation that has no counterpart there; the message names it.

    Example:
        >>> from nn import MLP, to_torch
        >>> to_torch(MLP(2, [3, 1], activation="tanh"))  # doctest: +SKIP
        Sequential(
          (0): Linear(in_features=2, out_features=3, bias=True)
          (1): Tanh()
          (2): Linear(in_features=3, out_features=1, bias=True)
        )
    """
    from torch import nn

    parts: list[Any] = []
    for part in _parts(model):
        if isinstance(part, Dropout):
            parts.append(nn.Dropout(part.p))
            continue
        parts.append(_linear_of(part))
        name = _own_name(part)
        if name == "leaky_relu" and isinstance(part.activation, partial):
            parts.append(nn.LeakyReLU(**part.activation.keywords))
        elif name != "identity":
            kind, settings = TORCH[name]
            parts.append(getattr(nn, kind)(**settings))
    return nn.Sequential(*parts).train(model.training)


def _torch_parts(name: str, module: Any) -> Iterator[tuple[str, Any]]:
    """The parts of a sequence, and of sequences in it, with their names; without those that change nothing."""
    kind = type(module).__name__
    if not type(module).__module__.startswith("torch.nn."):
        way_out = (
            "it cannot know what the forward of others does: build the model from these, and copy the weights, "
            "layer.weight = linear.weight"
        )
        raise wrong_data("from_torch", f"modules of torch.nn itself, {_known()}", module, way_out, told=_place(name, module))
    if module._forward_hooks or module._forward_pre_hooks:
        raise wrong_data(
            "from_torch", "modules without hooks, which may change what they give", module, told=_place(name, module)
        )
    if kind == "Sequential":
        for child_name, child in module._modules.items():  # `named_children` would leave out what comes again, as a ReLU may
            yield from _torch_parts(f"{name}.{child_name}" if name else child_name, child)
    elif kind not in NOTHING:
        yield name, module


def _activation_of(name: str, part: Any) -> Any:
    """The activation here of a module of PyTorch's; None if it is none.

    Raises:
        TypeError: it has settings that there are not here.
    """
    kind = type(part).__name__
    if kind in ("Softmax", "LogSoftmax"):
        way_out = "leave it out, and train with loss='cross_entropy', which has the softmax in it"
        raise wrong_data("from_torch", "a model without its softmax", part, way_out, told=_place(name, part))
    if kind == "LeakyReLU" and part.negative_slope != 0.01:
        return partial(leaky_relu, negative_slope=part.negative_slope)
    for own, (theirs, settings) in TORCH.items():
        if kind == theirs:
            other = {key for key, setting in settings.items() if key != "threshold" and getattr(part, key) != setting}
            if other:
                differing = ", ".join(f"{key}={getattr(part, key)!r}" for key in sorted(other))
                as_here = ", ".join(f"{key}={settings[key]!r}" for key in sorted(other))
                raise wrong_type(_place(name, part), f"as {own} is here, {as_here}", part, told=differing)
            return own
    return None


def _layer_of(linear: Any, activation: Any) -> Layer:
    has_bias = linear.bias is not None
    layer = Layer(linear.in_features, linear.out_features, activation, has_bias, init=lambda *_: 0.0)
    for name in layer.matrices[: 1 + has_bias]:
        tensor = getattr(linear, name)
        if tensor.is_complex() or tensor.is_meta:
            raise wrong_data(
                "from_torch", "weights that are real numbers", linear, told=f"{tensor.dtype} on {tensor.device.type}"
            )
        setattr(layer, name, tensor.detach().cpu().double())
        for parameter in _parameters(layer, name):
            parameter.requires_grad = tensor.requires_grad
    return layer


def _parameters(layer: Layer, name: str) -> list[Any]:
    """The parameters in one matrix of a layer."""
    return [p for neuron in layer.neurons for p in (neuron.w if name == "weight" else [neuron.b])]


def _parts(model: Any) -> Iterator[Any]:
    """The layers and dropouts of a model, one after another."""
    if isinstance(model, Sequential) and model._computes_as(Sequential):
        for layer in model.layers:
            yield from _parts(layer)
    elif isinstance(model, Dropout) or (isinstance(model, Layer) and model._computes_as(Layer)):
        yield model
    else:
        raise wrong_data("to_torch", "a Layer, a Dropout, or an MLP or Sequential of such", model)


def _own_name(layer: Layer) -> str:
    """The name of a layer's activation."""
    chosen = layer.activation
    function = chosen.func if isinstance(chosen, partial) else chosen
    name = function if isinstance(function, str) else table_name(function)
    known = name == "identity" or (name in TORCH and (name == "leaky_relu" or not isinstance(chosen, partial)))
    if name is None or not known or any(neuron.g is not layer.neurons[0].g for neuron in layer.neurons):
        wanted = f"one of identity, {', '.join(TORCH)}, which are modules of PyTorch's"
        raise wrong_type(f"the activation of {layer!r}", wanted, chosen, told=function_name(chosen))
    return name


def _linear_of(layer: Layer) -> Any:
    import torch

    linear = torch.nn.Linear(layer.nin, layer.nout, layer.has_bias, dtype=torch.float64)
    for name in layer.matrices[: 1 + layer.has_bias]:
        parameter = getattr(linear, name)
        parameter.data.copy_(torch.tensor(getattr(layer, name)))
        trained = {is_trained(p) for p in _parameters(layer, name)}
        if len(trained) > 1:
            raise wrong_data(
                "to_torch", f"the {name} of a layer to be frozen as a whole", layer, told="some of its numbers frozen"
            )
        parameter.requires_grad_(trained.pop())
    return linear


def _place(name: str, part: Any) -> str:
    return f"{type(part).__name__} {in_message(name)}".rstrip()


def _known() -> str:
    return f"Linear, Dropout, {', '.join(kind for kind, _ in TORCH.values())}, and Sequential of these"
