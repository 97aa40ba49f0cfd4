"""The graph of a call on Dask arrays, and the answer made of what it gives."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache, partial
from itertools import accumulate
from typing import Any, Final
from uuid import uuid4
from weakref import WeakKeyDictionary

from autograd_lite.basics.chunks import aligned
from autograd_lite.compiler.answers import Kind
from autograd_lite.compiler.arguments import Shape, take_all_apart
from autograd_lite.compiler.cluster.resident import sum_where_they_lie
from autograd_lite.compiler.cluster.work import (
    Call,
    Partial,
    added,
    at_place,
    check_rows,
    first_row,
    recorded,
    rows_of,
    sums_of,
)
from autograd_lite.compiler.prepared import Prepared
from autograd_lite.compiler.request import Request
from autograd_lite.parcels import Parcel, pack
from autograd_lite.trees import NUMBER, Structure

TOGETHER: Final = 16  # partial sums that are added by one task

Numbers = tuple[Sequence[Any], tuple[Shape, ...]]
PreparedFor = Callable[[tuple[Shape, ...], Callable[[], Sequence[Any]]], Prepared]

_packed: WeakKeyDictionary[Prepared, tuple[list[Any], Parcel]] = WeakKeyDictionary()


def answer_on_chunks(request: Request, kind: Kind, args: Sequence[Any], prepared_for: PreparedFor) -> Any:
    """The answer to a call whose batched arguments are Dask's.

    The value and the gradient by shared arguments are computed, as elsewhere: sums over each chunk, where it lies, added in the
    order of the chunks, whoever computed them. What has a row for each sample stays a Dask array, to be computed when wanted.

    Arguments:
        request: what was asked of `compile`.
        kind: of the answer.
        args: of the call.
        prepared_for: gives what is prepared for arguments of these shapes; it calls the function for numbers to record with.

    Raises:
        TypeError, ValueError: the arguments cannot be cut alike, or have no rows.
        VersionsDifferError: a worker runs other versions.
    """
    if request.axes is None:
        raise TypeError(
            f"{request.name}: an argument is a Dask collection: say with in_axes which arguments have a row for each sample, "
            "such as in_axes=(None, 0)"
        )
    names, axes = request.names(len(args)), request.axes_of(len(args))
    given = aligned(args, names, axes, request.name)

    def taken_apart(rows: Sequence[Any]) -> Numbers:
        rest = iter(rows)
        one_row = [arg if axis is None else next(rest) for arg, axis in zip(given, axes, strict=True)]
        numbers, shapes, _ = take_all_apart(one_row, names, axes, request.name)
        return numbers, shapes

    arrays = [arg for arg, axis in zip(given, axes, strict=True) if axis == 0]
    numbers, shapes = taken_apart([zeros(array.shape[1:]) for array in arrays])

    @cache
    def numbers_of_first() -> Sequence[Any]:
        first, found = taken_apart(first_rows(arrays, request.name))
        for name, one, told in zip(names, found, shapes, strict=True):
            check_rows(f"{request.name}: argument {name}", one.structure, told.structure)
        return first

    prepared = prepared_for(shapes, numbers_of_first)
    shared = [None if shape.batched else each for each, shape in zip(numbers, shapes, strict=True)]
    call = Call(packed(prepared, request, numbers_of_first), shared, shapes, names, prepared.reduced, request.name)
    if kind == "per_sample":
        return arranged(prepared.answers.structure, by_sample(call, arrays))
    total = sum_where_they_lie(call, arrays) or sum_over(call, arrays)
    if not total.samples:
        raise ValueError(no_rows(request.name))
    return put_together(prepared, kind, call, arrays, total)


def put_together(prepared: Prepared, kind: Kind, call: Call, arrays: Sequence[Any], total: Partial) -> Any:
    """The answer in the user's structures: means, and, by what has a row for each sample, Dask arrays."""
    answers, averaged = prepared.answers, call.averaged
    means = total.sums / total.samples
    if all(averaged):
        return prepared.answer(means, total.samples)
    places = [sum(averaged[:i]) if averaged[i] else i - sum(averaged[:i]) for i in range(len(averaged))]
    columns = by_sample(call, arrays)

    def part(shape: Shape, where: slice) -> Any:
        if not shape.batched:
            return answers.part(shape, means[[places[i] for i in range(where.start, where.stop)]], total.samples)
        first = places[where.start]
        slopes = columns[:, first : first + len(shape.structure)] / total.samples + 0.0  # a sum from 0, which is never -0.0
        return arranged(shape.structure, slopes)

    gradient = answers.gradient_of(part)
    return gradient if kind == "gradient" else (answers.value(means), gradient)


def arranged(structure: Structure, table: Any) -> Any:
    """A structure of which each sample has one: for each array in it, and each number by itself, a Dask array.

    Arguments:
        structure: of one sample.
        table: a Dask array with a row for each sample, in it the numbers of the structure.
    """
    if structure.kind in ("number", "array"):
        inner = structure.keys
        chunks = (table.chunks[0], *((size,) for size in inner))
        return table.map_blocks(as_rows, inner, drop_axis=1, new_axis=[*range(1, 1 + len(inner))], chunks=chunks, dtype=float)
    ends = [0, *accumulate(map(len, structure.children))]
    parts = [arranged(child, table[:, ends[i] : ends[i + 1]]) for i, child in enumerate(structure.children)]
    return replace(structure, children=(NUMBER,) * len(parts)).rebuild(parts)


def as_rows(table: Any, shape: tuple[int, ...]) -> Any:
    """A table with a row for each sample as an array with an array of this shape for each."""
    return table.reshape(len(table), *shape)


def sum_over(call: Call, arrays: Sequence[Any]) -> Partial:
    """The sums over all chunks, added in their order: a few at a time, so that what waits to be added stays small."""
    from dask.delayed import Delayed
    from dask.highlevelgraph import HighLevelGraph

    sums = on_chunks(sums_of, "a", call, arrays, dtype=object)
    parts, name = sums.__dask_keys__(), f"added-{uuid4()}"
    layer: dict[tuple[str, int], Any] = {}
    for start in range(0, len(parts), TOGETHER):
        layer[name, start] = added, [*[*layer][-1:], *parts[start : start + TOGETHER]]
    graph = HighLevelGraph.from_collections(name, layer, dependencies=[sums])
    result: Partial = Delayed([*layer][-1], graph, layer=name).compute()
    return result


def by_sample(call: Call, arrays: Sequence[Any]) -> Any:
    """The outputs that have a number for each sample, as a Dask array with a row for each."""
    count = len(call.averaged) - sum(call.averaged)
    return on_chunks(rows_of, "ab", call, arrays, dtype=float, new_axes={"b": count})


def on_chunks(work: Callable[..., Any], gives: str, call: Call, arrays: Sequence[Any], **settings: Any) -> Any:
    """A Dask array of what some work gives for the chunks that lie side by side."""
    import dask.array
    import numpy
    from dask import delayed
    from dask.array.core import ArrayBlockIdDep

    letters = "cdefghijklmnop"
    pairs = [part for array in arrays for part in (array, "a" + letters[: array.ndim - 1])]
    return dask.array.blockwise(
        partial(at_place, work),
        gives,
        ArrayBlockIdDep((arrays[0].chunks[0],)),
        "a",
        *pairs,
        token=work.__name__,
        call=delayed(call, traverse=False, pure=False),
        align_arrays=False,
        meta=numpy.empty((0,) * len(gives), settings["dtype"]),
        **settings,
    )


def first_rows(arrays: Sequence[Any], name: str) -> list[Any]:
    """The first row of each array, from the first chunks that have one."""
    import dask

    for block in range(arrays[0].numblocks[0]):
        firsts = [dask.delayed(first_row)(array.blocks[block].to_delayed().item()) for array in arrays]
        rows: tuple[Any, ...] = dask.compute(*firsts)
        if all(map(len, rows)):
            return list(rows)
    raise ValueError(no_rows(name))


def no_rows(name: str) -> str:
    """What is wrong with empty arguments."""
    return f"{name}: the batched arguments have no rows: at least one sample is needed"


def zeros(shape: tuple[int, ...]) -> Any:
    """An array of one row of this shape."""
    import numpy

    return numpy.zeros((1, *map(int, shape)))


def packed(prepared: Prepared, request: Request, numbers: Callable[[], Sequence[Any]]) -> Parcel:
    """The recording as it travels; packed anew when a Value that it refers to has another number.

    `numbers` gives some to record with.
    """
    tapes = [prepared.tape, *([prepared.guarded_tape(numbers)] if prepared.chooses else [])]
    outside = [value.data for tape in tapes for value in tape.outside.values()]
    kept = _packed.get(prepared)
    if kept is None or repr(kept[0]) != repr(outside):
        kept = _packed[prepared] = outside, pack(recorded(prepared, tapes, request.way, request.name))
    return kept[1]
