"""Training one step after another in Python: what the eager and the python backend have in common."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from nn.backends.backend import WEIGHT_FAULT, Backend, Best, NonFiniteError, Progress, Training
from nn.clipping import clip_grad_norm
from nn.metrics import Tally
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
    def step(self, batch: Sequence[int]) -> list[tuple[float, Any]]:
        """Take one step on the mean loss of these samples; gives the loss and the output of each."""

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
            fault = WEIGHT_FAULT if is_last and not all(map(math.isfinite, self.weights())) else ""
            yield Progress(1, so_far, {name: [number] for name, number in so_far.items()} if is_last else {}, fault)

    def change_parameters(self) -> None:
        """Take the optimizer's step, by the gradients that are there."""
        optimizer, clip_norm = self.training.optimizer, self.training.clip_norm
        if clip_norm is not None:
            clip_grad_norm(optimizer.parameters, clip_norm)
        try:
            optimizer.step()
        except ArithmeticError as error:  # a division by eps=0, say
            raise NonFiniteError(f"the step of {optimizer!r}: {error}") from error

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
