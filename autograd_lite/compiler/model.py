"""Recording what training needs: a model with its loss and the gradient, and an optimizer's formula."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from autograd_lite.compiler.source import PythonProgram
from autograd_lite.compiler.tape import Argument, Tape, side_by_side, write_tape
from autograd_lite.compiler.trace import Trace
from autograd_lite.errors import TracingError
from autograd_lite.trees import NUMBER, flatten
from autograd_lite.value import BUNDLES, Value, topological_order


def record_model(
    function: Callable[[Any, Any], Sequence[Any]], parameters: Sequence[Any], sample: Any, target: Any, differentiate: bool
) -> tuple[Tape, list[Argument], Trace]:
    """The tape of a model's loss and its outputs, and, if that is wanted, of the gradient of the loss by the parameters.

    With it come the tape's arguments, and a trace to hold against a later `trace_model`: whether it is still the same model.

    Arguments:
        function: gives for one sample and its target a list: the loss, then any other numbers.
        parameters: the Values to differentiate by.
        sample, target: the numbers to record with.
        differentiate: whether the gradient is wanted.
    """
    trace = trace_model(function, parameters, sample, target)
    outputs = list(trace.outputs)
    again = trace_model(function, parameters, sample, target)
    if not same_graph(trace, again):
        raise TracingError(
            "the model or the loss computes something else each time it is called (does it draw random numbers?)"
        )
    if differentiate:
        trace.outputs, trace.single = outputs[:1], True
        trace.differentiate([0])
    arguments = side_by_side(trace.names, trace.structures, [False, True, True])
    return write_tape(trace, outputs + trace.gradient), arguments, again


def trace_model(function: Callable[[Any, Any], Sequence[Any]], parameters: Sequence[Any], sample: Any, target: Any) -> Trace:
    """One recording of a model as `record_model` takes it, forward only: `same_graph` tells whether it is still the same."""
    taken = [flatten(list(parameters), "the parameters"), flatten(sample, "a sample"), flatten(target, "a target")]
    leaves, structures = zip(*taken, strict=True)
    return Trace(lambda _, x, y: function(x, y), leaves, structures, ["parameters", "x", "y"])


def same_graph(one: Trace, other: Trace) -> bool:
    """Whether two recordings of a function made the same operations of the same operands."""
    if len(one.outputs) != len(other.outputs):
        return False
    same: dict[Any, Any] = {}  # for each node or bundle of the first its counterpart
    for values, others in zip(one.inputs, other.inputs, strict=True):
        same.update(zip(values, others, strict=True))

    def agree(a: Any, b: Any) -> bool:
        if type(a) in BUNDLES:
            if id(a) not in same:
                if type(b) is not type(a) or len(a) != len(b) or not all(map(agree, a, b)):
                    return False
                same[id(a)] = b
            return same[id(a)] is b
        if isinstance(a, Value) and isinstance(b, Value):
            return same.get(a, a) is b or (a.is_constant and b.is_constant and repr(a.data) == repr(b.data))
        return repr(a) == repr(b)

    nodes, others = (topological_order(*(o for o in t.outputs if isinstance(o, Value))) for t in (one, other))
    for node, counterpart in zip(nodes, others, strict=False):
        if node.primitive is not counterpart.primitive or not all(map(agree, node.operands, counterpart.operands)):
            return False
        same[node] = counterpart
    return all(map(agree, one.outputs, other.outputs))


class UpdateRule:
    """An optimizer's formula for one parameter, recorded.

    Arguments:
        rule: gives the new number and the new buffers for `(number, gradient, rate, steps, *buffers)`.
        buffers: how many buffers there are.
    """

    def __init__(self, rule: Callable[..., Sequence[Any]], buffers: int) -> None:
        given = ["number", "gradient", "rate", "steps"]
        names = [*given, *[f"buffer{i}" for i in range(buffers)]]
        trace = Trace(rule, [[0.5]] * len(names), [NUMBER] * len(names), names)
        arguments = side_by_side(names, [NUMBER] * len(names), [False] * len(names))
        outputs = list(trace.outputs)
        tape = write_tape(trace, outputs)
        program = PythonProgram(tape, arguments, [False] * len(outputs), "update")
        body, _, results = program.source.rpartition("    return [")
        self.source = f"{body}    return ({results.rstrip()[:-1]},)\n"
        self.namespace = program.namespace
        self.changed = [output != buffer for buffer, output in enumerate(tape.outputs[1:], len(given))]
