"""What travels to the workers of a call, and what they do: run a recording over a chunk, and add up what the chunks gave.

The function stays where it was recorded. What travels is its recording, a tape, with the numbers that it takes from around it;
so a worker needs nothing of the user's, and all workers compute the same. A worker makes the machine code once and keeps it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import copy
from functools import partial
from typing import Any, NamedTuple

from autograd_lite.compiler.arguments import Shape, take_apart
from autograd_lite.compiler.backend import Program
from autograd_lite.compiler.guarded import GuardedProgram
from autograd_lite.compiler.prepared import Prepared, make_program
from autograd_lite.compiler.python import PythonProgram
from autograd_lite.compiler.request import Way
from autograd_lite.compiler.tape import Argument, Tape
from autograd_lite.parcels import Parcel, opened
from autograd_lite.trees import Structure


class Recorded(NamedTuple):
    """A recording, without the function that it is of: what a worker makes a program of.

    Attributes:
        tape: of the usual recording.
        guarded: of one with a condition for every product, if there is a choice in it: see `compiler/guarded.py`.
    """

    tape: Tape
    guarded: Tape | None
    arguments: list[Argument]
    reduced: list[bool]
    way: Way
    name: str


class Call:
    """One call, as it travels: the recording, and the arguments that all samples share.

    Attributes:
        parcel: a `Recorded`.
        shared: for each argument its numbers, or None where it is batched.
        shapes, names: of the arguments.
        averaged: for each output whether it is averaged over the samples.
        function: what is called, for messages.
    """

    def __init__(
        self,
        parcel: Parcel,
        shared: list[Any],
        shapes: tuple[Shape, ...],
        names: Sequence[str],
        averaged: list[bool],
        function: str,
    ) -> None:
        self.parcel, self.shared, self.shapes = parcel, shared, shapes
        self.names, self.averaged, self.function = names, averaged, function

    def without_recording(self) -> Call:
        """The same for a worker that has it already."""
        return Call(self.parcel.without_content(), self.shared, self.shapes, self.names, self.averaged, self.function)


class Partial(NamedTuple):
    """What some chunks give: how many samples, and for each averaged output the sum over them."""

    samples: int
    sums: Any


def recorded(prepared: Prepared, tapes: Sequence[Tape], way: Way, name: str) -> Recorded:
    """The recording of a function, with the numbers that Values outside have now; `tapes` are the usual and the guarded one."""
    usual, *guarded = map(closed, tapes)
    return Recorded(usual, guarded[0] if guarded else None, prepared.arguments, prepared.reduced, way, name)


def closed(tape: Tape) -> Tape:
    """The tape with the numbers that Values outside have now as constants."""
    tape = copy(tape)
    tape.constants = {**tape.constants, **{slot: value.data for slot, value in tape.outside.items()}}
    tape.outside = {}
    return tape


def program_of(parcel: Parcel) -> Program | GuardedProgram:
    """The program of a recording that has arrived."""
    recording: Recorded = parcel.open()
    _, guarded, arguments, reduced, way, name = recording

    def program(tape: Tape) -> Program:
        return make_program(way, tape, arguments, reduced, partial(PythonProgram, tape, arguments, reduced, name))

    usual = program(recording.tape)
    return usual if guarded is None else GuardedProgram(usual, lambda _: program(guarded))


def outputs_of(chunks: Sequence[Any], call: Call) -> tuple[int, Any]:
    """How many samples the chunks of a call have, and the outputs for them; None for no samples."""
    chunks = [only_one(chunk) for chunk in chunks]
    samples = {name: chunk.shape[0] for name, chunk in zip(batched(call, call.names), chunks, strict=True)}
    if len({*samples.values()}) > 1:
        told = ", ".join(f"{name} {count}" for name, count in samples.items())
        raise ValueError(f"{call.function}: chunks of the batched arguments have not as many rows: {told}. Cut them alike")
    (count,) = {*samples.values()}
    if not count:
        return 0, None
    rest = iter(chunks)
    numbers = list(call.shared)
    for i, shape in enumerate(call.shapes):
        if shape.batched:
            where = f"{call.function}: argument {call.names[i]}"
            rows, found, _ = take_apart(next(rest), where, True)
            check_rows(where, found.structure, shape.structure)
            numbers[i] = rows
    return count, opened(call.parcel, program_of).run(numbers)


def check_rows(where: str, found: Structure, told: Structure) -> None:
    """The rows of a chunk are what Dask knows of them."""
    if found != told:
        raise ValueError(
            f"{where} has rows of {found}, and by its Dask array they are {told}: what made its chunks is to say their shape, "
            "as meta and chunks of map_blocks do"
        )


def only_one(chunk: Any) -> Any:
    """The chunk with whole rows, which comes in a list for each further axis: Dask's way to put several together copies one."""
    while isinstance(chunk, list):
        (chunk,) = chunk
    return chunk


def batched(call: Call, items: Sequence[Any]) -> list[Any]:
    """Those of some items, one for each argument, that are of batched ones."""
    return [item for item, shape in zip(items, call.shapes, strict=True) if shape.batched]


def sums_of(*chunks: Any, call: Call) -> Partial:
    """The sums over one chunk of each batched argument."""
    import numpy

    samples, outputs = outputs_of(chunks, call)
    if not samples:
        return Partial(0, numpy.zeros(sum(call.averaged)))
    means = [output for output, averaged in zip(outputs, call.averaged, strict=True) if averaged]
    with numpy.errstate(all="ignore"):
        return Partial(samples, samples * numpy.asarray(means, float))


def all_sums_of(call: Call, numbers: Sequence[int], rows: Sequence[Sequence[Any]]) -> list[Partial]:
    """The sums over each of several chunks, one after another; of each chunk there is one of every batched argument."""
    return [at_place(sums_of, (number,), *chunks, call=call) for number, chunks in zip(numbers, rows, strict=True)]


def at_place(work: Callable[..., Any], place: tuple[int], *chunks: Any, call: Call) -> Any:
    """What some work gives for the chunks of this number, from 0; what goes wrong says which they were."""
    try:
        return work(*chunks, call=call)
    except Exception as error:
        (number,) = place
        error.add_note(f"In chunk {number}, counted from 0: x.blocks[{number}], unless a warning said that x is cut anew")
        raise


def rows_of(*chunks: Any, call: Call) -> Any:
    """The outputs that are not averaged for one chunk of each batched argument: a row for each sample."""
    import numpy

    samples, outputs = outputs_of(chunks, call)
    columns = [o for o, averaged in zip(outputs, call.averaged, strict=True) if not averaged] if samples else []
    return (
        numpy.stack([numpy.asarray(column, float) for column in columns], 1)
        if samples
        else (numpy.empty((0, len(call.averaged) - sum(call.averaged))))
    )


def added(partials: Sequence[Partial]) -> Partial:
    """The sum of what some chunks gave, in their order."""
    import numpy

    (samples, sums), *others = partials
    with numpy.errstate(all="ignore"):
        for more, numbers in others:
            samples, sums = samples + more, sums + numbers
    return Partial(samples, sums)


def first_row(chunk: Any) -> Any:
    """The first row of a chunk, as an array of one row; of an empty chunk no row."""
    return chunk[:1].copy()
