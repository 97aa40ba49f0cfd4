"""What if a leaf had another number? Graphs that are brought up to date, and graphs that say that they are not."""

import math
import threading
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd_lite as ag
from autograd_lite import Value
from autograd_lite.errors import AnomalyError, DomainError, StaleGraphError
from autograd_lite.graph.moments import Moment
from autograd_lite.graph.order import topological_order
from autograd_lite.ops import TABLE
from autograd_lite.strategies import functions

everything = functions(3, list(TABLE.values()), max_nodes=8)
changes = st.dictionaries(st.integers(0, 2), st.floats(-4, 4).map(lambda x: round(x, 2)), min_size=1)


def same(a: Any, b: Any) -> bool:
    return bool(a == b or (math.isnan(a) and math.isnan(b)))


def numbers(output: Any) -> list[Any]:
    return [node.data for node in topological_order(output)]


@given(everything, changes)
def test_a_recomputed_graph_is_the_graph_built_anew(f: Any, changed: dict[int, float]) -> None:
    xs = [Value(x) for x in f.point]
    output = f(*xs)
    before = numbers(output)
    for index, number in changed.items():
        xs[index].data = number
    built = [Value(x.data) for x in xs]
    try:
        anew = f(*built)
    except ArithmeticError as error:
        with pytest.raises(type(error)):
            output.recompute()
        assert numbers(output) == before
        return
    assert output.recompute() is output
    assert all(map(same, numbers(output), numbers(anew)))
    output.backward()
    anew.backward()
    assert all(same(x.grad, b.grad) for x, b in zip(xs, built, strict=True))


@given(everything, changes, st.booleans())
def test_a_graph_is_out_of_date_when_a_number_in_it_is_not_what_its_operands_give(
    f: Any, changed: dict[int, float], differentiated: bool
) -> None:
    xs = [Value(x, f"x{i}") for i, x in enumerate(f.point)]
    output = f(*xs)
    if differentiated:
        output.backward()
    before = numbers(output)
    for index, number in changed.items():
        xs[index].data = number
    try:
        current = all(map(same, before, numbers(f(*xs))))
    except ArithmeticError:
        current = False
    if current:
        output.backward()
    else:
        with pytest.raises(StaleGraphError, match=r"x[012] is .* now"):
            output.backward()
    for x, number in zip(xs, f.point, strict=True):
        x.data = number
    output.backward()  # as it was: nothing is out of date


def differentiate(output: Value) -> None:
    output.backward()


def nest(output: Value) -> None:
    ag.grad(lambda x: x * output)(2.0)


def push(output: Value) -> None:
    ag.jvp(lambda x: x * output, (2.0,), (1.0,))


def pull(output: Value) -> None:
    ag.vjp(lambda x: x * output, 2.0)[1](1.0)


def look(output: Value) -> None:
    _ = output.local_derivatives


@pytest.mark.parametrize("use", [differentiate, nest, push, pull, look])
def test_whatever_differentiates_says_which_leaf_has_changed(use: Callable[[Value], None]) -> None:
    weight, x = Value(2.0, "weight"), Value(3.0, "x")
    loss = weight * x
    loss.label = "loss"
    weight.data = 4.0
    with pytest.raises(StaleGraphError, match=r"loss = 6\.0 is out of date: weight is 4\.0 now.*loss\.recompute\(\)"):
        use(loss)
    x.data = 5.0
    with pytest.raises(StaleGraphError, match=r"weight is 4\.0 now, x is 5\.0 now"):
        use(loss)
    use(loss.recompute())
    assert loss.data == 20.0


def test_a_value_shows_itself_as_out_of_date_as_long_as_it_is() -> None:
    weight, x = Value(2.0), Value(3.0, "x")
    loss = weight * x
    loss.backward()
    weight.data = 4.0
    assert repr(loss) == "Value(data=6.0, grad=1.0, out of date: weight is 4.0 now)"
    assert repr(loss + 1.0) == "Value(data=7.0, grad=0, out of date: weight is 4.0 now)"
    assert "<td>weight is 4.0 now</td>" in loss._repr_html_()
    assert repr(weight) == "Value(data=4.0, grad=3.0)"  # a leaf is never
    assert repr(loss.recompute()) == "Value(data=12.0, grad=0)"
    assert "out of date" not in loss._repr_html_()


@given(everything, changes)
def test_a_value_shows_itself_as_out_of_date_where_its_graph_cannot_be_differentiated(
    f: Any, changed: dict[int, float]
) -> None:
    xs = [Value(x) for x in f.point]
    output = f(*xs)
    for index, number in changed.items():
        xs[index].data = number
    shown = repr(output)
    try:
        output.backward()
    except StaleGraphError:
        assert "out of date: " in shown
    except (ArithmeticError, ValueError):
        pass
    else:
        assert "out of date" not in shown


def test_without_labels_the_variables_of_the_calling_code_give_the_names() -> None:
    w, others = Value(2.0), [Value(1.0), Value(3.0)]
    total = w * others[0] + others[1]
    w.data, others[1].data = 4.0, 5.0
    with pytest.raises(StaleGraphError, match=r"total = 5\.0 is out of date: w is 4\.0 now, others\[1\] is 5\.0 now"):
        total.backward()


def test_a_part_that_is_brought_up_to_date_leaves_the_rest_out_of_date() -> None:
    x = Value(2.0, "x")
    part = x * x
    whole = part * 3
    x.data = 5.0
    part.recompute()
    with pytest.raises(StaleGraphError, match=r"whole = 12\.0 is out of date: part is 25\.0 now"):
        whole.backward()
    assert whole.recompute().data == 75.0


def test_many_changed_leaves_are_counted() -> None:
    xs = [Value(1.0, f"x{i}") for i in range(100)]
    total = ag.sum(xs)
    for x in xs:
        x.data = 2.0
    with pytest.raises(StaleGraphError, match=r"x3 is 2\.0 now, 96 more have changed"):
        total.backward()


def test_steps_of_training_are_never_out_of_date() -> None:
    w = Value(0.0)
    features = [Value(float(k)) ** 2 for k in range(3)]  # built once, used in every step
    for _ in range(5):
        loss = ag.sum([(w * x - x) ** 2 for x in features])
        w.grad = 0
        loss.backward()
        w.data -= 0.01 * w.grad
    assert w.data > 0.5


def test_gradients_of_leaves_stay_and_those_of_computed_values_are_none_until_backward() -> None:
    x = Value(2.0)
    y = x * x
    assert type(x.grad) is type(y.grad) is Moment
    assert (x.grad, str(y.grad)) == (0, "0")
    y.backward()
    x.data = 3.0
    y.recompute()
    assert (x.grad, y.grad, type(y.grad)) == (4.0, 0, Moment)
    y.backward()
    assert x.grad == 4.0 + 6.0


def test_the_data_of_a_leaf_is_a_real_number_and_that_of_a_result_is_not_set() -> None:
    x = Value(2.0)
    for wrong in ("3", None, Value(3.0), 1j):
        with pytest.raises(TypeError, match="Value expects a real number, got"):
            x.data = wrong
    with pytest.raises(AttributeError, match="is the result of 'mul': change the data of a leaf"):
        (x * x).data = 3.0
    assert x.data == 2.0


def test_a_condition_decides_anew_and_a_number_that_does_not_exist_changes_nothing() -> None:
    x = Value(2.0, "x")
    y = ag.where(ag.greater(x, 0), ag.log(x + 3), 0.0)
    x.data = -1.0
    assert y.recompute().data == 0.0
    x.data = -7.0
    with pytest.raises(DomainError, match=r"log\(-4\.0\): outside the domain"):
        y.recompute()
    assert y.parents[1].data == math.log(2.0)


def test_numbers_of_numpy_are_as_in_a_graph_built_anew() -> None:
    x = Value(2.0, "x")
    y = ag.exp(x) * x
    for number in (np.float32(0.3), np.float64(0.7), np.int64(2), Fraction(1, 3), np.float16(0.1), 0.9):
        x.data = number
        with pytest.raises(StaleGraphError):
            y.backward()
        z = Value(number)
        anew = ag.exp(z) * z
        assert (y.recompute().data, type(y.data), type(y)) == (anew.data, type(anew.data), type(anew))
        y.backward()
        y.backward()  # nothing is out of date
        assert (x.data, type(x)) == (z.data, type(z))


def test_detect_anomaly_looks_at_what_is_recomputed() -> None:
    x = Value(2.0, "x")
    y = x * 1e300 * 1e8
    x.data = 3.0
    with ag.detect_anomaly():
        with pytest.raises(AnomalyError, match="mul"):
            Value(1e300).__mul__(1e300)
        x.data = 1e10
        with pytest.raises(AnomalyError, match="mul"):
            y.recompute()
    assert y.data == 2.0 * 1e308


def test_threads_that_train_at_once_do_not_take_each_others_graphs_for_out_of_date() -> None:
    failures: list[Exception] = []

    def train() -> None:
        w = Value(0.0)
        try:
            for _ in range(200):
                (w * 3 - 1).recompute().backward()
                w.data -= 0.01
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=train) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures


@given(st.integers(1, 300))
def test_a_graph_of_any_depth_is_brought_up_to_date(length: int) -> None:
    y = x = Value(1.0)
    for _ in range(length * 10):
        y = y + x
    x.data = 2.0
    assert y.recompute().data == 2.0 * (10 * length + 1)
