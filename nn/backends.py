"""How one batch is run.

A backend has a `name` for the progress bar, `step` for one batch, `measure` for a whole set, and `weights` and `restore`, which
take and give back the number in every parameter.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final

from nn.losses import Loss
from nn.metrics import Metric, measure
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
    ) -> None:
        self.model, self.rows, self.targets, self.loss, self.metrics = model, rows, targets, loss, metrics
        self.optimizer, self.clip_norm = optimizer, clip_norm
        self.parameters = model.parameters()

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
            measured.append([loss.data, *(metric(output, self.targets[i]) for metric in self.metrics.values())])
        if self.clip_norm is not None:
            clip_grad_norm(self.optimizer.parameters, self.clip_norm)
        self.optimizer.step()
        return measured

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


def choose_backend(backend: str) -> type[EagerBackend]:
    """The backend of that name; "auto" is the fastest that is available.

    Raises:
        ValueError: the name is unknown, or the backend is not available.
    """
    if backend not in BACKENDS:
        raise ValueError(f"unknown backend {backend!r}: known are {', '.join(BACKENDS)}")
    if backend in ("python", "native"):
        raise ValueError(f"the backend {backend!r} is not available in this installation: use backend='auto' or 'eager'")
    return EagerBackend
