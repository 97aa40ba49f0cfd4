"""Derivatives of a higher order against differences of the function itself, not of its derivatives."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import combinations_with_replacement, permutations, product
from math import prod
from operator import truediv
from typing import Final, NamedTuple, TypeAlias

from autograd_lite.numerical.derivative import disagreements
from autograd_lite.numerical.estimate import SMALLEST, Estimate
from autograd_lite.numerical.evaluation import Vector, VectorFunction
from autograd_lite.numerical.findings import Kind
from autograd_lite.numerical.sampling import Direction, scale

Indices: TypeAlias = tuple[int, ...]  # the inputs that a derivative is by, innermost first
Derivatives: TypeAlias = Callable[[int, Indices], float]  # of an output

GROUPS: Final = 4  # so many inputs are moved one by one; of more, each group of them is moved together
WEIGHTS: Final = (-1.0, -0.875, -0.75, -0.625, 0.625, 0.75, 0.875, 1.0)


class Contradiction(NamedTuple):
    """A derivative that differences of the function contradict.

    Attributes:
        candidate: which of the lists of derivatives it is in.
        output: the output that it is of.
        indices: the inputs that it is by, innermost first.
        analytic: the derivative.
        estimate: the numerical one.
    """

    candidate: int
    output: int
    indices: Indices
    analytic: float
    estimate: Estimate


@dataclass
class Curvature:
    """The derivatives of a higher order of a function, to be held against differences of the same order.

    What is computed as the derivative of a derivative that is wrong, and right at this very point, is found in no other way.
    As differences do not depend on the order in which the inputs are moved, this is a check of symmetry too.

    Attributes:
        f: of a list of numbers, gives a list of numbers.
        point: where.
        order: that of the derivatives, from 2.
        candidates: lists of derivatives, each as a function of the output and the inputs.
        outputs: how many outputs `f` has.
        rtol: relative tolerance.
        atol: absolute tolerance.
        on_values: whether `f` can compute with Values, so that its rounding can be measured.
        here: what `f` gives at the point.
    """

    f: VectorFunction
    point: Vector
    order: int
    candidates: Sequence[Derivatives]
    outputs: int
    rtol: float
    atol: float = 0.0
    on_values: bool = False
    here: Vector | None = None

    def contradictions(self, inputs: Sequence[int]) -> Iterator[Contradiction]:
        """The derivatives by some of the inputs that differences contradict.

        Of many inputs, random groups are moved together, so that the cost does not grow with their number; only where such a
        sum is wrong, or a pair of derivatives is not symmetric, are they looked at one by one.
        """
        suspects = set(self.asymmetric(inputs)) if len(inputs) > GROUPS else set()
        for chosen in combinations_with_replacement(random_groups(inputs, self.point), self.order):
            if any(self.along(chosen)):
                suspects |= {tuple(sorted(indices)) for indices in product(*chosen)}
        for indices in sorted(suspects):
            yield from self.along([{k: scale(self.point[k])} for k in indices])

    def along(self, directions: Sequence[Direction]) -> Iterator[Contradiction]:
        """The same along directions, which an analytic derivative may take in any order."""
        orders = list({tuple(map(tuple, order)): order for order in permutations(directions)}.values())
        columns = [
            [contracted(derivatives, output, order) for output in range(self.outputs)]
            for derivatives in self.candidates
            for order in orders
        ]
        sizes = [sum(map(abs, direction.values())) for direction in directions]
        atol = prod(sizes, start=self.atol + SMALLEST)  # what is smaller was perhaps rounded to 0, and then multiplied
        found = disagreements(self.f, self.point, directions, columns, self.rtol, atol, self.on_values, self.here)
        for (column, output), finding in found.items():
            if finding.kind is Kind.WRONG and finding.estimate is not None:
                candidate, order = divmod(column, len(orders))
                indices = tuple(k for direction in orders[order] for k in direction)
                analytic = reduce(truediv, sizes, columns[column][output])
                yield Contradiction(candidate, output, indices, analytic, reduce(Estimate.divided, sizes, finding.estimate))

    def asymmetric(self, inputs: Sequence[int]) -> Iterator[Indices]:
        """The inputs, in ascending order, by which a derivative is another one if they are taken the other way round."""
        for indices in combinations_with_replacement(sorted(inputs), self.order):
            for derivatives in self.candidates:
                for output in range(self.outputs):
                    values = [derivatives(output, order) for order in set(permutations(indices))]
                    if max(values) - min(values) > self.rtol * max(map(abs, values)) + self.atol:
                        yield indices


def contracted(derivatives: Derivatives, output: int, directions: Sequence[Direction]) -> float:
    """The derivative along directions: the sum of those by inputs, each by its weights.

    They are multiplied one by one: the product of the weights alone may be too large for a float.
    """
    return sum(
        prod((direction[k] for direction, k in zip(directions, indices, strict=True)), start=derivatives(output, indices))
        for indices in product(*directions)
    )


def random_groups(inputs: Sequence[int], point: Vector) -> list[Direction]:
    """Directions that move each input in one of them: by its size, of many by a random part of it. The same at every call."""
    if len(inputs) <= GROUPS:
        return [{k: scale(point[k])} for k in inputs]
    source = random.Random(0)
    shuffled = source.sample(list(inputs), len(inputs))
    return [{k: source.choice(WEIGHTS) * scale(point[k]) for k in shuffled[start::GROUPS]} for start in range(GROUPS)]
