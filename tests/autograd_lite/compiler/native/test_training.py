"""Training in machine code, step by step: what many steps leave is what one after the other leave, wherever they stop."""

import math

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import autograd_lite as ag
from autograd_lite import Value
from autograd_lite.compiler.training import UpdateRule, record_model

numpy = pytest.importorskip("numpy")
pytest.importorskip("numba")
from autograd_lite.compiler.native import plan  # noqa: E402
from autograd_lite.compiler.native.generated import update_kernel  # noqa: E402
from autograd_lite.compiler.native.kernel import Kernels  # noqa: E402
from autograd_lite.compiler.native.training import NativeTraining  # noqa: E402


def rule(number, gradient, rate, steps, m):
    return [number - rate * (0.5 * m + gradient) / steps, 0.5 * m + gradient]


RULE = UpdateRule(rule, 1)
# A sample's kind by its target: (what is wanted, a scale). Machine code cannot tell whether Python refuses to double it.
TARGETS = {"plain": (0.5, 1.0), "looked at": (0.5, 1.5e308), "refused": (0.5, 0.0), "infinite": (1e200, 1.0)}


@ag.primitive(derivatives=[lambda out, x: 2])
def doubled(x):
    return x + x


def loss_and_output(w, b, x, y):
    wanted, scale = y
    output = w * x + b
    return [(output - wanted) * (output - wanted) + 1 / doubled(scale), output]


class Training:
    """`NativeTraining` of a line beside the textbook's formulas."""

    def __init__(self, kinds, batch_size, clip_norm=None):
        self.kinds, self.batch_size, self.clip_norm = kinds, min(batch_size, len(kinds)), clip_norm
        self.xs = [math.sin(3 * i + 1) for i in range(len(kinds))]
        self.ys = [TARGETS[kind] for kind in kinds]
        w, b = Value(0.75, "w"), Value(0.25, "b")
        sample = {"x": self.xs[0], "y": [0.5, 1.0]}
        tape, arguments, _ = record_model(lambda x, y: loss_and_output(w, b, x, y), [w, b], sample, True)
        self.native = NativeTraining(tape, arguments, 1, self.batch_size, [(RULE, arguments[0].stop)], clip_norm)
        self.native.take([self.xs, self.ys], self.ask)
        self.batches = -(-len(kinds) // self.batch_size)
        self.count = 2 * self.batches  # the steps of two epochs
        self.orders = [numpy.roll(numpy.arange(len(kinds)), epoch) for epoch in (1, 2)]
        self.rates = [0.3 / (1 + step) for step in range(self.count)]
        self.epochs = self.native.epochs(self.orders, self.rates, True, (0, -math.inf, 0, 0, 0))
        self.states = [([0.75, 0.25], [0.125, -0.5])]  # what is expected before each step
        self.native.load(*self.states[0][:1], [self.states[0][1]], 0)

    def ask(self, numbers, batch):
        assert numbers == self.native.parameters.tolist()
        if "refused" in [self.kinds[i] for i in batch]:
            raise ArithmeticError("refused")

    def expected(self, step):
        """The numbers of each sample of a step; the state after it is noted."""
        numbers, buffers = self.states[step]
        rows, gradient = [], [0.0, 0.0]
        batch = self.batch(step)
        assert self.epochs.batch(step) == batch.tolist()
        for i in batch:
            x, (wanted, scale) = self.xs[i], self.ys[i]
            output = numbers[0] * x + numbers[1]
            rows.append([(output - wanted) ** 2 + 1 / (scale + scale), output])
            gradient[0] += 2 * (output - wanted) * x / len(batch)
            gradient[1] += 2 * (output - wanted) / len(batch)
        if self.clip_norm is not None:
            gradient = [g * min(1, self.clip_norm / (math.hypot(*gradient) + 1e-6)) for g in gradient]
        buffers = [0.5 * m + g for m, g in zip(buffers, gradient, strict=True)]
        speed = self.rates[step] / (step + 1)
        numbers = [number - speed * m for number, m in zip(numbers, buffers, strict=True)]
        self.states[step + 1 :] = [(numbers, buffers)]
        return rows

    def is_at(self, step):
        """Whether parameters, buffers and the count of steps are those before this step."""
        numbers, buffers = self.states[step]
        assert self.native.parameters == pytest.approx(numbers, rel=1e-12)
        assert self.native.optimizer_buffers[0] == pytest.approx(buffers, rel=1e-12)
        assert self.native.steps == step

    def batch(self, step):
        epoch, place = divmod(step, self.batches)
        return self.orders[epoch][place * self.batch_size : (place + 1) * self.batch_size]

    def kinds_of(self, step):
        return {self.kinds[i] for i in self.batch(step)}

    def run(self, first, last):
        """Run, compare, and give where it stopped."""
        stop = next((step for step in range(first, last) if self.kinds_of(step) != {"plain"}), last)
        if stop == first and "refused" in self.kinds_of(first):
            with pytest.raises(ArithmeticError, match="refused"):
                self.native.run(self.epochs, first, last)
            self.is_at(first)
            return first
        if stop == first and "infinite" not in self.kinds_of(first):
            stop = first + 1
        stopped = self.native.run(self.epochs, first, last)
        assert stopped == stop
        rows = [row for step in range(first, stop) for row in self.expected(step)]
        numbers = self.epochs.by_sample(0, 2).reshape(-1, 2)[self.epochs.taken(first) : self.epochs.taken(stop)]
        assert numbers.ravel() == pytest.approx(numpy.ravel(rows), rel=1e-12)
        losses = [sum(loss for loss, _ in self.expected(step)) for step in range(first, stop)]
        assert self.epochs.sums[first:stop] == pytest.approx(losses, rel=1e-12)
        if stop == self.count:
            assert self.epochs.means * len(self.kinds) == pytest.approx(self.epochs.sums.reshape(2, -1).sum(1), rel=1e-12)
        self.is_at(stopped)
        return stopped


KINDS = st.lists(st.sampled_from(["plain"] * 7 + ["looked at"] * 3 + list(TARGETS)), min_size=1, max_size=12)


@example(["looked at", "plain", "plain", "looked at", "looked at"], 1, [6] * 12, None)
@given(KINDS, st.integers(1, 5), st.lists(st.integers(1, 6), min_size=12, max_size=12), st.sampled_from([None, 0.5]))
def test_steps_stop_before_one_that_needs_a_look_and_the_last_one_can_be_taken_back(kinds, batch_size, chunks, clip_norm):
    training = Training(kinds, batch_size, clip_norm)
    first = 0
    for chunk in chunks:
        stopped = training.run(first, min(first + chunk, training.count)) if first < training.count else first
        if stopped == first:
            break
        first = stopped
    training.native.go_back_one_step()
    training.is_at(max(first - 1, 0))


def test_a_batch_may_take_several_blocks(monkeypatch):
    monkeypatch.setattr(plan, "LARGEST_BLOCK", 8)
    training = Training(["plain"] * 50, 20)
    assert training.native.code.block == 7
    assert training.run(0, 3) == 3


def test_clipping_the_norm_is_one_instruction_more_after_the_samples():
    plain, clipped = (Training(["plain"] * 8, 4, clip_norm).native.code for clip_norm in (None, 0.5))
    assert clipped.counts == [plain.counts[0], plain.counts[1], plain.counts[2] + 1]
    assert clipped.size == plain.size


def test_a_rule_is_compiled_once():
    """Else an optimizer whose machine code another one has replaced would run freed memory."""
    kernels = Kernels("float64")
    one, again, other = (
        kernels.address(update_kernel(made.source, made.namespace, made.changed))
        for made in (UpdateRule(f, 1) for f in (rule, rule, lambda number, gradient, rate, steps, m: [number - gradient, m]))
    )
    assert one == again != other
