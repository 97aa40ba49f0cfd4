"""One node on its own: its primitive and its rules as functions of its operands' numbers, and what is found about them."""

from __future__ import annotations

import inspect
import math
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import cycle
from typing import Any, Final

from autograd_lite.basics.arraylike import listed
from autograd_lite.basics.domains import REALS
from autograd_lite.graph.bundles import Bundle
from autograd_lite.numerical.derivative import disagreements
from autograd_lite.numerical.estimate import SAFETY
from autograd_lite.numerical.evaluation import Vector, VectorFunction, number_in, shifted
from autograd_lite.numerical.findings import Finding, Kind
from autograd_lite.numerical.rounding import rounding
from autograd_lite.numerical.sampling import Direction, scale
from autograd_lite.operands import node_of
from autograd_lite.ops import sign
from autograd_lite.primitive import Primitive
from autograd_lite.trees import Structure, flatten
from autograd_lite.value import Value

CLOSE: Final = 2.0**-23  # a kink this close to the point, relative to it, is at the point
BESIDE: Final = 2.0**-4  # how far, relative to them, operands are moved to a place where no derivative vanishes by chance
FLAT: Final = 1e-3  # a slope that tells less than this part of how a rule changes beside the point is as good as 0
FRACTION: Final = 0.375  # a number at which nothing jumps that jumps at whole numbers
STILL: Final = 2.0**-48  # a step, relative to an operand, that is no more than some spaces between floats
UNEVEN: Final = (1.0, 0.75, -0.875, 0.625, -0.9375)  # so that they do not move alike


@dataclass
class LocalFunction:
    """The primitive of a node as a function of a flat list of its operands' numbers.

    Attributes:
        primitive: the operation.
        parameters: the names of its parameters.
        structure: that of its operands.
        point: the numbers of its operands.
        names: what each of these is called.
        owners: the position of the operand that each of these belongs to.
        moving: the positions of those that can vary: neither constants nor results of operations that only jump.
    """

    primitive: Primitive
    parameters: list[str]
    structure: Structure
    point: Vector
    names: list[str]
    owners: list[int]
    moving: list[int]

    @classmethod
    def of(cls, node: Value) -> LocalFunction:
        """The primitive of `node`, at its inputs."""
        point, structure = flatten(node.inputs)
        parameters = parameters_of(node.primitive)
        paths = [child.paths(parameter) for parameter, child in zip(parameters, structure.children, strict=False)]
        moving = [
            k
            for k, parent in enumerate(node.parents)
            if not parent.is_constant and (not parent.operands or any(parent.primitive.derivatives))
        ]
        return cls(
            node.primitive,
            parameters,
            structure,
            [float(x) for x in point],
            [name for names in paths for name in names],
            [position for position, names in enumerate(paths) for _ in names],
            moving,
        )

    @property
    def key(self) -> tuple[Any, ...]:
        """What two nodes have in common that need be examined only once."""
        return self.primitive, tuple(self.point), tuple(self.owners), tuple(self.moving)

    def operands(self, leaves: Sequence[Any]) -> Sequence[Any]:
        """The operands of the primitive, made of these numbers or Values."""
        return self.structure.rebuild(leaves) if self.primitive.variadic else leaves

    def value(self, leaves: Vector) -> list[Any]:
        """The output of the primitive."""
        return [self.primitive.compute(*self.operands(leaves))]

    def rule(self, position: int) -> VectorFunction:
        """The local derivatives by one operand, numbers for numbers and graphs for Values; 0 where there is no rule."""
        return lambda leaves: self.rules(leaves, [position])

    def rules(self, leaves: list[Any], positions: Sequence[int] = ()) -> list[Any]:
        """The local derivatives by some operands, or by all of them."""
        operands = self.operands(leaves)
        if isinstance(leaves[0], Value):
            output = self.primitive.compute(*self.operands([*map(number_in, leaves)]))
            operands = [Bundle(o) if isinstance(o, list) else o for o in operands]
            output = node_of(self.primitive, tuple(operands), output)
        else:
            output = self.primitive.compute(*operands)
        found: list[Any] = []
        for position in positions or range(len(operands)):
            rule = self.primitive.derivatives[position]
            found += listed(rule(output, *operands)) if rule else [0.0] * self.owners.count(position)
        return found

    def stands_still(self) -> bool:
        """Whether it has no derivative and does not move here, to one side at least: what is seen from afar is no slope."""
        if any(self.primitive.derivatives):
            return False
        with suppress(ArithmeticError, ValueError):
            here = self.value(self.point)
            steps = [(k, STILL * scale(self.point[k])) for k in self.moving]
            return all(here in [self.value(shifted(self.point, k, side * h)) for side in (1, -1)] for k, h in steps)
        return False

    def has_constant_rules(self) -> bool:
        """Whether the rules make no graph and give the same numbers here, and beside these operands to both sides."""
        with suppress(ArithmeticError, TypeError, ValueError):  # there is no value beside them, or a rule fails
            if not any(isinstance(x, Value) for x in self.rules([*map(Value, self.point)])):
                here = self.rules(self.point)
                return all(here == self.rules(self.beside(side).point) for side in (1, -1))
        return False

    def without_conditions(self) -> LocalFunction:
        """The same where operands do not vary by which there is no derivative: what only is asked for in order to choose."""
        return replace(self, moving=[k for k in self.moving if self.primitive.derivatives[self.owners[k]]])

    def place(self, k: int) -> int:
        """Which of the numbers of its operand the `k`-th is."""
        return k - self.owners.index(self.owners[k])

    def findings(self, k: int, analytic: float, rtol: float) -> Iterator[Finding]:
        """What is found about a derivative by operand `k`, unless it is confirmed or there is a kink."""
        for finding in disagreements(self.value, self.point, [{k: 1.0}], [[analytic]], rtol, on_values=True).values():
            if finding.kind is not Kind.KINK and not self.declares_kink(k):
                yield finding

    def blur(self, k: int) -> float:
        """How far rounding may have moved what the rule gives for operand `k`."""
        noise = rounding(self.rule(self.owners[k]), self.point)
        return SAFETY * noise[self.place(k)] if noise else 0.0

    def direction(self, operands: Sequence[int]) -> Direction:
        """One in which all these operands move, each by its size and not all alike."""
        return {k: weight * scale(self.point[k]) for k, weight in zip(operands, cycle(UNEVEN), strict=False)}

    def beside(self, side: int = 1) -> LocalFunction:
        """The same with those operands that can vary moved a little, to one side: inside the domain, if it is known."""
        point, domain = [*self.point], dict(enumerate(self.primitive.domain))
        for k, move in self.direction(self.moving).items():
            point[k] += side * BESIDE * move
            if point[k] not in domain.get(self.owners[k], REALS):
                point[k] -= 2 * side * BESIDE * move
        return replace(self, point=point)

    def vary(self, rows: list[Vector]) -> bool:
        """Whether a rule varies with an operand by which its derivative, in these rows, is 0, or as good as 0."""
        here = self.rules(self.point)
        for k in self.moving:
            step = BESIDE * scale(self.point[k])
            there = self.rules(shifted(self.point, k, step))
            if any(a != b and abs(row[k] * step) <= FLAT * abs(b - a) for row, a, b in zip(rows, here, there, strict=True)):
                return True
        return False

    def declares_kink(self, k: int) -> bool:
        """Whether the table says that the derivative jumps as operand `k` moves, or cannot say.

        Far out all floats are whole numbers, at each of which `floor` jumps: there what it says does not vary with the operand.
        """
        kink, x, step = self.primitive.kink, self.point[k], CLOSE * max(abs(self.point[k]), 1.0)
        if kink is None:
            return False
        places = (x - step, x, x + step, FRACTION)
        low, here, high, other = (kink(*self.structure.rebuild([*self.point[:k], y, *self.point[k + 1 :]])) for y in places)
        finer_than_floats = low == here == high and (here == 0 != other or not any(self.primitive.derivatives))
        return finer_than_floats or not sign(low) == sign(here) == sign(high) or math.isnan(low + here + high)

    def kink_along(self, *together: int) -> bool:
        """Whether the derivative jumps as an operand moves: by the table, or by the derivatives from both sides.

        Of several that move as one the table says nothing: maximum(x, x) has no kink.
        """
        found = disagreements(self.value, self.point, [dict.fromkeys(together, 1.0)], [[math.nan]]).values()
        declared = len(together) == 1 and self.declares_kink(*together)
        return declared or any(finding.kind is Kind.KINK for finding in found)


@lru_cache(maxsize=256)
def parameters_of(primitive: Primitive) -> list[str]:
    """The names of the parameters of a primitive."""
    return list(inspect.signature(primitive.compute).parameters)
