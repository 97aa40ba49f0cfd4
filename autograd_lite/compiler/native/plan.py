"""What a native program computes in which order: operations grouped by level and kind, sums of products made dot products."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from autograd_lite.compiler.means import split_outputs
from autograd_lite.compiler.native.fusion import fuse
from autograd_lite.compiler.tape import Argument, Tape, any_flag
from autograd_lite.ops import TABLE
from autograd_lite.primitive import Primitive

ADD, MUL, DOT, SUM, LOGSUMEXP = (TABLE[name].primitive for name in ("add", "mul", "dot", "sum", "logsumexp"))
FUSED = 4  # with so many products a chain of sums becomes a dot product
BLOCK_BYTES = 1 << 20  # what the rows of a block may take, so that they stay in the cache
LARGEST_BLOCK = 256
WIDE = 32  # inputs of a layer that are left as they lie (`python -m benchmarks mnist`)


def even_block(samples: int, largest: int) -> int:
    """How many samples a block has, if they are cut into as few as can be, all of about the same size."""
    blocks = -(-samples // largest)
    return -(-samples // blocks)


class OperationGroup(NamedTuple):
    """Operations of one level and one kind: of one primitive, and alike in what varies from sample to sample."""

    primitive: Primitive
    slots: list[int]


class Plan:
    """What to compute in which order, before it is known how many samples a block holds.

    The operations of the tape are grouped by level and kind; the level of one is above those of its operands. A chain of sums
    of products is one dot product here, since the native backend may reorder sums.

    Attributes:
        primitives, operands, bundles: those of the tape, with the dot products that were found.
        varying: for each slot whether it varies from sample to sample.
        sums: for each output that is averaged over the batch its terms; None for the others.
        products: the products that are needed only for their means over the batch, by slot, with their two factors.
        skipped: for each slot whether it is part of something else, so that nothing computes it on its own.
        levels: the groups of each level.
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
        self.varying = tape.varying(s for a in arguments if a.batched for s in a.slots)
        self.used_once = tape.used_once()
        self.sums, self.skipped = split_outputs(tape, self.varying, self.used_once, self.reduced)
        self.products = self._output_products()
        self.levels = self._levels()

    def largest_block(self, item: int) -> int:
        """How many lanes a block may have."""
        if not self.batched:
            return 1
        computed = [slot for level in self.levels for group in level for slot in group.slots]
        rows: int = sum(self.varying[: self.tape.inputs]) + sum(self.varying[slot] for slot in computed)
        return max(8, min(LARGEST_BLOCK, BLOCK_BYTES // (item * max(rows, 1))))

    def varies(self, bundle: int) -> bool:
        """Whether something in a bundle varies from sample to sample."""
        return any_flag(self.varying, self.bundles[~bundle])

    def is_read_whole(self, argument: Argument) -> bool:
        """Whether a batched argument has many numbers, and they are read together alone: as the inputs of layers whose weights
        are uniform, and in the outer products that are the gradient by these.
        """
        own = frozenset(argument.slots)
        index = self.bundle_index.get(tuple(argument.slots))
        if index is None or len(own) < WIDE or not argument.batched:
            return False
        computed = [slot for level in self.levels for group in level for slot in group.slots]
        terms = [slots for mean in self.sums if mean for slots in (mean.varying, mean.shared)]
        others = [slots for slots in self.bundles if slots is not self.bundles[index]]
        factors = [product.factor for product in self.tape.products]
        read = [
            self.tape.outputs,
            factors,
            *self.products.values(),
            *terms,
            *others,
            *[self.operands[slot] for slot in computed],
        ]
        return all(map(own.isdisjoint, read)) and all(
            self._is_neuron_of(slot, ~index) for slot in computed if ~index in self.operands[slot]
        )

    def _is_neuron_of(self, slot: int, inputs: int) -> bool:
        """Whether a slot is the dot product of this bundle with uniform numbers."""
        if self.primitives[slot] is not DOT:
            return False
        left, right, *_ = self.operands[slot]
        return left != right and not self.varies(left if right == inputs else right)

    def _output_products(self) -> dict[int, tuple[int, int]]:
        """The `products`; they are skipped."""
        products = {}
        for terms in self.sums:
            for slot in terms.varying if terms else ():
                if self.primitives[slot] is MUL and self.used_once[slot]:
                    left, right = self.operands[slot]
                    products[slot] = (left, right)
                    self.skipped[slot] = True
        return products

    def _levels(self) -> list[list[OperationGroup]]:
        """The groups of each level."""
        level = [0] * len(self.primitives)  # inputs and constants are at 0
        of_bundles: dict[int, int] = {}
        kinds: list[dict[Any, list[int]]] = []
        primitives, varying = self.primitives, self.varying

        def level_of(bundle: int) -> int:
            if bundle not in of_bundles:
                slots = self.bundles[~bundle]
                of_bundles[bundle] = 0 if type(slots) is range else max((level[s] for s in slots), default=0)
            return of_bundles[bundle]

        def add(slot: int) -> None:
            top, operands = 0, self.operands[slot]
            for operand in operands:
                below = level[operand] if operand >= 0 else level_of(operand)
                if below > top:
                    top = below
            level[slot] = top + 1
            if len(kinds) == top:
                kinds.append({})
            kind: Any = (primitives[slot], len(operands))  # a dot product may have an offset
            if varying[slot]:
                kind = (*kind, *[varying[o] if o >= 0 else None for o in operands])
            alike = kinds[top].get(kind)
            if alike is None:
                kinds[top][kind] = [slot]
            else:
                alike.append(slot)

        sums = self._long_sums()
        fuse(self, sums)
        level += [0] * len(sums)  # each may need one more slot
        for slot in range(self.tape.inputs, len(self.tape.primitives)):
            if primitives[slot] is not None and not self.skipped[slot]:
                if slot in sums:
                    for extra in self._fuse(slot, *sums[slot]):
                        add(extra)
                add(slot)
        return [[OperationGroup(primitives[slots[0]], slots) for slots in kind.values()] for kind in kinds]  # type: ignore[arg-type]

    def _long_sums(self) -> dict[int, tuple[list[int], list[int]]]:
        """The sums that become dot products: their products and their other terms. What is part of them is skipped."""
        part = bytearray(len(self.primitives))  # the additions that are only part of a longer sum
        slots = range(self.tape.inputs, len(self.primitives))
        sums = [slot for slot in slots if self.primitives[slot] is ADD and not self.skipped[slot]]
        for slot in sums:
            for operand in self.operands[slot]:
                part[operand] = self.primitives[operand] is ADD and self._belongs(operand, slot)
        long = {}
        for slot in sums:
            if not part[slot]:
                additions, products, plain = self._terms(slot, part)
                if len(products) >= FUSED:
                    long[slot] = products, plain
                    for term in additions + products:
                        self.skipped[term] = True
        return long

    def _belongs(self, term: int, slot: int) -> bool:
        """Whether a term is needed for this sum only, and varies if the sum does."""
        return bool(self.used_once[term]) and self.varying[term] == self.varying[slot]

    def _terms(self, slot: int, part: bytearray) -> tuple[list[int], list[int], list[int]]:
        """The further additions of a sum, its products, and its other terms."""
        additions, products, plain, stack = [], [], [], [*reversed(self.operands[slot])]
        while stack:
            term = stack.pop()
            if part[term]:
                additions.append(term)
                stack += reversed(self.operands[term])
            elif self.primitives[term] is MUL and self._belongs(term, slot):
                products.append(term)
            else:
                plain.append(term)
        return additions, products, plain

    def _fuse(self, slot: int, products: list[int], plain: list[int]) -> list[int]:
        """Make the sum at `slot` a dot product; gives the slots of further operations that it needs."""
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
