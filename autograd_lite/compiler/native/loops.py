"""Loops in machine code: the Python function of a loop, translated, as a kernel."""

from __future__ import annotations

import math
from functools import cache
from typing import Any

from autograd_lite.compiler.loops.loop import ManyResults
from autograd_lite.compiler.loops.source import LoopFunction
from autograd_lite.compiler.native.kernel import Kernel
from autograd_lite.compiler.native.meaning import meaning

FIELDS = ["out", "width", "count", "place", "stride", "lane", "results", "steps", "segment", "room", "room_lane"]
GUARD = """@compiled
def guarded(numbers, results, steps, segment, room):
    try:
        run(numbers, results, steps, segment, room)
    except Exception:
        return 1
    return 0
"""
BODY = """bad = 0
numbers, found = numpy.empty(count), numpy.empty(results)
{own}
for one in range(width):
    {shared}
    for k in range(count):
        numbers[k] = memory[place + k * stride + one * lane]
    fails = guarded(numbers, found, steps, segment, space)
    bad |= fails
    for k in range(results):
        memory[out + k * width + one] = math.nan if fails else found[k]
        if strict and not math.isfinite(found[k]):
            bad = 1
return bad
"""


@cache
def loop_kernel(loop: LoopFunction, strict: bool, shared: bool) -> Kernel:
    """The kernel that runs a loop lane by lane.

    Its numbers are the `count` ones at `place`, with `stride` from one to the next and `lane` from lane to lane. From `out` on
    it writes the results, each for all lanes.

    Arguments:
        loop: what runs.
        strict: whether Python is asked about results that are not finite.
        shared: whether the room is in memory, shared with a sweep back: from the place `room` on, with `room_lane` from lane to
            lane. Else `room` is how many numbers it has.
    """
    room = {"own": "", "shared": "space = rest_of(memory, room + one * room_lane)"}
    if not shared:
        room = {"own": "space = numpy.empty(room)", "shared": ""}

    def scope() -> dict[str, Any]:
        import numpy as np

        from autograd_lite.compiler.native.machine import compiled
        from autograd_lite.compiler.native.translate import translated

        run = translated(loop.function, strict=True, known={})
        return {"run": run, "strict": strict, "math": math, "compiled": compiled, "numpy": np}

    body = BODY.format(**room).splitlines()
    return Kernel("loop", FIELDS, body, scope, lambda: repr((strict, text_of(loop))), before=GUARD.splitlines())


def text_of(loop: LoopFunction) -> str:
    """A text that tells what a loop computes, and the loops in it; see `meaning`."""

    def of(thing: Any) -> str:
        inner = getattr(thing, "__self__", None)
        if isinstance(inner, ManyResults):
            return repr((inner.count, inner.steps, inner.segment, inner.room, text_of(inner.source)))
        return meaning(thing)

    programs = [program for program in (loop.step, loop.back) if program is not None]
    around = [[(name, of(thing)) for name, thing in sorted(p.namespace.items())] for p in programs]
    return repr((loop.text, [program.source for program in programs], around))
