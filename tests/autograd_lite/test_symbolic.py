"""Local derivatives as formulas, read off the rules without what a reader would not write."""

import math

import pytest

from autograd_lite import (
    Value,
    detect_anomaly,
    dot,
    greater,
    leaky_relu,
    no_grad,
    primitive,
    sin,
    where,
)
from autograd_lite.notation import (
    symbolic_derivatives,
    text,
)
from autograd_lite.symbolic import symbolic_graph

A, B, C = Value(2.0, "a"), Value(3.0, "b"), Value(0.5, "c")


def test_derivatives_are_read_off_the_rules_without_what_a_reader_would_not_write() -> None:
    assert [text(d) for d in symbolic_derivatives(A * B)] == ["b", "a"]
    assert text(symbolic_derivatives(A**2)[0]) == "2 × a"
    assert text(symbolic_derivatives(sin(A))[0]) == "cos(a)"
    assert text(symbolic_derivatives(A**3)[0]) == "3 × a ** 2"
    assert text(symbolic_derivatives(leaky_relu(A))[0]) == "where(a > 0, 1, 0.01)"
    assert text(symbolic_derivatives(where(greater(A, 0), B, C))[1]) == "where(a > 0, 1, 0)"
    assert text(symbolic_derivatives(where(1, A, B))[1]) == "1"
    assert text(symbolic_derivatives(where(0, A, B))[1]) == "0"
    assert [text(d) for d in symbolic_derivatives(dot([A, B], [C, C]))] == ["c", "c", "a", "b"]


def test_what_is_neutral_is_left_out_of_a_derivative() -> None:
    @primitive(derivatives=[lambda out, x, y: 0 + 1 * x * 1 + 0, lambda out, x, y: 1 + 0 * (x ** (y - y + 1)) ** 1])
    def odd(x, y):
        return x

    assert [text(d) for d in symbolic_derivatives(odd(A, B))] == ["a", "1 + 0 × a ** (b − b + 1)"]


def test_a_variable_inside_a_rule_stays_in_its_formula() -> None:
    k = Value(1.0, "k")

    @primitive(derivatives=[lambda out, x: k * x])
    def scaled(x):
        return x

    assert text(symbolic_derivatives(scaled(A))[0]) == "k × a"


def test_a_formula_stands_for_a_node_and_each_of_its_parents() -> None:
    y = dot([A, B], [C, 4.0], 1.0)
    symbols, _ = symbolic_graph(y)
    assert [symbol.stands_for for symbol in symbols] == [y, *y.parents]
    assert [symbol.data for symbol in symbols] == [14.0, 2.0, 3.0, 0.5, 4.0, 1.0]


@pytest.mark.parametrize(
    "rule",
    [
        lambda out, x: 1 if x > 0 else -1,
        lambda out, x: 0 if x == 0 else x / out,
        lambda out, x: x / out if x != 0 else 0,
        lambda out, x: x and x / out,
    ],
)
def test_a_rule_that_chooses_by_a_number_is_not_a_formula(rule) -> None:
    @primitive(derivatives=[rule])
    def size(x):
        return math.fabs(x)

    with pytest.raises(TypeError, match="chooses by a number"):
        symbolic_derivatives(size(A))


def test_reading_a_rule_leaves_the_active_mode_alone() -> None:
    product = A * B
    with no_grad(), detect_anomaly():
        assert [text(d) for d in symbolic_derivatives(product)] == ["b", "a"]
        assert (A + B).is_constant
