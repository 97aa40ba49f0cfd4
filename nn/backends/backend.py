"""What a backend is: what it is given to train, what it does, and how it says that a number was lost."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from random import Random
from typing import Any, NamedTuple

from autograd_lite import Value
from autograd_lite.basics.arraylike import plain
from autograd_lite.leaves import numbers_of, set_numbers
from nn.finding import trained
from nn.losses import Loss
from nn.metrics import AnyMetric
from nn.module import Module
from nn.optimizers import Optimizer
from nn.samples import Rows


class State(NamedTuple):
    """All that steps change: the numbers of the optimizer's parameters, and what it remembers, in lists or arrays."""

    parameters: Any
    buffers: list[Any]  # of the optimizer, each with a number for each parameter
    steps: int


class NonFiniteError(Exception):
    """A number became NaN or infinite: which, and of which sample."""


@dataclass(frozen=True)
class Training:
    """What is trained, on which samples, and by which rule.

    Attributes:
        model: what is trained.
        rows, targets: the samples and their targets, checked; where samples have weights, these come with the targets.
        loss: of one sample, times its weight.
        metrics: what is measured besides the loss, by name.
        optimizer: holds parameters of the model, and maybe others, such as the loss may have.
        clip_norm: the largest norm of the gradient, if there is one.
        batch_size: the samples of a step; the last step of an epoch may have fewer.
        dtype: what it is computed with; machine code knows float32, too.
        own: the parameters of the model, where they are known already.
        tell: is told what is being prepared, for the user to see.
    """

    model: Module
    rows: Rows
    targets: Rows
    loss: Loss
    metrics: Mapping[str, AnyMetric]
    optimizer: Optimizer
    clip_norm: float | None
    batch_size: int
    tell: Callable[[str], object] = str
    dtype: str = "float64"
    own: list[Value] = field(default_factory=list)

    @property
    def batches(self) -> int:
        """The steps of an epoch."""
        return math.ceil(len(self.rows) / self.batch_size)

    @cached_property
    def parameters(self) -> list[Value]:
        """The parameters of the model, then those that the optimizer holds beside them."""
        own, trained = self.own or self.model.parameters(), self.optimizer.parameters
        return own if same_values(own, trained) else list(dict.fromkeys([*own, *trained]))

    @property
    def trained(self) -> list[Value]:
        """The parameters of the optimizer that are not frozen now."""
        return trained(self.optimizer.parameters)

    @cached_property
    def beside(self) -> list[Value]:
        """The parameters that the optimizer holds and the model does not."""
        own = {*self.model.parameters()}
        return [parameter for parameter in self.parameters if parameter not in own]


@dataclass
class Best:
    """The best weights so far.

    Attributes:
        weights: the number in every parameter, in a list or an array.
        epoch: after which epoch they were; 0 before the first has ended.
        score: the loss that they were measured by.
    """

    weights: Any
    epoch: int = 0
    score: float = math.inf

    def described(self, monitored: str) -> str:
        """Which weights they are. `monitored` is the name of what the score measures."""
        return f"those of epoch {self.epoch}, the best so far ({monitored} {self.score:.4g})"


class Progress(NamedTuple):
    """What some steps gave.

    Attributes:
        batches: how many steps were taken.
        shown: the mean loss and metrics over the samples of the current epoch so far.
        finished: the means of each epoch that is over with these steps, by name.
        weights_are_lost: whether one is no longer finite after the last of these steps, which ended an epoch.
    """

    batches: int
    shown: dict[str, float]
    finished: dict[str, list[float]]
    weights_are_lost: bool = False


class Backend(ABC):
    """Runs a training.

    At the end of each epoch the model and the optimizer hold what the training has come to. What is changed in them between
    two epochs counts in the second.
    """

    name: str
    stride: int = 1  # how many steps `undo_last` goes back

    def __init__(self, training: Training) -> None:
        self.training = training

    @property
    def together(self) -> int:
        """How many epochs it may be given at once, if nobody wants to look at the model between them."""
        return 1

    def order(self, seed: str | None) -> Sequence[int]:
        """The samples in the order of an epoch; without a seed as they lie."""
        order = list(range(len(self.training.rows)))
        if seed is not None:
            Random(seed).shuffle(order)
        return order

    @abstractmethod
    def train(
        self,
        orders: Sequence[Sequence[int]],
        rates: Sequence[float],
        done: int = 0,
        best: Best | None = None,
        patience: int = 0,
    ) -> Iterator[Progress]:
        """Some epochs, at most `together`. Yields now and then how far it is.

        Arguments:
            orders: the order of the samples in each epoch.
            rates: the learning rate of each step.
            done: how many epochs came before.
            best: kept up to date by the mean loss of each epoch, if it is given.
            patience: with `best`, stop after so many epochs that are no better; 0: never.

        Raises:
            NonFiniteError: a number became NaN or infinite; `undo_last` goes back.
        """

    def take(self, rows: Rows, targets: Rows) -> None:
        """Go on with other samples of the same kind."""
        self.training = replace(self.training, rows=rows, targets=targets)

    @abstractmethod
    def state(self) -> State:
        """What the steps so far have come to; a copy."""

    @abstractmethod
    def load(self, state: State) -> None:
        """Go on from this state."""

    def gradient(self, chosen: Any) -> tuple[Any, Any, Any]:
        """The gradient of the mean loss of some samples by the optimizer's parameters, and the loss and the outputs of each.

        Raises:
            NonFiniteError: a loss is NaN or infinite.
        """
        raise NotImplementedError

    def after(self, state: State, gradient: Any, rate: float) -> State:
        """The state after the optimizer's step by a gradient, with a number for each of its parameters, from another state.

        Raises:
            NonFiniteError: the optimizer's formula has no result.
        """
        raise NotImplementedError

    def some_steps(self, chosen: Any, rates: Sequence[float]) -> tuple[Any, Any]:
        """A step on each batch of some samples; gives the loss and the outputs of each sample, as they were when it was met.

        Raises:
            NonFiniteError: a loss is NaN or infinite.
        """
        raise NotImplementedError

    @abstractmethod
    def measure(self, rows: Rows, targets: Rows) -> dict[str, float]:
        """The mean loss and metrics over a set, in evaluation mode.

        Raises:
            NonFiniteError: one cannot be computed.
        """

    @abstractmethod
    def look_again(self) -> bool:
        """Take over what a callback has changed of the model, the loss or the optimizer's settings.

        Returns:
            Whether the model may have changed; False where it surely has not.
        """

    @abstractmethod
    def keep(self) -> None:
        """Take over what the model and the optimizer hold now; no undo goes back further."""

    @abstractmethod
    def undo_unfinished(self) -> None:
        """Go back to before a step that was interrupted."""

    @abstractmethod
    def undo_last(self) -> None:
        """Go back to before the last step that went well."""

    def release(self) -> None:  # noqa: B027 - most have nothing to let go of
        """The training is over: let go of its samples."""

    def weights(self) -> Any:
        """The number in every parameter, in a list or an array."""
        return numbers_of(self.training.parameters)

    def restore(self, weights: Any) -> None:
        """Put these numbers into the parameters."""
        set_numbers(self.training.parameters, plain(weights))


def same_values(one: Sequence[Value], other: Sequence[Value]) -> bool:
    """Whether two lists are of the same Values in the same order."""
    return one == other  # between Values == is identity, and for lists of them it is quick (benchmark fit)


def state_of(optimizer: Optimizer) -> State:
    """What the parameters and the optimizer hold."""
    return State(numbers_of(optimizer.parameters), [list(buffer) for buffer in optimizer.buffers.values()], optimizer.steps)


def put_state(optimizer: Optimizer, state: State) -> None:
    """Put a state into the parameters and the optimizer, as Python's numbers."""
    set_numbers(optimizer.parameters, plain(state.parameters))
    optimizer.buffers = {name: [*plain(numbers)] for name, numbers in zip(optimizer.buffers, state.buffers, strict=True)}
    optimizer.steps = state.steps
