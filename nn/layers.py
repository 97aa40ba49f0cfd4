"""Neurons, layers of neurons, networks of layers.

A neuron is two nodes, as in the documents: its input z = Σ_k w_k·a_k + b, and its output a = g(z). Every parameter and every
node bears the documents' name, so that a picture, a message or a derivation speaks of w₁₂⁽³⁾, z₁⁽³⁾ and a₁⁽³⁾.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Sequence
from random import Random
from types import SimpleNamespace
from typing import Any, Final, Self, TypeAlias

from autograd_lite import Value, affine_each
from autograd_lite.checks import check_range, whole_number
from autograd_lite.compiler.training import Traced
from autograd_lite.errors import counted
from autograd_lite.ops import TABLE
from autograd_lite.rules import FAILURES, rule_of
from autograd_lite.value import Bundle, as_bundle, blank, mode, pull_back_unary
from nn.initializers import Initializer, initializer
from nn.module import Module, function_name
from nn.notation import symbol

DOT: Final = TABLE["dot"].primitive

Activation: TypeAlias = str | Callable[[Any], Any]
Seed: TypeAlias = int | Random | None


def activation_function(activation: Activation) -> Callable[[Any], Any]:
    """The engine's one-argument primitive of that name, or the function itself.

    Raises:
        ValueError: the name is unknown; the message lists what is known.
    """
    if callable(activation):
        return activation
    known: dict[str, Callable[[Any], Any]] = {name: f for name, f in TABLE.items() if _takes_one_number(f)}
    if activation not in known:
        raise ValueError(f"unknown activation {activation!r}: known are {', '.join(sorted(known))}; or pass a function")
    return known[activation]


def _takes_one_number(function: Callable[..., Any]) -> bool:
    parameters = inspect.signature(function).parameters.values()
    return sum(p.default is p.empty for p in parameters) == 1 and not function.primitive.variadic  # type: ignore[attr-defined]


class Neuron(Module):
    """One neuron: a = g(z) with z = w·x + b.

    Arguments:
        nin: the number of inputs, at least 1.
        activation: the name of a one-argument primitive (relu, sigmoid, tanh, identity …), or a function of one Value.
        bias: whether it has a bias b, which begins at 0.
        init: how the weights begin: glorot_uniform, glorot_normal, he_uniform, he_normal, or a function `(nin, nout, random)`.
        seed: a seed or a `random.Random`, for the same weights again.
        nout: the number of neurons in its layer, which the scale of Glorot's weights depends on.

    Attributes:
        w: the weights, one Value for each input.
        b: the bias, or None.

    Raises:
        ValueError: `nin` is not a positive whole number; an unknown activation or initialization.

    Example:
        >>> from nn import Neuron
        >>> neuron = Neuron(2, activation="tanh", seed=0)
        >>> output = neuron([1.0, -2.0])
        >>> output.op, output.parents[0].op
        ('tanh', 'dot')
    """

    def __init__(
        self,
        nin: int,
        activation: Activation = "relu",
        bias: bool = True,
        init: str | Initializer = "glorot_uniform",
        seed: Seed = None,
        *,
        nout: int = 1,
    ) -> None:
        nin = whole_number("nin", nin)
        random = seed if isinstance(seed, Random) else Random(seed)
        draw = initializer(init)
        self.activation = activation
        self.g = activation_function(activation)
        self.w = Bundle(Value(draw(nin, nout, random)) for _ in range(nin))
        self.b = Value(0.0) if bias else None
        self.shared = SimpleNamespace(operands=(self.w, self.b))  # one for all nodes z; in a list they would be parameters
        self.name()

    def name(self, j: int | None = None, layer: int | None = None) -> None:
        """Label the parameters, and the nodes to come, as those of node `j` of that layer."""
        node = () if j is None else (j,)
        for k, weight in enumerate(self.w):
            weight.label = symbol("w", *node, k, layer=layer).text
        if self.b is not None:
            self.b.label = symbol("b", *node, layer=layer).text
        self.z_label = symbol("z", *node, layer=layer).text
        self.a_label = symbol("a", *node, layer=layer).text

    def forward(self, x: Sequence[Any]) -> Value:
        """The output a for the inputs `x`."""
        return fire([self], [take_inputs(self, x, len(self.w))])[0][0]

    def extra_repr(self) -> str:
        """Its inputs and its activation."""
        return f"{len(self.w)}, {function_name(self.activation)}"


def fire(neurons: Sequence[Neuron], bundles: Sequence[Bundle]) -> list[list[Value]]:
    """The nodes a of neurons that share their inputs: for each sample's inputs."""
    fired = fire_plainly(neurons, bundles) if mode.get() is None else None
    return [outputs for _, outputs in fire_both(neurons, bundles)] if fired is None else fired


def fire_both(neurons: Sequence[Neuron], bundles: Sequence[Bundle]) -> list[tuple[list[Value], list[Value]]]:
    """The nodes z, and the nodes a, of neurons that share their inputs: for each sample's inputs."""
    biases = [0.0 if neuron.b is None else neuron.b for neuron in neurons]
    offsets = [biases] * len(bundles) if any(neuron.b is not None for neuron in neurons) else None
    samples = affine_each([neuron.w for neuron in neurons], bundles, offsets)
    return [(zs, [activate(neuron, z) for neuron, z in zip(neurons, zs, strict=True)]) for zs in samples]


def activate(neuron: Neuron, z: Value) -> Value:
    """The node a = g(z); both get their labels."""
    z.label = neuron.z_label
    a = neuron.g(z)
    if not isinstance(a, Value):
        name = function_name(neuron.activation)
        raise TypeError(f"the activation {name} must give a Value, got {a!r}: compute it with the functions of autograd_lite")
    a.label = neuron.a_label
    return a


def fire_plainly(neurons: Sequence[Neuron], bundles: Sequence[Bundle]) -> list[list[Value]] | None:
    """The nodes of `fire` in one loop without a call for each, where nothing is out of the ordinary; else None.

    It takes a tenth off a step of training. What is out of the ordinary, an error above all, is left to the longer way.
    """
    g = rule_of(neurons[0].g)
    if g is None or g.pull_back is not pull_back_unary:
        return None
    activation, compute, weigh = neurons[0].g, g.compute, DOT.compute
    read = []
    for neuron in neurons:
        w, b = neuron.w, neuron.b
        if neuron.g is not activation or type(w) is not Bundle or not (b is None or type(b) is Value):
            return None
        shared = neuron.shared.operands
        if shared[0] is not w or shared[1] is not b:
            shared = neuron.shared.operands = (w, b)
        offset = 0 if b is None else b.data
        read.append((w if b is None else shared, [value.data for value in w], offset, neuron.z_label, neuron.a_label))
    fired = []
    try:
        for inputs in bundles:
            numbers = [value.data for value in inputs]
            outputs = []
            for first, weights, offset, z_label, a_label in read:
                z = blank(Value)
                z.data = data = weigh(weights, numbers, offset)
                z.grad = 0
                z.label = z_label
                z.first, z.second = first, inputs
                z.primitive = DOT
                a = blank(Value)
                a.data = compute(data)
                a.grad = 0
                a.label = a_label
                a.first, a.second = z, None
                a.primitive = g
                if a.data is None:
                    return None
                outputs.append(a)
            fired.append(outputs)
    except FAILURES:
        return None
    return fired


class Layer(Module):
    """Neurons that share their inputs. The arguments are those of `Neuron`, with `nout` for the number of neurons.

    Example:
        >>> from nn import Layer
        >>> layer = Layer(3, 2, activation="sigmoid", seed=0)
        >>> layer
        Layer(3 → 2, sigmoid): 8 parameters
        >>> [output.label for output in layer([1.0, 0.0, -1.0])]
        ['a₀', 'a₁']
    """

    def __init__(
        self,
        nin: int,
        nout: int,
        activation: Activation = "relu",
        bias: bool = True,
        init: str | Initializer = "glorot_uniform",
        seed: Seed = None,
    ) -> None:
        nin, nout = whole_number("nin", nin), whole_number("nout", nout)
        random = seed if isinstance(seed, Random) else Random(seed)
        self.nin, self.nout, self.activation, self.bias = nin, nout, activation, bias
        self.neurons = [Neuron(nin, activation, bias, init, random, nout=nout) for _ in range(nout)]
        self.name()

    def name(self, layer: int | None = None) -> None:
        """Label parameters and nodes as those of the layer with this index."""
        for j, neuron in enumerate(self.neurons):
            neuron.name(j, layer)

    def forward(self, x: Sequence[Any]) -> list[Value]:
        """The outputs, one for each neuron."""
        return fire(self.neurons, [take_inputs(self, x, self.nin)])[0]

    def batch(self, inputs: Iterable[Any]) -> list[Any]:
        """The outputs for each sample, one for each neuron."""
        if not self._computes_as(Layer):
            return super().batch(inputs)
        return fire(self.neurons, take_batch(self, inputs, self.nin))

    def __repr__(self) -> str:
        without = "" if self.bias else ", no bias"
        size = counted(len(self.parameters()), "parameter", ",")
        return f"Layer({self.nin} → {self.nout}, {function_name(self.activation)}{without}): {size}"


class Dropout(Module):
    """While training, each input is 0 with probability `p`, else scaled by 1 / (1 − p); otherwise nothing is changed.

    `fit` seeds it anew in each epoch, so that a run with a seed can be repeated. Source: Srivastava et al. (2014).

    Raises:
        ValueError: `p` is not in [0, 1).

    Example:
        >>> from nn import Dropout
        >>> dropout = Dropout(0.5, seed=1)
        >>> dropout([1.0, 2.0, 3.0]), dropout.eval()([1.0, 2.0, 3.0])
        ([0.0, 4.0, 6.0], [1.0, 2.0, 3.0])
    """

    def __init__(self, p: float = 0.5, seed: Seed = None) -> None:
        check_range("the probability p of Dropout", p, 0, 1)
        self.p = p
        self.random = seed if isinstance(seed, Random) else Random(seed)

    def forward(self, x: Sequence[Any]) -> list[Any]:
        """The inputs, some of them dropped."""
        if not (self.training and self.p):
            return list(x)
        if any(isinstance(item, Traced) for item in x):
            raise ValueError("dropout draws anew at each call, but compile records one: call model.eval() first")
        scale = 1 / (1 - self.p)
        return [item * (scale if self.random.random() >= self.p else 0.0) for item in x]

    def extra_repr(self) -> str:
        """Its probability."""
        return f"{self.p}"


class Sequential(Module):
    """Modules one after another: the output of each is the input of the next.

    Its layers are numbered 1, 2, … as in the documents, and their parameters are labelled so. The output is a list of Values; a
    model with one output node gives that Value itself, as micrograd's MLP does.

    Raises:
        ValueError: no modules; a layer that does not fit the one before.
        TypeError: something is not a Module.

    Example:
        >>> from nn import Dropout, Layer, Sequential
        >>> model = Sequential(Layer(2, 8, "tanh"), Dropout(0.2), Layer(8, 1, "sigmoid"))
        >>> model
        Sequential(
          layers.0: Layer(2 → 8, tanh): 24 parameters
          layers.1: Dropout(0.2)
          layers.2: Layer(8 → 1, sigmoid): 9 parameters
        ): 33 parameters
    """

    def __init__(self, *layers: Module) -> None:
        if not layers:
            raise ValueError(f"{type(self).__name__} needs at least one layer")
        for position, layer in enumerate(layers):
            if not isinstance(layer, Module):
                raise TypeError(f"{type(self).__name__} takes modules, got {layer!r} at position {position}")
        self.layers = list(layers)
        width = None
        index = 0
        for layer in layers:
            if isinstance(layer, Layer):
                index += 1
                layer.name(index)
                if width is not None and layer.nin != width:
                    raise ValueError(f"layer {index} expects {layer.nin} inputs, but the layer before it has {width} outputs")
                width = layer.nout
            elif not isinstance(layer, Dropout):
                width = None

    def forward(self, x: Any) -> Any:
        """The output for one sample: a list, or one Value if there is one output node."""
        first = self.layers[0]
        if isinstance(first, Layer):
            x = take_inputs(self, x, first.nin)
        for layer in self.layers:
            x = layer(x)
        return only(x)

    def batch(self, inputs: Iterable[Any]) -> list[Any]:
        """The output for each sample: a list, or one Value if there is one output node."""
        if not self._computes_as(Sequential):
            return super().batch(inputs)
        first = self.layers[0]
        xs = take_batch(self, inputs, first.nin) if isinstance(first, Layer) else inputs
        for layer in self.layers:
            xs = layer.batch(xs) if isinstance(layer, Layer | Sequential) else [layer(x) for x in xs]
        return [only(x) for x in xs]


def only(output: Any) -> Any:
    """The output of one node itself, as micrograd's MLP gives it, not a list of it."""
    return output[0] if isinstance(output, list) and len(output) == 1 else output


class MLP(Sequential):
    """A multilayer perceptron: fully connected layers, the same activation in all but the last.

    Arguments:
        nin: the number of inputs.
        nouts: the number of neurons in each layer; the last is the output layer.
        activation: of the hidden layers: the name of a one-argument primitive, or a function of one Value.
        output_activation: of the output layer; "identity" gives the raw weighted sums (logits, scores).
        bias: whether neurons have a bias.
        init: how weights begin: glorot_uniform, glorot_normal, he_uniform, he_normal, or a function `(nin, nout, random)`.
        seed: a seed or a `random.Random`, for the same weights again.

    Raises:
        ValueError: no layers, sizes that are not positive whole numbers, an unknown activation or initialization.

    Example:
        >>> from nn import MLP
        >>> model = MLP(3, [4, 4, 1], seed=0)
        >>> model
        MLP(
          layers.0: Layer(3 → 4, relu): 16 parameters
          layers.1: Layer(4 → 4, relu): 20 parameters
          layers.2: Layer(4 → 1, identity): 5 parameters
        ): 41 parameters
        >>> model([1.0, 2.0, 3.0]).label
        'a₀⁽³⁾'
        >>> model([1.0, 2.0])
        Traceback (most recent call last):
        ValueError: MLP expects 3 inputs, got 2
    """

    def __init__(
        self,
        nin: int,
        nouts: Sequence[int],
        activation: Activation = "relu",
        output_activation: Activation = "identity",
        bias: bool = True,
        init: str | Initializer = "glorot_uniform",
        seed: Seed = None,
    ) -> None:
        if not isinstance(nouts, Sequence) or isinstance(nouts, str) or not nouts:
            raise ValueError(f"MLP expects the sizes of its layers as a list with at least one number, got {nouts!r}")
        activation_function(activation)  # an unknown name is an error, also where no layer is hidden
        random = seed if isinstance(seed, Random) else Random(seed)
        sizes = [nin, *nouts]
        last = len(nouts) - 1
        super().__init__(
            *(
                Layer(sizes[i], sizes[i + 1], output_activation if i == last else activation, bias, init, random)
                for i in range(len(nouts))
            )
        )

    @classmethod
    def of_layers(cls, layers: Sequence[Module]) -> Self:
        """The network made of these layers."""
        model = cls.__new__(cls)
        Sequential.__init__(model, *layers)
        return model


def take_inputs(module: Module, x: Any, expected: int) -> Bundle:
    """The inputs of a module as one bundle that its neurons share.

    Raises:
        ValueError: their number is not the expected one.
        TypeError: `x` is no sequence of numbers.
    """
    name = type(module).__name__
    if isinstance(x, str | dict) or not (hasattr(x, "__len__") and hasattr(x, "__getitem__")):  # a set has no order
        raise TypeError(f"{name} expects a sequence of {expected} numbers or Values, got {x!r} ({type(x).__name__})")
    if len(x) != expected:
        raise ValueError(f"{name} expects {counted(expected, 'input')}, got {len(x)}")
    return as_bundle(x)


def take_batch(module: Module, inputs: Iterable[Any], expected: int) -> list[Bundle]:
    """The inputs of each sample; see `take_inputs`.

    Raises:
        ValueError, TypeError: a sample does not fit: which; or `inputs` is no sequence of samples.
    """
    if not isinstance(inputs, Iterable):
        raise TypeError(f"{type(module).__name__}.batch expects samples, got {inputs!r} ({type(inputs).__name__})")
    bundles = []
    for i, x in enumerate(inputs):
        try:
            bundles.append(take_inputs(module, x, expected))
        except (ValueError, TypeError) as error:
            raise type(error)(f"sample {i}: {error}") from error
    return bundles
