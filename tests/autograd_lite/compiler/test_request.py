"""What `compile` may be asked for, and how it refuses the rest."""

import pytest

import autograd_lite as ag
from autograd_lite import compile
from autograd_lite.compiler import backend

pytest.importorskip("numba")
backends = pytest.mark.parametrize("backend", ["python", "native"])


def f(x, y):
    return x * y


@pytest.mark.parametrize(
    ("settings", "kind", "message"),
    [
        ({"argnums": "0"}, TypeError, "argnums must be an index or several, got '0'"),
        ({"argnums": 1.5}, TypeError, "argnums must be an index or several"),
        ({"argnums": True}, TypeError, "argnums must be an index or several"),
        ({"argnums": (0, None)}, TypeError, "argnums must be an index or several"),
        ({"in_axes": "0"}, TypeError, r"in_axes must be one entry for each argument, such as \(None, 0\), got '0' \(str\)"),
        ({"in_axes": 0}, TypeError, "in_axes must be one entry for each argument"),
        ({"in_axes": {0: None}}, TypeError, "in_axes must be one entry for each argument"),
        (
            {"in_axes": (None, 1)},
            ValueError,
            r"in_axes must be for each argument None \(shared\) or 0 \(one row per sample\), got \(None, 1\)$",
        ),
        ({"in_axes": (0, False)}, ValueError, "in_axes must be for each argument None"),
        ({"in_axes": (0, -1)}, ValueError, "in_axes must be for each argument None"),
        ({"in_axes": ("0", 0)}, ValueError, "in_axes must be for each argument None"),
        (
            {"in_axes": [None, None]},
            ValueError,
            r"in_axes must be 0 for at least one argument, got \(None, None\): mark what is batched, or leave in_axes out",
        ),
        ({"backend": "cuda"}, ValueError, "backend must be one of 'auto', 'python', 'native', got 'cuda'"),
        ({"dtype": "float16"}, ValueError, "dtype must be one of 'float64', 'float32', got 'float16'"),
        (
            {"dtype": "float32", "backend": "python"},
            ValueError,
            "dtype 'float32' needs the native backend, .*: backend='native', or dtype='float64'",
        ),
        ({"threads": 0}, ValueError, "threads must be a whole number of at least 1, got 0"),
        ({"threads": -1}, ValueError, "threads must be a whole number of at least 1, got -1"),
        ({"threads": 1.0}, ValueError, "threads must be a whole number of at least 1, got 1.0"),
        ({"threads": True}, TypeError, "threads must be a whole number of at least 1, got True"),
        (
            {"threads": 2, "in_axes": (0, 0), "backend": "python"},
            ValueError,
            "threads 2 need the native backend: backend='native', or threads=1",
        ),
        ({"threads": 2}, ValueError, "threads 2 share the samples of a batch: say with in_axes what is batched, or threads=1"),
    ],
)
def test_bad_settings(settings, kind, message):
    with pytest.raises(kind, match=message):
        compile(f, **settings)


@pytest.mark.parametrize("wrong", [3, "f", None])
def test_what_is_no_function_is_refused(wrong):
    with pytest.raises(TypeError, match=rf"f must be a function, got {wrong!r}"):
        compile(wrong)


def test_where_numba_is_missing_the_way_to_the_native_backend_is_an_installation(monkeypatch):
    monkeypatch.setattr(backend, "find_spec", lambda name: None)
    for settings in ({"dtype": "float32"}, {"threads": 2, "in_axes": (0, 0)}):
        with pytest.raises(ValueError, match=r"the native backend.*: pip install 'autograd-lite\[fast\]', or "):
            compile(f, **settings)


def test_axes_and_argnums_are_those_of_the_arguments_of_a_call():
    with pytest.raises(ValueError, match=r"in_axes \(None, 0\) is of length 2, f was called with 1 argument$"):
        compile(f, in_axes=[None, 0])(1.0)
    with pytest.raises(ValueError, match=r"in_axes \(0,\) is of length 1, f was called with 2 arguments$"):
        compile(f, in_axes=[0])([1.0], 2.0)
    for argnums in ((0, -2), (1, 1)):
        with pytest.raises(ValueError, match=r"argnums \(., .*\) of f names an argument twice"):
            compile(f, argnums).grad(1.0, 2.0)


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
    h = compile(lambda a, /, *rest, b=0: a + ag.sum(rest), backend="python")
    h(1.0)
    assert h.source.startswith("def f(a):")
    h(1.0, 2.0, 3.0)
    assert h.source.startswith("def f(a, x1, x2):")


def test_a_function_without_a_signature_names_its_arguments_by_position():
    with pytest.raises(TypeError, match=r"argument x0 is 'a'"):
        compile(max, backend="python")("a")
