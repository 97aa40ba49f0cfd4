"""What a source returns: its outputs one by one, or many alike as a whole; in a batch, means over the samples."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from autograd_lite.basics.escaping import in_source
from autograd_lite.compiler.means import Mean, split_outputs
from autograd_lite.compiler.python.expressions import AS_SUM, Expressions
from autograd_lite.compiler.python.names import Names
from autograd_lite.compiler.python.statements import FunctionBody
from autograd_lite.compiler.tape import Tape
from autograd_lite.ops import TABLE

MUL = TABLE["mul"].primitive
ROW = 32  # so many outputs of one kind side by side are written as a whole
SINGLES, COPIES, PRODUCTS = "singles", "copies", "products"  # the ways to write outputs


class Results:
    """The outputs of a source.

    Attributes:
        needless: for each slot whether it needs no statement of its own, being part of a result that is written otherwise.
        summed: the slots that only a sum over the samples reads.

    Arguments:
        tape: what is written.
        expressions: what stands for its slots.
        names: of the source.
        body: its statements.
        reduced: for each output whether it is averaged over the batch.
        rows: whether many outputs of one kind are written as a whole.
    """

    def __init__(
        self, tape: Tape, expressions: Expressions, names: Names, body: FunctionBody, reduced: Sequence[bool], rows: bool = True
    ) -> None:
        self._tape, self._expressions, self._names, self._body = tape, expressions, names, body
        self._means: list[Mean | None] = [None] * len(tape.outputs)
        self.needless = bytearray(len(tape.primitives))
        if body.batched:
            self._means, self.needless = split_outputs(tape, expressions.varying, expressions.used_once, reduced)
        self.summed = {term for mean in self._means if mean for term in mean.varying if expressions.used_once[term]}
        self._runs = self._find_runs() if rows else [(SINGLES, [*range(len(tape.outputs))])]

    def _find_runs(self) -> list[tuple[str, list[int]]]:
        """The outputs side by side that are written in one way, with that way."""
        runs = []
        for (way, *_), run in groupby(range(len(self._tape.outputs)), self._likeness):
            positions = list(run)
            if len(positions) < ROW:
                way = SINGLES
            elif way == PRODUCTS:
                for position in positions:
                    self.needless[self._product_of(position)] = True
            runs.append((way, positions))
        return runs

    def _likeness(self, position: int) -> tuple[Any, ...]:
        """How to write an output if many like it follow, and what is the same for these: a factor, or the argument."""
        product, slot = self._product_of(position), self._tape.outputs[position]
        if product is not None:
            return PRODUCTS, self._tape.operands[product][0]
        argument = self._expressions.owner(slot)
        if not self._body.batched and argument is not None:
            return COPIES, argument, slot - position
        return (SINGLES,)

    def _product_of(self, position: int) -> Any:
        """The product that is all of an output (of a batch: all that varies of it), if nothing else needs it; else None."""
        mean = self._means[position]
        if mean is None and self._body.batched:
            return None
        slots = [self._tape.outputs[position]] if mean is None else mean.varying
        if len(slots) != 1:
            return None
        (slot,) = slots
        return slot if self._tape.primitives[slot] is MUL and self._expressions.used_once[slot] else None

    def write(self) -> list[str]:
        """Write the statements that the outputs need; gives the expressions of which the returned list is made."""
        each, total, same = map(self._names.unique, ("each", "total", "same"))  # in the loops over rows
        written: list[str] = []
        for way, positions in self._runs:
            if way == COPIES:
                written.append(f"*{self._expressions.sequence([self._tape.outputs[position] for position in positions])}")
            elif way == PRODUCTS:
                written.append(f"*{self._row(positions, each, total, same)}")
            else:
                written += map(self._single, positions)
        return written

    def _row(self, positions: list[int], each: str, total: str, same: str) -> str:
        """The name of a list: outputs that are products with one factor. In a batch they are added up over the samples."""
        operands = [self._tape.operands[self._product_of(position)] for position in positions]
        (factor, *_), others = zip(*operands, strict=True)
        name = self._names.unique(f"d_row{positions[0]}")
        products = f"{self._expressions.by_slot[factor]} * {each}"
        values = self._expressions.list_of(others)
        if not self._body.batched:
            self._body.before.add(f"{name} = [{products} for {each} in {values}]")
            return name
        self._body.before.add(f"{name} = [0.0] * {len(others)}")
        self._body.inside.add(f"{name} = [{total} + {products} for {total}, {each} in zip({name}, {values})]")
        shared = [mean.shared for mean in map(self._means.__getitem__, positions) if mean]
        if any(shared):
            sums = ", ".join(self._sum(slots) or "0.0" for slots in shared)
            self._body.after.add(f"{name} = [{total} / count + {same} for {total}, {same} in zip({name}, [{sums}])]")
        else:
            self._body.after.add(f"{name} = [{total} / count for {total} in {name}]")
        return name

    def _single(self, position: int) -> str:
        """One output; the sum of a batch is added up in the loop."""
        slot, mean = self._tape.outputs[position], self._means[position]
        if not self._body.batched:
            return self._expressions.of(slot)
        if mean is None:  # one number per sample
            name = self._names.unique(f"rows{position}")
            self._body.before.add(f"{name} = []")
            self._body.inside.add(f"{name}.append({self._expressions.of(slot)})")
            return name
        shared = self._sum(mean.shared)
        if not mean.varying:
            return shared
        name = self._names.unique(self._total_name(slot, position))
        self._body.before.add(f"{name} = 0.0")
        for term in mean.varying:
            self._body.inside.add(f"{name} += {self._expressions.of(term, AS_SUM)}")
        return f"{name} / count" + (f" + {shared}" if shared else "")

    def _sum(self, slots: Sequence[int]) -> str:
        """The sum of these slots."""
        return " + ".join(self._expressions.of(slot, AS_SUM) for slot in slots)

    def _total_name(self, slot: int, position: int) -> str:
        """A name for what a loop over samples adds up: a derivative's, or that of a labelled value."""
        primal = self._tape.adjoint_of.get(slot, slot)
        label = in_source(self._tape.labels.get(primal, "")) or position
        return f"d_{label}" if primal != slot else f"total_{label}"
