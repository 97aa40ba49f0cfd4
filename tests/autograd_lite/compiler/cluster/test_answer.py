"""A compiled function gives on Dask arrays what it gives on NumPy's, to the same bits whoever computes it."""

import gc
import math
import os
import pickle
import signal

import dask
import dask.array as da
import numpy as np
import pytest
from distributed import wait
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from autograd_lite import Value, compile, dot, exp, fori, log1p, parcels, primitive, relu, sin, square, tanh
from autograd_lite.basics import direct
from autograd_lite.compiler.cluster import resident
from autograd_lite.parcels import VersionsDifferError

RNG = np.random.default_rng(0)
X = RNG.normal(size=(60, 3))
Y = np.sign(X @ [1.0, -2.0, 0.5] + RNG.normal(size=60))
W = np.array([0.1, -0.2, 0.3, 0.4])


@primitive(derivatives=[lambda out, x: 3 * x * x])
def cube(x):
    return x**3


def logistic(w, x, y):
    return log1p(exp(-y * (dot(w[1:], x) + w[0])))


def there(client, *arrays):
    """Arrays, all of whose chunks lie on the workers."""
    with client.as_current():
        wait(arrays)
    return arrays


def same(one, other):
    return one[0] == other[0] and np.array_equal(one[1], other[1])


@settings(max_examples=20)
@given(
    st.lists(st.integers(1, 20), min_size=1, max_size=20),
    st.sampled_from(["python", "native"]),
    st.sampled_from([0, (0,), (0, 1), (2, 0), 1]),
)
def test_value_and_gradient_are_those_of_numpy(sizes, backend, argnums):
    count = min(sum(sizes), len(X))
    cuts = np.diff([0, *np.minimum(np.cumsum(sizes), count)])
    chunks = tuple(int(size) for size in cuts if size)
    loss = compile(logistic, argnums, (None, 0, 0), backend)
    xs, ys = da.from_array(X[:count], chunks=(chunks, 3)), da.from_array(Y[:count], chunks=(chunks,))
    with dask.config.set(scheduler="sync"):
        value, gradient = loss.value_and_grad(W, xs, ys)
        (gradient,) = dask.compute(gradient)
        assert np.array_equal(loss.per_sample(W, xs, ys).compute(), loss.per_sample(W, X[:count], Y[:count]))
    wanted, slopes = loss.value_and_grad(W, X[:count], Y[:count])
    assert value == pytest.approx(wanted, rel=1e-12)
    many = (gradient, slopes) if isinstance(argnums, tuple) else ([gradient], [slopes])
    for one, other in zip(*many, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-12, atol=1e-15)


def test_the_bits_are_the_same_for_every_scheduler_and_number_of_workers(client):
    xs, ys = da.from_array(X, chunks=(3, 3)), da.from_array(Y, chunks=3)
    loss = compile(logistic, in_axes=(None, 0, 0), backend="native")
    with dask.config.set(scheduler="sync"):
        alone = loss.value_and_grad(W, xs, ys)
        with dask.config.set(scheduler="threads"):
            assert same(loss.value_and_grad(W, xs, ys), alone)
    with client.as_current():
        for data in ([xs, ys], client.persist([xs, ys])):
            assert same(loss.value_and_grad(W, *data), alone)
            assert loss(W, *data) == alone[0]
            assert np.array_equal(loss.grad(W, *data), alone[1])
            assert np.array_equal(loss.per_sample(W, *data).compute(), loss.per_sample(W, X, Y))


@pytest.mark.parametrize("backend", ["python", "native"])
def test_what_is_not_chosen_passes_nothing_on_in_a_chunk_with_an_infinity(backend):
    rows = np.array([[1.0, 2.0], [3.0, math.inf], [0.5, 1.0]])
    f = compile(lambda w, x: relu(w[0] * x[0] - x[1] * w[1]), (0, 1), (None, 0), backend)
    with dask.config.set(scheduler="sync"):
        by_w, by_rows = f.grad(W[:2] ** 2, da.from_array(rows, chunks=(1, 2)))
        (by_rows,) = dask.compute(by_rows)
    wanted, wanted_by_rows = f.grad(W[:2] ** 2, rows)
    np.testing.assert_allclose(by_w, wanted, rtol=1e-12)
    np.testing.assert_allclose(by_rows, wanted_by_rows, rtol=1e-12)
    assert not by_rows[1].any()


def test_a_value_that_only_the_guarded_recording_reads_is_read_anew_too():
    scale = Value(2.0, "scale")
    f = compile(lambda w, x: relu(w * x), in_axes=(None, 0), backend="python")
    rows = da.from_array(np.array([1.0, -math.inf]), chunks=1)
    with dask.config.set(scheduler="sync"):
        f.grad(0.5, rows)
        guarded = f.latest.guarded_tape([])
        guarded.outputs = [len(guarded.primitives)]  # as if there were one in it
        guarded.primitives.append(None)
        guarded.operands.append(())
        guarded.outside[guarded.outputs[0]] = scale
        found = []
        for number in (2.0, 5.0):
            scale.data = number
            found.append(f.grad(0.5, rows))
    assert found == [1.5, 3.0]


def test_an_operation_and_values_of_ones_own_travel(client):
    scale = Value(2.0, "scale")
    f = compile(lambda w, x: cube(w * x) * scale, in_axes=(None, 0), backend="native")
    xs = da.from_array(X[:, 0], chunks=20)
    with client.as_current():
        assert f(0.5, xs) == pytest.approx(f(0.5, X[:, 0]), rel=1e-12)
        before = f.per_sample(0.5, xs)
        scale.data = -1.0
        assert f(0.5, xs) == pytest.approx(f(0.5, X[:, 0]), rel=1e-12)
        assert np.array_equal(before.compute() * -0.5, f.per_sample(0.5, xs).compute())  # asked before, computed after


def test_an_optimizer_of_scipy_takes_it(client):
    xs, ys = da.from_array(X, chunks=(15, 3)), da.from_array(Y, chunks=15)
    loss = compile(logistic, in_axes=(None, 0, 0), backend="native")
    with client.as_current():
        there = minimize(loss.value_and_grad, W, args=(xs, ys), jac=True, method="BFGS", options={"maxiter": 3})
    here = minimize(loss.value_and_grad, W, args=(X, Y), jac=True, method="BFGS", options={"maxiter": 3})
    np.testing.assert_allclose(there.x, here.x, rtol=1e-9)


def test_an_error_on_a_worker_is_raised_here(client):
    root = compile(lambda w, x: (w * x) ** 0.5, in_axes=(None, 0), backend="native")
    with client.as_current(), pytest.raises(ValueError, match=r"-4.0"):
        root(1.0, da.from_array(np.array([1.0, 4.0, 9.0, -4.0]), chunks=2))


def test_a_worker_of_other_versions_is_told_at_once(client, monkeypatch):
    loss = compile(lambda w, x: sin(w * x), in_axes=(None, 0), backend="native")
    others = [("autograd-lite", "0.0.1") if name == "autograd-lite" else (name, known) for name, known in parcels.versions()]
    monkeypatch.setattr(parcels, "versions", lambda: tuple(others))
    with (
        client.as_current(),
        pytest.raises(VersionsDifferError, match=r"runs other versions.*autograd-lite 0.0.1 there"),
    ):
        loss(1.0, da.from_array(X[:, 0], chunks=20))


def test_arguments_may_be_nested_and_results_many():
    f = compile(lambda p, x: {"a": tanh(p["w"][0] * x), "b": (p["w"][1] + x, p["c"])}, in_axes=(None, 0), backend="native")
    p, xs = {"w": [0.5, 2.0], "c": 3.0}, da.from_array(X[:, 0], chunks=13)
    with dask.config.set(scheduler="sync"):
        found, wanted = f(p, xs), f(p, X[:, 0])
        assert found["a"] == pytest.approx(wanted["a"], rel=1e-12)
        assert found["b"] == pytest.approx(wanted["b"], rel=1e-12)
        rows = f.per_sample(p, xs)
        assert [*zip(*dask.compute(rows["a"], *rows["b"]), strict=True)] == [
            (row["a"], *row["b"]) for row in f.per_sample(p, X[:, 0])
        ]


def test_what_each_sample_has_an_array_of_is_a_dask_array():
    f = compile(lambda w, x: {"a": np.outer(w, x), "b": (w[0] * x, dot(w, x))}, in_axes=(None, 0), backend="python")
    with dask.config.set(scheduler="sync"):
        rows = f.per_sample(W[:3], da.from_array(X, chunks=(13, 3)))
        assert [part.shape for part in (rows["a"], *rows["b"])] == [(60, 3, 3), (60, 3), (60,)]
        for i, wanted in enumerate(f.per_sample(W[:3], X)):
            if i % 20 == 0:
                assert np.array_equal(rows["a"][i].compute(), wanted["a"])
                assert np.array_equal(rows["b"][0][i].compute(), wanted["b"][0])
                assert rows["b"][1][i].compute() == wanted["b"][1]


def test_the_slopes_of_rows_of_any_shape_are_of_that_shape():
    f = compile(lambda w, t: square(w * t[0][1] + t[1][2]), (1, 0), (None, 0), "native")
    table = RNG.normal(size=(10, 2, 3))
    with dask.config.set(scheduler="sync"):
        rows, slope = f.grad(0.5, da.from_array(table, chunks=(4, 2, 3)))
        wanted, other = f.grad(0.5, table)
        assert slope == pytest.approx(other, rel=1e-12)
        np.testing.assert_allclose(rows.compute(), wanted, rtol=1e-12)


def test_infinity_in_one_chunk_is_infinity_in_all():
    f = compile(lambda w, x: w * x, in_axes=(None, 0), backend="native")
    with dask.config.set(scheduler="sync"):
        assert f(1.0, da.from_array(np.array([1.0, np.inf, 1.0]), chunks=1)) == np.inf
        assert math.isnan(f(1.0, da.from_array(np.array([-np.inf, np.inf, 1.0]), chunks=1)))


def test_a_recording_is_made_once_for_arrays_of_both_kinds():
    calls = []

    def f(w, x):
        calls.append(x)
        return w * x

    compiled = compile(f, in_axes=(None, 0), backend="python")
    with dask.config.set(scheduler="sync"):
        compiled(1.0, da.from_array(X[:, 0], chunks=7))
        compiled(2.0, X[:, 0])
        compiled(2.0, da.from_array(X[:, 0], chunks=9))
    assert len(calls) == 1


def test_what_cannot_be_pickled_is_refused_with_the_reason():
    with pytest.raises(TypeError, match=r"what a worker is to run cannot be sent to it: .*generator"):
        parcels.pack(i for i in range(3))


def test_a_compiled_loop_is_refused_with_a_way_out():
    f = compile(lambda w, x: fori(2, lambda i, c: c * x, w), in_axes=(None, 0), backend="python")
    with pytest.raises(TypeError, match="scan is a compiled loop: write the loop in Python there, or compute on NumPy arrays"):
        f(0.5, da.from_array(X[:, 0], chunks=20))


def test_a_parcel_holds_the_operations_of_the_table_themselves():
    entry = tanh.primitive
    assert parcels.pack([entry, cube]).open()[0] is entry
    again = parcels.pack(cube).open()
    assert again(2.0) == 8.0
    assert (again(Value(2.0)) * 1.0).operands[0].local_derivatives == (12.0,)
    assert pickle.loads(pickle.dumps(parcels.pack(1))) == parcels.pack(1)


def test_chunks_that_belong_together_are_brought_together_once_and_kept_as_long_as_their_arrays(client):
    one, other = sorted(client.nthreads())
    xs = client.persist(da.from_array(X, chunks=(15, 3)), workers=[one])
    ys = client.persist(da.from_array(Y, chunks=15), workers=[other])
    loss = compile(logistic, in_axes=(None, 0, 0), backend="native")
    with dask.config.set(scheduler="sync"):
        alone = loss.value_and_grad(W, da.from_array(X, chunks=(15, 3)), da.from_array(Y, chunks=15))
    there(client, xs, ys)
    with client.as_current():
        assert same(loss.value_and_grad(W, xs, ys), alone)
        key = client.id, xs.name, ys.name
        allotment = resident._allotments[key]
        assert all(one in workers for workers in client.who_has([f for row in allotment.rows for f in row]).values())
        assert allotment.groups == [[0, 1, 2, 3]]
        assert same(loss.value_and_grad(W, xs, ys), alone)
        assert resident._allotments[key] is allotment
    del xs, ys
    gc.collect()
    assert key not in resident._allotments


def test_chunks_that_a_worker_has_more_of_are_shared_unless_they_are_many(client):
    workers = sorted(client.nthreads())
    parts = [client.persist(da.from_array(X[i : i + 6], chunks=(6, 3)), workers=[workers[i < 36]]) for i in range(0, 60, 6)]
    there(client, *parts)
    holders = [[next(iter(client.who_has(part).values())) for part in parts]]
    threads = client.nthreads()
    places = resident.places_of(threads, holders, [1.0])
    assert sorted(map(places.count, workers)) == [5, 5]
    assert resident.places_of(threads, [[[workers[0]]] * 10], [1.0]) == [workers[0]] * 10
    assert resident.places_of(threads, holders, [math.nan]) is None


def test_a_task_takes_no_more_than_fits_into_its_memory(client):
    (place, *_), threads = client.nthreads(), client.nthreads()
    memory = client.scheduler_info()["workers"][place]["memory_limit"]
    assert resident.groups_of(client, threads, [place] * 5, memory / 9) == [[0, 1], [2, 3], [4]]
    assert resident.groups_of(client, threads, [place] * 5, memory * 9) == [[0], [1], [2], [3], [4]]


def test_a_worker_that_is_killed_between_two_calls_costs_no_bit(client, monkeypatch):
    monkeypatch.setattr(direct, "SHORT", math.inf)
    xs, ys = client.persist([da.from_array(X, chunks=(3, 3)), da.from_array(Y, chunks=3)])
    there(client, xs, ys)
    loss = compile(logistic, in_axes=(None, 0, 0), backend="native")
    with client.as_current():
        before = loss.value_and_grad(W, xs, ys)
        assert same(loss.value_and_grad(W, xs, ys), before)
        os.kill(min(client.run(os.getpid).values()), signal.SIGKILL)
        for _ in range(3):
            assert same(loss.value_and_grad(W, xs, ys), before)


def test_a_call_that_is_interrupted_is_given_up_and_the_next_one_is_as_ever(client, monkeypatch):
    def press(*arguments, **settings):
        raise KeyboardInterrupt

    xs, ys = client.persist([da.from_array(X, chunks=(15, 3)), da.from_array(Y, chunks=15)])
    there(client, xs, ys)
    loss = compile(logistic, in_axes=(None, 0, 0), backend="native")
    with client.as_current():
        before = loss.value_and_grad(W, xs, ys)
        with monkeypatch.context() as patched:
            patched.setattr(client, "sync", press)
            with pytest.raises(KeyboardInterrupt):
                loss.value_and_grad(W, xs, ys)
        assert same(loss.value_and_grad(W, xs, ys), before)
