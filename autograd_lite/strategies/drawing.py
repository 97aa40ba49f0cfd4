"""What a test asks for: values, expressions and functions, drawn at random."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from hypothesis import reject
from hypothesis import strategies as st

import autograd_lite
from autograd_lite.basics.checks import whole_number, wrong_type, wrong_value
from autograd_lite.operation import primitive_of
from autograd_lite.ops import TABLE
from autograd_lite.strategies.function import Application, Function
from autograd_lite.strategies.growing import WIDEST, Growing, numbers, takes_several
from autograd_lite.value import Value

WAYS: Final = 31  # of a step; in three quarters of them it joins what is not used yet, in one of them it is the last


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
        n_inputs: how many arguments. Most functions depend on all of them where operations have two operands; not all do.
        primitives: the operations to make it of, simplest first, such as `[mul, sin, cube]`; those of the package if not given.
            A variadic one takes its required arguments as sequences of one length. One through which no derivative passes by
            intention, as `stop_gradient`, is left out.
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
    n_inputs, max_nodes = whole_number("n_inputs", n_inputs), whole_number("max_nodes", max_nodes)
    if callable(primitives):
        raise wrong_type("primitives", "a list of operations", primitives)
    operations = public_operations() if primitives is None else list(primitives)
    for i, operation in enumerate(operations):
        if primitive_of(operation) is None:
            way_out = "make it one with @primitive, or name those that it is made of"
            raise wrong_type(f"primitives[{i}]", "a primitive operation", operation, way_out)
    operations = [operation for operation in operations if not primitive_of(operation).stops_gradient]  # type: ignore[union-attr]
    if not operations:
        raise wrong_value("primitives", "a list of at least one operation that has a derivative or jumps", primitives)
    return random_functions(n_inputs, operations, max_nodes)


def public_operations() -> list[Callable[..., Any]]:
    """The operations of the table that a user can write: operators, and what `autograd_lite` exports."""
    return [
        operation
        for name, operation in TABLE.items()
        if operation.primitive.sign or getattr(autograd_lite, operation.__name__, None) is operation
    ]


@st.composite
def random_functions(draw: st.DrawFn, n_inputs: int, operations: Sequence[Callable[..., Any]], max_nodes: int) -> Function:
    """See `functions`."""
    growing = Growing(n_inputs)
    joining = [operation for operation in operations if takes_several(operation.primitive)] or operations  # type: ignore[attr-defined]
    for _ in range(max_nodes):
        way, last = draw(st.integers(0, WAYS)), draw(st.integers(0, WAYS)) == 0
        if last and way == 0:  # the simplest of all, and rare: so a failure is reduced to what it needs
            growing = Growing(n_inputs)
        growing.add(draw, joining if way > WAYS // 4 and growing.loose_ends > 1 else operations)
        if last:
            break
    made = [term for term in growing.numbers if isinstance(term, Application)]
    if not made:
        reject()
    point = tuple(draw(numbers()) if x is None else x for x in list(growing.numbers.values())[:n_inputs])
    return max((Function(step, point) for step in reversed(made)), key=lambda f: len(f.steps))
