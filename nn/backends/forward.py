"""The outputs of a model, and its loss, over whole sets without a graph: recorded once, kept with the model, run when asked."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any, Final
from weakref import WeakKeyDictionary

from autograd_lite.compiler.training import choose_backend, native_program, uncollected
from autograd_lite.graph.moments import clock
from autograd_lite.leaves import numbers_of
from nn.backends.contents import Contents, same_contents
from nn.backends.recording import ModelRecording, check_recordable, exact_float, flat
from nn.losses import Loss
from nn.metrics import AnyMetric, Tally
from nn.module import Module, in_mode
from nn.samples import Rows, WeightedRows

PIECE: Final = 1 << 13  # samples that are floats at once, whatever they were before
NUMBERS: Final = 1 << 21  # of narrow samples as many as have so many numbers: after each piece threads wait for one another
WORTH_SHARING: Final = 10**6  # operations; fewer take less than a millisecond
KEPT: Final = 8  # recordings of one model: with several losses, say

# Takes the numbers of the parameters, samples, their targets, and how many threads share them; gives the loss of each sample,
# and the outputs for each.
Run = Callable[[Any, Rows, Rows, int], tuple[Any, Any]]


class RecordedForward:
    """A recording of a model, in evaluation mode, and the program that runs it.

    Arguments:
        model, loss: what is recorded; without a loss, of the outputs alone.
        parameters: the Values whose numbers are read at each run.
        rows, targets: the first of each is what is recorded with.
        kind: the compiled backend, "python" or "native".
    """

    def __init__(
        self, model: Module, loss: Loss | None, parameters: Sequence[Any], rows: Rows, targets: Rows, kind: str
    ) -> None:
        self.kind = kind
        self.recording = ModelRecording(model, loss, parameters, rows[0], targets[0], gradient=False)
        self._latest: tuple[Any, Any] = None, None  # a moment, and the numbers then
        self._taken: Callable[[list[Any]], Any] = list
        self._run: Run = self._native() if kind == "native" else self._python

    def run(self, rows: Rows, targets: Rows, threads: int = 0) -> tuple[Any, Any]:
        """The loss of each sample, if there is a loss, and the outputs for each: with the numbers that the parameters have now.

        Arguments:
            rows, targets: of a set.
            threads: how many share the samples in machine code; 0: one for each core, if there is enough to do. What a sample
                gives is the same for any number.

        Raises:
            ArithmeticError, ValueError: what Python raises for a sample.
        """
        return self._run(self.numbers(), rows, targets, threads)

    def numbers(self) -> Any:
        """The number in each parameter now, as the program takes them; read anew where a Value was changed since."""
        now, (moment, known) = clock.now, self._latest
        if moment is not now:
            numbers = numbers_of(self.recording.parameters)
            if {*map(type, numbers)} - {float}:
                numbers = [exact_float(number) for number in numbers]
            known = self._taken(numbers)
            self._latest = now, known
        return known

    def take(self, numbers: Any) -> None:
        """Take over the numbers that the parameters have now, from who has them in an array."""
        self._latest = clock.now, numbers

    def _python(self, numbers: Any, rows: Rows, targets: Rows, threads: int) -> tuple[Any, Any]:
        results = self.recording.program.run([numbers, [flat(row) for row in rows], [flat(target) for target in targets]])
        losses, outputs = results[: self.recording.losses], results[self.recording.losses :]
        return (losses[0] if losses else []), list(zip(*outputs, strict=True))

    def _native(self) -> Run:
        import numpy

        from nn.backends.arrays import as_array

        recording, operations, self._taken = self.recording, self.recording.tape.count, numpy.array
        program: Any = native_program(recording.tape, recording.arguments, recording.reduced, lambda: recording.program)
        width = sum(len(argument.slots) for argument in recording.arguments if argument.batched)
        piece = max(PIECE, 1 << max(NUMBERS // width, 1).bit_length() - 1)

        def run(numbers: Any, rows: Rows, targets: Rows, threads: int) -> tuple[Any, Any]:
            work = len(rows) * (operations + len(numbers))
            program.threads = threads or (cores() if work > WORTH_SHARING else 1)
            pieces = []
            for start in range(0, len(rows), piece):
                part = slice(start, start + piece)
                pieces.append(numpy.array(program.run([numbers, as_array(rows, part), as_array(targets, part)])))
            results = numpy.concatenate(pieces, 1)
            losses, outputs = results[: recording.losses], results[recording.losses :]
            return (losses[0] if recording.losses else []), numpy.ascontiguousarray(outputs.T)

        return run


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def measured(forward: RecordedForward, metrics: Mapping[str, AnyMetric], rows: Rows, targets: Rows) -> dict[str, float]:
    """The mean loss and the metrics over a set."""
    losses, outputs = forward.run(rows, targets)
    if forward.kind == "native":
        from nn.backends.arrays import array_metrics, array_weights, plain_array

        weights = array_weights(targets)
        one = None if weights is None else weights[None]
        found = array_metrics(metrics, outputs[None], plain_array(targets)[None], one)
        return {"loss": float(losses.sum()) / len(rows), **{name: of_set[0] for name, of_set in found.items()}}
    tally = Tally(metrics, isinstance(targets, WeightedRows))
    for sample in zip(losses, outputs, targets, strict=True):
        tally.add(*sample)
    return tally.results()


_kept: WeakKeyDictionary[Module, list[RecordedForward]] = WeakKeyDictionary()


def kept_forward(model: Module, loss: Loss | None, rows: Rows, targets: Rows, backend: str) -> RecordedForward | None:
    """What is kept with the model and runs it, if a quick look tells that it still computes the same. See `forward_of`."""
    for forward in alike(model, loss, rows, targets, backend):
        if forward.recording.contents.hold(model, loss):
            return forward
    return None


def forward_of(
    model: Module, loss: Loss | None, rows: Rows, targets: Rows, backend: str, parameters: Sequence[Any] | None = None
) -> RecordedForward:
    """What runs the model in evaluation mode: what is kept with it, if it still computes the same, or a new recording.

    Arguments:
        model, loss, rows, targets: those of `RecordedForward`.
        backend: "python", "native", or "auto".
        parameters: the Values whose numbers change most; those of the model if not given.

    Raises:
        UnrecordableError, TracingError: it cannot be recorded.
    """
    found = kept_forward(model, loss, rows, targets, backend)
    if found is not None:
        return found
    with in_mode(model, training=False):
        found = current(alike(model, loss, rows, targets, backend), model, loss)
        if found is None:
            chosen = model.parameters() if parameters is None else parameters
            check_recordable(model, chosen)
            with uncollected():
                found = RecordedForward(model, loss, chosen, rows, targets, choose_backend(backend))
            with suppress(TypeError):  # a module that cannot be a key: it defines an equality of its own
                kept = _kept.setdefault(model, [])
                kept.append(found)
                del kept[:-KEPT]
    return found


def alike(model: Module, loss: Loss | None, rows: Rows, targets: Rows, backend: str) -> list[RecordedForward]:
    """What is kept with a model for this backend, of such samples and targets, with a loss or without."""
    try:
        kept = _kept.get(model, [])
    except TypeError:  # see `forward_of`
        return []
    return [
        forward
        for forward in kept
        if forward.recording.losses == int(loss is not None)
        and forward.recording.fits(rows[0], targets[0])
        and is_of(forward.kind, backend)
    ]


def is_of(kind: str, backend: str) -> bool:
    """Whether a program is of the kind that runs what asks for this backend; that is asked for only where it is not clear."""
    return kind == backend or (backend == "auto" and (kind == "native" or choose_backend(backend) == kind))


def current(kept: Sequence[RecordedForward], model: Module, loss: Loss | None) -> RecordedForward | None:
    """The one of these that computes what the model and the loss compute now, if there is one."""
    if not kept:
        return None
    now = Contents(model, loss, modes=False)
    for forward in kept:
        if same_contents(now.found, forward.recording.contents.found):
            forward.recording.contents = now
            return forward
    return kept[-1] if kept[-1].recording.is_current(model, loss) else None
