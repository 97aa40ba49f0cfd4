"""A function made of primitives, as a thing: its operations and their operands, what it computes, and how Python writes it."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

from autograd_lite.basics.wording import counted
from autograd_lite.primitive import Primitive


@dataclass(frozen=True, eq=False)
class Input:
    """An argument of the function."""

    index: int


@dataclass(frozen=True, eq=False)
class Application:
    """An operation of the function with its operands: inputs, other steps, plain numbers, or lists of them."""

    operation: Callable[..., Any]
    operands: tuple[Any, ...]

    @property
    def primitive(self) -> Primitive:
        """The table's entry of the operation."""
        primitive: Primitive = self.operation.primitive  # type: ignore[attr-defined]
        return primitive

    @property
    def only_jumps(self) -> bool:
        """Whether its result is constant but for jumps."""
        return not any(self.primitive.derivatives)


Term: TypeAlias = "Input | Application | float"


class Function:
    """A function made of primitives, which prints as the Python that it is.

    Attributes:
        point: arguments where every operation inside has derivatives of all orders.
        steps: its operations, each after those that it needs.
    """

    def __init__(self, output: Application, point: tuple[float, ...]) -> None:
        self.output = output
        self.point = point
        self.steps: list[Application] = []
        self._uses: Counter[Application] = Counter()
        self._visit(output)

    def _visit(self, step: Application) -> None:
        for term in terms(step):
            if isinstance(term, Application):
                if term not in self._uses:
                    self._visit(term)
                self._uses[term] += 1
        self.steps.append(step)

    def __call__(self, *inputs: Any) -> Any:
        """The value of the function, of numbers or Values."""
        if len(inputs) != len(self.point):
            raise TypeError(f"{self!r} takes {counted(len(self.point), 'argument')}, got {len(inputs)}")
        results: dict[Application, Any] = {}

        def look_up(term: Term) -> Any:
            if isinstance(term, Input):
                return inputs[term.index]
            return results[term] if isinstance(term, Application) else term

        for step in self.steps:
            results[step] = step.operation(*operands_of(step, look_up))
        return results[self.output]

    def __repr__(self) -> str:
        parameters = ", ".join(f"x{i}" for i in range(len(self.point)))
        names: dict[Application, str] = {}  # of what occurs more than once
        return f"lambda {parameters}: {self._text(self.output, names)}"

    def _text(self, term: Term, names: dict[Application, str], binding: float = 0) -> str:
        """The Python of a term, inside an operator that binds as tightly as `binding`."""
        if isinstance(term, Input):
            return f"x{term.index}"
        if not isinstance(term, Application):
            return f"({term!r})" if term < 0 and binding >= 2 else repr(term)
        if term in names:
            return names[term]
        text, own = self._expression(term, names)
        if self._uses[term] > 1:
            names[term] = f"t{len(names)}"
            return f"({names[term]} := {text})"
        return f"({text})" if own < binding else text

    def _expression(self, step: Application, names: dict[Application, str]) -> tuple[str, float]:
        """The Python of an operation, and how tightly it binds."""
        sign, own = step.primitive.sign, step.primitive.precedence
        if not sign:
            operands = operands_of(step, lambda term: self._text(term, names))
            shown = [f"[{', '.join(operand)}]" if isinstance(operand, list) else operand for operand in operands]
            return f"{step.operation.__name__}({', '.join(shown)})", math.inf
        if len(step.operands) == 1:
            (operand,) = step.operands
            return f"{sign}{self._text(operand, names, own + 1)}", own
        left, right = step.operands
        to_the_right = sign == "**"  # all others group to the left: a - b - c is (a - b) - c
        before = self._text(left, names, own + to_the_right)
        return f"{before} {sign} {self._text(right, names, own + (not to_the_right))}", own


def operands_of(step: Application, look_up: Callable[[Term], Any]) -> list[Any]:
    """The operands of a step, lists among them, with what `look_up` gives in the place of each term."""
    return [[look_up(term) for term in o] if isinstance(o, list) else look_up(o) for o in step.operands]


def terms(step: Application) -> Iterator[Term]:
    """The operands of a step, those in lists one by one."""
    for operand in step.operands:
        if isinstance(operand, list):
            yield from operand
        else:
            yield operand
