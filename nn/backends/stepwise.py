"""Training one step after another in Python: what the eager and the python backend have in common."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from autograd_lite.basics.arraylike import plain
from nn.backends.backend import Backend, Best, NonFiniteError, Progress, State, Training, put_state, state_of
from nn.clipping import clip_grad_norm
from nn.metrics import Tally
from nn.module import is_trained
from nn.samples import WeightedRows


class Snapshot(NamedTuple):
    """All that a step changes: the weights, and what the optimizer remembers."""

    weights: list[Any]
    steps: int
    buffers: dict[str, list[Any]]


class StepwiseBackend(Backend):
    """Takes a snapshot before each step, so that every step can be undone."""

    def __init__(self, training: Training) -> None:
        super().__init__(training)
        self.keep()

    @abstractmethod
    def differentiate(self, batch: Sequence[int]) -> list[tuple[float, Any]]:
        """Leave the gradient of the mean loss of these samples in the parameters; gives the loss and the output of each."""

    def step(self, batch: Sequence[int]) -> list[tuple[float, Any]]:
        """Take one step on the mean loss of these samples; gives the loss and the output of each."""
        measured = self.differentiate(batch)
        change_parameters(self.training)
        return measured

    def state(self) -> State:
        """What the steps so far have come to."""
        return state_of(self.training.optimizer)

    def load(self, state: State) -> None:
        """Go on from this state."""
        put_state(self.training.optimizer, state)
        self.keep()

    def gradient(self, chosen: Any) -> tuple[Any, Any, Any]:
        """The gradient over some samples; see `Backend.gradient`."""
        losses, outputs = zip(*self.differentiate(chosen), strict=True)
        parameters = self.training.optimizer.parameters
        return [parameter.grad if is_trained(parameter) else 0.0 for parameter in parameters], losses, outputs

    def after(self, state: State, gradient: Any, rate: float) -> State:
        """The state after the optimizer's step by a gradient; see `Backend.after`."""
        optimizer = self.training.optimizer
        put_state(optimizer, state)
        for parameter, slope in zip(optimizer.parameters, plain(gradient), strict=True):
            parameter.grad = slope
        optimizer.lr = rate
        change_parameters(self.training)
        changed = state_of(optimizer)
        put_state(optimizer, state)
        return changed

    def some_steps(self, chosen: Any, rates: Sequence[float]) -> tuple[Any, Any]:
        """Steps on some samples; see `Backend.some_steps`."""
        size, measured = self.training.batch_size, []
        for step, rate in enumerate(rates):
            self.training.optimizer.lr = rate
            measured += self.step(chosen[step * size : (step + 1) * size])
        losses, outputs = zip(*measured, strict=True)
        return losses, outputs

    def train(
        self,
        orders: Sequence[Sequence[int]],
        rates: Sequence[float],
        done: int = 0,
        best: Best | None = None,
        patience: int = 0,
    ) -> Iterator[Progress]:
        """One epoch; see `Backend.train`."""
        (order,), size, targets = orders, self.training.batch_size, self.training.targets
        tally = Tally(self.training.metrics, isinstance(targets, WeightedRows))
        for batch, rate in enumerate(rates, 1):
            self.before = self.snapshot()
            self.training.optimizer.lr = rate
            chosen = order[(batch - 1) * size : batch * size]
            measured = self.step(chosen)
            self.before_last = self.before
            for i, (loss, output) in zip(chosen, measured, strict=True):
                tally.add(loss, output, targets[i])
            is_last = batch == len(rates)
            so_far = tally.results() if is_last else tally.means()
            lost = is_last and not all(map(math.isfinite, self.weights()))
            yield Progress(1, so_far, {name: [number] for name, number in so_far.items()} if is_last else {}, lost)

    def keep(self) -> None:
        """Take over what the model and the optimizer hold now; no undo goes back further."""
        self.before_last = self.before = self.snapshot()

    def undo_unfinished(self) -> None:
        """Go back to before a step that was interrupted."""
        self.go_back(self.before)

    def undo_last(self) -> None:
        """Go back to before the last step that went well."""
        self.go_back(self.before_last)

    def snapshot(self) -> Snapshot:
        """What the model and the optimizer hold now."""
        optimizer = self.training.optimizer
        return Snapshot(self.weights(), optimizer.steps, {name: list(numbers) for name, numbers in optimizer.buffers.items()})

    def go_back(self, snapshot: Snapshot) -> None:
        """Put back what a snapshot holds."""
        optimizer = self.training.optimizer
        weights, optimizer.steps, optimizer.buffers = snapshot
        self.restore(weights)


def change_parameters(training: Training) -> None:
    """Take the optimizer's step, by the gradients that are there."""
    optimizer = training.optimizer
    if training.clip_norm is not None:
        clip_grad_norm(optimizer.parameters, training.clip_norm)
    try:
        optimizer.step()
    except ArithmeticError as error:  # a division by eps=0, say
        raise NonFiniteError(f"the step of {optimizer!r}: {error}") from error
