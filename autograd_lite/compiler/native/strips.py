"""A training step that updates a strip of the parameters as soon as their gradient is there.

Of a large network with few samples a step, most of the time goes into moving numbers: the gradient would be written to memory
and read again. Here the gradient of a few rows of weights takes the place of that of the rows before, in the cache. An
optimization (`python -m benchmarks mnist`): the numbers are the same to the bit.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any, Final, NamedTuple

import numpy as np

from autograd_lite.compiler.native import fixed
from autograd_lite.compiler.native.assembly import Assembly, Instruction
from autograd_lite.compiler.native.kernel import Kernel

STRIP: Final = 1 << 11  # numbers of a strip, at least: half of what the fastest cache holds


class Rows(NamedTuple):
    """An instruction that writes rows of a gradient.

    Attributes:
        kernel, fields: the instruction.
        first, stride, length, extent: where in the gradient the first row begins, from one row to the next, how many there are,
            and how many numbers each has.
    """

    kernel: Kernel
    fields: dict[str, Any]
    first: int
    stride: int
    length: int
    extent: int

    def between(self, begin: int, end: int) -> tuple[int, int]:
        """The rows that begin in this stretch of the gradient: from the one to before the other."""
        if self.length == 1:
            return (0, 1) if begin <= self.first < end else (0, 0)
        first, last = [min(max(-(-(edge - self.first) // self.stride), 0), self.length) for edge in (begin, end)]
        return first, last

    def part(self, first: int, last: int, shift: int) -> Instruction:
        """The instruction for some of its rows, which writes so many places further on."""
        name, row_stride = ("count", "out_stride") if self.kernel is fixed.mean_rows else ("rows", "row_stride")
        fields = self.fields | {name: last - first, "out": self.fields["out"] + first * self.fields[row_stride] + shift}
        fields["a"] += first * fields["a_stride"]
        if self.kernel is fixed.mean_products:
            fields["b"] += first * fields["b_row"]
        return self.kernel, self.kernel.pack(fields)


class Strip(NamedTuple):
    """A stretch of the gradient, and the instructions that write it to the scratch."""

    begin: int
    end: int
    instructions: list[Instruction]


def take_strips(assembly: Assembly, batch: int) -> tuple[int, list[Strip]] | None:
    """Take the instructions that write the gradient out of a program, in strips; gives the place of their scratch with them.

    None, and nothing is taken, where that cannot be done or does not pay: the gradient is small, is summed up over several
    blocks of samples, has parts that are no means of what varies, or is left to BLAS.
    """
    place, count, _ = assembly.results
    block = assembly.layout.block
    if count <= 2 * STRIP or block < batch or assembly.after:
        return None
    others: list[Instruction] = []
    writers: list[Rows] = []
    for instruction in assembly.inside:
        found = rows_of(instruction, place)
        (others if found is None else writers).append(instruction if found is None else found)  # type: ignore[arg-type]
    if not all(is_simple(rows, block) for rows in writers):
        return None
    edges = [*edges_of(writers, count)]
    strips = list(pairwise(edges))
    covered = np.zeros(count, bool)
    for rows in writers:
        starts = rows.first + rows.stride * np.arange(rows.length)
        ends = np.array(edges)[np.searchsorted(edges, starts, "right")]
        if (starts + rows.extent > ends).any():
            return None
        covered[(starts[:, None] + np.arange(rows.extent)).ravel()] = True
    if not covered.all():
        return None
    scratch = assembly.layout.allocate(max(end - begin for begin, end in strips), False)
    assembly.inside[:] = others
    made = []
    for begin, end in strips:
        shift = scratch - place - begin
        parts = [
            rows.part(*between, shift) for rows in writers if (between := rows.between(begin, end)) and between[1] > between[0]
        ]
        made.append(Strip(begin, end, parts))
    return scratch, made


def rows_of(instruction: Instruction, place: int) -> Rows | None:
    """What an instruction writes of the gradient at a place, if it does."""
    kernel, parameters = instruction
    if kernel is not fixed.mean_rows and kernel is not fixed.mean_products:
        return None
    fields = dict(zip(kernel.fields, parameters, strict=True))
    first = fields["out"] - place
    if kernel is fixed.mean_rows:
        return Rows(kernel, fields, first, fields["out_stride"], fields["count"], 1)
    return Rows(kernel, fields, first, fields["row_stride"], fields["rows"], fields["columns"])


def is_simple(rows: Rows, block: int) -> bool:
    """Whether the rows come one after the other, of what varies alone (a parameter is updated too soon), and not by BLAS."""
    fields = rows.fields
    if rows.length > 1 and rows.stride < rows.extent:
        return False
    if rows.kernel is fixed.mean_rows:
        return True
    return bool(fields["column_stride"] == 1 and fields["a_lane"] and fields["b_lane"] and (block == 1 or not fields["gemm"]))


def edges_of(writers: list[Rows], count: int) -> Iterator[int]:
    """Where the strips begin: at the beginnings of rows, at least `STRIP` numbers apart; and where the last one ends."""
    edge = 0
    yield edge
    starts = sorted({rows.first + j * rows.stride for rows in writers if rows.extent > 1 for j in range(rows.length)})
    for start in starts:
        if start >= edge + STRIP and count - start >= STRIP:
            edge = start
            yield edge
    yield count
