"""Running a source: what it gives, and how a failure names its operation and shows its line."""

import linecache
import math
import traceback

import pytest

import autograd_lite as ag
from autograd_lite import compile
from autograd_lite.compiler.backend import Asked
from autograd_lite.compiler.python import PythonProgram
from autograd_lite.compiler.tape import Argument, Tape
from autograd_lite.errors import DomainError


def test_a_tape_without_labels_runs_too():
    tape = Tape(4)
    tape.outputs = [2, 3, 1]
    program = PythonProgram(tape, [Argument("a", 0, 1, True, False), Argument("b", 1, 4, False, False)], [True] * 3, "f")
    assert program.source.startswith("def f(a, b):\n")
    assert program.run([1.0, [2.0, 3.0, 4.0]]) == [3.0, 4.0, 2.0]
    assert program.entry(Asked(((3,),), (False,), 1, (), False), 1) is None


def first(w, x):
    return ag.log(w) + ag.log(w * x)


@pytest.mark.parametrize(
    ("in_axes", "arguments", "message"),
    [
        (None, (-1.0, -1.0), r"log\(w=-1.0\): "),
        (None, (1.0, -2.0), r"log\(-2.0\): "),
        ((None, 0), (-1.0, [-1.0]), r"log\(w=-1.0\): "),
        ((None, 0), (1.0, [1.0, -3.0]), r"log\(-3.0\): "),
        ((0, 0), ([1.0, 2.0], [1.0, -3.0]), r"log\(-6.0\): "),
    ],
)
def test_the_line_that_fails_names_its_operation_and_operands(in_axes, arguments, message, length, cut):
    f = compile(first, in_axes=in_axes, backend="python")
    with cut(length):
        f(*([abs(x) for x in a] if isinstance(a, list) else abs(a) for a in arguments))  # recorded where nothing fails
    with pytest.raises(DomainError, match=message):
        f(*arguments)


@pytest.mark.parametrize("wrong", range(12))
@pytest.mark.parametrize("batched", [None, "all", "odd"])
def test_each_line_names_its_own_operation(wrong, batched, length, cut):
    names = [f"x{k}" for k in range(12)]
    scope = {"ag": ag}
    exec(f"def f({', '.join(names)}):\n    return {' + '.join(f'ag.log({name})' for name in names)}", scope)
    axes = None if batched is None else [0 if batched == "all" or k % 2 else None for k in range(12)]
    right, arguments = (
        [[1.0, x] if axes and axes[k] == 0 else x for k, x in enumerate(numbers)]
        for numbers in ([1.0] * 12, [-1.0 if k == wrong else 1.0 for k in range(12)])
    )
    f = compile(scope["f"], in_axes=axes, backend="python")
    with cut(length):
        assert f(*right) == 0.0
    with pytest.raises(DomainError, match=rf"log\(x{wrong}=-1.0\): "):
        f(*arguments)


def test_an_operation_of_many_operands_that_fails_names_them(length, cut):
    @ag.primitive(derivatives=[lambda out, terms: [1] * len(terms)], variadic=True)
    def refused(terms):
        if terms[0] > 1:
            raise ValueError("too large")
        return terms[0]

    f = compile(
        lambda x, y: refused([y, x]) * 0 + refused([x, 2.0, y * y]) - 3 * ag.sum([y, y]) / y + 6 * ag.prod([x, x]),
        backend="python",
    )
    with cut(length):
        assert f(1.0, 0.5) == 1.0
    with pytest.raises(DomainError, match=r"refused\(\[x=2.0, 2.0, 0.25\]\): too large"):
        f(2.0, 0.5)


def shown_lines(f, *arguments):
    """The lines of source that the traceback of a failing call shows."""
    with pytest.raises(DomainError) as caught:
        f(*arguments)
    frames = traceback.extract_tb(caught.value.__cause__.__traceback__)
    return [frame.line for frame in frames if frame.filename.startswith("<compiled")]


def test_a_traceback_shows_the_line_that_failed_if_the_source_is_one_text(length, cut):
    f = compile(lambda x: 2 * ag.log(x) + x, backend="python")
    with cut(length):
        f(1.0)
    assert shown_lines(f, -1.0)[-1] == ("v1 = log(x)" if length is None else "")


def test_a_source_that_is_gone_leaves_no_lines_behind():
    def kept():
        return {name for name in linecache.cache if name.startswith("<compiled")}

    before = kept()
    f = compile(lambda x: ag.sin(x) * 2, backend="python")
    f(1.0)
    (file,) = kept() - before
    assert "".join(linecache.getlines(file)) == f.source
    del f
    assert not kept() - before


def test_names_that_are_no_python_are_replaced():
    @ag.primitive(derivatives=[lambda out, x: 3 * x * x], name="∘")
    def cube(x):
        return x**3

    f = compile(lambda x: cube(x) + ag.sin(x), backend="python")
    assert f(2.0) == 8 + math.sin(2.0)

    def nameless(x):
        return x * 2

    nameless.__name__ = "→"
    assert compile(nameless, backend="python").grad(2.0) == 2.0
