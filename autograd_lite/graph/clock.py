"""The moments into which time is divided by changes of the numbers of leaves: see `autograd_lite.graph.moments`.

A node has no attribute for its moment. As long as it has no gradient, its `grad` is a 0 that is an object of its own for each
moment, a `Moment`; once it has one, the gradient 1 of the output tells in which moment `backward` was called.
"""

from __future__ import annotations

from typing import Any, Final


class Moment(int):
    """The gradient of a value that no `backward()` has reached: 0. Which object it is says when the value was computed."""

    __slots__ = ()

    def __add__(self, other: Any) -> Any:
        return 0 + other  # a plain 0: of this class NumPy would make a float64, beside a float32, too


class Clock:
    """The present moment, of all graphs.

    Attributes:
        now: the present moment.
        one: the gradient of an output, 1.0: a float that is another object in each moment. An output that has the present one
            was differentiated in this moment, and its graph was found up to date then.
    """

    __slots__ = ("now", "one")

    def __init__(self) -> None:
        self.tick()

    def tick(self) -> None:
        """Begin a new moment."""
        self.now = Moment()
        self.one = float(1)


clock: Final = Clock()
BEGINNING: Final = clock.now  # while it lasts, no `data` was ever changed
GRADIENTS: Final = frozenset({float, int, Moment})  # the types of nearly all gradients; others are looked at
