"""Hypothesis strategies: random values, random expressions and random differentiable functions, for property-based tests.

A drawn function is an expression over the table of primitives. It comes with a point at which every operation inside is well
within its domain and away from its kinks, where derivatives exist and can be confirmed numerically. It shrinks to the smallest
expression that still fails, and prints as Python that can be copied into a REPL.

To test an operation of your own, let it take part:

    >>> from hypothesis import given, settings
    >>> from autograd_lite import check_grads, primitive, sin
    >>> from autograd_lite.ops import add, mul
    >>> from autograd_lite.strategies import functions
    >>> @primitive(derivatives=[lambda out, x: 3 * x * x])
    ... def cube(x):
    ...     return x**3
    >>> @settings(max_examples=10)
    ... @given(functions(2, primitives=[cube, add, mul, sin]))
    ... def test_cube(f):
    ...     check_grads(f, f.point)
    >>> test_cube()

This is the one module of the package that imports Hypothesis.
"""

from __future__ import annotations

import inspect
import math
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeAlias

from hypothesis import reject
from hypothesis import strategies as st

import autograd_lite
from autograd_lite.domains import REALS, Interval
from autograd_lite.errors import counted
from autograd_lite.ops import TABLE
from autograd_lite.primitive import Primitive
from autograd_lite.rules import rule_of
from autograd_lite.value import Value

__all__ = ["Function", "expressions", "functions", "values"]

MARGIN = 0.125  # how far operands stay from the edges of a domain and from kinks
WIDEST = 4.0  # the largest input or plain number
LARGEST, STEEPEST = 100.0, 1000.0  # the largest result and local derivative of any operation
OPERATORS = {"add": "+", "sub": "-", "mul": "*", "truediv": "/", "pow": "**", "neg": "-"}  # how Python writes them
WIDTH = 3  # the most operands in a sequence


@dataclass(frozen=True, eq=False)
class Input:
    """An argument of a drawn function."""

    index: int


@dataclass(frozen=True, eq=False)
class Step:
    """An operation of a drawn function with its operands: inputs, other steps, plain numbers, or lists of them."""

    operation: Callable[..., Any]
    operands: tuple[Any, ...]

    @property
    def primitive(self) -> Primitive:
        """The table's entry of the operation."""
        rule: Primitive = self.operation.primitive  # type: ignore[attr-defined]
        return rule


Term: TypeAlias = "Input | Step | float"


class Function:
    """A function made of primitives, which prints as the Python that it is.

    Attributes:
        point: arguments where every operation inside has derivatives of all orders.
        steps: its operations, each after those that it needs.
    """

    def __init__(self, output: Step, point: tuple[float, ...]) -> None:
        self.output = output
        self.point = point
        self.steps: list[Step] = []
        self._uses: Counter[Step] = Counter()
        self._visit(output)

    def _visit(self, step: Step) -> None:
        for term in terms(step):
            if isinstance(term, Step):
                if term not in self._uses:
                    self._visit(term)
                self._uses[term] += 1
        self.steps.append(step)

    def __call__(self, *inputs: Any) -> Any:
        """The value of the function, of numbers or Values."""
        if len(inputs) != len(self.point):
            raise TypeError(f"{self!r} takes {counted(len(self.point), 'argument')}, got {len(inputs)}")
        results: dict[Step, Any] = {}

        def look_up(term: Term | list[Term]) -> Any:
            if isinstance(term, list):
                return [look_up(item) for item in term]
            if isinstance(term, Input):
                return inputs[term.index]
            return results[term] if isinstance(term, Step) else term

        for step in self.steps:
            results[step] = step.operation(*map(look_up, step.operands))
        return results[self.output]

    def __repr__(self) -> str:
        parameters = ", ".join(f"x{i}" for i in range(len(self.point)))
        names: dict[Step, str] = {}  # of what occurs more than once
        return f"lambda {parameters}: {self._text(self.output, names)}"

    def _text(self, term: Term | list[Term], names: dict[Step, str], binding: float = 0) -> str:
        """The Python of a term, inside an operator that binds as tightly as `binding`."""
        if isinstance(term, list):
            return f"[{', '.join(self._text(item, names) for item in term)}]"
        if isinstance(term, Input):
            return f"x{term.index}"
        if not isinstance(term, Step):
            return f"({term!r})" if term < 0 and binding >= 2 else repr(term)
        if term in names:
            return names[term]
        own: float = term.primitive.precedence
        match OPERATORS.get(term.primitive.name), term.operands:
            case None, operands:
                own = math.inf
                text = f"{term.operation.__name__}({', '.join(self._text(operand, names) for operand in operands)})"
            case operator, (operand,):
                text = f"{operator}{self._text(operand, names, own + 1)}"
            case operator, (left, right):  # operators group to the left, ** to the right
                before = self._text(left, names, own + (operator == "**"))
                text = f"{before} {operator} {self._text(right, names, own + (operator != '**'))}"
        if self._uses[term] > 1:
            names[term] = f"t{len(names)}"
            return f"({names[term]} := {text})"
        return f"({text})" if own < binding else text


def terms(step: Step) -> Iterator[Term]:
    """The operands of a step, those in lists one by one."""
    for operand in step.operands:
        if isinstance(operand, list):
            yield from operand
        else:
            yield operand


@cache
def numbers(interval: Interval = REALS) -> st.SearchStrategy[float]:
    """Numbers of three decimals inside an interval, away from its ends, and no larger than `WIDEST`."""
    low = math.ceil(1000 * max(-WIDEST, interval.low + MARGIN))
    high = math.floor(1000 * min(WIDEST, interval.high - MARGIN))
    thousandths = st.integers(low - 1000, high - 1000).map(lambda k: 1000 + k)  # the simplest is 1: at 0 most kinks are
    return thousandths.map(lambda k: k / 1000).filter(lambda x: inside(x, interval))


def inside(x: float, interval: Interval) -> bool:
    """Whether a number lies in an interval, away from its ends and its hole."""
    if interval.hole is not None and abs(x - interval.hole) < MARGIN:
        return False
    return interval.low + MARGIN <= x <= interval.high - MARGIN


def values(min_value: float = -WIDEST, max_value: float = WIDEST) -> st.SearchStrategy[Value]:
    """Values that are leaves: a variable each.

    Arguments:
        min_value: the least number.
        max_value: the greatest number.

    Example:
        >>> from hypothesis import given
        >>> from autograd_lite.strategies import values
        >>> @given(values(), values())
        ... def test_sum_rule(x, y):
        ...     (x + y).backward()
        ...     assert x.grad == y.grad == 1
        >>> test_sum_rule()
    """
    return st.floats(min_value, max_value, allow_nan=False).map(Value)


def expressions(
    n_inputs: int = 2, primitives: Sequence[Callable[..., Any]] | None = None, max_nodes: int = 8
) -> st.SearchStrategy[Value]:
    """Values computed at random from leaves labelled x0, x1 …: for tests of what walks a graph. Arguments: see `functions`.

    Example:
        >>> from hypothesis import given, settings
        >>> from autograd_lite.strategies import expressions
        >>> @settings(max_examples=10)
        ... @given(expressions())
        ... def test_one_derivative_for_each_parent(output):
        ...     assert len(output.local_derivatives) == len(output.parents)
        >>> test_one_derivative_for_each_parent()
    """
    return functions(n_inputs, primitives, max_nodes).map(
        lambda f: f(*(Value(x, label=f"x{i}") for i, x in enumerate(f.point)))
    )


def functions(
    n_inputs: int = 2, primitives: Sequence[Callable[..., Any]] | None = None, max_nodes: int = 8
) -> st.SearchStrategy[Function]:
    """Random differentiable functions of `n_inputs` numbers or Values, each with a point for it.

    At `f.point` each operation has its operands inside its domain and away from its kinks (by 0.125 at least), no result is
    larger than 100 and no local derivative larger than 1000, so that numerical derivatives can confirm the analytic ones.

    Arguments:
        n_inputs: how many arguments. A function need not depend on all of them.
        primitives: the operations to make it of, simplest first, such as `[mul, sin, cube]`; those of the package if not given.
            A variadic one takes its required arguments as sequences of one length.
        max_nodes: the greatest number of operations.

    Raises:
        ValueError: `n_inputs` or `max_nodes` is no whole number from 1, or there are no primitives.
        TypeError: `primitives` is no list, or one of them is not an operation that `@primitive` made.

    Example:
        >>> from hypothesis import given, settings
        >>> from autograd_lite import grad, jvp
        >>> from autograd_lite.strategies import functions
        >>> @settings(max_examples=10)
        ... @given(functions(1))
        ... def test_forward_equals_reverse(f):
        ...     assert abs(jvp(f, f.point, (1.0,))[1] - grad(f)(*f.point)) <= 1e-9 * abs(grad(f)(*f.point))
        >>> test_forward_equals_reverse()
    """
    if not all(isinstance(count, int) and count > 0 for count in (n_inputs, max_nodes)):
        raise ValueError(f"functions of {n_inputs!r} inputs and at most {max_nodes!r} nodes: expected 1 or more of each")
    if callable(primitives):
        raise TypeError(f"primitives must be a list of operations, got the one {primitives!r}")
    operations = public_operations() if primitives is None else list(primitives)
    if not operations:
        raise ValueError("functions of no primitives: give at least one operation")
    for operation in operations:
        if rule_of(operation) is None:
            raise TypeError(
                f"{operation!r} is not a primitive operation: make it one with @primitive, or name those that it is made of"
            )
    return random_functions(n_inputs, operations, max_nodes)


def public_operations() -> list[Callable[..., Any]]:
    """The operations of the table that a user can write: operators, and what `autograd_lite` exports."""
    return [
        operation
        for name, operation in TABLE.items()
        if name in OPERATORS or getattr(autograd_lite, operation.__name__, None) is operation
    ]


@st.composite
def random_functions(draw: st.DrawFn, n_inputs: int, operations: Sequence[Callable[..., Any]], max_nodes: int) -> Function:
    """See `functions`."""
    growing = Growing(n_inputs)
    size = draw(st.integers(1, max_nodes))
    for _ in range(size):
        growing.add(draw, operations[draw(st.integers(0, len(operations) - 1))])
    made = [term for term in growing.numbers if isinstance(term, Step)]
    if not made:
        reject()
    point = tuple(draw(numbers()) if x is None else x for x in list(growing.numbers.values())[:n_inputs])
    return max((Function(step, point) for step in reversed(made)), key=lambda f: len(f.steps))


class Growing:
    """A function while it is drawn, step by step: what an operation can take as its operands, and the number of each.

    An input has no number (None) until the first operation takes it: then one inside that operation's domain.
    """

    def __init__(self, n_inputs: int) -> None:
        self.numbers: dict[Term, float | None] = {Input(i): None for i in range(n_inputs)}

    def add(self, draw: st.DrawFn, operation: Callable[..., Any]) -> None:
        """Draw the operands of an operation and add it as a step."""
        rule: Primitive = operation.primitive  # type: ignore[attr-defined]
        parameters = list(inspect.signature(rule.compute).parameters.values())
        required = sum(p.default is p.empty for p in parameters)
        count = draw(st.integers(required, len(parameters)))
        width = draw(st.integers(1, WIDTH)) if rule.variadic else 1
        certain = draw(st.integers(0, required - 1))  # the operand that is not a plain number
        before = dict(self.numbers)
        operands: list[Any] = []
        for position in range(count):
            interval = rule.domain[position] if position < len(rule.domain) else REALS
            many = rule.variadic and position < required
            drawn = [self.operand(draw, interval, position == certain and k == 0) for k in range(width if many else 1)]
            if None in drawn:
                self.numbers = before
                return
            operands += [drawn] if many else drawn
        step = Step(operation, tuple(operands))
        number = self.number(step)
        if number is None:
            self.numbers = before
        else:
            self.numbers[step] = number

    def operand(self, draw: st.DrawFn, interval: Interval, certain: bool) -> Term | None:
        """An operand inside an interval: an input, an earlier step or a plain number; None if there is none."""
        fitting = [term for term, number in self.numbers.items() if number is None or inside(number, interval)]
        choice: list[Term | None] = [*fitting] if certain else [None, *fitting]  # None stands for a number yet to be drawn
        if not choice:
            return None
        *_, last = choice
        if isinstance(last, Step):
            choice += [last] * len(choice)  # the latest step as often as all others: chains, not scraps
        term = choice[draw(st.integers(0, len(choice) - 1))]
        if term is None:
            return draw(numbers(interval))
        if self.numbers[term] is None:
            self.numbers[term] = draw(numbers(interval))
        return term

    def number(self, step: Step) -> float | None:
        """The result of a step, or None if it is unsuitable: too large, too steep, or near a kink."""
        rule = step.primitive

        def look_up(operand: Any) -> Any:
            if isinstance(operand, list):
                return [look_up(item) for item in operand]
            return operand if isinstance(operand, float) else self.numbers[operand]

        inputs = [look_up(operand) for operand in step.operands]
        try:
            number = step.operation(*inputs)
            if not abs(number) <= LARGEST or self.near_kink(step, inputs):
                return None
            for derivative in filter(None, rule.derivatives[: len(inputs)]):
                local = derivative(number, *inputs)
                if not all(abs(x) <= STEEPEST for x in (local if isinstance(local, list | tuple) else [local])):
                    return None
        except (ArithmeticError, ValueError):
            return None
        return float(number)

    def near_kink(self, step: Step, inputs: list[Any]) -> bool:
        """Whether the derivative jumps near these inputs. What is constant but for jumps stays where it is, a kink or not."""
        rule = step.primitive
        if rule.kink is None or abs(rule.kink(*inputs)) >= MARGIN:
            return False
        choosing = [operand for operand, derivative in zip(step.operands, rule.derivatives, strict=False) if derivative is None]
        return not (choosing and all(is_step_function(operand) for operand in choosing))


def is_step_function(term: Term) -> bool:
    """Whether a term is the result of an operation that is constant but for jumps."""
    return isinstance(term, Step) and not any(term.primitive.derivatives)
