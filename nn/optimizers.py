"""Gradient descent and its relatives, as PyTorch has them: θ is a parameter, g its gradient, η the learning rate."""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import accumulate, chain
from operator import attrgetter
from typing import Any, ClassVar, Final

from autograd_lite import Value, sqrt
from autograd_lite.basics.checks import check_range, shown, wrong_names, wrong_type, wrong_value
from autograd_lite.basics.elsewhere import answers_calls, answers_missing
from autograd_lite.errors import naming_gradients
from autograd_lite.primitive import LEAF
from nn.elsewhere import OF_OPTIMIZER
from nn.groups import Group, ShownGroup, parts_of
from nn.module import is_trained, reset


@answers_missing(OF_OPTIMIZER)
class Optimizer:
    """What optimizers have in common: the parameters, the learning rate, and buffers with one number for each parameter.

    As in PyTorch, parameters may come in groups with settings of their own, and those that are frozen stay where they are.

    Attributes:
        parameters: of all groups.
        groups: those of the parameters that settings are for; one where none has settings of its own.
        lr: the learning rate. That of a group of its own keeps its ratio to it, under a schedule, say.

    Raises:
        TypeError: a parameter is not a Value.
        ValueError: no parameters, one twice, a computed or constant Value among them, or a setting unknown or out of range.

    Example:
        >>> from nn import MLP, SGD
        >>> model = MLP(2, [3, 1])
        >>> slow = {"params": model[0].parameters(), "lr": 0.01}
        >>> optimizer = SGD([slow, {"params": model[1].parameters()}], lr=0.1, momentum=0.9)
        >>> [(group["lr"], group["momentum"], len(group["params"])) for group in optimizer.param_groups]
        [(0.01, 0.9, 9), (0.1, 0.9, 4)]
    """

    buffer_names: ClassVar[tuple[str, ...]] = ()

    def __init__(
        self, parameters: Iterable[Value] | Iterable[dict[str, Any]], lr: float, weight_decay: float = 0.0, **settings: Any
    ) -> None:
        parts = parts_of(type(self).__name__, parameters)
        self.parameters = self._checked(chain.from_iterable(part for part, _ in parts))
        ends = accumulate(len(part) for part, _ in parts)
        self.groups = [Group(end - len(part), end, own) for end, (part, own) in zip(ends, parts, strict=True)]
        check_range("lr", lr, 0)
        check_range("weight_decay", weight_decay, 0)
        self.lr: float = lr
        self._first_lr = lr
        self.settings = {"weight_decay": weight_decay, **settings}
        for group in self.groups:
            self._check_group(group)
        self.steps = 0
        self.buffers = {name: [0.0] * len(self.parameters) for name in self.buffer_names}

    @property
    def param_groups(self) -> list[dict[str, Any]]:
        """The groups as PyTorch shows them, each with its parameters and all of its settings: to look at, and to set."""
        return [
            ShownGroup(
                {"params": self.in_group(group), "lr": self.rate(group), **self.settings_of(group)}, partial(self._set, group)
            )
            for group in self.groups
        ]

    def _set(self, group: Group, name: str, setting: Any) -> None:
        """Change a setting of one group; that of an optimizer without groups is its own."""
        if name == "params":
            way_out = "the parameters of a group are those that the optimizer was made with: make another one"
            raise wrong_value("params", "left as they are", setting, way_out, told="others")
        setting = list(setting) if isinstance(setting, tuple) else setting
        self._check_group(replace(group, own={**group.own, name: setting}))
        if len(self.groups) > 1 or name in group.own:
            group.own[name] = setting * (self._first_lr / self.lr) if name == "lr" and self.lr else setting
        elif name == "lr":
            self.lr = setting
        else:
            self.settings[name] = setting

    def in_group(self, group: Group) -> list[Value]:
        """The parameters of a group."""
        return self.parameters[group.start : group.stop]

    def rate(self, group: Group) -> Any:
        """The learning rate of a group now."""
        own = group.own.get("lr")
        return self.lr if own is None else own * (self.lr / self._first_lr) if self._first_lr else own

    def settings_of(self, group: Group) -> dict[str, Any]:
        """The settings of a group, but for the learning rate."""
        return self.settings | {name: setting for name, setting in group.own.items() if name != "lr"}

    def step(self) -> None:
        """Change every parameter by its gradient."""
        self.steps += 1
        with naming_gradients(self.parameters):
            for group in self.groups:
                self.change(self.moving(group), self.rate(group), self.settings_of(group))

    def change(self, moving: Iterable[tuple[int, Value]], lr: Any, settings: Mapping[str, Any]) -> None:
        """Change these parameters, given with their places, by their gradients; an optimizer of one's own may define `step`."""
        raise NotImplementedError(f"{type(self).__name__} defines no step()")

    def moving(self, group: Group) -> Iterator[tuple[int, Value]]:
        """The parameters of a group with their places, but for frozen ones and those whose gradient is None: these stay."""
        for i in range(group.start, group.stop):
            parameter = self.parameters[i]
            if parameter.grad is not None and is_trained(parameter):
                yield i, parameter

    def zero_grad(self, set_to_none: bool = False) -> None:
        """Set the gradient of every parameter to 0, or to None: then there is none yet, and `step` leaves it alone."""
        reset(self.parameters, set_to_none)

    def state_dict(self) -> dict[str, Any]:
        """The settings, the number of steps and the buffers: all that is needed to go on with the same bits."""
        return {
            "optimizer": type(self).__name__,
            "settings": copy.deepcopy({"lr": self.lr, **self.settings, **self._own_settings()}),
            "steps": self.steps,
            "buffers": {name: list(numbers) for name, numbers in self.buffers.items()},
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Take over what `state_dict` gave.

        Raises:
            ValueError: it is of another optimizer, of other settings or of another number of parameters; a part is missing.
        """
        own = self.state_dict()
        if missing := own.keys() - state.keys():
            raise wrong_names("the saved state", sorted(missing), ())
        for key in ("optimizer", "settings"):
            if state[key] != own[key]:
                raise wrong_value(f"{key} of the saved state", shown(own[key]), state[key])
        sizes = {name: len(numbers) for name, numbers in state["buffers"].items()}
        if sizes != dict.fromkeys(self.buffer_names, len(self.parameters)):
            wanted = f"those with a number for each of {len(self.parameters)} parameters"
            raise wrong_value("buffers of the saved state", wanted, state["buffers"])
        self.steps = state["steps"]
        self.buffers = {name: list(numbers) for name, numbers in state["buffers"].items()}

    def _own_settings(self) -> dict[str, Any]:
        """What is to be said of the groups: how many parameters each has, and its settings; nothing of one that has none."""
        if not any(group.own for group in self.groups):
            return {}
        return {"groups": [{"params": group.stop - group.start, **group.own} for group in self.groups]}

    def __repr__(self) -> str:
        shown = {"lr": self.lr, **self.settings, **self._own_settings()}
        return f"{type(self).__name__}({', '.join(f'{name}={setting!r}' for name, setting in shown.items())})"

    def _check_group(self, group: Group) -> None:
        """Check the settings of a group, as if they were those of an optimizer."""
        if unknown := group.own.keys() - {"lr", *self.settings}:
            known = f"one of params, lr, {', '.join(self.settings)}"
            raise wrong_value(f"a key of a group of {type(self).__name__}", known, min(unknown))
        kind = next((kind for kind in type(self).__mro__ if kind in OPTIMIZERS.values()), None)
        if group.own and kind is not None:
            kind([Value(0.0)], **{"lr": self.lr, **self.settings, **group.own})

    def _checked(self, parameters: Iterable[Value]) -> list[Value]:
        """The parameters as a list, after a look at each."""
        name = type(self).__name__
        checked = list(parameters)
        if not checked:
            raise wrong_value(f"the parameters of {name}", "at least one Value", checked, "pass model.parameters()")
        for kind in {*map(type, checked)}:
            if not issubclass(kind, Value):
                other = next(parameter for parameter in checked if type(parameter) is kind)
                raise wrong_type(f"a parameter of {name}", "a Value", other, "pass model.parameters()")
        if {*map(attrgetter("primitive"), checked)} != {LEAF}:
            other = next(parameter for parameter in checked if parameter.primitive is not LEAF)
            raise wrong_value(f"a parameter of {name}", "a leaf", other, "pass model.parameters()")
        if len({*checked}) < len(checked):
            twice = next(parameter for parameter, count in Counter(checked).items() if count > 1)
            raise wrong_value(f"the parameters of {name}", "given once each", twice, "a step would change it twice")
        return checked


def decayed(parameter: Value, weight_decay: float) -> Any:
    """The gradient of a parameter g, with decay g + λ·θ."""
    return parameter.grad + weight_decay * parameter.data if weight_decay else parameter.grad


@answers_calls
class SGD(Optimizer):
    """Gradient descent (D17), θ ← θ − η·g, with momentum: v ← μ·v + g, θ ← θ − η·v; Nesterov's: θ ← θ − η·(g + μ·v).

    Arguments:
        parameters: of the model, `model.parameters()`; or groups of them, as in PyTorch: see `Optimizer`.
        lr: the learning rate η ≥ 0.
        momentum: μ, from 0 up to 1.
        nesterov: whether to look ahead along the momentum.
        weight_decay: λ ≥ 0; λ·θ is added to each gradient.

    Raises:
        ValueError: a setting is out of its range; `nesterov` without momentum.

    Example:
        >>> from autograd_lite import Value
        >>> from nn import SGD
        >>> w = Value(3.0)
        >>> optimizer = SGD([w], lr=0.25)
        >>> for step in range(3):
        ...     optimizer.zero_grad()
        ...     (w * w).backward()
        ...     optimizer.step()
        >>> w.data
        0.375
    """

    buffer_names = ("momentum",)

    def __init__(
        self,
        parameters: Iterable[Value] | Iterable[dict[str, Any]],
        lr: float = 0.1,
        momentum: float = 0.0,
        nesterov: bool = False,
        weight_decay: float = 0.0,
    ) -> None:
        check_range("momentum", momentum, 0, 1)
        if nesterov and not momentum:
            raise wrong_value("momentum", "above 0 for Nesterov's method, which looks ahead along it", momentum)
        super().__init__(parameters, lr, weight_decay, momentum=momentum, nesterov=nesterov)

    def change(self, moving: Iterable[tuple[int, Value]], lr: Any, settings: Mapping[str, Any]) -> None:
        """Change these parameters by their gradients."""
        weight_decay, momentum, nesterov = settings["weight_decay"], settings["momentum"], settings["nesterov"]
        velocity = self.buffers["momentum"]
        for i, parameter in moving:
            g = decayed(parameter, weight_decay)
            if momentum:
                velocity[i] = v = momentum * velocity[i] + g
                g = g + momentum * v if nesterov else v
            parameter.data -= lr * g


@answers_calls
class Adam(Optimizer):
    """Adam: θ ← θ − η·m̂ / (√v̂ + ε), with m̂ and v̂ the bias-corrected running means of g and g². Source: Kingma and Ba (2015).

    Arguments:
        parameters: of the model, `model.parameters()`; or groups of them, as in PyTorch: see `Optimizer`.
        lr: the learning rate η ≥ 0.
        betas: how much of each running mean is kept, each from 0 up to 1.
        eps: ε ≥ 0, against division by zero.
        weight_decay: λ ≥ 0; λ·θ is added to each gradient.

    Raises:
        ValueError: a setting is out of its range.

    Example:
        >>> from nn import MLP, Adam
        >>> model = MLP(1, [1], seed=0)
        >>> optimizer = Adam(model.parameters(), lr=0.1)
        >>> before = model([1.0]).data
        >>> model([1.0]).backward()
        >>> optimizer.step()
        >>> model([1.0]).data < before
        True
    """

    buffer_names = ("mean", "square")

    def __init__(
        self,
        parameters: Iterable[Value] | Iterable[dict[str, Any]],
        lr: float = 0.001,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
    ) -> None:
        if not isinstance(betas, Sequence) or len(betas) != 2:
            raise wrong_value("betas", "two numbers", betas)
        for beta in betas:
            check_range("each of betas", beta, 0, 1)
        check_range("eps", eps, 0)
        super().__init__(parameters, lr, weight_decay, betas=list(betas), eps=eps)

    def change(self, moving: Iterable[tuple[int, Value]], lr: Any, settings: Mapping[str, Any]) -> None:
        """Change these parameters by their gradients."""
        weight_decay, eps, (keep_mean, keep_square) = settings["weight_decay"], settings["eps"], settings["betas"]
        rate = lr / (1 - keep_mean**self.steps)
        correction = sqrt(1 - keep_square**self.steps)
        mean, square = self.buffers["mean"], self.buffers["square"]
        for i, parameter in moving:
            g = self.decay(parameter, lr, weight_decay)
            mean[i] = m = keep_mean * mean[i] + (1 - keep_mean) * g
            square[i] = v = keep_square * square[i] + (1 - keep_square) * g * g
            parameter.data -= rate * m / (sqrt(v) / correction + eps)

    @staticmethod
    def decay(parameter: Value, lr: float, weight_decay: float) -> Any:
        """Apply the weight decay, and give the gradient to go by: here λ·θ is part of the gradient."""
        return decayed(parameter, weight_decay)


@answers_calls
class AdamW(Adam):
    """Adam with decoupled weight decay: first θ ← θ − η·λ·θ, then Adam's step without it. Source: Loshchilov and Hutter (2019).

    The arguments are those of `Adam`; `weight_decay` is 0.01 if not given.

    Example:
        >>> from nn import MLP, AdamW
        >>> model = MLP(1, [1], seed=0)
        >>> optimizer = AdamW(model.parameters(), lr=0.1)
        >>> before = model([1.0]).data
        >>> model([1.0]).backward()
        >>> optimizer.step()
        >>> model([1.0]).data < before
        True
    """

    def __init__(
        self,
        parameters: Iterable[Value] | Iterable[dict[str, Any]],
        lr: float = 0.001,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.01,
    ) -> None:
        super().__init__(parameters, lr, betas, eps, weight_decay)

    @staticmethod
    def decay(parameter: Value, lr: float, weight_decay: float) -> Any:
        """Apply the weight decay, and give the gradient to go by: here the parameter itself shrinks."""
        parameter.data *= 1 - lr * weight_decay
        return parameter.grad


@answers_calls
class RMSprop(Optimizer):
    """RMSprop: θ ← θ − η·g / (√s + ε), with s a running mean of g². Source: Hinton's lectures (2012), in PyTorch's form.

    Arguments:
        parameters: of the model, `model.parameters()`; or groups of them, as in PyTorch: see `Optimizer`.
        lr: the learning rate η ≥ 0.
        alpha: how much of the running mean is kept, from 0 up to 1.
        eps: ε ≥ 0, against division by zero.
        weight_decay: λ ≥ 0; λ·θ is added to each gradient.
        momentum: from 0 up to 1; as in SGD, of the scaled gradient.

    Raises:
        ValueError: a setting is out of its range.

    Example:
        >>> from nn import MLP, RMSprop
        >>> model = MLP(1, [1], seed=0)
        >>> optimizer = RMSprop(model.parameters(), lr=0.1)
        >>> before = model([1.0]).data
        >>> model([1.0]).backward()
        >>> optimizer.step()
        >>> model([1.0]).data < before
        True
    """

    buffer_names = ("square", "momentum")

    def __init__(
        self,
        parameters: Iterable[Value] | Iterable[dict[str, Any]],
        lr: float = 0.01,
        alpha: float = 0.99,
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        momentum: float = 0.0,
    ) -> None:
        check_range("alpha", alpha, 0, 1)
        check_range("eps", eps, 0)
        check_range("momentum", momentum, 0, 1)
        super().__init__(parameters, lr, weight_decay, alpha=alpha, eps=eps, momentum=momentum)

    def change(self, moving: Iterable[tuple[int, Value]], lr: Any, settings: Mapping[str, Any]) -> None:
        """Change these parameters by their gradients."""
        weight_decay, alpha, eps, momentum = (settings[name] for name in ("weight_decay", "alpha", "eps", "momentum"))
        square, velocity = self.buffers["square"], self.buffers["momentum"]
        for i, parameter in moving:
            g = decayed(parameter, weight_decay)
            square[i] = s = alpha * square[i] + (1 - alpha) * g * g
            velocity[i] = v = momentum * velocity[i] + g / (sqrt(s) + eps)
            parameter.data -= lr * v


OPTIMIZERS: Final[dict[str, type[Optimizer]]] = {kind.__name__: kind for kind in (SGD, Adam, AdamW, RMSprop)}
