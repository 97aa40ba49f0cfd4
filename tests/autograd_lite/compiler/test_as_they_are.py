"""Arguments that a program takes as they are: which they are, and that they mean what others mean."""

import math

import pytest

import autograd_lite as ag
from autograd_lite import compile
from autograd_lite.compiler import arguments

numpy = pytest.importorskip("numpy")
pytest.importorskip("numba")
backends = pytest.mark.parametrize("backend", ["python", "native"])


@pytest.fixture
def taken(monkeypatch):
    """The arguments that are taken apart: none of a call whose arguments the program takes as they are."""
    seen = []

    def watch(argument, where, batched):
        seen.append(where)
        return take_apart(argument, where, batched)

    take_apart = arguments.take_apart
    monkeypatch.setattr(arguments, "take_apart", watch)
    return seen


@backends
def test_floats_are_taken_as_they_are(backend, taken):
    f = compile(lambda x, y: x * y, (0, 1), backend=backend)
    assert f(2.0, 3.0) == 6.0
    assert taken == ["f: argument x", "f: argument y"]
    assert [f(4.0, 5.0), f(0.5, -1.0)] == [20.0, -0.5]
    assert len(taken) == 2
    assert f.grad(2.0, 3.0) == (3.0, 2.0)
    assert len(taken) == 4
    assert [f.grad(4.0, 5.0), f(4.0, 5.0)] == [(5.0, 4.0), 20.0]
    assert len(taken) == 4
    assert f(2, 3.0) == 6.0
    assert len(taken) == 6
    with pytest.raises(TypeError):
        f(2.0)


def test_arrays_of_the_same_shape_are_taken_as_they_are(taken):
    f = compile(lambda w, x: ag.dot(w, x), in_axes=(None, 0), backend="native")
    g = compile(lambda w, x: [w[0] * x, w[1]], in_axes=(None, 0), backend="native")
    w, x = numpy.array([1.0, 2.0]), numpy.array([[1.0, 2.0], [3.0, 4.0]])
    assert (f(w, x), g(w, x[:, 0])) == (8.0, [2.0, 2.0])
    assert len(taken) == 4
    assert (f(2 * w, x), f(w, x[:1]), g(w, numpy.array([3.0]))) == (16.0, 5.0, [3.0, 2.0])
    assert len(taken) == 4
    for count, (other_w, other_x) in enumerate(
        [(w.tolist(), x), (w, x.tolist()), (w.astype("float32"), x), (w, x.astype("int64")), (w, [*x])], 3
    ):
        assert f(other_w, other_x) == 8.0
        assert len(taken) == 2 * count
    for arguments_of_another_number in ((w,), (w, x, x)):
        with pytest.raises(ValueError, match=r"in_axes .* is of length 2"):
            f(*arguments_of_another_number)
    with pytest.raises(ValueError, match="dot of 2 and 3"):
        f(w, numpy.ones((2, 3)))
    with pytest.raises(ValueError, match="dot of 3 and 2"):
        f(numpy.ones(3), x)


def strided(x):
    return numpy.repeat(x, 2)[::2]


def frozen(x):
    x = x.copy()
    x.flags.writeable = False
    return x


def unaligned(x):
    return numpy.frombuffer(b"." + x.tobytes(), offset=1)


def numbers(result):
    """All numbers of a value, a gradient, or both."""
    return [number for part in result for number in numbers(part)] if hasattr(result, "__len__") else [result]


VECTORS = [list, tuple, strided, frozen, unaligned, lambda x: x.astype(">f8"), lambda x: x[::-1][::-1]]


@pytest.mark.parametrize("kind", ["__call__", "grad", "value_and_grad"])
def test_a_vector_is_taken_as_it_is_and_others_mean_what_it_means(kind, taken):
    f = compile(lambda x: ag.exp(x[0]) * x[1] + ag.sum(x[2:]), backend="native")
    run = getattr(f, kind)
    first, x = numpy.array([0.5, 1.0, -2.0, 3.0]), numpy.array([-1.5, 0.25, -0.0, 4.0])
    run(first)
    assert len(taken) == 1
    got, other = run(x), run(numpy.array([1.0, 2.0, 3.0, 4.0]))
    assert len(taken) == 1
    assert numbers(run(x)) == numbers(got) != numbers(other)  # no call writes into what an earlier one gave
    expected = numbers(getattr(compile(f.function, backend="native"), kind)(x.tolist()))
    for change in VECTORS:
        assert numbers(run(change(x))) == expected
        assert numbers(run(x)) == expected  # and back
    assert len(numbers(run(x[:3]))) < 5
    assert numbers(run(x)) == expected
    with pytest.raises(ValueError, match="called with 2"):
        compile(f.function, 2, backend="native").grad(x, x)
    with pytest.raises(TypeError, match="f got x by name"):
        run(x=x)
    with pytest.raises(TypeError):
        run(x, x)


def test_a_vector_gives_the_errors_of_python_and_results_of_any_structure():
    f = compile(lambda x: {"quotient": x[0] / x[1], "rest": x[2:]}, backend="native")
    assert f(numpy.array([1.0, 2.0, 3.0])) == {"quotient": 0.5, "rest": [3.0]}
    with pytest.raises(ZeroDivisionError, match=r"x\[1\]=0.0"):
        f(numpy.array([1.0, 0.0, 3.0]))
    assert f(numpy.array([1.0, 4.0, math.nan]))["quotient"] == 0.25
    minus = compile(lambda x: -x[0] * x[1], backend="native")
    for _ in range(2):
        value, gradient = minus.value_and_grad(numpy.array([0.0, 1.0]))
        assert [math.copysign(1, number) for number in (value, *gradient)] == [-1.0, -1.0, 1.0]
    k = ag.Value(2.0)
    outside = compile(lambda x: x[0] * k, backend="native")
    x = numpy.array([3.0])
    assert outside(x) == 6.0
    k.data = 5.0
    assert outside(x) == 15.0
    both = compile(lambda x: x[0] * x[1], (0,), backend="native")
    assert [g.tolist() for _ in range(2) for g in both.grad(numpy.array([2.0, 3.0]))] == [[3.0, 2.0]] * 2


def test_batched_arrays_of_one_length_are_taken_as_they_are(taken):
    f = compile(lambda x, y, c: x * y + c, (0, 2), in_axes=(0, 0, None), backend="native")
    x, y = numpy.array([1.0, 2.0]), numpy.array([3.0, 5.0])
    assert f(x, y, 1.0) == 7.5
    assert len(taken) == 3
    assert (f(y, y, 1.0), f(x[:1], y[:1], 0.0)) == (18.0, 3.0)
    assert len(taken) == 3
    assert f(x, y, 1) == 7.5
    assert f(x, y, numpy.float64(1.0)) == 7.5
    assert len(taken) == 9
    with pytest.raises(ValueError, match="f: argument y has 1 sample, the batched argument before it 2: they must agree"):
        f(x, y[:1], 1.0)
    value, (by_x, by_c) = f.value_and_grad(x, y, 1.0)
    assert (value, by_x.tolist(), by_c) == (7.5, [1.5, 2.5], 1.0)


@backends
def test_an_array_without_dimensions_is_no_batch_after_a_good_call_either(backend):
    f = compile(lambda x: x * x, in_axes=(0,), backend=backend)
    assert f(numpy.array([1.0, 3.0])) == 5.0
    with pytest.raises(ValueError, match="one row per sample"):
        f(numpy.array(2.0))
    with pytest.raises(ValueError, match="at least one"):
        f(numpy.array([]))


@pytest.mark.parametrize(
    ("f", "in_axes", "first", "other"),
    [
        (lambda x: x[0] * 2, None, [3.0], 3.0),
        (lambda x: x["a"] * 2, None, {"a": 3.0}, 3.0),
        (lambda x: x[0] * x[1], (0,), [[3.0, 5.0]], numpy.array([2.0])),
        (lambda x: x[0] * x[1], (0,), [(3.0, 5.0)], numpy.array([2.0, 7.0])),
    ],
)
def test_a_number_is_no_list_of_one_and_a_vector_no_list_of_rows(f, in_axes, first, other):
    compiled = compile(f, in_axes=in_axes, backend="native")
    compiled(first)
    with pytest.raises(TypeError, match="not subscriptable"):
        compiled(other)


@backends
def test_a_gradient_has_the_kind_of_its_argument_whatever_came_before(backend):
    f = compile(lambda x: x * x, in_axes=(0,), backend=backend)
    for x in ([1.0, 2.0], numpy.array([1.0, 2.0]), [1.0, 2.0], numpy.array([1.0, 2.0])):
        gradient = f.grad(x)
        assert type(gradient) is type(x)
        assert list(gradient) == [1.0, 2.0]
