"""The native backend: a tape as a program of kernels that run over lanes of samples.

All instructions of one kind that do not wait for each other become one kernel call over rows side by side; all neurons that
share their inputs become one matrix product, and so do the gradients of their weights. What is the same for all samples is
computed once.
"""

from __future__ import annotations

import os
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from operator import add
from typing import Any

import numpy as np

from autograd_lite.compiler import kernels as k
from autograd_lite.compiler.plan import DOT, SUM, Plan, even_block
from autograd_lite.compiler.python import PythonProgram
from autograd_lite.compiler.tape import Argument, Tape
from autograd_lite.primitive import Primitive

NOWHERE = (-1,) * 3  # the run of numbers that are not there

_kernels: dict[str, k.Kernels] = {}


@cache
def workers(count: int) -> ThreadPoolExecutor:
    """At most so many threads; the machine code that they run does not hold Python's lock."""
    return ThreadPoolExecutor(count, "autograd_lite")


if hasattr(os, "register_at_fork"):  # threads do not live on in a forked process
    os.register_at_fork(after_in_child=workers.cache_clear)


class NativeProgram:
    """A tape as machine code.

    Arguments:
        tape: what it computes.
        arguments: where the inputs come from.
        reduced: for each output whether it is averaged over the batch.
        dtype: the type of number.
        python: makes the same program in Python, which knows what is an error.
        threads: how many share the samples of a batch.
    """

    def __init__(
        self,
        tape: Tape,
        arguments: Sequence[Argument],
        reduced: Sequence[bool],
        dtype: str,
        python: Callable[[], PythonProgram],
        threads: int,
    ) -> None:
        self.threads = threads
        self.dtype = np.dtype(dtype)
        self.arguments = list(arguments)
        self.plan = Plan(tape, arguments, reduced)
        self.python = python
        self.largest_block = self.plan.largest_block(self.dtype.itemsize)
        self.by_samples: dict[int, Code] = {}
        if not self.plan.batched:
            self.only = self.code(self.largest_block)

    def code(self, samples: int) -> Code:
        """The program for batches of this size; sizes that need blocks of about the same size share one."""
        code = self.by_samples.get(samples)
        if code is None:
            block = even_block(samples, self.largest_block)
            fits = [code for code in self.by_samples.values() if block <= code.block <= 2 * block]
            code = self.by_samples[samples] = fits[0] if fits else Code(self.plan, block, self.dtype)
        return code

    def run(self, arguments: Sequence[Any]) -> Any:
        """The outputs: an array; or a list, if some are not averaged over the batch, with an array for each of those."""
        if not self.plan.batched:
            code = self.only
            buffer = code.borrow()
            refused = buffer.run(arguments)
            results = buffer.results.copy()
            code.give_back(buffer)
            if refused >= 0:
                self._ask_python(arguments, refused)
            return results
        rows = [np.ascontiguousarray(a, self.dtype) for a, spec in zip(arguments, self.arguments, strict=True) if spec.batched]
        shared = [a for a, spec in zip(arguments, self.arguments, strict=True) if not spec.batched]
        samples, *_ = map(len, rows)
        chunks = min(self.threads, samples)
        if chunks == 1:
            code = self.code(samples)
            averaged, per_sample, refused = run_lanes(code, rows, shared, samples, 0)
        else:
            code, averaged, per_sample, refused = self._share_out(rows, shared, samples, chunks)
        if refused >= 0:
            self._ask_python(arguments, refused)
        if not code.per_sample:
            return averaged
        one, many = iter(averaged.tolist()), iter(per_sample)
        return [next(one) if is_averaged else next(many) for is_averaged in self.plan.reduced]

    def on_vector(self, shape: tuple[int], values: int, answer: Callable[[Any], Any]) -> Callable[[tuple[Any, ...]], Any]:
        """For a program that takes one vector: a function from the arguments of a call to the answer, with as little as can be
        between the call and the machine code; it gives None if the arguments are something else.

        Arguments:
            shape: of the vector.
            values: so many results are no derivatives.
            answer: makes it of the results.
        """
        code, free, count = self.only, self.only.free, self.only.averaged
        array, float64, empty, run = np.ndarray, np.dtype("float64"), np.empty, k.run_vector

        def call(arguments: tuple[Any, ...]) -> Any:
            if len(arguments) != 1:
                return None
            vector = arguments[0]
            if type(vector) is not array or vector.dtype is not float64 or vector.shape != shape or not vector.flags.carray:
                return None
            try:  # `borrow` and `give_back`, without the calls: a twentieth of the time
                buffer = free.pop()
            except IndexError:
                buffer = code.borrow()
            results = empty(count)
            refused = run(buffer.state_address, values, vector, results)
            free.append(buffer)
            if refused >= 0:
                self._ask_python(arguments, refused)
            return answer(results)

        return call

    def _share_out(self, rows: list[Any], shared: list[Any], samples: int, chunks: int) -> tuple[Code, Any, Any, int]:
        """Let each of so many threads run over a stretch of the samples, the first one here."""
        stretches = [slice(samples * chunk // chunks, samples * (chunk + 1) // chunks) for chunk in range(chunks)]
        runs = [
            (self.code(stretch.stop - stretch.start), [row[stretch] for row in rows], shared, samples, stretch.start)
            for stretch in stretches
        ]
        others = [workers(self.threads).submit(run_lanes, *run) for run in runs[1:]]
        averaged, per_sample, refused = run_lanes(*runs[0])
        for other in others:  # in the order of the samples, so that sums come out the same in every run
            more, columns, first = other.result()
            with np.errstate(all="ignore"):  # infinity less infinity is NaN, as within one thread
                averaged += more
            per_sample = np.concatenate([per_sample, columns], 1)
            refused = first if refused < 0 else refused
        return runs[0][0], averaged, per_sample, refused

    def _ask_python(self, arguments: Sequence[Any], first: int) -> None:
        """A kernel met what Python may refuse: let Python compute the samples from there on, and raise its error if it does."""
        rest = [a[first:] if spec.batched else a for a, spec in zip(arguments, self.arguments, strict=True)]
        self.python().run(rest)


def run_lanes(code: Code, rows: list[Any], shared: list[Any], total: int, start: int) -> tuple[Any, Any, int]:
    """Run over the samples that are the rows from `start` of `total`: their part of the means, the other results, and the
    first sample that Python would refuse, or -1."""
    samples, *_ = map(len, rows)
    per_sample = np.empty((code.per_sample, samples), code.dtype)
    buffer = code.borrow()
    buffer.point_at(*rows, per_sample)
    refused = buffer.run_lanes(shared, samples, total, not start)
    averaged = buffer.results.copy()
    code.give_back(buffer)
    return averaged, per_sample, refused + start if refused >= 0 else -1


class Code:
    """A plan laid out in memory for blocks of so many lanes: the kernels' addresses and parameters."""

    def __init__(self, plan: Plan, block: int, dtype: np.dtype[Any]) -> None:
        self.plan = plan
        self.block = block
        self.dtype = dtype
        name = dtype.name
        self.kernels = _kernels.setdefault(name, k.Kernels(name))
        self.gemm = k.gemm_address(name)
        self.place = [0] * len(plan.primitives)  # where each slot's numbers are
        self.size = 1  # place 0 holds 1 / samples
        self.programs: dict[str, list[tuple[int, list[int]]]] = {"before": [], "inside": [], "after": []}
        self.shared: list[tuple[int, int]] = []
        self.outside: list[tuple[int, Any]] = []
        self.free: list[Buffer] = []
        self._gathered: dict[Any, tuple[int, int, int]] = {}
        self._inputs()
        for groups in plan.groups:
            for (primitive, *_), slots in groups:
                if primitive is DOT:
                    self._dots(slots)
                elif primitive.variadic:
                    for slot in slots:
                        self._many(primitive, slot)
                else:
                    self._map(primitive, slots)
        self._outputs()
        self._finish()

    # Memory

    def allocate(self, count: int, varying: int) -> int:
        """Room for so many numbers, or, varying, rows of them."""
        start = self.size
        self.size += count * self.width(varying)
        return start

    def room(self, slot: int) -> int:
        """Room for the number of a slot, or its row."""
        self.place[slot] = start = self.allocate(1, self.step(slot))
        return start

    def width(self, varying: int) -> int:
        """How many numbers there are of something: one for each lane, or one for all."""
        return self.block if varying else 1

    def step(self, slot: int) -> int:
        """From one sample's number to the next: 0 if it is the same for all."""
        return self.plan.varying[slot]

    def emit(self, varying: int, kernel: int, parameters: list[int]) -> None:
        """Add an instruction."""
        self.programs["inside" if varying else "before"].append((kernel, parameters))

    def borrow(self) -> Buffer:
        """A memory of one's own, so that two threads can run at once."""
        try:
            return self.free.pop()
        except IndexError:
            return Buffer(self)

    def give_back(self, buffer: Buffer) -> None:
        """Keep a memory for the next run."""
        self.free.append(buffer)

    def _inputs(self) -> None:
        plan = self.plan
        pointer = k.POINTERS
        for argument in plan.arguments:
            count = argument.stop - argument.start
            start = self.allocate(count, argument.batched)
            width = self.width(argument.batched)
            self.place[argument.start : argument.stop] = range(start, start + count * width, width)
            if argument.batched:
                self.emit(True, self.kernels.fixed(k.load), [pointer, count, start, self.block])
                pointer += 1
            else:
                self.shared.append((start, start + count))
        self.pointers = pointer
        for slot in sorted(plan.tape.constants):
            self.room(slot)
        for slot, value in plan.tape.outside.items():
            self.outside.append((self.room(slot), value))

    # Runs: operands at regular distances

    def run_of(self, slots: Sequence[int]) -> tuple[int, int, int] | None:
        """Where these slots lie, as (first, distance, lane distance), if they lie at one distance."""
        lane, *others = {self.step(slot) for slot in slots}
        places = np.array([self.place[slot] for slot in slots], np.int64)
        step, *more = {*np.diff(places).tolist()} or {self.width(lane)}
        return None if others or more else (int(places[0]), step, lane)

    def vector(self, slots: tuple[int, ...]) -> tuple[int, int, int]:
        """The same for any slots: gathered into one place if they are scattered."""
        found = self.run_of(slots) if slots else None
        if found is not None and (not found[2] or found[1] >= self.block):
            return found
        if slots not in self._gathered:
            varying = int(any(self.step(slot) for slot in slots))
            start = self.allocate(len(slots), varying)
            width = self.width(varying)
            sources = [part for slot in slots for part in (self.place[slot], self.step(slot))]
            self.emit(varying, self.kernels.fixed(k.gather), [start, len(slots), width, *sources])
            self._gathered[slots] = (start, width, varying)
        return self._gathered[slots]

    # Instructions

    def _map(self, primitive: Primitive, slots: list[int]) -> None:
        plan = self.plan
        operands = plan.operands
        place = self.place
        varying = plan.varying[slots[0]]
        slots.sort(key=lambda slot: [place[o] for o in operands[slot]])
        width = self.width(varying)
        start = self.allocate(len(slots), varying)
        for index, slot in enumerate(slots):
            place[slot] = start + index * width
        lanes = [self.step(o) for o in operands[slots[0]]]
        kernel = self.kernels.primitive(primitive, ("x",) * len(lanes))
        for base, steps, count in progressions([tuple([place[o] for o in operands[slot]]) for slot in slots]):
            # Rows side by side are one long row, and so are numbers without lanes.
            one_row = not varying or all(s == width * lane for s, lane in zip(steps, lanes, strict=True))
            parameters = [start, *((1, count * width) if one_row else (count, width))]
            for place_and_steps in zip(base, steps, lanes if varying else steps, strict=True):
                parameters += place_and_steps
            self.emit(varying, kernel, parameters)
            start += count * width

    def _sum(self, slot: int, slots: tuple[int, ...]) -> None:
        varying = self.plan.varying[slot]
        out = self.room(slot)
        lanes = self.width(varying)
        self.emit(varying, self.kernels.fixed(k.lane_sum), [out, len(slots), lanes, *self.vector(slots)])

    def _many(self, primitive: Primitive, slot: int) -> None:
        operands = self.plan.operands[slot]
        if primitive is SUM:
            self._sum(slot, self.plan.bundles[~operands[0]])
            return
        varying = self.plan.varying[slot]
        lanes = self.width(varying)
        out = self.room(slot)
        parameters = [out, lanes]
        for operand in operands:
            if operand < 0:
                slots = self.plan.bundles[~operand]
                start, step, lane = self.vector(slots)
                parameters += [start, lane, len(slots), step]
            else:
                parameters += [self.place[operand], self.step(operand)]
        shape = tuple(["*" if operand < 0 else "x" for operand in operands])
        self.emit(varying, self.kernels.primitive(primitive, shape), parameters)

    def _dots(self, slots: list[int]) -> None:
        """Dot products of one level: those that share a vector become a matrix product."""
        plan = self.plan
        varying = plan.varying[slots[0]]
        rows: dict[int, list[tuple[int, int]]] = defaultdict(list)  # by the vector: the slots and the bundles of their weights
        right_uses = Counter(plan.operands[slot][1] for slot in slots)
        for slot in slots:
            weights, vector, *offset = plan.operands[slot]
            if not plan.bundles[~vector]:
                self._sum(slot, tuple(offset))
                continue
            if varying:
                changing = [any(self.step(s) for s in plan.bundles[~bundle]) for bundle in (weights, vector)]
                if changing[0] == changing[1]:  # if neither changes, the offset does
                    self._lane_products(slot)
                    continue
                if changing[0]:
                    weights, vector = vector, weights
            elif right_uses[vector] == 1:
                weights, vector = vector, weights
            rows[vector].append((slot, weights))
        for vector, members in rows.items():
            self._matrix(varying, vector, members)

    def _offset(self, slots: Sequence[int]) -> tuple[int, int, int]:
        offsets = tuple([offset for slot in slots for offset in self.plan.operands[slot][2:]])
        return self.vector(offsets) if offsets else NOWHERE

    def _lane_products(self, slot: int) -> None:
        left, right = (self.vector(self.plan.bundles[~bundle]) for bundle in self.plan.operands[slot][:2])
        count = len(self.plan.bundles[~self.plan.operands[slot][0]])
        offset, _, offset_lane = self._offset([slot])
        out = self.room(slot)
        self.emit(True, self.kernels.fixed(k.lane_products), [out, count, self.block, *left, *right, offset, offset_lane])

    def _matrix(self, varying: int, vector: int, members: list[tuple[int, int]]) -> None:
        plan = self.plan
        rows_of = [([*map(self.place.__getitem__, plan.bundles[~weights])], slot) for slot, weights in members]
        places, slots = zip(*sorted(rows_of), strict=True)
        matrix = np.array(places, np.int64)
        rows, columns = matrix.shape
        row_step = int(matrix[1, 0] - matrix[0, 0]) if rows > 1 else columns
        column_step = int(matrix[0, 1] - matrix[0, 0]) if columns > 1 else 1
        regular = matrix[0, 0] + row_step * np.arange(rows)[:, None] + column_step * np.arange(columns)
        fits = (column_step == 1 and row_step >= columns) or (row_step == 1 and column_step >= rows)
        if (matrix != regular).any() or not fits:
            start = self.allocate(rows * columns, False)
            sources = np.stack([matrix.ravel(), np.zeros(matrix.size, np.int64)], 1).ravel().tolist()
            self.emit(False, self.kernels.fixed(k.gather), [start, rows * columns, 1, *sources])
            row_step, column_step = columns, 1
        else:
            start = int(matrix[0, 0])
        at, step, _ = self.vector(plan.bundles[~vector])
        offset = self._offset(slots)
        lanes = self.width(varying)
        out = self.allocate(rows, varying)
        for index, slot in enumerate(slots):
            self.place[slot] = out + index * lanes
        parameters = [out, rows, columns, lanes, start, row_step, column_step, at, step, *offset, self.gemm]
        self.emit(varying, self.kernels.fixed(k.matrix_product), parameters)

    # Results

    def _outputs(self) -> None:
        plan = self.plan
        self.averaged = sum(plan.reduced)
        self.per_sample = len(plan.reduced) - self.averaged
        self.results = self.allocate(self.averaged, False)
        if not plan.batched:
            self._copies([(self.results + i, self.place[slot]) for i, slot in enumerate(plan.tape.outputs)], "before", k.copy)
            return
        position, row = self.results, 0
        means: dict[int, list[tuple[int, int]]] = defaultdict(list)  # by a term's index: places of results and slots
        shared: dict[int, list[tuple[int, int]]] = defaultdict(list)
        alone: list[tuple[int, int]] = []
        for slot, terms in zip(plan.tape.outputs, plan.sums, strict=True):
            if terms is None:
                self.emit(True, self.kernels.fixed(k.store), [self.pointers, row, self.place[slot], self.step(slot)])
                row += 1
                continue
            for index, term in enumerate(terms.varying):
                means[index].append((position, term))
            for index, term in enumerate(terms.shared):
                (shared[index] if terms.varying else alone).append((position, self.place[term]))
            position += 1
        for index, pairs in means.items():
            self._means(pairs, int(bool(index)))
        self._copies(alone, "after", k.copy)
        for pairs in shared.values():
            self._copies(pairs, "after", k.accumulate)

    def _copies(self, pairs: list[tuple[int, int]], program: str, kernel: Callable[..., int]) -> None:
        """Copies (or additions) of numbers from place to place, in runs."""
        for (out, source), (out_step, step), count in progressions(pairs):
            self.programs[program].append((self.kernels.fixed(kernel), [out, out_step, source, step, count]))

    def _means(self, terms: list[tuple[int, int]], more: int) -> None:
        """Means over the samples, in runs, and of products in matrices."""
        products = self.plan.products
        plain = [(out, self.place[slot]) for out, slot in terms if slot not in products]
        for (out, source), (out_step, step), count in progressions(plain):
            self.emit(True, self.kernels.fixed(k.mean_rows), [out, out_step, count, source, step, more])
        by_lanes: dict[tuple[int, int], dict[int, list[tuple[int, int]]]] = defaultdict(lambda: defaultdict(list))
        for out, slot in terms:
            if slot in products:
                a, b = products[slot]
                by_lanes[self.step(a), self.step(b)][self.place[a]].append((out, self.place[b]))
        for (lane, other_lane), rows in by_lanes.items():
            self._mean_products(lane, other_lane, rows, more)

    def _mean_products(self, lane: int, other_lane: int, rows: dict[int, list[tuple[int, int]]], more: int) -> None:
        """Means of products: `rows` are for each first factor its results and second factors."""
        runs: dict[Any, list[tuple[int, int, int]]] = defaultdict(list)
        for a, pairs in rows.items():
            for (out, b), step, columns in progressions(pairs):
                runs[step, columns].append((out, a, b))
        for ((column_step, b_step), columns), starts in runs.items():
            for (out, a, b), (row_step, a_step, b_row), count in progressions(sorted(starts)):
                if not row_step:  # there is no next row; a matrix has a distance all the same
                    row_step, a_step = columns, self.block
                dense = lane and other_lane and column_step == 1 and not b_row and min(a_step, b_step) >= self.block
                rows_and_columns = [out, row_step, column_step, count, columns]
                factors = [a, a_step, lane, b, b_row, b_step, other_lane]
                gemm = self.gemm if dense else 0
                self.emit(True, self.kernels.fixed(k.mean_products), [*rows_and_columns, *factors, more, gemm])

    def _finish(self) -> None:
        programs = [instruction for part in ("before", "inside", "after") for instruction in self.programs[part]]
        self.counts = [len(self.programs[part]) for part in ("before", "inside", "after")]
        self.addresses = np.array([kernel for kernel, _ in programs], np.int64)
        self.parameters = np.array([number for _, numbers in programs for number in numbers], np.int64)
        starts = np.cumsum([0, *[len(numbers) for _, numbers in programs]])[:-1]
        self.rows = self.parameters.ctypes.data + 8 * np.asarray(starts, np.int64)
        del self.programs, self._gathered
        self.template = np.zeros(self.size, self.dtype)
        for slot, number in self.plan.tape.constants.items():
            self.template[self.place[slot]] = number


class Buffer:
    """The memory and the state of one run of a program."""

    def __init__(self, code: Code) -> None:
        self.code = code
        self.memory = code.template.copy()
        self.shared = [self.memory[start:stop] for start, stop in code.shared]
        together = code.shared and not code.plan.batched and all(argument.is_number for argument in code.plan.arguments)
        starts, stops = [start for start, _ in code.shared], [stop for _, stop in code.shared]
        self.numbers = slice(min(starts), max(stops)) if together else None
        results = self.memory[code.results : code.results + code.averaged]
        self.results = results
        self.state = np.zeros(code.pointers + 1, np.int64)
        self.memory_address = self.memory.ctypes.data
        self.state_address = self.state.ctypes.data
        program = (code.block, code.addresses.ctypes.data, code.rows.ctypes.data, *code.counts)
        given = min(starts, default=code.results)  # where the one vector lies, if that is what is given
        self.state[k.BLOCK : k.POINTERS] = (*program, self.memory_address, given, code.results)
        self.lately: tuple[int, int, bool] | None = None  # what the latest run was of

    def point_at(self, *arrays: Any) -> None:
        """Take batched arguments from these arrays, and put results by sample into the last one."""
        self.state[k.POINTERS :] = [array.ctypes.data for array in arrays]

    def run(self, shared: Sequence[Any]) -> int:
        """Run; -1, or the first sample of a block in which Python would refuse something."""
        memory = self.memory
        if self.numbers:
            memory[self.numbers] = shared
        else:
            for place, numbers in zip(self.shared, shared, strict=True):
                place[:] = numbers
        for index, value in self.code.outside:
            memory[index] = value.data
        return int(k.run(self.memory_address, self.state_address))

    def run_lanes(self, shared: Sequence[Any], samples: int, total: int, first: bool) -> int:
        """Run over these of all `total` samples; see `run`.

        The results are their part of the mean; what is the same for all samples is added to the part of the `first` alone.
        """
        if (samples, total, first) != self.lately:
            self.lately = samples, total, first
            self.state[k.SAMPLES] = samples
            self.state[k.AFTER] = self.code.counts[2] if first else 0
            self.memory[k.LANE_MEAN] = 1 / total
        if not first:
            self.results[:] = 0
        return self.run(shared)


def progressions(items: Sequence[tuple[int, ...]]) -> list[tuple[tuple[int, ...], tuple[int, ...], int]]:
    """Cut a sequence of tuples into runs that advance by one step: (first, step, length) each."""
    runs = []
    first = 0
    while first < len(items):
        start = items[first]
        last = first + 1
        step: tuple[int, ...] = (0,) * len(start)
        if last < len(items):
            expected = items[last]
            step = tuple([b - a for a, b in zip(start, expected, strict=True)])
            while last < len(items) and items[last] == expected:
                expected = tuple(map(add, expected, step))
                last += 1
        runs.append((start, step, last - first))
        first = last
    return runs
