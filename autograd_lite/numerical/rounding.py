"""How much rounding there is in what a function gives: it is evaluated again with every operation disturbed a little."""

from __future__ import annotations

import random
from typing import Any, Final

from autograd_lite.modes import Mode, entered
from autograd_lite.numerical.estimate import SMALLEST, UNIT, spacing
from autograd_lite.numerical.evaluation import Vector, VectorFunction, evaluate
from autograd_lite.ops import TABLE
from autograd_lite.primitive import Primitive
from autograd_lite.value import Value

DISTURBANCE: Final = 2.0**-40  # of a result, relative to it: large beside its rounding, small beside what the function does
TIMES: Final = 3  # how often a function is disturbed


class Disturbed(Mode):
    """Stochastic arithmetic: every operation's result is off by a random part of `DISTURBANCE`, as rounding would have it.

    What is too small for a float loses its digits too, or all of itself.
    """

    def __init__(self, seed: int) -> None:
        super().__init__()
        self.random = random.Random(seed)

    def node(self, primitive: Primitive, operands: tuple[Any, ...], data: Any) -> Value:
        """The node with its number disturbed; what is exact (copies, and results that only jump, such as floor's) stays so."""
        if isinstance(data, float) and primitive is not TABLE["identity"].primitive and any(primitive.derivatives):
            disturbance = DISTURBANCE * self.random.uniform(0.5, 1) * self.random.choice((-1, 1))  # two seldom cancel
            data += disturbance * max(abs(data), SMALLEST)
        return super().node(primitive, operands, data)


def rounding(f: VectorFunction, point: Vector) -> Vector:
    """The rounding error of each output of `f` at a point; `[]` where `f` has no value.

    It is a unit in the last place at least, and as much as disturbances of the operations of `f`, which computes with Values,
    change the output, scaled down to the size of their rounding.
    """
    exact = evaluate(f, point) or []
    noise = [spacing(abs(output)) for output in exact]
    for seed in range(TIMES) if exact else ():
        with entered(lambda seed=seed: Disturbed(seed)):  # type: ignore[misc]
            disturbed = evaluate(f, [*map(Value, point)]) or exact
        noise = [max(n, UNIT / DISTURBANCE * abs(d - e)) for n, d, e in zip(noise, disturbed, exact, strict=True)]
    return noise
