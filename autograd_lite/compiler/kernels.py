"""The instructions of the native backend, each a small machine-code function that numba compiles once and keeps on disk.

A kernel is called with three pointers: to the memory of numbers, to its own parameters (integers, mostly offsets into that
memory) and to the state of the run. It returns nonzero when it met what Python would refuse (a division by zero, a result
out of range). What computes a primitive comes from the table: its own `compute`, translated.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from llvmlite import ir  # type: ignore[import-untyped]
from numba import cfunc, njit, types
from numba.core import cgutils
from numba.extending import get_cython_function_address, intrinsic

from autograd_lite.compiler.translate import kept_on_disk, translated
from autograd_lite.ops import OWN, TABLE
from autograd_lite.primitive import Primitive

# The state of a run, an array of integers
(
    START, LANES, ORDER, SAMPLES, BLOCK, KERNELS, PARAMETERS, BEFORE, INSIDE, AFTER, MEMORY, GIVEN, RESULTS, POINTERS,
) = range(14)  # fmt: skip
LANE_MEAN = 0  # the place in memory of 1 / number of samples

DIVIDE, POWER = TABLE["truediv"].primitive, TABLE["pow"].primitive
MESSAGE = (
    "the native backend cannot compile the primitive {!r}: {}. Write its function with numbers and `math` alone, "
    "or use backend='python'"
)


# Calls through pointers: they are known only when a program runs, so the compiled code that uses them can be kept on disk


@intrinsic  # type: ignore[untyped-decorator]
def call_kernel(typing: Any, address: Any, memory: Any, parameters: Any, state: Any) -> Any:
    """Call the kernel at an address."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        word = ir.IntType(64)
        kernel = builder.inttoptr(arguments[0], ir.FunctionType(word, [word] * 3).as_pointer())
        return builder.call(kernel, arguments[1:])

    return types.int64(types.int64, types.int64, types.int64, types.int64), generate


@intrinsic  # type: ignore[untyped-decorator]
def integers(typing: Any, address: Any) -> Any:
    """The array of integers at an address."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.inttoptr(arguments[0], ir.IntType(64).as_pointer())

    return types.CPointer(types.int64)(types.int64), generate


@intrinsic  # type: ignore[untyped-decorator]
def doubles(typing: Any, address: Any) -> Any:
    """The array of double-precision numbers at an address."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.inttoptr(arguments[0], ir.DoubleType().as_pointer())

    return types.CPointer(types.float64)(types.int64), generate


@intrinsic  # type: ignore[untyped-decorator]
def floats_at(typing: Any, address: Any, like: Any) -> Any:
    """The array of floats, of the type of `like`, at an address."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.inttoptr(arguments[0], context.get_value_type(like))

    return like(types.int64, like), generate


@intrinsic  # type: ignore[untyped-decorator]
def multiply_matrices(
    typing: Any, gemm: Any, turn_a: Any, turn_b: Any, m: Any, n: Any, k: Any, alpha: Any, memory: Any,
    a: Any, lda: Any, b: Any, ldb: Any, beta: Any, c: Any, ldc: Any,
) -> Any:  # fmt: skip
    """BLAS's C ← alpha·A·B + beta·C on columns, each matrix at an offset of the memory."""

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

        def matrix(offset: Any) -> Any:
            return builder.gep(memory, [offset])

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


# The run itself


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def run(memory: int, state: int) -> int:
    """Run a program over all samples, block by block; -1, or the first sample of a block that Python would refuse."""
    s = integers(state)
    kernels, parameters = integers(s[KERNELS]), integers(s[PARAMETERS])
    inside, after = s[BEFORE] + s[INSIDE], s[BEFORE] + s[INSIDE] + s[AFTER]
    refused = -1
    for i in range(s[BEFORE]):
        if call_kernel(kernels[i], memory, parameters[i], state):
            refused = 0
    for start in range(0, s[SAMPLES], s[BLOCK]):
        s[START] = start
        s[LANES] = min(s[BLOCK], s[SAMPLES] - start)
        bad = 0
        for i in range(s[BEFORE], inside):
            bad |= call_kernel(kernels[i], memory, parameters[i], state)
        if bad and refused < 0:
            refused = start
    for i in range(inside, after):
        call_kernel(kernels[i], memory, parameters[i], state)
    return refused


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def run_vector(state: int, values: int, vector: Any, out: Any) -> int:
    """`run` from an array of arguments to one of results: `values` of these, then derivatives, sums from 0 and never -0.0."""
    s = integers(state)
    numbers = doubles(s[MEMORY])
    for i in range(vector.size):
        numbers[s[GIVEN] + i] = vector[i]
    refused = run(s[MEMORY], state)
    for i in range(out.size):
        out[i] = numbers[s[RESULTS] + i] if i < values else 0.0 + numbers[s[RESULTS] + i]
    return refused


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def train(
    memory: int,
    state: int,
    first: int,
    last: int,
    batch: int,
    total: int,
    rates: int,
    rate: int,
    steps: int,
    pointer: int,
    width: int,
    trusted: int,
) -> int:
    """Run a program that ends in an update once for each batch from `first` to `last`; gives where it had to stop.

    It stops after a step with a loss that is not finite, or in which Python would refuse something (but for step `trusted`).
    """
    s, numbers, rate_of = integers(state), doubles(memory), doubles(rates)
    order = s[ORDER]
    for step in range(first, last):
        samples = min(batch, total - step * batch)
        s[ORDER] = order + 8 * step * batch
        s[SAMPLES] = samples
        numbers[LANE_MEAN] = 1 / samples
        numbers[rate] = rate_of[step - first]
        numbers[steps] += 1
        refused = run(memory, state)
        s[ORDER] = order
        losses = doubles(s[pointer])
        for sample in range(samples):
            if not math.isfinite(losses[sample]):
                return step
        if refused >= 0 and step != trusted:
            return step
        s[pointer] += 8 * width * samples
    return last


# Kernels that every program may need. `p` are the parameters, `s` the state.


def load(memory: Any, p: Any, s: Any) -> int:
    """The rows of a batched argument, one per sample, as one row per number; the last sample is repeated to fill the block."""
    pointer, count, out, block = p[0], p[1], p[2], p[3]
    source, last = floats_at(s[pointer], memory), s[LANES] - 1
    if block == 1:
        first = (integers(s[ORDER])[s[START]] if s[ORDER] else s[START]) * count
        for k in range(count):
            memory[out + k] = source[first + k]
    elif s[ORDER]:
        order = integers(s[ORDER])
        for lane in range(block):
            first = order[s[START] + min(lane, last)] * count
            for k in range(count):
                memory[out + k * block + lane] = source[first + k]
    else:
        for k in range(count):
            for lane in range(block):
                memory[out + k * block + lane] = source[(s[START] + min(lane, last)) * count + k]
    return 0


def store(memory: Any, p: Any, s: Any) -> int:
    """One result for each sample."""
    pointer, row, source, step = p[0], p[1], p[2], p[3]
    out = floats_at(s[pointer], memory)
    for lane in range(s[LANES]):
        out[row * s[SAMPLES] + s[START] + lane] = memory[source + lane * step]
    return 0


def gather(memory: Any, p: Any, s: Any) -> int:
    """Rows from anywhere, side by side."""
    out, count, block = p[0], p[1], p[2]
    for k in range(count):
        source, step = p[3 + 2 * k], p[4 + 2 * k]
        for lane in range(block):
            memory[out + k * block + lane] = memory[source + lane * step]
    return 0


def copy(memory: Any, p: Any, s: Any) -> int:
    """Numbers at one regular distance to another."""
    out, out_step, source, step, count = p[0], p[1], p[2], p[3], p[4]
    if out_step == 1 and step == 1:
        for k in range(count):
            memory[out + k] = memory[source + k]
    else:
        for k in range(count):
            memory[out + k * out_step] = memory[source + k * step]
    return 0


def accumulate(memory: Any, p: Any, s: Any) -> int:
    """Results plus numbers at regular distances."""
    out, out_step, source, step, count = p[0], p[1], p[2], p[3], p[4]
    for k in range(count):
        memory[out + k * out_step] += memory[source + k * step]
    return 0


def matrix_product(memory: Any, p: Any, s: Any) -> int:
    """All neurons of a layer: a matrix times a vector (with lanes, a matrix of vectors), plus an offset for each row."""
    out, rows, columns, lanes, matrix, row_step, column_step = p[0], p[1], p[2], p[3], p[4], p[5], p[6]
    vector, vector_step, offset, offset_step, offset_lane, gemm = p[7], p[8], p[9], p[10], p[11], p[12]
    for j in range(rows):
        for lane in range(lanes):
            memory[out + j * lanes + lane] = memory[offset + j * offset_step + lane * offset_lane] if offset >= 0 else 0.0
    if lanes > 1:
        turned = 0 if column_step == 1 else 1
        step = row_step if column_step == 1 else column_step
        multiply_matrices(
            gemm, 0, turned, lanes, rows, columns, 1.0, memory, vector, vector_step, matrix, step, 1.0, out, lanes
        )
    elif column_step == 1 and vector_step == 1:
        for j in range(rows):
            total = memory[out + j]
            first = matrix + j * row_step
            for k in range(columns):
                total += memory[first + k] * memory[vector + k]
            memory[out + j] = total
    elif column_step == 1 or rows == 1:
        for j in range(rows):
            total = memory[out + j]
            first = matrix + j * row_step
            for k in range(columns):
                total += memory[first + k * column_step] * memory[vector + k * vector_step]
            memory[out + j] = total
    else:
        for k in range(columns):
            factor = memory[vector + k * vector_step]
            first = matrix + k * column_step
            for j in range(rows):
                memory[out + j] += memory[first + j * row_step] * factor
    return 0


def lane_products(memory: Any, p: Any, s: Any) -> int:
    """A dot product of two vectors that both differ from sample to sample, or of two that do not: then the offset does."""
    out, count, lanes, a, a_step, a_lane, b, b_step, b_lane, offset, offset_lane = (
        p[0], p[1], p[2], p[3], p[4], p[5], p[6], p[7], p[8], p[9], p[10],
    )  # fmt: skip
    for lane in range(lanes):
        memory[out + lane] = memory[offset + lane * offset_lane] if offset >= 0 else 0.0
    for k in range(count):
        x, y = a + k * a_step, b + k * b_step
        for lane in range(lanes):
            memory[out + lane] += memory[x + lane * a_lane] * memory[y + lane * b_lane]
    return 0


def lane_sum(memory: Any, p: Any, s: Any) -> int:
    """A sum of many operands."""
    out, count, lanes, a, a_step, a_lane = p[0], p[1], p[2], p[3], p[4], p[5]
    if lanes == 1:
        total = 0.0
        for k in range(count):
            total += memory[a + k * a_step]
        memory[out] = total
        return 0
    for lane in range(lanes):
        memory[out + lane] = 0.0
    for k in range(count):
        first = a + k * a_step
        for lane in range(lanes):
            memory[out + lane] += memory[first + lane * a_lane]
    return 0


def mean_rows(memory: Any, p: Any, s: Any) -> int:
    """The mean over the samples of each of some rows; `more`: added to what is there."""
    out, out_step, count, a, a_step, more = p[0], p[1], p[2], p[3], p[4], p[5]
    keep = more or s[START] > 0
    for k in range(count):
        total = 0.0
        for lane in range(s[LANES]):
            total += memory[a + k * a_step + lane]
        total *= memory[LANE_MEAN]
        memory[out + k * out_step] = memory[out + k * out_step] + total if keep else total
    return 0


def mean_products(memory: Any, p: Any, s: Any) -> int:
    """The means over the samples of all products of some rows with others: the gradient of a layer's weights."""
    out, row_step, column_step, rows, columns, a, a_step, a_lane, b, b_row, b_step, b_lane, more, gemm = (
        p[0], p[1], p[2], p[3], p[4], p[5], p[6], p[7], p[8], p[9], p[10], p[11], p[12], p[13],
    )  # fmt: skip
    keep = more or s[START] > 0
    lanes = s[LANES]
    if lanes == 1 and column_step == 1 and b_step == 1 and not keep:
        for j in range(rows):
            factor = memory[a + j * a_step] * memory[LANE_MEAN]
            first, second = out + j * row_step, b + j * b_row
            for k in range(columns):
                memory[first + k] = factor * memory[second + k]
    elif gemm and lanes > 1:
        multiply_matrices(
            gemm,
            1,
            0,
            columns,
            rows,
            lanes,
            memory[LANE_MEAN],
            memory,
            b,
            b_step,
            a,
            a_step,
            1.0 if keep else 0.0,
            out,
            row_step,
        )
    else:
        for j in range(rows):
            for k in range(columns):
                total = 0.0
                for lane in range(lanes):
                    total += memory[a + j * a_step + lane * a_lane] * memory[b + j * b_row + k * b_step + lane * b_lane]
                place = out + j * row_step + k * column_step
                total *= memory[LANE_MEAN]
                memory[place] = memory[place] + total if keep else total
    return 0


def clip_norm(memory: Any, p: Any, s: Any) -> int:
    """Scale numbers down so that their Euclidean norm is at most a given one."""
    first, count, largest = p[0], p[1], memory[p[2]]
    top = 0.0
    for k in range(count):
        top = max(top, abs(memory[first + k]))
    total = 0.0
    if top > 0:
        for k in range(count):
            total += (memory[first + k] / top) ** 2
    scale = largest / (top * math.sqrt(total) + 1e-6)
    if scale < 1:
        for k in range(count):
            memory[first + k] *= scale
    return 0


# Compiling kernels


POINTER_TYPES = {"float64": types.CPointer(types.float64), "float32": types.CPointer(types.float32)}
REASSOCIATE = {"reassoc", "contract", "nsz"}  # sums may be reordered; NaN and infinity keep their meaning


class Kernels:
    """The kernels of one number type: their addresses, compiled or loaded when first asked for."""

    def __init__(self, dtype: str) -> None:
        floats = POINTER_TYPES[dtype]
        words = types.CPointer(types.int64)
        self.dtype = dtype
        self.signature = types.int64(floats, words, words)
        self._compiled: dict[Any, Any] = {}

    def fixed(self, function: Callable[..., int]) -> int:
        """The address of one of this module's kernels."""
        if function not in self._compiled:
            compiled = cfunc(self.signature, cache=True, error_model="numpy", fastmath=REASSOCIATE)(function)
            self._compiled[function] = compiled
        return int(self._compiled[function].address)

    def update(self, source: str, name: str, namespace: dict[str, Any], changed: Sequence[bool]) -> int:
        """The address of a kernel that applies an update rule, given as source, to each of many numbers and their buffers.

        The rule is a function of `(number, gradient, rate, steps, *buffers)` that returns the new number and the new buffers.
        `changed` tells of each buffer whether the rule changes it.
        """
        known = (source, *namespace.items())
        if known in self._compiled:
            return int(self._compiled[known].address)
        scope = {key: translated(value) if callable(value) else value for key, value in namespace.items()}
        scope["__name__"] = __name__
        exec(compile(source, "<update>", "exec"), scope)
        rule = njit(error_model="numpy")(scope[name])
        places = [f"b{i}" for i in range(len(changed))]
        given = "".join(f", memory[{place} + i]" for place in places)
        lines = [
            "def kernel(memory, p, s):",
            "    numbers, gradients, count, rate, steps = p[0], p[1], p[2], memory[p[3]], memory[p[4]]",
        ]
        lines += [f"    {place} = p[{5 + i}]" for i, place in enumerate(places)]
        lines += [
            "    for i in range(count):",
            f"        new = compute(memory[numbers + i], memory[gradients + i], rate, steps{given})",
        ]
        lines += ["        memory[numbers + i] = new[0]"]
        lines += [f"        memory[{place} + i] = new[{i + 1}]" for i, place in enumerate(places) if changed[i]]
        kernel = kept_on_disk("update", "\n".join([*lines, "    return 0", f"# {source!r}", ""]), rule)
        return self.keep(known, kernel)

    def keep(self, key: Any, kernel: Callable[..., int]) -> int:
        """Compile a kernel, and keep it from being freed."""
        self._compiled[key] = cfunc(self.signature, cache=True, error_model="numpy")(kernel)
        return int(self._compiled[key].address)

    def primitive(self, primitive: Primitive, shape: tuple[str, ...]) -> int:
        """The address of the kernel of a primitive, for operands of this shape: `"x"`, or `"*"` for a bundle."""
        key = (primitive, shape)
        if key not in self._compiled:
            try:
                compute = translated(primitive.compute, strict=primitive not in OWN)
                text = many_text(primitive, shape) if "*" in shape else map_text(primitive, len(shape))
                kernel = kept_on_disk(primitive.name, text, compute)
                self.keep(key, kernel)
            except Exception as error:  # numba meets what it does not know with errors of many kinds
                lines = [line for line in str(error).splitlines() if line and not line.startswith("Failed in")]
                raise TypeError(MESSAGE.format(primitive.name, lines[0].rstrip(".") if lines else repr(error))) from error
        return int(self._compiled[key].address)


def map_text(primitive: Primitive, arity: int) -> str:
    """The source of a kernel that applies a primitive to rows, and within a row to lanes, at regular distances."""
    names = [f"x{i}" for i in range(arity)]
    lines = [*guard(primitive, arity), "def kernel(memory, p, s):", "    out, rows, lanes = p[0], p[1], p[2]", "    bad = 0"]
    for i in range(arity):
        lines.append(f"    a{i}, r{i}, l{i} = p[{3 + 3 * i}], p[{4 + 3 * i}], p[{5 + 3 * i}]")

    def loop(condition: str, steps: list[str]) -> list[str]:
        loads = [f"            x{i} = memory[a{i} + row * r{i}{f' + {step}' if step else ''}]" for i, step in enumerate(steps)]
        return [
            f"    {condition}:",
            "      for row in range(rows):",
            "        first = out + row * lanes",
            "        for lane in range(lanes):",
            *loads,
            *[f"            {line}" for line in computation(primitive, names)],
            "            memory[first + lane] = y",
            *[f"            {line}" for line in check(primitive, names)],
        ]

    dense = " and ".join(f"l{i} == 1" for i in range(arity))
    lines += loop(f"if {dense}", ["lane"] * arity)
    if arity == 2:
        lines += loop("elif l0 == 1 and l1 == 0", ["lane", ""])
        lines += loop("elif l0 == 0 and l1 == 1", ["", "lane"])
    lines += loop("else", [f"lane * l{i}" for i in range(arity)])
    return "\n".join([*lines, "    return bad", ""])


def many_text(primitive: Primitive, shape: tuple[str, ...]) -> str:
    """The source of a kernel for a primitive of many operands: lane by lane, its bundles as arrays."""
    lines = [*guard(primitive, len(shape)), "def kernel(memory, p, s):", "    out, lanes = p[0], p[1]", "    bad = 0"]
    names = [f"x{i}" for i in range(len(shape))]
    at = 2
    for i, kind in enumerate(shape):
        lines.append(f"    a{i}, l{i} = p[{at}], p[{at + 1}]")
        at += 2
        if kind == "*":
            lines += [f"    n{i}, k{i} = p[{at}], p[{at + 1}]", f"    x{i} = numpy.empty(n{i})"]
            at += 2
    lines.append("    for lane in range(lanes):")
    for i, kind in enumerate(shape):
        if kind == "*":
            lines += [f"        for k in range(n{i}):", f"            x{i}[k] = memory[a{i} + k * k{i} + lane * l{i}]"]
        else:
            lines.append(f"        x{i} = memory[a{i} + lane * l{i}]")
    lines += [*[f"        {line}" for line in computation(primitive, names)], "        memory[out + lane] = y"]
    if not primitive.total:
        lines += ["        if not math.isfinite(y):", "            bad = 1"]
    return "\n".join([*lines, "    return bad", ""])


def computation(primitive: Primitive, names: list[str]) -> list[str]:
    """The lines that compute one result; a function of the user's may raise, and then Python is to say what."""
    call = f"y = compute({', '.join(names)})"
    if primitive is POWER:  # squares are the common powers, and by far cheaper as products
        call = "y = x0 * x0 if x1 == 2 else compute(x0, x1)"
    return [call if primitive in OWN else call.replace("compute", "guarded")]


def guard(primitive: Primitive, arity: int) -> list[str]:
    """The lines that define `guarded`, for a function of the user's: NaN instead of an exception. It is a function of its own,
    since from Python 3.12 on numba catches only the first exception of a loop."""
    if primitive in OWN:
        return []
    names = ", ".join(f"x{i}" for i in range(arity))
    lines = [f"def guarded({names}):", "    try:", f"        return compute({names})"]
    return ['@numba.njit(error_model="numpy")', *lines, "    except Exception:", "        return math.nan", ""]


def check(primitive: Primitive, names: list[str]) -> list[str]:
    """The lines that find what Python would refuse: it may find too much, since Python then decides, but never too little."""
    if primitive.total:
        return []
    if primitive is DIVIDE:
        return ["if x1 == 0:", "    bad = 1"]
    if primitive not in OWN:
        return ["if not math.isfinite(y):", "    bad = 1"]
    nan = " or ".join(f"math.isnan({name})" for name in names)
    finite = " and ".join(f"math.isfinite({name})" for name in names)
    return [f"if (math.isnan(y) and not ({nan})) or (math.isinf(y) and {finite}):", "    bad = 1"]
