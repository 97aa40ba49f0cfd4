"""A compiled function: what is recorded when, what it shows of itself, and how it is part of another."""

import copy
import pickle
import threading

import pytest

import autograd_lite as ag
from autograd_lite import Value, compile

pytest.importorskip("numba")
backends = pytest.mark.parametrize("backend", ["python", "native"])


@backends
def test_a_function_is_recorded_once_for_each_structure_and_kind_of_result(backend):
    calls = []

    def f(x, y):
        calls.append(1)
        return ag.sum(x) * y

    compiled = compile(f, backend=backend)
    for x in ([1.0, 2.0], [3.0, 4.0], [5, 6]):
        assert compiled(x, 2.0) == sum(x) * 2
        assert len(calls) == 1
    assert compiled([1.0], 2.0) == 2.0
    assert compiled((1.0,), 2.0) == 2.0
    assert len(calls) == 3
    for _ in range(2):
        assert compiled.grad([1.0, 2.0], 3.0) == [3.0, 3.0]
        assert compiled.value_and_grad([1.0, 2.0], 3.0) == (9.0, [3.0, 3.0])
        assert len(calls) == 5


@backends
def test_another_structure_is_recorded_anew(backend):
    f = compile(lambda x: ag.sum([v * v for v in x]), backend=backend)
    assert f([1.0, 2.0]) == 5.0
    assert f([1.0, 2.0, 3.0]) == 14.0
    assert f((1, True)) == 2.0
    assert f.grad([1.0, 2.0]) == [2.0, 4.0]


def test_whoever_records_a_function_over_and_over_is_told():
    f = compile(lambda x: ag.sum(x), backend="python")
    for length in range(1, 17):
        assert f([1.0] * length) == length
    with pytest.warns(UserWarning, match="f has been recorded 16 times.*Pad lists to one length") as warnings:
        assert f([1.0] * 17) == 17
    assert [warning.filename for warning in warnings] == [__file__]  # where it was called


@backends
def test_values_from_outside_are_read_anew_and_get_no_gradient(backend):
    scale = Value(2.0, label="scale")
    f = compile(lambda x: scale * x * x, backend=backend)
    assert (f(3.0), f.grad(3.0)) == (18.0, 12.0)
    scale.data = 5.0
    assert (f(3.0), f.grad(3.0)) == (45.0, 30.0)
    assert scale.grad == 0


@backends
def test_a_value_from_outside_is_read_anew_by_way_of_a_compiled_function_too(backend):
    scale = Value(2.0, label="scale")
    scaled = compile(lambda x: scale * x, backend=backend)
    assert scaled(3.0) == 6.0
    f = compile(lambda y: scaled(3.0) * y, backend=backend)
    assert (f(1.0), f.grad(1.0)) == (6.0, 6.0)
    scale.data = 5.0
    assert (f(1.0), f.grad(1.0)) == (15.0, 15.0)


def test_threads_do_not_disturb_each_other():
    f = compile(lambda x: ag.sum([v * v for v in x]), backend="native")
    f([0.0] * 50)
    wrong = []

    def work(number):
        for _ in range(200):
            if f([number] * 50) != 50 * number * number:
                wrong.append(number)

    threads = [threading.Thread(target=work, args=(float(i),)) for i in range(1, 5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


# Itself


def test_what_is_not_called_yet_says_so():
    f = compile(lambda x: x, backend="python")
    assert repr(f) == "<compiled f, backend python, not called yet>"
    for what in ("source", "tape"):
        with pytest.raises(RuntimeError, match="f has not been recorded yet: call it once, or its grad"):
            getattr(f, what)
    with pytest.raises(ValueError, match=r"f\.per_sample: without in_axes there are no samples; call it"):
        f.per_sample(1.0)


def test_a_compiled_function_looks_like_the_function():
    def area(width, height):
        """Of a rectangle."""
        return width * height

    f = compile(area, backend="python")
    assert (f.__name__, f.__doc__, f.__wrapped__) == ("area", "Of a rectangle.", area)
    assert repr(f) == "<compiled area, backend python, not called yet>"
    f(2.0, 3.0)
    assert repr(f) == "<compiled area, backend python, 1 operations recorded, 1 after simplification>"
    assert "width * height" in f.source
    f.grad(2.0, 3.0)
    assert f.source.startswith("def area_gradient(width, height):")
    f(5.0, 3.0)
    assert f.source.startswith("def area(width, height):")
    assert f.tape.count == 1
    native = compile(area)
    assert (native.backend, native.threads, native.dtype) == ("native", 1, "float64")
    native(2.0, 3.0)
    assert native.source == f.source


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy, lambda compiled: pickle.loads(pickle.dumps(compiled))])
def test_a_compiled_function_can_be_copied_and_sent_to_another_process(duplicate):
    original = compile(ag.hypot, (0, 1), (None, 0), "native", "float32", 2)
    assert original(3.0, [4.0]) == 5.0
    another = duplicate(original)
    assert another.value_and_grad(3.0, [4.0, 4.0])[0] == 5.0
    assert another.__reduce__() == original.__reduce__() == (compile, (ag.hypot, (0, 1), (None, 0), "native", "float32", 2))
    assert duplicate(compile(ag.sin)).grad(0.0) == 1.0


# Part of another


def test_a_compiled_function_inside_another_is_part_of_it():
    square = compile(lambda x: x * x)
    assert compile(lambda x: square(x) + x).grad(3.0) == 7.0
    assert compile(lambda x: square(2.0) * x).grad(3.0) == 4.0
    product = compile(lambda x, y: x[0] * x[1] * y, argnums=(0, 1))
    assert compile(lambda x: product(x, 5.0) + product([2.0, x[0]], x[1])).grad([3.0, 4.0]) == [
        4.0 * 5 + 2 * 4,
        3.0 * 5 + 2 * 3,
    ]
    assert compile(lambda x: compile(lambda y: x * y)(3.0)).value_and_grad(2.0) == (6.0, 3.0)
    slope = compile(lambda x: square.grad(x) * x)
    assert slope.value_and_grad(3.0) == (18.0, 12.0)

    def both(x):
        value, (by_x, by_y) = product.value_and_grad(x, x[0])
        return value + by_x[1] + by_y

    assert compile(both)([3.0, 4.0]) == 3.0 * 4 * 3 + 3 * 3 + 3 * 4


def test_only_a_function_without_a_batch_can_be_part_of_another():
    mean = compile(lambda x: x * x, in_axes=(0,), backend="python")
    with pytest.raises(TypeError, match=r"f has in_axes, and so cannot be part of another .* take the mean"):
        compile(lambda x: mean([x, x]), backend="python")(2.0)
