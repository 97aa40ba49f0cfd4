"""A program while it is written: where its numbers lie, and its instructions so far."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import numpy as np

from autograd_lite.compiler.native import fixed
from autograd_lite.compiler.native.blas import gemm_address
from autograd_lite.compiler.native.kernel import Kernel, kernels_of
from autograd_lite.compiler.native.layout import Layout, Strided
from autograd_lite.compiler.native.linking import vector_bytes
from autograd_lite.compiler.native.plan import Plan
from autograd_lite.compiler.tape import Slots

LARGEST: Final = 1 << 18  # multiplications: with more of them BLAS's copy pays (`python -m benchmarks moons mnist`)
Instruction = tuple[Kernel, Sequence[int]]  # a kernel and its parameters


class ResultPlaces(NamedTuple):
    """What a program gives: numbers that are the same for all samples or averaged over them, and others for each sample."""

    place: int  # of the former
    averaged: int  # how many of the former
    by_sample: int  # how many of the latter


class Assembly:
    """A program that is being written for a plan.

    Attributes:
        layout: where numbers lie.
        before, inside, after: the instructions that are run before all blocks of samples, for each block, and after all.
        once: those that are run before the first step of a training; see `ahead`.
        batched: how many arguments have one row per sample.
        results: where the results are, once that is written.

    Arguments:
        plan: what is computed.
        block: how many samples a block has.
        dtype: the type of number.
        sources: the types of the batched arguments, if they are others: float32, float64 or uint8.
    """

    results: ResultPlaces

    def __init__(self, plan: Plan, block: int, dtype: np.dtype[Any], sources: Sequence[str] = ()) -> None:
        self.plan = plan
        self.dtype = dtype
        self.layout = Layout(plan, block)
        self.kernels = kernels_of(dtype.name)
        self.before: list[Instruction] = []
        self.inside: list[Instruction] = []
        self.after: list[Instruction] = []
        self.once: list[Instruction] = []
        self._gathered: dict[Slots, Strided] = {}
        self.batched = 0
        for argument, place in zip(plan.arguments, self.layout.arguments, strict=True):
            if argument.batched:
                count, source = len(argument.slots), sources[self.batched] if sources else dtype.name
                load = fixed.load if source == dtype.name else fixed.LOADS[source]
                by_sample = int(tuple(argument.slots) in self.layout.by_sample)
                given = {"argument": self.batched, "count": count, "width": block, "by_sample": by_sample}
                self.emit(self.inside, load, out=place, **given, is_next=0)
                self.batched += 1

    def emit(self, part: list[Instruction], kernel: Kernel, **fields: int | list[int]) -> None:
        """Write an instruction: a kernel and all of its fields."""
        part.append((kernel, kernel.pack(fields)))

    def gemm_for(self, rows: int, columns: int, lanes: int, tiles: bool = True) -> int:
        """The address of BLAS's matrix product for a product of this size, or 0 where tiles are quicker, and can be taken."""
        enough = lanes * self.dtype.itemsize >= vector_bytes()
        small = tiles and enough and rows * columns * lanes <= LARGEST
        return 0 if lanes == 1 or small else gemm_address(self.dtype.name)

    def part(self, varying: int) -> list[Instruction]:
        """Where the instructions go that compute what varies from sample to sample, or what does not."""
        return self.inside if varying else self.before

    def vector(self, slots: Slots) -> Strided:
        """These slots at one distance from each other: as they lie, or else gathered."""
        found = self.layout.strided(slots) if slots else None
        if found is not None and (found.lane != 1 or found.stride >= self.layout.block):
            return found
        if slots not in self._gathered:
            varying = int(any(self.plan.varying[slot] for slot in slots))
            place, width = self.layout.allocate(len(slots), varying), self.layout.width(varying)
            sources = [part for slot in slots for part in (self.layout.place[slot], self.plan.varying[slot])]
            self.emit(self.part(varying), fixed.gather, out=place, count=len(slots), width=width, sources=sources)
            self._gathered[slots] = Strided(place, width, varying)
        return self._gathered[slots]
