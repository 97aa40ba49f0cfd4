"""Calling a compiled function: what is recorded when, what a call takes and gives, and what it refuses."""

import copy
import math
import pickle
from types import SimpleNamespace

import pytest

import autograd_lite as ag
from autograd_lite import compile
from autograd_lite.compiler import front

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

    take_apart = front.take_apart
    monkeypatch.setattr(front, "take_apart", watch)
    return seen


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
def test_gradients_are_by_the_arguments_named_in_their_order(backend):
    def f(x, y, z):
        return x * y + y * z

    point = (2.0, 3.0, 5.0)
    assert compile(f, backend=backend).grad(*point) == 3.0
    assert compile(f, 1, backend=backend).grad(*point) == 7.0
    assert compile(f, -1, backend=backend).grad(*point) == 3.0
    assert compile(f, (2, 0), backend=backend).grad(*point) == (3.0, 3.0)
    assert compile(f, [1], backend=backend).grad(*point) == (7.0,)
    assert compile(f, (-2,), backend=backend).value_and_grad(*point) == (21.0, (7.0,))
    for argnums in (3, -4, (0, 3)):
        with pytest.raises(ValueError, match=r"f has no argument .* to differentiate by: it was called with 3"):
            compile(f, argnums, backend=backend).grad(*point)
        assert compile(f, argnums, backend=backend)(*point) == 21.0


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


def test_a_compiled_function_looks_like_the_function():
    def area(width, height):
        """Of a rectangle."""
        return width * height

    f = compile(area, backend="python")
    assert (f.__name__, f.__doc__, f.__wrapped__) == ("area", "Of a rectangle.", area)
    assert repr(f) == "<compiled area, backend python, not called yet>"
    f(2.0, 3.0)
    assert repr(f) == "<compiled area, backend python, 1 operations recorded, 1 after simplification>"
    assert f.source == "def area(width, height):\n    return [width * height]\n"
    f.grad(2.0, 3.0)
    assert f.source.startswith("def area_gradient(width, height):")
    f(5.0, 3.0)
    assert f.source.startswith("def area(width, height):")
    assert f.tape.count == 1
    native = compile(area)
    assert (native.backend, native.threads, native.dtype) == ("native", 1, "float64")
    native(2.0, 3.0)
    assert native.source == f.source


def test_parameters_have_their_names_and_others_numbers():
    class Callable:
        def __call__(self, first, *rest, key=1):
            return first + ag.sum(rest)

    f = compile(Callable(), backend="python")
    f(1.0, 2.0, 3.0)
    assert f.source.startswith("def Callable(first, x1, x2):")
    with pytest.raises(TypeError, match=r"Callable: argument x1 is 'a'"):
        f(1.0, "a")
    g = compile(ag.hypot, backend="python")
    assert g(3.0, 4.0) == 5.0
    assert g.source.startswith("def hypot_2(x, y):")
    assert front.parameter_names(SimpleNamespace, 1) == ["x0"] or front.parameter_names(min, 2) == ["x0", "x1"]
    assert front.parameter_names(lambda a, b, c: 0, 2) == ["a", "b"]
    assert front.parameter_names(lambda a, /, *, b: 0, 3) == ["a", "x1", "x2"]


def test_what_cannot_be_compiled_is_refused_with_a_reason():
    for wrong in (3, "f", None):
        with pytest.raises(TypeError, match=rf"compile expects a function, got {wrong!r}"):
            compile(wrong)
    for in_axes in ("0", 0, {0: None}):
        with pytest.raises(TypeError, match=r"in_axes .*: expected one entry for each argument, such as \(None, 0\)"):
            compile(lambda x: x, in_axes=in_axes)
    for in_axes in ((None, 1), (0, False), (0, -1), ("0", 0)):
        with pytest.raises(ValueError, match=r"in_axes \(.*\): each entry is None \(shared\) or 0 \(one row per sample\)"):
            compile(lambda x, y: x, in_axes=in_axes)
    for threads in (0, -1, 1.0, True):
        with pytest.raises(ValueError, match=rf"threads {threads!r}: expected how many, from 1; os.cpu_count\(\) tells"):
            compile(lambda x: x, threads=threads)
    with pytest.raises(ValueError, match="threads 2 need the native backend: backend='native', or threads=1"):
        compile(lambda x: x, in_axes=(0,), threads=2, backend="python")
    with pytest.raises(ValueError, match=r"in_axes \(None, 0\) is of length 2, f was called with 1 argument$"):
        compile(lambda x: x, in_axes=[None, 0])(1.0)
    with pytest.raises(ValueError, match=r"in_axes \(0,\) is of length 1, f was called with 2 arguments$"):
        compile(lambda x, y: x, in_axes=[0])([1.0], 2.0)
    with pytest.raises(ValueError, match=r"argnums \(0, -1\) of f names an argument twice"):
        compile(lambda x: x, (0, -1)).grad(1.0)
    with pytest.raises(RuntimeError, match="f has not been recorded yet: call it once, or its grad"):
        compile(lambda x: x).tape  # noqa: B018
    with pytest.raises(ValueError, match=r"f\.per_sample: without in_axes there are no samples; call it"):
        compile(lambda x: x).per_sample(1.0)


def test_auto_needs_numba_and_scipy(monkeypatch):
    for missing in ("numba", "scipy"):
        monkeypatch.setattr(front, "find_spec", lambda name, missing=missing: None if name == missing else True)
        assert front.choose_backend("auto") == front.choose_backend("python") == "python"
        with pytest.raises(ImportError, match="the native backend needs numba and SciPy"):
            front.choose_backend("native")
    monkeypatch.setattr(front, "find_spec", lambda name: True)
    assert [front.choose_backend(name) for name in ("auto", "python", "native")] == ["native", "python", "native"]


def test_only_a_function_without_a_batch_can_be_part_of_another():
    mean = compile(lambda x: x * x, in_axes=(0,), backend="python")
    with pytest.raises(TypeError, match=r"f has in_axes, and so cannot be part of another .* take the mean"):
        compile(lambda x: mean([x, x]), backend="python")(2.0)


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy, lambda compiled: pickle.loads(pickle.dumps(compiled))])
def test_a_compiled_function_can_be_copied_and_sent_to_another_process(duplicate):
    original = compile(ag.hypot, (0, 1), (None, 0), "native", "float32", 2)
    assert original(3.0, [4.0]) == 5.0
    another = duplicate(original)
    assert another.value_and_grad(3.0, [4.0, 4.0])[0] == 5.0
    assert another.__reduce__() == original.__reduce__() == (compile, (ag.hypot, (0, 1), (None, 0), "native", "float32", 2))
    assert duplicate(compile(ag.sin)).grad(0.0) == 1.0
