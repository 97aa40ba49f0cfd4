"""The node and the chain rule: gradients, accumulation, depth, lifetime, threads, comparison, number types, errors."""

import ast
import copy
import gc
import inspect
import math
import pickle
import sys
import threading
import tracemalloc
import weakref
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd_lite as ag
from autograd_lite import Value, value
from autograd_lite.bundles import Bundle
from autograd_lite.ops import TABLE
from autograd_lite.scalar import Scalar
from autograd_lite.value import topological_order

small = st.floats(-10, 10)


def count_nodes() -> int:
    return sum(issubclass(type(item), Value) for item in gc.get_objects())


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


def test_a_new_node_has_no_gradient_yet() -> None:
    x = Value(2.0)
    with ag.detect_anomaly():
        watched = [x * x, ag.dot([x], [x], x)]
    assert [node.grad for node in (x, -x, x * x, ag.sum([x, x]), ag.dot([x], [x], x), *watched)] == [0] * 7


def test_a_node_knows_what_it_is_made_of() -> None:
    w, x = Value(2.0, label="w"), Value(3.0)
    y = w * x
    assert (y.data, y.op, y.parents, y.inputs, y.local_derivatives) == (6.0, "mul", (w, x), [2.0, 3.0], (3.0, 2.0))
    assert (w.op, w.parents, w.label, w.grad) == ("", (), "w", 0)
    z = ag.dot([w, x], [x, 5.0], w)
    assert z.parents[:3] == (w, x, x)
    assert z.parents[4] is w
    assert z.inputs == [[2.0, 3.0], [3.0, 5.0], 2.0]
    assert z.local_derivatives == (3.0, 5.0, 2.0, 3.0, 1)
    assert z.parents[3].is_constant
    assert not x.is_constant


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


def test_a_chain_of_a_million_nodes_differentiates_prints_and_is_freed() -> None:
    one, chain = Value(1.0), Value(2.0)
    start, users = chain, sys.getrefcount(one)
    for _ in range(1_000_000):
        chain = chain * one
    chain.backward()
    assert (start.grad, one.grad) == (1.0, 2_000_000.0)
    assert repr(chain) == "Value(data=2.0, grad=1.0)"
    del chain
    assert sys.getrefcount(one) == users


def test_a_sum_of_many_is_one_node() -> None:
    terms = [Value(float(i)) for i in range(100_000)]
    total = ag.sum(terms)
    total.backward()
    assert total.parents == tuple(terms)
    assert {term.grad for term in terms} == {1.0}


def test_a_dropped_graph_is_freed_at_once_without_the_garbage_collector() -> None:
    gc.collect()
    gc.disable()
    try:
        x, w = Value(2.0), Bundle([Value(1.0), Value(3.0)])
        before = count_nodes()
        out = ag.tanh(ag.dot(w, [x, x * x], 1.0)) + ag.grad(ag.grad(lambda y: y**3 * x))(x)
        assert count_nodes() >= before + len(topological_order(out))
        out.backward()
        del out
        assert count_nodes() == before
        assert gc.collect() == 0
    finally:
        gc.enable()


def test_a_node_of_a_long_product_takes_at_most_110_bytes() -> None:
    factor, product, length = Value(1.0001), Value(1.0), 20_000
    tracemalloc.start()
    try:
        for _ in range(length):
            product = product * factor
        assert tracemalloc.get_traced_memory()[0] <= 110 * length
    finally:
        tracemalloc.stop()


def test_a_value_has_no_room_for_weak_references_but_one_of_a_derived_class_has() -> None:
    class Weight(Value):
        pass

    weight = Weight(1.0)
    assert weakref.ref(weight)() is weight
    with pytest.raises(TypeError, match="weak reference"):
        weakref.ref(Value(1.0))


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


@given(st.lists(small, min_size=1))
def test_values_are_ordered_as_their_data(numbers: list[float]) -> None:
    values = [Value(x) for x in numbers]
    assert [v.data for v in sorted(values)] == sorted(numbers)
    assert (max(values).data, min(values).data) == (max(numbers), min(numbers))


@given(a=small, b=small)
def test_comparison_with_numbers_is_that_of_the_data(a: float, b: float) -> None:
    v = Value(a)
    assert ((v < b), (v <= b), (v > b), (v >= b)) == ((a < b), (a <= b), (a > b), (a >= b))
    assert ((b < v), (b <= v), (b > v), (b >= v)) == ((b < a), (b <= a), (b > a), (b >= a))
    assert bool(v) == bool(a)


def test_equality_and_hash_are_identity() -> None:
    a, b = Value(1.0), Value(1.0)
    assert a == a
    assert a != b
    assert a != 1.0
    assert len({a, b}) == 2


def test_formatting_is_that_of_the_data() -> None:
    assert f"{Value(3.14159):8.3f}|{Value(2)!r}|{Value(2.5)}" == "   3.142|Value(data=2, grad=0)|Value(data=2.5, grad=0)"
    assert repr(Value(1.0, label="w")) == "Value(data=1.0, grad=0, label='w')"


@pytest.mark.parametrize("comparison", [lambda v: v < "a", lambda v: v >= None, lambda v: v > [1]])
def test_comparison_with_something_else_is_an_error_that_says_so(comparison: Callable[[Value], Any]) -> None:
    with pytest.raises(TypeError, match=r"a Value compares with numbers and Values, not (str|NoneType|list)"):
        comparison(Value(1.0))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ("2", r"got '2' \(str\): write Value\(float\('2'\)\)"),
        (None, r"got None \(NoneType\)"),
        (1j, "real and the imaginary part"),
        ([1.0], r"got \[1.0\] \(list\)"),
        (np.array([1.0]), "one Value for each element"),
        (Value(1.0), "a Value already"),
    ],
)
def test_a_value_of_something_else_is_an_error_that_names_it(data: Any, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        Value(data)


@pytest.mark.parametrize("label", [5, None, Value(1.0)])
def test_a_label_that_is_no_text_is_an_error_that_names_it(label: Any) -> None:
    with pytest.raises(TypeError, match=r"the label of a Value is text, got .* \((int|NoneType|Value)\)"):
        Value(1.0, label)


@pytest.mark.parametrize(
    "operation", [lambda v: v + "a", lambda v: None - v, lambda v: v * [1], lambda v: 1j / v, lambda v: v ** "2"]
)
def test_arithmetic_with_something_else_is_an_error_that_names_both(operation: Callable[[Value], Any]) -> None:
    with pytest.raises(TypeError, match=r"Value\(data=2.0, grad=0\) .* expected a number or a Value, got"):
        operation(Value(2.0))


@pytest.mark.parametrize("convert", [float, int, complex, math.exp, math.floor, np.float64])
def test_there_is_no_silent_loss_of_gradient(convert: Callable[[Any], Any]) -> None:
    with pytest.raises(TypeError, match=r"autograd_lite.exp.*v\.data"):
        convert(Value(1.0))


@given(st.fractions(max_denominator=50), st.fractions(max_denominator=50).filter(bool))
def test_a_graph_of_fractions_has_an_exact_fraction_gradient(p: Fraction, q: Fraction) -> None:
    x, y = Value(p), Value(q)
    out = (
        ag.sum([x * y, x / y, -x, x**3, y**-2]) + ag.dot([x, y], [y, 2], x) + ag.prod([x, y, x]) + ag.relu(x) + ag.mean([x, y])
    )
    out.backward()
    half = Fraction(1, 2)
    assert x.grad == q + 1 / q - 1 + 3 * p**2 + q + 1 + 2 * p * q + (p > 0) + half
    assert y.grad == p - p / q**2 - 2 * q**-3 + p + 2 + p * p + half
    assert type(x.grad) is type(y.grad) is type(out.data) is Fraction


def test_numbers_are_kept_as_given() -> None:
    for number in (3, 2.5, Fraction(1, 3), np.float32(1.5), np.int64(4)):
        assert Value(number).data is number
    single = Value(np.float32(1.5))
    (single * single).backward()
    assert type(single.grad) is np.float32
    whole = Value(3)
    (whole * whole * whole).backward()
    assert (whole.grad, type(whole.grad)) == (27, int)


@pytest.mark.parametrize("scalar", [np.float64(2.0), np.float32(2.0), np.int64(2)])
def test_numpy_scalars_take_part_from_either_side(scalar: Any) -> None:
    v = Value(3.0)
    results = [scalar * v, v * scalar, scalar + v, scalar - v, scalar / v, scalar**v, v**scalar]
    assert all(type(result) is Value for result in results)
    assert [float(result.data) for result in results] == pytest.approx([6, 6, 5, -1, 2 / 3, 8, 9])
    assert (scalar < v, v < scalar) == (True, False)


def test_object_arrays_of_values_take_part() -> None:
    a, b = Value(1.0), Value(2.0)
    array = np.array([a, b], dtype=object)
    for out in (np.sum(array * array), array @ array, ag.dot(array, array), ag.sum(array * array)):
        a.grad = b.grad = 0
        out.backward()
        assert (out.data, a.grad, b.grad) == (5.0, 2.0, 4.0)
    assert [v.data for v in np.exp(array)] == [math.exp(1), math.exp(2)]
    assert np.mean(array).data == 1.5
    assert [v.data for v in 2 * array - np.array([1.0, 1.0])] == [1.0, 3.0]
    assert [v.data for v in a * np.array([3.0, 4.0])] == [3.0, 4.0]
    assert [v.data for v in np.array([[3.0, 1.0], [0.0, 1.0]]) @ array] == [5.0, 2.0]


def test_a_leaf_is_copied_and_pickled_whole() -> None:
    leaf = Value(2.5, label="w")
    leaf.grad = 7.0
    for twin in (copy.copy(leaf), copy.deepcopy(leaf), pickle.loads(pickle.dumps(leaf))):
        assert twin is not leaf
        assert (twin.data, twin.grad, twin.label, twin.is_constant) == (2.5, 7.0, "w", False)
    constant = (leaf * 2).parents[1]
    assert pickle.loads(pickle.dumps(constant)).is_constant


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy, pickle.dumps])
def test_copying_an_inner_node_is_an_error_that_says_why_and_what_to_do(duplicate: Callable[[Any], Any]) -> None:
    with pytest.raises(TypeError, match=r"result of 'mul': copying or pickling it would.*Value\(v\.data\)"):
        duplicate(Value(2.0) * Value(3.0))


def test_plain_numbers_in_an_expression_are_constants_without_gradient() -> None:
    x = Value(2.0)
    out = 3 * x + 1
    out.backward()
    constants = [parent for node in topological_order(out) for parent in node.parents if parent.is_constant]
    assert [(c.data, c.grad) for c in constants] == [(3, 0), (1, 0)]
    with pytest.raises(RuntimeError, match=r"no graph to differentiate, since it is a plain number"):
        constants[0].backward()


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


def test_what_nodes_share_is_in_the_order_once() -> None:
    x = Value(2.0)
    inputs = Bundle([Value(1.0), x * x])
    layer = [ag.dot([x, x], inputs, x) for _ in range(20)]
    assert len(topological_order(ag.sum(layer))) == 22


def test_a_value_derived_from_value_takes_part_everywhere() -> None:
    class Weight(Value):
        __slots__ = ()

    w = Weight(3.0)
    out = ag.dot([w, w], [1.0, 2.0], w) + ag.leaky_relu(w) + w * w + ag.exp(w) - ag.maximum(w, 1.0)
    out.backward()
    assert w.grad == pytest.approx(4 + 1 + 6 + math.exp(3) - 1)


def test_values_class_declares_just_the_operators_and_methods_that_the_table_gives_it() -> None:
    one_argument = {
        name
        for name, f in TABLE.items()
        if name in ag.__all__
        and not f.primitive.variadic
        and sum(p.default is p.empty for p in inspect.signature(f).parameters.values()) == 1
    }
    assert {name for name in vars(Scalar) if not name.startswith("_")} == one_argument
    assert all(getattr(Value, name) is TABLE[name] for name in one_argument)
    operators = {
        *(f"__{side}{name}__" for name in ("add", "sub", "mul", "truediv", "pow") for side in ("", "r")),
        "__neg__",
        "__abs__",
    }
    written = {
        node.name: ast.unparse(node.body[-1])
        for node in ast.walk(ast.parse(inspect.getsource(Value)))
        if isinstance(node, ast.FunctionDef)
    }
    assert {name for name, last in written.items() if last == "..."} == operators
    assert all(getattr(Value, name).__code__.co_filename != value.__file__ for name in operators)
    v = Value(2.0)
    assert ((+v), (-v).data, abs(-v).data) == (v, -2.0, 2.0)


def test_the_engine_imports_only_itself_and_the_standard_library() -> None:
    source = inspect.getsource(value)
    modules = {node.module for node in ast.walk(ast.parse(source)) if isinstance(node, ast.ImportFrom)}
    assert not {module for module in modules if module and module.partition(".")[0] in {"numpy", "nn", "visualize"}}
