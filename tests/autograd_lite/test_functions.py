"""The functions made of primitives: `affine` is `dot`, row by row, and `affine_each` is `affine`, one by one, to the bit."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd_lite as ag
from autograd_lite import Value, affine, affine_each, dot
from autograd_lite.errors import AnomalyError
from autograd_lite.graph.bundles import Bundle
from autograd_lite.operands import as_bundle

numbers = st.floats(-10, 10)


@st.composite
def layers(draw: Any) -> tuple[list[list[float]], list[float], list[float]]:
    """A matrix, a vector and offsets that fit."""
    columns = draw(st.integers(0, 4))
    rows = draw(st.lists(st.lists(numbers, min_size=columns, max_size=columns), max_size=4))
    exact = {"min_size": len(rows), "max_size": len(rows)}
    return rows, draw(st.lists(numbers, min_size=columns, max_size=columns)), draw(st.lists(numbers, **exact))


def plain(items: Any) -> Any:
    """Numbers as they are."""
    return items


def values(items: Any) -> Any:
    """A Value for each number."""
    return [Value(item) for item in items]


def gradients(outputs: list[list[Any]], leaves: list[Value]) -> list[Any]:
    """The derivatives of the sum of all squares by the leaves."""
    for leaf in leaves:
        leaf.grad = 0
    squares = [z * z for zs in outputs for z in zs]
    if any(isinstance(square, Value) for square in squares):
        ag.sum(squares).backward()
    return [leaf.grad for leaf in leaves]


@given(layers(), st.sampled_from([plain, values, lambda x: as_bundle(values(x))]), st.booleans(), st.booleans())
def test_it_is_dot_of_each_row_to_the_bit(
    layer: Any, operand: Callable[[Any], Any], with_offsets: bool, plain_offsets: bool
) -> None:
    matrix, vector, numbers_to_add = layer
    rows = [operand(row) for row in matrix]
    x, b = operand(vector), plain(numbers_to_add) if plain_offsets else values(numbers_to_add)
    together = affine(rows, x, b) if with_offsets else affine(rows, x)
    apart = [dot(row, x, offset) if with_offsets else dot(row, x) for row, offset in zip(rows, b, strict=True)]
    assert [getattr(z, "data", z) for z in together] == [getattr(z, "data", z) for z in apart]
    leaves = [leaf for leaf in [*x, *(w for row in rows for w in row), *(b if with_offsets else [])] if isinstance(leaf, Value)]
    assert gradients([together], leaves) == gradients([apart], leaves)


@given(layers(), st.sampled_from([plain, values, lambda x: as_bundle(values(x))]), st.booleans(), st.integers(0, 3), st.data())
def test_it_is_dot_for_each_of_several_x(
    layer: Any, operand: Callable[[Any], Any], with_offsets: bool, count: int, data: Any
) -> None:
    matrix, vector, numbers_to_add = layer
    rows = [operand(row) for row in matrix]
    same = st.lists(numbers, min_size=len(vector), max_size=len(vector))
    xs = [operand(x) for x in data.draw(st.lists(same, min_size=count, max_size=count))]
    offsets = [values([factor * b for b in numbers_to_add]) for factor in range(count)]
    together = affine_each(iter(rows), iter(xs), iter(offsets)) if with_offsets else affine_each(iter(rows), iter(xs))
    apart = [
        [dot(row, x, b) if with_offsets else dot(row, x) for row, b in zip(rows, added, strict=True)]
        for x, added in zip(xs, offsets, strict=True)
    ]
    assert [[getattr(z, "data", z) for z in zs] for zs in together] == [[getattr(z, "data", z) for z in zs] for zs in apart]
    leaves = [leaf for group in (*rows, *xs, *offsets) for leaf in group if isinstance(leaf, Value)]
    assert gradients(together, leaves) == gradients(apart, leaves)


def test_each_x_needs_its_offsets() -> None:
    with pytest.raises(ValueError, match="affine_each of 2 x and 1 lists of offsets: each x needs one"):
        affine_each([[1.0]], [[1.0], [2.0]], [[0.0]])
    x = as_bundle(values([1.0]))
    with pytest.raises(ValueError, match="affine of 1 rows and 2 offsets: each row needs one"):
        affine_each([x], [x, x], [values([0.0]), values([0.0, 1.0])])
    nothing: Any = [None]
    with pytest.raises(TypeError, match="expects a real number, got None"):
        affine([x], x, nothing)


def test_offset_is_added_first_as_in_dot() -> None:
    w, x, b = as_bundle(values([0.6, 0.8])), as_bundle(values([1.0, 1.0])), Value(-0.4)
    assert affine([w], x, [b])[0].data == dot(w, x, b).data == (-0.4 + 0.6) + 0.8 != (0.6 + 0.8) - 0.4


def test_offsets_may_be_arrays() -> None:
    rows, xs = [as_bundle(values([1.0, 2.0]))], [[1.0, 1.0], as_bundle(values([0.0, 1.0]))]
    outputs = affine_each(rows, xs, np.array([[0.5], [0.25]]))
    assert [z.data for (z,) in outputs] == [3.5, 2.25]
    assert all(isinstance(operand, Value) for (z,) in outputs for operand in z.parents)
    outputs[1][0].backward()
    assert [w.grad for w in rows[0]] == [0.0, 1.0]


def test_a_failing_row_is_named_as_by_dot() -> None:
    rows, x = [as_bundle([Value(1.0), Value(10**400)])], as_bundle(values([1.0, 2.0]))
    with pytest.raises(OverflowError, match=r"dot\("):
        affine(rows, x)


def test_its_rows_share_one_bundle_of_inputs() -> None:
    rows = [as_bundle(values([1.0, 2.0])) for _ in range(2)]
    x = as_bundle(values([3.0, 4.0]))
    for outputs in (affine(rows, x), affine(rows, x, values([0.0, 0.0]))):
        assert all(z.op == "dot" and z.operands[0] is row and z.operands[1] is x for z, row in zip(outputs, rows, strict=True))
        assert all(isinstance(z.operands[1], Bundle) for z in outputs)


def test_each_x_gets_its_own_offsets() -> None:
    rows, b, other = [as_bundle(values([1.0, 2.0])) for _ in range(2)], values([0.5, 1.5]), values([2.0, 3.0])
    xs = [as_bundle(values([3.0, k])) for k in (4.0, 5.0, 6.0, 7.0)]
    first, second, third, fourth = affine_each(rows, xs, [b, b, other, b])
    for k, outputs in enumerate((first, second, third, fourth)):
        assert [z.operands for z in outputs] == [(row, xs[k], o) for row, o in zip(rows, other if k == 2 else b, strict=True)]
        assert [z.data for z in outputs] == [
            dot(row, xs[k], o).data for row, o in zip(rows, other if k == 2 else b, strict=True)
        ]


def test_bundles_and_lists_give_the_same_numbers() -> None:
    lists = [values([1.0, 2.0]) for _ in range(2)]
    rows, x, b = [as_bundle(row) for row in lists], as_bundle(values([3.0, 4.0])), values([0.5, 1.5])
    for outputs in (affine(rows, x), affine(lists, x), affine([rows[0], lists[1]], x), affine(rows, list(x))):
        assert [z.data for z in outputs] == [11.0, 11.0]
    for outputs in (affine(rows, x, b), affine(rows, x, [0.5, 1.5]), affine(rows, x, [b[0], 1.5])):
        assert [z.data for z in outputs] == [11.5, 12.5]


@pytest.mark.parametrize("count", [0, 1, 3])
@pytest.mark.parametrize("kind", [plain, values, lambda x: as_bundle(values(x))])
def test_each_row_needs_one_offset(count: int, kind: Callable[[Any], Any]) -> None:
    rows = [kind([1.0, 2.0]) for _ in range(2)]
    with pytest.raises(ValueError, match=f"affine of 2 rows and {count} offsets: each row needs one"):
        affine(rows, kind([3.0, 4.0]), values([0.5] * count))


def test_a_mode_has_its_say() -> None:
    rows, x = [as_bundle(values([1.0, 2.0]))], as_bundle(values([3.0, 4.0]))
    with ag.no_grad():
        assert affine(rows, x)[0].is_constant
    rows[0][0].data = float("inf")
    with ag.detect_anomaly(), pytest.raises(AnomalyError, match="dot"):
        affine(rows, x)


@pytest.mark.parametrize(
    ("rows", "x", "offsets", "message"),
    [
        ([[1.0, 2.0]], [1.0], None, "dot of 2 and 1 operands"),
        ([as_bundle([Value(1.0), Value(2.0)])], as_bundle([Value(1.0)]), None, "dot of 2 and 1 operands"),
        ([[1.0], [2.0]], [1.0], [0.0], "2 rows and 1 offsets"),
    ],
)
def test_lengths_that_do_not_fit_are_an_error(rows: Any, x: Any, offsets: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        affine(rows, x, offsets)


@given(st.lists(numbers, min_size=1, max_size=5), st.floats(-1e9, 1e9))
def test_shares_by_log_softmax_add_up_to_one_however_large_the_logits(logits: Any, shift: float) -> None:
    assert math.fsum(map(math.exp, ag.log_softmax([x + shift for x in logits]))) == pytest.approx(1, rel=1e-14)
