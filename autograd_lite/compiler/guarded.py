"""What is not chosen passes nothing on, be it infinite: how compiled code keeps to that at no cost.

A derivative is recorded with conditions only where a slope was infinite, or may be by the operations that it is made of; see
`autograd_lite.gradients`. Elsewhere what a choice has switched off is a product with 0, which is 0, unless the other factor is
infinite or NaN at the numbers of a later call. Then the product is NaN, and so is what it adds to. So where a function has
choices and a result is NaN, it is computed once more, by a recording with a condition for every product.

A NaN of that kind is not always to be seen in the results. A function that takes derivatives itself and decides by one of them
gives a number. The steps of a loop hand theirs on, and a model and its loss are asked by many, who have not the time to look.
So these are recorded with all conditions at once: see `decides_by_slopes` and `takes_derivatives_of_choices`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from autograd_lite.basics.arraylike import is_numpy_array
from autograd_lite.compiler.backend import Program
from autograd_lite.compiler.trace import Trace
from autograd_lite.gradients import meets
from autograd_lite.graph.bundles import BUNDLES
from autograd_lite.graph.order import topological_order
from autograd_lite.ops import OWN
from autograd_lite.primitive import Primitive
from autograd_lite.value import Value


class GuardedProgram:
    """A program of a tape with choices, and what runs in its place where that gives NaN.

    Arguments:
        program: of the usual recording.
        again: makes that of the guarded one; it is asked with the arguments of the first run that gives NaN.
    """

    def __init__(self, program: Program, again: Callable[[Sequence[Any]], Program]) -> None:
        self.program, self._again = program, again
        self._guarded: Program | None = None

    def run(self, arguments: Sequence[Any]) -> Any:
        """The outputs; see `Program.run`."""
        outputs = self.program.run(arguments)
        if not has_nan(outputs):
            return outputs
        if self._guarded is None:
            self._guarded = self._again(arguments)
        return self._guarded.run(arguments)


def has_choices(primitives: Iterable[Primitive | None]) -> bool:
    """Whether one of these chooses, so that a NaN may be of what is not chosen.

    A loop counts as one that does, whatever its steps do: to a sweep back, what does not arrive is a 0 as well.
    """
    return any(primitive is not None and (primitive.chooses or primitive.result_of is not None) for primitive in {*primitives})


def takes_derivatives_of_choices(trace: Trace) -> bool:
    """Whether a recorded function takes derivatives itself, and something in it chooses, so that they may be such NaN."""
    return bool(trace.recorder.slopes) and has_choices(node.primitive for node in order_of(trace))


def decides_by_slopes(trace: Trace) -> bool:
    """Whether a recorded function, or its gradient, decides by a derivative that it takes, and that may be such a NaN.

    A comparison is no NaN, even if that derivative is.
    """
    depends = {slope for slope in trace.recorder.slopes or () if isinstance(slope, Value)}
    order = order_of(trace) if depends else []
    if not has_choices(node.primitive for node in order):
        return False
    for node in order:
        if meets(node, depends):
            depends.add(node)
            primitive = node.primitive
            deciding = [o for o, derivative in zip(node.operands, primitive.derivatives, strict=False) if derivative is None]
            by_slope = any(type(o) not in BUNDLES and o in depends for o in deciding)
            if may_decide(primitive) and (by_slope or primitive not in OWN):
                return True
    return False


def may_decide(primitive: Primitive | None) -> bool:
    """Whether an operation, or one in the steps of a loop, may make a number of a NaN; of a user's own nobody knows."""
    if primitive is None:
        return False
    if primitive.result_of is not None:
        return any(map(may_decide, primitive.result_of[0].primitives))
    return primitive not in OWN or (None in primitive.derivatives and not primitive.stops_gradient)


def order_of(trace: Trace) -> list[Value]:
    """The nodes that the results of a recorded function, and its gradient if that is recorded, are computed from."""
    return topological_order(*[result for result in (*trace.outputs, *trace.gradient) if isinstance(result, Value)])


def has_nan(outputs: Any) -> bool:
    """Whether there is a NaN among the outputs of a program."""
    if is_numpy_array(outputs):
        return bool((outputs != outputs).any())
    for output in outputs:
        if type(output) is not float and (isinstance(output, list) or is_numpy_array(output)):
            if has_nan(output):
                return True
        elif output != output:
            return True
    return False
