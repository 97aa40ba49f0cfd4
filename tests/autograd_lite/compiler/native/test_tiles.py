"""Products of small matrices are those of NumPy, and the same to the bit whichever tile computes them."""

import ctypes

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

numpy = pytest.importorskip("numpy")
pytest.importorskip("numba")
from autograd_lite.compiler.native import fixed  # noqa: E402
from autograd_lite.compiler.native.kernel import kernels_of  # noqa: E402
from autograd_lite.compiler.native.linking import vector_bytes  # noqa: E402
from autograd_lite.compiler.native.state import MEAN_FACTOR, RunState  # noqa: E402

DTYPES = pytest.mark.parametrize("dtype", ["float64", "float32"])
SIZES = st.tuples(st.integers(1, 11), st.integers(0, 20), st.integers(0, 40))
SETTINGS = settings(max_examples=60)
CALL = ctypes.CFUNCTYPE(ctypes.c_int64, *[ctypes.c_void_p] * 3)


def call(kernel, memory, lanes=0, **fields):
    """Run a kernel on a memory."""
    parameters = numpy.array(kernel.pack(fields), numpy.int64)
    state = numpy.array(RunState(*[0] * len(RunState._fields))._replace(lanes=lanes), numpy.int64)
    CALL(kernels_of(memory.dtype.name).address(kernel))(memory.ctypes.data, parameters.ctypes.data, state.ctypes.data)


def product(weights, turned, offsets, lanes):
    """The kernel's product of weights, one row for each result, with a row of lanes for each column; plus the offsets."""
    dtype, (rows, columns), width = weights.dtype, weights.shape, lanes.shape[1]
    offset = 1 + rows * columns if offsets is not None else -1
    parts = [[0.0], (weights.T if turned else weights).ravel(), [] if offsets is None else offsets, lanes.ravel()]
    filled = numpy.concatenate([numpy.asarray(part, dtype) for part in parts])
    memory = numpy.concatenate([filled, numpy.full(rows * width, numpy.nan, dtype)])
    call(
        fixed.matrix_product, memory,
        out=len(filled), rows=rows, columns=columns, width=width, matrix=1, row_stride=1 if turned else columns,
        column_stride=rows if turned else 1, vector=len(filled) - lanes.size, vector_stride=width, offset=offset,
        offset_stride=int(offset > 0), offset_lane=0, gemm=0,
    )  # fmt: skip
    return memory[len(filled) :].reshape(rows, width)


def halves_of_products(a, b, earlier, keep, **fields):
    """The kernel's means of products of rows, halved; the last column of `earlier` is of something else."""
    rows, stride = earlier.shape
    filled = numpy.concatenate([numpy.ones(1, a.dtype), a.ravel(), b.ravel()])
    memory = numpy.concatenate([filled, earlier.ravel()])
    memory[MEAN_FACTOR] = 0.5
    places = {"out": len(filled), "row_stride": stride, "column_stride": 1, "a": 1, "b": 1 + a.size, "b_row": 0}
    call(fixed.mean_products, memory, rows=rows, columns=stride - 1, more=keep, gemm=0, **places, **fields)
    found = memory[len(filled) :].reshape(earlier.shape)
    assert found[:, -1].tobytes() == earlier[:, -1].tobytes()
    return found[:, :-1]


def product_by_sample(weights, offsets, lanes):
    """The same, where the lanes lie sample by sample."""
    dtype, (rows, columns), width = weights.dtype, weights.shape, lanes.shape[1]
    parts = [[0.0], weights.ravel(), [] if offsets is None else offsets, lanes.T.ravel()]
    filled = numpy.concatenate([numpy.asarray(part, dtype) for part in parts])
    memory = numpy.concatenate([filled, numpy.full(rows * width, numpy.nan, dtype)])
    call(
        fixed.matrix_product_by_sample, memory,
        out=len(filled), rows=rows, columns=columns, width=width, matrix=1, row_stride=columns, vector=len(filled) - lanes.size,
        vector_lane=columns, offset=-1 if offsets is None else 1 + weights.size, offset_stride=1, offset_lane=0,
    )  # fmt: skip
    return memory[len(filled) :].reshape(rows, width)


def tolerance(dtype):
    return {"rtol": 1e-12, "atol": 1e-12} if dtype == "float64" else {"rtol": 1e-4, "atol": 1e-4}


@DTYPES
@SETTINGS
@given(sizes=SIZES, turned=st.booleans(), has_offset=st.booleans(), seed=st.integers(0, 1000))
def test_a_matrix_times_a_vector_in_each_lane_is_that_of_numpy(dtype, sizes, turned, has_offset, seed):
    rows, columns, more = sizes
    random, width = numpy.random.default_rng(seed), vector_bytes() // numpy.dtype(dtype).itemsize + more
    weights = random.normal(size=(rows, columns)).astype(dtype)
    offsets = random.normal(size=rows).astype(dtype) if has_offset else None
    lanes = random.normal(size=(columns, width)).astype(dtype)
    found = product(weights, turned, offsets, lanes)
    wanted = weights @ lanes + (0.0 if offsets is None else offsets[:, None])
    numpy.testing.assert_allclose(found, wanted, **tolerance(dtype))
    if columns >= vector_bytes() // numpy.dtype(dtype).itemsize:
        numpy.testing.assert_allclose(product_by_sample(weights, offsets, lanes), wanted, **tolerance(dtype))
    alone = product(weights[-1:], turned, None if offsets is None else offsets[-1:], lanes[:, more:])
    assert alone.tobytes() == found[-1, more:].tobytes()  # in tiles of other places and sizes


@DTYPES
@SETTINGS
@given(sizes=SIZES, keep=st.integers(0, 1), unused=st.integers(0, 3), seed=st.integers(0, 1000))
def test_means_of_products_over_the_lanes_are_those_of_numpy(dtype, sizes, keep, unused, seed):
    rows, columns, more = sizes
    random, lanes = numpy.random.default_rng(seed), vector_bytes() // numpy.dtype(dtype).itemsize + more
    width = lanes + unused
    a, b = (random.normal(size=(count, width)).astype(dtype) for count in (rows, columns))
    a[:, lanes:] = b[:, lanes:] = numpy.nan  # of no sample
    earlier = random.normal(size=(rows, columns + 1)).astype(dtype)
    found = halves_of_products(a, b, earlier, keep, lanes=lanes, a_stride=width, a_lane=1, b_stride=width, b_lane=1)
    numpy.testing.assert_allclose(found, a[:, :lanes] @ b[:, :lanes].T / 2 + keep * earlier[:, :-1], **tolerance(dtype))


@DTYPES
@SETTINGS
@given(sizes=SIZES, keep=st.integers(0, 1), is_uniform=st.booleans(), seed=st.integers(0, 1000))
def test_means_of_products_with_rows_that_lie_sample_by_sample_are_those_of_numpy(dtype, sizes, keep, is_uniform, seed):
    rows, lanes, more = sizes
    random, columns = numpy.random.default_rng(seed), vector_bytes() // numpy.dtype(dtype).itemsize + more
    a = random.normal(size=(rows, 1 if is_uniform else lanes)).astype(dtype)
    b = random.normal(size=(lanes, columns)).astype(dtype)
    earlier = random.normal(size=(rows, columns + 1)).astype(dtype)
    places = {"a_stride": a.shape[1], "a_lane": int(not is_uniform), "b_stride": 1, "b_lane": columns}
    found = halves_of_products(a, b, earlier, keep, lanes=lanes, **places)
    numpy.testing.assert_allclose(
        found, numpy.broadcast_to(a, (rows, lanes)) @ b / 2 + keep * earlier[:, :-1], **tolerance(dtype)
    )
