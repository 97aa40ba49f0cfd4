"""How a source reads: brackets where they are needed, lines that are not long, nothing twice, and a length in proportion."""

import math
import operator
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd_lite as ag
from autograd_lite import Value, compile


def source_of(f, *arguments, **options):
    """The lines of what a function becomes, without their indentation."""
    compiled = compile(f, backend="python", **options)
    compiled(*arguments)
    return [line.strip() for line in compiled.source.splitlines()]


# Brackets

OPERATORS = {"+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv}
LEAVES = st.one_of(st.sampled_from(["x", "y"]), st.sampled_from([2, -3, 0.5, -1.5]))
ARITHMETIC = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.tuples(st.sampled_from([*OPERATORS]), inner, inner), st.tuples(st.sampled_from(["neg", "square"]), inner)
    ),
    max_leaves=12,
)


def evaluated(expression, x, y):
    """An expression of nested tuples, computed with these numbers or Values."""
    if not isinstance(expression, tuple):
        return {"x": x, "y": y}.get(expression, expression)
    kind, *parts = expression
    parts = [evaluated(part, x, y) for part in parts]
    if kind == "neg":
        return -parts[0]
    return parts[0] ** 2 if kind == "square" else OPERATORS[kind](*parts)


@given(ARITHMETIC, st.floats(-3, 3), st.floats(-3, 3))
def test_arithmetic_keeps_its_brackets(expression, x, y):
    try:
        expected = evaluated(expression, Value(x), Value(y))
        compiled = compile(lambda x, y: evaluated(expression, x, y), backend="python")(x, y)
    except ArithmeticError:
        return
    assert repr(float(compiled)) == repr(float(expected.data if isinstance(expected, Value) else expected))


@pytest.mark.parametrize(
    ("f", "text"),
    [
        (lambda x, y: -(x * y), "-(x * y)"),
        (lambda x, y: -x * y, "-x * y"),
        (lambda x, y: x * -y, "x * (-y)"),
        (lambda x, y: (x + y) * (x - y), "(x + y) * (x - y)"),
        (lambda x, y: x - (y - x) + y * x, "x - (y - x) + y * x"),
        (lambda x, y: x * -2.0 - -3.0, "x * (-2.0) - (-3.0)"),
        (lambda x, y: math.inf * x + math.nan, "inf * x + nan"),
    ],
)
def test_brackets_stand_where_they_are_needed_and_nowhere_else(f, text):
    assert source_of(f, 2.0, 3.0)[-1] == f"return [{text}]"


# Lines


def test_no_line_is_long():
    label = Value(1.0, "n" * 50)

    def f(x):
        products = [ag.sin(a * b * label) for a, b in pairwise(x)]
        return sum(products, x[0] * x[1] + x[2] * x[3] * x[4] + label)

    for count in (5, 8, 9, 17, 100):
        assert max(map(len, source_of(f, [0.5] * count))) <= 200


@pytest.mark.parametrize(("letters", "statements"), [(96, 1), (97, 2)])
def test_an_expression_of_more_than_100_characters_is_a_statement(letters, statements):
    factor = Value(1.0, "n" * letters)
    assert len(source_of(lambda x: ag.sin(x * factor), 2.0)) == statements + 3


def test_a_long_expression_is_computed_in_several_statements():
    total = source_of(lambda x: sum(x, 0.5), [1.0] * 100)
    assert len(total) > 5
    assert compile(lambda x: sum(x, 0.5), backend="python")([1.0] * 100) == 100.5
    many = 5000  # more terms than Python's parser takes in one expression
    assert compile(lambda x: sum([x * n for n in range(many)]), backend="python")(1.0) == many * (many - 1) / 2


# Nothing twice


@pytest.fixture
def counted():
    """An operation that counts how often its number is computed."""

    @ag.primitive(derivatives=[lambda out, x: 1.0])
    def counting(x):
        counting.calls += 1
        return x

    counting.calls = 0
    return counting


def test_what_is_needed_twice_is_computed_once(counted):
    f = compile(lambda x: counted(x) * counted(x) + counted(x), backend="python")
    f(1.0)
    counted.calls = 0
    assert f(3.0) == 12.0
    assert counted.calls == 1


def test_what_all_samples_share_is_computed_once(counted, cut, length):
    f = compile(lambda w, x: ag.dot([counted(w[0]), w[1]], x) * counted(w[1] + 1), in_axes=(None, 0), backend="python")
    with cut(length):
        f([1.0, 2.0], [[1.0, 2.0]])
    counted.calls = 0
    assert f([1.0, 2.0], [[1.0, 2.0]] * 5) == 15.0
    assert counted.calls == 2


def test_a_gradient_alone_computes_no_value():
    f = compile(lambda x: ag.sin(x) ** 2, backend="python")
    f.value_and_grad(1.0)
    assert "** 2" in f.source
    f.grad(1.0)
    assert "** 2" not in f.source


def test_a_list_that_several_operations_read_is_written_once():
    lines = source_of(lambda w, x: ag.sum(w[::-1]) * ag.prod(x[3:5]) + ag.prod(w[::-1]), [1.0] * 2, [1.0] * 6)
    assert sum("[w_1, w_0]" in line for line in lines) == 1
    assert sum("x[3:5]" in line for line in lines) == 1


# In proportion


@pytest.mark.parametrize(
    "places", [(0, 0, 2), (0, 2, 2), (1, 2, 3), (0, 1), (3, 2), (2,), (0, 1, 2, 3), (2, 1, 3, 0, 4), (2, 3, 4)]
)
def test_a_slice_holds_the_operands_in_their_order(places):
    def f(x, y):
        numbers = [*x, y]
        return ag.dot([numbers[place] for place in places], [2.0, 3.0, 5.0, 7.0, 11.0][: len(places)])

    point = [1.0, 10.0, 100.0, 1000.0], 0.5
    assert compile(f, backend="python")(*point) == f(*point)


def test_only_numbers_that_are_read_one_by_one_get_names():
    lines = source_of(lambda x: ag.sum(x[2:5]) * x[9] + ag.sum(x[2:5]) + ag.prod(x[:3]), [1.0] * 10)
    assert lines[1:2] == ["x_9 = x[9]"]
    assert "x_1" not in " ".join(lines)


def test_a_source_does_not_grow_with_an_argument_that_is_read_as_a_whole():
    for activation in (ag.ops.identity, ag.tanh):
        f = compile(lambda w, x, activation=activation: activation(ag.dot(w, x)), backend="python")
        f.value_and_grad([1.0] * 5000, [2.0] * 5000)
        assert len(f.source) < 500, f.source[:1000]


def test_of_an_argument_of_many_numbers_only_those_that_are_read_are_in_the_source():
    for count in (8, 1000, 1001, 5000):
        f = compile(lambda a, x: a * x[1] * x[-1], backend="python")
        assert f(2.0, [3.0] * count) == 18.0
        assert len(f.source) < 100
        assert ("x_1 = x[1]" in f.source) == (count <= 1000)
    for count in (1000, 1001):
        values = [Value(0.5) for _ in range(count)]
        g = compile(lambda values=values: ag.sum(values), backend="python")
        assert g() == count / 2
        assert ("outside0, outside1, " in g.source) == (count <= 1000)


# The chain rule


def test_the_source_says_over_how_many_paths_the_chain_rule_sums():
    k = Value(5.0, "k")
    f = compile(lambda x, y: (s := y + y * y) * x + k * x + ag.exp(s), backend="python")
    f.value_and_grad(1.0, 2.0)
    assert "d_x = v3 + k  # the chain rule sums over 2 paths" in f.source  # v3, a sum as well, has another use
    plain = compile(lambda x: ag.sin(x) * 2, backend="python")
    plain.grad(1.0)
    assert "chain rule" not in plain.source
