"""A drawn function prints as the Python that it is, with the brackets that it needs."""

from dataclasses import FrozenInstanceError

import pytest
from hypothesis import given

import autograd_lite
from autograd_lite import Value, sin
from autograd_lite.ops import TABLE
from autograd_lite.strategies import Function, functions
from autograd_lite.strategies.function import Application, Input

NAMES = {operation.__name__: operation for operation in TABLE.values()}


@given(functions(3, list(TABLE.values()), max_nodes=12))
def test_repr_is_the_function(f):
    copied = eval(repr(f), NAMES)
    assert copied(*f.point) == f(*f.point)
    assert copied(*map(Value, f.point)).data == f(*f.point)


@given(functions(2))
def test_by_default_only_public_names(f):
    assert eval(repr(f), {"__builtins__": {}, **vars(autograd_lite)})(*f.point) == f(*f.point)


@pytest.mark.parametrize(
    ("text", "point"),
    [
        ("lambda x0, x1: (x0 - x1) * (-x0)", (1.0, 2.0)),
        ("lambda x0, x1: x0 - (x1 - x0)", (1.0, 2.0)),
        ("lambda x0, x1: (x0 ** x1) ** x0", (1.5, 2.0)),
        ("lambda x0, x1: x0 ** x1 ** x0", (1.5, 2.0)),
        ("lambda x0, x1: (-x0) ** 2.0", (1.5, 2.0)),
        ("lambda x0, x1: -x0 ** (-2.0)", (1.5, 2.0)),
        ("lambda x0, x1: (t0 := x0 / x1) + sin(t0) * t0", (1.5, 2.0)),
        ("lambda x0, x1: dot([x0, 1.0], [x1, x0], x1)", (1.5, 2.0)),
        ("lambda x0, x1: x0 / (x1 / x0)", (1.5, 2.0)),
        ("lambda x0, x1: x0 / x1 / x0", (1.5, 2.0)),
        ("lambda x0, x1: (x0 + x1) * x0 - x1 * x0", (1.5, 2.0)),
        ("lambda x0, x1: -(x0 + x1)", (1.5, 2.0)),
        ("lambda x0, x1: -(x0 * x1)", (1.5, 2.0)),
        ("lambda x0, x1: -x0 * (-x1)", (1.5, 2.0)),
        ("lambda x0, x1: x0 + (-2.0) + 3.0", (1.5, 2.0)),
        ("lambda x0, x1: x0 * (-2.0)", (1.5, 2.0)),
        ("lambda x0, x1: sin(-2.0 + x0)", (1.5, 2.0)),
        ("lambda x0, x1: 0.0 ** x0 ** 0.5", (1.5, 2.0)),
        ("lambda x0, x1: hypot((t0 := sin(x0)), (t1 := cosh(t0))) + t1", (1.5, 2.0)),
        ("lambda x0, x1: sum([sin(x0 + 1.0), -x1])", (1.5, 2.0)),
    ],
)
def test_parentheses_only_where_they_are_needed(text, point):
    assert repr(as_function(eval(text, NAMES), point)) == text


def as_function(f, point):
    """The strategy's kind of function, of the graph of another one."""
    leaves = [Value(x) for x in point]
    known = {leaf: Input(i) for i, leaf in enumerate(leaves)}

    def term(operand):
        if isinstance(operand, tuple):
            return [term(item) for item in operand]
        if operand.is_constant:
            return operand.data
        if operand not in known:
            known[operand] = Application(TABLE[operand.op], tuple(map(term, operand.operands)))
        return known[operand]

    return Function(term(f(*leaves)), point)


def test_parts_of_a_function_cannot_be_changed():
    f = as_function(lambda x: sin(x), (1.0,))
    with pytest.raises(FrozenInstanceError):
        f.output.operands = ()
    with pytest.raises(FrozenInstanceError):
        f.output.operands[0].index = 1
    assert Input(0) != Input(0)
    assert Application(sin, ()) != Application(sin, ())


def test_a_function_takes_as_many_arguments_as_it_has():
    f = as_function(lambda x: sin(x), (1.0,))
    with pytest.raises(TypeError, match=r"lambda x0: sin\(x0\) takes 1 argument, got 2"):
        f(1.0, 2.0)
    with pytest.raises(TypeError, match="takes 1 argument, got 0"):
        f()
