"""All that `nn` needs of the compiler: a training step recorded, and the programs that run it.

`record_model` records a model with its loss and the gradient, and `UpdateRule` an optimizer's formula. `PythonProgram` and
`native_program` run the recorded step, and `native_training` runs many steps without Python in between.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from operator import is_
from typing import TYPE_CHECKING, Any

from autograd_lite.compiler.backend import Program, choose_backend
from autograd_lite.compiler.bulk import Bulk, stretches, whole_bundles
from autograd_lite.compiler.guarded import GuardedProgram, has_choices, has_nan, takes_derivatives_of_choices
from autograd_lite.compiler.python import PythonProgram
from autograd_lite.compiler.simplify import Term, simplified_tape
from autograd_lite.compiler.tape import Argument, Tape, side_by_side
from autograd_lite.compiler.trace import KEEP_OR_CHOOSE, Trace, Traced, refuse, uncollected
from autograd_lite.compiler.update import UpdateRule
from autograd_lite.compiler.watched import CapturedNumber
from autograd_lite.errors import TracingError
from autograd_lite.graph.bundles import BUNDLES
from autograd_lite.graph.order import topological_order
from autograd_lite.trees import NUMBER, Structure, flatten
from autograd_lite.value import Value

if TYPE_CHECKING:
    from autograd_lite.compiler.native.training import NativeTraining

__all__ = [
    "Argument",
    "CapturedNumber",
    "GuardedProgram",
    "PythonProgram",
    "Tape",
    "Trace",
    "Traced",
    "UpdateRule",
    "choose_backend",
    "has_choices",
    "has_nan",
    "native_program",
    "native_training",
    "record_model",
    "same_graph",
    "shuffled",
    "trace_model",
    "uncollected",
]

Model = Callable[..., Sequence[Any]]  # gives for what one sample has, its target say, the loss, then any other numbers


def record_model(
    function: Model,
    parameters: Sequence[Any],
    sample: Mapping[str, Any],
    differentiate: bool,
    whole: bool = False,
    guards: bool = False,
) -> tuple[Tape, list[Argument], Trace]:
    """The tape of a model's loss and its outputs, and, if that is wanted, of the gradient of the loss by the parameters.

    With it come the tape's arguments, and a recording to hold against a later one of `trace_model`: whether the model is still
    the same.

    Arguments:
        function: gives for one sample a list: the loss, then any other numbers.
        parameters: the Values to differentiate by.
        sample: what the function takes, by name: the numbers to record with.
        differentiate: whether the gradient is wanted.
        whole: whether the gradient by a layer's weights may be an outer product of the tape; see `bulk`.
        guards: whether every product of a derivative has a condition, see `guarded`; then there are no outer products. A
            function that takes derivatives of choices itself is recorded so in any case: nobody looks at its numbers twice.

    Raises:
        TracingError: the model is another one at its next call.
    """
    trace = trace_model(function, parameters, sample, guards)
    if not guards and takes_derivatives_of_choices(trace):
        return record_model(function, parameters, sample, differentiate, whole, guards=True)
    again = trace_model(function, parameters, sample, guards)
    trace.stretches = stretches(trace.outputs, trace.inputs[0])
    if not same_graph(trace, again):
        raise TracingError(
            "the model or the loss computes something else each time it is called (does it draw random numbers?)"
        )
    arguments = side_by_side(trace.names, trace.structures, [False, *[True] * len(sample)])
    terms: list[Term] = []
    failing = [*trace.recorder.failing]  # of the model itself: without compiling it cannot leave out what no result needs
    if differentiate:
        loss, *_ = trace.outputs
        bundles = whole_bundles([loss], trace.stretches) if whole and not guards and isinstance(loss, Value) else []
        bulk = Bulk(bundles, trace.stretches)
        places = [trace.stretches[bundle] for bundle in bundles]
        trace.differentiate(loss, [0], bulk, places)
        for bundle, place in zip(bundles, places, strict=True):
            terms += [(len(trace.outputs) + place.start, *term) for term in bulk.weights[bundle]]
    return simplified_tape(trace, trace.outputs + trace.gradient, terms, always=failing), arguments, again


def trace_model(function: Model, parameters: Sequence[Any], sample: Mapping[str, Any], guards: bool = False) -> Trace:
    """One recording of a model, forward only; the arguments are those of `record_model`."""
    given = list(parameters), Structure(list, (), (NUMBER,) * len(parameters))
    taken = [given, *[flatten(numbers, name) for name, numbers in sample.items()]]
    leaves, structures = zip(*taken, strict=True)
    trace = Trace(lambda _, *parts: function(*parts), leaves, structures, ["parameters", *sample], guards)
    for value, line in trace.recorder.looks.items():
        if any(value is parameter for parameter in parameters):
            refuse("the number of a parameter was read", KEEP_OR_CHOOSE, line)
    return trace


def same_graph(one: Trace, other: Trace) -> bool:
    """Whether two recordings of a function made the same operations of the same operands."""
    if len(one.outputs) != len(other.outputs):
        return False
    same: dict[Any, Any] = {}  # for each node or bundle of the first its counterpart
    for values, others in zip(one.inputs, other.inputs, strict=True):
        if not all(map(is_, values, others)):
            same.update((a, b) for a, b in zip(values, others, strict=True) if a is not b)

    def agree(a: Any, b: Any) -> bool:
        if type(a) in BUNDLES:
            if id(a) not in same:
                if a is not b and (type(b) is not type(a) or len(a) != len(b) or not all(map(agree, a, b))):
                    return False
                same[id(a)] = b
            return same[id(a)] is b
        if isinstance(a, Value) and isinstance(b, Value):
            return same.get(a, a) is b or (a.is_constant and b.is_constant and repr(a.data) == repr(b.data))
        return repr(a) == repr(b)

    leaves = {**one.stretches, **other.stretches}
    nodes, others = (topological_order(*(o for o in t.outputs if isinstance(o, Value)), leaves=leaves) for t in (one, other))
    for node, counterpart in zip(nodes, others, strict=False):
        if node.primitive is not counterpart.primitive or not all(map(agree, node.operands, counterpart.operands)):
            return False
        same[node] = counterpart
    return all(map(agree, one.outputs, other.outputs))


def native_program(
    tape: Tape, arguments: Sequence[Argument], reduced: Sequence[bool], python: Callable[[], PythonProgram], threads: int = 1
) -> Program:
    """A tape as machine code, with float64.

    Arguments:
        tape: what it computes.
        arguments: where the inputs come from.
        reduced: for each output whether it is averaged over the batch.
        python: makes the same program in Python, which is asked what is an error.
        threads: how many share the samples of a batch.
    """
    from autograd_lite.compiler.native import NativeProgram

    return NativeProgram(tape, arguments, reduced, "float64", python, threads)


def native_training(
    tape: Tape,
    arguments: Sequence[Argument],
    others: int,
    batch_size: int,
    rules: Sequence[tuple[UpdateRule, int]],
    clip_norm: float | None,
    dtype: str = "float64",
    sources: Sequence[str] = (),
) -> NativeTraining:
    """A training step as machine code, with the optimizer's update: see `NativeTraining` for the arguments."""
    from autograd_lite.compiler.native.training import NativeTraining

    return NativeTraining(tape, arguments, others, batch_size, rules, clip_norm, dtype, sources)


def shuffled(rows: int, seed: str) -> Any:
    """The numbers below `rows`, in the order in which `random.Random(seed).shuffle` leaves them; as an array."""
    from autograd_lite.compiler.native.training import shuffled

    return shuffled(rows, seed)
