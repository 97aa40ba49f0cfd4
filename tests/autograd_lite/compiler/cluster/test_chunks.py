"""Arguments are cut alike before a call, with a word where data moves; what cannot be cut alike is refused."""

import warnings

import dask
import dask.array as da
import dask.dataframe as dd
import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_array

from autograd_lite import compile, log

RNG = np.random.default_rng(1)
X, Y, W = RNG.normal(size=(20, 2)), RNG.normal(size=20), np.array([0.5, -1.0, 0.25])


def squared(w, x, y):
    return (w[0] + w[1] * x[0] + w[2] * x[1] - y) ** 2


loss = compile(squared, in_axes=(None, 0, 0), backend="python")
WANTED = loss(W, X, Y)
xs, ys = da.from_array(X, chunks=(7, 2)), da.from_array(Y, chunks=7)


@pytest.fixture(autouse=True)
def here():
    import dask

    with dask.config.set(scheduler="sync"):
        yield


def unknown(array):
    """The same array, of whose chunks nobody knows how many rows they have."""
    return array[da.from_array(np.ones(20, bool), chunks=7)]


def test_chunks_that_do_not_agree_are_cut_as_those_of_the_largest_argument_and_that_is_said():
    with pytest.warns(
        UserWarning,
        match=r"argument y is cut into 4 chunks, \(5, 5, 5, …\), and x into 3.* cut as x is.*: y.rechunk\(\{0: x",
    ) as told:
        assert loss(W, xs, da.from_array(Y, chunks=5)) == pytest.approx(WANTED, rel=1e-12)
    assert told[0].filename == __file__


def test_rows_in_several_chunks_are_put_together_and_that_is_said():
    with pytest.warns(UserWarning, match=r"argument x has rows that lie in several chunks.*rechunk\(\{1: -1\}\)"):
        assert loss(W, xs.rechunk((7, 1)), ys) == pytest.approx(WANTED, rel=1e-12)


def test_what_agrees_is_not_moved_and_nothing_is_said():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert loss(W, xs, ys) == pytest.approx(WANTED, rel=1e-12)


def test_an_argument_that_is_here_is_cut_as_the_others():
    assert loss(W, xs, Y) == loss(W, xs, list(Y)) == loss(W, X, ys) == loss(W, xs, ys)
    assert loss(W, xs, pd.Series(Y, range(20, 40))) == loss(W, pd.DataFrame(X), ys) == loss(W, xs, ys)


def test_chunks_of_unknown_sizes_are_taken_as_they_lie():
    assert np.isnan(unknown(ys).shape[0])
    assert loss(W, unknown(xs), unknown(ys)) == loss(W, unknown(xs), ys) == loss(W, xs, ys)


def test_empty_chunks_count_for_nothing():
    first = da.from_array(np.arange(20) > 8, chunks=7)
    assert loss(W, xs[first], ys[first]) == pytest.approx(loss(W, X[9:], Y[9:]), rel=1e-12)
    nothing = da.from_array(np.zeros(20, bool), chunks=7)
    with pytest.raises(ValueError, match="squared: the batched arguments have no rows"):
        loss(W, xs[nothing], ys[nothing])
    with pytest.raises(ValueError, match="squared: the batched arguments have no rows"):
        compile(squared, in_axes=(None, 0, 0), backend="python")(W, xs[nothing], ys[nothing])


def test_a_data_frame_and_its_values_are_arrays():
    frame = dd.from_pandas(pd.DataFrame({"a": X[:, 0], "b": X[:, 1], "y": Y}), npartitions=3)
    values = loss(W, frame[["a", "b"]].values, frame["y"].values)
    assert values == loss(W, frame[["a", "b"]], frame["y"]) == pytest.approx(WANTED, rel=1e-12)


def test_whole_numbers_and_short_floats_are_computed_as_elsewhere():
    short = X.astype("float32")
    assert loss(W, xs.astype("float32"), (ys * 10).astype(int)) == pytest.approx(
        loss(W, short, (Y * 10).astype(int)), rel=1e-12
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            (da.from_array(W, chunks=3), X, Y),
            r"argument w is shared by all samples, and is a Dask Array: pass w.compute",
        ),
        ((W, xs, ys[:19]), "argument y has 19 samples, x has 20: they must agree"),
        ((W, xs, Y[:19]), "argument y has 19 samples, x has 20: they must agree"),
        ((W, xs, 1.0), "argument y is one number"),
        ((W, unknown(xs), Y), r"chunk sizes of x are unknown.*compute_chunk_sizes\(\).*to_dask_array\(lengths=True\)"),
        ((W, dask.delayed(X), ys), "argument x is a Dask Delayed.*: expected an array or a data frame.*from_delayed makes one"),
        (
            (W, xs.map_blocks(lambda rows: rows[:, :1], dtype=float), ys),
            r"argument x has rows of an array of shape \(1,\), and by its Dask array they are an array of shape \(2,\)",
        ),
        ((W, xs.map_blocks(csr_array), ys), "a batched argument is a list or an array"),
        ((W, unknown(xs), da.from_array(Y, chunks=4)), r"argument x has 3 chunks and y 5, of which not all sizes are known"),
        ((W, unknown(xs), ys.rechunk(((6, 7, 7),))), r"not as many rows: x [67], y [67]"),
        ((W, da.from_array(X.astype(complex), chunks=(7, 2)), ys), "array of complex128: expected real numbers"),
    ],
)
def test_what_cannot_be_cut_alike_is_refused(arguments, message):
    with pytest.raises((TypeError, ValueError), match=message):
        loss(*arguments)


def test_without_in_axes_it_is_not_known_what_is_batched():
    with pytest.raises(TypeError, match=r"squared: an argument is a Dask collection: say with in_axes"):
        compile(squared, backend="python")(W, xs, 1.0)


def test_an_error_of_a_chunk_is_that_of_elsewhere():
    f = compile(lambda w, x: log(w * x), in_axes=(None, 0), backend="python")
    numbers = np.array([1.0, 2.0, 3.0, -4.0])
    for given in (numbers, da.from_array(numbers, chunks=2)):
        with pytest.raises(ValueError, match=r"log\(-4.0\): outside the domain") as told:
            f(1.0, given)
    assert told.value.__notes__ == ["In chunk 1, counted from 0: x.blocks[1], unless a warning said that x is cut anew"]
