"""Results have the structure of the function's result, and gradients that of the arguments."""

import math
from fractions import Fraction

import pytest

import autograd_lite as ag
from autograd_lite import compile
from autograd_lite.errors import DivisionByZeroError

numpy = pytest.importorskip("numpy")
pytest.importorskip("numba")
backends = pytest.mark.parametrize("backend", ["python", "native"])


@backends
def test_results_have_the_structure_of_the_function_and_gradients_that_of_the_arguments(backend):
    f = compile(lambda p: {"sum": p["a"] + p["b"][0], "list": [p["a"] * 2, (p["b"][1],)]}, backend=backend)
    assert f({"a": 1.0, "b": [2.0, 3.0]}) == {"sum": 3.0, "list": [2.0, (3.0,)]}
    g = compile(lambda p: p["a"] * p["b"][0] * p["b"][1], backend=backend)
    assert g.grad({"a": 1.0, "b": [2.0, 3.0]}) == {"a": 6.0, "b": [3.0, 2.0]}


@backends
def test_arrays_give_arrays(backend):
    f = compile(lambda x: (x * x).sum(), backend=backend)
    for shape in ((3,), (2, 3), (1, 2, 2)):
        x = numpy.arange(1.0, 1 + math.prod(shape)).reshape(shape)
        value, gradient = f.value_and_grad(x)
        assert value == (x * x).sum()
        assert isinstance(gradient, numpy.ndarray)
        assert (gradient == 2 * x).all()
        assert (f.grad(x.astype("float32")) == 2 * x).all()


def test_arrays_of_many_dimensions_and_gradients_by_several_of_them():
    f = compile(lambda x, y, z: (x * x).sum() * y[0] + y[1] * z, (0, 1, 2), backend="native")
    for shape in ((2,), (2, 3), (1, 2, 3), (1, 1, 2, 2)):
        x, y = numpy.full(shape, 0.5), numpy.array([2.0, 3.0])
        for factor in (1, 2):  # the second call may take them as they are
            by_x, by_y, by_z = f.grad(factor * x, y, 4.0)
            assert numpy.array_equal(by_x, 2.0 * factor * numpy.ones(shape))
            assert by_y.tolist() == [0.25 * factor**2 * x.size, 4.0]
            assert by_z == 3.0
        assert f(x, y, 4.0) == 2.0 * 0.25 * x.size + 12.0


@backends
def test_lists_and_arrays_of_one_number_beside_numbers(backend):
    f = compile(lambda a, b, c: a * b[0] * c, argnums=(0, 1, 2), backend=backend)
    assert f.value_and_grad(2.0, [3.0], numpy.array(4.0)) == (24.0, (12.0, [8.0], 6.0))
    assert compile(lambda a, b: a[0] * b[0], backend=backend)([3.0], [4.0]) == 12.0
    assert compile(lambda x: x * 2, backend=backend)(numpy.True_) == 2.0


@backends
def test_rows_may_be_arrays_and_mean_what_lists_mean(backend):
    f = compile(lambda x: x[0] / x[1], in_axes=(0,), backend=backend)
    value, gradient = f.value_and_grad([numpy.array([1.0, 2.0]), numpy.array([3.0, 2.0])])
    assert type(value) is float
    assert value == 1.0
    assert [row.tolist() for row in gradient] == [[0.25, -0.125], [0.25, -0.375]]
    with pytest.raises(DivisionByZeroError):
        f([numpy.array([1.0, 0.0])])


@backends
def test_arrays_of_python_objects(backend):
    f = compile(lambda x: ag.sum(x), in_axes=(0,), backend=backend)
    assert f(numpy.array([[1, Fraction(1, 2)], [3, 4.5]], dtype=object)) == 4.5
    with pytest.raises(TypeError, match="element 1 of the array is None"):
        f(numpy.array([[1.0, None]], dtype=object))


@backends
def test_a_result_that_does_not_depend_on_the_argument(backend):
    f = compile(lambda x, y: y * 3, backend=backend)
    assert f.value_and_grad(1.0, 2.0) == (6.0, 0.0)
    assert compile(lambda x: 7.0, backend=backend).value_and_grad(1.0) == (7.0, 0.0)


@backends
def test_several_outputs_of_a_batch(backend):
    f = compile(lambda w, x: [w * x, x], in_axes=(None, 0), backend=backend)
    assert f(2.0, [1.0, 2.0, 6.0]) == [6.0, 3.0]
    assert f.per_sample(2.0, [1.0, 2.0, 6.0]) == [[2.0, 1.0], [4.0, 2.0], [12.0, 6.0]]


@backends
def test_results_of_a_batch_have_the_structure_of_a_sample(backend):
    f = compile(lambda w, x: {"a": w * x[0], "b": (x[1], 1.0)}, in_axes=(None, 0), backend=backend)
    rows = [(1.0, 2.0), (3.0, 4.0)]
    assert f(2.0, rows) == {"a": 4.0, "b": (3.0, 1.0)}
    assert f.per_sample(2.0, rows) == [{"a": 2.0, "b": (2.0, 1.0)}, {"a": 6.0, "b": (4.0, 1.0)}]
    g = compile(lambda w, x: w * x[0] * x[1], 1, in_axes=(None, 0), backend=backend)
    assert g.grad(2.0, rows) == [(2.0, 1.0), (4.0, 3.0)]
    assert g.per_sample(2.0, rows) == [4.0, 24.0]
    assert numpy.array_equal(g.grad(2.0, numpy.array(rows)), [[2.0, 1.0], [4.0, 3.0]])


@backends
def test_results_may_be_an_array_or_nothing(backend):
    f = compile(lambda x: 2 * x, backend=backend)
    assert numpy.array_equal(f(numpy.array([[1.0, 2.0]])), [[2.0, 4.0]])
    assert compile(lambda x: [], backend=backend)(1.0) == []
    assert compile(lambda: 3.0, backend=backend)() == 3.0


@backends
def test_a_gradient_is_never_minus_zero(backend):
    f = compile(lambda x, y: x * y, (0, 1), backend=backend)
    assert [math.copysign(1, g) for g in f.grad(-0.0, -0.0)] == [1.0, 1.0]
    g = compile(lambda x: x[0] * x[1], backend=backend)
    for x in ([-0.0, -0.0], numpy.array([-0.0, -0.0]), numpy.array([[-0.0], [-0.0]])[:, 0]):
        assert [math.copysign(1, v) for v in g.grad(x)] == [1.0, 1.0]
    h = compile(lambda w, x: w * x, (0, 1), in_axes=(None, 0), backend=backend)
    by_w, by_x = h.grad(-0.0, [-0.0, -0.0])
    assert [math.copysign(1, v) for v in (by_w, *by_x)] == [1.0, 1.0, 1.0]


@backends
def test_a_gradient_that_is_an_argument_itself(backend):
    n = 40
    f = compile(lambda w, x: ag.dot(w, x), (0, 1), backend=backend)
    w, x = [0.5 * i for i in range(n)], [1.0 - i for i in range(n)]
    assert f.grad(w, x) == (x, w)
    batch = compile(lambda w, x: ag.dot(w, x) + ag.sum([v * v for v in w]), in_axes=(None, 0), backend=backend)
    assert batch.grad(w, [x, x]) == pytest.approx([b + 2 * a for a, b in zip(w, x, strict=True)], rel=1e-13)


@backends
def test_nan_and_infinity_flow_through(backend):
    f = compile(lambda x: x * 2 - x, backend=backend)
    assert math.isnan(f(math.nan))
    assert math.isnan(f(math.inf))
    root = compile(ag.sqrt, backend=backend)
    assert root.grad(4.0) == 0.25
    assert root.grad(0.0) == math.inf
    assert compile(lambda x: 0 * x, backend=backend)(1.0) == 0.0
    assert math.isnan(compile(lambda x: 0 * x, backend=backend)(math.inf))


@backends
def test_fractions_stay_what_they_are(backend):
    third = Fraction(1, 3)
    f = compile(lambda x: x * third + ag.sin(x), backend=backend)
    assert f(0.5) == pytest.approx(0.5 / 3 + math.sin(0.5), rel=1e-15)


def test_single_precision():
    f = compile(lambda x: ag.sum([ag.sin(v) for v in x]), backend="native", dtype="float32")
    x = [0.1 * i for i in range(20)]
    value, gradient = f.value_and_grad(x)
    assert value == pytest.approx(math.fsum(map(math.sin, x)), rel=1e-6)
    assert gradient == pytest.approx([math.cos(v) for v in x], rel=1e-6)
