"""The data of the benchmark `cluster`, which is made where it is used, and the sizes of its tasks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

WIDTH, SIZES, BATCH, LOCAL_STEPS, RATE = 9, (20, 32, 32, 1), 512, 600, 0.1


@dataclass
class Size:
    """How much there is to do."""

    rows: int = 10_000_000
    chunk: int = 1_000_000
    samples: int = 600_000
    epochs: int = 6

    def shrink(self) -> None:
        """To see that it runs."""
        self.rows, self.chunk, self.samples, self.epochs = 20_000, 5_000, 20_000, 1


size = Size()


def rows(chunk: int, count: int) -> Any:
    """The rows of a chunk, and after them a column of the answers, 1 or -1."""
    import numpy as np

    rng = np.random.default_rng(chunk)
    x = rng.normal(size=(count, WIDTH))
    y = np.sign(x.sum(1) + rng.logistic(size=count))
    return x, y


def all_rows(chunks: range) -> tuple[Any, Any]:
    import numpy as np

    parts = [rows(chunk, size.chunk) for chunk in chunks]
    return np.concatenate([x for x, _ in parts]), np.concatenate([y for _, y in parts])


def start() -> Any:
    import numpy as np

    return np.linspace(-0.5, 0.5, WIDTH + 1)


def samples() -> tuple[Any, Any]:
    """Samples of two classes."""
    import numpy as np

    rng = np.random.default_rng(7)
    x = rng.normal(size=(size.samples, SIZES[0]))
    return x, np.where(x[:, 0] * x[:, 1] + x[:, 2] > 0, 1.0, -1.0)
