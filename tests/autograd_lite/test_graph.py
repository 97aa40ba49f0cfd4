"""The graph: the order in which it is walked, its depth, its memory and its lifetime."""

import gc
import sys
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

import autograd_lite as ag
from autograd_lite import Value
from autograd_lite.graph.bundles import Bundle
from autograd_lite.graph.order import topological_order


def count_nodes() -> int:
    return sum(issubclass(type(item), Value) for item in gc.get_objects())


picks = st.tuples(st.integers(1, 4), st.integers(1, 4), st.integers(1, 4))  # counted from the latest


@ag.primitive(derivatives=[lambda out, a, b, c, d: 1] * 4)
def total_of_four(a: Any, b: Any, c: Any, d: Any) -> Any:
    return a + b + c + d


@ag.primitive(
    derivatives=[lambda out, u, v, w: [1] * len(u), lambda out, u, v, w: [1] * len(v), lambda out, u, v, w: [1] * len(w)],
    variadic=True,
)
def total_of_lists(u: Any, v: Any, w: Any) -> Any:
    return sum(u) + sum(v) + sum(w)


node_of: dict[str, Callable[..., Value]] = {
    "unary": lambda a, b, c, v, w: ag.tanh(a),
    "binary": lambda a, b, c, v, w: a + b,
    "choice": lambda a, b, c, v, w: ag.where(a, b, c),
    "sum": lambda a, b, c, v, w: ag.sum(v),
    "dot": lambda a, b, c, v, w: ag.dot(v, w),
    "offset": lambda a, b, c, v, w: ag.dot(v, w, a),
    "four": lambda a, b, c, v, w: total_of_four(1.0, b, c, a),
    "lists": lambda a, b, c, v, w: total_of_lists(v, [a, b], w),
}


@given(st.lists(st.tuples(st.sampled_from([*node_of]), picks), max_size=20))
def test_topological_order_has_every_computed_node_once_after_its_parents(steps: list[tuple[str, tuple[int, ...]]]) -> None:
    x = Value(1.0)
    nodes, bundles = [x * x], [Bundle([x, x])]
    for kind, places in steps:
        a, b, c = (nodes[-min(place, len(nodes))] for place in places)
        v, w, _ = (bundles[-min(place, len(bundles))] for place in places)
        nodes.append(node_of[kind](a, b, c, v, w))
        bundles.append(Bundle([nodes[-1], a]))  # shared by all that take it, and computed, as the inputs of a layer are
    order = topological_order(nodes[-1])
    needed, waiting = set(), [nodes[-1]]
    while waiting:
        node = waiting.pop()
        if node.parents and node not in needed:
            needed.add(node)
            waiting += node.parents
    assert len(order) == len(needed)
    assert set(order) == needed
    place = {node: position for position, node in enumerate(order)}
    assert all(place[parent] < place[node] for node in order for parent in node.parents if parent.parents)


def test_a_bundle_shared_by_a_node_and_a_node_above_it_waits_for_its_operands() -> None:
    for share in (Bundle, list):
        a = Value(2.0)
        w = share([a * 3, a * a])
        below = ag.dot(w, [1.0, 5.0])
        ag.dot(w, [below, below]).backward()  # (3a + a²)·(3a + 5a²)
        assert a.grad == (3 + 4) * (6 + 20) + (6 + 4) * (3 + 20)


def test_what_nodes_share_is_walked_once_however_many_share_it() -> None:
    looks = []

    class Watched(Value):
        __slots__ = ()

        def __getattribute__(self, name: str) -> Any:
            looks.append(name)
            return super().__getattribute__(name)

        def __hash__(self) -> int:
            looks.append("hash")
            return super().__hash__()

    counts = []
    for neurons in (2, 20):
        x = Value(2.0)
        inputs = Bundle([Watched(1.0), x * x])
        total = ag.sum([ag.dot([x, x], inputs, x) for _ in range(neurons)])
        looks.clear()
        assert len(topological_order(total)) == neurons + 2
        counts.append(len(looks))
    assert counts[0] == counts[1] >= 1


def test_a_chain_of_hundreds_of_thousands_of_nodes_differentiates_prints_and_is_freed() -> None:
    one, chain = Value(1.0), Value(2.0)
    start, users = chain, sys.getrefcount(one)
    for _ in range(300_000):
        chain = chain * one
    chain.backward()
    assert (start.grad, one.grad) == (1.0, 600_000.0)
    assert repr(chain) == "Value(data=2.0, grad=1.0)"
    del chain
    assert sys.getrefcount(one) == users


def is_ours(item: object) -> bool:
    """Whether the class or the module of an object is of the engine or of this file; those of other threads are not."""
    return str(getattr(item, "__module__", "")).startswith(("autograd_lite", __name__))


def test_a_dropped_graph_is_freed_at_once_without_the_garbage_collector() -> None:
    gc.collect()
    gc.disable()
    gc.freeze()  # so that only what is made from here on is looked at
    try:
        x, w = Value(2.0), Bundle([Value(1.0), Value(3.0)])
        before = count_nodes()
        out = ag.tanh(ag.dot(w, [x, x * x], 1.0)) + ag.grad(ag.grad(lambda y: y**3 * x))(x)
        assert count_nodes() >= before + len(topological_order(out))
        out.backward()
        del out
        assert count_nodes() == before
        gc.set_debug(gc.DEBUG_SAVEALL)
        gc.collect()
        assert not [item for item in gc.garbage if is_ours(item)]
    finally:
        gc.set_debug(0)
        gc.garbage.clear()
        gc.unfreeze()
        gc.enable()


def test_a_node_of_a_long_product_takes_at_most_125_bytes() -> None:
    factor, product, length = Value(1.0001), Value(1.0), 5_000
    tracemalloc.start()
    try:
        for _ in range(length):
            product = product * factor
        ours = [tracemalloc.Filter(True, f"{Path(place).parent}/*") for place in (ag.__file__, __file__)]
        taken = tracemalloc.take_snapshot().filter_traces(ours).statistics("filename")  # without that of other threads
    finally:
        tracemalloc.stop()
    assert 100 * length <= sum(part.size for part in taken) <= 125 * length
