"""A model and its loss, recorded once, so that they can be run without a graph."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from functools import cached_property
from typing import Any
from zlib import crc32

from autograd_lite import Value
from autograd_lite.basics.arraylike import is_numpy_number, is_sequence, listed
from autograd_lite.compiler.training import CapturedNumber, PythonProgram, record_model, same_graph, trace_model
from autograd_lite.leaves import numbers_of, set_numbers
from nn.backends.contents import Contents, same_contents
from nn.dropout import Dropout, dropout_calls, dropping, keeping
from nn.losses import Loss
from nn.module import Module
from nn.samples import ArrayRows, Rows, WeightedRows
from nn.several import Inputs, answer


class UnrecordableError(ValueError):
    """A model does more than a recording can keep."""


class OwnStepError(UnrecordableError):
    """An optimizer has a step of its own, which machine code cannot take."""


class ModelRecording:
    """The loss of one sample and the outputs of the model, recorded in the mode that the model is in.

    It does not hold the model, which may so be freed before it.

    Arguments:
        model, loss: what is recorded; without a loss, of the outputs alone.
        parameters: the Values whose numbers are an argument of the recording.
        sample, target: the numbers to record with.
        gradient: whether the gradient of the loss by the parameters is recorded too.
        whole: whether that by a layer's weights is recorded as a whole, which only machine code can run.
        guards: whether what is not chosen passes nothing on though it may be infinite at other numbers: with a condition for
            every product, and so slower.

    Attributes:
        tape: gives the loss, the outputs, and the gradient.
        arguments: where its inputs come from.
        dropouts: how Dropouts are called for a sample; what they keep is then the last of the arguments.
        losses, outputs: how many losses there are, 0 or 1, and how many outputs.
        reads: the numbers of Values that the model or the loss reads itself; these are no parameters.
        reduced: for each number that the tape gives whether it is averaged over a batch: the gradient is.
    """

    def __init__(
        self,
        model: Module,
        loss: Loss | None,
        parameters: Sequence[Value],
        sample: Any,
        target: Any,
        *,
        gradient: bool,
        whole: bool = False,
        guards: bool = False,
    ) -> None:
        self.parameters = parameters
        self.sample, self.target = as_floats(sample), as_floats(target)
        self.contents = Contents(model, loss, modes=gradient)  # else the model is in evaluation mode
        self.dropouts = dropout_calls(model, self.sample)
        step, given = LossAndOutputs(model, loss), self.given()
        self.tape, self.arguments, self.trace = record_model(step, parameters, given, gradient, whole, guards)
        self.reads = [CapturedNumber(value, line) for value, line in self.trace.recorder.looks.items()]
        slopes = len(parameters) if gradient else 0
        self.losses = int(loss is not None)
        self.outputs = len(self.tape.outputs) - self.losses - slopes
        self.reduced = [False] * (self.losses + self.outputs) + [True] * slopes

    def given(self) -> dict[str, Any]:
        """What it takes of a sample, with the numbers that it was recorded with."""
        return {"x": self.sample, "y": self.target} | ({"kept": [1.0] * self.kept} if self.kept else {})

    @property
    def guards(self) -> bool:
        """Whether every product of a derivative in it has a condition."""
        return self.trace.recorder.guards

    @property
    def kept(self) -> int:
        """How many numbers say what Dropouts keep of a sample."""
        return sum(count for _, count in self.dropouts)

    def fits(self, sample: Any, target: Any) -> bool:
        """Whether it is of samples and targets of this structure."""
        return same_structure(self.sample, sample) and same_structure(self.target, target)

    def is_current(self, model: Module, loss: Loss | None) -> bool:
        """Whether this model and this loss compute what was recorded: they are recorded again where a look does not tell."""
        if any(read.changed() for read in self.reads):
            return False
        if self.contents.hold(model, loss):
            return True
        now = Contents(model, loss, self.contents.modes)
        if same_contents(now.found, self.contents.found):
            self.contents = now
            return True
        if dropout_calls(model, self.sample) != self.dropouts:
            return False
        if not same_graph(self.trace, trace_model(LossAndOutputs(model, loss), self.parameters, self.given(), self.guards)):
            return False
        self.contents = now
        return True

    @cached_property
    def program(self) -> PythonProgram:
        """The recording as straight-line Python, without the gradients that were recorded as a whole."""
        tape = self.tape.without_products()
        reduced = self.reduced[: len(tape.outputs)]  # those that are averaged come last
        return PythonProgram(tape, self.arguments, reduced, "training_step" if any(reduced) else "forward")


class LossAndOutputs:
    """What is recorded, as a function of a sample, its target, and what Dropouts keep, if there are any."""

    def __init__(self, model: Module, loss: Loss | None) -> None:
        self.model, self.loss = model, loss

    def __call__(self, x: Any, y: Any, kept: Sequence[Any] = ()) -> list[Any]:
        """The loss, if there is one, and the outputs."""
        with keeping(kept):
            output, loss = answer(self.model, x), self.loss
        if loss is None:
            return listed(output)
        return [loss(output, y), *listed(output)]


def check_recordable(model: Module, parameters: Sequence[Value]) -> None:
    """Raise an UnrecordableError for what a recording would keep for good though it changes, or cannot compute with.

    Numbers that floats hold exactly are made floats.
    """
    for dropout in dropping(model):
        if not dropout._computes_as(Dropout):
            raise UnrecordableError(
                f"{type(dropout).__name__}, a Dropout, has a forward() of its own, which may draw as it likes"
            )
    if {*map(type, numbers_of(parameters))} - {float}:
        set_numbers(parameters, [*map(exact_float, numbers_of(parameters))])


def exact_float(number: Any) -> float:
    """The float that equals a number of Python's or NumPy's."""
    if isinstance(number, float | int) or is_numpy_number(number):
        converted = float(number)
        if converted == number or converted != converted:
            return converted
    raise UnrecordableError(f"the parameters must be floats, and one is {number!r} ({type(number).__name__})")


def as_floats(numbers: Any) -> Any:
    """A number, or numbers in lists, as floats."""
    if not is_sequence(numbers):
        return float(numbers)
    return (Inputs if type(numbers) is Inputs else list)(map(as_floats, numbers))


def flat(numbers: Any) -> Any:
    """The numbers in lists within lists as one list, as a program takes them; one number as it is."""
    if type(numbers) is not Inputs and not (is_sequence(numbers) and len(numbers) and is_sequence(numbers[0])):
        return numbers
    return [number for part in numbers for number in listed(flat(part))]


def checksum(rows: Rows, check: int = 0) -> int:
    """Tells other samples, or targets, from these; those that lie elsewhere know it. `check` is that of what came before."""
    known = getattr(rows, "checksum", None)
    if known is not None:
        return crc32(int(known).to_bytes(4), check)
    if isinstance(rows.targets if isinstance(rows, WeightedRows) else rows, ArrayRows):
        from nn.backends.arrays import as_array  # NumPy is there: the rows are an array of its

        for start in range(0, len(rows), 1 << 12):
            check = crc32(as_array(rows, slice(start, start + (1 << 12))).data, check)
        return check
    for item in rows:
        check = crc32(array("d", listed(flat(item))).tobytes(), check)
    return check


def same_structure(one: Any, other: Any) -> bool:
    """Whether two samples, or targets, are both numbers, or lists of one length and structure."""
    if not (is_sequence(one) and is_sequence(other)):
        return is_sequence(one) == is_sequence(other)
    if type(one) is Inputs or type(other) is Inputs:
        return type(one) is type(other) and len(one) == len(other) and all(map(same_structure, one, other))
    return len(one) == len(other) and (not len(one) or same_structure(one[0], other[0]))
