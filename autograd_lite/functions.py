"""Functions made of primitives: each is a few lines of the table's own operations, so it needs no rule."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from autograd_lite.ops import dot, exp, logsumexp, shares, sum
from autograd_lite.rules import FAILURES
from autograd_lite.value import BUNDLES, link, mode


def mean(terms: Sequence[Any]) -> Any:
    """The mean of a sequence of numbers and Values.

    Raises:
        ValueError: the sequence is empty.

    Example:
        >>> from autograd_lite import mean
        >>> mean([1.0, 2.0, 6.0])
        3.0
    """
    _check_some(terms, "mean")
    return sum(terms) / len(terms)


def softmax(logits: Sequence[Any]) -> list[Any]:
    """eˣ / Σ eˣ for each element: positive numbers that add up to 1, without overflow at any size of the logits.

    Raises:
        ValueError: the sequence is empty.

    Example:
        >>> from autograd_lite import softmax
        >>> softmax([1000.0, 1000.0])
        [0.5, 0.5]
    """
    _check_some(logits, "softmax")
    total = logsumexp(logits)
    return shares([exp(x - total) for x in logits])


def log_softmax(logits: Sequence[Any]) -> list[Any]:
    """The logarithms of `softmax`: x − log Σ eˣ for each element.

    Raises:
        ValueError: the sequence is empty.

    Example:
        >>> from autograd_lite import log_softmax
        >>> log_softmax([0.0, -1000.0])
        [0.0, -1000.0]
    """
    _check_some(logits, "log_softmax")
    total = logsumexp(logits)
    near_zero = [x - total for x in logits]  # any shift cancels; this one leaves to the next line what rounding took from it
    rest = logsumexp(near_zero)
    return [x - rest for x in near_zero]


def affine(rows: Sequence[Sequence[Any]], x: Sequence[Any], offsets: Sequence[Any] | None = None) -> list[Any]:
    """W·x + b: the `dot` of each row with the same x, plus its offset. What a layer of neurons computes.

    One node for each row, as of `dot` itself; but x is read once for all of them.

    Raises:
        ValueError: a row and x, or rows and offsets, differ in length.

    Example:
        >>> from autograd_lite import Value, affine
        >>> rows = [[3.0, 4.0], [5.0, 6.0]]
        >>> affine(rows, [1.0, 2.0])
        [11.0, 17.0]
        >>> [z.data for z in affine(rows, [Value(1.0), Value(2.0)], [0.5, -0.5])]
        [11.5, 16.5]
    """
    if offsets is not None and len(offsets) != len(rows):
        raise ValueError(f"affine of {len(rows)} rows and {len(offsets)} offsets: each row needs one")
    if type(x) in BUNDLES and mode.get() is None and {*map(type, rows)} <= BUNDLES:
        rule = dot.primitive  # type: ignore[attr-defined]
        compute, numbers = rule.compute, [value.data for value in x]
        try:
            if offsets is None:
                return [link(rule, compute([w.data for w in row], numbers), row, x) for row in rows]
            return [
                link(rule, compute([w.data for w in row], numbers, b.data), row, x, b)
                for row, b in zip(rows, offsets)  # noqa: B905  # checked above
            ]
        except (*FAILURES, AttributeError):
            pass  # a number among the offsets, or a computation that fails: one by one, each is seen to by `dot`
    if offsets is None:
        return [dot(row, x) for row in rows]
    return [dot(row, x, b) for row, b in zip(rows, offsets, strict=True)]


def _check_some(operands: Sequence[Any], name: str) -> None:
    if not len(operands):
        raise ValueError(f"{name} of no operands: it needs at least one number")
