"""From the operations of a plan to instructions.

Operations of one kind become few calls over rows that lie side by side. Neurons that share their inputs become one matrix
product. What is uniform, the same for all samples, is computed once.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from functools import cache, partial
from typing import Any

import numpy as np

from autograd_lite.compiler.loops.loop import KEPT, ManyResults
from autograd_lite.compiler.native import fixed
from autograd_lite.compiler.native.assembly import Assembly
from autograd_lite.compiler.native.generated import primitive_kernel
from autograd_lite.compiler.native.kernel import Kernel
from autograd_lite.compiler.native.layout import Strided, progressions
from autograd_lite.compiler.native.loops import loop_kernel
from autograd_lite.compiler.native.plan import DOT, LOGSUMEXP, SUM, WIDE
from autograd_lite.compiler.tape import SharedRoom, Slots, shared_rooms
from autograd_lite.primitive import Primitive

LONG = 1 << 14  # slots of a program that is to be written quickly, so that
FEW = 4  # numbers of one kind are an instruction each, where one for all of them would run a little sooner
SHORT = 64  # terms that may be added up in single precision
NOWHERE = Strided(-1, -1, -1)  # the offset of a dot product that has none


class Operations:
    """Writes the operations of a plan, level by level."""

    def __init__(self, assembly: Assembly) -> None:
        self.assembly = assembly
        self.plan = assembly.plan
        self.layout = assembly.layout
        self.at_most = FEW if len(assembly.plan.primitives) > LONG else 1
        self._loops: dict[tuple[ManyResults, int], int] = {}  # where the results of a loop on these numbers begin
        self._sharing = shared_rooms(self.plan)
        self._rooms: dict[SharedRoom, Strided] = {}  # where they are
        self.kernel = cache(partial(primitive_kernel, assembly.kernels))  # a primitive means one thing in one program
        self._of_few: dict[Any, Kernel] = {}  # the same, by the number of operands, and which of them have lanes

    def write(self) -> None:
        """Write all instructions."""
        for level in self.plan.levels:
            for primitive, slots in level:
                if primitive.result_of is not None:
                    for slot in slots:
                        self.loop(*primitive.result_of, slot)
                elif primitive is DOT:
                    self.dots(slots)
                elif primitive.variadic:
                    for slot in slots:
                        self.many(primitive, slot)
                else:
                    self.mapped(primitive, slots)

    def mapped(self, primitive: Primitive, slots: Sequence[int]) -> None:
        """A primitive of few operands at many slots, sorted so that operands that lie side by side come one after the other."""
        if len(slots) <= (1 if self.plan.varying[slots[0]] else self.at_most):
            self.few(primitive, slots)
            return
        operands, place, varying = self.plan.operands, self.layout.place, self.plan.varying[slots[0]]
        places = {slot: tuple([place[o] for o in operands[slot]]) for slot in slots}
        slots = sorted(slots, key=places.__getitem__)
        lanes = [self.plan.varying[o] for o in operands[slots[0]]]
        out, width = self.layout.place_together(slots, varying), self.layout.width(varying)
        known = tuple(map(bool, lanes)) if varying else None
        kernel, part = self.kernel(primitive, (False,) * len(lanes), known), self.assembly.part(varying)
        place_fields, row_fields, lane_fields = (
            [f"{field}{i}" for i in range(len(lanes))] for field in ("place", "row", "lane")
        )
        for first, step, count in progressions([places[slot] for slot in slots]):
            # Rows side by side are one long row, and so are numbers without lanes.
            one_row = not varying or all(s == width * lane for s, lane in zip(step, lanes, strict=True))
            fields = {"out": out, "rows": 1 if one_row else count, "width": count * width if one_row else width}
            fields.update(zip(place_fields, first, strict=True))
            fields.update(zip(row_fields, step, strict=True))
            if known is None:
                fields.update(zip(lane_fields, lanes if varying else step, strict=True))
            part.append((kernel, kernel.pack(fields)))
            out += count * width

    def few(self, primitive: Primitive, slots: Sequence[int]) -> None:
        """An optimization of `mapped` for few slots, as chains of operations have them (`python -m benchmarks recording`).

        Each is one instruction, with its fields in the order of `generated.mapped`.
        """
        layout, place, operands, lanes = self.layout, self.layout.place, self.plan.operands, self.plan.varying
        varying = lanes[slots[0]]
        known = tuple([bool(lanes[operand]) for operand in operands[slots[0]]]) if varying else None
        key = primitive, len(operands[slots[0]]), known
        kernel = self._of_few.get(key)
        if kernel is None:
            kernel = self._of_few[key] = self.kernel(primitive, (False,) * key[1], known)
        width, part = layout.width(varying), self.assembly.part(varying)
        if not varying:
            for slot in slots:
                out = place[slot] = layout.size
                layout.size += 1
                numbers = [out, 1, 1]
                for operand in operands[slot]:
                    numbers += (place[operand], 0, 0)
                part.append((kernel, numbers))
            return
        for slot in slots:
            parameters = [layout.place_slot(slot), 1, width]
            for operand in operands[slot]:
                parameters += (place[operand], 0)
            part.append((kernel, parameters))

    def many(self, primitive: Primitive, slot: int) -> None:
        """A primitive of many operands."""
        operands, varying = self.plan.operands[slot], self.plan.varying[slot]
        if primitive is SUM:
            self.sum(slot, self.plan.bundles[~operands[0]])
            return
        if primitive is LOGSUMEXP:
            terms = self.plan.bundles[~operands[0]]
            if self.assembly.dtype == np.float64 or len(terms) <= SHORT:
                self.logsumexp(slot, terms)
                return
        fields = {"out": self.layout.place_slot(slot), "width": self.layout.width(varying)}
        for i, operand in enumerate(operands):
            if operand < 0:
                slots = self.plan.bundles[~operand]
                place, stride, lane = self.assembly.vector(slots)
                fields |= {f"place{i}": place, f"lane{i}": lane, f"count{i}": len(slots), f"stride{i}": stride}
            else:
                fields |= {f"place{i}": self.layout.place[operand], f"lane{i}": self.plan.varying[operand]}
        kernel = self.kernel(primitive, tuple([operand < 0 for operand in operands]))
        self.assembly.emit(self.assembly.part(varying), kernel, **fields)

    def loop(self, loop: ManyResults, index: int, slot: int) -> None:
        """A loop: the first of its results brings all of them, side by side."""
        plan, (numbers,), varying = self.plan, self.plan.operands[slot], self.plan.varying[slot]
        if (loop, numbers) not in self._loops:
            slots = plan.bundles[~numbers]
            place, stride, lane = self.assembly.vector(slots)
            out, width = self.layout.allocate(loop.count, varying), self.layout.width(varying)
            given = {"count": len(slots), "place": place, "stride": stride, "lane": lane}
            size = {"results": loop.count, "steps": loop.steps, "segment": loop.segment}
            room = self.shared_room(loop, numbers, varying)
            place, _, lane = room or (loop.room, 0, 0)
            kernel = loop_kernel(loop.sharing if room else loop.source, strict=loop.may_fail, shared=bool(room))
            self.assembly.emit(
                self.assembly.part(varying), kernel, out=out, width=width, room=place, room_lane=lane, **given, **size
            )
            self._loops[loop, numbers] = out
        self.layout.place[slot] = self._loops[loop, numbers] + index * self.layout.width(varying)

    def shared_room(self, loop: ManyResults, numbers: int, varying: int) -> Strided | None:
        """The room that a loop shares with the sweep back through it, or the sweep with the loop.

        None where they have none together, too: where it would be too large, or hold rounded numbers.
        """
        shared = self._sharing.get((loop, numbers))
        if shared is None or loop is not shared.loop:
            return None if shared is None else self._rooms.get(shared)
        size = shared.size * self.layout.width(varying)
        if size > 2 * KEPT or self.assembly.dtype != np.float64:
            return None
        self._rooms[shared] = room = Strided(self.layout.allocate(size, False), 1, shared.size if varying else 0)
        return room

    def sum(self, slot: int, slots: Slots) -> None:
        """A sum of many operands."""
        varying = self.plan.varying[slot]
        out, width = self.layout.place_slot(slot), self.layout.width(varying)
        terms = self.assembly.vector(slots).fields("a")
        self.assembly.emit(self.assembly.part(varying), fixed.lane_sum, out=out, count=len(slots), width=width, **terms)

    def logsumexp(self, slot: int, slots: Slots) -> None:
        """The logarithm of a sum of exponentials, with two rows to work in."""
        varying = self.plan.varying[slot]
        out, width = self.layout.place_slot(slot), self.layout.width(varying)
        rows = {row: self.layout.allocate(1, varying) for row in ("largest", "rest")}
        terms = self.assembly.vector(slots).fields("a")
        part = self.assembly.part(varying)
        self.assembly.emit(part, fixed.lane_logsumexp, out=out, count=len(slots), width=width, **rows, **terms)

    def dots(self, slots: list[int]) -> None:
        """Dot products of one level: those that share a vector become a matrix product."""
        plan = self.plan
        varying = plan.varying[slots[0]]
        rows: dict[int, list[tuple[int, int]]] = defaultdict(list)  # by the vector: the weights and the slot of each row
        right_uses = Counter(plan.operands[slot][1] for slot in slots)
        for slot in slots:
            weights, vector, *offset = plan.operands[slot]
            if not plan.bundles[~vector]:
                self.sum(slot, tuple(offset))
                continue
            if varying:
                weights_vary, vector_varies = plan.varies(weights), plan.varies(vector)
                if weights_vary == vector_varies:  # if neither does, the offset does
                    self.lane_products(slot)
                    continue
                if weights_vary:
                    weights, vector = vector, weights
            elif right_uses[vector] == 1:
                weights, vector = vector, weights
            rows[vector].append((weights, slot))
        for vector, of_vector in rows.items():
            self.matrix_product(varying, vector, of_vector)

    def lane_products(self, slot: int) -> None:
        """A dot product of which either both vectors vary, or the offset alone."""
        weights, vector = [self.plan.bundles[~bundle] for bundle in self.plan.operands[slot][:2]]
        a, b = self.assembly.vector(weights), self.assembly.vector(vector)
        offset = self.offset([slot])
        out = self.layout.place_slot(slot)
        self.assembly.emit(
            self.assembly.inside,
            fixed.lane_products,
            out=out,
            count=len(weights),
            width=self.layout.block,
            **a.fields("a"),
            **b.fields("b"),
            offset=offset.first,
            offset_lane=offset.lane,
        )

    def matrix_product(self, varying: int, vector: int, rows: list[tuple[int, int]]) -> None:
        """Dot products with one vector: the weights of each, and its slot; weights and vector are bundles."""
        bundles = self.plan.bundles
        places, slots = zip(
            *sorted([(self.places(bundles[~weights]), slot) for weights, slot in rows], key=by_place), strict=True
        )
        source, width, columns = self.assembly.vector(bundles[~vector]), self.layout.width(varying), len(bundles[~vector])
        by_sample = source.lane > 1
        matrix, row_stride, column_stride = self.matrix(places, in_rows=by_sample)
        by_sample |= width == source.stride == column_stride == 1 and columns >= WIDE
        offset = self.offset(slots)
        fields = {"rows": len(slots), "columns": columns, "width": width, "matrix": matrix, "row_stride": row_stride}
        fields |= {"out": self.layout.place_together(slots, varying), "vector": source.first, **offset.fields("offset")}
        if by_sample:
            self.assembly.emit(self.assembly.part(varying), fixed.matrix_product_by_sample, vector_lane=source.lane, **fields)
            return
        gemm = self.assembly.gemm_for(len(slots), columns, width, offset.lane != 1)
        fields |= {"column_stride": column_stride, "vector_stride": source.stride, "gemm": gemm}
        self.assembly.emit(self.assembly.part(varying), fixed.matrix_product, **fields)

    def places(self, slots: Slots) -> Sequence[int]:
        """Where these slots lie."""
        place = self.layout.place
        if type(slots) is range and not self.plan.varying[slots[0]]:
            return range(place[slots[0]], place[slots[-1]] + 1, slots.step)
        return [place[slot] for slot in slots]

    def matrix(self, places: Sequence[Sequence[int]], in_rows: bool) -> tuple[int, int, int]:
        """Numbers at these places as a matrix that BLAS can take, gathered if need be: its place and its two strides.

        If it must be `in_rows`, the second stride is 1.
        """
        rows, columns = len(places), len(places[0])
        first = places[0][0]
        row_stride = places[1][0] - first if rows > 1 else columns
        column_stride = places[0][1] - first if columns > 1 else 1
        turned = row_stride == 1 and column_stride >= rows and not in_rows
        fits = turned or (column_stride == 1 and row_stride >= columns)
        if fits and all(lie_at(row, first + j * row_stride, column_stride) for j, row in enumerate(places)):
            return first, row_stride, column_stride
        out = self.layout.allocate(rows * columns, False)
        sources = [number for row in places for place in row for number in (place, 0)]
        self.assembly.emit(self.assembly.before, fixed.gather, out=out, count=rows * columns, width=1, sources=sources)
        return out, columns, 1

    def offset(self, slots: Sequence[int]) -> Strided:
        """The offsets of dot products."""
        offsets = tuple([offset for slot in slots for offset in self.plan.operands[slot][2:]])
        return self.assembly.vector(offsets) if offsets else NOWHERE


def by_place(row: tuple[Sequence[int], int]) -> tuple[int, ...]:
    """Rows in the order of their first places; those that begin together, in the order of their slots."""
    places, slot = row
    return places[0], slot


def lie_at(places: Sequence[int], first: int, stride: int) -> bool:
    """Whether these places begin there and have this distance from each other."""
    expected = range(first, first + len(places) * stride, stride)
    return places == expected if type(places) is range else list(places) == list(expected)
