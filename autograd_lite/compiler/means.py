"""Results that are means over the samples of a batch.

The mean of a sum is the sum of the terms' means, and a term that is the same for every sample is its own mean. So a program
adds up each varying term over the samples, and adds what is shared once, at the end.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from autograd_lite.compiler.tape import Tape
from autograd_lite.ops import TABLE

ADD = TABLE["add"].primitive


@dataclass(frozen=True)
class Mean:
    """A result of a batch: the mean over all samples of the varying terms, plus the terms that all samples share."""

    varying: list[int]
    shared: list[int]


OF_PRODUCTS = Mean([], [])  # a result that products of the tape give, all of it


def split_outputs(
    tape: Tape, varying: bytearray, used_once: Sequence[int], reduced: Sequence[bool]
) -> tuple[list[Mean | None], bytearray]:
    """For each output its terms if it is averaged over a batch, else None; and the additions that are then needless.

    Arguments:
        tape: whose outputs these are.
        varying, used_once: for each slot whether it differs from sample to sample, and whether it is read just once.
        reduced: for each output whether it is averaged.
    """
    needless = bytearray(len(tape.primitives))
    means: list[Mean | None] = []
    for output, averaged in zip(tape.outputs, reduced, strict=True):
        if not averaged or output < 0:
            means.append(None if not averaged else OF_PRODUCTS)
            continue
        mean = Mean([], [])
        stack = [output]
        while stack:
            slot = stack.pop()
            if varying[slot] and tape.primitives[slot] is ADD and used_once[slot]:
                needless[slot] = True
                stack += reversed(tape.operands[slot])
            else:
                (mean.varying if varying[slot] else mean.shared).append(slot)
        means.append(mean)
    return means, needless
