"""How a function is drawn, operation by operation, together with a point that suits every one of them."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, Final

from hypothesis import strategies as st

from autograd_lite.basics.arraylike import listed
from autograd_lite.basics.domains import REALS, Interval
from autograd_lite.primitive import Primitive
from autograd_lite.strategies.function import Application, Input, Term, operands_of

MARGIN: Final = 0.125  # how far operands stay from the edges of a domain and from kinks
WIDEST: Final = 4.0  # the largest input or plain number
LARGEST: Final = 100.0  # the largest result of any operation
STEEPEST: Final = 1000.0  # its largest local derivative
WIDTH: Final = 3  # the most operands in a sequence
TRIES: Final = 3  # so many operations are tried for each step
ASIDE: Final = 2.0**-10  # so small a move changes no choice


@cache
def numbers(interval: Interval = REALS) -> st.SearchStrategy[float]:
    """Numbers of three decimals inside an interval, away from its ends, and no larger than `WIDEST`."""
    low = math.ceil(1000 * max(-WIDEST, interval.low + MARGIN))
    high = math.floor(1000 * min(WIDEST, interval.high - MARGIN))
    thousandths = st.integers(low - 1000, high - 1000).map(lambda k: 1000 + k)  # the simplest is 1: at 0 most kinks are
    return thousandths.map(lambda k: k / 1000).filter(lambda x: inside(x, interval))


def inside(x: float, interval: Interval) -> bool:
    """Whether a number lies in an interval, away from its ends and its holes."""
    hole = interval.nearest_hole(x)
    if hole is not None and abs(x - hole) < MARGIN:
        return False
    return interval.low + MARGIN <= x <= interval.high - MARGIN


class Growing:
    """A function while it is drawn, step by step: what an operation can take as its operands, and the number of each.

    An input has no number (None) until the first operation takes it: then one inside that operation's domain.
    """

    def __init__(self, n_inputs: int) -> None:
        self.numbers: dict[Term, float | None] = {Input(i): None for i in range(n_inputs)}
        self.used: set[Term] = set()  # by a later step

    @property
    def loose_ends(self) -> int:
        """How many inputs and steps no later step uses yet."""
        return len(self.numbers) - len(self.used)

    def add(self, draw: st.DrawFn, operations: Sequence[Callable[..., Any]]) -> None:
        """Draw one of the operations and its operands, and add it as a step; if it does not suit the point, another one."""
        for _ in range(TRIES):
            operation = operations[draw(st.integers(0, len(operations) - 1))]
            before = dict(self.numbers), set(self.used)
            operands = self.operands(draw, operation.primitive)  # type: ignore[attr-defined]
            if operands is not None:
                step = Application(operation, operands)
                number = self.number(step)
                if number is not None:
                    self.numbers[step] = number
                    return
            self.numbers, self.used = before

    def operands(self, draw: st.DrawFn, primitive: Primitive) -> tuple[Any, ...] | None:
        """Operands for an operation; None if there is none in one of its domains."""
        most, required = len(inspect.signature(primitive.compute).parameters), required_operands(primitive)
        count = draw(st.integers(required, most)) if required < most else most
        width = draw(st.integers(1, WIDTH)) if primitive.variadic else 1
        certain = draw(st.integers(0, required - 1)) if required > 1 else 0  # the operand that is not a plain number
        operands: list[Any] = []
        for position in range(count):
            interval = primitive.domain[position] if position < len(primitive.domain) else REALS
            many = primitive.variadic and position < required
            drawn = [self.operand(draw, interval, position == certain and k == 0) for k in range(width if many else 1)]
            if None in drawn:
                return None
            operands += [drawn] if many else drawn
        return tuple(operands)

    def operand(self, draw: st.DrawFn, interval: Interval, certain: bool) -> Term | None:
        """An operand inside an interval, if there is one: an input, an earlier step or, unless `certain`, a plain number."""
        fitting = [term for term, number in self.numbers.items() if number is None or inside(number, interval)]
        choice: list[Term | None] = [*fitting] if certain else [None, *fitting]  # None stands for a number yet to be drawn
        if not choice:
            return None
        loose = [term for term in fitting if term not in self.used]
        choice += loose * (len(choice) // (len(loose) or 1))  # about as often as all others: expressions, not scraps
        term = choice[draw(st.integers(0, len(choice) - 1))]
        number = draw(numbers(interval))  # needed or not: so another choice leaves what is drawn after it as it was
        if term is None:
            return number
        if self.numbers[term] is None:
            self.numbers[term] = number
        self.used.add(term)
        return term

    def number(self, step: Application) -> float | None:
        """The result of a step, or None if it is unsuitable: too large, too steep, or near a kink."""
        inputs = operands_of(step, lambda term: term if isinstance(term, float) else self.numbers[term])
        try:
            number = step.operation(*inputs)
            if not abs(number) <= LARGEST or near_kink(step, inputs) or near_choice(step, number, inputs):
                return None
            for derivative in filter(None, step.primitive.derivatives[: len(inputs)]):
                if not all(abs(local) <= STEEPEST for local in listed(derivative(number, *inputs))):
                    return None
        except (ArithmeticError, ValueError):
            return None
        return float(number)


def near_kink(step: Application, inputs: list[Any]) -> bool:
    """Whether the derivative jumps near these inputs.

    It does not where the step only chooses by what is constant but for jumps: such an operand stays where it is.
    """
    primitive = step.primitive
    if primitive.kink is None or abs(primitive.kink(*inputs)) >= MARGIN:
        return False
    choosing = [
        operand for operand, derivative in zip(step.operands, primitive.derivatives, strict=False) if derivative is None
    ]
    return not (choosing and all(isinstance(operand, Application) and operand.only_jumps for operand in choosing))


def near_choice(step: Application, number: Any, inputs: list[Any]) -> bool:
    """Whether an operation that chooses has a derivative that is 0 here and not beside: only a 0 that stays is no choice."""
    primitive = step.primitive
    if not primitive.chooses:
        return False
    rules = [derivative for derivative in primitive.derivatives[: len(inputs)] if derivative]
    beside = [x if derivative is None else x + ASIDE for x, derivative in zip(inputs, primitive.derivatives, strict=False)]
    output = step.operation(*beside)
    return any(not derivative(number, *inputs) and derivative(output, *beside) for derivative in rules)


def takes_several(primitive: Primitive) -> bool:
    """Whether an operation has more than one operand."""
    return primitive.variadic or required_operands(primitive) > 1


@cache
def required_operands(primitive: Primitive) -> int:
    """How many operands an operation cannot do without."""
    return sum(p.default is p.empty for p in inspect.signature(primitive.compute).parameters.values())
