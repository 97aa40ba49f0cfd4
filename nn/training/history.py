"""What a run has come to: what was measured in each epoch, and the best weights so far."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence

from autograd_lite.basics.escaping import in_message
from autograd_lite.basics.wording import counted


class History(dict[str, list[float]]):
    """What `fit` measured: a list with one number for each epoch, by name ("loss", "accuracy", "val_loss", …).

    Attributes:
        seed: the seed that repeats the run.
        stopped: why the run ended before its last epoch; "" if it did not.

    Example:
        >>> from nn import History
        >>> history = History(seed=1)
        >>> history.add({"loss": 0.5, "accuracy": 0.75})
        >>> history["loss"], history
        ([0.5], History(1 epoch: loss 0.5, accuracy 0.75))
    """

    def __init__(self, *, seed: int = 0) -> None:
        super().__init__()
        self.seed = seed
        self.stopped = ""

    @property
    def epochs(self) -> int:
        """The number of epochs that were completed."""
        return len(self.get("loss", ()))

    def add(self, measured: Mapping[str, float]) -> None:
        """Take in what was measured in one epoch."""
        for name, number in measured.items():
            self.setdefault(name, []).append(float(number))

    def extend(self, columns: Mapping[str, Sequence[float]]) -> None:
        """Take in what was measured in several epochs."""
        for name, numbers in columns.items():
            self.setdefault(name, []).extend(map(float, numbers))

    def to_csv(self) -> str:
        """The table as text: one row for each epoch, from 1."""
        rows = [["epoch", *self], *([i + 1, *(self[name][i] for name in self)] for i in range(self.epochs))]
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows(rows)
        return text.getvalue()

    def __repr__(self) -> str:
        last = ", ".join(f"{in_message(name)} {numbers[-1]:.4g}" for name, numbers in self.items())
        stopped = f"; {self.stopped}" if self.stopped else ""
        return f"History({counted(self.epochs, 'epoch')}{': ' * bool(last)}{last}{stopped})"
