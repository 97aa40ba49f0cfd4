"""What `compile` was asked for, checked as soon as it is asked."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from autograd_lite.basics.checks import check_callable, one_of, whole_number, wrong_type, wrong_value
from autograd_lite.basics.wording import counted, function_name
from autograd_lite.compiler.backend import DTYPES, choose_backend
from autograd_lite.recording import checked_argnums

Axes = tuple[int | None, ...]


class Way(NamedTuple):
    """How a program runs.

    Attributes:
        backend: the one that runs it.
        dtype: the type of number that it computes with.
        threads: how many threads share the samples of a batch.
    """

    backend: str
    dtype: str
    threads: int


@dataclass(frozen=True)
class Request:
    """A function to compile, and how.

    Attributes:
        function: what to compile.
        name: what to call it in messages and in its source.
        parameters: what its parameters are called that can be given by position.
        argnums: the positional arguments to differentiate by.
        one_argnum: whether the gradient is by one argument, and not a tuple of gradients.
        axes: for each argument None if all samples share it, or 0 if it has one row per sample; None if there is no batch.
        backend: the one that runs it.
        dtype: the type of number that it computes with.
        threads: how many threads share the samples of a batch.
    """

    function: Callable[..., Any]
    name: str
    parameters: tuple[str, ...]
    argnums: tuple[int, ...]
    one_argnum: bool
    axes: Axes | None
    backend: str
    dtype: str
    threads: int

    @property
    def way(self) -> Way:
        """How its programs run."""
        return Way(self.backend, self.dtype, self.threads)

    def names(self, count: int) -> list[str]:
        """What the arguments of a call with so many are called."""
        return [*self.parameters[:count], *(f"x{index}" for index in range(len(self.parameters), count))]

    def axes_of(self, count: int) -> Axes:
        """The axes of the arguments of a call with so many."""
        if self.axes is None:
            return (None,) * count
        if len(self.axes) != count:
            called = counted(count, "argument")
            raise ValueError(f"in_axes {self.axes} is of length {len(self.axes)}, {self.name} was called with {called}")
        return self.axes

    def differentiated(self, count: int) -> list[int]:
        """The positions of the arguments to differentiate by, in a call with so many."""
        positions: list[int] = []
        for index in self.argnums:
            if not -count <= index < count:
                raise ValueError(f"{self.name} has no argument {index} to differentiate by: it was called with {count}")
            positions.append(index % count)
        if len(set(positions)) < len(positions):
            raise ValueError(f"argnums {self.argnums} of {self.name} names an argument twice")
        return positions

    def one_or_all(self, parts: Sequence[Any]) -> Any:
        """What there is for each of `argnums`, as the user gave these: one alone, or a tuple."""
        if self.one_argnum:
            (part,) = parts
            return part
        return tuple(parts)


def checked_request(
    f: Callable[..., Any],
    argnums: int | Sequence[int],
    in_axes: Sequence[int | None] | None,
    backend: str,
    dtype: str,
    threads: int,
) -> Request:
    """The request of these arguments of `compile`, which says what they mean and what it raises."""
    check_callable("f", f)
    chosen_argnums, one_argnum = checked_argnums(argnums)
    axes = checked_axes(in_axes)
    chosen = choose_backend(backend)
    way_to_native = "pip install 'autograd-lite[fast]'" if backend == "auto" else "backend='native'"
    return Request(
        function=f,
        name=function_name(f).replace("<lambda>", "f"),
        parameters=tuple(parameter_names(f)),
        argnums=chosen_argnums,
        one_argnum=one_argnum,
        axes=axes,
        backend=chosen,
        dtype=checked_dtype(dtype, chosen, way_to_native),
        threads=checked_threads(threads, axes is not None, chosen, way_to_native),
    )


def checked_axes(in_axes: Sequence[int | None] | None) -> Axes | None:
    """`in_axes` as a tuple, if there is a batch."""
    if in_axes is None:
        return None
    if isinstance(in_axes, str) or not isinstance(in_axes, Sequence):
        raise wrong_type("in_axes", "one entry for each argument, such as (None, 0)", in_axes)
    axes = tuple(in_axes)
    if any(axis is not None and (axis != 0 or isinstance(axis, bool)) for axis in axes):
        raise wrong_value("in_axes", "for each argument None (shared) or 0 (one row per sample)", axes)
    if 0 not in axes:
        raise wrong_value("in_axes", "0 for at least one argument", axes, "mark what is batched, or leave in_axes out")
    return axes


def checked_dtype(dtype: str, backend: str, way_to_native: str) -> str:
    """A type of number that the backend computes with."""
    one_of("dtype", dtype, DTYPES["native"])
    if dtype not in DTYPES[backend]:
        raise ValueError(
            f"dtype {dtype!r} needs the native backend, since Python computes with float64: {way_to_native}, or dtype='float64'"
        )
    return dtype


def checked_threads(threads: int, batched: bool, backend: str, way_to_native: str) -> int:
    """A number of threads that have something to share."""
    threads = whole_number("threads", threads)
    if threads > 1 and backend != "native":
        raise ValueError(f"threads {threads} need the native backend: {way_to_native}, or threads=1")
    if threads > 1 and not batched:
        raise ValueError(f"threads {threads} share the samples of a batch: say with in_axes what is batched, or threads=1")
    return threads


def parameter_names(f: Callable[..., Any]) -> list[str]:
    """What the parameters of a function are called that can be given by position; none if it does not tell."""
    try:
        parameters = inspect.signature(f).parameters.values()
    except (TypeError, ValueError):
        return []
    return [p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
