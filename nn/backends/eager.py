"""The eager backend builds the graph of each sample anew: what every model can do, and what other backends are measured by."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final

from nn.backends.backend import NonFiniteError
from nn.backends.stepwise import StepwiseBackend
from nn.metrics import measure, output_numbers
from nn.module import Module, evaluating
from nn.samples import Rows
from nn.several import Inputs, answer

TOGETHER: Final = 256  # samples of which the graphs, or without recording the numbers, are there at once


class EagerBackend(StepwiseBackend):
    """Calls the model and the loss, and then `backward()`, for each sample."""

    name = "eager"

    def differentiate(self, batch: Sequence[int]) -> list[tuple[float, Any]]:
        """Leave the gradient of the mean loss of these samples in the parameters; gives the loss and the output of each."""
        training = self.training
        training.optimizer.zero_grad()
        measured = []
        share = 1 / len(batch)
        for i in batch:
            try:
                output = answer(training.model, training.rows[i])
                loss = training.loss(output, training.targets[i])
                (loss * share).backward()
            except ArithmeticError as error:
                raise NonFiniteError(f"sample {i}: {error}") from error
            if not math.isfinite(loss.data):
                raise NonFiniteError(f"the loss of sample {i} is {loss.data!r}")
            measured.append((loss.data, output_numbers(output)))
        return measured

    def measure(self, rows: Rows, targets: Rows) -> dict[str, float]:
        """The mean loss and metrics over a set."""
        try:
            return measure(self.training.model, rows, targets, self.training.loss, self.training.metrics)
        except ArithmeticError as error:
            raise NonFiniteError(f"validation: {error}") from error

    def look_again(self) -> bool:
        """Nothing is kept that could be out of date, or that would tell."""
        return True


def output_rows(model: Module, rows: Rows) -> list[list[Any]]:
    """The outputs of the model for each sample, in evaluation mode."""
    found: list[list[Any]] = []
    with evaluating(model):
        for start in range(0, len(rows), TOGETHER):
            part = rows[start : start + TOGETHER]
            several = type(part[0]) is Inputs
            found += map(output_numbers, [answer(model, sample) for sample in part] if several else model.batch(part))
    return found
