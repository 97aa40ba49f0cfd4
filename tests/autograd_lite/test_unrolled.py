"""The step of the chain rule: the unrolled forms are the plain one, and what is not chosen passes nothing on."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd_lite as ag
from autograd_lite import Value, primitive
from autograd_lite.graph.bundles import Bundle, BundleNumbers
from autograd_lite.graph.order import topological_order
from autograd_lite.operands import make_constant
from autograd_lite.strategies import functions
from autograd_lite.value import pull_back

small = st.floats(-10, 10)


def passed_on(node: Value, step: Callable[[Any, BundleNumbers], None], gradient: float) -> list[Any]:
    """The gradients that one step from a node gives its parents, each of which had 0.1."""
    for parent in node.parents:
        parent.grad = 0.1
    node.grad = gradient
    step(node, BundleNumbers())
    return [parent.grad for parent in node.parents]


@settings(max_examples=100)
@given(functions(3), small)
def test_the_unrolled_forms_give_what_the_plain_one_gives_to_the_bit(f: Any, gradient: float) -> None:
    for node in topological_order(f(*map(Value, f.point))):
        assert passed_on(node, node.primitive.pull_back, gradient) == passed_on(node, pull_back, gradient)


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), max_size=5), st.sampled_from([None, 0, 3, 5]), small)
def test_so_do_those_of_bundles_that_share_operands(pairs: list[tuple[int, int]], last: int | None, gradient: float) -> None:
    leaf = Value(0.3)
    pool = [leaf, Value(-1.7), leaf * leaf, Value(1e-3), make_constant(2.0), make_constant(0.1)]
    node = ag.dot([pool[i] for i, _ in pairs], [pool[j] for _, j in pairs], *([] if last is None else [pool[last]]))
    if isinstance(node, Value):  # and not of plain numbers alone
        variables = [not parent.is_constant for parent in node.parents]
        unrolled, plain = (passed_on(node, step, gradient) for step in (node.primitive.pull_back, pull_back))
        assert [g for g, v in zip(unrolled, variables, strict=True) if v] == [
            g for g, v in zip(plain, variables, strict=True) if v
        ]


@pytest.mark.parametrize(
    "f",
    [
        lambda x: ag.sqrt(ag.relu(x)),
        lambda x: ag.relu(x) ** 0.5,
        lambda x: ag.sqrt(ag.maximum(x, 0.0)),
        lambda x: ag.sqrt(-ag.minimum(-x, 0.0)),
        lambda x: ag.sqrt(ag.where(ag.greater(x, 0), x, 0.0)),
        lambda x: ag.where(ag.greater(x, 0.0), ag.sqrt(x * x), 0.0) + 0 * x,
    ],
)
def test_what_is_not_chosen_passes_nothing_on_be_the_slope_above_it_infinite(f: Callable[[Any], Any]) -> None:
    x = Value(-1.0)
    f(x).backward()
    assert x.grad == 0


def test_a_branch_that_is_not_chosen_passes_nothing_on_be_its_own_slope_infinite() -> None:
    x, y = Value(0.0), Value(0.0)
    ag.where(ag.greater(ag.hypot(x, y), 1.0), 0.0, x * x + 3 * y).backward()
    assert (x.grad, y.grad) == (0.0, 3.0)
    z = Value(0.0)
    ag.where(ag.greater(z, 0.0), ag.sqrt(z), z).backward()
    assert z.grad == 1.0


def test_a_rule_is_not_asked_where_no_gradient_arrives() -> None:
    asked = []

    @primitive(derivatives=[lambda out, x: asked.append(x) or 1.0])
    def watched(x: Any) -> Any:
        return x

    x = Value(3.0)
    (ag.where(0, watched(x), 2.0) + ag.where(1, 2.0, watched(x)) + ag.relu(-watched(x))).backward()
    assert (asked, x.grad) == ([], 0)
    ag.where(1, watched(x), 2.0).backward()
    assert (asked, x.grad) == ([3.0], 1.0)


def test_a_number_that_happens_to_be_0_stays_a_number() -> None:
    x = Value(0.0)
    (ag.sqrt(x) * 0.0).backward()
    assert math.isnan(x.grad)


def test_the_rule_of_a_bundle_gives_one_derivative_for_each_operand() -> None:
    @primitive(derivatives=[lambda out, a, b, c=0: b, lambda out, a, b, c=0: [1.0], lambda out, a, b, c=0: 1], variadic=True)
    def wrong(a: Any, b: Any, c: Any = 0) -> Any:
        return sum(a) + sum(b) + c

    out = wrong(Bundle([Value(1.0), Value(2.0)]), Bundle([Value(1.0), Value(2.0)]), Value(1.0))
    with pytest.raises(ValueError, match="derivative 1 of 'wrong' cannot be used: it gave 1 numbers for 2 operands"):
        out.backward()


def test_of_many_operands_what_was_not_chosen_gets_nothing() -> None:
    @primitive(variadic=True, chooses=True, derivatives=[lambda out, xs: [1.0] + [0.0] * (len(xs) - 1)])
    def head(xs: Any) -> Any:
        return xs[0]

    a, b = Value(0.0), Value(0.0)
    ag.sqrt(head([a, ag.sqrt(b)])).backward()
    assert (a.grad, b.grad) == (math.inf, 0.0)
    assert ag.grad(lambda a, b: ag.sqrt(head([a, ag.sqrt(b)])), (0, 1))(0.0, 0.0) == (math.inf, 0.0)


def walked(node: Value, visited: set[Any]) -> list[Value]:
    """What specifies `topological_order`, in recursion: of two operands the second is walked first; of more, the first, then
    from the last to the second; and the elements of a bundle from the last to the first."""
    if node in visited or (not isinstance(node, Bundle) and not node.operands):
        return []
    visited.add(node)
    if isinstance(node, Bundle):
        parts = node[::-1]
    else:
        first, *others = node.operands
        parts = (*others, first) if len(others) < 2 else (first, *others[::-1])
    order = [found for part in parts for found in walked(part, visited)]
    return order if isinstance(node, Bundle) else [*order, node]


@settings(max_examples=100)
@given(functions(3))
def test_the_order_is_that_of_the_plain_walk(f: Any) -> None:
    output = f(*map(Value, f.point))
    assert [*map(id, topological_order(output))] == [*map(id, walked(output, set()))]


def test_the_order_of_a_network_is_that_of_the_plain_walk() -> None:
    w = [Bundle([Value(1.0), Value(2.0)]) for _ in range(3)]
    x = Bundle([Value(0.5).tanh(), Value(0.25).tanh()])
    hidden = Bundle([ag.dot(row, x, Value(1.0)).tanh() for row in w])
    output = ag.sum(hidden) * ag.dot(w[0], x)
    assert [*map(id, topological_order(output))] == [*map(id, walked(output, set()))]
