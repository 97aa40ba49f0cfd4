"""The arguments of a call as Dask arrays whose chunks lie side by side: as many rows in each, whole rows in one chunk."""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from typing import Any, Final

from autograd_lite.basics.arraylike import is_frame_on_chunks, is_numpy_array, is_on_chunks
from autograd_lite.basics.frames import frame_outside
from autograd_lite.basics.wording import counted

OWN: Final = ("autograd_lite", "nn")  # the packages that call this
SIZES: Final = (
    "make them known once, before the call: x.compute_chunk_sizes() does for an array, x.to_dask_array(lengths=True) makes "
    "such an array of a data frame"
)


def aligned(args: Sequence[Any], names: Sequence[str], axes: Sequence[int | None], function: str) -> list[Any]:
    """The arguments of a call, those that are batched as Dask arrays of chunks that agree.

    Arguments:
        args, names: of the call.
        axes: for each 0 if it is batched, else None.
        function: what is called, for messages.

    Raises:
        TypeError: an argument that all samples share is a Dask collection, or a batched one is no array.
        ValueError: they have not as many rows, or it cannot be told.
    """
    given = list(args)
    for i, (arg, axis) in enumerate(zip(args, axes, strict=True)):
        where = f"{function}: argument {names[i]}"
        if axis is None and is_on_chunks(arg):
            raise TypeError(
                f"{where} is shared by all samples, and is a Dask {type(arg).__name__}: pass {names[i]}.compute(), or "
                "say in in_axes that it has a row for each sample"
            )
        if axis == 0 and is_on_chunks(arg):
            given[i] = whole_rows(as_array(arg, where), names[i], where)
    on_chunks = [i for i, arg in enumerate(given) if is_on_chunks(arg)]
    largest = max(on_chunks, key=lambda i: (math.isfinite(given[i].nbytes), given[i].nbytes, -i))
    for i, (arg, axis) in enumerate(zip(given, axes, strict=True)):
        if axis == 0 and i != largest:
            given[i] = like(given[largest], names[largest], arg, names[i], f"{function}: argument {names[i]}")
    return given


def as_array(collection: Any, where: str) -> Any:
    """A Dask array; a data frame or a series as its values."""
    import dask.array
    from dask.delayed import Delayed

    if is_frame_on_chunks(collection):
        collection = collection.values
    if not isinstance(collection, dask.array.Array) or not collection.ndim:
        told = f"{where} is a Dask {type(collection).__name__}: expected an array or a data frame, with a row for each sample"
        raise TypeError(f"{told}: dask.array.from_delayed makes one" if isinstance(collection, Delayed) else told)
    if any(map(math.isnan, collection.shape[1:])):
        raise ValueError(f"{where} has rows of unknown shape, {collection.shape}: {SIZES}")
    return collection


def whole_rows(array: Any, name: str, where: str) -> Any:
    """An array with each row in one chunk."""
    if all(blocks == 1 for blocks in array.numblocks[1:]):
        return array
    whole = dict.fromkeys(range(1, array.ndim), -1)
    tell(f"{where} has rows that lie in several chunks, {array.chunks[1:]}: they are put together", f"{name}.rechunk({whole})")
    return array.rechunk(whole)


def like(largest: Any, its_name: str, arg: Any, name: str, where: str) -> Any:
    """A batched argument in chunks of as many rows as the largest one's."""
    rows, sizes = largest.shape[0], largest.chunks[0]
    known = not math.isnan(rows)
    if not is_on_chunks(arg):
        return cut(arg, sizes, its_name, known, where)
    its_rows = arg.shape[0]
    if known and not math.isnan(its_rows):
        check_rows(int(its_rows), where, int(rows), its_name)
        if arg.chunks[0] != sizes:
            tell(
                f"{where} is cut into {counted(len(arg.chunks[0]), 'chunk')}, {shown(arg.chunks[0])}, and {its_name} into "
                f"{len(sizes)}, {shown(sizes)}: it is cut as {its_name} is",
                f"{name}.rechunk({{0: {its_name}.chunks[0]}})",
            )
            return arg.rechunk({0: sizes})
    elif arg.numblocks[0] != len(sizes):
        raise ValueError(
            f"{where} has {counted(arg.numblocks[0], 'chunk')} and {its_name} {len(sizes)}, of which not all sizes are known: "
            f"{SIZES}"
        )
    return arg


def cut(arg: Any, sizes: Sequence[int], its_name: str, known: bool, where: str) -> Any:
    """An argument that is here, in chunks of these sizes."""
    import dask.array
    import numpy

    if not known:
        raise ValueError(
            f"{where} is a {type(arg).__name__}, and the chunk sizes of {its_name} are unknown, so that it cannot be cut "
            f"alike: {SIZES}"
        )
    array = arg if is_numpy_array(arg) else numpy.asarray(arg)
    if not array.ndim:
        raise TypeError(f"{where} is one number: a batched argument has a row for each sample")
    check_rows(len(array), where, sum(sizes), its_name)
    return dask.array.from_array(array, chunks=(tuple(sizes), *array.shape[1:]))


def check_rows(rows: int, where: str, others: int, its_name: str) -> None:
    """Batched arguments have as many rows."""
    if rows != others:
        raise ValueError(f"{where} has {counted(rows, 'sample')}, {its_name} has {others}: they must agree")


def shown(sizes: Sequence[int]) -> str:
    """Chunk sizes in a message."""
    return f"({', '.join(map(str, sizes[:3]))}{', …' * (len(sizes) > 3)})"


def tell(what: str, way_out: str) -> None:
    """Say that data moves at each call, at the line where the user called."""
    _, level = frame_outside(*OWN)
    warnings.warn(f"{what}, at each call. Once before the calls is quicker: {way_out}", stacklevel=level)
