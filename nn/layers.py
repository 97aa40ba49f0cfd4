"""Layers of neurons, and networks: layers one after another."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Any, ClassVar, Final, NoReturn, Self, overload

from autograd_lite import Value
from autograd_lite.basics.checks import whole_number, wrong_count, wrong_data, wrong_type, wrong_value
from autograd_lite.basics.elsewhere import answers_calls
from autograd_lite.basics.wording import counted, function_name
from autograd_lite.compiler.training import uncollected
from autograd_lite.graph.bundles import Bundle
from nn.dropout import Dropout
from nn.initializers import Initializer
from nn.matrices import as_matrix, checked_matrix, read_only
from nn.memory import check_memory
from nn.module import Module
from nn.neurons import Activation, Neuron, activation_function, chosen_activation, fire, take_inputs
from nn.randomness import Seed, generator
from nn.signatures import OneOrMany


@answers_calls
class Layer(Module):
    """Neurons that share their inputs. The arguments are those of `Neuron`, with `nout` for the number of neurons.

    In a network the layer has an `index`, from 1, which its labels name.

    Attributes:
        weight: the weights as a matrix, one row for each neuron, as in PyTorch: an array of NumPy's that cannot be changed
            (where NumPy is not installed, nested tuples). What is assigned to it, an array, a tensor or nested lists, is
            written into the weights.
        bias: the biases in the same way, one for each neuron; None in a layer without biases.
        activation: that of its neurons; another one may be set.

    Raises:
        MemoryError: so many weights do not fit into this machine.
        ValueError, TypeError: what is assigned to `weight` or `bias` has another shape, or is no number.

    Example:
        >>> from nn import Layer
        >>> layer = Layer(3, 2, activation="sigmoid", seed=0)
        >>> layer
        Layer(3 → 2, sigmoid): 8 parameters
        >>> [output.label for output in layer([1.0, 0.0, -1.0])]
        ['a₀', 'a₁']
        >>> layer.weight = [[1.0, 2.0, 3.0], [0.0, 0.0, 1.0]]
        >>> layer.weight.shape, layer.neurons[0].w[2].data
        ((2, 3), 3.0)
        >>> layer.bias
        array([0., 0.])
    """

    matrices = ("weight", "bias")

    def __init__(
        self,
        nin: int,
        nout: int,
        activation: Activation = "relu",
        bias: bool = True,
        init: str | Initializer = "glorot_uniform",
        seed: Seed = None,
        *,
        index: int | None = None,
        nonlin: bool | None = None,
    ) -> None:
        activation = chosen_activation(activation, nonlin)
        nin, nout = whole_number("nin", nin), whole_number("nout", nout)
        check_memory(f"Layer({nin}, {nout})", nin * nout)
        random = generator(seed)
        self.nin, self.nout, self.activation, self.has_bias, self.index = nin, nout, activation, bool(bias), index
        with uncollected():
            self.neurons = [Neuron(nin, activation, bias, init, random, nout=nout, node=j, layer=index) for j in range(nout)]

    def __setattr__(self, name: str, item: Any) -> None:
        if name == "activation":
            for neuron in vars(self).get("neurons", ()):
                neuron.activation = item
        super().__setattr__(name, item)

    @property
    def weight(self) -> Any:
        """The weights as a matrix, one row for each neuron."""
        return read_only(as_matrix([[w.data for w in neuron.w] for neuron in self.neurons]))

    @weight.setter
    def weight(self, matrix: Any) -> None:
        rows = checked_matrix(f"the weight of {self!r}", matrix, (self.nout, self.nin))
        for neuron, numbers in zip(self.neurons, rows, strict=True):
            for parameter, number in zip(neuron.w, numbers, strict=True):
                parameter.data = number

    @property
    def bias(self) -> Any:
        """The biases, one for each neuron; None if there are none."""
        if not self.has_bias:
            return None
        return read_only(as_matrix([0.0 if neuron.b is None else neuron.b.data for neuron in self.neurons]))

    @bias.setter
    def bias(self, numbers: Any) -> None:
        biases = [neuron.b for neuron in self.neurons if neuron.b is not None]
        if len(biases) < len(self.neurons):
            raise ValueError(f"{self!r} has a neuron without a bias: make the layer with bias=True")
        for parameter, number in zip(biases, checked_matrix(f"the bias of {self!r}", numbers, (self.nout,)), strict=True):
            parameter.data = number

    def name(self, layer: int | None = None) -> None:
        """Label parameters and nodes as those of the layer with this index."""
        self.index = layer
        for j, neuron in enumerate(self.neurons):
            neuron.name(j, layer)

    def forward(self, x: Sequence[Any]) -> list[Value]:
        """The outputs, one for each neuron."""
        (outputs,) = fire(self.neurons, [take_inputs(self, x, self.nin)])
        return self._of_one(outputs) if len(outputs) == 1 else outputs

    @staticmethod
    def _of_one(outputs: list[Value]) -> Any:
        """What a layer of one neuron gives."""
        return OneOutput(outputs)

    def batch(self, inputs: Iterable[Any]) -> list[list[Value]]:
        """The outputs for each sample, one for each neuron."""
        if not self._computes_as(Layer):
            return super().batch(inputs)
        outputs = fire(self.neurons, take_batch(self, inputs, self.nin))
        return outputs if len(self.neurons) != 1 else [*map(self._of_one, outputs)]

    def __repr__(self) -> str:
        without = "" if self.has_bias else ", no bias"
        size = counted(len(self.parameters()), "parameter", ",")
        return f"Layer({self.nin} → {self.nout}, {function_name(self.activation)}{without}): {size}"


BEFORE: Final = "so many outputs has the layer before it"


ONE: Final = "a Layer gives a list of Values, a layer of one neuron a list of one: write layer(x)[0]"


def _refuse(*_: Any) -> NoReturn:
    raise TypeError(ONE)


def _with_lists(operation: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """An operation of lists, which refuses all else."""
    return lambda output, other: operation(output, other) if isinstance(other, list) else _refuse()


class OneOutput(list[Value]):
    """The output of a layer of one neuron: a list, as that of any layer. It says so where it is taken for the Value in it.

    It is added to lists and compared with lists; other arithmetic is an error, also what would repeat it, as `layer(x) * 2`.
    """

    def __getattr__(self, name: str) -> NoReturn:
        raise AttributeError(f"{ONE}.{name}")

    __add__, __iadd__ = _with_lists(list.__add__), _with_lists(list.__iadd__)
    __radd__ = _with_lists(lambda output, other: [*other, *output])
    __lt__, __le__, __gt__, __ge__ = map(_with_lists, (list.__lt__, list.__le__, list.__gt__, list.__ge__))
    __mul__ = __rmul__ = __imul__ = __truediv__ = __rtruediv__ = __mod__ = __rmod__ = __floordiv__ = __rfloordiv__ = _refuse
    __sub__ = __rsub__ = __pow__ = __rpow__ = __neg__ = __abs__ = __float__ = __round__ = _refuse


@answers_calls
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
        >>> len(model), model[-1]
        (3, Layer(8 → 1, sigmoid): 9 parameters)
    """

    def __init__(self, *layers: Module) -> None:
        if not layers:
            raise wrong_value(f"the layers of {type(self).__name__}", "at least one Module", layers)
        for position, layer in enumerate(layers):
            if not isinstance(layer, Module):
                way_out = "write Sequential(*layers)" if isinstance(layer, list | tuple) else ""
                raise wrong_type(f"layers[{position}] of {type(self).__name__}", "a Module", layer, way_out)
        self.layers = list(layers)
        width = None
        index = 0
        for layer in layers:
            if isinstance(layer, Layer):
                index += 1
                if layer.index != index:
                    layer.name(index)
                if width is not None and layer.nin != width:
                    raise wrong_count(f"layer {index}", layer.nin, "input", width, BEFORE)
                width = layer.nout
            elif not isinstance(layer, Dropout):
                expected = getattr(layer, "nin", None)  # of a LayerNorm
                if width is not None and expected is not None and expected != width:
                    raise wrong_count(repr(layer), expected, "input", width, BEFORE)
                width = getattr(layer, "nout", None)

    def __len__(self) -> int:
        return len(self.layers)

    def __iter__(self) -> Iterator[Module]:
        return iter(self.layers)

    @overload
    def __getitem__(self, index: int) -> Module: ...

    @overload
    def __getitem__(self, index: slice) -> Sequential: ...

    def __getitem__(self, index: int | slice) -> Module:
        """The layer at this place; of a slice a `Sequential` of the same layers, which keep their names."""
        if not isinstance(index, slice):
            return self.layers[index]
        part = Sequential.__new__(Sequential)
        part.layers = self.layers[index]
        if not part.layers:
            raise wrong_value("the slice", f"of at least one of {counted(len(self), 'layer')}", index)
        return part

    def forward(self, x: Any) -> OneOrMany:
        """The output for one sample: a list, or one Value if there is one output node."""
        first = self.layers[0]
        if isinstance(first, Layer):
            x = take_inputs(self, x, first.nin)
        for layer in self.layers:
            x = layer(x)
        return only(x)

    def batch(self, inputs: Iterable[Any]) -> list[OneOrMany]:
        """The output for each sample: a list, or one Value if there is one output node."""
        if not self._computes_as(Sequential):
            return super().batch(inputs)
        first = self.layers[0]
        xs = take_batch(self, inputs, first.nin) if isinstance(first, Layer) else inputs
        for layer in self.layers:
            xs = layer.batch(xs) if isinstance(layer, Layer | Sequential) else [layer(x) for x in xs]
        return [only(x) for x in xs]


def only(output: Any) -> OneOrMany:
    """The output of one node itself, as micrograd's MLP gives it, not a list of it."""
    one_or_many: OneOrMany = output[0] if isinstance(output, list) and len(output) == 1 else output
    return one_or_many


@answers_calls
class MLP(Sequential):
    """A multilayer perceptron: fully connected layers, the same activation in all but the last.

    Arguments:
        nin: the number of inputs.
        nouts: the number of neurons in each layer; the last is the output layer.
        activation: of the hidden layers: the name of a one-argument primitive, or a function of one Value.
        output_activation: of the output layer; "identity" gives the raw weighted sums (logits, scores).
        bias: whether neurons have a bias.
        init: how weights begin: glorot_uniform, glorot_normal, he_uniform, he_normal, unit_uniform, or a function
            `(nin, nout, random)`.
        seed: a seed or a `random.Random`, for the same weights again; Python's `random.seed` governs them if none is given.

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

    layers: list[Layer]  # type: ignore[assignment]  # what the constructor makes; `of_layers` may put a Dropout between
    _kind_of_layer: ClassVar[type[Layer]] = Layer

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
            raise wrong_value("nouts of MLP", "the sizes of its layers, a list with at least one number", nouts)
        activation_function(activation)  # an unknown name is an error, also where no layer is hidden
        random = generator(seed)
        sizes = [whole_number("nin", nin), *[whole_number("a size of nouts", nout) for nout in nouts]]
        check_memory(f"{type(self).__name__}({nin}, {list(nouts)})", sum(a * b for a, b in pairwise(sizes)))
        last = len(nouts) - 1
        super().__init__(
            *(
                self._kind_of_layer(
                    nin=sizes[i],
                    nout=sizes[i + 1],
                    activation=output_activation if i == last else activation,
                    bias=bias,
                    init=init,
                    seed=random,
                    index=i + 1,
                )
                for i in range(len(nouts))
            )
        )

    @classmethod
    def of_layers(cls, layers: Sequence[Module]) -> Self:
        """The network made of these layers."""
        model = cls.__new__(cls)
        Sequential.__init__(model, *layers)
        return model


def take_batch(module: Module, inputs: Iterable[Any], expected: int) -> list[Bundle[Any]]:
    """The inputs of each sample; see `take_inputs`.

    Raises:
        ValueError, TypeError: a sample does not fit: which; or `inputs` is no sequence of samples.
    """
    if not isinstance(inputs, Iterable):
        raise wrong_data(f"{type(module).__name__}.batch", "samples", inputs)
    bundles = []
    for i, x in enumerate(inputs):
        try:
            bundles.append(take_inputs(module, x, expected))
        except (ValueError, TypeError) as error:
            raise type(error)(f"sample {i}: {error}") from error
    return bundles
