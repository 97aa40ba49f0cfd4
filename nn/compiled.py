"""`fit` on compiled code: model, loss and the optimizer's rule are recorded once, then whole epochs run without a graph."""

from __future__ import annotations

import copy
import math
import time
import warnings
from collections.abc import Iterator, Sequence
from functools import cached_property
from types import SimpleNamespace
from typing import Any, NoReturn

from autograd_lite import log_softmax, where
from autograd_lite.compiler.front import choose_backend
from autograd_lite.compiler.model import UpdateRule, record_model, same_graph, trace_model
from autograd_lite.compiler.source import PythonProgram
from autograd_lite.compiler.tape import Argument, Tape
from autograd_lite.compiler.trace import Trace, uncollected
from autograd_lite.errors import TracingError
from nn.backends import EagerBackend, NonFiniteError
from nn.layers import Dropout
from nn.losses import Loss, cross_entropy, total
from nn.metrics import accuracy, sample_metrics, sign_accuracy
from nn.module import Module, in_mode
from nn.optimizers import OPTIMIZERS
from nn.samples import ArrayRows

SLOW = "this training cannot be compiled and runs eagerly, many times as slow"
PAUSE = 0.1  # seconds between two looks at the keyboard and the progress bar


def compiled_backend(backend: str, *training: Any) -> EagerBackend:
    """The compiled backend of that name; for `auto` the eager one where the model cannot be recorded.

    Raises:
        ImportError: `native` without numba.
        ValueError: the model cannot be recorded: it draws random numbers, or it or the loss looks at the numbers.
    """
    kind = NativeBackend if choose_backend(backend) == "native" else PythonBackend
    try:
        with uncollected():
            return kind(*training)
    except Exception as error:
        told = isinstance(error, TracingError | UnrecordableError)
        if not told and not runs_eagerly(*training):  # it is not the recording that is wrong
            if backend != "auto":
                raise
            return EagerBackend(*training)
        reason = error if told else f"{type(error).__name__}: {error}"
        if backend == "auto":
            warnings.warn(f"{SLOW}: {reason}. backend='eager' chooses that without this warning", stacklevel=4)
            return EagerBackend(*training)
        raise ValueError(f"backend {backend!r} cannot run this training: {reason}. Use backend='eager', or 'auto'") from error


def runs_eagerly(model: Module, rows: list[Any], targets: list[Any], loss: Loss, *_: Any) -> bool:
    """Whether the eager engine can compute the loss of the first sample."""
    try:
        loss(model(rows[0]), targets[0])
    except Exception:
        return False
    return True


class UnrecordableError(ValueError):
    """A model does more than a recording can keep."""


class PythonBackend(EagerBackend):
    """Runs each batch through straight-line Python."""

    name = "python"

    def __init__(self, *training: Any) -> None:
        super().__init__(*training)
        parameters = self.optimizer.parameters
        if any(isinstance(module, Dropout) and module.p for module in self.model.modules()):
            raise UnrecordableError("Dropout draws new numbers at each sample")
        if type(self.parameters[0].data) is not float or any(type(p.data) is not float for p in parameters):
            raise UnrecordableError("the parameters must be floats")
        self.columns = self.target_columns(self.targets)
        with in_mode(self.model, training=True):
            self.record()

    def record(self) -> None:
        """Record the training step; what was recorded before is forgotten."""
        parameters = self.optimizer.parameters
        self.training_tape, self.arguments, self.training_trace = record_model(
            self.numbers, parameters, floats(self.rows[0]), self.columns[0], differentiate=True
        )
        self.others = len(self.training_tape.outputs) - len(parameters) - 1
        self.measuring: Any = None
        self.measuring_trace: Trace | None = None
        vars(self).pop("program", None)

    def trace(self) -> Trace:
        """What the model and the loss compute now."""
        return trace_model(self.numbers, self.optimizer.parameters, floats(self.rows[0]), self.columns[0])

    def look_again(self) -> None:
        """Record anew what is no longer what it was."""
        if not same_graph(self.training_trace, self.trace()):
            with uncollected():
                self.record()
        if self.measuring_trace is not None:
            with in_mode(self.model, training=False):
                if not same_graph(self.measuring_trace, self.trace()):
                    self.measuring = self.measuring_trace = None

    @cached_property
    def program(self) -> PythonProgram:
        """A step in Python; the native backend asks it only for what went wrong."""
        reduced = [False] * (1 + self.others) + [True] * len(self.optimizer.parameters)
        return PythonProgram(self.training_tape, self.arguments, reduced, "training_step")

    def numbers(self, x: Any, y: Any) -> list[Any]:
        """The loss of one sample, and the outputs of the model."""
        output = self.model(x)
        loss = cross_entropy_of_shares(output, y) if self.loss is cross_entropy else self.loss(output, y)
        return [loss, *(output if hasattr(output, "__len__") else [output])]

    def target_columns(self, targets: Any) -> Any:
        """The targets as the recorded loss takes them: a class is one number for each output."""
        if isinstance(targets, ArrayRows):
            return targets
        classes = wants_classes(self.model, self.rows[0], targets, self.loss)
        if not classes:
            return [floats(target) for target in targets]
        return [[float(target == k) for k in range(classes)] for target in targets]

    def ask(self, numbers: list[float], batch: Sequence[int]) -> None:
        """Raise the error of the sample that cannot be computed with these parameters, if there is one."""
        for i in batch:
            try:
                self.program.run([numbers, [self.rows[i]], [self.columns[i]]])
            except ArithmeticError as error:
                raise NonFiniteError(f"sample {i}: {error}") from error

    def metrics_of(self, outputs: Sequence[Sequence[float]], targets: Sequence[Any]) -> list[float]:
        """The sum of each metric over samples."""
        each = [sample_metrics(self.metrics, o, t) for o, t in zip(outputs, targets, strict=True)]
        return [sum(column) for column in zip(*each, strict=True)]

    def measure(self, rows: list[Any], targets: list[Any]) -> dict[str, float]:
        """The mean loss and metrics over a set."""
        columns = self.target_columns(targets)
        if self.measuring is None:
            with in_mode(self.model, training=False):
                tape, arguments, _ = record_model(
                    self.numbers, self.optimizer.parameters, floats(rows[0]), columns[0], differentiate=False
                )
                self.measuring_trace = self.trace()
            self.measuring = self.measuring_program(tape, arguments)
        try:
            losses, *outputs = self.measuring.run([[p.data for p in self.optimizer.parameters], *self.arrays(rows, columns)])
        except ArithmeticError as error:
            raise NonFiniteError(f"validation: {error}") from error
        sums = [sum(losses), *self.metrics_of(self.by_sample(outputs), targets)]
        return {name: float(total) / len(rows) for name, total in zip(("loss", *self.metrics), sums, strict=True)}

    def measuring_program(self, tape: Tape, arguments: list[Argument]) -> Any:
        """What runs the forward pass over a set."""
        return PythonProgram(tape, arguments, [False] * len(tape.outputs), "forward")

    def arrays(self, rows: list[Any], columns: list[Any]) -> list[Any]:
        """Samples and targets as the program takes them."""
        return [list(part) for part in (rows, columns)]

    def by_sample(self, outputs: list[Any]) -> Any:
        """Outputs, one row a sample."""
        return list(zip(*outputs, strict=True))

    def step(self, batch: Sequence[int]) -> list[list[float]]:
        """Take one step on the mean loss of these samples; gives the loss and the metrics of each."""
        numbers = [parameter.data for parameter in self.optimizer.parameters]
        try:
            results = self.program.run([numbers, [self.rows[i] for i in batch], [self.columns[i] for i in batch]])
        except ArithmeticError:
            self.ask(numbers, batch)
            raise
        by_sample = list(zip(*results[: 1 + self.others], strict=True))
        for i, (loss, *_) in zip(batch, by_sample, strict=True):
            if not math.isfinite(loss):
                raise NonFiniteError(f"the loss of sample {i} is {loss!r}")
        for parameter, gradient in zip(self.optimizer.parameters, results[1 + self.others :], strict=True):
            parameter.grad = gradient
        self.change_parameters()
        return [
            [loss, *self.metrics_of([outputs], [self.targets[i]])] for i, (loss, *outputs) in zip(batch, by_sample, strict=True)
        ]


class NativeBackend(PythonBackend):
    """Runs whole epochs in machine code: batches, losses, gradients and the optimizer's updates."""

    name = "native"

    def __init__(self, *training: Any) -> None:
        import numpy

        self.numpy = numpy
        super().__init__(*training)
        self.target_array = self.targets.array if isinstance(self.targets, ArrayRows) else numpy.array(self.targets)

    def record(self) -> None:
        """Record the training step, and the optimizer's formula."""
        if type(self.optimizer) not in OPTIMIZERS.values() or "step" in vars(self.optimizer):
            raise UnrecordableError(
                f"{type(self.optimizer).__name__} has a step() of its own, which may look at all parameters at once, and "
                "machine code takes them one by one; backend='python' compiles all but that step"
            )
        super().record()
        self.record_step()

    def record_step(self) -> None:
        """Compile the training step, with the optimizer's settings as they are."""
        from autograd_lite.compiler.native.training import NativeTraining

        self.settings = copy.deepcopy(self.optimizer.settings)
        rows, columns = self.arrays(self.rows, self.columns)
        rule = UpdateRule(self.rule, len(self.optimizer.buffers))
        self.native = NativeTraining(
            self.training_tape, self.arguments, self.others, rows, columns, self.batch_size, rule, self.clip_norm, self.ask
        )

    def measuring_program(self, tape: Tape, arguments: list[Argument]) -> Any:
        """What runs the forward pass over a set."""
        from autograd_lite.compiler.native import NativeProgram

        return NativeProgram(
            tape,
            arguments,
            [False] * len(tape.outputs),
            "float64",
            lambda: PythonProgram(tape, arguments, [False] * len(tape.outputs), "f"),
            threads=1,
        )

    def arrays(self, rows: list[Any], columns: list[Any]) -> list[Any]:
        """Samples and targets as the program takes them."""
        return [part.array if isinstance(part, ArrayRows) else self.numpy.array(part, float) for part in (rows, columns)]

    def by_sample(self, outputs: list[Any]) -> Any:
        """Outputs, one row a sample."""
        return self.numpy.stack(outputs, 1)

    def rule(self, number: Any, gradient: Any, rate: Any, steps: Any, *buffers: Any) -> list[Any]:
        """The optimizer's own formula for one parameter."""
        one = copy.copy(self.optimizer)
        parameter: Any = SimpleNamespace(data=number, grad=gradient)
        one.parameters, one.lr, one.steps = [parameter], rate, steps - 1
        one.buffers = {name: [buffer] for name, buffer in zip(self.optimizer.buffers, buffers, strict=True)}
        one.step()
        return [parameter.data, *(numbers[0] for numbers in one.buffers.values())]

    def metrics_of(self, outputs: Any, targets: Any) -> list[float]:
        """The sum of each metric over samples, all at once where it is an accuracy."""
        numpy = self.numpy
        sums = []
        for name, metric in self.metrics.items():
            if metric in (accuracy, sign_accuracy):
                threshold = 0.5 if metric is accuracy else 0.0
                wanted = numpy.asarray(targets)
                if outputs.shape[1] == 1:
                    right = (outputs[:, 0] > threshold) == (wanted.reshape(len(wanted)) > threshold)
                else:
                    right = outputs.argmax(1) == (wanted.argmax(1) if wanted.ndim > 1 else wanted)
                sums.append(float((right & ~numpy.isnan(outputs).any(1)).sum()))
            else:
                plain = targets.tolist() if hasattr(targets, "tolist") else targets
                each = [sample_metrics({name: metric}, o, t) for o, t in zip(outputs.tolist(), plain, strict=True)]
                sums.append(sum(number for (number,) in each))
        return sums

    def train(self, order: list[int], rates: Sequence[float]) -> Iterator[tuple[int, list[float], int]]:
        """One epoch; see `EagerBackend.train`. The model's Values are brought up to date at its end."""
        if self.optimizer.settings != self.settings:  # a callback has changed the momentum, say
            self.record_step()
        numpy, native, optimizer = self.numpy, self.native, self.optimizer
        places, speeds = numpy.array(order, numpy.int64), numpy.array([*rates, 0.0])
        native.load([p.data for p in optimizer.parameters], list(optimizer.buffers.values()), optimizer.steps)
        first, chunk, last = 0, 1, len(rates)
        while first < last:
            # The last step is run on its own, so that what was before it is at hand when something is wrong after it.
            stop = min(first + chunk, max(last - 1, first + 1))
            began = time.perf_counter()
            stopped, numbers = native.run(places, first, stop, speeds)
            chunk = max(1, min(2 * chunk, int(chunk * PAUSE / max(time.perf_counter() - began, 1e-6))))
            if len(numbers):
                chosen = places[first * self.batch_size : first * self.batch_size + len(numbers)]
                wanted = self.target_array[chosen] if self.metrics else ()
                yield stopped - first, [float(numbers[:, 0].sum()), *self.metrics_of(numbers[:, 1:], wanted)], len(numbers)
            if stopped == first:
                self.find_fault(native.batch(places, stopped))
            first = stopped
        self.synchronise()

    def find_fault(self, batch: list[int]) -> NoReturn:
        """Raise the error for the sample of a batch whose loss is not finite."""
        numbers = self.native.parameters.tolist()
        losses = self.program.run([numbers, [self.rows[i] for i in batch], [self.columns[i] for i in batch]])[0]
        faults = [
            f"the loss of sample {i} is {loss!r}" for i, loss in zip(batch, losses, strict=True) if not math.isfinite(loss)
        ]
        raise NonFiniteError(faults[0] if faults else "a loss is not finite")

    def synchronise(self) -> None:
        """Bring the model's Values and the optimizer up to date."""
        for parameter, number in zip(self.optimizer.parameters, self.native.parameters.tolist(), strict=True):
            parameter.data = number
        self.optimizer.buffers = {
            name: numbers.tolist() for name, numbers in zip(self.optimizer.buffers, self.native.optimizer_buffers, strict=True)
        }
        self.optimizer.steps = self.native.steps

    def undo_unfinished(self) -> None:
        """The steps in machine code are never left half done."""
        self.synchronise()

    def undo_last(self) -> None:
        """Put back the weights from before the last step that went well."""
        self.native.go_back_one_step()
        self.synchronise()


def wants_classes(model: Module, x: Any, targets: list[Any], loss: Loss) -> int:
    """The number of classes, where each target is one; else 0. A class chooses an output; a recording needs shares instead."""
    if loss is not cross_entropy or hasattr(targets[0], "__len__"):
        return 0
    return len(model(x))


def cross_entropy_of_shares(logits: Sequence[Any], shares: Sequence[Any]) -> Any:
    """`cross_entropy` where the shares are data: the logarithm of what has none does not count, be it infinite."""
    return -total([where(y, y * log_p, 0.0) for y, log_p in zip(shares, log_softmax(logits), strict=True)])


def floats(numbers: Any) -> Any:
    """A number or a list of numbers as floats."""
    return [float(number) for number in numbers] if hasattr(numbers, "__len__") else float(numbers)
