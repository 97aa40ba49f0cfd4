"""One step of a loop as a graph of its own: from the carry, the row of this step and what all steps share to the next carry.

Between steps, derivatives are numbers: where none arrives there is a 0. A guarded step must tell such a 0 from one that
arrives, since 0 times infinity is NaN. So its 0 for what does not arrive is -0.0, to which every other number can be added
without a loss, and no number that arrives is -0.0: see `or_absent`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from autograd_lite.compiler.simplify import written_tape
from autograd_lite.compiler.tape import Tape
from autograd_lite.compiler.trace import Recorder, Traced
from autograd_lite.gradients import ABSENT, arrives, gradients_of, meets, or_absent, plus, tangents_of, times
from autograd_lite.graph.bundles import BUNDLES, Bundle
from autograd_lite.graph.order import topological_order
from autograd_lite.graph.storage import read_data
from autograd_lite.modes import entered
from autograd_lite.operands import node_of
from autograd_lite.ops import where
from autograd_lite.value import Value


@dataclass(frozen=True, eq=False)
class StepBody:
    """One step of a loop. What goes in are leaves of its graph; what comes out are Values of it, or plain numbers.

    Attributes:
        carry: what the step before hands on.
        row: what is this step's own.
        index: the number of the step, if it is asked for; at most one.
        shared: what all steps share.
        next_carry: what is handed on to the next step, as many as `carry`.
        kept: what is kept of this step.
        failing: the nodes that may have no value at other numbers.
        guards: whether its derivatives have a condition for every product.
    """

    carry: list[Value]
    row: list[Value]
    index: list[Value]
    shared: list[Value]
    next_carry: list[Any]
    kept: list[Any]
    failing: list[Value] = field(default_factory=list)
    guards: bool = False

    @property
    def inputs(self) -> list[Value]:
        """All that goes in."""
        return [*self.carry, *self.row, *self.index, *self.shared]

    @property
    def outputs(self) -> list[Any]:
        """All that comes out."""
        return [*self.next_carry, *self.kept]

    @property
    def absent(self) -> float:
        """What stands for a gradient or a tangent that does not arrive."""
        return ABSENT if self.guards else 0.0

    @cached_property
    def tape(self) -> Tape:
        """The instructions of a step."""
        return written_tape(self.inputs, self.outputs, self.failing)

    @cached_property
    def backward_tape(self) -> Tape:
        """The instructions of a step backward: from the inputs and the gradients of the outputs to those of the inputs.

        There are none for the number of the step.
        """
        with entered(lambda: Recorder(self.guards)):
            gradients = [Traced(1.0) for _ in self.outputs]
            total: Any = None  # its derivatives by the inputs are what is asked for
            for gradient, output in zip(gradients, self.outputs, strict=True):
                if isinstance(output, Value) and not output.is_constant:
                    total = plus(total, times(gradient, where(arrives(gradient), output, 0) if self.guards else output))
            wanted = [*self.carry, *self.row, *self.shared]
            conditions: dict[Value, Any] | None = {} if self.guards else None
            found = {} if total is None else gradients_of(total, wanted, conditions=conditions)
            by_inputs = self.handed_on(wanted, found, conditions)
        return written_tape([*self.inputs, *gradients], by_inputs)

    def handed_on(self, values: Sequence[Any], found: dict[Value, Any], conditions: dict[Value, Any] | None) -> list[Any]:
        """The derivatives that were found of these, which may be plain numbers: as one step hands them on to another."""
        handed: list[Any] = []
        for value in values:
            derivative = found.get(value) if isinstance(value, Value) else None
            if derivative is None:
                derivative = self.absent
            elif conditions is not None:
                derivative = or_absent(conditions.get(value), derivative)
            handed.append(derivative)
        return handed

    @cached_property
    def tangent(self) -> StepBody:
        """The step that carries on, beside the numbers, their derivatives along one direction: forward mode.

        Every list but that of the index is twice as long: first the numbers, then their tangents.
        """
        outputs = [output for output in self.outputs if isinstance(output, Value)]
        with entered(lambda: Recorder(self.guards)):
            moved: dict[Value, Any] = {leaf: Traced(0.0) for leaf in (*self.carry, *self.row, *self.shared)}
            conditions = {leaf: arrives(tangent) for leaf, tangent in moved.items()} if self.guards else None
            tangents = tangents_of(topological_order(*outputs), moved, closed=False, conditions=conditions)
            next_carry, kept = (
                [*given, *self.handed_on(given, tangents, conditions)] for given in (self.next_carry, self.kept)
            )
        carry, row, shared = ([*given, *map(moved.__getitem__, given)] for given in (self.carry, self.row, self.shared))
        return StepBody(carry, row, self.index, shared, next_carry, kept, guards=self.guards)


def body_alone(
    carry: Sequence[Value],
    row: Sequence[Value],
    index: Sequence[Value],
    next_carry: Sequence[Any],
    kept: Sequence[Any],
    recorder: Recorder,
) -> tuple[StepBody, list[Value], list[Value]]:
    """What was recorded of a step, copied to leaves of its own.

    What does not depend on the carry, the row or the index is the same in all steps, and so is computed before the loop.

    Returns:
        the body; the Values from around the loop that all its steps share; and, of those nodes that may have no value, the ones
        that are computed before the loop.
    """
    inputs, failing = [*carry, *row, *index], recorder.failing
    depends = set(inputs)
    order = topological_order(*failing, *(output for output in (*next_carry, *kept) if isinstance(output, Value)))
    for node in order:
        if meets(node, depends):
            depends.add(node)
    copies: dict[Any, Any] = {leaf: Traced(read_data(leaf), leaf.label) for leaf in inputs}
    shared: dict[Value, Value] = {}

    def copy(value: Any) -> Any:
        if not isinstance(value, Value) or value.is_constant:
            return value
        if value not in copies:
            copies[value] = shared[value] = Traced(read_data(value), value.label)
        return copies[value]

    def copy_of_operand(operand: Any) -> Any:
        if type(operand) not in BUNDLES:
            return copy(operand)
        if operand not in copies:
            copies[operand] = Bundle(map(copy, operand))
        return copies[operand]

    for node in order:
        if node in depends:
            copied = node_of(node.primitive, tuple(map(copy_of_operand, node.operands)), read_data(node), Traced)
            copied.label = node.label
            copies[node] = copied
    outputs = [*map(copy, next_carry)], [*map(copy, kept)]
    body = StepBody(
        carry=[copies[leaf] for leaf in carry],
        row=[copies[leaf] for leaf in row],
        index=[copies[leaf] for leaf in index],
        shared=[*shared.values()],
        next_carry=outputs[0],
        kept=outputs[1],
        failing=[copies[node] for node in failing if node in depends],
        guards=recorder.guards,
    )
    return body, [*shared], [node for node in failing if node not in depends]
