"""The machine: what runs the instructions of a program, and what its kernels may ask about the run; see `state`.

It is imported when something is compiled, since numba takes half a second. Else its functions come from the disk: `addresses`.
"""

from __future__ import annotations

import math
from typing import Any, Final

from llvmlite import ir  # type: ignore[import-untyped]
from numba import njit, types
from numba.core import cgutils
from numba.extending import intrinsic

from autograd_lite.compiler.native.state import AT, MEAN_FACTOR, NO_PATIENCE, OF, SEEN, WEIGHT_NOT_FINITE

FUSE: Final = ("contract",)  # a product and a sum may be one instruction
REORDERED: Final = ("reassoc", "contract", "nsz")  # and sums may be taken in another order
# For what machine code alone calls: what Python and C would call of it takes long to make (`python -m benchmarks recording`).
INSIDE: Final = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}


def inlined(function: Any) -> Any:
    """A function that becomes part of the machine code that calls it.

    It is compiled once for each whole number that a call writes out: a large one is given `np.int64(0)` in the place of 0.
    """
    options: dict[str, Any] = {"error_model": "numpy", "forceinline": True, "fastmath": {*FUSE}, **INSIDE}
    return njit(**options)(function)


# Pointers


@intrinsic
def call_kernel(typing: Any, address: Any, memory: Any, parameters: Any, state: Any) -> Any:
    """Call the kernel at an address."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        word = ir.IntType(64)
        kernel = builder.inttoptr(arguments[0], ir.FunctionType(word, [word] * 3).as_pointer())
        return builder.call(kernel, arguments[1:])

    return types.int64(types.int64, types.int64, types.int64, types.int64), generate


@intrinsic
def integers_at(typing: Any, address: Any) -> Any:
    """The array of integers at an address."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.inttoptr(arguments[0], ir.IntType(64).as_pointer())

    return types.CPointer(types.int64)(types.int64), generate


@intrinsic
def doubles_at(typing: Any, address: Any) -> Any:
    """The array of double-precision numbers at an address."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.inttoptr(arguments[0], ir.DoubleType().as_pointer())

    return types.CPointer(types.float64)(types.int64), generate


@intrinsic
def numbers_at(typing: Any, address: Any, like: Any) -> Any:
    """The array of numbers, of the type of those in `like`, at an address."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.inttoptr(arguments[0], context.get_value_type(like))

    return like(types.int64, like), generate


@intrinsic
def numbers_of(typing: Any, address: Any, like: Any) -> Any:
    """The array of numbers, of the type of the number `like`, at an address."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.inttoptr(arguments[0], context.get_value_type(like).as_pointer())

    return types.CPointer(like)(types.int64, like), generate


@intrinsic
def rest_of(typing: Any, integers: Any, first: Any) -> Any:
    """The array of integers that begins with number `first` of another."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.gep(arguments[0], [arguments[1]])

    return integers(integers, types.int64), generate


@intrinsic
def fetch(typing: Any, numbers: Any, index: Any) -> Any:
    """Let the processor bring a number of an array into its cache meanwhile; there need be none."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        byte, integer = ir.IntType(8).as_pointer(), ir.IntType(32)
        kind = ir.FunctionType(ir.VoidType(), [byte, integer, integer, integer])
        function = cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0")
        place = builder.bitcast(builder.gep(arguments[0], [arguments[1]]), byte)
        builder.call(function, [place, integer(0), integer(3), integer(1)])  # to be read, soon, and no code
        return context.get_dummy_value()

    return types.void(numbers, types.int64), generate


@intrinsic
def add_product(typing: Any, total: Any, a: Any, b: Any) -> Any:
    """total + a·b, of a sum that may be taken in any order."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        total, a, b = arguments
        return builder.fadd(total, builder.fmul(a, b, flags=REORDERED), flags=REORDERED)

    return total(total, total, total), generate


@intrinsic
def multiply_matrices(
    typing: Any, gemm: Any, turn_a: Any, turn_b: Any, m: Any, n: Any, k: Any, alpha: Any, memory: Any,
    a: Any, lda: Any, b: Any, ldb: Any, beta: Any, c: Any, ldc: Any,
) -> Any:  # fmt: skip
    """BLAS's C ← alpha·A·B + beta·C on columns, each matrix at a place of the memory."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        gemm, turn_a, turn_b, m, n, k, alpha, memory, a, lda, b, ldb, beta, c, ldc = arguments
        number = context.get_value_type(signature.args[7].dtype)

        def letter(flag: Any) -> Any:
            byte = ir.IntType(8)
            code = builder.select(builder.icmp_signed("!=", flag, flag.type(0)), byte(ord("T")), byte(ord("N")))
            return cgutils.alloca_once_value(builder, code)

        def integer(value: Any) -> Any:
            return cgutils.alloca_once_value(builder, builder.trunc(value, ir.IntType(32)))

        def scalar(value: Any) -> Any:
            if number != value.type:
                value = builder.fptrunc(value, number)
            return cgutils.alloca_once_value(builder, value)

        def matrix(place: Any) -> Any:
            return builder.gep(memory, [place])

        values = [
            letter(turn_a), letter(turn_b), integer(m), integer(n), integer(k), scalar(alpha),
            matrix(a), integer(lda), matrix(b), integer(ldb), scalar(beta), matrix(c), integer(ldc),
        ]  # fmt: skip
        function = ir.FunctionType(ir.VoidType(), [value.type for value in values])
        builder.call(builder.inttoptr(gemm, function.as_pointer()), values)
        return context.get_dummy_value()

    word, real = types.int64, types.float64
    return types.void(word, word, word, word, word, word, real, memory, word, word, word, word, real, word, word), generate


# Running


def compiled(function: Any, error_model: str = "numpy") -> Any:
    """A function in machine code, which is called from such alone."""
    options: dict[str, Any] = {"error_model": error_model, **INSIDE}
    return njit(**options)(function)


@compiled
def run(memory: int, state: int) -> int:
    """Run a program over all samples, block by block; -1, or the first sample of a block that Python would refuse."""
    s = integers_at(state)
    kernels, parameters = integers_at(s[AT.kernels]), integers_at(s[AT.parameters])
    before = s[AT.once] + s[AT.before]
    inside = before + s[AT.inside]
    after = inside + s[AT.after]
    refused = -1
    for i in range(s[AT.once], before):
        if call_kernel(kernels[i], memory, parameters[i], state):
            refused = 0
    start = 0
    while start < s[AT.samples]:
        s[AT.start] = start
        s[AT.lanes] = min(s[AT.block], s[AT.samples] - start)
        bad = 0
        for i in range(before, inside):
            bad |= call_kernel(kernels[i], memory, parameters[i], state)
        if bad and refused < 0:
            refused = start
        start += s[AT.block]
    for i in range(inside, after):
        call_kernel(kernels[i], memory, parameters[i], state)
    return refused


@inlined
def order_of(orders: int, step: int, batch: int, total: int) -> int:
    """The address of the rows of a step, where those of all epochs begin at `orders`; 0 if they are taken as they lie."""
    batches = -(-total // batch)
    return orders + 8 * (step // batches * total + step % batches * batch) if orders else 0


@compiled
def prepare(memory: int, state: int) -> None:
    """What comes before the first step of a training of one sample a step, as if it came at the end of a step before."""
    s = integers_at(state)
    kernels, parameters = integers_at(s[AT.kernels]), integers_at(s[AT.parameters])
    s[AT.start], s[AT.lanes] = 0, 1
    for i in range(s[AT.once]):
        call_kernel(kernels[i], memory, parameters[i], state)


@compiled
def train(course: int, like: Any) -> int:
    """Run a program that ends in an update once for each batch; gives where it had to stop.

    It stops after a step with a loss that is not finite, or in which Python would refuse something; and at the end of an epoch
    for a reason that the `EpochWatch` then holds. All is summed in the order of the samples, so it does not matter how
    many steps a call makes. `course` is the address of a `Course`, and `like` a number of the type that the program uses.
    """
    c = integers_at(course)
    memory, state, batch, total, orders = c[OF.memory], c[OF.state], c[OF.batch], c[OF.total], c[OF.orders]
    columns, parameters, count = c[OF.columns], c[OF.parameters], c[OF.size]
    rate_of, sum_of, seen = doubles_at(c[OF.rates]), doubles_at(c[OF.sums]), doubles_at(c[OF.watch])
    s, numbers = integers_at(state), numbers_of(memory, like)
    pointers = rest_of(s, AT.pointers)
    batches = -(-total // batch)
    s[AT.next_order] = order_of(orders, c[OF.first], batch, total)
    numbers[MEAN_FACTOR] = 1 / batch
    prepare(memory, state)
    for step in range(c[OF.first], c[OF.last]):
        epoch, place = step // batches, step % batches * batch
        samples = min(batch, total - place)
        s[AT.order] = s[AT.next_order]
        s[AT.next_order] = order_of(orders, min(step + 1, c[OF.last] - 1), batch, total)
        s[AT.samples] = samples
        pointers[c[OF.by_sample]] = c[OF.results] + c[OF.item] * columns * (place + epoch * total if c[OF.kept] else place)
        numbers[MEAN_FACTOR] = 1 / samples
        numbers[c[OF.rate]] = rate_of[step]
        numbers[c[OF.steps]] += 1
        refused = run(memory, state)
        losses = numbers_of(pointers[c[OF.by_sample]], like)
        loss = 0.0
        for sample in range(samples):
            loss += losses[sample]
        if not math.isfinite(loss):
            for sample in range(samples):
                if not math.isfinite(losses[sample]):
                    return step
        if refused >= 0 and step != c[OF.trusted]:
            return step
        sum_of[step] = loss
        if place + samples == total:
            mean = 0.0
            for earlier in range(step + 1 - batches, step + 1):
                mean += sum_of[earlier]
            doubles_at(c[OF.means])[epoch] = mean / total
            if end_epoch(seen, epoch, mean / total, numbers, parameters, count, numbers_of(c[OF.best], like)):
                return step + 1
    return c[OF.last]


@compiled
def end_epoch(seen: Any, epoch: int, mean: float, numbers: Any, parameters: int, count: int, best: Any) -> bool:
    """Look at the weights after an epoch, and keep them if they are the best so far; tells whether to stop."""
    for k in range(parameters, parameters + count):
        if not math.isfinite(numbers[k]):
            seen[SEEN.outcome] = WEIGHT_NOT_FINITE
            return True
    number = seen[SEEN.before] + epoch + 1
    if mean < seen[SEEN.best]:
        seen[SEEN.best], seen[SEEN.epoch] = mean, number
        for k in range(count):
            best[k] = numbers[parameters + k]
    if seen[SEEN.patience] and number - seen[SEEN.epoch] >= seen[SEEN.patience]:
        seen[SEEN.outcome] = NO_PATIENCE
        return True
    return False


@compiled
def shuffle(order: int, last: int, drawn: int, count: int) -> int:
    """Go on with a shuffle as Python's `random.shuffle` does it, by `count` words of 32 bits that its generator has drawn.

    What is above `last` is shuffled; gives the new `last`, which is 0 in the end, and more if the words did not suffice.
    """
    rows, words = integers_at(order), integers_at(drawn)
    used = 0
    while last > 0:
        shift = 32
        while last + 1 >> 32 - shift:
            shift -= 1
        other = last + 1
        while other > last:
            if used == count:
                return last
            other = words[used] >> shift
            used += 1
        rows[last], rows[other] = rows[other], rows[last]
        last -= 1
    return 0
