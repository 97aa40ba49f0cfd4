"""Calls that machine code answers alone: they give what the usual way gives, to the bit, and leave all else to it."""

import gc
import math
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd_lite as ag
from autograd_lite import compile
from autograd_lite.trees import flatten

numpy = pytest.importorskip("numpy")
pytest.importorskip("numba")
from autograd_lite.compiler.native import entry  # noqa: E402

VECTOR, MATRIX = numpy.array([0.5, -1.0, 2.0]), numpy.array([[1.0, 2.0, 3.0], [-1.0, 0.5, 0.0]])
FUNCTIONS = [  # with arguments, argnums and in_axes
    (lambda x: ag.dot(x, x), (VECTOR,), 0, None),
    (lambda x: ag.dot(x, x), (VECTOR,), (0,), None),
    (lambda x, y: ag.tanh(x * y), (0.5, -2.0), 1, None),
    (lambda x, y: ag.tanh(x * y), (0.5, -2.0), (0, 1), None),
    (lambda a, x, m: a * ag.dot(x, m[1]) * m[0][0], (3.0, VECTOR, MATRIX), (1, 0), None),
    (lambda m, x: ag.dot(m[0], x) * m[1][2], (MATRIX, VECTOR), 0, None),
    (lambda w, x, y: (ag.dot(w, x) - y) ** 2, (VECTOR, MATRIX, numpy.array([1.0, 2.0])), 0, (None, 0, 0)),
    (lambda w, b, x: ag.relu(ag.dot(w, x) + b), (VECTOR, 0.5, MATRIX), (0, 1), (None, None, 0)),
    (lambda x: -x, (0.0,), 0, None),
    (lambda x: x[0] * 0.0, (-VECTOR,), 0, None),
]
KINDS = ("__call__", "grad", "value_and_grad")


def bits(answer):
    """An answer with its types, and with zeros of either sign told apart."""
    leaves, structure = flatten(answer)
    return (
        structure,
        [(type(leaf), repr(leaf)) for leaf in leaves],
        [type(part) for part in answer] if type(answer) is tuple else 0,
    )


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("f", "arguments", "argnums", "in_axes"), FUNCTIONS)
def test_it_gives_what_the_usual_way_gives_and_no_answer_changes_later(f, arguments, argnums, in_axes, kind):
    compiled = compile(f, argnums, in_axes, backend="native")
    first = getattr(compiled, kind)(*arguments)
    quick = compiled.latest.at_once
    answer = quick(arguments, None)
    assert bits(answer) == bits(first)
    others = tuple([argument * 3 for argument in arguments])
    assert bits(quick(others, None)) == bits(getattr(compile(f, argnums, in_axes, backend="native"), kind)(*others))
    assert bits(answer) == bits(first)


@pytest.mark.parametrize(("f", "arguments", "argnums", "in_axes"), FUNCTIONS)
def test_it_leaves_other_arguments_to_the_usual_way(f, arguments, argnums, in_axes):
    compiled = compile(f, argnums, in_axes, backend="native")
    compiled(*arguments)
    quick, (argument, *rest) = compiled.latest.at_once, arguments
    others = [None, "a", 1, True, [0.5], (0.5,), numpy.float64(0.5), numpy.array(0.5), numpy.ones(7), numpy.ones((1,) * 9)]
    if type(argument) is not float:
        wider = numpy.zeros((*argument.shape, 2))
        wider[..., 0] = argument
        others += [argument.tolist(), argument.astype("float32"), argument.astype(">f8"), wider[..., 0], argument[None], 0.5]
        others += [
            argument.astype("int64"),
            numpy.ma.masked_array(argument),
            numpy.asfortranarray(numpy.tile(argument, (2, 1))),
        ]
    for other in others:
        assert quick((other, *rest), None) is None
    for wrong in ((), rest, (*arguments, 1.0)):
        assert quick(tuple(wrong), None) is None


@pytest.mark.parametrize(
    ("f", "argument", "options"),
    [
        (lambda x: x[0] * x[1], [1.0, 2.0], {}),
        (lambda x: [x[0], x[1]], VECTOR, {}),
        (lambda x: x * 2, VECTOR, {"in_axes": (0,), "threads": 2}),
        (lambda x: x[0] * ag.Value(3.0), VECTOR, {}),
        (lambda x: x[0] * 2, VECTOR, {"dtype": "float32"}),
        (lambda x: x[0][0][0][0], VECTOR[:1, None, None, None], {}),
        (lambda x: x[0] * 2, numpy.ones(entry.LARGEST), {}),
    ],
)
def test_there_is_none_for_other_arguments_results_or_options(f, argument, options):
    compiled = compile(f, backend="native", **options)
    compiled(argument)
    assert compiled.latest.at_once((argument,), None) is None


def test_there_is_none_for_a_derivative_by_what_is_batched():
    f = compile(lambda x: x * x, in_axes=(0,), backend="native")
    assert f.grad(VECTOR).tolist() == (2 * VECTOR / 3).tolist()
    assert f.latest.at_once((VECTOR,), None) is None


@settings(max_examples=20)
@given(counts=st.lists(st.integers(1, 300), min_size=1, max_size=6))
def test_it_follows_batches_of_other_sizes(counts):
    f = compile(lambda w, x: ag.sin(ag.dot(w, x)), in_axes=(None, 0), backend="native")
    rows = numpy.random.default_rng(0).normal(size=(300, 3))
    for count in counts:
        value = f(VECTOR, rows[:count])
        assert value == f.latest.at_once((VECTOR, rows[:count]), None)
        assert value == pytest.approx(numpy.sin(rows[:count] @ VECTOR).mean())


def test_an_error_is_that_of_python_and_the_next_call_is_as_good():
    f = compile(lambda x, y: x / y, (0, 1), backend="native")
    x = compile(lambda x: x[0] / x[1], backend="native")
    for _ in range(2):
        assert f.value_and_grad(1.0, 2.0) == (0.5, (0.5, -0.25))
        assert x.grad(numpy.array([1.0, 2.0])).tolist() == [0.5, -0.25]
        with pytest.raises(ag.errors.DivisionByZeroError, match="y=0"):
            f.value_and_grad(1.0, 0.0)
        with pytest.raises(ag.errors.DivisionByZeroError):
            x.grad(numpy.array([1.0, 0.0]))


@pytest.fixture
def few_objects_to_collect():
    """Garbage is looked for among the objects of the test alone: there are a million of others."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


CALLS = 1000


def changes_by(call, watched):
    """By how much references to what is watched, and the blocks of memory in use, change while it is called."""
    gc.collect()
    before, blocks = list(map(sys.getrefcount, watched)), sys.getallocatedblocks()
    call()
    gc.collect()
    after, blocks = list(map(sys.getrefcount, watched)), sys.getallocatedblocks() - blocks
    return [*map(abs, map(int.__sub__, after, before)), abs(blocks)]


@pytest.mark.usefixtures("few_objects_to_collect")
def test_no_object_is_kept_or_freed_that_should_not_be():
    for f, arguments, argnums, in_axes in FUNCTIONS:
        compiled = compile(f, argnums, in_axes, backend="native")
        out = numpy.empty(3)
        watched = [*arguments, arguments, out, None, numpy.empty]
        for kind in KINDS:
            getattr(compiled, kind)(*arguments)
            quick = compiled.latest.at_once

            def many(quick=quick, arguments=arguments, out=out):
                for _ in range(CALLS):
                    quick(arguments, None)
                    quick(arguments, out)
                    quick((), None)

            # What is kept or freed by a call is so in each of these rounds; what other threads do meanwhile is not.
            least = changes_by(many, watched)
            for _ in range(20):
                if max(least) < CALLS / 2:
                    break
                least = [*map(min, least, changes_by(many, watched))]
            assert max(least) < CALLS / 2


def test_a_function_keeps_its_definition_which_threads_that_are_first_at_once_make_several_times():
    made = []
    for _ in range(2):
        compiled = compile(lambda x: x * 2, backend="native")
        assert compiled(0.5) == 1.0
        made.append(compiled.latest.at_once)
        entry.definition.cache_clear()
    assert made[0].__self__.definition is not made[1].__self__.definition
    assert [call((0.5,), None) for call in made] == [1.0, 1.0]


def test_an_array_takes_the_gradient():
    f, out = compile(lambda x: ag.dot(x, x), backend="native"), numpy.full(3, math.nan)
    for _ in range(2):
        value, gradient = f.value_and_grad(VECTOR, out=out)
        assert (value, gradient is out, out.tolist()) == (5.25, True, [1.0, -2.0, 4.0])
    assert f.grad(-VECTOR, out=out) is out
    assert out.tolist() == [-1.0, 2.0, -4.0]
    x = VECTOR.copy()
    assert f.grad(x, out=x) is x
    assert x.tolist() == [1.0, -2.0, 4.0]
    every_second = numpy.empty(6)[::2]
    assert f.grad(VECTOR, out=every_second) is every_second
    assert every_second.tolist() == [1.0, -2.0, 4.0]


@pytest.mark.parametrize("backend", ["native", "python"])
def test_what_cannot_take_the_gradient_is_told(backend):
    f = compile(lambda x: ag.dot(x, x), backend=backend)
    for _ in range(2):
        assert f.grad(VECTOR, out=numpy.empty(3)).tolist() == [1.0, -2.0, 4.0]
        with pytest.raises(
            TypeError, match=r"out must be an array of float64, got \[0.0\] \(list\): numpy.empty\(\(3,\)\) makes one"
        ):
            f.grad(VECTOR, out=[0.0])
        with pytest.raises(TypeError, match="out must be an array of float64"):
            f.value_and_grad(VECTOR, out=numpy.empty(3, "float32"))
        with pytest.raises(ValueError, match=r"out is of shape \(4,\), the gradient of shape \(3,\): they must agree"):
            f.grad(VECTOR, out=numpy.empty(4))
        with pytest.raises(ValueError, match="read-only"):
            f.grad(VECTOR, out=numpy.broadcast_to(0.0, 3))
        with pytest.raises(TypeError, match="out must be left away where the gradient is not one array of numbers"):
            f.grad([1.0, 2.0], out=numpy.empty(2))
    with pytest.raises(TypeError, match="f got out by name"):
        f(VECTOR, out=numpy.empty(3))


def test_objects_have_their_fields_where_they_are_looked_for():
    assert entry.fields_are_known()
