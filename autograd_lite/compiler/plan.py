"""What a native program computes in which order: instructions grouped by level and kind, sums of products made dot products."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from autograd_lite.compiler.tape import Argument, Tape, split_outputs
from autograd_lite.ops import TABLE
from autograd_lite.value import Primitive

ADD, MUL, DOT, SUM = (TABLE[name].primitive for name in ("add", "mul", "dot", "sum"))
FUSED = 4  # so many products in a chain of sums become one dot product
BLOCK_BYTES = 1 << 20  # what the rows of a block may take, so that they stay in the cache
LARGEST_BLOCK = 256


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
                    self.skipped[slot] = True
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
