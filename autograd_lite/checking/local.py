"""One node on its own: its primitive and its rules as functions of its operands' numbers, and where they have a kink."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from typing import Any, Final

from autograd_lite.arraylike import listed
from autograd_lite.bundles import Bundle
from autograd_lite.numerical.derivative import disagreements
from autograd_lite.numerical.estimate import Estimate
from autograd_lite.numerical.evaluation import Vector, VectorFunction, number_in, shifted
from autograd_lite.numerical.sides import is_kink, one_sided
from autograd_lite.operands import node_of
from autograd_lite.ops import sign
from autograd_lite.primitive import Primitive
from autograd_lite.trees import Structure, flatten
from autograd_lite.value import Value

CLOSE: Final = 2.0**-23  # a kink this close to the point, relative to it, is at the point


@dataclass
class LocalFunction:
    """The primitive of a node as a function of a flat list of its operands' numbers.

    Attributes:
        primitive: the operation.
        parameters: the names of its parameters.
        structure: that of its operands.
        point: the numbers of its operands.
        names: what each of these is called.
        moving: the positions of those that can vary: neither constants nor results of operations that only jump.
    """

    primitive: Primitive
    parameters: list[str]
    structure: Structure
    point: Vector
    names: list[str]
    moving: list[int]

    @classmethod
    def of(cls, node: Value) -> LocalFunction:
        """The primitive of `node`, at its inputs."""
        point, structure = flatten(node.inputs)
        parameters = list(inspect.signature(node.primitive.compute).parameters)
        names = [
            path for parameter, child in zip(parameters, structure.children, strict=False) for path in child.paths(parameter)
        ]
        moving = [
            k
            for k, parent in enumerate(node.parents)
            if not parent.is_constant and (not parent.operands or any(parent.primitive.derivatives))
        ]
        return cls(node.primitive, parameters, structure, [float(x) for x in point], names, moving)

    def value(self, leaves: Vector) -> list[Any]:
        """The output of the primitive."""
        return [self.primitive.compute(*self.structure.rebuild(leaves))]

    def rule(self, position: int) -> VectorFunction:
        """The local derivatives by one operand, numbers for numbers and graphs for Values."""

        def local(leaves: list[Any]) -> list[Any]:
            operands = [Bundle(o) if isinstance(o, list) else o for o in self.structure.rebuild(leaves)]
            inputs = self.structure.rebuild([*map(number_in, leaves)])
            output = self.primitive.compute(*inputs)
            first, *_ = leaves
            if isinstance(first, Value):
                output = node_of(self.primitive, tuple(operands), output)
            return listed(self.primitive.derivatives[position](output, *operands))

        return local

    def refuted(self, function: VectorFunction, k: int, analytic: Vector, rtol: float) -> dict[int, Estimate]:
        """The numerical derivatives of a function by operand `k` that show an analytic one to be wrong, by its place."""
        return {
            i: estimate
            for (_, i), estimate in disagreements(function, self.point, k, [analytic], rtol).items()
            if estimate and estimate.converged and estimate.contradicts(analytic[i], rtol) and not self.kink_along(k)
        }

    def kink_along(self, k: int) -> bool:
        """Whether the derivative jumps as operand `k` moves: by the table, or by the derivatives from both sides."""
        kink, step = self.primitive.kink, CLOSE * max(abs(self.point[k]), 1.0)
        if kink is not None:
            near = (kink(*self.structure.rebuild(shifted(self.point, k, delta))) for delta in (-step, 0.0, step))
            low, here, high = map(sign, near)
            if not low == here == high:
                return True
        return any(is_kink(*sides) for sides in one_sided(self.value, self.point, k))


def at_kink(node: Value) -> bool:
    """Whether the table says that a node's primitive has a kink at its inputs."""
    kink = node.primitive.kink
    return kink is not None and not kink(*node.inputs)
