"""The base of everything that has parameters: how they are found, reset, saved and put back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from copy import copy
from numbers import Real
from reprlib import recursive_repr
from typing import Any, ClassVar, Final, ParamSpec, Protocol, Self, TypeVar

from autograd_lite import Value, no_grad
from autograd_lite.basics.checks import wrong_names, wrong_type
from autograd_lite.basics.elsewhere import answers_missing
from autograd_lite.basics.escaping import in_message
from autograd_lite.basics.wording import counted
from autograd_lite.leaves import numbers_of, set_numbers
from nn.elsewhere import OF_MODULE
from nn.finding import Parameter, Part, children, collect, dotted, is_trained, modules_below, names_of

__all__ = ["Module", "Parameter", "check_model", "evaluating", "in_mode", "is_trained", "reset"]

DEEPEST: Final = 20  # of modules within each other that a repr shows: so it needs no more than a part of Python's stack
_level: ContextVar[int] = ContextVar("_level", default=0)  # how many modules are around the one that is shown

Inputs = ParamSpec("Inputs")
Output = TypeVar("Output", covariant=True)


class HasForward(Protocol[Inputs, Output]):
    """What has a `forward`: calling a module takes what its own `forward` takes and gives what that gives."""

    def forward(self, *inputs: Inputs.args, **named: Inputs.kwargs) -> Output:
        """The output."""


@answers_missing(OF_MODULE)
class Module(Part):
    """A part of a model: it finds its parameters and its parts by itself, in its attributes.

    A subclass sets them in `__init__` and computes its output in `forward`. A parameter is an attribute that is a leaf Value;
    a part is an attribute that is a Module; lists, tuples and dictionaries of them count too. A parameter in something else,
    such as a set, is an error: it would never be trained. So is a part that contains itself, as one that knows the module which
    it is in.

    Attributes:
        training: whether the model is being trained; only `Dropout` behaves differently.

    Example:
        >>> from autograd_lite import Value
        >>> from nn import Module
        >>> class Line(Module):
        ...     def __init__(self):
        ...         self.slope, self.offset = Value(2.0), Value(1.0)
        ...     def forward(self, x):
        ...         return self.slope * x + self.offset
        >>> line = Line()
        >>> line(3.0).data, line.state_dict()
        (7.0, {'slope': 2.0, 'offset': 1.0})
    """

    training: bool = True
    matrices: ClassVar[
        tuple[str, ...]
    ] = ()  # the attributes that give all parameters of such a module as arrays, if it has such

    def __call__(self: HasForward[Inputs, Output], *inputs: Inputs.args, **named: Inputs.kwargs) -> Output:
        """The output for one sample; a recurrent cell, say, may take several inputs."""
        return self.forward(*inputs, **named)

    def forward(self, x: Any, /) -> Any:
        """The output for one sample `x`; every subclass defines it, with as many inputs as it takes."""
        raise NotImplementedError(f"{type(self).__name__} defines no forward(self, x)")

    def batch(self, inputs: Iterable[Any]) -> list[Any]:
        """The output for each sample: what calling the module with one after another gives.

        Layers read their weights once for the whole batch, so their nodes are made in less time. A `Sequential` takes the
        batch through one part after another: parts that share a random generator draw from it in another order.

        Arguments:
            inputs: the samples, each as the module takes it.

        Raises:
            TypeError: `inputs` is no sequence.
            ValueError, TypeError: a sample does not fit; the message says which.

        Example:
            >>> from nn import MLP
            >>> model = MLP(2, [3, 1], seed=0)
            >>> samples = [[1.0, 2.0], [0.5, -1.0]]
            >>> [y.data for y in model.batch(samples)] == [model(x).data for x in samples]
            True
        """
        return [self(x) for x in inputs]

    def _computes_as(self, kind: type[Module]) -> bool:
        """Whether its output is that of this class: neither a subclass nor its user has put something else in the place."""
        own = type(self)
        return own.forward is kind.forward and own.__call__ is Module.__call__ and "forward" not in vars(self)

    def named_children(self) -> Iterator[tuple[str, Module]]:
        """The parts directly below this one, each with its name, such as `layers.0`."""
        return children(self)

    def modules(self) -> Iterator[Module]:
        """This module and all parts below it, each once, parents first.

        Raises:
            ValueError: a part of the module contains itself.
        """
        yield self
        for _, _, part in modules_below(self):
            yield part

    def named_parameters(self) -> Iterator[tuple[str, Value]]:
        """Every parameter once, with its name, such as `layers.0.neurons.2.w.1`.

        Raises:
            ValueError: two have the same name, as those of the keys 1 and "1" of a dictionary have.
        """
        self.parameters()  # which finds what is hidden
        names = names_of(self)
        if len({*names.values()}) < len(names):
            name, _ = Counter(names.values()).most_common(1)[0]
            raise ValueError(f"two parameters of this {type(self).__name__} have the name {in_message(name)}: rename a key")
        yield from zip(names.values(), names, strict=True)

    def parameters(self) -> list[Value]:
        """Every parameter once, in the order of `named_parameters`.

        Raises:
            TypeError: there are others where nobody looks for them: in a set, an array of objects, an object of another kind.
            ValueError: a part of the module contains itself.
        """
        return collect(self)

    def requires_grad_(self, requires_grad: bool = True) -> Self:
        """Freeze all parameters (False), so that optimizers leave them as they are, or thaw them again; as in PyTorch.

        Single ones are frozen by `parameter.requires_grad = False`. `backward` gives frozen ones gradients all the same.

        Raises:
            TypeError: a parameter is a plain Value, which has no room for the flag.

        Example:
            >>> from nn import MLP, SGD, fit
            >>> model = MLP(1, [2, 1], seed=0)
            >>> _ = model[0].requires_grad_(False)
            >>> before = model.state_dict()
            >>> _ = fit(model, [[1.0]], [5.0], epochs=3, progress=False)
            >>> [name for name, number in model.state_dict().items() if number != before[name]][0]
            'layers.1.neurons.0.w.0'
        """
        for name, parameter in self.named_parameters():
            if not isinstance(parameter, Parameter):
                raise wrong_type(name, "a Parameter, to be frozen", parameter, f"make it one, nn.Parameter({parameter.data!r})")
            parameter.requires_grad = bool(requires_grad)
        return self

    def zero_grad(self, set_to_none: bool = False) -> None:
        """Set the gradient of every parameter to 0, or to None: then there is none yet, and optimizers leave it alone."""
        reset(self.parameters(), set_to_none)

    def named_modules(self) -> Iterator[tuple[str, Module]]:
        """This module, whose name is empty, and all parts below it, each once, with names such as `layers.0.neurons.2`.

        Raises:
            ValueError: a part of the module contains itself.
        """
        yield "", self
        for keys, key, part in modules_below(self):
            yield dotted(keys, key), part

    def state_dict(self, matrices: bool = False) -> dict[str, Any]:
        """The numbers in all parameters, by name.

        Arguments:
            matrices: whether to give those of a layer as arrays, `layers.0.weight` and `layers.0.bias`, for NumPy and PyTorch:
                `numpy.savez(path, **state)`. Else each is a number of its own, `layers.0.neurons.2.w.1`.

        Example:
            >>> from nn import MLP
            >>> state = MLP(2, [3, 1], seed=0).state_dict(matrices=True)
            >>> {name: array.shape for name, array in state.items()}
            {'layers.0.weight': (3, 2), 'layers.0.bias': (3,), 'layers.1.weight': (1, 3), 'layers.1.bias': (1,)}
        """
        named = dict(self.named_parameters())
        if not matrices:
            return dict(zip(named, numbers_of([*named.values()]), strict=True))
        owners = self._owners()
        state: dict[str, Any] = {}
        for name, parameter in named.items():
            if parameter not in owners:
                state[name] = parameter.data
                continue
            before, module = owners[parameter]
            for attribute in module.matrices:
                if before + attribute not in state and (array := getattr(module, attribute)) is not None:
                    state[before + attribute] = copy(array)
        return state

    def _owners(self) -> dict[Value, tuple[str, Module]]:
        """Of each parameter that is in an array: the module that gives the array, with what comes before the array's name."""
        with_arrays = [(f"{name}." if name else "", part) for name, part in self.named_modules() if part.matrices]
        return {parameter: owner for owner in reversed(with_arrays) for parameter in owner[1].parameters()}

    def load_state_dict(self, state: Mapping[str, Any], strict: bool = True) -> None:
        """Set every parameter to the number that `state_dict` gave, in either form; arrays may be tensors or nested lists.

        Arguments:
            state: names, each with its number or its array.
            strict: whether all names must be there, and no others. If not, those that are known are set, and all else stays.

        Raises:
            ValueError: names are missing or unknown, no name is known, or a shape is another; nothing is changed then.
            TypeError: something is not a number; nothing is changed then.

        Example:
            >>> from nn import MLP
            >>> model = MLP(2, [1], seed=0)
            >>> model.load_state_dict({"layers.0.weight": [[1.0, 2.0]], "layers.0.bias": [0.5]})
            >>> model([1.0, 1.0]).data
            3.5
        """
        if not isinstance(state, Mapping):
            raise wrong_type("state", "a dictionary as state_dict() gives it", state)
        parameters = dict(self.named_parameters())
        matrices = any(name not in parameters for name in state) and self.state_dict(matrices=True)
        expected = matrices if matrices and any(name in matrices for name in state) else parameters
        missing = [name for name in expected if name not in state]
        unknown = [name for name in state if name not in expected]
        if (missing or unknown) and (strict or len(missing) == len(expected)):
            raise wrong_names(f"the state of this {type(self).__name__}", missing, unknown)
        known = {name: state[name] for name in expected if name in state}
        if expected is matrices:
            self._load_matrices(known)
            return
        if {*map(type, known.values())} - {float, int}:
            for name, number in known.items():
                if not isinstance(number, Real):
                    raise wrong_type(f"the state of {name}", "a number", number)
        set_numbers([parameters[name] for name in known], [*known.values()])

    def _load_matrices(self, state: Mapping[str, Any]) -> None:
        """Write the arrays of a state into the modules that have them, and all else as it is; all or nothing."""
        before = self.state_dict()
        parts = {
            (f"{name}." if name else "") + attribute: (part, attribute)
            for name, part in self.named_modules()
            for attribute in part.matrices
        }
        parameters = dict(self.named_parameters())
        try:
            for name, numbers in state.items():
                if name in parts:
                    setattr(*parts[name], numbers)
                elif isinstance(numbers, Real):
                    parameters[name].data = state[name]
                else:
                    raise wrong_type(f"the state of {name}", "a number", numbers)
        except (TypeError, ValueError):
            self.load_state_dict(before)
            raise

    def train(self, mode: bool = True) -> Self:
        """Put this module and its parts in training mode, or out of it."""
        for module in self.modules():
            module.training = mode
        return self

    def eval(self) -> Self:
        """Put this module and its parts in evaluation mode: no dropout."""
        return self.train(False)

    def extra_repr(self) -> str:
        """What the repr says of this module besides its parts."""
        return ""

    @recursive_repr("…")
    def __repr__(self) -> str:
        try:
            count = len(self.parameters())
        except (TypeError, ValueError) as error:
            return f"<{type(self).__name__}: {error}>"
        size = counted(count, "parameter", ",")
        parts, level = [], _level.get()
        _level.set(level + 1)
        try:
            for name, child in self.named_children():
                shown = repr(child).replace("\n", "\n  ") if level < DEEPEST else "…"
                parts.append(f"\n  {in_message(name)}: {shown}")
        finally:
            _level.set(level)
        inside = "".join(parts) + "\n" if parts else self.extra_repr()
        return f"{type(self).__name__}({inside})" + (f": {size}" if count or parts else "")


def reset(parameters: Iterable[Any], set_to_none: bool) -> None:
    """Set the gradients of parameters to 0, or to None."""
    for parameter in parameters:
        parameter.grad = None if set_to_none else 0


@contextmanager
def evaluating(model: Module) -> Iterator[None]:
    """The model in evaluation mode and without a graph, then in the mode in which it was."""
    with in_mode(model, training=False), no_grad():
        yield


@contextmanager
def in_mode(model: Module, training: bool) -> Iterator[None]:
    """The model in training mode, or out of it, in this block; then each of its parts in the mode in which it was."""
    modules = [*model.modules()]
    modes = [module.training for module in modules]
    if type(model).train is not Module.train:
        model.train(training)
    elif {*modes} != {training}:
        for module in modules:
            module.training = training
    try:
        yield
    finally:
        for module, mode in zip(modules, modes, strict=True):
            module.training = mode


def check_model(model: Any) -> None:
    """Raise a TypeError for what is no model."""
    if isinstance(model, Module):
        return
    way_out = ""
    if isinstance(model, type) and issubclass(model, Module):
        way_out = f"make one, {model.__name__}(...)"
    elif hasattr(model, "state_dict") and hasattr(model, "forward"):
        way_out = "from_torch(model) makes one of a model of PyTorch's"
    raise wrong_type("model", "a Module", model, way_out)
