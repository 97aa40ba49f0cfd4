"""Dropout, and what it drops as an argument of a recording: drawn before each epoch, sample by sample.

What is recorded computes the same at each call, and dropout draws anew. So while a model is recorded, its Dropouts take from a
`Given` what they keep. The compiled code has it as one more argument, with a row for each sample, which is drawn from the
Dropouts' own generators in the order in which samples are met: as the eager engine draws, so that both give the same run.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from itertools import chain
from typing import Any, Final, NoReturn, TypeAlias

from autograd_lite import no_grad
from autograd_lite.basics.checks import check_range
from autograd_lite.basics.elsewhere import answers_calls
from autograd_lite.compiler.training import Traced
from autograd_lite.errors import TracingError
from nn.module import Module
from nn.randomness import Seed, generator, uniform


@answers_calls
class Dropout(Module):
    """While training, each input is 0 with probability `p`, else scaled by 1 / (1 − p); otherwise nothing is changed.

    `fit` draws from a generator of its own in each epoch, so that a run with a seed can be repeated; it is the same run, up to
    rounding, on every backend. Source: Srivastava et al. (2014).

    Raises:
        ValueError: `p` is not in [0, 1).

    Example:
        >>> from nn import Dropout
        >>> dropout = Dropout(0.5, seed=1)
        >>> dropout([1.0, 2.0, 3.0]), dropout.eval()([1.0, 2.0, 3.0])
        ([0.0, 4.0, 6.0], [1.0, 2.0, 3.0])
    """

    def __init__(self, p: float = 0.5, seed: Seed = None) -> None:
        check_range("the probability p of Dropout", p, 0, 1)
        self.p = p
        self.random = generator(seed)

    def forward(self, x: Sequence[Any]) -> list[Any]:
        """The inputs, some of them dropped."""
        if not drops(self):
            return list(x)
        source = given.get()
        if source is not None:
            kept = source.take(self, len(x))
        elif any(isinstance(item, Traced) for item in x):
            raise ValueError("dropout draws anew at each call, but compile records one: call model.eval() first")
        else:
            kept = draw(self, len(x))
        scale = 1 / (1 - self.p)
        return [item * (keep * scale) for item, keep in zip(x, kept, strict=True)]

    def extra_repr(self) -> str:
        """Its probability."""
        return f"{self.p}"


def drops(dropout: Dropout) -> bool:
    """Whether it drops anything now."""
    return dropout.training and bool(dropout.p)


def draw(dropout: Dropout, count: int) -> list[int]:
    """For each of so many inputs whether it is kept: 1 or 0."""
    return [int(dropout.random.random() >= dropout.p) for _ in range(count)]


Calls: TypeAlias = list[tuple[Dropout, int]]  # of the Dropouts for one sample: which one, and with how many inputs


class Given:
    """What Dropouts keep, from outside: while there is such, they draw nothing.

    Arguments:
        kept: for each input of each call, in order, 1 if it is kept, else 0; None to keep all.

    Attributes:
        calls: those that there were.
    """

    def __init__(self, kept: Sequence[Any] | None = None) -> None:
        self.kept = kept
        self.taken = 0
        self.calls: Calls = []

    def take(self, dropout: Dropout, count: int) -> Sequence[Any]:
        """What is kept of so many inputs."""
        self.calls.append((dropout, count))
        if self.kept is None:
            return [1] * count
        first, self.taken = self.taken, self.taken + count
        if self.taken > len(self.kept):
            self.refuse()
        return self.kept[first : self.taken]

    def refuse(self) -> NoReturn:
        """Raise an error: there were other calls before."""
        raise TracingError("Dropout is called with another number of inputs each time")


given: ContextVar[Given | None] = ContextVar("nn dropout", default=None)


@contextmanager
def keeping(kept: Sequence[Any] | None = None) -> Iterator[Given]:
    """A block in which Dropouts keep what they are given: `with keeping(kept) as source: …`."""
    source = Given(kept)
    token = given.set(source)
    try:
        yield source
    finally:
        given.reset(token)
    if kept is not None and source.taken < len(kept):
        source.refuse()


def placed_dropouts(model: Module) -> list[tuple[int, Dropout]]:
    """The Dropouts of a model, each with its place among all parts of the model."""
    return [(place, module) for place, module in enumerate(model.modules()) if isinstance(module, Dropout)]


def dropouts_of(model: Module) -> list[Dropout]:
    """The Dropouts of a model."""
    return [dropout for _, dropout in placed_dropouts(model)]


def dropping(model: Module) -> list[Dropout]:
    """The Dropouts of a model that drop something now."""
    return [dropout for dropout in dropouts_of(model) if drops(dropout)]


def dropout_calls(model: Module, sample: Any) -> Calls:
    """How the Dropouts of a model are called for a sample."""
    if not dropping(model):
        return []
    with keeping() as source, no_grad():
        model(sample)
    return source.calls


def draw_lists(calls: Calls, samples: int) -> list[list[int]]:
    """For so many samples in the order in which they are met, what the calls of Dropouts keep."""
    return [[*chain.from_iterable(draw(dropout, count) for dropout, count in calls)] for _ in range(samples)]


PIECE: Final = 1 << 20  # random numbers that are there at once


def draw_array(calls: Calls, samples: int) -> Any:
    """`draw_lists` as an array of bytes, to the bit: an optimization (benchmark mnist)."""
    import numpy

    counts = [count for _, count in calls]
    kept = numpy.empty((samples, sum(counts)), numpy.uint8)
    column_of = numpy.split(numpy.arange(kept.shape[1]), numpy.cumsum(counts)[:-1])
    for random in dict.fromkeys(dropout.random for dropout, _ in calls):
        own = [k for k, (dropout, _) in enumerate(calls) if dropout.random is random]
        columns = numpy.concatenate([column_of[k] for k in own])
        dropped = numpy.repeat([calls[k][0].p for k in own], [counts[k] for k in own])
        rows = max(1, PIECE // len(columns))
        for start in range(0, samples, rows):
            part = kept[start : start + rows]
            part[:, columns] = uniform(random, len(part) * len(columns)).reshape(len(part), -1) >= dropped
    return kept
