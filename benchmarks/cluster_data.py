"""The data of the benchmark `cluster`, which is made where it is used, and the sizes of its tasks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from benchmarks.likelihoods import LIKELIHOODS

SIZES, BATCH, LOCAL_STEPS, RATE = (20, 32, 32, 1), 512, 1_200, 0.1  # an epoch has 1,172 steps


@dataclass
class Size:
    """How much there is to do."""

    rows: int = 10_000_000
    chunk: int = 1_000_000
    samples: int = 600_000
    epochs: int = 12

    def shrink(self) -> None:
        """To see that it runs."""
        self.rows, self.chunk, self.samples, self.epochs = 20_000, 5_000, 20_000, 1


size = Size()


def all_rows(name: str, chunks: range) -> tuple[Any, Any]:
    """Those of some chunks of the likelihood of this name."""
    import numpy as np

    parts = [LIKELIHOODS[name].rows(chunk, size.chunk) for chunk in chunks]
    return np.concatenate([x for x, _ in parts]), np.concatenate([y for _, y in parts])


def on_chunks(make: Callable[[int, int], Any], count: int, length: int, width: int) -> tuple[Any, Any]:
    """Dask arrays of what is made where it is used: so many chunks, of so many rows of this width, or of numbers if it is 0."""
    import dask
    import dask.array as da

    parts = [dask.delayed(make)(chunk, length) for chunk in range(count)]
    x = da.concatenate([da.from_delayed(part[0], (length, width) if width else (length,), float) for part in parts])
    y = da.concatenate([da.from_delayed(part[1], (length,), float) for part in parts])
    return x, y


def samples() -> tuple[Any, Any]:
    """Samples of two classes."""
    import numpy as np

    rng = np.random.default_rng(7)
    x = rng.normal(size=(size.samples, SIZES[0]))
    return x, np.where(x[:, 0] * x[:, 1] + x[:, 2] > 0, 1.0, -1.0)


def samples_of(chunk: int, count: int) -> Any:
    """The samples of a chunk."""
    x, y = samples()
    part = slice(chunk * count, (chunk + 1) * count)
    return x[part].copy(), y[part].copy()
