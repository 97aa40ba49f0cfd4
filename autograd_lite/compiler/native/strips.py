"""A training step that updates parameters as soon as their gradient is there, and not all of them at its end.

Of a large network with few samples a step, most of the time goes into moving numbers: the gradient would be written to memory
and read again. Two optimizations (`python -m benchmarks mnist`), of which the numbers are the same to the bit:

- Of one sample, the gradient by a layer's weights is an outer product. It is written nowhere: each of its numbers is made where
  a weight is updated.
- Of several samples, the gradient of a few rows of weights, a strip, takes the place of that of the rows before, in the cache.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any, Final, NamedTuple

import numpy as np

from autograd_lite.compiler.native import fixed
from autograd_lite.compiler.native.assembly import Assembly, Instruction
from autograd_lite.compiler.native.kernel import Kernel
from autograd_lite.compiler.native.state import MEAN_FACTOR, ROWS

STRIP: Final = 1 << 13  # numbers of a strip, at least: few enough for the cache, and rows enough for each sample that is read


class GradientRows(NamedTuple):
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

    @property
    def starts(self) -> Any:
        """Where in the gradient each row begins."""
        return self.first + self.stride * np.arange(self.length)

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

    @property
    def products(self) -> Products:
        """The rows of one sample, as products; the mean of one sample is itself."""
        names = ("a", "a_stride", "b", "b_row", "b_stride")
        factors = {"b": MEAN_FACTOR, "b_row": 0, "b_stride": 0} | {k: n for k, n in self.fields.items() if k in names}
        return Products(self.first, self.stride, self.length, self.extent, factors)


class Products(NamedTuple):
    """Rows of the gradient of one sample that are made where they are used: each is a number times some others.

    Attributes:
        first, row_stride, rows, columns: where in the gradient they begin, from one to the next, and how many there are of how
            many numbers.
        factors: the fields of both factors.
    """

    first: int
    row_stride: int
    rows: int
    columns: int
    factors: dict[str, int]

    def part(self, begin: int, end: int) -> Products:
        """Some of the rows: from the one to before the other."""
        factors = {
            "a": self.factors["a"] + begin * self.factors["a_stride"],
            "b": self.factors["b"] + begin * self.factors["b_row"],
        }
        return self._replace(first=self.first + begin * self.row_stride, rows=end - begin, factors=self.factors | factors)


class Strip(NamedTuple):
    """A stretch of the gradient, and the instructions that write it to the scratch."""

    begin: int
    end: int
    instructions: list[Instruction]


def find_writers(assembly: Assembly, batch: int) -> tuple[list[Instruction], list[GradientRows]] | None:
    """The other instructions of a program, and those that write its gradient.

    None where no part of the gradient may be used before the rest is there: it is summed up over several blocks of samples, has
    parts that are no means of what varies, or is left to BLAS.
    """
    place, count, _ = assembly.results
    block = assembly.layout.block
    if block < batch or assembly.after:
        return None
    others: list[Instruction] = []
    writers: list[GradientRows] = []
    for instruction in assembly.inside:
        found = rows_of(instruction, place)
        (others if found is None else writers).append(instruction if found is None else found)  # type: ignore[arg-type]
    if not all(is_simple(rows, block) for rows in writers):
        return None
    covered = np.zeros(count, bool)
    for rows in writers:
        covered[(rows.starts[:, None] + np.arange(rows.extent)).ravel()] = True
    return (others, writers) if covered.all() else None


def fit_between(writers: Sequence[GradientRows], edges: Sequence[int]) -> bool:
    """Whether no row goes beyond one of these edges; the last one is the end of all."""
    ends = [np.array(edges)[np.searchsorted(edges, rows.starts, "right")] for rows in writers]
    return all((rows.starts + rows.extent <= end).all() for rows, end in zip(writers, ends, strict=True))


def take_products(assembly: Assembly, batch: int, edges: Sequence[int]) -> list[Products] | None:
    """Take the gradient of one sample out of a program, as products, cut at these edges.

    None, and nothing is taken, where that cannot be done.
    """
    found = find_writers(assembly, batch) if batch == 1 else None
    if found is None:
        return None
    others, writers = found
    once = sum(rows.length * rows.extent for rows in writers) == assembly.results.averaged
    if not once or not fit_between(writers, edges):
        return None
    assembly.inside[:] = others
    return [
        rows.products.part(begin, end)
        for stretch in pairwise(edges)
        for rows in writers
        for begin, end in [rows.between(*stretch)]
        if begin < end
    ]


def take_strips(assembly: Assembly, batch: int) -> tuple[int, list[Strip]] | None:
    """Take the instructions that write the gradient out of a program, in strips; gives the place of their scratch with them.

    None, and nothing is taken, where that cannot be done or does not pay since the gradient is small.
    """
    place, count, _ = assembly.results
    found = find_writers(assembly, batch) if count > 2 * STRIP else None
    if found is None:
        return None
    others, writers = found
    edges = [*edges_of(writers, count)]
    if not fit_between(writers, edges):
        return None
    strips = list(pairwise(edges))
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


def rows_of(instruction: Instruction, place: int) -> GradientRows | None:
    """What an instruction writes of the gradient at a place, if it does."""
    kernel, _ = instruction
    if kernel is not fixed.mean_rows and kernel is not fixed.mean_products:
        return None
    fields = fields_of(instruction)
    first = fields["out"] - place
    if kernel is fixed.mean_rows:
        return GradientRows(kernel, fields, first, fields["out_stride"], fields["count"], 1)
    return GradientRows(kernel, fields, first, fields["row_stride"], fields["rows"], fields["columns"])


def fields_of(instruction: Instruction) -> dict[str, Any]:
    """The fields of an instruction, by name; of those that may be any number the first one."""
    kernel, parameters = instruction
    return dict(zip(kernel.fields, parameters, strict=False))


def is_simple(rows: GradientRows, block: int) -> bool:
    """Whether the rows come one after the other, of what varies alone (a parameter is updated too soon), and not by BLAS."""
    fields = rows.fields
    if rows.length > 1 and rows.stride < rows.extent:
        return False
    if rows.kernel is fixed.mean_rows:
        return True
    return bool(fields["column_stride"] == 1 and fields["a_lane"] and fields["b_lane"] and (block == 1 or not fields["gemm"]))


def edges_of(writers: list[GradientRows], count: int) -> Iterator[int]:
    """Where the strips begin: at the beginnings of rows, at least `STRIP` numbers apart; and where the last one ends."""
    edge = 0
    yield edge
    starts = sorted({rows.first + j * rows.stride for rows in writers if rows.extent > 1 for j in range(0, rows.length, ROWS)})
    for start in starts:
        if start >= edge + STRIP and count - start >= STRIP:
            edge = start
            yield edge
    yield count
