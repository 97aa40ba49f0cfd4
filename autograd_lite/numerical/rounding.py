"""How much rounding there is in what a function gives: it is evaluated again with every operation disturbed a little."""

from __future__ import annotations

import random
from contextlib import suppress
from typing import Any, Final

from autograd_lite.modes import Mode, entered
from autograd_lite.numerical.estimate import SMALLEST, UNIT, spacing
from autograd_lite.numerical.evaluation import Vector, VectorFunction, evaluate
from autograd_lite.ops import TABLE
from autograd_lite.primitive import Primitive
from autograd_lite.value import Value

DISTURBANCE: Final = 2.0**-40  # of a result, relative to it: large beside its rounding, small beside what the function does
EXACT_WHERE_SMALL: Final = [TABLE[name].primitive for name in ("add", "sub")]  # floats have no digits that a sum could lose
TIMES: Final = 3  # how often a function is disturbed


class Disturbed(Mode):
    """Stochastic arithmetic: every operation's result is off by a random part of `DISTURBANCE`, as rounding would have it.

    What is too small for a float loses its digits too, or all of itself; only sums and differences are exact there.
    """

    def __init__(self, seed: int) -> None:
        super().__init__()
        self.random = random.Random(seed)

    def node(self, primitive: Primitive, operands: tuple[Any, ...], data: Any) -> Value:
        """The node with its number disturbed; what is exact (copies, and results that only jump, such as floor's) stays so."""
        if isinstance(data, float) and primitive is not TABLE["identity"].primitive and any(primitive.derivatives):
            disturbance = DISTURBANCE * self.random.uniform(0.5, 1) * self.random.choice((-1, 1))  # two seldom cancel
            data += disturbance * (abs(data) if primitive in EXACT_WHERE_SMALL else max(abs(data), SMALLEST))
        return super().node(primitive, operands, data)


def rounding(f: VectorFunction, point: Vector) -> Vector:
    """The rounding error of each output of `f` at a point; `[]` where `f` has no value.

    It is a unit in the last place at least, and as much as disturbances of the operations of `f` change the output, scaled down
    to the size of their rounding. Of an `f` that cannot compute with Values (it may fail on them in any way) no more is known.
    """
    exact = evaluate(f, point) or []
    noise = [spacing(abs(output)) for output in exact]
    with suppress(Exception):
        for seed in range(TIMES) if exact else ():
            with entered(lambda seed=seed: Disturbed(seed)):  # type: ignore[misc]
                disturbed = evaluate(f, [*map(Value, point)]) or exact
            noise = [max(n, UNIT / DISTURBANCE * abs(d - e)) for n, d, e in zip(noise, disturbed, exact, strict=True)]
    return noise
