"""The answers to calls: values and gradients in the structures that a user knows, made of the outputs of a program."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal

from autograd_lite.compiler.arguments import Shape, as_list, filled, is_array, is_float, put_together
from autograd_lite.compiler.backend import Asked
from autograd_lite.compiler.request import Request
from autograd_lite.compiler.trace import Trace

Kind = Literal["value", "gradient", "value_and_grad", "per_sample"]  # of an answer


class Answers:
    """What the outputs of a program are, and how the answers to calls are made of them.

    First come the values of the function, then its derivatives by the arguments that were asked for.

    Attributes:
        values: how many values there are.
        structure: of the function's result.
        reduced: for each output whether it is averaged over the batch.

    Arguments:
        request: what was asked of `compile`.
        trace: the recorded function.
        values: how many values there are.
        averaged: whether values are averaged over the batch.
        differentiated: the shapes of the arguments to differentiate by.
    """

    def __init__(self, request: Request, trace: Trace, values: int, averaged: bool, differentiated: Sequence[Shape]) -> None:
        self.values = values
        self.reduced = [averaged] * values
        self._one_or_all, self._one_argnum = request.one_or_all, request.one_argnum
        self._single = trace.single
        self.structure = trace.structure
        self._by_numbers = all(map(is_float, differentiated))
        self._gradients: list[tuple[Shape, slice]] = []  # for each argument where its derivatives are
        for shape in differentiated:
            start = len(self.reduced)
            self.reduced += [not shape.batched] * len(shape.structure)
            self._gradients.append((shape, slice(start, len(self.reduced))))

    def maker(self, kind: Kind) -> Callable[[Any, int], Any]:
        """What makes an answer of this kind, of the outputs of a run and how many samples there were."""
        if kind == "value":
            return self.value
        if kind == "gradient":
            return self.gradient
        return self.value_and_gradient if kind == "value_and_grad" else self.per_sample

    def asked(self, shapes: Sequence[Shape], argnums: Sequence[int], chooses: bool) -> Asked | None:
        """What calls give and want, if it is floats and arrays: see `Asked`. `argnums` are those of the derivatives."""
        single_value = self.values == 1 and self._single
        known = all(is_float(shape) or is_array(shape) for shape in shapes)
        if not known or not (single_value or not self.values) or not (self.values or argnums):
            return None
        return Asked(
            shapes=tuple([None if is_float(shape) else shape.structure.keys for shape in shapes]),
            batched=tuple([shape.batched for shape in shapes]),
            values=self.values,
            parts=tuple(argnums),
            single=self._one_argnum and bool(argnums),
            chooses=chooses,
        )

    def value(self, outputs: Any, samples: int = 1) -> Any:
        """The values, in the structure of the function's result."""
        if self._single:
            return outputs[0] if type(outputs) is list else outputs.item(0)
        return filled(self.structure, outputs[: self.values])

    def gradient(self, outputs: Any, samples: int) -> Any:
        """The derivatives, each in the structure of its argument."""
        if self._by_numbers:  # an optimization, which `python -m benchmarks neuron` pays for
            numbers = outputs[self.values :] if type(outputs) is list else outputs[self.values :].tolist()
            return 0.0 + numbers[0] if self._one_argnum else tuple([0.0 + g for g in numbers])
        return self.gradient_of(lambda shape, where: self.part(shape, outputs[where], samples))

    def gradient_of(self, part: Callable[[Shape, slice], Any]) -> Any:
        """The same of what `part` gives for the shape of each argument, and where its derivatives are among the outputs."""
        return self._one_or_all([part(shape, where) for shape, where in self._gradients])

    def value_and_gradient(self, outputs: Any, samples: int) -> Any:
        """The pair of both."""
        return self.value(outputs), self.gradient(outputs, samples)

    def per_sample(self, outputs: Any, samples: int) -> Any:
        """The values of each sample."""
        columns = [as_list(column) for column in outputs]
        return [self.structure.rebuild(row) for row in zip(*columns, strict=True)]

    def part(self, shape: Shape, part: Any, samples: int) -> Any:
        """The derivatives by one argument. Each is a sum that begins with 0, as in `backward`: so none is -0.0."""
        if shape.batched:
            part = [[0.0 + g / samples for g in column] for column in part]
        elif isinstance(part, list):
            part = [0.0 + g for g in part]
        else:
            part = part + 0.0
        return put_together(shape, part, samples)
