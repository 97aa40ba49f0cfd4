"""Operations of many operands: which take sequences, in which order, and with derivatives of which length."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import Value, primitive
from autograd_lite.graph.bundles import Bundle
from autograd_lite.ops import TABLE


def test_a_dot_product_may_be_long() -> None:
    x = [Value(1.0) for _ in range(300)]
    assert ag.dot(x, [2.0] * 300).data == 600.0


@pytest.mark.parametrize("kind", [list, Bundle])
def test_an_operation_of_single_operands_refuses_a_sequence_of_values(kind: Callable[..., Any]) -> None:
    sequence = kind([Value(1.0)])
    for operands in ((1, sequence, sequence), (Value(1.0), sequence, 2.0)):
        with pytest.raises(TypeError, match=r"Value expects a real number, got .*Value\(data=1.0"):
            ag.where(*operands)


@pytest.mark.parametrize("sequence", [list, tuple])
def test_values_in_a_sequence_are_operands_of_a_variadic_operation_only(sequence: Callable[..., Any]) -> None:
    one = primitive(name="lone", derivatives=[lambda out, xs: 1])(lambda xs: sum(x.data for x in xs))
    two = primitive(name="pair", derivatives=[lambda out, xs, y: 1] * 2)(lambda xs, y: y)
    xs = sequence([Value(2.0), Value(3.0)])
    for call in (lambda: one(xs), lambda: two(xs, 1.0), lambda: two(1.0, xs)):
        with pytest.raises(TypeError, match=r"(lone|pair)\(.*2.0, 3.0.*\): it takes numbers and Values, not sequences"):
            call()
    for operation in (lambda: two(xs, Value(1.0)), lambda: ag.where(1, xs, xs)):
        with pytest.raises(TypeError, match="expects a real number"):
            operation()


SINGLE = {name: operation for name, operation in TABLE.items() if not operation.primitive.variadic}


@pytest.mark.parametrize("operation", SINGLE.values(), ids=SINGLE)
def test_an_operation_of_single_operands_refuses_a_sequence_of_numbers(operation: Any) -> None:
    others = [0.5] * (len(operation.primitive.derivatives) - 1)
    for several in ([0.5, 1.0], (0.5,), np.array([0.5, 1.0]), np.array([0.5])):
        with pytest.raises(TypeError, match=r"it takes numbers and Values, not sequences: write \[.* for .* in "):
            operation(several, *others)


def test_a_primitive_of_two_sequences_may_have_any_lengths_and_a_third() -> None:
    @primitive(
        derivatives=[
            lambda out, a, b, c=(): [b[0]] * len(a),
            lambda out, a, b, c=(): [ag.sum(a), *([0] * (len(b) - 1))],
            lambda out, a, b, c=(): [1] * len(c),
        ],
        variadic=True,
    )
    def scaled(a: Any, b: Any, c: Any = ()) -> Any:
        return sum(a) * b[0] + sum(c)

    a, b, c = ([Value(float(n)) for n in range(1, count + 1)] for count in (2, 3, 2))
    scaled(a, b).backward()
    scaled(a, b[:2], c).backward()
    assert [v.grad for v in (*a, *b, *c)] == [2.0, 2.0, 6.0, 0.0, 0.0, 1.0, 1.0]


def test_derivatives_of_a_pair_of_sequences_may_depend_on_the_third_operand() -> None:
    @primitive(
        derivatives=[
            lambda out, a, b, c=1: [c * y for y in b],
            lambda out, a, b, c=1: [c * x for x in a],
            lambda out, a, b, c=1: sum(x * y for x, y in zip(a, b, strict=True)),
        ],
        variadic=True,
    )
    def scaled_dot(a: Any, b: Any, c: Any = 1) -> Any:
        return c * sum(x * y for x, y in zip(a, b, strict=True))

    a, b, c = [Value(1.0), Value(2.0)], [Value(3.0), Value(4.0)], Value(5.0)
    scaled_dot(a, b, c).backward()
    assert [v.grad for v in (*a, *b, c)] == [15.0, 20.0, 5.0, 10.0, 11.0]


def test_a_number_and_a_sequence_may_stand_in_any_order() -> None:
    @primitive(
        derivatives=[lambda out, s, xs, c=0: sum(xs), lambda out, s, xs, c=0: [s] * len(xs), lambda out, s, xs, c=0: 1],
        variadic=True,
    )
    def scale(s: Any, xs: Any, c: Any = 0) -> Any:
        return s * sum(xs) + c

    @primitive(
        derivatives=[lambda out, xs, s, c=0: [s] * len(xs), lambda out, xs, s, c=0: sum(xs), lambda out, xs, s, c=0: 1],
        variadic=True,
    )
    def scaled(xs: Any, s: Any, c: Any = 0) -> Any:
        return s * sum(xs) + c

    for multiply in (scale, lambda s, xs, *c: scaled(xs, s, *c)):
        s, xs, c = Value(0.5), [Value(1.0), Value(2.0)], Value(1.0)
        out = multiply(2 * s, xs, c) + multiply(2 * s, xs)
        out.backward()
        assert (out.data, s.grad, [x.grad for x in xs], c.grad) == (7.0, 12.0, [2.0, 2.0], 1.0)


@pytest.mark.parametrize("position", [0, 1])
@pytest.mark.parametrize("second", [Value(3.0), 3.0])
def test_a_pair_of_sequences_needs_as_many_derivatives_as_operands(position: int, second: Any) -> None:
    rules: list[Any] = [lambda out, a, b, c=0: b, lambda out, a, b, c=0: a, lambda out, a, b, c=0: 1]
    rules[position] = lambda out, a, b, c=0: [1.0, 2.0]

    @primitive(derivatives=rules, variadic=True)
    def product(a: Any, b: Any, c: Any = 0) -> Any:
        return a[0] * b[0] + c

    node = product([Value(2.0)], [second])
    if position == 1 and not isinstance(second, Value):
        node.backward()  # nobody asks for the derivative by a constant
    else:
        with pytest.raises(ValueError, match="it gave 2 numbers for 1 operand"):
            node.backward()


@pytest.mark.parametrize("compute", [lambda rows: ag.dot(rows, [1.0, 2.0]), ag.sum, ag.mean], ids=["dot", "sum", "mean"])
def test_the_rows_of_a_matrix_are_not_taken_for_numbers(compute: Callable[[Any], Any]) -> None:
    with pytest.raises(TypeError, match=r"(dot|sum)\(.*not one of sequences: compute it row by row"):
        compute(np.array([[1.0, 2.0], [3.0, 4.0]]))
