"""The machine: what runs the instructions of a program, and what its kernels may ask about the run.

An instruction is a kernel and the kernel's parameters. Memory is one array of numbers, and a place in it is an index.
Addresses are known only when a program runs, so what is compiled here knows none of them, and numba can keep it on disk.
"""

from __future__ import annotations

import math
from typing import Annotated, Any, NamedTuple

from llvmlite import ir  # type: ignore[import-untyped]
from numba import njit, types
from numba.core import cgutils
from numba.extending import get_cython_function_address, intrinsic

from autograd_lite.compiler.native.disk import keep_code

Numbers = Any  # an array of floats at an address
Integers = Annotated[Any, "int64"]  # an array of integers at an address


class State(NamedTuple):
    """What is known of a run: the fields of an array of integers, in order."""

    block: int  # how many samples a block has room for
    kernels: int  # the address of the kernels' addresses, one for each instruction
    parameters: int  # the address of the addresses of their parameters
    before: int  # how many instructions come before all blocks
    inside: int  # how many are run for each block
    after: int  # how many come after all blocks
    samples: int = 0  # how many samples there are in all blocks
    order: int = 0  # the address of the samples' rows, in the order in which they are taken; 0 if they are taken as they lie
    start: int = 0  # the first sample of the block
    lanes: int = 0  # how many samples the block has
    pointers: int = 0  # from here on the addresses of the batched arguments, then that of the results by sample


AT = State(*range(len(State._fields)))  # where each field is: `state[AT.lanes]`
MEAN_FACTOR = 0  # the place of 1 / number of samples


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


def gemm_address(dtype: str) -> int:
    """Where BLAS's matrix product is."""
    return int(get_cython_function_address("scipy.linalg.cython_blas", "sgemm" if dtype == "float32" else "dgemm"))


# Running


def kept(function: Any) -> Any:
    """A function in machine code that is kept on disk."""
    compiled = njit(nogil=True)(function)
    keep_code(compiled, function.__name__, f"{function.__module__}.{function.__qualname__}")
    return compiled


@kept
def run(memory: int, state: int) -> int:
    """Run a program over all samples, block by block; -1, or the first sample of a block that Python would refuse."""
    s = integers_at(state)
    kernels, parameters = integers_at(s[AT.kernels]), integers_at(s[AT.parameters])
    inside = s[AT.before] + s[AT.inside]
    after = inside + s[AT.after]
    refused = -1
    for i in range(s[AT.before]):
        if call_kernel(kernels[i], memory, parameters[i], state):
            refused = 0
    for start in range(0, s[AT.samples], s[AT.block]):
        s[AT.start] = start
        s[AT.lanes] = min(s[AT.block], s[AT.samples] - start)
        bad = 0
        for i in range(s[AT.before], inside):
            bad |= call_kernel(kernels[i], memory, parameters[i], state)
        if bad and refused < 0:
            refused = start
    for i in range(inside, after):
        call_kernel(kernels[i], memory, parameters[i], state)
    return refused


class Watch(NamedTuple):
    """What is watched at the end of each epoch: the fields of an array of floats, in order."""

    before: Any  # how many epochs came before the first of these
    best: Any  # the least mean loss so far
    epoch: Any  # the epoch that it is of, from 1
    patience: Any  # stop after so many epochs without a lesser one; 0: never
    outcome: Any = 0.0  # why it stopped: one of the next three


GOES_ON, WEIGHT_NOT_FINITE, NO_PATIENCE = 0, 1, 2
SEEN = Watch(*range(len(Watch._fields)))  # where each field is: `watch[SEEN.best]`


class Course(NamedTuple):
    """The steps of a training: the fields of an array of integers, in order."""

    memory: int  # the addresses of what the program runs on
    state: int
    first: int  # the steps, counted from the beginning of the first epoch: from the one to before the other
    last: int
    trusted: int  # the step in which Python refuses nothing, as it was asked already; -1: none
    batch: int  # how many samples a step has
    total: int  # how many samples an epoch has
    orders: int  # the address of the samples' rows, for each epoch in its order; 0 if they are taken as they lie, in one batch
    rates: int  # the address of the learning rate of each step
    rate: int  # the places of the learning rate and of the count of steps
    steps: int
    by_sample: int  # which of the state's pointers is to the results by sample; the losses come first
    columns: int  # how many results by sample there are for each
    item: int  # the bytes of one
    results: int  # their address
    kept: int  # whether those of all epochs are kept, not only of the latest
    sums: int  # the addresses of the sum of the losses of each step, and of their mean over each epoch
    means: int
    watch: int  # the address of a `Watch`
    parameters: int  # where the parameters are, and how many
    size: int
    best: int  # the address of the parameters after the best epoch


OF = Course(*range(len(Course._fields)))  # where each field is: `course[OF.memory]`


@kept
def train(course: int, like: Any) -> int:
    """Run a program that ends in an update once for each batch; gives where it had to stop.

    It stops after a step with a loss that is not finite, or in which Python would refuse something; and at the end of an epoch
    for a reason that the `Watch` then holds. All is summed in the order of the samples, so it does not matter how many steps a
    call makes. `course` is the address of a `Course`, and `like` a number of the type that the program computes with.
    """
    c = integers_at(course)
    memory, state, batch, total, orders = c[OF.memory], c[OF.state], c[OF.batch], c[OF.total], c[OF.orders]
    columns, parameters, count = c[OF.columns], c[OF.parameters], c[OF.size]
    rate_of, sum_of, seen = doubles_at(c[OF.rates]), doubles_at(c[OF.sums]), doubles_at(c[OF.watch])
    s, numbers = integers_at(state), numbers_of(memory, like)
    pointers = rest_of(s, AT.pointers)
    batches = -(-total // batch)
    for step in range(c[OF.first], c[OF.last]):
        epoch, place = step // batches, step % batches * batch
        samples = min(batch, total - place)
        s[AT.order] = orders + 8 * (epoch * total + place) if orders else 0
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


@kept
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


@kept
def shuffle(rows: Any, last: int, words: Any) -> int:
    """Go on with a shuffle as Python's `random.shuffle` does it, by 32-bit words of its generator.

    What is above `last` is shuffled; gives the new `last`, which is 0 in the end, and more if the words did not suffice.
    """
    used = 0
    while last > 0:
        shift = 32
        while last + 1 >> 32 - shift:
            shift -= 1
        other = last + 1
        while other > last:
            if used == len(words):
                return last
            other = words[used] >> shift
            used += 1
        rows[last], rows[other] = rows[other], rows[last]
        last -= 1
    return 0
