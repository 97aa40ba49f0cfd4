"""Neurons, and how those of a layer fire together.

A neuron is two nodes, as in the documents: its input z = Σ_k w_k·a_k + b, and its output a = g(z). Every parameter and every
node bears the documents' name, so that a picture, a message or a derivation speaks of w₁₂⁽³⁾, z₁⁽³⁾ and a₁⁽³⁾.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from functools import cache
from types import NoneType
from typing import Any, Final, TypeAlias

from autograd_lite import Value, affine_each
from autograd_lite.basics.arraylike import dimensions, is_ordered, plain
from autograd_lite.basics.checks import whole_number, wrong_count, wrong_data, wrong_length, wrong_type, wrong_value
from autograd_lite.basics.elsewhere import answers_calls
from autograd_lite.basics.wording import function_name
from autograd_lite.errors import FAILURES
from autograd_lite.graph.bundles import Bundle, BundleNumbers
from autograd_lite.graph.context import mode
from autograd_lite.graph.storage import as_stored
from autograd_lite.operands import as_bundle
from autograd_lite.operation import primitive_of
from autograd_lite.ops import TABLE
from autograd_lite.primitive import CONSTANT, Primitive
from autograd_lite.value import new_node
from nn.initializers import Initializer, initializer
from nn.memory import check_memory
from nn.module import Module, Parameter
from nn.named import named_function
from nn.notation import numbered, symbol
from nn.randomness import Seed, generator

SEVERAL: Final = "of several samples write model.batch(samples)"
DOT: Final = TABLE["dot"].primitive

Activation: TypeAlias = str | Callable[[Any], Any]


def activation_function(activation: Activation) -> Callable[[Any], Any]:
    """The engine's one-argument primitive of that name, or the function itself.

    By name there are those that have a derivative. Behind sign, floor or stop_gradient nothing is learnt.

    Raises:
        ValueError: the name is unknown; the message lists what is known.
    """
    if function_name(activation) in ("softmax", "log_softmax"):
        raise wrong_value(
            "activation",
            "a function of one number",
            activation,
            "leave the output activation 'identity' and train with loss='cross_entropy', which has the softmax in it",
            told=f"{function_name(activation)}, which takes all outputs of a layer",
        )
    return named_function("activation", activation, known_activations(), "one Value")


@cache
def known_activations() -> dict[str, Callable[[Any], Any]]:
    """The one-argument primitives, by name."""
    return {name: f for name, f in sorted(TABLE.items()) if is_activation(f)}


def chosen_activation(activation: Activation, nonlin: bool | None) -> Activation:
    """The activation; or relu or identity, where micrograd's word says so.

    Raises:
        ValueError: both were given, or `activation` is a flag.
    """
    if isinstance(activation, bool):
        raise wrong_value("activation", "a name or a function", activation, f"write nonlin={activation}, as in micrograd")
    if nonlin is None:
        return activation
    if activation != "relu":
        raise wrong_value("nonlin", "left out where there is an activation", nonlin)
    return "relu" if nonlin else "identity"


def is_activation(operation: Callable[..., Any]) -> bool:
    """Whether an operation of the table takes one number and has a derivative by it."""
    parameters = inspect.signature(operation).parameters.values()
    primitive: Primitive = operation.primitive  # type: ignore[attr-defined]
    return (
        sum(p.default is p.empty for p in parameters) == 1 and not primitive.variadic and primitive.derivatives[0] is not None
    )


@answers_calls
class Neuron(Module):
    """One neuron: a = g(z) with z = w·x + b.

    Arguments:
        nin: the number of inputs, at least 1.
        activation: the name of a one-argument primitive (relu, sigmoid, tanh, identity …), or a function of one Value.
        bias: whether it has a bias b, which begins at 0.
        init: how the weights begin: glorot_uniform, glorot_normal, he_uniform, he_normal, unit_uniform, or a function
            `(nin, nout, random)`.
        seed: a seed or a `random.Random`, for the same weights again; Python's `random.seed` governs them if none is given.
        nout: the number of neurons in its layer, which the scale of Glorot's weights depends on.
        node, layer: its place, which its labels name.
        nonlin: micrograd's word for the activation: True for relu, False for identity.

    Attributes:
        w: the weights, one Value for each input.
        b: the bias, or None.
        activation: its name or its function; another one may be set.

    Raises:
        ValueError: `nin` is not a positive whole number; an unknown activation or initialization.

    Example:
        >>> from nn import Neuron
        >>> neuron = Neuron(2, activation="tanh", seed=0)
        >>> output = neuron([1.0, -2.0])
        >>> output.op, output.parents[0].op
        ('tanh', 'dot')
    """

    g: Callable[[Any], Any]  # the function that the activation names: see `__setattr__`

    def __init__(
        self,
        nin: int,
        activation: Activation = "relu",
        bias: bool = True,
        init: str | Initializer = "glorot_uniform",
        seed: Seed = None,
        *,
        nout: int = 1,
        node: int | None = None,
        layer: int | None = None,
        nonlin: bool | None = None,
    ) -> None:
        nin = whole_number("nin", nin)
        check_memory(f"Neuron({nin})", nin)
        activation = chosen_activation(activation, nonlin)
        random = generator(seed)
        draw = initializer(init)
        self.activation = activation
        numbers = [draw(nin, nout, random) for _ in range(nin)]
        if {*map(type, numbers)} != {float}:
            numbers = [plain(number) for number in numbers]
        place = () if node is None else (node,)
        self.w: Bundle[Value] = Bundle(map(Parameter, numbers, numbered("w", *place, count=nin, layer=layer)))
        self.b: Value | None = Parameter(0.0) if bias else None
        self._name_nodes(place, layer)

    def name(self, j: int | None = None, layer: int | None = None) -> None:
        """Label the parameters, and the nodes to come, as those of node `j` of that layer."""
        place = () if j is None else (j,)
        for weight, label in zip(self.w, numbered("w", *place, count=len(self.w), layer=layer), strict=True):
            weight.label = label
        self._name_nodes(place, layer)

    def _name_nodes(self, node: tuple[int, ...], layer: int | None) -> None:
        if self.b is not None:
            self.b.label = symbol("b", *node, layer=layer).text
        self.z_label = symbol("z", *node, layer=layer).text
        self.a_label = symbol("a", *node, layer=layer).text

    def __setattr__(self, name: str, item: Any) -> None:
        g = activation_function(item) if name == "activation" else None
        if name == "w":
            item = as_weights(item, vars(self).get("w"))
        elif name == "b" and item is not None and not isinstance(item, Value):
            raise wrong_type("b of a neuron", "a Value or None", item, f"set its number, neuron.b.data = {item!r}")
        super().__setattr__(name, item)
        if g is not None:
            super().__setattr__("g", g)

    @property
    def nonlin(self) -> bool:
        """micrograd's word for the activation, to read and to set: False where there is none, True for relu."""
        return self.activation != "identity"

    @nonlin.setter
    def nonlin(self, nonlin: bool) -> None:
        self.activation = "relu" if nonlin else "identity"

    def forward(self, x: Sequence[Any]) -> Value:
        """The output a for the inputs `x`."""
        ((a,),) = fire([self], [take_inputs(self, x, len(self.w))])
        return a

    def extra_repr(self) -> str:
        """Its inputs and its activation."""
        return f"{len(self.w)}, {function_name(self.activation)}"


def as_weights(weights: Any, before: Bundle[Any] | None) -> Bundle[Any]:
    """What a user assigns to `w`, as weights: as many Values as there were before.

    Raises:
        TypeError: they are no Values, so that nothing would be trained.
        ValueError: they are more or fewer.
    """
    if type(weights) is Bundle:
        return weights
    if not is_ordered(weights):
        raise wrong_type("w of a neuron", "a list of Values, one for each input", weights)
    values = list(weights)
    for k, value in enumerate(values):
        if not isinstance(value, Value):
            raise wrong_type(f"w[{k}] of a neuron", "a Value", value, f"set its number, neuron.w[{k}].data = {value!r}")
    if before is not None and len(values) != len(before):
        raise wrong_length("w of a neuron", len(before), "weight", "input", len(values))
    return Bundle(values)


def fire(neurons: Sequence[Neuron], bundles: Sequence[Bundle[Any]]) -> list[list[Value]]:
    """The nodes a = g(z) of neurons that share their inputs, for each sample's inputs."""
    active = mode.get()
    fired = fire_usual(neurons, bundles, active is None) if active is None or active.constants else None
    return [outputs for _, outputs in fire_both(neurons, bundles)] if fired is None else fired


def fire_both(neurons: Sequence[Neuron], bundles: Sequence[Bundle[Any]]) -> list[tuple[list[Value], list[Value]]]:
    """The nodes z, and the nodes a = g(z), of neurons that share their inputs, for each sample's inputs."""
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
        raise wrong_type(f"what the activation {name} gives", "a Value", a, "compute it with the functions of autograd_lite")
    a.label = neuron.a_label
    return a


def fire_usual(neurons: Sequence[Neuron], bundles: Sequence[Bundle[Any]], records: bool = True) -> list[list[Value]] | None:
    """An optimization of `fire`: the same nodes in one loop, without a call for each (benchmarks moons and engine).

    It is for neurons as nearly all are: with one activation, of the table, and with parameters of the kinds that they were made
    with. For others, and where something fails, it gives None: `fire` takes the plain way then, and names what fails. Where
    nothing `records`, there is no node z, and a is a constant.
    """
    g = neurons[0].g
    primitive = primitive_of(g)
    if primitive is None or TABLE.get(primitive.name) is not g:
        return None
    read, numbers_of = [], BundleNumbers()
    for neuron in neurons:
        w, b = neuron.w, neuron.b
        if neuron.g is not g or type(w) is not Bundle or type(b) not in (Parameter, Value, NoneType):
            return None
        offset = 0 if b is None else b.data
        shared, _ = as_stored((w, None) if b is None else (w, None, b))  # the second operand, the inputs, is each sample's own
        read.append((shared, numbers_of[w], offset, neuron.z_label, neuron.a_label))
    weigh, compute, made_by = DOT.compute, primitive.compute, primitive if records else CONSTANT
    fired = []
    try:
        for inputs in bundles:
            numbers = numbers_of[inputs]
            outputs = []
            for shared, weights, offset, z_label, a_label in read:
                data = weigh(weights, numbers, offset)
                z = new_node(DOT, data, shared, inputs, z_label) if records else None
                outputs.append(new_node(made_by, compute(data), z, None, a_label))
            fired.append(outputs)
    except FAILURES:
        return None
    return fired


def take_inputs(module: Module, x: Any, expected: int) -> Bundle[Any]:
    """The inputs of a module as one bundle that its neurons share.

    Raises:
        ValueError: their number is not the expected one.
        TypeError: `x` is no sequence of numbers.
    """
    name = type(module).__name__
    if isinstance(x, Value):  # one input by itself
        x = (x,)
    if not is_ordered(x):
        raise wrong_data(name, f"a sequence of {expected} numbers or Values", x)
    if len(x) != expected:
        raise wrong_count(name, expected, "input", len(x), SEVERAL if dimensions(x) > 1 else "")
    try:
        return as_bundle(x)
    except TypeError as error:
        if dimensions(x) > 1:
            raise wrong_data(name, f"one sample, a sequence of {expected} numbers or Values", x, SEVERAL) from error
        raise
