"""The chain rule: gradients, how they add up, and that every run gives the same."""

import math
import threading
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd_lite as ag
from autograd_lite import Value
from autograd_lite.graph.bundles import Bundle
from autograd_lite.graph.order import topological_order
from autograd_lite.operands import make_constant

small = st.floats(-10, 10)


def test_micrograds_example_gives_its_published_numbers() -> None:
    a, b = Value(-4.0), Value(2.0)
    c = a + b
    d = a * b + b**3
    c += c + 1
    c += 1 + c + (-a)
    d += d * 2 + (b + a).relu()
    d += 3 * d + (b - a).relu()
    e = c - d
    f = e**2
    g = f / 2.0
    g += 10.0 / f
    g.backward()
    assert (f"{g:.4f}", f"{a.grad:.4f}", f"{b.grad:.4f}") == ("24.7041", "138.8338", "645.5773")


@given(a=small, b=small, c=small)
def test_backward_is_the_chain_rule(a: float, b: float, c: float) -> None:
    x, y, z = Value(a), Value(b), Value(c)
    inner = x * y + z
    (inner * inner + inner * x).backward()
    slope = 2 * (a * b + c) + a
    assert x.grad == pytest.approx(slope * b + (a * b + c), abs=1e-9)
    assert y.grad == pytest.approx(slope * a, abs=1e-9)
    assert z.grad == pytest.approx(slope, abs=1e-9)
    assert inner.grad == pytest.approx(slope, abs=1e-9)


@given(x=small, times=st.integers(1, 5))
def test_leaves_add_up_over_calls_and_inner_nodes_do_not(x: float, times: int) -> None:
    leaf = Value(x)
    inner = leaf * 3
    out = inner * inner
    for _ in range(times):
        out.backward()
    assert inner.grad == 2 * inner.data
    assert out.grad == 1
    assert leaf.grad == pytest.approx(times * 18 * x)


def test_two_outputs_over_one_inner_node_do_not_corrupt_each_other() -> None:
    x = Value(2.0)
    shared = x * x
    first, second = shared * 3, shared * 5
    first.backward()
    second.backward()
    assert x.grad == 3 * 4.0 + 5 * 4.0


def test_backward_of_a_leaf_and_of_a_node_that_is_its_own_operand_twice() -> None:
    x = Value(2.0)
    x.backward()
    assert x.grad == 1
    y = Value(3.0)
    (y + y).backward()
    (y * y).backward()
    assert y.grad == 2 + 6


def test_data_changed_between_steps_is_seen_by_the_next() -> None:
    w, x = Bundle([Value(1.0), Value(2.0)]), Bundle([Value(3.0), Value(4.0)])
    for _ in range(2):
        w[0].grad = 0
        z = ag.dot(w, x)
        z.backward()
        assert (z.data, w[0].grad) == (w[0].data * x[0].data + w[1].data * x[1].data, x[0].data)
        w[0].data, x[0].data = 7.0, -5.0


def test_a_sum_of_many_is_one_node() -> None:
    terms = [Value(float(i)) for i in range(100_000)]
    total = ag.sum(terms)
    total.backward()
    assert total.parents == tuple(terms)
    assert {term.grad for term in terms} == {1.0}


def test_plain_numbers_in_an_expression_are_constants_without_gradient() -> None:
    x = Value(2.0)
    out = 3 * x + 1
    out.backward()
    constants = [parent for node in topological_order(out) for parent in node.parents if parent.is_constant]
    assert [(c.data, c.grad) for c in constants] == [(3, 0), (1, 0)]
    with pytest.raises(RuntimeError, match=r"no graph to differentiate, since it is a plain number"):
        constants[0].backward()


def test_a_value_derived_from_value_takes_part_everywhere() -> None:
    class Weight(Value):
        __slots__ = ()

    w = Weight(3.0)
    out = ag.dot([w, w], [1.0, 2.0], w) + ag.leaky_relu(w) + w * w + ag.exp(w) - ag.maximum(w, 1.0)
    out.backward()
    assert w.grad == pytest.approx(4 + 1 + 6 + math.exp(3) - 1)


def test_threads_build_and_differentiate_graphs_at_once() -> None:
    results: dict[int, Any] = {}

    def work(index: int) -> None:
        x = Value(float(index))
        for _ in range(20):
            if index % 2:
                with ag.no_grad():
                    assert (x * x).parents == ()
            x.grad = 0
            ag.sum([x * k for k in range(50)]).backward()
        results[index] = (x.grad, ag.grad(ag.grad(lambda y: y**3))(float(index)))

    threads = [threading.Thread(target=work, args=(index,)) for index in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == {index: (1225.0, 6.0 * index) for index in range(8)}


@given(st.lists(small, min_size=3, max_size=8))
def test_the_same_program_gives_the_same_gradient_to_the_bit(numbers: list[float]) -> None:
    def gradient() -> list[float]:
        xs = [Value(x) for x in numbers]
        out = ag.sum([ag.tanh(a * 0.1 + b) * c for a in xs for b in xs for c in xs[:2]])
        out.backward()
        return [x.grad for x in xs]

    assert gradient() == gradient()


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), max_size=5), st.sampled_from([None, 0, 3, 5]), small)
def test_a_dot_product_passes_on_its_gradient_times_each_local_derivative_in_the_order_of_its_operands_to_the_bit(
    pairs: list[tuple[int, int]], last: int | None, gradient: float
) -> None:
    leaves = [Value(0.3), Value(-1.7), Value(1e-3)]
    square = leaves[0] * leaves[0]
    pool = [*leaves, square, make_constant(2.0), make_constant(0.1)]  # shared as they come
    node = ag.dot([pool[i] for i, _ in pairs], [pool[j] for _, j in pairs], *([] if last is None else [pool[last]]))
    if not isinstance(node, Value):
        return  # of plain numbers alone
    for leaf in leaves:
        leaf.grad = 0.1
    expected = dict.fromkeys(leaves, 0.1) | {square: 0.0}
    for parent, local in zip(node.parents, node.local_derivatives, strict=True):
        if not parent.is_constant:
            expected[parent] += gradient * local
    for _ in range(2):  # the square passes on what it got, by both of its operands
        expected[leaves[0]] += expected[square] * 0.3
    (node * gradient).backward()
    assert {value: value.grad for value in expected} == expected
