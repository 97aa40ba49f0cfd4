"""From the function of one step, as a user wrote it, to a loop in the graph that is being recorded."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from autograd_lite.compiler.guarded import takes_derivatives_of_choices
from autograd_lite.compiler.loops.body import body_alone
from autograd_lite.compiler.loops.loop import loop_of
from autograd_lite.compiler.trace import Recorder, Trace
from autograd_lite.graph.storage import read_data
from autograd_lite.trees import NUMBER, Structure, flatten
from autograd_lite.value import Value


def record_loop(
    recorder: Recorder, step: Callable[..., Any], carry: Any, rows: Sequence[Any] | None, steps: int, name: str
) -> tuple[Any, list[Any]]:
    """Record one step, and a loop of such steps as one thing.

    Arguments:
        recorder: of the function that the loop is part of.
        step: takes the carry and a row, or, without rows, the number of the step; gives the next carry, and what is kept.
        carry: what the first step gets.
        rows: one for each step; None: there are none.
        steps: how many there are, at least one.
        name: of the function that the user called, for messages.

    Returns:
        the last carry, and what is kept of each step.

    Raises:
        TypeError: the next carry is not of the structure of the carry.
        ValueError: the rows are of several structures.
    """
    leaves, structure = flatten(carry, f"the carry of {name}")
    row_leaves, row_structure = _rows(rows, name)
    first = row_leaves[0] if rows is not None else [0.0]
    numbers = [[read_data(leaf) if isinstance(leaf, Value) else leaf for leaf in part] for part in (leaves, first)]

    def results(carry: Any, row: Any) -> list[Any]:
        next_carry, kept = step(carry, row)
        return [next_carry] if kept is None else [next_carry, kept]

    names = ["carry", "x" if rows is not None else "i"]
    trace = Trace(results, numbers, [structure, row_structure], names, recorder.guards)
    if not recorder.guards and takes_derivatives_of_choices(trace):
        trace = Trace(results, numbers, [structure, row_structure], names, True)
    found, *kept_structure = trace.structure.children
    if found != structure:
        raise TypeError(f"a step of {name} got a carry that is {structure}, and gave one that is {found}: they must be alike")
    next_leaves, kept_leaves = trace.outputs[: len(leaves)], trace.outputs[len(leaves) :]
    carry_in, row_in = trace.inputs
    body, shared, before = body_alone(
        carry_in,
        row_in if rows is not None else [],
        [] if rows is not None else row_in,
        next_leaves,
        kept_leaves,
        trace.recorder,
    )
    recorder.failing += before
    recorder.count += trace.count
    recorder.looks.update(trace.recorder.looks)
    loop = loop_of(body, steps)
    given = [*leaves, *(leaf for row in row_leaves for leaf in row), *shared]
    data = loop.run([float(read_data(item) if isinstance(item, Value) else item) for item in given])
    values = loop.values(given, data)
    size, count = len(kept_leaves), len(leaves)
    kept = [part.rebuild(values[count + size * i : count + size * (i + 1)]) for part in kept_structure for i in range(steps)]
    return structure.rebuild(values[:count]), kept


def _rows(rows: Sequence[Any] | None, name: str) -> tuple[list[list[Any]], Structure]:
    """The numbers of each row, and the structure that all of them have."""
    if rows is None:
        return [], NUMBER
    found = [flatten(row, f"step {i} of xs of {name}") for i, row in enumerate(rows)]
    structure = found[0][1]
    for i, (_, other) in enumerate(found):
        if other != structure:
            raise ValueError(f"step {i} of xs of {name} is {other}, and step 0 is {structure}: all must be of one structure")
    return [leaves for leaves, _ in found], structure
