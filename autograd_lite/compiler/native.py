"""The native backend: a tape as a program of kernels that run over lanes of samples.

All instructions of one kind that do not wait for each other become one kernel call over rows side by side; all neurons that
share their inputs become one matrix product, and so do the gradients of their weights. What is the same for all samples is
computed once.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd_lite.compiler import kernels as k
from autograd_lite.compiler.source import PythonProgram
from autograd_lite.compiler.tape import Argument, Tape, split_outputs
from autograd_lite.ops import TABLE
from autograd_lite.value import Primitive

ADD, MUL, DOT, SUM = (TABLE[name].primitive for name in ("add", "mul", "dot", "sum"))
FUSED = 4  # so many products in a chain of sums become one dot product
BLOCK_BYTES = 1 << 20  # what the rows of a block may take, so that they stay in the cache
LARGEST_BLOCK = 256

_kernels: dict[str, k.Kernels] = {}


class NativeProgram:
    """A tape as machine code.

    Arguments:
        tape: what it computes.
        arguments: where the inputs come from.
        reduced: for each output whether it is averaged over the batch.
        dtype: the type of number.
        python: makes the same program in Python, which knows what is an error.
    """

    def __init__(
        self,
        tape: Tape,
        arguments: Sequence[Argument],
        reduced: Sequence[bool],
        dtype: str,
        python: Callable[[], PythonProgram],
    ) -> None:
        self.dtype = np.dtype(dtype)
        self.arguments = list(arguments)
        self.plan = Plan(tape, arguments, reduced)
        self.python = python
        self.batched = any(argument.batched for argument in arguments)
        self.largest_block = self.plan.largest_block(self.dtype.itemsize)
        self.by_samples: dict[int, Code] = {}

    def code(self, samples: int) -> Code:
        """The program for batches of this size; sizes that need blocks of about the same size share one."""
        code = self.by_samples.get(samples)
        if code is None:
            blocks = -(-samples // self.largest_block)
            block = -(-samples // blocks)
            fits = [code for code in self.by_samples.values() if block <= code.block <= 2 * block]
            code = self.by_samples[samples] = fits[0] if fits else Code(self.plan, block, self.dtype)
        return code

    def run(self, arguments: Sequence[Any]) -> Any:
        """The outputs: an array; or a list, if some are not averaged over the batch, with an array for each of those."""
        if not self.batched:
            code = self.by_samples.get(1) or self.code(1)
            buffer = code.borrow()
            refused = buffer.run(arguments, 1)
            results = buffer.results.copy()
            code.give_back(buffer)
            if refused >= 0:
                self._ask_python(arguments, refused)
            return results
        rows = [np.ascontiguousarray(a, self.dtype) for a, spec in zip(arguments, self.arguments, strict=True) if spec.batched]
        samples = len(rows[0])
        code = self.code(samples)
        per_sample = np.empty((code.per_sample, samples), self.dtype)
        buffer = code.borrow()
        buffer.point_at(*rows, per_sample)
        refused = buffer.run([a for a, spec in zip(arguments, self.arguments, strict=True) if not spec.batched], samples)
        averaged = buffer.results.copy()
        code.give_back(buffer)
        if refused >= 0:
            self._ask_python(arguments, refused)
        if not code.per_sample:
            return averaged
        one, many = iter(averaged.tolist()), iter(per_sample)
        return [next(one) if is_averaged else next(many) for is_averaged in self.plan.reduced]

    def _ask_python(self, arguments: Sequence[Any], first: int) -> None:
        """A kernel met what Python may refuse: let Python compute the samples from there on, and raise its error if it does."""
        rest = [a[first:] if spec.batched else a for a, spec in zip(arguments, self.arguments, strict=True)]
        self.python().run(rest)


class Plan:
    """What to compute in which order, before it is known how many samples a block holds.

    The instructions are grouped by level (an instruction's level is above those of its operands) and kind. A chain of sums of
    products is one dot product here, since the native backend may reorder sums.
    """

    def __init__(self, tape: Tape, arguments: Sequence[Argument], reduced: Sequence[bool]) -> None:
        self.tape = tape
        self.arguments = arguments
        self.reduced = list(reduced)
        self.batched = any(argument.batched for argument in arguments)
        self.primitives = list(tape.primitives)
        self.operands = list(tape.operands)
        self.bundles = list(tape.bundles)
        self.bundle_index = {bundle: index for index, bundle in enumerate(self.bundles)}
        self.varying = tape.varying(s for a in arguments if a.batched for s in range(a.start, a.stop))
        self.uses = tape.uses()
        if self.batched:
            self.sums, self.skipped = split_outputs(tape, self.varying, self.reduced)
        else:
            self.sums, self.skipped = [None] * len(tape.outputs), bytearray(len(tape.primitives))
        self.products = self._output_products()
        self.groups = self._levels()

    def largest_block(self, item: int) -> int:
        """How many lanes a block may have."""
        rows = sum(
            varying and not (skipped or inner)
            for varying, skipped, inner in zip(self.varying, self.skipped, self.inner, strict=False)
        )
        return max(8, min(LARGEST_BLOCK, BLOCK_BYTES // (item * max(rows, 1)))) if self.batched else 1

    def _output_products(self) -> dict[int, tuple[int, int]]:
        """The products that are needed only for their means over the batch, by slot: they are not computed one by one."""
        products = {}
        for terms in self.sums:
            for slot in terms.varying if terms else ():
                if self.primitives[slot] is MUL and self.uses[slot] == 1:
                    left, right = self.operands[slot]
                    products[slot] = (left, right)
                    self.skipped[slot] = 1
        return products

    def _levels(self) -> list[list[tuple[Any, list[int]]]]:
        """For each level the groups of instructions, as pairs of a kind and slots."""
        level = [0] * len(self.primitives)
        bundle_level: dict[int, int] = {}
        inner = self.inner = self._inner_additions()
        groups: list[dict[Any, list[int]]] = []

        def place(slot: int, primitive: Primitive, operands: tuple[int, ...]) -> None:
            top = 0
            for operand in operands:
                if operand >= 0:
                    top = max(top, level[operand])
                else:
                    if operand not in bundle_level:
                        bundle_level[operand] = max((level[s] for s in self.bundles[~operand]), default=0)
                    top = max(top, bundle_level[operand])
            level[slot] = top + 1
            while len(groups) <= top:
                groups.append(defaultdict(list))
            pattern = tuple([-1 if o < 0 else self.varying[o] for o in operands])
            kind: Any = (primitive, self.varying[slot], pattern)
            if primitive is DOT:
                kind = (primitive, self.varying[slot], len(operands))
            groups[top][kind].append(slot)

        for slot in range(len(self.primitives)):
            primitive = self.primitives[slot]
            if primitive is None or self.skipped[slot] or inner[slot]:
                continue
            if primitive is ADD:
                for extra in self._fuse(slot, inner):
                    level.append(0)
                    place(extra, DOT, self.operands[extra])
            primitive = self.primitives[slot]
            assert primitive is not None
            place(slot, primitive, self.operands[slot])
        return [list(group.items()) for group in groups]

    def _inner_additions(self) -> bytearray:
        """The additions that are only part of a longer sum, and the products (2) that a dot product takes in."""
        inner = bytearray(len(self.primitives))
        for slot in range(len(self.primitives)):
            if self.primitives[slot] is ADD and not self.skipped[slot]:
                for operand in self.operands[slot]:
                    if (
                        self.primitives[operand] is ADD
                        and self.uses[operand] == 1
                        and self.varying[operand] == self.varying[slot]
                    ):
                        inner[operand] = 1
        # A product may only be left out if the sum that it belongs to is long enough to become a dot product.
        for slot in range(len(self.primitives)):
            if self.primitives[slot] is ADD and not self.skipped[slot] and not inner[slot]:
                products, _ = self._terms(slot, inner)
                if len(products) >= FUSED:
                    for product in products:
                        inner[product] = 2  # not an addition, but left out like one
                else:
                    self._keep(slot, inner)
        return inner

    def _terms(self, slot: int, inner: bytearray) -> tuple[list[int], list[int]]:
        products, plain, stack = [], [], [slot]
        while stack:
            top = stack.pop()
            if top == slot or inner[top] == 1:
                stack += reversed(self.operands[top])
            elif (
                self.primitives[top] is MUL
                and self.uses[top] == 1
                and not self.skipped[top]
                and self.varying[top] == self.varying[slot]
            ):
                products.append(top)
            else:
                plain.append(top)
        return products, plain

    def _keep(self, slot: int, inner: bytearray) -> None:
        stack = [slot]
        while stack:
            for operand in self.operands[stack.pop()]:
                if inner[operand] == 1:
                    inner[operand] = 0
                    stack.append(operand)

    def _fuse(self, slot: int, inner: bytearray) -> list[int]:
        """Make the sum at `slot` a dot product, if it is a long one; gives the slots of further instructions that it needs."""
        products, plain = self._terms(slot, inner)
        if len(products) < FUSED:
            return []
        left, right = [], []
        for product in products:
            a, b = self.operands[product]
            if self.varying[a] and not self.varying[b]:
                a, b = b, a
            left.append(a)
            right.append(b)
        operands: tuple[int, ...] = (self._bundle(left), self._bundle(right))
        if len(plain) > 1:
            new = len(self.primitives)
            self.primitives.append(DOT)
            self.operands.append(operands)
            self.varying.append(self.varying[slot])
            self.primitives[slot], self.operands[slot] = SUM, (self._bundle([new, *plain]),)
            return [new]
        self.primitives[slot], self.operands[slot] = DOT, (*operands, *plain)
        return []

    def _bundle(self, slots: list[int]) -> int:
        key = tuple(slots)
        if key not in self.bundle_index:
            self.bundle_index[key] = len(self.bundles)
            self.bundles.append(key)
        return ~self.bundle_index[key]


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
        self.size += count * (self.block if varying else 1)
        return start

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
            width = self.block if argument.batched else 1
            self.place[argument.start : argument.stop] = range(start, start + count * width, width) if count else []
            if argument.batched:
                self.emit(1, self.kernels.fixed(k.load), [pointer, count, start, self.block])
                pointer += 1
            else:
                self.shared.append((start, start + count))
        self.pointers = pointer
        numbers = sorted(plan.tape.numbers, key=lambda slot: slot)
        start = self.allocate(len(numbers), 0)
        for index, slot in enumerate(numbers):
            self.place[slot] = start + index
        for slot, value in plan.tape.outside.items():
            self.place[slot] = self.allocate(1, 0)
            self.outside.append((self.place[slot], value))

    # Runs: operands at regular distances

    def run_of(self, slots: Sequence[int]) -> tuple[int, int, int] | None:
        """Where these slots lie, as (first, distance, lane distance), if they lie at one distance."""
        places = np.array([self.place[slot] for slot in slots], np.int64)
        lanes = {self.step(slot) for slot in slots}
        if len(lanes) > 1:
            return None
        if len(slots) == 1:
            return int(places[0]), 1, lanes.pop()
        steps = np.diff(places)
        if (steps != steps[0]).any():
            return None
        return int(places[0]), int(steps[0]), lanes.pop()

    def vector(self, slots: tuple[int, ...]) -> tuple[int, int, int]:
        """The same for any slots: gathered into one place if they are scattered."""
        found = self.run_of(slots)
        if found is not None and (not found[2] or found[1] >= self.block):
            return found
        if slots not in self._gathered:
            varying = int(any(self.step(slot) for slot in slots))
            start = self.allocate(len(slots), varying)
            width = self.block if varying else 1
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
        if len(slots) > 1:
            slots.sort(key=lambda slot: [place[o] for o in operands[slot]])
        width = self.block if varying else 1
        start = self.allocate(len(slots), varying)
        for index, slot in enumerate(slots):
            place[slot] = start + index * width
        arity = len(operands[slots[0]])
        kernel = self.kernels.primitive(primitive, ("x",) * arity)
        lanes = [self.step(o) for o in operands[slots[0]]]
        first = 0
        while first < len(slots):  # as long as all operands advance by one distance, it is one call
            base = [place[o] for o in operands[slots[first]]]
            last = first + 1
            steps = [0] * arity
            if last < len(slots):
                steps = [place[o] - b for o, b in zip(operands[slots[last]], base, strict=True)]
                while last < len(slots) and all(
                    place[o] == b + s * (last - first) for o, b, s in zip(operands[slots[last]], base, steps, strict=True)
                ):
                    last += 1
            rows, across = last - first, width
            if not varying:  # lanes there are none: the rows take their place
                rows, across, inner, steps = 1, rows, steps, [0] * arity
            elif all(s == (width if lane else 0) for s, lane in zip(steps, lanes, strict=True)) or rows == 1:
                rows, across, inner = 1, rows * width, lanes
            else:
                inner = lanes
            parameters = [start + first * width, rows, across]
            for b, s, lane in zip(base, steps, inner, strict=True):
                parameters += [b, s, lane]
            self.emit(varying, kernel, parameters)
            first = last

    def _many(self, primitive: Primitive, slot: int) -> None:
        operands = self.plan.operands[slot]
        varying = self.plan.varying[slot]
        lanes = self.block if varying else 1
        self.place[slot] = out = self.allocate(1, varying)
        if primitive is SUM:
            start, step, lane = self.vector(self.plan.bundles[~operands[0]])
            self.emit(
                varying, self.kernels.fixed(k.lane_sum), [out, len(self.plan.bundles[~operands[0]]), lanes, start, step, lane]
            )
            return
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
            weights, vector = plan.operands[slot][:2]
            if varying:
                changing = [any(self.step(s) for s in plan.bundles[~bundle]) for bundle in (weights, vector)]
                if all(changing):
                    self._lane_products(slot)
                    continue
                if changing[0]:
                    weights, vector = vector, weights
            elif right_uses[vector] == 1:
                weights, vector = vector, weights
            rows[vector].append((slot, weights))
        for vector, members in rows.items():
            self._matrix(varying, vector, members)

    def _offset(self, slots: list[int]) -> tuple[int, int, int]:
        if len(self.plan.operands[slots[0]]) < 3:
            return -1, 0, 0
        return self.vector(tuple([self.plan.operands[slot][2] for slot in slots]))

    def _lane_products(self, slot: int) -> None:
        left, right = (self.vector(self.plan.bundles[~bundle]) for bundle in self.plan.operands[slot][:2])
        count = len(self.plan.bundles[~self.plan.operands[slot][0]])
        offset, _, offset_lane = self._offset([slot])
        self.place[slot] = out = self.allocate(1, 1)
        self.emit(1, self.kernels.fixed(k.lane_products), [out, count, self.block, *left, *right, offset, offset_lane])

    def _matrix(self, varying: int, vector: int, members: list[tuple[int, int]]) -> None:
        plan = self.plan
        rows_of = [[*map(self.place.__getitem__, plan.bundles[~weights])] for _, weights in members]
        matrix = np.array(rows_of, np.int64)
        order = np.argsort(matrix[:, 0], kind="stable") if matrix.shape[1] else np.arange(len(members))
        matrix = matrix[order]
        slots = [members[index][0] for index in order]
        rows, columns = matrix.shape
        if not columns:
            raise ValueError("dot of no operands")
        row_step = int(matrix[1, 0] - matrix[0, 0]) if rows > 1 else columns
        column_step = int(matrix[0, 1] - matrix[0, 0]) if columns > 1 else 1
        if columns == 1 and rows > 1 and row_step < columns:
            column_step = 1
        regular = matrix[0, 0] + row_step * np.arange(rows)[:, None] + column_step * np.arange(columns)
        fits = (column_step == 1 and row_step >= columns) or (row_step == 1 and column_step >= rows)
        if (matrix != regular).any() or not fits:
            start = self.allocate(rows * columns, 0)
            sources = np.stack([matrix.ravel(), np.zeros(matrix.size, np.int64)], 1).ravel().tolist()
            self.emit(0, self.kernels.fixed(k.gather), [start, rows * columns, 1, *sources])
            row_step, column_step = columns, 1
        else:
            start = int(matrix[0, 0])
        at, step, lane = self.vector(plan.bundles[~vector])
        offset = self._offset(slots)
        lanes = self.block if varying else 1
        out = self.allocate(rows, varying)
        for index, slot in enumerate(slots):
            self.place[slot] = out + index * lanes
        if varying and not lane:
            raise AssertionError("a product of shared numbers cannot vary")
        parameters = [out, rows, columns, lanes, start, row_step, column_step, at, step, *offset, self.gemm]
        self.emit(varying, self.kernels.fixed(k.matrix_product), parameters)

    # Results

    def _outputs(self) -> None:
        plan = self.plan
        self.averaged = sum(plan.reduced)
        self.per_sample = len(plan.reduced) - self.averaged
        self.results = self.allocate(self.averaged, 0)
        if not plan.batched:
            self._copies([(self.results + i, self.place[slot]) for i, slot in enumerate(plan.tape.outputs)], "before", k.copy)
            return
        position, row = self.results, 0
        means: dict[int, list[tuple[int, int]]] = defaultdict(list)  # by a term's index: places of results and slots
        shared: dict[int, list[tuple[int, int]]] = defaultdict(list)
        alone: list[tuple[int, int]] = []
        for slot, terms in zip(plan.tape.outputs, plan.sums, strict=True):
            if terms is None:
                self.emit(1, self.kernels.fixed(k.store), [self.pointers, row, self.place[slot], self.step(slot)])
                row += 1
                continue
            for index, term in enumerate(terms.varying):
                means[index].append((position, term))
            for index, term in enumerate(terms.shared):
                (shared[index] if terms.varying or index else alone).append((position, self.place[term]))
            position += 1
        for index, pairs in sorted(means.items()):
            self._means(pairs, int(index > 0))
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
            self.emit(1, self.kernels.fixed(k.mean_rows), [out, out_step, count, source, step, more])
        by_lanes: dict[tuple[int, int], dict[int, list[tuple[int, int]]]] = defaultdict(lambda: defaultdict(list))
        for out, slot in terms:
            if slot in products:
                a, b = products[slot]
                by_lanes[self.step(a), self.step(b)][self.place[a]].append((out, self.place[b]))
        for lanes, rows in by_lanes.items():
            self._mean_products(lanes, rows, more)

    def _mean_products(self, lanes: tuple[int, int], rows: dict[int, list[tuple[int, int]]], more: int) -> None:
        """Means of products: `rows` are for each first factor its results and second factors."""
        single: list[tuple[int, int, int]] = []
        wide: dict[Any, list[tuple[int, int, int]]] = defaultdict(list)
        for a, pairs in rows.items():
            for (out, b), step, columns in progressions(pairs):
                if columns == 1:
                    single.append((out, a, b))
                else:
                    wide[step, columns].append((out, a, b))
        blocks = [(run, (1, 1), 1) for run in progressions(sorted(single))]
        blocks += [(run, step, columns) for (step, columns), starts in wide.items() for run in progressions(sorted(starts))]
        for ((out, a, b), (row_step, a_step, b_row), count), (column_step, b_step), columns in blocks:
            dense = lanes == (1, 1) and column_step == 1 and not b_row and b_step >= self.block
            dense = dense and (count == 1 or (a_step >= self.block and row_step >= columns))
            self.emit(
                1,
                self.kernels.fixed(k.mean_products),
                [
                    out,
                    max(row_step, columns),
                    column_step,
                    count,
                    columns,
                    a,
                    max(a_step, self.block),
                    lanes[0],
                    b,
                    b_row,
                    b_step,
                    lanes[1],
                    more,
                    self.gemm * dense,
                ]
                if dense
                else [
                    out,
                    row_step,
                    column_step,
                    count,
                    columns,
                    a,
                    a_step,
                    lanes[0],
                    b,
                    b_row,
                    b_step,
                    lanes[1],
                    more,
                    0,
                ],
            )

    def _finish(self) -> None:
        programs = [instruction for part in ("before", "inside", "after") for instruction in self.programs[part]]
        self.counts = [len(self.programs[part]) for part in ("before", "inside", "after")]
        self.addresses = np.array([kernel for kernel, _ in programs] or [0], np.int64)
        self.parameters = np.array([number for _, numbers in programs for number in numbers] or [0], np.int64)
        starts = np.cumsum([0, *[len(numbers) for _, numbers in programs]])[:-1]
        self.rows = self.parameters.ctypes.data + 8 * np.asarray(starts, np.int64)
        del self.programs, self._gathered
        self.template = np.zeros(self.size, self.dtype)
        self.template[k.LANE_MEAN] = 1
        for slot, number in self.plan.tape.numbers.items():
            self.template[self.place[slot]] = number


class Buffer:
    """The memory and the state of one run of a program."""

    def __init__(self, code: Code) -> None:
        self.code = code
        self.memory = code.template.copy()
        self.shared = [self.memory[start:stop] for start, stop in code.shared]
        together = code.shared and all(stop - start == 1 for start, stop in code.shared)
        self.numbers = slice(code.shared[0][0], code.shared[-1][1]) if together and not code.plan.batched else None
        results = self.memory[code.results : code.results + code.averaged]
        self.results = results
        self.state = np.zeros(code.pointers + 1, np.int64)
        self.state[k.BLOCK : k.POINTERS] = (code.block, code.addresses.ctypes.data, code.rows.ctypes.data, *code.counts)
        self.memory_address = self.memory.ctypes.data
        self.state_address = self.state.ctypes.data

    def point_at(self, *arrays: Any) -> None:
        """Take batched arguments from these arrays, and put results by sample into the last one."""
        self.state[k.POINTERS :] = [array.ctypes.data for array in arrays]

    def run(self, shared: Sequence[Any], samples: int) -> int:
        """Run over all samples; -1, or the first sample of a block in which Python would refuse something."""
        memory = self.memory
        if self.numbers:
            memory[self.numbers] = shared
        else:
            for place, numbers in zip(self.shared, shared, strict=True):
                place[:] = numbers
        for index, value in self.code.outside:
            memory[index] = value.data
        if samples != self.state[k.SAMPLES]:
            self.state[k.SAMPLES] = samples
            memory[k.LANE_MEAN] = 1 / samples
        return int(k.run(self.memory_address, self.state_address))


def progressions(items: Sequence[tuple[int, ...]]) -> list[tuple[tuple[int, ...], tuple[int, ...], int]]:
    """Cut a sequence of tuples into runs that advance by one step: (first, step, length) each."""
    runs = []
    first = 0
    while first < len(items):
        start = items[first]
        last = first + 1
        step: tuple[int, ...] = (0,) * len(start)
        if last < len(items):
            step = tuple([b - a for a, b in zip(start, items[last], strict=True)])
            while last < len(items) and all(
                x == a + s * (last - first) for x, a, s in zip(items[last], start, step, strict=True)
            ):
                last += 1
        runs.append((start, step, last - first))
        first = last
    return runs
