"""The kernels that every program may need: they move numbers, add them up, and multiply matrices.

What the fields of several kernels mean:
    out: the place of the first result.
    a, b, matrix, vector, offset: the place of the first number of an operand; an offset of -1 is none.
    a_stride, row_stride, …: from one such number to the next.
    a_lane, …: from one lane to the next: 1, or 0 for what is uniform; more if it lies sample by sample.
    width: how many lanes a row has in memory. Without lanes it is 1.
    gemm: the address of BLAS's matrix product.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from autograd_lite.compiler.native.kernel import kernel
from autograd_lite.compiler.native.state import MEAN_FACTOR, Integers, Numbers

if TYPE_CHECKING:  # what machine code finds by name, see `building.in_machine_code`: to import it would load numba
    from autograd_lite.compiler.native.elementary import exponential, logarithm_of_1_plus
    from autograd_lite.compiler.native.machine import fetch, integers_at, multiply_matrices, numbers_at, numbers_of
    from autograd_lite.compiler.native.tiles import multiply, sum_products, vector_length

AHEAD: Final = 64  # how many samples before they are read the processor is told to bring them into its cache
ROWS_AHEAD: Final = 2  # the same of samples that are taken as they are, from anywhere
STRETCH: Final = 100  # vectors of a row that are multiplied at a time: of seven rows they stay in the fastest cache

# Arguments in, results out


@kernel
def load(
    memory: Numbers, start: int, lanes: int, order: int, next_order: int, pointers: Integers, /,
    argument: int, out: int, count: int, width: int, by_sample: int, is_next: int,
) -> None:  # fmt: skip
    """A batched argument, of the type of the memory: see `fill`; `argument` says which of the pointers is to it.

    It is that of the samples of this step, or, if `is_next` is 1, of the next one.
    """
    rows = next_order if is_next else order
    fill(memory, numbers_at(pointers[argument], memory), start, lanes, rows, out, count, width, by_sample)


@kernel
def load_float32(
    memory: Numbers, start: int, lanes: int, order: int, next_order: int, pointers: Integers, /,
    argument: int, out: int, count: int, width: int, by_sample: int, is_next: int,
) -> None:  # fmt: skip
    """The same of single precision."""
    rows = next_order if is_next else order
    fill(memory, numbers_of(pointers[argument], np.float32(0)), start, lanes, rows, out, count, width, by_sample)


@kernel
def load_float64(
    memory: Numbers, start: int, lanes: int, order: int, next_order: int, pointers: Integers, /,
    argument: int, out: int, count: int, width: int, by_sample: int, is_next: int,
) -> None:  # fmt: skip
    """The same of double precision."""
    rows = next_order if is_next else order
    fill(memory, numbers_of(pointers[argument], np.float64(0)), start, lanes, rows, out, count, width, by_sample)


@kernel
def load_uint8(
    memory: Numbers, start: int, lanes: int, order: int, next_order: int, pointers: Integers, /,
    argument: int, out: int, count: int, width: int, by_sample: int, is_next: int,
) -> None:  # fmt: skip
    """The same of bytes."""
    rows = next_order if is_next else order
    fill(memory, numbers_of(pointers[argument], np.uint8(0)), start, lanes, rows, out, count, width, by_sample)


LOADS = {"float32": load_float32, "float64": load_float64, "uint8": load_uint8}


def fill(  # in machine code
    memory: Numbers, source: Any, start: int, lanes: int, order: int, out: int, count: int, width: int, by_sample: int
) -> None:
    """Rows of `count` numbers, one for each sample, as they are `by_sample`, or else as rows of lanes, one for each number.

    The last sample is repeated to fill the block. Eight lanes at a time are an optimization (`python -m benchmarks mnist`):
    what is written side by side fills a line of the cache, and no more rows are read at once than the processor reads ahead in.
    """
    if by_sample:
        for lane in range(width):
            first, ahead = row_of(start, lanes, order, lane) * count, row_of(start, lanes, order, lane + ROWS_AHEAD) * count
            for k in range(0, count, 8):
                fetch(source, ahead + k)
            for k in range(count):
                memory[out + lane * count + k] = source[first + k]
        return
    whole = width - width % 8
    for lane in range(0, whole, 8):
        a = row_of(start, lanes, order, lane) * count
        b = row_of(start, lanes, order, lane + 1) * count
        c = row_of(start, lanes, order, lane + 2) * count
        d = row_of(start, lanes, order, lane + 3) * count
        e = row_of(start, lanes, order, lane + 4) * count
        f = row_of(start, lanes, order, lane + 5) * count
        g = row_of(start, lanes, order, lane + 6) * count
        h = row_of(start, lanes, order, lane + 7) * count
        ahead = (start + lane + AHEAD) * count
        for k in range(count):
            if not order:
                fetch(source, ahead + 8 * k)
            place = out + k * width + lane
            memory[place] = source[a + k]
            memory[place + 1] = source[b + k]
            memory[place + 2] = source[c + k]
            memory[place + 3] = source[d + k]
            memory[place + 4] = source[e + k]
            memory[place + 5] = source[f + k]
            memory[place + 6] = source[g + k]
            memory[place + 7] = source[h + k]
    for lane in range(whole, width):
        first = row_of(start, lanes, order, lane) * count
        for k in range(count):
            memory[out + k * width + lane] = source[first + k]


def row_of(start: int, lanes: int, order: int, lane: int) -> int:  # in machine code
    """The sample of a lane."""
    sample = start + min(lane, lanes - 1)
    return integers_at(order)[sample] if order else sample


@kernel
def store(
    memory: Numbers, start: int, lanes: int, samples: int, pointers: Integers, /,
    by_sample: int, column: int, a: int, a_lane: int,
) -> None:  # fmt: skip
    """A result of each sample, into a column of the results by sample; `by_sample` says which of the pointers is to these."""
    out = numbers_at(pointers[by_sample], memory)
    for lane in range(lanes):
        out[column * samples + start + lane] = memory[a + lane * a_lane]


@kernel
def gather(memory: Numbers, /, out: int, count: int, width: int, sources: Integers) -> None:
    """Rows from anywhere, side by side; `sources` are for each its place and the distance of its lanes."""
    for k in range(count):
        a, a_lane = sources[2 * k], sources[2 * k + 1]
        for lane in range(width):
            memory[out + k * width + lane] = memory[a + lane * a_lane]


@kernel
def copy(memory: Numbers, /, out: int, out_stride: int, a: int, a_stride: int, count: int) -> None:
    """Numbers at one stride to another."""
    if out_stride == 1 and a_stride == 1:
        for k in range(count):
            memory[out + k] = memory[a + k]
    else:
        for k in range(count):
            memory[out + k * out_stride] = memory[a + k * a_stride]


@kernel
def accumulate(memory: Numbers, /, out: int, out_stride: int, a: int, a_stride: int, count: int) -> None:
    """Numbers, added to results that are there."""
    for k in range(count):
        memory[out + k * out_stride] += memory[a + k * a_stride]


# Sums and products


@kernel
def lane_sum(memory: Numbers, /, out: int, count: int, width: int, a: int, a_stride: int, a_lane: int) -> None:
    """A sum of many operands."""
    if width == 1:
        total = 0.0
        for k in range(count):
            total += memory[a + k * a_stride]
        memory[out] = total
        return
    for lane in range(width):
        memory[out + lane] = 0.0
    for k in range(count):
        first = a + k * a_stride
        for lane in range(width):
            memory[out + lane] += memory[first + lane * a_lane]


@kernel
def lane_products(
    memory: Numbers, /,
    out: int, count: int, width: int,
    a: int, a_stride: int, a_lane: int,
    b: int, b_stride: int, b_lane: int,
    offset: int, offset_lane: int,
) -> None:  # fmt: skip
    """A dot product of two vectors that both differ from sample to sample, or of two that do not: then the offset does."""
    for lane in range(width):
        memory[out + lane] = memory[offset + lane * offset_lane] if offset >= 0 else 0.0
    for k in range(count):
        x, y = a + k * a_stride, b + k * b_stride
        for lane in range(width):
            memory[out + lane] += memory[x + lane * a_lane] * memory[y + lane * b_lane]


@kernel
def lane_logsumexp(
    memory: Numbers, /, out: int, largest: int, rest: int, count: int, width: int, a: int, a_stride: int, a_lane: int
) -> None:
    """The operation `logsumexp` row by row, so that several lanes are computed at once (`python -m benchmarks cluster`).

    `largest` and `rest` are rows in which it works; `out` has meanwhile how many terms besides one are the largest.
    """
    for lane in range(width):
        memory[largest + lane], memory[rest + lane], memory[out + lane] = memory[a + lane * a_lane], 0.0, -1.0
    for k in range(1, count):
        first = a + k * a_stride
        for lane in range(width):
            x, most = memory[first + lane * a_lane], memory[largest + lane]
            memory[largest + lane] = x if x > most else most
    for k in range(count):
        first = a + k * a_stride
        for lane in range(width):
            x, most = memory[first + lane * a_lane], memory[largest + lane]
            memory[rest + lane] += exponential(x - most) if x != most else 0.0
            memory[out + lane] += 1.0 if x == most else 0.0
    for lane in range(width):
        memory[out + lane] = memory[largest + lane] + logarithm_of_1_plus(memory[rest + lane] + memory[out + lane])


def begin_rows(memory: Numbers, out: int, rows: int, width: int, offset: int, offset_stride: int, offset_lane: int) -> None:
    """Each row of sums begins with its offset in every lane; with 0 if there is none."""
    for j in range(rows):
        for lane in range(width):
            memory[out + j * width + lane] = memory[offset + j * offset_stride + lane * offset_lane] if offset >= 0 else 0.0


@kernel
def matrix_product(
    memory: Numbers, /,
    out: int, rows: int, columns: int, width: int,
    matrix: int, row_stride: int, column_stride: int,
    vector: int, vector_stride: int,
    offset: int, offset_stride: int, offset_lane: int,
    gemm: int,
) -> None:  # fmt: skip
    """All neurons of a layer: a matrix times a vector (with lanes, a matrix of vectors), plus an offset for each row.

    With lanes tiles multiply, or BLAS where `gemm` is given. Without, the loops go through the matrix as it lies in memory.
    """
    if width >= vector_length(memory) and not gemm:
        multiply(
            memory, out, width, rows, columns, width, matrix, row_stride, column_stride, vector, vector_stride, offset,
            offset_stride, 1.0, np.int64(0),
        )  # fmt: skip
        return
    begin_rows(memory, out, rows, width, offset, offset_stride, offset_lane)
    if width > 1:
        turned = 0 if column_stride == 1 else 1
        stride = row_stride if column_stride == 1 else column_stride
        multiply_matrices(
            gemm, turn_a=0, turn_b=turned, m=width, n=rows, k=columns, alpha=1.0, memory=memory,
            a=vector, lda=vector_stride, b=matrix, ldb=stride, beta=1.0, c=out, ldc=width,
        )  # fmt: skip
    elif column_stride == 1 and vector_stride == 1:
        for j in range(rows):
            total = memory[out + j]
            first = matrix + j * row_stride
            for k in range(columns):
                total += memory[first + k] * memory[vector + k]
            memory[out + j] = total
    elif column_stride == 1 or rows == 1:
        for j in range(rows):
            total = memory[out + j]
            first = matrix + j * row_stride
            for k in range(columns):
                total += memory[first + k * column_stride] * memory[vector + k * vector_stride]
            memory[out + j] = total
    else:
        for k in range(columns):
            factor = memory[vector + k * vector_stride]
            first = matrix + k * column_stride
            for j in range(rows):
                memory[out + j] += memory[first + j * row_stride] * factor


@kernel
def matrix_product_by_sample(
    memory: Numbers, /,
    out: int, rows: int, columns: int, width: int,
    matrix: int, row_stride: int,
    vector: int, vector_lane: int,
    offset: int, offset_stride: int, offset_lane: int,
) -> None:  # fmt: skip
    """The same for vectors that lie sample by sample, and for rows of the matrix whose numbers lie side by side."""
    begin_rows(memory, out, rows, width, offset, offset_stride, offset_lane)
    most = STRETCH * vector_length(memory)
    for k in range(0, columns, most):
        count, first = min(most, columns - k), vector + k
        sum_products(
            memory, out, width, np.int64(1), rows, width, matrix + k, row_stride, first, vector_lane, count, 1.0, np.int64(1)
        )


# Means over the samples: the first block of samples sets them, unless `more` is 1, and the others add to them


@kernel
def mean_rows(
    memory: Numbers, start: int, lanes: int, /, out: int, out_stride: int, count: int, a: int, a_stride: int, more: int
) -> None:
    """The mean of each of some rows."""
    keep = more or start > 0
    for k in range(count):
        total = 0.0
        for lane in range(lanes):
            total += memory[a + k * a_stride + lane]
        total *= memory[MEAN_FACTOR]
        memory[out + k * out_stride] = memory[out + k * out_stride] + total if keep else total


@kernel
def mean_products(
    memory: Numbers, start: int, lanes: int, /,
    out: int, row_stride: int, column_stride: int, rows: int, columns: int,
    a: int, a_stride: int, a_lane: int,
    b: int, b_row: int, b_stride: int, b_lane: int,
    more: int, gemm: int,
) -> None:  # fmt: skip
    """The means of all products of some rows with others: the gradient of a layer's weights.

    A row of the results has one `a` and all of `b`; for the next row, `b` begins `b_row` further on. `gemm` is 0 where the
    operands do not lie as BLAS needs them.
    """
    keep = more or start > 0
    if lanes == 1 and column_stride == 1 and b_stride == 1 and not keep:
        for j in range(rows):
            factor = memory[a + j * a_stride] * memory[MEAN_FACTOR]
            first, second = out + j * row_stride, b + j * b_row
            for k in range(columns):
                memory[first + k] = factor * memory[second + k]
    elif b_lane > 1:  # rows that lie sample by sample
        multiply(
            memory, out, row_stride, rows, lanes, columns, a, a_stride, a_lane, b, b_lane, np.int64(-1), np.int64(0),
            memory[MEAN_FACTOR], keep,
        )  # fmt: skip
    elif a_lane and b_lane and not b_row and not gemm and lanes >= vector_length(memory):
        sum_products(
            memory, out, row_stride, column_stride, rows, columns, a, a_stride, b, b_stride, lanes, memory[MEAN_FACTOR], keep
        )
    elif gemm and lanes > 1:
        multiply_matrices(
            gemm, turn_a=1, turn_b=0, m=columns, n=rows, k=lanes, alpha=memory[MEAN_FACTOR], memory=memory,
            a=b, lda=b_stride, b=a, ldb=a_stride, beta=1.0 if keep else 0.0, c=out, ldc=row_stride,
        )  # fmt: skip
    else:
        for j in range(rows):
            for k in range(columns):
                total = 0.0
                for lane in range(lanes):
                    total += memory[a + j * a_stride + lane * a_lane] * memory[b + j * b_row + k * b_stride + lane * b_lane]
                place = out + j * row_stride + k * column_stride
                total *= memory[MEAN_FACTOR]
                memory[place] = memory[place] + total if keep else total


# Training


@kernel
def clip_norm(memory: Numbers, /, gradient: int, count: int, largest: int) -> None:
    """Scale a gradient down so that its Euclidean norm is at most the number at `largest`."""
    top = 0.0
    for k in range(count):
        top = max(top, abs(memory[gradient + k]))
    total = 0.0
    if top > 0:
        for k in range(count):
            total += (memory[gradient + k] / top) ** 2
    scale = memory[largest] / (top * math.sqrt(total) + 1e-6)
    if scale < 1:
        for k in range(count):
            memory[gradient + k] *= scale
