"""Products of matrices, tile by tile: what a tile sums up stays in the processor's vector registers.

BLAS copies its operands before it multiplies, and takes a microsecond to begin. The rows here lie as these loops want them: of
small matrices with the lanes of a row side by side, of a wide layer's inputs as the samples have them, whose rows are long. So
nothing is copied, and a factor that all lanes share is read from wherever it is.

Every result is summed up in one order, whichever tile it falls into: over the operands in their order, and over the lanes in as
many partial sums as a register has numbers. So results are the same to the bit in each run.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from autograd_lite.compiler.native.linking import vector_bytes
from autograd_lite.compiler.native.machine import FUSE, inlined
from autograd_lite.compiler.native.state import ROWS

VECTORS = 3  # of a tile: with 4 rows, 12 sums, 3 operands and 1 factor are the 16 registers that every processor of today has


class Tile:
    """Writes what one tile computes, as LLVM's instructions.

    Arguments:
        builder: takes the instructions.
        memory: the pointer to the memory.
        bytes_each: of a number.

    Attributes:
        length: how many numbers a vector has.
    """

    def __init__(self, builder: Any, memory: Any, bytes_each: int) -> None:
        self.builder, self.memory, self.bytes_each = builder, memory, bytes_each
        self.number, self.word = memory.type.pointee, ir.IntType(64)
        self.length = vector_bytes() // bytes_each
        self.vector = ir.VectorType(self.number, self.length)
        self.zero = ir.Constant(self.vector, None)

    def at(self, place: Any, stride: Any = None, count: int = 0) -> Any:
        """The pointer to a place, or to what comes so many strides after it."""
        if count:
            place = self.builder.add(place, self.builder.mul(stride, self.word(count)))
        return self.builder.gep(self.memory, [place])

    def load(self, pointer: Any) -> Any:
        """The vector that begins at a pointer."""
        return self.builder.load(self.builder.bitcast(pointer, self.vector.as_pointer()), align=self.bytes_each)

    def store(self, vector: Any, pointer: Any) -> None:
        """Put a vector there."""
        self.builder.store(vector, self.builder.bitcast(pointer, self.vector.as_pointer()), align=self.bytes_each)

    def spread(self, number: Any) -> Any:
        """A vector of one number."""
        kind, first = ir.VectorType(number.type, self.length), ir.IntType(32)(0)
        one = self.builder.insert_element(ir.Constant(kind, ir.Undefined), number, first)
        return self.builder.shuffle_vector(one, one, ir.Constant(ir.VectorType(first.type, self.length), None))

    def numbers(self) -> Any:
        """The vector 0, 1, 2 …, of integers."""
        return ir.Constant(ir.VectorType(self.word, self.length), [*range(self.length)])

    def rounded(self, number: Any) -> Any:
        """A double-precision number as one of those in the memory."""
        return number if number.type == self.number else self.builder.fptrunc(number, self.number)

    def add_product(self, total: Any, a: Any, b: Any) -> Any:
        """total + a·b."""
        return self.builder.fadd(total, self.builder.fmul(a, b, flags=FUSE), flags=FUSE)

    def loop(self, count: Any, step: int, totals: list[Any], body: Callable[[Any, list[Any]], list[Any]]) -> list[Any]:
        """The totals after a loop: `body` makes new ones of an index and the old ones, for each index below a count."""
        builder = self.builder
        before = builder.block
        top, inside, after = [builder.append_basic_block(name) for name in ("tile.top", "tile.inside", "tile.after")]
        builder.branch(top)
        builder.position_at_end(top)
        states = [builder.phi(number.type) for number in [count, *totals]]
        for state, number in zip(states, [self.word(0), *totals], strict=True):
            state.add_incoming(number, before)
        index, *old = states
        builder.cbranch(builder.icmp_signed("<", index, count), inside, after)
        builder.position_at_end(inside)
        new = [builder.add(index, self.word(step)), *body(index, old)]
        for state, number in zip(states, new, strict=True):
            state.add_incoming(number, builder.block)
        builder.branch(top)
        builder.position_at_end(after)
        return old

    def sum(self, vector: Any) -> Any:
        """The sum of the numbers of a vector, in an order that the processor likes."""
        name = f"llvm.vector.reduce.fadd.v{self.length}f{8 * self.bytes_each}"
        reduce = ir.FunctionType(self.number, [self.number, self.vector])
        function = cgutils.get_or_insert_function(self.builder.module, reduce, name)
        return self.builder.call(function, [self.number(-0.0), vector], fastmath=("reassoc",))


@intrinsic
def vector_length(typing: Any, memory: Any) -> Any:
    """How many numbers, of the type of those in `memory`, a vector register has."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return ir.IntType(64)(vector_bytes() // context.get_abi_sizeof(arguments[0].type.pointee))

    return types.int64(memory), generate


def product_tile(rows: int, vectors: int) -> Any:
    """The code of a tile of a matrix times a vector in each lane: so many rows, and registers full of lanes.

    A tile of one register leaves its first lanes as they are, as many as are `done`.
    """

    @intrinsic
    def tile(
        typing: Any, memory: Any, out: Any, out_stride: Any, offset: Any, offset_stride: Any, matrix: Any, row_stride: Any,
        column_stride: Any, vector: Any, vector_stride: Any, columns: Any, done: Any, factor: Any, keep: Any,
    ) -> Any:  # fmt: skip
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            memory, out, out_stride, offset, offset_stride, matrix, row_stride, column_stride, *others = arguments
            vector, vector_stride, columns, done, factor, keep = others
            t = Tile(builder, memory, context.get_abi_sizeof(memory.type.pointee))
            registers = [t.word(v * t.length) for v in range(vectors)]
            has_offset = builder.icmp_signed(">=", offset, t.word(0))
            offset, offset_stride = [builder.select(has_offset, given, t.word(0)) for given in (offset, offset_stride)]
            starts = [
                t.spread(builder.select(has_offset, builder.load(t.at(offset, offset_stride, j)), t.number(0.0)))
                for j in range(rows)
            ]

            def add_column(_: Any, state: list[Any]) -> list[Any]:
                operand, column, *totals = state
                loaded = [t.load(t.at(builder.add(operand, register))) for register in registers]
                new = [builder.add(operand, vector_stride), builder.add(column, column_stride)]
                for j in range(rows):
                    factor = t.spread(builder.load(t.at(column, row_stride, j)))
                    new += [t.add_product(totals[j * vectors + v], factor, loaded[v]) for v in range(vectors)]
                return new

            sums = [start for start in starts for _ in registers]
            _, _, *totals = t.loop(columns, 1, [vector, matrix, *sums], add_column)
            scale = t.spread(t.rounded(factor))
            keeps = builder.icmp_signed("!=", keep, t.word(0))
            is_new = builder.icmp_signed(">=", t.numbers(), t.spread(done))
            for j in range(rows):
                for v, register in enumerate(registers):
                    pointer = t.at(builder.add(out, register), out_stride, j)
                    earlier = t.load(pointer)
                    result = t.add_product(builder.select(keeps, earlier, t.zero), totals[j * vectors + v], scale)
                    t.store(builder.select(is_new, result, earlier) if vectors == 1 else result, pointer)
            return context.get_dummy_value()

        return types.void(memory, *[types.int64] * 11, types.float64, types.int64), generate

    return tile


def sums_tile(rows: int, columns: int) -> Any:
    """The code of a tile of sums over the lanes, of the products of each of some rows with each of others."""

    @intrinsic
    def tile(
        typing: Any, memory: Any, out: Any, row_stride: Any, column_stride: Any, a: Any, a_stride: Any, b: Any, b_stride: Any,
        lanes: Any, factor: Any, keep: Any,
    ) -> Any:  # fmt: skip
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            memory, out, row_stride, column_stride, a, a_stride, b, b_stride, lanes, factor, keep = arguments
            t = Tile(builder, memory, context.get_abi_sizeof(memory.type.pointee))

            def add_lanes(lane: Any, totals: list[Any], loaded: Callable[[Any], Any] = t.load) -> list[Any]:
                first, second = builder.add(a, lane), builder.add(b, lane)
                right = [loaded(t.at(second, b_stride, k)) for k in range(columns)]
                new = []
                for j in range(rows):
                    left = loaded(t.at(first, a_stride, j))
                    new += [t.add_product(totals[j * columns + k], left, right[k]) for k in range(columns)]
                return new

            # The lanes that do not fill a register are the last of the last register full; the others count as 0 there.
            rest = builder.srem(lanes, t.word(t.length))
            counts = builder.icmp_signed(">=", t.numbers(), t.spread(builder.sub(t.word(t.length), rest)))

            def add_rest(_: Any, totals: list[Any]) -> list[Any]:
                last = builder.sub(lanes, t.word(t.length))
                return add_lanes(last, totals, lambda pointer: builder.select(counts, t.load(pointer), t.zero))

            totals = t.loop(builder.sub(lanes, rest), t.length, [t.zero] * (rows * columns), add_lanes)
            totals = t.loop(builder.zext(builder.icmp_signed(">", rest, t.word(0)), t.word), 1, totals, add_rest)
            keeps = builder.icmp_signed("!=", keep, t.word(0))
            scale = t.rounded(factor)
            for j in range(rows):
                for k in range(columns):
                    pointer = t.at(builder.add(out, builder.mul(row_stride, t.word(j))), column_stride, k)
                    earlier = builder.select(keeps, builder.load(pointer), t.number(0.0))
                    builder.store(t.add_product(earlier, t.sum(totals[j * columns + k]), scale), pointer)
            return context.get_dummy_value()

        return types.void(memory, *[types.int64] * 8, types.float64, types.int64), generate

    return tile


def product_lanes(vectors: int) -> Any:
    """The code of all rows of a product, for registers full of lanes."""
    four, one = product_tile(ROWS, vectors), product_tile(1, vectors)

    @inlined
    def all_rows(
        memory: Any, out: int, out_stride: int, rows: int, offset: int, offset_stride: int, matrix: int, row_stride: int,
        column_stride: int, vector: int, vector_stride: int, columns: int, done: int, factor: float, keep: int,
    ) -> None:  # fmt: skip
        whole = rows - rows % ROWS
        for j in range(0, whole, ROWS):
            four(
                memory, out + j * out_stride, out_stride, offset + j * offset_stride, offset_stride, matrix + j * row_stride,
                row_stride, column_stride, vector, vector_stride, columns, done, factor, keep,
            )  # fmt: skip
        for j in range(whole, rows):
            one(
                memory, out + j * out_stride, out_stride, offset + j * offset_stride, offset_stride, matrix + j * row_stride,
                row_stride, column_stride, vector, vector_stride, columns, done, factor, keep,
            )  # fmt: skip

    return all_rows


def sums_rows(rows: int) -> Any:
    """The code of so many rows of sums over the lanes."""
    three, two, one = (sums_tile(rows, columns) for columns in (3, 2, 1))

    @inlined
    def all_columns(
        memory: Any, out: int, row_stride: int, column_stride: int, columns: int, a: int, a_stride: int, b: int, b_stride: int,
        lanes: int, factor: float, keep: int,
    ) -> None:  # fmt: skip
        for k in range(0, columns - 2, 3):
            place, first = out + k * column_stride, b + k * b_stride
            three(memory, place, row_stride, column_stride, a, a_stride, first, b_stride, lanes, factor, keep)
        rest = columns % 3
        place, first = out + (columns - rest) * column_stride, b + (columns - rest) * b_stride
        if rest == 2:
            two(memory, place, row_stride, column_stride, a, a_stride, first, b_stride, lanes, factor, keep)
        elif rest == 1:
            one(memory, place, row_stride, column_stride, a, a_stride, first, b_stride, lanes, factor, keep)

    return all_columns


product_of_lanes, product_of_two, product_of_one = product_lanes(VECTORS), product_lanes(2), product_lanes(1)
four_rows_of_sums, one_row_of_sums = sums_rows(ROWS), sums_rows(1)


@inlined
def multiply(
    memory: Any, out: int, out_stride: int, rows: int, columns: int, width: int, matrix: int, row_stride: int,
    column_stride: int, vector: int, vector_stride: int, offset: int, offset_stride: int, factor: float, keep: int,
) -> None:  # fmt: skip
    """A matrix times a vector in each lane; plus, for each row, the number at `offset`, which is -1 for none.

    The result is multiplied by a factor, and added to what is there if `keep` is 1. The lanes fill a register at least.
    """
    length, lane = vector_length(memory), 0
    while lane < width:
        registers = (width - lane) // length
        if registers >= VECTORS and registers != VECTORS + 1:  # of four, twice two: one alone would wait for its sums
            product_of_lanes(
                memory, out + lane, out_stride, rows, offset, offset_stride, matrix, row_stride, column_stride, vector + lane,
                vector_stride, columns, 0, factor, keep,
            )  # fmt: skip
            lane += VECTORS * length
        elif registers >= 2:
            product_of_two(
                memory, out + lane, out_stride, rows, offset, offset_stride, matrix, row_stride, column_stride, vector + lane,
                vector_stride, columns, 0, factor, keep,
            )  # fmt: skip
            lane += 2 * length
        else:
            first = min(lane, width - length)  # the last register may have lanes that are done
            product_of_one(
                memory, out + first, out_stride, rows, offset, offset_stride, matrix, row_stride, column_stride, vector + first,
                vector_stride, columns, lane - first, factor, keep,
            )  # fmt: skip
            lane = first + length


@inlined
def sum_products(
    memory: Any, out: int, row_stride: int, column_stride: int, rows: int, columns: int, a: int, a_stride: int,
    b: int, b_stride: int, lanes: int, factor: float, keep: int,
) -> None:  # fmt: skip
    """The sums over the lanes of each row of `a` times each of `b`, times a factor; added to what is there if `keep` is 1.

    The lanes fill a register at least.
    """
    whole = rows - rows % ROWS
    for j in range(0, whole, ROWS):
        four_rows_of_sums(
            memory, out + j * row_stride, row_stride, column_stride, columns, a + j * a_stride, a_stride, b, b_stride, lanes,
            factor, keep,
        )  # fmt: skip
    for j in range(whole, rows):
        one_row_of_sums(
            memory, out + j * row_stride, row_stride, column_stride, columns, a + j * a_stride, a_stride, b, b_stride, lanes,
            factor, keep,
        )  # fmt: skip
