"""How one batch is run.

A backend has a `name` for the progress bar, `train` for an epoch, `measure` for a whole set, and `weights` and `restore`, which
take and give back the number in every parameter.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any, Final

from nn.losses import Loss
from nn.metrics import Metric, measure, sample_metrics
from nn.module import Module
from nn.optimizers import Optimizer, clip_grad_norm

BACKENDS: Final = ("auto", "eager", "python", "native")


class NonFiniteError(Exception):
    """A number became NaN or infinite: which, and of which sample."""


class EagerBackend:
    """Builds the graph of each sample anew, in Python: what every model can do, and what other backends are measured by."""

    name = "eager"

    def __init__(
        self,
        model: Module,
        rows: list[Any],
        targets: list[Any],
        loss: Loss,
        metrics: dict[str, Metric],
        optimizer: Optimizer,
        clip_norm: float | None,
        batch_size: int,
    ) -> None:
        self.model, self.rows, self.targets, self.loss, self.metrics = model, rows, targets, loss, metrics
        self.optimizer, self.clip_norm, self.batch_size = optimizer, clip_norm, batch_size
        own = dict.fromkeys(model.parameters())
        self.beside = [p for p in optimizer.parameters if p not in own]  # of the loss, say
        self.parameters = [*own, *self.beside]
        self.keep()

    def train(self, order: list[int], rates: Sequence[float]) -> Iterator[tuple[int, list[float], int]]:
        """One epoch, the samples in this order, with a learning rate for each batch.

        Yields as it goes on: how many batches were done, the sums of their samples' loss and metrics, and how many samples.
        """
        for batch, rate in enumerate(rates):
            self.before = self.snapshot()
            self.optimizer.lr = rate
            measured = self.step(order[batch * self.batch_size : (batch + 1) * self.batch_size])
            self.last_good = self.before
            yield 1, [sum(column) for column in zip(*measured, strict=True)], len(measured)

    def look_again(self) -> None:
        """Look whether a callback has changed what the model or the loss computes: eagerly that needs nothing."""

    def undo_unfinished(self) -> None:
        """Go back to before a step that was interrupted."""
        self.go_back(self.before)

    def undo_last(self) -> None:
        """Go back to before the last step that went well."""
        self.go_back(self.last_good)

    def keep(self) -> None:
        """Take what is there for good: nothing before it will be asked for."""
        self.last_good = self.before = self.snapshot()

    def snapshot(self) -> tuple[list[Any], int, dict[str, list[Any]]]:
        """All that a step changes: the weights, and what the optimizer remembers."""
        optimizer = self.optimizer
        return self.weights(), optimizer.steps, {name: list(numbers) for name, numbers in optimizer.buffers.items()}

    def go_back(self, snapshot: tuple[list[Any], int, dict[str, list[Any]]]) -> None:
        """Put back what a snapshot holds."""
        weights, self.optimizer.steps, self.optimizer.buffers = snapshot
        self.restore(weights)

    def step(self, batch: Sequence[int]) -> list[list[float]]:
        """Take one step on the mean loss of these samples; gives the loss and the metrics of each."""
        self.optimizer.zero_grad()
        measured = []
        share = 1 / len(batch)
        for i in batch:
            try:
                output = self.model(self.rows[i])
                loss = self.loss(output, self.targets[i])
                (loss * share).backward()
            except ArithmeticError as error:
                raise NonFiniteError(f"sample {i}: {error}") from error
            if not math.isfinite(loss.data):
                raise NonFiniteError(f"the loss of sample {i} is {loss.data!r}")
            measured.append([loss.data, *sample_metrics(self.metrics, output, self.targets[i])])
        self.change_parameters()
        return measured

    def change_parameters(self) -> None:
        """Take the optimizer's step, by the gradients that are there."""
        if self.clip_norm is not None:
            clip_grad_norm(self.optimizer.parameters, self.clip_norm)
        try:
            self.optimizer.step()
        except ArithmeticError as error:  # a division by eps=0, say
            raise NonFiniteError(f"the step of {self.optimizer!r}: {error}") from error

    def measure(self, rows: list[Any], targets: list[Any]) -> dict[str, float]:
        """The mean loss and metrics over a set."""
        try:
            return measure(self.model, rows, targets, self.loss, self.metrics)
        except ArithmeticError as error:
            raise NonFiniteError(f"validation: {error}") from error

    def weights(self) -> list[Any]:
        """The number in every parameter."""
        return [parameter.data for parameter in self.parameters]

    def restore(self, weights: list[Any]) -> None:
        """Put these numbers into the parameters."""
        for parameter, data in zip(self.parameters, weights, strict=True):
            parameter.data = data


def make_backend(backend: str, *training: Any) -> EagerBackend:
    """The backend of that name for a training; "auto" is the fastest that is installed and can run it.

    Raises:
        ValueError: the name is unknown, or the backend cannot run this training.
        ImportError: the backend is not installed.
    """
    check_backend(backend)
    if backend == "eager":
        return EagerBackend(*training)
    from nn.compiled import compiled_backend

    return compiled_backend(backend, *training)


def check_backend(backend: str) -> None:
    """Raise a ValueError if there is no backend of that name."""
    if backend not in BACKENDS:
        raise ValueError(f"unknown backend {backend!r}: known are {', '.join(BACKENDS)}")
