"""Functions made of primitives: each is a few lines of the table's own operations, so it needs no rule."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from autograd_lite.ops import exp, logsumexp, shares, sum


def mean(terms: Sequence[Any]) -> Any:
    """The mean of a sequence of numbers and Values.

    Raises:
        ValueError: the sequence is empty.

    Example:
        >>> from autograd_lite import mean
        >>> mean([1.0, 2.0, 6.0])
        3.0
    """
    if not len(terms):
        raise ValueError("mean of no operands: it needs at least one")
    return sum(terms) / len(terms)


def softmax(logits: Sequence[Any]) -> list[Any]:
    """eˣ / Σ eˣ for each element: positive numbers that add up to 1, without overflow at any size of the logits.

    Example:
        >>> from autograd_lite import softmax
        >>> softmax([1000.0, 1000.0])
        [0.5, 0.5]
    """
    total = logsumexp(logits)
    return shares([exp(x - total) for x in logits])


def log_softmax(logits: Sequence[Any]) -> list[Any]:
    """The logarithms of `softmax`: x − log Σ eˣ for each element.

    Example:
        >>> from autograd_lite import log_softmax
        >>> log_softmax([0.0, -1000.0])
        [0.0, -1000.0]
    """
    total = logsumexp(logits)
    near_zero = [x - total for x in logits]  # any shift cancels; this one leaves to the next line what rounding took from it
    rest = logsumexp(near_zero)
    return [x - rest for x in near_zero]
