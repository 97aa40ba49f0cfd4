"""Gradient descent as the documents write it: w ← w − η · ∂C/∂w, with numbers (D17), and which weights move most (D19)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from autograd_lite.basics.checks import check_range, whole_number, wrong_value
from autograd_lite.basics.elsewhere import answers_calls
from nn.documents.averages import average
from nn.documents.backpropagation import layer_terms
from nn.documents.derivation import by_symbol, derivative
from nn.documents.layout import Block, Equation, Printed, left_out_note
from nn.documents.letters import Letters, checked_style
from nn.documents.network import Samples
from nn.documents.passes import Pass
from nn.layers import Sequential
from nn.losses import Loss
from nn.notation import Formula, factor, join, number, partial, remark


@dataclass(frozen=True)
class Update:
    """The step of one weight or bias.

    Attributes:
        place: (l, j, k) of a weight, (l, j) of a bias.
        before, after: the number.
        derivative: of the loss that the step makes smaller.
    """

    place: tuple[int, ...]
    before: float
    derivative: float
    after: float


class Step:
    """One step of gradient descent: along the gradient of one sample, or along the mean of several.

    Attributes:
        samples: which samples, from 0.
        updates: the step of every weight and bias, those that move most first.
        loss: of these samples, before the step.
        loss_after: of the same samples, after it.
    """

    def __init__(self, passes: Sequence[Pass], samples: Sequence[int], rate: float, letters: Letters, single: bool) -> None:
        self._letters, self._passes, self._rate, self._single = letters, passes, rate, single
        self.samples = list(samples)
        terms = layer_terms(passes)
        self.before = passes[0].parameters
        self.after = self.before.moved([t.dW for t in terms], [t.delta for t in terms], rate)
        self._terms = terms
        self.passes_after = [Pass(self.after, each.a[0], each.y, each.function) for each in passes]
        self.loss = sum(each.loss for each in passes) / len(passes)
        self.loss_after = sum(each.loss for each in self.passes_after) / len(passes)

    @property
    def updates(self) -> list[Update]:
        """The step of every weight and bias, those that move most first."""
        every = []
        for l, neurons in enumerate(self.before.neurons):
            for j, neuron in enumerate(neurons):
                every += [self.update((l, j, k)) for k in range(len(neuron.w))]
                every += [self.update((l, j))] if neuron.b is not None else []
        return sorted(every, key=lambda update: -abs(update.derivative))

    def update(self, place: tuple[int, ...]) -> Update:
        """The step of one weight (l, j, k) or bias (l, j)."""
        l, j, *k = place
        before, after, terms = self.before, self.after, self._terms[l]
        if k:
            return Update(place, before.W[l][j][k[0]], terms.dW[j][k[0]], after.W[l][j][k[0]])
        return Update(place, before.b[l][j], terms.delta[j], after.b[l][j])

    # How it is printed

    def loss_name(self) -> Formula:
        """The loss that this step makes smaller: that of its sample, or of all, or the mean of its batch."""
        return self._letters.loss(self.samples[0]) if len(self.samples) == 1 else self._letters.loss()

    def equation(self, update: Update) -> Formula:
        """w ← w − η · ∂C/∂w, with the numbers."""
        letters, by = self._letters, self._symbol(update)
        slope = partial(self.loss_name(), by)
        text = f"{by.text} ← {by.text} − η · {slope.text}"
        latex = rf"{by.latex} &\leftarrow {by.latex} - \eta \cdot {slope.latex}"
        if letters.style.numbers:
            before, rate, d, after = number(update.before), number(self._rate), factor(update.derivative), number(update.after)
            text += f" = {before.text} − {rate.text} · {d.text} = {after.text}"
            latex += rf" = {before.latex} - {rate.latex} \cdot {d.latex} = {after.latex}"
        return Formula(text, latex)

    def _symbol(self, update: Update) -> Formula:
        kind = "weight" if len(update.place) == 3 else "bias"
        return by_symbol(self._letters, kind, update.place)

    def _mean_derivative(self, update: Update) -> Equation:
        """Where the derivative of a batch comes from: the mean over its samples (D8)."""
        by, kind, letters = self._symbol(update), "weight" if len(update.place) == 3 else "bias", self._letters
        each = [derivative(sample, kind, update.place) for sample in self._passes]
        mean = self._mean(partial(self.loss_name(), by), lambda i: partial(letters.loss(i), by), each)
        return Equation(mean.name, mean.steps[2:], together=True)

    def blocks(self, place: str) -> list[Block]:
        """The step on a page: its loss, the updates, the loss after it; `place` is where the reader has this step."""
        letters = self._letters
        page: list[Block] = []
        if len(self.samples) > 1:
            losses = [each.loss for each in self._passes]
            page.append([self._mean(self.loss_name(), letters.loss, losses)])
            w = Formula("w", "w")
            rule = self._mean(partial(self.loss_name(), w), lambda i: partial(letters.loss(i), w), losses)
            page.append([replace(rule, steps=rule.steps[:1])])
        page.append(self._movers(place))
        if letters.style.numbers:
            page.append(self._losses())
        return page

    def _mean(self, name: Formula, of_sample: Callable[[int | str], Formula], values: Sequence[float]) -> Equation:
        return average(name, of_sample, values, self._letters.style, self.samples[0])

    def _movers(self, place: str) -> Block:
        updates, limit, numbers = self.updates, self._letters.style.limit, self._letters.style.numbers
        shown = updates if limit is None else updates[:limit]
        largest = abs(shown[0].derivative) or 1.0
        lines: list[Formula | str | Equation] = ["in proportion to their derivatives, those that move most first:"]
        for update in shown:
            if not numbers:
                lines.append(self.equation(update))
                continue
            share = abs(update.derivative) / largest
            of_largest = Formula(f"{share:.0%} of the largest move", rf"{100 * share:.0f}\% \text{{ of the largest move}}")
            lines += [self._mean_derivative(update)] if len(self.samples) > 1 else []
            lines.append(join([self.equation(update), of_largest], ",  ", r", \quad "))
        rest = updates[len(shown) :]
        if rest:
            most = f", which move by {number(self._rate * abs(rest[0].derivative)).text} at most" if numbers else ""
            lines.append(f"… and {len(rest):,} more{most}, in {place}.updates[{len(shown)}:]")
        return lines

    def _losses(self) -> Block:
        change = number(self.loss_after - self.loss)
        after = remark(number(self.loss_after), f"a change of {change.text}")
        return [
            Equation(remark(self.loss_name(), "before"), [number(self.loss)], together=True),
            Equation(remark(self.loss_name(), "after"), [after], together=True),
        ]


class Descent(Printed):
    """Steps of gradient descent, one after another; made by `descend`.

    Attributes:
        steps: each a `Step`.
        loss: the mean loss of all samples before the first step.
        loss_after: after the last one.
    """

    def __init__(self, samples: Samples, letters: Letters, rate: float, batch_size: int) -> None:
        self._samples, self._letters, self._rate = samples, letters, rate
        self.steps: list[Step] = []
        parameters = samples.parameters
        for begin in range(0, len(samples), batch_size):
            batch = range(begin, min(begin + batch_size, len(samples)))
            passes = [samples.again(i, parameters) for i in batch]
            self.steps.append(Step(passes, batch, rate, letters, samples.single))
            parameters = self.steps[-1].after
        self.parameters = parameters
        self.loss = samples.mean(each.loss for each in samples)
        self.loss_after = samples.mean(samples.again(i, parameters).loss for i in range(len(samples)))

    def apply(self) -> None:
        """Give the model the weights and biases that the steps lead to."""
        for neurons, W, b in zip(self.parameters.neurons, self.parameters.W, self.parameters.b, strict=True):
            for neuron, row, offset in zip(neurons, W, b, strict=True):
                for weight, data in zip(neuron.w, row, strict=True):
                    weight.data = data
                if neuron.b is not None:
                    neuron.b.data = offset

    def blocks(self) -> list[Block]:
        """The page: each step, and what all of them did."""
        style = self._letters.style
        page: list[Block] = [[_rule(self._letters.loss(*self._index()), self._rate, style.numbers)]]
        shown = self.steps if style.limit is None else self.steps[: style.limit]
        for i, step in enumerate(shown):
            if len(self.steps) > 1:
                page.append([f"step {i + 1} of {len(self.steps)}, {_which(step.samples)}"])
            page += step.blocks(f".steps[{i}]")
        if rest := len(self.steps) - len(shown):
            page.append([f"… and {rest:,} more step{'s' * (rest > 1)}, in .steps[{len(shown)}:]"])
        if len(self.steps) > 1 and style.numbers:
            before, after = number(self.loss).text, number(self.loss_after).text
            page.append([f"the mean loss of all {len(self._samples):,} samples: {before} before, {after} after"])
        return [*page, left_out_note(page)]

    def _index(self) -> list[int | str]:
        """That of the loss in the rule: of the one sample, of any where each step takes one, none of a mean."""
        if any(len(step.samples) > 1 for step in self.steps):
            return []
        return [0 if len(self.steps) == 1 else "i"]

    def __repr__(self) -> str:
        steps = f"{len(self.steps)} step{'s' * (len(self.steps) > 1)}"
        return f"<gradient descent, {steps}, loss {self.loss:.4g} → {self.loss_after:.4g}: print() shows it>"


def _rule(loss: Formula, rate: float, with_number: bool) -> Formula:
    eta, slope = number(rate), partial(loss, Formula("w", "w"))
    text, latex = f"w ← w − η · {slope.text}", rf"w &\leftarrow w - \eta \cdot {slope.latex}"
    return Formula(f"{text},  η = {eta.text}", rf"{latex}, \quad \eta = {eta.latex}") if with_number else Formula(text, latex)


def _which(samples: Sequence[int]) -> str:
    return f"on sample {samples[0]}" if len(samples) == 1 else f"on the mean of samples {samples[0]} to {samples[-1]}"


@answers_calls
def descend(
    model: Sequential,
    x: Sequence[Any],
    y: Any,
    loss: str | Loss = "sum_squared_error",
    *,
    lr: float = 0.1,
    batch_size: int | None = None,
    layers: str = "numbers",
    numbers: bool = True,
    limit: int | None = 10,
) -> Descent:
    """Gradient descent, shown: w ← w − η · ∂C/∂w for each weight and bias (D17), those that move most first (D19).

    The model stays as it is; `apply()` of the result gives it the new weights.

    Arguments:
        model: an MLP, or a Sequential of layers of neurons.
        x: one sample, or a list of samples.
        y: its target (what the loss takes), or one target for each sample.
        loss: the name of a loss, or a function of `(output, target)`.
        lr: η, the learning rate.
        batch_size: how many samples a step takes: 1 for a step after each sample (stochastic), None for one step along the
            mean of all.
        layers: "numbers" for (3), (2), or "letters" for (L), (L−1).
        numbers: whether the numbers are put in; False for the formulas alone.
        limit: the most weights of a step, and steps, that are printed, at least 3; None for all.

    Returns:
        The steps: `steps`, `loss` and `loss_after`, `apply()`.

    Raises:
        TypeError: the model is not made of layers of neurons.
        ValueError: lengths that do not match; NaN or infinity in a sample or its loss, also after a step; a rate that is not
            above 0; dropout in training mode.

    Example:
        >>> from nn import MLP, descend
        >>> model = MLP(1, [1], bias=False, init=lambda nin, nout, random: 0.5)
        >>> print(descend(model, [2.0], 3.0))
        w ← w − η · ∂C₀/∂w,  η = 0.1
        <BLANKLINE>
        in proportion to their derivatives, those that move most first:
        w₀₀⁽¹⁾ ← w₀₀⁽¹⁾ − η · ∂C₀/∂w₀₀⁽¹⁾ = 0.5 − 0.1 · (−8) = 1.3,  100% of the largest move
        <BLANKLINE>
        C₀,  before = 4
        C₀,  after  = 0.16,  a change of −3.84
    """
    check_range("lr", lr, 0)
    if not lr:
        raise wrong_value("lr", "above 0", lr)
    samples = Samples(model, x, y, loss)
    size = len(samples) if batch_size is None else whole_number("batch_size", batch_size)
    style = checked_style(layers=layers, numbers=numbers, limit=limit)
    return Descent(samples, Letters(samples.layers, style), lr, size)
