"""Primitives that are computed in one pass with what takes their results.

A row of numbers that is only read once, by the next primitive, need not be written to memory: where many of a kind follow each
other so, as the slope of a layer's activations follows from their inputs, both are made one primitive. An optimization
(`python -m benchmarks moons`): the numbers are the same to the bit.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from functools import cache
from typing import Any, Final

from autograd_lite.ops import OWN
from autograd_lite.primitive import Primitive

LEAST: Final = 16  # of one kind: each kind costs compiling a kernel
MOST: Final = 5  # operands

_fused: set[Primitive] = set()


def is_own(primitive: Primitive) -> bool:
    """Whether it is of the table, or made of such."""
    return primitive in OWN or primitive in _fused


def fuse(plan: Any, apart: Collection[int]) -> None:
    """Let primitives of a plan compute their operands where they can; what they then compute themselves is skipped.

    Arguments:
        plan: a `Plan`, which is changed.
        apart: the slots that are computed in another way.
    """
    while any(plan.varying):
        kinds: dict[tuple[Primitive, int, Primitive], list[tuple[int, int]]] = defaultdict(list)
        for slot, primitive in enumerate(plan.primitives):
            if primitive is not None and is_free(plan, slot, apart):
                for position, operand in enumerate(plan.operands[slot]):
                    inner = plan.primitives[operand] if operand >= 0 and plan.used_once[operand] else None
                    small = inner is not None and len(inner.derivatives) + len(primitive.derivatives) <= MOST + 1
                    if inner is not None and small and is_free(plan, operand, apart):
                        kinds[primitive, position, inner].append((slot, operand))
        kind = next((kind for kind, pairs in kinds.items() if len(pairs) >= LEAST), None)
        if kind is None:
            return
        outer, position, inner = kind
        for slot, operand in kinds[kind]:
            if plan.primitives[slot] is not outer or plan.primitives[operand] is not inner:
                continue  # a chain of choices: this one has become part of the one before
            operands = plan.operands[slot]
            plan.primitives[slot] = fused(*kind)
            plan.operands[slot] = (*operands[:position], *plan.operands[operand], *operands[position + 1 :])
            plan.skipped[operand] = True


def is_free(plan: Any, slot: int, apart: Collection[int]) -> bool:
    """Whether a slot is computed, for each sample, by a primitive of few operands that has a value wherever they have one."""
    primitive = plan.primitives[slot]
    simple = primitive is not None and primitive.total and not primitive.variadic and is_own(primitive)
    return bool(simple and plan.varying[slot] and not plan.skipped[slot] and slot not in apart)


@cache
def fused(outer: Primitive, position: int, inner: Primitive) -> Primitive:
    """The primitive of both: the inner one computes an operand of the outer one."""
    of_outer = [f"x{i}" for i in range(len(outer.derivatives))]
    of_inner = [f"y{i}" for i in range(len(inner.derivatives))]
    operands = ", ".join([*of_outer[:position], *of_inner, *of_outer[position + 1 :]])
    of_outer[position] = f"inner({', '.join(of_inner)})"
    scope: dict[str, Any] = {"inner": inner.compute, "outer": outer.compute, "__name__": __name__}
    exec(f"def compute({operands}): return outer({', '.join(of_outer)})", scope)
    count = len(outer.derivatives) + len(inner.derivatives) - 1
    both = Primitive(f"{outer.name} of {inner.name}", scope["compute"], [None] * count, total=True)
    _fused.add(both)
    return both
