"""Functions made of primitives: each is a few lines of the table's own operations, so it needs no rule."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from typing import Any, overload

from autograd_lite.basics.elsewhere import answers_calls
from autograd_lite.errors import FAILURES
from autograd_lite.graph.bundles import BUNDLES
from autograd_lite.graph.context import mode
from autograd_lite.numpy_floats import has_numpy_floats
from autograd_lite.operands import as_value, node_of
from autograd_lite.ops import dot, exp, logsumexp, shares, sum
from autograd_lite.value import Value, ValueLike


@overload
def mean(terms: Sequence[float]) -> float: ...  # type: ignore[overload-overlap]  # no numbers at all give an error
@overload
def mean(terms: Sequence[ValueLike]) -> Value: ...
@answers_calls
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


@overload
def softmax(logits: Sequence[float]) -> list[float]: ...  # type: ignore[overload-overlap]  # no numbers at all give an error
@overload
def softmax(logits: Sequence[ValueLike]) -> list[Value]: ...
@answers_calls
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


@overload
def log_softmax(logits: Sequence[float]) -> list[float]: ...  # type: ignore[overload-overlap]  # no numbers at all give an error
@overload
def log_softmax(logits: Sequence[ValueLike]) -> list[Value]: ...
@answers_calls
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


@answers_calls
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
    (results,) = affine_each(rows, [x], offsets if offsets is None else [offsets])
    return results


@answers_calls
def affine_each(
    rows: Iterable[Sequence[Any]], xs: Iterable[Sequence[Any]], offsets: Iterable[Sequence[Any]] | None = None
) -> list[list[Any]]:
    """`affine` with the same rows for each of several x: a node for each row and x, the rows read once for all.

    Arguments:
        rows: m sequences of n numbers or Values.
        xs: k sequences of n numbers or Values.
        offsets: for each x, m numbers or Values to add.

    Returns:
        For each x the m results.

    Raises:
        ValueError: a row and an x, or rows and offsets, differ in length.

    Example:
        >>> from autograd_lite import affine_each
        >>> affine_each([[3.0, 4.0], [5.0, 6.0]], [[1.0, 2.0], [0.0, 1.0]])
        [[11.0, 17.0], [4.0, 6.0]]
    """
    rows, xs = list(rows), list(xs)
    if offsets is not None:
        offsets = list(offsets)
        if len(offsets) != len(xs):
            raise ValueError(f"affine_each of {len(xs)} x and {len(offsets)} lists of offsets: each x needs one")
        for added in offsets:
            if len(added) != len(rows):
                raise ValueError(f"affine of {len(rows)} rows and {len(added)} offsets: each row needs one")
    active = mode.get()
    quick = {*map(type, rows), *map(type, xs)} <= BUNDLES
    if quick and not has_numpy_floats((*rows, *xs, *(b for added in offsets or () for b in added))):
        with suppress(*FAILURES):  # the plain form below names what fails
            return dots_of_bundles(rows, xs, offsets, None if active is None else active.node)
    if offsets is None:
        return [[dot(row, x) for row in rows] for x in xs]
    return [[dot(row, x, b) for row, b in zip(rows, added, strict=True)] for x, added in zip(xs, offsets, strict=True)]


def dots_of_bundles(
    rows: Sequence[Any], xs: Sequence[Any], offsets: Sequence[Any] | None, node: Callable[..., Value] | None
) -> list[list[Value]]:
    """An optimization: the nodes that `dot` makes of bundles, the numbers of each bundle read once (benchmark moons).

    `node` makes them where a mode is active.
    """
    primitive = dot.primitive  # type: ignore[attr-defined]
    compute = primitive.compute
    weights = [[value._data for value in row] for row in rows]
    make = node or node_of
    made = []
    for place, x in enumerate(xs):
        numbers = [value._data for value in x]
        if offsets is None:
            made.append([make(primitive, (row, x), compute(w, numbers)) for row, w in zip(rows, weights, strict=True)])
        else:
            each = zip(rows, weights, map(as_value, offsets[place]), strict=True)
            made.append([make(primitive, (row, x, b), compute(w, numbers, b._data)) for row, w, b in each])
    return made


def _check_some(operands: Sequence[Any], name: str) -> None:
    if not len(operands):
        raise ValueError(f"{name} of no operands: it needs at least one number")
