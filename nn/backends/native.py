"""The native backend runs whole epochs in machine code: batches, losses, gradients and the optimizer's updates."""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import compress
from types import SimpleNamespace
from typing import Any, NoReturn

import numpy as np

from autograd_lite.compiler.training import GuardedProgram, UpdateRule, has_nan, native_program, native_training, shuffled
from autograd_lite.graph.moments import clock
from autograd_lite.leaves import set_again, set_numbers
from nn.backends.arrays import array_metrics, array_weights, plain_array, source_array
from nn.backends.backend import Best, NonFiniteError, Progress, State, Training, put_state, same_values, state_of
from nn.backends.compiled import CompiledBackend, check_losses
from nn.backends.forward import RecordedForward
from nn.backends.kept import CompiledStep, description, keep_for_next, take_kept
from nn.backends.recording import ModelRecording, OwnStepError, check_recordable
from nn.clipping import norm_and_scale
from nn.dropout import draw_array
from nn.finding import trained
from nn.groups import Group
from nn.module import is_trained
from nn.optimizers import OPTIMIZERS, Optimizer
from nn.samples import ArrayRows, Rows

PAUSE = 0.1  # seconds between two looks at the keyboard and the progress bar
MEMORY = 1 << 21  # numbers of orders and results that are there at once


class NativeBackend(CompiledBackend):
    """Keeps parameters and optimizer in the memory of the machine code while an epoch runs."""

    name = "native"
    whole = True
    step: CompiledStep
    guarded_step: CompiledStep | None = None  # made when it is asked for
    _updates: tuple[CompiledStep | None, list[tuple[Any, Any]]] = None, []  # those of this step

    def __init__(self, training: Training) -> None:
        self.arrays = source_array(training.rows), source_array(training.targets)
        super().__init__(training)
        self.take(training.rows, training.targets)
        self.keep()

    def take(self, rows: Rows, targets: Rows) -> None:
        """Go on with other samples of the same kind; or, given none, let go of those there are."""
        super().take(rows, targets)
        self.arrays = source_array(rows), source_array(targets)
        if not len(rows):
            self.guarded_step = None
        if len(rows) and not self.step.is_of(self.training, self.arrays):  # numbers of another type
            self.step = self.compiled_step()
        self.hand_over()
        self.wanted, self.shares = plain_array(targets), array_weights(targets)

    def record(self) -> None:
        """Record the training step, and the optimizer's formula."""
        training = self.training
        self.program: Any = None  # of the gradient alone, made when it is asked for
        check_formula(training.optimizer)
        step = take_kept(training, self.arrays)
        if step is None:
            super().record()
            self.step = self.compiled_step()
        else:
            self.recording, self.step = step.recording, step
            if self.native.moment is not clock.now:
                check_recordable(training.model, step.recording.parameters)

    def look_again(self) -> bool:
        """Record again what a callback has changed."""
        before = self.recording
        may_differ = super().look_again()
        is_same = self.recording is before
        if not (is_same and self.step.is_of(self.training, self.arrays)):  # a callback has changed the momentum, say
            if is_same:
                self.step = self.compiled_step()
            self.hand_over()
            self.keep()
        return may_differ

    def hand_over(self) -> None:
        """Give the samples to the machine code, with room for what Dropouts keep of each."""
        numbers = self.recording.kept
        self.kept = ArrayRows(np.zeros((len(self.training.rows), numbers), np.uint8))
        self.native.take([*self.arrays, *([self.kept.array] if numbers else [])], self.look_for_errors)

    def draw(self, order: Sequence[int]) -> None:
        """Draw what Dropouts keep of these samples; see `CompiledBackend.draw`."""
        if self.recording.kept:
            self.kept.array[order] = draw_array(self.recording.dropouts, len(order))

    @property
    def native(self) -> Any:
        """The training step as machine code."""
        return self.step.native

    def compiled_step(self, recording: ModelRecording | None = None) -> CompiledStep:
        """A recording of the training step, if not another the usual one, with the optimizer's settings as they are."""
        training, recording = self.training, recording or self.recording
        training.tell("making machine code")
        optimizer, size = training.optimizer, min(training.batch_size, len(training.rows))
        rules = [UpdateRule(partial(self.update, group), len(optimizer.buffers)) for group in optimizer.groups]
        sizes = [len(trained(optimizer.in_group(group))) for group in optimizer.groups]
        sources, tape = [*[array.dtype.name for array in self.arrays], *["uint8"] * bool(recording.kept)], recording.tape
        by_group, clip_norm = [*zip(rules, sizes, strict=True)], training.clip_norm
        native = native_training(
            tape, recording.arguments, recording.outputs, size, by_group, clip_norm, training.dtype, sources
        )
        return CompiledStep(recording, native, rules, copy.deepcopy(description(training, self.arrays)))

    def release(self) -> None:
        """Keep the step for the next training of the model."""
        self.native.take([[]] * len(self.native.sources), nothing)
        self.guarded_step = None
        keep_for_next(self.training.model, self.step)

    def update(self, group: Group, number: Any, gradient: Any, rate: Any, steps: Any, *buffers: Any) -> list[Any]:
        """The optimizer's own formula for one parameter of a group."""
        one = copy.copy(self.training.optimizer)
        parameter: Any = SimpleNamespace(data=number, grad=gradient)
        one.parameters, one.lr, one.steps = [parameter], rate, steps - 1
        one.groups = [Group(0, 1, group.own)]
        one.buffers = {name: [buffer] for name, buffer in zip(one.buffers, buffers, strict=True)}
        one.step()
        return [parameter.data, *(numbers[0] for numbers in one.buffers.values())]

    @property
    def together(self) -> int:
        """As many epochs as need no more than `MEMORY` numbers for orders and results."""
        if self.recording.kept:  # what they keep is drawn for one epoch
            return 1
        training, results = self.training, self.native.columns if self.training.metrics else 0
        return max(1, MEMORY // (len(training.rows) * (1 + results) + training.batches))

    def order(self, seed: str | None) -> Any:
        """The samples in the order of an epoch."""
        rows = len(self.training.rows)
        return np.arange(rows) if seed is None else shuffled(rows, seed)

    def train(
        self, orders: Sequence[Any], rates: Sequence[float], done: int = 0, best: Best | None = None, patience: int = 0
    ) -> Iterator[Progress]:
        """Some epochs, in chunks of about `PAUSE` seconds; see `Backend.train`."""
        self.keep()
        self.draw(orders[0])
        native, batches = self.native, self.training.batches
        watched = best or Best([], 0, -math.inf)  # nothing is better than that
        epochs = native.epochs(
            orders if batches > 1 else None,
            rates,
            kept=bool(self.training.metrics),
            watch=(done, watched.score, watched.epoch, patience, 0),
        )
        first, chunk, last = 0, 1, len(rates)
        while first < last:
            began = time.perf_counter()
            with native.all_or_nothing():  # as long as nobody has heard of these steps, they were not taken
                stopped = self.run(epochs, first, min(first + chunk, last))
                lost = epochs.weights_are_lost
                finished = self.measured(epochs, orders, first // batches, stopped // batches - lost)
            chunk = max(1, min(2 * chunk, int(chunk * PAUSE / max(time.perf_counter() - began, 1e-6))))
            if stopped == first:
                self.raise_fault(epochs.batch(stopped))
            if best is not None and epochs.best[1] > best.epoch:
                best.score, best.epoch = epochs.best
                best.weights = self.weights_among(native.best)
            shown = {name: numbers[-1] for name, numbers in finished.items()} or {"loss": epochs.mean_so_far(stopped)}
            yield Progress(stopped - first, shown, finished, lost)
            if lost or epochs.is_out_of_patience:
                break
            first = stopped
        self.synchronise()

    def run(self, epochs: Any, first: int, last: int) -> int:
        """The steps from `first` to `last`, or to where it had to stop; see `NativeTraining.run`.

        Where a weight has become NaN, they are taken once more, one by one, and the step that made it so is taken guarded: so
        it does not matter how many steps a call makes.
        """
        native, lost = self.native, has_nan(self.native.parameters)
        stopped: int = native.run(epochs, first, last)
        if lost or stopped == first or not (has_nan(native.parameters) and self.may_mix):
            return stopped
        native.go_back()
        for step in range(first, stopped):
            native.run(epochs, step, step + 1)
            if has_nan(native.parameters):
                native.go_back()
                guarded = self.guarded_native()
                guarded.go_on_from(native)
                taken: int = guarded.run(epochs, step, step + 1)
                native.go_on_from(guarded)
                return taken
        return stopped

    def guarded_native(self) -> Any:
        """The training step, guarded, as machine code."""
        step, recording = self.guarded_step, self.guarded()
        if step is None or step.recording is not recording or not step.is_of(self.training, self.arrays):
            step = self.guarded_step = self.compiled_step(recording)
        return step.native

    def measured(self, epochs: Any, orders: Sequence[Any], first: int, last: int) -> dict[str, list[float]]:
        """The mean loss and metrics of each of these epochs."""
        if last <= first:
            return {}
        finished = {"loss": epochs.means[first:last].tolist()}
        metrics = self.training.metrics
        if metrics:
            order = np.stack(orders[first:last])
            weights = None if self.shares is None else self.shares[order]
            columns = array_metrics(metrics, epochs.by_sample(first, last)[:, :, 1:], self.wanted[order], weights)
            finished |= {name: numbers.tolist() for name, numbers in columns.items()}
        return finished

    def forward(self, rows: Rows, targets: Rows) -> RecordedForward:
        """What runs a set through the model: with the numbers that are here, where they are those of the parameters."""
        forward, native = super().forward(rows, targets), self.native
        if native.moment is clock.now and same_values(forward.recording.parameters, self.recording.parameters):
            forward.take(native.parameters.astype(float))
        return forward

    def weights(self) -> Any:
        """The number in every parameter."""
        return self.weights_among(self.native.parameters) if self.native.moment is clock.now else super().weights()

    def weights_among(self, numbers: Any) -> Any:
        """The number in every parameter, where those of the optimizer have these, in an array."""
        own, trained = self.training.parameters, self.recording.parameters
        if same_values(own, trained):
            return numbers.copy()
        new = dict(zip(trained, numbers.tolist(), strict=True))
        return [new.get(parameter, parameter.data) for parameter in self.training.parameters]

    def raise_fault(self, batch: Sequence[int]) -> NoReturn:
        """Raise the error for the sample of a batch whose loss is not finite."""
        check_losses(batch, self.run_in_python(self.native.parameters.tolist(), batch)[0])
        raise NonFiniteError(f"a loss is not finite in {self.training.dtype}")

    def synchronise(self) -> None:
        """Bring the model's Values and the optimizer up to date."""
        optimizer, native = self.training.optimizer, self.native
        write = set_again if native.written is clock.now else set_numbers
        write(self.recording.parameters, native.parameters.tolist())
        native.moment = native.written = clock.now
        buffers = zip(optimizer.buffers, native.optimizer_buffers, native.update.changed, strict=True)
        new = {name: numbers.tolist() for name, numbers, changed in buffers if changed}
        for name, numbers in new.items():
            if len(numbers) < len(optimizer.parameters):  # the others are frozen
                trained = iter(numbers)
                pairs = zip(optimizer.parameters, optimizer.buffers[name], strict=True)
                new[name] = [next(trained) if is_trained(parameter) else before for parameter, before in pairs]
        optimizer.buffers |= new
        optimizer.steps = self.native.steps

    def keep(self) -> None:
        """Take over what the model and the optimizer hold; the weights only if a Value was changed since they were the same."""
        optimizer, native = self.training.optimizer, self.native
        buffers = list(optimizer.buffers.values())
        if len(self.recording.parameters) < len(optimizer.parameters):
            trained = [*map(is_trained, optimizer.parameters)]
            buffers = [[*compress(numbers, trained)] for numbers in buffers]
        same = native.moment is clock.now
        native.load(None if same else self.numbers(), buffers, optimizer.steps)
        if same or self.training.dtype == "float64":  # else they were rounded
            native.moment = clock.now

    @property
    def holds_all(self) -> bool:
        """Whether all that the optimizer holds is in the memory of the machine code: nothing is frozen."""
        return same_values(self.recording.parameters, self.training.optimizer.parameters)

    def load(self, state: State) -> None:
        """Go on from this state; the model gets its numbers with `synchronise`."""
        if self.holds_all:
            self.native.load(*state)
            self.native.moment = None
        else:
            put_state(self.training.optimizer, state)
            self.keep()

    def state(self) -> State:
        """What the steps so far have come to."""
        native = self.native
        if self.holds_all:
            return State(native.parameters.astype(float), [b.astype(float) for b in native.optimizer_buffers], native.steps)
        self.synchronise()
        return state_of(self.training.optimizer)

    def gradient(self, chosen: Any) -> tuple[Any, Any, Any]:
        """The gradient over some samples; see `Backend.gradient`."""
        recording, native = self.recording, self.native
        self.draw(chosen)
        if self.program is None:
            self.program = as_program(recording)
            if self.may_mix:
                self.program = GuardedProgram(self.program, lambda _: as_program(self.guarded()))
        try:
            results = self.program.run([native.parameters, *[array[chosen] for array in native.samples]])
        except ArithmeticError:
            self.look_for_errors(native.parameters.tolist(), list(chosen))
            raise
        first = 1 + recording.outputs
        losses, *outputs = results[:first]
        if not np.isfinite(losses).all():
            check_losses(chosen, losses.tolist())
        gradient = np.array(results[first:])
        if not self.holds_all:
            moving, gradient = gradient, np.zeros(len(self.training.optimizer.parameters))  # of those that are frozen 0
            gradient[[*map(is_trained, self.training.optimizer.parameters)]] = moving
        return gradient, losses, np.stack(outputs, 1)

    def after(self, state: State, gradient: Any, rate: float) -> State:
        """The state after the optimizer's step by a gradient; see `Backend.after`."""
        optimizer, max_norm = self.training.optimizer, self.training.clip_norm
        updates = self.updates()
        if max_norm is not None:
            moving = np.concatenate([own for own, _ in updates])
            gradient = gradient * norm_and_scale(gradient[moving].tolist(), max_norm)[1]
        before = np.array([state.parameters, *state.buffers], float)
        after, steps = before.copy(), state.steps + 1
        for own, program in updates:
            numbers, *buffers = before[:, own]
            try:
                after[:, own] = program.run([numbers, gradient[own], rate, float(steps), *buffers])
            except ArithmeticError as error:
                raise NonFiniteError(f"the step of {optimizer!r}: {error}") from error
        return State(after[0], [*after[1:]], steps)

    def updates(self) -> list[tuple[Any, Any]]:
        """Of each group of parameters the places of those that are not frozen, if there are any, and its formula for arrays."""
        step, updates = self._updates
        if step is not self.step:
            optimizer, updates = self.training.optimizer, []
            moving = np.flatnonzero([*map(is_trained, optimizer.parameters)])
            for group, rule in zip(optimizer.groups, self.step.rules, strict=True):
                own = moving[(group.start <= moving) & (moving < group.stop)]
                if len(own):
                    updates.append((own, native_program(*rule.of_arrays())))
            self._updates = self.step, updates
        return updates

    def some_steps(self, chosen: Any, rates: Sequence[float]) -> tuple[Any, Any]:
        """Steps on some samples; see `Backend.some_steps`."""
        self.draw(chosen)
        epochs = self.native.epochs([chosen], rates, kept=True, watch=(0, -math.inf, 0, 0, 0))
        first, last = 0, len(rates)
        while first < last:
            stopped = self.run(epochs, first, last)
            if stopped == first:
                self.raise_fault(epochs.batch(first))
            first = stopped
        (table,) = epochs.by_sample(0, 1)
        return table[:, 0], table[:, 1:]

    def undo_unfinished(self) -> None:
        """A step in machine code is never left half done."""
        self.synchronise()

    def undo_last(self) -> None:
        """Put back what was before the last step that went well."""
        self.native.go_back_one_step()
        self.synchronise()


def nothing(numbers: list[float], batch: list[int]) -> None:
    """Ask nobody."""


def as_program(recording: ModelRecording) -> Any:
    """A recording as machine code that takes no step."""
    return native_program(recording.tape, recording.arguments, recording.reduced, lambda: recording.program)


def check_formula(optimizer: Optimizer) -> None:
    """Raise an OwnStepError if the step of the optimizer is not the formula of one of ours, parameter by parameter."""
    if type(optimizer) not in OPTIMIZERS.values() or "step" in vars(optimizer):
        raise OwnStepError(
            f"{type(optimizer).__name__} has a step() of its own, which may look at all parameters at once, and "
            "machine code takes them one by one"
        )
