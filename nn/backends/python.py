"""The python backend runs each batch through straight-line Python, the recording written out."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from nn.backends.compiled import CompiledBackend, check_losses
from nn.backends.stepwise import StepwiseBackend
from nn.dropout import draw_lists


class PythonBackend(CompiledBackend, StepwiseBackend):
    """Takes one step after another on a recording; the optimizer's own `step()` changes the parameters."""

    name = "python"
    whole = False

    def draw(self, order: Sequence[int]) -> None:
        """Draw what Dropouts keep of these samples; see `CompiledBackend.draw`."""
        self.kept = dict(zip(order, draw_lists(self.recording.dropouts, len(order)), strict=True))

    def differentiate(self, batch: Sequence[int]) -> list[tuple[float, Any]]:
        """Leave the gradient of the mean loss of these samples in the parameters; gives the loss and the output of each."""
        numbers = self.numbers()
        self.draw(batch)
        try:
            results = self.run_in_python(numbers, batch)
        except ArithmeticError:
            self.look_for_errors(numbers, batch)
            raise
        first_slope = 1 + self.recording.outputs
        losses, *outputs = results[:first_slope]
        check_losses(batch, losses)
        if math.isnan(sum(results[first_slope:])) and self.may_mix:
            results = self.run_in_python(numbers, batch, self.guarded())
        for parameter, slope in zip(self.recording.parameters, results[first_slope:], strict=True):
            parameter.grad = slope
        return list(zip(losses, zip(*outputs, strict=True), strict=True))
