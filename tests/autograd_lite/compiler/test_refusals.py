"""Bad arguments of a call, and functions that fail: what the message names."""

import pytest

import autograd_lite as ag
from autograd_lite import Value, compile
from autograd_lite.errors import DivisionByZeroError, DomainError

numpy = pytest.importorskip("numpy")
pytest.importorskip("numba")
backends = pytest.mark.parametrize("backend", ["python", "native"])


@backends
@pytest.mark.parametrize(
    ("arguments", "kind", "message"),
    [
        ((Value(1.0), [1.0], [1.0]), TypeError, "takes plain numbers"),
        (
            ([1.0, 2.0], [[1.0], [1.0, 2.0]], [1.0, 2.0]),
            ValueError,
            r"f: argument x is ragged: row 1 has 2 numbers \(list of .*\), row 0 has 1 ",
        ),
        ((1.0, [1.0, 2.0], [1.0]), ValueError, "f: argument y has 1 sample, the batched argument before it 2"),
        ((1.0, [], []), ValueError, "at least one"),
        ((1.0, 2.0, [1.0]), ValueError, "one row per sample"),
        ((1.0, [1.0]), ValueError, "in_axes .* is of length 3, f was called with 2 arguments"),
        (("1.0", [1.0], [1.0]), TypeError, "f: argument w is '1.0'"),
        ((2**53 + 1, [1.0], [1.0]), ValueError, "no float equals"),
        ((10**400, [1.0], [1.0]), ValueError, "no float equals"),
        ((numpy.array([1j]), [1.0], [1.0]), TypeError, "complex"),
        ((1.0, [[1.0], (2.0,)], [1.0, 2.0]), ValueError, r"row 1 has 1 number \(tuple of \(a number\)\), row 0 has 1 \(list"),
        ((1.0, [None], [1.0]), TypeError, r"argument x\[0\] is None"),
        ((1.0, numpy.array(2.0), [1.0]), ValueError, "one row per sample"),
        ((1.0, numpy.ones((0, 2)), [1.0]), ValueError, "at least one"),
        ((1.0, numpy.ma.array([1.0, 2.0], mask=[0, 1]), [1.0, 2.0]), TypeError, "masked array"),
    ],
)
def test_bad_arguments_of_a_batch(arguments, kind, message, backend):
    def f(w, x, y):
        return w * x - y

    with pytest.raises(kind, match=message):
        compile(f, in_axes=(None, 0, 0), backend=backend)(*arguments)


@backends
def test_arguments_by_name_are_refused(backend):
    f = compile(lambda w, x: w * x, in_axes=(None, 0), backend=backend)
    for call in (f, f.grad, f.value_and_grad, f.per_sample):
        with pytest.raises(TypeError, match="f got x by name: a compiled function takes its arguments by position"):
            call(2.0, x=[1.0])
    with pytest.raises(TypeError, match="by name"):
        compile(lambda w: f(w, x=2.0), backend=backend)(1.0)


@backends
def test_an_error_of_the_function_in_a_later_recording_tells_what_changed(backend):
    f = compile(lambda w, x: w[0] * x + w[1], in_axes=(None, 0), backend=backend)
    f([1.0, 2.0], [1.0, 2.0])
    with pytest.raises(IndexError) as caught:
        f([1.0], [1.0, 2.0])
    (note,) = caught.value.__notes__
    assert note == (
        "f was being recorded anew, since its arguments changed: w is list of (a number), it was list of (a number, a number)"
    )
    assert f.grad([1.0, 2.0, 9.0], [1.0, 2.0]) == [1.5, 1.0, 0.0]  # a longer list is another structure, and a good one


@backends
def test_errors_are_those_of_eager_with_labels(backend):
    f = compile(lambda rate: ag.log(rate), backend=backend)
    assert f(1.0) == 0.0
    with pytest.raises(DomainError, match=r"log\(rate=-1.0\): outside the domain: the function is defined for x > 0"):
        f(-1.0)
    g = compile(lambda x, y: x / y, in_axes=(None, 0), backend=backend)
    assert g(1.0, [1.0, 2.0]) == 0.75
    with pytest.raises(DivisionByZeroError, match=r"truediv\(x=1.0, y=0.0\)"):
        g(1.0, [1.0] * 1000 + [0.0])
